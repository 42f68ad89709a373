/* SPDX-License-Identifier: MIT */

/* Sessions: one connection after the other. */

#include "session-fixture.h"

/* ---- connections come and go */

static void it_connects_and_connects_again(void)
{
	struct actor_session_event event;

	start_session(NULL);
	expect_connected();
	assert_int_equal(add(1), 0);
	for (unsigned i = 1; i <= 3; i++) {
		lose();
		event = expect(ACTOR_SESSION_LOST, 0);
		assert_string_equal(event.text, "the other side has closed");
		assert_int_equal(event.n_attempts, i);
		assert_true(event.next_ns < ACTOR_FOREVER);
		pass_ns(2 * SECOND);
		expect_connected();
		assert_int_equal(add(1), 0);
	}
	assert_int_equal(server.sum.total, 4);
	assert_int_equal(counts().n_connections, 4);
	assert_int_equal(counts().n_attempts, 4);
	assert_true(counts().connected);
	assert_int_equal(actor_session_start(session), ACTOR_E_BUSY);
	close_session();
}

static int refuse_peer(void *user, struct actor_peer *peer)
{
	unsigned *n = user;

	/* The third time it starts the peer itself, which is not its business. */
	return ++*n < 3 ? ACTOR_E_INVALID : actor_peer_start(peer);
}

static int serve_peer(void *user, struct actor_peer *peer)
{
	(void)user;
	return actor_peer_serve(peer, server.services.map);
}

static void a_peer_is_prepared_before_it_is_started(void)
{
	union remotes_address back;

	start_session(&(struct actor_session_options){ .prepare = serve_peer });
	assert_int_equal(remotes_remote(server.peer, &back), 0);
	assert_int_equal(ACTOR_CALL(context, back, add, NULL, &(struct add){ 3 }), 0);
	assert_int_equal(server.sum.total, 3);
	actor_address_unref(back.address);
	close_session();
}

static void who_prepares_a_peer_may_refuse_it(void)
{
	unsigned n = 0;

	start_session(
		&(struct actor_session_options){ .prepare = refuse_peer, .user = &n, .seed = 1 });
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_INVALID);
	pass_ns(2 * SECOND);
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_INVALID);
	assert_int_equal(counts().n_connections, 0);
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_BUSY);
	close_session();
}

/* The bound doubles, and what is drawn fills it. */
static void delays_grow_and_are_drawn_below_a_bound(void)
{
	const struct actor_session_options options = {
		.first_delay_ns = 100 * MS,
		.most_delay_ns = 1000 * MS,
	};
	int64_t bound_ns = 100 * MS, most_ns = 0;

	open_session(&options);
	server.down = true;
	assert_int_equal(actor_session_start(session), 0);
	for (unsigned i = 1; i <= 20; i++) {
		struct actor_session_event event;
		int64_t now_ns;

		assert_int_equal(expect(ACTOR_SESSION_CONNECTING, 0).n_attempts, i);
		event = expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
		now_ns = actor_now(context);
		assert_true(event.next_ns - now_ns <= bound_ns);
		if (i > 10 && event.next_ns - now_ns > most_ns)
			most_ns = event.next_ns - now_ns;
		if (event.next_ns > now_ns) {
			assert_int_equal(server.n_dialed, i);
			assert_int_equal(actor_sleep_until(context, event.next_ns - 1), 0);
			assert_int_equal(server.n_dialed, i);
		}
		settle();
		assert_true(server.n_dialed > i);
		bound_ns = 2 * bound_ns < 1000 * MS ? 2 * bound_ns : 1000 * MS;
	}
	assert_true(most_ns > 300 * MS); /* one in 200,000 is not */
	close_session();
}

static int64_t first_delay(uint64_t a_seed)
{
	int64_t delay_ns;

	open_session(&(struct actor_session_options){ .seed = a_seed, .first_delay_ns = SECOND });
	server.down = true;
	assert_int_equal(actor_session_start(session), 0);
	expect(ACTOR_SESSION_CONNECTING, 0);
	delay_ns = expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM).next_ns - actor_now(context);
	close_session();
	return delay_ns;
}

static void a_seed_decides_what_is_drawn(void)
{
	assert_int_equal(first_delay(7), first_delay(7));
	assert_int_not_equal(first_delay(7), first_delay(8));
}

