/* SPDX-License-Identifier: MIT */

/*
 * chaos [--seconds N] [--actors N] [--seed N] [--simulate N]: a tree of supervised actors in a
 * runtime, under load, while they fail, get stuck and stop at random; then all of it is stopped.
 *
 * Every call must end; every message must be accounted for: handled, failed its actor, overwritten,
 * or dropped and counted as a dead letter, or, before all is stopped, still queued; addresses must
 * stay valid, however often their actors have failed; whoever is told of members must be told all,
 * in an order that can be; and the system must stop within its deadline. The same in simulations,
 * in virtual time, for so many seeds.
 *
 *	root -- branch 0 -- leaf 0, leaf 1 ... leaf 9
 *	     -- branch 1 -- leaf 10 ...
 *	     -- leaf n, leaf n + 1 ...
 *
 * Leaves of one branch in ten stop by themselves, too, and are not started again; they are let go.
 * Of the others, one leaf in three tries again what it has failed at; what is poison to it, it will
 * fail at each time. Those beside the branches are on rings, which forget what is too much.
 */

#include "account.h"

#include <actor-impl/actor-impl.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

enum {
	LEAVES_A_BRANCH = 10,
	BRANCHES_A_RING = 10,
	RING_ROOM = 4,
	MOST_ACTORS = 20000,
	N_DRIVERS = 8,
	PATIENCE_S = 120,
	CALM_S = 60,	/* in which all that is under way comes to its end */
	STOPPING_S = 10 /* in which the system has to stop */
};

/* What is counted; relaxed: it must not order what the library ought to order. */
static struct {
	atomic_llong accepted; /* messages taken from their senders */
	atomic_llong handled;
	atomic_llong failed; /* their actors, or were in hand when these had to */
	atomic_llong dead;   /* dropped without having been handled, or after too many attempts */
	atomic_llong overwritten;
	atomic_llong queued; /* at one time, before all is stopped */
	atomic_llong deeds;  /* messages and answers that exist */
	atomic_llong calls_begun, calls_ended, calls_answered;
	atomic_llong odd;
	atomic_llong failures, restarts, ends, unhealthy, healthy;
	atomic_llong stopping; /* took so many ms */
} n;

static void count(atomic_llong *what)
{
	atomic_fetch_add_explicit(what, 1, memory_order_relaxed);
}

static const char *odd_text;

static void must(bool holds, const char *text)
{
	if (holds)
		return;
	odd_text = text;
	count(&n.odd);
}

/* ---- chance */

static struct actor_executor *simulation; /* NULL: a pool */
static uint64_t seed;
static atomic_uint n_threads;
static _Thread_local uint64_t fate;

static unsigned choose(unsigned of)
{
	if (simulation)
		return (unsigned)actor_simulation_choose(simulation, of);
	if (!fate)
		fate = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + atomic_fetch_add(&n_threads, 1);
	return random_below(&fate, of);
}

/* ---- leaves */

/**
 * struct fate - what becomes of a message; or of an answer
 * @to_ring:   it is for a leaf on a ring
 * @is_poison: to a leaf that tries again
 * @begun:     somebody has had it in hand
 * @again:     who will have it again if that has failed
 * @done:      it is handled
 */
struct fate {
	bool to_ring;
	bool is_poison;
	bool begun;
	bool again;
	bool done;
};

struct deed {
	struct fate *fate;
};

struct favour {
	struct deed deed;
};

struct thanks {
	struct deed deed;
};

ACTOR_SIGNAL(deed);
ACTOR_MESSAGE(favour, struct thanks);

static atomic_bool calm;      /* nothing new is begun */
static atomic_bool is_ending; /* all is being stopped */

static struct deed deed_make(void)
{
	struct deed deed = { calloc(1, sizeof(struct fate)) };

	if (!deed.fate)
		abort();
	deed.fate->is_poison = choose(100) == 0;
	count(&n.deeds);
	return deed;
}

static void deed_end(struct deed *deed)
{
	if (!deed->fate)
		return;
	atomic_fetch_sub_explicit(&n.deeds, 1, memory_order_relaxed);
	free(deed->fate);
}

