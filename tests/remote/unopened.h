/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_UNOPENED_H
#define TESTS_REMOTE_UNOPENED_H

#include <actor-remote/transport.h>

/**
 * struct unopened - a transport that is not open until somebody says so: see @events
 * @events:    of whoever has started it
 * @user:      for them
 * @takes:     it takes what is written all the same, as if it kept it
 * @destroyed: it has been
 *
 * It has nobody at the other side.
 */
struct unopened {
	struct actor_transport transport;
	const struct actor_transport_events *events;
	void *user;
	bool takes;
	bool destroyed;
};

/** unopened_init() - one that proves to be somebody, when it is open */
void unopened_init(struct unopened *unopened, struct actor_executor *executor);

#endif
