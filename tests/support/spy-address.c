/* SPDX-License-Identifier: MIT */

/*
 * A counted wrapper. Weak and upgraded addresses that are made through a spy are the inner one's:
 * only posts matter here.
 */

#include "spy-address.h"

#include <stdatomic.h>
#include <stdlib.h>

struct spy_address {
	struct actor_address base;
	struct actor_address *inner;
	struct probe *probe;
	const char *word;
	atomic_int n_owners;
};

static struct spy_address *from_base(const struct actor_address *base)
{
	return ACTOR_CONTAINER_OF(base, struct spy_address, base);
}

static void spy_ref(struct actor_address *base)
{
	atomic_fetch_add(&from_base(base)->n_owners, 1);
}

static void spy_unref(struct actor_address *base)
{
	struct spy_address *spy = from_base(base);

	if (atomic_fetch_sub(&spy->n_owners, 1) > 1)
		return;
	actor_address_unref(spy->inner);
	free(spy);
}

static struct actor_address *spy_weak(struct actor_address *base)
{
	return actor_address_weak(from_base(base)->inner);
}

static struct actor_address *spy_upgrade(struct actor_address *base)
{
	return actor_address_upgrade(from_base(base)->inner);
}

static void spy_info(const struct actor_address *base, struct actor_info *ret_info)
{
	*ret_info = actor_address_info(from_base(base)->inner);
}

static bool spy_handles(const struct actor_address *base, const struct actor_message_type *type)
{
	return actor_address_handles(from_base(base)->inner, type);
}

static int spy_post(struct actor_address *base, const struct actor_message_type *type,
		    void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct spy_address *spy = from_base(base);
	bool was_in_line = waiter && waiter->line;
	int rc = spy->inner->ops->post(spy->inner, type, message, reply, waiter);

	if (rc == ACTOR_E_FULL && waiter && !was_in_line)
		probe_record(spy->probe, "%s", spy->word);
	return rc;
}

static void spy_withdraw(struct actor_address *base, struct actor_waiter *waiter)
{
	actor_address_withdraw(from_base(base)->inner, waiter);
}

static int spy_stop(struct actor_address *base, enum actor_stop how)
{
	return actor_address_stop(from_base(base)->inner, how);
}

static const struct actor_address_ops spy_address_ops = {
	.size = sizeof spy_address_ops,
	.ref = spy_ref,
	.unref = spy_unref,
	.weak = spy_weak,
	.upgrade = spy_upgrade,
	.info = spy_info,
	.handles = spy_handles,
	.post = spy_post,
	.withdraw = spy_withdraw,
	.stop = spy_stop,
};

struct actor_address *spy_address_create(struct actor_address *inner, struct probe *probe,
					 const char *word)
{
	struct spy_address *spy = malloc(sizeof *spy);

	if (!spy)
		abort();
	spy->base.ops = &spy_address_ops;
	spy->inner = actor_address_ref(inner);
	spy->probe = probe;
	spy->word = word;
	atomic_init(&spy->n_owners, 1);
	return &spy->base;
}
