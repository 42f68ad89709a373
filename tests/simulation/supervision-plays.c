/* SPDX-License-Identifier: MIT */

/*
 * Plays of failure: a supervisor, another one beneath it, and leaves that fail, stop, wait and call
 * each other, are added and removed, while monitors watch. Whatever happens to whom, nobody runs
 * twice, the last one stops first, the numbers come out even, addresses lead where they led before,
 * and of each end there is one notice.
 */

#include "plays.h"

#include <stdlib.h>
#include <string.h>

enum { N_OUTER = 3, N_INNER = 2, N_ADDED = 2, N_LEAVES = N_OUTER + N_INNER + N_ADDED };

/* What a leaf is asked to do. */
enum feat { ANSWER, FAIL, WAIT, WAIT_AND_FAIL, CALL_ON, STOP, N_FEATS };

struct tree;

/**
 * struct spot - where a leaf grows, again and again
 * @n_made:  states
 * @runs:    there is one
 * @stopped: the mailbox was closed once; or it may have been cancelled
 */
struct spot {
	struct tree *tree;
	unsigned index;
	unsigned n_made;
	bool runs;
	bool stopped;
	bool stops_itself;
	bool is_removed;
};

/**
 * struct tree
 * @ends:    no more than stopping is going on
 * @spots:   in the order of starting, the inner ones last
 * @addresses: that were there at first
 */
struct tree {
	struct world *world;
	bool ends;
	bool counts_time;
	struct spot spots[N_LEAVES];
	struct actor_child outer[N_OUTER + 1];
	struct actor_child inner[N_INNER];
	struct actor_supervisor_options options;
	struct actor_supervisor_options inner_options;
	union actor_supervisor_address address;
	struct actor_mailbox *mailbox;
	struct actor_address *addresses[N_OUTER];
	struct actor_monitor *monitors[N_OUTER + 1];
};

/* ---- leaves ---- */

struct prod {
	enum feat feat;
	struct token *token;
};
ACTOR_MESSAGE(prod, struct thanks);

static void prod_drop(void *message)
{
	struct prod *prod = message;

	if (prod->token) {
		prod->token->world->n_tokens--;
		free(prod->token);
	}
}
static void prod_thanks_drop(void *value)
{
	struct thanks *thanks = value;

	if (thanks->token) {
		thanks->token->world->n_tokens--;
		free(thanks->token);
	}
}
ACTOR_MESSAGE_DEFINE(prod, "play.prod", prod_drop, prod_thanks_drop);

#define LEAF_MESSAGES(CALL, SEND, X) CALL(X, prod)
ACTOR_DECLARE(leaf, LEAF_MESSAGES);

struct leaf {
	struct spot *spot;
	bool begun;
};

static int call_on(struct leaf *self, struct actor_context *context)
{
	struct tree *tree = self->spot->tree;
	union leaf_address next = { NULL };
	struct thanks thanks = { NULL };
	struct prod prod = { WAIT, NULL };

	/* Only forward, so that nobody waits in a circle. */
	if (self->spot->index + 1 >= N_OUTER || !tree->addresses[self->spot->index + 1])
		return 0;
	next.address = actor_address_ref(tree->addresses[self->spot->index + 1]);
	actor_ignore(ACTOR_CALL(context, next, prod, &thanks, &prod));
	prod_thanks_drop(&thanks);
	actor_address_unref(next.address);
	return 0;
}

static struct thanks leaf_on_prod(struct leaf *self, struct prod *message,
				  struct actor_context *context)
{
	struct world *world = self->spot->tree->world;

	world_must(world, self->begun, "a leaf does something before it is started");
	switch (message->feat) {
	case ANSWER:
	case N_FEATS:
		break;
	case FAIL:
		ACTOR_FAIL(context, "as it happens");
	case WAIT:
		actor_ignore(world_pause(world, context, 4));
		break;
	case WAIT_AND_FAIL:
		actor_ignore(world_pause(world, context, 4));
		ACTOR_FAILF(context, "as it happens to %u", self->spot->index);
	case CALL_ON:
		call_on(self, context);
		break;
	case STOP:
		self->spot->stops_itself = self->spot->stopped = true;
		actor_stop(context, ACTOR_STOP_DRAIN);
		break;
	}
	return (struct thanks){ world_token(world) };
}

static void leaf_started(struct leaf *self, struct actor_context *context)
{
	struct world *world = self->spot->tree->world;

	self->begun = true;
	if (world_choose(world, 3) == 0)
		actor_ignore(world_pause(world, context, 3));
	if (world_choose(world, 20) == 0)
		ACTOR_FAIL(context, "in started");
}

