/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_PEER_H
#define ACTOR_REMOTE_PEER_H

#include <actor-iface/mailbox.h>
#include <actor-iface/typed-message.h>
#include <actor-impl/observer.h>
#include <actor-impl/semaphore.h>
#include <actor-remote/service-map.h>
#include <actor-remote/transport.h>

ACTOR__BEGIN_C

/**
 * DOC: peers
 *
 * A peer is an actor that owns one end of one connection. It does not connect, reconnect or find
 * anybody. What comes it gives to its service maps, what they answer it writes; and through it go
 * the messages of remote addresses (services.h). It never waits for a handler, no handler waits for
 * it, and reading and writing never wait for each other.
 *
 * It lives as long as its connection: until one side closes, the connection is lost, what comes are
 * no frames, or only a part of one, or nothing has moved for too long. Then it says so, once, to
 * all who observe it, ends every call that is waiting, and is gone.
 *
 * An answer comes over the connection that the call came over. The order of messages from one
 * sender to one actor at the other side is kept, but that a send may overtake calls which wait for
 * a permit there; of messages to several actors there is none.
 *
 * What a peer holds at most, whatever the other side does, in terms of its options:
 *
 *	max_read_bytes                           of a frame that has not come completely
 *	+ max_held_bytes + max_read_bytes + R    frames that wait for a permit or for room
 *	+ n_permits * max_write_bytes            answers to calls that have a permit: of these, once
 *	                                         there are max_unwritten_bytes, only those that are
 *	                                         in mailboxes, or come before the next turn
 *	+ max_relayed_bytes + max_write_bytes    answers to calls that take none
 *	+ max_unwritten_bytes + E                errors that answer what nobody serves
 *	+ max_unwritten_bytes
 *	+ (16 + 1) * max_write_bytes             messages of remote addresses
 *
 * R is what its transport reads at a time (64 KiB from a socket), E what these errors take (some
 * 100 bytes each) for calls that come until its next turn: in less than 128 KiB + R, however busy
 * its thread is. What is to be written may have grown by doubling, and what is being written is
 * kept until all of it has gone out: so these may take
 * twice as much. To each frame belong some 200 bytes beside its own. Beyond that there are the
 * calls that go out: some 100 bytes each, as many as there are who wait for them, of whom relays
 * have no more than max_relayed_bytes allows; for a second after they have gone, also those.
 * Messages that are given to actors are in their mailboxes, and events with their observers, each
 * of its own capacity. Once nothing can be written any more, reading does not pause, since it has
 * to tell how the connection ended: from when it would have paused on, what comes is dropped.
 */

/** struct actor_peer - one end of a connection; counted: it goes on without owners */
struct actor_peer;

