/* SPDX-License-Identifier: MIT */

/* How sessions end, and what of them. */

#include "session-fixture.h"
#include "unopened.h"

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

/* ---- with a grace */

/* Sends that are kept, and a call; then it is closed. */
static void close_with_some_kept(const struct actor_session_options *options)
{
	struct caller kept;

	open_session(options);
	server.down = true;
	assert_int_equal(actor_session_start(session), 0);
	assert_int_equal(tell("a"), 0);
	begin(&kept, 1);
	assert_int_equal(tell("b"), 0);
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
	actor_session_close(session, "it is time");
	assert_int_equal(tell("c"), ACTOR_E_CLOSED);
	settle();
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE); /* who calls may do otherwise */
}

static void what_is_kept_is_sent_within_the_grace(void)
{
	close_with_some_kept(&(struct actor_session_options){
		.grace_ns = 10 * SECOND, .first_delay_ns = SECOND, .most_delay_ns = SECOND });
	assert_int_equal(counts().n_kept, 2);
	server.down = false;
	pass_ns(SECOND);
	assert_string_equal(server.sum.notes, "ab");
	assert_int_equal(counts().n_dropped, 0);
	expect_connected();
	assert_string_equal(expect(ACTOR_SESSION_CLOSED, 0).text, "it is time");
	expect_no_more();
	assert_int_equal(server.sum.total, 0);
	close_session();
}

static void a_grace_is_over_some_time(void)
{
	close_with_some_kept(&(struct actor_session_options){
		.grace_ns = 10300 * MS, .first_delay_ns = 100 * SECOND, .seed = 1 });
	pass_ns(10200 * MS);
	assert_int_equal(counts().n_kept, 2);
	actor_session_close(session, "once more"); /* which gives it no more time */
	pass_ns(200 * MS);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(counts().n_dropped, 2);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	close_session();
}

static void who_gives_up_has_no_grace(void)
{
	close_with_some_kept(&(struct actor_session_options){
		.grace_ns = 1000 * SECOND, .first_delay_ns = SECOND, .most_attempts = 2 });
	pass_ns(SECOND);
	assert_int_equal(counts().n_dropped, 2);
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	close_session();
}

static void without_anything_to_send_there_is_no_grace(void)
{
	open_session(&(struct actor_session_options){ .grace_ns = ACTOR_FOREVER,
						      .first_delay_ns = SECOND });
	server.down = true;
	assert_int_equal(actor_session_start(session), 0);
	settle();
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
	actor_session_close(session, NULL);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	close_session();
}

enum { MANY = 40 };

static void what_a_slow_connection_has_not_taken_is_sent_within_the_grace(void)
{
	char text[1001] = { 0 };

	memset(text, 't', 1000);
	narrow = 1500;
	start_session(&(struct actor_session_options){ .grace_ns = SECOND });
	for (int i = 0; i < MANY; i++)
		assert_int_equal(tell(text), 0);
	assert_true(counts().n_kept > MANY / 2);
	actor_session_close(session, NULL);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_notes, MANY);
	expect_connected();
	expect(ACTOR_SESSION_CLOSED, 0);
	close_session();
}

/* ---- waiting for it */

static int join_in(int64_t duration_ns)
{
	return actor_session_join(context, session, actor_deadline_after(context, duration_ns));
}

static void it_may_be_waited_for(void)
{
	start_session(NULL);
	assert_int_equal(tell("a"), 0);
	assert_int_equal(join_in(SECOND), ACTOR_E_TIMEOUT);
	assert_int_equal(tell("b"), 0);
	actor_session_close(session, NULL);
	assert_int_equal(join_in(10 * SECOND), 0);
	settle(); /* what has come is handled, too */
	assert_string_equal(server.sum.notes, "ab");
	assert_int_equal(actor_session_join(context, session, ACTOR_AT_ONCE), 0);
	close_session();
	open_session(NULL);
	assert_int_equal(join_in(SECOND), ACTOR_E_TIMEOUT);
	actor_session_close(session, NULL);
	assert_int_equal(actor_session_join(context, session, ACTOR_AT_ONCE), 0);
	close_session();
}

/* The other side does not close for as long as it has something to do. */
static void it_is_over_when_its_connection_is(void)
{
	struct actor_peer *peer;
	struct caller busy;

	start_session(NULL);
	expect_connected();
	server.sum.slow = true;
	begin(&busy, 1);
	settle();
	actor_peer_close(server.peer, NULL); /* within a grace of its own */
	peer = actor_session_peer(session);
	assert_non_null(peer);
	actor_session_close(session, NULL);
	assert_int_equal(actor_session_join(context, session, ACTOR_FOREVER), 0);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	actor_peer_unref(peer);
	assert_int_equal(end_add(&busy), ACTOR_E_DISCONNECTED);
	expect(ACTOR_SESSION_CLOSED, 0);
	close_session();
}

