/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_TLS_H
#define ACTOR_REMOTE_TLS_H

#include <actor-remote/schema.h>
#include <actor-remote/transport.h>

ACTOR__BEGIN_C

/**
 * DOC: connections that nobody else can read, write, or pretend to be an end of
 *
 * TLS 1.3 around any transport: what goes through it is encrypted and cannot be changed, and each
 * side proves who it is by a certificate. Nobody is trusted but those to whom one of the
 * authorities of @ca_file has given a certificate: not those that the system trusts. Who does not
 * prove it is cut off before anything of his is read.
 *
 * By address: give &actor_listen_options.tls or &actor_connect_options.tls in io.h. Around a
 * transport of another kind: actor_tls_client(), actor_tls_server().
 *
 * The two sides begin by shaking hands, when the transport is started; what is written before that
 * is over is pending. That it is over &actor_transport_events.opened tells, where there is one.
 * When it fails, the transport ends, with one of:
 *
 *	ACTOR_E_UNTRUSTED   the other side's certificate does not do: by whom it was given, for
 *	                    what, for whom, for how long; or there is none
 *	ACTOR_E_HANDSHAKE   the other side does not speak TLS 1.3, refuses our certificate, or takes
 *	                    too long
 *
 * A client is through before the server has looked at its certificate: that it is refused may come
 * after it has begun to write, and then is ACTOR_E_HANDSHAKE as long as nothing has been read; or
 * the connection is lost, if that is seen first.
 *
 * Later, ACTOR_E_PROTOCOL: what has come is not what the other side has written. And ACTOR_E_SYSTEM
 * with ECONNRESET for a connection that has ended without the other side having said that it
 * closes: an end in order is only that of which nothing has been cut off. actor_transport_why() has
 * more to say in each case; of a peer, it is in the text of its last event.
 *
 * Certificates are looked at when hands are shaken, by the time of day, whatever the executor's
 * clock says; and not again. Give those that are valid for a short time, and read them again before
 * they expire: actor_tls_reload(). Whether one has been revoked is looked for in lists, if there
 * are any: &actor_tls_options.crl_file.
 *
 * A connection takes some 100 KiB of memory more than what it is around, and no more than that
 * whatever the other side does, but for what has come while reading is paused: as many bytes as the
 * transport below reads at a time; and while hands are shaken, 300 KiB. The other side's
 * certificates are of at most 32 KiB together; in memory, where those that are trusted stay, they
 * take several times that if they say very much.
 *
 * Built with OpenSSL 3.0 or later (Meson option "tls"); without, everything here is there, and
 * actor_tls_create() returns ACTOR_E_UNSUPPORTED.
 */

/** struct actor_tls - what one side is to prove who it is with, and whom it trusts; counted */
struct actor_tls;

/** enum actor_tls_insecure - what is not looked at. For tests; everything else is open to whoever
 * sits in between */
enum actor_tls_insecure {
	/** @ACTOR_TLS_INSECURE_ANY_NAME: whoever has a certificate of ours is whom we connect to */
	ACTOR_TLS_INSECURE_ANY_NAME = 1 << 0,
	/** @ACTOR_TLS_INSECURE_ANYBODY: so is who has none of ours; a server asks for none */
	ACTOR_TLS_INSECURE_ANYBODY = 1 << 1
};

/**
 * struct actor_tls_options - choices; zero means the default
 * @size:             sizeof(struct actor_tls_options)
 * @certificate_file: PEM: this side's certificate, then those in between it and the authority's,
 *                    which the other side needs
 * @key_file:         PEM: its private key, not encrypted; may be the same file
 * @ca_file:          PEM: the certificates of the authorities that are trusted, up to one that has
 *                    given its own itself. Required, but with ACTOR_TLS_INSECURE_ANYBODY
 * @names:            of a server: only clients whose certificate is for one of these, taken as the
 *                    name of actor_tls_client(), may connect; not with
 *                    ACTOR_TLS_INSECURE_ANYBODY. Default: whoever has a certificate
 * @n_names:          how many
 * @handshake_ns:     a handshake takes no longer, on the executor's clock; default 10 s
 * @insecure:         of enum actor_tls_insecure
 * @crl_file:         PEM: revocation lists. Nobody is trusted then whose certificate, or one above
 *                    it, is on one; nor who has one by an authority of which there is no list, or
 *                    only one in whose place there should be another by now. Default: none is
 *                    looked at
 *
 * A client that only connects to servers that ask for no certificate needs none.
 *
 * Each file is read once, to its end, which is to come within 16 MiB: so it may be a pipe.
 */
struct actor_tls_options {
	size_t size;
	const char *certificate_file;
	const char *key_file;
	const char *ca_file;
	const char *const *names;
	size_t n_names;
	int64_t handshake_ns;
	unsigned insecure;
	const char *crl_file;
};

/**
 * actor_tls_create() - load them
 * @options: borrowed
 * @ret_tls: the caller's to unref
 * @why:     what is wrong, with which file; NULL is fine
 *
 * Reads files: see actor_tls_reload(). May be used by any number of connections, at a time, as
 * either side.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM; ACTOR_E_SYSTEM for a file that cannot be read; ACTOR_E_INVALID for one
 *          that is not what it should be, for a key that is not the certificate's, and for options
 *          that make no sense; ACTOR_E_UNSUPPORTED when this was built without TLS, or OpenSSL is
 *          configured not to do what is needed
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_tls_create(const struct actor_tls_options *options,
						  struct actor_tls **ret_tls,
						  struct actor_why *why);

/**
 * actor_tls_reload() - read the files again
 * @tls: of those that it was made with, by their names
 * @why: as of actor_tls_create()
 *
 * For connections to come, also of who listens or connects with it already; those that there are
 * go on with what they have. On failure, all stays as it was. A file that is being written is not
 * whole: put another one in its place by renaming, and call this when all are in their places.
 *
 * Thread:  any, but it reads files: not in a handler that others wait for
 * Return:  as actor_tls_create()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_tls_reload(struct actor_tls *tls, struct actor_why *why);

/** actor_tls_ref() - one more owner; returns @tls. Thread: any */
ACTOR_EXPORT struct actor_tls *actor_tls_ref(struct actor_tls *tls);

/** actor_tls_unref() - one owner fewer; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_tls_unref(struct actor_tls *tls);

/**
 * actor_tls_client() - be the side that connects
 * @tls:           referenced
 * @inner:         what it goes through, not started; the new transport's on success, still the
 *                 caller's on failure
 * @name:          the other side's certificate has to be for it, as a DNS name or IP address among
 *                 its subject alternative names; copied, without a "%" and what is behind it, or a
 *                 dot at the end. NULL: ACTOR_E_INVALID but with ACTOR_TLS_INSECURE_ANY_NAME or
 *                 ACTOR_TLS_INSECURE_ANYBODY
 * @ret_transport: the caller's to destroy, or to give to a peer
 *
 * From start to destroy, it is an actor of its executor: see actor_executor_join(). When it is
 * destroyed and has something left to say to the other side, that it closes or why, it stays as
 * long as the transport below takes to send that, at most a second.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_tls_client(struct actor_tls *tls,
						  struct actor_transport *inner, const char *name,
						  struct actor_transport **ret_transport);

/** actor_tls_server() - be the side that is connected to: as actor_tls_client(); ACTOR_E_INVALID
 * without a certificate of its own. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_tls_server(struct actor_tls *tls,
						  struct actor_transport *inner,
						  struct actor_transport **ret_transport);

ACTOR__END_C

#endif
