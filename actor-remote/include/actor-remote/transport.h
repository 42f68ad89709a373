/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_TRANSPORT_H
#define ACTOR_REMOTE_TRANSPORT_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

struct actor_transport;

/**
 * struct actor_certificate - who the other side of a connection has proven to be
 * @common_name: of the subject, in UTF-8; "" if there is none, or it is longer
 * @names:       what the certificate is for, its subject alternative names: like "DNS:example.org",
 *               "IP:192.0.2.1", "URI:spiffe://example.org/a", "email:a@example.org"
 * @n_names:     how many of them; what is longer, beyond these, or no plain text is left out
 * @sha256:      fingerprint of the certificate
 */
struct actor_certificate {
	char common_name[65];
	char names[8][264];
	size_t n_names;
	uint8_t sha256[32];
};

/**
 * struct actor_transport_events - what a transport tells whoever uses it
 *
 * On the thread of its executor, outside the handlers of who uses it, which must not wait in them;
 * never from inside an operation of the same transport, and none after
 * &actor_transport_ops.destroy. In any of them, any operation may be called: a peer writes while it
 * is told what has come.
 */
struct actor_transport_events {
	size_t size;
	/* 1.0: all required */
	/** @read: bytes came, at least 1; borrowed for the call */
	void (*read)(void *user, const uint8_t *bytes, size_t n);
	/** @written: what @write answered with ACTOR_PENDING has gone out */
	void (*written)(void *user);
	/**
	 * @ended: nothing will come any more
	 *
	 * @status is 0, once, when the other side has closed its direction in order: one may still
	 * write. Otherwise the connection is lost: ACTOR_E_SYSTEM, with @system_errno, which is 0
	 * if not known; or another error, if the transport has reasons of its own (tls.h). That may
	 * follow the other, as when what is written then arrives nowhere; it is the last event of
	 * all. What has come before is read before, while reading is on.
	 */
	void (*ended)(void *user, int status, int system_errno);
	/* 1.1: optional */
	/** @opened: what &actor_transport_ops.start began with ACTOR_PENDING has come about: what
	 * is written is on its way. Once, before @read and @written; or @ended tells why not */
	void (*opened)(void *user);
};

/**
 * struct actor_transport_ops - a stream of bytes each way
 *
 * A transport belongs to an executor that runs on one thread, and all of these are called there
 * and nowhere else, but for @destroy before @start, which may be called anywhere. None waits.
 * Bytes arrive complete, in order and once, or the connection ends.
 */
struct actor_transport_ops {
	size_t size;
	/* 1.0: all required */
	/** @start: begin; the other operations, but for @destroy and @describe, are called only
	 * after it has returned 0. Reading is on. @events are borrowed until @destroy.
	 * 0; ACTOR_PENDING: also good, but that both sides have to agree about something before
	 * anything that is written goes out, and @opened will tell, which there is; ACTOR_E_NOMEM,
	 * ACTOR_E_SYSTEM, ACTOR_E_CLOSED when the executor is */
	int (*start)(struct actor_transport *transport, const struct actor_transport_events *events,
		     void *user);
	/** @read: pause reading, or go on with it. While it is paused nothing is read, nor the end
	 * in order: so that who sends will have to wait in the end. That the connection is lost may
	 * be told even so, and what has come and was not read is then lost, too */
	void (*read)(struct actor_transport *transport, bool on);
	/**
	 * @write: send bytes; only when the write before is not pending
	 *
	 * Return: 0 when all have been taken; ACTOR_PENDING: @bytes have to stay until @written,
	 *         @ended with an error, or @destroy has returned; ACTOR_E_SYSTEM: the connection
	 *         is lost, @ended says how. Each at least 1 byte
	 */
	int (*write)(struct actor_transport *transport, const uint8_t *bytes, size_t n);
	/** @shutdown: close this direction, after what has been written. Once; no write after it.
	 * What was pending still is, until @written */
	void (*shutdown)(struct actor_transport *transport);
	/** @destroy: close both, at once, drop what is pending, and free it. The other side sees
	 * an end in order, unless the transport knows that something was lost. It is not quite gone
	 * before the executor has run once more */
	void (*destroy)(struct actor_transport *transport);
	/** @describe: like "tcp:192.0.2.1:4711", the other side; a length as of snprintf().
	 * Thread: any */
	int (*describe)(const struct actor_transport *transport, char *buffer, size_t n_buffer);
	/* 1.1: optional */
	/** @certificate: who the other side has proven to be; borrowed until @destroy. NULL:
	 * nobody, or not yet: it is known before anything is read. Default: nobody */
	const struct actor_certificate *(*certificate)(const struct actor_transport *transport);
	/** @why: in words, why the connection is lost, when that has been told; borrowed until
	 * @destroy. Default: "" */
	const char *(*why)(const struct actor_transport *transport);
};

