/* SPDX-License-Identifier: MIT */
/* Messages and answers that own memory: who releases it, and when. */

#include "check.h"

struct measure {
	char *text; /* owned */
};
struct keep {
	char *text; /* owned */
};
struct give_back {
	char none;
};

ACTOR_MESSAGE(measure, size_t);
ACTOR_MESSAGE(keep, struct actor_unit);
ACTOR_MESSAGE(give_back, char *); /* the answer is owned, too; NULL: nothing was kept */

static void text_drop(void *message_or_answer)
{
	free(*(char **)message_or_answer); /* the text comes first in each of them */
}

ACTOR_MESSAGE_DEFINE(measure, "ownership.measure", text_drop, NULL);
ACTOR_MESSAGE_DEFINE(keep, "ownership.keep", text_drop, NULL);
ACTOR_MESSAGE_DEFINE(give_back, "ownership.give-back", NULL, text_drop);

#define KEEPER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, measure)                                                                           \
	CALL(X, keep)                                                                              \
	CALL(X, give_back)
ACTOR_DECLARE(keeper, KEEPER_MESSAGES);

struct keeper {
	char *text; /* owned, or NULL */
};

static size_t keeper_on_measure(struct keeper *self, struct measure *message,
				struct actor_context *context)
{
	(void)self, (void)context;
	return strlen(message->text); /* what is left in the message is dropped on return */
}

static struct actor_unit keeper_on_keep(struct keeper *self, struct keep *message,
					struct actor_context *context)
{
	(void)context;
	free(self->text);
	self->text = message->text; /* moved out ... */
	message->text = NULL;	    /* ... so nothing is left to drop */
	return ACTOR_UNIT;
}

static char *keeper_on_give_back(struct keeper *self, struct give_back *message,
				 struct actor_context *context)
{
	char *text = self->text;

	(void)message, (void)context;
	self->text = NULL;
	return text; /* the caller's from here on, or dropped if the caller has gone */
}

static void keeper_destroy(struct keeper *self)
{
	free(self->text);
}

ACTOR_DEFINE(keeper, KEEPER_MESSAGES, NULL, NULL, keeper_destroy);

static char *new_text(const char *text)
{
	char *copy = strdup(text);

	CHECK(copy ? 0 : ACTOR_E_NOMEM);
	return copy;
}

int main(void)
{
	struct actor_context *context = main_context();
	struct keeper state = { .text = NULL };
	struct measure measure = { new_text("measured and dropped") };
	struct keep keep = { new_text("kept") };
	struct keep too_late = { new_text("never sent") };
	struct actor_executor *pool;
	union keeper_address keeper;
	size_t length;
	char *text;
	int rc;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(keeper, actor_executor_spawner(pool), &state, NULL, &keeper));

	CHECK(ACTOR_CALL(context, keeper, measure, &length, &measure));
	printf("length: %zu, still ours: %s\n", length, measure.text ? "yes" : "no");

	CHECK(ACTOR_CALL(context, keeper, keep, NULL, &keep));
	CHECK(ACTOR_CALL(context, keeper, give_back, &text, &(struct give_back){ 0 }));
	printf("given back: %s\n", text);
	free(text);

	CHECK(actor_address_stop(keeper.address, ACTOR_STOP_NOW));
	rc = ACTOR_CALL(context, keeper, keep, NULL, &too_late);
	printf("%s, still ours: %s\n", actor_strerror(rc), too_late.text);
	actor_message_drop(&keep_type, &too_late); /* right after any failure, whichever it was */

	actor_address_unref(keeper.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
