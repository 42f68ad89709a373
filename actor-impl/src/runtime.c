/* SPDX-License-Identifier: MIT */

/*
 * Runtimes: who is a member, and how all of them come to an end.
 *
 * A member is one from before its actor can run until it has gone, which its watcher is told under
 * the actor's latch. So the runtime's lock is taken with latches of actors in hand, and nothing is
 * taken with it in hand but what timers need: whatever uses addresses, takes latches of actors, or
 * is the program's own happens without it, on members that are held. The memory of an actor is kept
 * as long as its member's, so that whoever is found in a table is there.
 *
 * What is to be told and sent is kept by whom it is about, not in queues: see runtime-notices.c. A
 * member counts until all that is to be told of it has been told, so that whoever waits for the
 * last one has heard of it.
 *
 * The order of locks: actor's latch, ears (where somebody waits), the runtime's lock, timers.
 */

#define _GNU_SOURCE /* util/lock.h */

#include "runtime.h"

#include "actor.h"
#include "thread.h"
#include "util/given.h"
#include "util/lock.h"
#include "util/memory.h"
#include "util/random.h"
#include "util/step.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIMIT_NS INT64_C(1000000000)
#define TICKS_A_LIMIT 25
#define SHORTEST_TICK_NS INT64_C(10000000)

ACTOR_EXPORT ACTOR_SIGNAL_DEFINE(actor_start, "actor.start", NULL);
ACTOR_EXPORT ACTOR_SIGNAL_DEFINE(actor_terminate, "actor.terminate", NULL);

/* ---- memory */

void actor__runtime_hold(struct actor_runtime *runtime)
{
	/* Relaxed: whoever holds more holds some already, or its timer is armed. */
	atomic_fetch_add_explicit(&runtime->n_holders, 1, memory_order_relaxed);
}

void actor__runtime_release(struct actor_runtime *runtime)
{
	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&runtime->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	actor__table_deinit(&runtime->by_actor);
	actor__table_deinit(&runtime->by_number);
	actor__table_deinit(&runtime->by_name);
	pthread_cond_destroy(&runtime->wake);
	pthread_cond_destroy(&runtime->quiet);
	pthread_mutex_destroy(&runtime->lock);
	free(runtime);
}

static struct actor__member *member_of_due(struct actor__due *due)
{
	return ACTOR_CONTAINER_OF(due, struct actor__member, due);
}

static void member_destroy(struct actor__due *due)
{
	struct actor__member *member = member_of_due(due);

	actor__subscription_destroy(member->of_all);
	actor__story_end(&member->story);
	if (member->actor)
		actor__actor_release(member->actor);
	actor__runtime_release(member->runtime);
	free(member);
}

static struct actor__member *member_create(struct actor_runtime *runtime, const char *name)
{
	size_t n_name = name ? strlen(name) : 0;
	struct actor__member *member = actor__memory_alloc(sizeof *member + n_name + 1);

	if (!member)
		return NULL;
	member->due.run = actor__member_run;
	member->due.destroy = member_destroy;
	atomic_init(&member->due.n_holders, 1);
	member->runtime = runtime;
	actor__runtime_hold(runtime);
	member->watcher.told = actor__runtime_told;
	actor_waiter_init(&member->waiter, actor__member_wake);
	actor__links_init(&member->subscriptions);
	actor__links_init(&member->busy);
	if (n_name)
		memcpy(member->name, name, n_name);
	if (runtime->to)
		member->of_all = actor__subscription_create(runtime, runtime->to);
	if (runtime->to && !member->of_all) {
		actor__due_release(&member->due);
		return NULL;
	}
	return member;
}

/* ---- who is found how */

/* Fowler, Noll, Vo. */
static uint64_t hash_name(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return actor__scramble(hash);
}

static struct actor__member *namesake(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__member, namesakes);
}

static uint64_t hash_actor(const struct actor__actor *actor)
{
	return actor__scramble((uint64_t)(uintptr_t)actor);
}

