/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__RING_H
#define ACTOR__RING_H

#include "executor.h"
#include "util/fence.h"

#include <stdatomic.h>
#include <stdint.h>

/*
 * Rings of tasks: one owner, who puts tasks in at the tail and takes them out at either end, and
 * any number of thieves, who take them out at the head.
 *
 * As a queue this is the run queue of Go's scheduler; as a stack it is the deque of Chase and Lev
 * (Dynamic circular work-stealing deque, 2005), with the memory orders of Lê, Pop, Cohen and
 * Nardelli (Correct and efficient work-stealing for weak memory models, 2013).
 */

#define ACTOR__RING_SIZE 1024

/** struct actor__ring - zeroed is empty; counters of 32 bits that wrap around */
struct actor__ring {
	_Alignas(64) _Atomic uint32_t head;
	_Alignas(64) _Atomic uint32_t tail; /* written by the owner alone */
	_Atomic(struct actor__task *) tasks[ACTOR__RING_SIZE];
};

static inline uint32_t actor__ring_length(const struct actor__ring *ring)
{
	/* The tail first: it may fall behind the head, but is not to seem far ahead of it. */
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
	int32_t length = (int32_t)(tail - atomic_load_explicit(&ring->head, memory_order_relaxed));

	return length > 0 ? (uint32_t)length : 0;
}

/** actor__ring_push() - by the owner; false when it is full */
static inline bool actor__ring_push(struct actor__ring *ring, struct actor__task *task)
{
	/* Acquire: the places up to head have been read by whoever took what was there. */
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail - head >= ACTOR__RING_SIZE)
		return false;
	atomic_store_explicit(&ring->tasks[tail % ACTOR__RING_SIZE], task, memory_order_relaxed);
	/* Release: the place is filled before it is offered. */
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
	return true;
}

/** actor__ring_take() - by the owner: the oldest task, or NULL */
static inline struct actor__task *actor__ring_take(struct actor__ring *ring)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	struct actor__task *task;

	do {
		/* Acquire: what the task's scheduler did comes before its run. */
		uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

		if ((int32_t)(tail - head) <= 0)
			return NULL;
		task = atomic_load_explicit(&ring->tasks[head % ACTOR__RING_SIZE],
					    memory_order_relaxed);
		/* Sequentially consistent: for the last one, against the owner's pop. Also a
		 * release: the place was read before it is free. A place that was overwritten
		 * meanwhile goes with a head that has moved on. */
	} while (!atomic_compare_exchange_weak(&ring->head, &head, head + 1));
	return task;
}

/** actor__ring_rob() - by anybody: the oldest task, or NULL */
static inline struct actor__task *actor__ring_rob(struct actor__ring *ring)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	struct actor__task *task;

	do {
		uint32_t tail;

		actor__fence_full(); /* with the one in a pop: one of us sees the other */
		tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
		if ((int32_t)(tail - head) <= 0)
			return NULL;
		task = atomic_load_explicit(&ring->tasks[head % ACTOR__RING_SIZE],
					    memory_order_relaxed);
	} while (!atomic_compare_exchange_weak(&ring->head, &head, head + 1));
	return task;
}

/** actor__ring_pop() - by the owner: the latest task, or NULL */
static inline struct actor__task *actor__ring_pop(struct actor__ring *ring)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct actor__task *task;

	if (head == tail) /* only the owner makes it longer */
		return NULL;
	tail--;
	atomic_store_explicit(&ring->tail, tail, memory_order_relaxed);
	actor__fence_full();
	head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	if ((int32_t)(tail - head) < 0) { /* robbed of the last one */
		atomic_store_explicit(&ring->tail, tail + 1, memory_order_relaxed);
		return NULL;
	}
	task = atomic_load_explicit(&ring->tasks[tail % ACTOR__RING_SIZE], memory_order_relaxed);
	if (tail == head) { /* the last one is whoever moves the head */
		if (!atomic_compare_exchange_strong(&ring->head, &head, head + 1))
			task = NULL;
		atomic_store_explicit(&ring->tail, tail + 1, memory_order_relaxed);
	}
	return task;
}

#endif
