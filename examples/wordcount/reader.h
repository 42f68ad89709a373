/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_READER_H
#define WORDCOUNT_READER_H

#include "counter.h"
#include "files.h"
#include "progress.h"

/**
 * struct read_all - read until there is nothing left to read
 * @unit: C has no empty structs
 *
 * Answered when every word this reader found is with a counter; or with an error.
 */
struct read_all {
	char unit;
};
ACTOR_MESSAGE(read_all, struct actor_unit);

/** struct reader - reads pieces of files and sends their words to counters */
#define READER_MESSAGES(CALL, SEND, X) CALL(X, read_all)
ACTOR_DECLARE(reader, READER_MESSAGES);

/**
 * struct reader_peers - whom a reader works with
 * @files:      knows what to read
 * @progress:   is told about it
 * @counters:   count the words
 * @n_counters: how many, at least 1
 */
struct reader_peers {
	union files_address files;
	union progress_address progress;
	union counter_address *counters;
	size_t n_counters;
};

/**
 * reader_spawn() - start one
 * @spawner:     runs it
 * @peers:       copied; what it refers to is borrowed
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Return:  0, or as actor_spawn()
 */
int reader_spawn(struct actor_spawner *spawner, const struct reader_peers *peers,
		 const struct actor_mailbox_options *options, union reader_address *ret_address);

#endif