/* Those after it in the same supervisor have stopped before. */
static void must_be_last(struct leaf *self)
{
	struct tree *tree = self->spot->tree;
	unsigned end = self->spot->index < N_OUTER ? N_OUTER : N_OUTER + N_INNER;

	for (unsigned i = self->spot->index + 1; i < end; i++)
		world_must(tree->world, !tree->spots[i].runs, "children stop out of order");
}

static void leaf_stopped(struct leaf *self, struct actor_context *context)
{
	struct spot *spot = self->spot;
	struct world *world = spot->tree->world;

	if (spot->tree->ends && !spot->stops_itself && !spot->is_removed &&
	    spot->index < N_OUTER + N_INNER)
		must_be_last(self);
	spot->stopped = true;
	spot->stops_itself = false;
	if (world_choose(world, 3) == 0)
		actor_ignore(world_pause(world, context, 3));
}

static void leaf_destroy(struct leaf *self)
{
	self->spot->runs = false;
	self->spot->tree->world->n_states--;
	free(self);
}
ACTOR_DEFINE(leaf, LEAF_MESSAGES, leaf_started, leaf_stopped, leaf_destroy);

static int make_leaf(void *user, void **ret_state)
{
	struct spot *spot = user;
	struct world *world = spot->tree->world;
	struct leaf *leaf;

	if (world_choose(world, 20) == 0)
		return world_choose(world, 2) ? ACTOR_E_NOMEM : WORLD_REFUSED;
	world_must(world, !spot->runs, "a child runs twice");
	leaf = calloc(1, sizeof *leaf);
	if (!leaf)
		abort();
	leaf->spot = spot;
	spot->runs = true;
	spot->n_made++;
	world->n_states++;
	*ret_state = leaf;
	return 0;
}

/* ---- who is told ---- */

#define WITNESS_MESSAGES(CALL, SEND, X) SEND(X, actor_notice)
ACTOR_DECLARE(witness, WITNESS_MESSAGES);

struct witness {
	struct world *world;
	struct seen {
		const struct actor_monitor *monitor;
		unsigned n_ends;
		struct actor_notice last;
	} seen[N_OUTER + 1];
};

static void witness_on_actor_notice(struct witness *self, struct actor_notice *notice,
				    struct actor_context *context)
{
	struct seen *seen = self->seen;

	while (seen->monitor && seen->monitor != notice->monitor)
		seen++;
	seen->monitor = notice->monitor;
	world_must(self->world, seen->n_ends == 0, "there is a notice after the last one");
	world_must(self->world,
		   notice->n_failures >= seen->last.n_failures &&
			   notice->n_restarts >= seen->last.n_restarts &&
			   notice->n_restarts <= notice->n_failures + 1,
		   "notices are out of order");
	world_must(self->world,
		   notice->what != ACTOR_NOTICED_FAILURE ||
			   notice->n_failures > seen->last.n_failures,
		   "a failure is told twice");
	seen->n_ends += notice->what == ACTOR_NOTICED_END;
	seen->last = *notice;
	actor_ignore(world_pause(self->world, context, 3));
}
ACTOR_DEFINE(witness, WITNESS_MESSAGES, NULL, NULL, NULL);

/* ---- the play ---- */

static const char *const names[N_LEAVES] = { "a", "b", "c", "d", "e", "f", "g" };

static struct actor_child leaf_child(struct tree *tree, unsigned index)
{
	struct actor_child child = ACTOR_CHILD(leaf, .make = make_leaf);
	struct world *world = tree->world;

	tree->spots[index].tree = tree;
	tree->spots[index].index = index;
	child.user = &tree->spots[index];
	child.name = names[index];
	child.restart = (enum actor_restart)world_choose(world, 3);
	child.capacity = 1 + world_choose(world, 3);
	child.attempts = world_choose(world, 3);
	/* Time enough, but for a child that is removed while it waits for another one's start. */
	child.stop_ns = tree->counts_time ? 1 + world_choose(world, 3) : 1000;
	return child;
}

static struct actor_supervisor_options choose_options(struct tree *tree)
{
	struct world *world = tree->world;

	return (struct actor_supervisor_options){
		.size = sizeof(struct actor_supervisor_options),
		.strategy = (enum actor_strategy)world_choose(world, 3),
		.most_restarts = 1 + world_choose(world, 4),
		.period_ns = 1 + world_choose(world, 20),
		.first_delay_ns = world_choose(world, 4),
		.seed = 1,
	};
}

