/* SPDX-License-Identifier: MIT */

/*
 * Runtimes, in simulations: who is a member, starts and stops. How members are is in
 * runtime-health-test.c, who is told in runtime-notices-test.c, lists and dead letters in
 * runtime-list-test.c; what needs threads is in runtime-pool-test.c.
 */

#include "runtime-fixture.h"

#include <stdlib.h>
#include <string.h>

/* ---- members */

static void what_its_spawner_makes_is_found_by_name(void **state)
{
	union being_address anna, nobody;
	struct actor_address *found;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	nobody = member(NULL, NULL);
	found = actor_runtime_find(runtime, "anna");
	assert_non_null(found);
	assert_true(actor_address_same(found, anna.address));
	actor_address_unref(found);
	assert_null(actor_runtime_find(runtime, "bert"));
	assert_null(actor_runtime_find(runtime, ""));
	leave(anna);
	leave(nobody);
	close_stage();
	assert_string_equal(heard, "anna:stopped :stopped ");
}

static void a_name_is_taken_until_its_actor_has_gone(void **state)
{
	union being_address anna, other = { NULL };

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), NULL,
				     ACTOR_OPTIONS(.name = "anna"), &other),
			 ACTOR_E_BUSY);
	leave(anna);
	assert_null(actor_runtime_find(runtime, "anna"));
	wait_for_all();
	other = member("anna", NULL);
	leave(other);
	close_stage();
}

/* GO-02 */
static void what_cannot_be_made_leaves_its_name(void **state)
{
	static const struct actor_behavior unnamed = { .size = sizeof unnamed };
	struct actor_mailbox *mailbox;

	(void)state;
	open_stage();
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &unnamed,
					      ACTOR_OPTIONS(.name = "anna"), &mailbox),
			 ACTOR_E_INVALID);
	leave(member("anna", NULL));
	close_stage();
}

static void many_are_found(void **state)
{
	enum { MANY = 1000 };
	union being_address beings[MANY];
	char name[20];

	(void)state;
	open_stage();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "being %u", i);
		beings[i] = member(name, NULL);
	}
	for (unsigned i = 0; i < MANY; i++) {
		struct actor_address *found;

		snprintf(name, sizeof name, "being %u", i);
		found = actor_runtime_find(runtime, name);
		assert_ptr_equal(found, beings[i].address);
		actor_address_unref(found);
		leave(beings[i]);
	}
	close_stage();
}

static int make_two_helpers(struct actor_context *context, void *user)
{
	union being_address *helpers = user;

	for (unsigned i = 0; i < 2; i++)
		if (ACTOR_SPAWN(being, actor_spawner(context), NULL,
				ACTOR_OPTIONS(.name = "helper"), &helpers[i]) < 0)
			return ACTOR_E_INVALID;
	return actor_executor_of(context) == executor ? 0 : ACTOR_E_INVALID;
}

static void what_members_make_are_members_whatever_they_are_called(void **state)
{
	union being_address helpers[2], anna;
	struct actor_runtime_list *list;
	struct actor_address *found;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	assert_int_equal(call(anna, make_two_helpers, helpers), 0);
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_int_equal(list->n_members, 3);
	assert_string_equal(list->members[1].name, "helper");
	assert_string_equal(list->members[2].name, "helper");
	actor_runtime_list_destroy(list);
	found = actor_runtime_find(runtime, "helper");
	assert_ptr_equal(found, helpers[0].address);
	actor_address_unref(found);
	leave(anna);
	leave(helpers[0]);
	leave(helpers[1]);
	close_stage();
}

static int make_a_helper(struct actor_context *context, void *user)
{
	return ACTOR_SPAWN(being, actor_spawner(context), NULL, ACTOR_OPTIONS(.name = "helper"),
			   (union being_address *)user);
}

static void assert_found(union being_address helper)
{
	struct actor_address *found = actor_runtime_find(runtime, "helper");

	assert_ptr_equal(found, helper.address);
	actor_address_unref(found);
}

static int try_helper(void)
{
	union being_address helper = { NULL };
	int rc = ACTOR_SPAWN(being, actor_runtime_spawner(runtime), NULL,
			     ACTOR_OPTIONS(.name = "helper"), &helper);

	actor_address_unref(helper.address);
	return rc;
}

