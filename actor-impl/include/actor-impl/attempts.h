/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_ATTEMPTS_H
#define ACTOR_IMPL_ATTEMPTS_H

#include <actor-iface/mailbox.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/** ACTOR_MOST_ATTEMPTS - more are not counted */
#define ACTOR_MOST_ATTEMPTS 255

/**
 * actor_mailbox_set_attempts() - have messages that fail their actor handled again
 * @mailbox: on which nothing runs
 * @n:       how often a message is handled, until it has been without a failure: from 1 to
 *           ACTOR_MOST_ATTEMPTS
 *
 * A message that nobody waits for, and that was in hand when the actor failed, comes first when the
 * mailbox is started again, after `started`, before all that is queued: as the handler has left it,
 * which should then move nothing out of a message, nor change it, before it is done. One that has
 * failed its actor @n times in a row is a dead letter: it is dropped, and counted as such. So a
 * message that is handled well at another time is not lost, and one that never is does not stop the
 * others.
 *
 * What an actor has in hand when its owner has it fail, as a supervisor does with those who begin
 * anew because of another, is not to blame: if its handler was told ACTOR_E_CANCELLED by a wait, it
 * comes first in the next run, too, and that is none of its @n failures, whether the handler then
 * returns or fails. So a handler that is told so should leave it at that. One that does not wait
 * any more until it returns has handled its message. (Where what it waited for comes in the same
 * moment, a handler is not told, and its message is handled again all the same.)
 *
 * Without this, a message is gone with the first failure, and so is one whose handler was told
 * ACTOR_E_CANCELLED. A call always is: its caller learns at once, and may call again.
 *
 * Thread:  owner
 * Return:  0, ACTOR_E_BUSY while an actor runs there, ACTOR_E_INVALID for another number,
 *          ACTOR_E_UNSUPPORTED when the mailbox is another implementation's, or on a channel that
 *          was given
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_mailbox_set_attempts(struct actor_mailbox *mailbox,
							    unsigned n);

ACTOR__END_C

#endif
