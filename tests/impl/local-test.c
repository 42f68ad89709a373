/* SPDX-License-Identifier: MIT */

/* The local executor: everything on the thread that made it, and only while that thread lets it. */

#include "local-fixture.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static int64_t in_ms(int64_t ms)
{
	return actor_deadline_after(here(), ms * 1000000);
}

static bool always(void *user)
{
	(void)user;
	return true;
}

static bool never(void *user)
{
	(void)user;
	return false;
}

static bool has_handled(void *user)
{
	return n_handled >= *(unsigned *)user;
}

/* ---- steps and runs ---- */

static void a_step_runs_one_actor(void **state)
{
	(void)state;
	assert_int_equal(actor_local_step(local), 0);
	say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
	say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
	assert_int_equal(n_handled, 0);
	assert_int_equal(actor_local_step(local), 1);
	assert_int_equal(n_handled, 1);
	assert_int_equal(actor_local_step(local), 1);
	assert_int_equal(n_handled, 2);
	assert_int_equal(actor_local_step(local), 0);
}

static void a_step_is_bounded(void **state)
{
	const unsigned n_messages = 100000; /* of which many are quickly done in a turn */
	union hand_address hand = hand_spawn(local, NULL, ACTOR_UNBOUNDED);
	unsigned n_steps = 0;

	(void)state;
	for (unsigned i = 0; i < n_messages; i++)
		say(hand, note_handled, NULL);
	actor_address_unref(hand.address);
	while (actor_local_step(local) == 1)
		n_steps++;
	assert_int_equal(n_handled, n_messages);
	assert_in_range(n_steps, 10, n_messages / 64 + 1);
}

struct relay {
	union hand_address next;
	unsigned n_left;
};

static int pass_on(struct actor_context *context, void *user)
{
	struct relay *relay = user;

	n_handled++;
	return relay->n_left-- > 0 ? hand_send(context, relay->next, pass_on, relay) : 0;
}

static void a_run_goes_on_until_nothing_is_ready(void **state)
{
	struct relay relay = { hand_spawn(local, NULL, 0), 500 };

	(void)state;
	say(relay.next, pass_on, &relay);
	assert_int_equal(n_handled, 0);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 501);
	actor_address_unref(relay.next.address);
}

static void a_run_does_not_wait_for_those_who_wait(void **state)
{
	int64_t deadline_ns = in_ms(20);
	unsigned one = 1;

	(void)state;
	say_and_let_go(hand_spawn(local, NULL, 0), sleep_until, &deadline_ns);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 0);
	/* With nothing else to do, it sleeps until the timer. */
	assert_int_equal(actor_local_run_until(local, has_handled, &one, test_deadline()), 0);
	assert_true(actor_now(here()) >= deadline_ns);
}

static void a_run_until_ends_as_soon_as_may_be(void **state)
{
	unsigned two = 2;
	struct relay relay = { hand_spawn(local, NULL, 0), 500 };
	union hand_address other = hand_spawn(local, NULL, 0);

	(void)state;
	assert_int_equal(actor_local_run_until(local, always, NULL, ACTOR_AT_ONCE), 0);
	say(relay.next, note_handled, NULL);
	say(other, note_handled, NULL);
	say(other, pass_on, &relay);
	assert_int_equal(actor_local_run_until(local, has_handled, &two, test_deadline()), 0);
	assert_in_range(n_handled, 2, 3 + 64); /* asked between turns */
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 503);
	actor_address_unref(relay.next.address);
	actor_address_unref(other.address);
}