/* Whichever of them goes first. */
static void a_name_is_taken_while_any_member_has_it(void **state)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 } };
	union being_address helpers[3], anna;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	for (unsigned o = 0; o < N_ELEMENTS(orders); o++) {
		unsigned first = 0;
		bool gone[4] = { false };

		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(call(anna, make_a_helper, &helpers[i]), 0);
		for (unsigned i = 0; i < 3; i++) {
			assert_found(helpers[first]);
			assert_int_equal(try_helper(), ACTOR_E_BUSY);
			leave(helpers[orders[o][i]]);
			wait_for_all();
			gone[orders[o][i]] = true;
			while (gone[first])
				first++;
		}
		assert_null(actor_runtime_find(runtime, "helper"));
		assert_int_equal(try_helper(), 0);
		wait_for_all();
	}
	leave(anna);
	close_stage();
}

/* The first one still has something to do. */
static void who_is_about_to_end_does_not_stand_in_front_of_its_namesakes(void **state)
{
	union being_address helpers[2], anna;
	int64_t long_ns = 10 * SECOND;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	assert_int_equal(call(anna, make_two_helpers, helpers), 0);
	do_job(helpers[0], sleep_ns, &long_ns);
	leave(helpers[0]);
	pass(SECOND);
	assert_found(helpers[1]);
	leave(helpers[1]);
	wait_for_all();
	assert_null(actor_runtime_find(runtime, "helper"));
	assert_int_equal(try_helper(), ACTOR_E_BUSY);
	leave(anna);
	close_stage();
}

static void any_actor_can_be_registered(void **state)
{
	union hand_address hand, twin;
	struct actor_address *weak;

	(void)state;
	open_stage();
	hand = spawn_named(executor, "hand", NULL);
	twin = spawn_named(executor, "hand", NULL);
	assert_int_equal(actor_runtime_register(runtime, hand.address), 0);
	assert_int_equal(actor_runtime_register(runtime, hand.address), 0);
	assert_int_equal(actor_runtime_register(runtime, twin.address), ACTOR_E_BUSY);
	weak = actor_address_weak(hand.address);
	actor_address_unref(hand.address);
	wait_for_all();
	assert_int_equal(actor_runtime_register(runtime, weak), ACTOR_E_CLOSED);
	assert_int_equal(actor_runtime_register(runtime, twin.address), 0);
	actor_address_unref(weak);
	actor_address_unref(twin.address);
	close_stage();
	assert_string_equal(heard, "hand:stopped hand:stopped ");
}

static void a_channel_mailbox_is_a_member(void **state)
{
	struct actor_channel *channel;
	struct actor_mailbox *mailbox;

	(void)state;
	open_stage();
	assert_int_equal(actor_queue_create(NULL, &channel), 0);
	assert_int_equal(actor_channel_mailbox(actor_runtime_spawner(runtime), &being_behavior,
					       ACTOR_OPTIONS(.name = "anna"), channel, &mailbox),
			 0);
	assert_int_equal(actor_runtime_destroy(runtime), ACTOR_E_BUSY);
	actor_mailbox_destroy(mailbox);
	actor_channel_unref(channel);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
}

static void it_is_not_destroyed_too_early(void **state)
{
	union being_address anna;

	(void)state;
	open_stage();
	assert_int_equal(actor_executor_destroy(executor), ACTOR_E_BUSY);
	anna = member("anna", NULL);
	assert_int_equal(actor_runtime_destroy(runtime), ACTOR_E_BUSY);
	leave(anna);
	close_stage();
	assert_int_equal(actor_runtime_destroy(NULL), 0);
}

static void options_must_make_sense(void **state)
{
	(void)state;
	executor = open_simulation();
	runtime_options.limit_ns = -1;
	assert_int_equal(actor_runtime_create(executor, &runtime_options, &runtime),
			 ACTOR_E_INVALID);
	close_simulation(executor);
}

/* Options as they may once have been: what lies behind their size is not theirs. */
static void *shortened(const void *options, size_t bytes)
{
	size_t *copy = malloc(bytes);

	assert_non_null(copy);
	memcpy(copy, options, bytes);
	*copy = bytes;
	return copy;
}

