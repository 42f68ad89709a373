/* SPDX-License-Identifier: MIT */

/* Sessions: one connection after the other, and what becomes of messages in between. */

#include "peer-fixture.h"

#include <actor-impl/thread.h>
#include <actor-remote/session.h>
#include <stdlib.h>

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

/* ---- a server that may be there or not */

static struct {
	bool down;	   /* who dials is refused */
	int64_t takes_ns;  /* so long it takes to dial */
	unsigned n_dialed; /* how often somebody has */
	struct actor_peer *peer;
	struct actor_peer_options options;
	struct actor_peer_options caller_options;
	struct sum sum;
	union sum_address address;
	struct remotes_services services;
} server;

static size_t narrow; /* the session's peers are full with so much to be written; 0: the default */

static struct actor_session *session;
static struct actor_subscription *events;
static union remotes_address remote;

static int accept_one(struct actor_transport *end)
{
	int rc = actor_peer_create(end, &server.options, &server.peer);

	if (rc < 0) {
		server.peer = NULL;
		actor_transport_destroy(end);
		return rc;
	}
	rc = actor_peer_serve(server.peer, server.services.map);
	return rc < 0 ? rc : actor_peer_start(server.peer);
}

static int dial(void *user, struct actor_context *by, int64_t deadline_ns,
		struct actor_transport **ret_transport)
{
	int64_t until_ns = actor_deadline_after(by, server.takes_ns);
	struct actor_transport *end;
	int rc;

	(void)user;
	server.n_dialed++;
	if (server.takes_ns > 0)
		actor_ignore(
			actor_sleep_until(by, until_ns < deadline_ns ? until_ns : deadline_ns));
	if (until_ns > deadline_ns)
		return ACTOR_E_TIMEOUT;
	if (server.down)
		return ACTOR_E_SYSTEM;
	actor_peer_unref(server.peer);
	make_link(ret_transport, &end);
	rc = accept_one(end);
	if (rc < 0)
		actor_transport_destroy(*ret_transport);
	return rc;
}

static void serve(void)
{
	server.options.size = server.caller_options.size = sizeof server.options;
	server.options.grace_ns = 1; /* it goes at once */
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), &server.sum, NULL,
				     &server.address),
			 0);
	assert_int_equal(remotes_services_create(&server.services), 0);
	assert_int_equal(ACTOR_SERVE(remotes, server.services, add, server.address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, server.services, show, server.address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, server.services, echo, server.address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, server.services, note, server.address), 0);
}

static void open_session(const struct actor_session_options *given)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };
	struct actor_session_options options = { 0 };

	memset(&server, 0, sizeof server);
	serve();
	if (given)
		options = *given;
	server.caller_options.max_unwritten_bytes = narrow;
	options.size = sizeof options;
	options.name = "one";
	options.executor = executor;
	options.peer = &server.caller_options;
	if (!options.dial)
		options.dial = dial;
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(session), &all, &events), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(remotes, session, &remote), 0);
}

static void start_session(const struct actor_session_options *options)
{
	open_session(options);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	server.takes_ns = 5 * MS; /* from now on: it can be seen that there is none */
}

static void close_session(void)
{
	actor_session_unref(session);
	session = NULL;
	narrow = 0;
	settle();
	server.sum.slow = false;
	while (sum_answer(&server.sum))
		;
	if (server.peer)
		actor_peer_close(server.peer, "the test is over");
	actor_peer_unref(server.peer);
	actor_service_map_unref(server.services.map);
	actor_address_unref(server.address.address);
	actor_address_unref(remote.address);
	actor_subscription_destroy(events);
}

/* The server closes its end, or it is lost. */
static void lose(void)
{
	actor_peer_close(server.peer, "it goes");
	settle();
}

/* ---- what is told */

static struct actor_session_event expect(enum actor_session_event_kind kind, int status)
{
	struct actor_session_event told;
	struct actor_event event;

