/* SPDX-License-Identifier: MIT */

#include "remotes.h"

#include <actor-remote/peer.h>

#include <stdlib.h>

ACTOR_MESSAGE_DEFINE(add, "remotes.add", NULL, NULL);
ACTOR_SCHEMA_NEWTYPE_DEFINE(add, n, actor_i64);
ACTOR_CALL_SERVICE_DEFINE(add, "Add", add, actor_unit);

ACTOR_MESSAGE_DEFINE(show, "remotes.show", NULL, NULL);
ACTOR_SCHEMA_UNIT_DEFINE(show);
ACTOR_CALL_SERVICE_DEFINE(show, "Show", show, actor_i64);

ACTOR_MESSAGE_DEFINE_WITH_COPY(echo, "remotes.echo", echo_schema_drop, echo_schema_copy,
			       actor_text_schema_drop);
ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(echo, text, actor_text, origin);
ACTOR_CALL_SERVICE_DEFINE(echo, "Echo", echo, actor_text);

ACTOR_SIGNAL_DEFINE_WITH_COPY(note, "remotes.note", note_schema_drop, note_schema_copy);
ACTOR_SCHEMA_NEWTYPE_DEFINE(note, text, actor_text);
ACTOR_SEND_SERVICE_DEFINE(note, "Note", note);

ACTOR_NAMESPACE_DEFINE(remotes, "remotes", REMOTES_SERVICES);
ACTOR_NAMESPACE_DEFINE(others, "others", OTHERS_SERVICES);

static void block(struct sum *self, struct actor_context *context)
{
	if (self->blocks_until_ns > 0)
		actor_ignore(actor_sleep_until(context, self->blocks_until_ns));
	if (self->takes_ns > 0)
		actor_ignore(
			actor_sleep_until(context, actor_deadline_after(context, self->takes_ns)));
}

static void sum_on_add(struct sum *self, struct add *message, struct add_pending pending,
		       struct actor_context *context)
{
	struct add_reply reply;

	block(self, context);
	if (self->fails)
		ACTOR_FAIL(context, "as the test wants it");
	self->total += message->n;
	reply = add_reply_take(pending);
	if (self->slow && self->n_kept < sizeof self->kept / sizeof self->kept[0])
		self->kept[self->n_kept++].add = reply;
	else
		add_reply_answer(&reply, ACTOR_UNIT);
}

static void sum_on_show(struct sum *self, struct show *message, struct show_pending pending,
			struct actor_context *context)
{
	struct show_reply reply;

	(void)message;
	block(self, context);
	reply = show_reply_take(pending);
	if (self->refuses)
		show_reply_refuse(&reply, -10007);
	else
		show_reply_answer(&reply, self->total);
}

static void sum_on_echo(struct sum *self, struct echo *message, struct echo_pending pending,
			struct actor_context *context)
{
	struct echo_reply reply;
	char *text;

	block(self, context);
	self->n_echoes++;
	actor_peer_unref(self->origin);
	self->origin = message->origin.peer;
	message->origin.peer = NULL;
	text = message->text;
	message->text = NULL;
	reply = echo_reply_take(pending);
	if (self->slow && self->n_kept < sizeof self->kept / sizeof self->kept[0]) {
		self->kept[self->n_kept].is_echo = true;
		self->kept[self->n_kept].text = text;
		self->kept[self->n_kept++].echo = reply;
	} else {
		echo_reply_answer(&reply, text);
	}
}

static void sum_on_note(struct sum *self, struct note *message, struct actor_context *context)
{
	block(self, context);
	self->n_notes++;
	if (message->text && strlen(self->notes) + strlen(message->text) < sizeof self->notes)
		strcat(self->notes, message->text);
}

/* Of the oldest that is kept: answered, or refused. */
static void let_go(struct sum *self, int status)
{
	struct add_reply *add = &self->kept[0].add;
	struct echo_reply *echo = &self->kept[0].echo;

	if (status < 0) {
		add_reply_refuse(add, status);
		echo_reply_refuse(echo, status);
		free(self->kept[0].text);
	} else if (self->kept[0].is_echo) {
		echo_reply_answer(echo, self->kept[0].text);
	} else {
		add_reply_answer(add, ACTOR_UNIT);
	}
	memmove(self->kept, self->kept + 1, --self->n_kept * sizeof self->kept[0]);
	memset(&self->kept[self->n_kept], 0, sizeof self->kept[0]);
}

bool sum_answer(struct sum *self)
{
	if (self->n_kept == 0)
		return false;
	let_go(self, 0);
	return true;
}

static void sum_destroy(struct sum *self)
{
	while (self->n_kept > 0)
		let_go(self, ACTOR_E_STOPPED);
	actor_peer_unref(self->origin);
	self->origin = NULL;
	self->destroyed++;
}

ACTOR_DEFINE(sum, REMOTES_SERVICES, NULL, NULL, sum_destroy);
