/* SPDX-License-Identifier: MIT */

/*
 * Activations and mailboxes where threads meet in them: an actor going idle while its last address
 * goes, cancelled while it suspends, restarted while its first run is put away, ended while its
 * executor waits for just that. Each meeting happens many times over; what must come of it, whoever
 * is first, is always the same.
 *
 * Where one interleaving matters, a function of the program's that the library calls at that moment
 * does what another thread could do.
 */

#include "hand.h"
#include "test.h"

#include "channel.h"

#include <sched.h>
#include <string.h>

enum { N_THREADS = 2 };

static struct actor_executor *pool;
static struct tally started, stopped, destroyed, handled;

static int open_pool(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options,
						    .n_threads = N_THREADS };

	(void)state;
	started = stopped = destroyed = handled = (struct tally)TALLY_INIT;
	return actor_pool_create(&options, &pool);
}

static int close_pool(void **state)
{
	if (actor_executor_join(pool, test_deadline()) != 0 || actor_executor_destroy(pool) != 0)
		return -1;
	return test_nothing_held(state);
}

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}

static void wait_a_little(uint64_t *random)
{
	static atomic_uint nothing;

	for (uint64_t n = test_random(random) % 200; n > 0; n--)
		atomic_load(&nothing);
}

/* ---- going idle ---- */

/* The message is handled and the actor ends, however close the last unref comes to its going
 * idle. */
static void idle_meets_the_last_unref(void **state)
{
	const unsigned n = test_times(20000);
	struct hand self = { .started = &started, .stopped = &stopped };
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		union hand_address hand = hand_spawn(pool, &self, 1);

		assert_int_equal(hand_send(NULL, hand, count_handled, NULL), 0);
		wait_a_little(&random);
		actor_address_unref(hand.address);
	}
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), n);
	assert_int_equal(tally_count(&started), n);
	assert_int_equal(tally_count(&stopped), n);
}

struct crossing {
	union hand_address hand;
	unsigned n_each;
	atomic_uint n_refused;
};

static void send_or_upgrade(void *user, unsigned index)
{
	struct crossing *crossing = user;
	uint64_t random = index + 1;

	for (unsigned i = 0; i < crossing->n_each; i++) {
		union hand_address again = { actor_address_upgrade(crossing->hand.address) };

		wait_a_little(&random);
		if (!again.address || hand_send(here(), again, count_handled, NULL) != 0)
			atomic_fetch_add(&crossing->n_refused, 1);
		actor_address_unref(again.address);
	}
}

/* Addresses come and go on several threads: the count passes many times through its last. */
static void senders_meet_idling(void **state)
{
	struct crossing crossing = { .n_each = test_times(10000) };
	union hand_address strong = hand_spawn(pool, NULL, 2);

	(void)state;
	crossing.hand.address = actor_address_weak(strong.address);
	crew_run(3, send_or_upgrade, &crossing);
	actor_address_unref(strong.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(crossing.n_refused, 0);
	assert_int_equal(tally_count(&handled), 3 * crossing.n_each);
	assert_null(actor_address_upgrade(crossing.hand.address));
	actor_address_unref(crossing.hand.address);
}

/* An accepted message is handled, also when its sender takes the last address with it. */
static void the_last_message_and_the_last_address(void **state)
{
	unsigned n_accepted = 0;

	(void)state;
	for (unsigned i = 0; i < test_times(10000); i++) {
		union hand_address strong = hand_spawn(pool, NULL, 4), weak;

		weak.address = actor_address_weak(strong.address);
		n_accepted += hand_send(NULL, strong, count_handled, NULL) == 0;
		actor_address_unref(strong.address);
		n_accepted += hand_send(NULL, weak, count_handled, NULL) == 0;
		actor_address_unref(weak.address);
	}
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), n_accepted);
}

/* ---- stopped and cancelled while going idle ---- */

struct target {
	struct actor_mailbox *mailbox;
	struct actor_address *address;
};

static void stop_draining(struct target *target)
{
	actor_address_stop(target->address, ACTOR_STOP_DRAIN);
}

static void stop_now(struct target *target)
{
	actor_address_stop(target->address, ACTOR_STOP_NOW);
}

static void cancel(struct target *target)
{
	actor_mailbox_cancel(target->mailbox);
}

