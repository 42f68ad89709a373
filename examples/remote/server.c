/* SPDX-License-Identifier: MIT */
/*
 * Who comes is sent to a reception, an actor, which makes a peer of the connection and keeps it
 * until it hears that it has ended. A peer would live without being kept; but a server that ends
 * wants to close them all. Without its reception, which fails if there is no memory to run it on, a
 * server would take all who come and serve nobody: so it ends.
 */
#include "server.h"

#include "connection.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

/* How long guests may take to go. */
#define PATIENCE_NS (INT64_C(10) * 1000000000)

struct newcomer {
	struct actor_transport *transport; /* owned */
};
ACTOR_SIGNAL(newcomer);

struct close_all {
	char none;
};
ACTOR_MESSAGE(close_all, struct actor_unit);

static void newcomer_drop(void *message)
{
	struct newcomer *newcomer = message;

	actor_transport_destroy(newcomer->transport);
	newcomer->transport = NULL;
}
ACTOR_SIGNAL_DEFINE(newcomer, "server.newcomer", newcomer_drop);
ACTOR_MESSAGE_DEFINE(close_all, "server.close-all", NULL, NULL);

#define RECEPTION_MESSAGES(CALL, SEND, X)                                                          \
	SEND(X, newcomer)                                                                          \
	SEND(X, actor_peer_event)                                                                  \
	CALL(X, close_all)
ACTOR_DECLARE(reception, RECEPTION_MESSAGES);

struct reception {
	struct server_options options;
	struct actor_peer **guests; /* owned */
	size_t n_guests;
	size_t n_most;
	bool is_closed;
};

/* ---- who comes ---- */

static int reception_keep(struct reception *self, struct actor_peer *peer)
{
	if (self->n_guests == self->n_most) {
		size_t n = self->n_most ? 2 * self->n_most : 8;
		struct actor_peer **more = realloc(self->guests, n * sizeof *more);

		if (!more)
			return ACTOR_E_NOMEM;
		self->guests = more;
		self->n_most = n;
	}
	self->guests[self->n_guests++] = peer;
	return 0;
}

/* From its start on the peer runs, and tells us of its end even if that comes before we return. */
static int reception_begin(struct reception *self, struct actor_peer *peer,
			   struct actor_context *context)
{
	struct actor_subscribe_options ends = { .size = sizeof ends,
						.address = actor_self(context),
						.filter = actor_peer_end_filter };
	int rc;

	rc = self->options.welcome(self->options.user, peer);
	if (rc == 0)
		rc = actor_observable_subscribe(actor_peer_observable(peer), &ends, NULL);
	if (rc == 0)
		rc = actor_peer_start(peer);
	return rc < 0 ? rc : reception_keep(self, peer);
}

/* By the name that events of it have: where it comes from. */
static int reception_make(struct reception *self, struct actor_transport *transport,
			  struct actor_peer **ret_peer)
{
	struct actor_peer_options options = { 0 };
	char name[sizeof((struct actor_peer_event *)0)->name];

	if (self->options.peer)
		options = *self->options.peer;
	options.size = sizeof options;
	if (!options.name && actor_transport_describe(transport, name, sizeof name) > 0)
		options.name = name;
	return actor_peer_create(transport, &options, ret_peer);
}

static void reception_on_newcomer(struct reception *self, struct newcomer *message,
				  struct actor_context *context)
{
	struct actor_peer *peer;
	int rc;

	if (self->is_closed)
		return;
	rc = reception_make(self, message->transport, &peer);
	if (rc == 0) {
		message->transport = NULL; /* the peer's */
		rc = reception_begin(self, peer, context);
		if (rc < 0) {
			actor_peer_close(peer, actor_strerror(rc));
			actor_peer_unref(peer);
		}
	}
	if (rc < 0)
		program_failed("a new connection", rc, NULL);
}

/* ---- who goes ---- */

static void reception_on_actor_peer_event(struct reception *self, struct actor_peer_event *event,
					  struct actor_context *context)
{
	struct actor_error detail = { 0 };

	(void)context;
	for (size_t i = 0; i < self->n_guests; i++) {
		struct actor_peer *peer = self->guests[i];

		if (!actor_identity_same(actor_peer_identity(peer), event->peer))
			continue;
		self->guests[i] = self->guests[--self->n_guests];
		actor_peer_unref(peer);
		break;
	}
	if (event->status == 0)
		return;
	detail.code = event->status;
	detail.system_errno = event->system_errno;
	snprintf(detail.text, sizeof detail.text, "%s", event->text);
	program_failed(event->name, event->status, &detail);
}

