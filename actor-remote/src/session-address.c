/* SPDX-License-Identifier: MIT */

/*
 * Addresses of sessions. One is a namespace and a session, of which it keeps the memory alone; as
 * with those of peers, strong and weak ones are the same.
 */

#include "session.h"
#include "why.h"

#include <stdlib.h>

struct session_address {
	struct actor_address address;
	atomic_size_t n_refs;
	struct actor_session *session; /* held */
	const struct actor_namespace *name_space;
	size_t n_rows;
	struct actor__row rows[];
};

static struct session_address *address_of(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF(address, struct session_address, address);
}

static void session_ref(struct actor_address *address)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&address_of(address)->n_refs, 1, memory_order_relaxed);
}

static void session_unref(struct actor_address *address)
{
	struct session_address *to = address_of(address);

	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&to->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	actor__session_release(to->session);
	free(to);
}

static struct actor_address *session_weak(struct actor_address *address)
{
	return actor_address_ref(address);
}

static struct actor_address *session_upgrade(struct actor_address *address)
{
	struct actor_session *session = address_of(address)->session;
	bool closing;

	actor__session_lock(session);
	closing = session->closing;
	actor__session_unlock(session);
	return closing ? NULL : actor_address_ref(address);
}

static void session_info(const struct actor_address *address, struct actor_info *ret_info)
{
	const struct session_address *to = address_of(address);

	*ret_info = to->session->info;
	ret_info->type = to->name_space->name;
}

/* The same description is the fast path. */
static const struct actor__row *find(const struct session_address *to,
				     const struct actor_message_type *type)
{
	size_t i;

	for (i = 0; i < to->n_rows; i++)
		if (to->rows[i].service->type == type)
			return &to->rows[i];
	for (i = 0; i < to->n_rows; i++)
		if (actor_message_type_same(to->rows[i].service->type, type))
			return &to->rows[i];
	return NULL;
}

static bool session_handles(const struct actor_address *address,
			    const struct actor_message_type *type)
{
	return find(address_of(address), type) != NULL;
}

static int session_post(struct actor_address *address, const struct actor_message_type *type,
			void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct session_address *to = address_of(address);
	const struct actor__row *row = find(to, type);
	int rc;

	if (!row || (reply && !row->service->type->reply)) {
		actor__session_withdraw(to->session, waiter);
		return row ? ACTOR_E_INVALID : ACTOR_E_UNHANDLED;
	}
	rc = actor__session_post(to->session, row, message, reply, waiter);
	if (rc == 0)
		actor_message_drop(type, message); /* what it says has been written down */
	return rc;
}

static void session_withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	actor__session_withdraw(address_of(address)->session, waiter);
}

static void session_explain(struct actor_address *address, const struct actor_message_type *type,
			    const void *message, char *text, size_t n_text)
{
	struct session_address *to = address_of(address);
	const struct actor__row *row = find(to, type);
	struct actor_why why = { "" };

	if (row)
		actor__explain(to->session->format, row->service->schema, message, &why);
	actor__copy_text(text, n_text, why.text);
}

static const struct actor_address_ops session_address_ops = {
	.size = sizeof session_address_ops,
	.ref = session_ref,
	.unref = session_unref,
	.weak = session_weak,
	.upgrade = session_upgrade,
	.info = session_info,
	.handles = session_handles,
	.post = session_post,
	.withdraw = session_withdraw,
	.explain = session_explain,
};

static bool may_repeat(const struct actor_session *session, const struct actor_service *service)
{
	for (size_t i = 0; i < session->options.n_repeatable; i++)
		if (session->repeatable[i] == service)
			return true;
	return false;
}

int actor_session_address(struct actor_session *session, const struct actor_namespace *name_space,
			  struct actor_address **ret_address)
{
	size_t n = name_space->n_services;
	struct session_address *to = malloc(sizeof *to + n * sizeof to->rows[0]);

	if (!to)
		return ACTOR_E_NOMEM;
	to->n_rows = n;
	for (size_t i = 0; i < n; i++) {
		const struct actor_service *service = name_space->services[i];

		to->rows[i].service = service;
		to->rows[i].id = actor_service_id(name_space->name, service->name);
		to->rows[i].repeats = may_repeat(session, service);
		if (!to->rows[i].id) {
			free(to);
			return ACTOR_E_INVALID;
		}
	}
	to->address.ops = &session_address_ops;
	atomic_init(&to->n_refs, 1);
	to->name_space = name_space;
	to->session = actor__session_hold(session);
	*ret_address = &to->address;
	return 0;
}
