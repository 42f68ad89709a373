/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_MODEL_H
#define GATEWAY_MODEL_H

#include <actor-impl/actor-impl.h>

/**
 * DOC: the gateway problem
 *
 * A gateway lets requests from outside into a system, and lets the responses out again: a
 * connection, say. Where every mailbox has a bound, which is how senders are slowed down, gateway
 * and system can block each other for ever: the gateway waits for room in the system, and the
 * system for room in the gateway, whose mailbox is full of requests.
 *
 *	source --request--> gateway --work--> worker
 *	                       ^                 |
 *	                       +----response-----+
 */

enum { GATEWAY_WHY = 256 };

/** enum gateway_design - what is done about it */
enum gateway_design {
	/** @GATEWAY_ONE_MAILBOX: nothing: requests and responses in one mailbox */
	GATEWAY_ONE_MAILBOX,
	/** @GATEWAY_PRIORITY: two channels, and responses first. As soon as the worker has got rid
	 * of one, it takes the next piece of work, so there is room for the gateway's, which then
	 * takes the response before it takes another request. Enough for one gateway; but several
	 * compete for that room */
	GATEWAY_PRIORITY,
	/** @GATEWAY_PERMITS: two channels, and a permit for each request from where it comes in
	 * until its response is out; as many permits as the worker has room for work. So no gateway
	 * ever waits for that */
	GATEWAY_PERMITS
};

/**
 * struct gateway_model - one case of it
 * @design:     what is done
 * @n_gateways: how many, each with a source of its own; 1 to 8
 * @n_requests: that each source sends; at least 1
 * @why:        with ACTOR_E_DEADLOCK, who waits for whom, where that is known; else ""
 *
 * All mailboxes have room for one message.
 */
struct gateway_model {
	enum gateway_design design;
	unsigned n_gateways;
	unsigned n_requests;
	char why[GATEWAY_WHY];
};

/**
 * gateway_run() - run a case until all responses are out
 * @executor: where; borrowed
 * @user:     struct gateway_model
 *
 * An actor_simulation_scenario_fn.
 *
 * Return: 0; ACTOR_E_DEADLOCK when a wait has failed, or from a simulation; ACTOR_E_NOMEM;
 * ACTOR_E_INVALID
 */
int gateway_run(struct actor_executor *executor, void *user);

#endif
