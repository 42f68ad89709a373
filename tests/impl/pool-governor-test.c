/* SPDX-License-Identifier: MIT */

/*
 * A pool of which not all threads may be up. The governor is stood in for: the test says how many
 * may. What it says is done, nobody is kept waiting by it, and nothing is lost when it changes.
 */

#include "pool-fixture.h"

#include "governor.h"
#include "thread.h"

enum { MOST_THREADS = 64 };

static atomic_uint n_allowed;
static atomic_uint n_lifts;

unsigned __wrap_actor__governor_look(struct actor__governor *governor, int64_t now_ns,
				     uint64_t n_done, unsigned n_up);
void __wrap_actor__governor_lift(struct actor__governor *governor, int64_t now_ns);

unsigned __wrap_actor__governor_look(struct actor__governor *governor, int64_t now_ns,
				     uint64_t n_done, unsigned n_up)
{
	(void)governor, (void)now_ns, (void)n_done, (void)n_up;
	return atomic_load(&n_allowed);
}

void __wrap_actor__governor_lift(struct actor__governor *governor, int64_t now_ns)
{
	(void)now_ns;
	atomic_fetch_add(&n_lifts, 1);
	atomic_store(&n_allowed, governor->n_most);
	governor->n_allowed = governor->n_most;
}

/* ---- so many are up ---- */

static atomic_uint n_done_by[MOST_THREADS];

/* Always has another message for itself, and counts by whom it is handled. */
struct mole {
	union hand_address self;
	atomic_bool *over;
};

static int dig(struct actor_context *context, void *user)
{
	struct mole *mole = user;

	(void)context;
	atomic_fetch_add(&n_done_by[actor__thread()->number % MOST_THREADS], 1);
	if (!atomic_load(mole->over))
		return hand_send(NULL, mole->self, dig, mole);
	tally_add(&handled, 1);
	return 0;
}

/* How many threads have done something within some milliseconds. */
static unsigned count_threads(void)
{
	unsigned before[MOST_THREADS], n = 0;

	for (unsigned i = 0; i < MOST_THREADS; i++)
		before[i] = atomic_load(&n_done_by[i]);
	let_pass(20);
	for (unsigned i = 0; i < MOST_THREADS; i++)
		n += atomic_load(&n_done_by[i]) != before[i];
	return n;
}

static bool come_to(unsigned n_threads)
{
	int64_t deadline_ns = test_deadline();
	unsigned n;

	do {
		/* Again, if it was lifted: a thread that is preempted seems to be stuck. */
		atomic_store(&n_allowed, n_threads);
		n = count_threads();
	} while (n != n_threads && actor_now(here()) < deadline_ns);
	return n == n_threads;
}

static void so_many_are_up(void **state)
{
	static const unsigned ns[] = { 1, 4, 2, 3, 1, 4 };
	struct mole moles[12];
	atomic_bool over;
	bool came = true;

	(void)state;
	atomic_init(&over, false);
	atomic_store(&n_allowed, 4);
	pool_open(4);
	for (size_t i = 0; i < N_ELEMENTS(moles); i++)
		moles[i] = (struct mole){ hand_spawn(pool, NULL, 0), &over };
	for (size_t i = 0; i < N_ELEMENTS(moles); i++)
		tell(moles[i].self, dig, &moles[i]);
	for (size_t i = 0; i < N_ELEMENTS(ns) && came; i++)
		came = come_to(ns[i]);
	atomic_store(&over, true);
	assert_true(tally_wait(&handled, N_ELEMENTS(moles)));
	for (size_t i = 0; i < N_ELEMENTS(moles); i++)
		actor_address_unref(moles[i].self.address);
	pool_close();
	/* Under valgrind threads take turns that last longer. */
	assert_true(came || test_on_valgrind());
}

/* ---- nobody is kept waiting ---- */

struct siege {
	union hand_address guest;
	struct tally n_guests;
	struct tally n_relieved;
};

