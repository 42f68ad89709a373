/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_FILES_H
#define WORDCOUNT_FILES_H

#include "piece.h"
#include "progress.h"

#include <actor-iface/actor-iface.h>

/**
 * struct next_piece - what shall I read?
 * @unit: C has no empty structs
 *
 * Answered with a piece that is the caller's; with none when everything has been handed out.
 */
struct next_piece {
	char unit;
};
ACTOR_MESSAGE(next_piece, struct piece);

/** struct files - hands out the files of the command line, large ones in pieces, to whoever asks */
#define FILES_MESSAGES(CALL, SEND, X) CALL(X, next_piece)
ACTOR_DECLARE(files, FILES_MESSAGES);

/**
 * files_spawn() - start it
 * @spawner:     runs it
 * @paths:       of the command line; borrowed while it lives
 * @progress:    is told what cannot be read; borrowed
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Return:  0, or as actor_spawn()
 */
int files_spawn(struct actor_spawner *spawner, char *const *paths, union progress_address progress,
		const struct actor_mailbox_options *options, union files_address *ret_address);

#endif
