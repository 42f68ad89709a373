/* SPDX-License-Identifier: MIT */

#include "channel-fixture.h"

atomic_uint n_dropped;

static void letter_drop(void *message)
{
	(void)message;
	atomic_fetch_add(&n_dropped, 1);
}

static const struct actor_message_type letter_type = {
	.size = sizeof letter_type,
	.name = "test.letter",
	.message_size = sizeof(struct letter),
	.message_align = _Alignof(struct letter),
	.drop = letter_drop,
};
const struct actor_handler letter_handler = { .type = &letter_type };

struct actor__envelope *letter_create(unsigned sender, unsigned number)
{
	struct letter letter = { sender, number };

	return actor__envelope_create(actor__thread(), &letter_handler, &letter, NULL);
}

struct letter *letter_in(struct actor__envelope *envelope)
{
	return actor__envelope_message(envelope);
}

struct actor__channel channel;

static int push_letter(unsigned number, bool reserved)
{
	struct actor__envelope *envelope = letter_create(0, number);
	int rc = actor__channel_push(&channel, envelope, reserved);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

int push(unsigned number)
{
	return push_letter(number, false);
}

int push_reserved(unsigned number)
{
	return push_letter(number, true);
}

unsigned pop(void)
{
	struct actor__envelope *envelope = actor__channel_pop(&channel);
	unsigned number = 0;

	if (envelope) {
		number = letter_in(envelope)->number;
		actor__envelope_free(actor__thread(), envelope);
	}
	return number;
}

int close_down(void **state)
{
	actor__channel_close(&channel);
	actor__envelopes_discard(actor__channel_take_all(&channel), NULL);
	if (atomic_load(&channel.head) != ACTOR__CLOSED) {
		print_error("room was lost, or somebody left in line: %llx\n",
			    (unsigned long long)atomic_load(&channel.head));
		return -1;
	}
	if (channel.stash || channel.first) {
		print_error("something is left in the channel\n");
		return -1;
	}
	return test_nothing_held(state);
}

static int open_for(size_t capacity)
{
	memset(&channel, 0, sizeof channel);
	actor__channel_init(&channel, capacity);
	atomic_store(&n_dropped, 0);
	return 0;
}

int open_unbounded(void **state)
{
	(void)state;
	return open_for(ACTOR_UNBOUNDED);
}

int open_for_most(void **state)
{
	(void)state;
	return open_for(ACTOR__CHANNEL_MOST);
}

int open_for_two(void **state)
{
	(void)state;
	return open_for(2);
}
