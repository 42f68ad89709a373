/* SPDX-License-Identifier: MIT */

/* Shared libraries that have a private copy each of one declaration: see copy.h. */

#include "copy.h"
#include "local-fixture.h"
#include "test.h"

static void copies_are_private_and_the_same_type(void **state)
{
	const struct actor_message_type *one = one_library()->greet_type;
	const struct actor_message_type *another = another_library()->greet_type;

	(void)state;
	assert_ptr_not_equal(one, another);
	assert_ptr_not_equal(one->reply, another->reply);
	assert_ptr_not_equal(one->reply->drop, another->reply->drop);
	assert_true(actor_message_type_same(one, another));
	assert_false(actor_message_type_same(one, longer_library()->greet_type));
	assert_string_equal(one->name, longer_library()->greet_type->name);
}

/* One library's actor, and the other's or its own messages. */
static void exchange(struct local_fixture *local, const struct copy_library *actor_s,
		     const struct copy_library *sender_s)
{
	struct actor_address *address = NULL;
	int number = 0, n_owners = 0;

	assert_int_equal(actor_s->spawn(local->spawner, &address), 0);
	assert_int_equal(sender_s->ask_back(address), 0);
	assert_int_equal(sender_s->greet(local->context, address, 7, &n_owners, &number), 0);
	assert_int_equal(number, 21);
	assert_int_equal(n_owners, 0);
	assert_int_equal(sender_s->hint(local->context, address, &n_owners), 0);
	assert_int_equal(n_owners, 1); /* moved, and queued */
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(n_owners, 0);
	actor_address_unref(address);
	assert_int_equal(local->n_errors, 0);
}

static void copies_exchange_messages_and_answers(void **state)
{
	exchange(*state, one_library(), another_library());
	exchange(*state, another_library(), one_library());
	exchange(*state, one_library(), one_library());
	exchange(*state, longer_library(), longer_library());
}

static void refuse(struct local_fixture *local, const struct copy_library *actor_s,
		   const struct copy_library *sender_s)
{
	struct actor_address *address = NULL;
	int number = 0, n_owners = 0;

	assert_int_equal(actor_s->spawn(local->spawner, &address), 0);
	assert_int_equal(sender_s->ask_back(address), ACTOR_E_UNHANDLED);
	local->n_errors = 0;
	local->text[0] = '\0';
	assert_int_equal(sender_s->greet(local->context, address, 7, &n_owners, &number),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(number, 0);
	assert_int_equal(actor_error(local->context)->code, ACTOR_E_UNHANDLED);
	assert_string_equal(actor_error(local->context)->message_type, "copy.greet");
	assert_string_equal(actor_error(local->context)->actor_type, "host");
	/* and somebody is told that this is more than a message to the wrong actor */
	assert_int_equal(local->n_errors, 1);
	assert_non_null(strstr(local->text, "copy.greet"));
	assert_non_null(strstr(local->text, "host"));
	/* what has not changed between the versions is understood */
	assert_int_equal(sender_s->hint(local->context, address, &n_owners), 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(n_owners, 0);
	actor_address_unref(address);
}

static void conflicting_copy_is_unhandled_and_logged(void **state)
{
	refuse(*state, one_library(), longer_library());
	refuse(*state, longer_library(), one_library());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_private_and_the_same_type),
		LOCAL_TEST(copies_exchange_messages_and_answers),
		LOCAL_TEST(conflicting_copy_is_unhandled_and_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
