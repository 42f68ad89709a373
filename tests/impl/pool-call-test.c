/* SPDX-License-Identifier: MIT */

/*
 * Calls among the actors of a pool. Who is called and has nothing to do comes next on the caller's
 * thread; but it is run in any case, also when the caller does not wait, or there is no stack to
 * run it on, and where it belongs.
 */

#include "pool-fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "channel.h"
#include "fiber-switch.h"

/* ---- no memory for stacks ---- */

static atomic_bool refuse_mmap;

typedef void *mmap_fn(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
mmap_fn __real_mmap, __wrap_mmap, __real_mmap64, __wrap_mmap64;

void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	if (!atomic_load(&refuse_mmap))
		return __real_mmap64(address, bytes, protection, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return __wrap_mmap64(address, bytes, protection, flags, fd, offset);
}

/* ---- who is called: plain messages, as most are ---- */

struct where_are_you {
	int unused;
};
ACTOR_MESSAGE(where_are_you, void *);
ACTOR_MESSAGE_DEFINE(where_are_you, "test.where_are_you", NULL, NULL);

#define CALLEE_MESSAGES(CALL, SEND, X) CALL(X, where_are_you)
ACTOR_DECLARE(callee, CALLEE_MESSAGES);

struct callee {
	struct tally *handled;
};

static void note_crowd(void);

/* On which pool's worker. */
static void *callee_on_where_are_you(struct callee *self, struct where_are_you *message,
				     struct actor_context *context)
{
	(void)message, (void)context;
	note_crowd();
	tally_add(self->handled, 1);
	return actor__thread()->worker;
}
ACTOR_DEFINE(callee, CALLEE_MESSAGES, NULL, NULL, NULL);

static struct callee callee_states[2];

static union callee_address callee_spawn(struct actor_executor *executor, unsigned i)
{
	union callee_address address;

	callee_states[i].handled = &handled;
	assert_int_equal(ACTOR_SPAWN(callee, actor_executor_spawner(executor), &callee_states[i],
				     NULL, &address),
			 0);
	wait_until_idle((union hand_address){ .address = address.address });
	return address;
}

/* ---- who calls ---- */

struct caller {
	union callee_address to[2];
	int64_t patience_ns;
	void *where_caller, *where_callee;
	int status;
	struct tally done;
};

static struct caller caller;

static int call_all(struct actor_context *context, void *user)
{
	int64_t deadline_ns = caller.patience_ns == ACTOR_FOREVER || caller.patience_ns == 0
				      ? caller.patience_ns
				      : actor_now(context) + caller.patience_ns;

	(void)user;
	caller.where_caller = actor__thread()->worker;
	for (unsigned i = 0; i < 2 && caller.to[i].address; i++)
		caller.status = ACTOR_CALL_UNTIL(context, caller.to[i], where_are_you,
						 &caller.where_callee, deadline_ns,
						 &(struct where_are_you){ 0 });
	tally_add(&caller.done, 1);
	return 0;
}

static int call_all_and_stay(struct actor_context *context, void *user)
{
	int rc = call_all(context, user);

	/* Somebody else has to handle it, and this thread stays until then. */
	return tally_wait(&handled, 1) ? rc : ACTOR_E_TIMEOUT;
}

static int open_pool(void **state)
{
	caller = (struct caller){ .done = TALLY_INIT, .patience_ns = ACTOR_FOREVER };
	pool_open(*(unsigned *)*state);
	return 0;
}

static int close_pool(void **state)
{
	for (unsigned i = 0; i < 2; i++)
		if (caller.to[i].address)
			actor_address_unref(caller.to[i].address);
	pool_close();
	return test_nothing_held(state);
}

static void who_is_called_comes_next_on_the_same_thread(void **state)
{
	(void)state;
	caller.to[0] = callee_spawn(pool, 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_all, NULL);
	assert_true(tally_wait(&caller.done, 1));
	assert_int_equal(caller.status, 0);
	assert_ptr_equal(caller.where_callee, caller.where_caller);
}

static void who_does_not_wait_has_called_all_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		caller.to[i] = callee_spawn(pool, i);
	caller.patience_ns = ACTOR_AT_ONCE;
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_all, NULL);
	assert_true(tally_wait(&caller.done, 1));
	assert_int_equal(caller.status, ACTOR_E_TIMEOUT);
	assert_true(tally_wait(&handled, 2));
}

static void who_does_not_wait_keeps_nobody(void **state)
{
	(void)state;
	caller.to[0] = callee_spawn(pool, 0);
	caller.patience_ns = ACTOR_AT_ONCE;
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_all_and_stay, NULL);
	assert_true(tally_wait(&handled, 1));
}

static void who_is_elsewhere_runs_there(void **state)
{
	struct actor_executor *other;

	(void)state;
	assert_int_equal(pool_create(1, &other), 0);
	caller.to[0] = callee_spawn(other, 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_all, NULL);
	assert_true(tally_wait(&caller.done, 1));
	assert_int_equal(caller.status, 0);
	assert_non_null(caller.where_callee);
	assert_ptr_not_equal(caller.where_callee, caller.where_caller);
	actor_address_unref(caller.to[0].address);
	caller.to[0].address = NULL;
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
}

