/* SPDX-License-Identifier: MIT */

/* Tickers, on a local executor whose clock stands still: GO-41 to GO-46 of the behaviour. */

#include "hand.h"
#include "still-clock.h"
#include "target.h"
#include "test.h"

enum { MS = 1000000, MOST_TICKS = 32 };

static struct actor_executor *local;

/* An actor with a ticker that is there from its start to the end of its state. */
#define WATCH_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, errand)                                                                            \
	CALL(X, actor_tick)
ACTOR_DECLARE(watch, WATCH_MESSAGES);

struct watch {
	struct actor_ticker *ticker;
	int created; /* what that returned */
	struct {
		int64_t ms; /* since the beginning */
		const struct actor_ticker *ticker;
	} ticks[MOST_TICKS];
	unsigned n_ticks;
	bool answers_first; /* then sleeps for as long */
	int64_t busy_ns;
	unsigned n_destroyed;
};

static void watch_started(struct watch *self, struct actor_context *context)
{
	self->ticker = NULL;
	self->created = actor_ticker_create(context, &self->ticker);
}

static void watch_destroy(struct watch *self)
{
	actor_ticker_destroy(self->ticker);
	self->ticker = NULL;
	self->n_destroyed++;
}

static int watch_on_errand(struct watch *self, struct errand *message,
			   struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void watch_on_actor_tick(struct watch *self, struct actor_tick *message,
				struct actor_tick_pending pending, struct actor_context *context)
{
	struct actor_tick_reply reply = actor_tick_reply_take(pending);

	if (self->n_ticks < MOST_TICKS) {
		self->ticks[self->n_ticks].ms = (message->time_ns - STILL_BEGIN_NS) / MS;
		self->ticks[self->n_ticks++].ticker = message->ticker;
	}
	if (self->answers_first)
		actor_tick_reply_answer(&reply, ACTOR_UNIT);
	if (self->busy_ns > 0)
		actor_ignore(actor_sleep_until(context, actor_now(context) + self->busy_ns));
	actor_tick_reply_answer(&reply, ACTOR_UNIT);
}
ACTOR_DEFINE(watch, WATCH_MESSAGES, watch_started, NULL, watch_destroy);

static struct watch watch;
static union watch_address address;

static int set_up(void **state)
{
	(void)state;
	watch = (struct watch){ .created = 1 };
	still_clock_stop();
	if (actor_local_create(&local) != 0 ||
	    ACTOR_SPAWN(watch, actor_executor_spawner(local), &watch, NULL, &address) != 0)
		return -1;
	actor_local_run(local);
	return watch.created;
}

static void let_go(void)
{
	actor_address_unref(address.address);
	address.address = NULL;
	actor_local_run(local);
}

static int tear_down(void **state)
{
	int rc;

	let_go();
	rc = actor_executor_destroy(local);
	still_clock_go();
	return rc != 0 || watch.n_destroyed == 0 ? -1 : test_nothing_held(state);
}

static void pass_until(int64_t ms)
{
	still_clock_set(STILL_BEGIN_NS + ms * MS);
	assert_int_equal(actor_local_run(local), 0);
}

/* One after the other, so that all that comes due meanwhile comes when it is due. */
static void pass_through(int64_t from_ms, int64_t to_ms)
{
	for (int64_t ms = from_ms; ms <= to_ms; ms++)
		pass_until(ms);
}

static void assert_ticks(unsigned n, const int64_t *ms)
{
	assert_int_equal(watch.n_ticks, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(watch.ticks[i].ms, ms[i]);
		assert_ptr_equal(watch.ticks[i].ticker, watch.ticker);
	}
}

#define ASSERT_TICKS(...)                                                                          \
	assert_ticks(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t),                         \
		     (int64_t[]){ __VA_ARGS__ })

/* GO-41 */
static void a_ticker_does_nothing_until_it_is_reset(void **state)
{
	(void)state;
	pass_until(100);
	assert_int_equal(watch.n_ticks, 0);
}

/* GO-41: the message tells when it was due, however late it is. */
static void ticks_come_at_the_end_of_each_period(void **state)
{
	(void)state;
	assert_int_equal(actor_ticker_reset(watch.ticker, 10 * MS), 0);
	pass_through(1, 9);
	assert_int_equal(watch.n_ticks, 0);
	pass_until(10);
	pass_until(23); /* late */
	pass_through(24, 30);
	pass_until(40);
	ASSERT_TICKS(10, 20, 30, 40);
	assert_int_equal(actor_ticker_n_missed(watch.ticker), 0);
}

