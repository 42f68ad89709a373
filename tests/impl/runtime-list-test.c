/* SPDX-License-Identifier: MIT */

/* What can be read of runtimes, in simulations: lists of members, and dead letters in the log. */

#include "actor.h"
#include "fiber.h"
#include "runtime-fixture.h"

#include <string.h>

/* ---- lists */

static void a_list_says_how_all_are(void **state)
{
	int64_t long_ns = 3 * SECOND;
	struct actor_runtime_list *list;
	union being_address idle, waits, paused, spare;
	char text[2000], short_text[10];
	int n;

	(void)state;
	open_and_start();
	idle = member("idle", NULL);
	waits = member("waits", NULL);
	paused = member("paused", NULL);
	spare.address = actor_address_ref(idle.address);
	pass(SECOND);
	assert_int_equal(actor_address_pause(paused.address), 0);
	do_job(paused, ignore_it, NULL);
	do_job(waits, sleep_ns, &long_ns);
	do_job(waits, ignore_it, NULL);
	do_job(waits, ignore_it, NULL);
	pass(2 * SECOND);
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_int_equal(list->n_members, 3);
	assert_int_equal(list->members[0].state, ACTOR_STATE_IDLE);
	assert_int_equal(list->members[0].n_strong, 2);
	assert_int_equal(list->members[0].n_queued, 0);
	assert_int_equal(list->members[0].oldest_ns, 0);
	assert_string_equal(list->members[0].in_hand, "");
	assert_int_equal(list->members[1].state, ACTOR_STATE_WAITING);
	assert_int_equal(list->members[1].n_queued, 2);
	assert_in_range(list->members[1].oldest_ns, 1900 * MS, 2000 * MS);
	assert_in_range(list->members[1].in_hand_ns, 1900 * MS, 2000 * MS);
	assert_true(list->members[1].unhealthy);
	assert_int_equal(list->members[2].state, ACTOR_STATE_PAUSED);
	assert_int_equal(list->members[2].n_queued, 1);
	n = actor_runtime_list_format(list, text, sizeof text);
	assert_int_equal(strlen(text), n);
	assert_non_null(strstr(text, "waiting test.job for 1.9"));
	assert_int_equal(actor_runtime_list_format(list, short_text, sizeof short_text), n);
	assert_int_equal(strlen(short_text), sizeof short_text - 1);
	assert_int_equal(actor_runtime_list_format(list, NULL, 0), n);
	actor_runtime_list_log(list, ACTOR_LOG_WARNING);
	assert_non_null(strstr(said, "[waits: test.job: waiting test.job for 1.9"));
	actor_runtime_list_destroy(list);
	assert_int_equal(actor_address_resume(paused.address), 0);
	pass(2 * SECOND);
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(list->members[i].state, ACTOR_STATE_IDLE);
		assert_int_equal(list->members[i].oldest_ns, 0);
		assert_int_equal(list->members[i].in_hand_ns, 0);
	}
	actor_runtime_list_destroy(list);
	leave(idle);
	leave(spare);
	leave(waits);
	leave(paused);
	close_stage();
}

/* Who is ready to run, but has not run yet, when the list is made: by whoever runs first. */
static int list_all(struct actor_context *context, void *user)
{
	(void)context;
	return actor_runtime_list_create(runtime, user);
}

static void who_runs_and_who_is_next_is_told_apart(void **state)
{
	struct actor_runtime_list *list;
	union being_address runs, next;

	(void)state;
	options.strategy = ACTOR_SIMULATION_FIFO;
	open_stage();
	runs = member("runs", NULL);
	next = member("next", NULL);
	wait_for_all();
	do_job(runs, list_all, &list);
	do_job(next, ignore_it, NULL);
	wait_for_all();
	assert_int_equal(list->members[0].state, ACTOR_STATE_RUNNING);
	assert_string_equal(list->members[0].in_hand, "test.job");
	assert_int_equal(list->members[1].state, ACTOR_STATE_SCHEDULED);
	actor_runtime_list_destroy(list);
	leave(runs);
	leave(next);
	close_stage();
}

/* The age of the oldest is that of one which is there: a queue that moves is not as old as it has
 * not been empty. */
static void the_age_of_the_oldest_follows_the_queue(void **state)
{
	int64_t a_while_ns = 400 * MS, oldest_ns = 0;
	struct actor_runtime_list *list;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	for (unsigned i = 0; i < 40; i++) {
		do_job(anna, sleep_ns, &a_while_ns);
		if (i < 3)
			continue;
		pass(a_while_ns);
		assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
		assert_in_range(list->members[0].n_queued, 2, 3);
		assert_in_range(list->members[0].oldest_ns, 0, 4 * a_while_ns);
		if (i > 20 && list->members[0].oldest_ns > oldest_ns)
			oldest_ns = list->members[0].oldest_ns;
		actor_runtime_list_destroy(list);
	}
	assert_in_range(oldest_ns, a_while_ns, 4 * a_while_ns);
	leave(anna);
	close_stage();
}

