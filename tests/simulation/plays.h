/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIMULATION_PLAYS_H
#define TESTS_SIMULATION_PLAYS_H

#include "world.h"

/**
 * struct play - something that must come out even in whatever order it happens
 * @name: what is tried
 * @run:  tries it
 */
struct play {
	const char *name;
	play_fn *run;
};

/* Those in channel-plays.c. */
play_fn play_channels, play_workers;

/* In nursery-plays.c. */
play_fn play_subtasks, play_results;

/* In observer-plays.c. */
play_fn play_observers;

/* In part-plays.c. */
play_fn play_timers, play_permits;

/* In supervision-plays.c. */
play_fn play_supervision;

/* In runtime-plays.c. */
play_fn play_runtime;

/** plays - all of them; ends with a NULL name */
extern const struct play plays[];

#endif
