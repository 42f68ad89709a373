/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_SESSION_H
#define ACTOR_REMOTE_SESSION_H

#include <actor-remote/io.h>
#include <actor-remote/peer.h>
#include <actor-remote/services.h>
#include <actor-remote/tls.h>

ACTOR__BEGIN_C

/**
 * DOC: sessions: addresses that stay valid while connections come and go
 *
 * A session dials, makes a peer of the connection, and, when that has ended, dials again, after a
 * while. Its addresses are like those of a peer, for as many namespaces as one likes, over the one
 * connection that there is:
 *
 *	const struct actor_session_options options = {
 *		.size = sizeof options, .io = io, .address = "tcp:example.org:4000", .tls = tls,
 *	};
 *	rc = actor_session_create(&options, &session);
 *	rc = ACTOR_SESSION_REMOTE(remotes, session, &remote);
 *	rc = actor_session_start(session);
 *	rc = ACTOR_CALL(context, remote, add, &unit, &(struct add){ .n = 5 });
 *
 * While there is no connection, messages are kept for the next one, or refused: see
 * &actor_session_options.refuses. What becomes of a message is always one of these:
 *
 * - It was given to one connection, once. When that is lost before the answer has come, a call ends
 *   with ACTOR_E_DISCONNECTED, since whether it was handled is not known; nobody hears of a send.
 * - It was given to none, and never will be: a call ends with ACTOR_E_UNREACHABLE, a send is
 *   dropped and counted. So to try again does no harm.
 * - A call of a service that is declared repeatable is given to the next connection when one is
 *   lost, as long as its time has not passed: it may be handled several times.
 *
 * Messages of one sender are given to a connection in the order in which they were sent, those that
 * were kept first. (What the other side has of a connection that is lost it may still be handling
 * when those of the next one come.)
 *
 * There is a connection when something can be written: with TLS, when the other side has proven who
 * it is. Who has not, is given nothing. (A server that does not trust this side says so later: then
 * the connection is lost.)
 *
 * How long it waits before it dials again is drawn at random from 0 up to a bound that grows with
 * each attempt in a row, so that many who have lost the same server do not come back at the same
 * time ("full jitter": Brooker, Exponential backoff and jitter, AWS Architecture Blog, 2015).
 *
 * That a connection is lost is known when the system says so, or a peer: see stall_ns there.
 */

/** struct actor_session - leads to another process, over one connection after the other; counted:
 * it closes when its last owner goes */
struct actor_session;

/**
 * typedef actor_dial_fn - make a connection
 * @user:          as given
 * @context:       to wait by, on the session's executor; when the session closes, its waits end
 *                 with ACTOR_E_CANCELLED
 * @deadline_ns:   absolute, until when to try
 * @ret_transport: the session's
 *
 * Return: 0, or why not, with the detail of @context told to observers, if it is of this error
 */
typedef int actor_dial_fn(void *user, struct actor_context *context, int64_t deadline_ns,
			  struct actor_transport **ret_transport);

/**
 * typedef actor_session_prepare_fn - look at a new peer before it is started
 * @user: as given
 * @peer: borrowed: to be served a map, or observed
 *
 * Called by the session, on its executor; must not wait.
 *
 * Return: 0, or why there is to be no connection: as if it had not come about
 */
typedef int actor_session_prepare_fn(void *user, struct actor_peer *peer);