	settle();
	assert_int_equal(actor_subscription_next(context, events, ACTOR_AT_ONCE, &event), 0);
	told = *ACTOR_EVENT(actor_session_event, &event);
	actor_event_drop(&event);
	assert_int_equal(told.kind, kind);
	assert_int_equal(told.status, status);
	assert_string_equal(told.name, "one");
	assert_true(actor_identity_same(told.session, actor_address_identity(remote.address)));
	return told;
}

static void expect_connected(void)
{
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_CONNECTED, 0);
}

static void expect_no_more(void)
{
	struct actor_event event;

	assert_int_equal(actor_subscription_next(context, events, ACTOR_AT_ONCE, &event),
			 ACTOR_E_CLOSED);
}

static struct actor_session_counts counts(void)
{
	struct actor_session_counts now;

	actor_session_counts_get(session, &now);
	return now;
}

/* ---- messages */

static int add(int64_t n)
{
	return ACTOR_CALL(context, remote, add, NULL, &(struct add){ n });
}

static int tell(const char *text)
{
	struct note note = { strdup(text) };
	int rc = actor_try_send(remote.address, &note_type, &note);

	actor_message_drop(&note_type, &note);
	return rc;
}

static void begin(struct caller *caller, int64_t n)
{
	caller->add.n = n;
	assert_int_equal(ACTOR_CALL_BEGIN(context, &caller->future, remote, add, &caller->unit,
					  &caller->add),
			 0);
}

struct echoing {
	struct actor_future future;
	struct echo echo;
	char *text;
};

static void begin_echo(struct echoing *echoing, const char *text)
{
	memset(echoing, 0, sizeof *echoing);
	echoing->echo.text = strdup(text);
	assert_int_equal(ACTOR_CALL_BEGIN(context, &echoing->future, remote, echo, &echoing->text,
					  &echoing->echo),
			 0);
}

static int end_echo(struct echoing *echoing, const char *text)
{
	int rc = actor_future_await(&echoing->future, ACTOR_AT_ONCE);

	actor_future_cancel(&echoing->future);
	if (rc == 0)
		assert_string_equal(echoing->text, text);
	free(echoing->text);
	return rc;
}

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

/* ---- what is kept */

static void what_is_kept_comes_first_and_in_order(void)
{
	struct caller callers[3];

	open_session(NULL);
	assert_int_equal(tell("a"), 0);
	assert_int_equal(tell("b"), 0);
	for (int i = 0; i < 3; i++)
		begin(&callers[i], 1);
	assert_int_equal(tell("c"), 0);
	assert_int_equal(counts().n_kept, 6);
	assert_true(counts().n_kept_bytes >= 6);
	assert_int_equal(actor_session_start(session), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(tell("d"), 0);
		assert_int_equal(actor_sleep_until(context, actor_deadline_after(context, 1)), 0);
	}
	settle();
	assert_string_equal(server.sum.notes, "abcddddd");
	for (int i = 0; i < 3; i++)
		assert_int_equal(end_add(&callers[i]), 0);
	assert_int_equal(server.sum.total, 3);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(counts().n_kept_bytes, 0);
	close_session();
}

static void what_was_sent_while_it_was_away_comes_with_the_next(void)
{
	start_session(NULL);
	assert_int_equal(tell("a"), 0);
	settle();
	lose();
	assert_false(counts().connected);
	assert_int_equal(tell("b"), 0);
	assert_int_equal(tell("c"), 0);
	pass_ns(SECOND);
	assert_int_equal(tell("d"), 0);
	settle();
	assert_string_equal(server.sum.notes, "abcd");
	close_session();
}

static void what_is_kept_too_long_was_not_sent(void)
{
	struct caller first, second;

	open_session(&(struct actor_session_options){ .keep_ns = SECOND });
	server.takes_ns = 5 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	begin(&first, 1);
	assert_int_equal(tell("a"), 0);
	pass_ns(SECOND / 2);
	begin(&second, 1);
	pass_ns(SECOND / 2 - 4 * MS);
	assert_int_equal(counts().n_kept, 3);
	pass_ns(8 * MS);
	assert_int_equal(end_add(&first), ACTOR_E_UNREACHABLE);
	assert_int_equal(counts().n_kept, 1);
	assert_int_equal(counts().n_dropped, 1);
	pass_ns(SECOND / 2);
	assert_int_equal(end_add(&second), ACTOR_E_UNREACHABLE);
	pass_ns(5 * SECOND);
	assert_true(counts().connected);
	assert_int_equal(server.sum.total, 0);
	assert_int_equal(server.sum.n_notes, 0);
	close_session();
}

