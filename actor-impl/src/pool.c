/* SPDX-License-Identifier: MIT */

/*
 * The thread pool.
 *
 * Each worker has a slot for the task that was made ready last, and a ring for the others. What a
 * handler wakes goes to the slot: it runs next, on the core whose cache has the message. What was
 * in the slot moves to the ring; what does not fit into the ring, or comes from a foreign thread,
 * goes to the common queue. A worker looks into its slot (so many times in a row), its ring, the
 * common queue (first of all every so often, so that nothing starves there), and then robs the
 * others: half of a ring, or else a slot. The ring is Go's run queue: one owner, many thieves, who
 * all take by compare-and-swap of its head.
 *
 * Waking a thread costs more than running a hundred messages, so it is done only when a worker is
 * parked and there is work that nobody has in hand: when a task is pushed to a ring or to the
 * common queue. A task in a slot wakes nobody; should its worker be kept busy by a long handler,
 * then a parked worker comes for it: while any worker is awake, one of the parked ones, the
 * watchman, looks around every PATROL_NS. When all are parked nobody looks: an idle pool sleeps.
 *
 * No wake-up is lost: whoever offers work first makes it visible, then looks for parked workers;
 * whoever parks is first counted as parked, then looks for work. Both are sequentially consistent.
 */

#define _GNU_SOURCE /* sched_getaffinity() */

#include <actor-impl/pool.h>

#include "context.h"
#include "executor.h"
#include "thread.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define RING_SIZE 256
#define MOST_HANDOVERS 64  /* tasks from the slot in a row */
#define LOOK_AROUND 61	   /* turns between looks at the common queue and at the clock */
#define PATROL_NS 10000000 /* 10 ms */
#define MOST_THREADS 4096

struct pool;

struct worker {
	struct pool *pool;
	pthread_t thread;
	unsigned turns;
	unsigned handovers;
	unsigned next_victim;
	_Atomic(struct actor__task *) slot;
	/* 32 bits that wrap around; tail - head tasks are in the ring. */
	_Alignas(64) _Atomic uint32_t head;
	_Alignas(64) _Atomic uint32_t tail; /* written by the owner alone */
	_Atomic(struct actor__task *) ring[RING_SIZE];
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
	atomic_bool waking; /* somebody was called, and has not been seen at work yet */
	bool patrolled;	    /* one of the parked is the watchman */
	bool ending;
};

static struct pool *pool_of(struct actor_executor *executor)
{
	return ACTOR_CONTAINER_OF(executor, struct pool, executor);
}

/* The worker of this pool that the calling thread is, or NULL. */
static struct worker *worker_here(const struct pool *pool)
{
	struct worker *worker = actor__thread()->worker;

	return worker && worker->pool == pool ? worker : NULL;
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

/* ---- a worker's ring ---- */

static size_t ring_length(const struct worker *worker)
{
	uint32_t head = atomic_load(&worker->head);

	return atomic_load(&worker->tail) - head;
}

/* By the owner; false when it is full. */
static bool ring_push(struct worker *worker, struct actor__task *task)
{
	/* Acquire: the places up to head have been read by whoever took what was there. */
	uint32_t head = atomic_load_explicit(&worker->head, memory_order_acquire);
	uint32_t tail = atomic_load_explicit(&worker->tail, memory_order_relaxed);

	if (tail - head == RING_SIZE)
		return false;
	atomic_store_explicit(&worker->ring[tail % RING_SIZE], task, memory_order_relaxed);
	/* Sequentially consistent: see the look for parked workers that follows. */
	atomic_store(&worker->tail, tail + 1);
	return true;
}

/* By anybody: the first task, or NULL. */
static struct actor__task *ring_take(struct worker *worker)
{
	uint32_t head = atomic_load_explicit(&worker->head, memory_order_acquire);
	struct actor__task *task;