static int raise_flag(struct actor_context *context, void *user)
{
	atomic_bool *flag = user;

	(void)context;
	atomic_store(flag, true);
	return 0;
}

static void spin_until(atomic_bool *flag)
{
	for (unsigned i = 0; !atomic_load(flag); i++)
		if (i > 1000)
			sched_yield();
}

/* Its address is held: only what it is asked ends it. It is asked from just before it goes idle
 * until just after. */
static void run_asking(void (*ask)(struct target *target), enum actor_ended how)
{
	struct hand self = { .started = NULL };

	for (unsigned i = 0; i < test_times(8000); i++) {
		struct hand_mailbox mailbox = { NULL };
		union hand_address hand = { NULL };
		atomic_bool flag = false;
		struct actor_end end;

		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), &self,
						     NULL, &hand, &mailbox),
				 0);
		assert_int_equal(hand_send(NULL, hand, raise_flag, &flag), 0);
		spin_until(&flag);
		for (unsigned k = i % 211; k > 0; k--)
			atomic_signal_fence(memory_order_seq_cst);
		ask(&(struct target){ mailbox.mailbox, hand.address });
		assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end),
				 0);
		assert_int_equal(end.how, how);
		actor_mailbox_detach(mailbox.mailbox);
		actor_address_unref(hand.address);
	}
}

static void stop_meets_idling(void **state)
{
	(void)state;
	run_asking(stop_draining, ACTOR_ENDED_STOPPED);
	run_asking(stop_now, ACTOR_ENDED_STOPPED);
}

static void cancel_meets_idling(void **state)
{
	(void)state;
	run_asking(cancel, ACTOR_ENDED_CANCELLED);
}

/* ---- cancelled while suspending ---- */

struct sleep {
	int64_t deadline_ns;
	atomic_bool begun;
	atomic_int status;
};

static int sleep_long(struct actor_context *context, void *user)
{
	struct sleep *sleep = user;

	atomic_store(&sleep->begun, true);
	atomic_store(&sleep->status, actor_sleep_until(context, sleep->deadline_ns));
	return 0;
}

/* From just before it begins to wait until it has been waiting for a while. */
static void cancel_meets_suspend(void **state)
{
	struct hand self = { .stopped = &stopped, .destroyed = &destroyed };
	const unsigned n = test_times(8000);

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct sleep sleep = { .deadline_ns = i % 2 ? ACTOR_FOREVER : test_deadline() };
		struct hand_mailbox mailbox = { NULL };
		union hand_address hand = { NULL };

		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), &self,
						     NULL, &hand, &mailbox),
				 0);
		assert_int_equal(hand_send(NULL, hand, sleep_long, &sleep), 0);
		spin_until(&sleep.begun);
		for (unsigned k = i % 61; k > 0; k--)
			atomic_load(&sleep.begun);
		actor_mailbox_cancel(mailbox.mailbox);
		assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), NULL),
				 0);
		assert_int_equal(sleep.status, ACTOR_E_CANCELLED);
		actor_mailbox_detach(mailbox.mailbox);
		actor_address_unref(hand.address);
	}
	assert_int_equal(tally_count(&destroyed), n);
	assert_int_equal(tally_count(&stopped), 0);
}

/* ---- detached while ending ---- */

static void detach_meets_the_end(void **state)
{
	struct hand self = { .stopped = &stopped, .destroyed = &destroyed };
	const unsigned n = test_times(20000);
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct hand_mailbox mailbox = { NULL };
		union hand_address hand = { NULL };

		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), &self,
						     NULL, &hand, &mailbox),
				 0);
		actor_address_unref(hand.address); /* its end begins */
		wait_a_little(&random);
		if (i % 3 == 0)
			actor_mailbox_destroy(mailbox.mailbox);
		else
			actor_mailbox_detach(mailbox.mailbox);
	}
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	/* Nobody took the state. */
	assert_int_equal(tally_count(&destroyed), n);
	assert_in_range(tally_count(&stopped), n - n / 3 - 1, n);
}

/* ---- restarted at once ---- */

static struct phoenix {
	struct hand self;
	struct hand_mailbox mailbox;
	unsigned n_lives;
	atomic_uint n_ends, n_failed;
	int refused; /* what a start was refused with */
	bool gives_up;
	void (*meanwhile)(struct phoenix *phoenix);
} phoenix;

