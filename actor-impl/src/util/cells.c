/* SPDX-License-Identifier: MIT */

/*
 * Cells: pooled memory in five sizes, 64 to 1,024 bytes; anything larger comes from
 * aligned_alloc().
 *
 * An envelope is allocated by the sender's thread and freed by the receiver's. Where these differ,
 * malloc() costs several times what it does otherwise, because its locks and lists bounce between
 * cores. Here each thread keeps free cells of its own, and gives or takes a whole batch of them to
 * or from a common pool under one lock: that is one lock in BATCH messages. It keeps nearly two
 * batches, so that it does not give and take the same one all the time.
 *
 * Cells are cut from slabs, which go back to the system only with the process: the memory a program
 * needed for messages and actors at its busiest stays there for them. Under AddressSanitizer every
 * cell is a block of its own, so that use after free is seen.
 */

#define _GNU_SOURCE /* util/lock.h */

#include "util/cells.h"

#include "util/lock.h"
#include "util/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define SMALLEST ACTOR__CELL_SMALLEST
#define BATCH ACTOR__CELL_BATCH
#define SLAB_BATCHES 8 /* in what is asked of the system at a time */

static struct {
	pthread_mutex_t lock;
	struct actor__cell *batches[ACTOR__CELL_CLASSES];
} common = { .lock = ACTOR__LOCK_INITIALIZER };

/* ACTOR__CELL_CLASSES when none does. */
static unsigned class_of(size_t bytes)
{
	unsigned class = ACTOR__ASAN ? ACTOR__CELL_CLASSES : actor__cell_class(bytes);

	return class < ACTOR__CELL_CLASSES ? class : ACTOR__CELL_CLASSES;
}

static void give_batch(unsigned class, struct actor__cell *first, size_t n_cells)
{
	first->n_cells = n_cells;
	pthread_mutex_lock(&common.lock);
	first->next_batch = common.batches[class];
	common.batches[class] = first;
	pthread_mutex_unlock(&common.lock);
}

/* Off a thread's list, one batch: of those it has freed last, which it has in its cache. */
static void give_latest(struct actor__cells *cells, unsigned class)
{
	struct actor__cell *first = cells->free[class], *last = first;

	for (size_t i = 1; i < BATCH; i++)
		last = last->next;
	cells->free[class] = last->next;
	cells->n_free[class] -= BATCH;
	last->next = NULL;
	give_batch(class, first, BATCH);
}

/* New cells: one batch to use, the others of the slab for whoever wants them. */
static struct actor__cell *carve(unsigned class)
{
	size_t bytes = (size_t)SMALLEST << class;
	char *slab = aligned_alloc(SMALLEST, SLAB_BATCHES * BATCH * bytes);
	struct actor__cell *first = NULL;

	if (!slab)
		return NULL;
	for (size_t i = SLAB_BATCHES * BATCH; i-- > 0;) {
		struct actor__cell *cell = (struct actor__cell *)(void *)(slab + i * bytes);

		cell->next = first;
		first = cell;
		if (i > 0 && i % BATCH == 0) {
			give_batch(class, first, BATCH);
			first = NULL;
		}
	}
	first->n_cells = BATCH;
	return first;
}

static struct actor__cell *take_batch(unsigned class)
{
	struct actor__cell *first;

	pthread_mutex_lock(&common.lock);
	first = common.batches[class];
	if (first)
		common.batches[class] = first->next_batch;
	pthread_mutex_unlock(&common.lock);
	return first ? first : carve(class);
}

/* A cell that comes straight from the common pool. */
static void *take_single(unsigned class)
{
	struct actor__cell *first = take_batch(class);

	if (first && first->next)
		give_batch(class, first->next, first->n_cells - 1);
	return first;
}

static void give_single(unsigned class, struct actor__cell *cell)
{
	cell->next = NULL;
	give_batch(class, cell, 1);
}

void *actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes)
{
	unsigned class = class_of(bytes);

	if (actor__memory_refused())
		return NULL;
	if (class == ACTOR__CELL_CLASSES)
		return aligned_alloc(SMALLEST, (bytes + SMALLEST - 1) / SMALLEST * SMALLEST);
	if (cells->asks)
		return take_single(class);
	if (!cells->free[class]) {
		cells->free[class] = take_batch(class);
		if (!cells->free[class])
			return NULL;
		cells->n_free[class] = cells->free[class]->n_cells;
	}
	return actor__cell_take(cells, class);
}

void actor__cell_free_slowly(struct actor__cells *cells, void *memory, size_t bytes)
{
	unsigned class = class_of(bytes);

	if (class == ACTOR__CELL_CLASSES) {
		free(memory);
		return;
	}
	if (cells->asks) {
		give_single(class, memory);
		return;
	}
	actor__cell_give(cells, memory, class);
	if (cells->n_free[class] == (size_t)2 * BATCH)
		give_latest(cells, class);
}

void actor__cells_ask(struct actor__cells *cells, bool asks)
{
	actor__cells_deinit(cells);
	cells->asks = asks;
	/* As if there were no room for more: what is freed takes the slow way, too. */
	for (unsigned class = 0; asks && class < ACTOR__CELL_CLASSES; class ++)
		cells->n_free[class] = (size_t)2 * BATCH - 1;
}

void actor__cells_deinit(struct actor__cells *cells)
{
	for (unsigned class = 0; class < ACTOR__CELL_CLASSES; class ++) {
		if (cells->free[class])
			give_batch(class, cells->free[class], cells->n_free[class]);
		cells->free[class] = NULL;
		cells->n_free[class] = 0;
	}
}
