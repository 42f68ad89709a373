/* SPDX-License-Identifier: MIT */
/* Messages that nothing answers, that are answered at once, and that are answered later. */

#include "check.h"

struct add {
	int amount;
};
ACTOR_SIGNAL(add);
ACTOR_SIGNAL_DEFINE(add, "answers.add", NULL);

struct get_total {
	char none;
};
ACTOR_MESSAGE(get_total, int);
ACTOR_MESSAGE_DEFINE(get_total, "answers.get-total", NULL, NULL);

struct await_total {
	int goal;
};
ACTOR_MESSAGE(await_total, int);
ACTOR_MESSAGE_DEFINE(await_total, "answers.await-total", NULL, NULL);

#define TALLY_MESSAGES(CALL, SEND, X)                                                              \
	SEND(X, add)                                                                               \
	CALL(X, get_total)                                                                         \
	CALL(X, await_total)
ACTOR_DECLARE(tally, TALLY_MESSAGES);

struct tally {
	int total;
	int goal;
	struct await_total_reply waiting; /* who waits for the goal, if anybody does */
};

static int tally_on_get_total(struct tally *self, struct get_total *message,
			      struct actor_context *context)
{
	(void)message, (void)context;
	return self->total;
}

static void tally_answer(struct tally *self)
{
	if (self->waiting.reply && self->total >= self->goal)
		await_total_reply_answer(&self->waiting, self->total);
}

static void tally_on_add(struct tally *self, struct add *message, struct actor_context *context)
{
	(void)context;
	self->total += message->amount;
	tally_answer(self);
}

static void tally_on_await_total(struct tally *self, struct await_total *message,
				 struct await_total_pending pending, struct actor_context *context)
{
	struct await_total_reply reply = await_total_reply_take(pending);

	(void)context;
	if (self->waiting.reply) {
		await_total_reply_refuse(&reply, ACTOR_E_BUSY);
		return;
	}
	self->waiting = reply;
	self->goal = message->goal;
	tally_answer(self);
}

static void tally_destroy(struct tally *self)
{
	await_total_reply_refuse(&self->waiting, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(tally, TALLY_MESSAGES, NULL, NULL, tally_destroy);

int main(void)
{
	struct actor_context *context = main_context();
	struct tally state = { .total = 0 };
	struct actor_executor *pool;
	union tally_address tally;
	struct actor_future future;
	int total, rc;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(tally, actor_executor_spawner(pool), &state, NULL, &tally));

	CHECK(ACTOR_SEND(context, tally, add, &(struct add){ 3 }));
	CHECK(ACTOR_CALL(context, tally, get_total, &total, &(struct get_total){ 0 }));
	printf("total: %d\n", total);

	CHECK(ACTOR_CALL_BEGIN(context, &future, tally, await_total, &total,
			       &(struct await_total){ .goal = 10 }));
	rc = ACTOR_CALL(context, tally, await_total, NULL, &(struct await_total){ .goal = 20 });
	printf("second to wait: %s\n", actor_strerror(rc));
	CHECK(ACTOR_SEND(context, tally, add, &(struct add){ 7 }));
	CHECK(actor_future_await(&future, ACTOR_FOREVER));
	printf("goal reached: %d\n", total);

	CHECK(ACTOR_CALL_BEGIN(context, &future, tally, await_total, &total,
			       &(struct await_total){ .goal = 1000 }));
	CHECK(actor_address_stop(tally.address, ACTOR_STOP_DRAIN));
	rc = actor_future_await(&future, ACTOR_FOREVER);
	printf("never reached: %s\n", actor_strerror(rc));

	actor_address_unref(tally.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
