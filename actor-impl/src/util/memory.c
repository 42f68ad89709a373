/* SPDX-License-Identifier: MIT */

/* What is refused to whom: for each thread a plan of its own, that no other touches. */

#include "util/memory.h"

#include "util/random.h"

static _Thread_local struct {
	uint64_t n_asked;
	uint64_t nth;
	uint64_t one_in;
	uint64_t random;
} plan __attribute__((tls_model("initial-exec")));

bool actor__memory_refused(void)
{
	plan.n_asked++;
	if (plan.n_asked == plan.nth)
		return true;
	return plan.one_in && actor__random(&plan.random) % plan.one_in == 0;
}

uint64_t actor__memory_refuse_nth(uint64_t nth)
{
	uint64_t n_asked = plan.n_asked;

	plan.n_asked = 0;
	plan.nth = nth;
	return n_asked;
}

void actor__memory_refuse_some(uint64_t one_in, uint64_t seed)
{
	plan.one_in = one_in;
	plan.random = seed;
}

void actor__memory_refuse_none(void)
{
	plan.nth = plan.one_in = 0;
}

bool actor__memory_is_scarce(void)
{
	return plan.nth || plan.one_in;
}
