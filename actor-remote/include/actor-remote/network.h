/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_NETWORK_H
#define ACTOR_REMOTE_NETWORK_H

#include <actor-impl/simulation.h>
#include <actor-remote/transport.h>

ACTOR__BEGIN_C

/**
 * DOC: a network in a simulation
 *
 * Connections whose bytes take as long as the seed says, arrive in pieces as the seed says, and end
 * when it says so: every order in which a network may deliver, again and again the same. All that
 * is left open is drawn by actor_simulation_choose(), and time is the simulation's. Their ends are
 * like those of actor_pair_create().
 */

/** struct actor_network - a network in a simulation */
struct actor_network;

/**
 * struct actor_network_options - choices; zero means the default
 * @size:          sizeof(struct actor_network_options)
 * @most_delay_ns: each piece is on its way for between 0 and so long, one after the other; default
 *                 1 ms
 * @most_bytes:    a piece is of at most so many bytes; default 4,096, and often one alone
 * @room_bytes:    a sender may be so far ahead of the receiver before writes are pending; default
 *                 65,536
 * @cut_every:     one of so many pieces is the last of its connection, which is lost, often in the
 *                 middle of the piece; default 0: none is
 */
struct actor_network_options {
	size_t size;
	int64_t most_delay_ns;
	size_t most_bytes;
	size_t room_bytes;
	uint64_t cut_every;
};

/**
 * actor_network_create() - a network
 * @simulation:  an executor by actor_simulation_create()
 * @options:     NULL for the defaults
 * @ret_network: the caller's to destroy
 *
 * Thread:  the simulation's
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID when the executor is no simulation
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_network_create(struct actor_executor *simulation,
						      const struct actor_network_options *options,
						      struct actor_network **ret_network);

/** actor_network_connect() - a connection: its two ends, which are the caller's. 0, ACTOR_E_NOMEM.
 * Thread: the simulation's */
ACTOR_NODISCARD ACTOR_EXPORT int actor_network_connect(struct actor_network *network,
						       struct actor_transport **ret_a,
						       struct actor_transport **ret_b);

/** actor_network_partition() - nothing arrives until it is healed; nothing is lost. Thread: the
 * simulation's */
ACTOR_EXPORT void actor_network_partition(struct actor_network *network, bool on);

/** actor_network_cut() - the connection of an end is lost, of which each end hears in its own time;
 * what is on its way is dropped, maybe but for a part. An end of another network is left alone.
 * Thread: the simulation's */
ACTOR_EXPORT void actor_network_cut(struct actor_network *network, struct actor_transport *end);

/** actor_network_destroy() - end it; transports that are left are cut, at once, and still to be
 * destroyed. NULL is fine. Thread: the simulation's */
ACTOR_EXPORT void actor_network_destroy(struct actor_network *network);

ACTOR__END_C

#endif
