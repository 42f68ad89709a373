/* SPDX-License-Identifier: MIT */

/*
 * The call in one operation: the same as its four steps, whatever becomes of it, and nothing left
 * over. Each case runs on a plain thread and in a handler, and in both ways.
 */

#include "pool-fixture.h"

#include "actor.h"
#include "context.h"

#include <sched.h>
#include <string.h>

/* ---- memory that is refused ---- */

typedef void *aligned_alloc_fn(size_t alignment, size_t bytes);
aligned_alloc_fn __real_aligned_alloc, __wrap_aligned_alloc;

/* On this thread, the one after so many. */
static _Thread_local unsigned until_refused = UINT32_MAX;

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	if (until_refused-- == 0)
		return NULL;
	return __real_aligned_alloc(alignment, bytes);
}

/* ---- questions and answers, each of which owns something ---- */

enum manner { ANSWER, KEEP, SAY_NOTHING, ANSWER_LATE };

/* Larger than any cell, so that memory is asked for each time. */
struct question {
	enum manner manner;
	bool owns;
	struct actor__parker *asker;
	char padding[2000];
};

struct answer {
	unsigned number;
	bool owns;
	char padding[2000];
};

static atomic_uint n_questions_dropped, n_answers_dropped;

static void question_drop(void *message)
{
	if (((struct question *)message)->owns)
		atomic_fetch_add(&n_questions_dropped, 1);
}

static void answer_drop(void *value)
{
	if (((struct answer *)value)->owns)
		atomic_fetch_add(&n_answers_dropped, 1);
}

static const struct actor_message_type answer_type = {
	.size = sizeof answer_type,
	.name = "test.answer",
	.message_size = sizeof(struct answer),
	.message_align = _Alignof(struct answer),
	.drop = answer_drop,
};
static const struct actor_message_type question_type = {
	.size = sizeof question_type,
	.name = "test.question",
	.message_size = sizeof(struct question),
	.message_align = _Alignof(struct question),
	.drop = question_drop,
	.reply = &answer_type,
};
static const struct actor_message_type riddle_type = {
	.size = sizeof riddle_type,
	.name = "test.riddle", /* nobody handles it */
	.message_size = sizeof(struct question),
	.message_align = _Alignof(struct question),
	.drop = question_drop,
	.reply = &answer_type,
};

/* ---- who answers ---- */

struct oracle {
	struct actor_address *address;
	struct actor_reply *kept;
};

static void answer(struct actor_reply *reply)
{
	struct answer value = { .number = 42, .owns = true };

	actor_reply_deliver(reply, 0, &value);
}

/* Wakes that say nothing, before the one that does. */
static void tease(struct actor__parker *asker, struct actor_context *context)
{
	for (unsigned i = 0; i < 3; i++) {
		actor__wake(asker);
		actor_sleep_until(context, actor_now(context) + 300000);
	}
}

static void oracle_handle(void *self, void *message, struct actor_reply **reply,
			  struct actor_context *context)
{
	struct oracle *oracle = self;
	struct question *question = message;

	if (question->manner == ANSWER_LATE)
		tease(question->asker, context);
	if (question->manner == ANSWER || question->manner == ANSWER_LATE)
		answer(*reply);
	if (question->manner == KEEP)
		oracle->kept = *reply;
	if (question->manner != SAY_NOTHING)
		*reply = NULL;
}

static const struct actor_handler oracle_handlers[] = { { &question_type, oracle_handle } };
static const struct actor_behavior oracle_behavior = {
	.size = sizeof oracle_behavior,
	.name = "oracle",
	.handlers = oracle_handlers,
	.n_handlers = N_ELEMENTS(oracle_handlers),
	.stride = sizeof oracle_handlers[0],
};

/* ---- who asks ---- */

/* A call and what is to come of it. */
struct inquiry {
	enum manner manner;
	bool wants_value;
	const struct actor_message_type *type;
	struct actor_address *address;
	int64_t patience_ns;
	unsigned until_refused;
	bool in_steps;

	int status;
	bool source_owns;
	struct answer value;
};

static int inquire(struct actor_context *context, void *user)
{
	struct inquiry *inquiry = user;
	struct question question = { .manner = inquiry->manner,
				     .owns = true,
				     .asker = &actor__context_of(context)->parker };
	struct answer *value = inquiry->wants_value ? &inquiry->value : NULL;
	int64_t deadline_ns = inquiry->patience_ns;

	if (deadline_ns != ACTOR_FOREVER && deadline_ns != ACTOR_AT_ONCE)
		deadline_ns += actor_now(context);
	until_refused = inquiry->until_refused;
	if (inquiry->in_steps)
		inquiry->status = actor__call_in_steps(context, inquiry->address, inquiry->type,
						       &question, value, deadline_ns);
	else
		inquiry->status = context->ops->call(context, inquiry->address, inquiry->type,
						     &question, value, deadline_ns);
	until_refused = UINT32_MAX;
	inquiry->source_owns = question.owns;
	return 0;
}

