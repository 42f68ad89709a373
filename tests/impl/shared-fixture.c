/* SPDX-License-Identifier: MIT */

#include "shared-fixture.h"

struct actor_executor *executor;
struct actor_channel *queue;
struct actor_shared *shared;
union hand_address hands;
struct actor_mailbox *workers[N_WORKERS];
char said[64];
size_t n_said;

int share_queue(void)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = 8 };

	handled = (struct tally)TALLY_INIT;
	memset(said, 0, sizeof said);
	memset(workers, 0, sizeof workers);
	n_said = 0;
	if (actor_queue_create(&options, &queue) != 0 ||
	    actor_shared_create(&hand_behavior, "crew", queue, &shared) != 0)
		return -1;
	hands.address = actor_shared_address(shared);
	return 0;
}

int open_local(void **state)
{
	(void)state;
	return actor_local_create(&executor) != 0 ? -1 : share_queue();
}

int close_executor(void **state)
{
	for (size_t i = 0; i < N_WORKERS; i++)
		actor_mailbox_destroy(workers[i]);
	actor_address_unref(hands.address);
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	if (actor_executor_join(executor, test_deadline()) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	return test_nothing_held(state);
}

void let_go(void)
{
	actor_address_unref(hands.address);
	hands.address = NULL;
}

void share_another(struct actor_channel *channel)
{
	let_go();
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	queue = channel;
	assert_int_equal(actor_shared_create(&hand_behavior, NULL, queue, &shared), 0);
	hands.address = actor_shared_address(shared);
}

void hire(size_t i)
{
	assert_int_equal(actor_shared_mailbox(shared, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 2), &workers[i]),
			 0);
}

void start(size_t i)
{
	assert_int_equal(actor_mailbox_start(workers[i], NULL, NULL, NULL), 0);
}

void start_all(void)
{
	for (size_t i = 0; i < N_WORKERS; i++) {
		hire(i);
		start(i);
	}
}

void run(void)
{
	assert_int_equal(actor_local_run(executor), 0);
}

void fire(size_t i)
{
	actor_mailbox_destroy(workers[i]);
	workers[i] = NULL;
}

void order(union hand_address hand, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, hand, function, user), 0);
}

int say(struct actor_context *context, void *user)
{
	for (size_t i = 0; i < N_WORKERS; i++) {
		struct actor_identity me = actor_address_identity(actor_self(context));

		if (workers[i] && actor_identity_same(actor_mailbox_info(workers[i]).identity, me))
			said[n_said++] = (char)('0' + i);
	}
	said[n_said++] = *(const char *)user;
	return 0;
}

int sleep_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, ACTOR_FOREVER);
}

void begin_call(struct actor_future *future, void *user)
{
	struct errand errand = { say, user };

	assert_int_equal(ACTOR_CALL_BEGIN(here(), future, hands, errand, NULL, &errand), 0);
}

void assert_refused(struct actor_future *future)
{
	assert_int_equal(actor_future_await(future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
}

void assert_runs(size_t i)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_end(workers[i], &end), ACTOR_E_BUSY);
}

void assert_ended(size_t i, enum actor_ended how)
{
	struct actor_end end = { 0 };

	assert_int_equal(actor_mailbox_join(here(), workers[i], test_deadline(), &end), 0);
	assert_int_equal(end.how, how);
}

void assert_all_ended(enum actor_ended how)
{
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, how);
}
