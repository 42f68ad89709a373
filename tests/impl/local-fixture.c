/* SPDX-License-Identifier: MIT */

#include "local-fixture.h"

struct actor_executor *local;
unsigned n_handled;

int local_open(void **state)
{
	(void)state;
	n_handled = 0;
	return actor_local_create(&local);
}

int local_end(void)
{
	int rc = actor_executor_join(local, test_deadline());

	return rc < 0 ? rc : actor_executor_destroy(local);
}

int local_close(void **state)
{
	return local_end() < 0 ? -1 : test_nothing_held(state);
}

void say(union hand_address hand, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, hand, function, user), 0);
}

void say_and_let_go(union hand_address hand, hand_fn *function, void *user)
{
	say(hand, function, user);
	actor_address_unref(hand.address);
}

int note_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	n_handled++;
	return 0;
}

int sleep_until(struct actor_context *context, void *user)
{
	int rc = actor_sleep_until(context, *(int64_t *)user);

	n_handled++;
	return rc;
}

int be_restless(struct actor_context *context, void *user)
{
	struct restless *restless = user;

	n_handled++;
	return restless->over ? 0 : hand_send(context, restless->self, be_restless, restless);
}

void *call_and_let_go(void *user)
{
	struct foreigner *foreigner = user;

	for (unsigned i = 0; i < foreigner->n_each; i++)
		foreigner->n_failed += hand_call(actor_thread_context(), foreigner->hand,
						 note_handled, NULL) != 0;
	actor_address_unref(foreigner->hand.address);
	return NULL;
}

void *set_timer(void *address)
{
	struct job job = { note_handled, NULL };
	int64_t soon_ns = actor_time_after(actor_executor_now(local), 5000000);

	return actor_timer_once(local, address, &job_type, &job, soon_ns, NULL) == 0 ? local : NULL;
}