static atomic_llong *what_became_of(const struct fate *fate)
{
	if (fate->done)
		return &n.handled;
	if (fate->begun)
		return fate->again ? &n.dead : &n.failed;
	return fate->to_ring && !is_ending ? &n.overwritten : &n.dead;
}

/* Of what was accepted: the sender still has what was not, and ends it otherwise. */
static void drop_message(void *message)
{
	struct deed *deed = message;

	if (deed->fate)
		count(what_became_of(deed->fate));
	deed_end(deed);
}

static void thanks_drop(void *message)
{
	deed_end(message);
}

ACTOR_SIGNAL_DEFINE(deed, "chaos.deed", drop_message);
ACTOR_MESSAGE_DEFINE(favour, "chaos.favour", drop_message, thanks_drop);

#define LEAF_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, favour)                                                                            \
	SEND(X, deed)
ACTOR_DECLARE(leaf, LEAF_MESSAGES);

/* What leaves are like. */
struct kind {
	bool stops; /* by itself, now and then */
	bool tries_again;
};

static struct kind steady, loose = { .stops = true }, patient = { .tries_again = true };

struct leaf {
	struct kind kind;
	bool in_hand;
};

/**
 * struct tree
 * @n_leaves:   of branches; then come those on rings
 * @n_all:      these included
 * @leaves:     as found at first
 */
static struct tree {
	unsigned n_leaves;
	unsigned n_branches;
	unsigned n_all;
	union leaf_address *leaves;
	struct actor_channel **rings;
	char (*ringed)[24]; /* their names */
	struct actor_runtime *runtime;
} tree;

static bool is_on_ring(unsigned leaf)
{
	return leaf >= tree.n_leaves;
}

static int send_deed(struct actor_context *context, unsigned leaf)
{
	union leaf_address to = tree.leaves[leaf];
	struct deed deed = deed_make();
	int64_t deadline_ns = choose(4) ? ACTOR_AT_ONCE : actor_now(context) + choose(20) * MS;
	int rc;

	deed.fate->to_ring = is_on_ring(leaf);
	rc = ACTOR_SEND_UNTIL(context, to, deed, deadline_ns, &deed);
	if (rc == 0)
		count(&n.accepted);
	must(rc == 0 || rc == ACTOR_E_FULL || rc == ACTOR_E_CLOSED || rc == ACTOR_E_CANCELLED,
	     "a message is refused as it cannot be");
	deed_end(&deed);
	return rc;
}

static int call_leaf(struct actor_context *context, unsigned leaf, int64_t deadline_ns)
{
	union leaf_address to = tree.leaves[leaf];
	struct favour favour = { deed_make() };
	struct thanks thanks = { { NULL } };
	int rc;

	favour.deed.fate->to_ring = is_on_ring(leaf);
	count(&n.calls_begun);
	rc = ACTOR_CALL_UNTIL(context, to, favour, &thanks, deadline_ns, &favour);
	count(&n.calls_ended);
	if (!favour.deed.fate)
		count(&n.accepted);
	must((rc == 0) == (thanks.deed.fate != NULL), "an answer that cannot be");
	must(rc == 0 || rc == ACTOR_E_STOPPED || rc == ACTOR_E_CLOSED || rc == ACTOR_E_CANCELLED ||
		     rc == ACTOR_E_DEADLOCK ||
		     (deadline_ns != ACTOR_FOREVER &&
		      (rc == ACTOR_E_FULL || rc == ACTOR_E_TIMEOUT)),
	     "a call ends as it cannot");
	if (rc == 0)
		count(&n.calls_answered);
	deed_end(&favour.deed);
	thanks_drop(&thanks);
	return rc;
}

static unsigned any_leaf(void)
{
	return choose(tree.n_all);
}

static void send_some(struct actor_context *context)
{
	unsigned leaf = any_leaf();

	for (unsigned i = choose(8) ? 1 : 20; i > 0; i--)
		actor_ignore(send_deed(context, leaf));
}

/* Stuck: for longer than the runtime holds to be healthy, now and then. */
static int stall(struct actor_context *context)
{
	int64_t ns = choose(20) ? choose(5) * MS : (200 + choose(100)) * MS;

	return actor_sleep_until(context, actor_now(context) + ns);
}