static void what_nobody_waits_for_any_more_is_not_sent(void)
{
	struct caller gone, there;

	open_session(NULL);
	begin(&gone, 1);
	begin(&there, 2);
	actor_future_cancel(&gone.future);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(end_add(&there), 0);
	assert_int_equal(server.sum.total, 2);
	assert_int_equal(counts().n_kept, 0);
	close_session();
}

static int add_in(int64_t patience_ns)
{
	return ACTOR_CALL_UNTIL(context, remote, add, NULL,
				actor_deadline_after(context, patience_ns), &(struct add){ 1 });
}

static void senders_wait_for_room_in_number(void)
{
	struct caller kept[2];

	open_session(&(struct actor_session_options){ .most_kept = 2 });
	begin(&kept[0], 1);
	begin(&kept[1], 1);
	assert_int_equal(tell("a"), ACTOR_E_FULL);
	assert_int_equal(add_in(SECOND), ACTOR_E_FULL);
	assert_int_equal(actor_session_start(session), 0);
	assert_int_equal(add_in(SECOND), 0);
	assert_int_equal(server.sum.total, 3);
	assert_int_equal(end_add(&kept[0]), 0);
	assert_int_equal(end_add(&kept[1]), 0);
	close_session();
}

static void senders_wait_for_room_in_bytes(void)
{
	char text[101] = { 0 };
	unsigned n = 0;

	memset(text, 't', 100);
	open_session(&(struct actor_session_options){ .most_kept_bytes = 1000 });
	while (tell(text) == 0)
		n++;
	assert_int_equal(n, 10); /* the last one begins below the bound */
	assert_true(counts().n_kept_bytes >= 1000 && counts().n_kept_bytes < 1103);
	assert_int_equal(tell("a"), ACTOR_E_FULL);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(server.sum.n_notes, 10);
	close_session();
}

struct waiting {
	struct actor_waiter waiter;
	unsigned n_woken;
};

static void wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct waiting, waiter)->n_woken++;
}

static int post(struct waiting *waiting)
{
	return actor_address_post(remote.address, &add_type, &(struct add){ 1 }, NULL,
				  waiting ? &waiting->waiter : NULL);
}

static void room_is_granted_in_order_and_once(void)
{
	struct waiting waiting[4] = { 0 };

	open_session(&(struct actor_session_options){ .most_kept = 2, .keep_ns = SECOND });
	assert_int_equal(post(NULL), 0);
	assert_int_equal(post(NULL), 0);
	for (int i = 0; i < 4; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
	}
	server.takes_ns = 10 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	pass_ns(SECOND + 4 * MS); /* those that were kept are gone */
	assert_int_equal(waiting[0].n_woken, 1);
	assert_int_equal(waiting[1].n_woken, 1);
	assert_int_equal(waiting[2].n_woken, 0);
	assert_int_equal(post(NULL), ACTOR_E_FULL); /* nobody overtakes */
	assert_int_equal(post(&waiting[1]), 0);
	assert_int_equal(post(&waiting[2]), ACTOR_E_FULL);
	actor_address_withdraw(remote.address, &waiting[0].waiter);
	assert_int_equal(waiting[2].n_woken, 1);
	assert_int_equal(waiting[3].n_woken, 0);
	/* On any other result it is out of line, and its grant passed on. */
	assert_int_equal(actor_address_post(remote.address, &actor_peer_event_type, &waiting, NULL,
					    &waiting[2].waiter),
			 ACTOR_E_UNHANDLED);
	assert_null(waiting[2].waiter.line);
	assert_int_equal(waiting[3].n_woken, 1);
	actor_session_close(session, NULL);
	assert_int_equal(post(&waiting[3]), ACTOR_E_CLOSED);
	close_session();
}

