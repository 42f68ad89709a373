/* SPDX-License-Identifier: MIT */

/* Reply cells: two owners, each of whom may be the first to let go; and values of any size. */

#include "test.h"

#include <sched.h>
#include <string.h>

static atomic_uint n_dropped;

static void drop_value(void *value)
{
	(void)value;
	atomic_fetch_add(&n_dropped, 1);
}

static const struct actor_message_type number_type = {
	.size = sizeof number_type,
	.name = "test.number",
	.message_size = sizeof(uint64_t),
	.message_align = _Alignof(uint64_t),
	.drop = drop_value,
};

static struct actor_context *context;

static int set_up(void **state)
{
	(void)state;
	context = actor_thread_context();
	atomic_store(&n_dropped, 0);
	return context ? 0 : -1;
}

static struct actor_reply *open_number(void)
{
	struct actor_reply *reply = NULL;

	assert_int_equal(context->ops->reply_open(context, &number_type, &reply), 0);
	return reply;
}

static int await(struct actor_context *waiting, struct actor_reply *reply, int64_t deadline_ns)
{
	return actor_await_replies(waiting, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, deadline_ns);
}

static void a_delivered_value_is_the_callers(void **state)
{
	struct actor_reply *reply = open_number();
	uint64_t value = 7, got = 0;

	(void)state;
	assert_int_equal(await(context, reply, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_reply_deliver(reply, 0, &value), 0);
	assert_int_equal(await(context, reply, ACTOR_AT_ONCE), 0);
	assert_int_equal(context->ops->reply_close(context, reply, &got), 0);
	assert_int_equal(got, 7);
	assert_int_equal(n_dropped, 0);
}

static void a_value_that_nobody_takes_is_dropped(void **state)
{
	struct actor_reply *reply = open_number();
	uint64_t value = 7;

	(void)state;
	assert_int_equal(actor_reply_deliver(reply, 0, &value), 0);
	assert_int_equal(n_dropped, 0);
	assert_int_equal(context->ops->reply_close(context, reply, NULL), 0);
	assert_int_equal(n_dropped, 1);
}

static void an_error_has_no_value(void **state)
{
	struct actor_reply *reply = open_number();
	uint64_t got = 3;

	(void)state;
	assert_int_equal(actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL), 0);
	assert_int_equal(context->ops->reply_close(context, reply, &got), ACTOR_E_STOPPED);
	assert_int_equal(got, 3);
	assert_int_equal(n_dropped, 0);
}

static void what_comes_too_late_is_dropped(void **state)
{
	struct actor_reply *late = open_number(), *never = open_number();
	uint64_t value = 7;

	(void)state;
	assert_int_equal(context->ops->reply_close(context, late, NULL), ACTOR_E_ABANDONED);
	assert_int_equal(actor_reply_deliver(late, 0, &value), ACTOR_E_ABANDONED);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(context->ops->reply_close(context, never, NULL), ACTOR_E_ABANDONED);
	assert_int_equal(actor_reply_deliver(never, ACTOR_E_STOPPED, NULL), ACTOR_E_ABANDONED);
	assert_int_equal(n_dropped, 1);
}

/* As first and as second to let go, sizes and alignments beyond what cells and malloc() give. */
static void values_lie_where_they_may(void **state)
{
	static _Alignas(4096) unsigned char value[3 * 4096], got[3 * 4096 + 1];
	struct actor_message_type type = { .size = sizeof type, .name = "test.large" };
	struct actor_reply *reply;

	(void)state;
	for (size_t i = 0; i < sizeof value; i++)
		value[i] = (unsigned char)(i * 11);
	for (size_t align = 1; align <= 4096; align *= 2) {
		for (size_t size = align; size <= 3 * align; size += align) {
			type.message_size = size;
			type.message_align = align;
			memset(got, 0, sizeof got);
			assert_int_equal(context->ops->reply_open(context, &type, &reply), 0);
			assert_int_equal(actor_reply_deliver(reply, 0, value), 0);
			assert_int_equal(context->ops->reply_close(context, reply, got), 0);
			assert_memory_equal(got, value, size);
			assert_int_equal(got[size], 0);
			assert_int_equal(context->ops->reply_open(context, &type, &reply), 0);
			context->ops->reply_close(context, reply, NULL);
			assert_int_equal(actor_reply_deliver(reply, 0, value), ACTOR_E_ABANDONED);
		}
	}
}

static size_t n_misaligned;

static void check_alignment(void *value)
{
	n_misaligned += (uintptr_t)value % 256 != 0;
	drop_value(value);
}

