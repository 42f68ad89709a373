/* SPDX-License-Identifier: MIT */

/* Semaphores: who gets a permit, in which order, and that none is ever lost. */

#include "pool-fixture.h"

#include "thread.h"

#include <sched.h>
#include <thread-per-actor.h>

static struct actor_semaphore *semaphore;

/* ---- what comes in between ---- */

static _Thread_local int n_latches; /* until then; 0: never */
static struct actor_permit *in_between;

/* Before the so-manieth latch that this thread takes, a permit is given back. */
void actor__step_latch(void)
{
	if (n_latches > 0 && --n_latches == 0)
		actor_permit_release(in_between);
}

/* ---- who wants permits ---- */

enum { MOST_PATRONS = 64 };

/* An actor that is told to acquire, and later to release. */
static struct patron {
	union hand_address hand;
	struct actor_mailbox *mailbox;
	struct hand state;
	size_t n;
	int64_t deadline_ns;
	int status;
	unsigned turn; /* in which it got it, from 1 */
	struct actor_permit *permit;
	struct tally done;
} patrons[MOST_PATRONS];

static unsigned n_patrons;
static atomic_uint last_turn;

static struct actor_semaphore_counts counts(void)
{
	struct actor_semaphore_counts now;

	actor_semaphore_counts_get(semaphore, &now);
	return now;
}

static void await_waiting(size_t n)
{
	int64_t deadline_ns = test_deadline();

	while (counts().n_waiting != n) {
		assert_true(actor__now() < deadline_ns);
		sched_yield();
	}
}

static int acquire(struct actor_context *context, void *user)
{
	struct patron *this = user;

	this->status = actor_semaphore_acquire_until(context, semaphore, this->n, this->deadline_ns,
						     &this->permit);
	if (this->status == 0) {
		this->turn = atomic_fetch_add(&last_turn, 1) + 1;
		actor_permit_keep(this->permit);
	}
	tally_add(&this->done, 1);
	return 0;
}

static int release(struct actor_context *context, void *user)
{
	struct patron *this = user;

	(void)context;
	actor_permit_release(this->permit);
	this->permit = NULL;
	tally_add(&this->done, 1);
	return 0;
}

static struct patron *patron_on(struct actor_spawner *spawner, size_t n, int64_t deadline_ns)
{
	struct patron *this = &patrons[n_patrons++];
	struct hand_mailbox mailbox = { NULL };

	*this = (struct patron){ .n = n, .deadline_ns = deadline_ns, .done = TALLY_INIT };
	assert_int_equal(
		ACTOR_SPAWN_MAILBOX(hand, spawner, &this->state, NULL, &this->hand, &mailbox), 0);
	this->mailbox = mailbox.mailbox;
	return this;
}

/* One that wants @n, and stands in line for them. */
static struct patron *waiting_patron(size_t n, int64_t deadline_ns)
{
	struct patron *this = patron_on(actor_executor_spawner(pool), n, deadline_ns);
	size_t n_before = counts().n_waiting;

	tell(this->hand, acquire, this);
	await_waiting(n_before + 1);
	return this;
}

static void assert_acquired(struct patron *this, int status)
{
	assert_true(tally_wait(&this->done, 1));
	assert_int_equal(this->status, status);
}

static struct actor_permit *take(size_t n)
{
	struct actor_permit *permit = NULL;

	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, n, &permit), 0);
	return permit;
}

static int set_up(void **state)
{
	pool_open(*(unsigned *)*state);
	n_patrons = 0;
	atomic_store(&last_turn, 0);
	return actor_semaphore_create(3, &semaphore);
}

static int tear_down(void **state)
{
	struct actor_semaphore_counts now;

	for (unsigned i = 0; i < n_patrons; i++) {
		actor_address_unref(patrons[i].hand.address);
		actor_mailbox_detach(patrons[i].mailbox);
	}
	pool_close();
	for (unsigned i = 0; i < n_patrons; i++)
		actor_permit_release(patrons[i].permit);
	now = counts();
	actor_semaphore_unref(semaphore);
	if (now.n_free != now.n_permits || now.n_holders || now.n_waiting) {
		print_error("free: %zu of %zu\n", now.n_free, now.n_permits);
		return -1;
	}
	return test_nothing_held(state);
}