static void plant(struct tree *tree)
{
	unsigned n_outer = N_OUTER;

	tree->counts_time = world_choose(tree->world, 2);
	for (unsigned i = 0; i < N_OUTER; i++)
		tree->outer[i] = leaf_child(tree, i);
	for (unsigned i = 0; i < N_INNER; i++)
		tree->inner[i] = leaf_child(tree, N_OUTER + i);
	tree->inner_options = choose_options(tree);
	tree->inner_options.children = tree->inner;
	tree->inner_options.n_children = N_INNER;
	if (world_choose(tree->world, 2))
		tree->outer[n_outer++] = (struct actor_child)ACTOR_SUPERVISOR_CHILD(
			"inner", &tree->inner_options);
	tree->options = choose_options(tree);
	tree->options.children = tree->outer;
	tree->options.n_children = n_outer;
}

static bool grow(struct tree *tree)
{
	struct actor_supervisor *state;
	int rc = actor_supervisor_create(&tree->options, &state);

	if (rc == 0) {
		rc = actor_spawn_mailbox(actor_executor_spawner(tree->world->executor),
					 &actor_supervisor_behavior, state, NULL,
					 &tree->address.address, &tree->mailbox);
		if (rc < 0)
			actor_supervisor_behavior.destroy(state);
	}
	world_must(tree->world, rc == 0 || (rc == ACTOR_E_NOMEM && tree->world->scarce),
		   "a supervisor was not made");
	return rc == 0;
}

/* It has failed, and nobody starts it again: what it is sent then stays in its mailbox. */
static bool has_failed(struct tree *tree)
{
	struct actor_end end;

	return actor_mailbox_end(tree->mailbox, &end) == 0 && end.how == ACTOR_ENDED_FAILED;
}

static int64_t later(struct tree *tree)
{
	return actor_now(tree->world->context) + 100000000;
}

static void must_be_status(struct tree *tree, int rc)
{
	world_must(tree->world,
		   rc == 0 || (rc == ACTOR_E_TIMEOUT && has_failed(tree)) ||
			   rc == ACTOR_E_STOPPED || rc == ACTOR_E_CLOSED || rc == ACTOR_E_INVALID ||
			   rc == WORLD_REFUSED || rc == ACTOR_E_NOMEM,
		   "a supervisor answers as it cannot");
}

static void look_around(struct tree *tree)
{
	struct actor_children children = { 0 };
	int rc = ACTOR_CALL_UNTIL(tree->world->context, tree->address, actor_child_list, &children,
				  later(tree), &(struct actor_child_list){ 0 });

	must_be_status(tree, rc);
	for (size_t i = 0; i < children.n && i < N_OUTER && !tree->addresses[0]; i++)
		if (children.n == tree->options.n_children && children.each[i].address)
			tree->addresses[i] = actor_address_ref(children.each[i].address);
	actor_children_drop(&children);
}

static void forget_addresses(struct tree *tree)
{
	for (unsigned i = 0; i < N_OUTER; i++) {
		actor_address_unref(tree->addresses[i]);
		tree->addresses[i] = NULL;
	}
}

static void begin_to_watch(struct tree *tree, struct witness *witness,
			   union witness_address *ret_address)
{
	struct world *world = tree->world;
	struct actor_spawner *spawner = actor_executor_spawner(world->executor);
	int rc = ACTOR_SPAWN(witness, spawner, witness,
			     ACTOR_OPTIONS(.capacity = 1 + world_choose(world, 2)), ret_address);

	if (rc < 0)
		return;
	for (unsigned i = 0; i <= N_OUTER; i++) {
		struct actor_address *of = i < N_OUTER ? tree->addresses[i] : tree->address.address;

		if (of &&
		    actor_monitor_create(world->executor, of, ACTOR_FOR(actor_notice, *ret_address),
					 &tree->monitors[i]) < 0)
			world_must(world, world->scarce, "a monitor was not made");
	}
}

/* A call whose answer arrives by callback. */
static void on_answer(struct actor_ask *ask, int status, void *value)
{
	struct tree *tree = ask->user;

	must_be_status(tree, status);
	tree->world->n_calls--;
	if (status == 0)
		prod_thanks_drop(value);
	free(ask);
}

static void ask_leaf(struct tree *tree, struct actor_address *address)
{
	struct world *world = tree->world;
	struct prod prod = { (enum feat)world_choose(world, N_FEATS), world_token(world) };
	struct actor_ask *ask = malloc(sizeof *ask);
	union leaf_address leaf = { address };

	if (!ask)
		abort();
	if (world_choose(world, 2)) {
		world->n_calls++;
		if (ACTOR_ASK(NULL, ask, leaf, prod, on_answer, tree, &prod) < 0) {
			world->n_calls--;
			free(ask);
		}
	} else {
		actor_ignore(ACTOR_TRY_SEND(leaf, prod, &prod));
		free(ask);
	}
	prod_drop(&prod);
}

