/* SPDX-License-Identifier: MIT */

/* Connecting: from wherever one likes, and all that may come in between. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "io-fixture.h"

#include <actor-impl/local.h>
#include <actor-impl/pool.h>
#include <actor-impl/simulation.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- memory that is refused, on the test's thread */

static _Thread_local unsigned refuse_nth;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	if (refuse_nth > 0 && --refuse_nth == 0)
		return NULL;
	return __real_calloc(n, bytes);
}

/* ---- names: libuv, too, asks here */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct tally n_slow = TALLY_INIT;

typedef int getaddrinfo_fn(const char *host, const char *port, const struct addrinfo *hints,
			   struct addrinfo **ret_found);

static int real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
			    struct addrinfo **ret_found)
{
	getaddrinfo_fn *function;

	*(void **)&function = dlsym(RTLD_NEXT, "getaddrinfo");
	return function(host, port, hints, ret_found);
}

static int find_two(const char *port, const struct addrinfo *hints, struct addrinfo **ret_found)
{
	int rc = real_getaddrinfo("127.0.0.2", port, hints, ret_found);

	return rc ? rc : real_getaddrinfo("127.0.0.1", port, hints, &(*ret_found)->ai_next);
}

static int find_silent(const char *port, const struct addrinfo *hints, struct addrinfo **ret_found)
{
	int rc = real_getaddrinfo("127.0.0.1", port, hints, ret_found);

	return rc ? rc : real_getaddrinfo("127.0.0.2", port, hints, &(*ret_found)->ai_next);
}

static int find_slowly(const char *port, const struct addrinfo *hints, struct addrinfo **ret_found)
{
	tally_add(&n_slow, 1);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return real_getaddrinfo("127.0.0.1", port, hints, ret_found);
}

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		struct addrinfo **ret_found)
{
	if (hints->ai_flags & AI_NUMERICHOST)
		return real_getaddrinfo(host, port, hints, ret_found);
	if (strcmp(host, "two.test") == 0)
		return find_two(port, hints, ret_found);
	if (strcmp(host, "silent.test") == 0)
		return find_silent(port, hints, ret_found);
	if (strcmp(host, "slow.test") == 0)
		return find_slowly(port, hints, ret_found);
	return EAI_NONAME;
}

/* ---- */

static int connect_until(const char *address, int64_t deadline_ns,
			 struct actor_transport **ret_transport)
{
	return actor_connect(actor_thread_context(), io, address, deadline_ns, ret_transport);
}

static int connect_to(const char *address, struct actor_transport **ret_transport)
{
	return connect_until(address, test_deadline(), ret_transport);
}

static const struct actor_error *detail(void)
{
	return actor_error(actor_thread_context());
}

static void both_ends_are_described(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	char text[64];

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), 0);
	assert_ptr_equal(transport->executor, actor_io_executor(io));
	actor_transport_describe(transport, text, sizeof text);
	assert_string_equal(text, actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	actor_transport_describe(accepted[0], text, sizeof text);
	assert_memory_equal(text, "tcp:127.0.0.1:", 14);
	assert_string_not_equal(text, actor_listener_address(listener));
	actor_transport_destroy(transport);
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
}

static void ip_version_6_is_spoken(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	char text[64];

	(void)state;
	if (io_listen("tcp:[::1]:0", 0, &listener) < 0)
		skip(); /* not by this machine */
	assert_memory_equal(actor_listener_address(listener), "tcp:[::1]:", 10);
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), 0);
	assert_true(tally_wait(&n_accepted, 1));
	actor_transport_describe(accepted[0], text, sizeof text);
	assert_memory_equal(text, "tcp:[::1]:", 10);
	actor_transport_destroy(transport);
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
}

static void what_is_no_address_is_refused(void **state)
{
	const char *const addresses[] = { "tcp:", "tcp:host:99999", "unix:", "nonsense",
					  "tcp:127.0.0.1:0" };
	struct actor_transport *transport;
	char text[64];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(addresses); i++) {
		assert_int_equal(connect_to(addresses[i], &transport), ACTOR_E_INVALID);
		assert_int_equal(detail()->code, ACTOR_E_INVALID);
		snprintf(text, sizeof text, "%s: %s", addresses[i],
			 i < 4 ? "no address: tcp:HOST:PORT or unix:PATH" : "nobody has port 0");
		assert_string_equal(detail()->text, text);
	}
}

