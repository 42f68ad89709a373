/* SPDX-License-Identifier: MIT */

/* Loops for connections: with a thread of their own, or the program's; what lives there, how that
 * is waited for, and how they end. */

#include "io-fixture.h"

#include <actor-impl/local.h>
#include <actor-impl/pool.h>
#include <actor-remote/session.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* ---- what the system refuses */

static bool refuse_calloc, refuse_thread, refuse_loop, refuse_async;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*main)(void *user), void *user);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*main)(void *user), void *user);
int __real_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop);
int __real_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback);
int __wrap_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback);

void *__wrap_calloc(size_t n, size_t bytes)
{
	return refuse_calloc ? NULL : __real_calloc(n, bytes);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*function)(void *user), void *user)
{
	return refuse_thread ? EAGAIN : __real_pthread_create(thread, attributes, function, user);
}

int __wrap_uv_loop_init(uv_loop_t *loop)
{
	return refuse_loop ? UV_EMFILE : __real_uv_loop_init(loop);
}

int __wrap_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback)
{
	return refuse_async ? UV_EMFILE : __real_uv_async_init(loop, async, callback);
}

/* ---- with a thread of its own */

static int thread_of(struct actor_context *context, void *user)
{
	(void)context;
	*(pthread_t *)user = pthread_self();
	return 0;
}

static void actors_run_on_its_thread(void **state)
{
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	pthread_t thread = pthread_self();

	(void)state;
	assert_int_equal(hand_call(actor_thread_context(), hand, thread_of, &thread), 0);
	assert_false(pthread_equal(thread, pthread_self()));
	assert_int_equal(actor_io_join(io, io_deadline_in(1)), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_io_destroy(io), ACTOR_E_BUSY);
	actor_address_unref(hand.address);
}

/* What the log has had last: of the loop's thread, which the test's waits for. */
static char logged[160];

static void keep_record(void *user, const struct actor_log_record *record)
{
	(void)user;
	if (record->level == ACTOR_LOG_WARNING)
		snprintf(logged, sizeof logged, "%s", record->text);
}

static void expect_busy(const char *text)
{
	logged[0] = '\0';
	actor_log_set_sink(keep_record, NULL, ACTOR_LOG_WARNING);
	assert_int_equal(actor_io_destroy(io), ACTOR_E_BUSY);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_ERROR);
	assert_non_null(strstr(logged, text));
}