/* Returns why it was a wait that is to go on no more, if it was. */
static int do_something(struct leaf *self, struct actor_context *context)
{
	switch (calm ? 39 : choose(40)) {
	case 0:
		ACTOR_FAIL(context, "as it happens");
	case 1:
	case 2:
		return stall(context);
	case 3:
		if (self->kind.stops)
			actor_ignore(
				actor_stop(context, choose(2) ? ACTOR_STOP_NOW : ACTOR_STOP_DRAIN));
		break;
	case 4:
	case 5:
		return send_deed(context, any_leaf());
	case 6: /* maybe in a circle: so not for ever */
		/* An answer that comes while a leaf is told to fail says nothing of that. */
		if (!self->kind.tries_again)
			return call_leaf(context, any_leaf(), actor_now(context) + choose(30) * MS);
		break;
	default:
		break;
	}
	return 0;
}

static void behave(struct leaf *self, struct fate *fate, bool is_call,
		   struct actor_context *context)
{
	must(!self->in_hand, "a leaf has two messages in hand");
	must(!fate->begun || fate->again, "a message is handled again that was not to be");
	self->in_hand = true;
	fate->begun = true;
	fate->again = self->kind.tries_again && !is_call;
	if (fate->again && fate->is_poison)
		ACTOR_FAIL(context, "as it happens, with poison");
	fate->done = do_something(self, context) != ACTOR_E_CANCELLED;
	self->in_hand = false;
}

static void leaf_on_deed(struct leaf *self, struct deed *message, struct actor_context *context)
{
	behave(self, message->fate, false, context);
}

static struct thanks leaf_on_favour(struct leaf *self, struct favour *message,
				    struct actor_context *context)
{
	behave(self, message->deed.fate, true, context);
	return (struct thanks){ deed_make() };
}

static void leaf_started(struct leaf *self, struct actor_context *context)
{
	(void)self;
	if (choose(200) == 0)
		actor_ignore(stall(context));
}

static void leaf_destroy(struct leaf *self)
{
	free(self);
}

ACTOR_DEFINE(leaf, LEAF_MESSAGES, leaf_started, NULL, leaf_destroy);

/* ---- the tree */

static int make_leaf(void *user, void **ret_state)
{
	struct leaf *leaf = calloc(1, sizeof *leaf);

	if (!leaf)
		return ACTOR_E_NOMEM;
	leaf->kind = *(const struct kind *)user;
	*ret_state = leaf;
	return 0;
}

struct branch {
	struct actor_supervisor_options options;
	struct actor_child children[LEAVES_A_BRANCH];
	char names[LEAVES_A_BRANCH][24];
	char name[24];
};

static struct branch *branches;
static struct actor_child *limbs;
static struct actor_supervisor_options root_options;

/* Its leaves stop by themselves. */
static bool is_loose(unsigned branch)
{
	return branch % 10 == 2;
}

static struct kind *kind_of(unsigned leaf)
{
	if (is_loose(leaf / LEAVES_A_BRANCH))
		return &loose;
	return leaf % 3 == 1 ? &patient : &steady;
}

static void plan_branch(unsigned i)
{
	static const enum actor_strategy strategies[] = { ACTOR_ONE_FOR_ONE, ACTOR_ONE_FOR_ALL,
							  ACTOR_ONE_FOR_ONE, ACTOR_REST_FOR_ONE,
							  ACTOR_ONE_FOR_ONE };
	struct branch *branch = &branches[i];

	for (unsigned k = 0; k < LEAVES_A_BRANCH; k++) {
		struct kind *kind = kind_of(i * LEAVES_A_BRANCH + k);

		snprintf(branch->names[k], sizeof branch->names[k], "leaf %u",
			 i * LEAVES_A_BRANCH + k);
		branch->children[k] = (struct actor_child)ACTOR_CHILD(
			leaf, .name = branch->names[k], .make = make_leaf, .user = kind,
			.spawner = actor_runtime_spawner(tree.runtime),
			.restart = kind->stops ? ACTOR_TRANSIENT : ACTOR_PERMANENT,
			.attempts = kind->tries_again ? 3 : 0);
	}
	branch->options = (struct actor_supervisor_options){
		.size = sizeof branch->options,
		.children = branch->children,
		.n_children = LEAVES_A_BRANCH,
		.strategy = strategies[i % 5],
		.most_restarts = 1000000,
	};
	snprintf(branch->name, sizeof branch->name, "branch %u", i);
	limbs[i] = (struct actor_child)ACTOR_CHILD(
		actor_supervisor, .name = branch->name, .make = actor_supervisor_make,
		.user = &branch->options, .spawner = actor_runtime_spawner(tree.runtime),
		.stop_ns = ACTOR_FOREVER);
}