/* An actor that is taken up again, with nothing in hand yet, has what it had then no more. Nobody
 * sees that here but by another thread, which looks at that very moment: so it is feigned. */
static void who_is_just_taken_up_has_nothing_in_hand_yet(void **state)
{
	int64_t just_ns = 990 * MS;
	struct actor_runtime_list *list;
	struct actor__fiber *fiber;
	struct actor__actor *actor;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	actor = ACTOR_CONTAINER_OF(anna.address, struct actor__actor, strong);
	do_job(anna, sleep_ns, &just_ns);
	pass(1200 * MS);
	for (fiber = actor__fibers(); atomic_load(&fiber->actor); fiber = fiber->older)
		;
	atomic_store(&fiber->actor, actor);
	pass(900 * MS);
	assert_string_equal(heard, "");
	atomic_store(&fiber->handling, &hand_behavior.handlers[0]); /* another's, before */
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_string_equal(list->members[0].in_hand, "");
	assert_int_equal(list->members[0].state, ACTOR_STATE_IDLE);
	actor_runtime_list_destroy(list);
	atomic_store(&fiber->actor, NULL);
	leave(anna);
	close_stage();
}

static struct {
	struct actor_mailbox *mailbox;
	const struct actor_behavior *behavior;
} to_end;

/* The first latch is that of the member which is about to be described. */
void actor__step_latch(void)
{
	struct actor_mailbox *mailbox = to_end.mailbox;

	if (!mailbox)
		return;
	to_end.mailbox = NULL;
	actor_mailbox_destroy(mailbox);
	hand_unload(to_end.behavior);
}

static void who_ends_meanwhile_is_not_in_the_list(void **state)
{
	struct actor_runtime_list *list;
	struct actor_mailbox *mailbox;

	(void)state;
	open_stage();
	to_end.behavior = hand_load();
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), to_end.behavior, NULL,
					      &mailbox),
			 0);
	to_end.mailbox = mailbox;
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_null(to_end.mailbox);
	assert_int_equal(list->n_members, 0);
	actor_runtime_list_destroy(list);
	close_stage();
}

/* ---- dead letters */

static void dead_letters_are_logged(void **state)
{
	union being_address anna;
	int64_t long_ns = SECOND;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	wait_for_all();
	for (unsigned i = 0; i < 5; i++)
		do_job(anna, ignore_it, NULL);
	assert_int_equal(actor_address_stop(anna.address, ACTOR_STOP_NOW), 0);
	pass(3 * SECOND);
	assert_string_equal(said, "[anna: test.job: 5 dead letters, of which this is the last]");
	leave(anna);
	close_stage();
}

static void drop_some(const char *name, unsigned n)
{
	struct actor_mailbox *mailbox;
	union being_address address;

	assert_int_equal(actor_mailbox_create(actor_executor_spawner(executor), &being_behavior,
					      ACTOR_OPTIONS(.name = name), &mailbox),
			 0);
	address.address = actor_mailbox_address(mailbox);
	for (unsigned i = 0; i < n; i++)
		do_job(address, ignore_it, NULL);
	actor_mailbox_destroy(mailbox);
	leave(address);
}

static void dead_letters_of_a_second_are_one_record(void **state)
{
	(void)state;
	open_and_start();
	pass(1500 * MS);
	drop_some("anna", 2);
	pass(100 * MS);
	drop_some("bert", 3);
	pass(3 * SECOND);
	assert_string_equal(said, "[bert: test.job: 5 dead letters, of which this is the last]");
	close_stage();
}

/* Those of the last second, too. */
static void what_was_not_logged_yet_is_at_the_end(void **state)
{
	(void)state;
	open_and_start();
	drop_some("anna", 2);
	pass(1500 * MS);
	assert_string_equal(said, "[anna: test.job: 2 dead letters, of which this is the last]");
	drop_some("bert", 3);
	said[0] = '\0';
	close_stage();
	assert_string_equal(said, "[bert: test.job: 3 dead letters, of which this is the last]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNTIME_TEST(a_list_says_how_all_are),
		RUNTIME_TEST(who_runs_and_who_is_next_is_told_apart),
		RUNTIME_TEST(the_age_of_the_oldest_follows_the_queue),
		RUNTIME_TEST(who_is_just_taken_up_has_nothing_in_hand_yet),
		RUNTIME_TEST(who_ends_meanwhile_is_not_in_the_list),
		RUNTIME_TEST(dead_letters_are_logged),
		RUNTIME_TEST(dead_letters_of_a_second_are_one_record),
		RUNTIME_TEST(what_was_not_logged_yet_is_at_the_end),
	};

	return cmocka_run_group_tests_name("runtime-list", tests, NULL, NULL);
}
