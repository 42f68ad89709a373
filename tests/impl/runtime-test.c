/* SPDX-License-Identifier: MIT */

/*
 * Runtimes, in simulations: who is a member, starts and stops, how members are, at exact times, and
 * who is told. What needs threads is in runtime-pool-test.c.
 */

#include "actor.h"
#include "fiber.h"
#include "simulation-fixture.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

#define BEING_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, errand)                                                                            \
	SEND(X, job)                                                                               \
	SEND(X, actor_start)                                                                       \
	SEND(X, actor_terminate)                                                                   \
	SEND(X, actor_notice)
ACTOR_DECLARE(being, BEING_MESSAGES);

struct being {
	char text[400];
	bool fails_in_started;
};

static struct actor_executor *executor;
static struct actor_runtime *runtime;
static struct actor_runtime_options runtime_options;
static char heard[2000];

/* ---- beings: they do what they are told, and note what the runtime tells them */

static void being_note(struct being *self, const char *text)
{
	size_t n = self ? strlen(self->text) : 0;

	if (self)
		snprintf(self->text + n, sizeof self->text - n, "%s ", text);
}

static int being_on_errand(struct being *self, struct errand *message,
			   struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void being_on_job(struct being *self, struct job *message, struct actor_context *context)
{
	being_note(self, "job");
	message->function(context, message->user);
}

static void being_on_actor_start(struct being *self, struct actor_start *message,
				 struct actor_context *context)
{
	(void)message, (void)context;
	being_note(self, "start");
}

static void being_on_actor_terminate(struct being *self, struct actor_terminate *message,
				     struct actor_context *context)
{
	(void)message, (void)context;
	being_note(self, "terminate");
}

static const char *what_names[] = {
	[ACTOR_NOTICED_UNHEALTHY] = "unhealthy", [ACTOR_NOTICED_HEALTHY] = "healthy",
	[ACTOR_NOTICED_OVERRUN] = "overrun",	 [ACTOR_NOTICED_FAILURE] = "failed",
	[ACTOR_NOTICED_RESTART] = "restarted",	 [ACTOR_NOTICED_END] = "stopped",
};

static void being_on_actor_notice(struct being *self, struct actor_notice *message,
				  struct actor_context *context)
{
	char text[100];

	(void)context;
	snprintf(text, sizeof text, "%s:%s", message->name, what_names[message->what]);
	if (message->what == ACTOR_NOTICED_RESTART)
		snprintf(text + strlen(text), 10, "%u", message->n_restarts);
	being_note(self, text);
}

ACTOR_DEFINE(being, BEING_MESSAGES, NULL, NULL, NULL);

/* ---- the stage */

static void hear(void *user, const struct actor_notice *notice)
{
	size_t n = strlen(heard);
	bool says_type = notice->message_type[0] && notice->what != ACTOR_NOTICED_END;

	(void)user;
	snprintf(heard + n, sizeof heard - n, "%s:%s%s%s ", notice->name, what_names[notice->what],
		 says_type ? "/" : "", says_type ? notice->message_type : "");
}

static int set_up(void **state)
{
	simulation_set_up(state);
	heard[0] = '\0';
	runtime_options = (struct actor_runtime_options){ .size = sizeof runtime_options,
							  .on_notice = hear };
	return 0;
}

static void open_stage(void)
{
	executor = open_simulation();
	assert_int_equal(actor_runtime_create(executor, &runtime_options, &runtime), 0);
}

static void open_and_start(void)
{
	open_stage();
	assert_int_equal(actor_runtime_start(runtime), 0);
}

static void pass(int64_t ns)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + ns), 0);
}

static void close_stage(void)
{
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	pass(SECOND); /* nothing of it is left that time would wake */
	close_simulation(executor);
}

static union being_address member(const char *name, struct being *state)
{
	union being_address being = { NULL };

	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), state,
				     ACTOR_OPTIONS(.name = name), &being),
			 0);
	return being;
}

