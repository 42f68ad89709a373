/* SPDX-License-Identifier: MIT */

/*
 * The thread pool.
 *
 * Each worker has a slot for the task that was made ready last, and three rings: for actors that
 * have just been started, for those that were made ready, and for those that have had their turn.
 * What a handler wakes goes to the slot: it runs next, on the core whose cache has the message.
 * What was in the slot moves to a ring; what does not fit into a ring, or comes from a foreign
 * thread, goes to the common queue. A worker looks into its slot (so many times in a row), then in
 * turn at what it has started, the latest first, so that actors that start actors need memory for
 * the depth of the tree and not for its width, and at what is ready, the oldest first; and, when
 * there is none of these or it has taken many of them, at those that have had their turn. When it
 * has nothing it looks into the common queue; then it robs the others of half of a ring. So that
 * nothing starves, it looks around at any rate after MOST_TURNS turns, or fewer where these take
 * longer than LOOK_NS: at the timers, at the common queue, and every AIR_NS at the first of those
 * that were started. What is in a slot is its owner's alone, as long as it comes back for it.
 *
 * Waking a thread costs more than running a hundred messages, so it is done only when a worker is
 * parked and there is work that nobody has in hand: when a task is pushed to a ring or to the
 * common queue. And it is learnt: if those who got up had nothing to do again soon, then so many
 * tasks pushed to rings wake nobody, twice as many each time. A task in a slot wakes nobody. Should
 * its worker be kept by a long handler, what waits there is taken to the common queue on a patrol,
 * every PATROL_NS: by a worker that has much to do, or, if one is parked while others are awake, by
 * the watchman, who gets up for that. When all are parked nobody looks: an idle pool sleeps.
 *
 * Nor are all workers up when fewer get more done: governor.c says how many may be. Those beyond
 * that stand down, and leave what they have to the others.
 *
 * No wake-up is lost: whoever offers work first makes it visible, then looks for parked workers;
 * whoever parks is first counted as parked, then looks for work; with a light fence between the
 * two there, and a heavy one here. Who parks with work on offer, because enough others are up, has
 * counted them under the lock: they are yet to look, or, if a handler keeps them, the watchman is.
 */

#define _GNU_SOURCE /* pthread_setname_np(), util/lock.h */

#include <actor-impl/pool.h>

#include "burst.h"
#include "context.h"
#include "executor.h"
#include "governor.h"
#include "processors.h"
#include "ring.h"
#include "thread.h"
#include "util/fence.h"
#include "util/lock.h"
#include "util/memory.h"
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE_LATER 64	  /* others, before one of those that have had their turn */
#define MOST_HANDOVERS 64 /* tasks in a row that were made ready last */
#define MOST_TURNS 128	  /* from one look around to the next */
#define LOOK_NS 50000	  /* the same, where turns take long */
#define PATROL_NS 2000000 /* 2 ms */
#define AIR_NS 10000000	  /* 10 ms */
#define GOVERN_NS 500000  /* half a millisecond */
#define SHORT_NS 100000	  /* not worth getting up for: waking takes as long */
#define MOST_SKIPPED 1023 /* wakes in a row */
#define MOST_THREADS 4096

struct pool;

enum ring { STARTED, READY, LATER, N_RINGS };

struct worker {
	struct actor__worker base;
	struct pool *pool;
	pthread_t thread;
	_Atomic(struct actor__thread *) record; /* of that thread, once it runs */
	uint32_t patrolled_turns;		/* what was seen on the last patrol */
	int64_t up_ns; /* when it was woken for what was in a ring; 0 if it was not */
	unsigned next_victim;
	unsigned n_before_later;
	unsigned n_turns;   /* from the last look around to the next */
	int64_t looked_ns;  /* when that was; 0: before it slept */
	bool slow;	    /* the turns before that took long */
	uint32_t picked_at; /* the last turn that went to what was found by one */
	bool ready_next;    /* started and ready take turns */
	int64_t aired_ns;   /* when it last took the first of those it has started; 0: it slept */
	bool asleep;	    /* its last look around ended in sleep */
	bool patrols;	    /* counted as parked: it sleeps, or is the watchman on his round */
	struct actor__ring rings[N_RINGS];
};