static void plan_tree(unsigned n_actors)
{
	unsigned n_rings;

	tree.n_branches = (n_actors + LEAVES_A_BRANCH - 1) / LEAVES_A_BRANCH;
	tree.n_leaves = tree.n_branches * LEAVES_A_BRANCH;
	n_rings = (tree.n_branches + BRANCHES_A_RING - 1) / BRANCHES_A_RING;
	tree.n_all = tree.n_leaves + n_rings;
	branches = calloc(tree.n_branches, sizeof *branches);
	limbs = calloc(tree.n_branches, sizeof *limbs);
	tree.leaves = calloc(tree.n_all, sizeof *tree.leaves);
	tree.rings = calloc(n_rings, sizeof *tree.rings);
	tree.ringed = calloc(n_rings, sizeof *tree.ringed);
	if (!branches || !limbs || !tree.leaves || !tree.rings || !tree.ringed)
		abort();
	for (unsigned i = 0; i < tree.n_branches; i++)
		plan_branch(i);
	root_options = (struct actor_supervisor_options){
		.size = sizeof root_options,
		.children = limbs,
		.n_children = tree.n_branches,
		.most_restarts = 1000000,
	};
}

static void find_leaf(struct actor_context *context, unsigned i)
{
	struct actor_address *address;
	char name[24];

	snprintf(name, sizeof name, "leaf %u", i);
	while (!(address = actor_runtime_find(tree.runtime, name)))
		actor_ignore(actor_sleep_until(context, actor_now(context) + MS));
	must(leaf_address_from(address, &tree.leaves[i]) == 0, "a leaf is none");
}

/* Beside the branches, since it is made by us. */
static int add_on_ring(struct actor_context *context, union actor_supervisor_address root,
		       unsigned leaf)
{
	char *name = tree.ringed[leaf - tree.n_leaves];
	struct actor_channel **ring = &tree.rings[leaf - tree.n_leaves];
	struct actor_spawner *spawner = actor_runtime_spawner(tree.runtime);
	struct actor_child_add add = { ACTOR_CHILD(leaf, .name = name, .make = make_leaf,
						   .user = &steady, .spawner = spawner) };
	struct actor_address *address;
	int rc = actor_ring_create(RING_ROOM, ring);

	snprintf(name, sizeof tree.ringed[0], "leaf %u", leaf);
	if (rc == 0)
		rc = actor_channel_mailbox(spawner, &leaf_behavior, ACTOR_OPTIONS(.name = name),
					   *ring, &add.child.mailbox);
	if (rc == 0)
		rc = ACTOR_CALL(context, root, actor_child_add, &address, &add);
	if (rc == 0)
		rc = leaf_address_from(address, &tree.leaves[leaf]);
	actor_message_drop(&actor_child_add_type, &add);
	return rc;
}

static bool grow_tree(struct actor_context *context, union actor_supervisor_address *ret_root)
{
	struct actor_supervisor *state;

	if (actor_supervisor_create(&root_options, &state) < 0 ||
	    ACTOR_SPAWN(actor_supervisor, actor_runtime_spawner(tree.runtime), state,
			ACTOR_OPTIONS(.name = "root"), ret_root) < 0)
		return false;
	for (unsigned i = 0; i < tree.n_leaves; i++)
		find_leaf(context, i);
	for (unsigned i = tree.n_leaves; i < tree.n_all; i++)
		if (add_on_ring(context, *ret_root, i) < 0)
			return false;
	return true;
}