static void do_job(union being_address being, hand_fn *function, void *user)
{
	assert_int_equal(ACTOR_TRY_SEND(being, job, &(struct job){ function, user }), 0);
}

static void leave(union being_address being)
{
	actor_address_unref(being.address);
}

static int sleep_ns(struct actor_context *context, void *user)
{
	return actor_sleep_until(context, actor_now(context) + *(int64_t *)user);
}

static int fail_now(struct actor_context *context, void *user)
{
	ACTOR_FAIL(context, user);
}

static struct actor_identity identity_of(union being_address being)
{
	return actor_address_identity(being.address);
}

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

static int call(union being_address being, hand_fn *function, void *user)
{
	int answer = 0;
	int rc = ACTOR_CALL(here(), being, errand, &answer, &(struct errand){ function, user });

	return rc < 0 ? rc : answer;
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

/* ---- health */

/* GO-08 to GO-11: the handler begins at 1 s, the ticks are at 1.05 s, 1.1 s ... */
static void health_changes_at_edges(void **state)
{
	int64_t just_ns = 900 * MS, long_ns = 3 * SECOND;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &just_ns);
	pass(2 * SECOND - 1 * MS);
	assert_string_equal(heard, "");
	do_job(anna, sleep_ns, &long_ns); /* at 2.999 s: seen at 3 s */
	pass(1000 * MS);
	assert_string_equal(heard, "");
	pass(2 * MS); /* 4.001 s */
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	pass(1997 * MS); /* 5.998 s */
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	pass(3 * MS);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy ");
	pass(5 * SECOND);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy ");
	leave(anna);
	close_stage();
}

static void who_handles_one_after_the_other_is_healthy(void **state)
{
	int64_t just_ns = 700 * MS;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	for (unsigned i = 0; i < 10; i++)
		do_job(anna, sleep_ns, &just_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
}

static void one_handler_after_the_other_may_be_unhealthy(void **state)
{
	int64_t long_ns = 1500 * MS;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy anna:unhealthy/test.job "
				   "anna:stopped ");
}

static void the_limit_can_be_chosen(void **state)
{
	int64_t long_ns = 300 * MS;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = 200 * MS;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	pass(200 * MS);
	assert_string_equal(heard, "");
	pass(20 * MS);
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	leave(anna);
	close_stage();
}

static void there_may_be_no_limit(void **state)
{
	int64_t long_ns = 100 * SECOND;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = runtime_options.watchdog_ns = ACTOR_FOREVER;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
}

/* Who waits keeps no thread. */
static void the_watchdog_leaves_those_alone_who_wait(void **state)
{
	int64_t long_ns = 10 * SECOND;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = ACTOR_FOREVER;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
	assert_string_equal(said, "");
}

static int wait_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, ACTOR_FOREVER);
}

static void time_does_not_pass_for_the_monitor_alone(void **state)
{
	union being_address anna;
	int64_t began_ns;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, wait_for_ever, NULL);
	began_ns = actor_now(here());
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_int_equal(actor_now(here()), began_ns);
	assert_non_null(strstr(said, "[anna: test.job: waits]"));
	actor_executor_close(executor);
	leave(anna);
	close_stage();
}

/* ---- failures */

static unsigned n_runs;

static void start_again(void *user, struct actor_end *end)
{
	if (end->how == ACTOR_ENDED_FAILED && end->mailbox && n_runs-- > 1)
		actor_ignore(actor_mailbox_start(end->mailbox, user, start_again, user));
}

/* An owned member, which is started again after failures. */
static union being_address restarted(struct being *state, unsigned n,
				     struct actor_mailbox **ret_mailbox)
{
	union being_address being;

	n_runs = n;
	assert_int_equal(actor_mailbox_create(actor_runtime_spawner(runtime), &being_behavior,
					      ACTOR_OPTIONS(.name = "anna"), ret_mailbox),
			 0);
	being.address = actor_mailbox_address(*ret_mailbox);
	assert_int_equal(actor_mailbox_start(*ret_mailbox, state, start_again, state), 0);
	return being;
}

static struct actor_notice last_failure;

