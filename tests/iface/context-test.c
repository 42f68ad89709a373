/* SPDX-License-Identifier: MIT */

/* context.h: the scope list, failing, logging, sleeping, and the detail of errors. */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

/* Cleanups that write down which of them ran. */
static char undone[16];

static void undo(void *user)
{
	strcat(undone, user);
}

static struct actor_cleanup *defer_three(struct fake *fake)
{
	static struct actor_cleanup cleanups[3];

	undone[0] = '\0';
	actor_defer(&fake->context, &cleanups[0], undo, "a");
	actor_defer(&fake->context, &cleanups[1], undo, "b");
	actor_defer(&fake->context, &cleanups[2], undo, "c");
	return cleanups;
}

static void cleanups_run_last_first(void **state)
{
	struct fake *fake = *state;

	defer_three(fake);
	actor_unwind(&fake->context);
	assert_string_equal(undone, "cba");
	assert_null(fake->context.scope);
	actor_unwind(&fake->context);
	assert_string_equal(undone, "cba");
}

static void cleanup_is_taken_back_from_any_place(void **state)
{
	static const char *const rest[] = { "cb", "ca", "ba" };
	struct fake *fake = *state;
	size_t i;

	for (i = 0; i < N_ELEMENTS(rest); i++) {
		struct actor_cleanup *cleanups = defer_three(fake);

		actor_undefer(&fake->context, &cleanups[i]);
		assert_string_equal(undone, "");
		actor_unwind(&fake->context);
		assert_string_equal(undone, rest[i]);
	}
}

static void cleanups_taken_back_leave_an_empty_scope(void **state)
{
	struct fake *fake = *state;
	struct actor_cleanup *cleanups = defer_three(fake);

	actor_undefer(&fake->context, &cleanups[1]);
	actor_undefer(&fake->context, &cleanups[0]);
	actor_undefer(&fake->context, &cleanups[2]);
	assert_null(fake->context.scope);
	assert_string_equal(undone, "");
}

/* What runs is off the list already: it may take back what was set up before it. */
static struct fake *unwinding;

static void undefer_first(void *user)
{
	strcat(undone, "x");
	actor_undefer(&unwinding->context, user);
}

static void cleanup_may_take_back_another(void **state)
{
	struct fake *fake = *state;
	struct actor_cleanup last, *cleanups = defer_three(fake);

	unwinding = fake;
	actor_defer(&fake->context, &last, undefer_first, &cleanups[1]);
	actor_unwind(&fake->context);
	assert_string_equal(undone, "xca");
}

static void fail_in_line_20(struct actor_context *context)
{
	actor_fail(context, "the books do not balance", "bank.c", 20);
}

static void failing_says_why_and_where(void **state)
{
	struct fake *fake = *state;

	if (setjmp(fake->failed) == 0)
		fail_in_line_20(&fake->context);
	assert_int_equal(fake->failure.size, sizeof fake->failure);
	assert_string_equal(fake->failure.text, "the books do not balance");
	assert_string_equal(fake->failure.file, "bank.c");
	assert_int_equal(fake->failure.line, 20);
	assert_null(fake->failure.message_type);
}

static void failing_here_knows_where_that_is(void **state)
{
	struct fake *fake = *state;
	const int line = __LINE__ + 3;

	if (setjmp(fake->failed) == 0)
		ACTOR_FAIL(&fake->context, "the books do not balance");
	assert_string_equal(fake->failure.text, "the books do not balance");
	assert_string_equal(fake->failure.file, __FILE__);
	assert_int_equal(fake->failure.line, line);
}

/* An implementation whose fail returns, against the rules, is asked again. */
static int n_fails;

static void fail_the_second_time(struct actor_context *context, const struct actor_failure *failure)
{
	struct fake *fake = ACTOR_CONTAINER_OF(context, struct fake, context);

	(void)failure;
	if (++n_fails == 2)
		longjmp(fake->failed, 1);
}

static void failing_never_returns(void **state)
{
	struct fake *fake = *state;
	struct actor_context_ops ops = *fake->context.ops;

	ops.fail = fail_the_second_time;
	fake->context.ops = &ops;
	n_fails = 0;
	if (setjmp(fake->failed) == 0)
		fail_in_line_20(&fake->context);
	assert_int_equal(n_fails, 2);
}

