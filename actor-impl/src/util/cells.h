/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CELLS_H
#define ACTOR__CELLS_H

#include "util/sanitizers.h"

#include <stdbool.h>
#include <stddef.h>

/* Pooled memory for what is allocated on one thread and freed on another: envelopes, replies and
 * actors. */

#define ACTOR__CELL_CLASSES 5
#define ACTOR__CELL_SMALLEST 64
#define ACTOR__CELL_BATCH 64

struct actor__cell {
	struct actor__cell *next;	/* in its batch, or in a thread's list */
	struct actor__cell *next_batch; /* of the first cell of a batch in the common pool */
};

/** struct actor__cells - one thread's free cells; zeroed is empty */
struct actor__cells {
	struct actor__cell *free[ACTOR__CELL_CLASSES];
	size_t n_free[ACTOR__CELL_CLASSES];
};

/* The same as the two below, for whatever they cannot do at once. */
void *actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void actor__cell_free_slowly(struct actor__cells *cells, void *memory, size_t bytes);

/** actor__cell_alloc() - @bytes of memory that begins a cache line; NULL when there is none */
static inline void *actor__cell_alloc(struct actor__cells *cells, size_t bytes)
{
	struct actor__cell *cell = cells->free[0];

	if (bytes > ACTOR__CELL_SMALLEST || !cell)
		return actor__cell_alloc_slowly(cells, bytes);
	cells->free[0] = cell->next;
	cells->n_free[0]--;
	return cell;
}

/** actor__cell_free() - give back what was allocated with the same @bytes, on any thread */
static inline void actor__cell_free(struct actor__cells *cells, void *memory, size_t bytes)
{
	struct actor__cell *cell = memory;

	if (bytes > ACTOR__CELL_SMALLEST || ACTOR__ASAN ||
	    cells->n_free[0] == 2 * ACTOR__CELL_BATCH - 1) {
		actor__cell_free_slowly(cells, memory, bytes);
		return;
	}
	cell->next = cells->free[0];
	cells->free[0] = cell;
	cells->n_free[0]++;
}

/** actor__cells_deinit() - hand a thread's free cells to the other threads */
void actor__cells_deinit(struct actor__cells *cells);

#endif
