/* SPDX-License-Identifier: MIT */

/* UTF-8. */

#include "test.h"

#include "utf8.h"

#include <string.h>

/* A character in so many bytes, whether that is right or not. */
static void write_in(uint8_t *bytes, size_t n, uint32_t character)
{
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, character >>= 6)
		bytes[i] = (uint8_t)(0x80 | (character & 0x3f));
	bytes[0] = (uint8_t)(marks[n] | character);
}

static size_t right_length(uint32_t character)
{
	if ((character >= 0xd800 && character < 0xe000) || character > 0x10ffff)
		return 0;
	return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

static void check_character(uint32_t character)
{
	static const uint32_t most[] = { 0, 0x7f, 0x7ff, 0xffff, 0x1fffff };
	uint8_t bytes[4], put[4];
	uint32_t got;

	for (size_t n = 1; n <= 4; n++) {
		if (character > most[n])
			continue;
		write_in(bytes, n, character);
		assert_int_equal(actor__utf8_is_valid(bytes, n), n == right_length(character));
		if (n != right_length(character))
			continue;
		assert_int_equal(actor__utf8_put(put, character), n);
		assert_memory_equal(put, bytes, n);
		assert_int_equal(actor__utf8_get(bytes, &got), n);
		assert_int_equal(got, character);
		for (size_t i = 1; i < n; i++)
			assert_false(actor__utf8_is_valid(bytes, i));
	}
}

static void a_character_has_one_way_to_be_written(void **state)
{
	(void)state;
	for (uint32_t character = 0; character < 0x30000; character += character < 0x900 ? 1 : 7)
		check_character(character);
	for (uint32_t character = 0xd7f0; character < 0xe010; character++)
		check_character(character);
	for (uint32_t character = 0x10fff0; character < 0x1fffff; character += 0x101)
		check_character(character);
	check_character(0x10ffff);
	check_character(0x110000);
	check_character(0xffff);
	check_character(0x10000);
}

static void what_does_not_continue_is_none(void **state)
{
	(void)state;
	for (unsigned first = 0x80; first < 0x100; first++)
		for (unsigned second = 0; second < 0x100; second++) {
			uint8_t bytes[5] = { (uint8_t)first, (uint8_t)second, 'a', 'a', 'a' };
			bool pair = first >= 0xc2 && first < 0xe0 && second >= 0x80 &&
				    second < 0xc0;

			assert_int_equal(actor__utf8_is_valid(bytes, 5), pair);
			assert_int_equal(actor__utf8_is_valid(bytes, 2), pair);
			assert_false(actor__utf8_is_valid(bytes, 1));
		}
}

/* Eight at a time, or one: wherever it is, what is wrong is found. */
static void what_is_wrong_is_found_anywhere(void **state)
{
	uint8_t bytes[40];

	(void)state;
	assert_true(actor__utf8_is_valid(NULL, 0));
	memset(bytes, 'a', sizeof bytes);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		assert_true(actor__utf8_is_valid(bytes, n));
		for (size_t i = 0; i < n; i++) {
			bytes[i] = 0x80;
			assert_false(actor__utf8_is_valid(bytes, n));
			bytes[i] = 'a';
		}
		for (size_t i = 0; i + 2 <= n; i++) {
			memcpy(bytes + i, "\xc3\xa9", 2);
			assert_true(actor__utf8_is_valid(bytes, n));
			memcpy(bytes + i, "aa", 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_has_one_way_to_be_written),
		cmocka_unit_test(what_does_not_continue_is_none),
		cmocka_unit_test(what_is_wrong_is_found_anywhere),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