static void options_may_be_shorter_than_they_are_now(void **state)
{
	const struct actor_mailbox_options whole = { sizeof whole, "behind", SIZE_MAX - 1 };
	struct actor_mailbox_options *none = shortened(&whole, sizeof none->size);
	struct actor_mailbox_options *name_only = shortened(
		&whole, offsetof(struct actor_mailbox_options, capacity));
	struct actor_runtime_options *limit_only;
	struct actor_mailbox *mailboxes[4];
	struct actor_channel *channel;

	(void)state;
	runtime_options.limit_ns = 5 * SECOND;
	limit_only = shortened(&runtime_options,
			       offsetof(struct actor_runtime_options, watchdog_ns));
	executor = open_simulation();
	assert_int_equal(actor_runtime_create(executor, limit_only, &runtime), 0);
	assert_int_equal(actor_queue_create(NULL, &channel), 0);
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior, none,
					      &mailboxes[0]),
			 0);
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior,
					      name_only, &mailboxes[1]),
			 0);
	assert_int_equal(actor_channel_mailbox(actor_runtime_spawner(runtime), &being_behavior,
					       none, channel, &mailboxes[2]),
			 0);
	assert_int_equal(actor_mailbox_create(actor_executor_spawner(executor), &being_behavior,
					      none, &mailboxes[3]),
			 0);
	for (unsigned i = 0; i < 4; i++) {
		struct actor_info info = actor_mailbox_info(mailboxes[i]);

		assert_string_equal(info.name, i == 1 ? "behind" : "");
		actor_mailbox_destroy(mailboxes[i]);
	}
	actor_channel_unref(channel);
	close_stage();
	assert_string_equal(heard, ""); /* its function was behind the limit */
	free(none);
	free(name_only);
	free(limit_only);
}

/* ---- start and stop */

/* GO-04 */
static void each_is_started_once_before_all_else(void **state)
{
	struct being early = { .text = "" }, late = { .text = "" }, full = { .text = "" };
	union being_address addresses[3];

	(void)state;
	open_stage();
	addresses[0] = member("early", &early);
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &full,
				     ACTOR_OPTIONS(.name = "full", .capacity = 1), &addresses[1]),
			 0);
	do_job(addresses[1], ignore_it, NULL);
	assert_int_equal(actor_runtime_start(runtime), 0);
	assert_int_equal(actor_runtime_start(runtime), 0);
	addresses[2] = member("late", &late);
	do_job(addresses[2], ignore_it, NULL);
	for (unsigned i = 0; i < 3; i++)
		leave(addresses[i]);
	close_stage();
	assert_string_equal(early.text, "start ");
	assert_string_equal(full.text, "job start ");
	assert_string_equal(late.text, "start job ");
}

/* GO-05 */
static void stopping_drains_all_and_lets_nobody_in(void **state)
{
	struct being anna = { .text = "" };
	union being_address address, late = { NULL };
	struct actor_runtime_list *left = (void *)1;

	(void)state;
	open_stage();
	address = member("anna", &anna);
	do_job(address, ignore_it, NULL);
	assert_int_equal(
		actor_runtime_stop(here(), runtime, ACTOR_FOREVER, ACTOR_RUNTIME_LEAVE, &left), 0);
	assert_null(left);
	assert_string_equal(anna.text, "job terminate ");
	assert_string_equal(heard, "anna:stopped ");
	assert_int_equal(ACTOR_TRY_SEND(address, job, &(struct job){ ignore_it, NULL }),
			 ACTOR_E_CLOSED);
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), NULL, NULL, &late),
			 ACTOR_E_CLOSED);
	leave(address);
	close_stage();
	assert_string_equal(said, "");
}

