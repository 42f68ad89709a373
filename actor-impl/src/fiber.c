/* SPDX-License-Identifier: MIT */

/*
 * Fibers: pooled stacks on which actors run.
 *
 * All that a worker does, it does on a fiber: it looks for an actor to run, runs it, and looks
 * again, so that a handler that does not wait costs no change of stacks. When one does wait, the
 * thread leaves that fiber as it stands, with the rest of the loop below the handler, and goes on
 * with a fresh one; when the wait is over, any thread leaves what it is on, which has nothing in
 * hand, for the fiber of the handler. What is to be done about a fiber that was left is done on the
 * stack arrived at, when nothing uses it any more. A thread's own stack is where it comes from and
 * where it returns to at last; and where it goes when there is no memory for another fiber.
 *
 * Below each stack lie GUARD_BYTES that nobody may touch, so that an overflow, even one that steps
 * over a large array, is a fault at once and not somebody else's memory. A guard costs addresses,
 * not memory, but also two of the mappings that the system grants a process (65,530 on Linux by
 * default), so after MOST_GUARDED of them the stacks of yet more handlers that wait have a known
 * value at their end instead, which is looked at whenever a thread leaves the stack; a process that
 * has overwritten it is ended, since it has overwritten more. Who needs a stack when there is no
 * memory for one at all, waits: see starved.c.
 *
 * A failure abandons a stack in the middle; the stack is then prepared anew.
 */

#include "fiber-switch.h"
#include "overflow.h"
#include "util/memory.h"

#include <actor-iface/error.h>
#include <actor-impl/stack.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if ACTOR__ASAN
#include <sanitizer/asan_interface.h>
#endif
#if ACTOR__VALGRIND
#include <valgrind/valgrind.h>
#endif

#define GUARD_BYTES ((size_t)1024 * 1024)

/* The portable switch keeps two contexts on each, of up to 4.5 KiB. */
#if defined(ACTOR__SWITCH_UCONTEXT)
#define LEAST_BYTES ((size_t)32 * 1024)
#else
#define LEAST_BYTES ((size_t)16 * 1024)
#endif

#define MOST_BYTES (SIZE_MAX / 4)

/* Stacks with a guard: half of the mappings that there are. */
#define MOST_GUARDED 16000

/* What lies at the end of the others. */
static const uint64_t canary = 0x6b9d3c07e1f5a284;

/* Stacks beyond this many go back to the system when nothing runs on them. */
#define MOST_POOLED 256

size_t actor__stack_bytes = (size_t)256 * 1024;

