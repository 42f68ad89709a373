/* SPDX-License-Identifier: MIT */

/* Channels, as far as messages go: each state of the queue and each way out of it, and what happens
 * to envelopes. What happens when there is no room is in channel-room-test.c. */

#include "channel-fixture.h"
#include "dead-letter.h"

/* ---- the states of the queue ---- */

static void busy_consumers_are_not_called(void **state)
{
	(void)state;
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), 0);
	assert_false(actor__channel_idle(&channel));
	assert_false(actor__channel_close_empty(&channel));
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 0);
}

static void the_first_push_calls_an_idle_consumer(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(push(1), 1);
	assert_int_equal(push(2), 0);
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(push(3), 1);
}

static void a_nudge_calls_an_idle_consumer_once(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	assert_true(actor__channel_nudge(&channel));
	/* It has been called: it looks before it goes idle again. */
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(push(1), 0);
	assert_int_equal(pop(), 1);
	assert_true(actor__channel_idle(&channel));
}

static void a_nudge_keeps_a_busy_consumer_from_idling_once(void **state)
{
	(void)state;
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(pop(), 0);
	assert_false(actor__channel_idle(&channel)); /* uses it up */
	assert_true(actor__channel_idle(&channel));
}

static void a_nudge_keeps_an_empty_channel_open_once(void **state)
{
	(void)state;
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_close_empty(&channel)); /* uses it up */
	assert_false(actor__channel_closed(&channel));
	assert_true(actor__channel_close_empty(&channel));
}

static void a_push_takes_the_place_of_a_nudge(void **state)
{
	(void)state;
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(push(1), 0);
	assert_false(actor__channel_nudge(&channel)); /* the message does as well */
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 0);
	assert_true(actor__channel_idle(&channel));
}

static void a_nudge_is_kept_behind_the_stash(void **state)
{
	(void)state;
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), 0);
	assert_int_equal(pop(), 1); /* both are in the stash */
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 0);
	assert_false(actor__channel_idle(&channel));
	assert_true(actor__channel_idle(&channel));
}

static void assert_length(size_t length)
{
	assert_int_equal(actor__channel_length(&channel), length);
}

/* Whoever looks sees how many are queued, taken over or not. */
static void its_length_is_what_is_queued(void **state)
{
	(void)state;
	assert_length(0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(push(i), 0);
		assert_length((size_t)i);
	}
	assert_int_equal(pop(), 1); /* the others are in the stash */
	assert_length(2);
	assert_int_equal(push(4), 0);
	assert_length(3);
	actor__channel_count_other(&channel); /* a hook begins */
	assert_length(3);
	actor__channel_close(&channel);
	assert_length(3);
	for (int i = 2; i <= 4; i++)
		assert_int_equal(pop(), i);
	assert_length(0);
}

/* The numbers by which that is found are small, and begin anew. */
static void one_by_one_its_length_stays_right(void **state)
{
	(void)state;
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), 0);
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	atomic_store(&channel.n_popped, channel.n_popped + UINT32_MAX / 2 - 1);
	assert_int_equal(push(3), 0);
	assert_int_equal(pop(), 3);
	atomic_store(&channel.n_popped, channel.n_popped + 2);
	assert_length(0);
}

static void closed_is_for_good(void **state)
{
	(void)state;
	assert_false(actor__channel_closed(&channel));
	assert_true(actor__channel_close_empty(&channel));
	assert_true(actor__channel_closed(&channel));
	assert_int_equal(push(1), ACTOR_E_CLOSED);
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_idle(&channel));
	assert_false(actor__channel_close_empty(&channel));
	assert_int_equal(pop(), 0);
	actor__channel_close(&channel);
	assert_true(actor__channel_closed(&channel));
	assert_null(actor__channel_take_all(&channel));
}

static void idle_and_nudged_channels_can_be_closed(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	actor__channel_close(&channel);
	assert_int_equal(push(1), ACTOR_E_CLOSED);
	assert_int_equal(close_down(state), 0);

	assert_int_equal(open_unbounded(state), 0);
	assert_false(actor__channel_nudge(&channel));
	actor__channel_close(&channel);
	assert_int_equal(pop(), 0);
	assert_int_equal(push(1), ACTOR_E_CLOSED);
}

static void first_in_first_out_over_stash_and_head(void **state)
{
	unsigned next = 1, number = 1;
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		for (uint64_t n = test_random(&random) % 5; n > 0; n--)
			push(number++);
		for (uint64_t n = test_random(&random) % 5; n > 0 && next < number; n--)
			assert_int_equal(pop(), next++);
	}
	while (next < number)
		assert_int_equal(pop(), next++);
	assert_int_equal(pop(), 0);
}

