/* SPDX-License-Identifier: MIT */
/* How actors end: by themselves, stopped, or cancelled; and what becomes of their state. */

#include "check.h"

struct ring {
	char none;
};
ACTOR_SIGNAL(ring);
ACTOR_SIGNAL_DEFINE(ring, "lifetime.ring", NULL);

#define BELL_MESSAGES(CALL, SEND, X) SEND(X, ring)
ACTOR_DECLARE(bell, BELL_MESSAGES);

struct bell {
	int n_rings;
};

static void bell_started(struct bell *self, struct actor_context *context)
{
	(void)self, (void)context;
	printf("  started\n");
}

static void bell_on_ring(struct bell *self, struct ring *message, struct actor_context *context)
{
	(void)message, (void)context;
	printf("  rings: %d\n", ++self->n_rings);
}

static void bell_stopped(struct bell *self, struct actor_context *context)
{
	(void)context;
	printf("  stopped after %d\n", self->n_rings);
}

static void bell_destroy(struct bell *self)
{
	printf("  destroyed\n");
	free(self);
}

ACTOR_DEFINE(bell, BELL_MESSAGES, bell_started, bell_stopped, bell_destroy);

/* A bell with two rings in its mailbox. */
static union bell_address new_bell(struct actor_spawner *spawner, struct bell_mailbox *ret_mailbox)
{
	struct bell *state = calloc(1, sizeof *state);
	union bell_address bell;

	CHECK(state ? 0 : ACTOR_E_NOMEM);
	CHECK(ACTOR_SPAWN_MAILBOX(bell, spawner, state, NULL, &bell, ret_mailbox));
	CHECK(ACTOR_TRY_SEND(bell, ring, &(struct ring){ 0 }));
	CHECK(ACTOR_TRY_SEND(bell, ring, &(struct ring){ 0 }));
	return bell;
}

/* Wait for the end, and take the state back if there is one. */
static void join(struct bell_mailbox mailbox)
{
	static const char *const how[] = {
		[ACTOR_ENDED_STOPPED] = "stopped",
		[ACTOR_ENDED_FAILED] = "failed",
		[ACTOR_ENDED_CANCELLED] = "cancelled",
	};
	struct actor_end end;

	CHECK(actor_mailbox_join(main_context(), mailbox.mailbox, ACTOR_FOREVER, &end));
	printf("end: %s, state back: %s\n", how[end.how], end.state ? "yes" : "no");
	actor_end_drop(&end);
	actor_mailbox_detach(mailbox.mailbox);
}

static void by_itself(struct actor_spawner *spawner)
{
	struct bell_mailbox mailbox;
	union bell_address strong = new_bell(spawner, &mailbox);
	union bell_address weak = { actor_address_weak(strong.address) };
	struct actor_address *upgraded;
	int rc;

	printf("by itself:\n");
	actor_address_unref(strong.address); /* the last strong one: what is queued is handled */
	rc = ACTOR_TRY_SEND(weak, ring, &(struct ring){ 0 });
	printf("through a weak address: %s\n", actor_strerror(rc));
	upgraded = actor_address_upgrade(weak.address);
	printf("upgraded: %s\n", upgraded ? "yes" : "no");
	actor_address_unref(upgraded);
	join(mailbox);
	actor_address_unref(weak.address);
}

static void stopped(struct actor_spawner *spawner, const char *title, enum actor_stop how)
{
	struct bell_mailbox mailbox;
	union bell_address bell = new_bell(spawner, &mailbox);
	int rc;

	printf("%s:\n", title);
	CHECK(actor_mailbox_stop(mailbox.mailbox, how));
	rc = ACTOR_TRY_SEND(bell, ring, &(struct ring){ 0 });
	printf("sent after that: %s\n", actor_strerror(rc));
	join(mailbox);
	actor_address_unref(bell.address);
}

static void cancelled(struct actor_spawner *spawner)
{
	struct bell_mailbox mailbox;
	union bell_address bell = new_bell(spawner, &mailbox);

	printf("cancelled:\n");
	actor_mailbox_cancel(mailbox.mailbox);
	join(mailbox);
	actor_address_unref(bell.address);
}

int main(void)
{
	struct actor_executor *local;
	struct actor_spawner *spawner;

	CHECK(actor_local_create(&local));
	spawner = actor_executor_spawner(local);
	by_itself(spawner);
	stopped(spawner, "stopped, after what is queued", ACTOR_STOP_DRAIN);
	stopped(spawner, "stopped now", ACTOR_STOP_NOW);
	cancelled(spawner);
	end_executor(local);
	return EXIT_SUCCESS;
}
