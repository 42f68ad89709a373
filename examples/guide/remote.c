/* SPDX-License-Identifier: MIT */
/* A sum that is called over a connection. Both of its ends are in this program, on one thread. */

#include "check.h"
#include "sum.h"

static struct actor_peer *serving_peer(struct actor_transport *transport, union sum_address sum)
{
	struct remotes_services services;
	struct actor_peer *peer;

	CHECK(remotes_services_create(&services));
	CHECK(ACTOR_SERVE(remotes, services, add, sum));
	CHECK(ACTOR_SERVE(remotes, services, show, sum)); /* and no sub */
	CHECK(actor_peer_create(transport, NULL, &peer));
	CHECK(actor_peer_serve(peer, services.map));
	CHECK(actor_peer_start(peer));
	actor_service_map_unref(services.map); /* the peer has it, which has the sum */
	return peer;
}

static void use(struct actor_context *context, struct actor_peer *peer, union sum_address sum)
{
	union remotes_address remote;
	int64_t here, there;
	int rc;

	CHECK(remotes_remote(peer, &remote));
	CHECK(ACTOR_CALL(context, remote, add, NULL, &(struct add){ 5 }));
	CHECK(ACTOR_CALL(context, sum, add, NULL, &(struct add){ 2 }));
	CHECK(ACTOR_CALL(context, remote, show, &there, &(struct show){ 0 }));
	CHECK(ACTOR_CALL(context, sum, show, &here, &(struct show){ 0 }));
	printf("%d over the connection, %d without\n", (int)there, (int)here);
	rc = ACTOR_CALL(context, remote, sub, NULL, &(struct sub){ 1 });
	printf("sub: %s\n", actor_strerror(rc));
	actor_address_unref(remote.address);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct sum state = { 0 };
	struct actor_transport *here, *there;
	struct actor_peer *client, *server;
	struct actor_executor *local;
	union sum_address sum;

	CHECK(actor_local_create(&local));
	CHECK(ACTOR_SPAWN(sum, actor_executor_spawner(local), &state, NULL, &sum));
	CHECK(actor_pair_create(local, local, &here, &there));
	server = serving_peer(there, sum);
	CHECK(actor_peer_create(here, NULL, &client));
	CHECK(actor_peer_start(client));

	use(context, client, sum);

	actor_address_unref(sum.address);
	actor_peer_close(client, NULL); /* so the other one closes, too */
	actor_peer_unref(client);
	actor_peer_unref(server);
	end_executor(local);
	return EXIT_SUCCESS;
}
