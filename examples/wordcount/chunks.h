/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_CHUNKS_H
#define WORDCOUNT_CHUNKS_H

#include "files.h"

/**
 * struct chunk - a part of a text that cuts no word; none when zeroed, may be moved
 * @bytes: owned, with words_init()'s padding behind it
 * @n:     how many
 */
struct chunk {
	char *bytes;
	size_t n;
};

/** chunk_drop() - release what a struct chunk owns: none then */
void chunk_drop(void *chunk);

/**
 * struct next_chunk - what is to be counted?
 * @n_done: how many of those that the asker got before have been: 0 or 1
 *
 * Answered with a chunk that is the asker's, to be counted or given back; with none when all have
 * been counted. As long as others have chunks that they may give back, the answer waits.
 */
struct next_chunk {
	size_t n_done;
};
ACTOR_MESSAGE(next_chunk, struct chunk);

/**
 * struct give_back - who asked until now will not ask any more
 * @chunk: that it could not count, for another one
 *
 * Refused with ACTOR_E_UNREACHABLE when that was the last who asked: nobody is left to count it.
 */
struct give_back {
	struct chunk chunk;
};
ACTOR_MESSAGE(give_back, struct actor_unit);

/** struct chunks - reads all files, and hands out what is in them to whoever asks */
#define CHUNKS_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, next_chunk)                                                                        \
	CALL(X, give_back)
ACTOR_DECLARE(chunks, CHUNKS_MESSAGES);

/**
 * chunks_spawn() - start it
 * @spawner:     runs it
 * @files:       knows what to read; borrowed
 * @progress:    is told about it; borrowed
 * @n_askers:    how many there are who will ask
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Return:  0, or as actor_spawn()
 */
int chunks_spawn(struct actor_spawner *spawner, union files_address files,
		 union progress_address progress, size_t n_askers,
		 const struct actor_mailbox_options *options, union chunks_address *ret_address);

#endif
