/* SPDX-License-Identifier: MIT */
#include "link.h"

#include "connection.h"
#include "program.h"

#include <stdio.h>

#define PAUSE_NS (INT64_C(200) * 1000000)

ACTOR_MESSAGE_DEFINE(link_connect, "relay.link-connect", NULL, NULL);

static int link_open(struct link *self, struct actor_context *context)
{
	struct actor_subscribe_options ends = { .size = sizeof ends,
						.address = actor_self(context),
						.filter = actor_peer_end_filter };
	struct actor_peer *peer;
	int rc = connection_open(context, self->io, self->address, NULL, &peer);

	if (rc < 0)
		return rc;
	rc = actor_observable_subscribe(actor_peer_observable(peer), &ends, NULL);
	if (rc == 0)
		rc = actor_peer_start(peer);
	if (rc < 0)
		actor_peer_unref(peer);
	else
		self->peer = peer;
	return rc;
}

static int link_on_link_connect(struct link *self, struct link_connect *message,
				struct actor_context *context)
{
	int rc = self->peer ? 0 : link_open(self, context);

	(void)message;
	if (rc < 0)
		program_failed(self->address, rc, actor_error(context));
	return rc;
}

/* Until somebody is there again, or we are cancelled, which ends every wait. */
static void link_on_actor_peer_event(struct link *self, struct actor_peer_event *event,
				     struct actor_context *context)
{
	int rc;

	fprintf(stderr, "%s: %s: %s, so it is made again\n", program_name, self->address,
		event->text);
	actor_peer_unref(self->peer);
	self->peer = NULL;
	do {
		rc = actor_sleep_until(context, actor_deadline_after(context, PAUSE_NS));
	} while (rc == 0 && link_open(self, context) < 0);
}

static void link_destroy(struct link *self)
{
	if (self->peer)
		actor_peer_close(self->peer, "the relay ends");
	actor_peer_unref(self->peer);
	self->peer = NULL;
}

ACTOR_DEFINE_THREAD_BOUND(link, LINK_MESSAGES, NULL, NULL, link_destroy);