struct pool {
	struct actor_executor executor;
	unsigned n_workers;
	struct worker *workers;
	pthread_mutex_t lock; /* for the common queue and for parking */
	pthread_cond_t work;
	struct actor__task *first; /* the common queue */
	struct actor__task **end;
	atomic_size_t n_queued;
	atomic_uint n_parked;
	atomic_uint n_allowed; /* to be up, by the governor */
	_Atomic int64_t governed_ns;
	_Atomic int64_t patrolled_ns;
	atomic_bool on_patrol; /* somebody is */
	struct actor__governor governor;
	atomic_bool waking;    /* somebody was called, and has not been seen at work yet */
	atomic_uint n_to_skip; /* wakes that would not be worth it, by what the last ones were */
	unsigned n_skipped;    /* how many were to be skipped, the last time */
	bool tried;	       /* somebody was called for what is in a ring */
	bool watched;	       /* one of the parked is the watchman */
	bool ending;
	char thread_name[12]; /* these as in the options */
	void (*thread_begin)(void *user, unsigned index);
	void (*thread_end)(void *user, unsigned index);
	void *user;
};

static struct pool *pool_of(struct actor_executor *executor)
{
	return ACTOR_CONTAINER_OF(executor, struct pool, executor);
}

static struct worker *worker_at(const struct actor__thread *thread)
{
	return (struct worker *)(void *)thread->worker; /* where it begins */
}

/* The worker of this pool that the calling thread is, or NULL. */
static struct worker *worker_of(const struct actor__thread *thread, const struct pool *pool)
{
	struct worker *worker = worker_at(thread);

	return worker && worker->pool == pool ? worker : NULL;
}

/* By itself. Relaxed: others only want to know whether it changes. */
static uint32_t turns_of(const struct worker *worker)
{
	return atomic_load_explicit(&worker->base.turns, memory_order_relaxed);
}

/* ---- the common queue; under the pool's lock ---- */

static void queue_append(struct pool *pool, struct actor__task *task)
{
	task->next = NULL;
	*pool->end = task;
	pool->end = &task->next;
	atomic_fetch_add(&pool->n_queued, 1);
}

static struct actor__task *queue_take(struct pool *pool)
{
	struct actor__task *task = pool->first;

	if (!task)
		return NULL;
	pool->first = task->next;
	if (!pool->first)
		pool->end = &pool->first;
	atomic_fetch_sub(&pool->n_queued, 1);
	return task;
}

/* ---- a worker's slot ---- */

/* By the owner: put @task there, and take out what was there. */
static ACTOR__OUT_OF_LINE struct actor__task *slot_swap(struct worker *worker,
							struct actor__task *task)
{
	return actor__slot_swap(&worker->base.slot, &worker->pool->lock, task);
}

static struct actor__task *slot_take(struct worker *worker)
{
	return actor__slot_is_empty(&worker->base.slot) ? NULL : slot_swap(worker, NULL);
}

/* By anybody else. */
static struct actor__task *slot_rob(struct worker *worker)
{
	struct actor__task *task;

	if (actor__slot_is_empty(&worker->base.slot))
		return NULL;
	pthread_mutex_lock(&worker->pool->lock);
	task = actor__slot_rob(&worker->base.slot);
	pthread_mutex_unlock(&worker->pool->lock);
	return task;
}

/* ---- offering work ---- */

/* Whether one more worker could be up, and may. */
static bool may_wake(const struct pool *pool)
{
	unsigned n_parked = atomic_load_explicit(&pool->n_parked, memory_order_relaxed);

	return n_parked > 0 && pool->n_workers - n_parked <
				       atomic_load_explicit(&pool->n_allowed, memory_order_relaxed);
}

/* By the worker itself. */
static unsigned n_others_up(const struct worker *worker)
{
	const struct pool *pool = worker->pool;
	unsigned n_up = pool->n_workers -
			atomic_load_explicit(&pool->n_parked, memory_order_relaxed);

	return worker->patrols ? n_up : n_up - 1; /* on patrol it is not counted as up */
}

/* Whether there are enough others up, so that this worker should not be. */
static bool is_surplus(const struct worker *worker)
{
	return n_others_up(worker) >=
	       atomic_load_explicit(&worker->pool->n_allowed, memory_order_relaxed);
}

/* Under the pool's lock. One worker is woken at a time: it wakes the next if it leaves work. */
static void wake_locked(struct pool *pool)
{
	if (may_wake(pool) && !atomic_exchange(&pool->waking, true))
		pthread_cond_signal(&pool->work);
}

