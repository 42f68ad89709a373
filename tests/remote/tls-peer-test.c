/* SPDX-License-Identifier: MIT */

/* Peers whose connection is with TLS: they notice nothing of it, but who the other side is. */

#include "peer-fixture.h"

#include "certificates.h"

#include <stdlib.h>

#define SECOND_NS INT64_C(1000000000)

static struct actor_tls *of_client, *of_server, *of_other;

static int set_up(void **state)
{
	(void)state;
	certificates_open_usual();
	certificate_make("other", &(struct certificate_wish){ .names = "DNS:localhost" });
	of_client = certificate_load("client", "ca", NULL);
	of_server = certificate_load("server", "ca", NULL);
	of_other = certificate_load("other", "ca", NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	actor_tls_unref(of_client);
	actor_tls_unref(of_server);
	actor_tls_unref(of_other);
	certificates_close();
	return 0;
}

/* Left is the client. */
static void connect_with(struct actor_tls *client, struct actor_tls *server)
{
	struct actor_transport *ends[2];

	make_link(&ends[0], &ends[1]);
	assert_int_equal(actor_tls_client(client, ends[0], "localhost", &ends[0]), 0);
	assert_int_equal(actor_tls_server(server, ends[1], &ends[1]), 0);
	side_open(&left, ends[0], NULL);
	side_open(&right, ends[1], NULL);
	side_serve(&left);
	side_serve(&right);
	assert_int_equal(actor_peer_start(left.peer), 0);
	assert_int_equal(actor_peer_start(right.peer), 0);
}

static char *echo(struct side *from, const char *text)
{
	struct echo message = { .text = strdup(text) };
	char *answer = NULL;

	assert_int_equal(ACTOR_CALL(context, from->remote, echo, &answer, &message), 0);
	return answer;
}

/* A call, if it is not over before that. */
static bool try_add(struct caller *caller, struct side *from)
{
	int rc;

	caller->add.n = 1;
	rc = ACTOR_CALL_BEGIN(context, &caller->future, from->remote, add, &caller->unit,
			      &caller->add);
	assert_true(rc == 0 || rc == ACTOR_E_CLOSED);
	return rc == 0;
}

static void expect_unanswered(struct caller *caller, bool was_begun)
{
	if (was_begun)
		assert_int_equal(end_add(caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(right.sum.total, 0);
}

static void services_are_served(void)
{
	int64_t total;
	char *answer;

	connect_with(of_client, of_server);
	assert_int_equal(call_add(&left, 5), 0);
	assert_int_equal(call_add(&left, 6), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, 11);
	assert_int_equal(call_add(&right, 3), 0);
	assert_int_equal(left.sum.total, 3);
	assert_int_equal(send_note(&left, "a note"), 0);
	answer = echo(&right, "an echo");
	assert_string_equal(answer, "an echo");
	free(answer);
	settle();
	assert_string_equal(right.sum.notes, "a note");
	actor_peer_close(left.peer, "enough");
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_event(&right, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	pass_ns(SECOND_NS);
	expect_ended(&left);
	expect_ended(&right);
}

static void what_is_long_is_served(void)
{
	char *text = malloc(300001), *answer;

	memset(text, 'x', 300000);
	text[300000] = '\0';
	connect_with(of_client, of_server);
	answer = echo(&left, text);
	assert_string_equal(answer, text);
	free(answer);
	free(text);
}

/* By the origin of a message; not before something has come, but when the connection has ended. */
static void a_handler_knows_who_asks(void)
{
	struct actor_certificate certificate;

	connect_with(of_client, of_server);
	assert_int_equal(actor_peer_certificate(right.peer, &certificate), ACTOR_E_UNSUPPORTED);
	free(echo(&left, "who am I"));
	assert_ptr_equal(right.sum.origin, right.peer);
	assert_int_equal(actor_peer_certificate(right.sum.origin, &certificate), 0);
	assert_string_equal(certificate.common_name, "a client");
	assert_int_equal(certificate.n_names, 1);
	assert_string_equal(certificate.names[0], "DNS:client.example");
	assert_int_equal(actor_peer_certificate(left.peer, &certificate), 0);
	assert_string_equal(certificate.common_name, "a server");
	actor_peer_close(left.peer, "enough");
	pass_ns(SECOND_NS);
	assert_int_equal(actor_peer_certificate(right.sum.origin, &certificate), 0);
	assert_string_equal(certificate.common_name, "a client");
}

static void without_it_nothing_is_proven(void)
{
	struct actor_certificate certificate;

	connect_sides(NULL, NULL);
	free(echo(&left, "who am I"));
	assert_int_equal(actor_peer_certificate(right.peer, &certificate), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_peer_certificate(left.peer, &certificate), ACTOR_E_UNSUPPORTED);
}

/* Calls and sends that were accepted meanwhile are not lost without a word. */
static void who_is_not_trusted_is_not_served(void)
{
	const struct actor_peer_event *event;
	struct caller caller;
	bool begun;

	connect_with(of_client, of_other);
	begun = try_add(&caller, &left);
	event = expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_UNTRUSTED);
	assert_non_null(strstr(event->text, "the certificate of the other side: self-signed"));
	event = expect_event(&right, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_HANDSHAKE);
	assert_non_null(strstr(event->text, "the other side says: "));
	expect_unanswered(&caller, begun);
}

/* A client that has begun to write before it is refused. The other side trusts no certificate but
 * those of its own authority. */
static void who_is_not_let_in_is_not_served(void)
{
	struct caller caller;
	bool begun;

	connect_with(of_other, of_server);
	begun = try_add(&caller, &left);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_HANDSHAKE);
	expect_event(&right, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_UNTRUSTED);
	expect_unanswered(&caller, begun);
}

static void calls_wait_for_the_handshake(void)
{
	struct caller callers[10];
	int64_t total;

	connect_with(of_client, of_server);
	for (unsigned i = 0; i < N_ELEMENTS(callers); i++)
		begin_add(&callers[i], &left, 1);
	settle();
	for (unsigned i = 0; i < N_ELEMENTS(callers); i++)
		assert_int_equal(end_add(&callers[i]), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, N_ELEMENTS(callers));
}

/* Whenever the one or the other goes: every call ends. */
static void every_call_ends(void)
{
	struct caller callers[20];
	unsigned n = 0;

	connect_with(of_client, of_server);
	for (unsigned i = 0; i < N_ELEMENTS(callers); i++) {
		struct side *from = actor_simulation_choose(executor, 2) ? &left : &right;

		begin_add(&callers[n++], from, 1);
		pass_ns((int64_t)actor_simulation_choose(executor, 500));
		if (actor_simulation_choose(executor, 20) == 0)
			break;
	}
	actor_peer_close(actor_simulation_choose(executor, 2) ? left.peer : right.peer, "enough");
	pass_ns(SECOND_NS * 2);
	for (unsigned i = 0; i < n; i++) {
		int rc = end_add(&callers[i]);

		assert_true(rc == 0 || rc == ACTOR_E_DISCONNECTED || rc == ACTOR_E_REMOTE_FAILED);
	}
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_AT_ONCE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(services_are_served),
		SOCKETS_TEST(what_is_long_is_served),
		PEER_TEST(a_handler_knows_who_asks),
		SIMULATED_TEST(without_it_nothing_is_proven),
		PEER_TEST(who_is_not_trusted_is_not_served),
		PEER_TEST(who_is_not_let_in_is_not_served),
		SOCKETS_TEST(calls_wait_for_the_handshake),
		PEER_TEST(every_call_ends),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