/* ---- what is being made when it closes */

static struct unopened unopened;

static int dial_unopened(void *user, struct actor_context *by, int64_t deadline_ns,
			 struct actor_transport **ret_transport)
{
	(void)user, (void)by, (void)deadline_ns;
	unopened_init(&unopened, executor);
	*ret_transport = &unopened.transport;
	return 0;
}

static int show_peer(void *user, struct actor_peer *peer)
{
	*(struct actor_peer **)user = actor_peer_ref(peer);
	return 0;
}

static void is_over_when_it_is(bool writes)
{
	struct actor_peer *peer = NULL;
	int64_t before_ns;

	open_session(&(struct actor_session_options){
		.dial = dial_unopened, .prepare = show_peer, .user = &peer });
	assert_int_equal(actor_session_start(session), 0);
	expect(ACTOR_SESSION_CONNECTING, 0);
	if (writes)
		assert_int_equal(
			actor_peer_send_frame(peer, NOTE_ID, (const uint8_t *)"\x60", 1, NULL), 0);
	settle();
	before_ns = actor_now(context);
	actor_session_close(session, NULL);
	assert_int_equal(actor_session_join(context, session, ACTOR_FOREVER), 0);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	assert_true(unopened.destroyed);
	assert_int_equal(actor_now(context) - before_ns, writes ? SECOND : 0);
	expect(ACTOR_SESSION_CLOSED, 0);
	expect_no_more();
	actor_peer_unref(peer);
	close_session();
}

/* A program may know its peer, and have sent something itself, which has its grace. */
static void it_is_over_when_what_is_being_made_is(void)
{
	is_over_when_it_is(false);
	is_over_when_it_is(true);
}

/* Nor is anything left of the last attempt. */
static void it_is_over_when_what_has_failed_is(void)
{
	struct actor_peer *peer = NULL;

	open_session(&(struct actor_session_options){ .dial = dial_unopened,
						      .prepare = show_peer,
						      .user = &peer,
						      .dial_timeout_ns = 3 * SECOND,
						      .most_attempts = 1 });
	assert_int_equal(actor_session_start(session), 0);
	expect(ACTOR_SESSION_CONNECTING, 0);
	assert_int_equal(actor_peer_send_frame(peer, NOTE_ID, (const uint8_t *)"\x60", 1, NULL), 0);
	assert_int_equal(actor_session_join(context, session, ACTOR_FOREVER), 0);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	assert_true(unopened.destroyed);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_TIMEOUT);
	expect(ACTOR_SESSION_GAVE_UP, ACTOR_E_TIMEOUT);
	expect_no_more();
	actor_peer_unref(peer);
	close_session();
}

/* ---- at any time */

static struct actor_wire_format_ops closing_ops;
static const struct actor_wire_format closing_format = { &closing_ops, "closing" };

static int encode_and_close(const struct actor_wire_format *format,
			    const struct actor_schema *schema, const void *value,
			    struct actor_bytes *bytes)
{
	const struct actor_wire_format *cbor = actor_cbor_format();

	(void)format;
	actor_session_close(session, NULL);
	settle();
	return cbor->ops->encode(cbor, schema, value, bytes);
}

static void what_is_being_made_when_it_closes_is_refused(void)
{
	const struct actor_peer_options peer = { .size = sizeof peer, .format = &closing_format };

	closing_ops = *actor_cbor_format()->ops;
	closing_ops.encode = encode_and_close;
	for (int started = 0; started < 2; started++) {
		open_session(&(struct actor_session_options){ .peer = &peer });
		server.down = true;
		if (started)
			assert_int_equal(actor_session_start(session), 0);
		settle();
		assert_int_equal(add(1), ACTOR_E_CLOSED);
		assert_int_equal(counts().n_kept, 0);
		assert_int_equal(counts().n_dropped, 0);
		close_session();
	}
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
	open_session(&(struct actor_session_options){ .dial = dial_and_fail,
						      .grace_ns = ACTOR_FOREVER });
	assert_int_equal(tell("a"), 0);
	assert_int_equal(actor_session_start(session), 0);
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
		SIMULATED_TEST(what_is_kept_is_sent_within_the_grace),
		SIMULATED_TEST(a_grace_is_over_some_time),
		SIMULATED_TEST(who_gives_up_has_no_grace),
		SIMULATED_TEST(without_anything_to_send_there_is_no_grace),
		SIMULATED_TEST(what_a_slow_connection_has_not_taken_is_sent_within_the_grace),
		SIMULATED_TEST(it_may_be_waited_for),
		SIMULATED_TEST(it_is_over_when_its_connection_is),
		SIMULATED_TEST(it_is_over_when_what_is_being_made_is),
		SIMULATED_TEST(it_is_over_when_what_has_failed_is),
		SIMULATED_TEST(what_is_being_made_when_it_closes_is_refused),
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