/* The caller has the only stack: what it called is run as soon as there is another one. */
static void who_is_called_needs_a_stack(void **state)
{
	struct actor__fiber *hoard[400];
	size_t n_hoard = 0;

	(void)state;
	caller.to[0] = callee_spawn(pool, 0);
	atomic_store(&refuse_mmap, true);
	while ((hoard[n_hoard] = actor__fiber_get(actor__thread())))
		assert_true(++n_hoard < N_ELEMENTS(hoard));
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_all, NULL);
	let_pass(5);
	assert_int_equal(tally_count(&handled), 0);
	atomic_store(&refuse_mmap, false);
	assert_true(tally_wait(&caller.done, 1));
	assert_int_equal(caller.status, 0);
	while (n_hoard > 0)
		actor__fiber_recycle(hoard[--n_hoard]);
}

/* ---- an answer that calls ---- */

/* The caller is cancelled before it waits: its own caller is told at once, by a function that calls
 * somebody else, too, while this thread still has the first callee to run. */
static struct {
	struct hand state;
	struct actor_mailbox *mailbox;
	struct actor_ask ask;
} cancelled;

static void ask_another(struct actor_ask *ask, int status, void *value)
{
	(void)ask, (void)value;
	if (status == ACTOR_E_STOPPED)
		caller.status = ACTOR_CALL_UNTIL(actor_thread_context(), caller.to[1],
						 where_are_you, NULL, ACTOR_AT_ONCE,
						 &(struct where_are_you){ 0 });
}

static int cancel_and_call(struct actor_context *context, void *user)
{
	(void)user;
	/* After this, its thread has memory for more such calls at hand. */
	for (unsigned i = 0; i < 2; i++)
		actor_ignore(ACTOR_CALL(context, caller.to[i], where_are_you, NULL,
					&(struct where_are_you){ 0 }));
	actor_mailbox_cancel(cancelled.mailbox);
	actor_ignore(ACTOR_CALL(context, caller.to[0], where_are_you, NULL,
				&(struct where_are_you){ 0 }));
	tally_add(&caller.done, 1);
	return 0;
}

static void an_answer_that_calls_takes_nobody_away(void **state)
{
	struct errand errand = { cancel_and_call, NULL };
	union hand_address asked = { .address = NULL };

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		caller.to[i] = callee_spawn(pool, i);
	cancelled.state = (struct hand){ 0 };
	assert_int_equal(actor_spawn_mailbox(actor_executor_spawner(pool), &hand_behavior,
					     &cancelled.state, NULL, &asked.address,
					     &cancelled.mailbox),
			 0);
	wait_until_idle(asked);
	assert_int_equal(actor_ask(NULL, &cancelled.ask, asked.address, &errand_type, &errand,
				   ask_another, NULL),
			 0);
	assert_true(tally_wait(&caller.done, 1));
	assert_true(tally_wait(&handled, 4));
	assert_int_equal(caller.status, ACTOR_E_CANCELLED);
	actor_mailbox_detach(cancelled.mailbox);
	actor_address_unref(asked.address);
}

/* ---- a plain thread that runs whom it calls ---- */

static struct {
	bool armed; /* by the callee; then a message comes between two looks for one */
	unsigned n_left;
	unsigned n_here;
	union callee_address to;
	pthread_t thread;
} crowd;

static void send_one(void)
{
	if (crowd.n_left > 0 && actor_try_send(crowd.to.address, &where_are_you_type,
					       &(struct where_are_you){ 0 }) == 0)
		crowd.n_left--;
}

bool __real_actor__channel_any(const struct actor__channel *channel);
bool __wrap_actor__channel_any(const struct actor__channel *channel);
bool __wrap_actor__channel_any(const struct actor__channel *channel)
{
	bool any = __real_actor__channel_any(channel);

	if (crowd.armed && !any) {
		crowd.armed = false;
		send_one();
	}
	return any;
}

/* Each message sends the next one. */
static void note_crowd(void)
{
	if (crowd.n_left == 0)
		return;
	if (pthread_equal(pthread_self(), crowd.thread))
		crowd.n_here++;
	if (crowd.n_here == 1)
		crowd.armed = true;
	else
		send_one();
}

static void who_calls_does_not_stay_for_others(void **state)
{
	struct actor_context *context = here();
	void *where;

	(void)state;
	caller.to[0] = callee_spawn(pool, 0);
	crowd.to = caller.to[0];
	crowd.thread = pthread_self();
	crowd.n_here = 0;
	crowd.n_left = 1000;
	assert_int_equal(ACTOR_CALL(context, caller.to[0], where_are_you, &where,
				    &(struct where_are_you){ 0 }),
			 0);
	assert_null(where);
	assert_in_range(crowd.n_here, 1, 2);
	assert_true(tally_wait(&handled, 1001));
}

#define CALL_TEST(test, n_threads)                                                                 \
	cmocka_unit_test_prestate_setup_teardown(test, open_pool, close_pool, n_threads)

int main(void)
{
	static unsigned one = 1, two = 2;
	const struct CMUnitTest tests[] = {
		CALL_TEST(who_is_called_comes_next_on_the_same_thread, &two),
		CALL_TEST(who_does_not_wait_has_called_all_the_same, &one),
		CALL_TEST(who_does_not_wait_keeps_nobody, &two),
		CALL_TEST(who_is_elsewhere_runs_there, &one),
		CALL_TEST(who_is_called_needs_a_stack, &one),
		CALL_TEST(an_answer_that_calls_takes_nobody_away, &one),
		CALL_TEST(who_calls_does_not_stay_for_others, &one),
	};

	return cmocka_run_group_tests_name("pool-call", tests, NULL, NULL);
}
