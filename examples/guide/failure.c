/* SPDX-License-Identifier: MIT */
/* An actor that fails, its caller, its mailbox, and how it is started again. */

#include "check.h"

struct divide {
	int dividend;
	int divisor;
};
ACTOR_MESSAGE(divide, int);
ACTOR_MESSAGE_DEFINE(divide, "failure.divide", NULL, NULL);

#define DIVIDER_MESSAGES(CALL, SEND, X) CALL(X, divide)
ACTOR_DECLARE(divider, DIVIDER_MESSAGES);

struct divider {
	int n_divisions;
};

static void note_drop(void *note)
{
	printf("  note \"%s\" released\n", (const char *)note);
	free(note);
}

static int divider_on_divide(struct divider *self, struct divide *message,
			     struct actor_context *context)
{
	struct actor_cleanup cleanup;
	char *note = strdup("remainder");

	if (!note)
		ACTOR_FAIL(context, "out of memory");
	actor_defer(context, &cleanup, note_drop, note);
	if (message->divisor == 0)
		ACTOR_FAIL(context, "division by zero"); /* never returns */
	actor_undefer(context, &cleanup);
	free(note);
	self->n_divisions++;
	return message->dividend / message->divisor;
}

static void divider_destroy(struct divider *self)
{
	printf("  state destroyed after %d\n", self->n_divisions);
	free(self);
}

ACTOR_DEFINE(divider, DIVIDER_MESSAGES, NULL, NULL, divider_destroy);

static struct divider *new_divider(void)
{
	struct divider *state = calloc(1, sizeof *state);

	CHECK(state ? 0 : ACTOR_E_NOMEM);
	return state;
}

static void call(struct actor_context *context, union divider_address divider, int divisor)
{
	int result;
	int rc = ACTOR_CALL(context, divider, divide, &result, &(struct divide){ 84, divisor });

	if (rc == 0)
		printf("84 / %d = %d\n", divisor, result);
	else
		printf("84 / %d: %s\n", divisor, actor_strerror(rc));
}

/* The owner of the mailbox finds out, and starts a fresh actor when it sees fit. */
static void by_hand(struct actor_context *context, struct actor_spawner *spawner)
{
	struct divider_mailbox mailbox;
	union divider_address divider;
	struct actor_end end;

	CHECK(ACTOR_SPAWN_MAILBOX(divider, spawner, new_divider(), NULL, &divider, &mailbox));
	call(context, divider, 2);
	call(context, divider, 0);
	CHECK(actor_mailbox_join(context, mailbox.mailbox, ACTOR_FOREVER, &end));
	printf("failed: %s, in %s\n", end.failure->text, end.failure->message_type);

	/* Between two runs the address still accepts messages: they wait for the next one. */
	CHECK(ACTOR_TRY_SEND(divider, divide, &(struct divide){ 1, 1 }));
	CHECK(ACTOR_MAILBOX_START(divider, mailbox, new_divider(), NULL, NULL));
	call(context, divider, 4);

	actor_address_unref(divider.address);
	CHECK(actor_mailbox_join(context, mailbox.mailbox, ACTOR_FOREVER, NULL));
	actor_mailbox_detach(mailbox.mailbox);
}

/* A supervisor in a few lines: whenever the actor fails, start another one. */
static void restart(void *user, struct actor_end *end)
{
	struct divider_mailbox mailbox = { end->mailbox };

	(void)user;
	if (end->how == ACTOR_ENDED_FAILED) {
		printf("restarted after: %s\n", end->failure->text);
		CHECK(ACTOR_MAILBOX_START(divider, mailbox, new_divider(), restart, NULL));
		return;
	}
	if (end->state)
		divider_destroy(end->state);
	actor_mailbox_detach(end->mailbox);
}

static void by_itself(struct actor_context *context, struct actor_spawner *spawner)
{
	struct divider_mailbox mailbox;
	union divider_address divider;

	CHECK(ACTOR_MAILBOX_CREATE(divider, spawner, NULL, &mailbox));
	divider = ACTOR_MAILBOX_ADDRESS(divider, mailbox);
	CHECK(ACTOR_MAILBOX_START(divider, mailbox, new_divider(), restart, NULL));
	call(context, divider, 0);
	call(context, divider, 3);
	actor_address_unref(divider.address);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct actor_executor *local;

	CHECK(actor_local_create(&local));
	by_hand(context, actor_executor_spawner(local));
	printf("--\n");
	by_itself(context, actor_executor_spawner(local));
	end_executor(local);
	return EXIT_SUCCESS;
}