static struct oracle oracle;
static struct actor_mailbox *mute; /* nobody runs on it, and it is full */
static struct actor_address *mute_address, *gone_address;

static int open_oracles(void **state)
{
	const struct actor_mailbox_options narrow = { .size = sizeof narrow, .capacity = 1 };
	static struct oracle gone;

	(void)state;
	pool_open(2);
	memset(&oracle, 0, sizeof oracle);
	atomic_store(&n_questions_dropped, 0);
	atomic_store(&n_answers_dropped, 0);
	assert_int_equal(actor_spawn(actor_executor_spawner(pool), &oracle_behavior, &oracle, NULL,
				     &oracle.address),
			 0);
	assert_int_equal(actor_spawn(actor_executor_spawner(pool), &oracle_behavior, &gone, NULL,
				     &gone_address),
			 0);
	assert_int_equal(actor_address_stop(gone_address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_mailbox_create(actor_executor_spawner(pool), &oracle_behavior,
					      &narrow, &mute),
			 0);
	mute_address = actor_mailbox_address(mute);
	assert_int_equal(actor_address_post(mute_address, &question_type,
					    &(struct question){ .manner = SAY_NOTHING }, NULL,
					    NULL),
			 0);
	return 0;
}

static int close_oracles(void **state)
{
	actor_address_unref(mute_address);
	actor_mailbox_detach(mute);
	actor_address_unref(gone_address);
	actor_address_unref(oracle.address);
	pool_close();
	return test_nothing_held(state);
}

static void wait_until_oracle_is_idle(void)
{
	wait_until_idle((union hand_address){ oracle.address });
}

typedef void judge_fn(const struct inquiry *inquiry);

/* Everywhere, and in both ways. */
static void inquire_everywhere(struct inquiry inquiry, judge_fn *judge)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);

	for (unsigned i = 0; i < 4; i++) {
		atomic_store(&n_questions_dropped, 0);
		atomic_store(&n_answers_dropped, 0);
		memset(&inquiry.value, 0, sizeof inquiry.value);
		inquiry.in_steps = i % 2;
		if (i / 2 == 0)
			inquire(here(), &inquiry);
		else
			assert_int_equal(hand_call(here(), hand, inquire, &inquiry), 0);
		wait_until_oracle_is_idle();
		judge(&inquiry);
	}
	actor_address_unref(hand.address);
}

static struct inquiry make_inquiry(enum manner manner)
{
	return (struct inquiry){ .manner = manner,
				 .wants_value = true,
				 .type = &question_type,
				 .address = oracle.address,
				 .patience_ns = ACTOR_FOREVER,
				 .until_refused = UINT32_MAX };
}

static void assert_accepted(const struct inquiry *inquiry)
{
	assert_false(inquiry->source_owns);
	assert_int_equal(n_questions_dropped, 1);
}

static void assert_not_accepted(const struct inquiry *inquiry)
{
	assert_true(inquiry->source_owns);
	assert_int_equal(n_questions_dropped, 0);
	assert_int_equal(n_answers_dropped, 0);
	assert_false(inquiry->value.owns);
}

/* ---- what may become of it ---- */

static void judge_answered(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, 0);
	assert_accepted(inquiry);
	assert_int_equal(inquiry->value.number, 42);
	assert_true(inquiry->value.owns);
	assert_int_equal(n_answers_dropped, 0);
}

static void an_answer_is_the_callers(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	inquire_everywhere(inquiry, judge_answered);
	inquiry.patience_ns = 60000000000;
	inquire_everywhere(inquiry, judge_answered);
}

static void early_wakes_are_not_answers(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER_LATE);

	(void)state;
	inquire_everywhere(inquiry, judge_answered);
	inquiry.patience_ns = 60000000000;
	inquire_everywhere(inquiry, judge_answered);
}

static void judge_answer_dropped(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, 0);
	assert_accepted(inquiry);
	assert_int_equal(n_answers_dropped, 1);
}

static void an_answer_that_nobody_wants_is_dropped(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	inquiry.wants_value = false;
	inquire_everywhere(inquiry, judge_answer_dropped);
}

