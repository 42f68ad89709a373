/* SPDX-License-Identifier: MIT */
#include "connection.h"

#include <stdio.h>

/* How long others may take. */
#define PATIENCE_NS (INT64_C(10) * 1000000000)

int connection_open(struct actor_context *context, struct actor_io *io, const char *address,
		    const struct actor_peer_options *options, struct actor_peer **ret_peer)
{
	struct actor_transport *transport;
	int rc;

	rc = actor_connect(context, io, address, actor_deadline_after(context, PATIENCE_NS),
			   &transport);
	if (rc < 0)
		return rc;
	rc = actor_peer_create(transport, options, ret_peer);
	if (rc < 0)
		actor_transport_destroy(transport);
	return rc;
}

void connection_close(struct actor_context *context, struct actor_peer *peer)
{
	if (!peer)
		return;
	actor_peer_close(peer, NULL);
	/* If the other side will not see to its end in time, the peer does that without us. */
	actor_ignore(actor_peer_join(context, peer, actor_deadline_after(context, PATIENCE_NS)));
	actor_peer_unref(peer);
}

void connection_end_io(struct actor_io *io)
{
	if (!io)
		return;
	actor_ignore(actor_io_join(io, ACTOR_FOREVER));
	if (actor_io_destroy(io) < 0)
		fputs("something was not given back\n", stderr);
}