/* ---- one after the other ---- */

static void permits_are_taken_and_given_back(void **state)
{
	struct actor_permit *two, *none = NULL;

	(void)state;
	two = take(2);
	assert_int_equal(counts().n_free, 1);
	assert_int_equal(counts().n_holders, 1);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 2, &none), ACTOR_E_BUSY);
	assert_null(none);
	actor_permit_release(two);
	actor_permit_release(NULL);
	assert_int_equal(counts().n_free, 3);
}

static void what_can_never_be_is_refused(void **state)
{
	struct actor_permit *permit;
	struct actor_semaphore *none;

	(void)state;
	assert_int_equal(actor_semaphore_create(0, &none), ACTOR_E_INVALID);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 0, &permit), ACTOR_E_INVALID);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 4, &permit), ACTOR_E_INVALID);
	assert_int_equal(actor_error(here())->code, ACTOR_E_INVALID);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 4, &permit), ACTOR_E_INVALID);
}

static void a_thread_has_permits_on_its_scope_list(void **state)
{
	struct actor_context *context = here();
	struct actor_permit *permits[2];

	(void)state;
	assert_int_equal(actor_semaphore_acquire(context, semaphore, 1, &permits[0]), 0);
	assert_int_equal(actor_semaphore_try_acquire(context, semaphore, 1, &permits[1]), 0);
	assert_non_null(context->scope);
	actor_permit_release(permits[0]); /* in any order */
	actor_permit_release(permits[1]);
	assert_null(context->scope);
}

/* Also again, and when it has never been on one. */
static void what_is_kept_can_be_kept_and_adopted(void **state)
{
	struct actor_permit *permit = take(1);

	(void)state;
	actor_permit_keep(permit);
	for (unsigned i = 0; i < 2; i++) {
		actor_permit_adopt(here(), permit);
		actor_permit_adopt(here(), permit);
		assert_non_null(here()->scope);
		actor_permit_keep(permit);
		assert_null(here()->scope);
		actor_permit_keep(permit);
	}
	actor_permit_release(permit);
}

/* ---- in line ---- */

static void who_came_first_is_served_first(void **state)
{
	struct actor_permit *all = take(3);
	struct patron *line[20];

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(line); i++)
		line[i] = waiting_patron(3, ACTOR_FOREVER);
	actor_permit_release(all);
	for (unsigned i = 0; i < N_ELEMENTS(line); i++) {
		assert_acquired(line[i], 0);
		assert_int_equal(line[i]->turn, i + 1);
		tell(line[i]->hand, release, line[i]);
	}
	for (unsigned i = 0; i < N_ELEMENTS(line); i++)
		assert_true(tally_wait(&line[i]->done, 2));
}

static void who_wants_many_is_not_overtaken(void **state)
{
	struct actor_permit *one = take(1), *none = NULL;
	struct patron *many = waiting_patron(3, ACTOR_FOREVER), *few;

	(void)state;
	few = waiting_patron(1, ACTOR_FOREVER);
	assert_int_equal(counts().n_free, 2);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &none), ACTOR_E_BUSY);
	actor_permit_release(one);
	assert_acquired(many, 0);
	assert_int_equal(counts().n_waiting, 1);
	assert_int_equal(tally_count(&few->done), 0);
	tell(many->hand, release, many);
	assert_acquired(few, 0);
}

