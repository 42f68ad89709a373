/* SPDX-License-Identifier: MIT */

#include "thread-per-actor-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&thread_per_actor_subject, argc, argv);
}
