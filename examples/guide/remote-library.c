/* SPDX-License-Identifier: MIT */
/* A library that offers an actor, used here, and by somebody who need not know where it is. */

#include "check.h"

#include <actor-remote/actor-remote.h>
#include <ctype.h>
#include <string.h>

/* ---- the library: a header and a .c file of its own, which include actor-iface and no more */

struct shout {
	char *text; /* owned, from malloc(); the answer is, too */
};
ACTOR_MESSAGE(shout, char *);

#define SHOUTER_MESSAGES(CALL, SEND, X) CALL(X, shout)
ACTOR_RECIPIENT(shouter, SHOUTER_MESSAGES); /* whoever shouts, of whatever type */

static void text_drop(void *message_or_answer)
{
	free(*(char **)message_or_answer);
}
ACTOR_MESSAGE_DEFINE(shout, "shouter.shout", text_drop, text_drop);

ACTOR_DECLARE(singer, SHOUTER_MESSAGES);

struct singer {
	int n_songs;
};

static char *singer_on_shout(struct singer *self, struct shout *message,
			     struct actor_context *context)
{
	char *text = message->text;

	if (*text == '\0')
		ACTOR_FAILF(context, "nothing to shout after %d songs", self->n_songs);
	self->n_songs++;
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	message->text = NULL; /* moved into the answer */
	return text;
}

static void singer_destroy(struct singer *self)
{
	free(self);
}
ACTOR_DEFINE(singer, SHOUTER_MESSAGES, NULL, NULL, singer_destroy);

/* ---- who offers it over connections adds what it looks like there */

ACTOR_SCHEMA(shout);
ACTOR_SCHEMA_NEWTYPE_DEFINE(shout, text, actor_text);
ACTOR_CALL_SERVICE_DEFINE(shout, "Shout", shout, actor_text);

ACTOR_NAMESPACE_DECLARE(shouting, SHOUTER_MESSAGES);
ACTOR_NAMESPACE_DEFINE(shouting, "shouting", SHOUTER_MESSAGES);

/* ---- who uses it */

static void shout_to(struct actor_context *context, union shouter who, const char *where,
		     const char *words)
{
	struct shout shout = { strdup(words) };
	char *answer;
	int rc;

	CHECK(shout.text ? 0 : ACTOR_E_NOMEM);
	rc = ACTOR_CALL(context, who, shout, &answer, &shout);
	if (rc < 0) {
		printf("%s: %s\n", where, actor_strerror(rc));
		actor_message_drop(&shout_type, &shout);
		return;
	}
	printf("%s: %s\n", where, answer);
	free(answer);
}

/* ---- the program: it has a singer on a pool, under a supervisor, and connections beside that */

static int make_singer(void *user, void **ret_state)
{
	(void)user;
	*ret_state = calloc(1, sizeof(struct singer));
	return *ret_state ? 0 : ACTOR_E_NOMEM;
}

static const struct actor_child singer_child = ACTOR_CHILD(singer, .make = make_singer);
static const struct actor_supervisor_options supervised = {
	.size = sizeof supervised,
	.children = &singer_child,
	.n_children = 1,
};

/* The singer's address stays valid when it is started again. */
static union actor_supervisor_address supervise(struct actor_context *context,
						struct actor_executor *pool,
						union singer_address *ret_singer)
{
	struct actor_supervisor *state;
	union actor_supervisor_address supervisor;
	struct actor_children children;

	CHECK(actor_supervisor_create(&supervised, &state));
	CHECK(ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool), state, NULL,
			  &supervisor));
	CHECK(ACTOR_CALL(context, supervisor, actor_child_list, &children,
			 &(struct actor_child_list){ 0 }));
	CHECK(singer_address_from(children.each[0].address, ret_singer));
	actor_address_ref(ret_singer->address);
	actor_children_drop(&children);
	return supervisor;
}

/* Two ends of a connection; what comes to one of them is the singer's. */
static void connect_to(struct actor_io *io, union singer_address singer,
		       struct actor_peer **ret_server, struct actor_peer **ret_client)
{
	struct actor_executor *loop = actor_io_executor(io);
	struct actor_transport *here, *there;
	struct shouting_services services;

	CHECK(actor_pair_create(loop, loop, &here, &there));
	CHECK(actor_peer_create(there, NULL, ret_server));
	CHECK(actor_peer_create(here, NULL, ret_client));
	CHECK(shouting_services_create(&services));
	CHECK(ACTOR_SERVE_ALL(shouting, SHOUTER_MESSAGES, services, singer));
	CHECK(actor_peer_serve(*ret_server, services.map));
	CHECK(actor_peer_start(*ret_server));
	CHECK(actor_peer_start(*ret_client));
	actor_service_map_unref(services.map);
}

int main(void)
{
	struct actor_context *context = main_context();
	union actor_supervisor_address supervisor;
	struct actor_peer *server, *client;
	union shouting_address remote;
	union shouter here, elsewhere;
	union singer_address singer;
	struct actor_executor *pool;
	struct actor_io *io;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_io_create(NULL, &io));
	supervisor = supervise(context, pool, &singer);
	connect_to(io, singer, &server, &client);
	CHECK(shouting_remote(client, &remote));

	here = ACTOR_FOR_ALL(shouter, SHOUTER_MESSAGES, singer);
	elsewhere = ACTOR_FOR_ALL(shouter, SHOUTER_MESSAGES, remote);
	shout_to(context, here, "here", "hello");
	shout_to(context, elsewhere, "elsewhere", "hello");
	shout_to(context, here, "here", "");
	shout_to(context, elsewhere, "elsewhere", "");
	shout_to(context, elsewhere, "elsewhere", "and again");

	actor_peer_close(client, NULL);
	CHECK(actor_peer_join(context, client, ACTOR_FOREVER));
	CHECK(actor_peer_join(context, server, ACTOR_FOREVER));
	actor_peer_unref(client);
	actor_peer_unref(server);
	actor_address_unref(remote.address);
	CHECK(actor_io_join(io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(io));

	actor_address_unref(singer.address);
	actor_address_unref(supervisor.address); /* so it ends, and the singer with it */
	end_executor(pool);
	return EXIT_SUCCESS;
}