static void one_release_serves_all_for_whom_there_is_room(void **state)
{
	struct actor_permit *all = take(3);
	struct patron *line[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		line[i] = waiting_patron(1, ACTOR_FOREVER);
	actor_permit_release(all);
	for (unsigned i = 0; i < 3; i++)
		assert_acquired(line[i], 0);
	assert_int_equal(counts().n_waiting, 1);
	tell(line[0]->hand, release, line[0]);
	assert_acquired(line[3], 0);
}

/* On one thread: whoever waits does not keep it. */
static void who_waits_leaves_the_thread_to_others(void **state)
{
	struct actor_permit *all = take(3);
	union hand_address other = hand_spawn(pool, NULL, 0);

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		waiting_patron(1, ACTOR_FOREVER);
	tell_and_let_go(other, count_handled, NULL);
	assert_true(tally_wait(&handled, 1));
	actor_semaphore_close(semaphore);
	for (unsigned i = 0; i < 50; i++)
		assert_acquired(&patrons[i], ACTOR_E_CLOSED);
	actor_permit_release(all);
}

/* The first in line has given up: there is room for those behind. */
static void a_deadline_passes_and_the_line_moves_on(void **state)
{
	struct actor_permit *one = take(1);
	struct patron *many = patron_on(actor_executor_spawner(pool), 3, in_ms(50));
	struct patron *few = patron_on(actor_executor_spawner(pool), 2, ACTOR_FOREVER);

	(void)state;
	tell(many->hand, acquire, many);
	while (counts().n_waiting == 0 && tally_count(&many->done) == 0)
		sched_yield();
	tell(few->hand, acquire, few);
	assert_acquired(many, ACTOR_E_TIMEOUT);
	assert_acquired(few, 0);
	actor_permit_release(one);
}

static void a_deadline_that_has_passed_takes_what_is_free(void **state)
{
	struct actor_permit *permits[2], *none;

	(void)state;
	assert_int_equal(
		actor_semaphore_acquire_until(here(), semaphore, 3, ACTOR_AT_ONCE, &permits[0]), 0);
	assert_int_equal(actor_semaphore_acquire_until(here(), semaphore, 1, ACTOR_AT_ONCE, &none),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(actor_semaphore_acquire_until(here(), semaphore, 1, 0, &none),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(counts().n_waiting, 0);
	actor_permit_release(permits[0]);
}

/* ---- ends ---- */

static void closing_refuses_all_but_takes_permits_back(void **state)
{
	struct actor_permit *all = take(3), *none;
	struct patron *line[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		line[i] = waiting_patron(1, ACTOR_FOREVER);
	actor_semaphore_close(semaphore);
	actor_semaphore_close(semaphore);
	for (unsigned i = 0; i < 3; i++)
		assert_acquired(line[i], ACTOR_E_CLOSED);
	assert_true(counts().closed);
	actor_permit_release(all);
	assert_int_equal(counts().n_free, 3);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &none), ACTOR_E_CLOSED);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 1, &none), ACTOR_E_CLOSED);
}

/* Permits that come back while it closes are nobody's any more. */
static void closing_grants_nothing_on_the_way(void **state)
{
	struct patron *line[2];

	(void)state;
	in_between = take(3);
	for (unsigned i = 0; i < 2; i++)
		line[i] = waiting_patron(1, ACTOR_FOREVER);
	n_latches = 2; /* the first one is out of line, the second one is not */
	actor_semaphore_close(semaphore);
	for (unsigned i = 0; i < 2; i++)
		assert_acquired(line[i], ACTOR_E_CLOSED);
	assert_int_equal(counts().n_free, 3);
}

static void who_is_cancelled_leaves_the_line(void **state)
{
	struct actor_permit *one = take(1);
	struct patron *many = waiting_patron(3, ACTOR_FOREVER);
	struct patron *few = waiting_patron(2, ACTOR_FOREVER);

	(void)state;
	actor_mailbox_cancel(many->mailbox);
	assert_acquired(many, ACTOR_E_CANCELLED);
	assert_acquired(few, 0);
	actor_permit_release(one);
}

static int acquire_and_fail(struct actor_context *context, void *user)
{
	struct patron *this = user;
	struct actor_permit *permits[2];

	this->status = actor_semaphore_acquire(context, semaphore, 1, &permits[0]);
	if (this->status == 0)
		this->status = actor_semaphore_try_acquire(context, semaphore, 2, &permits[1]);
	ACTOR_FAIL(context, "with permits in hand");
}

