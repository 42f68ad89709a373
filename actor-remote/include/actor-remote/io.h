/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_IO_H
#define ACTOR_REMOTE_IO_H

#include <actor-remote/tls.h>

ACTOR__BEGIN_C

/**
 * DOC: connections of the operating system
 *
 * They live in a loop of libuv, on one thread, together with the peers that own them and with
 * whatever actors one likes to have there. An address is a text:
 *
 *	tcp:HOST:PORT     tcp:127.0.0.1:4000, tcp:[::1]:4000, tcp:example.org:4000
 *	unix:PATH         a socket in the file system
 *
 * To listen on port 0 picks a free one.
 */

struct uv_loop_s; /* uv_loop_t */

/** struct actor_io - a loop in which connections live */
struct actor_io;

/**
 * struct actor_io_options - choices; zero means the default
 * @size: sizeof(struct actor_io_options)
 * @loop: one that this thread runs: see actor_uv_create(). Default: a thread of its own runs one.
 *        Who calls over a connection on the loop's thread, and not in a handler, waits in vain:
 *        nobody runs the loop meanwhile
 * @keepalive_ns: a TCP connection is lost when for about so long nothing shows that the other side
 *        is there: machines that are switched off or cut off say nothing. The system asks whoever
 *        is quiet, and any other side's system answers, whatever its program does. So it is, too,
 *        when the other side has taken nothing of what was written for so long: choose no less than
 *        &actor_peer_options.stall_ns. Whole seconds, at least 1; default 60 s; ACTOR_FOREVER:
 *        nobody is asked
 */
struct actor_io_options {
	size_t size;
	struct uv_loop_s *loop;
	int64_t keepalive_ns;
};

/**
 * actor_io_create() - a loop for connections
 * @options: NULL for the defaults
 * @ret_io:  the caller's to destroy
 *
 * Thread:  any but a handler; with @loop, the one that runs it
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_SYSTEM, ACTOR_E_INVALID; with @loop as actor_uv_create()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_io_create(const struct actor_io_options *options,
						 struct actor_io **ret_io);

/** actor_io_executor() - where its peers run, and whatever else is to run there; borrowed, and not
 * to be joined or destroyed. Thread: any */
ACTOR_EXPORT struct actor_executor *actor_io_executor(struct actor_io *io);

/**
 * actor_io_join() - wait until nothing lives there any more: actors, transports, listeners
 * @io:          a loop of the caller's is run meanwhile
 * @deadline_ns: absolute, on the executor's clock; when it passes, nothing has changed
 *
 * Closes nothing. What it has waited for in vain, actor_io_destroy() says.
 *
 * Thread:  as actor_io_create()
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_INVALID on the wrong thread
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_io_join(struct actor_io *io, int64_t deadline_ns);

/**
 * actor_io_destroy() - end it, when nothing lives there any more
 * @io: NULL is fine
 *
 * Blocks the thread until that of the loop has ended, if it has one: a name that is being looked up
 * then holds it up, although nobody waits for it any more. With @loop, handles in it are still to
 * be closed: see actor_uv_create().
 *
 * Thread:  as actor_io_create()
 * Return:  0; ACTOR_E_BUSY while there are listeners that nobody has closed, transports that nobody
 *          has destroyed, be it a peer that has not ended, or attempts to connect: the log then
 *          counts them, and all stays as it is; as actor_executor_destroy(), when none of these is
 *          left. ACTOR_E_INVALID on the wrong thread
 */
ACTOR_EXPORT int actor_io_destroy(struct actor_io *io);

/**
 * actor_connect() - a connection to somebody who listens
 * @context:       who waits for it
 * @io:            where it is to live
 * @address:       where to
 * @deadline_ns:   absolute, on the context's clock
 * @ret_transport: the caller's to destroy, or to give to a peer
 *
 * All addresses that a name has are tried, one after the other, until the deadline; one that does
 * not answer for no longer than its share of the time that is left. A Unix socket whose backlog is
 * full is tried again and again. A socket that TCP has connected to itself, as it may where nobody
 * listens, counts as refused.
 *
 * Thread:  context
 * Return:  0; ACTOR_E_INVALID for an address that is none; ACTOR_E_SYSTEM, with errno in the
 *          detail, like ECONNREFUSED, or none for a name that cannot be found; ACTOR_E_TIMEOUT,
 *          ACTOR_E_CANCELLED, ACTOR_E_NOMEM; ACTOR_E_NOSUSPEND, also outside handlers on the thread
 *          that runs the loop, which would wait for itself. The detail's text names the address,
 *          and says why
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_connect(struct actor_context *context, struct actor_io *io,
					       const char *address, int64_t deadline_ns,
					       struct actor_transport **ret_transport);

/**
 * struct actor_connect_options - choices; zero means the default
 * @size:     sizeof(struct actor_connect_options)
 * @tls:      with TLS, as the client; referenced. Default: as it is
 * @tls_name: whom the other side's certificate has to be for; default: the HOST of the address. A
 *            PATH is nobody's name
 */
