/* SPDX-License-Identifier: MIT */

/*
 * tree: each actor spawns two, down to a depth, and sends the sum of what these send to its parent.
 *
 * Parents hold their children, and let them go when both have told. Children hold a weak address of
 * their parent.
 */

#include "stage.h"

#include <stdlib.h>

struct sum {
	uint64_t n_actors;
};
ACTOR_SIGNAL(sum);
ACTOR_SIGNAL_DEFINE(sum, "benchmark.sum", NULL);

#define NODE_MESSAGES(CALL, SEND, X) SEND(X, sum)
ACTOR_DECLARE(node, NODE_MESSAGES);

struct node {
	union node_address parent;	/* owned, weak; NULL: this is the root */
	uint64_t depth;			/* below it */
	uint64_t capacity;		/* of everybody's mailbox */
	uint64_t n_actors;		/* below it, as far as they have told */
	unsigned n_waiting;		/* for so many children */
	union node_address children[2]; /* owned */
};

static uint64_t n_in_tree;

static void node_tell(struct node *self, struct actor_context *context)
{
	if (self->parent.address) {
		CHECK(ACTOR_SEND(context, self->parent, sum, &(struct sum){ self->n_actors + 1 }));
	} else {
		n_in_tree = self->n_actors + 1;
		stage_finish();
	}
}

/* @parent is the new actor's. */
static union node_address node_spawn(struct actor_spawner *spawner, struct actor_address *parent,
				     uint64_t depth, uint64_t capacity)
{
	struct node *state = malloc(sizeof *state);
	union node_address node;

	EXPECT(state);
	*state = (struct node){ .parent.address = parent, .depth = depth, .capacity = capacity };
	CHECK(ACTOR_SPAWN(node, spawner, state, ACTOR_OPTIONS(.capacity = capacity), &node));
	return node;
}

static void node_started(struct node *self, struct actor_context *context)
{
	struct actor_spawner *spawner = actor_spawner(context);

	if (self->depth == 0) {
		node_tell(self, context);
		return;
	}
	for (self->n_waiting = 0; self->n_waiting < 2; self->n_waiting++)
		self->children[self->n_waiting] = node_spawn(spawner,
							     actor_address_ref(actor_self(context)),
							     self->depth - 1, self->capacity);
}

static void node_on_sum(struct node *self, struct sum *message, struct actor_context *context)
{
	self->n_actors += message->n_actors;
	if (--self->n_waiting > 0)
		return;
	actor_address_unref(self->children[0].address);
	actor_address_unref(self->children[1].address);
	node_tell(self, context);
}

static void node_destroy(struct node *self)
{
	actor_address_unref(self->parent.address);
	free(self);
}
ACTOR_DEFINE(node, NODE_MESSAGES, node_started, NULL, node_destroy);

struct result tree_run(const struct settings *settings)
{
	uint64_t n_expected = (UINT64_C(2) << settings->depth) - 1;
	union node_address root;
	struct stage stage;
	double ns;

	EXPECT(settings->depth < 32);
	stage_open(&stage, settings);
	stage_begin();
	root = node_spawn(stage.spawner, NULL, settings->depth, settings->capacity);
	ns = stage_wait(1);
	actor_address_unref(root.address);
	stage_close(&stage);
	EXPECT(n_in_tree == n_expected);
	return result_time(n_expected, ns);
}
