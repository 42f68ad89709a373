/* SPDX-License-Identifier: MIT */
/* Several calls at once: all answers, the first answer, an answer by a deadline, or none. */

#include "check.h"

#define MILLISECOND INT64_C(1000000)
#define N_SHOPS 3

struct get_price {
	int n_pieces;
};
struct open_again {
	char none;
};
ACTOR_MESSAGE(get_price, int);
ACTOR_MESSAGE(open_again, int); /* what became of the answer that was owed */
ACTOR_MESSAGE_DEFINE(get_price, "calls-in-flight.get-price", NULL, NULL);
ACTOR_MESSAGE_DEFINE(open_again, "calls-in-flight.open-again", NULL, NULL);

#define SHOP_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, get_price)                                                                         \
	CALL(X, open_again)
ACTOR_DECLARE(shop, SHOP_MESSAGES);

struct shop {
	int price;
	bool closed; /* answers nobody until it opens again */
	struct get_price_reply owed;
};

static void shop_on_get_price(struct shop *self, struct get_price *message,
			      struct get_price_pending pending, struct actor_context *context)
{
	struct get_price_reply reply = get_price_reply_take(pending);

	(void)context;
	if (!self->closed) {
		get_price_reply_answer(&reply, self->price * message->n_pieces);
		return;
	}
	get_price_reply_refuse(&self->owed, ACTOR_E_BUSY); /* the one before, if any */
	self->owed = reply;
}

static int shop_on_open_again(struct shop *self, struct open_again *message,
			      struct actor_context *context)
{
	(void)message, (void)context;
	self->closed = false;
	return get_price_reply_answer(&self->owed, self->price);
}

static void shop_destroy(struct shop *self)
{
	get_price_reply_refuse(&self->owed, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(shop, SHOP_MESSAGES, NULL, NULL, shop_destroy);

/* Ask all shops at once. Until its future has ended, nothing that a call uses may go away. */
static void ask_all(struct actor_context *context, union shop_address shops[N_SHOPS],
		    struct actor_future futures[N_SHOPS], int prices[N_SHOPS])
{
	int i;

	for (i = 0; i < N_SHOPS; i++)
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], shops[i], get_price, &prices[i],
				       &(struct get_price){ .n_pieces = 10 }));
}

/* Only the second shop is open. */
static void answers_until(struct actor_context *context, union shop_address shops[N_SHOPS])
{
	struct actor_future futures[N_SHOPS];
	int prices[N_SHOPS];
	int i, rc;

	ask_all(context, shops, futures, prices);
	CHECK(actor_future_await(&futures[1], ACTOR_FOREVER));
	rc = actor_future_await_all(futures, N_SHOPS, actor_deadline_after(context, MILLISECOND));
	printf("all by the deadline: %s\n", actor_strerror(rc));
	for (i = 0; i < N_SHOPS; i++) {
		if (futures[i].status == 0)
			printf("shop %d: %d\n", i, prices[i]);
		actor_future_cancel(&futures[i]); /* does nothing to one that has ended */
	}
}

/* One answer is all that is needed. */
static void first_answer(struct actor_context *context, union shop_address shops[N_SHOPS])
{
	struct actor_future futures[N_SHOPS];
	int prices[N_SHOPS];
	int i, first;

	ask_all(context, shops, futures, prices);
	first = CHECK(actor_future_await_any(futures, N_SHOPS, ACTOR_FOREVER));
	printf("first answer: shop %d: %d\n", first, prices[first]);
	for (i = 0; i < N_SHOPS; i++)
		actor_future_cancel(&futures[i]);
}

static void all_answers(struct actor_context *context, union shop_address shops[N_SHOPS])
{
	struct actor_future futures[N_SHOPS];
	int prices[N_SHOPS];

	ask_all(context, shops, futures, prices);
	CHECK(actor_future_await_all(futures, N_SHOPS, ACTOR_FOREVER));
	printf("all: %d, %d, %d\n", prices[0], prices[1], prices[2]);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct shop states[N_SHOPS] = {
		{ .price = 3, .closed = true },
		{ .price = 5 },
		{ .price = 4, .closed = true },
	};
	union shop_address shops[N_SHOPS];
	struct actor_executor *pool;
	int i, became;

	CHECK(actor_pool_create(NULL, &pool));
	for (i = 0; i < N_SHOPS; i++)
		CHECK(ACTOR_SPAWN(shop, actor_executor_spawner(pool), &states[i], NULL, &shops[i]));

	answers_until(context, shops);
	first_answer(context, shops);
	for (i = 0; i < N_SHOPS; i += 2) {
		CHECK(ACTOR_CALL(context, shops[i], open_again, &became,
				 &(struct open_again){ 0 }));
		printf("late answer of shop %d: %s\n", i, actor_strerror(became));
	}
	all_answers(context, shops);

	for (i = 0; i < N_SHOPS; i++)
		actor_address_unref(shops[i].address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
