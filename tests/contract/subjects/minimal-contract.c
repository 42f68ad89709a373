/* SPDX-License-Identifier: MIT */

/* The contract, tested on an implementation that leaves out what may be left out. */

#include "minimal/minimal.h"

#include <contract/contract.h>

static void *create(void)
{
	return minimal_create();
}

static int join(void *instance, int64_t deadline_ns)
{
	return minimal_join(instance, deadline_ns);
}

static int destroy(void *instance)
{
	return minimal_destroy(instance);
}

static struct actor_spawner *spawner(void *instance)
{
	return minimal_spawner(instance);
}

static struct actor_context *context(void *instance)
{
	return minimal_context(instance);
}

static void held(struct contract_held *ret_held)
{
	*ret_held = (struct contract_held){
		.mailboxes = minimal_counts.mailboxes,
		.envelopes = minimal_counts.envelopes,
		.replies = minimal_counts.replies,
	};
}

static const struct contract_subject minimal_subject = {
	.name = "minimal",
	.capabilities = CONTRACT_FIFO | CONTRACT_RESTART | CONTRACT_THREAD_BOUND | CONTRACT_COUNTS |
			CONTRACT_DRIVEN,
	.create = create,
	.join = join,
	.destroy = destroy,
	.spawner = spawner,
	.context = context,
	.held = held,
};

int main(int argc, char **argv)
{
	return contract_run(&minimal_subject, argc, argv);
}
