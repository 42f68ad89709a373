/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DRIVERS_H
#define TESTS_DRIVERS_H

#include <actor-impl/driver.h>
#include <pthread.h>

/** DOC: two drivers as simple as can be: a queue that one thread runs, and threads with a queue */

/**
 * struct queue_driver - runs on the thread that made its executor, when that calls step()
 * @wake_ns:     what it was told last; 0: nothing
 * @n_destroyed: how often it was
 */
struct queue_driver {
	struct actor_driver driver;
	pthread_mutex_t lock;
	struct actor_task *first;
	struct actor_task **end;
	int64_t wake_ns;
	unsigned n_destroyed;
};

/** queue_driver_init() - an empty one, for actor_driver_create(); no deinit */
void queue_driver_init(struct queue_driver *queue);

/** queue_driver_take() - a task that was scheduled, out of the queue, or NULL */
struct actor_task *queue_driver_take(struct queue_driver *queue);

/** crew_driver_create() - an executor on @n threads that goes with it: 0 or an error */
int crew_driver_create(unsigned n, struct actor_executor **ret_executor);

#endif
