/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks: who waits for whom for ever is found, one of them is told, and nobody else. On a
 * simulation, the local executor, a pool, and a driver; what must not be found, and when, on a
 * simulation alone, where nobody waits for time to pass.
 */

#include "hand.h"
#include "test.h"

#include "parker.h"

#include <stdio.h>
#include <string.h>

enum kind { SIMULATION, LOCAL, POOL };

static struct actor_executor *executor;
static struct actor_executor *more; /* another one, in some */

/* ---- what was said: the log, and the report */

static pthread_mutex_t saying = PTHREAD_MUTEX_INITIALIZER;
static char said[4000];
static atomic_uint n_said;

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n;

	(void)user;
	pthread_mutex_lock(&saying);
	n = strlen(said);
	snprintf(said + n, sizeof said - n, "[%s]", record->text);
	pthread_mutex_unlock(&saying);
	atomic_fetch_add(&n_said, 1);
}

static struct {
	unsigned n;
	size_t n_actors;
	bool fails;
	char text[1000];
	char message_type[40];
	uint64_t number;
} reported;

static void on_report(void *user, const struct actor_deadlock *deadlock)
{
	(void)user;
	reported.n++;
	reported.n_actors = deadlock->n_actors;
	reported.fails = deadlock->fails;
	reported.number = deadlock->actor.identity.number;
	snprintf(reported.text, sizeof reported.text, "%s", deadlock->text);
	snprintf(reported.message_type, sizeof reported.message_type, "%s",
		 deadlock->message_type ? deadlock->message_type : "none");
}

/* ---- what runs */

static struct actor_executor *create(enum kind kind)
{
	struct actor_simulation_options simulated = { .size = sizeof simulated, .seed = 1 };
	struct actor_pool_options pooled = { .size = sizeof pooled, .n_threads = 3 };
	struct actor_executor *created = NULL;
	int rc = kind == SIMULATION ? actor_simulation_create(&simulated, &created)
		 : kind == LOCAL    ? actor_local_create(&created)
				    : actor_pool_create(&pooled, &created);

	assert_int_equal(rc, 0);
	return created;
}

static void end(struct actor_executor **ended)
{
	if (!*ended)
		return;
	assert_int_equal(actor_executor_join(*ended, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(*ended), 0);
	*ended = NULL;
}

/* ---- who plays: hands with a name, that note what they came to hear */

enum { MOST = 16 };

static struct party {
	union hand_address hand;
	union hand_address other;
	struct actor_semaphore *semaphore;
	struct actor_future futures[2];
	struct errand_reply kept;
	uint64_t number;
	atomic_int status;
	atomic_uint n_told;
	atomic_uint n_done;
	hand_fn *then;
	void *user;
	char error[600];
} parties[MOST];

static struct party *const A = &parties[0], *const B = &parties[1], *const C = &parties[2];

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static int set_up(void **state)
{
	executor = create(*(enum kind *)*state);
	memset(said, 0, sizeof said);
	memset(parties, 0, sizeof parties);
	memset(&reported, 0, sizeof reported);
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	return 0;
}

static int tear_down(void **state)
{
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	for (unsigned i = 0; i < MOST && executor; i++) /* a test has failed */
		actor_address_unref(parties[i].hand.address);
	if (executor)
		actor_executor_close(executor);
	end(&executor);
	end(&more);
	return test_nothing_held(state);
}

static void cast_on(struct actor_executor *on, struct party *party, const char *name,
		    size_t capacity)
{
	*party = (struct party){ .status = ACTOR_PENDING };
	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(on), NULL,
				     ACTOR_OPTIONS(.name = name, .capacity = capacity),
				     &party->hand),
			 0);
	party->number = actor_address_info(party->hand.address).identity.number;
}

static void cast(struct party *party, const char *name, size_t capacity)
{
	cast_on(executor, party, name, capacity);
}

static int nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

/* When all have done what they had to do for each other, with each other's addresses. */
static void dismiss(unsigned n)
{
	for (unsigned i = 0; i < 2 * n; i++)
		actor_ignore(hand_call(here(), parties[i % n].hand, nothing, NULL));
	for (unsigned i = 0; i < n; i++) {
		actor_address_unref(parties[i].hand.address);
		parties[i].hand.address = NULL;
	}
	end(&executor);
	end(&more);
}

