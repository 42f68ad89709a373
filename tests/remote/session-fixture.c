/* SPDX-License-Identifier: MIT */

#include "session-fixture.h"

#include <stdlib.h>

struct server server;
size_t narrow;
struct actor_session *session;
union remotes_address remote;

const struct actor_service *const repeatable[2] = { &echo_service, &show_service };

static struct actor_subscription *events;

/* ---- who is dialed */

int server_accept(struct actor_transport *end)
{
	int rc;

	actor_peer_unref(server.peer);
	rc = actor_peer_create(end, &server.options, &server.peer);

	if (rc < 0) {
		server.peer = NULL;
		actor_transport_destroy(end);
		return rc;
	}
	rc = actor_peer_serve(server.peer, server.services.map);
	return rc < 0 ? rc : actor_peer_start(server.peer);
}

int dial(void *user, struct actor_context *by, int64_t deadline_ns,
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
	make_link(ret_transport, &end);
	rc = server_accept(end);
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

void open_session(const struct actor_session_options *given)
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
	if (!options.peer)
		options.peer = &server.caller_options;
	if (!options.dial)
		options.dial = dial;
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(session), &all, &events), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(remotes, session, &remote), 0);
}

void start_session(const struct actor_session_options *options)
{
	open_session(options);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	server.takes_ns = 5 * MS;
}

void close_session(void)
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

void lose(void)
{
	actor_peer_close(server.peer, "it goes");
	settle();
}

/* ---- what is told */

struct actor_session_event expect(enum actor_session_event_kind kind, int status)
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

void expect_connected(void)
{
	expect(ACTOR_SESSION_CONNECTING, 0);
	expect(ACTOR_SESSION_CONNECTED, 0);
}

void expect_no_more(void)
{
	struct actor_event event;

	assert_int_equal(actor_subscription_next(context, events, ACTOR_AT_ONCE, &event),
			 ACTOR_E_CLOSED);
}

struct actor_session_counts counts(void)
{
	struct actor_session_counts now;

	actor_session_counts_get(session, &now);
	return now;
}

/* ---- messages */

int add(int64_t n)
{
	return ACTOR_CALL(context, remote, add, NULL, &(struct add){ n });
}

int tell(const char *text)
{
	struct note note = { strdup(text) };
	int rc = actor_try_send(remote.address, &note_type, &note);

	actor_message_drop(&note_type, &note);
	return rc;
}

void begin(struct caller *caller, int64_t n)
{
	caller->add.n = n;
	assert_int_equal(ACTOR_CALL_BEGIN(context, &caller->future, remote, add, &caller->unit,
					  &caller->add),
			 0);
}

void begin_echo(struct echoing *echoing, const char *text)
{
	memset(echoing, 0, sizeof *echoing);
	echoing->echo.text = strdup(text);
	assert_int_equal(ACTOR_CALL_BEGIN(context, &echoing->future, remote, echo, &echoing->text,
					  &echoing->echo),
			 0);
}

int end_echo(struct echoing *echoing, const char *text)
{
	int rc = actor_future_await(&echoing->future, ACTOR_AT_ONCE);

	actor_future_cancel(&echoing->future);
	if (rc == 0)
		assert_string_equal(echoing->text, text);
	free(echoing->text);
	return rc;
}
