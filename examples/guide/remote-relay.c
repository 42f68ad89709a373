/* SPDX-License-Identifier: MIT */
/* Calls that are passed on, by somebody who does not know what they say. */

#include "check.h"
#include "sum.h"

/* A connection, with a peer at each end, which are yet to be started. */
struct link {
	struct actor_peer *from;
	struct actor_peer *to;
};

static struct link link_make(struct actor_executor *local)
{
	struct actor_transport *here, *there;
	struct link link;

	CHECK(actor_pair_create(local, local, &here, &there));
	CHECK(actor_peer_create(here, NULL, &link.from));
	CHECK(actor_peer_create(there, NULL, &link.to));
	return link;
}

static void link_start(struct link *link)
{
	CHECK(actor_peer_start(link->from));
	CHECK(actor_peer_start(link->to));
}

static void link_end(struct actor_context *context, struct link *link)
{
	actor_peer_close(link->from, NULL);
	CHECK(actor_peer_join(context, link->from, ACTOR_FOREVER));
	CHECK(actor_peer_join(context, link->to, ACTOR_FOREVER));
	actor_peer_unref(link->from);
	actor_peer_unref(link->to);
}

static void serve_sum(struct actor_peer *peer, union sum_address sum)
{
	struct remotes_services services;

	CHECK(remotes_services_create(&services));
	CHECK(ACTOR_SERVE(remotes, services, add, sum));
	CHECK(ACTOR_SERVE(remotes, services, show, sum));
	CHECK(actor_peer_serve(peer, services.map));
	actor_service_map_unref(services.map);
}

/* What comes over @peer for these services goes on to @target. */
static void relay(struct actor_peer *peer, struct actor_peer *target)
{
	const uint64_t ids[] = { ACTOR_SERVICE_ID(remotes, add), ACTOR_SERVICE_ID(remotes, show) };
	struct actor_relay_options options = {
		.size = sizeof options,
		.peer = target,
		.services = ids,
		.n_services = 2,
	};
	struct actor_service_map *map;

	CHECK(actor_relay_map_create(&options, &map));
	CHECK(actor_peer_serve(peer, map));
	actor_service_map_unref(map);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct sum state = { 0 };
	struct actor_executor *local;
	union remotes_address remote;
	union sum_address sum;
	struct link first, second;
	int64_t value;
	int rc;

	CHECK(actor_local_create(&local));
	CHECK(ACTOR_SPAWN(sum, actor_executor_spawner(local), &state, NULL, &sum));
	first = link_make(local);
	second = link_make(local);
	relay(first.to, second.from);
	serve_sum(second.to, sum);
	link_start(&first);
	link_start(&second);

	CHECK(remotes_remote(first.from, &remote));
	CHECK(ACTOR_CALL(context, remote, add, NULL, &(struct add){ 5 }));
	CHECK(ACTOR_CALL(context, remote, show, &value, &(struct show){ 0 }));
	printf("over two connections: %d\n", (int)value);
	rc = ACTOR_CALL(context, remote, sub, NULL, &(struct sub){ 1 });
	printf("not passed on: %s\n", actor_strerror(rc));
	link_end(context, &second);
	rc = ACTOR_CALL(context, remote, show, &value, &(struct show){ 0 });
	printf("nowhere to pass it on: %s\n", actor_strerror(rc));

	actor_address_unref(remote.address);
	link_end(context, &first);
	actor_address_unref(sum.address);
	end_executor(local);
	return EXIT_SUCCESS;
}