struct actor__member *actor__member_of(struct actor_runtime *runtime,
				       const struct actor__actor *actor)
{
	/* No two have the same hash: it can be undone. */
	struct actor__table_node *node = actor__table_first(&runtime->by_actor, hash_actor(actor));

	return node ? ACTOR_CONTAINER_OF(node, struct actor__member, by_actor) : NULL;
}

struct actor__member *actor__member_numbered(struct actor_runtime *runtime,
					     struct actor_identity identity)
{
	struct actor__table_node *node = actor__table_first(&runtime->by_number,
							    actor__scramble(identity.number));
	struct actor__member *member;

	if (!node)
		return NULL;
	member = ACTOR_CONTAINER_OF(node, struct actor__member, by_number);
	return actor_identity_same(actor__actor_identity(member->actor), identity) ? member : NULL;
}

/* The first of these; it may be one that is just being made. */
static struct actor__member *member_named(struct actor_runtime *runtime, const char *name)
{
	struct actor__table_node *node = actor__table_first(&runtime->by_name, hash_name(name));

	while (node) {
		struct actor__member *member = ACTOR_CONTAINER_OF(node, struct actor__member,
								  by_name);

		if (strcmp(member->name, name) == 0)
			return member;
		node = actor__table_next(node);
	}
	return NULL;
}

/* NULL after the last one. */
static struct actor__member *next_namesake(const struct actor__member *member)
{
	struct actor__member *next = namesake(member->namesakes.next);

	return next->is_named ? NULL : next;
}

/* ---- coming and going */

static void enter_name(struct actor__member *member)
{
	actor__table_insert(&member->runtime->by_name, &member->by_name, hash_name(member->name));
	member->is_named = true;
}

/* Unless it has none. Of those who have the same, the first one is found. */
static void take_name(struct actor__member *member)
{
	struct actor__member *first;

	actor__links_init(&member->namesakes);
	if (!member->name[0])
		return;
	first = member_named(member->runtime, member->name);
	if (first)
		actor__link_before(&first->namesakes, &member->namesakes);
	else
		enter_name(member);
}

static void leave_name(struct actor__member *member)
{
	struct actor__link *next = actor__links_first(&member->namesakes);

	if (member->is_named) {
		actor__table_remove(&member->runtime->by_name, &member->by_name);
		if (next)
			enter_name(namesake(next));
	}
	member->is_named = false;
	actor__link_take(&member->namesakes);
}

static struct actor__runtime_spawner *spawner_of(struct actor_spawner *spawner)
{
	assert(spawner->ops == &actor__runtime_spawner_ops);
	return ACTOR_CONTAINER_OF(spawner, struct actor__runtime_spawner, base);
}

struct actor_executor *actor__runtime_executor(struct actor_spawner *spawner)
{
	return spawner_of(spawner)->runtime->executor;
}

/* With the lock held: whether somebody of that name may come from outside. */
static int check(struct actor_runtime *runtime, const char *name)
{
	if (runtime->is_stopping)
		return ACTOR_E_CLOSED;
	return name[0] && member_named(runtime, name) ? ACTOR_E_BUSY : 0;
}

static int admit(struct actor_runtime *runtime, bool within, const char *name,
		 struct actor__member **ret_member)
{
	struct actor__member *member = member_create(runtime, name);
	int rc = 0;

	if (!member)
		return ACTOR_E_NOMEM;
	actor__runtime_lock(runtime);
	member->within = within;
	if (!within)
		rc = check(runtime, member->name);
	if (rc == 0)
		take_name(member);
	actor__runtime_unlock(runtime);
	if (rc < 0)
		actor__due_release(&member->due);
	else
		*ret_member = member;
	return rc;
}

int actor__runtime_admit(struct actor_spawner *spawner, const char *name,
			 struct actor__member **ret_member)
{
	struct actor__runtime_spawner *this = spawner_of(spawner);

	return admit(this->runtime, this->within, name, ret_member);
}

static void dismiss(struct actor__member *member)
{
	actor__runtime_lock(member->runtime);
	leave_name(member);
	actor__runtime_unlock(member->runtime);
	actor__due_release(&member->due);
}