static void keep_failure(void *user, const struct actor_notice *notice)
{
	hear(user, notice);
	if (notice->what == ACTOR_NOTICED_FAILURE)
		last_failure = *notice;
}

static void failures_and_restarts_are_told(void **state)
{
	static struct being anna;
	struct actor_mailbox *mailbox;
	union being_address address;
	struct actor_runtime_list *list;

	(void)state;
	runtime_options.on_notice = keep_failure;
	open_and_start();
	address = restarted(&anna, 2, &mailbox);
	do_job(address, fail_now, "too bad");
	pass(SECOND);
	assert_string_equal(heard, "anna:failed/test.job anna:restarted ");
	assert_string_equal(last_failure.text, "too bad");
	assert_string_equal(last_failure.file, __FILE__);
	assert_true(last_failure.line > 0);
	assert_int_equal(last_failure.n_failures, 1);
	assert_true(actor_identity_same(last_failure.identity, identity_of(address)));
	do_job(address, fail_now, "too bad");
	pass(SECOND);
	assert_string_equal(heard, "anna:failed/test.job anna:restarted anna:failed/test.job ");
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_int_equal(list->members[0].state, ACTOR_STATE_FAILED);
	assert_int_equal(list->members[0].n_restarts, 1);
	actor_runtime_list_destroy(list);
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
	assert_string_equal(heard, "anna:failed/test.job anna:restarted anna:failed/test.job "
				   "anna:stopped ");
}

static int linger_and_fail(struct actor_context *context, void *user)
{
	actor_ignore(sleep_ns(context, user));
	ACTOR_FAIL(context, "at last");
}

static void who_fails_need_not_be_healthy_before(void **state)
{
	int64_t long_ns = 2 * SECOND;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, linger_and_fail, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:unhealthy/test.job anna:failed/test.job anna:stopped ");
}

static void who_begins_anew_is_healthy(void **state)
{
	static struct being anna;
	int64_t long_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address address;

	(void)state;
	open_and_start();
	address = restarted(&anna, 2, &mailbox);
	do_job(address, linger_and_fail, &long_ns);
	pass(5 * SECOND);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:failed/test.job anna:restarted ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

/* ---- who supervises */

static void supervise(union being_address whom, union being_address by)
{
	assert_int_equal(actor_runtime_supervise(runtime, identity_of(whom), by.address), 0);
}

/* GO-14, GO-16 */
static void a_supervisor_is_told_once_each(void **state)
{
	struct being sentry = { .text = "" };
	int64_t long_ns = 2 * SECOND;
	union being_address address, anna;

	(void)state;
	open_and_start();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	supervise(anna, address);
	supervise(anna, address);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	pass(10 * SECOND);
	assert_string_equal(sentry.text, "start anna:unhealthy anna:stopped ");
	leave(address);
	close_stage();
}

/* GO-14 */
static void who_supervises_no_more_is_told_no_more(void **state)
{
	struct being sentry = { .text = "" };
	union being_address address, anna;

	(void)state;
	open_stage();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	supervise(anna, address);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	leave(anna);
	pass(SECOND);
	assert_string_equal(sentry.text, "");
	leave(address);
	close_stage();
}

/* GO-15 */
static void who_has_gone_has_stopped(void **state)
{
	struct being sentry = { .text = "" };
	struct actor_identity gone;
	union being_address address, anna;

	(void)state;
	open_stage();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	gone = identity_of(anna);
	leave(anna);
	pass(SECOND);
	assert_int_equal(actor_runtime_supervise(runtime, gone, address.address), 0);
	pass(SECOND);
	assert_string_equal(sentry.text, ":stopped ");
	leave(address);
	close_stage();
}

static void who_cannot_be_told_may_not_supervise(void **state)
{
	union hand_address hand;
	union being_address anna;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	hand = spawn_named(executor, "hand", NULL);
	assert_int_equal(actor_runtime_supervise(runtime, identity_of(anna), hand.address),
			 ACTOR_E_UNHANDLED);
	actor_address_unref(hand.address);
	leave(anna);
	close_stage();
}

/* GO-18: its mailbox has room for one; while it is stuck, all others go on, and it hears the sum.
 */
static void a_stuck_supervisor_holds_nobody_up(void **state)
{
	static struct being anna, sentry;
	int64_t long_ns = 60 * SECOND, bad_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address address, other, sentry_address;

	(void)state;
	sentry.text[0] = '\0';
	open_and_start();
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &sentry,
				     ACTOR_OPTIONS(.name = "sentry", .capacity = 1),
				     &sentry_address),
			 0);
	wait_for_all();
	address = restarted(&anna, 5, &mailbox);
	other = member("other", NULL);
	supervise(address, sentry_address);
	supervise(other, sentry_address);
	do_job(sentry_address, sleep_ns, &long_ns);
	wait_for_all();
	for (unsigned i = 0; i < 3; i++)
		do_job(address, fail_now, "again");
	do_job(other, sleep_ns, &bad_ns);
	pass(5 * SECOND);
	leave(other);
	pass(5 * SECOND);
	assert_non_null(strstr(heard, "other:stopped"));
	assert_string_equal(sentry.text, "start job ");
	pass(60 * SECOND);
	/* The first notice had room. */
	assert_string_equal(sentry.text, "start job anna:failed anna:restarted3 other:stopped ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	leave(sentry_address);
	close_stage();
}

