/* SPDX-License-Identifier: MIT */
#include "notice-board.h"

static void notice_board_on_subscribe(struct notice_board *self, struct subscribe *message,
				      struct subscribe_pending pending,
				      struct actor_context *context)
{
	struct subscribe_reply reply = subscribe_reply_take(pending);
	int rc = ACTOR_E_INVALID; /* somebody in this process, who has no connection */

	(void)context;
	if (message->from.peer)
		rc = actor_pub_sub_subscribe(self->topic, message->from.peer);
	if (rc == 0)
		subscribe_reply_answer(&reply, ACTOR_UNIT);
	else
		subscribe_reply_refuse(&reply, rc);
}

static uint64_t notice_board_on_count_readers(struct notice_board *self,
					      struct count_readers *message,
					      struct actor_context *context)
{
	struct actor_pub_sub_counts counts;

	(void)message, (void)context;
	actor_pub_sub_counts_get(self->topic, &counts);
	return counts.n_subscribers;
}

ACTOR_DEFINE(notice_board, NOTICE_BOARD_MESSAGES, NULL, NULL, NULL);
