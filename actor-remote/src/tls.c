/* SPDX-License-Identifier: MIT */

/*
 * What one side proves who it is with, and whom it trusts, for any number of connections on any
 * threads; each of them owns it. All of it stays as it was made, but for OpenSSL's context, which
 * is what has been read of files: when they are read again, another one takes its place, for
 * connections to come. Those that there are own the one that they were made with.
 *
 * That context is made for TLS 1.3 alone, and for nothing that could be left out: no tickets, no
 * sessions to be resumed, and so no early data; compression and renegotiation there are not. Keys
 * are agreed on over curves: what else there is has a stranger's one message cost a server a tenth
 * of a second. And OpenSSL is not to free what it has when the program ends: other threads may
 * still be using that.
 */

#include "tls.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_HANDSHAKE_NS INT64_C(10000000000)
enum {
	MOST_CHAIN_BYTES = 32768,
	MOST_CHAIN_LENGTH = 8,
	LEAST_LEVEL = 2, /* keys and digests of 112 bits, whatever the system is content with */
};

/* The first not before OpenSSL 3.5, which without it would take no list at all. */
static const char curves[] = "X25519MLKEM768:X25519:P-256:P-384";
static const char *const older_curves = curves + sizeof "X25519MLKEM768";

int actor__tls_wrong(struct actor_why *why, int status, const char *what, const char *file)
{
	char reason[128];

	if (actor__tls_lacks_memory())
		status = ACTOR_E_NOMEM;
	actor__tls_reason(reason, sizeof reason);
	if (why)
		snprintf(why->text, sizeof why->text, "%s%s%s%s%s", file ? file : "",
			 file ? ": " : "", what, reason[0] ? ": " : "", reason);
	return status;
}

static int lack_memory(struct actor_why *why)
{
	return actor__tls_wrong(why, ACTOR_E_NOMEM, actor_strerror(ACTOR_E_NOMEM), NULL);
}

/* OpenSSL does not make what is needed: for want of memory, which it may not even say, or of what
 * it was built or configured to do without. */
static int cannot_make(struct actor_why *why)
{
	if (ERR_peek_error() == 0 || actor__tls_lacks_memory())
		return lack_memory(why);
	return actor__tls_wrong(why, ACTOR_E_UNSUPPORTED, "this OpenSSL does not do it", NULL);
}

/* ---- contexts */

static bool allow(SSL_CTX *context)
{
	uint64_t without = SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION;

#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION /* of OpenSSL 3.2 */
	without |= SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION;
#endif
	SSL_CTX_set_options(context, without);
	if (SSL_CTX_get_security_level(context) < LEAST_LEVEL)
		SSL_CTX_set_security_level(context, LEAST_LEVEL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) &&
	       SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) &&
	       SSL_CTX_set_num_tickets(context, 0) &&
	       (SSL_CTX_set1_groups_list(context, curves) ||
		SSL_CTX_set1_groups_list(context, older_curves));
}

static bool look_at_lists(SSL_CTX *context)
{
	return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context),
					   X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

static bool context_init(SSL_CTX *context, const struct actor_tls *tls)
{
	if (!allow(context) || (tls->files.crl && !look_at_lists(context)))
		return false;
	/* Certificates in between are sent as they are given, and not looked for each time. */
	SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_max_cert_list(context, MOST_CHAIN_BYTES);
	SSL_CTX_set_verify_depth(context, MOST_CHAIN_LENGTH);
	SSL_CTX_set_cert_verify_callback(context, actor__tls_verify, NULL);
	SSL_CTX_set_verify(context,
			   tls->insecure & ACTOR_TLS_INSECURE_ANYBODY
				   ? SSL_VERIFY_NONE
				   : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   NULL);
	return true;
}

static int make_context(const struct actor_tls *tls, SSL_CTX **ret_context, struct actor_why *why)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	int rc;

	if (context && context_init(context, tls)) {
		ERR_clear_error(); /* of what that OpenSSL does not know */
		rc = actor__tls_load(context, &tls->files, why);
	} else {
		rc = cannot_make(why);
	}
	if (rc == 0)
		*ret_context = context;
	else
		SSL_CTX_free(context);
	return rc;
}

SSL_CTX *actor__tls_context(struct actor_tls *tls)
{
	SSL_CTX *context;

	pthread_mutex_lock(&tls->lock);
	context = tls->context;
	SSL_CTX_up_ref(context);
	pthread_mutex_unlock(&tls->lock);
	return context;
}

static void set_context(struct actor_tls *tls, SSL_CTX *context)
{
	SSL_CTX *before;

	pthread_mutex_lock(&tls->lock);
	before = tls->context;
	tls->context = context;
	pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(before);
}

