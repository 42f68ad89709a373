/* SPDX-License-Identifier: MIT */

/*
 * select: one producer that sends by turns into two bounded channels of one actor, who takes what
 * is in the first one first.
 */

#include "stage.h"

struct item {
	uint64_t value;
};
struct produce_items {
	uint64_t n_items;
};
ACTOR_SIGNAL(item);
ACTOR_SIGNAL(produce_items);
ACTOR_SIGNAL_DEFINE(item, "benchmark.item", NULL);
ACTOR_SIGNAL_DEFINE(produce_items, "benchmark.produce-items", NULL);

#define SELECTOR_MESSAGES(CALL, SEND, X) SEND(X, item)
ACTOR_DECLARE(selector, SELECTOR_MESSAGES);

struct selector {
	uint64_t n_items;
	uint64_t sum;
	uint64_t n_expected;
};

static void selector_on_item(struct selector *self, struct item *message,
			     struct actor_context *context)
{
	(void)context;
	self->sum += message->value;
	if (++self->n_items == self->n_expected)
		stage_finish();
}
ACTOR_DEFINE(selector, SELECTOR_MESSAGES, NULL, NULL, NULL);

#define MAKER_MESSAGES(CALL, SEND, X) SEND(X, produce_items)
ACTOR_DECLARE(maker, MAKER_MESSAGES);

struct maker {
	union selector_address to[2]; /* borrowed: main() has them as long as it produces */
};

static void maker_on_produce_items(struct maker *self, struct produce_items *message,
				   struct actor_context *context)
{
	struct item item = { 0 };

	for (item.value = 0; item.value < message->n_items; item.value++)
		CHECK(ACTOR_SEND(context, self->to[item.value % 2], item, &item));
}
ACTOR_DEFINE(maker, MAKER_MESSAGES, NULL, NULL, NULL);

/* Its mailbox, and addresses through both channels. */
static struct actor_mailbox *make_selector(struct stage *stage, const struct settings *settings,
					   union selector_address to[2])
{
	struct actor_queue_options options = { sizeof options, .capacity = settings->capacity };
	struct actor_channel *queues[2], *both;
	struct actor_mailbox *mailbox;

	for (int i = 0; i < 2; i++)
		CHECK(actor_queue_create(&options, &queues[i]));
	CHECK(actor_select_create(queues, 2, NULL, NULL, &both));
	CHECK(actor_channel_mailbox(stage->spawner, &selector_behavior, NULL, both, &mailbox));
	for (int i = 0; i < 2; i++) {
		CHECK(actor_channel_address(mailbox, queues[i], &to[i].address));
		actor_channel_unref(queues[i]);
	}
	actor_channel_unref(both);
	return mailbox;
}

struct result select_run(const struct settings *settings)
{
	struct selector selector = { .n_expected = settings->n };
	struct maker maker;
	struct actor_mailbox *mailbox;
	union maker_address address;
	struct stage stage;
	double ns;

	stage_open(&stage, settings);
	mailbox = make_selector(&stage, settings, maker.to);
	CHECK(actor_mailbox_start(mailbox, &selector, NULL, NULL));
	actor_mailbox_detach(mailbox);
	CHECK(ACTOR_SPAWN(maker, stage.spawner, &maker, NULL, &address));

	stage_begin();
	CHECK(ACTOR_SEND(stage.context, address, produce_items,
			 &(struct produce_items){ settings->n }));
	ns = stage_wait(1);

	actor_address_unref(address.address);
	for (int i = 0; i < 2; i++)
		actor_address_unref(maker.to[i].address);
	stage_close(&stage);
	EXPECT(selector.n_items == settings->n);
	EXPECT(selector.sum == settings->n * (settings->n - 1) / 2);
	return result_time(settings->n, ns);
}
