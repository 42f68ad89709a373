/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TLS_H
#define ACTOR__TLS_H

#include <actor-remote/tls.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

/** struct actor__tls_files - where it is read from: as in struct actor_tls_options */
struct actor__tls_files {
	const char *certificate;
	const char *key;
	const char *ca;
	const char *crl;
};

/**
 * struct actor_tls - see tls.c
 * @lock:    of @context
 * @context: of OpenSSL, with what was read last; all else does not change
 * @loading: held by who reads, so that what was read last is what was there last
 * @method:  how its connections reach the transport below: see tls-records.c
 * @names:   whom a server lets in; none: everybody who is trusted
 */
struct actor_tls {
	atomic_uint n_owners;
	pthread_mutex_t lock;
	SSL_CTX *context;
	pthread_mutex_t loading;
	BIO_METHOD *method;
	struct actor__tls_files files;
	int64_t handshake_ns;
	unsigned insecure;
	size_t n_names;
	char *names[];
};

/** actor__tls_context() - the one for a new connection; the caller's to free */
SSL_CTX *actor__tls_context(struct actor_tls *tls);

/** actor__tls_wrong() - say what is, with which file (or NULL), and what OpenSSL says of it;
 * returns
 * @status, or ACTOR_E_NOMEM if OpenSSL says so */
int actor__tls_wrong(struct actor_why *why, int status, const char *what, const char *file);

/* ---- tls-load.c */

/** actor__tls_load() - what is in the files. As actor_tls_create() */
int actor__tls_load(SSL_CTX *context, const struct actor__tls_files *files, struct actor_why *why);

enum {
	/** a record has at most so many bytes of what is written */
	ACTOR__TLS_RECORD_BYTES = 16384,
	/** and so many more on the way, with what may have to go before it */
	ACTOR__TLS_RECORD_ROOM = ACTOR__TLS_RECORD_BYTES + 512,
	/** so many are sent at a time; and beyond them there is room for what closes */
	ACTOR__TLS_OUT_BYTES = 2 * ACTOR__TLS_RECORD_ROOM + 512
};

/** actor__tls_records_per_key - so many are written with one key: well below what AES-GCM is good
 * for. Of the process; another number only for tests */
extern uint32_t actor__tls_records_per_key;

/**
 * struct actor__tls_records - one end of a connection, without a transport
 * @in:         encrypted bytes to be read next: of whoever has set them
 * @out:        encrypted bytes to be sent, of which @n_out are in use
 * @out_closed: what else there would be is dropped
 * @n_written:  records
 * @name:       whom the other side has to be; NULL: for a client anybody, for a server as @tls says
 * @status:     an error, when it has failed; @system_errno, @why belong to it
 * @shaken:     the handshake is over, as far as this side knows
 * @heard:      something was read
 */
struct actor__tls_records {
	struct actor_tls *tls;
	SSL *ssl;
	const uint8_t *in;
	size_t n_in;
	uint8_t *out;
	size_t n_out;
	bool out_closed;
	uint32_t n_written;
	const char *name;
	int status;
	int system_errno;
	char why[160];
	bool shaken;
	bool heard;
};

/* ---- tls-records.c */

/** enum actor__tls_step - how far something went */
enum actor__tls_step {
	ACTOR__TLS_FAILED = -1, /* for good: &actor__tls_records.status */
	ACTOR__TLS_WAITS,	/* for bytes to be read, or for room */
	ACTOR__TLS_DONE,
	ACTOR__TLS_CLOSED /* the other side has closed */
};

/** actor__tls_method() - NULL: no memory */
BIO_METHOD *actor__tls_method(void);

/** actor__tls_records_init() - 0, ACTOR_E_NOMEM. @records is zeroed, but for @tls, @out, @name */
int actor__tls_records_init(struct actor__tls_records *records, bool is_server);

/** actor__tls_records_deinit() - of zeroed ones, too */
void actor__tls_records_deinit(struct actor__tls_records *records);

/** actor__tls_shake() - go on with the handshake */
enum actor__tls_step actor__tls_shake(struct actor__tls_records *records);

/** actor__tls_read() - at least a byte, if it is done */
enum actor__tls_step actor__tls_read(struct actor__tls_records *records, uint8_t *buffer,
				     size_t n_buffer, size_t *ret_n);

/** actor__tls_write() - at most one record; there has to be room for it, and the same bytes again
 * if it waits */
enum actor__tls_step actor__tls_write(struct actor__tls_records *records, const uint8_t *bytes,
				      size_t n, size_t *ret_n);

/** actor__tls_close() - tell the other side that nothing more will be written */
enum actor__tls_step actor__tls_close(struct actor__tls_records *records);

/** actor__tls_fail() - it is over, unless it was already */
void actor__tls_fail(struct actor__tls_records *records, int status, int system_errno,
		     const char *why);

/* ---- tls-verify.c */

/** actor__tls_verify() - is this chain one that is trusted, of who is expected: for
 * SSL_CTX_set_cert_verify_callback() */
int actor__tls_verify(X509_STORE_CTX *store, void *unused);

/** actor__tls_is_name() - whether a certificate may be asked for to be for that */
bool actor__tls_is_name(const char *name);

/** actor__tls_name_bytes() - how much of it is said in one: not the interface of a link-local
 * address behind a "%", nor a dot at the end, with which a look-up is not to try others */
size_t actor__tls_name_bytes(const char *name);

/** actor__tls_is_number() - whether that is an IP address */
bool actor__tls_is_number(const char *name);

/** actor__tls_certificate() - what it says of whose it is. ACTOR_E_NOMEM */
int actor__tls_certificate(const X509 *x509, struct actor_certificate *ret_certificate);

/** actor__tls_lacks_memory() - whether OpenSSL's errors on this thread are for want of that */
bool actor__tls_lacks_memory(void);

/** actor__tls_reason() - what OpenSSL's last error on this thread says, and forget all of them */
void actor__tls_reason(char *text, size_t n_text);

#endif
