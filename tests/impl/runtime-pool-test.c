/* SPDX-License-Identifier: MIT */

/* Runtimes around pools: what their threads are stuck in, and members that come and go while others
 * ask about them. */

#include "pool-fixture.h"
#include "target.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <thread-per-actor.h>

#define MS INT64_C(1000000)

static struct actor_runtime *runtime;
static struct tally told[ACTOR_NOTICED_OVERRUN + 1];
static struct actor_notice last[ACTOR_NOTICED_OVERRUN + 1];
static char warning[400];
static atomic_bool released;

static void hear(void *user, const struct actor_notice *notice)
{
	(void)user;
	last[notice->what] = *notice;
	tally_add(&told[notice->what], 1);
}

static void listen_to_log(void *user, const struct actor_log_record *record)
{
	(void)user;
	if (record->level == ACTOR_LOG_WARNING && strstr(record->text, "kept a thread"))
		actor_log_format(record, warning, sizeof warning);
}

static void open_stage(unsigned n_threads, int64_t limit_ns)
{
	struct actor_runtime_options options = {
		.size = sizeof options,
		.limit_ns = limit_ns,
		.watchdog_ns = limit_ns,
		.on_notice = hear,
	};

	for (unsigned i = 0; i < N_ELEMENTS(told); i++)
		told[i] = (struct tally)TALLY_INIT;
	atomic_store(&released, false);
	warning[0] = '\0';
	actor_log_set_sink(listen_to_log, NULL, ACTOR_LOG_WARNING);
	pool_open(n_threads);
	assert_int_equal(actor_runtime_create(pool, &options, &runtime), 0);
	assert_int_equal(actor_runtime_start(runtime), 0);
}

static void close_stage(void)
{
	assert_int_equal(
		actor_runtime_stop(here(), runtime, test_deadline(), ACTOR_RUNTIME_LEAVE, NULL), 0);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	pool_close();
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
}

static int spawn_member(const char *name, union hand_address *ret_hand)
{
	return ACTOR_SPAWN(hand, actor_runtime_spawner(runtime), NULL, ACTOR_OPTIONS(.name = name),
			   ret_hand);
}

static int keep_thread(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	while (!atomic_load(&released))
		sched_yield();
	return 0;
}

/* Also when all threads of the executor are stuck, those that would fire timers among them. */
static void what_keeps_all_threads_is_reported_once(void **state)
{
	union hand_address hand;

	(void)state;
	open_stage(1, 200 * MS);
	assert_int_equal(spawn_member("anna", &hand), 0);
	tell(hand, keep_thread, NULL);
	assert_true(tally_wait(&told[ACTOR_NOTICED_OVERRUN], 1));
	assert_true(tally_wait(&told[ACTOR_NOTICED_UNHEALTHY], 1));
	assert_string_equal(last[ACTOR_NOTICED_OVERRUN].name, "anna");
	assert_string_equal(last[ACTOR_NOTICED_OVERRUN].type, "hand");
	assert_string_equal(last[ACTOR_NOTICED_OVERRUN].message_type, "test.job");
	assert_true(last[ACTOR_NOTICED_OVERRUN].age_ns >= 200 * MS);
	assert_string_equal(last[ACTOR_NOTICED_UNHEALTHY].message_type, "test.job");
	assert_non_null(strstr(warning, "a_name=\"anna\"} test.job: has kept a thread for"));
	let_pass(300);
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_HEALTHY]), 0);
	atomic_store(&released, true);
	assert_true(tally_wait(&told[ACTOR_NOTICED_HEALTHY], 1));
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_OVERRUN]), 1);
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_UNHEALTHY]), 1);
	actor_address_unref(hand.address);
	close_stage();
}

static int wait_until_released(struct actor_context *context, void *user)
{
	(void)user;
	while (!atomic_load(&released))
		actor_ignore(actor_sleep_until(context, actor_now(context) + 20 * MS));
	return 0;
}