static void note(struct party *party, struct actor_context *context, int rc)
{
	if (rc < 0)
		actor_error_format(actor_error(context), party->error, sizeof party->error);
	if (rc == ACTOR_E_DEADLOCK)
		party->n_told++;
	party->status = rc;
}

/* What hands do. */

static int done(struct actor_context *context, void *user)
{
	struct party *party = user;

	(void)context;
	atomic_fetch_add(&party->n_done, 1);
	return 7;
}

/* Have the other do something, and wait for it. */
static int call_other(struct actor_context *context, void *user)
{
	struct party *party = user;
	int answer = 0;
	int rc = ACTOR_CALL(context, party->other, errand, &answer,
			    &(struct errand){ party->then, party->user });

	note(party, context, rc < 0 ? rc : answer);
	return 8;
}

/* The same when the other one has begun, too. */
static atomic_uint n_begun;

static void meet(struct actor_context *context, unsigned n)
{
	atomic_fetch_add(&n_begun, 1);
	while (atomic_load(&n_begun) < n)
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000));
}

static int meet_and_call(struct actor_context *context, void *user)
{
	meet(context, 2);
	return call_other(context, user);
}

/* Three messages to the other, who has room for one. */
static int send_other(struct actor_context *context, void *user)
{
	struct party *party = user;
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = hand_send(context, party->other, party->then, party->user);
	note(party, context, rc);
	return rc;
}

static int tell(struct party *party, hand_fn *function)
{
	return hand_call(here(), party->hand, function, party);
}

static void assert_error(const struct party *party, const char *text)
{
	if (!strstr(party->error, text))
		fail_msg("'%s' is not in '%s'", text, party->error);
}

static void assert_said_once(const char *text)
{
	const char *at;

	pthread_mutex_lock(&saying);
	at = strstr(said, text);
	pthread_mutex_unlock(&saying);
	assert_non_null(at);
	assert_null(strstr(at + strlen(text), "deadlock"));
}

/* A text with the numbers of actors in the places of their letters: "A(id #A)" for A. */
static const char *with_numbers(const char *pattern)
{
	static char text[500];
	size_t n = 0;

	for (; *pattern && n + 30 < sizeof text; pattern++) {
		if (*pattern == '#') {
			const struct party *party = &parties[*++pattern - 'A'];

			n += (size_t)snprintf(text + n, sizeof text - n, "%llu",
					      (unsigned long long)party->number);
		} else {
			text[n++] = *pattern;
		}
	}
	text[n] = '\0';
	return text;
}

/* ---- who is told */

static int call_myself(struct actor_context *context, void *user)
{
	struct party *party = user;

	party->other = party->hand;
	call_other(context, party);
	if (party->status == ACTOR_E_DEADLOCK) {
		party->other = ACTOR_SELF(hand, context); /* a weak address */
		call_other(context, party);
	}
	return 8;
}

static void who_calls_itself_is_told_at_once(void **state)
{
	(void)state;
	cast(A, "A", 0);
	A->then = done;
	A->user = A;
	assert_int_equal(tell(A, call_myself), 8);
	assert_int_equal(A->status, ACTOR_E_DEADLOCK);
	assert_error(A, with_numbers("deadlock: A(id #A) awaits 'test.errand' of itself"));
	dismiss(1);
	assert_int_equal(A->n_done, 0); /* nothing was sent */
}

/* A calls B, who calls A, whose message stays where it is and is handled later. */
static void of_two_who_call_each_other_one_is_told(void **state)
{
	(void)state;
	cast(A, "A", 0);
	cast(B, "B", 0);
	B->other = A->hand;
	B->then = done;
	B->user = B;
	A->other = B->hand;
	A->then = call_other;
	A->user = B;
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	assert_error(B, "test.errand: waiting would deadlock. For actor: hand: id=");
	assert_error(B, with_numbers(". deadlock: B(id #B) awaits 'test.errand' of A(id #A), which "
				     "awaits 'test.errand' of B(id #B)"));
	assert_said_once(with_numbers("[deadlock: B(id #B) awaits 'test.errand' of A(id #A), which "
				      "awaits 'test.errand' of B(id #B)]"));
	dismiss(2);
	assert_int_equal(B->n_done, 1);
}

