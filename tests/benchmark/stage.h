/* SPDX-License-Identifier: MIT */
#ifndef STAGE_H
#define STAGE_H

#include "benchmark.h"

#include <actor-impl/actor-impl.h>

/**
 * DOC: what every workload stands on
 *
 * A program runs one workload: there is one stage, which is a pool, the main thread that watches
 * it, and a clock that runs while it plays.
 */

/**
 * struct stage - where actors are made
 * @pool:    runs them
 * @spawner: of the pool
 * @context: of the main thread
 */
struct stage {
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	struct actor_context *context;
};

/** stage_open() - make a pool whose threads run already. Thread: main */
void stage_open(struct stage *stage, const struct settings *settings);

/** stage_close() - wait until all actors have ended, and take the pool down. Thread: main */
void stage_close(struct stage *stage);

/** stage_begin() - start the clock: what follows is measured. Thread: main */
void stage_begin(void);

/** stage_finish() - what is measured is over, or a part of it. Thread: any */
void stage_finish(void);

/**
 * stage_wait() - block until stage_finish() has been called that often
 * @n_times: how often
 *
 * Thread:  main
 * Return:  the time since stage_begin(), in nanoseconds
 */
double stage_wait(uint64_t n_times);

/** now_ns() - the clock. Thread: any */
int64_t now_ns(void);

/** result_time() - the result of a workload of which only the time matters */
struct result result_time(uint64_t n, double ns);

/** allocate() - zeroed memory, touched so that it is resident; or the end of the program */
void *allocate(uint64_t n, size_t size);

/** wrong() - say why the workload went wrong, and end the program. Thread: any */
void wrong(const char *why) __attribute__((noreturn, cold));

/** CHECK() - end the program if an operation of the library fails. Thread: any */
#define CHECK(operation)                                                                           \
	do {                                                                                       \
		int check_rc = (operation);                                                        \
		if (check_rc < 0)                                                                  \
			wrong(actor_strerror(check_rc));                                           \
	} while (0)

/** EXPECT() - end the program if what was computed is wrong. Thread: any */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			wrong(#condition);                                                         \
	} while (0)

#endif
