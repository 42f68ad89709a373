/* SPDX-License-Identifier: MIT */

/* What the library keeps for plain threads: their contexts, their part of the counts, their cells;
 * and what becomes of it when they end. */

#include "hand.h"
#include "test.h"

#include "thread.h"
#include "util/cells.h"

#include <pthread.h>
#include <string.h>

static struct actor_executor *pool;

static int open_pool(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	(void)state;
	return actor_pool_create(&options, &pool);
}

static int close_pool(void **state)
{
	if (actor_executor_join(pool, test_deadline()) != 0 || actor_executor_destroy(pool) != 0)
		return -1;
	return test_nothing_held(state);
}

static struct actor_context *here(void)
{
	return actor_thread_context();
}

/* A function on a thread of its own, from the thread's beginning to its end. */
static void on_a_thread(void *(*function)(void *user), void *user)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, function, user), 0);
	pthread_join(thread, NULL);
}

/* ---- contexts ---- */

static void *keep_context(void *user)
{
	*(struct actor_context **)user = here();
	return here() == *(struct actor_context **)user ? NULL : user;
}

static void each_thread_has_a_context_of_its_own(void **state)
{
	struct actor_context *mine = here(), *others = NULL;

	(void)state;
	assert_non_null(mine);
	assert_ptr_equal(here(), mine);
	assert_null(actor_self(mine));
	assert_null(actor_spawner(mine));
	on_a_thread(keep_context, &others);
	assert_non_null(others);
	assert_ptr_not_equal(others, mine);
}

static void contexts_are_passed_on(void **state)
{
	struct actor_context *first = NULL, *second = NULL;

	(void)state;
	on_a_thread(keep_context, &first);
	on_a_thread(keep_context, &second);
	assert_ptr_equal(second, first);
}

static void *fail_to_stop_oneself(void *user)
{
	int *codes = user;

	codes[0] = actor_error(here())->code;
	actor_error_set(here(), ACTOR_E_FULL, NULL, NULL);
	codes[1] = actor_error(here())->code;
	return NULL;
}

static void a_new_thread_has_no_errors(void **state)
{
	int codes[2] = { -1, -1 };

	(void)state;
	on_a_thread(fail_to_stop_oneself, codes);
	memset(codes, -1, sizeof codes);
	on_a_thread(fail_to_stop_oneself, codes);
	assert_int_equal(codes[0], ACTOR_OK);
	assert_int_equal(codes[1], ACTOR_E_FULL);
}

static int is_handlers(struct actor_context *context, void *user)
{
	return actor_thread_context() == context && context != user && actor_self(context) != NULL;
}

static int is_the_workers(struct actor_context *context, void *user)
{
	struct actor_context **contexts = user;

	contexts[0] = context;
	actor_sleep_until(context, actor_now(context) + 1000000);
	contexts[1] = actor_thread_context();
	return 0;
}

static void inside_a_handler_it_is_the_handlers(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	struct actor_context *contexts[2] = { NULL, here() };

	(void)state;
	assert_int_equal(hand_call(here(), hand, is_handlers, here()), 1);
	/* After a wait, too, wherever that may be. */
	assert_int_equal(hand_call(here(), hand, is_the_workers, contexts), 0);
	assert_ptr_equal(contexts[0], contexts[1]);
	actor_address_unref(hand.address);
}

static void *call_once(void *user)
{
	union hand_address *hand = user;

	return hand_call(here(), *hand, is_handlers, here()) == 1 ? user : NULL;
}

static void plain_threads_can_call(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	pthread_t threads[8];
	void *called;

	(void)state;
	for (unsigned i = 0; i < test_times(200); i++) {
		for (size_t k = 0; k < N_ELEMENTS(threads); k++)
			assert_int_equal(pthread_create(&threads[k], NULL, call_once, &hand), 0);
		for (size_t k = 0; k < N_ELEMENTS(threads); k++) {
			pthread_join(threads[k], &called);
			assert_non_null(called);
		}
	}
	actor_address_unref(hand.address);
}

static void waits_of_a_thread_have_deadlines(void **state)
{
	int64_t deadline_ns = actor_now(here()) + 10000000;
	struct actor_reply *reply;

	(void)state;
	assert_int_equal(actor_sleep_until(here(), deadline_ns), 0);
	assert_true(actor_now(here()) >= deadline_ns);
	assert_int_equal(actor_sleep_until(here(), deadline_ns), 0);
	assert_int_equal(actor_sleep_until(here(), ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_sleep_until(here(), -5), 0);
	assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &reply), 0);
	assert_int_equal(actor_await_replies(here(), &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					     actor_now(here()) + 1000000),
			 ACTOR_E_TIMEOUT);
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	assert_int_equal(here()->ops->reply_close(here(), reply, NULL), ACTOR_E_STOPPED);
}

