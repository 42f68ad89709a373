/* SPDX-License-Identifier: MIT */

/*
 * Remote addresses. One is a namespace and a peer, of which it keeps the memory alone: nobody at
 * either side lives longer for it. So strong and weak ones are the same: a weak one is as good as
 * any other while the connection lasts, and can be made strong until it closes.
 */

#include "outbox.h"
#include "peer.h"
#include "why.h"

#include <actor-remote/services.h>
#include <stdlib.h>

struct remote_service {
	const struct actor_service *service;
	uint64_t id;
};

struct remote_address {
	struct actor_address address;
	atomic_size_t n_refs;
	struct actor_peer *peer; /* held */
	const struct actor_namespace *name_space;
	size_t n_services;
	struct remote_service services[];
};

static struct remote_address *remote_of(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF(address, struct remote_address, address);
}

static void remote_ref(struct actor_address *address)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&remote_of(address)->n_refs, 1, memory_order_relaxed);
}

static void remote_unref(struct actor_address *address)
{
	struct remote_address *remote = remote_of(address);

	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&remote->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	actor__peer_release(remote->peer);
	free(remote);
}

static struct actor_address *remote_weak(struct actor_address *address)
{
	return actor_address_ref(address);
}

static struct actor_address *remote_upgrade(struct actor_address *address)
{
	struct actor_peer *peer = remote_of(address)->peer;
	bool closing;

	actor__peer_lock(peer);
	closing = peer->closing;
	actor__peer_unlock(peer);
	return closing ? NULL : actor_address_ref(address);
}

static void remote_info(const struct actor_address *address, struct actor_info *ret_info)
{
	const struct remote_address *remote = remote_of(address);

	*ret_info = remote->peer->info;
	ret_info->type = remote->name_space->name;
}

/* The same description is the fast path. */
static const struct remote_service *find(const struct remote_address *remote,
					 const struct actor_message_type *type)
{
	size_t i;

	for (i = 0; i < remote->n_services; i++)
		if (remote->services[i].service->type == type)
			return &remote->services[i];
	for (i = 0; i < remote->n_services; i++)
		if (actor_message_type_same(remote->services[i].service->type, type))
			return &remote->services[i];
	return NULL;
}

static bool remote_handles(const struct actor_address *address,
			   const struct actor_message_type *type)
{
	return find(remote_of(address), type) != NULL;
}

static int post(struct remote_address *remote, const struct remote_service *found,
		const struct actor_message_type *type, void *message, struct actor_reply *reply,
		struct actor_waiter *waiter)
{
	const struct actor__outgoing outgoing = {
		.service = found->id,
		.schema = found->service->schema,
		.message = message,
		.reply = reply,
		.type = found->service->type->reply,
		.answer = found->service->reply,
	};
	int rc = actor__outbox_post(remote->peer, &outgoing, waiter);

	if (rc == 0)
		actor_message_drop(type, message); /* what it says has been written down */
	return rc;
}

static int remote_post(struct actor_address *address, const struct actor_message_type *type,
		       void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct remote_address *remote = remote_of(address);
	const struct remote_service *found = find(remote, type);

	if (found && (!reply || found->service->type->reply))
		return post(remote, found, type, message, reply, waiter);
	actor__outbox_withdraw(remote->peer, waiter);
	return found ? ACTOR_E_INVALID : ACTOR_E_UNHANDLED;
}

static void remote_withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	actor__outbox_withdraw(remote_of(address)->peer, waiter);
}

static void remote_explain(struct actor_address *address, const struct actor_message_type *type,
			   const void *message, char *text, size_t n_text)
{
	struct remote_address *remote = remote_of(address);
	const struct remote_service *found = find(remote, type);
	struct actor_why why = { "" };

	if (found)
		actor__explain(remote->peer->format, found->service->schema, message, &why);
	actor__copy_text(text, n_text, why.text);
}

static const struct actor_address_ops remote_address_ops = {
	.size = sizeof remote_address_ops,
	.ref = remote_ref,
	.unref = remote_unref,
	.weak = remote_weak,
	.upgrade = remote_upgrade,
	.info = remote_info,
	.handles = remote_handles,
	.post = remote_post,
	.withdraw = remote_withdraw,
	.explain = remote_explain,
};

int actor_remote_address(struct actor_peer *peer, const struct actor_namespace *name_space,
			 struct actor_address **ret_address)
{
	size_t n = name_space->n_services;
	struct remote_address *remote = malloc(sizeof *remote + n * sizeof remote->services[0]);

	if (!remote)
		return ACTOR_E_NOMEM;
	remote->n_services = n;
	for (size_t i = 0; i < n; i++) {
		const struct actor_service *service = name_space->services[i];

		remote->services[i].service = service;
		remote->services[i].id = actor_service_id(name_space->name, service->name);
		if (!remote->services[i].id) {
			free(remote);
			return ACTOR_E_INVALID;
		}
	}
	remote->address.ops = &remote_address_ops;
	atomic_init(&remote->n_refs, 1);
	remote->name_space = name_space;
	remote->peer = actor__peer_hold(peer);
	*ret_address = &remote->address;
	return 0;
}