static int burn(struct actor_context *context, void *user)
{
	tally_add(&handled, 1);
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void rise(void *user, struct actor_end *end)
{
	struct phoenix *this = user;
	unsigned n = atomic_fetch_add(&this->n_ends, 1) + 1;
	int rc;

	if (end->how == ACTOR_ENDED_FAILED)
		atomic_fetch_add(&this->n_failed, 1);
	if (this->meanwhile)
		this->meanwhile(this);
	if (end->how == ACTOR_ENDED_FAILED && n < this->n_lives && end->mailbox) {
		rc = actor_mailbox_start(end->mailbox, &this->self, rise, this);
		if (rc < 0)
			this->refused = rc;
	} else if (this->gives_up && end->mailbox) {
		actor_mailbox_detach(end->mailbox);
	}
}

static int open_phoenix(void **state)
{
	memset(&phoenix, 0, sizeof phoenix);
	if (open_pool(state) != 0)
		return -1;
	phoenix.self.started = &started;
	phoenix.self.destroyed = &destroyed;
	phoenix.n_lives = 1;
	if (ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool),
				 ACTOR_OPTIONS(.capacity = 1000), &phoenix.mailbox) != 0)
		return -1;
	return 0;
}

static void phoenix_start(void)
{
	assert_int_equal(ACTOR_MAILBOX_START(hand, phoenix.mailbox, &phoenix.self, rise, &phoenix),
			 0);
}

static union hand_address phoenix_address(void)
{
	return ACTOR_MAILBOX_ADDRESS(hand, phoenix.mailbox);
}

/* A run may be over before the one before it has been put away. */
static void restarts_outrun_their_ends(void **state)
{
	union hand_address hand = phoenix_address();

	(void)state;
	phoenix.n_lives = test_times(20000);
	phoenix.gives_up = true;
	phoenix_start();
	/* From outside: sends meet starts and failures. */
	for (unsigned i = 0; i < phoenix.n_lives; i++)
		assert_int_equal(hand_send(here(), hand, burn, NULL), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(phoenix.n_ends, phoenix.n_lives);
	assert_int_equal(phoenix.n_failed, phoenix.n_lives);
	assert_int_equal(tally_count(&handled), phoenix.n_lives);
	assert_int_equal(tally_count(&started), phoenix.n_lives);
	assert_int_equal(tally_count(&destroyed), phoenix.n_lives);
	assert_int_equal(phoenix.refused, 0);
}

static void cancel_in_between(struct phoenix *this)
{
	actor_mailbox_cancel(this->mailbox.mailbox);
	this->meanwhile = NULL;
}

static void who_is_cancelled_does_not_rise(void **state)
{
	union hand_address hand = phoenix_address();

	(void)state;
	phoenix.n_lives = 5;
	phoenix.meanwhile = cancel_in_between;
	phoenix_start();
	assert_int_equal(hand_send(here(), hand, burn, NULL), 0);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(phoenix.n_ends, 1);
	assert_int_equal(phoenix.refused, ACTOR_E_CLOSED);
	assert_int_equal(hand_send(here(), hand, burn, NULL), ACTOR_E_CLOSED);
	actor_mailbox_detach(phoenix.mailbox.mailbox);
	actor_address_unref(hand.address);
}

static void detach_in_between(struct phoenix *this)
{
	actor_mailbox_detach(this->mailbox.mailbox);
	this->meanwhile = NULL;
}

/* The one with the end in hand and the owner: whoever comes second finds it closed. */
static void who_is_given_up_does_not_rise(void **state)
{
	union hand_address hand = phoenix_address();

	(void)state;
	phoenix.n_lives = 5;
	phoenix.meanwhile = detach_in_between;
	phoenix_start();
	assert_int_equal(hand_send(here(), hand, burn, NULL), 0);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(phoenix.n_ends, 1);
	assert_int_equal(phoenix.refused, ACTOR_E_CLOSED);
	assert_int_equal(hand_send(here(), hand, burn, NULL), ACTOR_E_CLOSED);
	actor_address_unref(hand.address);
}

/* An owner destroys what restarts itself, at any moment: it ends, and nothing is left. */
static void destroy_meets_restart(void **state)
{
	uint64_t random = 1;

	(void)state;
	actor_mailbox_detach(phoenix.mailbox.mailbox);
	for (unsigned i = 0; i < test_times(5000); i++) {
		static struct phoenix each;
		union hand_address hand = { NULL };

		memset(&each, 0, sizeof each);
		each.n_lives = 1000;
		assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool),
						      ACTOR_OPTIONS(.capacity = 16), &each.mailbox),
				 0);
		hand = ACTOR_MAILBOX_ADDRESS(hand, each.mailbox);
		for (unsigned k = 0; k < 16; k++)
			assert_int_equal(hand_send(NULL, hand, burn, NULL), 0);
		assert_int_equal(ACTOR_MAILBOX_START(hand, each.mailbox, &each.self, rise, &each),
				 0);
		actor_address_unref(hand.address);
		for (uint64_t n = test_random(&random) % 20; n > 0; n--)
			sched_yield();
		actor_mailbox_destroy(each.mailbox.mailbox);
		assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	}
}

