/* SPDX-License-Identifier: MIT */

/* A pair whose ends are in two loops of libuv, a thread each. */

#include <remote/transport/suite.h>

#include "drivers/loop-thread.h"

#include <actor-impl/thread.h>

static struct loop_thread *threads[2];

static void *create(void)
{
	threads[0] = loop_thread_create();
	threads[1] = loop_thread_create();
	return threads[0] && threads[1] ? threads : NULL;
}

static int connect_pair(void *instance, struct actor_transport *ret_ends[2])
{
	(void)instance;
	return actor_pair_create(loop_thread_executor(threads[0]), loop_thread_executor(threads[1]),
				 &ret_ends[0], &ret_ends[1]);
}

static int destroy(void *instance)
{
	int64_t deadline_ns = actor_deadline_after(actor_thread_context(), INT64_C(10000000000));
	int rc = 0;

	(void)instance;
	for (unsigned i = 0; i < 2 && rc == 0; i++) {
		rc = loop_thread_join(threads[i], deadline_ns);
		if (rc == 0)
			rc = loop_thread_destroy(threads[i]);
	}
	return rc;
}

static const struct transport_subject pair = {
	.name = "pair-threads",
	.capabilities = TRANSPORT_LOSS_IS_TOLD,
	.create = create,
	.connect = connect_pair,
	.destroy = destroy,
};

int main(void)
{
	return transport_suite_run(&pair);
}
