/* SPDX-License-Identifier: MIT */

/*
 * A shared library with a private copy of copy.h: types, behavior and drop functions are hidden.
 * It is built three times; COPY_LIBRARY is the name of the only function that is exported.
 */

#include "copy.h"

static void greeting_drop(void *value)
{
	struct greeting *greeting = value;

	if (greeting->n_owners)
		--*greeting->n_owners;
}

static void hint_drop(void *message)
{
	struct hint *hint = message;

	if (hint->n_owners)
		--*hint->n_owners;
}

ACTOR_MESSAGE_DEFINE(greet, "copy.greet", NULL, greeting_drop);
ACTOR_SIGNAL_DEFINE(hint, "copy.hint", hint_drop);

struct host {
	int unused;
};

static struct greeting host_on_greet(struct host *self, struct greet *message,
				     struct actor_context *context)
{
	(void)self, (void)context;
	++*message->n_owners;
	return (struct greeting){ 3 * message->number, message->n_owners };
}

static void host_on_hint(struct host *self, struct hint *message, struct actor_context *context)
{
	(void)self, (void)message, (void)context;
}

ACTOR_DEFINE(host, HOST_MESSAGES, NULL, NULL, NULL);

static int spawn(struct actor_spawner *spawner, struct actor_address **ret_address)
{
	static struct host state;
	union host_address host = { NULL };
	int rc = ACTOR_SPAWN(host, spawner, &state, NULL, &host);

	if (rc == 0)
		*ret_address = host.address;
	return rc;
}

static int ask_back(struct actor_address *erased)
{
	union host_address host;

	return host_address_from(erased, &host);
}

static int greet(struct actor_context *context, struct actor_address *erased, int number,
		 int *n_owners, int *ret_number)
{
	union greet_recipient to = { erased };
	struct greeting greeting = { 0, NULL };
	int rc = ACTOR_CALL(context, to, greet, &greeting,
			    &(struct greet){ .number = number, .n_owners = n_owners });

	if (rc == 0) {
		*ret_number = greeting.number;
		greeting_drop(&greeting);
	}
	return rc;
}

static int hint(struct actor_context *context, struct actor_address *erased, int *n_owners)
{
	union hint_recipient to = { erased };
	struct hint hint = { n_owners };
	int rc;

	++*n_owners;
	rc = ACTOR_SEND(context, to, hint, &hint);
	hint_drop(&hint);
	return rc;
}

__attribute__((__visibility__("default"))) const struct copy_library *COPY_LIBRARY(void)
{
	static const struct copy_library library = { &greet_type, spawn, ask_back, greet, hint };

	return &library;
}
