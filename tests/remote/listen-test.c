/* SPDX-License-Identifier: MIT */

/* Listening: who is let in, how many at a time, what is in the way, and the end of it. */

#include "io-fixture.h"

#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

/* ---- memory that is refused, on the test's thread or on all others */

static pthread_t test_thread;
static atomic_bool refuse_here, refuse_elsewhere;
static atomic_size_t n_bytes_elsewhere;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	if (pthread_equal(pthread_self(), test_thread))
		return atomic_load(&refuse_here) ? NULL : __real_calloc(n, bytes);
	atomic_fetch_add(&n_bytes_elsewhere, n * bytes);
	return atomic_load(&refuse_elsewhere) ? NULL : __real_calloc(n, bytes);
}

/* ---- where */

static void port_0_picks_a_free_one(void **state)
{
	struct actor_listener *a, *b;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &a), 0);
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &b), 0);
	assert_string_not_equal(actor_listener_address(a), "tcp:127.0.0.1:0");
	assert_string_not_equal(actor_listener_address(a), actor_listener_address(b));
	actor_listener_close(a);
	actor_listener_close(b);
	actor_listener_close(NULL);
	assert_true(tally_wait(&n_closed, 2));
}

static void check_refused(const char *address, int rc, int system_errno)
{
	struct actor_listener *listener;
	const struct actor_error *detail = actor_error(actor_thread_context());

	assert_int_equal(io_listen(address, 0, &listener), rc);
	assert_int_equal(detail->code, rc);
	assert_int_equal(detail->system_errno, system_errno);
	assert_non_null(strstr(detail->text, address));
}

static void what_cannot_be_is_said(void **state)
{
	struct actor_listener *listener;
	unsigned port;
	int fd = plain_listen(NULL, 1, &port);

	(void)state;
	check_refused(tcp_address(port), ACTOR_E_SYSTEM, EADDRINUSE);
	check_refused("tcp:192.0.2.1:1", ACTOR_E_SYSTEM, EADDRNOTAVAIL);
	check_refused("unix:/none/socket", ACTOR_E_SYSTEM, ENOENT);
	check_refused("tcp:", ACTOR_E_INVALID, 0);
	check_refused("tcp:127.0.0.1:99999", ACTOR_E_INVALID, 0);
	close(fd);
	assert_int_equal(actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0",
				      &(struct actor_listen_options){
					      .size = sizeof(struct actor_listen_options) },
				      &listener),
			 ACTOR_E_INVALID);
	assert_string_equal(actor_error(actor_thread_context())->text,
			    "tcp:127.0.0.1:0: options to listen that make no sense");
}

static void a_port_can_be_had_again_at_once(void **state)
{
	struct actor_listener *listener;
	char address[64];

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	snprintf(address, sizeof address, "%s", actor_listener_address(listener));
	for (unsigned i = 1; i <= 3; i++) {
		int fd = plain_connect(address);

		/* With connections that this side closes first. */
		assert_true(tally_wait(&n_accepted, i));
		io_destroy_accepted(i - 1, 1);
		assert_true(plain_ends(fd));
		close(fd);
		actor_listener_close(listener);
		assert_int_equal(actor_io_join(io, test_deadline()), 0);
		assert_int_equal(io_listen(address, 0, &listener), 0);
	}
	actor_listener_close(listener);
}

static void names_may_be_listened_at(void **state)
{
	struct actor_listener *listener;
	int fd;

	(void)state;
	assert_int_equal(io_listen("tcp:localhost:0", 0, &listener), 0);
	if (strncmp(actor_listener_address(listener), "tcp:127.0.0.1:", 14) == 0) {
		fd = plain_connect(actor_listener_address(listener));
		assert_true(tally_wait(&n_accepted, 1));
		io_destroy_accepted(0, 1);
		close(fd);
	}
	actor_listener_close(listener);
}

/* ---- files of Unix sockets */

static bool is_there(const char *path)
{
	struct stat file;

	return lstat(path, &file) == 0;
}