static void who_waits_is_unhealthy_and_keeps_no_thread(void **state)
{
	union hand_address hand;

	(void)state;
	open_stage(2, 400 * MS);
	assert_int_equal(spawn_member("anna", &hand), 0);
	tell(hand, wait_until_released, NULL);
	assert_true(tally_wait(&told[ACTOR_NOTICED_UNHEALTHY], 1));
	let_pass(500);
	atomic_store(&released, true);
	assert_true(tally_wait(&told[ACTOR_NOTICED_HEALTHY], 1));
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_OVERRUN]), 0);
	actor_address_unref(hand.address);
	close_stage();
}

/* ---- waits between ticks */

static atomic_uint n_ticks;
static _Atomic int64_t gone_on_ns, longest_ns;

static void keep_thread_until(struct actor_context *context, int64_t until_ns)
{
	while (actor_now(context) < until_ns)
		sched_yield();
}

static void keep_thread_for_ticks(unsigned n)
{
	unsigned before = atomic_load(&n_ticks);

	while (atomic_load(&n_ticks) - before < n)
		sched_yield();
}

static int nap(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, actor_now(context) + MS / 5);
}

/* To somebody who has nothing else to do, on the same thread. */
static int send_many(struct actor_context *context, void *user)
{
	const union hand_address *to = user;
	int rc = 0;

	for (unsigned i = 0; i < 100 && rc == 0; i++)
		rc = hand_send(context, *to, count_handled, NULL);
	return rc;
}

struct work {
	hand_fn *rest;
	void *user;
	int64_t goes_on_ns;
	struct tally done;
};

/* Ticks find it at work, each time; it rests for a moment after every other one. */
static int work_and_rest(struct actor_context *context, void *user)
{
	struct work *work = user;
	int64_t end_ns = actor_now(context) + work->goes_on_ns, rested_ns;

	for (rested_ns = actor_now(context); rested_ns < end_ns;) {
		int64_t took_ns;

		keep_thread_for_ticks(2);
		keep_thread_until(context, actor_now(context) + 4 * MS);
		actor_ignore(work->rest(context, work->user));
		took_ns = actor_now(context) - rested_ns;
		rested_ns += took_ns;
		if (took_ns > atomic_load(&longest_ns))
			atomic_store(&longest_ns, took_ns);
	}
	tally_add(&work->done, 1);
	return 0;
}

static void play_work(hand_fn *rest)
{
	struct work work = { .rest = rest, .goes_on_ns = 1200 * MS, .done = TALLY_INIT };
	union hand_address hand, other;

	atomic_store(&longest_ns, 0);
	open_stage(1, 400 * MS); /* ticks are 16 ms apart */
	other = hand_spawn(pool, NULL, ACTOR_UNBOUNDED);
	work.user = &other;
	assert_int_equal(spawn_member("anna", &hand), 0);
	tell(hand, work_and_rest, &work);
	assert_true(tally_wait(&work.done, 1));
	actor_address_unref(hand.address);
	actor_address_unref(other.address);
	close_stage();
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_UNHEALTHY]), 1);
	/* But where threads have to wait that long for a processor. */
	if (atomic_load(&longest_ns) < 400 * MS)
		assert_int_equal(tally_count(&told[ACTOR_NOTICED_OVERRUN]), 0);
}

static void who_waits_between_ticks_keeps_no_thread(void **state)
{
	(void)state;
	play_work(nap);
}

static void who_gives_way_between_ticks_keeps_no_thread(void **state)
{
	(void)state;
	play_work(send_many);
}

/* Ticks see it wait, the last time some 8 ms before it goes on. */
static int wait_and_keep_thread(struct actor_context *context, void *user)
{
	keep_thread_for_ticks(1);
	actor_ignore(actor_sleep_until(context, actor_now(context) + 38 * MS));
	atomic_store(&gone_on_ns, actor_now(context));
	return keep_thread(context, user);
}

static void who_has_waited_keeps_a_thread_from_there_on(void **state)
{
	union hand_address hand;

	(void)state;
	open_stage(1, 245 * MS); /* ticks are 10 ms apart */
	assert_int_equal(spawn_member("anna", &hand), 0);
	tell(hand, wait_and_keep_thread, NULL);
	assert_true(tally_wait(&told[ACTOR_NOTICED_OVERRUN], 1));
	assert_true(actor_now(here()) - atomic_load(&gone_on_ns) >= 245 * MS);
	atomic_store(&released, true);
	actor_address_unref(hand.address);
	close_stage();
}

