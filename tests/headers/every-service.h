/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HEADERS_EVERY_SERVICE_H
#define TESTS_HEADERS_EVERY_SERVICE_H

/* Every macro of services, each in all ways that it can be used, in C and in C++. */

#include <actor-iface/typed-actor.h>
#include <actor-remote/services.h>
#include <actor-remote/session.h>

struct add {
	int64_t n;
};
struct ask {
	struct actor_origin from;
};
struct shout {
	char *text;
};
ACTOR_MESSAGE(add, struct actor_unit);
ACTOR_MESSAGE(ask, char *);
ACTOR_SIGNAL(shout);
ACTOR_SCHEMA(add);
ACTOR_SCHEMA(ask);
ACTOR_SCHEMA(shout);

/* Of both kinds, of one; and one message in two namespaces. */
#define SUMS_SERVICES(CALL, SEND, X) CALL(X, add) CALL(X, ask) SEND(X, shout)
#define ADDERS_SERVICES(CALL, SEND, X) CALL(X, add)
ACTOR_NAMESPACE_DECLARE(sums, SUMS_SERVICES);
ACTOR_NAMESPACE_DECLARE(adders, ADDERS_SERVICES);

ACTOR_MESSAGE_DEFINE(add, "every.add", NULL, NULL);
ACTOR_SCHEMA_NEWTYPE_DEFINE(add, n, actor_i64);
ACTOR_CALL_SERVICE_DEFINE(add, "Add", add, actor_unit);

ACTOR_MESSAGE_DEFINE(ask, "every.ask", ask_schema_drop, actor_text_schema_drop);
ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(ask, from);
ACTOR_CALL_SERVICE_DEFINE(ask, "Ask", ask, actor_text);

ACTOR_SIGNAL_DEFINE(shout, "every.shout", shout_schema_drop);
ACTOR_SCHEMA_NEWTYPE_DEFINE(shout, text, actor_text);
ACTOR_SEND_SERVICE_DEFINE(shout, "Shout", shout);

ACTOR_NAMESPACE_DEFINE(sums, "sums", SUMS_SERVICES);
ACTOR_NAMESPACE_DEFINE(adders, "adders", ADDERS_SERVICES);

/* Whoever handles them: an actor, a recipient, the other side of another connection. */
ACTOR_DECLARE(sum, SUMS_SERVICES);

int every_service(struct actor_context *context, struct actor_peer *peer, union sum_address sum,
		  union shout_recipient shouted_at);
int every_session(struct actor_context *context, struct actor_session *session);

int every_session(struct actor_context *context, struct actor_session *session)
{
	union sums_address remote = { NULL };
	struct add message = { 5 };
	int rc = ACTOR_SESSION_REMOTE(sums, session, &remote);

	return rc | ACTOR_CALL(context, remote, add, NULL, &message);
}

int every_service(struct actor_context *context, struct actor_peer *peer, union sum_address sum,
		  union shout_recipient shouted_at)
{
	struct sums_services services = { NULL };
	struct adders_services adders = { NULL };
	union sums_address remote = { NULL };
	union add_recipient adder;
	struct add message = { 5 };
	struct shout loud = { NULL };
	char *answer = NULL;
	struct ask question = { { NULL } };
	int rc = sums_services_create(&services);

	rc |= adders_services_create(&adders);
	rc |= sums_remote(peer, &remote);
	rc |= ACTOR_SERVE(sums, services, add, sum);
	rc |= ACTOR_SERVE(sums, services, ask, sum);
	rc |= ACTOR_SERVE(sums, services, shout, shouted_at);
	rc |= ACTOR_SERVE(adders, adders, add, remote);
	rc |= ACTOR_SERVE_ALL(sums, SUMS_SERVICES, services, sum);
	rc |= ACTOR_SERVE_ALL(adders, ADDERS_SERVICES, adders, sum);
	rc |= ACTOR_SERVICE_ID(sums, ask) == ACTOR_SERVICE_ID(sums, shout);
	rc |= ACTOR_CALL(context, remote, add, NULL, &message);
	rc |= ACTOR_CALL(context, remote, ask, &answer, &question);
	rc |= ACTOR_SEND(context, remote, shout, &loud);
	adder = ACTOR_FOR(add, remote);
	rc |= sums_address_from(adder.address, &remote);
	return rc | (ACTOR_SERVICE_ERROR == ACTOR_SERVICE_RESPONSE);
}

#endif