	do {
		/* Acquire: what the task's scheduler did comes before its run. */
		if (atomic_load_explicit(&worker->tail, memory_order_acquire) == head)
			return NULL;
		task = atomic_load_explicit(&worker->ring[head % RING_SIZE], memory_order_relaxed);
		/* Release: the place was read before it is free. A place that was overwritten
		 * meanwhile goes with a head that has moved on. */
	} while (!atomic_compare_exchange_weak_explicit(
		&worker->head, &head, head + 1, memory_order_acq_rel, memory_order_acquire));
	return task;
}

/* ---- offering work ---- */

/* Under the pool's lock. One worker is woken at a time: it wakes the next if it leaves work. */
static void wake_locked(struct pool *pool)
{
	if (atomic_load(&pool->n_parked) > 0 && !atomic_exchange(&pool->waking, true))
		pthread_cond_signal(&pool->work);
}

static void wake_one(struct pool *pool)
{
	if (atomic_load(&pool->n_parked) == 0 || atomic_load(&pool->waking))
		return;
	pthread_mutex_lock(&pool->lock);
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

static void offer_common(struct pool *pool, struct actor__task *task)
{
	pthread_mutex_lock(&pool->lock);
	queue_append(pool, task);
	wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

static void pool_schedule(struct actor_executor *executor, struct actor__task *task,
			  enum actor__urgency urgency)
{
	struct pool *pool = pool_of(executor);
	struct worker *worker = worker_here(pool);

	if (worker && urgency == ACTOR__SOON)
		task = atomic_exchange(&worker->slot, task);
	if (!task)
		return;
	if (worker && ring_push(worker, task))
		wake_one(pool);
	else
		offer_common(pool, task);
}

/* ---- finding work ---- */

static struct actor__task *take_slot(struct worker *worker)
{
	/* Relaxed: a look, to save the exchange when there is nothing. */
	if (!atomic_load_explicit(&worker->slot, memory_order_relaxed))
		return NULL;
	return atomic_exchange(&worker->slot, NULL);
}

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
	if (share > RING_SIZE / 2)
		share = RING_SIZE / 2;
	while (share-- > 0 && (more = queue_take(pool)))
		if (!ring_push(worker, more)) {
			queue_append(pool, more);
			break;
		}
	pthread_mutex_unlock(&pool->lock);
	return task;
}

/* Half of what another worker has in its ring; its slot only when it seems to be stuck. */
static struct actor__task *rob(struct worker *thief, struct worker *victim, bool slots_too)
{
	size_t half = ring_length(victim) / 2;
	struct actor__task *task = ring_take(victim), *more;

	while (task && half-- > 1 && (more = ring_take(victim)))
		if (!ring_push(thief, more))
			offer_common(thief->pool, more);
	return task || !slots_too ? task : take_slot(victim);
}

static struct actor__task *rob_anybody(struct worker *thief, bool slots_too)
{
	struct pool *pool = thief->pool;
	struct actor__task *task = NULL;

	for (unsigned i = 0; i < pool->n_workers && !task; i++) {
		struct worker *victim = &pool->workers[thief->next_victim++ % pool->n_workers];

		if (victim != thief)
			task = rob(thief, victim, slots_too);
	}
	return task;
}

/* Tasks whose waits are over become ready. */
static void fire_timers(struct pool *pool)
{
	struct actor__timers *timers = &pool->executor.timers;
	int64_t now;

	if (actor__timers_next(timers) == ACTOR_FOREVER)
		return;
	now = actor__now();
	if (actor__timers_next(timers) <= now)
		actor__timers_fire(timers, now);
}

static struct actor__task *next_task(struct worker *worker, bool slots_too)
{
	struct actor__task *task = NULL;

	if (++worker->turns % LOOK_AROUND == 0) {
		fire_timers(worker->pool);
		task = take_common(worker);
	}
	if (!task && worker->handovers < MOST_HANDOVERS) {
		task = take_slot(worker);
		worker->handovers++;
	}
	if (task)
		return task;
	worker->handovers = 0;
	if ((task = ring_take(worker)) || (task = take_slot(worker)) ||
	    (task = take_common(worker)))
		return task;
	fire_timers(worker->pool);
	if ((task = take_slot(worker)) || (task = ring_take(worker)))
		return task;
	return rob_anybody(worker, slots_too);
}

/* ---- sleeping ---- */

static bool anything_offered(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->n_workers; i++)
		if (ring_length(&pool->workers[i]) > 0)
			return true;
	return atomic_load(&pool->n_queued) > 0;
}

/* How long a worker that parks may sleep if nobody wakes it. The last one to park sees to the
 * timers; all others may only be armed by those who are still awake. */
static int64_t bedtime(struct pool *pool, bool *ret_patrol)
{
	int64_t next = actor__timers_next(&pool->executor.timers), patrol;

	*ret_patrol = false;
	if (atomic_load(&pool->n_parked) == pool->n_workers)
		return next;
	if (pool->patrolled)
		return ACTOR_FOREVER;
	*ret_patrol = true;
	patrol = actor__now() + PATROL_NS;
	return next < patrol ? next : patrol;
}

/* Sleep until there may be something to do: false when there never will be. @ret_patrol: it was
 * the watchman's sleep, and ended by itself. */
static bool park(struct worker *worker, bool *ret_patrol)
{
	struct pool *pool = worker->pool;
	bool patrol = false, woken = true, ending;
	int64_t deadline;

	pthread_mutex_lock(&pool->lock);
	atomic_fetch_add(&pool->n_parked, 1);
	atomic_store(&pool->waking, false);
	if (!anything_offered(pool) && !pool->ending) {
		deadline = bedtime(pool, &patrol);
		pool->patrolled |= patrol;
		woken = actor__cond_wait_until(&pool->work, &pool->lock, deadline);
	}
	if (patrol)
		pool->patrolled = false;
	atomic_fetch_sub(&pool->n_parked, 1);
	ending = pool->ending;
	pthread_mutex_unlock(&pool->lock);
	*ret_patrol = patrol && !woken;
	return !ending;
}

/* A worker got up and has something to do: it leaves a watchman behind, and calls another one if
 * there is more. */
static void got_up(struct pool *pool)
{
	atomic_store(&pool->waking, false);
	if (anything_offered(pool)) {
		wake_one(pool);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	if (!pool->patrolled)
		wake_locked(pool);
	pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	bool asleep = false, patrol = false;
	struct actor__task *task;

	actor__thread()->worker = worker;
	for (;;) {
		task = next_task(worker, patrol);
		if (task && asleep)
			got_up(worker->pool);
		asleep = patrol = false;
		if (task) {
			task->run(task);
		} else {
			if (!park(worker, &patrol))
				break;
			asleep = true;
		}
	}
	actor__thread()->worker = NULL;
	return NULL;
}

/* ---- the executor ---- */

static bool pool_here(struct actor_executor *executor)
{
	return !actor__thread()->fiber && !worker_here(pool_of(executor));
}

static int pool_join(struct actor_executor *executor, int64_t deadline_ns)
{
	bool in_time = true;
	int rc;

	pthread_mutex_lock(&executor->lock);
	while (executor->n_running > 0 && in_time)
		in_time = actor__cond_wait_until(&executor->quiet, &executor->lock, deadline_ns);
	rc = executor->n_running > 0 ? ACTOR_E_TIMEOUT : 0;
	pthread_mutex_unlock(&executor->lock);
	return rc;
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
	.here = pool_here,
	.join = pool_join,
	.destroy = pool_destroy,
};

static struct pool *pool_alloc(unsigned n_threads)
{
	struct pool *pool = calloc(1, sizeof *pool);
	size_t bytes = n_threads * sizeof(struct worker);

	if (!pool)
		return NULL;
	pool->workers = aligned_alloc(_Alignof(struct worker), bytes);
	if (!pool->workers) {
		free(pool);
		return NULL;
	}
	memset(pool->workers, 0, bytes);
	pool->n_workers = n_threads;
	pool->end = &pool->first;
	for (unsigned i = 0; i < n_threads; i++) {
		pool->workers[i].pool = pool;
		pool->workers[i].next_victim = i;
	}
	actor__executor_init(&pool->executor, &pool_ops, false);
	pthread_mutex_init(&pool->lock, NULL);
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

static unsigned usable_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return 1;
}

int actor_pool_create(const struct actor_pool_options *options,
		      struct actor_executor **ret_executor)
{
	unsigned n_threads = options && options->n_threads ? options->n_threads
							   : usable_processors();
	struct pool *pool;
	unsigned n;

	if (n_threads > MOST_THREADS)
		return ACTOR_E_INVALID;
	pool = pool_alloc(n_threads);
	if (!pool)
		return ACTOR_E_NOMEM;
	n = start_threads(pool);
	if (n < n_threads) {
		pool_free(pool, n);
		return ACTOR_E_SYSTEM;
	}
	*ret_executor = &pool->executor;
	return 0;
}
