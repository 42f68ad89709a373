/* SPDX-License-Identifier: MIT */

/* Channels that are disabled and enabled: what their actor takes, and when it ends. */

#include "intake-fixture.h"

static int disable(struct actor_context *context, void *user)
{
	(void)context;
	actor_channel_disable(user);
	return 0;
}

static int enable(struct actor_context *context, void *user)
{
	(void)context;
	actor_channel_enable(user);
	return 0;
}

/* GO-36, GO-38, GO-39 */
static void an_actor_chooses_what_it_takes(void **state)
{
	struct actor_channel *both[] = { queue(16), queue(2) }, *select = NULL;
	union hand_address other = { NULL };

	(void)state;
	actor_channel_disable(both[1]);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	start_on(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, both[1], &other.address), 0);
	tell_to(other, say, "1");
	tell_to(other, say, "2");
	assert_int_equal(hand_send(NULL, other, say, "3"), ACTOR_E_FULL);
	tell("a");
	assert_string_equal(all_said(), "a");
	/* It matters from the next message on. */
	tell_to(hand, enable, both[1]);
	assert_string_equal(all_said(), "a12");
	tell_to(other, disable, both[1]);
	tell_to(other, say, "3");
	tell("b");
	assert_string_equal(all_said(), "a12b");
	assert_int_equal(actor_channel_length(select), 1);
	tell_to(hand, enable, both[1]);
	assert_string_equal(all_said(), "a12b3");
	actor_channel_unref(select);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	actor_address_unref(other.address);
	let_go();
}

/* Nothing will ever be taken out of it: what is in it is dropped. */
static void it_ends_with_its_channel_also_if_that_is_disabled(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	tell("a");
	assert_string_equal(all_said(), "");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "");
	actor_channel_unref(channel);
	let_go();
}

static void what_is_disabled_keeps_the_actor_if_there_is_any(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	tell("a");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "");
	assert_runs();
	actor_channel_enable(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "a");
	actor_channel_unref(channel);
	let_go();
}

static void an_empty_one_does_not(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	assert_string_equal(all_said(), "");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	actor_channel_unref(channel);
	let_go();
}

static void draining_drops_what_is_disabled(void **state)
{
	struct actor_channel *both[] = { queue(16), queue(16) }, *select = NULL;
	union hand_address other = { NULL };
	struct actor_future future;

	(void)state;
	actor_channel_disable(both[1]);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	start_on(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, both[1], &other.address), 0);
	tell("ab");
	begin_call(&future, other, say, "1");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(select);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	actor_address_unref(other.address);
	let_go();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(an_actor_chooses_what_it_takes),
		LOCAL_TEST(it_ends_with_its_channel_also_if_that_is_disabled),
		LOCAL_TEST(what_is_disabled_keeps_the_actor_if_there_is_any),
		LOCAL_TEST(an_empty_one_does_not),
		LOCAL_TEST(draining_drops_what_is_disabled),
	};

	return cmocka_run_group_tests_name("channel-disable", tests, NULL, NULL);
}