/* ---- a tick that takes long */

static atomic_bool ticks_slowly;
static struct tally slow_ticks, begun;
static int64_t begun_ns;

/* The monitor's thread: a tick has begun, and has seen nobody yet. */
void actor__step_tick(void)
{
	atomic_fetch_add(&n_ticks, 1);
	if (!atomic_exchange(&ticks_slowly, false))
		return;
	let_pass(100);
	tally_add(&slow_ticks, 1);
	tally_wait(&begun, 1);
}

static int keep_thread_from_now(struct actor_context *context, void *user)
{
	begun_ns = actor_now(context);
	tally_add(&begun, 1);
	return keep_thread(context, user);
}

/* What begins while a tick looks around is as old as it is, and not as the tick. */
static void a_long_tick_makes_nobody_older(void **state)
{
	union hand_address hand;

	(void)state;
	slow_ticks = begun = (struct tally)TALLY_INIT;
	open_stage(1, 300 * MS);
	assert_int_equal(spawn_member("anna", &hand), 0);
	atomic_store(&ticks_slowly, true);
	assert_true(tally_wait(&slow_ticks, 1));
	tell(hand, keep_thread_from_now, NULL);
	assert_true(tally_wait(&told[ACTOR_NOTICED_UNHEALTHY], 1));
	assert_true(actor_now(here()) - begun_ns >= 300 * MS);
	assert_true(tally_wait(&told[ACTOR_NOTICED_OVERRUN], 1));
	assert_true(actor_now(here()) - begun_ns >= 300 * MS);
	atomic_store(&released, true);
	actor_address_unref(hand.address);
	close_stage();
}

/* ---- lists of many */

enum { N_LISTERS = 3, MOST_WAITING = 600 };

static atomic_bool looks_slowly;
static struct tally slow_looks, listed;
static atomic_uint n_wrong_rows;

/* A thread that looks at all stacks has seen the first ones, and let go of the lock. */
void actor__step_look(void)
{
	if (!atomic_exchange(&looks_slowly, false))
		return;
	tally_add(&slow_looks, 1);
	tally_wait(&listed, 1);
}

static void check_row(const struct actor_runtime_member *row)
{
	bool at_it = row->state == ACTOR_STATE_RUNNING || row->state == ACTOR_STATE_WAITING;

	if (row->in_hand_ns < 0 || row->oldest_ns < 0 || at_it != (row->in_hand[0] != '\0'))
		atomic_fetch_add(&n_wrong_rows, 1);
}

/* The first one has run all the time. */
static void list_all(void)
{
	struct actor_runtime_list *list;
	struct actor_runtime_member *first;

	if (actor_runtime_list_create(runtime, &list) < 0)
		abort();
	first = &list->members[0];
	if (first->state != ACTOR_STATE_RUNNING || strcmp(first->in_hand, "test.job") != 0 ||
	    first->in_hand_ns <= 0)
		atomic_fetch_add(&n_wrong_rows, 1);
	for (size_t i = 0; i < list->n_members; i++)
		check_row(&list->members[i]);
	actor_runtime_list_destroy(list);
}

static void list_often(void *user, unsigned index)
{
	(void)user, (void)index;
	for (unsigned i = 0; i < test_times(1000); i++)
		list_all();
}

static int wait_for_the_end(struct actor_context *context, void *user)
{
	(void)user;
	tally_add(&begun, 1);
	return actor_sleep_until(context, ACTOR_FOREVER);
}

