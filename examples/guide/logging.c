/* SPDX-License-Identifier: MIT */
/* What actors have to say, who said it, and the detail of an error. */

#include "check.h"

struct knock {
	int times;
};
ACTOR_MESSAGE(knock, bool); /* whether the door is opened */
ACTOR_MESSAGE_DEFINE(knock, "logging.knock", NULL, NULL);

#define DOOR_MESSAGES(CALL, SEND, X) CALL(X, knock)
ACTOR_DECLARE(door, DOOR_MESSAGES);

static bool door_on_knock(struct door *self, struct knock *message, struct actor_context *context)
{
	(void)self;
	ACTOR_LOG(context, ACTOR_LOG_DEBUG, "nobody wants to know this");
	ACTOR_LOG(context, ACTOR_LOG_INFO, "somebody knocks %d times", message->times);
	if (message->times > 3)
		ACTOR_LOG(context, ACTOR_LOG_WARNING, "too loud");
	return message->times == 3;
}

ACTOR_DEFINE(door, DOOR_MESSAGES, NULL, NULL, NULL);

/* A sink may be called by several threads at once: one printf() is one line. */
static void print_record(void *user, const struct actor_log_record *record)
{
	struct actor_log_record without_place = *record;
	char line[200];

	without_place.file = NULL;
	actor_log_format(&without_place, line, sizeof line);
	fprintf(user, "%s\n", line);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct actor_executor *local;
	union door_address door;
	char line[200];

	actor_log_set_sink(print_record, stdout, ACTOR_LOG_INFO);
	CHECK(actor_local_create(&local));
	CHECK(ACTOR_SPAWN(door, actor_executor_spawner(local), NULL, ACTOR_OPTIONS(.name = "back"),
			  &door));
	CHECK(ACTOR_CALL(context, door, knock, NULL, &(struct knock){ 3 }));
	CHECK(ACTOR_CALL(context, door, knock, NULL, &(struct knock){ 9 }));

	CHECK(actor_address_stop(door.address, ACTOR_STOP_NOW));
	if (ACTOR_CALL(context, door, knock, NULL, &(struct knock){ 1 }) < 0) {
		actor_error_format(actor_error(context), line, sizeof line);
		printf("%s\n", line);
	}
	actor_address_unref(door.address);
	end_executor(local);
	return EXIT_SUCCESS;
}
