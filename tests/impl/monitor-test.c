/* SPDX-License-Identifier: MIT */

/*
 * Monitors: step by step, on a local executor whose clock stands still, and with several threads on
 * pools, where actors end while they begin to be watched.
 */

#include "hand.h"
#include "pool-fixture.h"
#include "still-clock.h"
#include "target.h"
#include "test.h"
#include "util/memory.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <thread-per-actor.h>

enum { MS = 1000000 };

static struct actor_executor *local;
static struct target target;

/* ---- who is told ---- */

#define LISTENER_MESSAGES(CALL, SEND, X) SEND(X, actor_notice)
ACTOR_DECLARE(listener, LISTENER_MESSAGES);

struct listener {
	char heard[2000];
	struct actor_notice last;
	atomic_uint n_ends;
};

static const char *how_word(enum actor_ended how)
{
	switch (how) {
	case ACTOR_ENDED_STOPPED:
		return "stopped";
	case ACTOR_ENDED_FAILED:
		return "failed";
	case ACTOR_ENDED_CANCELLED:
		return "cancelled";
	}
	return "none";
}

static void listener_on_actor_notice(struct listener *self, struct actor_notice *notice,
				     struct actor_context *context)
{
	size_t n = strlen(self->heard);
	char *to = self->heard + n;
	size_t room = sizeof self->heard - n;

	(void)context;
	self->last = *notice;
	switch (notice->what) {
	case ACTOR_NOTICED_FAILURE:
		snprintf(to, room, "F%u%u(%s) ", notice->n_failures, notice->n_restarts,
			 notice->text);
		break;
	case ACTOR_NOTICED_RESTART:
		snprintf(to, room, "R%u%u(%s) ", notice->n_failures, notice->n_restarts,
			 notice->text);
		break;
	case ACTOR_NOTICED_END:
		snprintf(to, room, "E%u%u(%s:%s) ", notice->n_failures, notice->n_restarts,
			 how_word(notice->how), notice->text);
		atomic_fetch_add(&self->n_ends, 1);
		break;
	default: /* of runtimes */
		break;
	}
}
ACTOR_DEFINE(listener, LISTENER_MESSAGES, NULL, NULL, NULL);

static struct listener ears;
static union listener_address listener;

/* ---- to whom it happens ---- */

static struct hand_mailbox mailbox;
static union hand_address hand;

static void run(void)
{
	assert_int_equal(actor_local_run(local), 0);
}

static int fail_as_told(struct actor_context *context, void *user)
{
	actor_fail(context, user, "a file", 7);
}

static void start(void)
{
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
}

static void fail_with(const char *text)
{
	tell(hand, fail_as_told, (void *)(uintptr_t)text);
	run();
}

static void make_hand(void)
{
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local),
					      ACTOR_OPTIONS(.name = "left"), &mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
}

static void let_go_of_hand(void)
{
	actor_address_unref(hand.address);
	actor_mailbox_destroy(mailbox.mailbox);
	hand.address = NULL;
	mailbox.mailbox = NULL;
}

static struct actor_monitor *monitor_to(struct actor_address *of, struct actor_address *to)
{
	union actor_notice_recipient recipient = { to };
	struct actor_monitor *monitor = NULL;

	assert_int_equal(actor_monitor_create(local, of, recipient, &monitor), 0);
	return monitor;
}

static struct actor_monitor *monitor_hand(void)
{
	return monitor_to(hand.address, listener.address);
}

static const char *heard(void)
{
	run();
	return ears.heard;
}

static int set_up(void **state)
{
	(void)state;
	target_init(&target);
	memset(&ears, 0, sizeof ears);
	still_clock_stop();
	if (actor_local_create(&local) != 0)
		return -1;
	assert_int_equal(
		ACTOR_SPAWN(listener, actor_executor_spawner(local), &ears, NULL, &listener), 0);
	make_hand();
	return 0;
}

static int tear_down(void **state)
{
	int rc;

	let_go_of_hand();
	actor_address_unref(listener.address);
	actor_local_run(local);
	rc = actor_executor_destroy(local);
	still_clock_go();
	return rc != 0 || atomic_load(&target.n_owners) != 1 ? -1 : test_nothing_held(state);
}

/* ---- what is told ---- */