/* Also when an earlier wait has ended by itself: no wait is a busy one. */
static void a_thread_that_waits_sleeps(void **state)
{
	int64_t used_ns;

	(void)state;
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1000000), 0);
	used_ns = test_thread_time_ns();
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 60000000), 0);
	used_ns = test_thread_time_ns() - used_ns;
	assert_in_range(used_ns, 0, 20000000);
}

/* ---- wakes that come late ---- */

static int answer(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 7;
}

/* Gives up at once: the answer wakes whoever has the context by then. */
static void *call_without_patience(void *user)
{
	union hand_address *hand = user;
	struct errand errand = { answer, NULL };
	int rc = ACTOR_CALL_UNTIL(here(), *hand, errand, NULL, actor_now(here()) + 1000, &errand);

	return rc == 0 || rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_FULL ? user : NULL;
}

static void *call_with_patience(void *user)
{
	union hand_address *hand = user;
	int64_t deadline_ns = actor_now(here()) + 1000;

	if (hand_call(here(), *hand, answer, NULL) != 7)
		return NULL;
	return actor_sleep_until(here(), deadline_ns) == 0 && actor_now(here()) >= deadline_ns
		       ? user
		       : NULL;
}

static void late_wakes_do_no_harm(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	pthread_t threads[4];
	void *well;

	(void)state;
	for (unsigned i = 0; i < test_times(2000); i++) {
		for (size_t k = 0; k < N_ELEMENTS(threads); k++)
			assert_int_equal(
				pthread_create(&threads[k], NULL,
					       k % 2 ? call_without_patience : call_with_patience,
					       &hand),
				0);
		for (size_t k = 0; k < N_ELEMENTS(threads); k++) {
			pthread_join(threads[k], &well);
			assert_non_null(well);
		}
	}
	actor_address_unref(hand.address);
}

/* ---- failing ---- */

static struct {
	jmp_buf back;
	void *user;
	char text[50];
	int line;
	unsigned n_undone;
	unsigned undone_before;
} fallen;

static void jump_back(void *user, const struct actor_failure *failure)
{
	fallen.user = user;
	fallen.line = failure->line;
	fallen.undone_before = fallen.n_undone;
	snprintf(fallen.text, sizeof fallen.text, "%s", failure->text);
	longjmp(fallen.back, 1);
}

static void undo(void *user)
{
	(void)user;
	fallen.n_undone++;
}

static void a_plain_thread_fails_as_it_was_told(void **state)
{
	struct actor_cleanup one, other;
	int marker;

	(void)state;
	memset(&fallen, 0, sizeof fallen);
	actor_thread_set_fail(jump_back, &marker);
	if (setjmp(fallen.back) == 0) {
		actor_defer(here(), &one, undo, NULL);
		actor_defer(here(), &other, undo, NULL);
		actor_fail(here(), "off the bench", "park", 12);
	}
	actor_thread_set_fail(NULL, NULL);
	assert_ptr_equal(fallen.user, &marker);
	assert_string_equal(fallen.text, "off the bench");
	assert_int_equal(fallen.line, 12);
	assert_int_equal(fallen.undone_before, 2);
	assert_null(here()->scope);
	/* And goes on. */
	assert_int_equal(actor_sleep_until(here(), ACTOR_AT_ONCE), 0);
}

/* ---- counts ---- */

enum { N_ADDRESSES = 10 };

static void *spawn_some(void *user)
{
	union hand_address *hands = user;

	for (unsigned i = 0; i < N_ADDRESSES; i++) {
		if (actor_spawn(actor_executor_spawner(pool), &hand_behavior, NULL, NULL,
				&hands[i].address) != 0)
			return NULL;
	}
	return user;
}