static void it_is_not_destroyed_while_something_lives_there(void **state)
{
	struct actor_listener *listener;
	int fd;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	expect_busy("1 listeners, 0 connections, 0 attempts");
	fd = plain_connect(actor_listener_address(listener));
	assert_true(tally_wait(&n_accepted, 1));
	actor_listener_close(listener);
	assert_true(tally_wait(&n_closed, 1));
	assert_int_equal(actor_io_join(io, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	expect_busy("0 listeners, 1 connections, 0 attempts");
	io_destroy_accepted(0, 1);
	close(fd);
	assert_int_equal(actor_io_join(io, ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_io_destroy(io), 0);
	assert_int_equal(actor_io_create(NULL, &io), 0);
}

/* What has been closed before needs not be waited for. */
static void it_may_be_destroyed_right_after_its_listeners_are_closed(void **state)
{
	struct actor_listener *listener;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		n_closed.count = 0;
		assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
		actor_listener_close(listener);
		assert_int_equal(actor_io_destroy(io), 0);
		assert_int_equal(tally_count(&n_closed), 1);
		assert_int_equal(actor_io_create(NULL, &io), 0);
	}
	assert_int_equal(actor_io_destroy(NULL), 0);
}

static void *destroy_in_a_moment(void *user)
{
	usleep(5000); /* while the other waits, most likely */
	actor_transport_destroy(user);
	return NULL;
}

static void the_last_to_go_is_waited_for(void **state)
{
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	for (unsigned i = 0; i < 10; i++) {
		int fd = plain_connect(actor_listener_address(listener));
		pthread_t thread;

		assert_true(tally_wait(&n_accepted, i + 1));
		actor_listener_close(listener);
		assert_int_equal(pthread_create(&thread, NULL, destroy_in_a_moment, accepted[i]),
				 0);
		assert_int_equal(actor_io_join(io, test_deadline()), 0);
		pthread_join(thread, NULL);
		close(fd);
		assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	}
	actor_listener_close(listener);
}

static int let_go(struct actor_context *context, void *user)
{
	(void)context;
	actor_address_unref(user);
	return 0;
}

/* See actor-impl/burst.h. */
static void waiting_for_it_ends_a_burst(void **state)
{
	union hand_address there = hand_spawn(actor_io_executor(io), NULL, 0), hand;
	struct actor_executor *pool;

	(void)state;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	actor_burst_begin();
	hand = hand_spawn(pool, NULL, 0);
	assert_int_equal(hand_send(NULL, hand, let_go, there.address), 0);
	assert_int_equal(actor_io_join(io, test_deadline()), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

static int join_and_destroy(struct actor_context *context, void *user)
{
	(void)context;
	return actor_io_join(user, ACTOR_AT_ONCE) == ACTOR_E_INVALID &&
			       actor_io_destroy(user) == ACTOR_E_INVALID
		       ? 1
		       : 0;
}

static void its_own_thread_cannot_wait_for_itself(void **state)
{
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);

	(void)state;
	assert_int_equal(hand_call(actor_thread_context(), hand, join_and_destroy, io), 1);
	actor_address_unref(hand.address);
}

static int what_is_blocked(struct actor_context *context, void *user)
{
	(void)context;
	return pthread_sigmask(SIG_SETMASK, NULL, user);
}

static void signals_are_for_other_threads(void **state)
{
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	sigset_t blocked;

	(void)state;
	sigemptyset(&blocked);
	assert_int_equal(hand_call(actor_thread_context(), hand, what_is_blocked, &blocked), 0);
	assert_true(sigismember(&blocked, SIGINT));
	assert_true(sigismember(&blocked, SIGTERM));
	actor_address_unref(hand.address);
}

/* ---- what the system refuses */

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct actor_io *none;
	struct actor_executor *local;
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	refuse_calloc = true;
	assert_int_equal(actor_io_create(NULL, &none), ACTOR_E_NOMEM);
	refuse_calloc = false;
	refuse_thread = true;
	assert_int_equal(actor_io_create(NULL, &none), ACTOR_E_SYSTEM);
	refuse_thread = false;
	refuse_loop = true;
	assert_int_equal(actor_io_create(NULL, &none), ACTOR_E_SYSTEM);
	refuse_loop = false;
	refuse_async = true;
	assert_int_equal(actor_io_create(NULL, &none), ACTOR_E_SYSTEM);
	assert_int_equal(
		actor_io_create(&(struct actor_io_options){ .size = sizeof(struct actor_io_options),
							    .loop = &loop },
				&none),
		ACTOR_E_SYSTEM);
	refuse_async = false;
	/* A thread has one executor. */
	assert_int_equal(actor_local_create(&local), 0);
	assert_int_equal(
		actor_io_create(&(struct actor_io_options){ .size = sizeof(struct actor_io_options),
							    .loop = &loop },
				&none),
		ACTOR_E_BUSY);
	assert_int_equal(actor_executor_destroy(local), 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---- in a loop of the program's: that of the test's thread */

static uv_loop_t loop;

static int loop_open(void **state)
{
	const struct actor_io_options options = { .size = sizeof options, .loop = &loop };
	struct actor_io *own;

	if (io_open(state) < 0)
		return -1;
	own = io;
	if (actor_io_destroy(own) < 0 || uv_loop_init(&loop) < 0)
		return -1;
	return actor_io_create(&options, &io);
}

static int loop_close(void **state)
{
	if (actor_io_join(io, test_deadline()) < 0 || actor_io_destroy(io) < 0)
		return -1;
	if (uv_run(&loop, UV_RUN_DEFAULT) != 0 || uv_loop_close(&loop) != 0)
		return -1;
	return actor_io_create(NULL, &io) < 0 ? -1 : io_close(state);
}

#define LOOP_TEST(test) cmocka_unit_test_setup_teardown(test, loop_open, loop_close)

static void it_does_not_keep_the_loop_alive(void **state)
{
	(void)state;
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(actor_io_join(io, ACTOR_AT_ONCE), 0);
}

/* ---- an actor that connects, and an echo in the same loop */

struct echo {
	struct actor_transport *client;
	struct actor_transport *server;
	struct actor_listener *listener;
	unsigned n_read;
	unsigned n_ended;
};

static struct echo echo;

static void server_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user;
	assert_int_equal(actor_transport_write(echo.server, bytes, n), 0);
}

static void no_event(void *user)
{
	(void)user;
}

static void server_ended(void *user, int status, int system_errno)
{
	(void)user, (void)status, (void)system_errno;
	actor_transport_destroy(echo.server);
	echo.n_ended++;
}

static const struct actor_transport_events server_events = {
	.size = sizeof server_events,
	.read = server_read,
	.written = no_event,
	.ended = server_ended,
};

static void client_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user, (void)bytes;
	echo.n_read += (unsigned)n;
	actor_listener_close(echo.listener);
	actor_transport_destroy(echo.client);
}

static const struct actor_transport_events client_events = {
	.size = sizeof client_events,
	.read = client_read,
	.written = no_event,
	.ended = server_ended,
};

static void accept_echo(void *user, struct actor_transport *transport)
{
	(void)user;
	echo.server = transport;
	assert_int_equal(actor_transport_start(transport, &server_events, NULL), 0);
}

static int connect_and_say(struct actor_context *context, void *user)
{
	int rc = actor_connect(context, io, actor_listener_address(echo.listener), ACTOR_FOREVER,
			       &echo.client);

	(void)user;
	if (rc == 0)
		rc = actor_transport_start(echo.client, &client_events, NULL);
	return rc < 0 ? rc : actor_transport_write(echo.client, (const uint8_t *)"hello", 5);
}

static void a_handler_may_connect_in_its_own_loop(void **state)
{
	const struct actor_listen_options options = { .size = sizeof options,
						      .accept = accept_echo };
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);

	(void)state;
	memset(&echo, 0, sizeof echo);
	assert_int_equal(actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &options,
				      &echo.listener),
			 0);
	assert_int_equal(hand_send(NULL, hand, connect_and_say, NULL), 0);
	actor_address_unref(hand.address);
	/* The loop ends by itself: connections and listeners keep it, and they go. */
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(echo.n_read, 5);
	assert_int_equal(echo.n_ended, 1);
}