static void check_refused(const char *address, int system_errno)
{
	struct actor_transport *transport;

	assert_int_equal(connect_to(address, &transport), ACTOR_E_SYSTEM);
	assert_int_equal(detail()->code, ACTOR_E_SYSTEM);
	assert_int_equal(detail()->system_errno, system_errno);
	assert_non_null(strstr(detail()->text, address));
	assert_non_null(strstr(detail()->text, strerror(system_errno)));
}

static void where_nobody_listens_is_said(void **state)
{
	unsigned port;
	int fd = plain_listen(NULL, 1, &port);

	(void)state;
	close(fd);
	check_refused(tcp_address(port), ECONNREFUSED);
	check_refused(unix_address(temporary_path("none")), ENOENT);
	fd = plain_listen(temporary_path("stale"), 1, NULL);
	close(fd);
	check_refused(unix_address(temporary_path("stale")), ECONNREFUSED);
	unlink(temporary_path("stale"));
}

static void all_addresses_of_a_name_are_tried(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	char address[64];

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	snprintf(address, sizeof address, "tcp:two.test:%s",
		 strrchr(actor_listener_address(listener), ':') + 1);
	assert_int_equal(connect_to(address, &transport), 0);
	actor_transport_destroy(transport);
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
	assert_int_equal(actor_io_join(io, test_deadline()), 0);
	check_refused(address, ECONNREFUSED);
}

/* TCP may pick that port by chance, and who connects again and again where nobody listens will see
 * it: he would talk to himself, and the port would be taken. */
static void nobody_connects_to_himself(void **state)
{
	struct actor_listener *listener;
	unsigned port;
	int fd = plain_listen(NULL, 1, &port);

	(void)state;
	close(fd);
	atomic_store(&connects_from_there, true);
	check_refused(tcp_address(port), ECONNREFUSED);
	atomic_store(&connects_from_there, false);
	assert_int_equal(io_listen(tcp_address(port), 0, &listener), 0);
	actor_listener_close(listener);
}

static void a_name_that_nobody_has_is_said(void **state)
{
	struct actor_transport *transport;

	(void)state;
	assert_int_equal(connect_to("tcp:unknown.test:1", &transport), ACTOR_E_SYSTEM);
	assert_int_equal(detail()->system_errno, 0);
	assert_non_null(strstr(detail()->text, "tcp:unknown.test:1: unknown"));
}

/* ---- time */

/* As many as the system takes: from then on it answers to none. */
static unsigned fill(const char *address, int fds[4], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fds[i] = plain_connect(address);
	return n;
}