/* There are more stacks than are looked at in one go, so that others come in between. */
static void who_runs_is_listed_so_whoever_else_asks(void **state)
{
	unsigned n_waiting = test_times(MOST_WAITING) < 300 ? 300 : MOST_WAITING;
	static union hand_address waiting[MOST_WAITING];
	union hand_address runs;

	(void)state;
	begun = slow_looks = listed = (struct tally)TALLY_INIT;
	atomic_store(&n_wrong_rows, 0);
	open_stage(2, 250 * MS);
	assert_int_equal(spawn_member("runs", &runs), 0);
	tell(runs, keep_thread, NULL);
	for (unsigned i = 0; i < n_waiting; i++) {
		assert_int_equal(spawn_member(NULL, &waiting[i]), 0);
		tell(waiting[i], wait_for_the_end, NULL);
	}
	assert_true(tally_wait(&begun, n_waiting));
	assert_true(tally_wait(&told[ACTOR_NOTICED_UNHEALTHY], 1 + n_waiting));
	atomic_store(&looks_slowly, true);
	assert_true(tally_wait(&slow_looks, 1)); /* in the middle of a tick */
	list_all();
	tally_add(&listed, 1);
	assert_int_equal(atomic_load(&n_wrong_rows), 0);
	crew_run(N_LISTERS, list_often, NULL);
	assert_int_equal(atomic_load(&n_wrong_rows), 0);
	atomic_store(&released, true);
	actor_address_unref(runs.address);
	for (unsigned i = 0; i < n_waiting; i++)
		actor_address_unref(waiting[i].address);
	assert_int_equal(
		actor_runtime_stop(here(), runtime, ACTOR_AT_ONCE, ACTOR_RUNTIME_CANCEL, NULL),
		ACTOR_E_TIMEOUT);
	close_stage();
}

/* ---- a crowd */

#define SENTRY_MESSAGES(CALL, SEND, X) SEND(X, actor_notice)
ACTOR_DECLARE(sentry, SENTRY_MESSAGES);

enum { N_CROWD = 4, MOST_EACH = 4000 };

struct sentry {
	atomic_uint n_stopped[N_CROWD][MOST_EACH];
};

static void sentry_on_actor_notice(struct sentry *self, struct actor_notice *message,
				   struct actor_context *context)
{
	unsigned i, index;

	(void)context;
	if (message->what == ACTOR_NOTICED_END &&
	    sscanf(message->name, "%u of %u", &i, &index) == 2)
		atomic_fetch_add(&self->n_stopped[index][i], 1);
}

ACTOR_DEFINE(sentry, SENTRY_MESSAGES, NULL, NULL, NULL);

static struct crowd {
	union sentry_address sentry;
	struct sentry state;
	bool supervised[N_CROWD][MOST_EACH];
	unsigned n_each;
	atomic_uint n_members;
	atomic_uint n_wrong;
} crowd;

static int fail_now(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as it happens");
}

static void must(bool holds)
{
	if (!holds)
		atomic_fetch_add(&crowd.n_wrong, 1);
}

static void ask_about(union hand_address hand, const char *name, uint64_t *random, bool *supervised)
{
	struct actor_identity identity = actor_address_identity(hand.address);
	struct actor_address *found;
	struct actor_runtime_list *list;
	char text[100];

	switch (test_random(random) % 4) {
	case 0:
		must(actor_runtime_supervise(runtime, identity, crowd.sentry.address) == 0);
		*supervised = test_random(random) % 2;
		if (!*supervised)
			actor_runtime_unsupervise(runtime, identity, crowd.sentry.address);
		break;
	case 1:
		found = actor_runtime_find(runtime, name);
		must(!found || actor_address_same(found, hand.address));
		actor_address_unref(found);
		break;
	case 2:
		must(actor_runtime_list_create(runtime, &list) == 0);
		must(list->n_members > 0);
		actor_runtime_list_format(list, text, sizeof text);
		actor_runtime_list_destroy(list);
		break;
	case 3:
		must(spawn_member(name, &hand) == ACTOR_E_BUSY);
		break;
	}
}

static void come_and_go(void *user, unsigned index)
{
	uint64_t random = index + 1;

	(void)user;
	for (unsigned i = 0; i < crowd.n_each; i++) {
		union hand_address hand;
		bool *supervised = &crowd.supervised[index][i];
		char name[40];
		bool fails;

		snprintf(name, sizeof name, "%u of %u", i, index);
		must(spawn_member(name, &hand) == 0);
		atomic_fetch_add(&crowd.n_members, 1);
		ask_about(hand, name, &random, supervised);
		fails = test_random(&random) % 3 == 0;
		must(hand_send(NULL, hand, fails ? fail_now : count_handled, NULL) == 0);
		if (!fails && test_random(&random) % 2)
			ask_about(hand, name, &random, supervised);
		actor_address_unref(hand.address);
	}
}