static void who_does_not_stop_is_named_and_cancelled(void **state)
{
	int64_t long_ns = 100 * SECOND;
	union being_address stuck, quick;
	struct actor_runtime_list *left;
	struct actor_mailbox *mailbox;

	(void)state;
	open_and_start();
	quick = member("quick", NULL);
	stuck = member("stuck", NULL);
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior,
					      ACTOR_OPTIONS(.name = "unused"), &mailbox),
			 0);
	do_job(stuck, sleep_ns, &long_ns);
	do_job(stuck, ignore_it, NULL);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + 2 * SECOND,
					    ACTOR_RUNTIME_CANCEL, &left),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(left->n_members, 2);
	assert_string_equal(left->members[0].name, "stuck");
	assert_string_equal(left->members[0].type, "being");
	assert_int_equal(left->members[0].state, ACTOR_STATE_WAITING);
	assert_string_equal(left->members[0].in_hand, "test.job");
	assert_in_range(left->members[0].in_hand_ns, 1900 * MS, 2000 * MS);
	assert_int_equal(left->members[0].n_queued, 2); /* a job, the end */
	assert_true(left->members[0].unhealthy);
	assert_true(actor_identity_same(left->members[0].identity, identity_of(stuck)));
	assert_string_equal(left->members[1].name, "unused");
	assert_int_equal(left->members[1].state, ACTOR_STATE_NEW);
	actor_runtime_list_destroy(left);
	assert_non_null(strstr(said, "[stuck: test.job: has not stopped: waiting"));
	assert_non_null(strstr(said, "[unused: has not stopped: new"));
	assert_null(strstr(said, "quick"));
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_in_range(actor_now(here()), 3 * SECOND, 4 * SECOND);
	actor_mailbox_destroy(mailbox);
	leave(stuck);
	leave(quick);
	close_stage();
}

static void destroy_meanwhile(void *user, const struct actor_log_record *record)
{
	struct actor_mailbox **mailbox = user;

	if (strstr(record->text, "has not stopped"))
		actor_mailbox_destroy(*mailbox);
	*mailbox = NULL;
}

/* Between the deadline and the list. */
static void who_stops_just_then_is_not_left(void **state)
{
	struct actor_runtime_list *left = (void *)1;
	struct actor_mailbox *unused;

	(void)state;
	open_stage();
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior, NULL,
					      &unused),
			 0);
	actor_log_set_sink(destroy_meanwhile, &unused, ACTOR_LOG_WARNING);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + SECOND,
					    ACTOR_RUNTIME_CANCEL, &left),
			 ACTOR_E_TIMEOUT);
	assert_null(unused);
	assert_null(left);
	close_stage();
}

/* In a given channel there is no room for the signal that comes before the drain; but that it is to
 * be cancelled waits for nothing. */
static void cancelling_waits_for_no_room(void **state)
{
	struct actor_queue_options queue = { .size = sizeof queue, .capacity = 1 };
	int64_t long_ns = 100 * SECOND;
	struct being self = { .text = "" };
	struct actor_channel *channel;
	struct actor_mailbox *mailbox;
	union being_address full;

	(void)state;
	open_and_start();
	assert_int_equal(actor_queue_create(&queue, &channel), 0);
	assert_int_equal(actor_channel_mailbox(actor_runtime_spawner(runtime), &being_behavior,
					       ACTOR_OPTIONS(.name = "full"), channel, &mailbox),
			 0);
	full.address = actor_mailbox_address(mailbox);
	assert_int_equal(actor_mailbox_start(mailbox, &self, NULL, NULL), 0);
	pass(SECOND);
	do_job(full, sleep_ns, &long_ns);
	pass(SECOND);
	do_job(full, ignore_it, NULL);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + 2 * SECOND,
					    ACTOR_RUNTIME_CANCEL, NULL),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(actor_runtime_wait(here(), runtime, actor_now(here()) + SECOND), 0);
	actor_mailbox_destroy(mailbox);
	actor_channel_unref(channel);
	leave(full);
	close_stage();
}

/* A member on a channel that was given, with room for one. */
static union being_address narrow_member(struct being *state, struct actor_mailbox **ret_mailbox)
{
	struct actor_queue_options queue = { .size = sizeof queue, .capacity = 1 };
	union being_address address;
	struct actor_channel *channel;

	assert_int_equal(actor_queue_create(&queue, &channel), 0);
	assert_int_equal(actor_channel_mailbox(actor_runtime_spawner(runtime), &being_behavior,
					       ACTOR_OPTIONS(.name = "narrow"), channel,
					       ret_mailbox),
			 0);
	actor_channel_unref(channel);
	address.address = actor_mailbox_address(*ret_mailbox);
	assert_int_equal(actor_mailbox_start(*ret_mailbox, state, NULL, NULL), 0);
	return address;
}

static int send_for_ever(struct actor_context *context, void *user)
{
	static int64_t a_while_ns = 50 * MS;
	union being_address *to = user;
	int rc = 0;

	while (rc == 0)
		rc = ACTOR_SEND(context, *to, job, &(struct job){ sleep_ns, &a_while_ns });
	return 0;
}

