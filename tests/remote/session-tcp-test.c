/* SPDX-License-Identifier: MIT */

/*
 * A session over TCP, and a server that is killed and started again while several threads call:
 * this program, once more. What it has handled it writes to a file, so that it is known afterwards.
 */

#define _GNU_SOURCE /* pipe2() */

#include "io-fixture.h"

#include "io.h"
#include "remotes.h"
#include "session.h"

#include <actor-impl/thread.h>
#include <actor-remote/peer.h>
#include <actor-remote/session.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS INT64_C(1000000)

enum { CALLERS = 3, CALLS = 80, NUMBERS = CALLERS * CALLS, KILLS = 3 };

extern char **environ;

/* ---- the server */

ACTOR_DECLARE(writer, OTHERS_SERVICES);

struct writer {
	int fd; /* negative: nowhere */
};

static struct actor_unit writer_on_add(struct writer *self, struct add *message,
				       struct actor_context *by)
{
	uint32_t number = (uint32_t)message->n;

	(void)by;
	if (self->fd >= 0 && write(self->fd, &number, sizeof number) != sizeof number)
		_exit(1);
	return ACTOR_UNIT;
}

ACTOR_DEFINE(writer, OTHERS_SERVICES, NULL, NULL, NULL);

static void welcome(void *user, struct actor_transport *transport)
{
	struct actor_service_map *map = user;
	struct actor_peer *peer;

	if (actor_peer_create(transport, NULL, &peer) < 0 || actor_peer_serve(peer, map) < 0 ||
	    actor_peer_start(peer) < 0)
		_exit(1);
	actor_peer_unref(peer);
}

static int serve(const char *address, const char *path)
{
	struct writer writer = { open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) };
	struct actor_listen_options options = { .size = sizeof options, .accept = welcome };
	struct others_services services;
	struct actor_listener *listener;
	union writer_address to;
	struct actor_io *own;

	if (actor_io_create(NULL, &own) < 0 || others_services_create(&services) < 0 ||
	    ACTOR_SPAWN(writer, actor_executor_spawner(actor_io_executor(own)), &writer, NULL,
			&to) < 0 ||
	    ACTOR_SERVE(others, services, add, to) < 0)
		return 1;
	options.user = services.map;
	if (actor_listen(actor_thread_context(), own, address, &options, &listener) < 0)
		return 1;
	puts(actor_listener_address(listener));
	fflush(stdout);
	while (getchar() != EOF) /* until the test has gone, if it does not kill us before */
		;
	return 0;
}

/* ---- its life */

static struct {
	pid_t pid;
	int alive; /* open while it is to live */
	char address[64];
	char path[256];
} server;