/* With the lock held: it is here. Whoever is made by a member that drains is not to drain. */
static void enter(struct actor__member *member, struct actor__actor *actor)
{
	struct actor_runtime *runtime = member->runtime;

	member->actor = actor;
	actor__actor_hold(actor);
	actor__story_begin(&member->story, actor);
	actor__table_insert(&runtime->by_actor, &member->by_actor, hash_actor(actor));
	actor__table_insert(&runtime->by_number, &member->by_number,
			    actor__scramble(actor->number));
	actor__link_before(&runtime->members, &member->link);
	actor__link_before(&runtime->turns, &member->turn);
	runtime->n_members++;
	if (member->of_all)
		actor__subscription_enter(member->of_all, member);
	member->of_all = NULL;
	if (runtime->is_started)
		member->owes |= ACTOR__OWES_START;
	if (runtime->is_stopping && !member->within)
		member->owes |= ACTOR__OWES_TERMINATE | ACTOR__OWES_DRAIN;
}

/* Be told of its end, which may have come: 0, or ACTOR_E_CLOSED. The caller holds the member. */
static int begin(struct actor__member *member)
{
	int how = actor__watch(member->actor, &member->watcher);

	if (how > 0) {
		actor__runtime_over(member, (enum actor_ended)how);
		return ACTOR_E_CLOSED;
	}
	actor__member_pay(member, false);
	return 0;
}

void actor__runtime_settle(struct actor__member *member, int status, struct actor_mailbox *mailbox)
{
	if (status < 0) {
		dismiss(member);
		return;
	}
	actor__due_hold(&member->due);
	actor__runtime_lock(member->runtime);
	enter(member, ACTOR_CONTAINER_OF(mailbox, struct actor__actor, mailbox));
	actor__runtime_unlock(member->runtime);
	actor_ignore(begin(member));
	actor__due_release(&member->due);
}

void actor__member_leave(struct actor__member *member)
{
	struct actor_runtime *runtime = member->runtime;

	actor__table_remove(&runtime->by_actor, &member->by_actor);
	actor__table_remove(&runtime->by_number, &member->by_number);
	leave_name(member);
	actor__monitor_forget(member);
}

static int mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		   const struct actor_mailbox_options *options, struct actor_mailbox **ret_mailbox)
{
	struct actor_executor *executor = actor__runtime_executor(spawner);
	struct actor__member *member;
	int rc = actor__runtime_admit(spawner, ACTOR__GIVEN(options, name, NULL), &member);

	if (rc < 0)
		return rc;
	rc = actor_mailbox_create(actor_executor_spawner(executor), behavior, options, ret_mailbox);
	actor__runtime_settle(member, rc, rc == 0 ? *ret_mailbox : NULL);
	return rc;
}

/* Spawning makes a mailbox first: so its actor is a member before it runs. */
const struct actor_spawner_ops actor__runtime_spawner_ops = {
	.size = sizeof actor__runtime_spawner_ops,
	.mailbox = mailbox,
};

struct actor_spawner *actor__runtime_spawner_for(struct actor__actor *actor)
{
	struct actor_spawner *spawner = &actor->executor->spawner;
	struct actor__watcher *watcher;

	actor__latch_take(&actor->channel.latch);
	watcher = atomic_load_explicit(&actor->watchers, memory_order_relaxed);
	while (watcher && watcher->told != actor__runtime_told)
		watcher = watcher->next;
	if (watcher)
		spawner = &ACTOR_CONTAINER_OF(watcher, struct actor__member, watcher)
				   ->runtime->within.base;
	actor__latch_leave(&actor->channel.latch);
	return spawner;
}

struct actor_spawner *actor_runtime_spawner(struct actor_runtime *runtime)
{
	return &runtime->spawner.base;
}

int actor_runtime_register(struct actor_runtime *runtime, struct actor_address *address)
{
	struct actor__actor *actor = actor__address_actor(address);
	struct actor__member *member, *before;
	bool is_new;
	int rc = 0;

	if (!actor)
		return ACTOR_E_UNSUPPORTED;
	member = member_create(runtime, actor->name);
	if (!member)
		return ACTOR_E_NOMEM;
	actor__runtime_lock(runtime);
	before = actor__member_of(runtime, actor);
	if (!before)
		rc = check(runtime, member->name);
	is_new = !before && rc == 0;
	if (is_new) {
		actor__due_hold(&member->due);
		take_name(member);
		enter(member, actor);
	}
	actor__runtime_unlock(runtime);
	if (is_new)
		rc = begin(member);
	actor__due_release(&member->due);
	return rc;
}