static void a_file_is_there_while_it_listens(void **state)
{
	const char *path = temporary_path("socket");
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(io_listen(unix_address(path), 0, &listener), 0);
	assert_string_equal(actor_listener_address(listener), unix_address(path));
	assert_true(is_there(path));
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_false(is_there(path));
}

static void what_nobody_listens_on_is_replaced(void **state)
{
	const char *path = temporary_path("socket");
	struct actor_listener *listener;
	int fd;

	(void)state;
	close(plain_listen(path, 1, NULL));
	assert_int_equal(io_listen(unix_address(path), 0, &listener), 0);
	fd = plain_connect(unix_address(path));
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	close(fd);
	actor_listener_close(listener);
}

static void what_somebody_listens_on_stays(void **state)
{
	const char *path = temporary_path("socket");
	int fd = plain_listen(path, 0, NULL);

	(void)state;
	check_refused(unix_address(path), ACTOR_E_SYSTEM, EADDRINUSE);
	/* Who asks takes a place there: now its backlog is full. */
	check_refused(unix_address(path), ACTOR_E_SYSTEM, EADDRINUSE);
	close(fd);
	unlink(path);
}

static void what_is_no_socket_stays(void **state)
{
	const char *path = temporary_path("file");
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	(void)state;
	close(fd);
	check_refused(unix_address(path), ACTOR_E_SYSTEM, EADDRINUSE);
	assert_true(is_there(path));
	unlink(path);
}

static void a_file_of_somebody_else_stays(void **state)
{
	const char *path = temporary_path("socket");
	struct actor_listener *listener;
	int fd;

	(void)state;
	assert_int_equal(io_listen(unix_address(path), 0, &listener), 0);
	unlink(path);
	fd = plain_listen(path, 1, NULL);
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_true(is_there(path));
	close(fd);
	unlink(path);
}

/* ---- how many */

static void beyond_what_it_may_it_lets_wait(void **state)
{
	struct actor_listener *listener;
	int fds[4];

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 2, &listener), 0);
	for (unsigned i = 0; i < 4; i++)
		fds[i] = plain_connect(actor_listener_address(listener));
	for (unsigned i = 0; i < 2; i++) {
		assert_true(tally_wait(&n_accepted, 2 + i));
		/* It has looked again. */
		assert_int_equal(actor_io_join(io, io_deadline_in(20)), ACTOR_E_TIMEOUT);
		assert_int_equal(tally_count(&n_accepted), 2 + i);
		io_destroy_accepted(i, 1);
	}
	assert_true(tally_wait(&n_accepted, 4));
	io_destroy_accepted(2, 2);
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
	actor_listener_close(listener);
}

static void destroy_at_once(void *user, struct actor_transport *transport)
{
	tally_add(user, 1);
	actor_transport_destroy(transport);
}

static void who_is_not_wanted_may_be_let_go_at_once(void **state)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = destroy_at_once,
		.user = &n_accepted,
		.most = 1,
	};
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &listener),
		0);
	for (unsigned i = 0; i < 40; i++) {
		int fd = plain_connect(actor_listener_address(listener));

		assert_true(plain_ends(fd));
		close(fd);
	}
	assert_int_equal(tally_count(&n_accepted), 40);
	actor_listener_close(listener);
}

static void no_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user, (void)bytes, (void)n;
}

static void no_written(void *user)
{
	(void)user;
}

static void no_ended(void *user, int status, int system_errno)
{
	(void)user, (void)status, (void)system_errno;
}

static void start_it(void *user, struct actor_transport *transport)
{
	static const struct actor_transport_events events = {
		.size = sizeof events, .read = no_read, .written = no_written, .ended = no_ended
	};
	bool started = actor_transport_start(transport, &events, NULL) == 0;

	(void)user;
	accepted[tally_count(&n_accepted)] = transport;
	tally_add(&n_accepted, started);
}

static int destroy_all(struct actor_context *context, void *user)
{
	(void)context;
	io_destroy_accepted(0, *(unsigned *)user);
	return 0;
}

