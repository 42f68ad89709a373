/* SPDX-License-Identifier: MIT */

/* Tables of what lies elsewhere. */

#include "util/table.h"

#include "test.h"
#include "util/memory.h"

struct thing {
	struct actor__table_node node;
	unsigned value;
};

static struct actor__table table;

static int set_up(void **state)
{
	(void)state;
	actor__table_init(&table);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	actor__memory_refuse_nth(0);
	actor__table_deinit(&table);
	return 0;
}

static struct thing *thing_of(struct actor__table_node *node)
{
	return node ? ACTOR_CONTAINER_OF(node, struct thing, node) : NULL;
}

static void all_are_found_until_they_are_removed(void **state)
{
	enum { MANY = 1000 };
	static struct thing things[MANY];

	(void)state;
	assert_null(actor__table_first(&table, 0));
	for (unsigned i = 0; i < MANY; i++)
		actor__table_insert(&table, &things[i].node, i * 3);
	for (unsigned i = 0; i < MANY; i++) {
		assert_ptr_equal(actor__table_first(&table, i * 3), &things[i].node);
		assert_null(actor__table_next(&things[i].node));
		assert_null(actor__table_first(&table, i * 3 + 1));
	}
	for (unsigned i = 0; i < MANY; i += 2)
		actor__table_remove(&table, &things[i].node);
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(actor__table_first(&table, i * 3), i % 2 ? &things[i].node : NULL);
	assert_int_equal(table.n_nodes, MANY / 2);
	assert_true(table.n_buckets >= MANY / 2);
}

static void some_have_the_same_hash(void **state)
{
	struct thing things[3] = { { .value = 1 }, { .value = 2 }, { .value = 4 } };
	struct thing other = { .value = 8 };
	struct actor__table_node *node;
	unsigned sum = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		actor__table_insert(&table, &things[i].node, 5);
	actor__table_insert(&table, &other.node, 5 + ACTOR__TABLE_FEW); /* the same bucket */
	for (node = actor__table_first(&table, 5); node; node = actor__table_next(node))
		sum += thing_of(node)->value;
	assert_int_equal(sum, 7);
}

static void without_memory_it_gets_fuller(void **state)
{
	enum { MANY = 5 * ACTOR__TABLE_FEW };
	static struct thing things[MANY];

	(void)state;
	actor__memory_refuse_nth(1);
	for (unsigned i = 0; i < MANY; i++) {
		actor__table_insert(&table, &things[i].node, i);
		if (i == ACTOR__TABLE_FEW)
			assert_int_equal(table.n_buckets, ACTOR__TABLE_FEW);
	}
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(actor__table_first(&table, i), &things[i].node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_are_found_until_they_are_removed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(some_have_the_same_hash, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_memory_it_gets_fuller, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