static void failures_restarts_and_the_end_are_told_in_order(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	start();
	assert_string_equal(heard(), "");
	fail_with("one");
	assert_string_equal(heard(), "F10(one) ");
	assert_ptr_equal(ears.last.monitor, monitor);
	assert_true(actor_identity_same(ears.last.identity, actor_address_identity(hand.address)));
	assert_string_equal(ears.last.name, "left");
	assert_string_equal(ears.last.type, "hand");
	assert_string_equal(ears.last.message_type, "test.job");
	assert_string_equal(ears.last.file, "a file");
	assert_int_equal(ears.last.line, 7);
	assert_int_equal(ears.last.how, 0);
	start();
	assert_string_equal(heard(), "F10(one) R11() ");
	assert_string_equal(ears.last.file, "");
	fail_with("two");
	start();
	assert_string_equal(heard(), "F10(one) R11() F21(two) R22() ");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_string_equal(heard(), "F10(one) R11() F21(two) R22() E22(stopped:) ");
	let_go_of_hand();
	assert_string_equal(heard(), "F10(one) R11() F21(two) R22() E22(stopped:) ");
	actor_monitor_destroy(monitor);
}

static void a_failed_actor_ends_when_it_is_given_up(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	start();
	fail_with("why");
	let_go_of_hand();
	assert_string_equal(heard(), "F10(why) E10(failed:why) ");
	assert_int_equal(ears.last.line, 7);
	actor_monitor_destroy(monitor);
}

static void what_nobody_owns_ends_with_its_failure(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	start();
	actor_mailbox_detach(mailbox.mailbox);
	mailbox.mailbox = NULL;
	fail_with("why");
	assert_string_equal(heard(), "F10(why) E10(failed:why) ");
	actor_monitor_destroy(monitor);
}

static void what_nobody_owns_tells_how_it_ends(void **state)
{
	union hand_address other = hand_spawn(local, NULL, 0);
	struct actor_monitor *monitor = monitor_to(other.address, listener.address);

	(void)state;
	actor_address_unref(other.address);
	assert_string_equal(heard(), "E00(stopped:) ");
	actor_monitor_destroy(monitor);
}

static void what_is_cancelled_was(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	start();
	run();
	let_go_of_hand();
	assert_string_equal(heard(), "E00(cancelled:) ");
	actor_monitor_destroy(monitor);
}

static void what_never_ran_was_cancelled(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	let_go_of_hand();
	assert_string_equal(heard(), "E00(cancelled:) ");
	actor_monitor_destroy(monitor);
}

/* GO-15: an end that came before the monitor. */
static void an_end_that_has_come_is_told_at_once(void **state)
{
	struct actor_monitor *monitors[3];

	(void)state;
	start();
	actor_address_stop(hand.address, ACTOR_STOP_NOW);
	run();
	monitors[0] = monitor_hand();
	assert_string_equal(heard(), "E00(stopped:) ");
	actor_mailbox_detach(mailbox.mailbox); /* nobody has it any more */
	mailbox.mailbox = NULL;
	monitors[1] = monitor_hand();
	assert_string_equal(heard(), "E00(stopped:) E00(stopped:) ");
	let_go_of_hand();

	make_hand();
	start();
	actor_mailbox_detach(mailbox.mailbox);
	mailbox.mailbox = NULL;
	fail_with("why");
	monitors[2] = monitor_hand();
	assert_string_equal(heard(), "E00(stopped:) E00(stopped:) E00(failed:) ");
	for (size_t i = 0; i < N_ELEMENTS(monitors); i++)
		actor_monitor_destroy(monitors[i]);
}

static void between_runs_nothing_is_over(void **state)
{
	struct actor_monitor *monitor;

	(void)state;
	start();
	fail_with("before");
	monitor = monitor_hand();
	assert_string_equal(heard(), "");
	start();
	assert_string_equal(heard(), "R01() ");
	fail_with("after");
	let_go_of_hand();
	assert_string_equal(heard(), "R01() F11(after) E11(failed:after) ");
	actor_monitor_destroy(monitor);
}