/* A handle of libuv's, and not much more: no buffer, no actor. */
static void an_idle_connection_needs_little(void **state)
{
	const struct actor_listen_options options = { .size = sizeof options, .accept = start_it };
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	struct actor_listener *listener;
	unsigned n = N_ELEMENTS(accepted);
	int fds[N_ELEMENTS(accepted)];

	(void)state;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &listener),
		0);
	atomic_store(&n_bytes_elsewhere, 0);
	for (unsigned i = 0; i < n; i++)
		fds[i] = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, n));
	assert_in_range(atomic_load(&n_bytes_elsewhere), n * sizeof(uv_poll_t), n * 320);
	assert_int_equal(hand_call(actor_thread_context(), hand, destroy_all, &n), 0);
	actor_address_unref(hand.address);
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
	actor_listener_close(listener);
}

/* ---- who is refused, or says nothing */

static void note_closed(void *user)
{
	(void)user;
	tally_add(&n_closed, 1);
}

static struct actor_listener_counts counts_of(const struct actor_listener *listener)
{
	struct actor_listener_counts counts;

	actor_listener_counts_get(listener, &counts);
	return counts;
}

static void keep_it(void *user, struct actor_transport *transport)
{
	(void)user;
	accepted[tally_count(&n_accepted)] = transport;
	tally_add(&n_accepted, 1);
}

static void beyond_what_it_may_it_may_refuse(void **state)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = keep_it,
		.most = 2,
		.refuse = true,
	};
	struct actor_listener *listener;
	int fds[20];

	(void)state;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &listener),
		0);
	for (unsigned i = 0; i < 20; i++) {
		fds[i] = plain_connect(actor_listener_address(listener));
		assert_true(i < 2 ? tally_wait(&n_accepted, 1 + i) : plain_ends(fds[i]));
	}
	assert_int_equal(counts_of(listener).n_connections, 2);
	assert_int_equal(counts_of(listener).n_accepted, 2);
	/* Those that there are have noticed nothing; and there is room again when one goes. */
	assert_int_equal(recv(fds[0], &(char){ 0 }, 1, MSG_DONTWAIT), -1);
	io_destroy_accepted(0, 1);
	close(fds[19]);
	fds[19] = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 3));
	assert_int_equal(counts_of(listener).n_connections, 2);
	assert_int_equal(counts_of(listener).n_refused, 18);
	io_destroy_accepted(1, 2);
	for (unsigned i = 0; i < 20; i++)
		close(fds[i]);
	actor_listener_close(listener);
}

/* Connections that are started on the loop's thread, the third with reading paused. */
static struct tally n_read = TALLY_INIT, n_ended = TALLY_INIT;
static atomic_int last_errno;

static void count_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user, (void)bytes, (void)n;
	tally_add(&n_read, 1);
}

static void count_ended(void *user, int status, int system_errno)
{
	(void)user;
	atomic_store(&last_errno, status == ACTOR_E_SYSTEM ? system_errno : 0);
	tally_add(&n_ended, 1);
}

static void start_quietly(void *user, struct actor_transport *transport)
{
	static const struct actor_transport_events events = { .size = sizeof events,
							      .read = count_read,
							      .written = no_written,
							      .ended = count_ended };
	unsigned nth = (unsigned)tally_count(&n_accepted);

	(void)user;
	accepted[nth] = transport;
	if (actor_transport_start(transport, &events, NULL) == 0 && nth == 2)
		actor_transport_read(transport, false);
	tally_add(&n_accepted, 1);
}

static int listen_impatiently(struct actor_listener **ret_listener)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = start_quietly,
		.on_closed = note_closed,
		.first_byte_timeout_ns = 50000000,
	};

	n_read.count = n_ended.count = 0;
	return actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, ret_listener);
}

static int destroy_one(struct actor_context *context, void *user)
{
	(void)context;
	actor_transport_destroy(user);
	return 0;
}

