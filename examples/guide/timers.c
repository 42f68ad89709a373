/* SPDX-License-Identifier: MIT */
/* Messages that come when it is time: once, and again and again. */

#include "check.h"

#define MS INT64_C(1000000)

struct ready {
	const char *what;
};
struct dine {
	char none;
};
ACTOR_SIGNAL(ready);
ACTOR_MESSAGE(dine, const char *); /* answered when something is ready */
ACTOR_SIGNAL_DEFINE(ready, "timers.ready", NULL);
ACTOR_MESSAGE_DEFINE(dine, "timers.dine", NULL, NULL);

#define COOK_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, dine)                                                                              \
	CALL(X, actor_tick)                                                                        \
	SEND(X, ready)
ACTOR_DECLARE(cook, COOK_MESSAGES);

struct cook {
	struct actor_ticker *ticker; /* owned */
	struct dine_reply guest;
	int n_stirred;
};

static void cook_started(struct cook *self, struct actor_context *context)
{
	CHECK(actor_ticker_create(context, &self->ticker));
}

static void cook_on_dine(struct cook *self, struct dine *message, struct dine_pending pending,
			 struct actor_context *context)
{
	(void)message, (void)context;
	self->guest = dine_reply_take(pending);
	CHECK(actor_ticker_reset(self->ticker, 2 * MS)); /* from now on, every 2 ms */
}

static struct actor_unit cook_on_actor_tick(struct cook *self, struct actor_tick *message,
					    struct actor_context *context)
{
	union cook_address myself = { actor_self(context) };

	printf("stirred: %d\n", ++self->n_stirred);
	if (self->n_stirred == 3) {
		actor_ticker_stop(self->ticker);
		CHECK(ACTOR_TIMER_ONCE(actor_executor_of(context), myself, ready,
				       message->time_ns + 5 * MS, NULL, &(struct ready){ "soup" }));
	}
	return ACTOR_UNIT; /* the next one may come */
}

static void cook_on_ready(struct cook *self, struct ready *message, struct actor_context *context)
{
	(void)context;
	dine_reply_answer(&self->guest, message->what);
}

static void cook_destroy(struct cook *self)
{
	dine_reply_refuse(&self->guest, ACTOR_E_STOPPED);
	actor_ticker_destroy(self->ticker);
}

ACTOR_DEFINE(cook, COOK_MESSAGES, cook_started, NULL, cook_destroy);

int main(void)
{
	struct actor_context *context = main_context();
	struct cook state = { .n_stirred = 0 };
	struct actor_executor *kitchen;
	struct actor_timer *dessert;
	union cook_address cook;
	const char *dinner;
	int64_t late_ns;

	CHECK(actor_pool_create(NULL, &kitchen));
	CHECK(ACTOR_SPAWN(cook, actor_executor_spawner(kitchen), &state, NULL, &cook));
	late_ns = actor_time_after(actor_executor_now(kitchen), 60000 * MS);
	CHECK(ACTOR_TIMER_ONCE(kitchen, cook, ready, late_ns, &dessert,
			       &(struct ready){ "ice cream" }));
	CHECK(ACTOR_CALL(context, cook, dine, &dinner, &(struct dine){ 0 }));
	printf("there is %s\n", dinner);
	if (actor_timer_cancel(dessert))
		printf("and no ice cream\n");
	actor_timer_destroy(dessert);
	actor_address_unref(cook.address);
	end_executor(kitchen);
	return EXIT_SUCCESS;
}