static void counts_outlive_their_threads(void **state)
{
	union hand_address hands[N_ADDRESSES];
	struct actor_counts before, after;

	(void)state;
	actor_counts_get(&before);
	on_a_thread(spawn_some, hands);
	actor_counts_get(&after);
	assert_int_equal(after.mailboxes - before.mailboxes, N_ADDRESSES);
	for (unsigned i = 0; i < N_ADDRESSES; i++)
		actor_address_unref(hands[i].address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static int nap(struct actor_context *context, void *user)
{
	struct actor_counts *counts = user;
	struct actor_reply *reply;

	if (context->ops->reply_open(context, actor_join_type(), &reply) != 0)
		return -1;
	actor_counts_get(counts);
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	context->ops->reply_close(context, reply, NULL);
	return actor_sleep_until(context, test_deadline());
}

/* One thing of each kind, seen while it is there. */
static void counts_say_what_is_held(void **state)
{
	struct actor_counts before, within, waiting, after;
	struct actor_executor *local;
	union hand_address hand;

	(void)state;
	actor_counts_get(&before);
	assert_int_equal(actor_local_create(&local), 0);
	hand = hand_spawn(local, NULL, 0);
	assert_int_equal(hand_send(NULL, hand, nap, &within), 0);
	assert_int_equal(hand_send(NULL, hand, nap, NULL), 0);
	assert_int_equal(actor_local_run(local), 0);
	actor_counts_get(&waiting);
	actor_executor_close(local);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_destroy(local), 0);
	actor_counts_get(&after);

	assert_int_equal(within.mailboxes - before.mailboxes, 1);
	assert_int_equal(within.envelopes - before.envelopes, 2);
	assert_int_equal(within.replies - before.replies, 1);
	assert_int_equal(within.suspended - before.suspended, 0);
	assert_int_equal(waiting.replies - before.replies, 0);
	assert_int_equal(waiting.suspended - before.suspended, 1);
	assert_int_equal(waiting.dead_letters - before.dead_letters, 0);
	assert_int_equal(after.dead_letters - before.dead_letters, 1);
}

#if !ACTOR__ASAN

struct hoard {
	void *cells[300];
	bool known;
};

static void *hoard_cells(void *user)
{
	struct hoard *hoard = user;
	struct actor__cells *cells = &actor__thread()->cells;

	for (size_t i = 0; i < N_ELEMENTS(hoard->cells); i++)
		hoard->cells[i] = actor__cell_alloc(cells, 700);
	for (size_t i = 0; i < N_ELEMENTS(hoard->cells); i++)
		actor__cell_free(cells, hoard->cells[i], 700);
	return NULL;
}

static void *find_cells(void *user)
{
	struct hoard *hoard = user;
	struct actor__cells *cells = &actor__thread()->cells;
	void *found = actor__cell_alloc(cells, 700);

	for (size_t i = 0; i < N_ELEMENTS(hoard->cells); i++)
		hoard->known |= hoard->cells[i] == found;
	actor__cell_free(cells, found, 700);
	return NULL;
}

static void cells_outlive_their_threads(void **state)
{
	struct hoard hoard = { .known = false };

	(void)state;
	on_a_thread(hoard_cells, &hoard);
	on_a_thread(find_cells, &hoard);
	assert_true(hoard.known);
}

#endif

/* ---- after the end ---- */

static pthread_key_t late_key;
static unsigned n_late;

/* Runs when the thread ends, maybe after the library has put away what it kept for it. */
static void use_it_late(void *user)
{
	union hand_address *hand = user;

	if (n_late++ < 1)
		pthread_setspecific(late_key, user); /* once more */
	if (hand_call(here(), *hand, answer, NULL) != 7)
		n_late += 100;
}

static void *arrange_late_use(void *user)
{
	pthread_setspecific(late_key, user);
	here();
	return NULL;
}

static void destructors_may_use_the_library(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);

	(void)state;
	assert_int_equal(pthread_key_create(&late_key, use_it_late), 0);
	for (unsigned i = 0; i < 10; i++) {
		n_late = 0;
		on_a_thread(arrange_late_use, &hand);
		assert_int_equal(n_late, 2);
	}
	pthread_key_delete(late_key);
	actor_address_unref(hand.address);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thread_has_a_context_of_its_own),
		cmocka_unit_test(contexts_are_passed_on),
		cmocka_unit_test(a_new_thread_has_no_errors),
		cmocka_unit_test(waits_of_a_thread_have_deadlines),
		cmocka_unit_test(a_thread_that_waits_sleeps),
		cmocka_unit_test(a_plain_thread_fails_as_it_was_told),
		POOL_TEST(inside_a_handler_it_is_the_handlers),
		POOL_TEST(plain_threads_can_call),
		POOL_TEST(late_wakes_do_no_harm),
		cmocka_unit_test_teardown(counts_say_what_is_held, test_nothing_held),
		POOL_TEST(counts_outlive_their_threads),
#if !ACTOR__ASAN
		cmocka_unit_test(cells_outlive_their_threads),
#endif
		POOL_TEST(destructors_may_use_the_library),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