static void close_all(int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

static void it_takes_no_longer_than_the_deadline(void **state)
{
	struct actor_transport *transport;
	unsigned port, n;
	int fds[4], fd = plain_listen(NULL, 0, &port);

	(void)state;
	n = fill(tcp_address(port), fds, 4);
	assert_int_equal(connect_until(tcp_address(port), io_deadline_in(30), &transport),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(detail()->code, ACTOR_E_TIMEOUT);
	assert_string_equal(detail()->text, tcp_address(port));
	/* Nothing goes on that nobody waits for. */
	assert_int_equal(actor_io_destroy(io), 0);
	assert_int_equal(actor_io_create(NULL, &io), 0);
	close_all(fds, n);
	close(fd);
}

/* As long as it takes: this machine may have something else to do. */
static int connect_patiently(const char *address, struct actor_transport **ret_transport)
{
	int rc = ACTOR_E_TIMEOUT;

	for (int64_t ms = 50; rc == ACTOR_E_TIMEOUT && ms < 10000; ms *= 2)
		rc = connect_until(address, io_deadline_in(ms), ret_transport);
	return rc;
}

static void one_that_does_not_answer_leaves_time_for_others(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	char text[64];
	unsigned port, n;
	int fds[4], fd = plain_listen(NULL, 0, &port);

	(void)state;
	n = fill(tcp_address(port), fds, 4);
	snprintf(text, sizeof text, "tcp:127.0.0.2:%u", port);
	assert_int_equal(io_listen(text, 0, &listener), 0);
	snprintf(text, sizeof text, "tcp:silent.test:%u", port);
	assert_int_equal(connect_patiently(text, &transport), 0);
	actor_transport_destroy(transport);
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
	close_all(fds, n);
	close(fd);
}

static void a_deadline_that_has_passed_is_told_at_once(void **state)
{
	struct actor_transport *transport;
	unsigned port;
	int fd = plain_listen(NULL, 1, &port);

	(void)state;
	assert_int_equal(connect_until("unix:/none", ACTOR_AT_ONCE, &transport), ACTOR_E_TIMEOUT);
	assert_int_equal(connect_until(tcp_address(port), ACTOR_AT_ONCE, &transport),
			 ACTOR_E_TIMEOUT);
	close(fd);
}

static void a_full_unix_socket_is_tried_until_the_deadline(void **state)
{
	struct actor_transport *transport;
	int fd = plain_listen(temporary_path("full"), 0, NULL), fds[4];
	unsigned n = fill(unix_address(temporary_path("full")), fds, 1);

	(void)state;
	assert_int_equal(
		connect_until(unix_address(temporary_path("full")), io_deadline_in(30), &transport),
		ACTOR_E_TIMEOUT);
	close_all(fds, n);
	close(fd);
	unlink(temporary_path("full"));
}

static void *accept_in_a_moment(void *user)
{
	int fd = *(int *)user;

	usleep(30000); /* that it is tried before, too: not that anything depends on it */
	close(accept(fd, NULL, NULL));
	return NULL;
}

static void a_full_unix_socket_is_tried_until_there_is_room(void **state)
{
	struct actor_transport *transport;
	int fd = plain_listen(temporary_path("full"), 0, NULL), fds[4];
	unsigned n = fill(unix_address(temporary_path("full")), fds, 1);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, accept_in_a_moment, &fd), 0);
	assert_int_equal(connect_to(unix_address(temporary_path("full")), &transport), 0);
	pthread_join(thread, NULL);
	actor_transport_destroy(transport);
	close_all(fds, n);
	close(fd);
	unlink(temporary_path("full"));
}

/* How often it was tried in vain, without the gate being open; @n_times if always. No assertion
 * until it is open again: what comes behind would wait for ever. */
static unsigned look_up_slowly(unsigned n_times, int64_t patience_ms, uint64_t n_slow_most)
{
	struct actor_transport *transport;
	unsigned n = 0;

	while (n < n_times && tally_count(&n_slow) < n_slow_most &&
	       connect_until("tcp:slow.test:1", io_deadline_in(patience_ms), &transport) ==
		       ACTOR_E_TIMEOUT)
		n++;
	return n;
}

/* The look-up can be neither waited for nor cancelled; nobody is held up by it but who ends it. (On
 * a busy machine it may be given up before it has begun, and then is cancelled.) */
static void a_name_that_takes_long_is_given_up(void **state)
{
	uint64_t n_before = tally_count(&n_slow);
	unsigned n_tried;
	int joined;

	(void)state;
	pthread_mutex_lock(&gate);
	n_tried = look_up_slowly(1000, 20, n_before + 1);
	joined = actor_io_join(io, test_deadline());
	pthread_mutex_unlock(&gate);
	assert_in_range(n_tried, 1, 1000);
	assert_true(tally_wait(&n_slow, n_before + 1));
	assert_int_equal(joined, 0);
}

/* Those that are not being looked up yet never are: libuv looks up four at a time. */
static void names_in_line_are_given_up(void **state)
{
	uint64_t n_before = tally_count(&n_slow);
	unsigned n_tried;

	(void)state;
	pthread_mutex_lock(&gate);
	n_tried = look_up_slowly(8, 5, UINT64_MAX);
	pthread_mutex_unlock(&gate);
	assert_int_equal(n_tried, 8);
	assert_int_equal(actor_io_destroy(io), 0);
	assert_in_range(tally_count(&n_slow) - n_before, 0, 4);
	assert_int_equal(actor_io_create(NULL, &io), 0);
}

static void let_go(void *user, struct actor_transport *transport)
{
	(void)user;
	actor_transport_destroy(transport);
}

