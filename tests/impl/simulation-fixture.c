/* SPDX-License-Identifier: MIT */

#include "simulation-fixture.h"

#include <stdlib.h>
#include <string.h>

struct actor_simulation_options options;
char order[400];
char said[40000];

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n = strlen(said);

	(void)user;
	snprintf(said + n, sizeof said - n, "[%s%s%s%s%s]",
		 record->actor ? record->actor->name : "", record->actor ? ": " : "",
		 record->message_type ? record->message_type : "", record->message_type ? ": " : "",
		 record->text);
}

int simulation_set_up(void **state)
{
	(void)state;
	unsetenv("ACTOR_SEED");
	options = (struct actor_simulation_options){ .size = sizeof options, .seed = 1 };
	order[0] = said[0] = '\0';
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	return 0;
}

int simulation_tear_down(void **state)
{
	actor_simulation_fail_nth(0);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return test_nothing_held(state);
}

struct actor_executor *open_simulation(void)
{
	struct actor_executor *executor;

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	return executor;
}

void close_simulation(struct actor_executor *executor)
{
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(executor), 0);
}

union hand_address spawn_named(struct actor_executor *executor, const char *name,
			       struct hand *state)
{
	union hand_address hand = { NULL };

	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(executor), state,
				     ACTOR_OPTIONS(.name = name), &hand),
			 0);
	return hand;
}

int note(struct actor_context *context, void *user)
{
	const char *what = user;
	size_t n = strlen(order);

	(void)context;
	if (n + 1 < sizeof order)
		memcpy(order + n, (char[]){ *what, '\0' }, 2);
	return 0;
}

int ignore_it(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

int sleep_for(struct actor_context *context, void *user)
{
	int64_t hours = *(const char *)user - '0';

	actor_ignore(actor_sleep_until(context, actor_now(context) + hours * HOUR_NS));
	return note(context, user);
}

int speak(struct actor_context *context, void *user)
{
	struct speaker *speaker = user;
	int rc = 0;

	for (const char *at = speaker->word; *at && rc == 0; at++)
		rc = hand_send(context, speaker->writer, note, (void *)at);
	return rc;
}