/* What waits for room while it is no news any more, is not told. */
static void what_has_been_undone_is_not_told(void **state)
{
	static struct being sentry;
	int64_t long_ns = 60 * SECOND, bad_ns = 2 * SECOND;
	union being_address address, anna;

	(void)state;
	sentry.text[0] = '\0';
	open_and_start();
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &sentry,
				     ACTOR_OPTIONS(.name = "sentry", .capacity = 1), &address),
			 0);
	wait_for_all();
	anna = member("anna", NULL);
	supervise(anna, address);
	do_job(address, sleep_ns, &long_ns);
	wait_for_all();
	do_job(address, ignore_it, NULL); /* full */
	do_job(anna, sleep_ns, &bad_ns);
	pass(70 * SECOND);
	assert_string_equal(sentry.text, "start job job ");
	leave(anna);
	pass(SECOND);
	assert_string_equal(sentry.text, "start job job anna:stopped ");
	leave(address);
	close_stage();
}

/* GO-19, GO-20 */
static void supervisors_come_and_go(void **state)
{
	union being_address self, watcher, anna;

	(void)state;
	open_stage();
	self = member("self", NULL);
	watcher = member("watcher", NULL);
	anna = member("anna", NULL);
	supervise(self, self);
	supervise(anna, watcher);
	leave(watcher);
	leave(self);
	wait_for_all();
	leave(anna);
	close_stage();
	assert_non_null(strstr(heard, "self:stopped"));
	assert_non_null(strstr(heard, "anna:stopped"));
}

static void who_is_unhealthy_already_is_told_of(void **state)
{
	struct being sentry = { .text = "" };
	int64_t long_ns = 3 * SECOND;
	union being_address address, anna;

	(void)state;
	open_and_start();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	pass(2 * SECOND);
	supervise(anna, address);
	pass(2 * SECOND);
	assert_string_equal(sentry.text, "start anna:unhealthy anna:healthy ");
	leave(anna);
	leave(address);
	close_stage();
}