/**
 * struct actor_peer_options - choices; zero means the default
 * @size:                sizeof(struct actor_peer_options)
 * @name:                of the actor, and in its events; copied. Who the other side is, says
 *                       actor_transport_describe()
 * @format:              default: actor_cbor_format()
 * @max_read_bytes:      a longer frame is refused, and the connection closed; at least 24, since
 *                       without a payload it has so many; default 1 MiB
 * @max_write_bytes:     a longer frame is not written, and who wanted it is told; but errors are,
 *                       which have some 100 bytes; at least 24; default 1 MiB
 * @call_timeout_ns:     a call without an answer ends with ACTOR_E_TIMEOUT, so long after it was
 *                       accepted; default 60 s
 * @permits:             calls that came and are not answered yet hold one each; may be shared by
 *                       several peers; referenced. Default: the peer's own, of @n_permits
 * @n_permits:           default 1,024
 * @max_held_bytes:      frames that wait for a permit, or for room in the mailbox of whoever
 *                       serves them: when they are so many bytes, reading pauses; default 1 MiB
 * @max_unwritten_bytes: what waits to be written: beyond this, remote addresses are full; and when
 *                       what answers is more than this, reading pauses, and calls that wait for
 *                       room or for a permit go on waiting; default 1 MiB
 * @stall_ns:            when it has paused reading and nothing has moved for so long, or the other
 *                       side has taken nothing of what is written, it closes at once, for overload;
 *                       default 30 s. It writes 64 KiB at a time: to take less than that in such a
 *                       time is to take nothing
 * @grace_ns:            when it closes, calls that are being handled may still be answered, and
 *                       sends that had come are still given to who serves them, for so long; and
 *                       what is to be written is, as long as something of it moves in each such
 *                       time. What cannot be is dropped, which observers are told; default 1 s. 1
 *                       is as good as none
 * @max_relayed_bytes:   what calls that came and take no permits, as those that are relayed, may
 *                       have to hold for their answers: each counts as @max_write_bytes until it is
 *                       answered, and answers count until they are written. While they are so many
 *                       bytes, or answers are more than @max_unwritten_bytes, other such calls wait
 *                       like those without a permit. Default: 1,024 times @max_write_bytes, which
 *                       are so many calls; who relays for strangers sets both to what there is
 *                       memory for
 * @frame_timeout_ns:    a frame that has begun to come has to be whole after so long, or the
 *                       connection is closed, with ACTOR_E_TIMEOUT; default 30 s. The time for
 *                       which this side has paused reading does not count
 * @min_bytes_per_s:     each so many bytes of it that have come give it another second: so nobody
 *                       holds a connection by sending now and then a byte; default 4,096, with
 *                       which a frame of 1 MiB may take 286 s at most
 * @idle_timeout_ns:     when for so long no frame has come or gone, and no call is under way,
 *                       either way, the connection is closed, with ACTOR_E_TIMEOUT; default
 *                       ACTOR_FOREVER, since an address may well be quiet for days
 */
struct actor_peer_options {
	size_t size;
	const char *name;
	const struct actor_wire_format *format;
	size_t max_read_bytes;
	size_t max_write_bytes;
	int64_t call_timeout_ns;
	struct actor_semaphore *permits;
	size_t n_permits;
	size_t max_held_bytes;
	size_t max_unwritten_bytes;
	int64_t stall_ns;
	int64_t grace_ns;
	size_t max_relayed_bytes;
	int64_t frame_timeout_ns;
	size_t min_bytes_per_s;
	int64_t idle_timeout_ns;
};

/**
 * actor_peer_create() - a peer that is not running yet
 * @transport: the peer's on success; still the caller's on failure
 * @options:   NULL for the defaults
 * @ret_peer:  the caller's to unref; one that was never started is destroyed with it
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_CLOSED when the executor is
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_create(struct actor_transport *transport,
						   const struct actor_peer_options *options,
						   struct actor_peer **ret_peer);

/** actor_peer_ref() - one more owner; returns @peer. Thread: any */
ACTOR_EXPORT struct actor_peer *actor_peer_ref(struct actor_peer *peer);

/** actor_peer_unref() - one owner fewer; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_peer_unref(struct actor_peer *peer);

/**
 * actor_peer_serve() - offer the services of a map, from now on
 * @peer: running or not
 * @map:  referenced, until the peer ends
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_CLOSED; ACTOR_E_BUSY when one of its services is offered by
 *          another map of this peer
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_serve(struct actor_peer *peer,
						  struct actor_service_map *map);

/** actor_peer_withdraw() - offer them no more; what it is serving, it goes on with. Thread: any */
ACTOR_EXPORT void actor_peer_withdraw(struct actor_peer *peer, struct actor_service_map *map);

