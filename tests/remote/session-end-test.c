/* SPDX-License-Identifier: MIT */

/* How sessions end, and what of them. */

#include "session-fixture.h"

/* ---- the end */

static void closing_ends_every_call(void)
{
	struct caller given, kept;
	struct echoing echoing;

	start_session(&(struct actor_session_options){ .repeatable = repeatable,
						       .n_repeatable = 2,
						       .first_delay_ns = 10 * SECOND,
						       .seed = 1 });
	expect_connected();
	server.sum.slow = true;
	begin(&given, 1);
	begin_echo(&echoing, "a text");
	settle();
	lose();
	expect(ACTOR_SESSION_LOST, 0);
	server.down = true;
	begin(&kept, 1);
	actor_session_close(session, "it is time");
	actor_session_close(session, "again");
	assert_int_equal(tell("a"), ACTOR_E_CLOSED);
	settle();
	assert_int_equal(end_add(&given), ACTOR_E_DISCONNECTED);
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	assert_int_equal(end_echo(&echoing, ""), ACTOR_E_DISCONNECTED);
	assert_string_equal(expect(ACTOR_SESSION_CLOSED, 0).text, "it is time");
	expect_no_more();
	assert_int_equal(actor_session_start(session), ACTOR_E_CLOSED);
	close_session();
}

static void what_was_given_is_written_before_it_closes(void)
{
	struct echoing echoing;

	start_session(
		&(struct actor_session_options){ .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	assert_int_equal(tell("a"), 0);
	begin_echo(&echoing, "a text");
	actor_session_close(session, NULL);
	assert_int_equal(tell("b"), ACTOR_E_CLOSED); /* although there is a connection */
	settle();
	assert_string_equal(server.sum.notes, "a");
	assert_int_equal(end_echo(&echoing, ""), ACTOR_E_DISCONNECTED);
	close_session();
}

static void closing_cancels_an_attempt(void)
{
	open_session(NULL);
	server.takes_ns = 5 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	settle();
	expect(ACTOR_SESSION_CONNECTING, 0);
	actor_session_close(session, NULL);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	assert_int_equal(server.n_dialed, 1);
	close_session();
}

static void one_that_was_never_started_ends_at_once(void)
{
	struct caller kept;

	open_session(NULL);
	begin(&kept, 1);
	actor_session_unref(session);
	session = NULL;
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	close_session();
}

static void its_last_owner_closes_it(void)
{
	start_session(NULL);
	expect_connected();
	actor_session_unref(actor_session_ref(session));
	settle();
	assert_int_equal(add(1), 0);
	actor_session_unref(session);
	session = NULL;
	assert_string_equal(expect(ACTOR_SESSION_CLOSED, 0).text, "nobody owns it any more");
	assert_int_equal(tell("a"), ACTOR_E_CLOSED);
	close_session();
}

static int dial_and_fail(void *user, struct actor_context *by, int64_t deadline_ns,
			 struct actor_transport **ret_transport)
{
	(void)user, (void)deadline_ns, (void)ret_transport;
	ACTOR_FAIL(by, "as the test wants it");
}

static void who_dials_may_fail(void)
{
	start_session(&(struct actor_session_options){ .dial = dial_and_fail });
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_CLOSED, ACTOR_E_STOPPED);
	expect_no_more();
	assert_int_equal(tell("a"), ACTOR_E_CLOSED);
	close_session();
}

static int close_it(void *user, struct actor_peer *peer)
{
	(void)user, (void)peer;
	actor_session_unref(session);
	session = NULL;
	return 0;
}

static void who_prepares_may_close_it(void)
{
	start_session(&(struct actor_session_options){ .prepare = close_it });
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	close_session();
}

/* Nobody can be asked to stop. */
static int dial_for_long(void *user, struct actor_context *by, int64_t deadline_ns,
			 struct actor_transport **ret_transport)
{
	unsigned *n_cancelled = user;
	int64_t until_ns = actor_deadline_after(by, SECOND);

	for (int i = 0; i < 10; i++)
		*n_cancelled += actor_sleep_until(by, until_ns) == ACTOR_E_CANCELLED;
	return dial(NULL, by, deadline_ns, ret_transport);
}

static void a_connection_that_comes_too_late_is_closed(void)
{
	unsigned n_cancelled = 0;
	struct caller kept;

	open_session(
		&(struct actor_session_options){ .dial = dial_for_long, .user = &n_cancelled });
	assert_int_equal(actor_session_start(session), 0);
	settle();
	begin(&kept, 1);
	expect(ACTOR_SESSION_CONNECTING, 0);
	actor_session_close(session, NULL);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	assert_int_equal(n_cancelled, 10);
	assert_int_equal(server.n_dialed, 1);
	assert_int_equal(actor_peer_join(context, server.peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	close_session();
}

static void it_cannot_be_started_on_an_executor_that_is_closed(void)
{
	struct caller kept;

	open_session(NULL);
	begin(&kept, 1);
	actor_executor_close(executor);
	assert_int_equal(actor_session_start(session), ACTOR_E_CLOSED);
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	expect(ACTOR_SESSION_CLOSED, ACTOR_E_CLOSED);
	expect_no_more();
	close_session();
}

static void it_ends_with_its_executor(void)
{
	struct caller given, kept;

	start_session(NULL);
	server.sum.slow = true;
	begin(&given, 1);
	settle();
	lose();
	begin(&kept, 1);
	actor_executor_close(executor);
	settle();
	assert_int_equal(end_add(&given), ACTOR_E_DISCONNECTED);
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	assert_int_equal(tell("a"), ACTOR_E_CLOSED);
	close_session();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(closing_ends_every_call),
		SIMULATED_TEST(what_was_given_is_written_before_it_closes),
		SIMULATED_TEST(closing_cancels_an_attempt),
		SIMULATED_TEST(one_that_was_never_started_ends_at_once),
		SIMULATED_TEST(its_last_owner_closes_it),
		SIMULATED_TEST(who_dials_may_fail),
		SIMULATED_TEST(who_prepares_may_close_it),
		SIMULATED_TEST(a_connection_that_comes_too_late_is_closed),
		SIMULATED_TEST(it_cannot_be_started_on_an_executor_that_is_closed),
		SIMULATED_TEST(it_ends_with_its_executor),
	};

	return cmocka_run_group_tests_name("session-end", tests, NULL, NULL);
}