/**
 * struct actor_session_options - choices; zero means the default
 * @size:            sizeof(struct actor_session_options)
 * @name:            of the session and its peers; copied
 * @io:              where connections live that are made by @address; outlives the session
 * @address:         where to, as for actor_connect(); copied
 * @tls:             of those, as the client; referenced. Default: as they are
 * @tls_name:        as &actor_connect_options.tls_name; copied
 * @dial:            makes connections, instead of these
 * @prepare:         optional
 * @user:            for both; outlives the session
 * @executor:        where the session runs, and @dial; its clock counts. Default: that of @io;
 *                   needed without
 * @peer:            of the peers; copied, with the permits referenced; NULL: the defaults
 * @dial_timeout_ns: of one attempt, until there is a connection; default 10 s
 * @first_delay_ns:  up to how long it waits before the second attempt in a row; default 100 ms
 * @most_delay_ns:   no wait is longer; default 30 s, or as long as the first, if that is longer
 * @factor:          how many times longer the bound is with each attempt; default 2
 * @period_ns:       in a row are attempts that fail, or lead to a connection that does not last so
 *                   long; default: as @most_delay_ns
 * @most_attempts:   so many in a row, and it gives up: it closes, for good. Default: no end
 * @seed:            begins what is random; default: drawn, in a simulation from that
 * @refuses:         messages are not kept while there is no connection: they are refused with
 *                   ACTOR_E_UNREACHABLE. Those that had been accepted and were not given to a
 *                   connection yet, because it was slow, end with that
 * @most_kept:       so many messages wait, for a connection or for room in one: then addresses are
 *                   full. Calls that may be repeated count until they are answered. Default: 1,024
 * @most_kept_bytes: the same of their bytes; one message may go beyond it; default 1 MiB
 * @keep_ns:         so long a message is kept for a connection, or may be repeated; default 30 s
 * @grace_ns:        when it is closed, sends that are kept are still given to a connection, for so
 *                   long, and if none is there, it goes on dialing; default: they are dropped
 * @repeatable:      services whose calls may be repeated; copied
 * @n_repeatable:    how many
 */
struct actor_session_options {
	size_t size;
	const char *name;
	struct actor_io *io;
	const char *address;
	struct actor_tls *tls;
	const char *tls_name;
	actor_dial_fn *dial;
	actor_session_prepare_fn *prepare;
	void *user;
	struct actor_executor *executor;
	const struct actor_peer_options *peer;
	int64_t dial_timeout_ns;
	int64_t first_delay_ns;
	int64_t most_delay_ns;
	unsigned factor;
	int64_t period_ns;
	unsigned most_attempts;
	uint64_t seed;
	bool refuses;
	size_t most_kept;
	size_t most_kept_bytes;
	int64_t keep_ns;
	int64_t grace_ns;
	const struct actor_service *const *repeatable;
	size_t n_repeatable;
};

/**
 * actor_session_create() - a session that does not dial yet
 * @options:     borrowed
 * @ret_session: the caller's to unref
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_CLOSED when the executor is, ACTOR_E_INVALID for options that
 *          make no sense
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_session_create(const struct actor_session_options *options,
						      struct actor_session **ret_session);

/** actor_session_ref() - one more owner; returns @session. Thread: any */
ACTOR_EXPORT struct actor_session *actor_session_ref(struct actor_session *session);

/** actor_session_unref() - one owner fewer; the last one closes it; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_session_unref(struct actor_session *session);

/** actor_session_start() - dial, from now on, until it is closed. 0, ACTOR_E_BUSY when it has
 * begun, ACTOR_E_CLOSED when it or its executor is, ACTOR_E_NOMEM: that closes it. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_session_start(struct actor_session *session);

/**
 * actor_session_close() - end it
 * @session: may be closed
 * @reason:  in words, for observers; copied, cut when too long; NULL is fine
 *
 * From now on, addresses are closed, and calls that are kept end with ACTOR_E_UNREACHABLE. Sends
 * that are kept are given to a connection within &actor_session_options.grace_ns. Then the
 * connection is closed as by actor_peer_close(): what was given to it is written, calls end. One
 * that was never started ends at once. Never waits: see actor_session_join().
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_session_close(struct actor_session *session, const char *reason);

/**
 * actor_session_join() - wait until it is over: it was closed, or has given up, its connection has
 * ended, and its last event has been told
 * @context:     who waits
 * @session:     which
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_NOMEM; ACTOR_E_NOSUSPEND, as
 *          actor_peer_join()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_session_join(struct actor_context *context,
						    struct actor_session *session,
						    int64_t deadline_ns);

/**
 * actor_session_address() - the address of what the other side serves
 * @session:     may be closed
 * @name_space:  of what may be sent there
 * @ret_address: the caller's to unref
 *
 * An address like any other, but that it keeps nobody alive, not even the session. Its identity is
 * the session's. It is full while too much is kept, and closed when the session is. What it refuses
 * at once beside that: ACTOR_E_UNREACHABLE, ACTOR_E_TOO_BIG, and ACTOR_E_ENCODE, as with those of
 * services.h. To post may end a kept call that nobody waits for any more.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_session_address(struct actor_session *session,
						       const struct actor_namespace *name_space,
						       struct actor_address **ret_address);

/** ACTOR_SESSION_REMOTE() - actor_session_address(), typed: (N, session, ret_remote), the latter a
 * union N_address * */