struct actor_connect_options {
	size_t size;
	struct actor_tls *tls;
	const char *tls_name;
};

/**
 * actor_connect_with() - as actor_connect(), with options
 * @options: borrowed; NULL for the defaults
 *
 * To shake hands, the transport has to be started: so what comes of it, is told there.
 *
 * Thread:  context
 * Return:  as actor_connect()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_connect_with(struct actor_context *context,
						    struct actor_io *io, const char *address,
						    const struct actor_connect_options *options,
						    int64_t deadline_ns,
						    struct actor_transport **ret_transport);

/**
 * typedef actor_accept_fn - told of a connection that somebody has made
 * @user:      as given
 * @transport: the callee's to destroy, or to give to a peer
 *
 * Runs on the loop's thread; must not wait.
 */
typedef void actor_accept_fn(void *user, struct actor_transport *transport);

/** struct actor_listener - waits for connections */
struct actor_listener;

/**
 * struct actor_listen_options - choices; zero means the default
 * @size:         sizeof(struct actor_listen_options)
 * @accept:       required
 * @user:         for it
 * @on_closed:    called last of all, when @accept is not running and never will be, and the address
 *                can be had again; optional
 * @backlog:      how many may wait to be accepted, as the system takes it; default 128
 * @most:         connections at a time; those beyond it wait in the backlog. Default: 1,024
 * @refuse:       those beyond it are accepted and closed at once instead, so that who connects need
 *                not wait to learn it
 * @first_byte_timeout_ns: a connection over which nothing at all has come so long after it was
 *                started is lost, with ETIMEDOUT. Default: ACTOR_FOREVER, since the other side may
 *                well wait for this one
 * @tls:          with TLS, as the server, with a certificate; referenced. Default: as they are
 */
struct actor_listen_options {
	size_t size;
	actor_accept_fn *accept;
	void *user;
	void (*on_closed)(void *user);
	int backlog;
	size_t most;
	bool refuse;
	int64_t first_byte_timeout_ns;
	struct actor_tls *tls;
};

/**
 * actor_listen() - wait for connections
 * @context:      who waits until it listens
 * @io:           where it is to live
 * @address:      where; a Unix socket that nobody listens on any more is replaced
 * @options:      borrowed
 * @ret_listener: the caller's to close
 *
 * When the system has no descriptor or memory for another connection, it accepts none for a moment,
 * which the log has as a warning: who connects then waits, too.
 *
 * With TLS, a connection is given to @accept as soon as it is made: hands are shaken when it is
 * started, and until then it takes up a place.
 *
 * Nobody waits but for a name to be looked up: to listen at a number or a path can be done
 * anywhere.
 *
 * Thread:  context
 * Return:  0, ACTOR_E_INVALID, ACTOR_E_SYSTEM with errno in the detail, like EADDRINUSE, and as
 *          actor_connect()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_listen(struct actor_context *context, struct actor_io *io,
					      const char *address,
					      const struct actor_listen_options *options,
					      struct actor_listener **ret_listener);

/** actor_listener_address() - where it listens, with the port that was picked; borrowed until it is
 * closed. Thread: any */
ACTOR_EXPORT const char *actor_listener_address(const struct actor_listener *listener);

/**
 * struct actor_listener_counts - a listener at one moment
 * @n_connections: that it has accepted and that are there
 * @n_accepted:    since it began
 * @n_refused:     closed at once: there were @most, or there was no memory
 */
struct actor_listener_counts {
	size_t n_connections;
	uint64_t n_accepted;
	uint64_t n_refused;
};

/** actor_listener_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_listener_counts_get(const struct actor_listener *listener,
					    struct actor_listener_counts *ret_counts);

/**
 * actor_listener_close() - accept no more; connections that there are stay
 * @listener: NULL is fine; gone after this
 *
 * Never waits: a moment later the port is free, or a Unix socket's file removed, if it still is the
 * one that was made. Who is to listen there again is to be told so by
 * &actor_listen_options.on_closed; and to actor_io_join() it is gone then.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_listener_close(struct actor_listener *listener);

ACTOR__END_C

#endif
