/* SPDX-License-Identifier: MIT */

/* A local executor whose thread waits for events of its own by poll(2): when it is told, how long
 * it may wait, and what it runs. */

#include "local-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

/* ---- what the system refuses */

static bool refuse_eventfd;

int __real_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags);

int __wrap_eventfd(unsigned value, int flags)
{
	if (!refuse_eventfd)
		return __real_eventfd(value, flags);
	errno = EMFILE;
	return -1;
}

static int64_t now_ns(void)
{
	return actor_now(actor_thread_context());
}

/* Whether it is readable by then; ACTOR_FOREVER is only a minute. */
static bool is_readable(int fd, int64_t timeout_ns)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	int timeout_ms = timeout_ns == ACTOR_FOREVER ? 60000
						     : (int)((timeout_ns + 999999) / 1000000);

	return poll(&entry, 1, timeout_ms) == 1;
}

static void *send_some(void *user)
{
	struct foreigner *foreigner = user;

	for (unsigned i = 0; i < foreigner->n_each; i++)
		foreigner->n_failed += hand_send(actor_thread_context(), foreigner->hand,
						 note_handled, NULL) != 0;
	return NULL;
}

static void send_elsewhere(struct foreigner *foreigner)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, send_some, foreigner), 0);
	pthread_join(thread, NULL);
	assert_int_equal(foreigner->n_failed, 0);
}

/* ---- the descriptor */

static void it_is_readable_while_others_have_sent(void **state)
{
	struct foreigner foreigner = { hand_spawn(local, NULL, 0), 2, 0 };
	int fd;

	(void)state;
	assert_int_equal(actor_local_run(local), 0);
	send_elsewhere(&foreigner); /* before it was asked for */
	fd = actor_local_get_fd(local);
	assert_true(fd >= 0);
	assert_int_equal(actor_local_get_fd(local), fd);
	assert_true(is_readable(fd, 0));
	assert_int_equal(actor_local_run_once(local), 1);
	assert_false(is_readable(fd, 0));

	/* Again and again, and whatever runs it. */
	for (unsigned i = 0; i < 3; i++) {
		send_elsewhere(&foreigner);
		assert_true(is_readable(fd, 0));
		assert_int_equal(i == 0	  ? actor_local_step(local)
				 : i == 1 ? actor_local_run_once(local)
					  : actor_local_run(local),
				 i < 2);
		assert_false(is_readable(fd, 0));
	}
	assert_int_equal(n_handled, 8);

	/* What this thread sends is ready without. */
	assert_int_equal(hand_send(NULL, foreigner.hand, note_handled, NULL), 0);
	assert_false(is_readable(fd, 0));
	assert_int_equal(actor_local_next_timeout_ns(local), 0);
	actor_address_unref(foreigner.hand.address);
}

static void a_loop_by_poll_misses_nothing(void **state)
{
	struct foreigner foreigners[3];
	const unsigned n_each = test_times(20000);
	pthread_t threads[3];
	int fd = actor_local_get_fd(local);
	bool in_time = true;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		foreigners[i] = (struct foreigner){ hand_spawn(local, NULL, 2), n_each, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, send_some, &foreigners[i]), 0);
	}
	while (n_handled < 3 * n_each && in_time) {
		int64_t timeout_ns = actor_local_next_timeout_ns(local);

		if (timeout_ns > 0)
			in_time = is_readable(fd, timeout_ns);
		actor_local_run_once(local);
	}
	assert_true(in_time);
	for (unsigned i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(foreigners[i].n_failed, 0);
		actor_address_unref(foreigners[i].hand.address);
	}
}

/* It has to be told that it may not wait for as long as it was told before. */
static void it_is_readable_when_others_have_set_a_timer(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	int fd = actor_local_get_fd(local);
	pthread_t thread;
	void *set = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(actor_local_run(local), 0);
	assert_true(actor_local_next_timeout_ns(local) == ACTOR_FOREVER);
	assert_int_equal(pthread_create(&thread, NULL, set_timer, hand.address), 0);
	assert_true(is_readable(fd, ACTOR_FOREVER));
	pthread_join(thread, &set);
	assert_ptr_equal(set, local);
	assert_in_range(actor_local_next_timeout_ns(local), 0, 5000000);
	assert_false(is_readable(fd, 0));
	while (n_handled == 0) {
		is_readable(fd, actor_local_next_timeout_ns(local));
		actor_local_run_once(local);
	}
	assert_true(actor_local_next_timeout_ns(local) == ACTOR_FOREVER);
	actor_address_unref(hand.address);
}