static void a_run_until_may_time_out(void **state)
{
	int64_t deadline_ns = in_ms(10);

	(void)state;
	assert_int_equal(actor_local_run_until(local, never, NULL, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_local_run_until(local, never, NULL, deadline_ns), ACTOR_E_TIMEOUT);
	assert_true(actor_now(here()) >= deadline_ns);
}

/* Somebody is always ready: the deadline passes all the same. */
static void deadlines_pass_while_actors_are_busy(void **state)
{
	struct restless restless = { .self = hand_spawn(local, NULL, 0) };
	struct actor_reply *reply;

	(void)state;
	say(restless.self, be_restless, &restless);
	assert_int_equal(actor_local_run_until(local, never, NULL, in_ms(5)), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_executor_join(local, in_ms(5)), ACTOR_E_TIMEOUT);
	assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &reply), 0);
	assert_int_equal(
		actor_await_replies(here(), &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, in_ms(5)),
		ACTOR_E_TIMEOUT);
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	here()->ops->reply_close(here(), reply, NULL);
	assert_true(n_handled > 0);
	restless.over = true;
	actor_address_unref(restless.self.address);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
}

/* Also when timers have gone off before: no wait is a busy one. */
static void a_thread_without_work_sleeps(void **state)
{
	int64_t used_ns, deadline_ns = in_ms(1);

	(void)state;
	say_and_let_go(hand_spawn(local, NULL, 0), sleep_until, &deadline_ns);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_local_run_until(local, never, NULL, in_ms(1)), ACTOR_E_TIMEOUT);
	used_ns = test_thread_time_ns();
	assert_int_equal(actor_local_run_until(local, never, NULL, in_ms(60)), ACTOR_E_TIMEOUT);
	used_ns = test_thread_time_ns() - used_ns;
	assert_in_range(used_ns, 0, 20000000);
}

/* ---- the plain context of this thread ---- */

static void main_can_call(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	int64_t deadline_ns = in_ms(10);

	(void)state;
	assert_int_equal(hand_call(here(), hand, note_handled, NULL), 0);
	assert_int_equal(n_handled, 1);
	assert_int_equal(hand_call(here(), hand, sleep_until, &deadline_ns), 0);
	assert_true(actor_now(here()) >= deadline_ns);
	actor_address_unref(hand.address);
}

static void main_can_wait_for_room(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 1);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(hand_send(here(), hand, note_handled, NULL), 0);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 100);
	actor_address_unref(hand.address);
}

static void main_sleeps_while_actors_run(void **state)
{
	struct relay relay = { hand_spawn(local, NULL, 0), 100 };

	(void)state;
	say_and_let_go(relay.next, pass_on, &relay);
	assert_int_equal(actor_sleep_until(here(), in_ms(5)), 0);
	assert_int_equal(n_handled, 101);
}

static int compare_contexts(struct actor_context *context, void *user)
{
	(void)user;
	return actor_thread_context() == context && actor_self(context) != NULL &&
	       actor_spawner(context) == actor_executor_spawner(local);
}

static void the_context_is_the_handlers_inside_one(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	struct actor_context *outside = here();

	(void)state;
	assert_int_equal(hand_call(outside, hand, compare_contexts, NULL), 1);
	assert_ptr_equal(here(), outside);
	assert_null(actor_self(outside));
	assert_ptr_equal(actor_spawner(outside), actor_executor_spawner(local));
	actor_address_unref(hand.address);
}

/* ---- other threads ---- */

static void foreigner_call(void *user, unsigned index)
{
	call_and_let_go(&((struct foreigner *)user)[index]);
}

static void *run_foreigners(void *user)
{
	crew_run(3, foreigner_call, user);
	return NULL;
}

/* Each call finds this thread asleep, and wakes it. */
static void foreign_calls_wake_the_thread(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 2);
	const unsigned n_each = test_times(5000);
	struct foreigner foreigners[3];
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		actor_address_ref(hand.address);
		foreigners[i] = (struct foreigner){ hand, n_each, 0 };
	}
	assert_int_equal(pthread_create(&thread, NULL, run_foreigners, foreigners), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(foreigners[i].n_failed, 0);
	assert_int_equal(n_handled, 3 * n_each);
}

static void *send_once(void *user)
{
	struct foreigner *foreigner = user;

	foreigner->n_failed += hand_send(NULL, foreigner->hand, note_handled, NULL) != 0;
	return NULL;
}

