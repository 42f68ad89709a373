/* SPDX-License-Identifier: MIT */
/* An actor that is told what happens to another one, which does not know of it. */

#include "check.h"

/* ---- one that may fail */

struct lift {
	int kilograms;
};
ACTOR_MESSAGE(lift, int);
ACTOR_MESSAGE_DEFINE(lift, "monitors.lift", NULL, NULL);

#define CRANE_MESSAGES(CALL, SEND, X) CALL(X, lift)
ACTOR_DECLARE(crane, CRANE_MESSAGES);

struct crane {
	int n_lifted;
};

static int crane_on_lift(struct crane *self, struct lift *message, struct actor_context *context)
{
	ACTOR_ASSERT(context, message->kilograms <= 1000);
	return ++self->n_lifted;
}

ACTOR_DEFINE(crane, CRANE_MESSAGES, NULL, NULL, NULL);

/* ---- and one that wants to know */

#define FOREMAN_MESSAGES(CALL, SEND, X) SEND(X, actor_notice)
ACTOR_DECLARE(foreman, FOREMAN_MESSAGES);

struct foreman {
	int n_notices;
};

static void foreman_on_actor_notice(struct foreman *self, struct actor_notice *notice,
				    struct actor_context *context)
{
	(void)context;
	self->n_notices++;
	switch (notice->what) {
	case ACTOR_NOTICED_FAILURE:
		printf("%s %s has failed in %s: %s\n", notice->type, notice->name,
		       notice->message_type, notice->text);
		break;
	case ACTOR_NOTICED_RESTART:
		printf("%s %s works again\n", notice->type, notice->name);
		break;
	case ACTOR_NOTICED_END:
		printf("%s %s has ended after %u failures\n", notice->type, notice->name,
		       notice->n_failures);
		break;
	default: /* the others are what a runtime tells */
		break;
	}
}

ACTOR_DEFINE(foreman, FOREMAN_MESSAGES, NULL, NULL, NULL);

static void lift(struct actor_context *context, union crane_address crane, int kilograms)
{
	int n;
	int rc = ACTOR_CALL(context, crane, lift, &n, &(struct lift){ kilograms });

	if (rc == 0)
		printf("%d kg: lifted, as number %d\n", kilograms, n);
	else
		printf("%d kg: %s\n", kilograms, actor_strerror(rc));
}

int main(void)
{
	struct actor_context *context = main_context();
	struct crane states[2] = { { 0 }, { 0 } };
	struct foreman foreman_state = { 0 };
	struct actor_monitor *monitor;
	struct actor_executor *local;
	struct actor_spawner *spawner;
	struct crane_mailbox mailbox;
	union crane_address crane;
	union foreman_address foreman;

	CHECK(actor_local_create(&local));
	spawner = actor_executor_spawner(local);
	CHECK(ACTOR_SPAWN(foreman, spawner, &foreman_state, NULL, &foreman));
	CHECK(ACTOR_SPAWN_MAILBOX(crane, spawner, &states[0], ACTOR_OPTIONS(.name = "north"),
				  &crane, &mailbox));
	CHECK(actor_monitor_create(local, crane.address, ACTOR_FOR(actor_notice, foreman),
				   &monitor));
	lift(context, crane, 800);
	lift(context, crane, 1200);
	CHECK(actor_local_run(local));
	CHECK(ACTOR_MAILBOX_START(crane, mailbox, &states[1], NULL, NULL));
	CHECK(actor_local_run(local));
	lift(context, crane, 900);
	actor_address_unref(crane.address); /* a monitor keeps nobody */
	CHECK(actor_local_run(local));
	actor_mailbox_detach(mailbox.mailbox);
	actor_monitor_destroy(monitor);
	actor_address_unref(foreman.address);
	end_executor(local);
	return EXIT_SUCCESS;
}