static void context_tells_self_spawner_and_time(void **state)
{
	struct fake *fake = *state;

	assert_ptr_equal(actor_self(&fake->context), &fake->address);
	assert_ptr_equal(actor_spawner(&fake->context), &fake->spawner);
	assert_true(actor_now(&fake->context) == fake->now);
	assert_true(actor_deadline_after(&fake->context, 5) == fake->now + 5);
	assert_true(actor_deadline_after(&fake->context, ACTOR_FOREVER) == ACTOR_FOREVER);
	fake->has_self = false;
	assert_null(actor_self(&fake->context));
}

static void actor_stops_itself(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(actor_stop(&fake->context, ACTOR_STOP_DRAIN), 0);
	assert_string_equal(fake_trace(fake), "stop(drain)");
}

static void thread_cannot_stop_itself(void **state)
{
	struct fake *fake = *state;

	fake->has_self = false;
	assert_int_equal(actor_stop(&fake->context, ACTOR_STOP_NOW), ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
}

static void log_record_says_everything_but_who(void **state)
{
	struct fake *fake = *state;
	int line = __LINE__ + 1;
	ACTOR_LOG(&fake->context, ACTOR_LOG_INFO, "%d words in %s", 7, "a.txt");

	assert_string_equal(fake_trace(fake), "log");
	assert_int_equal(fake->record.size, sizeof fake->record);
	assert_int_equal(fake->record.level, ACTOR_LOG_INFO);
	assert_null(fake->record.actor); /* the implementation knows */
	assert_null(fake->record.message_type);
	assert_string_equal(fake->record.file, __FILE__);
	assert_int_equal(fake->record.line, line);
	assert_string_equal(fake->record.text, "7 words in a.txt");
}

static void unwanted_level_is_not_logged(void **state)
{
	struct fake *fake = *state;

	ACTOR_LOG(&fake->context, ACTOR_LOG_DEBUG, "nobody reads this");
	assert_string_equal(fake_trace(fake), "");
	fake->log_level = ACTOR_LOG_NONE;
	ACTOR_LOG(&fake->context, ACTOR_LOG_ERROR, "nor this");
	assert_string_equal(fake_trace(fake), "");
	fake->log_level = ACTOR_LOG_TRACE;
	ACTOR_LOG(&fake->context, ACTOR_LOG_TRACE, "but this");
	assert_string_equal(fake_trace(fake), "log");
}

static void log_text_is_cut(void **state)
{
	struct fake *fake = *state;
	char text[550];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	ACTOR_LOG(&fake->context, ACTOR_LOG_ERROR, "%s", text);
	assert_int_equal(strlen(fake->record.text), 499);
}

static void error_keeps_who_and_what(void **state)
{
	struct fake *fake = *state;
	const struct actor_error *error = actor_error(&fake->context);

	assert_int_equal(
		actor_error_set(&fake->context, ACTOR_E_CLOSED, &fake->address, &parcel_type),
		ACTOR_E_CLOSED);
	assert_int_equal(error->code, ACTOR_E_CLOSED);
	assert_int_equal(error->system_errno, 0);
	assert_int_equal(error->identity.number, 3);
	assert_ptr_equal(error->identity.domain, fake);
	assert_string_equal(error->actor_name, "savings");
	assert_string_equal(error->actor_type, "account");
	assert_string_equal(error->message_type, "test.parcel");
}

static void error_keeps_nothing_of_the_one_before(void **state)
{
	struct fake *fake = *state;
	const struct actor_error *error = actor_error(&fake->context);

	actor_error_set(&fake->context, ACTOR_E_CLOSED, &fake->address, &parcel_type);
	fake->error.system_errno = 5;
	actor_error_set(&fake->context, ACTOR_E_NOMEM, NULL, NULL);
	assert_int_equal(error->code, ACTOR_E_NOMEM);
	assert_int_equal(error->system_errno, 0);
	assert_null(error->identity.domain);
	assert_string_equal(error->actor_name, "");
	assert_string_equal(error->actor_type, "");
	assert_string_equal(error->message_type, "");
}

static void info_with_long_names(const struct actor_address *address, struct actor_info *ret_info)
{
	static char name[100], type[100];

	memset(name, 'n', sizeof name - 1);
	memset(type, 't', sizeof type - 1);
	ret_info->identity = (struct actor_identity){ address, 1 };
	ret_info->name = name;
	ret_info->type = type;
}

static void error_cuts_what_is_too_long(void **state)
{
	struct fake *fake = *state;
	const struct actor_error *error = actor_error(&fake->context);
	struct actor_address_ops ops = *fake->address.ops;
	struct actor_message_type type = number_type;
	char name[100];

	memset(name, 'm', sizeof name);
	name[sizeof name - 1] = '\0';
	type.name = name;
	ops.info = info_with_long_names;
	fake->address.ops = &ops;
	actor_error_set(&fake->context, ACTOR_E_CLOSED, &fake->address, &type);
	assert_int_equal(strlen(error->actor_name), sizeof error->actor_name - 1);
	assert_int_equal(strlen(error->actor_type), sizeof error->actor_type - 1);
	assert_int_equal(strlen(error->message_type), sizeof error->message_type - 1);
}

static void sleeping_is_awaiting_nothing(void **state)
{
	struct fake *fake = *state;

	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	assert_int_equal(actor_sleep_until(&fake->context, 5000), 0);
	assert_string_equal(fake_trace(fake), "await(any 5000)");
}

static void sleep_can_be_cut_short(void **state)
{
	struct fake *fake = *state;

	fake->await.returns[0] = ACTOR_E_CANCELLED;
	fake->await.returns[1] = ACTOR_E_NOSUSPEND;
	assert_int_equal(actor_sleep_until(&fake->context, 5000), ACTOR_E_CANCELLED);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_CANCELLED);
	assert_int_equal(actor_sleep_until(&fake->context, 5000), ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_NOSUSPEND);
}

