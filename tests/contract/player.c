/* SPDX-License-Identifier: MIT */

/*
 * Every entry into a player's code, be it a handler, a hook or its destroy function, passes
 * enter(), which records what must never be: two of them at a time, or one of them inside an
 * operation that runs nobody's code. Only words are recorded here, nothing is asserted: a test
 * compares them on its own thread.
 */

#include "player.h"

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local bool in_operation;

void player_operation_begin(void)
{
	in_operation = true;
}

void player_operation_end(void)
{
	in_operation = false;
}

static void enter(struct player *self)
{
	if (in_operation)
		player_record(self, "nested");
	if (self->n_inside++ > 0)
		player_record(self, "overlapping");
}

static void leave(struct player *self, struct actor_context *context)
{
	stage_saw(self->stage, actor_error(context)->code); /* of its last one that failed */
	self->n_inside--;
}

struct player *player_create(struct stage *stage, const char *name)
{
	struct player *player = calloc(1, sizeof *player);

	if (!player)
		abort();
	player->stage = stage;
	snprintf(player->name, sizeof player->name, "%s", name);
	player->owned = ledger_lend(&stage->ledger);
	return player;
}

void player_destroy(struct player *player)
{
	if (!player)
		return;
	if (player->kept)
		actor_reply_deliver(player->kept, ACTOR_E_STOPPED, NULL);
	actor_address_unref(player->friend);
	owned_return(&player->owned);
	free(player);
}

void player_record(struct player *self, const char *format, ...)
{
	char word[48];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(word, sizeof word, format, arguments);
	va_end(arguments);
	probe_record(&self->stage->probe, "%s%s%s", self->name, self->name[0] ? "." : "", word);
}

const char *status_word(int status)
{
	switch (status) {
	case ACTOR_OK:
		return "ok";
	case ACTOR_PENDING:
		return "pending";
	case ACTOR_E_FULL:
		return "full";
	case ACTOR_E_CLOSED:
		return "closed";
	case ACTOR_E_UNHANDLED:
		return "unhandled";
	case ACTOR_E_NOMEM:
		return "nomem";
	case ACTOR_E_INVALID:
		return "invalid";
	case ACTOR_E_STOPPED:
		return "stopped";
	case ACTOR_E_TIMEOUT:
		return "timeout";
	case ACTOR_E_CANCELLED:
		return "cancelled";
	case ACTOR_E_DEADLOCK:
		return "deadlock";
	case ACTOR_E_ABANDONED:
		return "abandoned";
	case ACTOR_E_BUSY:
		return "busy";
	case ACTOR_E_UNSUPPORTED:
		return "unsupported";
	case ACTOR_E_NOSUSPEND:
		return "nosuspend";
	default:
		return "unexpected";
	}
}

/* ---- what a player can be asked to do */

int play_answer(struct actor_reply **slot, int64_t value)
{
	struct play_perform_pending pending = { slot };
	struct play_perform_reply reply = play_perform_reply_take(pending);

	return play_perform_reply_answer(&reply, value);
}

void play_wait(struct player *self, struct play_perform *message, struct actor_reply **slot,
	       struct actor_context *context)
{
	int rc;

	player_record(self, "waiting");
	rc = gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	player_record(self, "%s", rc == 0 ? "woken" : status_word(rc));
	if (rc == 0)
		play_answer(slot, message->number);
}

void play_fail(struct player *self, struct play_perform *message, struct actor_reply **slot,
	       struct actor_context *context)
{
	(void)message;
	(void)slot;
	player_record(self, "failing");
	ACTOR_FAIL(context, "as told");
}

void play_keep(struct player *self, struct play_perform *message, struct actor_reply **slot,
	       struct actor_context *context)
{
	(void)message;
	(void)context;
	self->kept = *slot;
	*slot = NULL;
	player_record(self, "kept");
}

void play_answer_kept(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	int rc = play_answer(&self->kept, message->number);

	(void)slot;
	(void)context;
	player_record(self, "answered:%s", status_word(rc));
}

void play_note_number(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	(void)context;
	player_record(self, "%lld", (long long)message->number);
	play_answer(slot, message->number);
}

/* ---- messages */

static void parcel_drop(void *message)
{
	owned_drop(&((struct play_parcel *)message)->cargo);
}

static void letter_drop(void *message)
{
	actor_address_unref(((struct play_letter *)message)->address);
}

static void unheard_drop(void *message)
{
	owned_drop(&((struct play_unheard *)message)->cargo);
}