static void what_is_not_taken_is_told_by_numbers(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	actor_address_pause(listener.address);
	start();
	/* Enough to fill its mailbox of 16, and more. */
	for (int i = 0; i < 20; i++) {
		fail_with("again");
		start();
		run();
	}
	fail_with("at last");
	let_go_of_hand();
	run();
	actor_address_resume(listener.address);
	run();
	assert_non_null(strstr(ears.heard, "F10(again) R11() F21(again) R22() "));
	/* When there is room, the latest, then the end. */
	assert_non_null(strstr(ears.heard, "R88() F2120(at last) E2120(failed:at last) "));
	assert_int_equal(atomic_load(&ears.n_ends), 1);
	actor_monitor_destroy(monitor);
}

/* A restart and a failure after the failure that was told last: one of each, with the numbers that
 * there were then. */
static void failures_and_restarts_take_turns(void **state)
{
	union listener_address narrow = { NULL };
	struct listener its_ears = { .heard = "" };
	struct actor_monitor *monitor;

	(void)state;
	assert_int_equal(ACTOR_SPAWN(listener, actor_executor_spawner(local), &its_ears,
				     ACTOR_OPTIONS(.capacity = 1), &narrow),
			 0);
	monitor = monitor_to(hand.address, narrow.address);
	actor_address_pause(narrow.address);
	for (int i = 0; i < 3; i++) {
		start();
		fail_with((const char *[]){ "one", "two", "three" }[i]);
	}
	actor_address_resume(narrow.address);
	run();
	assert_string_equal(its_ears.heard, "F10(one) R22() F32(three) ");
	let_go_of_hand();
	actor_address_unref(narrow.address);
	run();
	actor_monitor_destroy(monitor);
}

/* ---- certainty ---- */

