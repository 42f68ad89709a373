/* SPDX-License-Identifier: MIT */

/*
 * Activations, one interleaving at a time. An actor can be asked for something, or be sent a
 * message, or lose its last address, between any two steps of its activation. The functions that
 * make up these steps are stood in for, or call here themselves: at the step that is chosen, the
 * test does what another thread would do at that moment, and then lets the step happen. All steps,
 * each of the first times it happens, are tried with everything that can come in between, in
 * several lives: one that goes idle, one that lets others go first, one that ends, one that fails;
 * and one that a plain thread runs itself, because it waits for the answer.
 *
 * What must come of it is always the same: what was asked for happens, what was accepted is handled
 * or dropped, the end is told once, and nothing is left.
 */

#include "pool-fixture.h"

#include "actor.h"
#include "fiber.h"
#include "timers.h"

#include <string.h>

/* ---- the steps ---- */

enum step {
	STEP_TAKE_OVER,
	STEP_IDLE,
	STEP_CLOSE_EMPTY,
	STEP_CLOSE,
	STEP_TAKE_ALL,
	STEP_ARM,
	STEP_DISARM,
	STEP_SWITCH,
	STEP_LEFT,
	STEP_END,
	STEP_EXIT,
	N_STEPS
};

/* How often the step chosen is still to be passed, on the thread that has chosen it; what is done
 * then. */
static _Thread_local struct {
	enum step step;
	unsigned n_left;
	void (*meanwhile)(void);
	bool reached;
} chosen;

static void reach(enum step step)
{
	if (!chosen.meanwhile || chosen.reached || step != chosen.step || chosen.n_left-- > 0)
		return;
	chosen.reached = true; /* what is done now may pass other steps */
	chosen.meanwhile();
}

#define STAND_IN(STEP, RESULT, FUNCTION, PARAMETERS, ARGUMENTS)                                    \
	RESULT __real_##FUNCTION PARAMETERS;                                                       \
	RESULT __wrap_##FUNCTION PARAMETERS;                                                       \
	RESULT __wrap_##FUNCTION PARAMETERS                                                        \
	{                                                                                          \
		reach(STEP);                                                                       \
		return __real_##FUNCTION ARGUMENTS;                                                \
	}                                                                                          \
	_Static_assert(STEP < N_STEPS, "")

STAND_IN(STEP_TAKE_OVER, struct actor__envelope *, actor__channel_take_over,
	 (struct actor__channel * channel), (channel));
STAND_IN(STEP_IDLE, bool, actor__channel_idle, (struct actor__channel * channel), (channel));
STAND_IN(STEP_CLOSE_EMPTY, bool, actor__channel_close_empty, (struct actor__channel * channel),
	 (channel));
STAND_IN(STEP_TAKE_ALL, struct actor__envelope *, actor__channel_take_all,
	 (struct actor__channel * channel), (channel));

STAND_IN(STEP_ARM, bool, actor__timer_arm,
	 (struct actor__timers * timers, struct actor__timer *timer, int64_t deadline_ns),
	 (timers, timer, deadline_ns));
STAND_IN(STEP_DISARM, bool, actor__timer_disarm,
	 (struct actor__timers * timers, struct actor__timer *timer), (timers, timer));

#define STAND_IN_VOID(STEP, FUNCTION, PARAMETERS, ARGUMENTS)                                       \
	void __real_##FUNCTION PARAMETERS;                                                         \
	void __wrap_##FUNCTION PARAMETERS;                                                         \
	void __wrap_##FUNCTION PARAMETERS                                                          \
	{                                                                                          \
		reach(STEP);                                                                       \
		__real_##FUNCTION ARGUMENTS;                                                       \
	}                                                                                          \
	_Static_assert(STEP < N_STEPS, "")

STAND_IN_VOID(STEP_CLOSE, actor__channel_close, (struct actor__channel * channel), (channel));
STAND_IN_VOID(STEP_END, actor__mailbox_end, (struct actor__actor * actor, enum actor_ended how),
	      (actor, how));
STAND_IN_VOID(STEP_EXIT, actor__executor_exit,
	      (struct actor_executor * executor, struct actor__actor *actor, bool gone),
	      (executor, actor, gone));

void actor__step_switch(void)
{
	reach(STEP_SWITCH);
}

void actor__step_left(void)
{
	reach(STEP_LEFT);
}

/* ---- the actor ---- */

static struct {
	struct actor_executor *executor;
	struct hand_mailbox mailbox;
	union hand_address strong; /* its address may be NULL */
	union hand_address weak;
	union hand_address neighbour; /* on the same executor; its address may be NULL */
	struct actor_reply *leave;    /* the callee's half, or NULL */
	struct tally destroyed;
	struct hand self;
	unsigned n_accepted, n_handled, n_ends;
	enum actor_ended how;
	struct actor_counts before;
} life;

