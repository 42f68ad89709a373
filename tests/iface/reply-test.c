/* SPDX-License-Identifier: MIT */

/* reply.h: whether anybody waits, which not every implementation can tell; and the typed layer's
 * way to ask. */

#include "test.h"

struct question {
	int number;
};
ACTOR_MESSAGE(question, int);
ACTOR_MESSAGE_DEFINE(question, "test.question", NULL, NULL);

static int deliver(struct actor_reply *reply, int status, void *value)
{
	(void)reply, (void)status, (void)value;
	return 0;
}

/* A reply whose caller has gone, by its own account. */
static bool abandoned(struct actor_reply *reply)
{
	(void)reply;
	return true;
}

static const struct actor_reply_ops telling = {
	.size = sizeof telling,
	.deliver = deliver,
	.abandoned = abandoned,
};

static void who_can_tell_is_asked(void **state)
{
	struct actor_reply reply = { &telling };

	(void)state;
	assert_true(actor_reply_abandoned(&reply));
}

static void who_cannot_tell_has_a_caller(void **state)
{
	struct actor_reply_ops silent = telling, older = telling;
	struct actor_reply replies[] = { { &silent }, { &older } };

	(void)state;
	silent.abandoned = NULL;
	older.size = offsetof(struct actor_reply_ops, abandoned);
	assert_false(actor_reply_abandoned(&replies[0]));
	assert_false(actor_reply_abandoned(&replies[1]));
}

static void take_answer(struct actor_ask *ask, int status, void *value)
{
	(void)ask, (void)status, (void)value;
}

static bool was_abandoned;

static int accept_and_look(struct actor_address *address, const struct actor_message_type *type,
			   void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	(void)address, (void)type, (void)message, (void)waiter;
	was_abandoned = actor_reply_abandoned(reply);
	return 0;
}

static void an_ask_always_has_a_caller(void **state)
{
	struct actor_address_ops ops = { .size = sizeof ops, .post = accept_and_look };
	struct actor_address address = { &ops };
	struct question question = { 1 };
	struct actor_ask ask;

	(void)state;
	was_abandoned = true;
	assert_int_equal(
		actor_ask(NULL, &ask, &address, &question_type, &question, take_answer, NULL), 0);
	assert_false(was_abandoned);
}

static void typed_replies_pass_the_question_on(void **state)
{
	struct actor_reply_ops silent = telling;
	struct actor_reply gone = { &telling }, waited_for = { &silent };
	struct actor_reply *slots[] = { &gone, &waited_for };
	struct question_reply reply;
	size_t i;

	(void)state;
	silent.abandoned = NULL;
	for (i = 0; i < N_ELEMENTS(slots); i++) {
		struct question_pending pending = { &slots[i] };

		assert_int_equal(question_pending_abandoned(pending), i == 0);
		reply = question_reply_take(pending);
		assert_int_equal(question_reply_abandoned(&reply), i == 0);
		assert_true(question_pending_abandoned(pending)); /* nothing is left there */
		question_reply_refuse(&reply, ACTOR_E_STOPPED);
		assert_true(question_reply_abandoned(&reply));
	}
}

static void nobody_waits_for_what_was_sent(void **state)
{
	struct actor_reply *slot = NULL;
	struct question_pending pending = { &slot };
	struct question_reply reply = { NULL };

	(void)state;
	assert_true(question_pending_abandoned(pending));
	assert_true(question_reply_abandoned(&reply));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_can_tell_is_asked),
		cmocka_unit_test(who_cannot_tell_has_a_caller),
		cmocka_unit_test(an_ask_always_has_a_caller),
		cmocka_unit_test(typed_replies_pass_the_question_on),
		cmocka_unit_test(nobody_waits_for_what_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