/* Neither has the other's message in hand: either may be told. */
static void two_who_begin_at_the_same_time(void **state)
{
	struct actor_future futures[2];
	int answers[2] = { 0, 0 };

	(void)state;
	n_begun = 0;
	cast(A, "A", 0);
	cast(B, "B", 0);
	for (unsigned i = 0; i < 2; i++) {
		struct party *party = &parties[i];

		party->other = parties[1 - i].hand;
		party->then = done;
		party->user = party;
		assert_int_equal(ACTOR_CALL_BEGIN(here(), &futures[i], party->hand, errand,
						  &answers[i],
						  &(struct errand){ meet_and_call, party }),
				 0);
	}
	assert_int_equal(actor_future_await_all(futures, 2, ACTOR_FOREVER), 0);
	assert_true(A->status == ACTOR_E_DEADLOCK || B->status == ACTOR_E_DEADLOCK);
	assert_true(A->status == 7 || B->status == 7);
	dismiss(2);
	assert_int_equal(A->n_done + B->n_done, 2);
}

static void a_ring(unsigned n)
{
	static const char *const names[] = { "A", "B", "C", "D", "E", "F", "G", "H" };

	for (unsigned i = n; i-- > 0;) /* so that it is not the one who was made last */
		cast(&parties[i], names[i], 0);
	for (unsigned i = 0; i < n; i++) {
		parties[i].other = parties[(i + 1) % n].hand;
		parties[i].then = i + 1 < n ? call_other : done;
		parties[i].user = &parties[(i + 1) % n];
	}
	assert_int_equal(tell(A, call_other), 8);
	for (unsigned i = 0; i + 1 < n; i++)
		assert_int_equal(parties[i].status, 8);
	assert_int_equal(parties[n - 1].status, ACTOR_E_DEADLOCK);
	for (unsigned i = 0; i < n; i++)
		assert_non_null(strstr(said, names[i]));
	dismiss(n);
	assert_int_equal(A->n_done, 1);
}

static void in_a_ring_of_three_the_last_is_told(void **state)
{
	(void)state;
	a_ring(3);
}

static void in_a_ring_of_eight_the_last_is_told(void **state)
{
	(void)state;
	a_ring(8);
}

/* A sends to B, who for each message sends to A, who takes none meanwhile. */
static void who_waits_for_room_in_a_circle_is_told(void **state)
{
	(void)state;
	cast(A, "A", 1);
	cast(B, "B", 1);
	A->other = B->hand;
	B->other = A->hand;
	A->then = send_other;
	A->user = B;
	B->then = done;
	B->user = B;
	tell(A, send_other);
	dismiss(2);
	assert_true(A->n_told + B->n_told > 0);
	if (B->n_told)
		assert_error(B, with_numbers("deadlock: B(id #B) waits for room for 'test.job' in "
					     "A(id #A), which waits for room for 'test.job' in "
					     "B(id #B)"));
	else
		assert_error(A, with_numbers("deadlock: A(id #A) waits for room for 'test.job' in "
					     "B(id #B), which waits for room for 'test.job' in "
					     "A(id #A)"));
}

/* What it wanted to send was not accepted: A finds room for one. */
static void who_fills_its_own_mailbox_is_told(void **state)
{
	(void)state;
	cast(A, "A", 1);
	A->other = A->hand;
	A->then = done;
	A->user = A;
	assert_int_equal(tell(A, send_other), ACTOR_E_DEADLOCK);
	assert_error(A, with_numbers("deadlock: A(id #A) waits for room for 'test.job' in A(id "
				     "#A)"));
	dismiss(1);
	assert_int_equal(A->n_done, 1);
}

/* ---- several answers */

/* Begin a call of each of two, and wait for both, or for one. */
static int call_two(struct actor_context *context, struct party *party, bool all)
{
	int answers[2], rc;

	actor_ignore(ACTOR_CALL_BEGIN(context, &party->futures[0], party->other, errand,
				      &answers[0], &(struct errand){ party->then, party->user }));
	actor_ignore(ACTOR_CALL_BEGIN(context, &party->futures[1], C->hand, errand, &answers[1],
				      &(struct errand){ C->then, C }));
	rc = all ? actor_future_await_all(party->futures, 2, ACTOR_FOREVER)
		 : actor_future_await_any(party->futures, 2, ACTOR_FOREVER);
	note(party, context, rc);
	actor_future_cancel(&party->futures[0]);
	actor_future_cancel(&party->futures[1]);
	return 9;
}

static int call_two_for_all(struct actor_context *context, void *user)
{
	return call_two(context, user, true);
}

static int call_two_for_any(struct actor_context *context, void *user)
{
	return call_two(context, user, false);
}