/** actor_peer_start() - begin to read and write: what it has accepted before waits for that, calls
 * without a limit of time. 0, ACTOR_E_BUSY when it has begun, ACTOR_E_CLOSED when it has ended, or
 * its executor is closed, ACTOR_E_NOMEM. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_start(struct actor_peer *peer);

/**
 * actor_peer_close() - close the connection
 * @peer:   may have ended
 * @reason: in words, for observers; copied, cut when too long; NULL is fine
 *
 * Sends and calls that it has accepted are written, calls to it that are being handled are still
 * answered within the grace; those it waits for end with ACTOR_E_DISCONNECTED at once. Then it
 * closes its direction, and ends when the other side has closed, too, or has not for as long again;
 * or at once, if the connection has not opened and nothing has been written.
 * If the other side takes nothing for the grace, it ends then, and observers are told, once, that
 * something which was accepted has not been written: ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED.
 * One that was never started ends at once. Never waits: see actor_peer_join().
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_peer_close(struct actor_peer *peer, const char *reason);

/**
 * actor_peer_join() - wait until it has ended
 * @context:     who waits
 * @peer:        which
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_NOMEM; ACTOR_E_NOSUSPEND, also outside
 *          handlers on the thread that runs the loop of its &struct actor_io, which would wait for
 *          itself: see actor_io_join()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_join(struct actor_context *context,
						 struct actor_peer *peer, int64_t deadline_ns);

/** actor_peer_address() - its own address, weak, the caller's to unref: for monitors and for
 * actor_address_stop(), which closes it; there are no messages for it. Thread: any */
ACTOR_EXPORT struct actor_address *actor_peer_address(struct actor_peer *peer);

/** actor_peer_identity() - which peer it is, as its events and its remote addresses say. Thread:
 * any
 */
ACTOR_EXPORT struct actor_identity actor_peer_identity(const struct actor_peer *peer);

/** actor_peer_observable() - publishes struct actor_peer_event; borrowed. Thread: any */
ACTOR_EXPORT struct actor_observable *actor_peer_observable(struct actor_peer *peer);

/** enum actor_peer_event_kind - what has happened at a peer */
enum actor_peer_event_kind {
	/** @ACTOR_PEER_CLOSED: this side has closed; the last event but for errors */
	ACTOR_PEER_CLOSED = 1,
	/** @ACTOR_PEER_CLOSED_BY_REMOTE: the other side has, or the connection is lost. Of this and
	 * ACTOR_PEER_CLOSED there is exactly one */
	ACTOR_PEER_CLOSED_BY_REMOTE = 2,
	/** @ACTOR_PEER_ERROR: something that came could not be served, or answered; or what was
	 * accepted could not be written before it closed */
	ACTOR_PEER_ERROR = 3,
	/** @ACTOR_PEER_REMOTE_ERROR: the other side reports an error that belongs to no call here
	 */
	ACTOR_PEER_REMOTE_ERROR = 4,
	/** @ACTOR_PEER_RELAY_GONE: the peer to which a service is relayed has gone */
	ACTOR_PEER_RELAY_GONE = 5
};

/**
 * struct actor_peer_event - something has happened at a peer
 * @kind:         what
 * @peer:         where; its name is @name
 * @name:         copied, cut when too long
 * @status:       an ACTOR_E_*, of errors and of connections that were lost
 * @system_errno: with ACTOR_E_SYSTEM
 * @service:      service id concerned, also of the call to which an answer belongs; 0: none
 * @call:         call id concerned; 0: none
 * @error:        with ACTOR_PEER_REMOTE_ERROR: what the other side says
 * @relay:        with ACTOR_PEER_RELAY_GONE: which peer
 * @text:         in words
 */
struct actor_peer_event {
	enum actor_peer_event_kind kind;
	struct actor_identity peer;
	char name[48];
	int status;
	int system_errno;
	uint64_t service;
	uint64_t call;
	struct actor_wire_error error;
	struct actor_identity relay;
	char text[192];
};

/** actor_peer_event_is_end() - whether it says that the connection has come to its end; of each
 * peer one does. Thread: any */
static inline bool actor_peer_event_is_end(const struct actor_peer_event *event)
{
	return event->kind == ACTOR_PEER_CLOSED || event->kind == ACTOR_PEER_CLOSED_BY_REMOTE;
}

/** actor_peer_end_filter() - for observers who want to be told that alone: an
 * actor_event_filter_fn, whose @user is not used. Thread: any */
