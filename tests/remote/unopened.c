/* SPDX-License-Identifier: MIT */

#include "unopened.h"

#include <stdio.h>

static struct unopened *unopened_of(struct actor_transport *transport)
{
	return ACTOR_CONTAINER_OF(transport, struct unopened, transport);
}

static int start(struct actor_transport *transport, const struct actor_transport_events *events,
		 void *user)
{
	unopened_of(transport)->events = events;
	unopened_of(transport)->user = user;
	return ACTOR_PENDING;
}

static void read_on(struct actor_transport *transport, bool on)
{
	(void)transport, (void)on;
}

static int write_later(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	(void)bytes, (void)n;
	return unopened_of(transport)->takes ? 0 : ACTOR_PENDING;
}

static void shutdown_later(struct actor_transport *transport)
{
	(void)transport;
}

static void destroy(struct actor_transport *transport)
{
	unopened_of(transport)->destroyed = true;
}

static int describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	(void)transport;
	return snprintf(buffer, n_buffer, "unopened");
}

static const struct actor_certificate *certificate(const struct actor_transport *transport)
{
	static const struct actor_certificate somebody;

	(void)transport;
	return &somebody;
}

static const struct actor_transport_ops unopened_ops = {
	.size = sizeof unopened_ops,
	.start = start,
	.read = read_on,
	.write = write_later,
	.shutdown = shutdown_later,
	.destroy = destroy,
	.describe = describe,
	.certificate = certificate,
};

void unopened_init(struct unopened *unopened, struct actor_executor *executor)
{
	*unopened = (struct unopened){ .transport = { &unopened_ops, executor } };
}
