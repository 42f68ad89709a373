/* SPDX-License-Identifier: MIT */

/* base.h: the building blocks of implementations. */

#include "test.h"

struct outer {
	int before;
	struct actor_address member;
};

struct table {
	size_t size;
	void (*required)(void);
	void (*optional)(void);
	void (*later)(void);
};

static void operation(void)
{
}

static void container_is_found_from_its_member(void **state)
{
	struct outer outer = { 0 };
	struct actor_address *member = &outer.member;

	(void)state;
	assert_ptr_equal(ACTOR_CONTAINER_OF(member, struct outer, member), &outer);
}

static void optional_operation_is_there_or_not(void **state)
{
	struct table table = { .size = sizeof table, .optional = operation };

	(void)state;
	assert_true(ACTOR_OPS_HAS(&table, struct table, optional));
	assert_false(ACTOR_OPS_HAS(&table, struct table, later));
}

/* What lies behind a table that was compiled before the operation existed is not its. */
static void operation_beyond_the_table_is_not_there(void **state)
{
	struct table table = { .optional = operation, .later = operation };

	(void)state;
	table.size = offsetof(struct table, later);
	assert_true(ACTOR_OPS_HAS(&table, struct table, optional));
	assert_false(ACTOR_OPS_HAS(&table, struct table, later));
	table.size = offsetof(struct table, optional);
	assert_false(ACTOR_OPS_HAS(&table, struct table, optional));
	table.size = offsetof(struct table, later) + sizeof table.later - 1;
	assert_false(ACTOR_OPS_HAS(&table, struct table, later));
	table.size = offsetof(struct table, later) + sizeof table.later;
	assert_true(ACTOR_OPS_HAS(&table, struct table, later));
	table.size = 2 * sizeof table;
	assert_true(ACTOR_OPS_HAS(&table, struct table, later));
}

static void texts_are_the_same_in_every_character(void **state)
{
	char copy[] = "bank.deposit";

	(void)state;
	assert_true(actor__text_same("bank.deposit", copy));
	assert_true(actor__text_same("", ""));
	assert_false(actor__text_same("bank.deposit", "bank.deposits"));
	assert_false(actor__text_same("bank.deposits", "bank.deposit"));
	assert_false(actor__text_same("bank.deposit", "bank.Deposit"));
	assert_false(actor__text_same("", "b"));
	assert_false(actor__text_same("b", ""));
}

static void deadlines_are_at_the_ends_of_time(void **state)
{
	(void)state;
	assert_true(ACTOR_FOREVER == INT64_MAX);
	assert_true(ACTOR_AT_ONCE == INT64_MIN);
	assert_true(ACTOR_UNBOUNDED > ACTOR_DEFAULT_CAPACITY);
}

static void times_end_where_they_can_be_no_later(void **state)
{
	(void)state;
	assert_true(actor_time_after(1000, 5) == 1005);
	assert_true(actor_time_after(1000, 0) == 1000);
	assert_true(actor_time_after(1000, -5) == 1000);
	assert_true(actor_time_after(1000, INT64_MIN) == 1000);
	assert_true(actor_time_after(1000, INT64_MAX - 1001) == INT64_MAX - 1);
	assert_true(actor_time_after(1000, INT64_MAX - 1000) == ACTOR_FOREVER);
	assert_true(actor_time_after(1000, INT64_MAX - 1) == ACTOR_FOREVER);
	assert_true(actor_time_after(-1000, INT64_MAX - 1) == INT64_MAX - 1001);
	assert_true(actor_time_after(-1000, ACTOR_FOREVER) == ACTOR_FOREVER);
	assert_true(actor_time_after(ACTOR_FOREVER, 1) == ACTOR_FOREVER);
	assert_true(actor_time_after(ACTOR_AT_ONCE, 1) == INT64_MIN + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_is_found_from_its_member),
		cmocka_unit_test(optional_operation_is_there_or_not),
		cmocka_unit_test(operation_beyond_the_table_is_not_there),
		cmocka_unit_test(texts_are_the_same_in_every_character),
		cmocka_unit_test(times_end_where_they_can_be_no_later),
		cmocka_unit_test(deadlines_are_at_the_ends_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
