/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SESSION_H
#define ACTOR__SESSION_H

#include "alarm.h"
#include "line.h"
#include "links.h"

#include <actor-remote/session.h>
#include <pthread.h>

/*
 * The inside of a session. Two actors do what is to be done: the dialer, which makes connections
 * one after the other and waits for the end of each, and the keeper, which ends what has been kept
 * for too long, and ends the session. Messages are given to a connection by whoever sends them, or
 * by the keeper.
 *
 * The lock is a leaf, but for what is called with it held: a peer takes a frame (which takes that
 * peer's lock, encodes nothing and delivers nothing), waiters are woken, and replies are asked
 * whether anybody waits for them. Nothing that takes it is called by any of these.
 */

enum actor__session_state {
	ACTOR__SESSION_NEW,
	ACTOR__SESSION_RUNNING,
	ACTOR__SESSION_ENDED /* nothing can be kept any more */
};

/**
 * struct actor__row - a service as an address of a session knows it
 * @id:      on the wire
 * @repeats: its calls may be repeated
 */
struct actor__row {
	const struct actor_service *service;
	uint64_t id;
	bool repeats;
};

/**
 * struct actor__kept - a message that is kept
 * @link:        among all of the session
 * @reply:       the caller's; NULL: a send
 * @wrapper:     what a connection is given instead of that, when the call may be repeated
 * @number:      in the order of which they are sent
 * @deadline_ns: until when it is kept
 * @repeats:     it may be given to several connections
 * @given:       a connection has it: only with @repeats
 * @was_given:   one had it that was lost
 */
struct actor__kept {
	struct actor__link link;
	struct actor_session *session;
	const struct actor_service *service;
	struct actor_reply *reply;
	struct actor_reply wrapper;
	uint64_t id;
	uint64_t number;
	int64_t deadline_ns;
	bool repeats;
	bool given;
	bool was_given;
	size_t n_payload;
	uint8_t payload[];
};

struct actor_session {
	atomic_size_t n_owners;
	atomic_size_t n_refs; /* of its memory */
	struct actor_session_options options;
	struct actor_peer_options peer_options;
	struct actor_semaphore *permits; /* of these, or NULL */
	char *address;
	char *tls_name;
	struct actor_tls *tls; /* referenced, or NULL */
	const struct actor_service **repeatable;
	const struct actor_wire_format *format;
	struct actor_executor *executor;
	struct actor_observable *observable;
	struct actor_mailbox *dialer; /* the keeper's, once that runs */
	struct actor_mailbox *keeper; /* until it is started */
	struct actor_address *self;   /* weak, of the keeper: whose name the texts of @info are */
	struct actor_info info;
	struct actor__alarm alarm; /* the keeper's */

	pthread_mutex_t lock;
	/* Under the lock. */
	enum actor__session_state state;
	bool closing;			 /* nothing new is accepted */
	int64_t until_ns;		 /* when it closes: what is kept may be given */
	bool retries;			 /* for want of memory, the keeper is to try again */
	unsigned n_live;		 /* actors that have not ended */
	struct actor_session_event last; /* to be told when they have */
	struct actor_peer *dialed;	 /* an owner of it, until it has ended; NULL */
	struct actor_peer *peer;	 /* the same; NULL: there is no connection */
	struct actor__link kept;	 /* all, by their numbers */
	struct actor__kept *next;	 /* the first that is not given; NULL: none */
	struct actor__line line;	 /* who waits for room here */
	struct actor_waiter waiter;	 /* in the line of @waits_at, for room for @next */
	struct actor_peer *waits_at;	 /* held; NULL */
	uint64_t last_number;
	int64_t look_ns; /* when to look for those that nobody waits for */
	struct actor_session_counts counts;

	/* The dialer's. */
	uint64_t random;
	unsigned n_in_a_row;
};

/** actor__session_hold(), actor__session_release() - its memory. Thread: any */
struct actor_session *actor__session_hold(struct actor_session *session);
void actor__session_release(struct actor_session *session);

/** actor__session_closes_as() - close, with this as the last event, unless it does already; without
 * a grace, if that is for an error, even if it does. Thread: any */
void actor__session_closes_as(struct actor_session *session,
			      const struct actor_session_event *last);

/** actor__session_closes() - the same as ACTOR_SESSION_CLOSED, by itself. Thread: any */
void actor__session_closes(struct actor_session *session, int status, const char *reason);

/** actor__session_tell() - publish an event. Thread: the dialer's, or who ends it */
void actor__session_tell(struct actor_session *session, struct actor_session_event event);

/** actor__session_left() - one of its actors has ended; the last one says so. Thread: any */
void actor__session_left(struct actor_session *session);

/** actor__session_lose() - there is no connection any more; its peer, now the caller's to unref, or
 * NULL. With the lock held */
struct actor_peer *actor__session_lose(struct actor_session *session);

/** actor__session_forget() - this connection takes nothing any more. Thread: any */
void actor__session_forget(struct actor_session *session, struct actor_peer *peer);

/* ---- session-dial.c */

extern const struct actor_behavior actor__session_dialer;

/** actor__session_await_peer() - until it has ended: 0, ACTOR_E_CANCELLED. Thread: context */
int actor__session_await_peer(struct actor_peer *peer, struct actor_context *context);

/* ---- session-keep.c */

extern const struct actor_behavior actor__session_keeper;

/** actor__session_is_over() - whether it closes, and nothing is to be given to a connection any
 * more. With the lock held */
bool actor__session_is_over(const struct actor_session *session, int64_t now_ns);

/** actor__session_end() - end all that is kept, what dials, and what it has dialed, which is
 * closed: the caller's to unref, or NULL. Thread: the keeper's, or whoever ends a session that was
 * not started */
struct actor_peer *actor__session_end(struct actor_session *session);

/** actor__session_post() - as &actor_address_ops.post; the message is read only. Thread: any */
int actor__session_post(struct actor_session *session, const struct actor__row *row, void *message,
			struct actor_reply *reply, struct actor_waiter *waiter);

/** actor__session_withdraw() - as &actor_address_ops.withdraw; NULL is fine. Thread: any */
void actor__session_withdraw(struct actor_session *session, struct actor_waiter *waiter);

/** actor__session_ring() - have the keeper look. Thread: any */
static inline void actor__session_ring(struct actor_session *session)
{
	actor__alarm_ring(&session->alarm);
}

static inline void actor__session_lock(struct actor_session *session)
{
	pthread_mutex_lock(&session->lock);
}

static inline void actor__session_unlock(struct actor_session *session)
{
	pthread_mutex_unlock(&session->lock);
}

#endif
