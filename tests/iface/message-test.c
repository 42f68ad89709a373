/* SPDX-License-Identifier: MIT */

/* message.h: which descriptions denote the same type, and what is done with a value. */

#include "parcel.h"
#include "test.h"

static void other_drop(void *message)
{
	(void)message;
}

static int other_copy(void *to, const void *from)
{
	(void)to, (void)from;
	return ACTOR_E_NOMEM;
}

/* As it would be in another shared library: nothing has the same address. */
static struct actor_message_type private_copy(const struct actor_message_type *type, char *name,
					      struct actor_message_type *reply)
{
	struct actor_message_type copy = *type;

	strcpy(name, type->name);
	copy.name = name;
	if (type->drop)
		copy.drop = other_drop;
	if (type->copy)
		copy.copy = other_copy;
	if (type->reply) {
		*reply = *type->reply;
		copy.reply = reply;
	}
	return copy;
}

static void private_copies_are_the_same_type(void **state)
{
	const struct actor_message_type *all[] = {
		&number_type,
		&parcel_type,
		&count_type,
		&unpack_type,
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < N_ELEMENTS(all); i++) {
		struct actor_message_type reply = { 0 };
		char name[40];
		struct actor_message_type copy = private_copy(all[i], name, &reply);

		for (j = 0; j < N_ELEMENTS(all); j++) {
			assert_int_equal(actor_message_type_same(all[j], &copy), i == j);
			assert_int_equal(actor_message_type_same(&copy, all[j]), i == j);
			assert_int_equal(actor_message_type_same(all[j], all[i]), i == j);
		}
	}
}

static void assert_differ(const struct actor_message_type *a, const struct actor_message_type *b)
{
	assert_false(actor_message_type_same(a, b));
	assert_false(actor_message_type_same(b, a));
}

static void each_part_of_the_layout_counts(void **state)
{
	struct actor_message_type reply = { 0 };
	char name[40];
	struct actor_message_type copy;

	(void)state;
	copy = private_copy(&unpack_type, name, &reply);
	copy.name = "test.unpacks";
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	copy.message_size *= 2;
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	copy.message_align *= 2;
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	copy.drop = NULL;
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	copy.reply = NULL;
	assert_differ(&unpack_type, &copy);
}

static void each_part_of_the_answer_s_layout_counts(void **state)
{
	struct actor_message_type reply = { 0 };
	char name[40];
	struct actor_message_type copy;

	(void)state;
	copy = private_copy(&unpack_type, name, &reply);
	reply.message_size *= 2;
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	reply.message_align *= 2;
	assert_differ(&unpack_type, &copy);
	copy = private_copy(&unpack_type, name, &reply);
	reply.drop = NULL;
	assert_differ(&unpack_type, &copy);
}

static void the_answer_s_name_does_not_count(void **state)
{
	struct actor_message_type reply = { 0 };
	char name[40];
	struct actor_message_type copy = private_copy(&unpack_type, name, &reply);

	(void)state;
	reply.name = "another";
	assert_true(actor_message_type_same(&unpack_type, &copy));
}

static void value_is_dropped_by_its_type(void **state)
{
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	struct parcel nothing = { NULL };
	struct number number = { 5 };

	(void)state;
	actor_message_drop(&parcel_type, &parcel);
	assert_int_equal(content, 0);
	assert_ptr_equal(parcel.content, &content); /* its memory is left alone */
	actor_message_drop(&parcel_type, &nothing);
	actor_message_drop(&number_type, &number);
	assert_int_equal(number.value, 5);
}

static void copy_is_a_second_owner(void **state)
{
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	struct parcel copy = { NULL };

	(void)state;
	assert_int_equal(actor_message_copy(&parcel_type, &copy, &parcel), 0);
	assert_ptr_equal(copy.content, &content);
	assert_int_equal(content, 2);
}

static void copy_that_fails_leaves_its_place_alone(void **state)
{
	int content = 0, other = 0;
	struct parcel nothing = { NULL };
	struct parcel parcel = parcel_of(&content);
	struct parcel place = parcel_of(&other);

	(void)state;
	assert_int_equal(actor_message_copy(&parcel_type, &place, &nothing), ACTOR_E_NOMEM);
	assert_ptr_equal(place.content, &other);
	/* owns something, and has no copy function */
	assert_int_equal(actor_message_copy(&unpack_type, &place, &parcel), ACTOR_E_UNSUPPORTED);
	assert_ptr_equal(place.content, &other);
	assert_int_equal(content, 1);
}

static void plain_data_is_copied_bytewise(void **state)
{
	struct number from = { 5 }, to = { 0 };

	(void)state;
	assert_int_equal(actor_message_copy(&number_type, &to, &from), 0);
	assert_int_equal(to.value, 5);
}

static void unit_is_a_value(void **state)
{
	(void)state;
	assert_true(sizeof(struct actor_unit) == 1);
	assert_int_equal(ACTOR_UNIT.unit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_copies_are_the_same_type),
		cmocka_unit_test(each_part_of_the_layout_counts),
		cmocka_unit_test(each_part_of_the_answer_s_layout_counts),
		cmocka_unit_test(the_answer_s_name_does_not_count),
		cmocka_unit_test(value_is_dropped_by_its_type),
		cmocka_unit_test(copy_is_a_second_owner),
		cmocka_unit_test(copy_that_fails_leaves_its_place_alone),
		cmocka_unit_test(plain_data_is_copied_bytewise),
		cmocka_unit_test(unit_is_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