/* A calls B, who waits for A and for C. */
static void cast_three(hand_fn *of_b, hand_fn *of_c)
{
	cast(A, "A", 0);
	cast(B, "B", 0);
	cast(C, "C", 0);
	A->other = B->hand;
	A->then = of_b;
	A->user = B;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	C->other = A->hand;
	C->then = of_c;
	C->user = C;
}

static void of_all_answers_one_that_never_comes_is_enough(void **state)
{
	(void)state;
	cast_three(call_two_for_all, done);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(3);
}

static int sleep_first(struct actor_context *context, void *user)
{
	actor_ignore(actor_sleep_until(context, actor_now(context) + 50000000));
	return done(context, user);
}

static void of_any_answers_one_that_may_come_is_enough(void **state)
{
	(void)state;
	cast_three(call_two_for_any, sleep_first);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_int_equal(B->status, 1);
	dismiss(3);
	assert_string_equal(said, "");
}

static int call_a(struct actor_context *context, void *user)
{
	struct party *party = user;

	party->then = done;
	return call_other(context, party);
}

/* C waits for A, too: B or C is told, and goes on. */
static void of_any_answers_all_may_be_such_that_never_come(void **state)
{
	(void)state;
	cast_three(call_two_for_any, call_a);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_true(B->status == ACTOR_E_DEADLOCK || C->status == ACTOR_E_DEADLOCK);
	dismiss(3);
}

/* ---- permits */

static int acquire(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, party->semaphore, 1, &permit);

	note(party, context, rc);
	if (rc == 0)
		actor_permit_release(permit);
	return 10;
}

static int acquire_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *permit;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &permit) < 0)
		return -1;
	call_other(context, party);
	actor_permit_release(permit);
	return 8;
}

static void cast_for_permits(size_t n_permits)
{
	struct actor_semaphore *semaphore = NULL;

	assert_int_equal(actor_semaphore_create(n_permits, &semaphore), 0);
	cast(A, "A", 0);
	cast(B, "B", 0);
	A->semaphore = B->semaphore = semaphore;
	A->other = B->hand;
	A->then = acquire;
	A->user = B;
}

static void who_waits_for_a_permit_in_a_circle_is_told(void **state)
{
	(void)state;
	cast_for_permits(1);
	assert_int_equal(tell(A, acquire_and_call), 8);
	assert_int_equal(A->status, 10);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	assert_error(B, with_numbers("deadlock: B(id #B) waits for a permit that depends on A(id "
				     "#A), which awaits 'test.errand' of B(id #B)"));
	dismiss(2);
	actor_semaphore_unref(A->semaphore);
}

static void who_may_get_a_permit_from_somebody_else_is_not_told(void **state)
{
	struct actor_permit *permit;

	(void)state;
	cast_for_permits(2);
	assert_int_equal(actor_semaphore_try_acquire(NULL, A->semaphore, 1, &permit), 0);
	/* One is held by nobody knows whom: B may get it. */
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &A->futures[0], A->hand, errand, NULL,
					  &(struct errand){ acquire_and_call, A }),
			 0);
	assert_int_equal(actor_future_await(&A->futures[0], actor_now(here()) + 20000000),
			 ACTOR_E_TIMEOUT);
	actor_permit_release(permit);
	assert_int_equal(actor_future_await(&A->futures[0], ACTOR_FOREVER), 0);
	assert_int_equal(B->status, 0);
	dismiss(2);
	assert_string_equal(said, "");
	actor_semaphore_unref(A->semaphore);
}

/* A keeps its permit in its state: nobody knows when it gives it back. */
static struct actor_permit *kept;

static int acquire_keep_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &kept) < 0)
		return -1;
	actor_permit_keep(kept);
	return call_other(context, party);
}

static void whose_permits_are_kept_is_not_known(void **state)
{
	(void)state;
	cast_for_permits(1);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &A->futures[0], A->hand, errand, NULL,
					  &(struct errand){ acquire_keep_and_call, A }),
			 0);
	assert_int_equal(actor_future_await(&A->futures[0], actor_now(here()) + 20000000),
			 ACTOR_E_TIMEOUT);
	actor_permit_release(kept);
	assert_int_equal(actor_future_await(&A->futures[0], ACTOR_FOREVER), 0);
	assert_int_equal(B->status, 0);
	dismiss(2);
	assert_string_equal(said, "");
	actor_semaphore_unref(A->semaphore);
}

