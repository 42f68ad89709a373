/* SPDX-License-Identifier: MIT */

/*
 * Cells: pooled memory in five sizes, 64 to 1,024 bytes; anything larger comes from
 * aligned_alloc().
 *
 * An envelope is allocated by the sender's thread and freed by the receiver's. Where these differ,
 * malloc() costs several times what it does otherwise, because its locks and lists bounce between
 * cores. Here each thread keeps free cells of its own, and gives or takes a whole batch of them to
 * or from a common pool under one lock: that is one lock in BATCH messages.
 *
 * Cells are cut from slabs, which go back to the system only with the process: the memory a program
 * needed for messages and actors at its busiest stays there for them. Under AddressSanitizer every
 * cell is a block of its own, so that use after free is seen.
 */

#define _GNU_SOURCE /* util/lock.h */

#include "util/cells.h"

#include "util/lock.h"

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

/* Which size class serves @bytes: ACTOR__CELL_CLASSES when none does. */
static unsigned class_of(size_t bytes)
{
	unsigned class = 0;

	if (ACTOR__ASAN)
		return ACTOR__CELL_CLASSES;
	while (class < ACTOR__CELL_CLASSES && bytes > (size_t)SMALLEST << class)
		class ++;
	return class;
}

static void give_batch(unsigned class, struct actor__cell *first)
{
	pthread_mutex_lock(&common.lock);
	first->next_batch = common.batches[class];
	common.batches[class] = first;
	pthread_mutex_unlock(&common.lock);
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
			give_batch(class, first);
			first = NULL;
		}
	}
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

/* Cut the first @n cells off a thread's list. */
static struct actor__cell *cut(struct actor__cells *cells, unsigned class, size_t n)
{
	struct actor__cell *first = cells->free[class], *last = first;

	for (size_t i = 1; i < n; i++)
		last = last->next;
	cells->free[class] = last->next;
	cells->n_free[class] -= n;
	last->next = NULL;
	return first;
}

void *actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes)
{
	unsigned class = class_of(bytes);
	struct actor__cell *cell;

	if (class == ACTOR__CELL_CLASSES)
		return aligned_alloc(SMALLEST, (bytes + SMALLEST - 1) / SMALLEST * SMALLEST);
	if (!cells->free[class]) {
		cells->free[class] = take_batch(class);
		if (!cells->free[class])
			return NULL;
		/* The batches of ended threads may be short ones. */
		for (cell = cells->free[class]; cell; cell = cell->next)
			cells->n_free[class]++;
	}
	cell = cells->free[class];
	cells->free[class] = cell->next;
	cells->n_free[class]--;
	return cell;
}

void actor__cell_free_slowly(struct actor__cells *cells, void *memory, size_t bytes)
{
	unsigned class = class_of(bytes);
	struct actor__cell *cell = memory;

	if (class == ACTOR__CELL_CLASSES) {
		free(memory);
		return;
	}
	cell->next = cells->free[class];
	cells->free[class] = cell;
	if (++cells->n_free[class] == (size_t)2 * BATCH)
		give_batch(class, cut(cells, class, BATCH));
}

void actor__cells_deinit(struct actor__cells *cells)
{
	for (unsigned class = 0; class < ACTOR__CELL_CLASSES; class ++)
		if (cells->free[class])
			give_batch(class, cut(cells, class, cells->n_free[class]));
}
