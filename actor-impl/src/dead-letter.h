/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__DEAD_LETTER_H
#define ACTOR__DEAD_LETTER_H

#include <actor-iface/error.h>

/** actor__dead_letter_note() - a message of that type has been dropped; @actor: whose it was, NULL
 * where that is not known */
void actor__dead_letter_note(const char *message_type, const struct actor_info *actor);

/** actor__dead_letter_last() - what was noted last: the members of an error that say whose and what
 */
struct actor_error actor__dead_letter_last(void);

#endif
