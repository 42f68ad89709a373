/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl on the local executor. */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&local_subject, argc, argv);
}
