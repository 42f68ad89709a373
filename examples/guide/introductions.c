/* SPDX-License-Identifier: MIT */
/* Two actors that know each other: addresses before actors, and a weak one to avoid a cycle. */

#include "check.h"

struct ball {
	int n_left; /* how often it is still to be hit */
};
struct await_miss {
	char none;
};
ACTOR_SIGNAL(ball);
ACTOR_MESSAGE(await_miss, int); /* answered when the player does not hit the ball any more */
ACTOR_SIGNAL_DEFINE(ball, "introductions.ball", NULL);
ACTOR_MESSAGE_DEFINE(await_miss, "introductions.await-miss", NULL, NULL);

#define PLAYER_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, ball)                                                                              \
	CALL(X, await_miss)
ACTOR_DECLARE(player, PLAYER_MESSAGES);

struct player {
	union player_address opponent; /* owned */
	struct await_miss_reply umpire;
	int n_hits;
};

static void player_on_ball(struct player *self, struct ball *message, struct actor_context *context)
{
	int rc;

	if (message->n_left == 0) {
		await_miss_reply_answer(&self->umpire, self->n_hits);
		return;
	}
	self->n_hits++;
	rc = ACTOR_SEND(context, self->opponent, ball, &(struct ball){ message->n_left - 1 });
	if (rc < 0)
		ACTOR_FAIL(context, actor_strerror(rc));
}

static void player_on_await_miss(struct player *self, struct await_miss *message,
				 struct await_miss_pending pending, struct actor_context *context)
{
	(void)message, (void)context;
	await_miss_reply_refuse(&self->umpire, ACTOR_E_BUSY); /* the umpire before, if any */
	self->umpire = await_miss_reply_take(pending);
}

static void player_destroy(struct player *self)
{
	await_miss_reply_refuse(&self->umpire, ACTOR_E_STOPPED);
	actor_address_unref(self->opponent.address);
}

ACTOR_DEFINE(player, PLAYER_MESSAGES, NULL, NULL, player_destroy);

int main(void)
{
	struct actor_context *context = main_context();
	struct player ping_state = { .n_hits = 0 }, pong_state = { .n_hits = 0 };
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	struct player_mailbox ping_mailbox, pong_mailbox;
	union player_address ping, pong;
	struct actor_future future;
	int n_hits;

	CHECK(actor_pool_create(NULL, &pool));
	spawner = actor_executor_spawner(pool);
	CHECK(ACTOR_MAILBOX_CREATE(player, spawner, ACTOR_OPTIONS(.name = "ping"), &ping_mailbox));
	CHECK(ACTOR_MAILBOX_CREATE(player, spawner, ACTOR_OPTIONS(.name = "pong"), &pong_mailbox));
	ping = ACTOR_MAILBOX_ADDRESS(player, ping_mailbox);
	pong = ACTOR_MAILBOX_ADDRESS(player, pong_mailbox);

	/* Ping keeps pong alive, but not the other way round: that would be for ever. */
	ping_state.opponent.address = actor_address_ref(pong.address);
	pong_state.opponent.address = actor_address_weak(ping.address);
	CHECK(ACTOR_MAILBOX_START(player, ping_mailbox, &ping_state, NULL, NULL));
	CHECK(ACTOR_MAILBOX_START(player, pong_mailbox, &pong_state, NULL, NULL));
	actor_mailbox_detach(ping_mailbox.mailbox); /* nobody needs their states back */
	actor_mailbox_detach(pong_mailbox.mailbox);
	actor_address_unref(pong.address);

	CHECK(ACTOR_CALL_BEGIN(context, &future, ping, await_miss, &n_hits,
			       &(struct await_miss){ 0 }));
	CHECK(ACTOR_SEND(context, ping, ball, &(struct ball){ .n_left = 1000 }));
	CHECK(actor_future_await(&future, ACTOR_FOREVER));
	printf("ping hit the ball %d times\n", n_hits);

	actor_address_unref(ping.address); /* ping ends, lets go of pong, and so pong ends */
	end_executor(pool);
	return EXIT_SUCCESS;
}