/* Others always wait for room there: it gets in line with them. */
static void who_has_no_room_is_told_to_stop_in_its_turn(void **state)
{
	static struct being narrow;
	struct actor_mailbox *mailbox;
	union being_address address;
	size_t n;

	(void)state;
	narrow.text[0] = '\0';
	open_stage();
	address = narrow_member(&narrow, &mailbox);
	for (unsigned i = 0; i < 3; i++)
		tell_and_let_go(spawn_named(executor, "sender", NULL), send_for_ever, &address);
	pass(100 * MS);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + SECOND,
					    ACTOR_RUNTIME_LEAVE, NULL),
			 0);
	n = strlen(narrow.text);
	assert_string_equal(narrow.text + n - strlen("terminate "), "terminate ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

/* Who takes nothing makes no room. */
static void who_is_paused_is_told_to_stop(void **state)
{
	struct being narrow = { .text = "" }, wide = { .text = "" };
	struct actor_mailbox *mailbox;
	union being_address addresses[2];

	(void)state;
	open_stage();
	addresses[0] = narrow_member(&narrow, &mailbox);
	addresses[1] = member("wide", &wide);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(actor_address_pause(addresses[i].address), 0);
		do_job(addresses[i], ignore_it, NULL);
	}
	pass(SECOND);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + SECOND,
					    ACTOR_RUNTIME_LEAVE, NULL),
			 0);
	assert_string_equal(narrow.text, "job terminate ");
	assert_string_equal(wide.text, "job terminate ");
	leave(addresses[0]);
	leave(addresses[1]);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

static void nothing_to_wake(struct actor_waiter *waiter)
{
	(void)waiter;
}

/* Who ends otherwise while that waits for room is told nothing, and nothing is left in line. */
static void who_ends_meanwhile_is_not_told_to_stop(void **state)
{
	struct being narrow = { .text = "" };
	struct job another = { ignore_it, NULL };
	struct actor_waiter behind;
	int64_t long_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address address;

	(void)state;
	open_stage();
	address = narrow_member(&narrow, &mailbox);
	do_job(address, sleep_ns, &long_ns);
	wait_for_all();
	do_job(address, ignore_it, NULL);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + SECOND,
					    ACTOR_RUNTIME_LEAVE, NULL),
			 ACTOR_E_TIMEOUT);
	actor_waiter_init(&behind, nothing_to_wake);
	assert_int_equal(actor_address_post(address.address, &job_type, &another, NULL, &behind),
			 ACTOR_E_FULL);
	assert_int_equal(actor_address_stop(address.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_runtime_wait(here(), runtime, actor_now(here()) + 2 * SECOND), 0);
	assert_string_equal(narrow.text, "job ");
	actor_address_withdraw(address.address, &behind); /* from what was before it */
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

static struct actor_mailbox *ends_meanwhile;

void actor__step_paid(void)
{
	struct actor_mailbox *mailbox = ends_meanwhile;

	ends_meanwhile = NULL;
	if (mailbox)
		actor_mailbox_destroy(mailbox);
}

/* There was no memory to tell it to stop, which is to be tried again, and is not, as it has gone:
 * the runtime may go at once. */
static void who_ends_meanwhile_is_not_told_later(void **state)
{
	struct actor_mailbox *mailbox;

	(void)state;
	open_stage();
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior,
					      ACTOR_OPTIONS(.name = "anna"), &mailbox),
			 0);
	ends_meanwhile = mailbox;
	actor_simulation_fail_nth(1);
	assert_int_equal(
		actor_runtime_stop(here(), runtime, ACTOR_AT_ONCE, ACTOR_RUNTIME_LEAVE, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 1);
	assert_null(ends_meanwhile);
	assert_string_equal(heard, "anna:stopped ");
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	close_simulation(executor);
}

static void who_does_not_stop_may_take_longer(void **state)
{
	int64_t long_ns = 100 * SECOND;
	struct being slow = { .text = "" };
	union being_address address;

	(void)state;
	open_stage();
	address = member("slow", &slow);
	do_job(address, sleep_ns, &long_ns);
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + SECOND,
					    ACTOR_RUNTIME_LEAVE, NULL),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(
		actor_runtime_stop(here(), runtime, ACTOR_FOREVER, ACTOR_RUNTIME_LEAVE, NULL), 0);
	assert_string_equal(slow.text, "job terminate ");
	leave(address);
	close_stage();
}

