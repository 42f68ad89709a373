/* SPDX-License-Identifier: MIT */

/*
 * Cells, and that what the library allocates all the time is made of them. Under AddressSanitizer
 * each is a block of its own: then the tests of who gets which cell back have nothing to look at,
 * and the others find misuse of the memory itself.
 *
 * The smallest cells are handed out inline, all others by a function: what is tested with a cell of
 * one kind is tested with one of the other.
 */

#include "hand.h"
#include "test.h"

#include "util/cells.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = ACTOR__CELL_BATCH };

static _Thread_local bool no_memory;
static _Thread_local unsigned n_allocated;

typedef void *malloc_fn(size_t bytes);
typedef void *calloc_fn(size_t n, size_t bytes);
typedef void *aligned_alloc_fn(size_t alignment, size_t bytes);
malloc_fn __real_malloc, __wrap_malloc;
calloc_fn __real_calloc, __wrap_calloc;
aligned_alloc_fn __real_aligned_alloc, __wrap_aligned_alloc;

void *__wrap_malloc(size_t bytes)
{
	n_allocated++;
	return no_memory ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	n_allocated++;
	return no_memory ? NULL : __real_calloc(n, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	n_allocated++;
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

static void any_size_begins_a_line_and_is_disjoint(void **state)
{
	struct actor__cells cells = { 0 };
	static void *memory[5000];
	size_t n = 0;

	(void)state;
	for (size_t bytes = 1; bytes < 5000; bytes += bytes < 1100 ? 1 : 97, n++) {
		memory[n] = actor__cell_alloc(&cells, bytes);
		assert_non_null(memory[n]);
		assert_int_equal((uintptr_t)memory[n] % 64, 0);
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

/* As many as make the thread share: the last free hands over a batch. */
static void travel_in_batches(size_t bytes, unsigned class)
{
	struct actor__cells giver = { 0 }, taker = { 0 };
	void *memory[2 * BATCH], *got;
	bool known = false;

	for (size_t i = 0; i < 2 * BATCH; i++)
		memory[i] = actor__cell_alloc(&giver, bytes);
	for (size_t i = 0; giver.n_free[class] < 2 * BATCH - 1 && i < 2 * BATCH - 1; i++)
		actor__cell_free(&giver, memory[i], bytes);
	assert_int_equal(giver.n_free[class], 2 * BATCH - 1);
	actor__cell_free(&giver, memory[2 * BATCH - 1], bytes);
	assert_int_equal(giver.n_free[class], BATCH);

	got = actor__cell_alloc(&taker, bytes);
	assert_int_equal(taker.n_free[class], BATCH - 1);
	for (size_t i = 0; i < 2 * BATCH; i++)
		known |= memory[i] == got;
	assert_true(known);
	actor__cell_free(&taker, got, bytes);
	actor__cells_deinit(&taker);
	actor__cells_deinit(&giver);
}

static void cells_travel_in_batches(void **state)
{
	(void)state;
	travel_in_batches(64, 0);
	travel_in_batches(100, 1);
}

/* A batch shorter than others, and whole. */
static void is_used_again(size_t bytes, unsigned class)
{
	enum { N = 5 };
	struct actor__cells gone = { 0 }, heir = { 0 };
	void *left[N], *others[2 * BATCH];
	size_t n_others = 0;

	for (size_t i = 0; i < N; i++)
		left[i] = actor__cell_alloc(&gone, bytes);
	while (gone.n_free[class] > 0)
		others[n_others++] = actor__cell_alloc(&gone, bytes);
	for (size_t i = 0; i < N; i++)
		actor__cell_free(&gone, left[i], bytes);
	actor__cells_deinit(&gone);
	assert_null(gone.free[class]);
	assert_int_equal(gone.n_free[class], 0);

	for (size_t i = 0; i < N; i++) {
		void *got = actor__cell_alloc(&heir, bytes);
		bool known = false;

		assert_int_equal(heir.n_free[class], N - 1 - i);
		for (size_t k = 0; k < N; k++)
			known |= got == left[k];
		assert_true(known);
	}
	for (size_t i = 0; i < N; i++)
		actor__cell_free(&heir, left[i], bytes);
	while (n_others > 0)
		actor__cell_free(&heir, others[--n_others], bytes);
	actor__cells_deinit(&heir);
}

static void what_a_thread_leaves_is_used_again(void **state)
{
	(void)state;
	is_used_again(40, 0);
	is_used_again(300, 3);
}

/* ---- what is made of cells ---- */

static int do_nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

/* The life of an actor that is sent to and called. */
static void live_once(struct actor_executor *local)
{
	union hand_address hand = hand_spawn(local, NULL, 0);

	assert_int_equal(hand_send(NULL, hand, do_nothing, NULL), 0);
	assert_int_equal(hand_call(actor_thread_context(), hand, do_nothing, NULL), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_local_run(local), 0);
}

static void actors_envelopes_and_replies_are_cells(void **state)
{
	struct actor_executor *local;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	live_once(local);
	n_allocated = 0;
	for (unsigned i = 0; i < 1000; i++)
		live_once(local);
	assert_int_equal(n_allocated, 0);
	assert_int_equal(actor_executor_destroy(local), 0);
}

#endif

static void no_cells_without_memory(size_t bytes)
{
	struct actor__cells cells = { 0 };
	void *memory[1000];
	size_t n = 0;

	no_memory = true;
	/* What other tests have left is still to be had. */
	while (n < N_ELEMENTS(memory) && (memory[n] = actor__cell_alloc(&cells, bytes)))
		n++;
	assert_null(actor__cell_alloc(&cells, bytes));
	assert_null(actor__cell_alloc(&cells, 1025));
	no_memory = false;
	assert_true(n < N_ELEMENTS(memory));

	memory[n] = actor__cell_alloc(&cells, bytes);
	assert_non_null(memory[n]);
	for (size_t i = 0; i <= n; i++)
		actor__cell_free(&cells, memory[i], bytes);
	actor__cells_deinit(&cells);
}

static void without_memory_there_are_no_cells(void **state)
{
	(void)state;
	no_cells_without_memory(64);
	no_cells_without_memory(1024);
}

/* ---- allocated here, freed there ---- */

enum { LANE = 300, N_THREADS = 4 };

struct traffic {
	unsigned n_each;
	size_t bytes;
	_Atomic(void *) lanes[N_THREADS][LANE]; /* from a thread to the next one */
	atomic_uint n_damaged;
};

static void pass_on(struct traffic *traffic, unsigned index, unsigned i, struct actor__cells *cells)
{
	void *memory = actor__cell_alloc(cells, traffic->bytes), *expected = NULL;

	fill(memory, traffic->bytes, (unsigned char)i);
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
	if (!is_filled(memory, traffic->bytes, (unsigned char)i))
		atomic_fetch_add(&traffic->n_damaged, 1);
	actor__cell_free(cells, memory, traffic->bytes);
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
	traffic.n_each = test_times(50000);
	for (traffic.bytes = 50; traffic.bytes <= 200; traffic.bytes += 150)
		crew_run(N_THREADS, travel, &traffic);
	assert_int_equal(traffic.n_damaged, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_size_begins_a_line_and_is_disjoint),
#if !ACTOR__ASAN
		cmocka_unit_test(cells_come_in_five_sizes),
		cmocka_unit_test(cells_travel_in_batches),
		cmocka_unit_test(what_a_thread_leaves_is_used_again),
		cmocka_unit_test_teardown(actors_envelopes_and_replies_are_cells,
					  test_nothing_held),
#endif
		cmocka_unit_test(without_memory_there_are_no_cells),
		cmocka_unit_test(cells_cross_threads),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
