/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__OUTBOX_H
#define ACTOR__OUTBOX_H

#include "line.h"

#include <actor-remote/service-map.h>
#include <stdatomic.h>

struct actor__pending;

/* Where a frame is made, on the stack; longer ones take memory. */
#define ACTOR__FRAME_BYTES 512

/**
 * struct actor__outbox - what a peer is to write, and those who wait until there is room for more
 * @filling:           what the next write will be of
 * @n_filling_answers: bytes of that which are not messages of remote addresses
 * @n_writing:         bytes at the end of @writing that have not gone out, as far as is known
 * @n_writing_answers: as for @filling, or less than that when not so much is left
 * @n_gone:            bytes of all writes that have
 * @n_frames:          that have been put there since the beginning; may be read without the lock
 * @line:              of those who wait for room
 * @answers:           that are in @filling or being written, and have permits, in this order
 * @last_answer:       of them
 * @owed:              answers for which there was no memory: to be errors when there is
 * @shut:              nothing is taken any more
 * @kept:              the peer is, by those that are still being served at its end
 * @told:              the peer need not be rung: it has been, or will look by itself; false under
 *                     the lock alone
 * @writing:           the peer's thread's: what is being written, piece by piece
 * @n_piece:           the peer's thread's: how long the current piece is
 * @pending:           the peer's thread's: the transport has not taken all of that
 *
 * All but the last three under the peer's lock. See outbox.c.
 */
struct actor__outbox {
	struct actor_bytes filling;
	size_t n_filling_answers;
	size_t n_writing;
	size_t n_writing_answers;
	uint64_t n_gone;
	_Atomic uint64_t n_frames;
	struct actor__line line;
	struct actor_answer *answers;
	struct actor_answer *last_answer;
	struct actor_answer *owed;
	bool shut;
	bool kept;
	atomic_bool told;
	struct actor_bytes writing;
	size_t n_piece;
	bool pending;
};

void actor__outbox_init(struct actor__outbox *outbox);
void actor__outbox_deinit(struct actor__outbox *outbox);

/** actor__outbox_unwritten() - how many bytes wait. With the lock held */
static inline size_t actor__outbox_unwritten(const struct actor__outbox *outbox)
{
	return outbox->filling.n + outbox->n_writing;
}

/** actor__outbox_answers() - how many bytes of that are not messages of remote addresses. With the
 * lock held */
static inline size_t actor__outbox_answers(const struct actor__outbox *outbox)
{
	return outbox->n_filling_answers + outbox->n_writing_answers;
}

/**
 * struct actor__outgoing - a message to be sent
 * @service: for whom
 * @schema:  of @message; or NULL, and @payload is what has been encoded already
 * @reply:   NULL, or who is answered, with @type and @answer describing the answer
 * @call:    the same for whoever takes frames
 */
struct actor__outgoing {
	uint64_t service;
	const struct actor_schema *schema;
	const void *message;
	const uint8_t *payload;
	size_t n_payload;
	struct actor_reply *reply;
	const struct actor_message_type *type;
	const struct actor_schema *answer;
	struct actor_frame_call *call;
};

/** actor__outbox_post() - as &actor_address_ops.post; the message is read only. Thread: any */
int actor__outbox_post(struct actor_peer *peer, const struct actor__outgoing *outgoing,
		       struct actor_waiter *waiter);

/** actor__outbox_withdraw() - as &actor_address_ops.withdraw; NULL is fine. Thread: any */
void actor__outbox_withdraw(struct actor_peer *peer, struct actor_waiter *waiter);

/** actor__outbox_admit() - whether a call may be seen to, once and for all: with a permit, if
 * answers are written; without, if there is room for its own, which is reserved then. Thread: the
 * peer's */
bool actor__outbox_admit(struct actor_peer *peer, struct actor_answer *answer);

/** actor__outbox_admits() - whether one without a permit may be. Thread: any */
bool actor__outbox_admits(struct actor_peer *peer);

/**
 * struct actor__said - what answers a call: an error; a value, with a schema; or an encoded one
 */
struct actor__said {
	const struct actor_wire_error *error;
	const struct actor_schema *schema;
	const void *value;
	const uint8_t *payload;
	size_t n_payload;
};

/**
 * actor__outbox_answer() - have a frame written that answers a call
 * @answer: consumed when it returns one of these: with a permit, released when the frame has been
 *          written. Otherwise it is as it was, and is to be answered with an error
 *
 * Thread:  any
 * Return:  0, ACTOR_E_ABANDONED; ACTOR_E_NOMEM: an internal error will be written instead, and,
 *          unless an error was to be, observers have been told. Any other: there is no such frame
 */
int actor__outbox_answer(struct actor_answer *answer, const struct actor__said *said);

/** actor__outbox_notify() - have a frame written that is nobody's; dropped without memory.
 * Thread: any */
void actor__outbox_notify(struct actor_peer *peer, const struct actor_bytes *frame);

/** actor__outbox_begin() - where to make a frame of at most @limit bytes: right behind those that
 * are there, as long as there is room. Then actor__outbox_end(). With the lock held */
void actor__outbox_begin(struct actor__outbox *outbox, struct actor_bytes *frame, size_t limit);

/** actor__outbox_end() - with @rc 0, the frame is to be written: 0, ACTOR_E_NOMEM; otherwise it is
 * not: @rc. With the lock held */
int actor__outbox_end(struct actor__outbox *outbox, struct actor_bytes *frame, int rc);

/** actor__outbox_append() - a frame that has been made; 0, ACTOR_E_NOMEM. With the lock held */
int actor__outbox_append(struct actor__outbox *outbox, const struct actor_bytes *frame);

/** actor__outbox_take_written() - out of their list, the answers that have gone out, to be
 * released. With the lock held */
struct actor_answer *actor__outbox_take_written(struct actor__outbox *outbox);

/** actor__outbox_tell() - whether the peer has yet to be rung, by the caller, for all that is put
 * there until its next turn. With the lock held */
static inline bool actor__outbox_tell(struct actor__outbox *outbox)
{
	/* Relaxed: what was put there is seen by who takes the lock. */
	bool told = atomic_load_explicit(&outbox->told, memory_order_relaxed);

	atomic_store_explicit(&outbox->told, true, memory_order_relaxed);
	return !told;
}

/** actor__outbox_release() - answers that were taken out of a list. Thread: the peer's */
void actor__outbox_release(struct actor_answer *answers);

/** actor__outbox_flush() - write what there is, as far as the transport takes it; false when it
 * says that the connection is lost. Thread: the peer's */
bool actor__outbox_flush(struct actor_peer *peer, int64_t now_ns);

/** actor__outbox_written() - what was pending has gone out. Thread: the peer's */
void actor__outbox_written(struct actor_peer *peer);

/** actor__outbox_count_out_owed() - those that are owed are not served any more. With the lock held
 */
void actor__outbox_count_out_owed(struct actor_peer *peer);

/** actor__outbox_pay() - try again what is owed; whether all has been. Thread: the peer's */
bool actor__outbox_pay(struct actor_peer *peer);

/** actor__outbox_close() - drop what is not written: so many bytes. Thread: the peer's */
size_t actor__outbox_close(struct actor_peer *peer);

#endif
