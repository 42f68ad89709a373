/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <ctype.h>
#include <stdio.h>

ACTOR_MESSAGE_DEFINE(finish, "reader.finish", NULL, NULL);

static void reader_tell(struct reader *self)
{
	if (self->has_finished)
		finish_reply_answer(&self->waiting, ACTOR_UNIT);
	else if (self->has_failed)
		finish_reply_refuse(&self->waiting, ACTOR_E_SYSTEM);
	else if (self->is_disconnected)
		finish_reply_refuse(&self->waiting, ACTOR_E_DISCONNECTED);
}

/* In a line, whatever others have published. */
static bool print_line(const char *text)
{
	for (; *text; text++)
		putchar(iscntrl((unsigned char)*text) ? '?' : *text);
	return putchar('\n') != EOF && fflush(stdout) != EOF;
}

static void reader_on_say(struct reader *self, struct say *message, struct actor_context *context)
{
	(void)context;
	if (self->has_finished || self->has_failed)
		return;
	self->has_failed = !print_line(message->text ? message->text : "");
	self->has_finished = !self->has_failed && self->n_left > 0 && --self->n_left == 0;
	reader_tell(self);
}

static void reader_on_actor_peer_event(struct reader *self, struct actor_peer_event *event,
				       struct actor_context *context)
{
	(void)context;
	self->is_disconnected = self->is_disconnected || actor_peer_event_is_end(event);
	reader_tell(self);
}

static void reader_on_finish(struct reader *self, struct finish *message,
			     struct finish_pending pending, struct actor_context *context)
{
	(void)message, (void)context;
	self->waiting = finish_reply_take(pending);
	reader_tell(self);
}

static void reader_destroy(struct reader *self)
{
	finish_reply_refuse(&self->waiting, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(reader, READER_MESSAGES, NULL, NULL, reader_destroy);