enum { MANY = 40 };

/* More than a connection takes at once; how many are kept. */
static size_t tell_many(void)
{
	char text[1001] = { 0 };

	memset(text, 't', 1000);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(tell(text), 0);
	return counts().n_kept;
}

static void what_a_slow_connection_does_not_take_is_kept(void)
{
	struct caller last;

	narrow = 1500;
	start_session(&(struct actor_session_options){ .most_kept = MANY });
	assert_true(tell_many() >= MANY - 3);
	begin(&last, 1);
	settle();
	pass_ns(SECOND);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(server.sum.n_notes, MANY);
	assert_int_equal(end_add(&last), 0);
	close_session();
}

/* So it is when they are refused while there is none. */
static void what_it_has_not_given_to_a_connection_that_is_lost_is_refused(void)
{
	struct actor_peer *peer;
	struct caller last;
	uint64_t n_dropped;

	narrow = 1500;
	start_session(&(struct actor_session_options){ .refuses = true });
	assert_true(tell_many() >= MANY - 3);
	begin(&last, 1);
	peer = actor_session_peer(session);
	actor_peer_close(peer, NULL);
	actor_peer_unref(peer);
	settle();
	assert_int_equal(end_add(&last), ACTOR_E_UNREACHABLE);
	n_dropped = counts().n_dropped;
	assert_true(n_dropped > 0);
	assert_int_equal(counts().n_kept, 0);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_notes, MANY - n_dropped);
	assert_int_equal(server.sum.total, 0);
	close_session();
}

static void closing_wakes_all_who_wait(void)
{
	struct waiting waiting[4] = { 0 };

	open_session(&(struct actor_session_options){ .most_kept = 1 });
	assert_int_equal(post(NULL), 0);
	for (int i = 0; i < 4; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
	}
	actor_session_close(session, NULL);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(&waiting[i]), ACTOR_E_CLOSED);
		assert_null(waiting[i].waiter.line);
	}
	close_session();
}

/* ---- how often it is delivered */

static void a_call_that_was_given_is_not_given_again(void)
{
	struct caller caller;

	start_session(NULL);
	server.sum.slow = true;
	begin(&caller, 1);
	settle();
	assert_int_equal(server.sum.total, 1);
	lose();
	pass_ns(2 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(server.sum.total, 1);
	assert_int_equal(counts().n_repeated, 0);
	close_session();
}

static const struct actor_service *const repeatable[] = { &echo_service, &show_service };

static void a_repeatable_call_is_given_again(void)
{
	struct echoing echoing[2];

	start_session(
		&(struct actor_session_options){ .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing[0], "first");
	begin_echo(&echoing[1], "second");
	settle();
	assert_int_equal(server.sum.n_echoes, 2);
	assert_int_equal(counts().n_kept, 2);
	lose();
	assert_int_equal(tell("later"), 0);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_echoes, 4);
	assert_int_equal(counts().n_repeated, 2);
	while (sum_answer(&server.sum)) /* of both connections */
		;
	settle();
	assert_int_equal(end_echo(&echoing[0], "first"), 0);
	assert_int_equal(end_echo(&echoing[1], "second"), 0);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(counts().n_kept_bytes, 0);
	close_session();
}

static void a_repeatable_call_waits_again_before_what_came_later(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.repeatable = repeatable, .n_repeatable = 2, .first_delay_ns = 1 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	server.down = true;
	lose();
	assert_int_equal(tell("later"), 0);
	assert_int_equal(server.sum.n_echoes, 1);
	server.down = false;
	server.sum.slow = false;
	server.sum.takes_ns = 20 * MS; /* so that the first is seen alone */
	while (server.sum.n_echoes == 1)
		pass_ns(MS);
	assert_int_equal(server.sum.n_notes, 0);
	pass_ns(SECOND);
	assert_int_equal(server.sum.n_notes, 1);
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

static void a_repeatable_call_has_its_time(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.repeatable = repeatable, .n_repeatable = 2, .keep_ns = 3 * SECOND });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	server.down = true;
	lose();
	pass_ns(2 * SECOND);
	assert_int_equal(counts().n_kept, 1);
	pass_ns(SECOND);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(end_echo(&echoing, ""),
			 ACTOR_E_DISCONNECTED); /* it may have been handled */
	assert_int_equal(server.sum.n_echoes, 1);
	close_session();
}

