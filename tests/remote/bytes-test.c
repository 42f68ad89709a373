/* SPDX-License-Identifier: MIT */

/* Buffers: they grow, are bounded, and keep their first error. */

#include "test.h"

#include "bytes.h"
#include "memory.h"

#include <string.h>

static void what_is_appended_is_there(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	for (unsigned i = 0; i < 1000; i++)
		assert_non_null(actor_bytes_append(&bytes, &(uint8_t){ (uint8_t)i }, 1));
	assert_int_equal(bytes.n, 1000);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(bytes.data[i], i % 256);
	actor_bytes_deinit(&bytes);
	assert_int_equal(bytes.n, 0);
	assert_int_equal(memory_n_live(), 0);
}

static void little_needs_no_memory_but_what_was_given(void **state)
{
	struct actor_bytes bytes;
	uint8_t given[4];

	(void)state;
	memory_fail_nth(0);
	actor_bytes_init(&bytes, given, sizeof given, SIZE_MAX);
	assert_ptr_equal(actor_bytes_append(&bytes, "abcd", 4), given);
	assert_int_equal(memory_n_asked(), 0);
	assert_non_null(actor_bytes_append(&bytes, "e", 1));
	assert_int_equal(memory_n_asked(), 1);
	assert_memory_equal(bytes.data, "abcde", 5);
	actor_bytes_deinit(&bytes);
	assert_int_equal(memory_n_live(), 0);
}

static void nothing_appended_is_somewhere(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, 0);
	assert_non_null(actor_bytes_append(&bytes, NULL, 0));
	assert_null(actor_bytes_append(&bytes, "a", 1));
	assert_int_equal(bytes.failed, ACTOR_E_TOO_BIG);
	actor_bytes_deinit(&bytes);
	assert_int_equal(memory_n_live(), 0);
}

static void room_is_the_callers_to_fill(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, 8);
	memcpy(actor_bytes_append(&bytes, NULL, 4), "abcd", 4);
	memcpy(actor__bytes_room(&bytes, 4), "efgh", 4);
	assert_memory_equal(bytes.data, "abcdefgh", 8);
	assert_null(actor__bytes_room(&bytes, 1));
	assert_int_equal(bytes.failed, ACTOR_E_TOO_BIG);
	actor_bytes_deinit(&bytes);
}

/* SZ-01: as much as the limit is allowed. */
static void never_more_than_the_limit(void **state)
{
	uint8_t given[10];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct actor_bytes bytes;

		actor_bytes_init(&bytes, i ? given : NULL, sizeof given, 5);
		assert_non_null(actor__bytes_room(&bytes, 3));
		assert_non_null(actor__bytes_room(&bytes, 2));
		assert_null(actor__bytes_room(&bytes, 1));
		assert_int_equal(bytes.failed, ACTOR_E_TOO_BIG);
		assert_int_equal(bytes.n, 5);
		bytes.failed = 0;
		assert_null(actor_bytes_append(&bytes, NULL, SIZE_MAX));
		assert_int_equal(bytes.failed, ACTOR_E_TOO_BIG);
		actor_bytes_deinit(&bytes);
	}
}

static void the_first_error_stays(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	assert_non_null(actor_bytes_append(&bytes, "abc", 3));
	memory_fail_nth(1);
	assert_null(actor_bytes_append(&bytes, NULL, 1000));
	assert_int_equal(bytes.failed, ACTOR_E_NOMEM);
	assert_null(actor_bytes_append(&bytes, "d", 1));
	assert_null(actor__bytes_room(&bytes, 1));
	assert_int_equal(bytes.failed, ACTOR_E_NOMEM);
	assert_int_equal(bytes.n, 3);
	assert_memory_equal(bytes.data, "abc", 3);
	actor_bytes_deinit(&bytes);
	assert_int_equal(memory_n_live(), 0);
}

/* As long as there is twice the room each time, a million bytes are few allocations. */
static void growing_is_rare(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	memory_fail_nth(0);
	actor_bytes_init(&bytes, NULL, 0, 1000000);
	for (unsigned i = 0; i < 1000000; i++)
		assert_non_null(actor_bytes_append(&bytes, "x", 1));
	assert_in_range(memory_n_asked(), 1, 20);
	actor_bytes_deinit(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_appended_is_there),
		cmocka_unit_test(little_needs_no_memory_but_what_was_given),
		cmocka_unit_test(nothing_appended_is_somewhere),
		cmocka_unit_test(room_is_the_callers_to_fill),
		cmocka_unit_test(never_more_than_the_limit),
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(growing_is_rare),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
