/* SPDX-License-Identifier: MIT */
/* What the two ends of a connection are told, and what becomes of calls when it ends. */

#include "check.h"
#include "remotes.h"

/* One that takes its time: it never answers. */

#define CLERK_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, add)                                                                               \
	CALL(X, show)
ACTOR_DECLARE(clerk, CLERK_MESSAGES);

struct clerk {
	struct show_reply in_hand;
	struct actor_peer *peer; /* of the connection that is closed meanwhile */
};

static struct actor_unit clerk_on_add(struct clerk *self, struct add *message,
				      struct actor_context *context)
{
	(void)self, (void)context;
	printf("clerk: %d\n", (int)message->n);
	return ACTOR_UNIT;
}

static void clerk_on_show(struct clerk *self, struct show *message, struct show_pending pending,
			  struct actor_context *context)
{
	(void)message, (void)context;
	self->in_hand = show_reply_take(pending);
	actor_peer_close(self->peer, "it is late");
}

static void clerk_destroy(struct clerk *self)
{
	show_reply_refuse(&self->in_hand, ACTOR_E_STOPPED);
	actor_peer_unref(self->peer);
}

ACTOR_DEFINE(clerk, CLERK_MESSAGES, NULL, NULL, clerk_destroy);

static struct actor_subscription *observe(struct actor_peer *peer)
{
	struct actor_subscription *events;

	CHECK(actor_observable_subscribe(actor_peer_observable(peer), NULL, &events));
	return events;
}

static void print_events(struct actor_context *context, const char *whose,
			 struct actor_subscription *events)
{
	static const char *const names[] = {
		[ACTOR_PEER_CLOSED] = "closed",
		[ACTOR_PEER_CLOSED_BY_REMOTE] = "closed by the other side",
		[ACTOR_PEER_ERROR] = "error",
		[ACTOR_PEER_REMOTE_ERROR] = "the other side reports an error",
		[ACTOR_PEER_RELAY_GONE] = "a relay has gone",
	};
	struct actor_event event;

	while (actor_subscription_next(context, events, ACTOR_FOREVER, &event) == 0) {
		const struct actor_peer_event *happened = ACTOR_EVENT(actor_peer_event, &event);

		if (happened)
			printf("%s: %s: %s\n", whose, names[happened->kind], happened->text);
		actor_event_drop(&event);
	}
	actor_subscription_destroy(events);
}

/* A peer for each end of a pair; the server's serves a clerk, with a reference for him. */
static void connect_peers(struct actor_executor *local, struct clerk *state,
			  struct actor_peer **ret_client, struct actor_peer **ret_server)
{
	struct actor_transport *here, *there;
	struct remotes_services services;
	union clerk_address clerk;

	CHECK(actor_pair_create(local, local, &here, &there));
	CHECK(actor_peer_create(here, NULL, ret_client));
	CHECK(actor_peer_create(there, NULL, ret_server));
	state->peer = actor_peer_ref(*ret_server);
	CHECK(ACTOR_SPAWN(clerk, actor_executor_spawner(local), state, NULL, &clerk));
	CHECK(remotes_services_create(&services));
	CHECK(ACTOR_SERVE(remotes, services, add, clerk));
	CHECK(ACTOR_SERVE(remotes, services, show, clerk));
	CHECK(actor_peer_serve(*ret_server, services.map));
	actor_service_map_unref(services.map);
	actor_address_unref(clerk.address);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct clerk state = { .in_hand = { NULL } };
	struct actor_subscription *at_client, *at_server;
	struct actor_peer *client, *server;
	struct actor_executor *local;
	union remotes_address remote;
	int rc;

	CHECK(actor_local_create(&local));
	connect_peers(local, &state, &client, &server);
	at_client = observe(client);
	at_server = observe(server);
	CHECK(actor_peer_start(client));
	CHECK(actor_peer_start(server));
	CHECK(remotes_remote(client, &remote));

	CHECK(ACTOR_SEND(context, remote, add, &(struct add){ 1 }));
	CHECK(ACTOR_SEND(context, remote, sub, &(struct sub){ 2 })); /* nobody serves that */
	CHECK(ACTOR_SEND(context, remote, add, &(struct add){ 3 }));
	rc = ACTOR_CALL(context, remote, show, NULL, &(struct show){ 0 });
	printf("call: %s\n", actor_strerror(rc));
	rc = ACTOR_SEND(context, remote, add, &(struct add){ 4 });
	printf("send: %s\n", actor_strerror(rc));

	print_events(context, "server", at_server);
	print_events(context, "client", at_client);
	actor_address_unref(remote.address);
	actor_peer_unref(client);
	actor_peer_unref(server);
	end_executor(local);
	return EXIT_SUCCESS;
}