static struct {
	pthread_mutex_t lock;
	bool is_used;		    /* somebody has asked for a stack */
	struct actor__fiber *ready; /* with a stack */
	size_t n_ready;
	struct actor__fiber *bare;	       /* without */
	_Atomic(struct actor__fiber *) latest; /* of all */
	atomic_size_t n_guarded;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* A stack of so many bytes, with room for its guard below, which is where this points; or NULL. */
static char *map(size_t bytes)
{
	char *bottom = mmap(NULL, GUARD_BYTES + bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	return bottom == MAP_FAILED ? NULL : bottom;
}

static void unmap(char *bottom, size_t bytes)
{
	munmap(bottom, GUARD_BYTES + bytes);
}

/* Better to hear it here than that no handler ever runs. */
static bool can_be_mapped(size_t bytes)
{
	char *bottom = map(bytes);

	if (bottom)
		unmap(bottom, bytes);
	return bottom;
}

int actor_stack_set_bytes(size_t bytes)
{
	int rc = 0;

	if (bytes < LEAST_BYTES || bytes > MOST_BYTES || bytes % (size_t)sysconf(_SC_PAGESIZE) > 0)
		return ACTOR_E_INVALID;
	if (!can_be_mapped(bytes))
		return ACTOR_E_NOMEM;
	pthread_mutex_lock(&pool.lock);
	if (pool.is_used)
		rc = ACTOR_E_BUSY;
	else
		actor__stack_bytes = bytes; /* whoever reads it has held the lock since */
	pthread_mutex_unlock(&pool.lock);
	return rc;
}

/* What valgrind must know: else a stack pointer that moves from one stack to another seems to it to
 * grow or shrink the one. */
static void announce_stack(struct actor__fiber *fiber)
{
	(void)fiber;
#if ACTOR__VALGRIND
	fiber->valgrind = VALGRIND_STACK_REGISTER(fiber->stack,
						  fiber->stack + actor__stack_bytes - 1);
#endif
}

static void retract_stack(struct actor__fiber *fiber)
{
	(void)fiber;
#if ACTOR__VALGRIND
	VALGRIND_STACK_DEREGISTER(fiber->valgrind);
#endif
}

static void first_entry(void)
{
	actor__fiber_arrive(actor__thread(), NULL);
	actor__fiber_main();
}

static void prepare(struct actor__fiber *fiber)
{
	fiber->asan = NULL;
#if ACTOR__ASAN
	ASAN_UNPOISON_MEMORY_REGION(fiber->stack, actor__stack_bytes);
#endif
#if ACTOR__TSAN
	if (fiber->tsan)
		__tsan_destroy_fiber(fiber->tsan);
	fiber->tsan = __tsan_create_fiber(0);
#endif
	fiber->there = actor__switch_prepare(fiber->stack, actor__stack_bytes, first_entry);
}

static bool stack_map(struct actor__fiber *fiber)
{
	char *bottom = map(actor__stack_bytes);

	if (!bottom)
		return false;
	fiber->stack = bottom + GUARD_BYTES;
	fiber->guarded = atomic_fetch_add(&pool.n_guarded, 1) < MOST_GUARDED &&
			 mprotect(bottom, GUARD_BYTES, PROT_NONE) == 0;
	if (!fiber->guarded) {
		atomic_fetch_sub(&pool.n_guarded, 1);
		memcpy(fiber->stack, &canary, sizeof canary);
	}
	announce_stack(fiber);
	return true;
}

static void stack_unmap(struct actor__fiber *fiber)
{
#if ACTOR__TSAN
	__tsan_destroy_fiber(fiber->tsan);
	fiber->tsan = NULL;
#endif
	retract_stack(fiber);
	unmap(fiber->stack - GUARD_BYTES, actor__stack_bytes);
	fiber->stack = NULL;
	if (fiber->guarded)
		atomic_fetch_sub(&pool.n_guarded, 1);
}

void actor__fiber_check(const struct actor__fiber *fiber)
{
	if (memcmp(fiber->stack, &canary, sizeof canary) != 0)
		actor__overflow_end(fiber);
}

bool actor__fiber_guards(const struct actor__fiber *fiber, const void *at)
{
	const char *end = fiber->stack;

	return fiber->guarded && (const char *)at < end && (const char *)at >= end - GUARD_BYTES;
}

static struct actor__fiber *pop(struct actor__fiber **list)
{
	struct actor__fiber *fiber = *list;

	if (fiber)
		*list = fiber->next;
	return fiber;
}

static void push(struct actor__fiber **list, struct actor__fiber *fiber)
{
	fiber->next = *list;
	*list = fiber;
}

static struct actor__fiber *fiber_create(void)
{
	struct actor__fiber *fiber = calloc(1, sizeof *fiber);

	if (!fiber)
		return NULL;
	actor__fiber_context_init(fiber);
	fiber->older = atomic_load_explicit(&pool.latest, memory_order_relaxed);
	/* Release: who finds it there finds it made. */
	while (!atomic_compare_exchange_weak_explicit(&pool.latest, &fiber->older, fiber,
						      memory_order_release, memory_order_relaxed))
		;
	return fiber;
}

struct actor__fiber *actor__fibers(void)
{
	return atomic_load_explicit(&pool.latest, memory_order_acquire);
}

struct actor__fiber *actor__fiber_take(void)
{
	struct actor__fiber *fiber;

	if (actor__memory_refused())
		return NULL;
	pthread_mutex_lock(&pool.lock);
	pool.is_used = true;
	fiber = pop(&pool.ready);
	if (fiber)
		pool.n_ready--;
	else
		fiber = pop(&pool.bare);
	pthread_mutex_unlock(&pool.lock);
	if (fiber) /* a wake that came too late for somebody is none of the next one's */
		actor__park_reset(&fiber->context.parker);
	else
		fiber = fiber_create();
	if (!fiber || fiber->stack)
		return fiber;
	if (!stack_map(fiber)) {
		pthread_mutex_lock(&pool.lock);
		push(&pool.bare, fiber);
		pthread_mutex_unlock(&pool.lock);
		return NULL;
	}
	prepare(fiber);
	return fiber;
}

void actor__fiber_restart(struct actor__fiber *fiber)
{
	prepare(fiber);
}

void actor__fiber_recycle(struct actor__fiber *fiber)
{
	if (!fiber)
		return;
	pthread_mutex_lock(&pool.lock);
	if (pool.n_ready < MOST_POOLED) {
		push(&pool.ready, fiber);
		pool.n_ready++;
		fiber = NULL;
	}
	pthread_mutex_unlock(&pool.lock);
	if (!fiber)
		return;
	stack_unmap(fiber);
	pthread_mutex_lock(&pool.lock);
	push(&pool.bare, fiber);
	pthread_mutex_unlock(&pool.lock);
}
