/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl in a simulation, with one allocation after the other that
 * fails. */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_sweep(&simulation_subject, argc, argv);
}