static int acquire_two(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, party->semaphore, 2, &permit);

	note(party, context, rc);
	if (rc == 0)
		actor_permit_release(permit);
	return 11;
}

/* Once somebody else stands in line. */
static int acquire_wait_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_semaphore_counts counts;
	struct actor_permit *permit;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &permit) < 0)
		return -1;
	actor_ignore(hand_send(NULL, B->hand, acquire_two, B));
	do {
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000));
		actor_semaphore_counts_get(party->semaphore, &counts);
	} while (counts.n_waiting == 0);
	call_other(context, party);
	actor_permit_release(permit);
	return 8;
}

/* Of two permits A holds one and calls C. B waits for both, and so in front of C, who wants the one
 * that is left. */
static void who_stands_in_line_behind_one_who_is_stuck_is_told(void **state)
{
	(void)state;
	cast_for_permits(2);
	cast(C, "C", 0);
	C->semaphore = A->semaphore;
	A->other = C->hand;
	A->then = acquire;
	A->user = C;
	assert_int_equal(tell(A, acquire_wait_and_call), 8);
	assert_int_equal(A->status, 10);
	dismiss(3);
	assert_true((B->status == ACTOR_E_DEADLOCK) != (C->status == ACTOR_E_DEADLOCK));
	assert_true((B->status == 0) != (C->status == 0));
	assert_error(B->status < 0 ? B : C, with_numbers("C(id #C) waits for a permit that depends "
							 "on B(id #B)"));
	actor_semaphore_unref(A->semaphore);
}

/* ---- what may still come */

static int call_other_for_a_while(struct actor_context *context, void *user)
{
	struct party *party = user;
	int answer = 0;
	int rc = ACTOR_CALL_UNTIL(context, party->other, errand, &answer,
				  actor_now(context) + 30000000,
				  &(struct errand){ party->then, party->user });

	note(party, context, rc);
	return 8;
}

static void a_deadline_is_no_deadlock(void **state)
{
	(void)state;
	cast(A, "A", 0);
	cast(B, "B", 0);
	A->other = B->hand;
	A->then = call_other_for_a_while;
	A->user = B;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(B->status, ACTOR_E_TIMEOUT);
	/* Its own actor, too. */
	A->other = A->hand;
	A->then = done;
	assert_int_equal(tell(A, call_other_for_a_while), 8);
	assert_int_equal(A->status, ACTOR_E_TIMEOUT);
	dismiss(2);
	assert_string_equal(said, "");
}

/* Keepers take replies: to answer later, or to hand them on, and then they call. */
struct keep {
	struct party *party;
	struct errand errand;
	bool forwards;
};
ACTOR_MESSAGE(keep, int);
ACTOR_MESSAGE_DEFINE(keep, "test.keep", NULL, NULL);

#define KEEPER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, keep)                                                                              \
	SEND(X, job)
ACTOR_DECLARE(keeper, KEEPER_MESSAGES);

struct keeper {
	char none;
};

static struct keep_reply kept_reply;

static void keeper_on_keep(struct keeper *self, struct keep *message, struct keep_pending pending,
			   struct actor_context *context)
{
	(void)self;
	kept_reply = keep_reply_take(pending);
	call_other(context, message->party);
}

static void keeper_on_job(struct keeper *self, struct job *message, struct actor_context *context)
{
	(void)self;
	message->function(context, message->user);
}
ACTOR_DEFINE(keeper, KEEPER_MESSAGES, NULL, NULL, NULL);

static union keeper_address keeper;

static int call_keeper(struct actor_context *context, void *user)
{
	struct party *party = user;
	int answer = 0;
	int rc = ACTOR_CALL(context, keeper, keep, &answer, &(struct keep){ .party = B });

	note(party, context, rc < 0 ? rc : answer);
	return 8;
}

/* A waits for an answer that the keeper has taken, and the keeper for A. */
static void who_has_taken_a_reply_may_have_others_answer(void **state)
{
	(void)state;
	cast(A, "A", 0);
	*B = (struct party){ .other = A->hand, .then = done, .user = B };
	assert_int_equal(ACTOR_SPAWN(keeper, actor_executor_spawner(executor), NULL, NULL, &keeper),
			 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &A->futures[0], A->hand, errand, NULL,
					  &(struct errand){ call_keeper, A }),
			 0);
	assert_int_equal(actor_future_await(&A->futures[0], actor_now(here()) + 20000000),
			 ACTOR_E_TIMEOUT);
	keep_reply_answer(&kept_reply, 3);
	assert_int_equal(actor_future_await(&A->futures[0], ACTOR_FOREVER), 0);
	assert_int_equal(A->status, 3);
	actor_address_unref(keeper.address);
	dismiss(1);
	assert_int_equal(B->status, 7);
	assert_string_equal(said, "");
}

