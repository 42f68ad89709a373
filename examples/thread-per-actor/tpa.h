/* SPDX-License-Identifier: MIT */
#ifndef TPA_H
#define TPA_H

/*
 * What the files of this implementation share. From the leaves to the root:
 *
 *	seat.c              where a thread sleeps until it is woken
 *	reply.c             an answer on its way back
 *	queue.c             messages, and the line of those who wait for room
 *	address.c           what senders hold
 *	context.c           what handlers and plain threads are handed
 *	actor.c             the thread of an actor: one run after another
 *	mailbox.c           what an actor's owner holds
 *	thread-per-actor.c  the instance: its mailboxes and threads
 *	log.c               where records go
 *
 * Locks. A mailbox has one, over its queue and its life; a seat has one, over a sleeper's flags and
 * the replies that it waits for; the instance has one, over its lists. Seat and instance locks are
 * leaves: nothing is called while one is held. Under a mailbox's lock seats are woken, threads are
 * started, and the `wake` of foreign waiters is called, which is a leaf by contract. Everything
 * else that is not ours (deliver, drop, destroy, on_end, hooks, the log sink) is called with no
 * lock held.
 */

#include "thread-per-actor.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

/* ---- the instance ---- */

enum tpa_count { TPA_MAILBOXES, TPA_ENVELOPES, TPA_REPLIES, TPA_DEAD_LETTERS, TPA_N_COUNTS };

void tpa_count(enum tpa_count what, int64_t n);

struct tpa_mailbox;

/* A mailbox is registered from its making until it is buried. 0, ACTOR_E_CLOSED. */
int tpa_register(struct actor_tpa *tpa, struct tpa_mailbox *mailbox);
void tpa_unregister(struct actor_tpa *tpa, struct tpa_mailbox *mailbox);

/* Run tpa_actor_main() on a new thread. 0, ACTOR_E_CLOSED, ACTOR_E_SYSTEM. */
int tpa_thread_start(struct actor_tpa *tpa, struct tpa_mailbox *mailbox);

/* The calling thread is about to return from tpa_actor_main(). */
void tpa_thread_end(struct actor_tpa *tpa);

/* Memory for a struct of @header bytes and, aligned behind it, a value of @type; for free(). */
void *tpa_alloc(size_t header, const struct actor_message_type *type, void **ret_value);

/* ---- log ---- */

void tpa_log(const struct actor_log_record *record);
enum actor_log_level tpa_log_level(void);
void tpa_log_error(const struct tpa_mailbox *mailbox, const char *message_type, const char *text);

/* ---- seat ---- */

int64_t tpa_now(void);
int tpa_condition_init(pthread_cond_t *condition);

/* 0 (woken, or for no reason), ACTOR_E_TIMEOUT. */
int tpa_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns);

struct tpa_seat {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t owners;
	bool cancelled; /* for good */
};

struct tpa_seat *tpa_seat_create(void);
void tpa_seat_ref(struct tpa_seat *seat);
void tpa_seat_unref(struct tpa_seat *seat);
void tpa_seat_cancel(struct tpa_seat *seat);

/* @sign is the sleeper's, and says what it waits for. */
void tpa_seat_wake(struct tpa_seat *seat, bool *sign);

/* 0 (and the sign is taken down), ACTOR_E_CANCELLED, ACTOR_E_TIMEOUT. */
int tpa_seat_wait(struct tpa_seat *seat, bool *sign, int64_t deadline_ns);

/* ---- reply ---- */

int tpa_reply_open(struct tpa_seat *seat, const struct actor_message_type *type,
		   struct actor_reply **ret_reply);
int tpa_reply_await(struct tpa_seat *seat, const struct actor_await *wait);
int tpa_reply_close(struct actor_reply *reply, void *ret_value);

/* Deliver ACTOR_E_STOPPED, if the slot holds a reply, and clear it. */
void tpa_reply_refuse(struct actor_reply **slot);

/* ---- queue ---- */

struct tpa_envelope {
	struct tpa_envelope *next;
	const struct actor_handler *handler;
	struct actor_reply *reply; /* the slot of the handler that gets it */
	void *message;
};

/* The message is done with, handled or not: refuse what is unanswered, drop, free. */
void tpa_envelope_end(struct tpa_envelope *envelope);

struct tpa_queue {
	struct tpa_envelope *first;
	struct tpa_envelope *last;
	struct actor_waiter *line_first;
	struct actor_waiter *line_last;
	size_t capacity;
	size_t used; /* messages queued and room granted */
	bool closed;
};