static void judge_stopped(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_STOPPED);
	assert_accepted(inquiry);
	assert_false(inquiry->value.owns);
}

static void silence_is_an_error(void **state)
{
	(void)state;
	inquire_everywhere(make_inquiry(SAY_NOTHING), judge_stopped);
}

static void judge_too_late(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_TIMEOUT);
	assert_accepted(inquiry);
	assert_non_null(oracle.kept);
	answer(oracle.kept);
	oracle.kept = NULL;
	assert_int_equal(n_answers_dropped, 1);
	assert_false(inquiry->value.owns);
}

static void what_is_answered_too_late_is_dropped(void **state)
{
	struct inquiry inquiry = make_inquiry(KEEP);

	(void)state;
	inquiry.patience_ns = 2000000;
	inquire_everywhere(inquiry, judge_too_late);
}

static void judge_full(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_FULL);
	assert_not_accepted(inquiry);
}

static void without_room_in_time_nothing_has_happened(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	inquiry.address = mute_address;
	inquiry.patience_ns = 2000000;
	inquire_everywhere(inquiry, judge_full);
	inquiry.patience_ns = ACTOR_AT_ONCE;
	inquire_everywhere(inquiry, judge_full);
}

static void judge_closed(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_CLOSED);
	assert_not_accepted(inquiry);
}

static void judge_unhandled(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_UNHANDLED);
	assert_not_accepted(inquiry);
}

static void who_is_refused_keeps_the_question(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	inquiry.address = gone_address;
	inquire_everywhere(inquiry, judge_closed);
	inquiry.address = oracle.address;
	inquiry.type = &riddle_type;
	inquire_everywhere(inquiry, judge_unhandled);
}

static void judge_no_memory(const struct inquiry *inquiry)
{
	assert_int_equal(inquiry->status, ACTOR_E_NOMEM);
	assert_not_accepted(inquiry);
}

/* For the reply, or for the envelope. */
static void without_memory_nothing_has_happened(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	for (inquiry.until_refused = 0; inquiry.until_refused < 2; inquiry.until_refused++)
		inquire_everywhere(inquiry, judge_no_memory);
}

/* ---- cancelled meanwhile; handlers only ---- */

static int64_t n_suspended(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.suspended;
}

static void cancel_meanwhile(struct inquiry *inquiry)
{
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand = { NULL };

	for (unsigned i = 0; i < 2; i++) {
		atomic_store(&n_questions_dropped, 0);
		atomic_store(&n_answers_dropped, 0);
		inquiry->in_steps = i;
		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), NULL,
						     ACTOR_OPTIONS(.capacity = 1), &hand, &mailbox),
				 0);
		tell(hand, inquire, inquiry);
		while (n_suspended() == 0)
			sched_yield();
		actor_mailbox_cancel(mailbox.mailbox);
		assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), NULL),
				 0);
		assert_int_equal(inquiry->status, ACTOR_E_CANCELLED);
		actor_mailbox_detach(mailbox.mailbox);
		actor_address_unref(hand.address);
		wait_until_oracle_is_idle(); /* it has the question by now, if it was posted */
		if (oracle.kept) {
			assert_accepted(inquiry);
			answer(oracle.kept);
			oracle.kept = NULL;
			assert_int_equal(n_answers_dropped, 1);
		} else {
			assert_not_accepted(inquiry);
		}
	}
}

static void who_is_cancelled_gets_no_answer(void **state)
{
	struct inquiry inquiry = make_inquiry(KEEP);

	(void)state;
	cancel_meanwhile(&inquiry);
	inquiry.patience_ns = 60000000000;
	cancel_meanwhile(&inquiry);
}

static void who_is_cancelled_gets_no_room(void **state)
{
	struct inquiry inquiry = make_inquiry(ANSWER);

	(void)state;
	inquiry.address = mute_address;
	cancel_meanwhile(&inquiry);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, open_oracles, close_oracles)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(an_answer_is_the_callers),
		CALL_TEST(early_wakes_are_not_answers),
		CALL_TEST(an_answer_that_nobody_wants_is_dropped),
		CALL_TEST(silence_is_an_error),
		CALL_TEST(what_is_answered_too_late_is_dropped),
		CALL_TEST(without_room_in_time_nothing_has_happened),
		CALL_TEST(who_is_refused_keeps_the_question),
		CALL_TEST(without_memory_nothing_has_happened),
		CALL_TEST(who_is_cancelled_gets_no_answer),
		CALL_TEST(who_is_cancelled_gets_no_room),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
