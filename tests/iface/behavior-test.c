/* SPDX-License-Identifier: MIT */

/* behavior.h: which handler is for a message type. */

#include "parcel.h"
#include "test.h"

/* The row of a later version of the interface: longer. */
struct later_handler {
	struct actor_handler first;
	const char *more;
};

static void handle_number(void *self, void *message, struct actor_reply **reply,
			  struct actor_context *context)
{
	(void)self, (void)message, (void)reply, (void)context;
}

static void handle_parcel(void *self, void *message, struct actor_reply **reply,
			  struct actor_context *context)
{
	(void)self, (void)message, (void)reply, (void)context;
}

static const struct later_handler later_handlers[] = {
	{ { &number_type, handle_number }, "more" },
	{ { &parcel_type, handle_parcel }, "more" },
	{ { &count_type, handle_number }, "more" },
};

static const struct actor_behavior later = {
	.size = sizeof later,
	.name = "later",
	.handlers = &later_handlers[0].first,
	.n_handlers = N_ELEMENTS(later_handlers),
	.stride = sizeof later_handlers[0],
};

static void handlers_are_a_stride_apart(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < later.n_handlers; i++)
		assert_ptr_equal(actor_behavior_handler(&later, i), &later_handlers[i].first);
}

static void handler_is_found_by_its_type(void **state)
{
	(void)state;
	assert_ptr_equal(actor_behavior_find(&later, &number_type), &later_handlers[0].first);
	assert_ptr_equal(actor_behavior_find(&later, &parcel_type), &later_handlers[1].first);
	assert_ptr_equal(actor_behavior_find(&later, &count_type), &later_handlers[2].first);
	assert_null(actor_behavior_find(&later, &unpack_type));
}

static void handler_is_found_by_a_private_copy_of_its_type(void **state)
{
	struct actor_message_type copy = count_type;

	(void)state;
	assert_ptr_equal(actor_behavior_find(&later, &copy), &later_handlers[2].first);
}

/* Two private copies of one type in one behavior: each sender meets its own. */
static void the_very_type_comes_before_a_copy(void **state)
{
	struct actor_message_type copy = number_type, third = number_type;
	const struct actor_handler handlers[] = {
		{ &number_type, handle_number },
		{ &copy, handle_parcel },
	};
	struct actor_behavior behavior = {
		.size = sizeof behavior,
		.name = "both",
		.handlers = handlers,
		.n_handlers = N_ELEMENTS(handlers),
		.stride = sizeof handlers[0],
	};

	(void)state;
	assert_ptr_equal(actor_behavior_find(&behavior, &number_type), &handlers[0]);
	assert_ptr_equal(actor_behavior_find(&behavior, &copy), &handlers[1]);
	assert_ptr_equal(actor_behavior_find(&behavior, &third), &handlers[0]);
}

static void another_layout_is_a_conflict(void **state)
{
	struct actor_message_type longer = parcel_type;

	(void)state;
	longer.message_size *= 2;
	assert_null(actor_behavior_find(&later, &longer));
	assert_ptr_equal(actor_behavior_conflict(&later, &longer), &parcel_type);
}

static void unknown_type_is_no_conflict(void **state)
{
	(void)state;
	assert_null(actor_behavior_conflict(&later, &unpack_type));
}

static void behavior_without_handlers_handles_nothing(void **state)
{
	const struct actor_behavior empty = { .size = sizeof empty, .name = "empty" };

	(void)state;
	assert_null(actor_behavior_find(&empty, &number_type));
	assert_null(actor_behavior_conflict(&empty, &number_type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handlers_are_a_stride_apart),
		cmocka_unit_test(handler_is_found_by_its_type),
		cmocka_unit_test(handler_is_found_by_a_private_copy_of_its_type),
		cmocka_unit_test(the_very_type_comes_before_a_copy),
		cmocka_unit_test(another_layout_is_a_conflict),
		cmocka_unit_test(unknown_type_is_no_conflict),
		cmocka_unit_test(behavior_without_handlers_handles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
