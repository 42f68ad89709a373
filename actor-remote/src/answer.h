/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ANSWER_H
#define ACTOR__ANSWER_H

#include <actor-impl/semaphore.h>
#include <actor-remote/peer.h>

/** struct actor_answer - see answer.c */
struct actor_answer {
	struct actor_reply reply;
	struct actor_answer *next; /* free, owed or unwritten */
	struct actor_peer *peer;   /* see outbox-answers.c */
	struct actor_permit *permit;
	uint64_t service;
	uint64_t call;
	const struct actor_message_type *type;
	const struct actor_schema *schema;
	uint64_t position; /* its frame ends there in what is written */
	bool admitted;	   /* see actor__outbox_admit() */
};

/** actor__answer_create() - NULL without memory. Thread: the peer's */
struct actor_answer *actor__answer_create(struct actor_peer *peer, uint64_t service, uint64_t call);

/** actor__answer_release() - give back its permit and its memory. Thread: any, without the lock */
void actor__answer_release(struct actor_answer *answer);

/** actor__answer_recycle() - the same, and keep the memory for another. Thread: the peer's */
void actor__answer_recycle(struct actor_answer *answer);

/** actor__answer_abandoned() - the connection has gone: nobody waits for it. Thread: any */
bool actor__answer_abandoned(const struct actor_answer *answer);

/** actor__answer_with() - answer with an error of that kind, about its own service and call.
 * Thread: any */
int actor__answer_with(struct actor_answer *answer, enum actor_wire_error_kind kind);

/** actor__error_frame() - make a frame of an error. 0, ACTOR_E_NOMEM, ACTOR_E_TOO_BIG. Thread: any
 */
int actor__error_frame(const struct actor_wire_format *format, const struct actor_wire_error *error,
		       uint64_t call, struct actor_bytes *frame);

#endif