/* All with the mailbox's lock held. */

/* 0, ACTOR_E_FULL (with @waiter in line, if there is one), ACTOR_E_CLOSED, ACTOR_E_NOMEM. */
int tpa_queue_push(struct tpa_queue *queue, const struct actor_handler *handler,
		   const void *message, struct actor_reply *reply, struct actor_waiter *waiter);
struct tpa_envelope *tpa_queue_pop(struct tpa_queue *queue);
void tpa_queue_withdraw(struct tpa_queue *queue, struct actor_waiter *waiter);
void tpa_queue_close(struct tpa_queue *queue);

/* ---- address ---- */

struct tpa_address {
	struct actor_address base;
	struct tpa_mailbox *mailbox;
	bool weak;
};

void tpa_address_init(struct tpa_address *address, struct tpa_mailbox *mailbox, bool weak);

/* ---- mailbox ---- */

/* How far a mailbox has gone towards its end. It never goes back. */
enum tpa_closing {
	TPA_OPEN,     /* accepts messages */
	TPA_DRAINING, /* accepts nothing; what is queued is handled */
	TPA_DROPPING, /* what is queued is dropped */
	TPA_CANCELLED /* waits are cancelled, `stopped` does not run, nothing is started again */
};

enum tpa_phase {
	TPA_RESTING, /* no thread */
	TPA_RUNNING, /* start has been called: a thread serves it */
	TPA_ENDING   /* the run is over, and its thread tells so; start hands it the next run */
};

struct tpa_mailbox {
	struct actor_mailbox base;
	struct tpa_address strong;
	struct tpa_address weak;
	struct actor_tpa *tpa; /* valid until buried */
	struct tpa_mailbox *next;
	struct tpa_mailbox **link; /* NULL: not in the instance's list */
	const struct actor_behavior *behavior;
	struct tpa_seat *seat; /* of the actor */
	bool stirred;	       /* wakes the idle actor: there is something to look at */
	uint64_t number;
	atomic_size_t holders; /* of this memory: each address, and the unburied mailbox */

	pthread_mutex_t lock; /* over the rest */
	size_t n_strong;
	struct tpa_queue queue;
	enum tpa_closing closing;
	enum tpa_phase phase;
	bool owned;
	bool finished; /* closed and empty: the run in progress is the last */
	void *state;
	actor_end_fn *on_end;
	void *user;
	struct actor_reply *joiner;   /* waits for the end of this run */
	enum actor_ended how;	      /* of the last run that ended; 0: none yet */
	struct actor_failure failure; /* written by the actor's thread, while it runs */
	char failure_text[256];
	char failure_file[256];
	char name[];
};

int tpa_mailbox_create(struct actor_tpa *tpa, const struct actor_behavior *behavior,
		       const struct actor_mailbox_options *options,
		       struct actor_mailbox **ret_mailbox);
void tpa_mailbox_info(const struct tpa_mailbox *mailbox, struct actor_info *ret_info);
void tpa_mailbox_hold(struct tpa_mailbox *mailbox);
void tpa_mailbox_put(struct tpa_mailbox *mailbox);
void tpa_mailbox_cancel(struct tpa_mailbox *mailbox);

/* With the lock held. */
void tpa_mailbox_close(struct tpa_mailbox *mailbox, enum tpa_closing closing);

/* With the lock held: how the last run ended, and its state, which goes to whoever asks first. */
struct actor_end tpa_mailbox_take_end(struct tpa_mailbox *mailbox);

/* Tell a joiner, if there is one, that its wait is over, or why not. */
void tpa_joiner_tell(struct actor_reply *joiner, int status);

/* Drop what is queued: dead letters. */
void tpa_mailbox_clear(struct tpa_mailbox *mailbox);

/* The end of a mailbox that has neither an owner nor a thread. */
void tpa_mailbox_bury(struct tpa_mailbox *mailbox);

/* ---- context ---- */

struct tpa_context {
	struct actor_context base;
	struct actor_tpa *tpa;
	struct tpa_seat *seat;
	struct tpa_mailbox *mailbox;   /* NULL: of a plain thread */
	struct tpa_envelope *envelope; /* in hand */
	struct actor_error error;
	bool failing;
	jmp_buf failed; /* where a failure goes */
};

void tpa_context_init(struct tpa_context *context, struct actor_tpa *tpa, struct tpa_seat *seat,
		      struct tpa_mailbox *mailbox);

/* ---- actor ---- */

/* The thread of an actor; @mailbox is RUNNING. */
void *tpa_actor_main(void *mailbox);

#endif