/**
 * struct actor_transport - embedded first in what implements one
 * @ops:      what it does
 * @executor: on whose one thread
 */
struct actor_transport {
	const struct actor_transport_ops *ops;
	struct actor_executor *executor;
};

/** actor_transport_start() - see &actor_transport_ops.start */
ACTOR_NODISCARD static inline int actor_transport_start(struct actor_transport *transport,
							const struct actor_transport_events *events,
							void *user)
{
	return transport->ops->start(transport, events, user);
}

/** actor_transport_read() - see &actor_transport_ops.read */
static inline void actor_transport_read(struct actor_transport *transport, bool on)
{
	transport->ops->read(transport, on);
}

/** actor_transport_write() - see &actor_transport_ops.write */
ACTOR_NODISCARD static inline int actor_transport_write(struct actor_transport *transport,
							const uint8_t *bytes, size_t n)
{
	return transport->ops->write(transport, bytes, n);
}

/** actor_transport_shutdown() - see &actor_transport_ops.shutdown */
static inline void actor_transport_shutdown(struct actor_transport *transport)
{
	transport->ops->shutdown(transport);
}

/** actor_transport_destroy() - see &actor_transport_ops.destroy; NULL is fine */
static inline void actor_transport_destroy(struct actor_transport *transport)
{
	if (transport)
		transport->ops->destroy(transport);
}

/** actor_transport_describe() - see &actor_transport_ops.describe */
static inline int actor_transport_describe(const struct actor_transport *transport, char *buffer,
					   size_t n_buffer)
{
	return transport->ops->describe(transport, buffer, n_buffer);
}

/** actor_transport_certificate() - see &actor_transport_ops.certificate */
static inline const struct actor_certificate *actor_transport_certificate(
	const struct actor_transport *transport)
{
	return ACTOR_OPS_HAS(transport->ops, struct actor_transport_ops, certificate)
		       ? transport->ops->certificate(transport)
		       : NULL;
}

/** actor_transport_why() - see &actor_transport_ops.why */
static inline const char *actor_transport_why(const struct actor_transport *transport)
{
	return ACTOR_OPS_HAS(transport->ops, struct actor_transport_ops, why)
		       ? transport->ops->why(transport)
		       : "";
}

/**
 * actor_pair_create() - two transports, each the other side of the other, in memory
 * @executor_a: that of one, see &actor_transport.executor; of any kind that runs on one thread
 * @executor_b: that of the other; may be the same
 * @ret_a:      the caller's to destroy, or to give to a peer
 * @ret_b:      the same
 *
 * From start to destroy, an end is an actor of its executor: see actor_executor_join(). It may be
 * started and destroyed in handlers. To start it on an executor of several threads is
 * ACTOR_E_UNSUPPORTED. What has been written but not read when the other end is destroyed is known
 * to be lost.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_pair_create(struct actor_executor *executor_a,
						   struct actor_executor *executor_b,
						   struct actor_transport **ret_a,
						   struct actor_transport **ret_b);

ACTOR__END_C

#endif