static void who_runs_the_loop_cannot_wait_for_it(void **state)
{
	struct actor_transport *transport;
	struct actor_listener *listener;

	(void)state;
	/* To listen at a number one need not wait. */
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	assert_int_equal(actor_connect(actor_thread_context(), io, actor_listener_address(listener),
				       ACTOR_FOREVER, &transport),
			 ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_error(actor_thread_context())->code, ACTOR_E_NOSUSPEND);
	/* What was given up keeps nobody; who has come was not let in before the end. */
	actor_listener_close(listener);
	assert_int_equal(actor_io_join(io, test_deadline()), 0);
	assert_int_equal(tally_count(&n_accepted), 0);
}

/* The same is true of those that need no waiting: a file. */
static void what_is_there_at_once_needs_no_waiting(void **state)
{
	struct actor_transport *transport;
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(io_listen(unix_address(temporary_path("socket")), 0, &listener), 0);
	assert_int_equal(actor_connect(actor_thread_context(), io, actor_listener_address(listener),
				       ACTOR_FOREVER, &transport),
			 0);
	while (tally_count(&n_accepted) == 0)
		uv_run(&loop, UV_RUN_ONCE);
	actor_transport_destroy(transport);
	io_destroy_accepted(0, 1);
	actor_listener_close(listener);
}

static void accept_peer(void *user, struct actor_transport *transport)
{
	struct actor_peer **peer = user;

	assert_int_equal(actor_peer_create(transport, NULL, peer), 0);
	assert_int_equal(actor_peer_start(*peer), 0);
}

static int joined;

static int join_peer(struct actor_context *by, void *user)
{
	joined = actor_peer_join(by, user, test_deadline());
	return 0;
}