/* Takes no lock. */
static struct actor_address *address_of(const struct actor__member *member)
{
	return member->actor ? actor_address_upgrade(&member->actor->weak) : NULL;
}

struct actor_address *actor_runtime_find(struct actor_runtime *runtime, const char *name)
{
	struct actor_address *address = NULL;
	struct actor__member *member;

	actor__runtime_lock(runtime);
	member = name[0] ? member_named(runtime, name) : NULL;
	while (member && !(address = address_of(member)))
		member = next_namesake(member);
	actor__runtime_unlock(runtime);
	return address;
}

/* ---- start, stop */

/* With the lock held: all but one are due to get something. */
static void owe(struct actor_runtime *runtime, unsigned what, const struct actor__member *but)
{
	struct actor__link *ring = &runtime->members;

	for (struct actor__link *link = ring->next; link != ring; link = link->next) {
		struct actor__member *member = ACTOR_CONTAINER_OF(link, struct actor__member, link);

		if (member == but || member->story.is.gone)
			continue;
		member->owes |= what;
		actor__runtime_make_due(runtime, &member->due);
	}
}

/* A stop ends pauses, now rather than with the drain: who takes nothing makes no room. */
static int send_terminate(struct actor__actor *actor, struct actor_waiter *waiter)
{
	struct actor_terminate terminate = { 0 };

	actor__actor_resume(actor);
	return actor__actor_signal(actor, &actor_terminate_type, &terminate, waiter);
}

/* 0: it has been done, or is to be done no more; ACTOR_E_FULL, ACTOR_E_NOMEM: not yet. */
static int pay_one(struct actor__actor *actor, unsigned what, struct actor_waiter *waiter)
{
	struct actor_start start = { 0 };
	int rc = 0;

	switch (what) {
	case ACTOR__OWES_START:
		rc = actor__actor_signal(actor, &actor_start_type, &start, waiter);
		break;
	case ACTOR__OWES_TERMINATE:
		rc = send_terminate(actor, waiter);
		break;
	case ACTOR__OWES_DRAIN:
		actor__actor_ask(actor, ACTOR__ASKED_DRAIN);
		break;
	case ACTOR__OWES_CANCEL:
		actor__mailbox_cancel(actor);
		break;
	}
	return rc == ACTOR_E_FULL || rc == ACTOR_E_NOMEM ? rc : 0;
}

/* All in order, but to be cancelled waits for nothing, and makes the rest needless: as
 * pay_one(), and what is left. */
static int pay(struct actor__actor *actor, unsigned owes, struct actor_waiter *waiter,
	       unsigned *ret_left)
{
	int rc = 0;

	if (owes & ACTOR__OWES_CANCEL)
		owes = ACTOR__OWES_CANCEL;
	for (unsigned what = ACTOR__OWES_START; owes && rc == 0; what <<= 1) {
		if (owes & what)
			rc = pay_one(actor, what, waiter);
		if (rc == 0)
			owes &= ~what;
	}
	*ret_left = owes;
	return rc;
}

static void leave_line(struct actor__member *member)
{
	if (member->in_line)
		actor_address_withdraw(&member->actor->weak, &member->waiter);
	member->in_line = false;
}

/* Not yet: again @later, or when there is room; unless it has gone meanwhile. */
static void put_off(struct actor__member *member, unsigned left, bool later)
{
	struct actor_runtime *runtime = member->runtime;

	actor__runtime_lock(runtime);
	if (!member->story.is.gone) {
		member->owes |= (unsigned char)left;
		if (later)
			actor__runtime_make_late(runtime, &member->due);
	}
	actor__runtime_unlock(runtime);
}