/* ---- every call ends ---- */

static int wait_for_tally(struct actor_context *context, void *user)
{
	(void)context;
	return tally_wait(user, 1) ? 0 : -1;
}

static int hold(struct actor_context *context, void *user)
{
	wait_for_tally(context, user);
	tally_add(&handled, 1);
	ACTOR_FAIL(context, "while it was being stopped");
}

static int fail_in_stopped(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "in the hook");
}

/* The last thing an actor does is to fail: what is queued is not for anybody any more. */
static void a_failing_hook_leaves_no_call_unanswered(void **state)
{
	struct tally go_on = TALLY_INIT;
	union hand_address hand = phoenix_address();
	struct actor_future future;
	struct errand errand = { count_handled, NULL };

	(void)state;
	phoenix.self.in_stopped = fail_in_stopped;
	phoenix_start();
	assert_int_equal(hand_send(NULL, hand, wait_for_tally, &go_on), 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, hand, errand, NULL, &errand), 0);
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	tally_add(&go_on, 1);
	assert_int_equal(actor_future_await(&future, test_deadline()), ACTOR_E_STOPPED);
	assert_int_equal(actor_mailbox_join(here(), phoenix.mailbox.mailbox, test_deadline(), NULL),
			 0);
	assert_int_equal(phoenix.n_failed, 1);
	assert_int_equal(ACTOR_MAILBOX_START(hand, phoenix.mailbox, &phoenix.self, rise, &phoenix),
			 ACTOR_E_CLOSED);
	actor_mailbox_detach(phoenix.mailbox.mailbox);
	actor_address_unref(hand.address);
}

/* A mailbox that is being drained when its actor fails is drained by the next run. */
static void a_drain_goes_on_after_a_failure(void **state)
{
	struct tally go_on = TALLY_INIT;
	union hand_address hand = phoenix_address();
	struct errand errand = { count_handled, NULL };
	struct actor_future future;

	(void)state;
	phoenix.n_lives = 2;
	phoenix_start();
	assert_int_equal(hand_send(NULL, hand, hold, &go_on), 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, hand, errand, NULL, &errand), 0);
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	tally_add(&go_on, 1);
	assert_int_equal(actor_future_await(&future, test_deadline()), 0);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(phoenix.n_ends, 2);
	assert_int_equal(phoenix.n_failed, 1);
	assert_int_equal(tally_count(&started), 2);
	actor_mailbox_detach(phoenix.mailbox.mailbox);
	actor_address_unref(hand.address);
}

/* Cancelled while it fails, after the last look at whether it is: here, as its state goes. */
static struct hand_mailbox to_be_cancelled;

struct doomed {
	char unused;
};
#define DOOMED_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, errand)                                                                            \
	SEND(X, job)
ACTOR_DECLARE(doomed, DOOMED_MESSAGES);

