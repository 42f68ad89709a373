/* SPDX-License-Identifier: MIT */

/* Waiting for a latch that is taken. */

#include "util/latch.h"

#include <sched.h>
#include <time.h>

#define LOOKS 100      /* a microsecond or so: as long as anybody holds one */
#define YIELDS 100     /* with more threads than processors, the holder's turn comes */
#define SLEEP_NS 50000 /* of lower priority, it needs the processor for itself */

static void pause_processor(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb");
#endif
}

static void wait_a_little(unsigned n_waits)
{
	const struct timespec sleep = { 0, SLEEP_NS };

	if (n_waits < LOOKS)
		pause_processor();
	else if (n_waits < LOOKS + YIELDS)
		sched_yield();
	else
		nanosleep(&sleep, NULL);
}

void actor__latch_wait(struct actor__latch *latch)
{
	unsigned n_waits = 0;

	do {
		/* Relaxed: only a look; the exchange is what counts. */
		while (atomic_load_explicit(&latch->taken, memory_order_relaxed))
			wait_a_little(n_waits++);
	} while (atomic_exchange_explicit(&latch->taken, true, memory_order_acquire));
}