static void what_foreign_threads_sent_is_ready(void **state)
{
	struct foreigner foreigner = { .hand = hand_spawn(local, NULL, 0) };
	pthread_t thread;

	(void)state;
	assert_int_equal(actor_local_run(local), 0); /* it has started, and is idle */
	assert_int_equal(pthread_create(&thread, NULL, send_once, &foreigner), 0);
	pthread_join(thread, NULL);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 1);
	assert_int_equal(foreigner.n_failed, 0);
	actor_address_unref(foreigner.hand.address);
}

struct trespass {
	int step, run, run_until, join, destroy;
};

static void trespass(struct trespass *done)
{
	done->step = actor_local_step(local);
	done->run = actor_local_run(local);
	done->run_until = actor_local_run_until(local, always, NULL, ACTOR_AT_ONCE);
	done->join = actor_executor_join(local, ACTOR_AT_ONCE);
	done->destroy = actor_executor_destroy(local);
}

static void *trespass_elsewhere(void *user)
{
	trespass(user);
	return NULL;
}

static int trespass_in_handler(struct actor_context *context, void *user)
{
	(void)context;
	trespass(user);
	n_handled++;
	return 0;
}

static void trespass_in_on_end(void *user, struct actor_end *end)
{
	(void)end;
	trespass(user);
	n_handled++;
}

static void wait_and_trespass_in_on_end(void *user, struct actor_end *end)
{
	int64_t deadline_ns = in_ms(1);

	/* Runs the executor meanwhile, and is still a hook after that. */
	n_handled += actor_sleep_until(here(), deadline_ns) == 0;
	trespass_in_on_end(user, end);
}

static void assert_turned_away(const struct trespass *done)
{
	assert_int_equal(done->step, ACTOR_E_INVALID);
	assert_int_equal(done->run, ACTOR_E_INVALID);
	assert_int_equal(done->run_until, ACTOR_E_INVALID);
	assert_int_equal(done->join, ACTOR_E_INVALID);
	assert_int_equal(done->destroy, ACTOR_E_INVALID);
}

static void only_its_thread_outside_handlers_runs_it(void **state)
{
	struct hand_mailbox mailbox = { NULL };
	struct trespass done;
	pthread_t thread;

	(void)state;
	memset(&done, 0, sizeof done);
	assert_int_equal(pthread_create(&thread, NULL, trespass_elsewhere, &done), 0);
	pthread_join(thread, NULL);
	assert_turned_away(&done);

	memset(&done, 0, sizeof done);
	say_and_let_go(hand_spawn(local, NULL, 0), trespass_in_handler, &done);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 1);
	assert_turned_away(&done);

	memset(&done, 0, sizeof done);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, trespass_in_on_end, &done), 0);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 2);
	assert_turned_away(&done);

	memset(&done, 0, sizeof done);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	assert_int_equal(
		ACTOR_MAILBOX_START(hand, mailbox, NULL, wait_and_trespass_in_on_end, &done), 0);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 4);
	assert_turned_away(&done);
	/* And the thread itself still may. */
	assert_int_equal(actor_local_step(local), 0);
}

/* ---- callbacks that wait ---- */

static int fall(struct actor_context *context, void *user)
{
	(void)user;
	n_handled++;
	ACTOR_FAIL(context, "as it was told");
}

/* Each end is told to a callback that waits for others, among them the next one to end. */
struct downfall {
	struct hand_mailbox mailboxes[5];
	union hand_address hands[5];
	union hand_address sleeper;
	unsigned at, n_wrong;
};

static void fall_on(void *user, struct actor_end *end)
{
	struct downfall *downfall = user;
	int64_t deadline_ns = in_ms(1);
	unsigned next = ++downfall->at;

	downfall->n_wrong += end->how != ACTOR_ENDED_FAILED;
	downfall->n_wrong += hand_call(here(), downfall->sleeper, sleep_until, &deadline_ns) != 0;
	if (next < N_ELEMENTS(downfall->hands))
		downfall->n_wrong += hand_call(here(), downfall->hands[next], fall, NULL) !=
				     ACTOR_E_STOPPED;
	downfall->n_wrong += hand_call(here(), downfall->sleeper, note_handled, NULL) != 0;
	downfall->n_wrong += actor_sleep_until(here(), in_ms(1)) != 0;
}

