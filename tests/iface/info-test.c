/* SPDX-License-Identifier: MIT */

/* info.h: who an actor is. */

#include "test.h"

static const int domain, other_domain;

static const struct actor_info savings = {
	.identity = { &domain, 3 },
	.name = "savings",
	.type = "account",
};

static void identity_is_domain_and_number(void **state)
{
	struct actor_identity identity = { &domain, 3 };

	(void)state;
	assert_true(actor_identity_same(savings.identity, identity));
	identity.number = 4;
	assert_false(actor_identity_same(savings.identity, identity));
	identity = (struct actor_identity){ &other_domain, 3 };
	assert_false(actor_identity_same(savings.identity, identity));
}

/* C-10 */
static void info_is_type_id_and_name(void **state)
{
	struct actor_info unnamed = savings;
	char text[100];

	(void)state;
	unnamed.name = "";
	assert_int_equal(actor_info_format(&savings, text, sizeof text), 27);
	assert_string_equal(text, "account: id=3, name=savings");
	assert_int_equal(actor_info_format(&unnamed, text, sizeof text), 13);
	assert_string_equal(text, "account: id=3");
}

static void largest_number_is_shown(void **state)
{
	struct actor_info info = savings;
	char text[100];

	(void)state;
	info.identity.number = UINT64_MAX;
	actor_info_format(&info, text, sizeof text);
	assert_string_equal(text, "account: id=18446744073709551615, name=savings");
}

/* Through a pointer, or compilers warn of what this is about. */
static int (*volatile const format)(const struct actor_info *info, char *buffer,
				    size_t n_buffer) = actor_info_format;

static void text_that_does_not_fit_is_cut_and_terminated(void **state)
{
	static const char whole[] = "account: id=3, name=savings";
	size_t n;

	(void)state;
	assert_int_equal(format(&savings, NULL, 0), sizeof whole - 1);
	for (n = 1; n < sizeof whole; n++) {
		char text[sizeof whole];

		memset(text, 'x', sizeof text);
		assert_int_equal(format(&savings, text, n), sizeof whole - 1);
		assert_int_equal(strlen(text), n - 1);
		assert_memory_equal(text, whole, n - 1);
		assert_int_equal(text[n], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_is_domain_and_number),
		cmocka_unit_test(info_is_type_id_and_name),
		cmocka_unit_test(largest_number_is_shown),
		cmocka_unit_test(text_that_does_not_fit_is_cut_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