/* GO-42: 10, then 30, 50. */
static void a_reset_begins_a_new_period_from_now(void **state)
{
	(void)state;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 10);
	actor_ticker_reset(watch.ticker, 20 * MS);
	pass_through(11, 55);
	actor_ticker_reset(watch.ticker, 3 * MS); /* not from the last tick */
	pass_through(56, 61);
	ASSERT_TICKS(10, 30, 50, 58, 61);
}

/* GO-43 */
static void a_stopped_ticker_begins_again_when_it_is_reset(void **state)
{
	(void)state;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 15);
	actor_ticker_stop(watch.ticker);
	actor_ticker_stop(watch.ticker);
	pass_through(16, 42);
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(43, 65);
	ASSERT_TICKS(10, 52, 62);
}

/* GO-44: busy from 10 to 45. */
static void ticks_that_an_actor_is_too_busy_for_are_missed(void **state)
{
	(void)state;
	watch.busy_ns = 35 * MS;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 44);
	watch.busy_ns = 0;
	pass_through(45, 60);
	ASSERT_TICKS(10, 50, 60);
	assert_int_equal(actor_ticker_n_missed(watch.ticker), 3);
}

/* GO-44: of an actor that says so, one is queued meanwhile: the first of those it was busy for. */
static void an_actor_that_answers_first_gets_one_of_them(void **state)
{
	(void)state;
	watch.answers_first = true;
	watch.busy_ns = 35 * MS;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 44);
	watch.busy_ns = 0;
	pass_through(45, 60);
	ASSERT_TICKS(10, 20, 50, 60);
	assert_int_equal(actor_ticker_n_missed(watch.ticker), 2);
}

/* GO-44: a tick that is queued is handled, whatever becomes of the ticker. */
static void a_queued_tick_survives_a_stop(void **state)
{
	(void)state;
	watch.busy_ns = 15 * MS;
	watch.answers_first = true;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 20); /* 10 is in hand, 20 is queued */
	actor_ticker_stop(watch.ticker);
	pass_through(21, 90);
	ASSERT_TICKS(10, 20);
}

static int reset_in_handler(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return actor_ticker_reset(watch.ticker, 10 * MS);
}

static void an_actor_resets_its_ticker_itself(void **state)
{
	int answer = 1;

	(void)state;
	assert_int_equal(ACTOR_CALL(actor_thread_context(), address, errand, &answer,
				    &(struct errand){ reset_in_handler, NULL }),
			 0);
	assert_int_equal(answer, 0);
	pass_through(1, 20);
	ASSERT_TICKS(10, 20);
}

/* GO-45: nothing is left to tick, and a ticker does not keep its actor. */
static void ticks_end_with_the_actor(void **state)
{
	struct actor_counts counts;

	(void)state;
	actor_ticker_reset(watch.ticker, 10 * MS);
	pass_through(1, 10);
	let_go();
	assert_int_equal(watch.n_destroyed, 1);
	pass_through(11, 50);
	assert_int_equal(watch.n_ticks, 1);
	actor_counts_get(&counts);
	assert_int_equal(counts.mailboxes, 0);
}

