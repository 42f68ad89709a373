/* SPDX-License-Identifier: MIT */

/* A network in a simulation; another one for each test. */

#include <remote/transport/suite.h>

#include <actor-impl/thread.h>
#include <actor-remote/network.h>

static struct actor_executor *simulation;
static struct actor_network *network;
static uint64_t seed;

static void *create(void)
{
	const struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = ++seed,
		.most_steps = UINT64_MAX,
	};

	if (actor_simulation_create(&options, &simulation) < 0 ||
	    actor_network_create(simulation, NULL, &network) < 0)
		return NULL;
	return simulation;
}

static int connect_ends(void *instance, struct actor_transport *ret_ends[2])
{
	(void)instance;
	return actor_network_connect(network, &ret_ends[0], &ret_ends[1]);
}

static int destroy(void *instance)
{
	int rc = actor_executor_join(instance, ACTOR_FOREVER);

	actor_network_destroy(network);
	return rc < 0 ? rc : actor_executor_destroy(instance);
}

static const struct transport_subject subject = {
	.name = "network",
	.capabilities = TRANSPORT_LOSS_IS_TOLD,
	.create = create,
	.connect = connect_ends,
	.destroy = destroy,
};

int main(void)
{
	return transport_suite_run(&subject);
}
