/* SPDX-License-Identifier: MIT */
/* pingpong: two actors, and a ball that is hit back and forth. */

#include "stage.h"

struct ball {
	uint64_t n_hits;
};
ACTOR_SIGNAL(ball);
ACTOR_SIGNAL_DEFINE(ball, "benchmark.ball", NULL);

#define PLAYER_MESSAGES(CALL, SEND, X) SEND(X, ball)
ACTOR_DECLARE(player, PLAYER_MESSAGES);

struct player {
	union player_address opponent; /* borrowed: main() has it as long as they play */
	uint64_t n_hits;	       /* what the ball must have seen when it comes */
	uint64_t last;		       /* how many hits are enough */
};

static void player_on_ball(struct player *self, struct ball *message, struct actor_context *context)
{
	EXPECT(message->n_hits == self->n_hits);
	self->n_hits += 2;
	if (message->n_hits == self->last)
		stage_finish();
	else
		CHECK(ACTOR_SEND(context, self->opponent, ball,
				 &(struct ball){ message->n_hits + 1 }));
}
ACTOR_DEFINE(player, PLAYER_MESSAGES, NULL, NULL, NULL);

struct result pingpong_run(const struct settings *settings)
{
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.capacity = settings->capacity);
	struct player ping_state = { .n_hits = 0, .last = 2 * settings->n };
	struct player pong_state = { .n_hits = 1, .last = 2 * settings->n };
	struct player_mailbox mailbox;
	union player_address ping, pong;
	struct stage stage;
	double ns;

	stage_open(&stage, settings);
	CHECK(ACTOR_MAILBOX_CREATE(player, stage.spawner, options, &mailbox));
	ping = ACTOR_MAILBOX_ADDRESS(player, mailbox);
	pong_state.opponent = ping;
	CHECK(ACTOR_SPAWN(player, stage.spawner, &pong_state, options, &pong));
	ping_state.opponent = pong;
	CHECK(ACTOR_MAILBOX_START(player, mailbox, &ping_state, NULL, NULL));
	actor_mailbox_detach(mailbox.mailbox);

	stage_begin();
	CHECK(ACTOR_SEND(stage.context, ping, ball, &(struct ball){ 0 }));
	ns = stage_wait(1);

	actor_address_unref(ping.address);
	actor_address_unref(pong.address);
	stage_close(&stage);
	EXPECT(ping_state.n_hits == 2 * settings->n + 2);
	return result_time(settings->n, ns);
}