static void destroy_there(unsigned first, unsigned n)
{
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);

	for (unsigned i = first; i < first + n; i++)
		assert_int_equal(hand_call(actor_thread_context(), hand, destroy_one, accepted[i]),
				 0);
	actor_address_unref(hand.address);
}

/* But not who has said something, even if nobody has read it yet. */
static void who_says_nothing_is_let_go(void **state)
{
	struct actor_listener *listener;
	int fds[4];

	(void)state;
	assert_int_equal(listen_impatiently(&listener), 0);
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = plain_connect(actor_listener_address(listener));
		assert_true(tally_wait(&n_accepted, 1 + i));
		if (i > 0)
			assert_int_equal(send(fds[i], "x", 1, MSG_NOSIGNAL), 1);
	}
	assert_true(tally_wait(&n_ended, 1));
	assert_int_equal(atomic_load(&last_errno), ETIMEDOUT);
	/* The others have had as much time. */
	assert_int_equal(actor_io_join(io, io_deadline_in(100)), ACTOR_E_TIMEOUT);
	assert_int_equal(tally_count(&n_ended), 1);
	assert_int_equal(tally_count(&n_read), 2);
	destroy_there(0, 4);
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
	actor_listener_close(listener);
}

static void who_says_nothing_may_outlive_the_listener(void **state)
{
	struct actor_listener *listener;
	int fds[2];

	(void)state;
	assert_int_equal(listen_impatiently(&listener), 0);
	for (unsigned i = 0; i < 2; i++)
		fds[i] = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 2));
	destroy_there(0, 1);
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_true(tally_wait(&n_ended, 1));
	assert_int_equal(atomic_load(&last_errno), ETIMEDOUT);
	destroy_there(1, 1);
	close(fds[0]);
	close(fds[1]);
}

static void what_makes_no_sense_is_refused(void **state)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = keep_it,
		.first_byte_timeout_ns = -1,
	};
	const struct actor_io_options never = { .size = sizeof never, .keepalive_ns = -1 };
	struct actor_listener *listener;
	struct actor_io *other;

	(void)state;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &listener),
		ACTOR_E_INVALID);
	assert_int_equal(actor_io_create(&never, &other), ACTOR_E_INVALID);
}

/* ---- peers whose thread is busy */

static struct actor_peer *late_peer;

/* More than is read at a time: its head is its length, service 1, and no call. */
static uint8_t late_frame[100000] = { 0xa0, 0x86, 1, 0, 0, 0, 0, 0, 1 };

static void start_peer(void *user, struct actor_transport *transport)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .frame_timeout_ns = 1000000000,
						    .min_bytes_per_s = SIZE_MAX };

	(void)user;
	tally_add(&n_accepted, actor_peer_create(transport, &options, &late_peer) == 0 &&
				       actor_peer_start(late_peer) == 0);
}

static int has_half(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return late_peer->incoming.bytes.n == 12;
}

static int be_busy(struct actor_context *context, void *user)
{
	const struct timespec duration = { .tv_sec = 1, .tv_nsec = 300000000 };

	(void)context;
	nanosleep(&duration, NULL);
	return send(*(int *)user, late_frame + 12, sizeof late_frame - 12, MSG_NOSIGNAL) ==
	       sizeof late_frame - 12;
}

/* The time of a frame passes while its end is there and is not read: that is nobody's fault. */
static void what_is_there_when_time_is_up_has_come_in_time(void **state)
{
	const struct actor_listen_options options = { .size = sizeof options,
						      .accept = start_peer };
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	struct actor_listener *listener;
	struct actor_peer_counts counts;
	int fd;

	(void)state;
	assert_int_equal(actor_listen(actor_thread_context(), io,
				      unix_address(temporary_path("socket")), &options, &listener),
			 0);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	assert_int_equal(send(fd, late_frame, 12, 0), 12);
	while (hand_call(actor_thread_context(), hand, has_half, NULL) == 0)
		;
	assert_int_equal(hand_call(actor_thread_context(), hand, be_busy, &fd), 1);
	do
		actor_peer_counts_get(late_peer, &counts);
	while (counts.n_frames_read == 0 &&
	       actor_peer_join(actor_thread_context(), late_peer, io_deadline_in(10)) != 0);
	assert_int_equal(counts.n_frames_read, 1);
	actor_peer_close(late_peer, NULL);
	close(fd);
	actor_peer_unref(late_peer);
	actor_address_unref(hand.address);
	actor_listener_close(listener);
}