/* Of who has ended, everybody may have let go but the monitor. */
static void who_has_ended_needs_no_behavior(void **state)
{
	const struct actor_behavior *behavior = hand_load();
	struct actor_monitor *monitor;

	(void)state;
	let_go_of_hand();
	assert_int_equal(actor_mailbox_create(actor_executor_spawner(local), behavior,
					      ACTOR_OPTIONS(.name = "loaded"), &mailbox.mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	monitor = monitor_hand();
	start();
	fail_with("why");
	let_go_of_hand();
	hand_unload(behavior); /* before its end is told, which takes a run */
	assert_string_equal(heard(), "F10(why) E10(failed:why) ");
	assert_string_equal(ears.last.name, "loaded");
	assert_string_equal(ears.last.type, "hand");
	actor_monitor_destroy(monitor);
}

static void it_waits_for_room_without_a_thread(void **state)
{
	struct actor_monitor *monitor = monitor_to(hand.address, &target.base);

	(void)state;
	atomic_store(&target.status, ACTOR_E_FULL);
	let_go_of_hand();
	run();
	assert_non_null(target.waiter);
	assert_int_equal(atomic_load(&target.n_tries), 1);
	still_clock_set(STILL_BEGIN_NS + 1000 * MS);
	run();
	assert_int_equal(atomic_load(&target.n_tries), 1);
	atomic_store(&target.status, 0);
	target_wake(&target);
	run();
	assert_int_equal(atomic_load(&target.n_posts), 1);
	run();
	assert_int_equal(atomic_load(&target.n_tries), 2);
	assert_int_equal(atomic_load(&target.n_owners), 1); /* it has let go */
	actor_monitor_destroy(monitor);
}

static void what_memory_is_refused_for_is_tried_again(void **state)
{
	struct actor_monitor *monitor = monitor_to(hand.address, &target.base);

	(void)state;
	atomic_store(&target.status, ACTOR_E_NOMEM);
	let_go_of_hand();
	for (unsigned i = 1; i < 10; i++) {
		run();
		assert_int_equal(atomic_load(&target.n_tries), i);
		still_clock_set(STILL_BEGIN_NS + i * 10 * MS);
	}
	atomic_store(&target.status, 0);
	run();
	assert_int_equal(atomic_load(&target.n_posts), 1);
	actor_monitor_destroy(monitor);
}

static void telling_takes_no_memory(void **state)
{
	struct actor_monitor *monitor = monitor_to(hand.address, &target.base);
	uint64_t n_asked;

	(void)state;
	start();
	run();
	actor__memory_refuse_nth(0);
	actor_mailbox_cancel(mailbox.mailbox);
	run();
	n_asked = actor__memory_refuse_nth(0);
	assert_int_equal(n_asked, 0);
	assert_int_equal(atomic_load(&target.n_posts), 1);
	actor_monitor_destroy(monitor);
}

static void who_is_told_may_have_gone(void **state)
{
	struct actor_monitor *monitor = monitor_to(hand.address, &target.base);

	(void)state;
	start();
	atomic_store(&target.status, ACTOR_E_CLOSED);
	fail_with("unheard");
	assert_int_equal(atomic_load(&target.n_tries), 1);
	assert_int_equal(atomic_load(&target.n_owners), 1);
	start();
	run();
	assert_int_equal(atomic_load(&target.n_tries), 1);
	let_go_of_hand();
	actor_monitor_destroy(monitor);
}

static void it_keeps_nobody_alive(void **state)
{
	struct actor_monitor *monitor = monitor_hand();
	struct actor_counts counts;

	(void)state;
	start();
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(heard(), "E00(stopped:) ");
	actor_address_unref(listener.address);
	listener.address = NULL;
	run();
	assert_int_equal(actor_mailbox_fail(mailbox.mailbox), 0);
	actor_mailbox_destroy(mailbox.mailbox);
	mailbox.mailbox = NULL;
	assert_int_equal(actor_executor_join(local, ACTOR_AT_ONCE), 0);
	actor_monitor_destroy(monitor);
	actor_counts_get(&counts);
	assert_int_equal(counts.mailboxes, 0);
}

/* ---- the end of a monitor ---- */

static void destroyed_it_sends_nothing(void **state)
{
	struct actor_monitor *told_of_nothing = monitor_hand(), *with_news = monitor_hand();
	struct actor_monitor *in_line;

	(void)state;
	start();
	actor_monitor_destroy(told_of_nothing);
	run();
	in_line = monitor_to(hand.address, &target.base);
	atomic_store(&target.status, ACTOR_E_FULL);
	tell(hand, fail_as_told, "why");
	actor_monitor_destroy(with_news);
	run();
	assert_non_null(target.waiter);
	actor_monitor_destroy(in_line);
	assert_null(target.waiter);
	assert_int_equal(target.n_withdrawn, 1);
	actor_monitor_destroy(NULL);
	run();
	assert_int_equal(atomic_load(&target.n_posts), 0);
}

static void it_keeps_its_executor(void **state)
{
	struct actor_monitor *monitor = monitor_hand();

	(void)state;
	let_go_of_hand();
	actor_address_unref(listener.address);
	listener.address = NULL;
	run();
	assert_int_equal(actor_executor_destroy(local), ACTOR_E_BUSY);
	actor_monitor_destroy(monitor);
}

/* ---- who ---- */

static void there_may_be_many(void **state)
{
	struct actor_monitor *monitors[4] = { monitor_hand(), monitor_hand(),
					      monitor_to(hand.address, &target.base),
					      monitor_to(listener.address, listener.address) };

	(void)state;
	start();
	let_go_of_hand();
	assert_string_equal(heard(), "E00(cancelled:) E00(cancelled:) ");
	assert_int_equal(atomic_load(&target.n_posts), 1);
	/* GO-20: who is told of itself is not told of its end. */
	actor_address_unref(listener.address);
	listener.address = NULL;
	assert_string_equal(heard(), "E00(cancelled:) E00(cancelled:) ");
	for (size_t i = 0; i < N_ELEMENTS(monitors); i++)
		actor_monitor_destroy(monitors[i]);
}

static void an_address_through_a_channel_will_do(void **state)
{
	const struct actor_queue_options options = { .size = sizeof options };
	struct actor_channel *channel;
	struct actor_address *address;
	struct actor_monitor *monitor;

	(void)state;
	let_go_of_hand();
	assert_int_equal(actor_queue_create(&options, &channel), 0);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(local), &hand_behavior, NULL,
					       channel, &mailbox.mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(actor_channel_address(mailbox.mailbox, channel, &address), 0);
	monitor = monitor_to(address, listener.address);
	actor_address_unref(address);
	actor_channel_unref(channel);
	start();
	fail_with("why");
	let_go_of_hand();
	assert_string_equal(heard(), "F10(why) E10(failed:why) ");
	actor_monitor_destroy(monitor);
}

static void what_cannot_be_told_is_refused(void **state)
{
	union actor_notice_recipient to = { listener.address }, deaf = { hand.address };
	struct actor_monitor *monitor;
	union hand_address other = { NULL };
	struct actor_tpa *tpa;

	(void)state;
	assert_int_equal(actor_monitor_create(local, hand.address, deaf, &monitor),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(actor_monitor_create(local, &target.base, to, &monitor),
			 ACTOR_E_UNSUPPORTED);
	actor__memory_refuse_nth(1);
	assert_int_equal(actor_monitor_create(local, hand.address, to, &monitor), ACTOR_E_NOMEM);
	actor__memory_refuse_nth(0);

	assert_int_equal(actor_tpa_create(&tpa), 0);
	assert_int_equal(ACTOR_SPAWN(hand, actor_tpa_spawner(tpa), NULL, NULL, &other), 0);
	assert_int_equal(actor_monitor_create(local, other.address, to, &monitor),
			 ACTOR_E_UNSUPPORTED);
	actor_address_unref(other.address);
	assert_int_equal(actor_tpa_join(tpa, ACTOR_FOREVER), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

/* The one who is told may be another implementation's. */
static void a_guest_may_be_told(void **state)
{
	union listener_address guest = { NULL };
	struct actor_monitor *monitor;
	struct listener guest_ears = { .heard = "" };
	struct actor_tpa *tpa;

	(void)state;
	assert_int_equal(actor_tpa_create(&tpa), 0);
	assert_int_equal(ACTOR_SPAWN(listener, actor_tpa_spawner(tpa), &guest_ears, NULL, &guest),
			 0);
	monitor = monitor_to(hand.address, guest.address);
	start();
	fail_with("why");
	let_go_of_hand();
	run();
	actor_address_unref(guest.address);
	assert_int_equal(actor_tpa_join(tpa, ACTOR_FOREVER), 0);
	assert_non_null(strstr(guest_ears.heard, "E10(failed:why) "));
	actor_monitor_destroy(monitor);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

/* ---- several threads ---- */

enum { N_WATCHERS = 3, N_EACH = 8 };

/* Each begins to watch an actor while that ends, by itself or by its owner, and is told once. */
struct round {
	unsigned number;
	struct actor_address *weak;
	union hand_address strong;
	struct hand_mailbox mailbox; /* NULL: nobody owns it */
	struct actor_monitor *monitors[N_WATCHERS * N_EACH];
};

static void end_it(struct round *round)
{
	switch (round->number % 4) {
	case 0: /* nobody owns it */
		break;
	case 1:
		actor_mailbox_destroy(round->mailbox.mailbox);
		break;
	case 2:
		actor_mailbox_detach(round->mailbox.mailbox);
		break;
	case 3:
		actor_address_stop(round->weak, ACTOR_STOP_NOW);
		actor_mailbox_detach(round->mailbox.mailbox);
		break;
	}
	actor_address_unref(round->strong.address);
}

static void watch_or_end(void *user, unsigned index)
{
	union actor_notice_recipient to = { listener.address };
	struct round *round = user;

	for (unsigned i = (round->number * 7 + index * 3) % 20; i > 0; i--)
		sched_yield();
	if (index == N_WATCHERS) {
		end_it(round);
		return;
	}
	for (unsigned i = 0; i < N_EACH; i++)
		if (actor_monitor_create(pool, round->weak, to,
					 &round->monitors[index * N_EACH + i]) != 0)
			abort();
}

static void begin_round(struct round *round)
{
	struct actor_spawner *spawner = actor_executor_spawner(pool);

	if (round->number % 4 > 0)
		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, spawner, NULL, NULL, &round->strong,
						     &round->mailbox),
				 0);
	else
		round->strong = hand_spawn(pool, NULL, 0);
	round->weak = actor_address_weak(round->strong.address);
}

static bool there_are_ends(unsigned n)
{
	int64_t deadline_ns = test_deadline();

	while (atomic_load(&ears.n_ends) < n && actor_now(here()) < deadline_ns)
		sched_yield();
	return atomic_load(&ears.n_ends) == n;
}

static void open_pool_with_listener(void)
{
	memset(&ears, 0, sizeof ears);
	pool_open(2);
	assert_int_equal(ACTOR_SPAWN(listener, actor_executor_spawner(pool), &ears,
				     ACTOR_OPTIONS(.capacity = 4), &listener),
			 0);
}

static void beginning_to_watch_meets_the_end(void **state)
{
	(void)state;
	open_pool_with_listener();
	for (unsigned i = 0; i < test_times(400); i++) {
		struct round round = { .number = i };

		begin_round(&round);
		crew_run(N_WATCHERS + 1, watch_or_end, &round);
		assert_true(there_are_ends((i + 1) * N_WATCHERS * N_EACH));
		for (size_t j = 0; j < N_ELEMENTS(round.monitors); j++)
			actor_monitor_destroy(round.monitors[j]);
		actor_address_unref(round.weak);
	}
	actor_address_unref(listener.address);
	pool_close();
}

/* A target that nobody may post to while it is closed. */
struct door {
	struct target target;
	atomic_bool closed;
};

static atomic_uint n_wrong;

static void look_at_door(struct target *target)
{
	struct door *door = ACTOR_CONTAINER_OF(target, struct door, target);

	sched_yield(); /* somebody may come in between */
	if (atomic_load(&door->closed))
		atomic_fetch_add(&n_wrong, 1);
}

static void restart(void *user, struct actor_end *end)
{
	const atomic_bool *over = user;

	if (end->how == ACTOR_ENDED_FAILED && !atomic_load(over))
		actor_ignore(actor_mailbox_start(end->mailbox, NULL, restart, user));
}

static void fail_or_watch(void *user, unsigned index)
{
	struct door door = { .closed = false };
	union actor_notice_recipient to = { &door.target.base };

	(void)user;
	target_init(&door.target);
	door.target.on_post = look_at_door;
	for (unsigned i = 0; i < test_times(2000); i++) {
		struct actor_monitor *monitor;

		if (actor_monitor_create(pool, hand.address, to, &monitor) != 0)
			abort();
		actor_ignore(hand_send(NULL, hand, fail_as_told, (void *)(uintptr_t) "again"));
		for (unsigned n = (i + index) % 8; n > 0; n--)
			sched_yield();
		actor_monitor_destroy(monitor);
		atomic_store(&door.closed, true);
		sched_yield();
		atomic_store(&door.closed, false);
	}
	if (atomic_load(&door.target.n_owners) != 1)
		atomic_fetch_add(&n_wrong, 1);
}

static void nothing_comes_after_a_monitor_is_destroyed(void **state)
{
	atomic_bool over = false;
	struct actor_end end;

	(void)state;
	atomic_store(&n_wrong, 0);
	pool_open(2);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, restart, &over), 0);
	crew_run(3, fail_or_watch, NULL);
	atomic_store(&over, true);
	actor_address_stop(hand.address, ACTOR_STOP_NOW);
	while (actor_mailbox_end(mailbox.mailbox, &end) == ACTOR_E_BUSY)
		sched_yield();
	actor_mailbox_destroy(mailbox.mailbox);
	actor_address_unref(hand.address);
	pool_close();
	assert_int_equal(atomic_load(&n_wrong), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define POOL_TEST(name) cmocka_unit_test_teardown(name, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failures_restarts_and_the_end_are_told_in_order),
		TEST(a_failed_actor_ends_when_it_is_given_up),
		TEST(what_nobody_owns_ends_with_its_failure),
		TEST(what_nobody_owns_tells_how_it_ends),
		TEST(what_is_cancelled_was),
		TEST(what_never_ran_was_cancelled),
		TEST(an_end_that_has_come_is_told_at_once),
		TEST(between_runs_nothing_is_over),
		TEST(what_is_not_taken_is_told_by_numbers),
		TEST(failures_and_restarts_take_turns),
		TEST(who_has_ended_needs_no_behavior),
		TEST(it_waits_for_room_without_a_thread),
		TEST(what_memory_is_refused_for_is_tried_again),
		TEST(telling_takes_no_memory),
		TEST(who_is_told_may_have_gone),
		TEST(it_keeps_nobody_alive),
		TEST(destroyed_it_sends_nothing),
		TEST(it_keeps_its_executor),
		TEST(there_may_be_many),
		TEST(an_address_through_a_channel_will_do),
		TEST(what_cannot_be_told_is_refused),
		TEST(a_guest_may_be_told),
		POOL_TEST(beginning_to_watch_meets_the_end),
		POOL_TEST(nothing_comes_after_a_monitor_is_destroyed),
	};

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
