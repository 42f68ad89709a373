/* SPDX-License-Identifier: MIT */

/* The messages of the bank, and its account, which answers in every way there is. */

#include "bank.h"

#include <stdlib.h>
#include <string.h>

static int n_live_texts;

struct text text_of(const char *chars)
{
	struct text text = { strdup(chars) };

	n_live_texts += text.chars != NULL;
	return text;
}

void text_drop(void *text)
{
	struct text *this = text;

	n_live_texts -= this->chars != NULL;
	free(this->chars);
}

int text_n_live(void)
{
	return n_live_texts;
}

static void note_drop(void *message)
{
	struct note *note = message;

	text_drop(&note->text);
}

static int note_copy(void *to, const void *from)
{
	const struct note *note = from;
	struct note copy = { text_of(note->text.chars), note->keep };

	if (!copy.text.chars)
		return ACTOR_E_NOMEM;
	*(struct note *)to = copy;
	return 0;
}

ACTOR_MESSAGE_DEFINE(deposit, "bank.deposit", NULL, NULL);
ACTOR_MESSAGE_DEFINE(withdraw, "bank.withdraw", NULL, NULL);
ACTOR_MESSAGE_DEFINE(describe, "bank.describe", NULL, text_drop);
ACTOR_MESSAGE_DEFINE(lookup, "bank.lookup", NULL, NULL);
ACTOR_MESSAGE_DEFINE(flush, "bank.flush", NULL, NULL);
ACTOR_SIGNAL_DEFINE_WITH_COPY(note, "bank.note", note_drop, note_copy);

static void count_lost(struct account *self, int rc)
{
	self->n_lost += rc == ACTOR_E_ABANDONED;
}

static void pay_out(struct account *self)
{
	if (!self->wanted || self->cents < self->wanted)
		return;
	self->cents -= self->wanted;
	self->wanted = 0;
	count_lost(self, withdraw_reply_answer(&self->later, (struct balance){ self->cents }));
}

static struct balance account_on_deposit(struct account *self, struct deposit *message,
					 struct actor_context *context)
{
	(void)context;
	self->cents += message->cents;
	pay_out(self);
	return (struct balance){ self->cents };
}

static void account_on_withdraw(struct account *self, struct withdraw *message,
				struct withdraw_pending pending, struct actor_context *context)
{
	struct withdraw_reply reply;

	(void)context;
	if (message->cents == 0)
		return;
	reply = withdraw_reply_take(pending);
	if (message->cents < 0 || self->wanted) {
		withdraw_reply_refuse(&reply, message->cents < 0 ? ACTOR_E_INVALID : ACTOR_E_BUSY);
		withdraw_reply_refuse(&reply, ACTOR_E_NOMEM); /* cleared: there is nobody to tell */
		return;
	}
	self->wanted = message->cents;
	self->later = reply;
	pay_out(self);
}

static void account_on_describe(struct account *self, struct describe *message,
				struct describe_pending pending, struct actor_context *context)
{
	(void)context;
	self->told = describe_reply_take(pending);
	if (!message->later)
		count_lost(self, describe_reply_answer(&self->told, text_of("an account")));
}

static const char *account_on_lookup(struct account *self, struct lookup *message,
				     struct actor_context *context)
{
	(void)self, (void)context;
	return strcmp(message->key, "type") == 0 ? "account" : NULL;
}

static struct actor_unit account_on_flush(struct account *self, struct flush *message,
					  struct actor_context *context)
{
	(void)message, (void)context;
	count_lost(self, describe_reply_answer(&self->told, text_of("flushed")));
	return ACTOR_UNIT;
}

static void account_on_note(struct account *self, struct note *message,
			    struct actor_context *context)
{
	(void)context;
	if (!message->keep)
		return;
	text_drop(&self->text);
	self->text = message->text;
	message->text = (struct text){ NULL };
}

static void account_started(struct account *self, struct actor_context *context)
{
	(void)context;
	strcat(self->events, "a");
}

static void account_stopped(struct account *self, struct actor_context *context)
{
	(void)context;
	strcat(self->events, "o");
}

static void account_destroy(struct account *self)
{
	withdraw_reply_refuse(&self->later, ACTOR_E_STOPPED);
	describe_reply_refuse(&self->told, ACTOR_E_STOPPED);
	text_drop(&self->text);
	if (self->n_ends)
		++*self->n_ends;
	free(self);
}

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, account_started, account_stopped, account_destroy);
