/* SPDX-License-Identifier: MIT */

/* Posting into a channel that was given, whatever address that is through. */

#include "channel-core.h"
#include "channel.h"
#include "log.h"

static int refuse(struct actor_channel *channel, struct actor_waiter *waiter, int status)
{
	actor_channel_withdraw(channel, waiter);
	return status;
}

static void log_conflict(const struct actor_behavior *behavior, const struct actor_info *info,
			 const struct actor_message_type *type)
{
	if (actor_behavior_conflict(behavior, type))
		actor__log_text(ACTOR_LOG_ERROR, info, type->name,
				"refused: sender and receiver declare it with different layouts");
}

int actor__channel_post(struct actor_channel *channel, const struct actor_behavior *behavior,
			const struct actor_info *info, bool open,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, struct actor_waiter *waiter)
{
	const struct actor_handler *handler = actor_behavior_find(behavior, type);
	struct actor__envelope *envelope;
	int rc;

	if (!handler) {
		log_conflict(behavior, info, type);
		return refuse(channel, waiter, ACTOR_E_UNHANDLED);
	}
	if (reply && !type->reply)
		return refuse(channel, waiter, ACTOR_E_INVALID);
	if (!open)
		return refuse(channel, waiter, ACTOR_E_CLOSED);
	envelope = actor__envelope_create(actor__thread(), handler, message, reply);
	if (!envelope)
		return refuse(channel, waiter, ACTOR_E_NOMEM);
	rc = actor_channel_push(channel, actor__envelope_out(envelope), waiter);
	if (rc < 0) /* not earlier: what was spilled may have let others go first */
		actor__envelope_free(actor__thread(), envelope);
	if (rc == ACTOR_E_FULL && !waiter)
		actor__burst_no_room(actor__thread());
	return rc;
}
