/* SPDX-License-Identifier: MIT */

/* Channels as users write them, and the actors on them: what comes first, what is held back, what
 * is passed by, and what is no channel. */

#include "intake-fixture.h"
#include "user-channels.h"

static bool is_call(const struct actor_envelope *envelope)
{
	return actor_envelope_is_call(envelope);
}

static bool is_job(const struct actor_envelope *envelope)
{
	return !actor_envelope_is_call(envelope);
}

static void calls_may_come_first(void **state)
{
	struct actor_channel *channel = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(urgent_create(16, is_call, &channel), 0);
	make_on(channel);
	actor_channel_unref(channel);
	tell("ab");
	begin_call(&future, hand, say, "!");
	tell("c");
	start(NULL);
	assert_int_equal(actor_future_await(&future, test_deadline()), 0);
	assert_string_equal(all_said(), "!abc");
	let_go();
}

/* ---- passed by ---- */

/* Who waits for an answer to it is told at once, and who has taken another one does that. */
static void what_is_passed_by_is_discarded(void **state)
{
	struct actor_channel *channel = NULL;
	struct actor_future futures[2];

	(void)state;
	assert_int_equal(fresh_create(is_job, &channel), 0);
	start_on(channel);
	begin_call(&futures[0], hand, say, "1");
	begin_call(&futures[1], hand, say, "2");
	tell("ab");
	assert_int_equal(actor_channel_length(channel), 4);
	assert_string_equal(all_said(), "ab");
	assert_int_equal(actor_channel_length(channel), 0);
	for (size_t i = 0; i < N_ELEMENTS(futures); i++)
		assert_int_equal(actor_future_await(&futures[i], ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	/* Also if nothing else has come. */
	begin_call(&futures[0], hand, say, "3");
	assert_string_equal(all_said(), "ab");
	assert_int_equal(actor_future_await(&futures[0], ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_runs();
	actor_channel_unref(channel);
	let_go();
}

/* Nobody ever takes from it: what it would have passed by goes with it. */
static void what_would_be_passed_by_goes_with_the_channel(void **state)
{
	struct actor_channel *channel = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(fresh_create(is_job, &channel), 0);
	make_on(channel);
	begin_call(&future, hand, say, "1");
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	actor_address_unref(hand.address);
	actor_channel_unref(channel);
}

/* ---- held back ---- */

static void what_is_held_back_keeps_the_actor(void **state)
{
	struct actor_channel *channel = NULL;

	(void)state;
	assert_int_equal(patient_create(NULL, &channel), 0);
	start_on(channel);
	tell("ab");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "");
	assert_runs();
	patient_let_go(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(channel);
	let_go();
}

static void drained_it_may_let_go_of_it(void **state)
{
	struct actor_channel *channel = NULL;

	(void)state;
	assert_int_equal(patient_create(patient_let_go, &channel), 0);
	start_on(channel);
	tell("ab");
	assert_string_equal(all_said(), "");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(channel);
	let_go();
}

/* Otherwise nobody waits for it. */
static void drained_it_drops_what_it_does_not_let_go_of(void **state)
{
	struct actor_channel *channel = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(patient_create(NULL, &channel), 0);
	start_on(channel);
	begin_call(&future, hand, say, "a");
	assert_string_equal(all_said(), "");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
	actor_channel_unref(channel);
	let_go();
}

/* The actor looks while the channel is closed already, but has not let go yet. */
static void look_and_let_go(struct actor_channel *channel)
{
	actor_channel_tell(channel);
	actor_ignore(actor_local_run(executor));
	patient_let_go(channel);
}

static void closing_it_has_time_to_let_go(void **state)
{
	struct actor_channel *channel = NULL;

	(void)state;
	assert_int_equal(patient_create(look_and_let_go, &channel), 0);
	start_on(channel);
	tell("ab");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(channel);
	let_go();
}

/* Around a patient one, which is closed just after it has been looked at. */
static int closing_take(struct actor_channel *channel, struct actor_context *context,
			struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	size_t n;
	struct actor_channel *inner = actor_channel_members(channel, &n)[0];
	int rc = actor_channel_pop(inner, context, ret_envelope, ret_until_ns);

	if (rc == ACTOR_CHANNEL_LATER)
		actor_channel_close(inner);
	return rc;
}

static void closing_destroy(struct actor_channel *channel)
{
	(void)channel;
}

static const struct actor_channel_ops closing_ops = {
	.size = sizeof closing_ops,
	.take = closing_take,
	.destroy = closing_destroy,
};

static void what_is_let_go_of_at_the_last_moment_is_handled(void **state)
{
	struct actor_channel closing, *inner = NULL;

	(void)state;
	assert_int_equal(patient_create(patient_let_go, &inner), 0);
	assert_int_equal(actor_channel_init(&closing, &closing_ops), 0);
	assert_int_equal(actor_channel_adopt(&closing, inner), 0);
	start_on(&closing);
	tell("ab");
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	let_go();
	actor_channel_unref(inner);
	actor_channel_unref(&closing);
}

/* ---- what is none ---- */

static int empty_take(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	(void)channel, (void)context, (void)ret_envelope, (void)ret_until_ns;
	return ACTOR_CHANNEL_EMPTY;
}

static void empty_destroy(struct actor_channel *channel)
{
	(void)channel;
}

static const struct actor_channel_ops empty_ops = {
	.size = sizeof empty_ops,
	.take = empty_take,
	.destroy = empty_destroy,
};

static void where_nothing_can_be_put_nobody_takes(void **state)
{
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	struct actor_channel empty, *inside = &empty, *made = NULL, *store = queue(4);
	struct actor_shared *shared = NULL;
	struct actor_mailbox *none = NULL;

	(void)state;
	assert_int_equal(actor_channel_init(&empty, &empty_ops), 0);
	assert_int_equal(actor_channel_mailbox(spawner, &hand_behavior, NULL, &empty, &none),
			 ACTOR_E_INVALID);
	assert_int_equal(actor_shared_create(&hand_behavior, NULL, &empty, &shared),
			 ACTOR_E_INVALID);
	assert_int_equal(actor_select_create(&inside, 1, NULL, NULL, &made), ACTOR_E_INVALID);
	/* And what stores takes from nobody. */
	made = queue(4);
	assert_int_equal(actor_channel_adopt(made, store), ACTOR_E_INVALID);
	assert_null(none);
	assert_null(shared);
	/* With a member, it is one; and so far, nobody takes from that. */
	assert_int_equal(actor_channel_adopt(&empty, store), 0);
	assert_int_equal(actor_channel_mailbox(spawner, &hand_behavior, NULL, &empty, &none), 0);
	actor_mailbox_destroy(none);
	actor_channel_unref(&empty);
	actor_channel_unref(made);
	actor_channel_unref(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(calls_may_come_first),
		LOCAL_TEST(what_is_passed_by_is_discarded),
		LOCAL_TEST(what_would_be_passed_by_goes_with_the_channel),
		LOCAL_TEST(what_is_held_back_keeps_the_actor),
		LOCAL_TEST(drained_it_may_let_go_of_it),
		LOCAL_TEST(drained_it_drops_what_it_does_not_let_go_of),
		LOCAL_TEST(closing_it_has_time_to_let_go),
		LOCAL_TEST(what_is_let_go_of_at_the_last_moment_is_handled),
		LOCAL_TEST(where_nothing_can_be_put_nobody_takes),
	};

	return cmocka_run_group_tests_name("user-channel", tests, NULL, NULL);
}