static void errors_and_timeouts_are_not_repeated(void)
{
	struct caller caller;
	int64_t total;

	start_session(
		&(struct actor_session_options){ .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.refuses = true;
	assert_int_equal(ACTOR_CALL(context, remote, show, &total, &(struct show){ 0 }),
			 ACTOR_E_REMOTE_FAILED);
	server.sum.refuses = false;
	server.sum.total = 7;
	assert_int_equal(ACTOR_CALL(context, remote, show, &total, &(struct show){ 0 }), 0);
	assert_int_equal(total, 7);
	server.sum.slow = true;
	begin(&caller, 1);
	pass_ns(61 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	assert_int_equal(counts().n_kept, 0);
	close_session();
}

/* ---- nothing is kept */

static void it_refuses_what_it_is_not_to_keep(void)
{
	struct waiting waiting = { 0 };

	actor_waiter_init(&waiting.waiter, wake);
	open_session(&(struct actor_session_options){ .refuses = true });
	assert_int_equal(add(1), ACTOR_E_UNREACHABLE);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(add(1), 0);
	server.takes_ns = 5 * MS;
	lose();
	assert_int_equal(add(1), ACTOR_E_UNREACHABLE);
	assert_int_equal(post(&waiting), ACTOR_E_UNREACHABLE);
	assert_null(waiting.waiter.line);
	pass_ns(2 * SECOND);
	assert_int_equal(add(1), 0);
	assert_int_equal(server.sum.total, 2);
	close_session();
}

static void what_it_refuses_does_not_count_what_may_be_repeated(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.refuses = true, .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	lose();
	assert_int_equal(tell("a"), ACTOR_E_UNREACHABLE);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_echoes, 2);
	while (sum_answer(&server.sum))
		;
	settle();
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

static int deliver_to_nobody(struct actor_reply *reply, int status, void *value)
{
	(void)reply, (void)status, (void)value;
	return ACTOR_E_ABANDONED;
}

static const struct actor_reply_ops nobodys_ops = { sizeof nobodys_ops, deliver_to_nobody, NULL };
static struct actor_reply nobodys = { &nobodys_ops };

static void who_waits_for_room_is_refused_at_once_too(void)
{
	struct waiting waiting[2] = { 0 };
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.refuses = true, .most_kept = 1, .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text"); /* it takes the room until it is answered */
	for (int i = 0; i < 2; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(actor_address_post(remote.address, &echo_type,
						    &(struct echo){ NULL, { NULL } }, &nobodys,
						    &waiting[i].waiter),
				 ACTOR_E_FULL);
	}
	settle();
	lose();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(&waiting[i]), ACTOR_E_UNREACHABLE);
	}
	pass_ns(2 * SECOND);
	while (sum_answer(&server.sum))
		;
	settle();
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

/* ---- what is refused at once, with and without a connection */

static void check_refused(void)
{
	char no_text[] = "\xff", *long_text = calloc(1, (1 << 20) + 1);
	struct note note = { no_text };
	struct actor_reply *reply;
	char text[100];

	assert_int_equal(actor_try_send(remote.address, &note_type, &note), ACTOR_E_ENCODE);
	actor_address_explain(remote.address, &note_type, &note, text, sizeof text);
	assert_string_equal(text, "text is not UTF-8");
	actor_address_explain(remote.address, &actor_peer_event_type, &note, text, sizeof text);
	assert_string_equal(text, "");
	note.text = memset(long_text, 't', 1 << 20);
	assert_int_equal(actor_try_send(remote.address, &note_type, &note), ACTOR_E_TOO_BIG);
	free(long_text);
	assert_int_equal(actor_try_send(remote.address, &actor_peer_event_type, &note),
			 ACTOR_E_UNHANDLED);
	note.text = NULL;
	assert_int_equal(context->ops->reply_open(context, actor_join_type(), &reply), 0);
	assert_int_equal(actor_address_post(remote.address, &note_type, &note, reply, NULL),
			 ACTOR_E_INVALID);
	actor_reply_deliver(reply, ACTOR_E_INVALID, NULL);
	context->ops->reply_close(context, reply, NULL);
	assert_int_equal(counts().n_kept, 0);
}

static void what_cannot_be_sent_is_refused_at_once(void)
{
	open_session(NULL);
	check_refused();
	assert_int_equal(actor_session_start(session), 0);
	settle();
	check_refused();
	close_session();
}

static void it_is_an_address_like_any_other(void)
{
	struct actor_address *weak, *strong;
	union remotes_address again;
	union add_recipient adds;

	open_session(NULL);
	assert_int_equal(ACTOR_SESSION_REMOTE(remotes, session, &again), 0);
	assert_true(actor_address_same(again.address, remote.address));
	assert_string_equal(actor_address_name(remote.address), "one");
	assert_string_equal(actor_address_info(remote.address).type, "remotes");
	assert_true(actor_address_handles(remote.address, &note_type));
	assert_false(actor_address_handles(remote.address, &actor_peer_event_type));
	assert_int_equal(add_recipient_from(remote.address, &adds), 0);
	weak = actor_address_weak(remote.address);
	strong = actor_address_upgrade(weak);
	assert_non_null(strong);
	assert_int_equal(actor_address_stop(weak, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	actor_session_close(session, NULL);
	assert_null(actor_address_upgrade(weak));
	actor_address_unref(weak);
	actor_address_unref(strong);
	close_session();
	assert_int_equal(actor_try_send(again.address, &add_type, &(struct add){ 1 }),
			 ACTOR_E_CLOSED);
	actor_address_unref(again.address);
}

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
		PEER_TEST(what_is_kept_comes_first_and_in_order),
		SIMULATED_TEST(what_was_sent_while_it_was_away_comes_with_the_next),
		SIMULATED_TEST(what_is_kept_too_long_was_not_sent),
		SIMULATED_TEST(what_nobody_waits_for_any_more_is_not_sent),
		SIMULATED_TEST(senders_wait_for_room_in_number),
		SIMULATED_TEST(senders_wait_for_room_in_bytes),
		SIMULATED_TEST(room_is_granted_in_order_and_once),
		SIMULATED_TEST(what_a_slow_connection_does_not_take_is_kept),
		SIMULATED_TEST(what_it_has_not_given_to_a_connection_that_is_lost_is_refused),
		SIMULATED_TEST(closing_wakes_all_who_wait),
		PEER_TEST(a_call_that_was_given_is_not_given_again),
		PEER_TEST(a_repeatable_call_is_given_again),
		SIMULATED_TEST(a_repeatable_call_waits_again_before_what_came_later),
		SIMULATED_TEST(a_repeatable_call_has_its_time),
		SIMULATED_TEST(errors_and_timeouts_are_not_repeated),
		SIMULATED_TEST(it_refuses_what_it_is_not_to_keep),
		SIMULATED_TEST(what_it_refuses_does_not_count_what_may_be_repeated),
		SIMULATED_TEST(who_waits_for_room_is_refused_at_once_too),
		SIMULATED_TEST(what_cannot_be_sent_is_refused_at_once),
		SIMULATED_TEST(it_is_an_address_like_any_other),
		PEER_TEST(closing_ends_every_call),
		SIMULATED_TEST(what_was_given_is_written_before_it_closes),
		SIMULATED_TEST(closing_cancels_an_attempt),
		SIMULATED_TEST(one_that_was_never_started_ends_at_once),
		SIMULATED_TEST(its_last_owner_closes_it),
		SIMULATED_TEST(who_dials_may_fail),
		SIMULATED_TEST(it_ends_with_its_executor),
		SIMULATED_TEST(options_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