void actor__member_pay(struct actor__member *member, bool in_line)
{
	struct actor_runtime *runtime = member->runtime;
	unsigned owes, left;
	int rc;

	actor__runtime_lock(runtime);
	owes = member->story.is.gone ? 0 : member->owes;
	member->owes = 0;
	actor__runtime_unlock(runtime);
	rc = pay(member->actor, owes, in_line ? &member->waiter : NULL, &left);
	if (in_line && rc == ACTOR_E_FULL)
		member->in_line = true;
	else if (in_line)
		leave_line(member);
	ACTOR__STEP(paid);
	if (rc < 0)
		put_off(member, left, !(in_line && rc == ACTOR_E_FULL));
}

int actor_runtime_start(struct actor_runtime *runtime)
{
	int rc = 0;

	if (!runtime->has_monitor)
		rc = actor__monitor_begin(runtime);
	if (rc < 0)
		return rc;
	actor__runtime_lock(runtime);
	if (!runtime->is_started)
		owe(runtime, ACTOR__OWES_START, NULL);
	runtime->is_started = true;
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	return 0;
}

/* The member that would wait for itself. */
struct waiting {
	struct actor_runtime *runtime;
	const struct actor__actor *self;
};

/* With the lock held; NULL if there is none. */
static struct actor__member *member_that_waits(const struct waiting *waiting)
{
	return waiting->self ? actor__member_of(waiting->runtime, waiting->self) : NULL;
}

static struct waiting waiting_of(struct actor_context *context, struct actor_runtime *runtime)
{
	struct actor_address *self = actor_self(context);

	return (struct waiting){ runtime, self ? actor__address_actor(self) : NULL };
}

static int look(void *user)
{
	const struct waiting *waiting = user;
	struct actor_runtime *runtime = waiting->runtime;
	bool over;

	actor__runtime_lock(runtime);
	over = runtime->n_members == (member_that_waits(waiting) ? 1 : 0) && !runtime->delivers &&
	       !actor__links_first(&runtime->due);
	actor__runtime_unlock(runtime);
	return over ? 0 : ACTOR_PENDING;
}

static int wait_for_all(struct actor_context *context, struct waiting *waiting, int64_t deadline_ns)
{
	struct actor_runtime *runtime = waiting->runtime;

	return actor__bell_wait(&runtime->bell, &runtime->ears, context, deadline_ns, look,
				waiting);
}

int actor_runtime_wait(struct actor_context *context, struct actor_runtime *runtime,
		       int64_t deadline_ns)
{
	struct waiting waiting = waiting_of(context, runtime);

	return wait_for_all(context, &waiting, deadline_ns);
}

/* NULL: nobody, just now; or there is no memory. */
static struct actor_runtime_list *list_left(struct actor_runtime *runtime,
					    const struct actor__member *self)
{
	struct actor_runtime_list *left;

	if (actor__runtime_list(runtime, self, &left) < 0)
		return NULL;
	if (left->n_members > 0)
		return left;
	actor_runtime_list_destroy(left);
	return NULL;
}

/* Whether none is left after all: who has gone just now may still have to be told of. */
static bool is_over(struct waiting *waiting)
{
	actor__runtime_deliver(waiting->runtime);
	return look(waiting) == 0;
}

/* Their time is up. */
static void see_to_the_rest(struct waiting *waiting, enum actor_runtime_rest rest,
			    struct actor_runtime_list **ret_left)
{
	struct actor_runtime *runtime = waiting->runtime;
	struct actor__member *self;

	actor__runtime_lock(runtime);
	self = member_that_waits(waiting); /* it stays one: it runs */
	actor__runtime_unlock(runtime);
	actor__runtime_log_left(runtime, self);
	if (ret_left)
		*ret_left = list_left(runtime, self);
	if (rest != ACTOR_RUNTIME_CANCEL)
		return;
	actor__runtime_lock(runtime);
	owe(runtime, ACTOR__OWES_CANCEL, self);
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
}

int actor_runtime_stop(struct actor_context *context, struct actor_runtime *runtime,
		       int64_t deadline_ns, enum actor_runtime_rest rest,
		       struct actor_runtime_list **ret_left)
{
	struct waiting waiting = waiting_of(context, runtime);
	int rc;