/* Replies may be members of anything, and some of them missing. */
static void replies_are_a_stride_apart(void **state)
{
	struct fake *fake = *state;
	struct {
		long before;
		struct actor_reply *reply;
		long after;
	} calls[3] = { { 0 } };

	assert_int_equal(
		fake->context.ops->reply_open(&fake->context, &number_type, &calls[0].reply), 0);
	assert_int_equal(
		fake->context.ops->reply_open(&fake->context, &number_type, &calls[2].reply), 0);
	fake_trace(fake);
	fake->await.returns[0] = 2;
	assert_int_equal(actor_await_replies(&fake->context, &calls[0].reply, 3, sizeof calls[0],
					     ACTOR_AWAIT_ANY, ACTOR_AT_ONCE),
			 2);
	assert_string_equal(fake_trace(fake), "await(any 0 -1 1 at-once)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cleanups_run_last_first, set_up),
		cmocka_unit_test_setup(cleanup_is_taken_back_from_any_place, set_up),
		cmocka_unit_test_setup(cleanups_taken_back_leave_an_empty_scope, set_up),
		cmocka_unit_test_setup(cleanup_may_take_back_another, set_up),
		cmocka_unit_test_setup(failing_says_why_and_where, set_up),
		cmocka_unit_test_setup(failing_here_knows_where_that_is, set_up),
		cmocka_unit_test_setup(failing_never_returns, set_up),
		cmocka_unit_test_setup(context_tells_self_spawner_and_time, set_up),
		cmocka_unit_test_setup(actor_stops_itself, set_up),
		cmocka_unit_test_setup(thread_cannot_stop_itself, set_up),
		cmocka_unit_test_setup(log_record_says_everything_but_who, set_up),
		cmocka_unit_test_setup(unwanted_level_is_not_logged, set_up),
		cmocka_unit_test_setup(log_text_is_cut, set_up),
		cmocka_unit_test_setup(error_keeps_who_and_what, set_up),
		cmocka_unit_test_setup(error_keeps_nothing_of_the_one_before, set_up),
		cmocka_unit_test_setup(error_cuts_what_is_too_long, set_up),
		cmocka_unit_test_setup(sleeping_is_awaiting_nothing, set_up),
		cmocka_unit_test_setup(sleep_can_be_cut_short, set_up),
		cmocka_unit_test_setup(replies_are_a_stride_apart, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