static void callbacks_that_wait_run_others_meanwhile(void **state)
{
	struct downfall downfall = { .sleeper = hand_spawn(local, NULL, 0) };
	const unsigned n = N_ELEMENTS(downfall.hands);

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local), NULL,
						      &downfall.mailboxes[i]),
				 0);
		downfall.hands[i] = ACTOR_MAILBOX_ADDRESS(hand, downfall.mailboxes[i]);
		assert_int_equal(
			ACTOR_MAILBOX_START(hand, downfall.mailboxes[i], NULL, fall_on, &downfall),
			0);
	}
	assert_int_equal(hand_call(here(), downfall.hands[0], fall, NULL), ACTOR_E_STOPPED);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(downfall.at, n);
	assert_int_equal(downfall.n_wrong, 0);
	assert_int_equal(n_handled, 3 * n);
	for (unsigned i = 0; i < n; i++) {
		actor_address_unref(downfall.hands[i].address);
		actor_mailbox_detach(downfall.mailboxes[i].mailbox);
	}
	actor_address_unref(downfall.sleeper.address);
}

/* ---- one at a time ---- */

static int create_in_handler(struct actor_context *context, void *user)
{
	struct actor_executor *none = NULL;

	(void)context, (void)user;
	n_handled++;
	return actor_local_create(&none);
}

static void *create_elsewhere(void *user)
{
	struct actor_executor *other;

	*(int *)user = actor_local_create(&other);
	if (*(int *)user == 0)
		actor_executor_destroy(other);
	return NULL;
}

static void a_thread_has_one_at_a_time(void **state)
{
	struct actor_executor *second = NULL;
	union hand_address hand = hand_spawn(local, NULL, 0);
	pthread_t thread;
	int rc = -1;

	assert_int_equal(actor_local_create(&second), ACTOR_E_BUSY);
	assert_int_equal(hand_call(here(), hand, create_in_handler, NULL), ACTOR_E_INVALID);
	assert_int_equal(pthread_create(&thread, NULL, create_elsewhere, &rc), 0);
	pthread_join(thread, NULL);
	assert_int_equal(rc, 0);
	actor_address_unref(hand.address);
	/* When it has gone there may be another. */
	assert_int_equal(local_close(state), 0);
	assert_null(actor_spawner(here()));
	assert_int_equal(local_open(state), 0);
}

/* ---- a drop function that posts ---- */

struct parcel {
	union hand_address to; /* borrowed */
};
static void parcel_drop(void *message);
ACTOR_MESSAGE(parcel, int);
ACTOR_MESSAGE_DEFINE(parcel, "test.parcel", parcel_drop, NULL);

#define POSTMAN_MESSAGES(CALL, SEND, X) CALL(X, parcel)
ACTOR_DECLARE(postman, POSTMAN_MESSAGES);

struct postman {
	struct postman_mailbox mailbox;
};

static unsigned n_dropped, n_delivered;
static int delivered, sent;

/* To a mailbox that is full, without waiting. */
static void parcel_drop(void *message)
{
	struct parcel *parcel = message;

	if (!parcel->to.address)
		return;
	n_dropped++;
	sent = ACTOR_SEND_UNTIL(here(), parcel->to, job, ACTOR_AT_ONCE,
				&(struct job){ note_handled, NULL });
}

/* Does not answer, and is cancelled meanwhile. */
static void postman_on_parcel(struct postman *self, struct parcel *message,
			      struct parcel_pending pending, struct actor_context *context)
{
	(void)message, (void)pending, (void)context;
	actor_mailbox_cancel(self->mailbox.mailbox);
}
ACTOR_DEFINE(postman, POSTMAN_MESSAGES, NULL, NULL, NULL);