static int be_a_guest(struct actor_context *context, void *user)
{
	struct siege *siege = user;

	(void)context;
	tally_add(&siege->n_guests, 1);
	return 0;
}

/* Does not return until somebody else has handled what it has sent. */
static int hold_out(struct actor_context *context, void *user)
{
	struct siege *siege = user;
	uint64_t n = tally_count(&siege->n_guests);

	(void)context;
	hand_send(NULL, siege->guest, be_a_guest, siege);
	if (tally_wait(&siege->n_guests, n + 1))
		tally_add(&siege->n_relieved, 1);
	return 0;
}

static void run_siege(unsigned n_threads, unsigned n_up, unsigned n_busy)
{
	enum { N_TIMES = 5 };
	struct siege siege = { .n_guests = TALLY_INIT, .n_relieved = TALLY_INIT };
	struct gang gang = { .over = false };
	union hand_address host;
	bool relieved = true;

	pool_open(n_threads);
	siege.guest = hand_spawn(pool, NULL, 0);
	host = hand_spawn(pool, NULL, 0);
	gang_start(&gang, n_busy, 0);
	for (unsigned i = 1; i <= N_TIMES && relieved; i++) {
		atomic_store(&n_allowed, n_up);
		let_pass(10);
		tell(host, hold_out, &siege);
		relieved = tally_wait(&siege.n_relieved, i);
	}
	atomic_store(&gang.over, true);
	assert_true(tally_wait(&handled, gang.n_members));
	gang_end(&gang);
	actor_address_unref(siege.guest.address);
	actor_address_unref(host.address);
	pool_close();
	assert_true(relieved);
}

static void a_stuck_worker_is_relieved(void **state)
{
	static const unsigned n_busy[] = { 0, 1, 2, 8 };

	(void)state;
	atomic_store(&n_lifts, 0);
	for (unsigned n_threads = 2; n_threads <= 4; n_threads++)
		for (unsigned n_up = 1; n_up <= n_threads; n_up++)
			for (size_t i = 0; i < N_ELEMENTS(n_busy); i++)
				run_siege(n_threads, n_up, n_busy[i]);
	assert_true(atomic_load(&n_lifts) > 0 || test_on_valgrind());
}

/* ---- nothing is lost ---- */

static int pass_on(struct actor_context *context, void *user)
{
	union hand_address *next = user;

	hand_send(context, *next, count_handled, NULL);
	return 0;
}

static void nothing_is_lost_when_it_changes(void **state)
{
	enum { N_HANDS = 10 };
	union hand_address hands[N_HANDS];
	struct gang gang = { .over = false };
	unsigned n_times = test_times(200);
	uint64_t random = 1, n_expected = 0;

	(void)state;
	atomic_store(&n_allowed, 4);
	pool_open(4);
	for (unsigned i = 0; i < N_HANDS; i++)
		hands[i] = hand_spawn(pool, NULL, 0);
	gang_start(&gang, 4, 0);
	for (unsigned i = 0; i < n_times; i++) {
		atomic_store(&n_allowed, 1 + (unsigned)(test_random(&random) % 4));
		for (unsigned k = 0; k < N_HANDS; k++)
			tell(hands[k], pass_on, &hands[(k + 1) % N_HANDS]);
		n_expected += N_HANDS;
		if (test_random(&random) % 4 == 0)
			assert_true(tally_wait(&handled, n_expected));
		else
			let_pass(1);
	}
	atomic_store(&gang.over, true);
	assert_true(tally_wait(&handled, n_expected + gang.n_members));
	gang_end(&gang);
	for (unsigned i = 0; i < N_HANDS; i++)
		actor_address_unref(hands[i].address);
	pool_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(so_many_are_up, test_nothing_held),
		cmocka_unit_test_teardown(a_stuck_worker_is_relieved, test_nothing_held),
		cmocka_unit_test_teardown(nothing_is_lost_when_it_changes, test_nothing_held),
	};

	return cmocka_run_group_tests_name("pool-governor", tests, NULL, NULL);
}
