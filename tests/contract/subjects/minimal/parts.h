/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_MINIMAL_PARTS_H
#define CONTRACT_MINIMAL_PARTS_H

/* What the files of this implementation share. */

#include "minimal.h"

#include <setjmp.h>

enum phase { RESTING, RUNNING, ENDING };

struct envelope {
	struct envelope *next;
	const struct actor_handler *handler;
	struct actor_reply *reply; /* the slot of the handler that gets it */
	void *message;
};

struct actor {
	struct actor_address strong;
	struct actor_address weak;
	struct actor_mailbox mailbox;
	struct minimal *minimal; /* valid until the mailbox is buried */
	struct actor *next_ready;
	bool is_ready;
	const struct actor_behavior *behavior;
	uint64_t number;
	size_t n_strong;
	size_t n_holders; /* of this memory: addresses, the unburied mailbox, being ready */
	struct envelope *first;
	struct envelope *last;
	struct actor_waiter *line_first;
	struct actor_waiter *line_last;
	size_t capacity;
	size_t used; /* messages queued and room granted */
	bool closed;
	bool cancelled;
	enum phase phase;
	bool begun;
	bool finished; /* closed and empty: no run follows this one */
	bool owned;
	void *state;
	actor_end_fn *on_end;
	void *user;
	struct actor_reply *joiner;
	enum actor_ended how; /* of the last run that ended; 0: none yet */
	struct actor_failure failure;
	char failure_text[128];
	char failure_file[256];
	char name[];
};

/* Of the thread, or of a turn: then there is an actor. */
struct context {
	struct actor_context base;
	struct minimal *minimal;
	struct actor *actor;
	struct envelope *envelope;
	struct actor_error error;
	jmp_buf failed;
};

struct minimal {
	struct actor_spawner spawner;
	struct context context;
	struct actor *ready_first;
	struct actor **ready_end;
	size_t n_mailboxes;
	size_t n_running;
};

/* Memory for a struct and, aligned behind it, a value of @type; for free(). */
void *minimal_alloc(size_t header, const struct actor_message_type *type, void **ret_value);

/* ---- reply.c ---- */

int minimal_reply_open(struct actor_context *context, const struct actor_message_type *type,
		       struct actor_reply **ret_reply);
int minimal_reply_close(struct actor_context *context, struct actor_reply *base, void *ret_value);

/* Deliver ACTOR_E_STOPPED, if the slot holds a reply, and clear it. */
void minimal_reply_refuse(struct actor_reply **slot);

/* What an await returns as things stand; ACTOR_E_TIMEOUT: nothing yet. */
int minimal_reply_awaited(const struct actor_await *wait);

/* ---- queue.c ---- */

/* 0, ACTOR_E_FULL (with @waiter in line, if there is one), ACTOR_E_CLOSED, ACTOR_E_NOMEM. */
int minimal_push(struct actor *actor, const struct actor_handler *handler, const void *message,
		 struct actor_reply *reply, struct actor_waiter *waiter);
struct envelope *minimal_pop(struct actor *actor);
void minimal_withdraw(struct actor *actor, struct actor_waiter *waiter);
void minimal_dissolve_line(struct actor *actor);

/* The message is done with, handled or not. */
void minimal_envelope_end(struct envelope *envelope);

/* Drop what is queued. */
void minimal_clear(struct actor *actor);

/* ---- actor.c ---- */

extern const struct actor_spawner_ops minimal_spawner_ops;

/* Let one actor take its turn. Returns false when there is none. */
bool minimal_step(struct minimal *minimal);

/* ---- minimal.c ---- */

extern const struct actor_context_ops minimal_context_ops;

#endif
