/* SPDX-License-Identifier: MIT */

/* address.h, waiter.h, reply.h: what the wrappers add to the operations. */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static void wake(struct actor_waiter *waiter)
{
	(void)waiter;
}

static void reference_returns_the_address(void **state)
{
	struct fake *fake = *state;

	assert_ptr_equal(actor_address_ref(&fake->address), &fake->address);
	assert_string_equal(fake_trace(fake), "ref");
}

static void no_address_needs_no_release(void **state)
{
	struct fake *fake = *state;

	actor_address_unref(NULL);
	actor_address_unref(&fake->address);
	assert_string_equal(fake_trace(fake), "unref");
}

static void weak_and_strong_come_from_the_implementation(void **state)
{
	struct fake *fake = *state;

	assert_ptr_equal(actor_address_weak(&fake->address), &fake->address);
	assert_null(actor_address_upgrade(&fake->address));
	assert_string_equal(fake_trace(fake), "weak upgrade");
}

static void address_tells_who_it_leads_to(void **state)
{
	struct fake *fake = *state;
	struct actor_info info = actor_address_info(&fake->address);

	assert_string_equal(info.type, "account");
	assert_string_equal(actor_address_name(&fake->address), "savings");
	assert_int_equal(actor_address_identity(&fake->address).number, 3);
	assert_ptr_equal(actor_address_identity(&fake->address).domain, fake);
}

/* L-39 */
static void addresses_of_one_actor_are_the_same(void **state)
{
	struct fake *fake = *state;
	struct fake other;

	fake_init(&other);
	assert_true(actor_address_same(&fake->address, &fake->address));
	assert_false(actor_address_same(&fake->address, &other.address)); /* number 3 elsewhere */
}

static void address_tells_what_it_handles(void **state)
{
	struct fake *fake = *state;

	assert_true(actor_address_handles(&fake->address, &parcel_type));
	assert_false(actor_address_handles(&fake->address, &unpack_type));
	assert_string_equal(fake_trace(fake), "handles(test.parcel) handles(test.unpack)");
}

static void accepted_message_is_moved(void **state)
{
	struct fake *fake = *state;
	struct actor_reply reply;
	struct actor_waiter waiter;
	int content = 0;
	struct parcel parcel = parcel_of(&content), received;

	actor_waiter_init(&waiter, wake);
	assert_int_equal(actor_address_post(&fake->address, &unpack_type, &parcel, &reply, &waiter),
			 0);
	assert_null(parcel.content);
	memcpy(&received, fake->received, sizeof received);
	assert_ptr_equal(received.content, &content);
	assert_ptr_equal(fake->reply, &reply);
	assert_ptr_equal(fake->waiter, &waiter);
	assert_int_equal(content, 1);
}

static void accepted_plain_data_stays(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };

	assert_int_equal(actor_address_post(&fake->address, &number_type, &number, NULL, NULL), 0);
	assert_int_equal(number.value, 5);
	assert_null(fake->reply);
	assert_null(fake->waiter);
}

static void refused_message_is_untouched(void **state)
{
	static const int refusals[] = {
		ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM, ACTOR_E_INVALID,
	};
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	size_t i;

	for (i = 0; i < N_ELEMENTS(refusals); i++) {
		fake->post.returns[i] = refusals[i];
		assert_int_equal(
			actor_address_post(&fake->address, &parcel_type, &parcel, NULL, NULL),
			refusals[i]);
		assert_ptr_equal(parcel.content, &content);
	}
	assert_int_equal(content, 1);
}

static void withdrawing_is_the_implementation_s(void **state)
{
	struct fake *fake = *state;
	struct actor_waiter waiter;

	actor_address_withdraw(&fake->address, &waiter);
	assert_string_equal(fake_trace(fake), "withdraw");
	assert_ptr_equal(fake->waiter, &waiter);
}

static void stop_is_passed_on(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(actor_address_stop(&fake->address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(actor_address_stop(&fake->address, ACTOR_STOP_NOW), 0);
	assert_string_equal(fake_trace(fake), "stop(drain) stop(now)");
}

/* An optional operation: left out, or not yet known to who compiled the table. */
static void stop_may_be_unsupported(void **state)
{
	struct fake *fake = *state;
	struct actor_address_ops without = *fake->address.ops, before = *fake->address.ops;

	without.stop = NULL;
	fake->address.ops = &without;
	assert_int_equal(actor_address_stop(&fake->address, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	before.size = offsetof(struct actor_address_ops, stop);
	fake->address.ops = &before;
	assert_int_equal(actor_address_stop(&fake->address, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	assert_string_equal(fake_trace(fake), "");
}

static void what_is_wrong_is_the_implementation_s_to_say(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };
	char text[6];

	fake->why = "value: it is odd";
	actor_address_explain(&fake->address, &number_type, &number, text, sizeof text);
	assert_string_equal(text, "value");
	assert_ptr_equal(fake->explained, &number);
	assert_string_equal(fake_trace(fake), "explain(test.number)");
}

static void there_may_be_nothing_to_say(void **state)
{
	struct fake *fake = *state;
	struct actor_address_ops without = *fake->address.ops, before = *fake->address.ops;
	struct number number = { 5 };
	char text[6] = "text";

	fake->why = "value: it is odd";
	without.explain = NULL;
	fake->address.ops = &without;
	actor_address_explain(&fake->address, &number_type, &number, text, sizeof text);
	assert_string_equal(text, "");
	text[0] = 't';
	before.size = offsetof(struct actor_address_ops, explain);
	fake->address.ops = &before;
	actor_address_explain(&fake->address, &number_type, &number, text, sizeof text);
	assert_string_equal(text, "");
	assert_string_equal(fake_trace(fake), "");
}

static void waiter_starts_in_no_line(void **state)
{
	struct actor_waiter waiter;

	(void)state;
	memset(&waiter, 0xff, sizeof waiter);
	actor_waiter_init(&waiter, wake);
	assert_ptr_equal(waiter.wake, wake);
	assert_null(waiter.next);
	assert_null(waiter.previous);
	assert_null(waiter.line);
	assert_false(waiter.granted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reference_returns_the_address, set_up),
		cmocka_unit_test_setup(no_address_needs_no_release, set_up),
		cmocka_unit_test_setup(weak_and_strong_come_from_the_implementation, set_up),
		cmocka_unit_test_setup(address_tells_who_it_leads_to, set_up),
		cmocka_unit_test_setup(addresses_of_one_actor_are_the_same, set_up),
		cmocka_unit_test_setup(address_tells_what_it_handles, set_up),
		cmocka_unit_test_setup(accepted_message_is_moved, set_up),
		cmocka_unit_test_setup(accepted_plain_data_stays, set_up),
		cmocka_unit_test_setup(refused_message_is_untouched, set_up),
		cmocka_unit_test_setup(withdrawing_is_the_implementation_s, set_up),
		cmocka_unit_test_setup(stop_is_passed_on, set_up),
		cmocka_unit_test_setup(stop_may_be_unsupported, set_up),
		cmocka_unit_test_setup(what_is_wrong_is_the_implementation_s_to_say, set_up),
		cmocka_unit_test_setup(there_may_be_nothing_to_say, set_up),
		cmocka_unit_test(waiter_starts_in_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
