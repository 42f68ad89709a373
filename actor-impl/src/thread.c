/* SPDX-License-Identifier: MIT */

/*
 * What the library keeps for each thread. A record registers itself at first use; when its thread
 * ends, what it holds goes to the others: free cells, its spare fiber, its counts.
 */

#include "thread.h"

#include "executor.h"
#include "fiber.h"
#include "overflow.h"
#include "thread-context.h"
#include "util/memory.h"

#include <pthread.h>

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	pthread_key_t key; /* only for its destructor */
	struct actor__thread *threads;
	unsigned n_threads;		/* ever */
	int64_t ended[ACTOR__N_COUNTS]; /* of threads that have ended */
} all = { .lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT };

/* Found at a fixed distance, without a call: at every message. */
static _Thread_local struct actor__thread this_thread __attribute__((tls_model("initial-exec")));

/* Another thread-specific destructor may use the library after this one has run: the record then
 * registers itself anew, and this runs again. */
static void release(void *record)
{
	struct actor__thread *thread = record;
	struct actor__thread **link = &all.threads;

	actor__burst_over(thread);
	actor__fiber_recycle(thread->spare);
	thread->spare = NULL;
	actor__thread_context_release(thread->context);
	thread->context = NULL;
	actor__overflow_disarm(thread);
	actor__cells_deinit(&thread->cells);
	pthread_mutex_lock(&all.lock);
	while (*link != thread)
		link = &(*link)->next_thread;
	*link = thread->next_thread;
	for (int i = 0; i < ACTOR__N_COUNTS; i++) {
		all.ended[i] += atomic_load_explicit(&thread->counts[i], memory_order_relaxed);
		atomic_store_explicit(&thread->counts[i], 0, memory_order_relaxed);
	}
	thread->registered = false;
	pthread_mutex_unlock(&all.lock);
}

static void make_key(void)
{
	pthread_key_create(&all.key, release);
}

__attribute__((noinline, cold)) static struct actor__thread *enlist(struct actor__thread *thread)
{
	pthread_once(&all.once, make_key);
	pthread_setspecific(all.key, thread);
	pthread_mutex_lock(&all.lock);
	thread->registered = true;
	thread->patience = 0;
	actor__deadlocks_look_every(thread, 1);
	thread->number = all.n_threads++;
	thread->next_thread = all.threads;
	all.threads = thread;
	pthread_mutex_unlock(&all.lock);
	actor__overflow_arm(thread);
	return thread;
}

__attribute__((noinline)) struct actor__thread *actor__thread(void)
{
	struct actor__thread *thread = &this_thread;

	/* Keeps the compiler from taking the result for one that two calls share. */
	__asm__ volatile("" : "+r"(thread) : : "memory");
	if (ACTOR__RARELY(!thread->registered))
		return enlist(thread);
	return thread;
}

const struct actor__fiber *actor__thread_fiber(void)
{
	return this_thread.fiber;
}

void actor__thread_run(struct actor__thread *thread, struct actor__task *task)
{
	struct actor__fiber *base = thread->base;
	bool busy = thread->busy;

	thread->busy = true;
	thread->base = thread->fiber;
	task->run(task);
	actor__burst_over(thread);
	thread->base = base;
	thread->busy = busy;
}

void actor__thread_set_local(struct actor__thread *thread, struct actor_executor *local)
{
	thread->local = local;
	thread->patience = local ? ACTOR__PATIENCE : 0;
	actor__deadlocks_look_every(thread, local ? ACTOR__WAITS_A_LOOK : 1);
}

void actor__thread_ask_always(struct actor__thread *thread)
{
	bool asks = thread->simulates || actor__memory_is_scarce();

	if (asks == thread->cells.asks)
		return;
	actor__fiber_recycle(thread->spare);
	thread->spare = NULL;
	actor__cells_ask(&thread->cells, asks);
}

void actor_counts_get(struct actor_counts *ret_counts)
{
	int64_t sums[ACTOR__N_COUNTS];

	pthread_mutex_lock(&all.lock);
	for (int i = 0; i < ACTOR__N_COUNTS; i++) {
		sums[i] = all.ended[i];
		for (struct actor__thread *thread = all.threads; thread;
		     thread = thread->next_thread)
			sums[i] += atomic_load_explicit(&thread->counts[i], memory_order_relaxed);
	}
	pthread_mutex_unlock(&all.lock);
	ret_counts->mailboxes = sums[ACTOR__COUNT_MAILBOXES];
	ret_counts->envelopes = sums[ACTOR__COUNT_ENVELOPES];
	ret_counts->replies = sums[ACTOR__COUNT_REPLIES];
	ret_counts->suspended = sums[ACTOR__COUNT_SUSPENDED];
	ret_counts->dead_letters = sums[ACTOR__COUNT_DEAD_LETTERS];
}