/* ---- whether somebody is there */

/* How many sockets of the process have it set to so much. */
static unsigned count_sockets(int level, int name, int value)
{
	unsigned n = 0;

	for (int fd = 0; fd < 64; fd++) {
		int is = -1;
		socklen_t n_is = sizeof is;

		n += getsockopt(fd, level, name, &is, &n_is) == 0 && is == value;
	}
	return n;
}

/* One that is accepted and one that connects, in a loop with this option; then @look. */
static void with_a_connection(int64_t keepalive_ns, const char *address, void (*look)(void))
{
	const struct actor_io_options options = { .size = sizeof options,
						  .keepalive_ns = keepalive_ns };
	struct actor_io *mine = io;
	struct actor_listener *listener;
	struct actor_transport *transport;

	assert_int_equal(actor_io_create(&options, &io), 0);
	assert_int_equal(io_listen(address, 0, &listener), 0);
	n_accepted.count = 0;
	assert_int_equal(actor_connect(actor_thread_context(), io, actor_listener_address(listener),
				       test_deadline(), &transport),
			 0);
	assert_true(tally_wait(&n_accepted, 1));
	look();
	actor_transport_destroy(transport);
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
	assert_int_equal(actor_io_join(io, test_deadline()), 0);
	assert_int_equal(actor_io_destroy(io), 0);
	io = mine;
}

static void expect_a_minute(void)
{
	assert_int_equal(count_sockets(SOL_SOCKET, SO_KEEPALIVE, 1), 2);
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_USER_TIMEOUT, 60000), 2);
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_KEEPIDLE, 30), 2);
}

static void expect_a_second(void)
{
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_USER_TIMEOUT, 1000), 2);
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_KEEPIDLE, 1), 2);
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_KEEPINTVL, 1), 2);
}

static void expect_very_long(void)
{
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_USER_TIMEOUT, 32767000), 2);
	assert_int_equal(count_sockets(IPPROTO_TCP, TCP_KEEPIDLE, 32767), 2);
}

static void expect_nothing(void)
{
	assert_int_equal(count_sockets(SOL_SOCKET, SO_KEEPALIVE, 1), 0);
}

static void who_is_quiet_is_asked_whether_it_is_there(void **state)
{
	(void)state;
	with_a_connection(0, "tcp:127.0.0.1:0", expect_a_minute);
	with_a_connection(1, "tcp:127.0.0.1:0", expect_a_second);
	with_a_connection(ACTOR_FOREVER - 1, "tcp:127.0.0.1:0", expect_very_long);
	with_a_connection(ACTOR_FOREVER, "tcp:127.0.0.1:0", expect_nothing);
	with_a_connection(0, unix_address(temporary_path("socket")), expect_nothing);
}

/* ---- what the system refuses */

static struct tally n_warnings = TALLY_INIT;

static void count_warnings(void *user, const struct actor_log_record *record)
{
	(void)user;
	if (record->level == ACTOR_LOG_WARNING && strstr(record->text, "no more for a moment"))
		tally_add(&n_warnings, 1);
}

static int log_open(void **state)
{
	actor_log_set_sink(count_warnings, NULL, ACTOR_LOG_WARNING);
	n_warnings.count = 0;
	return io_open(state);
}

static int log_close(void **state)
{
	int rc = io_close(state);

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_ERROR);
	return rc;
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, log_open, log_close)

