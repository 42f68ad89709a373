/* SPDX-License-Identifier: MIT */

/* Connections by address, with TLS: whom one expects there, and how many there may be. */

#include "io-fixture.h"

#include "certificates.h"
#include "remotes.h"

#include <actor-remote/peer.h>
#include <stdlib.h>
#include <unistd.h>

static struct actor_tls *tls, *other;
static struct actor_listener *listener;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	return __real_calloc(n, bytes);
}

static struct actor_tls *load(const char *name)
{
	struct actor_tls_options options = { .size = sizeof options };
	struct actor_tls *made = NULL;
	char file[2][32];

	snprintf(file[0], sizeof file[0], "%s.pem", name);
	snprintf(file[1], sizeof file[1], "%s.key", name);
	options.certificate_file = certificates_path(file[0]);
	options.key_file = certificates_path(file[1]);
	options.ca_file = certificates_path("ca.pem");
	assert_int_equal(actor_tls_create(&options, &made, NULL), 0);
	return made;
}

static int set_up(void **state)
{
	certificates_open();
	certificate_make("ca",
			 &(struct certificate_wish){ .common_name = "ca", .authority = true });
	certificate_make("here", &(struct certificate_wish){ .common_name = "here",
							     .names = "DNS:localhost,IP:127.0.0.1",
							     .by = "ca" });
	certificate_make("other", &(struct certificate_wish){ .common_name = "other",
							      .names = "DNS:other.example",
							      .by = "ca" });
	tls = load("here");
	other = load("other");
	return io_warm_up(state);
}

static int tear_down(void **state)
{
	(void)state;
	actor_tls_unref(tls);
	actor_tls_unref(other);
	certificates_close();
	return 0;
}

/* ---- peers */

static struct tally n_answered = TALLY_INIT, n_renewed = TALLY_INIT;
static struct sum sum;
static union sum_address sum_address;
static struct remotes_services services;

static void serve(void)
{
	memset(&sum, 0, sizeof sum);
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(actor_io_executor(io)), &sum, NULL,
				     &sum_address),
			 0);
	assert_int_equal(remotes_services_create(&services), 0);
	assert_int_equal(ACTOR_SERVE(remotes, services, add, sum_address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, services, show, sum_address), 0);
}

static void serve_no_more(void)
{
	actor_service_map_unref(services.map);
	actor_address_unref(sum_address.address);
}

static void welcome(void *user, struct actor_transport *transport)
{
	struct actor_peer *peer;

	(void)user;
	if (actor_peer_create(transport, NULL, &peer) < 0) {
		actor_transport_destroy(transport);
		return;
	}
	if (actor_peer_serve(peer, services.map) == 0)
		actor_ignore(actor_peer_start(peer));
	actor_peer_unref(peer);
}

static const char *listen_with(struct actor_tls *with, const char *address)
{
	const struct actor_listen_options options = { .size = sizeof options,
						      .accept = welcome,
						      .tls = with };

	assert_int_equal(actor_listen(actor_thread_context(), io, address, &options, &listener), 0);
	return actor_listener_address(listener);
}

static void who_listens_has_a_certificate(void **state)
{
	struct actor_tls_options options = { .size = sizeof options,
					     .ca_file = certificates_path("ca.pem") };
	struct actor_listen_options listen = { .size = sizeof listen, .accept = welcome };

	(void)state;
	assert_int_equal(actor_tls_create(&options, &listen.tls, NULL), 0);
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &listen, &listener),
		ACTOR_E_INVALID);
	actor_tls_unref(listen.tls);
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

	snprintf(text, sizeof text, "tcp:%s%s", host,
		 strrchr(actor_listener_address(listener), ':'));
	return text;
}