/* Something was put into a ring, where its worker will find it, and everybody else who looks. */
static void wake_one(struct pool *pool)
{
	unsigned n_to_skip;

	actor__fence_light(); /* what is offered is seen before we look for somebody to take it */
	if (!may_wake(pool) || atomic_load_explicit(&pool->waking, memory_order_relaxed))
		return;
	/* Relaxed, and not counted exactly: the watchman comes in any case. */
	n_to_skip = atomic_load_explicit(&pool->n_to_skip, memory_order_relaxed);
	if (n_to_skip > 0) {
		atomic_store_explicit(&pool->n_to_skip, n_to_skip - 1, memory_order_relaxed);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	pool->tried = true;
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* A worker has nothing to do: was it worth getting up? Under the pool's lock. */
static void learn(struct worker *worker)
{
	struct pool *pool = worker->pool;

	if (worker->up_ns == 0)
		return;
	if (actor__now() - worker->up_ns >= SHORT_NS)
		pool->n_skipped = 0;
	else if (pool->n_skipped < MOST_SKIPPED)
		pool->n_skipped = 2 * pool->n_skipped + 1; /* 1, 3, 7 ... */
	atomic_store_explicit(&pool->n_to_skip, pool->n_skipped, memory_order_relaxed);
	worker->up_ns = 0;
}

static void offer_common(struct pool *pool, struct actor__task *task)
{
	pthread_mutex_lock(&pool->lock);
	queue_append(pool, task);
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* By a worker, for its rings. */
static ACTOR__OUT_OF_LINE void offer(struct worker *worker, struct actor__task *task,
				     enum actor__urgency urgency)
{
	static const enum ring rings[] = {
		[ACTOR__FIRST] = STARTED, [ACTOR__SOON] = READY,    [ACTOR__LATER] = LATER,
		[ACTOR__ALONE] = LATER,	  [ACTOR__QUIETLY] = LATER,
	};

	if (!actor__ring_push(&worker->rings[rings[urgency]], task))
		offer_common(worker->pool, task);
	else if (urgency < ACTOR__ALONE)
		wake_one(worker->pool);
}

/* That was a turn as long as many, or a long sleep. */
static void look_around_next(struct worker *worker)
{
	worker->base.look_at = turns_of(worker) + 1;
}

static ACTOR__OUT_OF_LINE void schedule_slowly(struct actor_executor *executor,
					       struct actor__thread *thread,
					       struct actor__task *task,
					       enum actor__urgency urgency)
{
	struct worker *worker = worker_of(thread, pool_of(executor));

	if (worker) {
		if (urgency == ACTOR__SOON)
			task = slot_swap(worker, task);
		else if (urgency == ACTOR__LATER || urgency == ACTOR__ALONE)
			look_around_next(worker);
		if (task)
			offer(worker, task, urgency);
	} else if (!actor__thread_takes(thread, task) &&
		   !actor__burst_notes(thread, executor, task)) {
		offer_common(pool_of(executor), task);
	}
}

static void pool_schedule(struct actor_executor *executor, struct actor__thread *thread,
			  struct actor__task *task, enum actor__urgency urgency)
{
	struct worker *worker = worker_of(thread, pool_of(executor));

	if (ACTOR__RARELY(!worker || urgency != ACTOR__SOON ||
			  !actor__slot_enter(&worker->base.slot)))
		schedule_slowly(executor, thread, task, urgency);
	else if ((task = actor__slot_exchange(&worker->base.slot, task)))
		offer(worker, task, urgency);
}

/* Of a thread that is none of the pool's. */
static void pool_offer(struct actor_executor *executor, struct actor__task *first)
{
	struct pool *pool = pool_of(executor);

	pthread_mutex_lock(&pool->lock);
	while (first) {
		struct actor__task *task = first;

		first = task->next;
		queue_append(pool, task);
	}
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

static bool anything_in_rings(const struct worker *worker)
{
	for (size_t i = 0; i < N_RINGS; i++)
		if (actor__ring_length(&worker->rings[i]) > 0)
			return true;
	return false;
}

static bool anything_offered(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->n_workers; i++)
		if (anything_in_rings(&pool->workers[i]))
			return true;
	return atomic_load(&pool->n_queued) > 0;
}

/* With what it takes to run it: see starved.c. Under the pool's lock. */
static bool anything_for(const struct worker *worker)
{
	return anything_offered(worker->pool) ||
	       actor__starved_waits(&worker->pool->executor, actor__thread());
}

/* ---- finding work ---- */

/* One task from the common queue to run, and this worker's share of the rest for its ring. */
static struct actor__task *take_common(struct worker *worker)
{
	struct pool *pool = worker->pool;
	struct actor__task *task, *more;
	size_t share;

	if (atomic_load(&pool->n_queued) == 0)
		return NULL;
	pthread_mutex_lock(&pool->lock);
	task = queue_take(pool);
	share = atomic_load(&pool->n_queued) / pool->n_workers;
	if (share > ACTOR__RING_SIZE / 2)
		share = ACTOR__RING_SIZE / 2;
	while (share-- > 0 && (more = queue_take(pool)))
		if (!actor__ring_push(&worker->rings[READY], more)) {
			queue_append(pool, more);
			break;
		}
	pthread_mutex_unlock(&pool->lock);
	return task;
}

/* Half of what is in a ring of another worker's: one task, and the others for the thief's. */
static struct actor__task *rob_ring(struct worker *thief, struct actor__ring *theirs,
				    struct actor__ring *ours)
{
	uint32_t half = actor__ring_length(theirs) / 2;
	struct actor__task *task = actor__ring_rob(theirs), *more;

	while (task && half-- > 1 && (more = actor__ring_rob(theirs)))
		if (!actor__ring_push(ours, more))
			offer_common(thief->pool, more);
	return task;
}

static struct actor__task *rob(struct worker *thief, struct worker *victim)
{
	static const enum ring order[] = { READY, STARTED, LATER };
	struct actor__task *task = NULL;

	for (size_t i = 0; i < N_RINGS && !task; i++)
		task = rob_ring(thief, &victim->rings[order[i]], &thief->rings[order[i]]);
	return task;
}

static struct actor__task *rob_anybody(struct worker *thief)
{
	struct pool *pool = thief->pool;
	struct actor__task *task = NULL;

	for (unsigned i = 0; i < pool->n_workers && !task; i++) {
		struct worker *victim = &pool->workers[thief->next_victim++ % pool->n_workers];

		if (victim != thief)
			task = rob(thief, victim);
	}
	return task;
}

/* What is in this worker's hands, in such an order that nothing of it has to wait for ever; it may
 * miss what is in the slot. */
static struct actor__task *take_in_order(struct worker *worker)
{
	struct actor__task *task;

	if (worker->base.handovers < worker->base.most_handovers && (task = slot_take(worker))) {
		worker->base.handovers++;
		return task;
	}
	worker->base.handovers = 0;
	if (worker->n_before_later++ < (worker->slow ? 1 : BEFORE_LATER)) {
		worker->ready_next = !worker->ready_next;
		if (worker->ready_next && (task = actor__ring_take(&worker->rings[READY])))
			return task;
		if ((task = actor__ring_pop(&worker->rings[STARTED])) ||
		    (task = actor__ring_take(&worker->rings[READY])))
			return task;
	}
	worker->n_before_later = 0;
	return actor__ring_take(&worker->rings[LATER]);
}

/* The first of those that have been started, which might be buried for ever otherwise. Not more
 * often, since each may be the root of a tree that takes as much memory as all others. */
static struct actor__task *air(struct worker *worker, int64_t now)
{
	struct pool *pool = worker->pool;
	struct worker *whose = &pool->workers[worker->next_victim++ % pool->n_workers];

	if (worker->aired_ns == 0)
		worker->aired_ns = now;
	if (now - worker->aired_ns < AIR_NS)
		return NULL;
	worker->aired_ns = now;
	/* Of any worker: one that has to be parked may have left some. */
	return actor__ring_rob(&whose->rings[STARTED]);
}

/* Under the pool's lock: so many may be up. */
static void allow(struct pool *pool, unsigned n_allowed)
{
	bool more = n_allowed > atomic_load_explicit(&pool->n_allowed, memory_order_relaxed);

	atomic_store_explicit(&pool->n_allowed, n_allowed, memory_order_relaxed);
	if (more && anything_offered(pool))
		wake_locked(pool);
}

/* Under the pool's lock: all may. */
static void lift(struct pool *pool, int64_t now)
{
	actor__governor_lift(&pool->governor, now);
	allow(pool, pool->n_workers);
}

/* Whether not all may be up. */
static bool is_governed(const struct pool *pool)
{
	return atomic_load_explicit(&pool->n_allowed, memory_order_relaxed) < pool->n_workers;
}

static void govern(struct pool *pool, int64_t now)
{
	uint64_t n_done = 0;

	if (pool->n_workers == 1 ||
	    now < atomic_load_explicit(&pool->governed_ns, memory_order_relaxed) + GOVERN_NS ||
	    pthread_mutex_trylock(&pool->lock) != 0)
		return;
	atomic_store_explicit(&pool->governed_ns, now, memory_order_relaxed);
	for (unsigned i = 0; i < pool->n_workers; i++) {
		struct actor__thread *record = atomic_load_explicit(&pool->workers[i].record,
								    memory_order_acquire);

		if (record)
			n_done += atomic_load_explicit(&record->n_done, memory_order_relaxed);
	}
	allow(pool, actor__governor_look(&pool->governor, now, n_done,
					 pool->n_workers - atomic_load(&pool->n_parked)));
	pthread_mutex_unlock(&pool->lock);
}

/* Whether a worker is still at what it was at on the last patrol. */
static bool is_stuck(struct worker *worker)
{
	uint32_t turns = turns_of(worker);
	bool stuck = turns == worker->patrolled_turns;

	worker->patrolled_turns = turns;
	return stuck;
}

/* What a worker that is stuck in a long handler keeps waiting becomes everybody's; of what was
 * started only the first one, so that the others stay in order. */
static void relieve(struct worker *worker)
{
	struct actor__task *task = slot_rob(worker);

	while (task || (task = actor__ring_rob(&worker->rings[READY])) ||
	       (task = actor__ring_rob(&worker->rings[LATER]))) {
		offer_common(worker->pool, task);
		task = NULL;
	}
	if ((task = actor__ring_rob(&worker->rings[STARTED])))
		offer_common(worker->pool, task);
}

/* Every PATROL_NS somebody looks after those who are stuck: a worker that has much to do, or the
 * watchman. If he finds that something is kept waiting, and nobody at work who might take it, then
 * all may be up. */
static void patrol(struct worker *worker, int64_t now)
{
	struct pool *pool = worker->pool;
	bool nobody_works = worker->patrols;

	if (now < atomic_load_explicit(&pool->patrolled_ns, memory_order_relaxed) + PATROL_NS ||
	    atomic_exchange_explicit(&pool->on_patrol, true, memory_order_acquire))
		return;
	atomic_store_explicit(&pool->patrolled_ns, now, memory_order_relaxed);
	for (unsigned i = 0; i < pool->n_workers; i++) {
		struct worker *other = &pool->workers[i];

		if (other == worker)
			continue;
		if (is_stuck(other))
			relieve(other);
		else
			nobody_works = false;
	}
	if (nobody_works && is_governed(pool) && anything_offered(pool)) {
		pthread_mutex_lock(&pool->lock);
		lift(pool, now);
		pthread_mutex_unlock(&pool->lock);
	}
	atomic_store_explicit(&pool->on_patrol, false, memory_order_release);
}

/* Seldom, since it takes as long as some turns, but at least every LOOK_NS or so, however long
 * turns take: by how long the last ones took. */
static void look_again_later(struct worker *worker, int64_t now)
{
	int64_t took_ns = now - worker->looked_ns;

	worker->slow = took_ns > 2 * LOOK_NS && worker->looked_ns > 0;
	if (took_ns > 2 * LOOK_NS)
		worker->n_turns = 1;
	else if (took_ns < LOOK_NS / 2 && worker->n_turns < MOST_TURNS)
		worker->n_turns *= 2;
	worker->looked_ns = now;
	/* Where they take long, not so many in a row keep the others waiting. */
	worker->base.most_handovers = worker->n_turns < MOST_HANDOVERS ? worker->n_turns
								       : MOST_HANDOVERS;
	worker->base.look_at = turns_of(worker) + worker->n_turns;
}

/* What is to be done every so often, however much there is in hand; and what is to be run now,
 * unless that was so before the last turn, too: then what is in hand comes first. */
static struct actor__task *look_further(struct worker *worker)
{
	struct pool *pool = worker->pool;
	struct actor__task *task = NULL;
	int64_t now = actor__now();

	look_again_later(worker, now);
	if (now >= actor__timers_next(&pool->executor.timers))
		actor__timers_fire(&pool->executor.timers, now);
	actor__deadlocks_expect(actor__thread(), &pool->executor);
	govern(pool, now);
	patrol(worker, now);
	if (turns_of(worker) == worker->picked_at + 1)
		return NULL;
	task = air(worker, now);
	if (!task)
		task = take_common(worker);
	if (task)
		worker->picked_at = turns_of(worker);
	return task;
}

static struct actor__task *look_around(struct worker *worker)
{
	struct actor__task *task;

	if (turns_of(worker) == worker->base.look_at && (task = look_further(worker)))
		return task;
	if ((task = take_in_order(worker)) || (task = slot_take(worker)) ||
	    (task = actor__ring_pop(&worker->rings[STARTED])) ||
	    (task = actor__ring_take(&worker->rings[READY])) ||
	    (task = actor__ring_take(&worker->rings[LATER])) || (task = take_common(worker)))
		return task;
	actor__executor_fire(&worker->pool->executor);
	if ((task = slot_take(worker)) || (task = actor__ring_take(&worker->rings[READY])))
		return task;
	task = rob_anybody(worker);
	if (!task && actor__starved_any(&worker->pool->executor.starved))
		task = actor__starved_take(&worker->pool->executor, actor__thread());
	return task;
}

/* ---- sleeping ---- */

/* How long a worker that parks may sleep if nobody wakes it. The last one to park sees to the
 * timers; all others may only be armed by those who are still awake. */
static int64_t bedtime(struct pool *pool, bool *ret_patrol)
{
	int64_t next = actor__timers_next(&pool->executor.timers), patrol;

	*ret_patrol = false;
	if (atomic_load(&pool->n_parked) == pool->n_workers)
		return next;
	if (pool->watched)
		return ACTOR_FOREVER;
	*ret_patrol = true;
	patrol = actor__now() + PATROL_NS;
	return next < patrol ? next : patrol;
}

/* Sleep until there may be something to do: false when there never will be. */
static bool park(struct worker *worker)
{
	struct pool *pool = worker->pool;
	bool patrol = false, woken = true, ending;
	int64_t deadline;

	actor__deadlocks_expect(actor__thread(), &pool->executor);
	pthread_mutex_lock(&pool->lock);
	learn(worker);
	if (!worker->patrols)
		atomic_fetch_add(&pool->n_parked, 1);
	worker->patrols = true; /* from here on it is counted as parked */
	atomic_store(&pool->waking, false);
	actor__fence_heavy();
	if (atomic_load(&pool->n_parked) == pool->n_workers && is_governed(pool))
		lift(pool, actor__now()); /* what comes next is another matter */
	/* If enough others are up, they will see to what is offered. */
	if ((is_surplus(worker) || !anything_for(worker)) && !pool->ending) {
		deadline = bedtime(pool, &patrol);
		pool->watched |= patrol;
		woken = actor__cond_wait_until(&pool->work, &pool->lock, deadline);
	}
	if (patrol)
		pool->watched = false;
	worker->patrols = patrol && !woken;
	if (!worker->patrols)
		atomic_fetch_sub(&pool->n_parked, 1);
	if (woken && pool->tried) {
		pool->tried = false;
		worker->up_ns = actor__now();
	}
	ending = pool->ending;
	pthread_mutex_unlock(&pool->lock);
	worker->asleep = true;
	return !ending;
}

/* Under the pool's lock: have one of the parked get up, see that he is not needed, and be the
 * watchman from then on. */
static void post_watchman(struct pool *pool)
{
	if (atomic_load(&pool->n_parked) > 0 && !atomic_exchange(&pool->waking, true))
		pthread_cond_signal(&pool->work);
}

/* A worker got up and has something to do: it leaves a watchman behind, and calls another one if
 * there is more. */
static void got_up(struct worker *worker)
{
	struct pool *pool = worker->pool;

	atomic_store(&pool->waking, false);
	actor__fence_heavy(); /* who saw it true and did not wake anybody: we see what he offered */
	pthread_mutex_lock(&pool->lock);
	if (worker->patrols)
		atomic_fetch_sub(&pool->n_parked, 1);
	if (!pool->watched)
		post_watchman(pool);
	else if (anything_offered(pool))
		wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
	worker->asleep = worker->patrols = false;
	worker->aired_ns = worker->looked_ns = 0;
	look_around_next(worker);
}

/* Leave everything to those who may be up; what was started stays where it is, the latest on top,
 * to be robbed. */
static void stand_down(struct worker *worker)
{
	struct pool *pool = worker->pool;
	struct actor__task *task;

	actor__executor_fire(&pool->executor);
	pthread_mutex_lock(&pool->lock);
	while ((task = actor__ring_take(&worker->rings[READY])) ||
	       (task = actor__ring_take(&worker->rings[LATER])))
		queue_append(pool, task);
	pthread_mutex_unlock(&pool->lock);
	if ((task = slot_take(worker)))
		offer_common(pool, task);
}

/* The watchman on his round. */
static void make_round(struct worker *worker)
{
	int64_t now = actor__now();

	govern(worker->pool, now);
	patrol(worker, now);
}

/* Look around until there is something to do; NULL when the pool ends. */
static ACTOR__OUT_OF_LINE struct actor__task *seek(struct worker *worker)
{
	struct actor__task *task = NULL;

	while (!task) {
		if (worker->patrols)
			make_round(worker);
		if (is_surplus(worker))
			stand_down(worker);
		else
			task = look_around(worker);
		if (!task && !park(worker))
			return NULL;
	}
	if (worker->asleep)
		got_up(worker);
	return task;
}

static ACTOR__OUT_OF_LINE struct actor__task *next_slowly(struct worker *worker)
{
	struct actor__task *task = NULL;

	if (turns_of(worker) != worker->base.look_at)
		task = take_in_order(worker);
	return task ? task : seek(worker);
}

/* What this thread runs next; NULL when the pool ends. */
static struct actor__task *worker_next(struct actor__thread *thread)
{
	struct worker *worker = worker_at(thread);
	uint32_t turns = turns_of(worker) + 1;
	struct actor__task *task;

	atomic_store_explicit(&worker->base.turns, turns, memory_order_relaxed);
	if (turns == worker->base.look_at ||
	    worker->base.handovers++ >= worker->base.most_handovers ||
	    actor__slot_is_empty(&worker->base.slot) || !actor__slot_enter(&worker->base.slot))
		return next_slowly(worker);
	task = actor__slot_exchange(&worker->base.slot, NULL);
	return task ? task : next_slowly(worker); /* robbed just before */
}

static void name_thread(const struct pool *pool, unsigned index)
{
	char name[16]; /* as long as Linux takes them */

	snprintf(name, sizeof name, "%s%u", pool->thread_name, index % MOST_THREADS);
	pthread_setname_np(pthread_self(), name);
}

static void *worker_main(void *argument)
{
	struct actor__thread *thread = actor__thread();
	struct worker *worker = argument;
	struct pool *pool = worker->pool;
	unsigned index = (unsigned)(worker - pool->workers);
	struct actor__task *task;

	name_thread(pool, index);
	thread->worker = &worker->base;
	thread->patience = ACTOR__PATIENCE;
	actor__deadlocks_look_every(thread, ACTOR__WAITS_A_LOOK);
	if (pool->thread_begin)
		pool->thread_begin(pool->user, index);
	atomic_store_explicit(&worker->record, thread, memory_order_release);
	thread->next = worker_next;
	/* On this stack only the first task, and after that what must do without a fiber. */
	while ((task = worker_next(thread)))
		task->run(task);
	thread->next = NULL;
	if (pool->thread_end)
		pool->thread_end(pool->user, index);
	thread->worker = NULL;
	/* Its record ends with the thread. */
	pthread_mutex_lock(&pool->lock);
	atomic_store_explicit(&worker->record, NULL, memory_order_relaxed);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* ---- the executor ---- */

static bool pool_others_wait(struct actor_executor *executor, struct actor__thread *thread)
{
	struct pool *pool = pool_of(executor);
	struct worker *worker = worker_of(thread, pool);

	return worker && (!actor__slot_is_empty(&worker->base.slot) || anything_in_rings(worker) ||
			  atomic_load_explicit(&pool->n_queued, memory_order_relaxed) > 0 ||
			  actor__executor_due(executor));
}

/* A worker looks at the timers before it parks. Others may arm one when all are parked: somebody
 * has to get up, and to bed again in time. */
static void pool_armed(struct actor_executor *executor)
{
	struct pool *pool = pool_of(executor);

	if (worker_of(actor__thread(), pool))
		return;
	pthread_mutex_lock(&pool->lock);
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* All who sleep look, since who has a stack is not known of them. The watchman, who looks around
 * now and then, would not do: he may have none. */
static bool pool_starved(struct actor_executor *executor)
{
	struct pool *pool = pool_of(executor);
	struct worker *worker = worker_of(actor__thread(), pool);
	bool others;

	pthread_mutex_lock(&pool->lock);
	others = !worker || n_others_up(worker) > 0;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	return others;
}

static bool pool_here(struct actor_executor *executor)
{
	const struct actor__thread *thread = actor__thread();

	return !thread->fiber && !thread->busy && !worker_of(thread, pool_of(executor));
}

static void pool_free(struct pool *pool, unsigned n_threads)
{
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < n_threads; i++)
		pthread_join(pool->workers[i].thread, NULL);
	actor__executor_deinit(&pool->executor);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool->workers);
	free(pool);
}

static void pool_destroy(struct actor_executor *executor)
{
	pool_free(pool_of(executor), pool_of(executor)->n_workers);
}

static const struct actor__executor_ops pool_ops = {
	.schedule = pool_schedule,
	.offer = pool_offer,
	.others_wait = pool_others_wait,
	.armed = pool_armed,
	.here = pool_here,
	.starved = pool_starved,
	.join = actor__executor_wait_quiet,
	.destroy = pool_destroy,
};

static struct pool *pool_alloc(unsigned n_threads)
{
	struct pool *pool = actor__memory_alloc(sizeof *pool);
	size_t bytes = n_threads * sizeof(struct worker);

	if (!pool)
		return NULL;
	pool->workers = actor__memory_alloc_aligned(_Alignof(struct worker), bytes);
	if (!pool->workers) {
		free(pool);
		return NULL;
	}
	memset(pool->workers, 0, bytes);
	pool->n_workers = n_threads;
	atomic_init(&pool->n_allowed, n_threads);
	actor__governor_init(&pool->governor, n_threads);
	pool->end = &pool->first;
	for (unsigned i = 0; i < n_threads; i++) {
		pool->workers[i].pool = pool;
		pool->workers[i].next_victim = i;
		pool->workers[i].n_turns = 1;
		pool->workers[i].base.look_at = 1;
	}
	actor__executor_init(&pool->executor, &pool_ops, false);
	actor__lock_init(&pool->lock);
	actor__cond_init_monotonic(&pool->work);
	return pool;
}

/* Signals are for the program's own threads; but a fault is the thread's that makes it, and blocked
 * it would end the process before any handler could say why. */
static void block_signals(sigset_t *ret_before)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
	sigset_t blocked;

	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, ret_before);
}

/* Start the threads: how many could be. */
static unsigned start_threads(struct pool *pool)
{
	sigset_t before;
	unsigned n = 0;

	block_signals(&before);
	while (n < pool->n_workers &&
	       pthread_create(&pool->workers[n].thread, NULL, worker_main, &pool->workers[n]) == 0)
		n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

static int settle(const struct actor_pool_options *given, struct actor_pool_options *options)
{
	if (!actor__options_read(options, sizeof *options, given))
		return ACTOR_E_INVALID;
	if (!options->n_threads)
		options->n_threads = actor__processors();
	if (!options->thread_name)
		options->thread_name = "actor-";
	return options->n_threads > MOST_THREADS ? ACTOR_E_INVALID : 0;
}

int actor_pool_create(const struct actor_pool_options *options,
		      struct actor_executor **ret_executor)
{
	struct actor_pool_options all;
	struct pool *pool;
	unsigned n;

	if (settle(options, &all) < 0)
		return ACTOR_E_INVALID;
	pool = pool_alloc(all.n_threads);
	if (!pool)
		return ACTOR_E_NOMEM;
	snprintf(pool->thread_name, sizeof pool->thread_name, "%s", all.thread_name);
	pool->thread_begin = all.thread_begin;
	pool->thread_end = all.thread_end;
	pool->user = all.user;
	n = start_threads(pool);
	if (n < all.n_threads) {
		pool_free(pool, n);
		return ACTOR_E_SYSTEM;
	}
	*ret_executor = &pool->executor;
	return 0;
}