static void add_leaf(struct tree *tree)
{
	struct world *world = tree->world;
	unsigned index = N_OUTER + N_INNER + world_choose(world, N_ADDED);
	struct actor_child_add add = { { 0 } };
	int rc;

	if (tree->spots[index].tree) /* it was */
		return;
	add.child = leaf_child(tree, index);
	rc = ACTOR_CALL_UNTIL(world->context, tree->address, actor_child_add, NULL, later(tree),
			      &add);
	must_be_status(tree, rc);
	actor_message_drop(&actor_child_add_type, &add);
}

static int remove_named(struct tree *tree, const char *name)
{
	struct actor_child_remove_named message = { strdup(name) };
	int rc = ACTOR_CALL_UNTIL(tree->world->context, tree->address, actor_child_remove_named,
				  NULL, later(tree), &message);

	actor_message_drop(&actor_child_remove_named_type, &message);
	return rc;
}

static int remove_addressed(struct tree *tree, const struct actor_address *address)
{
	struct actor_child_remove message = { actor_address_identity(address) };

	return ACTOR_CALL_UNTIL(tree->world->context, tree->address, actor_child_remove, NULL,
				later(tree), &message);
}

static void remove_leaf(struct tree *tree, unsigned index)
{
	tree->spots[index].is_removed = tree->spots[index].stopped = true;
	must_be_status(tree, world_choose(tree->world, 2)
				     ? remove_named(tree, names[index])
				     : remove_addressed(tree, tree->addresses[index]));
}

static void disturb(struct tree *tree)
{
	unsigned index = world_choose(tree->world, N_OUTER);

	switch (world_choose(tree->world, 10)) {
	case 0:
		add_leaf(tree);
		break;
	case 1:
		if (tree->addresses[index])
			remove_leaf(tree, index);
		break;
	case 2:
		world_stand_by(tree->world);
		break;
	default:
		if (tree->addresses[index])
			ask_leaf(tree, tree->addresses[index]);
		break;
	}
}

/* A child that was never stopped or cancelled is where it was, unless all has come to an end. */
static void must_be_reachable(struct tree *tree)
{
	struct actor_end end;

	if (actor_mailbox_end(tree->mailbox, &end) != ACTOR_E_BUSY)
		return;
	for (unsigned i = 0; i < N_OUTER; i++) {
		struct prod prod = { ANSWER, NULL };
		int rc;

		if (!tree->addresses[i] || tree->spots[i].stopped || tree->counts_time ||
		    tree->outer[i].restart == ACTOR_TEMPORARY)
			continue;
		rc = actor_try_send(tree->addresses[i], &prod_type, &prod);
		/* It may stop just now. */
		world_must(tree->world,
			   rc == 0 || rc == ACTOR_E_FULL || tree->world->scarce ||
				   tree->spots[i].stopped,
			   "an address has become invalid");
	}
}

static void end_tree(struct tree *tree)
{
	struct world *world = tree->world;
	struct actor_end end;
	int rc;

	tree->ends = true;
	actor_address_unref(tree->address.address);
	if (world_choose(world, 4) == 0)
		actor_mailbox_cancel(tree->mailbox);
	while ((rc = actor_mailbox_join(world->context, tree->mailbox, ACTOR_FOREVER, &end)) ==
	       ACTOR_E_NOMEM)
		world_stand_by(world);
	if (rc == 0)
		actor_end_drop(&end);
	world_must(world, rc == 0, "a supervisor does not end");
	actor_mailbox_detach(tree->mailbox);
}

static void must_have_seen_ends(struct tree *tree, struct witness *witness)
{
	for (unsigned i = 0; i <= N_OUTER; i++) {
		unsigned n_ends = 0;

		for (unsigned j = 0; j <= N_OUTER; j++)
			if (witness->seen[j].monitor == tree->monitors[i])
				n_ends += witness->seen[j].n_ends;
		world_must(tree->world, !tree->monitors[i] || n_ends == 1,
			   "an end was not told exactly once");
		actor_monitor_destroy(tree->monitors[i]);
	}
}

void play_supervision(struct world *world)
{
	struct tree tree = { .world = world };
	struct witness witness = { .world = world };
	union witness_address witness_address = { NULL };

	plant(&tree);
	if (!grow(&tree))
		return;
	look_around(&tree);
	begin_to_watch(&tree, &witness, &witness_address);
	for (unsigned n = world_choose(world, 25); n > 0; n--)
		disturb(&tree);
	if (world_choose(world, 2)) {
		world_let_finish(world);
		must_be_reachable(&tree);
		look_around(&tree);
	}
	end_tree(&tree);
	forget_addresses(&tree);
	world_let_finish(world);
	must_have_seen_ends(&tree, &witness);
	actor_address_unref(witness_address.address);
	world_join(world);
}
