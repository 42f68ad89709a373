/* SPDX-License-Identifier: MIT */

/* Sessions with TLS: there is a connection when the other side has proven who it is, and nothing is
 * given to anybody else. */

#include "tls-io-fixture.h"

#include <actor-remote/session.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS INT64_C(1000000)

/* ---- a session */

static struct actor_session *session;
static struct actor_subscription *events;
static union remotes_address remote;

static void open_session(struct actor_session_options options)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };

	options.size = sizeof options;
	options.io = io;
	options.address = server.where;
	if (!options.first_delay_ns)
		options.first_delay_ns = MS;
	options.most_delay_ns = 10 * MS;
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(session), &all, &events), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(remotes, session, &remote), 0);
	assert_int_equal(actor_session_start(session), 0);
}

static void close_session(void)
{
	actor_session_close(session, NULL);
	assert_int_equal(actor_session_join(actor_thread_context(), session, test_deadline()), 0);
	actor_session_unref(session);
	actor_subscription_destroy(events);
	actor_address_unref(remote.address);
}

/* What comes next, but for attempts that begin. */
static struct actor_session_event expect(enum actor_session_event_kind kind)
{
	struct actor_session_event told;
	struct actor_event event;

	do {
		assert_int_equal(actor_subscription_next(actor_thread_context(), events,
							 test_deadline(), &event),
				 0);
		told = *ACTOR_EVENT(actor_session_event, &event);
		actor_event_drop(&event);
	} while (told.kind == ACTOR_SESSION_CONNECTING);
	assert_int_equal(told.kind, kind);
	return told;
}

static int add(int64_t n)
{
	return ACTOR_CALL_UNTIL(actor_thread_context(), remote, add, NULL, test_deadline(),
				&(struct add){ n });
}

/* ---- */

static void a_session_may_use_tls(void **state)
{
	struct actor_certificate certificate;
	struct actor_peer *peer;

	(void)state;
	serve(tls, NULL);
	open_session((struct actor_session_options){ .tls = tls });
	expect(ACTOR_SESSION_CONNECTED);
	peer = actor_session_peer(session);
	assert_int_equal(actor_peer_certificate(peer, &certificate), 0);
	assert_string_equal(certificate.common_name, "a server");
	actor_peer_unref(peer);
	assert_int_equal(add(1), 0);
	listen_no_more();
	expect(ACTOR_SESSION_LOST);
	assert_int_equal(listen_again(tls), 0);
	assert_int_equal(add(2), 0);
	close_session();
	serve_no_more();
}

/* Nothing is lost on whoever is there in the meantime. */
static void who_is_not_trusted_is_given_nothing(void **state)
{
	struct actor_context *context = actor_thread_context();
	struct add message = { 1 };
	struct actor_future future;

	(void)state;
	serve(other, NULL);
	open_session((struct actor_session_options){ .tls = tls });
	assert_int_equal(ACTOR_CALL_BEGIN(context, &future, remote, add, NULL, &message), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(expect(ACTOR_SESSION_FAILED).status, ACTOR_E_UNTRUSTED);
	assert_int_equal(future.status, ACTOR_PENDING);
	listen_no_more();
	assert_int_equal(listen_again(tls), 0);
	assert_int_equal(actor_future_await(&future, test_deadline()), 0);
	close_session();
	serve_no_more();
}

static void one_may_be_called_by_another_name(void **state)
{
	char name[] = "other.example";

	(void)state;
	serve(other, NULL);
	open_session((struct actor_session_options){ .tls = tls, .tls_name = name });
	memset(name, 'x', sizeof name - 1); /* it has been copied */
	expect(ACTOR_SESSION_CONNECTED);
	assert_int_equal(add(1), 0);
	close_session();
	serve_no_more();
}

static void who_does_not_shake_hands_has_an_attempts_time(void **state)
{
	unsigned port;
	int fd = plain_listen(NULL, 8, &port);

	(void)state;
	snprintf(server.where, sizeof server.where, "tcp:127.0.0.1:%u", port);
	open_session((struct actor_session_options){ .tls = tls, .dial_timeout_ns = 50 * MS });
	assert_int_equal(expect(ACTOR_SESSION_FAILED).status, ACTOR_E_TIMEOUT);
	assert_int_equal(expect(ACTOR_SESSION_FAILED).status, ACTOR_E_TIMEOUT);
	close_session();
	close(fd);
}

/* It is cancelled while it waits for that. */
static void closing_waits_for_no_handshake(void **state)
{
	unsigned port;
	int fd = plain_listen(NULL, 8, &port), far;

	(void)state;
	snprintf(server.where, sizeof server.where, "tcp:127.0.0.1:%u", port);
	open_session((struct actor_session_options){ .tls = tls });
	far = accept(fd, NULL, NULL);
	assert_true(far >= 0);
	close_session();
	assert_true(plain_ends(far));
	close(far);
	close(fd);
}

static void a_path_is_nobodys_name(void **state)
{
	struct actor_session_options options = {
		.size = sizeof options,
		.io = io,
		.address = "unix:/nobody/is/here",
		.tls = tls,
	};
	struct actor_session *one;

	(void)state;
	assert_int_equal(actor_session_create(&options, &one), ACTOR_E_INVALID);
	options.tls_name = "good";
	assert_int_equal(actor_session_create(&options, &one), 0);
	actor_session_unref(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(a_session_may_use_tls),
		IO_TEST(who_is_not_trusted_is_given_nothing),
		IO_TEST(one_may_be_called_by_another_name),
		IO_TEST(who_does_not_shake_hands_has_an_attempts_time),
		IO_TEST(closing_waits_for_no_handshake),
		IO_TEST(a_path_is_nobodys_name),
	};

	return cmocka_run_group_tests_name("session-tls", tests, tls_io_set_up, tls_io_tear_down);
}
