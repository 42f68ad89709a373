/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl in a loop of libuv that another thread runs. */

#include "actor-impl-subject.h"

#include <drivers/loop-thread.h>

static void *create(void)
{
	return loop_thread_create();
}

static int join(void *instance, int64_t deadline_ns)
{
	return loop_thread_join(instance, deadline_ns);
}

static int destroy(void *instance)
{
	return loop_thread_destroy(instance);
}

static struct actor_spawner *spawner(void *instance)
{
	return actor_executor_spawner(loop_thread_executor(instance));
}

static void close(void *instance)
{
	actor_executor_close(loop_thread_executor(instance));
}

int main(int argc, char **argv)
{
	struct contract_subject subject = executor_subject("uv", CONTRACT_THREAD_BOUND, create);

	subject.join = join;
	subject.destroy = destroy;
	subject.spawner = spawner;
	subject.close = close;
	return contract_run(&subject, argc, argv);
}