static void values_are_aligned_where_they_are_dropped(void **state)
{
	static _Alignas(256) unsigned char value[256];
	const struct actor_message_type type = { .size = sizeof type,
						 .name = "test.aligned",
						 .message_size = sizeof value,
						 .message_align = 256,
						 .drop = check_alignment };
	struct actor_reply *replies[40];

	(void)state;
	n_misaligned = 0;
	for (size_t i = 0; i < N_ELEMENTS(replies); i++)
		assert_int_equal(context->ops->reply_open(context, &type, &replies[i]), 0);
	for (size_t i = 0; i < N_ELEMENTS(replies); i++) {
		actor_reply_deliver(replies[i], 0, value);
		context->ops->reply_close(context, replies[i], NULL);
	}
	assert_int_equal(n_dropped, N_ELEMENTS(replies));
	assert_int_equal(n_misaligned, 0);
}

/* ---- two threads ---- */

enum { CALLER, CALLEE };

/* The two go through the rounds together; what is in one round is the other's from the next. */
struct duel {
	unsigned n_rounds;
	pthread_barrier_t begin, end;
	struct actor_reply *reply;
	atomic_uint released; /* both are on their way: be as close as can be */
	int delivered, closed;
	uint64_t got;
	unsigned n_delivered, n_abandoned, n_wrong;
	bool await;
};

static void duel_judge(struct duel *duel, unsigned round)
{
	unsigned dropped = atomic_exchange(&n_dropped, 0);

	if (duel->closed == 0 && duel->delivered == 0 && duel->got == round && dropped == 0)
		duel->n_delivered++;
	else if (duel->closed == ACTOR_E_ABANDONED && duel->delivered == ACTOR_E_ABANDONED &&
		 dropped == 1)
		duel->n_abandoned++;
	else
		duel->n_wrong++;
}

static void duel_rendezvous(struct duel *duel, unsigned round)
{
	atomic_fetch_add(&duel->released, 1);
	while (atomic_load(&duel->released) < 2 * (round + 1))
		sched_yield();
}

static void duel_caller(struct duel *duel)
{
	struct actor_context *own = actor_thread_context();
	uint64_t random = 1;

	for (unsigned round = 0; round < duel->n_rounds; round++) {
		own->ops->reply_open(own, &number_type, &duel->reply);
		pthread_barrier_wait(&duel->begin);
		duel_rendezvous(duel, round);
		if (duel->await)
			duel->n_wrong += await(own, duel->reply, test_deadline()) != 0;
		else
			for (uint64_t n = test_random(&random) % 30; n > 0; n--)
				atomic_load(&duel->released);
		duel->closed = own->ops->reply_close(own, duel->reply, &duel->got);
		pthread_barrier_wait(&duel->end);
		duel_judge(duel, round);
	}
}

static void duel_callee(struct duel *duel)
{
	uint64_t random = 2, value;

	for (unsigned round = 0; round < duel->n_rounds; round++) {
		pthread_barrier_wait(&duel->begin);
		value = round;
		duel_rendezvous(duel, round);
		for (uint64_t n = test_random(&random) % 30; n > 0; n--)
			atomic_load(&duel->released);
		duel->delivered = actor_reply_deliver(duel->reply, 0, &value);
		pthread_barrier_wait(&duel->end);
	}
}

static void duel_member(void *user, unsigned index)
{
	if (index == CALLER)
		duel_caller(user);
	else
		duel_callee(user);
}

static void run_duel(struct duel *duel)
{
	duel->n_rounds = test_times(10000);
	pthread_barrier_init(&duel->begin, NULL, 2);
	pthread_barrier_init(&duel->end, NULL, 2);
	crew_run(2, duel_member, duel);
	pthread_barrier_destroy(&duel->begin);
	pthread_barrier_destroy(&duel->end);
	assert_int_equal(duel->n_wrong, 0);
	assert_int_equal(duel->n_delivered + duel->n_abandoned, duel->n_rounds);
}

static void deliver_meets_close(void **state)
{
	struct duel duel = { .await = false };

	(void)state;
	run_duel(&duel);
	assert_true(duel.n_delivered > 0);
	assert_true(duel.n_abandoned > 0);
}

static void deliver_meets_await(void **state)
{
	struct duel duel = { .await = true };

	(void)state;
	run_duel(&duel);
	assert_int_equal(duel.n_abandoned, 0);
}

#define REPLY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLY_TEST(a_delivered_value_is_the_callers),
		REPLY_TEST(a_value_that_nobody_takes_is_dropped),
		REPLY_TEST(an_error_has_no_value),
		REPLY_TEST(what_comes_too_late_is_dropped),
		REPLY_TEST(values_lie_where_they_may),
		REPLY_TEST(values_are_aligned_where_they_are_dropped),
		REPLY_TEST(deliver_meets_close),
		REPLY_TEST(deliver_meets_await),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