static void fell_tree(void)
{
	for (unsigned i = 0; i < tree.n_all; i++)
		actor_address_unref(tree.leaves[i].address);
	for (unsigned i = tree.n_leaves; i < tree.n_all; i++)
		actor_channel_unref(tree.rings[i - tree.n_leaves]);
	free(tree.rings);
	free(tree.ringed);
	free(tree.leaves);
	free(branches);
	free(limbs);
}

/* ---- what the runtime tells */

struct known {
	bool unhealthy;
	bool failed;
};

static struct known *known_leaves;

static void hear(void *user, const struct actor_notice *notice)
{
	struct known *known;
	unsigned i;

	(void)user;
	if (sscanf(notice->name, "leaf %u", &i) != 1)
		return;
	known = &known_leaves[i];
	switch (notice->what) {
	case ACTOR_NOTICED_FAILURE:
		must(!known->failed, "a leaf has failed twice");
		known->failed = true;
		known->unhealthy = false;
		count(&n.failures);
		break;
	case ACTOR_NOTICED_RESTART:
		must(known->failed, "a leaf is started again that has not failed");
		known->failed = false;
		count(&n.restarts);
		break;
	case ACTOR_NOTICED_END:
		*known = (struct known){ false, false }; /* another one may come */
		count(&n.ends);
		break;
	case ACTOR_NOTICED_UNHEALTHY:
		must(!known->unhealthy && !known->failed, "a leaf is unhealthy twice");
		known->unhealthy = true;
		count(&n.unhealthy);
		break;
	case ACTOR_NOTICED_HEALTHY:
		must(known->unhealthy, "a leaf is healthy twice");
		known->unhealthy = false;
		count(&n.healthy);
		break;
	case ACTOR_NOTICED_OVERRUN:
		must(!simulation, "a leaf keeps the thread of a simulation");
		break;
	}
}

/* ---- load */

struct drive {
	char nothing;
};
ACTOR_SIGNAL(drive);
ACTOR_SIGNAL_DEFINE(drive, "chaos.drive", NULL);

#define DRIVER_MESSAGES(CALL, SEND, X) SEND(X, drive)
ACTOR_DECLARE(driver, DRIVER_MESSAGES);

struct driver {
	char nothing;
};

static int64_t until_ns;

static void driver_on_drive(struct driver *self, struct drive *message,
			    struct actor_context *context)
{
	(void)self, (void)message;
	while (actor_now(context) < until_ns) {
		if (choose(3))
			send_some(context);
		else
			actor_ignore(call_leaf(context, any_leaf(),
					       choose(4) ? ACTOR_FOREVER
							 : actor_now(context) + choose(30) * MS));
		if (simulation || choose(100) == 0)
			actor_ignore(
				actor_sleep_until(context, actor_now(context) + choose(20) * MS));
	}
}

ACTOR_DEFINE(driver, DRIVER_MESSAGES, NULL, NULL, NULL);

static void start_drivers(struct actor_executor *executor, struct actor_mailbox **ret_mailboxes)
{
	for (unsigned i = 0; i < N_DRIVERS; i++) {
		struct driver_mailbox mailbox;
		union driver_address driver;

		if (ACTOR_SPAWN_MAILBOX(driver, actor_executor_spawner(executor), NULL, NULL,
					&driver, &mailbox) < 0 ||
		    ACTOR_TRY_SEND(driver, drive, &(struct drive){ 0 }) < 0)
			abort();
		actor_address_unref(driver.address);
		ret_mailboxes[i] = mailbox.mailbox;
	}
}

static void end_drivers(struct actor_context *context, struct actor_mailbox **mailboxes)
{
	for (unsigned i = 0; i < N_DRIVERS; i++) {
		int rc = actor_mailbox_join(context, mailboxes[i], ACTOR_FOREVER, NULL);

		must(rc == 0, "a driver does not end");
		actor_mailbox_destroy(mailboxes[i]);
	}
}

/* ---- one run */

/* Those that never stop are there, at the same addresses: they answer, if they do not fail, and
 * the call is not overwritten. */
