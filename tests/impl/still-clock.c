/* SPDX-License-Identifier: MIT */

#include "still-clock.h"

#include <stdatomic.h>

int64_t __real_actor__now(void);
int64_t __wrap_actor__now(void);

static _Atomic int64_t still_ns; /* 0: it goes */

int64_t __wrap_actor__now(void)
{
	int64_t now_ns = atomic_load(&still_ns);

	return now_ns ? now_ns : __real_actor__now();
}

void still_clock_stop(void)
{
	atomic_store(&still_ns, STILL_BEGIN_NS);
}

void still_clock_go(void)
{
	atomic_store(&still_ns, 0);
}

void still_clock_set(int64_t now_ns)
{
	atomic_store(&still_ns, now_ns);
}
