/* SPDX-License-Identifier: MIT */

/* The message that was dropped last without having been handled: for whoever reports these. */

#include "dead-letter.h"

#include "util/latch.h"

static struct {
	struct actor__latch latch;
	struct actor_error what;
} last;

void actor__dead_letter_note(const char *message_type, const struct actor_info *actor)
{
	actor__latch_take(&last.latch);
	actor__error_init(&last.what, ACTOR_OK, actor, message_type);
	actor__latch_leave(&last.latch);
}

struct actor_error actor__dead_letter_last(void)
{
	struct actor_error what;

	actor__latch_take(&last.latch);
	what = last.what;
	actor__latch_leave(&last.latch);
	return what;
}