static void start_server(const char *address)
{
	char self[] = "/proc/self/exe", verb[] = "serve", where[64];
	char *const arguments[] = { self, verb, where, server.path, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], life[2];
	FILE *file;

	snprintf(where, sizeof where, "%s", address);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, life[0], 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	assert_int_equal(posix_spawn(&server.pid, self, &actions, NULL, arguments, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	close(life[0]);
	server.alive = life[1];
	file = fdopen(ends[0], "r");
	assert_non_null(fgets(server.address, sizeof server.address, file));
	server.address[strcspn(server.address, "\n")] = '\0';
	fclose(file);
}

static void kill_server(void)
{
	assert_int_equal(kill(server.pid, SIGKILL), 0);
	assert_int_equal(waitpid(server.pid, NULL, 0), server.pid);
	close(server.alive);
}

/* ---- those who call */

static union others_address remote;
static struct tally n_called = TALLY_INIT, n_killed = TALLY_INIT;
static int statuses[NUMBERS];

/* The first one kills, and the others do not get far ahead of it. */
static void play(void *user, unsigned index)
{
	(void)user;
	for (unsigned i = 0; index > 0 && i < CALLS; i++) {
		unsigned number = (index - 1) * CALLS + i, share = i * (KILLS + 1) / CALLS;

		assert_true(tally_wait(&n_killed, share > 0 ? share - 1 : 0));
		statuses[number] = ACTOR_CALL(actor_thread_context(), remote, add, NULL,
					      &(struct add){ number });
		tally_add(&n_called, 1);
	}
	for (unsigned i = 1; index == 0 && i <= KILLS; i++) {
		assert_true(tally_wait(&n_called, i * NUMBERS / (KILLS + 1)));
		kill_server();
		start_server(server.address);
		tally_add(&n_killed, 1);
	}
}

static void count_handled(unsigned *n_handled)
{
	FILE *file = fopen(server.path, "r");
	uint32_t number;

	assert_non_null(file);
	while (fread(&number, sizeof number, 1, file) == 1) {
		assert_true(number < NUMBERS);
		n_handled[number]++;
	}
	fclose(file);
}

static void check(struct actor_executor *executor)
{
	const struct actor_session_options options = {
		.size = sizeof options,
		.executor = executor,
		.io = io,
		.address = server.address,
		.first_delay_ns = 5 * MS,
		.most_delay_ns = 100 * MS,
		.keep_ns = ACTOR_FOREVER,
	};
	unsigned n_handled[NUMBERS] = { 0 }, n_good = 0;
	struct actor_session_counts counts;
	struct actor_session *session;

	n_called.count = n_killed.count = 0;
	snprintf(server.path, sizeof server.path, "%s", temporary_path("handled"));
	start_server("tcp:127.0.0.1:0");
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(others, session, &remote), 0);
	assert_int_equal(actor_session_start(session), 0);
	crew_run(CALLERS + 1, play, NULL);
	count_handled(n_handled);
	for (unsigned i = 0; i < NUMBERS; i++) {
		assert_true(statuses[i] == 0 || statuses[i] == ACTOR_E_DISCONNECTED);
		assert_true(n_handled[i] <= 1);
		assert_true(statuses[i] < 0 || n_handled[i] == 1);
		n_good += statuses[i] == 0;
	}
	actor_session_counts_get(session, &counts);
	assert_true(counts.n_connections >= KILLS); /* the last kill may come last of all */
	/* Each has at most one call under way when a connection is lost. There may be more of them
	 * than servers were killed: who dies may be connected to for a moment longer. */
	assert_true(NUMBERS - n_good <= counts.n_connections * CALLERS);
	kill_server();
	assert_int_equal(unlink(server.path), 0);
	actor_address_unref(remote.address);
	actor_session_unref(session);
}

static void a_server_may_be_killed_and_started_again(void **state)
{
	(void)state;
	check(NULL);
}

/* Its actors then run on several threads. */
static void a_session_may_run_on_a_pool(void **state)
{
	struct actor_executor *pool;

	(void)state;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	check(pool);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

/* ---- everything at once */

enum { ROUNDS = 40, CALLS_AT_ONCE = 20 };

static struct actor_session *contested;
static struct tally n_wrong = TALLY_INIT;

static bool is_expected(int rc)
{
	return rc == 0 || rc == ACTOR_E_CLOSED || rc == ACTOR_E_DISCONNECTED ||
	       rc == ACTOR_E_UNREACHABLE || rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_FULL;
}

static void call_some(unsigned patience_ms)
{
	struct actor_context *context = actor_thread_context();

	for (int i = 0; i < CALLS_AT_ONCE; i++) {
		int rc = ACTOR_CALL_UNTIL(context, remote, add, NULL,
					  patience_ms ? io_deadline_in(patience_ms) : ACTOR_FOREVER,
					  &(struct add){ i });

		tally_add(&n_wrong, !is_expected(rc));
		if (rc == ACTOR_E_CLOSED)
			return;
	}
}

static void look_around(void)
{
	struct actor_session_counts now;

	for (int i = 0; i < CALLS_AT_ONCE; i++) {
		actor_peer_unref(actor_session_peer(contested));
		actor_session_unref(actor_session_ref(contested));
		actor_session_counts_get(contested, &now);
	}
}

/* One starts it, one closes a connection, one the session, sooner or later. */
static void do_at_once(void *user, unsigned index)
{
	unsigned round = *(const unsigned *)user;
	struct actor_peer *peer;

	switch (index) {
	case 0:
		if (round % 8 != 7)
			actor_ignore(actor_session_start(contested));
		break;
	case 1:
		call_some(0);
		break;
	case 2:
		call_some(round % 3);
		break;
	case 3:
		look_around();
		peer = actor_session_peer(contested);
		if (peer)
			actor_peer_close(peer, "at any time");
		actor_peer_unref(peer);
		break;
	default:
		actor_ignore(actor_sleep_until(actor_thread_context(), io_deadline_in(round % 4)));
		actor_session_close(contested, NULL);
	}
}

static void race(const struct actor_session_options *options, unsigned round)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };
	struct actor_context *context = actor_thread_context();
	struct actor_subscription *events;
	struct actor_event event;
	enum actor_session_event_kind last = ACTOR_SESSION_CONNECTING;
	int rc;

	assert_int_equal(actor_session_create(options, &contested), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(contested), &all, &events), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(others, contested, &remote), 0);
	crew_run(5, do_at_once, &round);
	assert_int_equal(tally_count(&n_wrong), 0);
	while ((rc = actor_subscription_next(context, events, test_deadline(), &event)) == 0) {
		assert_true(last < ACTOR_SESSION_GAVE_UP);
		last = ACTOR_EVENT(actor_session_event, &event)->kind;
		actor_event_drop(&event);
	}
	assert_int_equal(rc, ACTOR_E_CLOSED);
	assert_int_equal(last, ACTOR_SESSION_CLOSED);
	assert_null(actor_session_peer(contested));
	actor_subscription_destroy(events);
	actor_session_unref(contested);
	actor_address_unref(remote.address);
}