/* Whatever comes first, the deadline or the connection: nothing is left. */
static void deadlines_and_connections_race(void **state)
{
	const struct actor_listen_options options = { .size = sizeof options, .accept = let_go };
	struct actor_listener *listener;
	uint64_t random = 1;

	(void)state;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &listener),
		0);
	for (unsigned i = 0; i < test_times(2000); i++) {
		struct actor_transport *transport;
		int64_t now = actor_now(actor_thread_context());
		int rc = connect_until(actor_listener_address(listener),
				       now + (int64_t)(test_random(&random) % 200000), &transport);

		if (rc == 0)
			actor_transport_destroy(transport);
		else
			assert_int_equal(rc, ACTOR_E_TIMEOUT);
	}
	actor_listener_close(listener);
}

/* ---- whoever asks */

struct errand_to {
	const char *address;
	struct actor_transport *transport;
	struct tally begun;
	int rc;
};

static int connect_in_handler(struct actor_context *context, void *user)
{
	struct errand_to *to = user;

	tally_add(&to->begun, 1);
	to->rc = actor_connect(context, io, to->address, ACTOR_FOREVER, &to->transport);
	return to->rc;
}

static void check_from(struct actor_executor *executor, const char *address)
{
	union hand_address hand = hand_spawn(executor, NULL, 0);
	struct errand_to to = { address, NULL, TALLY_INIT, 0 };

	assert_int_equal(hand_call(actor_thread_context(), hand, connect_in_handler, &to), 0);
	actor_transport_destroy(to.transport);
	actor_address_unref(hand.address);
}

static void actors_of_all_executors_may_connect(void **state)
{
	struct actor_listener *listener;
	struct actor_executor *pool, *local;

	(void)state;
	assert_int_equal(io_listen(unix_address(temporary_path("socket")), 0, &listener), 0);
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	check_from(pool, actor_listener_address(listener));
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
	assert_int_equal(actor_local_create(&local), 0);
	check_from(local, actor_listener_address(listener));
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	check_from(actor_io_executor(io), actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 3));
	io_destroy_accepted(0, 3);
	actor_listener_close(listener);
}

static void who_is_cancelled_waits_no_longer(void **state)
{
	unsigned port, n;
	int fds[4], fd = plain_listen(NULL, 0, &port);
	struct errand_to to = { tcp_address(port), NULL, TALLY_INIT, 0 };
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand = { NULL };

	(void)state;
	n = fill(tcp_address(port), fds, 4);
	assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(actor_io_executor(io)),
					     NULL, NULL, &hand, &mailbox),
			 0);
	assert_int_equal(hand_send(NULL, hand, connect_in_handler, &to), 0);
	assert_true(tally_wait(&to.begun, 1));
	actor_mailbox_cancel(mailbox.mailbox);
	assert_int_equal(
		actor_mailbox_join(actor_thread_context(), mailbox.mailbox, test_deadline(), NULL),
		0);
	assert_int_equal(to.rc, ACTOR_E_CANCELLED);
	actor_mailbox_destroy(mailbox.mailbox);
	actor_address_unref(hand.address);
	close_all(fds, n);
	close(fd);
}

static void connect_some(void *user, unsigned index)
{
	(void)index;
	for (unsigned i = 0; i < 10; i++) {
		struct actor_transport *transport;

		if (actor_connect(actor_thread_context(), io, user, test_deadline(), &transport) ==
		    0) {
			actor_transport_destroy(transport);
			tally_add(&n_closed, 1);
		}
	}
}

static void many_threads_may_connect(void **state)
{
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	crew_run(6, connect_some, (void *)actor_listener_address(listener));
	assert_int_equal(tally_count(&n_closed), 60);
	assert_true(tally_wait(&n_accepted, 60));
	io_destroy_accepted(0, 60);
	actor_listener_close(listener);
}

/* ---- what the system refuses */

static void without_memory_there_is_none(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	unsigned n_made = 0;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	for (unsigned nth = 1; n_made == 0; nth++) {
		int rc;

		refuse_nth = nth;
		rc = connect_to(actor_listener_address(listener), &transport);
		if (refuse_nth == 0) {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			assert_string_equal(detail()->text, actor_listener_address(listener));
			continue;
		}
		assert_int_equal(rc, 0);
		assert_true(nth > 2); /* the attempt and the transport */
		n_made++;
	}
	refuse_nth = 0;
	actor_transport_destroy(transport);
	actor_simulation_fail_nth(1);
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	/* That for which there was no transport, and that for which there was. */
	assert_true(tally_wait(&n_accepted, 2));
	io_destroy_accepted(0, 2);
	actor_listener_close(listener);
}

