/* SPDX-License-Identifier: MIT */

/* mailbox.h: joining, and what the other wrappers add to the operations. */

#include "fake.h"
#include "test.h"

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static int n_destroyed;

static void destroy(void *state)
{
	++*(int *)state;
	n_destroyed++;
}

static const struct actor_behavior with_destroy = {
	.size = sizeof with_destroy,
	.name = "with_destroy",
	.destroy = destroy,
};

static const struct actor_behavior without_destroy = {
	.size = sizeof without_destroy,
	.name = "without_destroy",
};

static void end_releases_its_state_once(void **state)
{
	int thing = 0;
	struct actor_end end = { .state = &thing, .behavior = &with_destroy };

	(void)state;
	n_destroyed = 0;
	actor_end_drop(&end);
	assert_int_equal(thing, 1);
	assert_null(end.state);
	actor_end_drop(&end);
	assert_int_equal(n_destroyed, 1);
}

static void end_without_a_state_or_a_destroy_function(void **state)
{
	int thing = 0;
	struct actor_end no_state = { .behavior = &with_destroy };
	struct actor_end no_destroy = { .state = &thing, .behavior = &without_destroy };
	struct actor_end zeroed;

	(void)state;
	memset(&zeroed, 0, sizeof zeroed);
	n_destroyed = 0;
	actor_end_drop(&no_state);
	actor_end_drop(&no_destroy);
	actor_end_drop(&zeroed);
	assert_int_equal(n_destroyed, 0);
	assert_null(no_destroy.state);
}

static void join_is_answered_by_a_unit(void **state)
{
	(void)state;
	assert_int_equal(actor_join_type()->size, sizeof(struct actor_message_type));
	assert_int_equal(actor_join_type()->message_size, sizeof(struct actor_unit));
	assert_int_equal(actor_join_type()->message_align, _Alignof(struct actor_unit));
	assert_null(actor_join_type()->drop);
	assert_null(actor_join_type()->reply);
	assert_ptr_equal(actor_join_type(), actor_join_type());
}

static void end_run(struct fake *fake)
{
	struct actor_unit unit = ACTOR_UNIT;

	fake_deliver(fake, 0, 0, &unit);
}

static void join_waits_and_brings_the_end(void **state)
{
	struct fake *fake = *state;
	struct actor_end end = { 0 };
	int thing;

	fake->on_await = end_run;
	fake->end = (struct actor_end){ .how = ACTOR_ENDED_STOPPED, .state = &thing };
	assert_int_equal(actor_mailbox_join(&fake->context, &fake->mailbox, 5000, &end), 0);
	assert_string_equal(fake_trace(fake), "open(actor.join.reply) join(0) await(all 0 5000) "
					      "deliver(0 0) close(0) end");
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_ptr_equal(end.state, &thing);
}

static void join_may_leave_the_end_to_be_asked_for(void **state)
{
	struct fake *fake = *state;
	struct actor_end end = { 0 };

	fake->on_await = end_run;
	fake->end.how = ACTOR_ENDED_FAILED;
	assert_int_equal(actor_mailbox_join(&fake->context, &fake->mailbox, 5000, NULL), 0);
	assert_string_equal(fake_trace(fake), "open(actor.join.reply) join(0) await(all 0 5000) "
					      "deliver(0 0) close(0)");
	assert_int_equal(actor_mailbox_end(&fake->mailbox, &end), 0);
	assert_string_equal(fake_trace(fake), "end");
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
}

/* Whoever gets no end has its own @ret_end untouched, and the detail says whose end it was to be.
 */
static void assert_joined(struct fake *fake, int expected, const char *trace)
{
	const struct actor_error *error = actor_error(&fake->context);
	struct actor_end end = { .how = ACTOR_ENDED_CANCELLED };

	fake->end.how = ACTOR_ENDED_STOPPED;
	assert_int_equal(actor_mailbox_join(&fake->context, &fake->mailbox, 5000, &end), expected);
	assert_string_equal(fake_trace(fake), trace);
	assert_int_equal(end.how, ACTOR_ENDED_CANCELLED);
	assert_int_equal(error->code, expected);
	assert_true(actor_identity_same(error->identity, actor_address_identity(&fake->address)));
	assert_string_equal(error->actor_name, "savings");
	assert_string_equal(error->actor_type, "account");
	assert_string_equal(error->message_type, "");
}

static void join_without_memory_changes_nothing(void **state)
{
	struct fake *fake = *state;

	fake->reply_open.returns[0] = ACTOR_E_NOMEM;
	assert_joined(fake, ACTOR_E_NOMEM, "open(actor.join.reply)");
}

static void join_of_what_never_ran_gives_both_halves_back(void **state)
{
	struct fake *fake = *state;

	fake->join.returns[0] = ACTOR_E_INVALID;
	assert_joined(fake, ACTOR_E_INVALID,
		      "open(actor.join.reply) join(0) deliver(0 -1005) close(0)");
}

static void join_that_ends_early_changes_nothing(void **state)
{
	static const int ends[] = {
		ACTOR_E_TIMEOUT,
		ACTOR_E_CANCELLED,
		ACTOR_E_DEADLOCK,
		ACTOR_E_NOSUSPEND,
	};
	size_t i;

	for (i = 0; i < N_ELEMENTS(ends); i++) {
		struct fake *fake = *state;

		fake_init(fake);
		fake->await.returns[0] = ends[i];
		assert_joined(fake, ends[i],
			      "open(actor.join.reply) join(0) await(all 0 5000) close(0)");
	}
}

