/* SPDX-License-Identifier: MIT */

/*
 * Cells. Under AddressSanitizer each is a block of malloc()'s: then the tests of who gets which
 * cell back have nothing to look at, and the others find misuse of the memory itself.
 */

#include "test.h"

#include "util/cells.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64 };

static bool no_memory;

void *__real_malloc(size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return no_memory ? NULL : __real_malloc(bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	return no_memory ? NULL : __real_aligned_alloc(alignment, bytes);
}

static void fill(void *memory, size_t bytes, unsigned char pattern)
{
	memset(memory, pattern, bytes);
}

static bool is_filled(const void *memory, size_t bytes, unsigned char pattern)
{
	const unsigned char *at = memory;

	for (size_t i = 0; i < bytes; i++)
		if (at[i] != pattern)
			return false;
	return true;
}

static void any_size_is_aligned_and_disjoint(void **state)
{
	struct actor__cells cells = { 0 };
	static void *memory[5000];
	size_t n = 0;

	(void)state;
	for (size_t bytes = 1; bytes < 5000; bytes += bytes < 1100 ? 1 : 97, n++) {
		memory[n] = actor__cell_alloc(&cells, bytes);
		assert_non_null(memory[n]);
		assert_int_equal((uintptr_t)memory[n] % _Alignof(max_align_t), 0);
		fill(memory[n], bytes, (unsigned char)n);
	}
	n = 0;
	for (size_t bytes = 1; bytes < 5000; bytes += bytes < 1100 ? 1 : 97, n++) {
		assert_true(is_filled(memory[n], bytes, (unsigned char)n));
		actor__cell_free(&cells, memory[n], bytes);
	}
	actor__cells_deinit(&cells);
}

#if !ACTOR__ASAN

/* Two sizes are of one class when a cell freed as one comes back as the other. */
static bool share_a_class(size_t one, size_t other)
{
	struct actor__cells cells = { 0 };
	void *freed = actor__cell_alloc(&cells, one), *got;
	bool same;

	actor__cell_free(&cells, freed, one);
	got = actor__cell_alloc(&cells, other);
	same = got == freed;
	actor__cell_free(&cells, got, other);
	actor__cells_deinit(&cells);
	return same;
}

static void cells_come_in_five_sizes(void **state)
{
	(void)state;
	for (size_t size = 64; size <= 1024; size *= 2) {
		assert_true(share_a_class(size / 2 + 1, size));
		assert_false(share_a_class(size, size + 1));
	}
	assert_true(share_a_class(1, 64));
}

static void cells_travel_in_batches(void **state)
{
	struct actor__cells giver = { 0 }, taker = { 0 };
	void *memory[2 * BATCH], *got;
	bool known = false;

	(void)state;
	/* As many as make the thread share: the last free hands over a batch. */
	for (size_t i = 0; i < 2 * BATCH; i++)
		memory[i] = actor__cell_alloc(&giver, 100);
	for (size_t i = 0; giver.n_free[1] < 2 * BATCH - 1 && i < 2 * BATCH - 1; i++)
		actor__cell_free(&giver, memory[i], 100);
	assert_int_equal(giver.n_free[1], 2 * BATCH - 1);
	actor__cell_free(&giver, memory[2 * BATCH - 1], 100);
	assert_int_equal(giver.n_free[1], BATCH);

	got = actor__cell_alloc(&taker, 100);
	assert_int_equal(taker.n_free[1], BATCH - 1);
	for (size_t i = 0; i < 2 * BATCH; i++)
		known |= memory[i] == got;
	assert_true(known);
	actor__cell_free(&taker, got, 100);
	actor__cells_deinit(&taker);
	actor__cells_deinit(&giver);
}

static void what_a_thread_leaves_is_used_again(void **state)
{
	enum { N = 5 };
	struct actor__cells gone = { 0 }, heir = { 0 };
	void *left[N], *others[2 * BATCH];
	size_t n_others = 0;

	(void)state;
	for (size_t i = 0; i < N; i++)
		left[i] = actor__cell_alloc(&gone, 300);
	while (gone.n_free[3] > 0)
		others[n_others++] = actor__cell_alloc(&gone, 300);
	for (size_t i = 0; i < N; i++)
		actor__cell_free(&gone, left[i], 300);
	actor__cells_deinit(&gone);
	assert_null(gone.free[3]);
	assert_int_equal(gone.n_free[3], 0);

	/* A batch shorter than others, and whole. */
	for (size_t i = 0; i < N; i++) {
		void *got = actor__cell_alloc(&heir, 300);
		bool known = false;

		assert_int_equal(heir.n_free[3], N - 1 - i);
		for (size_t k = 0; k < N; k++)
			known |= got == left[k];
		assert_true(known);
	}
	for (size_t i = 0; i < N; i++)
		actor__cell_free(&heir, left[i], 300);
	while (n_others > 0)
		actor__cell_free(&heir, others[--n_others], 300);
	actor__cells_deinit(&heir);
}

#endif

static void without_memory_there_are_no_cells(void **state)
{
	struct actor__cells cells = { 0 };
	void *memory[1000];
	size_t n = 0;

	(void)state;
	no_memory = true;
	/* What other tests have left is still to be had. */
	while (n < N_ELEMENTS(memory) && (memory[n] = actor__cell_alloc(&cells, 1024)))
		n++;
	assert_null(actor__cell_alloc(&cells, 1024));
	assert_null(actor__cell_alloc(&cells, 1025));
	no_memory = false;
	assert_true(n < N_ELEMENTS(memory));

	memory[n] = actor__cell_alloc(&cells, 1024);
	assert_non_null(memory[n]);
	for (size_t i = 0; i <= n; i++)
		actor__cell_free(&cells, memory[i], 1024);
	actor__cells_deinit(&cells);
}

/* ---- allocated here, freed there ---- */

enum { LANE = 300, BYTES = 200, N_THREADS = 4 };

struct traffic {
	unsigned n_each;
	_Atomic(void *) lanes[N_THREADS][LANE]; /* from a thread to the next one */
	atomic_uint n_damaged;
};

static void pass_on(struct traffic *traffic, unsigned index, unsigned i, struct actor__cells *cells)
{
	void *memory = actor__cell_alloc(cells, BYTES), *expected = NULL;

	fill(memory, BYTES, (unsigned char)i);
	while (!atomic_compare_exchange_weak(&traffic->lanes[index][i % LANE], &expected, memory)) {
		expected = NULL;
		sched_yield();
	}
}

static void take_over(struct traffic *traffic, unsigned index, unsigned i,
		      struct actor__cells *cells)
{
	void *memory;

	while (!(memory = atomic_exchange(&traffic->lanes[index][i % LANE], NULL)))
		sched_yield();
	if (!is_filled(memory, BYTES, (unsigned char)i))
		atomic_fetch_add(&traffic->n_damaged, 1);
	actor__cell_free(cells, memory, BYTES);
}

/* Each gives to its right and takes from its left, a lane's length behind, so that nobody waits
 * for somebody who waits. */
static void travel(void *user, unsigned index)
{
	struct traffic *traffic = user;
	struct actor__cells cells = { 0 };
	unsigned left = (index + N_THREADS - 1) % N_THREADS;

	for (unsigned i = 0; i < traffic->n_each + LANE; i++) {
		if (i >= LANE)
			take_over(traffic, left, i - LANE, &cells);
		if (i < traffic->n_each)
			pass_on(traffic, index, i, &cells);
	}
	actor__cells_deinit(&cells);
}

static void cells_cross_threads(void **state)
{
	static struct traffic traffic;

	(void)state;
	traffic.n_each = test_times(100000);
	crew_run(N_THREADS, travel, &traffic);
	assert_int_equal(traffic.n_damaged, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_size_is_aligned_and_disjoint),
#if !ACTOR__ASAN
		cmocka_unit_test(cells_come_in_five_sizes),
		cmocka_unit_test(cells_travel_in_batches),
		cmocka_unit_test(what_a_thread_leaves_is_used_again),
#endif
		cmocka_unit_test(without_memory_there_are_no_cells),
		cmocka_unit_test(cells_cross_threads),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
