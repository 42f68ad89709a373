/* SPDX-License-Identifier: MIT */

/* Fences by membarrier(2): private expedited, which Linux has since 4.14. */

#define _GNU_SOURCE /* syscall() */

#include "util/fence.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

bool actor__fence_is_asymmetric;

#if defined(__linux__) && defined(SYS_membarrier)
/* Of linux/membarrier.h, which not every system has installed. */
enum { PRIVATE_EXPEDITED = 1 << 3, REGISTER_PRIVATE_EXPEDITED = 1 << 4 };

static bool membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0) == 0;
}

__attribute__((constructor)) static void enlist(void)
{
	actor__fence_is_asymmetric = membarrier(REGISTER_PRIVATE_EXPEDITED) &&
				     membarrier(PRIVATE_EXPEDITED);
}
#else
static bool membarrier(int command)
{
	(void)command;
	return false;
}
enum { PRIVATE_EXPEDITED };
#endif

void actor__fence_heavy(void)
{
	if (!actor__fence_is_asymmetric || !membarrier(PRIVATE_EXPEDITED))
		actor__fence_full();
}
