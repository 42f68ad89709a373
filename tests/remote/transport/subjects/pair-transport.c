/* SPDX-License-Identifier: MIT */

/* A pair whose ends are on one thread, the test's. */

#include <remote/transport/suite.h>

#include <actor-impl/local.h>

static void *create(void)
{
	struct actor_executor *executor;

	return actor_local_create(&executor) < 0 ? NULL : executor;
}

static int connect_pair(void *instance, struct actor_transport *ret_ends[2])
{
	return actor_pair_create(instance, instance, &ret_ends[0], &ret_ends[1]);
}

static int destroy(void *instance)
{
	int rc = actor_executor_join(
		instance, actor_time_after(actor_executor_now(instance), INT64_C(10000000000)));

	return rc < 0 ? rc : actor_executor_destroy(instance);
}

static const struct transport_subject pair = {
	.name = "pair",
	.capabilities = TRANSPORT_LOSS_IS_TOLD,
	.create = create,
	.connect = connect_pair,
	.destroy = destroy,
};

int main(void)
{
	return transport_suite_run(&pair);
}
