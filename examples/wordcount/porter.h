/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_PORTER_H
#define WORDCOUNT_PORTER_H

#include "chunks.h"
#include "jobs.h"
#include "reader.h"

/** struct porter - carries chunks to a worker, one at a time, and what was counted to counters; in
 * the place of a reader */
#define PORTER_MESSAGES(CALL, SEND, X) CALL(X, read_all)
ACTOR_DECLARE(porter, PORTER_MESSAGES);

/**
 * struct porter_peers - whom a porter works with
 * @chunks:     has what is to be counted
 * @progress:   is told about it
 * @counters:   count the words
 * @n_counters: how many, at least 1
 * @peer:       the connection to the worker, which is closed when it is no good
 * @end:        a subscription to the end of @peer, for this porter alone
 * @index:      of the worker, for progress
 */
struct porter_peers {
	union chunks_address chunks;
	union progress_address progress;
	const union counter_address *counters;
	size_t n_counters;
	struct actor_peer *peer;
	struct actor_subscription *end;
	size_t index;
};

/**
 * porter_spawn() - start one
 * @spawner:     runs it
 * @peers:       copied; what it refers to is borrowed, @end while it lives
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Return:  0, or as actor_spawn()
 */
int porter_spawn(struct actor_spawner *spawner, const struct porter_peers *peers,
		 const struct actor_mailbox_options *options, union porter_address *ret_address);

#endif