static void threads_may_do_everything_at_once(void **state)
{
	static struct writer writer = { -1 }; /* it may outlive this test */
	struct actor_listen_options listen = { .size = sizeof listen, .accept = welcome };
	static const struct actor_service *const repeatable[] = { &add_service };
	struct actor_session_options options = {
		.size = sizeof options,
		.io = io,
		.first_delay_ns = MS,
		.repeatable = repeatable,
		.most_kept = 2,
	};
	struct others_services services;
	struct actor_listener *listener;
	struct actor_executor *pool;
	union writer_address to;

	(void)state;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	assert_int_equal(others_services_create(&services), 0);
	assert_int_equal(ACTOR_SPAWN(writer, actor_executor_spawner(actor_io_executor(io)), &writer,
				     NULL, &to),
			 0);
	assert_int_equal(ACTOR_SERVE(others, services, add, to), 0);
	listen.user = services.map;
	assert_int_equal(
		actor_listen(actor_thread_context(), io, "tcp:127.0.0.1:0", &listen, &listener), 0);
	options.address = actor_listener_address(listener);
	for (unsigned round = 0; round < ROUNDS; round++) {
		options.executor = round % 2 ? pool : NULL;
		options.n_repeatable = round / 2 % 2;
		options.refuses = round / 4 % 3 == 2;
		race(&options, round);
	}
	actor_listener_close(listener);
	actor_service_map_unref(services.map);
	actor_address_unref(to.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

/* ---- a thread that is late */

static _Atomic(struct actor_session *) late_for;
static struct tally n_rung = TALLY_INIT, n_gone = TALLY_INIT;

void __real_actor__alarm_ring(struct actor__alarm *alarm);
void __wrap_actor__alarm_ring(struct actor__alarm *alarm);

static bool is_held(pthread_mutex_t *lock)
{
	bool held = pthread_mutex_trylock(lock) != 0;

	if (!held)
		pthread_mutex_unlock(lock);
	return held;
}

/* The loop's thread, once, does not get any further until the session is gone; unless it has the
 * lock, so that nobody else does either. */
void __wrap_actor__alarm_ring(struct actor__alarm *alarm)
{
	struct actor_session *session = atomic_load(&late_for);

	if (session && alarm == &session->alarm && actor__io_here(io)) {
		bool held = is_held(&session->lock);

		atomic_store(&late_for, NULL);
		tally_add(&n_rung, 1);
		if (!held)
			tally_wait(&n_gone, 1);
	}
	__real_actor__alarm_ring(alarm);
}

static struct actor_session *begin_session(struct actor_executor *executor, const char *address)
{
	static const struct actor_service *const repeatable[] = { &add_service };
	const struct actor_session_options options = {
		.size = sizeof options,
		.executor = executor,
		.io = io,
		.address = address,
		.repeatable = repeatable,
		.n_repeatable = 1,
	};
	struct actor_session *session;

	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(ACTOR_SESSION_REMOTE(others, session, &remote), 0);
	assert_int_equal(actor_session_start(session), 0);
	return session;
}

static void who_says_that_a_call_is_to_be_repeated_may_be_late(void **state)
{
	struct actor_context *context = actor_thread_context();
	struct add message = { 1 }, another = { 2 };
	struct actor_future future;
	struct actor_session *session;
	struct actor_executor *pool;
	unsigned port;
	int fd = plain_listen(NULL, 8, &port), far;
	uint8_t byte;

	(void)state;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	session = begin_session(pool, tcp_address(port));
	assert_int_equal(ACTOR_CALL_BEGIN(context, &future, remote, add, NULL, &message), 0);
	far = accept(fd, NULL, NULL);
	assert_int_equal(recv(far, &byte, 1, 0), 1); /* it has been given to that connection */
	atomic_store(&late_for, session);
	close(far);
	assert_true(tally_wait(&n_rung, 1));
	/* Whoever sends finds out that there is no connection. */
	assert_int_equal(ACTOR_CALL_UNTIL(context, remote, add, NULL, io_deadline_in(1), &another),
			 ACTOR_E_TIMEOUT);
	actor_session_close(session, NULL);
	assert_int_equal(actor_future_await(&future, test_deadline()), ACTOR_E_DISCONNECTED);
	actor_address_unref(remote.address);
	actor_session_unref(session);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
	tally_add(&n_gone, 1);
	close(fd);
}

static void an_address_that_leads_nowhere_is_told(void **state)
{
	const struct actor_subscribe_options all = { .size = sizeof all };
	const struct actor_session_options options = {
		.size = sizeof options,
		.io = io,
		.address = "unix:/none/socket",
		.most_attempts = 2,
		.first_delay_ns = 1,
	};
	static const enum actor_session_event_kind kinds[] = {
		ACTOR_SESSION_CONNECTING, ACTOR_SESSION_FAILED,	 ACTOR_SESSION_CONNECTING,
		ACTOR_SESSION_FAILED,	  ACTOR_SESSION_GAVE_UP,
	};
	struct actor_context *context = actor_thread_context();
	struct actor_subscription *events;
	struct actor_session *session;
	struct actor_event event;

	(void)state;
	assert_int_equal(actor_session_create(&options, &session), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_session_observable(session), &all, &events), 0);
	assert_int_equal(actor_session_start(session), 0);
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		const struct actor_session_event *told;

		assert_int_equal(actor_subscription_next(context, events, test_deadline(), &event),
				 0);
		told = ACTOR_EVENT(actor_session_event, &event);
		assert_int_equal(told->kind, kinds[i]);
		if (told->kind != ACTOR_SESSION_CONNECTING)
			assert_non_null(strstr(told->text, "unix:/none/socket"));
		actor_event_drop(&event);
	}
	assert_int_equal(actor_subscription_next(context, events, test_deadline(), &event),
			 ACTOR_E_CLOSED);
	actor_subscription_destroy(events);
	actor_session_unref(session);
}

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const none[] = { "127.0.0.1:4000", "tcp:127.0.0.1", "tcp:127.0.0.1:0",
					    "" };
	struct actor_session_options options = { .size = sizeof options, .io = io };
	struct actor_session *session;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(none); i++) {
		options.address = none[i];
		assert_int_equal(actor_session_create(&options, &session), ACTOR_E_INVALID);
	}
	options.address = "tcp:127.0.0.1:4000";
	options.size = 0;
	assert_int_equal(actor_session_create(&options, &session), ACTOR_E_INVALID);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		IO_TEST(a_server_may_be_killed_and_started_again),
		IO_TEST(a_session_may_run_on_a_pool),
		IO_TEST(threads_may_do_everything_at_once),
		IO_TEST(who_says_that_a_call_is_to_be_repeated_may_be_late),
		IO_TEST(an_address_that_leads_nowhere_is_told),
		IO_TEST(an_address_that_is_none_is_refused),
	};

	if (argc == 4)
		return serve(argv[2], argv[3]);
	return cmocka_run_group_tests_name("session-tcp", tests, io_warm_up, NULL);
}