static int doomed_on_errand(struct doomed *self, struct errand *message,
			    struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void doomed_on_job(struct doomed *self, struct job *message, struct actor_context *context)
{
	(void)self;
	message->function(context, message->user);
}

static void doomed_destroy(struct doomed *self)
{
	(void)self;
	actor_mailbox_cancel(to_be_cancelled.mailbox);
}

ACTOR_DEFINE(doomed, DOOMED_MESSAGES, NULL, NULL, doomed_destroy);

static void a_cancel_during_a_failure_counts(void **state)
{
	struct tally go_on = TALLY_INIT;
	struct doomed self;
	struct doomed_mailbox mailbox = { NULL };
	union doomed_address doomed = { NULL };
	struct errand errand = { count_handled, NULL };
	struct job job = { hold, &go_on };
	struct actor_future future;
	struct actor_end end;

	(void)state;
	assert_int_equal(ACTOR_SPAWN_MAILBOX(doomed, actor_executor_spawner(pool), &self, NULL,
					     &doomed, &mailbox),
			 0);
	to_be_cancelled.mailbox = mailbox.mailbox;
	assert_int_equal(ACTOR_TRY_SEND(doomed, job, &job), 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, doomed, errand, NULL, &errand), 0);
	tally_add(&go_on, 1);
	assert_int_equal(actor_future_await(&future, test_deadline()), ACTOR_E_STOPPED);
	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_CANCELLED);
	assert_null(end.failure);
	actor_mailbox_detach(mailbox.mailbox);
	actor_address_unref(doomed.address);
}

/* ---- ended while its executor waits for just that ---- */

static void destroy_follows_the_end(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	(void)state;
	for (unsigned i = 0; i < test_times(1000); i++) {
		struct actor_executor *executor;
		union hand_address hand = { NULL };

		assert_int_equal(actor_pool_create(&options, &executor), 0);
		hand = hand_spawn(executor, NULL, 0);
		if (i % 2)
			assert_int_equal(hand_send(NULL, hand, count_handled, NULL), 0);
		actor_address_unref(hand.address);
		assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
		assert_int_equal(actor_executor_destroy(executor), 0);
	}
}

struct last_words {
	union hand_address hand;
	pthread_barrier_t *begin;
	bool stop;
};

static void *say_last_words(void *user)
{
	struct last_words *words = user;

	pthread_barrier_wait(words->begin);
	if (words->stop)
		actor_address_stop(words->hand.address, ACTOR_STOP_NOW);
	else
		hand_send(NULL, words->hand, count_handled, NULL);
	actor_address_unref(words->hand.address);
	return NULL;
}

/* The thread that sends the last message may still be in the send when all is over. */
static void foreign_threads_are_slower_than_the_end(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	(void)state;
	for (unsigned i = 0; i < test_times(1000); i++) {
		struct actor_executor *executor;
		pthread_barrier_t begin;
		struct last_words words = { .begin = &begin, .stop = i % 2 };
		pthread_t thread;

		if (i % 4 < 2)
			assert_int_equal(actor_pool_create(&options, &executor), 0);
		else
			assert_int_equal(actor_local_create(&executor), 0);
		words.hand = hand_spawn(executor, NULL, 0);
		pthread_barrier_init(&begin, NULL, 2);
		assert_int_equal(pthread_create(&thread, NULL, say_last_words, &words), 0);
		pthread_barrier_wait(&begin);
		assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
		assert_int_equal(actor_executor_destroy(executor), 0);
		pthread_join(thread, NULL);
		pthread_barrier_destroy(&begin);
	}
}

/* ---- how large ---- */

static int create_for(size_t capacity, struct hand_mailbox *ret_mailbox)
{
	return ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool),
				    ACTOR_OPTIONS(.capacity = capacity), ret_mailbox);
}

static void what_cannot_be_counted_is_refused(void **state)
{
	const size_t possible[] = { 1, ACTOR__CHANNEL_MOST - 1, ACTOR__CHANNEL_MOST,
				    ACTOR_UNBOUNDED };
	const size_t impossible[] = { ACTOR__CHANNEL_MOST + 1, ACTOR__CHANNEL_MOST + 2,
				      (size_t)UINT32_MAX + 1, ACTOR_UNBOUNDED - 1 };
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(impossible); i++) {
		assert_int_equal(create_for(impossible[i], &mailbox), ACTOR_E_INVALID);
		assert_null(mailbox.mailbox);
	}
	for (size_t i = 0; i < N_ELEMENTS(possible); i++) {
		assert_int_equal(create_for(possible[i], &mailbox), 0);
		actor_mailbox_detach(mailbox.mailbox);
	}
}