static void perform_drop(void *message)
{
	owned_drop(&((struct play_perform *)message)->cargo);
}

ACTOR_SIGNAL_DEFINE(play_note, "play.note", NULL);
ACTOR_SIGNAL_DEFINE(play_parcel, "play.parcel", parcel_drop);
ACTOR_SIGNAL_DEFINE(play_letter, "play.letter", letter_drop);
ACTOR_SIGNAL_DEFINE(play_unheard, "play.unheard", unheard_drop);
ACTOR_MESSAGE_DEFINE(play_ping, "play.ping", NULL, NULL);
ACTOR_MESSAGE_DEFINE(play_flush, "play.flush", NULL, NULL);
ACTOR_MESSAGE_DEFINE(play_fetch, "play.fetch", NULL, owned_drop);
ACTOR_MESSAGE_DEFINE(play_bulk, "play.bulk", NULL, NULL);
ACTOR_MESSAGE_DEFINE(play_slab, "play.slab", NULL, NULL);
ACTOR_MESSAGE_DEFINE(play_perform, "play.perform", perform_drop, NULL);

/* ---- the player */

static void player_on_play_note(struct player *self, struct play_note *message,
				struct actor_context *context)
{
	enter(self);
	player_record(self, "%lld", (long long)message->number);
	leave(self, context);
}

static void player_on_play_parcel(struct player *self, struct play_parcel *message,
				  struct actor_context *context)
{
	enter(self);
	player_record(self, "%lld", (long long)message->number);
	leave(self, context);
}

static void player_on_play_letter(struct player *self, struct play_letter *message,
				  struct actor_context *context)
{
	enter(self);
	actor_address_unref(self->friend);
	self->friend = message->address;
	message->address = NULL;
	leave(self, context);
}

static int64_t player_on_play_ping(struct player *self, struct play_ping *message,
				   struct actor_context *context)
{
	enter(self);
	leave(self, context);
	return message->number;
}

static struct actor_unit player_on_play_flush(struct player *self, struct play_flush *message,
					      struct actor_context *context)
{
	(void)message;
	enter(self);
	leave(self, context);
	return ACTOR_UNIT;
}

static struct owned player_on_play_fetch(struct player *self, struct play_fetch *message,
					 struct actor_context *context)
{
	(void)message;
	enter(self);
	leave(self, context);
	return ledger_lend(&self->stage->ledger);
}

static struct play_bulk player_on_play_bulk(struct player *self, struct play_bulk *message,
					    struct actor_context *context)
{
	size_t i;

	enter(self);
	for (i = 0; i < sizeof message->bytes; i++)
		message->bytes[i]++;
	leave(self, context);
	return *message;
}

static int64_t player_on_play_slab(struct player *self, struct play_slab *message,
				   struct actor_context *context)
{
	enter(self);
	leave(self, context);
	return (int64_t)((uintptr_t)message % _Alignof(struct play_slab));
}

static void player_on_play_perform(struct player *self, struct play_perform *message,
				   struct play_perform_pending pending,
				   struct actor_context *context)
{
	enter(self);
	message->act(self, message, pending.slot, context);
	leave(self, context);
}

static void on_started(struct player *self, struct actor_context *context)
{
	enter(self);
	player_record(self, "started");
	if (self->on_started)
		self->on_started(self, context);
	leave(self, context);
}

static void on_stopped(struct player *self, struct actor_context *context)
{
	enter(self);
	player_record(self, "stopped");
	if (self->on_stopped)
		self->on_stopped(self, context);
	leave(self, context);
}

/* A failed handler was left without leave(): only the thread's flag is looked at here. */
static void on_destroy(struct player *self)
{
	if (in_operation)
		player_record(self, "nested");
	player_record(self, "destroyed");
	player_destroy(self);
}

ACTOR_DEFINE(player, PLAYER_MESSAGES, on_started, on_stopped, on_destroy);

/* ---- the listener */

static void listener_on_play_note(struct listener *self, struct play_note *message,
				  struct actor_context *context)
{
	(void)context;
	probe_record(&self->stage->probe, "heard.%lld", (long long)message->number);
}

static int64_t listener_on_play_ping(struct listener *self, struct play_ping *message,
				     struct actor_context *context)
{
	(void)self;
	(void)context;
	return -message->number;
}

ACTOR_DEFINE(listener, LISTENER_MESSAGES, NULL, NULL, NULL);
