/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TIMER_H
#define ACTOR__TIMER_H

#include "util/latch.h"

#include <stddef.h>

struct actor_timer;

/**
 * struct actor__timer_list - the timers of an executor that deliver messages; zeroed is empty
 * @latch:   for the list
 * @first:   of all that have not ended
 * @n_owned: how many have an owner, and what else keeps the executor
 */
struct actor__timer_list {
	struct actor__latch latch;
	struct actor_timer *first;
	size_t n_owned;
};

/** actor__timer_list_n_owned() - how many there are that keep their executor */
size_t actor__timer_list_n_owned(struct actor__timer_list *list);

/** actor__timer_list_keep() - something else that keeps the executor, like an owned timer */
void actor__timer_list_keep(struct actor__timer_list *list);

/** actor__timer_list_leave() - it does not any more */
void actor__timer_list_leave(struct actor__timer_list *list);

/** actor__timer_list_end() - the executor goes, and none of its threads is left: so do those that
 * nobody owns */
void actor__timer_list_end(struct actor__timer_list *list);

#endif
