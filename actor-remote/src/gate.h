/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__GATE_H
#define ACTOR__GATE_H

#include <actor-iface/context.h>
#include <pthread.h>

/**
 * struct actor__gate - is opened once, and waited for until then
 * @is_open: it is
 * @waiting: who waits, in a list
 *
 * All under a lock of its owner's, which the functions take.
 */
struct actor__gate {
	bool is_open;
	struct actor__at_gate *waiting;
};

/** actor__gate_open() - open it, if it is not; all go on. Thread: any */
void actor__gate_open(struct actor__gate *gate, pthread_mutex_t *lock);

/** actor__gate_await() - wait until it is open. 0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED,
 * ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM, without a detail. Thread: context */
int actor__gate_await(struct actor__gate *gate, pthread_mutex_t *lock,
		      struct actor_context *context, int64_t deadline_ns);

#endif