static int note_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	life.n_handled++;
	return 0;
}

static int nap(struct actor_context *context, void *user)
{
	(void)user;
	life.n_handled++;
	return actor_sleep_until(context, actor_now(context) + 20000);
}

/* Until the test lets it go on, or it is cancelled. */
static int wait_for_leave(struct actor_context *context, void *user)
{
	struct actor_reply *reply;

	(void)user;
	life.n_handled++;
	if (context->ops->reply_open(context, actor_join_type(), &reply) != 0)
		return -1;
	life.leave = reply;
	(void)!actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
				   ACTOR_FOREVER);
	return context->ops->reply_close(context, reply, NULL);
}

/* Says more to its neighbour than one turn has room for. */
static int chatter(struct actor_context *context, void *user)
{
	(void)user;
	life.n_handled++;
	for (unsigned i = 0; i < 150; i++)
		if (hand_send(context, life.neighbour, note_handled, NULL) == 0)
			life.n_accepted++;
	return 0;
}

static int fall(struct actor_context *context, void *user)
{
	(void)user;
	life.n_handled++;
	ACTOR_FAIL(context, "as it was told");
}

static void send(union hand_address to, hand_fn *function)
{
	if (to.address && hand_send(NULL, to, function, NULL) == 0)
		life.n_accepted++;
}

static void note_end(void *user, struct actor_end *end)
{
	(void)user;
	life.n_ends++;
	life.how = end->how;
	if (end->state)
		tally_add(&life.destroyed, 1);
}

static int pool_of_one(struct actor_executor **ret_executor)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 1 };

	return actor_pool_create(&options, ret_executor);
}

static const struct actor_deadlock_options ignored = { .size = sizeof ignored,
						       .mode = ACTOR_DEADLOCKS_IGNORE };

static void live(int (*executor_create)(struct actor_executor **ret_executor))
{
	memset(&life, 0, sizeof life);
	life.destroyed = (struct tally)TALLY_INIT;
	life.self.destroyed = &life.destroyed;
	actor_counts_get(&life.before);
	assert_int_equal(executor_create(&life.executor), 0);
	/* Whose timer is not one of these steps. */
	assert_int_equal(actor_executor_set_deadlocks(life.executor, &ignored), 0);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(life.executor), NULL,
					      &life.mailbox),
			 0);
	life.strong = ACTOR_MAILBOX_ADDRESS(hand, life.mailbox);
	life.weak.address = actor_address_weak(life.strong.address);
	assert_int_equal(ACTOR_MAILBOX_START(hand, life.mailbox, &life.self, note_end, NULL), 0);
}

static void drop_last_address(void)
{
	struct actor_address *address = life.strong.address;

	life.strong.address = NULL;
	actor_address_unref(address);
}

static bool has_ended(void *user)
{
	(void)user;
	return life.n_ends > 0;
}

static int64_t n_suspended(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.suspended;
}

static bool nobody_waits(void *user)
{
	(void)user;
	return n_suspended() == 0;
}

/* Until nobody is ready, and nobody waits for a time. */
static void settle(void)
{
	do {
		assert_int_equal(actor_local_run(life.executor), 0);
		assert_int_equal(
			actor_local_run_until(life.executor, nobody_waits, NULL, test_deadline()),
			0);
	} while (actor_local_step(life.executor) == 1);
}

static void assert_all_accounted_for(void)
{
	struct actor_counts after;

	actor_address_unref(life.neighbour.address);
	assert_int_equal(actor_executor_join(life.executor, test_deadline()), 0);
	assert_int_equal(life.n_ends, 1);
	assert_int_equal(tally_count(&life.destroyed), 1);
	if (life.mailbox.mailbox)
		actor_mailbox_detach(life.mailbox.mailbox);
	actor_address_unref(life.strong.address);
	actor_address_unref(life.weak.address);
	assert_int_equal(actor_executor_destroy(life.executor), 0);
	actor_counts_get(&after);
	assert_int_equal(life.n_accepted,
			 life.n_handled + after.dead_letters - life.before.dead_letters);
	assert_int_equal(test_nothing_held(NULL), 0);
}

/* ---- what comes in between ---- */

static void meanwhile_send(void)
{
	send(life.strong.address ? life.strong : life.weak, note_handled);
}

static void meanwhile_upgrade_and_send(void)
{
	union hand_address again = { actor_address_upgrade(life.weak.address) };

	send(again, note_handled);
	actor_address_unref(again.address);
}

