/* SPDX-License-Identifier: MIT */

/* The contract, tested on all implementations with each other, in pairs. */

#include "actor-impl-subject.h"
#include "thread-per-actor-subject.h"

int main(int argc, char **argv)
{
	const struct contract_subject *const subjects[] = {
		&pool_subject,
		&single_pool_subject,
		&local_subject,
		&thread_per_actor_subject,
	};

	return contract_run_mixed(subjects, sizeof subjects / sizeof subjects[0], argc, argv);
}
