/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CELLS_H
#define ACTOR__CELLS_H

#include <stddef.h>

/* Pooled memory for what is allocated on one thread and freed on another: envelopes and replies. */

#define ACTOR__CELL_CLASSES 5

/** struct actor__cells - one thread's free cells; zeroed is empty */
struct actor__cells {
	struct actor__cell *free[ACTOR__CELL_CLASSES];
	size_t n_free[ACTOR__CELL_CLASSES];
};

/** actor__cell_alloc() - @bytes of memory, aligned for any ordinary type; NULL when there is none
 */
void *actor__cell_alloc(struct actor__cells *cells, size_t bytes);

/** actor__cell_free() - give back what was allocated with the same @bytes, on any thread */
void actor__cell_free(struct actor__cells *cells, void *memory, size_t bytes);

/** actor__cells_deinit() - hand a thread's free cells to the other threads */
void actor__cells_deinit(struct actor__cells *cells);

#endif
