/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl driven by a queue on the test's own thread. */

#include "actor-impl-subject.h"

#include <drivers/drivers.h>

static void *create(void)
{
	static struct queue_driver queue;
	struct actor_executor *executor;

	queue_driver_init(&queue);
	return actor_driver_create(&queue.driver, &executor) == 0 ? executor : NULL;
}

int main(int argc, char **argv)
{
	struct contract_subject subject = executor_subject(
		"queue driver", CONTRACT_THREAD_BOUND | CONTRACT_DRIVEN, create);

	return contract_run(&subject, argc, argv);
}
