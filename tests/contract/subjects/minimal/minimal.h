/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_MINIMAL_H
#define CONTRACT_MINIMAL_H

#include <actor-iface/actor-iface.h>

/**
 * DOC: the least that conforms
 *
 * An implementation that leaves out what may be left out: its handlers cannot wait, and its
 * addresses cannot stop their actors. One thread does everything: actors run while it waits.
 */

/** struct minimal - an instance */
struct minimal;

/** minimal_create() - NULL when there is no memory */
struct minimal *minimal_create(void);

/** minimal_join() - run actors until none is left: 0, ACTOR_E_TIMEOUT */
int minimal_join(struct minimal *minimal, int64_t deadline_ns);

/** minimal_destroy() - 0, or ACTOR_E_BUSY while mailboxes have not been given up */
int minimal_destroy(struct minimal *minimal);

/** minimal_spawner() - borrowed */
struct actor_spawner *minimal_spawner(struct minimal *minimal);

/** minimal_context() - of the one thread; borrowed */
struct actor_context *minimal_context(struct minimal *minimal);

/** struct minimal_counts - what is held, by all instances */
struct minimal_counts {
	int64_t mailboxes;
	int64_t envelopes;
	int64_t replies;
};

extern struct minimal_counts minimal_counts;

#endif
