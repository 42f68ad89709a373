/* SPDX-License-Identifier: MIT */

/* The contract, tested on the second implementation. */

#include "thread-per-actor-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&thread_per_actor_subject, argc, argv);
}
