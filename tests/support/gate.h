/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUPPORT_GATE_H
#define TEST_SUPPORT_GATE_H

#include <actor-iface/context.h>
#include <pthread.h>

struct gate_visitor;

/**
 * struct gate - where handlers wait, suspended, until a test lets them go on
 *
 * Closed until it is opened, which is for good. All members are the gate's.
 */
struct gate {
	pthread_mutex_t lock;
	struct gate_visitor *visitors;
	bool open;
};

/** gate_init() - a closed gate */
void gate_init(struct gate *gate);

/** gate_deinit() - nobody waits there any more */
void gate_deinit(struct gate *gate);

/**
 * gate_pass() - wait until the gate is open
 * @gate:        where
 * @context:     the handler's or the thread's
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  0, or why the wait ended: ACTOR_E_CANCELLED, ACTOR_E_TIMEOUT, ACTOR_E_NOSUSPEND ...
 */
int gate_pass(struct gate *gate, struct actor_context *context, int64_t deadline_ns);

/** gate_open() - let everybody pass, from now on. Thread: any */
void gate_open(struct gate *gate);

/** gate_close() - let nobody pass any more; those who wait still do. Thread: any */
void gate_close(struct gate *gate);

#endif