/* Forwards what it is asked to B, after a while. */
#define PASSER_MESSAGES(CALL, SEND, X) CALL(X, errand)
ACTOR_DECLARE(passer, PASSER_MESSAGES);

struct passer {
	char none;
};

static void passer_on_errand(struct passer *self, struct errand *message,
			     struct errand_pending pending, struct actor_context *context)
{
	(void)self;
	actor_ignore(actor_sleep_until(context, actor_now(context) + 30000000));
	actor_ignore(ACTOR_FORWARD(context, B->hand, errand, pending, message));
}
ACTOR_DEFINE(passer, PASSER_MESSAGES, NULL, NULL, NULL);

/* A waits for a passer, and B for A; and then what A waits for comes to B. Nobody begins to wait
 * then, but all that could have been otherwise has happened. */
static void what_is_handed_on_may_close_a_circle(void **state)
{
	union passer_address passer;

	(void)state;
	cast(A, "A", 0);
	cast(B, "B", 0);
	assert_int_equal(ACTOR_SPAWN(passer, actor_executor_spawner(executor), NULL, NULL, &passer),
			 0);
	A->other = (union hand_address){ passer.address };
	A->then = done;
	A->user = A;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &A->futures[0], A->hand, errand, NULL,
					  &(struct errand){ call_other, A }),
			 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &A->futures[1], B->hand, errand, NULL,
					  &(struct errand){ call_other, B }),
			 0);
	assert_int_equal(actor_future_await_all(A->futures, 2, ACTOR_FOREVER), 0);
	assert_true((A->status == ACTOR_E_DEADLOCK) != (B->status == ACTOR_E_DEADLOCK));
	assert_true((A->status == 7) != (B->status == 7));
	actor_address_unref(passer.address);
	dismiss(2);
}

/* ---- room that is promised */

static struct actor_waiter guest;
static atomic_uint n_woken;

static void guest_woken(struct actor_waiter *waiter)
{
	(void)waiter;
	atomic_fetch_add(&n_woken, 1);
}

static int post_as_guest(void)
{
	struct job job = { nothing, NULL };

	return actor_address_post(B->hand.address, &job_type, &job, NULL, &guest);
}

static int begin_call(struct actor_future *future, struct party *party, hand_fn *function)
{
	return ACTOR_CALL_BEGIN(here(), future, party->hand, errand, NULL,
				&(struct errand){ function, party });
}

static bool has_come(atomic_uint *count, unsigned n)
{
	int64_t deadline_ns = test_deadline();

	while (atomic_load(count) < n && actor_now(here()) < deadline_ns)
		actor_ignore(actor_sleep_until(here(), actor_now(here()) + 1000000));
	return atomic_load(count) >= n;
}

static atomic_uint n_at_gate, gate_open;

static int wait_at_gate(struct actor_context *context, void *user)
{
	(void)user;
	atomic_fetch_add(&n_at_gate, 1);
	while (!atomic_load(&gate_open))
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000000));
	return 0;
}

static int send_one(struct actor_context *context, void *user)
{
	struct party *party = user;

	atomic_fetch_add(&n_at_gate, 1);
	note(party, context, hand_send(context, party->other, nothing, NULL));
	return 0;
}

/* B calls A, who stands in line for room in B: behind a guest for whom there is room, and no
 * message. */
static void promise_room(struct actor_future *futures)
{
	cast(A, "A", 0);
	cast(B, "B", 1);
	A->other = B->hand;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	actor_waiter_init(&guest, guest_woken);
	atomic_store(&n_woken, 0);
	atomic_store(&n_at_gate, 0);
	atomic_store(&gate_open, 0);
	/* B has one in hand, one in its mailbox, and two in line. */
	assert_int_equal(hand_send(NULL, B->hand, wait_at_gate, NULL), 0);
	assert_true(has_come(&n_at_gate, 1));
	assert_int_equal(begin_call(&futures[0], B, call_other), 0);
	assert_int_equal(post_as_guest(), ACTOR_E_FULL);
	assert_int_equal(begin_call(&futures[1], A, send_one), 0);
	assert_true(has_come(&n_at_gate, 2));
	atomic_store(&gate_open, 1);
	assert_true(has_come(&n_woken, 1));
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 40000000), 0);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_string_equal(said, "");
}