/* GO-45, of one whose state is still there. */
static void ticks_end_with_the_run(void **state)
{
	struct watch_mailbox mailbox = { NULL };
	struct watch other = { .created = 1 };
	struct actor_end end;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(watch, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	assert_int_equal(ACTOR_MAILBOX_START(watch, mailbox, &other, NULL, NULL), 0);
	actor_local_run(local);
	actor_ticker_reset(other.ticker, 10 * MS);
	actor_mailbox_stop(mailbox.mailbox, ACTOR_STOP_NOW);
	pass_through(1, 10);
	assert_int_equal(other.n_ticks, 0);
	assert_int_equal(actor_ticker_reset(other.ticker, MS), ACTOR_E_CLOSED);
	assert_int_equal(actor_mailbox_end(mailbox.mailbox, &end), 0);
	actor_end_drop(&end);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(other.n_destroyed, 1);
}

static int fail_now(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as the test wants it");
	return 0;
}

/* The state goes, and with it the ticker; the next one has its own. */
static void a_failure_ends_the_ticker(void **state)
{
	struct watch_mailbox mailbox = { NULL };
	struct watch first = { .created = 1 }, second = { .created = 1 };
	union watch_address one;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(watch, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	one = ACTOR_MAILBOX_ADDRESS(watch, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(watch, mailbox, &first, NULL, NULL), 0);
	actor_local_run(local);
	actor_ticker_reset(first.ticker, 10 * MS);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	assert_int_equal(ACTOR_CALL(actor_thread_context(), one, errand, NULL,
				    &(struct errand){ fail_now, NULL }),
			 ACTOR_E_STOPPED);
	assert_int_equal(first.n_destroyed, 1);
	assert_int_equal(ACTOR_MAILBOX_START(watch, mailbox, &second, NULL, NULL), 0);
	pass_through(1, 30);
	assert_int_equal(first.n_ticks + second.n_ticks, 0);
	actor_ticker_reset(second.ticker, 10 * MS);
	pass_through(31, 40);
	assert_int_equal(second.n_ticks, 1);
	actor_address_unref(one.address);
	actor_mailbox_destroy(mailbox.mailbox);
	actor_local_run(local);
	assert_int_equal(second.n_destroyed, 1);
}

/* GO-46, but as an error; and nothing has changed. */
static void a_period_that_is_not_positive_is_refused(void **state)
{
	(void)state;
	actor_ticker_reset(watch.ticker, 10 * MS);
	assert_int_equal(actor_ticker_reset(watch.ticker, 0), ACTOR_E_INVALID);
	assert_int_equal(actor_ticker_reset(watch.ticker, -1), ACTOR_E_INVALID);
	assert_int_equal(actor_ticker_reset(watch.ticker, INT64_MIN), ACTOR_E_INVALID);
	pass_through(1, 20);
	ASSERT_TICKS(10, 20);
}

static int make_second(struct actor_context *context, void *user)
{
	return actor_ticker_create(context, user);
}

static void an_actor_tells_its_tickers_apart(void **state)
{
	struct actor_ticker *second = NULL;
	int answer = 1;

	(void)state;
	assert_int_equal(ACTOR_CALL(actor_thread_context(), address, errand, &answer,
				    &(struct errand){ make_second, &second }),
			 0);
	assert_int_equal(answer, 0);
	actor_ticker_reset(watch.ticker, 10 * MS);
	actor_ticker_reset(second, 15 * MS);
	pass_through(1, 29);
	assert_int_equal(watch.n_ticks, 3);
	assert_ptr_equal(watch.ticks[0].ticker, watch.ticker);
	assert_ptr_equal(watch.ticks[1].ticker, second);
	assert_ptr_equal(watch.ticks[2].ticker, watch.ticker);
	actor_ticker_destroy(second);
	actor_ticker_destroy(NULL);
}

/* ---- where there can be none ---- */

static int create_in_hand(struct actor_context *context, void *user)
{
	return actor_ticker_create(context, user);
}

/* A context of another implementation. */
static struct target foreign_self;

static struct actor_address *foreign_self_get(struct actor_context *context)
{
	(void)context;
	return &foreign_self.base;
}

static struct actor_spawner *foreign_spawner(struct actor_context *context)
{
	static const struct actor_spawner_ops ops = { .size = sizeof ops };
	static struct actor_spawner spawner = { &ops };

	(void)context;
	return &spawner;
}

static void not_everybody_can_have_a_ticker(void **state)
{
	static const struct actor_context_ops foreign_ops = {
		.size = sizeof foreign_ops,
		.self = foreign_self_get,
		.spawner = foreign_spawner,
	};
	struct actor_context foreign = { &foreign_ops, NULL };
	union hand_address hand = hand_spawn(local, NULL, 0);
	struct actor_ticker *ticker = NULL;

	(void)state;
	assert_int_equal(actor_ticker_create(actor_thread_context(), &ticker), ACTOR_E_INVALID);
	assert_int_equal(hand_call(actor_thread_context(), hand, create_in_hand, &ticker),
			 ACTOR_E_UNHANDLED);
	target_init(&foreign_self);
	assert_null(actor_executor_of(&foreign));
	assert_int_equal(actor_ticker_create(&foreign, &ticker), ACTOR_E_UNSUPPORTED);
	assert_null(ticker);
	assert_ptr_equal(actor_executor_of(actor_thread_context()), local);
	actor_address_unref(hand.address);
}

#define TICKER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TICKER_TEST(a_ticker_does_nothing_until_it_is_reset),
		TICKER_TEST(ticks_come_at_the_end_of_each_period),
		TICKER_TEST(a_reset_begins_a_new_period_from_now),
		TICKER_TEST(a_stopped_ticker_begins_again_when_it_is_reset),
		TICKER_TEST(ticks_that_an_actor_is_too_busy_for_are_missed),
		TICKER_TEST(an_actor_that_answers_first_gets_one_of_them),
		TICKER_TEST(a_queued_tick_survives_a_stop),
		TICKER_TEST(an_actor_resets_its_ticker_itself),
		TICKER_TEST(ticks_end_with_the_actor),
		TICKER_TEST(ticks_end_with_the_run),
		TICKER_TEST(a_failure_ends_the_ticker),
		TICKER_TEST(a_period_that_is_not_positive_is_refused),
		TICKER_TEST(an_actor_tells_its_tickers_apart),
		TICKER_TEST(not_everybody_can_have_a_ticker),
	};

	return cmocka_run_group_tests_name("ticker", tests, NULL, NULL);
}