/* ---- who joins is told when all is gone ---- */

struct will {
	struct actor_mailbox *mailbox;
};
ACTOR_SIGNAL(will);

/* Its owner gives the mailbox up while the end of its actor is seen to, after the last look at
 * whether there is one: here, as what is queued goes. */
static void will_drop(void *message)
{
	struct will *will = message;

	actor_mailbox_detach(will->mailbox);
	will->mailbox = NULL;
}
ACTOR_SIGNAL_DEFINE(will, "test.will", will_drop);

#define TESTATOR_MESSAGES(CALL, SEND, X)                                                           \
	SEND(X, job)                                                                               \
	SEND(X, will)
ACTOR_DECLARE(testator, TESTATOR_MESSAGES);

struct testator {
	char unused;
};

static void testator_on_job(struct testator *self, struct job *message,
			    struct actor_context *context)
{
	(void)self;
	message->function(context, message->user);
}

static void testator_on_will(struct testator *self, struct will *message,
			     struct actor_context *context)
{
	(void)self, (void)message, (void)context;
}

static void testator_destroy(struct testator *self)
{
	(void)self;
	tally_add(&destroyed, 1);
}
ACTOR_DEFINE(testator, TESTATOR_MESSAGES, NULL, NULL, testator_destroy);

static int n_destroyed_when_told;
static struct tally told;

static int tell(struct actor_reply *reply, int status, void *value)
{
	(void)reply, (void)status, (void)value;
	n_destroyed_when_told = (int)tally_count(&destroyed);
	tally_add(&told, 1);
	return 0;
}

static void who_joins_is_told_when_the_state_is_gone(void **state)
{
	static const struct actor_reply_ops ops = { .size = sizeof ops, .deliver = tell };
	struct actor_reply reply = { &ops };
	struct tally go_on = TALLY_INIT;
	struct testator_mailbox mailbox;
	union testator_address address;
	struct testator testator;
	struct will will;

	(void)state;
	told = (struct tally)TALLY_INIT;
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(testator, actor_executor_spawner(pool), NULL, &mailbox), 0);
	address = ACTOR_MAILBOX_ADDRESS(testator, mailbox);
	will.mailbox = mailbox.mailbox;
	assert_int_equal(ACTOR_TRY_SEND(address, job, &(struct job){ wait_for_tally, &go_on }), 0);
	assert_int_equal(ACTOR_TRY_SEND(address, will, &will), 0);
	assert_int_equal(ACTOR_MAILBOX_START(testator, mailbox, &testator, NULL, NULL), 0);
	assert_int_equal(mailbox.mailbox->ops->join(mailbox.mailbox, &reply), 0);
	assert_int_equal(actor_address_stop(address.address, ACTOR_STOP_NOW), 0);
	actor_address_unref(address.address);
	tally_add(&go_on, 1);
	assert_true(tally_wait(&told, 1));
	assert_int_equal(n_destroyed_when_told, 1);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)
#define PHOENIX_TEST(test) cmocka_unit_test_setup_teardown(test, open_phoenix, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(idle_meets_the_last_unref),
		POOL_TEST(senders_meet_idling),
		POOL_TEST(the_last_message_and_the_last_address),
		POOL_TEST(stop_meets_idling),
		POOL_TEST(cancel_meets_idling),
		POOL_TEST(cancel_meets_suspend),
		POOL_TEST(detach_meets_the_end),
		PHOENIX_TEST(restarts_outrun_their_ends),
		PHOENIX_TEST(who_is_cancelled_does_not_rise),
		PHOENIX_TEST(who_is_given_up_does_not_rise),
		PHOENIX_TEST(destroy_meets_restart),
		PHOENIX_TEST(a_failing_hook_leaves_no_call_unanswered),
		PHOENIX_TEST(a_drain_goes_on_after_a_failure),
		POOL_TEST(a_cancel_during_a_failure_counts),
		POOL_TEST(what_cannot_be_counted_is_refused),
		POOL_TEST(who_joins_is_told_when_the_state_is_gone),
		cmocka_unit_test_teardown(destroy_follows_the_end, test_nothing_held),
		cmocka_unit_test_teardown(foreign_threads_are_slower_than_the_end,
					  test_nothing_held),
	};

	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