static void who_is_promised_room_may_give_it_back(void **state)
{
	struct actor_future futures[2];

	(void)state;
	promise_room(futures);
	actor_address_withdraw(B->hand.address, &guest);
	assert_int_equal(actor_future_await_all(futures, 2, ACTOR_FOREVER), 0);
	assert_int_equal(A->status, 0);
	assert_int_equal(B->status, 7);
	dismiss(2);
	assert_string_equal(said, "");
}

/* Nobody begins to wait when it is taken. */
static void who_is_promised_room_may_close_a_circle(void **state)
{
	struct actor_future futures[2];

	(void)state;
	promise_room(futures);
	assert_int_equal(post_as_guest(), 0);
	assert_int_equal(actor_future_await_all(futures, 2, ACTOR_FOREVER), 0);
	assert_true((A->status == ACTOR_E_DEADLOCK) != (B->status == ACTOR_E_DEADLOCK));
	dismiss(2);
}

/* ---- modes */

/* Before they lose each other's addresses. */
static void cancel_all(void)
{
	actor_executor_close(executor);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
}

static int set(enum actor_deadlock_mode mode)
{
	struct actor_deadlock_options options = {
		.size = sizeof options, .mode = mode, .report = on_report, .user = &reported
	};

	return actor_executor_set_deadlocks(executor, &options);
}

static void a_deadlock_is_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_FAIL), 0);
	a_ring(3);
	assert_int_equal(reported.n, 1);
	assert_int_equal(reported.n_actors, 3);
	assert_true(reported.fails);
	assert_string_equal(reported.message_type, "test.errand");
	assert_non_null(strstr(C->error, reported.text));
}

static int count_reports(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return (int)reported.n;
}

/* Reported once, also when others begin to wait for the same ones; until it ends from outside. */
static void a_deadlock_may_only_be_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_REPORT), 0);
	cast(A, "A", 0);
	cast(B, "B", 0);
	cast(C, "C", 0);
	A->other = B->hand;
	A->then = call_other;
	A->user = B;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	C->other = A->hand;
	C->then = done;
	C->user = C;
	assert_int_equal(hand_send(here(), A->hand, call_other, A), 0);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 20000000), 0);
	assert_int_equal(hand_send(here(), C->hand, call_other, C), 0);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 20000000), 0);
	assert_int_equal(count_reports(here(), NULL), 1);
	assert_false(reported.fails);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_said_once("[deadlock: B(id ");
	assert_int_equal(set(ACTOR_DEADLOCKS_FAIL), ACTOR_E_BUSY);
	cancel_all();
	dismiss(3);
	assert_int_equal(B->status, ACTOR_E_CANCELLED);
}

/* Who calls itself, too: it goes on, and waits. */
static void who_calls_itself_may_only_be_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_REPORT), 0);
	cast(A, "A", 0);
	A->then = done;
	A->user = A;
	assert_int_equal(hand_send(here(), A->hand, call_myself, A), 0);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 20000000), 0);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_true(reported.n > 0);
	cancel_all();
	dismiss(1);
	assert_int_equal(A->status, ACTOR_E_CANCELLED);
}

static void deadlocks_may_be_ignored(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_IGNORE), 0);
	cast(A, "A", 0);
	A->then = done;
	A->user = A;
	assert_int_equal(hand_send(here(), A->hand, call_myself, A), 0);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 20000000), 0);
	assert_int_equal(A->status, ACTOR_PENDING);
	cancel_all();
	dismiss(1);
	assert_int_equal(reported.n, 0);
	assert_string_equal(said, "");
}

static void modes_must_make_sense(void **state)
{
	(void)state;
	assert_int_equal(set((enum actor_deadlock_mode)3), ACTOR_E_INVALID);
	assert_int_equal(actor_executor_set_deadlocks(executor, NULL), 0);
	dismiss(0);
}

/* ---- several executors */

static void a_circle_may_go_through_two_executors(void **state)
{
	(void)state;
	more = create(POOL);
	cast(A, "A", 0);
	cast_on(more, B, "B", 0);
	A->other = B->hand;
	A->then = call_other;
	A->user = B;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(2);
}

/* ---- an executor that always has something to do */

static atomic_bool over;