/* The loop does not spin meanwhile: it warns each time it looks, and that is not at once. */
static void without_descriptors_it_waits_for_some(void **state)
{
	struct actor_listener *listener;
	struct rlimit limit, none;
	int64_t began_ns;
	int fds[3];

	(void)state;
	if (test_on_valgrind()) /* accepts, and closes, what is too many */
		skip();
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 1, &listener), 0);
	for (unsigned i = 0; i < 3; i++)
		fds[i] = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	began_ns = actor_now(actor_thread_context());
	io_destroy_accepted(0, 1);
	assert_true(tally_wait(&n_warnings, 3));
	assert_true(actor_now(actor_thread_context()) - began_ns > 150000000);
	assert_int_equal(tally_count(&n_accepted), 1);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_true(tally_wait(&n_accepted, 2));
	io_destroy_accepted(1, 1);
	assert_true(tally_wait(&n_accepted, 3));
	io_destroy_accepted(2, 1);
	for (unsigned i = 0; i < 3; i++)
		close(fds[i]);
	actor_listener_close(listener);
}

/* The same when none of them may be accepted. */
static void without_leave_it_waits_for_it(void **state)
{
	struct actor_listener *listener;
	int64_t began_ns = actor_now(actor_thread_context());
	int fd;

	(void)state;
	atomic_store(&refuse_accept, true);
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_warnings, 3));
	assert_true(actor_now(actor_thread_context()) - began_ns > 150000000);
	atomic_store(&refuse_accept, false);
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	close(fd);
	actor_listener_close(listener);
}

/* The same when libuv has no handle for it. */
static void without_a_handle_it_waits_for_one(void **state)
{
	struct actor_listener *listener;
	int fd;

	(void)state;
	atomic_store(&refuse_poll, true);
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 1, &listener), 0);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_warnings, 2));
	assert_int_equal(tally_count(&n_accepted), 0);
	atomic_store(&refuse_poll, false);
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	close(fd);
	actor_listener_close(listener);
}

static void it_may_be_closed_when_it_never_had_one(void **state)
{
	struct actor_listener *listener;

	(void)state;
	atomic_store(&refuse_poll, true);
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 1, &listener), 0);
	assert_true(tally_wait(&n_warnings, 1));
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	atomic_store(&refuse_poll, false);
}

static void without_memory_connections_end(void **state)
{
	struct actor_listener *listener;
	int fd;

	(void)state;
	atomic_store(&refuse_here, true);
	check_refused("tcp:127.0.0.1:0", ACTOR_E_NOMEM, 0);
	atomic_store(&refuse_here, false);
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	atomic_store(&refuse_elsewhere, true);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(plain_ends(fd));
	atomic_store(&refuse_elsewhere, false);
	close(fd);
	assert_int_equal(tally_count(&n_accepted), 0);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	io_destroy_accepted(0, 1);
	close(fd);
	actor_listener_close(listener);
}

/* ---- the end */

static void connections_outlive_their_listener(void **state)
{
	struct actor_listener *listener;
	int fd;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_int_equal(actor_io_join(io, io_deadline_in(10)), ACTOR_E_TIMEOUT);
	io_destroy_accepted(0, 1);
	assert_true(plain_ends(fd));
	close(fd);
}

static struct actor_listener *to_close;

static void close_it(void *user, struct actor_transport *transport)
{
	(void)user;
	actor_listener_close(to_close);
	actor_transport_destroy(transport);
	tally_add(&n_accepted, 1);
}

/* Of those that have come at the same time only one is let in. */
static void it_may_be_closed_while_it_accepts(void **state)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = close_it,
		.on_closed = note_closed,
		.backlog = 8,
	};
	int fds[4];
	unsigned n = 0;

	(void)state;
	pthread_mutex_lock(&n_accepted.lock); /* the first to be accepted waits there */
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options, &to_close),
		0);
	for (; n < 4; n++)
		fds[n] = plain_connect(actor_listener_address(to_close));
	pthread_mutex_unlock(&n_accepted.lock);
	assert_true(tally_wait(&n_closed, 1));
	for (n = 0; n < 4; n++) {
		assert_true(plain_ends(fds[n]));
		close(fds[n]);
	}
	assert_int_equal(tally_count(&n_accepted), 1);
	assert_int_equal(tally_count(&n_closed), 1);
}