static void what_is_queued_outlives_the_closing_in_order(void **state)
{
	struct actor__envelope *left;

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		push(i);
	assert_int_equal(pop(), 1); /* 2 and 3 in the stash */
	push(4);
	push(5);
	actor__channel_close(&channel);
	assert_int_equal(pop(), 2);
	left = actor__channel_take_all(&channel);
	for (unsigned i = 3; i <= 5; i++) {
		struct actor__envelope *envelope = left;

		assert_int_equal(letter_in(envelope)->number, i);
		left = envelope->next;
		actor__envelope_free(actor__thread(), envelope);
	}
	assert_null(left);
	assert_int_equal(pop(), 0);
}

/* ---- envelopes ---- */

struct receipt {
	struct actor_reply reply;
	unsigned n_delivered;
	int status;
};

static int receipt_deliver(struct actor_reply *reply, int status, void *value)
{
	struct receipt *receipt = ACTOR_CONTAINER_OF(reply, struct receipt, reply);

	(void)value;
	receipt->n_delivered++;
	receipt->status = status;
	return 0;
}

static const struct actor_reply_ops receipt_ops = {
	.size = sizeof receipt_ops,
	.deliver = receipt_deliver,
};

static void discarded_messages_are_answered_dropped_and_counted(void **state)
{
	struct receipt receipt = { .reply = { &receipt_ops } };
	const struct actor_info owner = { { &letter_handler, 7 }, "savings", "account" };
	struct actor_counts before, after;
	struct letter letter = { 0, 2 };
	struct actor_error last;

	(void)state;
	actor_counts_get(&before);
	push(1);
	actor__channel_push(
		&channel,
		actor__envelope_create(actor__thread(), &letter_handler, &letter, &receipt.reply),
		false);
	actor_counts_get(&after);
	assert_int_equal(after.envelopes - before.envelopes, 2);
	actor__channel_close(&channel);
	actor__envelopes_discard(actor__channel_take_all(&channel), &owner);
	last = actor__dead_letter_last();
	assert_string_equal(last.message_type, letter_handler.type->name);
	assert_string_equal(last.actor_name, "savings");
	assert_int_equal(last.identity.number, 7);
	actor_counts_get(&after);
	assert_int_equal(after.envelopes - before.envelopes, 0);
	assert_int_equal(after.dead_letters - before.dead_letters, 2);
	assert_int_equal(n_dropped, 2);
	assert_int_equal(receipt.n_delivered, 1);
	assert_int_equal(receipt.status, ACTOR_E_STOPPED);
}

static void messages_lie_where_they_may(void **state)
{
	static _Alignas(4096) unsigned char message[3 * 4096];
	struct actor_message_type type = { .size = sizeof type, .name = "test.large" };
	struct actor_handler handler = { .type = &type };
	struct actor__envelope *envelope;

	(void)state;
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (unsigned char)(i * 7);
	for (size_t align = 1; align <= 4096; align *= 2) {
		for (size_t size = align; size <= 3 * align; size += align) {
			type.message_align = align;
			type.message_size = size;
			envelope = actor__envelope_create(actor__thread(), &handler, message, NULL);
			assert_int_equal((uintptr_t)actor__envelope_message(envelope) % align, 0);
			assert_memory_equal(actor__envelope_message(envelope), message, size);
			actor__envelope_free(actor__thread(), envelope);
		}
	}
	/* Nobody has that much; the message is not even looked at. */
	type.message_size = SIZE_MAX / 4;
	assert_null(actor__envelope_create(actor__thread(), &handler, message, NULL));
}

/* Where there is a bound, the same word counts: it must not get in the way. */
#define BOTH_TESTS(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, open_unbounded, close_down),                         \
		cmocka_unit_test_setup_teardown(test, open_for_most, close_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_TESTS(busy_consumers_are_not_called),
		BOTH_TESTS(the_first_push_calls_an_idle_consumer),
		BOTH_TESTS(a_nudge_calls_an_idle_consumer_once),
		BOTH_TESTS(a_nudge_keeps_a_busy_consumer_from_idling_once),
		BOTH_TESTS(a_nudge_keeps_an_empty_channel_open_once),
		BOTH_TESTS(a_push_takes_the_place_of_a_nudge),
		BOTH_TESTS(a_nudge_is_kept_behind_the_stash),
		BOTH_TESTS(its_length_is_what_is_queued),
		BOTH_TESTS(one_by_one_its_length_stays_right),
		BOTH_TESTS(closed_is_for_good),
		BOTH_TESTS(idle_and_nudged_channels_can_be_closed),
		BOTH_TESTS(first_in_first_out_over_stash_and_head),
		BOTH_TESTS(what_is_queued_outlives_the_closing_in_order),
		BOTH_TESTS(discarded_messages_are_answered_dropped_and_counted),
		BOTH_TESTS(messages_lie_where_they_may),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
