/* SPDX-License-Identifier: MIT */

/* Connections by address, with TLS: whom one expects there, and how many there may be. */

#include "tls-io-fixture.h"

#include <unistd.h>

static struct tally n_answered = TALLY_INIT, n_renewed = TALLY_INIT;

static void who_listens_has_a_certificate(void **state)
{
	struct actor_tls *nobody = certificate_load(NULL, "ca", NULL);

	(void)state;
	serve(tls, NULL);
	listen_no_more();
	assert_int_equal(listen_again(nobody), ACTOR_E_INVALID);
	assert_int_equal(listen_again(tls), 0);
	actor_tls_unref(nobody);
	serve_no_more();
}

static int connect_as(struct actor_tls *with, const char *address, const char *name,
		      struct actor_peer **ret_peer)
{
	const struct actor_connect_options options = { .size = sizeof options,
						       .tls = with,
						       .tls_name = name };
	struct actor_transport *transport;
	int rc = actor_connect_with(actor_thread_context(), io, address, &options, test_deadline(),
				    &transport);

	return rc < 0 ? rc : actor_peer_create(transport, NULL, ret_peer);
}

/* How a connection ends on which a call is made, and is then closed if it has not been. */
static struct actor_peer_event visit(struct actor_peer *peer, bool served)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };
	struct actor_context *context = actor_thread_context();
	struct actor_subscription *events;
	union remotes_address remote;
	struct actor_peer_event told;
	struct actor_event event;
	int rc;

	assert_int_equal(actor_observable_subscribe(actor_peer_observable(peer), &all, &events), 0);
	assert_int_equal(remotes_remote(peer, &remote), 0);
	assert_int_equal(actor_peer_start(peer), 0);
	rc = ACTOR_CALL(context, remote, add, NULL, &(struct add){ 5 });
	assert_true(served ? rc == 0 : rc == ACTOR_E_DISCONNECTED || rc == ACTOR_E_CLOSED);
	actor_peer_close(peer, "enough");
	assert_int_equal(actor_subscription_next(context, events, test_deadline(), &event), 0);
	told = *ACTOR_EVENT(actor_peer_event, &event);
	actor_event_drop(&event);
	actor_address_unref(remote.address);
	actor_subscription_destroy(events);
	assert_int_equal(actor_peer_join(context, peer, test_deadline()), 0);
	actor_peer_unref(peer);
	return told;
}

/* Whom one expects is whom the address says, or what one says instead. */
static void expect_visit(const char *at, const char *name, int status)
{
	struct actor_peer_event told;
	struct actor_peer *peer;

	assert_int_equal(connect_as(tls, at, name, &peer), 0);
	told = visit(peer, status == 0);
	assert_int_equal(told.status, status);
}

static const char *at_host(const char *host)
{
	static char text[128];

	snprintf(text, sizeof text, "tcp:%s%s", host, strrchr(server.where, ':'));
	return text;
}

static void the_host_of_an_address_is_whom_one_expects(void **state)
{
	(void)state;
	serve(tls, NULL);
	expect_visit(at_host("127.0.0.1"), NULL, 0);
	expect_visit(at_host("localhost"), NULL, 0);
	expect_visit(at_host("127.0.0.1"), "localhost", 0);
	expect_visit(at_host("127.0.0.1"), "other.example", ACTOR_E_UNTRUSTED);
	listen_no_more();
	assert_int_equal(listen_again(other), 0);
	expect_visit(at_host("127.0.0.1"), NULL, ACTOR_E_UNTRUSTED);
	expect_visit(at_host("127.0.0.1"), "other.example", 0);
	assert_int_equal(server.sum.total, 20);
	serve_no_more();
}