#define ACTOR_SESSION_REMOTE(N, session, ret_remote)                                               \
	actor_session_address(session, &N##_namespace,                                             \
			      &ACTOR__POINTER(union N##_address, (ret_remote))->address)

/** actor_session_peer() - of the connection that there is, the caller's to unref; NULL when there
 * is none, or none any more. Thread: any */
ACTOR_EXPORT struct actor_peer *actor_session_peer(struct actor_session *session);

/** actor_session_observable() - publishes struct actor_session_event; borrowed. Thread: any */
ACTOR_EXPORT struct actor_observable *actor_session_observable(struct actor_session *session);

/** enum actor_session_event_kind - what has happened at a session */
enum actor_session_event_kind {
	/** @ACTOR_SESSION_CONNECTING: it dials */
	ACTOR_SESSION_CONNECTING = 1,
	/** @ACTOR_SESSION_CONNECTED: there is a connection */
	ACTOR_SESSION_CONNECTED = 2,
	/** @ACTOR_SESSION_FAILED: the attempt has failed: why, and when is the next */
	ACTOR_SESSION_FAILED = 3,
	/** @ACTOR_SESSION_LOST: the connection has ended: why, and when it dials again */
	ACTOR_SESSION_LOST = 4,
	/** @ACTOR_SESSION_GAVE_UP: there were too many attempts, and it is over; the last event */
	ACTOR_SESSION_GAVE_UP = 5,
	/** @ACTOR_SESSION_CLOSED: it was closed, and is over; the last event. Of this and
	 * ACTOR_SESSION_GAVE_UP there is exactly one */
	ACTOR_SESSION_CLOSED = 6
};

/**
 * struct actor_session_event - something has happened at a session
 * @kind:         what
 * @session:      where; its name is @name
 * @name:         copied, cut when too long
 * @n_attempts:   in a row, with this one
 * @status:       an ACTOR_E_*: why; 0 for a connection that the other side has closed in order
 * @system_errno: with ACTOR_E_SYSTEM
 * @next_ns:      when it dials again, absolute, on the clock of its executor; ACTOR_FOREVER: it
 *                does not
 * @text:         in words
 */
struct actor_session_event {
	enum actor_session_event_kind kind;
	struct actor_identity session;
	char name[48];
	unsigned n_attempts;
	int status;
	int system_errno;
	int64_t next_ns;
	char text[192];
};

/* As by ACTOR_SIGNAL(actor_session_event), but for the export. */
ACTOR_EXPORT extern const struct actor_message_type actor_session_event_type;
struct actor_session_event_is_a_signal {
	char actor_session_event;
};
ACTOR__RECIPIENT(actor_session_event_recipient, ACTOR__WITNESS(, actor_session_event),
		 ACTOR__HANDLED(erased, actor_session_event))

/**
 * struct actor_session_counts - a session at one moment
 * @connected:     there is a connection, as far as is known
 * @n_attempts:    to connect, altogether
 * @n_connections: that came about
 * @n_kept:        messages that wait, and calls that may be repeated and are not answered
 * @n_kept_bytes:  of them
 * @n_repeated:    how often a call was given to one more connection
 * @n_dropped:     sends that were accepted and given to no connection
 */
struct actor_session_counts {
	bool connected;
	uint64_t n_attempts;
	uint64_t n_connections;
	size_t n_kept;
	size_t n_kept_bytes;
	uint64_t n_repeated;
	uint64_t n_dropped;
};

/** actor_session_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_session_counts_get(struct actor_session *session,
					   struct actor_session_counts *ret_counts);

ACTOR__END_C

#endif
