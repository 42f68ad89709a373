/* SPDX-License-Identifier: MIT */
/* A mailbox with room for two messages, and what a sender can do when it is full. */

#include "check.h"

#define MILLISECOND INT64_C(1000000)

struct item {
	int number;
};
struct count_items {
	char none;
};
struct produce {
	int n_items;
};
ACTOR_SIGNAL(item);
ACTOR_MESSAGE(count_items, int);
ACTOR_MESSAGE(produce, int);
ACTOR_SIGNAL_DEFINE(item, "back-pressure.item", NULL);
ACTOR_MESSAGE_DEFINE(count_items, "back-pressure.count-items", NULL, NULL);
ACTOR_MESSAGE_DEFINE(produce, "back-pressure.produce", NULL, NULL);

#define CONSUMER_MESSAGES(CALL, SEND, X)                                                           \
	SEND(X, item)                                                                              \
	CALL(X, count_items)
ACTOR_DECLARE(consumer, CONSUMER_MESSAGES);

struct consumer {
	int n_items;
};

static void consumer_on_item(struct consumer *self, struct item *message,
			     struct actor_context *context)
{
	(void)message, (void)context;
	self->n_items++;
}

static int consumer_on_count_items(struct consumer *self, struct count_items *message,
				   struct actor_context *context)
{
	(void)message, (void)context;
	return self->n_items;
}

ACTOR_DEFINE(consumer, CONSUMER_MESSAGES, NULL, NULL, NULL);

#define PRODUCER_MESSAGES(CALL, SEND, X) CALL(X, produce)
ACTOR_DECLARE(producer, PRODUCER_MESSAGES);

struct producer {
	union consumer_address consumer; /* owned */
};

/* Suspended whenever there is no room; the thread that ran it runs the consumer meanwhile. */
static int producer_on_produce(struct producer *self, struct produce *message,
			       struct actor_context *context)
{
	int i;

	for (i = 0; i < message->n_items; i++)
		if (ACTOR_SEND(context, self->consumer, item, &(struct item){ i }) < 0)
			break;
	return i;
}

static void producer_destroy(struct producer *self)
{
	actor_address_unref(self->consumer.address);
}

ACTOR_DEFINE(producer, PRODUCER_MESSAGES, NULL, NULL, producer_destroy);

static void show(const char *verb, int status)
{
	printf("%s: %s\n", verb, actor_strerror(status));
}

/* There is no consumer yet that would take anything out. */
static void fill(struct actor_context *context, union consumer_address consumer)
{
	int64_t soon = actor_deadline_after(context, MILLISECOND);
	struct item item = { 0 };

	show("try to send", ACTOR_TRY_SEND(consumer, item, &item));
	show("try to send", ACTOR_TRY_SEND(consumer, item, &item));
	show("try to send", ACTOR_TRY_SEND(consumer, item, &item));
	show("wait for room", ACTOR_SEND_UNTIL(context, consumer, item, soon, &item));
	show("try three times", ACTOR_RETRY_SEND(context, consumer, item, 3, MILLISECOND, &item));
}

int main(void)
{
	struct actor_pool_options one_thread = { sizeof one_thread, .n_threads = 1 };
	struct actor_context *context = main_context();
	struct consumer consumer_state = { .n_items = 0 };
	struct producer producer_state;
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	struct consumer_mailbox mailbox;
	union consumer_address consumer;
	union producer_address producer;
	int n_produced, n_consumed;

	CHECK(actor_pool_create(&one_thread, &pool));
	spawner = actor_executor_spawner(pool);
	CHECK(ACTOR_MAILBOX_CREATE(consumer, spawner, ACTOR_OPTIONS(.capacity = 2), &mailbox));
	consumer = ACTOR_MAILBOX_ADDRESS(consumer, mailbox);
	fill(context, consumer);
	CHECK(ACTOR_MAILBOX_START(consumer, mailbox, &consumer_state, NULL, NULL));
	actor_mailbox_detach(mailbox.mailbox);

	producer_state.consumer.address = actor_address_ref(consumer.address);
	CHECK(ACTOR_SPAWN(producer, spawner, &producer_state, NULL, &producer));
	CHECK(ACTOR_CALL(context, producer, produce, &n_produced, &(struct produce){ 1000 }));
	CHECK(ACTOR_CALL(context, consumer, count_items, &n_consumed, &(struct count_items){ 0 }));
	printf("produced %d, consumed %d with the two before\n", n_produced, n_consumed);

	actor_address_unref(producer.address);
	actor_address_unref(consumer.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