/* From the owner, who can make a strong address when there is none. */
static void meanwhile_address_and_send(void)
{
	union hand_address again = { NULL };

	if (!life.mailbox.mailbox)
		return;
	again = ACTOR_MAILBOX_ADDRESS(hand, life.mailbox);
	send(again, note_handled);
	actor_address_unref(again.address);
}

static void meanwhile_drain(void)
{
	actor_address_stop(life.weak.address, ACTOR_STOP_DRAIN);
}

static void meanwhile_stop(void)
{
	actor_address_stop(life.weak.address, ACTOR_STOP_NOW);
}

static void meanwhile_cancel(void)
{
	actor_mailbox_cancel(life.mailbox.mailbox);
}

static void meanwhile_detach(void)
{
	struct actor_mailbox *mailbox = life.mailbox.mailbox;

	life.mailbox.mailbox = NULL;
	actor_mailbox_detach(mailbox);
}

static void meanwhile_destroy(void)
{
	struct actor_mailbox *mailbox = life.mailbox.mailbox;

	life.mailbox.mailbox = NULL;
	actor_mailbox_destroy(mailbox);
}

static void meanwhile_close(void)
{
	actor_executor_close(life.executor);
}

/* Somebody finds that it is late, whenever that is. */
static void meanwhile_time_passes(void)
{
	actor__timers_fire(&life.executor->timers, INT64_MAX - 1);
}

enum effect {
	NONE,
	ENDS,	/* when the actor has nothing left to do */
	CANCELS /* also while it waits */
};

/* What comes in between, and what it does to an actor by itself. */
static const struct meanwhile {
	void (*function)(void);
	enum effect effect;
} meanwhiles[] = {
	{ meanwhile_send, NONE },
	{ meanwhile_upgrade_and_send, NONE },
	{ meanwhile_address_and_send, NONE },
	{ meanwhile_time_passes, NONE },
	{ meanwhile_detach, NONE },
	{ meanwhile_drain, ENDS },
	{ meanwhile_stop, ENDS },
	{ drop_last_address, ENDS },
	{ meanwhile_cancel, CANCELS },
	{ meanwhile_destroy, CANCELS },
	{ meanwhile_close, CANCELS },
};

enum { MOST_TIMES = 6 };

/* Every step, each of the first times, and everything in between: @run is told what that
 * does to the actor. Each step must have been reached at least once, if it is one of
 * @steps. */
static void try_everything_on(int (*executor_create)(struct actor_executor **ret_executor),
			      void (*run)(enum effect effect), unsigned steps)
{
	unsigned reached = 0;

	for (unsigned step = 0; step < N_STEPS; step++) {
		for (unsigned times = 0; times < MOST_TIMES; times++) {
			for (size_t i = 0; i < N_ELEMENTS(meanwhiles); i++) {
				live(executor_create);
				chosen.step = (enum step)step;
				chosen.n_left = times;
				chosen.reached = false;
				chosen.meanwhile = meanwhiles[i].function;
				run(meanwhiles[i].effect);
				chosen.meanwhile = NULL;
				assert_all_accounted_for();
				reached |= (unsigned)chosen.reached << step;
			}
		}
	}
	assert_int_equal(reached & steps, steps);
}

static void try_everything(void (*run)(enum effect effect), unsigned steps)
{
	try_everything_on(actor_local_create, run, steps);
}

#define BIT(step) (1u << (step))

/* ---- lives on this thread ---- */

/* Everything has been done that can be. */
static void assert_idle_or_ended(enum effect effect)
{
	settle();
	if (chosen.reached && effect != NONE) {
		assert_true(has_ended(NULL));
		return;
	}
	/* It is idle, and all that was accepted has been handled. */
	assert_false(has_ended(NULL));
	assert_int_equal(life.n_handled, life.n_accepted);
	chosen.meanwhile = NULL;
	drop_last_address();
	settle();
	assert_true(has_ended(NULL));
	assert_int_equal(life.how, ACTOR_ENDED_STOPPED);
}

/* Handles a message, waits in another, and goes idle. */
static void idle_life(enum effect effect)
{
	send(life.strong, nap);
	send(life.strong, note_handled);
	assert_idle_or_ended(effect);
}