/* Nor for the end of a connection; but an actor in the loop can. */
static void who_runs_the_loop_cannot_wait_for_peers(void **state)
{
	struct actor_context *context = actor_thread_context();
	union hand_address hand = hand_spawn(actor_io_executor(io), NULL, 0);
	struct actor_transport *transport;
	struct actor_peer *server = NULL, *client;
	const struct actor_listen_options options = { .size = sizeof options,
						      .accept = accept_peer,
						      .user = &server };
	struct actor_listener *listener;

	(void)state;
	joined = ACTOR_E_TIMEOUT;
	assert_int_equal(actor_listen(context, io, unix_address(temporary_path("socket")), &options,
				      &listener),
			 0);
	assert_int_equal(actor_connect(context, io, actor_listener_address(listener), ACTOR_FOREVER,
				       &transport),
			 0);
	assert_int_equal(actor_peer_create(transport, NULL, &client), 0);
	assert_int_equal(actor_peer_start(client), 0);
	while (!server)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(actor_peer_join(context, client, ACTOR_FOREVER), ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_error(context)->code, ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_peer_join(context, client, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(hand_send(NULL, hand, join_peer, client), 0);
	actor_address_unref(hand.address);
	actor_peer_close(server, NULL);
	actor_listener_close(listener);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(joined, 0);
	assert_int_equal(actor_peer_join(context, client, ACTOR_FOREVER), 0);
	assert_int_equal(actor_peer_join(context, server, ACTOR_FOREVER), 0);
	actor_peer_unref(client);
	actor_peer_unref(server);
}

static void who_runs_the_loop_cannot_wait_for_sessions(void **state)
{
	const struct actor_session_options options = { .size = sizeof options,
						       .io = io,
						       .address = "unix:/nobody/is/here" };
	struct actor_context *context = actor_thread_context();
	struct actor_session *session;

	(void)state;
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(actor_session_start(session), 0);
	assert_int_equal(actor_session_join(context, session, ACTOR_FOREVER), ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_error(context)->code, ACTOR_E_NOSUSPEND);
	assert_int_equal(actor_session_join(context, session, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	actor_session_close(session, NULL);
	assert_int_equal(actor_io_join(io, test_deadline()), 0);
	assert_int_equal(actor_session_join(context, session, ACTOR_FOREVER), 0);
	actor_session_unref(session);
}

static void *destroy_and_join(void *user)
{
	return actor_io_destroy(user) == ACTOR_E_INVALID &&
			       actor_io_join(user, ACTOR_AT_ONCE) == ACTOR_E_INVALID
		       ? user
		       : NULL;
}

static void only_who_runs_the_loop_may_end_it(void **state)
{
	pthread_t thread;
	void *was_refused;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, destroy_and_join, io), 0);
	pthread_join(thread, &was_refused);
	assert_ptr_equal(was_refused, io);
}

static void a_listener_may_be_closed_just_before_the_end(void **state)
{
	const struct actor_io_options options = { .size = sizeof options, .loop = &loop };
	struct actor_listener *listener;

	(void)state;
	assert_int_equal(io_listen("tcp:127.0.0.1:0", 0, &listener), 0);
	assert_int_equal(actor_io_destroy(io), ACTOR_E_BUSY);
	assert_int_equal(actor_io_join(io, io_deadline_in(10)), ACTOR_E_TIMEOUT);
	actor_listener_close(listener);
	assert_int_equal(actor_io_destroy(io), 0);
	assert_int_equal(tally_count(&n_closed), 1);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(actor_io_create(&options, &io), 0);
}

/* ---- signals of a program that knows nothing of them */

static void lost(void *user, int status, int system_errno)
{
	(void)user;
	echo.n_ended += status == ACTOR_E_SYSTEM && system_errno > 0;
	uv_stop(&loop);
}

static void let_it_be(void *user, const uint8_t *bytes, size_t n)
{
	(void)user, (void)bytes, (void)n;
}

static void writing_to_nobody_raises_no_signal(void **state)
{
	const struct actor_transport_events events = {
		.size = sizeof events, .read = let_it_be, .written = no_event, .ended = lost
	};
	struct actor_transport *transport;
	int fd, rc = 0;

	(void)state;
	memset(&echo, 0, sizeof echo);
	signal(SIGPIPE, SIG_DFL);
	fd = plain_listen(temporary_path("socket"), 1, NULL);
	assert_int_equal(actor_connect(actor_thread_context(), io,
				       unix_address(temporary_path("socket")), ACTOR_FOREVER,
				       &transport),
			 0);
	close(fd);
	unlink(temporary_path("socket"));
	assert_int_equal(actor_transport_start(transport, &events, NULL), 0);
	rc = actor_transport_write(transport, (const uint8_t *)"hello", 5);
	assert_int_equal(rc, ACTOR_E_SYSTEM);
	assert_int_equal(echo.n_ended, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(echo.n_ended, 1);
	actor_transport_destroy(transport);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(actors_run_on_its_thread),
		IO_TEST(it_is_not_destroyed_while_something_lives_there),
		IO_TEST(it_may_be_destroyed_right_after_its_listeners_are_closed),
		IO_TEST(the_last_to_go_is_waited_for),
		IO_TEST(waiting_for_it_ends_a_burst),
		IO_TEST(its_own_thread_cannot_wait_for_itself),
		IO_TEST(signals_are_for_other_threads),
		IO_TEST(what_cannot_be_made_leaves_nothing),
		LOOP_TEST(it_does_not_keep_the_loop_alive),
		LOOP_TEST(a_handler_may_connect_in_its_own_loop),
		LOOP_TEST(who_runs_the_loop_cannot_wait_for_it),
		LOOP_TEST(what_is_there_at_once_needs_no_waiting),
		LOOP_TEST(who_runs_the_loop_cannot_wait_for_peers),
		LOOP_TEST(who_runs_the_loop_cannot_wait_for_sessions),
		LOOP_TEST(only_who_runs_the_loop_may_end_it),
		LOOP_TEST(a_listener_may_be_closed_just_before_the_end),
		LOOP_TEST(writing_to_nobody_raises_no_signal),
	};

	return cmocka_run_group_tests_name("io", tests, io_warm_up, NULL);
}
