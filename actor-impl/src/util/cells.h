/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CELLS_H
#define ACTOR__CELLS_H

#include "util/compiler.h"
#include "util/sanitizers.h"

#include <stdbool.h>
#include <stddef.h>

/* Pooled memory for what is allocated on one thread and freed on another: envelopes, replies and
 * actors. */

#define ACTOR__CELL_CLASSES 5
#define ACTOR__CELL_SMALLEST 64
#define ACTOR__CELL_BATCH 64

struct actor__cell {
	struct actor__cell *next; /* in its batch */
	/* Of the first cell of a batch in the common pool: */
	struct actor__cell *next_batch;
	size_t n_cells;
};

/**
 * struct actor__cells - one thread's free cells; zeroed is empty
 * @free:   for each class, fewer than two batches
 * @n_free: how many cells that are
 * @asks:   nothing is free here, and what is freed goes to the common pool at once, so that each
 *          allocation asks whether it may: see util/memory.h
 */
struct actor__cells {
	struct actor__cell *free[ACTOR__CELL_CLASSES];
	size_t n_free[ACTOR__CELL_CLASSES];
	bool asks;
};

/* The same as the two below, for whatever they cannot do at once. */
void *actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void actor__cell_free_slowly(struct actor__cells *cells, void *memory, size_t bytes);

/* Which size class serves @bytes: ACTOR__CELL_CLASSES or more when none does. */
static inline unsigned actor__cell_class(size_t bytes)
{
	size_t rest = (bytes - 1) / ACTOR__CELL_SMALLEST;

	return rest ? 64 - (unsigned)__builtin_clzll(rest) : 0;
}

/** actor__cell_take() - a cell of a class, if the thread has one */
static inline void *actor__cell_take(struct actor__cells *cells, unsigned class)
{
	struct actor__cell *cell = cells->free[class];

	if (cell) {
		cells->free[class] = cell->next;
		cells->n_free[class]--;
	}
	return cell;
}

/** actor__cell_give() - the same back */
static inline void actor__cell_give(struct actor__cells *cells, void *memory, unsigned class)
{
	struct actor__cell *cell = memory;

	cell->next = cells->free[class];
	cells->free[class] = cell;
	cells->n_free[class]++;
}

/** actor__cell_alloc() - @bytes of memory that begins a cache line; NULL when there is none */
static inline void *actor__cell_alloc(struct actor__cells *cells, size_t bytes)
{
	unsigned class = actor__cell_class(bytes);
	void *cell = class < ACTOR__CELL_CLASSES ? actor__cell_take(cells, class) : NULL;

	return cell ? cell : actor__cell_alloc_slowly(cells, bytes);
}

/** actor__cell_free() - give back what was allocated with the same @bytes, on any thread */
static inline void actor__cell_free(struct actor__cells *cells, void *memory, size_t bytes)
{
	unsigned class = actor__cell_class(bytes);

	if (ACTOR__RARELY(ACTOR__ASAN || class >= ACTOR__CELL_CLASSES ||
			  cells->n_free[class] == 2 * ACTOR__CELL_BATCH - 1))
		actor__cell_free_slowly(cells, memory, bytes);
	else
		actor__cell_give(cells, memory, class);
}

/** actor__cells_ask() - whether each allocation asks if it may, instead of the first of many */
void actor__cells_ask(struct actor__cells *cells, bool asks);

/** actor__cells_deinit() - hand a thread's free cells to the other threads */
void actor__cells_deinit(struct actor__cells *cells);

#endif
