/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl driven by three threads of somebody else's. */

#include "actor-impl-subject.h"

#include <drivers/drivers.h>

static void *create(void)
{
	struct actor_executor *executor;

	return crew_driver_create(3, &executor) == 0 ? executor : NULL;
}

int main(int argc, char **argv)
{
	struct contract_subject subject = executor_subject("crew driver", 0, create);

	return contract_run(&subject, argc, argv);
}