static int stop_all(struct actor_context *context, void *user)
{
	(void)user;
	return actor_runtime_stop(context, runtime, ACTOR_FOREVER, ACTOR_RUNTIME_LEAVE, NULL);
}

static int wait_a_while(struct actor_context *context, void *user)
{
	(void)user;
	return actor_runtime_wait(context, runtime, actor_now(context) + SECOND);
}

static void a_member_may_stop_its_own_runtime(void **state)
{
	union being_address anna, bert;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	bert = member("bert", NULL);
	assert_int_equal(call(anna, wait_a_while, NULL), ACTOR_E_TIMEOUT);
	assert_int_equal(call(anna, stop_all, NULL), 0);
	assert_string_equal(heard, "bert:stopped ");
	leave(anna);
	leave(bert);
	close_stage();
	assert_string_equal(heard, "bert:stopped anna:stopped ");
}

static int stop_in_time(struct actor_context *context, void *user)
{
	return actor_runtime_stop(context, runtime, actor_now(context) + SECOND,
				  ACTOR_RUNTIME_CANCEL, user);
}

static void who_stops_it_is_not_among_those_that_are_left(void **state)
{
	int64_t long_ns = 10 * SECOND;
	struct actor_runtime_list *left;
	union being_address anna, bert;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	bert = member("bert", NULL);
	do_job(bert, sleep_ns, &long_ns);
	assert_int_equal(call(anna, stop_in_time, &left), ACTOR_E_TIMEOUT);
	assert_int_equal(left->n_members, 1);
	assert_string_equal(left->members[0].name, "bert");
	actor_runtime_list_destroy(left);
	assert_null(strstr(said, "[anna"));
	leave(anna);
	leave(bert);
	close_stage();
}

static int make_helper_later(struct actor_context *context, void *user)
{
	struct being *helper = user;
	union being_address address;
	int rc = actor_sleep_until(context, actor_now(context) + SECOND);

	if (rc == 0)
		rc = ACTOR_SPAWN(being, actor_spawner(context), helper, NULL, &address);
	if (rc < 0)
		return rc;
	actor_ignore(ACTOR_SEND(context, address, job, &(struct job){ ignore_it, NULL }));
	actor_address_unref(address.address);
	return 0;
}

static void a_member_that_drains_can_have_helpers(void **state)
{
	struct being helper = { .text = "" };
	union being_address anna;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	do_job(anna, make_helper_later, &helper);
	assert_int_equal(
		actor_runtime_stop(here(), runtime, ACTOR_FOREVER, ACTOR_RUNTIME_LEAVE, NULL), 0);
	assert_string_equal(helper.text, "job ");
	leave(anna);
	close_stage();
}

static int wait_long(struct actor_context *context, void *user)
{
	*(int *)user = actor_runtime_wait(context, runtime, ACTOR_FOREVER);
	return 0;
}

/* GO-04 */
static void one_waits_until_none_is_left(void **state)
{
	struct hand waits = { .user = NULL };
	union being_address anna;
	union hand_address hand;
	int result = 1;

	(void)state;
	open_stage();
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_AT_ONCE), 0);
	anna = member("anna", NULL);
	hand = spawn_named(executor, "waits", &waits);
	tell_and_let_go(hand, wait_long, &result);
	wait_for_all();
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), ACTOR_E_BUSY);
	assert_int_equal(result, 1);
	leave(anna);
	wait_for_all();
	assert_int_equal(result, 0);
	close_stage();
}

static void a_closed_executor_ends_all(void **state)
{
	union being_address anna;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	actor_executor_close(executor);
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_string_equal(heard, "anna:stopped ");
	leave(anna);
	close_stage();
}

/* ---- little memory */

