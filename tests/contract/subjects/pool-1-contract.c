/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl on a pool of one thread. */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&single_pool_subject, argc, argv);
}