static struct actor_unit reception_on_close_all(struct reception *self, struct close_all *message,
						struct actor_context *context)
{
	int64_t deadline_ns = actor_deadline_after(context, PATIENCE_NS);

	(void)message;
	self->is_closed = true;
	for (size_t i = 0; i < self->n_guests; i++)
		actor_peer_close(self->guests[i], "the server ends");
	for (; self->n_guests > 0; self->n_guests--) {
		struct actor_peer *peer = self->guests[self->n_guests - 1];

		actor_ignore(actor_peer_join(context, peer, deadline_ns));
		actor_peer_unref(peer);
	}
	return ACTOR_UNIT;
}

static void reception_destroy(struct reception *self)
{
	for (size_t i = 0; i < self->n_guests; i++) {
		actor_peer_close(self->guests[i], "the server ends");
		actor_peer_unref(self->guests[i]);
	}
	free(self->guests);
	free(self);
}

ACTOR_DEFINE(reception, RECEPTION_MESSAGES, NULL, NULL, reception_destroy);

static void reception_ended(void *user, struct actor_end *end)
{
	(void)user;
	if (end->how == ACTOR_ENDED_FAILED) {
		fprintf(stderr, "%s: who receives connections has failed: %s\n", program_name,
			end->failure->text);
		program_signals_raise();
	}
	if (end->state)
		reception_destroy(end->state);
}

static int reception_spawn(struct actor_spawner *spawner, struct reception *state,
			   union reception_address *ret_address)
{
	struct reception_mailbox mailbox;
	int rc = ACTOR_MAILBOX_CREATE(reception, spawner,
				      ACTOR_OPTIONS(.capacity = ACTOR_UNBOUNDED), &mailbox);

	if (rc < 0)
		return rc;
	*ret_address = ACTOR_MAILBOX_ADDRESS(reception, mailbox);
	rc = ACTOR_MAILBOX_START(reception, mailbox, state, reception_ended, NULL);
	if (rc < 0)
		actor_address_unref(ret_address->address);
	actor_mailbox_detach(mailbox.mailbox); /* ends by itself */
	return rc;
}

/* ---- the door ---- */

struct server {
	union reception_address reception; /* owned */
	struct actor_listener *listener;   /* owned */
};

static void server_accept(void *user, struct actor_transport *transport)
{
	struct server *server = user;
	struct newcomer newcomer = { transport };

	if (ACTOR_TRY_SEND(server->reception, newcomer, &newcomer) < 0)
		newcomer_drop(&newcomer);
}

/* Nobody will come any more: so the reception ends when it has nothing left to do. */
static void server_closed(void *user)
{
	struct server *server = user;

	actor_address_unref(server->reception.address);
	free(server);
}

int server_open(struct actor_context *context, struct actor_io *io,
		const struct server_options *options, struct server **ret_server)
{
	struct server *server = calloc(1, sizeof *server);
	struct reception *reception = calloc(1, sizeof *reception);
	struct actor_listen_options listen = { .size = sizeof listen,
					       .accept = server_accept,
					       .user = server,
					       .on_closed = server_closed,
					       .tls = connection_tls };
	int rc = ACTOR_E_NOMEM;

	if (server && reception) {
		reception->options = *options;
		rc = reception_spawn(actor_executor_spawner(actor_io_executor(io)), reception,
				     &server->reception);
	}
	if (rc < 0) {
		free(reception);
		free(server);
		return rc;
	}
	rc = actor_listen(context, io, options->address, &listen, &server->listener);
	if (rc < 0) {
		actor_address_unref(server->reception.address);
		free(server);
		return rc;
	}
	*ret_server = server;
	return 0;
}

const char *server_address(const struct server *server)
{
	return actor_listener_address(server->listener);
}

int server_close(struct actor_context *context, struct server *server)
{
	union reception_address reception;
	int rc;

	if (!server)
		return 0;
	reception.address = actor_address_ref(server->reception.address);
	actor_listener_close(server->listener);
	rc = ACTOR_CALL(context, reception, close_all, NULL, &(struct close_all){ 0 });
	actor_address_unref(reception.address);
	return rc;
}

int server_run(struct actor_context *context, struct actor_io *io,
	       const struct server_options *options)
{
	struct server *server;
	int rc = server_open(context, io, options, &server);

	if (rc < 0)
		return rc;
	program_announce("listening", server_address(server));
	program_signals_wait();
	return server_close(context, server);
}
