/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl on the thread of a loop of libuv that is not run: it waits in
 * its own context. */

#include "actor-impl-subject.h"

#include <actor-impl/uv.h>
#include <uv.h>

static uv_loop_t loop;

static void *create(void)
{
	struct actor_executor *executor;

	if (uv_loop_init(&loop) < 0)
		return NULL;
	return actor_uv_create(&loop, &executor) == 0 ? executor : NULL;
}

static int destroy(void *instance)
{
	int rc = actor_executor_destroy(instance);

	if (rc < 0)
		return rc;
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
	struct contract_subject subject = executor_subject(
		"uv, waiting", CONTRACT_THREAD_BOUND | CONTRACT_DRIVEN, create);

	subject.destroy = destroy;
	return contract_run(&subject, argc, argv);
}
