/* SPDX-License-Identifier: MIT */

#include "intake-fixture.h"

#include <string.h>

struct actor_executor *executor;
struct hand self;
struct tally started, stopped, destroyed, handled;
struct hand_mailbox mailbox;
union hand_address hand;
char said[64];
static size_t n_said;

struct actor_context *here(void)
{
	return actor_thread_context();
}

int say(struct actor_context *context, void *user)
{
	(void)context;
	said[n_said++] = *(const char *)user;
	return 0;
}

const char *all_said(void)
{
	assert_int_equal(actor_local_run(executor), 0);
	return said;
}

int set_up(void **state)
{
	(void)state;
	started = stopped = destroyed = handled = (struct tally)TALLY_INIT;
	self = (struct hand){ .started = &started, .stopped = &stopped, .destroyed = &destroyed };
	memset(said, 0, sizeof said);
	n_said = 0;
	hand.address = NULL;
	mailbox.mailbox = NULL;
	return 0;
}

int open_local(void **state)
{
	return set_up(state) ? -1 : actor_local_create(&executor);
}

int open_pool(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	return set_up(state) ? -1 : actor_pool_create(&options, &executor);
}

int close_executor(void **state)
{
	if (actor_executor_join(executor, test_deadline()) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	return test_nothing_held(state);
}

struct actor_channel *queue(size_t capacity)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = capacity };
	struct actor_channel *made = NULL;

	assert_int_equal(actor_queue_create(&options, &made), 0);
	return made;
}

struct actor_channel *throttle(struct actor_channel *inner, int64_t interval_ns)
{
	struct actor_channel *made = NULL;

	assert_int_equal(actor_throttle_create(inner, 1, interval_ns, &made), 0);
	actor_channel_unref(inner);
	return made;
}

void make_on(struct actor_channel *channel)
{
	assert_int_equal(ACTOR_CHANNEL_MAILBOX(hand, actor_executor_spawner(executor),
					       ACTOR_OPTIONS(.name = "ann"), channel, &mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
}

void start(actor_end_fn *on_end)
{
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, &self, on_end, NULL), 0);
}

void start_on(struct actor_channel *channel)
{
	make_on(channel);
	start(NULL);
}

void tell_to(union hand_address to, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, to, function, user), 0);
}

void tell(const char *letters)
{
	for (; *letters; letters++)
		tell_to(hand, say, (void *)(uintptr_t)letters);
}

void assert_runs(void)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_end(mailbox.mailbox, &end), ACTOR_E_BUSY);
}

void assert_ended(enum actor_ended how)
{
	struct actor_end end = { 0 };

	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, how);
	assert_int_equal(tally_count(&stopped), how == ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&destroyed), how != ACTOR_ENDED_STOPPED);
}

void let_go(void)
{
	actor_address_unref(hand.address);
	actor_mailbox_destroy(mailbox.mailbox);
}

void begin_call(struct actor_future *future, union hand_address to, hand_fn *function, void *user)
{
	struct errand errand = { function, user };

	assert_int_equal(ACTOR_CALL_BEGIN(here(), future, to, errand, NULL, &errand), 0);
}

void late_wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct late, waiter)->n_woken++;
}

int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}