static int load(struct actor_tls *tls, struct actor_why *why)
{
	SSL_CTX *context;
	int rc;

	ERR_clear_error();
	pthread_mutex_lock(&tls->loading);
	rc = make_context(tls, &context, why);
	if (rc == 0)
		set_context(tls, context);
	pthread_mutex_unlock(&tls->loading);
	ERR_clear_error();
	return rc;
}

/* ---- options */

static int options_check(const struct actor_tls_options *options, struct actor_why *why)
{
	const char *what = NULL;

	if (!options->ca_file && !(options->insecure & ACTOR_TLS_INSECURE_ANYBODY))
		what = "no authorities to trust";
	else if (!options->certificate_file != !options->key_file)
		what = "a certificate goes with a key";
	else if (options->crl_file && options->insecure & ACTOR_TLS_INSECURE_ANYBODY)
		what = "who trusts anybody looks at no revocation list";
	else if (options->n_names > 0 && options->insecure & ACTOR_TLS_INSECURE_ANYBODY)
		what = "who lets in anybody names nobody";
	else if (options->n_names > 0 && !options->names)
		what = "there are no names";
	else if (options->insecure &
		 ~(unsigned)(ACTOR_TLS_INSECURE_ANY_NAME | ACTOR_TLS_INSECURE_ANYBODY))
		what = "nobody knows what that is not to look at";
	else if (options->handshake_ns < 0)
		what = "a handshake takes more than no time";
	for (size_t i = 0; i < options->n_names && !what; i++)
		if (!actor__tls_is_name(options->names[i]))
			what = "a name is none";
	return what ? actor__tls_wrong(why, ACTOR_E_INVALID, what, NULL) : 0;
}

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* A copy, behind those that there are. */
static char *put_text(char **end, const char *text)
{
	char *copy = text ? *end : NULL;

	if (text)
		*end = stpcpy(copy, text) + 1;
	return copy;
}

static void put_texts(struct actor_tls *tls, const struct actor_tls_options *options)
{
	char *end = (char *)&tls->names[options->n_names];

	for (size_t i = 0; i < options->n_names; i++) {
		tls->names[i] = put_text(&end, options->names[i]);
		tls->names[i][actor__tls_name_bytes(tls->names[i])] = '\0';
	}
	tls->n_names = options->n_names;
	tls->files.certificate = put_text(&end, options->certificate_file);
	tls->files.key = put_text(&end, options->key_file);
	tls->files.ca = put_text(&end, options->ca_file);
	tls->files.crl = put_text(&end, options->crl_file);
}

static struct actor_tls *tls_alloc(const struct actor_tls_options *options)
{
	size_t n_bytes = sizeof(struct actor_tls) + options->n_names * sizeof(char *) +
			 text_bytes(options->certificate_file) + text_bytes(options->key_file) +
			 text_bytes(options->ca_file) + text_bytes(options->crl_file);
	struct actor_tls *tls;

	for (size_t i = 0; i < options->n_names; i++)
		n_bytes += text_bytes(options->names[i]);
	tls = calloc(1, n_bytes);
	if (!tls)
		return NULL;
	put_texts(tls, options);
	atomic_init(&tls->n_owners, 1);
	pthread_mutex_init(&tls->lock, NULL);
	pthread_mutex_init(&tls->loading, NULL);
	tls->handshake_ns = options->handshake_ns ? options->handshake_ns : DEFAULT_HANDSHAKE_NS;
	tls->insecure = options->insecure;
	return tls;
}

int actor_tls_create(const struct actor_tls_options *given, struct actor_tls **ret_tls,
		     struct actor_why *why)
{
	struct actor_tls_options options;
	struct actor_tls *tls;
	int rc;

	if (!actor__options_read(&options, sizeof options, given))
		return actor__tls_wrong(why, ACTOR_E_INVALID, "options without a size", NULL);
	OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
	ERR_clear_error();
	rc = options_check(&options, why);
	if (rc < 0)
		return rc;
	tls = tls_alloc(&options);
	if (!tls)
		return lack_memory(why);
	tls->method = actor__tls_method();
	rc = tls->method ? load(tls, why) : lack_memory(why);
	if (rc < 0)
		actor_tls_unref(tls);
	else
		*ret_tls = tls;
	return rc;
}

int actor_tls_reload(struct actor_tls *tls, struct actor_why *why)
{
	return load(tls, why);
}

/* ---- owners */

struct actor_tls *actor_tls_ref(struct actor_tls *tls)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&tls->n_owners, 1, memory_order_relaxed);
	return tls;
}

void actor_tls_unref(struct actor_tls *tls)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (!tls || atomic_fetch_sub_explicit(&tls->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->method);
	pthread_mutex_destroy(&tls->lock);
	pthread_mutex_destroy(&tls->loading);
	free(tls);
}