/* The sentry has little room: it is told when it has handled what was told before. */
static void wait_until_told(void)
{
	int64_t deadline_ns = test_deadline();

	for (unsigned index = 0; index < N_CROWD; index++)
		for (unsigned i = 0; i < crowd.n_each; i++)
			while (crowd.supervised[index][i] &&
			       atomic_load(&crowd.state.n_stopped[index][i]) == 0) {
				assert_true(actor_now(here()) < deadline_ns);
				sched_yield();
			}
}

/* GO-15, GO-16 */
static void in_a_crowd_each_end_is_told_once(void **state)
{
	(void)state;
	memset(&crowd, 0, sizeof crowd);
	crowd.n_each = test_times(MOST_EACH);
	open_stage(2, 0);
	assert_int_equal(ACTOR_SPAWN(sentry, actor_executor_spawner(pool), &crowd.state,
				     ACTOR_OPTIONS(.capacity = 4), &crowd.sentry),
			 0);
	crew_run(N_CROWD, come_and_go, NULL);
	assert_int_equal(actor_runtime_wait(here(), runtime, test_deadline()), 0);
	assert_int_equal(crowd.n_wrong, 0);
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_END]), crowd.n_members);
	wait_until_told();
	actor_address_unref(crowd.sentry.address);
	close_stage();
	for (unsigned index = 0; index < N_CROWD; index++)
		for (unsigned i = 0; i < crowd.n_each; i++)
			assert_in_range(crowd.state.n_stopped[index][i], crowd.supervised[index][i],
					1);
}

/* ---- those that end while they become members */

static atomic_uint n_registered;

static void register_late(void *user, unsigned index)
{
	(void)user, (void)index;
	for (unsigned i = 0; i < crowd.n_each; i++) {
		union hand_address hand = hand_spawn(pool, NULL, 0);
		struct actor_address *weak = actor_address_weak(hand.address);
		int rc;

		if (i % 2)
			must(hand_send(NULL, hand, fail_now, NULL) == 0);
		actor_address_unref(hand.address);
		rc = actor_runtime_register(runtime, weak);
		must(rc == 0 || rc == ACTOR_E_CLOSED);
		if (rc == 0)
			atomic_fetch_add(&n_registered, 1);
		actor_address_unref(weak);
	}
}

static void who_ends_while_it_is_registered_is_told_of_or_refused(void **state)
{
	(void)state;
	memset(&crowd, 0, sizeof crowd);
	atomic_store(&n_registered, 0);
	crowd.n_each = test_times(4000);
	open_stage(2, 0);
	crew_run(2, register_late, NULL);
	assert_int_equal(actor_runtime_wait(here(), runtime, test_deadline()), 0);
	assert_int_equal(crowd.n_wrong, 0);
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_END]), n_registered);
	close_stage();
}

/* ---- actors of another implementation */

static void guests_may_supervise_and_not_be_members(void **state)
{
	union sentry_address guest;
	union hand_address hand;
	struct actor_tpa *tpa;

	(void)state;
	memset(&crowd, 0, sizeof crowd);
	open_stage(1, 0);
	assert_int_equal(actor_tpa_create(&tpa), 0);
	assert_int_equal(ACTOR_SPAWN(sentry, actor_tpa_spawner(tpa), &crowd.state, NULL, &guest),
			 0);
	assert_int_equal(actor_runtime_register(runtime, guest.address), ACTOR_E_UNSUPPORTED);
	assert_int_equal(spawn_member("0 of 0", &hand), 0);
	assert_int_equal(actor_runtime_supervise(runtime, actor_address_identity(hand.address),
						 guest.address),
			 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_runtime_wait(here(), runtime, test_deadline()), 0);
	actor_address_unref(guest.address);
	assert_int_equal(actor_tpa_join(tpa, ACTOR_FOREVER), 0);
	assert_int_equal(crowd.state.n_stopped[0][0], 1);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
	close_stage();
}

static bool wait_until_one_owner(const atomic_int *n_owners)
{
	int64_t deadline_ns = test_deadline();

	while (atomic_load(n_owners) > 1 && actor_now(here()) < deadline_ns)
		sched_yield();
	return atomic_load(n_owners) == 1;
}

static atomic_bool is_gone;