/* Also after connections that do not last; and one that has lasted begins anew. */
static void it_gives_up_after_so_many_attempts_in_a_row(void)
{
	const struct actor_session_options options = {
		.most_attempts = 3,
		.first_delay_ns = 1,
		.period_ns = SECOND,
	};
	struct actor_session_event event;
	struct caller kept;

	start_session(&options);
	expect_connected();
	pass_ns(SECOND);
	server.down = true;
	server.takes_ns = 20 * MS;
	lose();
	assert_int_equal(expect(ACTOR_SESSION_LOST, 0).n_attempts, 1);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(expect(ACTOR_SESSION_CONNECTING, 0).n_attempts, i);
		pass_ns(20 * MS);
		expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
	}
	assert_int_equal(expect(ACTOR_SESSION_CONNECTING, 0).n_attempts, 3);
	begin(&kept, 1);
	pass_ns(20 * MS);
	event = expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM);
	assert_true(event.next_ns == ACTOR_FOREVER);
	expect(ACTOR_SESSION_GAVE_UP, ACTOR_E_SYSTEM);
	expect_no_more();
	assert_int_equal(end_add(&kept), ACTOR_E_UNREACHABLE);
	assert_int_equal(add(1), ACTOR_E_CLOSED);
	assert_null(actor_address_upgrade(remote.address));
	close_session();
}

static void it_gives_up_on_a_server_that_lasts_for_moments(void)
{
	start_session(&(struct actor_session_options){ .most_attempts = 3, .first_delay_ns = 1 });
	server.takes_ns = 0;
	for (unsigned i = 1; i <= 3; i++) {
		expect_connected();
		lose();
		expect(ACTOR_SESSION_LOST, 0);
	}
	expect(ACTOR_SESSION_GAVE_UP, 0);
	expect_no_more();
	close_session();
}

static void an_attempt_has_its_time(void)
{
	open_session(&(struct actor_session_options){ .dial_timeout_ns = 3 * SECOND });
	server.takes_ns = 10 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	pass_ns(2 * SECOND);
	expect(ACTOR_SESSION_CONNECTING, 0);
	pass_ns(SECOND);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_TIMEOUT);
	close_session();
}

static void a_connection_that_is_lost_says_why(void)
{
	struct actor_peer *peer;

	start_session(NULL);
	expect_connected();
	server.down = true;
	peer = actor_session_peer(session);
	actor_peer_close(peer, "on this side");
	actor_peer_unref(peer);
	assert_string_equal(expect(ACTOR_SESSION_LOST, 0).text, "on this side");
	assert_null(actor_session_peer(session));
	close_session();
}

static void options_that_make_no_sense_are_refused(void)
{
	struct actor_session *none;
	const struct actor_session_options
		good = { .size = sizeof good, .executor = executor, .dial = dial },
		bad[] = {
			{ .size = sizeof good, .executor = executor },
			{ .size = sizeof good, .dial = dial },
			{ .size = sizeof good, .executor = executor, .address = "tcp:a:1" },
			{ .size = sizeof good, .executor = executor, .dial = dial, .keep_ns = -1 },
			{ .size = sizeof good,
			  .executor = executor,
			  .dial = dial,
			  .first_delay_ns = -1 },
		};

	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_int_equal(actor_session_create(&bad[i], &none), ACTOR_E_INVALID);
	assert_int_equal(actor_session_create(&good, &none), 0);
	actor_session_unref(none);
	actor_session_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(it_connects_and_connects_again),
		SIMULATED_TEST(a_peer_is_prepared_before_it_is_started),
		SIMULATED_TEST(who_prepares_a_peer_may_refuse_it),
		SIMULATED_TEST(delays_grow_and_are_drawn_below_a_bound),
		SIMULATED_TEST(a_seed_decides_what_is_drawn),
		SIMULATED_TEST(it_gives_up_after_so_many_attempts_in_a_row),
		SIMULATED_TEST(it_gives_up_on_a_server_that_lasts_for_moments),
		SIMULATED_TEST(an_attempt_has_its_time),
		SIMULATED_TEST(a_connection_that_is_lost_says_why),
		SIMULATED_TEST(options_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