static void it_goes_with_its_executor(void **state)
{
	int fd = actor_local_get_fd(local);

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(local_close(state), 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(local_open(state), 0);
}

static void without_descriptors_there_is_none(void **state)
{
	struct foreigner foreigner = { hand_spawn(local, NULL, 0), 1, 0 };

	(void)state;
	assert_int_equal(actor_local_run(local), 0); /* it has started */
	refuse_eventfd = true;
	assert_int_equal(actor_local_get_fd(local), ACTOR_E_SYSTEM);
	send_elsewhere(&foreigner);
	refuse_eventfd = false;
	assert_true(is_readable(actor_local_get_fd(local), 0));
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(n_handled, 1);
	actor_address_unref(foreigner.hand.address);
}

/* ---- the timeout */

static void the_timeout_is_that_of_the_first_to_go_on(void **state)
{
	union hand_address hands[2];
	int64_t now = now_ns(), deadlines[2] = { now + 80000000, now + 20000000 };
	int64_t timeout_ns;
	int fd = actor_local_get_fd(local);

	(void)state;
	assert_true(actor_local_next_timeout_ns(local) == ACTOR_FOREVER);
	for (unsigned i = 0; i < 2; i++) {
		hands[i] = hand_spawn(local, NULL, 0);
		assert_int_equal(actor_local_next_timeout_ns(local), 0);
		assert_int_equal(hand_send(NULL, hands[i], sleep_until, &deadlines[i]), 0);
		assert_int_equal(actor_local_run_once(local), 1);
		timeout_ns = actor_local_next_timeout_ns(local);
		assert_in_range(timeout_ns, 0, deadlines[i] - now);
	}
	for (unsigned i = 0; i < 2; i++) {
		int64_t due = deadlines[1 - i];

		while (n_handled == i) {
			timeout_ns = actor_local_next_timeout_ns(local);
			assert_true(timeout_ns <= due - now);
			if (timeout_ns > 0) {
				assert_false(is_readable(fd, timeout_ns));
				assert_true(now_ns() >= due);
			}
			actor_local_run_once(local);
		}
		assert_true(now_ns() >= due);
	}
	assert_true(actor_local_next_timeout_ns(local) == ACTOR_FOREVER);
	for (unsigned i = 0; i < 2; i++)
		actor_address_unref(hands[i].address);
}

/* ---- running once */

struct relay {
	union hand_address other;
	unsigned n_left;
};

static int send_on(struct actor_context *context, void *user)
{
	struct relay *relay = user;

	n_handled++;
	return relay->n_left-- > 0 ? hand_send(context, relay->other, send_on, relay) : 0;
}

static void what_becomes_ready_meanwhile_is_left_for_the_next_time(void **state)
{
	union hand_address hands[3];
	struct relay relay;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		hands[i] = hand_spawn(local, NULL, 0);
	assert_int_equal(actor_local_run_once(local), 3);
	assert_int_equal(actor_local_run_once(local), 0);
	relay = (struct relay){ hands[1], 1 };
	assert_int_equal(hand_send(NULL, hands[0], send_on, &relay), 0);
	assert_int_equal(hand_send(NULL, hands[2], note_handled, NULL), 0);
	assert_int_equal(actor_local_run_once(local), 2);
	assert_int_equal(n_handled, 2);
	assert_int_equal(actor_local_run_once(local), 1);
	assert_int_equal(n_handled, 3);
	for (unsigned i = 0; i < 3; i++)
		actor_address_unref(hands[i].address);
}

/* ---- who may */

struct trespass {
	int fd, once;
	int64_t timeout_ns;
};

static void trespass(struct trespass *done)
{
	done->fd = actor_local_get_fd(local);
	done->once = actor_local_run_once(local);
	done->timeout_ns = actor_local_next_timeout_ns(local);
}

static void *trespass_elsewhere(void *user)
{
	trespass(user);
	return NULL;
}

static int trespass_in_handler(struct actor_context *context, void *user)
{
	(void)context;
	trespass(user);
	return 0;
}

static void assert_turned_away(const struct trespass *done)
{
	assert_int_equal(done->fd, ACTOR_E_INVALID);
	assert_int_equal(done->once, ACTOR_E_INVALID);
	assert_true(done->timeout_ns == ACTOR_E_INVALID);
}

static void only_its_thread_outside_handlers_may_ask(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	struct trespass done = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, trespass_elsewhere, &done), 0);
	pthread_join(thread, NULL);
	assert_turned_away(&done);
	done = (struct trespass){ 0 };
	assert_int_equal(hand_call(actor_thread_context(), hand, trespass_in_handler, &done), 0);
	assert_turned_away(&done);
	actor_address_unref(hand.address);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, local_open, local_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(it_is_readable_while_others_have_sent),
		LOCAL_TEST(a_loop_by_poll_misses_nothing),
		LOCAL_TEST(it_goes_with_its_executor),
		LOCAL_TEST(it_is_readable_when_others_have_set_a_timer),
		LOCAL_TEST(without_descriptors_there_is_none),
		LOCAL_TEST(the_timeout_is_that_of_the_first_to_go_on),
		LOCAL_TEST(what_becomes_ready_meanwhile_is_left_for_the_next_time),
		LOCAL_TEST(only_its_thread_outside_handlers_may_ask),
	};

	return cmocka_run_group_tests_name("local-loop", tests, NULL, NULL);
}
