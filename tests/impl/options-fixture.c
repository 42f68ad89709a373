/* SPDX-License-Identifier: MIT */

#include "options-fixture.h"

/* Longer than any are. */
union options {
	size_t size;
	max_align_t aligned;
	unsigned char bytes[256];
};

static take_options_fn *const *all;
static size_t n_all;

static void what_has_no_size_is_refused(void **state)
{
	union options options;

	(void)state;
	for (size_t i = 0; i < n_all; i++) {
		memset(&options, 0, sizeof options);
		assert_int_equal(all[i](&options), ACTOR_E_INVALID);
		options.size = sizeof options.size - 1;
		assert_int_equal(all[i](&options), ACTOR_E_INVALID);
	}
}

static void of_what_is_beyond_the_size_nothing_is_read(void **state)
{
	union options options;

	(void)state;
	memset(&options, 0xff, sizeof options);
	options.size = sizeof options.size;
	for (size_t i = 0; i < n_all; i++)
		assert_int_equal(all[i](&options), 0);
}

int options_test_run(take_options_fn *const takers[], size_t n_takers)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_has_no_size_is_refused, test_nothing_held),
		cmocka_unit_test_teardown(of_what_is_beyond_the_size_nothing_is_read,
					  test_nothing_held),
	};

	all = takers;
	n_all = n_takers;
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