ACTOR_EXPORT bool actor_peer_end_filter(void *user, const struct actor_message_type *type,
					const void *event);

/* As by ACTOR_SIGNAL(actor_peer_event), but for the export. */
ACTOR_EXPORT extern const struct actor_message_type actor_peer_event_type;
struct actor_peer_event_is_a_signal {
	char actor_peer_event;
};
ACTOR__RECIPIENT(actor_peer_event_recipient, ACTOR__WITNESS(, actor_peer_event),
		 ACTOR__HANDLED(erased, actor_peer_event))

/**
 * struct actor_peer_counts - a peer at one moment
 * @n_frames_read:    whole ones
 * @n_frames_written: appended to what is written
 * @n_bytes_read:     of them
 * @n_bytes_written:  that the transport has taken
 * @n_held:           frames that wait for a permit or for room
 * @n_held_bytes:     of them, with what it takes to hold and to answer them
 * @n_unwritten_bytes: that wait to be written
 * @n_serving:        calls that came and are not answered yet
 * @n_pending:        calls that went out and are not answered yet
 * @paused:           reading is
 */
struct actor_peer_counts {
	uint64_t n_frames_read;
	uint64_t n_frames_written;
	uint64_t n_bytes_read;
	uint64_t n_bytes_written;
	size_t n_held;
	size_t n_held_bytes;
	size_t n_unwritten_bytes;
	size_t n_serving;
	size_t n_pending;
	bool paused;
};

/** actor_peer_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_peer_counts_get(struct actor_peer *peer,
					struct actor_peer_counts *ret_counts);

/**
 * actor_peer_certificate() - who the other side has proven to be
 * @peer:            also one that has ended; that of a message is in its origin: schema.h
 * @ret_certificate: written on success
 *
 * Is known before anything that the other side has sent is handled. Nothing changes it.
 *
 * Thread:  any
 * Return:  0; ACTOR_E_UNSUPPORTED: it has proven nothing: not yet, or its transport is none where
 * it could (tls.h), or there was no memory to keep it
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_certificate(struct actor_peer *peer,
							struct actor_certificate *ret_certificate);

/**
 * struct actor_frame_call - who is told how a frame ended that was sent by actor_peer_call_frame()
 * @answered:  the answer: a response, whose payload is borrowed for the call, or an error; or NULL,
 *             with a status: ACTOR_E_DISCONNECTED, ACTOR_E_TIMEOUT, ACTOR_E_ABANDONED. Once, on the
 *             peer's thread; must not wait
 * @abandoned: whether nobody waits for the answer any more: asked about once a second, and when
 *             many calls are waiting; then it ends with ACTOR_E_ABANDONED. On the peer's thread;
 *             must not wait. Optional
 *
 * Lives in memory of the caller's, until @answered is called.
 */
struct actor_frame_call {
	void (*answered)(struct actor_frame_call *call, int status,
			 const struct actor_frame *frame);
	bool (*abandoned)(const struct actor_frame_call *call);
};

/**
 * actor_peer_send_frame() - send an encoded message: for service maps that pass on what they get
 * @peer:      where
 * @service:   for whom
 * @payload:   copied
 * @n_payload: its bytes
 * @waiter:    as with actor_address_post()
 *
 * Thread:  any
 * Return:  0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_TOO_BIG, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_send_frame(struct actor_peer *peer, uint64_t service,
						       const uint8_t *payload, size_t n_payload,
						       struct actor_waiter *waiter);

/** actor_peer_call_frame() - the same for a call; @call is the peer's on success. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_peer_call_frame(struct actor_peer *peer, uint64_t service,
						       const uint8_t *payload, size_t n_payload,
						       struct actor_waiter *waiter,
						       struct actor_frame_call *call);

/** actor_peer_withdraw_waiter() - take a waiter of these two out of line. Thread: the waiter's
 * owner */
ACTOR_EXPORT void actor_peer_withdraw_waiter(struct actor_peer *peer, struct actor_waiter *waiter);

ACTOR__END_C

#endif