static void who_fails_gives_permits_back(void **state)
{
	struct patron *this = patron_on(actor_executor_spawner(pool), 1, ACTOR_FOREVER);
	struct actor_permit *all;

	(void)state;
	tell(this->hand, acquire_and_fail, this);
	assert_int_equal(actor_mailbox_join(here(), this->mailbox, test_deadline(), NULL), 0);
	assert_int_equal(this->status, 0);
	assert_int_equal(actor_semaphore_acquire_until(here(), semaphore, 3, test_deadline(), &all),
			 0);
	actor_permit_release(all);
}

/* As a cancelled handler does: it returns, and releases on its way. */
static int acquire_and_sleep(struct actor_context *context, void *user)
{
	struct patron *this = user;
	struct actor_permit *permit;

	this->status = actor_semaphore_acquire(context, semaphore, 3, &permit);
	tally_add(&this->done, 1);
	if (this->status == 0)
		this->status = actor_sleep_until(context, ACTOR_FOREVER);
	actor_permit_release(permit);
	return 0;
}

static void a_holder_that_is_cancelled_gives_permits_back(void **state)
{
	struct patron *this = patron_on(actor_executor_spawner(pool), 3, ACTOR_FOREVER), *next;

	(void)state;
	tell(this->hand, acquire_and_sleep, this);
	assert_true(tally_wait(&this->done, 1));
	next = waiting_patron(1, ACTOR_FOREVER);
	actor_mailbox_cancel(this->mailbox);
	assert_acquired(next, 0);
	assert_int_equal(actor_mailbox_join(here(), this->mailbox, test_deadline(), NULL), 0);
	assert_int_equal(this->status, ACTOR_E_CANCELLED);
}

/* ---- handing on ---- */

struct loan {
	struct actor_permit *permit; /* owned */
};
ACTOR_SIGNAL(loan);

static void loan_drop(void *message)
{
	actor_permit_release(((struct loan *)message)->permit);
}

ACTOR_SIGNAL_DEFINE(loan, "test.loan", loan_drop);

#define BORROWER_MESSAGES(CALL, SEND, X) SEND(X, loan)
ACTOR_DECLARE(borrower, BORROWER_MESSAGES);

struct borrower {
	struct actor_permit_holder holder;
	size_t n_holders;
	struct tally borrowed;
	struct tally may_return;
	bool fails;
};

static void borrower_on_loan(struct borrower *self, struct loan *message,
			     struct actor_context *context)
{
	struct actor_permit *permit = message->permit;

	message->permit = NULL;
	actor_permit_adopt(context, permit);
	self->n_holders = actor_semaphore_holders(semaphore, &self->holder, 1);
	tally_add(&self->borrowed, 1);
	tally_wait(&self->may_return, 1);
	if (self->fails)
		ACTOR_FAIL(context, "with a permit that it has adopted");
	actor_permit_release(permit);
}

ACTOR_DEFINE(borrower, BORROWER_MESSAGES, NULL, NULL, NULL);

static void lend(struct borrower *borrower)
{
	union borrower_address to;
	struct actor_permit *permit;
	struct actor_permit_holder holders[3];
	struct actor_identity identity;
	struct loan loan;

	assert_int_equal(ACTOR_SPAWN(borrower, actor_executor_spawner(pool), borrower, NULL, &to),
			 0);
	identity = actor_address_identity(to.address);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 2, &permit), 0);
	actor_permit_hand_on(permit);
	assert_int_equal(actor_semaphore_holders(semaphore, holders, 3), 1);
	assert_null(holders[0].identity.domain);
	assert_int_equal(holders[0].n, 2);
	loan.permit = permit;
	assert_int_equal(ACTOR_SEND(here(), to, loan, &loan), 0);
	assert_null(loan.permit);
	assert_true(tally_wait(&borrower->borrowed, 1));
	assert_int_equal(borrower->n_holders, 1);
	assert_true(actor_identity_same(borrower->holder.identity, identity));
	tally_add(&borrower->may_return, 1);
	actor_address_unref(to.address);
	assert_int_equal(
		actor_semaphore_acquire_until(here(), semaphore, 3, test_deadline(), &permit), 0);
	actor_permit_release(permit);
}