static void ask_all(struct actor_context *context)
{
	for (unsigned i = 0; i < tree.n_all; i++) {
		int rc = ACTOR_E_STOPPED;

		while (rc == ACTOR_E_STOPPED)
			rc = call_leaf(context, i, ACTOR_FOREVER);
		must(rc == 0 || (!is_on_ring(i) && is_loose(i / LEAVES_A_BRANCH)),
		     "an address is not valid any more");
	}
}

static long long n_ended(void)
{
	return n.handled + n.failed + n.dead + n.overwritten;
}

/* More than there is room for; returns how much is queued. */
static size_t fill_rings(struct actor_context *context)
{
	size_t n_queued = 0;

	for (unsigned i = tree.n_leaves; i < tree.n_all; i++) {
		for (unsigned k = 0; k <= RING_ROOM; k++)
			actor_ignore(send_deed(context, i));
		n_queued += actor_channel_length(tree.rings[i - tree.n_leaves]);
	}
	return n_queued;
}

/* When all else has come to its end, with full rings: what is queued is all that is left. */
static void count_what_is_queued(struct actor_context *context)
{
	int64_t deadline_ns = actor_now(context) + CALM_S * SECOND;

	calm = true;
	for (unsigned i = tree.n_leaves; i < tree.n_all; i++)
		must(actor_address_pause(tree.leaves[i].address) == 0, "a leaf does not pause");
	do {
		n.queued = (long long)fill_rings(context);
		actor_ignore(actor_sleep_until(context, actor_now(context) + MS));
	} while ((n.queued != (long long)(tree.n_all - tree.n_leaves) * RING_ROOM ||
		  n.accepted != n_ended() + n.queued) &&
		 actor_now(context) < deadline_ns);
	must(n.accepted == n_ended() + n.queued, "a message is lost while others are queued");
	for (unsigned i = tree.n_leaves; i < tree.n_all; i++)
		must(actor_address_resume(tree.leaves[i].address) == 0, "a leaf is not resumed");
}

static void stop_all(struct actor_context *context)
{
	int64_t began_ns = actor_now(context);
	struct actor_runtime_list *left;
	char text[4000];
	int rc;

	is_ending = true;
	rc = actor_runtime_stop(context, tree.runtime, began_ns + STOPPING_S * SECOND,
				ACTOR_RUNTIME_CANCEL, &left);

	n.stopping = (actor_now(context) - began_ns) / MS;
	must(rc == 0, "the system does not stop within its deadline");
	if (left) {
		actor_runtime_list_format(left, text, sizeof text);
		fprintf(stderr, "%s", text);
		actor_runtime_list_destroy(left);
		actor_ignore(actor_runtime_wait(context, tree.runtime, ACTOR_FOREVER));
	}
}

static int64_t n_dead(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters;
}

static void must_be_even(int64_t n_dead_letters)
{
	must(n.calls_begun == n.calls_ended, "a call has not ended");
	must(n.accepted == n_ended(), "a message is not accounted for");
	must(n.dead + n.overwritten == n_dead_letters, "dead letters are counted otherwise");
	must(n.deeds == 0, "a message or an answer was not dropped");
}

static int run(struct actor_executor *executor, unsigned n_actors, int64_t length_ns)
{
	struct actor_context *context = actor_thread_context();
	struct actor_runtime_options options = {
		.size = sizeof options,
		.limit_ns = 200 * MS,
		.on_notice = hear,
	};
	struct actor_mailbox *drivers[N_DRIVERS];
	union actor_supervisor_address root;
	int64_t n_dead_before = n_dead();

	memset(&n, 0, sizeof n);
	calm = is_ending = false;
	if (actor_runtime_create(executor, &options, &tree.runtime) < 0 ||
	    actor_runtime_start(tree.runtime) < 0)
		return ACTOR_E_NOMEM;
	plan_tree(n_actors);
	known_leaves = calloc(tree.n_all, sizeof *known_leaves);
	if (!known_leaves || !grow_tree(context, &root))
		return ACTOR_E_NOMEM;
	until_ns = actor_now(context) + length_ns;
	start_drivers(executor, drivers);
	end_drivers(context, drivers);
	ask_all(context);
	count_what_is_queued(context);
	stop_all(context);
	actor_address_unref(root.address);
	must(actor_runtime_destroy(tree.runtime) == 0, "the runtime has members");
	fell_tree();
	free(known_leaves);
	if (actor_executor_join(executor, ACTOR_FOREVER) < 0)
		return ACTOR_E_TIMEOUT;
	must_be_even(n_dead() - n_dead_before);
	return n.odd ? ACTOR_E_INVALID : 0;
}

