/* SPDX-License-Identifier: MIT */
/* Actors that wait for each other, one that waits for itself, and what each is told. */

#include "check.h"

struct order {
	int n_chairs;
};
struct price {
	int n_chairs;
};
struct pick {
	int n_chairs;
};
ACTOR_MESSAGE(order, int);
ACTOR_MESSAGE(price, int);
ACTOR_MESSAGE(pick, int);
ACTOR_MESSAGE_DEFINE(order, "shop.order", NULL, NULL);
ACTOR_MESSAGE_DEFINE(price, "shop.price", NULL, NULL);
ACTOR_MESSAGE_DEFINE(pick, "warehouse.pick", NULL, NULL);

#define SHOP_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, order)                                                                             \
	CALL(X, price)
ACTOR_DECLARE(shop, SHOP_MESSAGES);

#define WAREHOUSE_MESSAGES(CALL, SEND, X) CALL(X, pick)
ACTOR_DECLARE(warehouse, WAREHOUSE_MESSAGES);

/* ---- a shop, which asks its warehouse */

struct shop {
	union warehouse_address warehouse;
};

static int shop_on_order(struct shop *self, struct order *message, struct actor_context *context)
{
	int n_sent = 0;
	int rc = ACTOR_CALL(context, self->warehouse, pick, &n_sent,
			    &(struct pick){ message->n_chairs });

	return rc < 0 ? 0 : n_sent;
}

static int shop_on_price(struct shop *self, struct price *message, struct actor_context *context)
{
	int cents = 0;

	(void)self;
	if (message->n_chairs <= 10)
		return 4900;
	/* The half of it: and who is to answer that? */
	if (ACTOR_CALL(context, ACTOR_SELF(shop, context), price, &cents,
		       &(struct price){ message->n_chairs / 2 }) < 0)
		printf("shop: %s\n", actor_error(context)->text);
	return cents;
}

ACTOR_DEFINE(shop, SHOP_MESSAGES, NULL, NULL, NULL);

/* ---- a warehouse, which asks the shop */

struct warehouse {
	union shop_address shop;
};

static int warehouse_on_pick(struct warehouse *self, struct pick *message,
			     struct actor_context *context)
{
	int cents;
	int rc = ACTOR_CALL(context, self->shop, price, &cents,
			    &(struct price){ message->n_chairs });

	if (rc == ACTOR_E_DEADLOCK)
		printf("warehouse: %s\n  %s\n", actor_strerror(rc), actor_error(context)->text);
	return message->n_chairs; /* without a bill */
}

ACTOR_DEFINE(warehouse, WAREHOUSE_MESSAGES, NULL, NULL, NULL);

/* ---- both of them, with each other's addresses */

struct business {
	struct actor_executor *local;
	struct shop shop_state;
	struct warehouse warehouse_state;
	union shop_address shop;
};

static void open_business(struct business *business)
{
	struct actor_spawner *spawner = actor_executor_spawner(business->local);

	CHECK(ACTOR_SPAWN(warehouse, spawner, &business->warehouse_state, NULL,
			  &business->shop_state.warehouse));
	CHECK(ACTOR_SPAWN(shop, spawner, &business->shop_state, NULL, &business->shop));
	business->warehouse_state.shop = business->shop;
}

static void close_business(struct business *business)
{
	actor_address_unref(business->shop.address);
	actor_address_unref(business->shop_state.warehouse.address);
	end_executor(business->local);
}

/* ---- what is done about it: a wait fails, or it is only reported */

static void order(struct actor_context *context)
{
	struct business business = { 0 };
	int n;

	CHECK(actor_local_create(&business.local));
	open_business(&business);
	CHECK(ACTOR_CALL(context, business.shop, order, &n, &(struct order){ 6 }));
	printf("%d chairs\n", n);
	CHECK(ACTOR_CALL(context, business.shop, price, &n, &(struct price){ 12 }));
	close_business(&business);
}

static void on_deadlock(void *user, const struct actor_deadlock *deadlock)
{
	bool *is_reported = user;

	printf("report: %s\n", deadlock->text);
	*is_reported = true;
}

static bool is_true(void *user)
{
	return *(bool *)user;
}

static void order_and_report(struct actor_context *context)
{
	bool is_reported = false;
	struct actor_deadlock_options options = {
		.size = sizeof options,
		.mode = ACTOR_DEADLOCKS_REPORT,
		.report = on_deadlock,
		.user = &is_reported,
	};
	struct business business = { 0 };
	struct actor_future future;
	int n;

	CHECK(actor_local_create(&business.local));
	CHECK(actor_executor_set_deadlocks(business.local, &options));
	open_business(&business);
	CHECK(ACTOR_CALL_BEGIN(context, &future, business.shop, order, &n, &(struct order){ 6 }));
	CHECK(actor_local_run_until(business.local, is_true, &is_reported, ACTOR_FOREVER));
	actor_executor_close(business.local); /* or they would wait for ever */
	printf("%s\n", actor_strerror(actor_future_await(&future, ACTOR_FOREVER)));
	close_business(&business);
}

int main(void)
{
	struct actor_context *context = main_context();

	order(context);
	order_and_report(context);
	return EXIT_SUCCESS;
}
