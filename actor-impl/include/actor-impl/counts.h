/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_COUNTS_H
#define ACTOR_IMPL_COUNTS_H

#include <actor-iface/base.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * struct actor_counts - what the library holds for the process right now
 * @mailboxes:    mailboxes whose memory is held: by an owner, an actor or an address
 * @envelopes:    messages queued or being handled
 * @replies:      replies that caller or callee has not let go of yet
 * @suspended:    handlers that wait, each on a stack of its own
 * @dead_letters: messages that were accepted, but dropped without being handled, since the
 *                process began
 *
 * All but @dead_letters are 0 again when a program has given back everything: tests end with that.
 */
struct actor_counts {
	int64_t mailboxes;
	int64_t envelopes;
	int64_t replies;
	int64_t suspended;
	int64_t dead_letters;
};

/**
 * actor_counts_get() - count
 * @ret_counts: exact when nothing runs; while something does, each is of its own moment
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_counts_get(struct actor_counts *ret_counts);

ACTOR__END_C

#endif