static void report(void)
{
	fprintf(stderr,
		"accepted %lld = handled %lld + failed %lld + dead %lld + overwritten %lld (and "
		"once %lld were queued); calls %lld, answered %lld; "
		"failures told %lld, restarts %lld, ends %lld; unhealthy %lld, healthy %lld; "
		"stopped in %lld ms\n",
		n.accepted, n.handled, n.failed, n.dead, n.overwritten, n.queued, n.calls_begun,
		n.calls_answered, n.failures, n.restarts, n.ends, n.unhealthy, n.healthy,
		n.stopping);
	if (n.odd)
		fprintf(stderr, "%lld times something was wrong; the last: %s\n", n.odd, odd_text);
}

/* ---- the program */

static int simulate_one(struct actor_executor *executor, void *user)
{
	int rc;

	simulation = executor;
	rc = run(executor, *(unsigned *)user, (200 + choose(600)) * MS);
	simulation = NULL;
	return rc;
}

static int simulate(unsigned n_seeds, unsigned n_actors)
{
	struct actor_simulation_options options = { .size = sizeof options, .seed = seed + 1 };

	return actor_simulation_check(&options, n_seeds, simulate_one, &n_actors);
}

static int let_loose(unsigned n_seconds, unsigned n_actors)
{
	struct actor_executor *pool;
	int rc = actor_pool_create(NULL, &pool);

	if (rc == 0)
		rc = run(pool, n_actors, (int64_t)n_seconds * SECOND);
	if (rc == 0)
		rc = actor_executor_destroy(pool);
	/* A chaos in which nothing happens proves nothing. */
	if (rc == 0 && (!n.restarts || !n.unhealthy || !n.healthy || !n.calls_answered ||
			!n.failed || !n.dead || !n.overwritten || !n.queued))
		rc = ACTOR_E_INVALID;
	return rc;
}

static void on_alarm(int number)
{
	static const char text[] = "stuck\n";
	ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);

	(void)number, (void)written;
	abort();
}

static void log_errors(void *user, const struct actor_log_record *record)
{
	if (!strstr(record->text, "as it happens"))
		actor_log_to_stderr(user, record);
}

static bool parse(int argc, char **argv, uint64_t *numbers, const char *const *names)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		unsigned k = 0;
		char *end;

		while (names[k] && strcmp(argv[i], names[k]) != 0)
			k++;
		errno = 0;
		if (!names[k])
			return false;
		numbers[k] = strtoull(argv[i + 1], &end, 10);
		if (errno || *end || numbers[k] > UINT32_MAX)
			return false;
	}
	return argc % 2 == 1;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "--seconds", "--actors", "--seed", "--simulate",
					     NULL };
	uint64_t numbers[] = { 3, 1000, 0, 0 };
	int rc;

	if (!parse(argc, argv, numbers, names) || numbers[1] == 0 || numbers[1] > MOST_ACTORS) {
		fprintf(stderr, "usage: chaos [--seconds N] [--actors N] [--seed N] "
				"[--simulate N]\n");
		return 2;
	}
	seed = numbers[2];
	signal(SIGALRM, on_alarm);
	alarm((unsigned)numbers[0] + (numbers[3] ? 10 * PATIENCE_S : PATIENCE_S));
	actor_log_set_sink(log_errors, NULL, ACTOR_LOG_ERROR);
	if (numbers[3])
		rc = simulate((unsigned)numbers[3], (unsigned)numbers[1]);
	else
		rc = let_loose((unsigned)numbers[0], (unsigned)numbers[1]);
	report();
	if (rc < 0)
		fprintf(stderr, "%s\n", actor_strerror(rc));
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
