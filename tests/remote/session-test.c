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

/* Of what it is to return, and has not. */
static int dial_and_return(void *user, struct actor_context *by, int64_t deadline_ns,
			   struct actor_transport **ret_transport)
{
	(void)by, (void)deadline_ns, (void)ret_transport;
	return *(const int *)user;
}

static void who_dials_wrongly_has_failed(void)
{
	static int returns[] = { 0, 1 };

	for (size_t i = 0; i < N_ELEMENTS(returns); i++) {
		start_session(&(struct actor_session_options){ .dial = dial_and_return,
							       .user = &returns[i] });
		expect(ACTOR_SESSION_CONNECTING, 0);
		expect(ACTOR_SESSION_FAILED, ACTOR_E_INVALID);
		assert_int_equal(counts().n_connections, 0);
		close_session();
	}
}

static int prepare_wrongly(void *user, struct actor_peer *peer)
{
	(void)user, (void)peer;
	return 1;
}

static void who_prepares_wrongly_has_failed(void)
{
	start_session(&(struct actor_session_options){ .prepare = prepare_wrongly });
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_FAILED, ACTOR_E_INVALID);
	assert_int_equal(counts().n_connections, 0);
	close_session();
}

static int fail_with_detail_once(void *user, struct actor_context *by, int64_t deadline_ns,
				 struct actor_transport **ret_transport)
{
	unsigned *n = user;

	(void)deadline_ns, (void)ret_transport;
	if ((*n)++ > 0)
		return ACTOR_E_SYSTEM;
	actor_error_set(by, ACTOR_E_SYSTEM, NULL, NULL);
	strcpy(by->ops->error(by)->text, "as it was");
	return ACTOR_E_SYSTEM;
}

static void what_is_told_of_an_attempt_is_not_of_another(void)
{
	unsigned n = 0;

	start_session(&(struct actor_session_options){
		.dial = fail_with_detail_once, .user = &n, .first_delay_ns = SECOND });
	expect(ACTOR_SESSION_CONNECTING, 0);
	assert_string_equal(expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM).text, "as it was");
	pass_ns(SECOND);
	expect(ACTOR_SESSION_CONNECTING, 0);
	assert_string_equal(expect(ACTOR_SESSION_FAILED, ACTOR_E_SYSTEM).text,
			    actor_strerror(ACTOR_E_SYSTEM));
	close_session();
}

static unsigned n_there;

static bool look_for_peer(void *user, const struct actor_message_type *type, const void *event)
{
	const struct actor_session_event *told = event;
	struct actor_peer *peer = actor_session_peer(session);

	(void)user, (void)type;
	if (told->kind == ACTOR_SESSION_CONNECTED)
		n_there += peer != NULL;
	else
		assert_null(peer);
	actor_peer_unref(peer);
	return false;
}

/* When it is told that there is a connection, there is; and then that it is lost, there is none. */
static void a_connection_that_is_told_is_there(void)
{
	const struct actor_subscribe_options looking = { .size = sizeof looking,
							 .filter = look_for_peer };
	struct actor_subscription *looks;

	open_session(NULL);
	n_there = 0;
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(session), &looking, &looks), 0);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	lose();
	pass_ns(2 * SECOND);
	assert_int_equal(n_there, 2);
	actor_subscription_destroy(looks);
	close_session();
}

/* In an hour it does not come often, and nothing is left of it. */
static void a_server_that_closes_at_once_is_left_in_peace(void)
{
	start_session(&(struct actor_session_options){ .most_delay_ns = 30 * SECOND });
	for (int i = 0; i < 3600; i++) {
		actor_peer_close(server.peer, "at once");
		pass_ns(SECOND);
	}
	assert_in_range(counts().n_attempts, 3600 / 30, 3 * 3600 / 30);
	assert_int_equal(counts().n_attempts, server.n_dialed);
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
	assert_int_equal(expect(ACTOR_SESSION_GAVE_UP, ACTOR_E_SYSTEM).n_attempts, 3);
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
	const struct actor_peer_options bad_peer = { .size = sizeof bad_peer, .stall_ns = -1 };
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
			{ .size = sizeof good,
			  .executor = executor,
			  .dial = dial,
			  .peer = &bad_peer },
			{ .size = sizeof good,
			  .executor = executor,
			  .dial = dial,
			  .n_repeatable = 1 },
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
		SIMULATED_TEST(who_dials_wrongly_has_failed),
		SIMULATED_TEST(who_prepares_wrongly_has_failed),
		SIMULATED_TEST(what_is_told_of_an_attempt_is_not_of_another),
		SIMULATED_TEST(a_connection_that_is_told_is_there),
		SIMULATED_TEST(a_server_that_closes_at_once_is_left_in_peace),
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