static void a_permit_travels_in_a_message(void **state)
{
	struct borrower borrower = { .borrowed = TALLY_INIT, .may_return = TALLY_INIT };

	(void)state;
	lend(&borrower);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static void who_has_adopted_it_and_fails_gives_it_back(void **state)
{
	struct borrower borrower = { .borrowed = TALLY_INIT,
				     .may_return = TALLY_INIT,
				     .fails = true };

	(void)state;
	lend(&borrower);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static void a_message_that_is_dropped_gives_its_permit_back(void **state)
{
	struct loan loan = { take(3) };
	struct borrower_mailbox mailbox;
	union borrower_address to;

	(void)state;
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(borrower, actor_executor_spawner(pool), NULL, &mailbox), 0);
	to = ACTOR_MAILBOX_ADDRESS(borrower, mailbox);
	assert_int_equal(ACTOR_SEND(here(), to, loan, &loan), 0);
	assert_int_equal(counts().n_free, 0);
	actor_address_unref(to.address);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(counts().n_free, 3);
}

static int hand_on(struct actor_context *context, void *user)
{
	(void)context;
	actor_permit_hand_on(user);
	return 0;
}

/* One that has been kept, by an actor; and one that is in scope. */
static void who_hands_on_is_no_holder_any_more(void **state)
{
	struct patron *this = patron_on(actor_executor_spawner(pool), 1, ACTOR_FOREVER);
	struct actor_permit_holder holder;
	struct actor_permit *permit;

	(void)state;
	tell(this->hand, acquire, this);
	assert_acquired(this, 0);
	assert_int_equal(actor_semaphore_holders(semaphore, &holder, 1), 1);
	assert_non_null(holder.identity.domain);
	assert_int_equal(hand_call(here(), this->hand, hand_on, this->permit), 0);
	assert_int_equal(actor_semaphore_holders(semaphore, &holder, 1), 1);
	assert_null(holder.identity.domain);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 1, &permit), 0);
	actor_permit_hand_on(permit);
	assert_null(here()->scope);
	actor_permit_release(permit);
}

static void holders_are_known(void **state)
{
	struct patron *one = patron_on(actor_executor_spawner(pool), 1, ACTOR_FOREVER);
	struct patron *two = patron_on(actor_executor_spawner(pool), 2, ACTOR_FOREVER);
	struct actor_permit_holder holders[2];

	(void)state;
	tell(one->hand, acquire, one);
	assert_acquired(one, 0);
	tell(two->hand, acquire, two);
	assert_acquired(two, 0);
	assert_int_equal(actor_semaphore_holders(semaphore, NULL, 0), 2);
	assert_int_equal(actor_semaphore_holders(semaphore, holders, 2), 2);
	assert_int_equal(holders[0].n, 2);
	assert_true(actor_identity_same(holders[0].identity,
					actor_address_identity(two->hand.address)));
	assert_int_equal(holders[1].n, 1);
	assert_true(actor_identity_same(holders[1].identity,
					actor_address_identity(one->hand.address)));
}

static void a_permit_outlives_the_semaphore_s_owner(void **state)
{
	struct actor_semaphore *other;
	struct actor_permit *permit;

	(void)state;
	assert_int_equal(actor_semaphore_create(1, &other), 0);
	assert_ptr_equal(actor_semaphore_ref(other), other);
	actor_semaphore_unref(other);
	assert_int_equal(actor_semaphore_try_acquire(NULL, other, 1, &permit), 0);
	actor_semaphore_unref(other);
	actor_semaphore_unref(NULL);
	actor_permit_release(permit); /* under AddressSanitizer: it was there until now */
}

static void memory_runs_out(void **state)
{
	struct actor_semaphore *none;
	struct actor_permit *permit;

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_semaphore_create(1, &none), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 1, &permit), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_int_equal(counts().n_free, 3);
}