static void whatever_meets_an_actor_that_goes_idle(void **state)
{
	(void)state;
	try_everything(idle_life, BIT(STEP_TAKE_OVER) | BIT(STEP_IDLE) | BIT(STEP_ARM) |
					  BIT(STEP_DISARM) | BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

/* Posts so much that others go first in the middle of it. */
static void chatty_life(enum effect effect)
{
	life.neighbour = hand_spawn(life.executor, NULL, ACTOR_UNBOUNDED);
	send(life.strong, chatter);
	send(life.strong, note_handled);
	assert_idle_or_ended(effect);
}

static void whatever_meets_an_actor_that_lets_others_go_first(void **state)
{
	(void)state;
	try_everything(chatty_life, BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

/* The same into a mailbox that is mostly full, so that it waits for room again and again. */
static void pushy_life(enum effect effect)
{
	life.neighbour = hand_spawn(life.executor, NULL, 60);
	send(life.strong, chatter);
	send(life.strong, note_handled);
	assert_idle_or_ended(effect);
}

static void whatever_meets_an_actor_that_waits_for_room(void **state)
{
	(void)state;
	try_everything(pushy_life, BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

/* Waits, until it is cancelled or the wait is over. */
static void waiting_life(enum effect effect)
{
	send(life.strong, wait_for_leave);
	send(life.strong, note_handled);
	assert_int_equal(actor_local_run(life.executor), 0);
	if (chosen.reached && effect == CANCELS) {
		assert_int_equal(n_suspended(), 0);
		assert_true(has_ended(NULL));
	}
	if (life.leave)
		actor_reply_deliver(life.leave, ACTOR_E_STOPPED, NULL);
	assert_idle_or_ended(effect);
}

static void whatever_meets_an_actor_that_waits(void **state)
{
	(void)state;
	try_everything(waiting_life, BIT(STEP_TAKE_OVER) | BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

/* Has lost its last address with messages queued: it ends, whatever happens. */
static void ending_life(enum effect effect)
{
	(void)effect;
	send(life.strong, nap);
	send(life.strong, note_handled);
	drop_last_address();
	settle();
	assert_true(has_ended(NULL));
}

static void whatever_meets_an_actor_that_ends(void **state)
{
	(void)state;
	try_everything(ending_life, BIT(STEP_TAKE_OVER) | BIT(STEP_CLOSE_EMPTY) | BIT(STEP_CLOSE) |
					    BIT(STEP_TAKE_ALL) | BIT(STEP_SWITCH) | BIT(STEP_LEFT) |
					    BIT(STEP_END) | BIT(STEP_EXIT));
}

/* Fails with a message left, and nobody starts it again. */
static void failing_life(enum effect effect)
{
	(void)effect;
	send(life.strong, fall);
	send(life.strong, note_handled);
	settle();
	assert_true(has_ended(NULL));
	if (!chosen.reached)
		assert_int_equal(life.how, ACTOR_ENDED_FAILED);
}

static void whatever_meets_an_actor_that_fails(void **state)
{
	(void)state;
	try_everything(failing_life, BIT(STEP_TAKE_OVER) | BIT(STEP_SWITCH) | BIT(STEP_LEFT) |
					     BIT(STEP_END) | BIT(STEP_EXIT));
}

/* ---- lives on a pool ---- */

/* Is called while it is idle: this thread runs it, at least to begin with. */
static void called_life(enum effect effect, hand_fn *function)
{
	int rc;

	wait_until_idle(life.strong);
	rc = hand_call(actor_thread_context(), life.weak, function, NULL);
	assert_true(rc == 0 || (rc == ACTOR_E_STOPPED && chosen.reached && effect != NONE));
	life.n_accepted++;
	chosen.meanwhile = NULL;
	if (life.strong.address)
		drop_last_address();
}

static void answering_life(enum effect effect)
{
	called_life(effect, note_handled);
}

static void whatever_meets_an_actor_that_its_caller_runs(void **state)
{
	(void)state;
	try_everything_on(pool_of_one, answering_life,
			  BIT(STEP_TAKE_OVER) | BIT(STEP_IDLE) | BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

static void napping_life(enum effect effect)
{
	called_life(effect, nap);
}

static void whatever_meets_an_actor_that_waits_on_its_callers_thread(void **state)
{
	(void)state;
	try_everything_on(pool_of_one, napping_life,
			  BIT(STEP_TAKE_OVER) | BIT(STEP_ARM) | BIT(STEP_SWITCH) | BIT(STEP_LEFT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_meets_an_actor_that_goes_idle),
		cmocka_unit_test(whatever_meets_an_actor_that_lets_others_go_first),
		cmocka_unit_test(whatever_meets_an_actor_that_waits),
		cmocka_unit_test(whatever_meets_an_actor_that_waits_for_room),
		cmocka_unit_test(whatever_meets_an_actor_that_ends),
		cmocka_unit_test(whatever_meets_an_actor_that_fails),
		cmocka_unit_test(whatever_meets_an_actor_that_its_caller_runs),
		cmocka_unit_test(whatever_meets_an_actor_that_waits_on_its_callers_thread),
	};

	return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}