static int never_rest(struct actor_context *context, void *user)
{
	struct party *party = user;
	int rc = 0;

	if (!atomic_load(&over))
		rc = hand_call(context, party->other, done, C) < 0 ? -1 : 0;
	if (!atomic_load(&over) && rc == 0)
		actor_ignore(hand_send(NULL, party->hand, never_rest, party));
	return rc;
}

static void who_is_busy_looks_too(void **state)
{
	(void)state;
	atomic_store(&over, false);
	cast(A, "A", 0);
	cast(B, "B", 0);
	cast(C, "C", 0);
	cast(&parties[3], "D", 0);
	parties[3].other = C->hand;
	A->other = B->hand;
	A->then = call_other;
	A->user = B;
	B->other = A->hand;
	B->then = done;
	B->user = B;
	assert_int_equal(hand_send(here(), parties[3].hand, never_rest, &parties[3]), 0);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	atomic_store(&over, true);
	dismiss(4);
}

/* ---- what freezes */

static unsigned n_unparked;

static void unpark(struct actor__parker *parker)
{
	(void)parker;
	n_unparked++;
}

static void what_is_frozen_is_woken_when_it_is_thawed(void **state)
{
	struct actor__parker parker = { .unpark = unpark };

	(void)state;
	n_unparked = 0;
	assert_false(actor__park_freeze(&parker)); /* it runs */
	assert_true(actor__park_commit(&parker));
	assert_true(actor__park_freeze(&parker));
	assert_false(actor__park_freeze(&parker)); /* by one at a time */
	actor__park_thaw(&parker);
	assert_int_equal(n_unparked, 0);

	assert_true(actor__park_freeze(&parker));
	actor__wake(&parker);
	actor__wake(&parker);
	assert_int_equal(n_unparked, 0);
	actor__park_thaw(&parker);
	assert_int_equal(n_unparked, 1);
	assert_false(actor__park_reset(&parker)); /* that wake is used up */

	assert_true(actor__park_commit(&parker));
	assert_true(actor__park_freeze(&parker));
	actor__park_thaw_woken(&parker);
	assert_int_equal(n_unparked, 2);
	assert_true(actor__park_reset(&parker));
	dismiss(0);
}

static enum kind simulation = SIMULATION, local = LOCAL, pool = POOL;

#define ON(kind, test)                                                                             \
	{                                                                                          \
#test " (" #kind ")", test, set_up, tear_down, &kind                               \
	}
#define ON_ALL(test) ON(simulation, test), ON(local, test), ON(pool, test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(who_calls_itself_is_told_at_once),
		ON_ALL(of_two_who_call_each_other_one_is_told),
		ON_ALL(two_who_begin_at_the_same_time),
		ON_ALL(in_a_ring_of_three_the_last_is_told),
		ON_ALL(in_a_ring_of_eight_the_last_is_told),
		ON_ALL(who_waits_for_room_in_a_circle_is_told),
		ON_ALL(who_fills_its_own_mailbox_is_told),
		ON_ALL(of_all_answers_one_that_never_comes_is_enough),
		ON_ALL(of_any_answers_one_that_may_come_is_enough),
		ON_ALL(of_any_answers_all_may_be_such_that_never_come),
		ON_ALL(who_waits_for_a_permit_in_a_circle_is_told),
		ON(simulation, who_may_get_a_permit_from_somebody_else_is_not_told),
		ON(simulation, whose_permits_are_kept_is_not_known),
		ON_ALL(who_stands_in_line_behind_one_who_is_stuck_is_told),
		ON_ALL(a_deadline_is_no_deadlock),
		ON(simulation, who_has_taken_a_reply_may_have_others_answer),
		ON_ALL(what_is_handed_on_may_close_a_circle),
		ON(simulation, who_is_promised_room_may_give_it_back),
		ON_ALL(who_is_promised_room_may_close_a_circle),
		ON_ALL(a_deadlock_is_reported),
		ON(simulation, a_deadlock_may_only_be_reported),
		ON(simulation, who_calls_itself_may_only_be_reported),
		ON(simulation, deadlocks_may_be_ignored),
		ON(simulation, modes_must_make_sense),
		ON(local, a_circle_may_go_through_two_executors),
		ON(pool, a_circle_may_go_through_two_executors),
		ON(local, who_is_busy_looks_too),
		ON(pool, who_is_busy_looks_too),
		ON(simulation, what_is_frozen_is_woken_when_it_is_thawed),
	};

	return cmocka_run_group_tests_name("deadlock", tests, NULL, NULL);
}