static void with_each_allocation_refused(uint64_t nth)
{
	static struct being anna, listener;
	int64_t long_ns = 2 * SECOND;
	struct actor_runtime_list *list;
	union being_address address = { NULL }, sentry = { NULL }, to = { NULL };
	int rc;

	executor = open_simulation();
	assert_int_equal(ACTOR_SPAWN(being, actor_executor_spawner(executor), &listener, NULL, &to),
			 0);
	runtime_options.to = ACTOR_FOR(actor_notice, to);
	actor_simulation_fail_nth(nth);
	rc = actor_runtime_create(executor, &runtime_options, &runtime);
	if (rc == 0) {
		rc = ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &anna,
				 ACTOR_OPTIONS(.name = "anna"), &address);
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
		rc = ACTOR_SPAWN(being, actor_runtime_spawner(runtime), NULL,
				 ACTOR_OPTIONS(.name = "sentry"), &sentry);
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
		assert_int_equal(actor_runtime_start(runtime), 0);
		if (address.address && sentry.address) {
			rc = actor_runtime_supervise(runtime, identity_of(address), sentry.address);
			assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
			actor_ignore(
				ACTOR_TRY_SEND(address, job, &(struct job){ sleep_ns, &long_ns }));
		}
		rc = actor_runtime_list_create(runtime, &list);
		if (rc == 0)
			actor_runtime_list_destroy(list);
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
		rc = actor_runtime_stop(here(), runtime, ACTOR_FOREVER, ACTOR_RUNTIME_LEAVE, NULL);
		if (rc == ACTOR_E_NOMEM)
			rc = actor_runtime_wait(here(), runtime, ACTOR_FOREVER);
		assert_int_equal(rc, 0);
		/* However late it got there: the first of all, or the last. */
		if (address.address)
			assert_non_null(strstr(anna.text, "terminate"));
		pass(SECOND);
		assert_true(!address.address == !strstr(listener.text, "anna:stopped "));
		leave(address);
		leave(sentry);
		assert_int_equal(actor_runtime_destroy(runtime), 0);
	} else {
		assert_int_equal(rc, ACTOR_E_NOMEM);
	}
	anna.text[0] = listener.text[0] = '\0';
	leave(to);
	close_simulation(executor);
}

static void any_allocation_may_be_refused(void **state)
{
	uint64_t nth = 0;

	(void)state;
	do {
		with_each_allocation_refused(++nth);
	} while (actor_simulation_fail_nth(0) >= nth);
	assert_in_range(nth, 10, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNTIME_TEST(what_its_spawner_makes_is_found_by_name),
		RUNTIME_TEST(a_name_is_taken_until_its_actor_has_gone),
		RUNTIME_TEST(what_cannot_be_made_leaves_its_name),
		RUNTIME_TEST(many_are_found),
		RUNTIME_TEST(what_members_make_are_members_whatever_they_are_called),
		RUNTIME_TEST(a_name_is_taken_while_any_member_has_it),
		RUNTIME_TEST(who_is_about_to_end_does_not_stand_in_front_of_its_namesakes),
		RUNTIME_TEST(any_actor_can_be_registered),
		RUNTIME_TEST(a_channel_mailbox_is_a_member),
		RUNTIME_TEST(it_is_not_destroyed_too_early),
		RUNTIME_TEST(options_must_make_sense),
		RUNTIME_TEST(options_may_be_shorter_than_they_are_now),
		RUNTIME_TEST(each_is_started_once_before_all_else),
		RUNTIME_TEST(stopping_drains_all_and_lets_nobody_in),
		RUNTIME_TEST(who_does_not_stop_is_named_and_cancelled),
		RUNTIME_TEST(who_stops_just_then_is_not_left),
		RUNTIME_TEST(cancelling_waits_for_no_room),
		RUNTIME_TEST(who_has_no_room_is_told_to_stop_in_its_turn),
		RUNTIME_TEST(who_is_paused_is_told_to_stop),
		RUNTIME_TEST(who_ends_meanwhile_is_not_told_to_stop),
		RUNTIME_TEST(who_ends_meanwhile_is_not_told_later),
		RUNTIME_TEST(who_does_not_stop_may_take_longer),
		RUNTIME_TEST(a_member_may_stop_its_own_runtime),
		RUNTIME_TEST(who_stops_it_is_not_among_those_that_are_left),
		RUNTIME_TEST(a_member_that_drains_can_have_helpers),
		RUNTIME_TEST(one_waits_until_none_is_left),
		RUNTIME_TEST(a_closed_executor_ends_all),
		RUNTIME_TEST(any_allocation_may_be_refused),
	};

	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