/* Once it has gone, no strong address can be had any more. */
static struct actor_address *upgrade_if_there(struct actor_address *address)
{
	return atomic_load(&is_gone) ? NULL : actor_address_ref(address);
}

static void guests_that_have_gone_are_forgotten(void **state)
{
	struct actor_address_ops ops;
	struct target target;
	union hand_address hand;

	(void)state;
	target_init(&target);
	ops = *target.base.ops;
	ops.upgrade = upgrade_if_there;
	target.base.ops = &ops;
	atomic_store(&is_gone, false);
	open_stage(1, 250 * MS);
	assert_int_equal(spawn_member("anna", &hand), 0);
	assert_int_equal(actor_runtime_supervise(runtime, actor_address_identity(hand.address),
						 &target.base),
			 0);
	let_pass(50); /* five ticks */
	/* It may just be looked at. */
	assert_in_range(atomic_load(&target.n_owners), 2, 3);
	atomic_store(&is_gone, true);
	assert_true(wait_until_one_owner(&target.n_owners));
	assert_int_equal(atomic_load(&target.n_tries), 0);
	actor_address_unref(hand.address);
	close_stage();
}

/* ---- stopping */

static union hand_address ring[16];
static atomic_uint n_rounds;

static int pass_on(struct actor_context *context, void *user)
{
	unsigned next = (unsigned)(uintptr_t)user;

	atomic_fetch_add(&n_rounds, 1);
	return hand_send(context, ring[next % 16], pass_on, (void *)(uintptr_t)(next + 1));
}

static void what_never_rests_is_stopped(void **state)
{
	char name[20];

	(void)state;
	open_stage(2, 0);
	atomic_store(&n_rounds, 0);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(name, sizeof name, "ring %u", i);
		assert_int_equal(spawn_member(name, &ring[i]), 0);
	}
	for (unsigned i = 0; i < 16; i += 4)
		tell(ring[i], pass_on, (void *)(uintptr_t)(i + 1));
	while (atomic_load(&n_rounds) < 1000)
		sched_yield();
	close_stage();
	assert_int_equal(tally_count(&told[ACTOR_NOTICED_END]), 16);
	for (unsigned i = 0; i < 16; i++)
		actor_address_unref(ring[i].address);
}

static void make_and_destroy(void *user, unsigned index)
{
	struct actor_runtime *own;

	(void)user, (void)index;
	for (unsigned i = 0; i < crowd.n_each; i++) {
		union hand_address hand;

		must(actor_runtime_create(pool, NULL, &own) == 0);
		must(actor_runtime_start(own) == 0);
		must(ACTOR_SPAWN(hand, actor_runtime_spawner(own), NULL, NULL, &hand) == 0);
		must(hand_send(NULL, hand, count_handled, NULL) == 0);
		actor_address_unref(hand.address);
		must(actor_runtime_wait(actor_thread_context(), own, test_deadline()) == 0);
		must(actor_runtime_destroy(own) == 0);
	}
}

/* What is still being delivered when the last one is gone finds its runtime there. */
static void runtimes_come_and_go(void **state)
{
	(void)state;
	memset(&crowd, 0, sizeof crowd);
	crowd.n_each = test_times(500);
	pool_open(2);
	crew_run(3, make_and_destroy, NULL);
	assert_int_equal(crowd.n_wrong, 0);
	pool_close();
}

#define TEST(name) cmocka_unit_test_teardown(name, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_keeps_all_threads_is_reported_once),
		TEST(who_waits_is_unhealthy_and_keeps_no_thread),
		TEST(who_waits_between_ticks_keeps_no_thread),
		TEST(who_gives_way_between_ticks_keeps_no_thread),
		TEST(who_has_waited_keeps_a_thread_from_there_on),
		TEST(a_long_tick_makes_nobody_older),
		TEST(who_runs_is_listed_so_whoever_else_asks),
		TEST(in_a_crowd_each_end_is_told_once),
		TEST(who_ends_while_it_is_registered_is_told_of_or_refused),
		TEST(guests_may_supervise_and_not_be_members),
		TEST(guests_that_have_gone_are_forgotten),
		TEST(what_never_rests_is_stopped),
		TEST(runtimes_come_and_go),
	};

	return cmocka_run_group_tests_name("runtime-pool", tests, NULL, NULL);
}