static void the_host_of_an_address_is_whom_one_expects(void **state)
{
	(void)state;
	serve();
	listen_with(tls, "tcp:127.0.0.1:0");
	expect_visit(at_host("127.0.0.1"), NULL, 0);
	expect_visit(at_host("localhost"), NULL, 0);
	expect_visit(at_host("127.0.0.1"), "localhost", 0);
	expect_visit(at_host("127.0.0.1"), "other.example", ACTOR_E_UNTRUSTED);
	actor_listener_close(listener);
	listen_with(other, "tcp:127.0.0.1:0");
	expect_visit(at_host("127.0.0.1"), NULL, ACTOR_E_UNTRUSTED);
	expect_visit(at_host("127.0.0.1"), "other.example", 0);
	assert_int_equal(sum.total, 20);
	actor_listener_close(listener);
	serve_no_more();
}

static void a_path_is_nobodys_name(void **state)
{
	const char *address = unix_address(temporary_path("socket"));
	struct actor_listener_counts counts;
	struct actor_peer *peer;

	(void)state;
	serve();
	listen_with(tls, address);
	assert_int_equal(connect_as(tls, address, NULL, &peer), ACTOR_E_INVALID);
	assert_non_null(strstr(actor_error(actor_thread_context())->text, ": no name"));
	actor_listener_counts_get(listener, &counts);
	assert_int_equal(counts.n_accepted, 0);
	expect_visit(address, "localhost", 0);
	expect_visit(address, "other.example", ACTOR_E_UNTRUSTED);
	actor_listener_close(listener);
	serve_no_more();
}

static void who_connects_without_it_is_not_served(void **state)
{
	struct actor_peer *peer;

	(void)state;
	serve();
	listen_with(tls, "tcp:127.0.0.1:0");
	assert_int_equal(connect_as(NULL, at_host("127.0.0.1"), NULL, &peer), 0);
	visit(peer, false);
	assert_int_equal(sum.total, 0);
	expect_visit(at_host("127.0.0.1"), NULL, 0);
	actor_listener_close(listener);
	serve_no_more();
}

static void a_server_without_it_is_not_trusted(void **state)
{
	(void)state;
	serve();
	listen_with(NULL, "tcp:127.0.0.1:0");
	/* What the client begins with is too long to be a frame. */
	expect_visit(at_host("127.0.0.1"), NULL, ACTOR_E_HANDSHAKE);
	assert_int_equal(sum.total, 0);
	actor_listener_close(listener);
	serve_no_more();
}

/* The listener's, and the connection's: nobody else need keep it. */
static void it_is_kept_by_whoever_needs_it(void **state)
{
	struct actor_tls *mine = load("here");
	struct actor_peer *peer;

	(void)state;
	serve();
	listen_with(mine, "tcp:127.0.0.1:0");
	assert_int_equal(connect_as(mine, at_host("127.0.0.1"), NULL, &peer), 0);
	actor_tls_unref(mine);
	assert_int_equal(visit(peer, true).status, 0);
	actor_listener_close(listener);
	serve_no_more();
}

/* From several threads, which do not assert. */
static void visit_from_a_thread(void *user, unsigned index)
{
	struct actor_context *context = actor_thread_context();
	union remotes_address remote;
	struct actor_peer *peer;

	(void)index;
	for (unsigned i = 0; i < 5; i++) {
		if (connect_as(tls, user, NULL, &peer) < 0)
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
	char address[64];

	(void)state;
	serve();
	snprintf(address, sizeof address, "%s", listen_with(tls, "tcp:127.0.0.1:0"));
	crew_run(4, visit_from_a_thread, address);
	assert_int_equal(tally_count(&n_answered), 4 * 5);
	actor_listener_close(listener);
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
	char address[64];

	(void)state;
	serve();
	snprintf(address, sizeof address, "%s", listen_with(tls, "tcp:127.0.0.1:0"));
	crew_run(4, come_or_renew, address);
	assert_int_equal(tally_count(&n_renewed), 20);
	assert_int_equal(tally_count(&n_answered) - before, 3 * 5);
	actor_listener_close(listener);
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

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