static int note_delivery(struct actor_reply *reply, int status, void *value)
{
	(void)reply, (void)value;
	n_delivered++;
	delivered = status;
	return 0;
}

/* What has been refused is not in hand any more when the message is dropped. */
static void a_drop_function_may_try_to_post(void **state)
{
	static const struct actor_reply_ops ops = { .size = sizeof ops, .deliver = note_delivery };
	struct actor_reply reply = { &ops };
	union hand_address full = hand_spawn(local, NULL, 1);
	struct parcel parcel = { full };
	struct postman postman;
	union postman_address address = { NULL };

	(void)state;
	n_dropped = n_delivered = 0;
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(ACTOR_SPAWN_MAILBOX(postman, actor_executor_spawner(local), &postman, NULL,
					     &address, &postman.mailbox),
			 0);
	assert_int_equal(actor_address_post(address.address, &parcel_type, &parcel, &reply, NULL),
			 0);
	say(full, note_handled, NULL);
	/* One actor after the other: the postman first. */
	assert_int_equal(actor_local_step(local), 1);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(sent, ACTOR_E_CANCELLED);
	assert_int_equal(n_delivered, 1);
	assert_int_equal(delivered, ACTOR_E_STOPPED);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 1);
	actor_address_unref(address.address);
	actor_address_unref(full.address);
	actor_mailbox_detach(postman.mailbox.mailbox);
}

/* ---- the end ---- */

static void closing_cancels_those_who_wait(void **state)
{
	int64_t deadline_ns = test_deadline();
	struct tally destroyed = TALLY_INIT;
	struct hand self = { .destroyed = &destroyed };
	union hand_address waiting = hand_spawn(local, &self, 0);
	union hand_address idle = hand_spawn(local, &self, 0);

	(void)state;
	say(waiting, sleep_until, &deadline_ns);
	assert_int_equal(actor_local_run(local), 0);
	actor_executor_close(local);
	assert_int_equal(hand_send(NULL, idle, note_handled, NULL), ACTOR_E_CLOSED);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(n_handled, 1);
	assert_int_equal(tally_count(&destroyed), 2);
	actor_address_unref(waiting.address);
	actor_address_unref(idle.address);
}

static void a_busy_executor_is_not_destroyed(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);

	(void)state;
	assert_int_equal(actor_executor_destroy(local), ACTOR_E_BUSY);
	assert_int_equal(actor_executor_join(local, in_ms(5)), ACTOR_E_TIMEOUT);
	say_and_let_go(hand, note_handled, NULL);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(n_handled, 1);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, local_open, local_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(a_step_runs_one_actor),
		LOCAL_TEST(a_step_is_bounded),
		LOCAL_TEST(a_run_goes_on_until_nothing_is_ready),
		LOCAL_TEST(a_run_does_not_wait_for_those_who_wait),
		LOCAL_TEST(a_run_until_ends_as_soon_as_may_be),
		LOCAL_TEST(a_run_until_may_time_out),
		LOCAL_TEST(deadlines_pass_while_actors_are_busy),
		LOCAL_TEST(a_thread_without_work_sleeps),
		LOCAL_TEST(main_can_call),
		LOCAL_TEST(main_can_wait_for_room),
		LOCAL_TEST(main_sleeps_while_actors_run),
		LOCAL_TEST(the_context_is_the_handlers_inside_one),
		LOCAL_TEST(foreign_calls_wake_the_thread),
		LOCAL_TEST(what_foreign_threads_sent_is_ready),
		LOCAL_TEST(only_its_thread_outside_handlers_runs_it),
		LOCAL_TEST(callbacks_that_wait_run_others_meanwhile),
		LOCAL_TEST(a_thread_has_one_at_a_time),
		LOCAL_TEST(a_drop_function_may_try_to_post),
		LOCAL_TEST(closing_cancels_those_who_wait),
		LOCAL_TEST(a_busy_executor_is_not_destroyed),
	};

	return cmocka_run_group_tests_name("local", tests, NULL, NULL);
}