static void what_was_before_is_not_told(void **state)
{
	static struct being anna, sentry;
	struct actor_mailbox *mailbox;
	union being_address address, by;

	(void)state;
	sentry.text[0] = '\0';
	open_stage();
	by = member("sentry", &sentry);
	address = restarted(&anna, 3, &mailbox);
	do_job(address, fail_now, "once");
	pass(SECOND);
	supervise(address, by);
	pass(SECOND);
	assert_string_equal(sentry.text, "");
	do_job(address, fail_now, "again");
	pass(SECOND);
	assert_string_equal(sentry.text, "anna:failed anna:restarted2 ");
	leave(address);
	leave(by);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

/* Its runtime goes while a supervisor, which runs elsewhere, has no room to be told. */
static void what_was_not_accepted_is_given_up_with_the_runtime(void **state)
{
	static struct being sentry;
	union being_address address, anna;

	(void)state;
	sentry.text[0] = '\0';
	open_stage();
	assert_int_equal(ACTOR_SPAWN(being, actor_executor_spawner(executor), &sentry,
				     ACTOR_OPTIONS(.capacity = 1), &address),
			 0);
	anna = member("anna", NULL);
	supervise(anna, address);
	assert_int_equal(actor_address_pause(address.address), 0);
	do_job(address, ignore_it, NULL);
	leave(anna);
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	assert_int_equal(actor_address_resume(address.address), 0);
	leave(address);
	close_simulation(executor);
	assert_string_equal(sentry.text, "job ");
}

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

/* ---- little memory */

static void with_each_allocation_refused(uint64_t nth)
{
	static struct being anna;
	int64_t long_ns = 2 * SECOND;
	struct actor_runtime_list *list;
	union being_address address = { NULL }, sentry = { NULL };
	int rc;

	executor = open_simulation();
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
		leave(address);
		leave(sentry);
		assert_int_equal(actor_runtime_destroy(runtime), 0);
	} else {
		assert_int_equal(rc, ACTOR_E_NOMEM);
	}
	anna.text[0] = '\0';
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, simulation_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_its_spawner_makes_is_found_by_name),
		TEST(a_name_is_taken_until_its_actor_has_gone),
		TEST(what_cannot_be_made_leaves_its_name),
		TEST(many_are_found),
		TEST(what_members_make_are_members_whatever_they_are_called),
		TEST(any_actor_can_be_registered),
		TEST(a_channel_mailbox_is_a_member),
		TEST(it_is_not_destroyed_too_early),
		TEST(options_must_make_sense),
		TEST(each_is_started_once_before_all_else),
		TEST(stopping_drains_all_and_lets_nobody_in),
		TEST(who_does_not_stop_is_named_and_cancelled),
		TEST(cancelling_waits_for_no_room),
		TEST(who_does_not_stop_may_take_longer),
		TEST(a_member_may_stop_its_own_runtime),
		TEST(who_stops_it_is_not_among_those_that_are_left),
		TEST(a_member_that_drains_can_have_helpers),
		TEST(one_waits_until_none_is_left),
		TEST(a_closed_executor_ends_all),
		TEST(health_changes_at_edges),
		TEST(who_handles_one_after_the_other_is_healthy),
		TEST(one_handler_after_the_other_may_be_unhealthy),
		TEST(the_limit_can_be_chosen),
		TEST(there_may_be_no_limit),
		TEST(time_does_not_pass_for_the_monitor_alone),
		TEST(the_watchdog_leaves_those_alone_who_wait),
		TEST(failures_and_restarts_are_told),
		TEST(who_fails_need_not_be_healthy_before),
		TEST(who_begins_anew_is_healthy),
		TEST(a_supervisor_is_told_once_each),
		TEST(who_supervises_no_more_is_told_no_more),
		TEST(who_has_gone_has_stopped),
		TEST(who_cannot_be_told_may_not_supervise),
		TEST(a_stuck_supervisor_holds_nobody_up),
		TEST(what_has_been_undone_is_not_told),
		TEST(supervisors_come_and_go),
		TEST(who_is_unhealthy_already_is_told_of),
		TEST(what_was_before_is_not_told),
		TEST(what_was_not_accepted_is_given_up_with_the_runtime),
		TEST(a_list_says_how_all_are),
		TEST(who_runs_and_who_is_next_is_told_apart),
		TEST(the_age_of_the_oldest_follows_the_queue),
		TEST(who_is_just_taken_up_has_nothing_in_hand_yet),
		TEST(dead_letters_are_logged),
		TEST(dead_letters_of_a_second_are_one_record),
		TEST(any_allocation_may_be_refused),
	};

	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
