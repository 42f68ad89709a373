/* SPDX-License-Identifier: MIT */
/* ring1, ring64: actors in a ring pass on tokens, one of them or 64 at a time. */

#include "stage.h"

#include <stdlib.h>

struct token {
	uint64_t n_hops; /* still to go */
};
ACTOR_SIGNAL(token);
ACTOR_SIGNAL_DEFINE(token, "benchmark.token", NULL);

#define LINK_MESSAGES(CALL, SEND, X) SEND(X, token)
ACTOR_DECLARE(link, LINK_MESSAGES);

struct link {
	union link_address next; /* borrowed: main() has it as long as tokens go round */
	uint64_t n_tokens;	 /* that came by */
};

static void link_on_token(struct link *self, struct token *message, struct actor_context *context)
{
	self->n_tokens++;
	if (message->n_hops == 0)
		stage_finish();
	else
		CHECK(ACTOR_SEND(context, self->next, token,
				 &(struct token){ message->n_hops - 1 }));
}
ACTOR_DEFINE(link, LINK_MESSAGES, NULL, NULL, NULL);

/* An actor and its address. */
struct place {
	struct link state;
	union link_address address;
};

/* The last is made first, so that each knows the next; the first has an address before all. */
static void ring_make(struct stage *stage, const struct actor_mailbox_options *options,
		      struct place *places, uint64_t n_places)
{
	struct link_mailbox first;

	CHECK(ACTOR_MAILBOX_CREATE(link, stage->spawner, options, &first));
	places[0].address = ACTOR_MAILBOX_ADDRESS(link, first);
	for (uint64_t i = n_places; i-- > 0;) {
		places[i].state.next = places[(i + 1) % n_places].address;
		if (i > 0)
			CHECK(ACTOR_SPAWN(link, stage->spawner, &places[i].state, options,
					  &places[i].address));
	}
	CHECK(ACTOR_MAILBOX_START(link, first, &places[0].state, NULL, NULL));
	actor_mailbox_detach(first.mailbox);
}

static struct result ring_run(const struct settings *settings, uint64_t n_tokens)
{
	uint64_t n_places = settings->actors, n_hops = settings->n / n_tokens, n_passed = 0;
	struct place *places = allocate(n_places, sizeof *places);
	struct stage stage;
	double ns;

	EXPECT(n_hops > 0);
	stage_open(&stage, settings);
	ring_make(&stage, ACTOR_OPTIONS(.capacity = settings->capacity), places, n_places);

	stage_begin();
	for (uint64_t i = 0; i < n_tokens; i++)
		CHECK(ACTOR_SEND(stage.context, places[i * n_places / n_tokens].address, token,
				 &(struct token){ n_hops - 1 }));
	ns = stage_wait(n_tokens);

	for (uint64_t i = 0; i < n_places; i++)
		actor_address_unref(places[i].address.address);
	stage_close(&stage);
	for (uint64_t i = 0; i < n_places; i++)
		n_passed += places[i].state.n_tokens;
	EXPECT(n_passed == n_tokens * n_hops);
	free(places);
	return result_time(n_passed, ns);
}

struct result ring1_run(const struct settings *settings)
{
	return ring_run(settings, 1);
}

struct result ring64_run(const struct settings *settings)
{
	return ring_run(settings, 64);
}
