/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PEER_H
#define ACTOR__PEER_H

#include "alarm.h"
#include "calls.h"
#include "gate.h"
#include "incoming.h"
#include "lanes.h"
#include "outbox.h"
#include "patience.h"
#include "permits.h"
#include "routes.h"
#include "serve.h"

#include <actor-remote/peer.h>
#include <pthread.h>

/*
 * The inside of a peer. What is said to be of its thread is touched on the one thread of its
 * executor only: in the turns of its runner, in the events of its transport, and when it ends.
 * What is under the lock is anybody's. The lock is a leaf: while it is held, waiters are woken and
 * the wire format makes frames, and nothing else is called that is not of this library.
 */

enum actor__peer_state {
	ACTOR__PEER_NEW,     /* not started: its transport is its owners' thread's */
	ACTOR__PEER_RUNNING, /* its transport is the executor's thread's */
	ACTOR__PEER_ENDED
};

/* Why it closes, as the event says that its thread publishes: so it is the first of those who close
 * it that is heard, and nobody is too late. */
struct actor__peer_end {
	enum actor_peer_event_kind kind;
	int status;
	int system_errno;
	char text[sizeof((struct actor_peer_event *)NULL)->text];
};

struct actor_peer {
	atomic_size_t n_owners;
	atomic_size_t n_refs; /* of its memory: its owners together, and whoever else */
	struct actor_transport *transport;
	struct actor_executor *executor;
	const struct actor_wire_format *format;
	struct actor_peer_options options;
	struct actor_observable *observable;
	struct actor_mailbox *runner;  /* that does the work; until it is started */
	struct actor_address *address; /* of the actor that others see; strong */
	struct actor_info info;
	_Atomic(struct actor_certificate *) certificate; /* of the other side; set once */
	struct actor__alarm alarm;
	struct actor__routes routes;
	struct actor__incoming incoming;   /* its thread's */
	struct actor__patience patience;   /* its thread's */
	struct actor__serving serving;	   /* its thread's */
	struct actor__lanes lanes;	   /* its thread's */
	struct actor__permits permits;	   /* its thread's */
	struct actor_answer *free_answers; /* its thread's */
	size_t n_free_answers;		   /* its thread's */
	_Atomic uint64_t n_serving_begun;  /* calls; of its thread, read by anybody */
	atomic_bool gone;		   /* ended: nobody waits for answers any more */

	pthread_mutex_t lock;
	/* Under the lock. */
	enum actor__peer_state state;
	bool closing;		    /* nothing new is accepted */
	struct actor__peer_end end; /* why; does not change any more when it closes */
	size_t n_unpermitted; /* calls that were admitted without a permit, and are not answered */
	struct actor__outbox outbox;
	struct actor__calls calls; /* half of it */
	struct actor__gate opened; /* the connection is, or never will be */
	struct actor__gate ended;
	uint64_t n_answered; /* of the calls that have begun to be served */

	/* Its thread's. */
	bool is_open;	    /* what is written is on its way; read by anybody after @opened */
	bool looked;	    /* who the other side is */
	bool lost;	    /* the connection is: nothing can be written */
	bool finished;	    /* nothing will come any more */
	atomic_bool paused; /* reading is; read by anybody */
	bool sated;	    /* with answers, when its turn began: it asks for no more */
	bool hurried;	    /* it waits for nobody while it closes */
	bool shut;	    /* its own direction is closed */
	bool end_told;	    /* that it closes has been published */
	size_t n_come;	    /* bytes, since the last turn */
	int64_t closed_ns;  /* since when it closes; ACTOR_FOREVER: it does not */
	int64_t shut_ns;
	int64_t puts_off_ns;	/* since when it puts off writing; ACTOR_FOREVER: it does not */
	uint64_t n_frames_seen; /* to be written, in the turn before */
	int64_t wakes_ns;	/* when its runner does, if it is not rung for */
	int64_t moved_ns;	/* when something last went on, while reading is paused */
	int64_t wrote_ns; /* when the last piece was begun, which is when the one before was done */
};

static inline void actor__peer_lock(struct actor_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
}

static inline void actor__peer_unlock(struct actor_peer *peer)
{
	pthread_mutex_unlock(&peer->lock);
}

/** actor__peer_choose() - options with their defaults; NULL: those alone. 0, ACTOR_E_INVALID */
int actor__peer_choose(const struct actor_peer_options *options,
		       struct actor_peer_options *ret_chosen);

/** actor__peer_hold(), actor__peer_release() - its memory, not its life. Thread: any */
struct actor_peer *actor__peer_hold(struct actor_peer *peer);
void actor__peer_release(struct actor_peer *peer);

/** actor__peer_end() - give back everything and tell everybody; once. Thread: its */
void actor__peer_end(struct actor_peer *peer);

/** actor__peer_closes() - close, unless it does already, and have its thread say why. Thread: any
 */
void actor__peer_closes(struct actor_peer *peer, enum actor_peer_event_kind kind, int status,
			int system_errno, const char *reason);

/** actor__peer_ring() - have its runner take a turn. Thread: any */
static inline void actor__peer_ring(struct actor_peer *peer)
{
	actor__alarm_ring(&peer->alarm);
}

/** actor__peer_now() - on its clock. Thread: any */
static inline int64_t actor__peer_now(const struct actor_peer *peer)
{
	return actor_executor_now(peer->executor);
}

/** actor__peer_n_serving() - how many calls are being served. With the lock held */
static inline size_t actor__peer_n_serving(const struct actor_peer *peer)
{
	/* Relaxed: only its own thread, which has written it, asks in order to do something. */
	return (size_t)(atomic_load_explicit(&peer->n_serving_begun, memory_order_relaxed) -
			peer->n_answered);
}

/* ---- peer-join.c */

/** actor__peer_opens() - its connection is open. Thread: its */
void actor__peer_opens(struct actor_peer *peer);

/** actor__peer_await_open() - wait until its connection is. 0, ACTOR_E_CLOSED when it has ended
 * before, and as actor_peer_join(), without a detail. Thread: context */
int actor__peer_await_open(struct actor_context *context, struct actor_peer *peer,
			   int64_t deadline_ns);

/** actor__peer_await_end() - actor_peer_join(), without a detail. Thread: context */
int actor__peer_await_end(struct actor_context *context, struct actor_peer *peer,
			  int64_t deadline_ns);

/** actor__peer_tell_joiners() - it has ended. Thread: its */
void actor__peer_tell_joiners(struct actor_peer *peer);

/* ---- peer-run.c */

extern const struct actor_behavior actor__peer_runner;

/* ---- peer-event.c */

/** actor__peer_tell_end() - publish that it closes, which it does; once. Thread: its */
void actor__peer_tell_end(struct actor_peer *peer);

/** actor__peer_tell() - publish an event. Thread: any */
void actor__peer_tell(struct actor_peer *peer, const struct actor_peer_event *event);

/** actor__peer_tell_error() - publish that something could not be served, answered or written.
 * Thread: any */
void actor__peer_tell_error(struct actor_peer *peer, int status, uint64_t service, uint64_t call,
			    const char *text);

/** actor__relay_gone() - publish that a message could not be relayed, or a call will not be
 * answered, because the peer that it was relayed to has gone. Thread: any */
void actor__relay_gone(struct actor_peer *peer, uint64_t service, uint64_t call,
		       struct actor_identity relay);

#endif