/* The run ended after the wait had given up, and before the reply was closed. */
static void end_in_the_last_moment_counts(void **state)
{
	struct fake *fake = *state;
	struct actor_end end = { .how = ACTOR_ENDED_CANCELLED };

	fake->on_await = end_run;
	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	fake->end.how = ACTOR_ENDED_STOPPED;
	assert_int_equal(actor_mailbox_join(&fake->context, &fake->mailbox, 5000, &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
}

static void lose_the_place(struct fake *fake)
{
	fake_deliver(fake, 0, ACTOR_E_BUSY, NULL);
}

static void later_join_takes_the_place_of_an_earlier_one(void **state)
{
	struct fake *fake = *state;

	fake->on_await = lose_the_place;
	assert_joined(fake, ACTOR_E_BUSY,
		      "open(actor.join.reply) join(0) await(all 0 5000) deliver(0 -1201) "
		      "close(0)");
}

/* on_end, or somebody whom it told, has started the next run. */
static void join_comes_too_late_to_say_how(void **state)
{
	struct fake *fake = *state;

	fake->on_await = end_run;
	fake->get_end.returns[0] = ACTOR_E_BUSY;
	assert_joined(fake, ACTOR_E_BUSY,
		      "open(actor.join.reply) join(0) await(all 0 5000) deliver(0 0) close(0) end");
}

static void a_join_that_succeeds_leaves_the_last_error(void **state)
{
	struct fake *fake = *state;

	actor_error_set(&fake->context, ACTOR_E_CLOSED, NULL, NULL);
	fake->on_await = end_run;
	assert_int_equal(actor_mailbox_join(&fake->context, &fake->mailbox, 5000, NULL), 0);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_CLOSED);
	assert_string_equal(actor_error(&fake->context)->actor_name, "");
}

static void mailbox_tells_who_it_is(void **state)
{
	struct fake *fake = *state;
	struct actor_info info = actor_mailbox_info(&fake->mailbox);

	assert_string_equal(info.name, "savings");
	assert_string_equal(info.type, "account");
	assert_true(actor_identity_same(info.identity, actor_address_identity(&fake->address)));
}

static void stopping_a_mailbox_keeps_no_address(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(actor_mailbox_stop(&fake->mailbox, ACTOR_STOP_NOW), 0);
	assert_string_equal(fake_trace(fake), "address stop(now) unref");
}

static void stopping_may_be_unsupported(void **state)
{
	struct fake *fake = *state;
	struct actor_address_ops ops = *fake->address.ops;

	ops.stop = NULL;
	fake->address.ops = &ops;
	assert_int_equal(actor_mailbox_stop(&fake->mailbox, ACTOR_STOP_DRAIN), ACTOR_E_UNSUPPORTED);
	assert_string_equal(fake_trace(fake), "address unref");
}

static void ended(void *user, struct actor_end *end)
{
	*(void **)user = end->state;
}

static void start_is_passed_on(void **state)
{
	struct fake *fake = *state;
	void *got = NULL;
	int thing;

	assert_int_equal(actor_mailbox_start(&fake->mailbox, &thing, ended, &got), 0);
	assert_ptr_equal(got, &thing);
	fake->start.returns[1] = ACTOR_E_BUSY;
	assert_int_equal(actor_mailbox_start(&fake->mailbox, &thing, NULL, NULL), ACTOR_E_BUSY);
	assert_string_equal(fake_trace(fake), "start(on_end) start()");
}

static void destroying_cancels_first(void **state)
{
	struct fake *fake = *state;

	actor_mailbox_cancel(&fake->mailbox);
	actor_mailbox_detach(&fake->mailbox);
	assert_string_equal(fake_trace(fake), "cancel detach");
	actor_mailbox_destroy(&fake->mailbox);
	assert_string_equal(fake_trace(fake), "cancel detach");
}

static void no_mailbox_needs_no_giving_up(void **state)
{
	(void)state;
	actor_mailbox_detach(NULL);
	actor_mailbox_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_releases_its_state_once),
		cmocka_unit_test(end_without_a_state_or_a_destroy_function),
		cmocka_unit_test(join_is_answered_by_a_unit),
		cmocka_unit_test_setup(join_waits_and_brings_the_end, set_up),
		cmocka_unit_test_setup(join_may_leave_the_end_to_be_asked_for, set_up),
		cmocka_unit_test_setup(join_without_memory_changes_nothing, set_up),
		cmocka_unit_test_setup(join_of_what_never_ran_gives_both_halves_back, set_up),
		cmocka_unit_test_setup(join_that_ends_early_changes_nothing, set_up),
		cmocka_unit_test_setup(end_in_the_last_moment_counts, set_up),
		cmocka_unit_test_setup(later_join_takes_the_place_of_an_earlier_one, set_up),
		cmocka_unit_test_setup(join_comes_too_late_to_say_how, set_up),
		cmocka_unit_test_setup(a_join_that_succeeds_leaves_the_last_error, set_up),
		cmocka_unit_test_setup(mailbox_tells_who_it_is, set_up),
		cmocka_unit_test_setup(stopping_a_mailbox_keeps_no_address, set_up),
		cmocka_unit_test_setup(stopping_may_be_unsupported, set_up),
		cmocka_unit_test_setup(start_is_passed_on, set_up),
		cmocka_unit_test_setup(destroying_cancels_first, set_up),
		cmocka_unit_test(no_mailbox_needs_no_giving_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