/* A permit, and no reply to wait with. */
static void memory_runs_out_for_waiting(void **state)
{
	struct actor_permit *all = take(3), *none;

	(void)state;
	actor_simulation_fail_nth(2);
	assert_int_equal(actor_semaphore_acquire(here(), semaphore, 1, &none), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_int_equal(counts().n_waiting, 0);
	actor_permit_release(all);
}

/* What comes between a look and standing in line is not missed. */
static int reply_after_release(struct actor_context *context, const struct actor_message_type *type,
			       struct actor_reply **ret_reply)
{
	actor_permit_release(patrons[0].permit);
	patrons[0].permit = NULL;
	return actor__reply_open(context, type, ret_reply);
}

static int reply_after_close(struct actor_context *context, const struct actor_message_type *type,
			     struct actor_reply **ret_reply)
{
	actor_semaphore_close(semaphore);
	return actor__reply_open(context, type, ret_reply);
}

static int acquire_with(int (*reply_open)(struct actor_context *, const struct actor_message_type *,
					  struct actor_reply **),
			struct actor_permit **ret_permit)
{
	struct actor_context *context = here();
	const struct actor_context_ops *ops = context->ops;
	struct actor_context_ops tampered = *ops;
	int rc;

	tampered.reply_open = reply_open;
	context->ops = &tampered;
	rc = actor_semaphore_acquire_until(context, semaphore, 1, ACTOR_AT_ONCE, ret_permit);
	context->ops = ops;
	return rc;
}

static void a_release_before_the_line_is_not_missed(void **state)
{
	struct actor_permit *permit;

	(void)state;
	patrons[0].permit = take(3);
	assert_int_equal(acquire_with(reply_after_release, &permit), 0);
	actor_permit_release(permit);
}

static void a_close_before_the_line_is_not_missed(void **state)
{
	struct actor_permit *all = take(3), *none;

	(void)state;
	assert_int_equal(acquire_with(reply_after_close, &none), ACTOR_E_CLOSED);
	actor_permit_release(all);
}

/* ---- all at once ---- */

struct stress {
	unsigned n_rounds;
	atomic_int n_inside; /* permits that are used right now */
	atomic_int n_most;
	atomic_uint n_got;
	atomic_uint n_timeouts;
	atomic_uint n_wrong;
	struct tally done;
};

static struct stress stress;

static void use(size_t n, bool yields)
{
	int inside = atomic_fetch_add(&stress.n_inside, (int)n) + (int)n;
	int most = atomic_load(&stress.n_most);

	while (inside > most && !atomic_compare_exchange_weak(&stress.n_most, &most, inside))
		;
	if (yields)
		sched_yield();
	atomic_fetch_sub(&stress.n_inside, (int)n);
	atomic_fetch_add(&stress.n_got, 1);
}

static int acquire_often(struct actor_context *context, void *user)
{
	uint64_t random = 1 + (uint64_t)(uintptr_t)user;

	for (unsigned i = 0; i < stress.n_rounds; i++) {
		uint64_t dice = test_random(&random);
		size_t n = 1 + dice % 3;
		int64_t deadline_ns = dice & 64 ? ACTOR_FOREVER
						: actor_now(context) + (int64_t)(dice >> 8) % 50000;
		struct actor_permit *permit;
		int rc = actor_semaphore_acquire_until(context, semaphore, n, deadline_ns, &permit);

		if (rc == ACTOR_E_TIMEOUT)
			atomic_fetch_add(&stress.n_timeouts, 1);
		else if (rc < 0)
			atomic_fetch_add(&stress.n_wrong, 1);
		if (rc < 0)
			continue;
		use(n, dice & 128);
		actor_permit_release(permit);
	}
	tally_add(&stress.done, 1);
	return 0;
}

static void acquire_often_on_thread(void *user, unsigned index)
{
	(void)user;
	acquire_often(actor_thread_context(), (void *)(uintptr_t)(index + 100));
}

/* Actors of two executors and of another implementation, and threads. */
static void the_bound_holds_and_nothing_is_lost(void **state)
{
	enum { N_OF_EACH = 4 };
	struct actor_executor *other;
	struct actor_tpa *tpa;

	(void)state;
	stress = (struct stress){ .n_rounds = test_times(2000), .done = TALLY_INIT };
	assert_int_equal(pool_create(2, &other), 0);
	assert_int_equal(actor_tpa_create(&tpa), 0);
	for (unsigned i = 0; i < N_OF_EACH; i++) {
		union hand_address guest;

		tell_and_let_go(hand_spawn(pool, NULL, 0), acquire_often,
				(void *)(uintptr_t)(i + 1));
		tell_and_let_go(hand_spawn(other, NULL, 0), acquire_often,
				(void *)(uintptr_t)(i + 11));
		assert_int_equal(ACTOR_SPAWN(hand, actor_tpa_spawner(tpa), NULL, NULL, &guest), 0);
		tell(guest, acquire_often, (void *)(uintptr_t)(i + 21));
		actor_address_unref(guest.address);
	}
	crew_run(2, acquire_often_on_thread, NULL);
	assert_true(tally_wait(&stress.done, 3 * N_OF_EACH + 2));
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
	assert_int_equal(atomic_load(&stress.n_wrong), 0);
	assert_true(atomic_load(&stress.n_most) <= 3);
	assert_int_equal(atomic_load(&stress.n_got) + atomic_load(&stress.n_timeouts),
			 stress.n_rounds * (3 * N_OF_EACH + 2));
	assert_int_equal(counts().n_free, 3);
	assert_int_equal(counts().n_waiting, 0);
}

static atomic_bool stop_closing;

static void close_under_way(void *user, unsigned index)
{
	struct actor_permit *permit;
	int rc;

	(void)user;
	if (index == 0) {
		for (unsigned i = 0; i < 100; i++)
			sched_yield();
		actor_semaphore_close(semaphore);
		return;
	}
	while ((rc = actor_semaphore_acquire(actor_thread_context(), semaphore, 1 + index % 3,
					     &permit)) == 0)
		actor_permit_release(permit);
	if (rc != ACTOR_E_CLOSED)
		atomic_store(&stop_closing, true);
}

static void closing_under_load_refuses_everybody(void **state)
{
	(void)state;
	atomic_store(&stop_closing, false);
	crew_run(5, close_under_way, NULL);
	assert_false(atomic_load(&stop_closing));
	assert_int_equal(counts().n_free, 3);
}

static unsigned one = 1, two = 2;

#define ON(n_threads, test)                                                                        \
	cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, &n_threads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(one, permits_are_taken_and_given_back),
		ON(one, what_can_never_be_is_refused),
		ON(one, a_thread_has_permits_on_its_scope_list),
		ON(one, what_is_kept_can_be_kept_and_adopted),
		ON(two, who_came_first_is_served_first),
		ON(two, who_wants_many_is_not_overtaken),
		ON(two, one_release_serves_all_for_whom_there_is_room),
		ON(one, who_waits_leaves_the_thread_to_others),
		ON(two, a_deadline_passes_and_the_line_moves_on),
		ON(one, a_deadline_that_has_passed_takes_what_is_free),
		ON(two, closing_refuses_all_but_takes_permits_back),
		ON(two, closing_grants_nothing_on_the_way),
		ON(two, who_is_cancelled_leaves_the_line),
		ON(one, who_fails_gives_permits_back),
		ON(one, a_holder_that_is_cancelled_gives_permits_back),
		ON(two, a_permit_travels_in_a_message),
		ON(two, who_has_adopted_it_and_fails_gives_it_back),
		ON(one, a_message_that_is_dropped_gives_its_permit_back),
		ON(two, who_hands_on_is_no_holder_any_more),
		ON(two, holders_are_known),
		ON(one, a_permit_outlives_the_semaphore_s_owner),
		ON(one, memory_runs_out),
		ON(one, memory_runs_out_for_waiting),
		ON(one, a_release_before_the_line_is_not_missed),
		ON(one, a_close_before_the_line_is_not_missed),
		ON(two, the_bound_holds_and_nothing_is_lost),
		ON(two, closing_under_load_refuses_everybody),
	};

	return cmocka_run_group_tests_name("semaphore", tests, NULL, NULL);
}
