/* SPDX-License-Identifier: MIT */

#include "runtime-fixture.h"

#include <string.h>

struct actor_executor *executor;
struct actor_runtime *runtime;
struct actor_runtime_options runtime_options;
char heard[2000];

/* ---- beings */

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

void hear_notice(void *user, const struct actor_notice *notice)
{
	size_t n = strlen(heard);
	bool says_type = notice->message_type[0] && notice->what != ACTOR_NOTICED_END;

	(void)user;
	snprintf(heard + n, sizeof heard - n, "%s:%s%s%s ", notice->name, what_names[notice->what],
		 says_type ? "/" : "", says_type ? notice->message_type : "");
}

int runtime_set_up(void **state)
{
	simulation_set_up(state);
	heard[0] = '\0';
	runtime_options = (struct actor_runtime_options){ .size = sizeof runtime_options,
							  .on_notice = hear_notice };
	return 0;
}

void open_stage(void)
{
	executor = open_simulation();
	assert_int_equal(actor_runtime_create(executor, &runtime_options, &runtime), 0);
}

void open_and_start(void)
{
	open_stage();
	assert_int_equal(actor_runtime_start(runtime), 0);
}

void pass(int64_t ns)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + ns), 0);
}

void close_stage(void)
{
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	pass(SECOND); /* nothing of it is left that time would wake */
	close_simulation(executor);
}

union being_address member(const char *name, struct being *state)
{
	union being_address being = { NULL };

	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), state,
				     ACTOR_OPTIONS(.name = name), &being),
			 0);
	return being;
}

void do_job(union being_address being, hand_fn *function, void *user)
{
	assert_int_equal(ACTOR_TRY_SEND(being, job, &(struct job){ function, user }), 0);
}

void leave(union being_address being)
{
	actor_address_unref(being.address);
}

int sleep_ns(struct actor_context *context, void *user)
{
	return actor_sleep_until(context, actor_now(context) + *(int64_t *)user);
}

int fail_now(struct actor_context *context, void *user)
{
	ACTOR_FAIL(context, user);
}

struct actor_identity identity_of(union being_address being)
{
	return actor_address_identity(being.address);
}

int call(union being_address being, hand_fn *function, void *user)
{
	int answer = 0;
	int rc = ACTOR_CALL(here(), being, errand, &answer, &(struct errand){ function, user });

	return rc < 0 ? rc : answer;
}

/* ---- failures */

static unsigned n_runs;

static void start_again(void *user, struct actor_end *end)
{
	if (end->how == ACTOR_ENDED_FAILED && end->mailbox && n_runs-- > 1)
		actor_ignore(actor_mailbox_start(end->mailbox, user, start_again, user));
}

union being_address restarted(struct being *state, unsigned n, struct actor_mailbox **ret_mailbox)
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

void supervise(union being_address whom, union being_address by)
{
	assert_int_equal(actor_runtime_supervise(runtime, identity_of(whom), by.address), 0);
}
