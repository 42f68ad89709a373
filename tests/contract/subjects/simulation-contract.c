/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl in a simulation. */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&simulation_subject, argc, argv);
}
