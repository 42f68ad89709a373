/* SPDX-License-Identifier: MIT */
#ifndef BENCHMARK_H
#define BENCHMARK_H

#include <stdint.h>

/**
 * struct settings - what to run; a workload looks at those that it has a default for
 * @n:        operations, or actors
 * @actors:   how many take part
 * @senders:  how many send to one receiver
 * @capacity: of the mailboxes; ACTOR_UNBOUNDED; 0 is what the library does by itself
 * @bytes:    size of a message
 * @depth:    of a tree
 * @steps:    of a busy actor's work on a message
 * @threads:  of the pool
 */
struct settings {
	uint64_t n;
	uint64_t actors;
	uint64_t senders;
	uint64_t capacity;
	uint64_t bytes;
	uint64_t depth;
	uint64_t steps;
	unsigned threads;
};

enum { MOST_FIGURES = 4 };

/**
 * struct result - what came out
 * @n:       operations that were done
 * @figures: by name, up to the first that has none
 */
struct result {
	uint64_t n;
	struct {
		const char *name;
		double value;
	} figures[MOST_FIGURES];
};

/* The workloads, each in the file of its name or of its kind. They return only if what they
 * computed is right. */
struct result big_run(const struct settings *settings);
struct result call_run(const struct settings *settings);
struct result call_from_main_run(const struct settings *settings);
struct result call_nested_run(const struct settings *settings);
struct result contention_run(const struct settings *settings);
struct result count_run(const struct settings *settings);
struct result create_run(const struct settings *settings);
struct result idle_run(const struct settings *settings);
struct result idle_cpu_run(const struct settings *settings);
struct result idle_waiting_run(const struct settings *settings);
struct result latency_run(const struct settings *settings);
struct result pingpong_run(const struct settings *settings);
struct result ring1_run(const struct settings *settings);
struct result ring64_run(const struct settings *settings);
struct result select_run(const struct settings *settings);
struct result timer_arm_cancel_run(const struct settings *settings);
struct result timer_fire_run(const struct settings *settings);
struct result tree_run(const struct settings *settings);

#endif
