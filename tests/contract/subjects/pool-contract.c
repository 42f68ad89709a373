/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl on a pool of three threads. */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&pool_subject, argc, argv);
}