	if (ret_left)
		*ret_left = NULL;
	actor__runtime_lock(runtime);
	if (!runtime->is_stopping)
		owe(runtime, ACTOR__OWES_TERMINATE | ACTOR__OWES_DRAIN, NULL);
	runtime->is_stopping = true;
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	rc = wait_for_all(context, &waiting, deadline_ns);
	if (rc != ACTOR_E_TIMEOUT)
		return rc;
	if (is_over(&waiting))
		return 0;
	see_to_the_rest(&waiting, rest, ret_left);
	return ACTOR_E_TIMEOUT;
}

/* ---- a runtime */

static int settle_options(const struct actor_runtime_options *given,
			  struct actor_runtime_options *ret_options)
{
	struct actor_runtime_options options;

	if (!actor__options_read(&options, sizeof options, given))
		return ACTOR_E_INVALID;
	if (options.limit_ns == 0)
		options.limit_ns = DEFAULT_LIMIT_NS;
	if (options.watchdog_ns == 0)
		options.watchdog_ns = DEFAULT_LIMIT_NS;
	*ret_options = options;
	if (options.limit_ns < 0 || options.watchdog_ns < 0)
		return ACTOR_E_INVALID;
	if (options.to.address && !actor_address_handles(options.to.address, &actor_notice_type))
		return ACTOR_E_UNHANDLED;
	return 0;
}

static int64_t tick_of(const struct actor_runtime_options *options)
{
	int64_t shorter_ns = options->limit_ns < options->watchdog_ns ? options->limit_ns
								      : options->watchdog_ns;

	if (shorter_ns == ACTOR_FOREVER)
		shorter_ns = DEFAULT_LIMIT_NS;
	return shorter_ns / TICKS_A_LIMIT > SHORTEST_TICK_NS ? shorter_ns / TICKS_A_LIMIT
							     : SHORTEST_TICK_NS;
}

int actor_runtime_create(struct actor_executor *executor,
			 const struct actor_runtime_options *options,
			 struct actor_runtime **ret_runtime)
{
	struct actor_runtime_options settled;
	struct actor_runtime *runtime;
	int rc;

	rc = settle_options(options, &settled);
	if (rc < 0)
		return rc;
	runtime = actor__memory_alloc(sizeof *runtime);
	if (!runtime)
		return ACTOR_E_NOMEM;
	runtime->options = settled;
	if (settled.to.address)
		runtime->to = actor_address_weak(settled.to.address);
	runtime->executor = executor;
	runtime->spawner =
		(struct actor__runtime_spawner){ { &actor__runtime_spawner_ops }, runtime, false };
	runtime->within =
		(struct actor__runtime_spawner){ { &actor__runtime_spawner_ops }, runtime, true };
	atomic_init(&runtime->n_holders, 1);
	runtime->tick_ns = tick_of(&settled);
	actor__lock_init(&runtime->lock);
	pthread_cond_init(&runtime->quiet, NULL);
	actor__cond_init_monotonic(&runtime->wake);
	actor__table_init(&runtime->by_actor);
	actor__table_init(&runtime->by_number);
	actor__table_init(&runtime->by_name);
	actor__links_init(&runtime->members);
	actor__links_init(&runtime->orphans);
	actor__links_init(&runtime->listeners);
	actor__links_init(&runtime->due);
	actor__links_init(&runtime->late);
	actor__links_init(&runtime->busy);
	actor__links_init(&runtime->turns);
	actor__runtime_alarm_init(runtime);
	atomic_fetch_add(&executor->n_runtimes, 1);
	*ret_runtime = runtime;
	return 0;
}

int actor_runtime_destroy(struct actor_runtime *runtime)
{
	bool busy;

	if (!runtime)
		return 0;
	actor__runtime_lock(runtime);
	busy = runtime->n_members > 0 || runtime->delivers == actor__thread();
	actor__runtime_unlock(runtime);
	if (busy)
		return ACTOR_E_BUSY;
	actor__monitor_end(runtime);
	actor__runtime_alarm_end(runtime);
	atomic_fetch_sub(&runtime->executor->n_runtimes, 1);
	actor_address_unref(runtime->to);
	actor__runtime_release(runtime);
	return 0;
}