/* Right there, before anything else. */
static struct {
	char address[200];
	int rc;
	struct actor_listener *listener;
} next;

static void listen_again(void *user)
{
	(void)user;
	next.rc = io_listen(next.address, 0, &next.listener);
	tally_add(&n_closed, 1);
}

static void listen_once_more(const char *address)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = destroy_at_once,
		.on_closed = listen_again,
	};
	struct actor_listener *listener;

	assert_int_equal(actor_listen(actor_thread_context(), io, address, &options, &listener), 0);
	snprintf(next.address, sizeof next.address, "%s", actor_listener_address(listener));
	n_closed.count = 0;
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_int_equal(next.rc, 0);
	assert_string_equal(actor_listener_address(next.listener), next.address);
	actor_listener_close(next.listener);
	assert_true(tally_wait(&n_closed, 2));
}

static void who_is_told_that_it_is_closed_can_have_the_address(void **state)
{
	(void)state;
	listen_once_more("tcp:127.0.0.1:0");
	listen_once_more(unix_address(temporary_path("socket")));
}

static void after_the_end_nobody_is_let_in(void **state)
{
	struct actor_listener *listener;

	(void)state;
	for (unsigned i = 0; i < test_times(200); i++) {
		unsigned before = (unsigned)tally_count(&n_accepted), n;
		int fds[3];

		assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
		for (unsigned k = 0; k < 3; k++)
			fds[k] = plain_connect(actor_listener_address(listener));
		actor_listener_close(listener);
		assert_true(tally_wait(&n_closed, i + 1));
		n = (unsigned)tally_count(&n_accepted);
		assert_in_range(n - before, 0, 3);
		for (unsigned k = before; k < n; k++)
			actor_transport_destroy(accepted[k % N_ELEMENTS(accepted)]);
		for (unsigned k = 0; k < 3; k++) {
			assert_true(plain_ends(fds[k]));
			close(fds[k]);
		}
		assert_int_equal(tally_count(&n_accepted), n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(port_0_picks_a_free_one),
		IO_TEST(what_cannot_be_is_said),
		IO_TEST(a_port_can_be_had_again_at_once),
		IO_TEST(names_may_be_listened_at),
		IO_TEST(a_file_is_there_while_it_listens),
		IO_TEST(what_nobody_listens_on_is_replaced),
		IO_TEST(what_somebody_listens_on_stays),
		IO_TEST(what_is_no_socket_stays),
		IO_TEST(a_file_of_somebody_else_stays),
		IO_TEST(beyond_what_it_may_it_lets_wait),
		IO_TEST(who_is_not_wanted_may_be_let_go_at_once),
		IO_TEST(an_idle_connection_needs_little),
		IO_TEST(beyond_what_it_may_it_may_refuse),
		IO_TEST(who_says_nothing_is_let_go),
		IO_TEST(who_says_nothing_may_outlive_the_listener),
		IO_TEST(what_makes_no_sense_is_refused),
		IO_TEST(what_is_there_when_time_is_up_has_come_in_time),
		IO_TEST(who_is_quiet_is_asked_whether_it_is_there),
		LOG_TEST(without_descriptors_it_waits_for_some),
		LOG_TEST(without_leave_it_waits_for_it),
		LOG_TEST(without_a_handle_it_waits_for_one),
		LOG_TEST(it_may_be_closed_when_it_never_had_one),
		IO_TEST(without_memory_connections_end),
		IO_TEST(connections_outlive_their_listener),
		IO_TEST(it_may_be_closed_while_it_accepts),
		IO_TEST(who_is_told_that_it_is_closed_can_have_the_address),
		IO_TEST(after_the_end_nobody_is_let_in),
	};

	test_thread = pthread_self();
	return cmocka_run_group_tests_name("listen", tests, io_warm_up, NULL);
}