static void a_path_is_nobodys_name(void **state)
{
	const char *address = unix_address(temporary_path("socket"));
	struct actor_listener_counts counts;
	struct actor_peer *peer;

	(void)state;
	serve(tls, address);
	assert_int_equal(connect_as(tls, address, NULL, &peer), ACTOR_E_INVALID);
	assert_non_null(strstr(actor_error(actor_thread_context())->text, ": no name"));
	actor_listener_counts_get(server.listener, &counts);
	assert_int_equal(counts.n_accepted, 0);
	expect_visit(address, "localhost", 0);
	expect_visit(address, "other.example", ACTOR_E_UNTRUSTED);
	serve_no_more();
}

static void who_connects_without_it_is_not_served(void **state)
{
	struct actor_peer *peer;

	(void)state;
	serve(tls, NULL);
	assert_int_equal(connect_as(NULL, at_host("127.0.0.1"), NULL, &peer), 0);
	visit(peer, false);
	assert_int_equal(server.sum.total, 0);
	expect_visit(at_host("127.0.0.1"), NULL, 0);
	serve_no_more();
}

static void a_server_without_it_is_not_trusted(void **state)
{
	(void)state;
	serve(NULL, NULL);
	/* What the client begins with is too long to be a frame. */
	expect_visit(at_host("127.0.0.1"), NULL, ACTOR_E_HANDSHAKE);
	assert_int_equal(server.sum.total, 0);
	serve_no_more();
}

/* The listener's, and the connection's: nobody else need keep it. */
static void it_is_kept_by_whoever_needs_it(void **state)
{
	struct actor_tls *mine = certificate_load("server", "ca", NULL);
	struct actor_peer *peer;

	(void)state;
	serve(mine, NULL);
	assert_int_equal(connect_as(mine, at_host("127.0.0.1"), NULL, &peer), 0);
	actor_tls_unref(mine);
	assert_int_equal(visit(peer, true).status, 0);
	serve_no_more();
}

/* From several threads, which do not assert. */
static void visit_from_a_thread(void *user, unsigned index)
{
	struct actor_context *context = actor_thread_context();
	union remotes_address remote;
	struct actor_peer *peer;

	(void)user, (void)index;
	for (unsigned i = 0; i < 5; i++) {
		if (connect_as(tls, server.where, NULL, &peer) < 0)
			continue;
		if (actor_peer_start(peer) == 0 && remotes_remote(peer, &remote) == 0) {
			if (ACTOR_CALL(context, remote, add, NULL, &(struct add){ 5 }) == 0)
				tally_add(&n_answered, 1);
			actor_address_unref(remote.address);
		}
		actor_peer_close(peer, NULL);
		actor_peer_unref(peer);
	}
}

static void many_may_come_at_once(void **state)
{
	(void)state;
	serve(tls, NULL);
	crew_run(4, visit_from_a_thread, NULL);
	assert_int_equal(tally_count(&n_answered), 4 * 5);
	serve_no_more();
}

static void come_or_renew(void *user, unsigned index)
{
	if (index > 0)
		visit_from_a_thread(user, index);
	else
		for (unsigned i = 0; i < 20; i++)
			if (actor_tls_reload(tls, NULL) == 0)
				tally_add(&n_renewed, 1);
}

/* While others connect and are accepted with it. */
static void it_may_be_read_again_at_any_time(void **state)
{
	uint64_t before = tally_count(&n_answered);

	(void)state;
	serve(tls, NULL);
	crew_run(4, come_or_renew, NULL);
	assert_int_equal(tally_count(&n_renewed), 20);
	assert_int_equal(tally_count(&n_answered) - before, 3 * 5);
	serve_no_more();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(the_host_of_an_address_is_whom_one_expects),
		IO_TEST(a_path_is_nobodys_name),
		IO_TEST(who_connects_without_it_is_not_served),
		IO_TEST(a_server_without_it_is_not_trusted),
		IO_TEST(it_is_kept_by_whoever_needs_it),
		IO_TEST(who_listens_has_a_certificate),
		IO_TEST(many_may_come_at_once),
		IO_TEST(it_may_be_read_again_at_any_time),
	};

	return cmocka_run_group_tests(tests, tls_io_set_up, tls_io_tear_down);
}