static void without_descriptors_there_is_none(void **state)
{
	struct actor_listener *listener;
	struct actor_transport *transport;
	struct rlimit limit, none;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), ACTOR_E_SYSTEM);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(detail()->system_errno, EMFILE);
	actor_listener_close(listener);
}

static int start_in_handler(struct actor_context *context, void *user)
{
	static const struct actor_transport_events events = { .size = sizeof events };
	int rc;

	(void)context;
	atomic_store(&refuse_poll, true);
	rc = actor_transport_start(user, &events, NULL);
	atomic_store(&refuse_poll, false);
	return rc;
}

static void what_libuv_refuses_is_said(void **state)
{
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	struct actor_listener *listener;
	struct actor_transport *transport;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	/* That it listens has been seen to when somebody has been let in. */
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), 0);
	assert_true(tally_wait(&n_accepted, 1));
	assert_int_equal(hand_call(actor_thread_context(), hand, start_in_handler, transport),
			 ACTOR_E_SYSTEM);
	actor_transport_destroy(transport);
	atomic_store(&refuse_poll, true);
	assert_int_equal(connect_to(actor_listener_address(listener), &transport), ACTOR_E_SYSTEM);
	atomic_store(&refuse_poll, false);
	assert_non_null(strstr(detail()->text, "not enough memory"));
	assert_true(tally_wait(&n_accepted, 2));
	io_destroy_accepted(0, 2);
	actor_address_unref(hand.address);
	actor_listener_close(listener);
}

/* ---- names to listen at */

static void all_addresses_of_a_name_are_tried_to_listen(void **state)
{
	struct actor_listener *first, *second, *third;
	char address[64];

	(void)state;
	assert_int_equal(io_listen("tcp:two.test:0", 0, &first), 0);
	assert_memory_equal(actor_listener_address(first), "tcp:127.0.0.2:", 14);
	snprintf(address, sizeof address, "tcp:two.test:%s",
		 strrchr(actor_listener_address(first), ':') + 1);
	assert_int_equal(io_listen(address, 0, &second), 0);
	assert_memory_equal(actor_listener_address(second), "tcp:127.0.0.1:", 14);
	assert_int_equal(io_listen(address, 0, &third), ACTOR_E_SYSTEM);
	assert_int_equal(detail()->system_errno, EADDRINUSE);
	assert_int_equal(io_listen("tcp:unknown.test:0", 0, &third), ACTOR_E_SYSTEM);
	actor_listener_close(first);
	actor_listener_close(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(both_ends_are_described),
		IO_TEST(ip_version_6_is_spoken),
		IO_TEST(what_is_no_address_is_refused),
		IO_TEST(where_nobody_listens_is_said),
		IO_TEST(all_addresses_of_a_name_are_tried),
		IO_TEST(nobody_connects_to_himself),
		IO_TEST(a_name_that_nobody_has_is_said),
		IO_TEST(it_takes_no_longer_than_the_deadline),
		IO_TEST(one_that_does_not_answer_leaves_time_for_others),
		IO_TEST(a_deadline_that_has_passed_is_told_at_once),
		IO_TEST(a_full_unix_socket_is_tried_until_the_deadline),
		IO_TEST(a_full_unix_socket_is_tried_until_there_is_room),
		IO_TEST(a_name_that_takes_long_is_given_up),
		IO_TEST(names_in_line_are_given_up),
		IO_TEST(deadlines_and_connections_race),
		IO_TEST(actors_of_all_executors_may_connect),
		IO_TEST(who_is_cancelled_waits_no_longer),
		IO_TEST(many_threads_may_connect),
		IO_TEST(without_memory_there_is_none),
		IO_TEST(without_descriptors_there_is_none),
		IO_TEST(what_libuv_refuses_is_said),
		IO_TEST(all_addresses_of_a_name_are_tried_to_listen),
	};

	return cmocka_run_group_tests_name("connect", tests, io_warm_up, NULL);
}
