/* SPDX-License-Identifier: MIT */

/*
 * What one side proves who it is with, and whom it trusts. Once made, it does not change, so that
 * any number of connections may have it on any threads; each of them owns it.
 *
 * OpenSSL's context is made for TLS 1.3 alone, and for nothing that could be left out: no tickets,
 * no sessions to be resumed, and so no early data; compression and renegotiation there are not.
 * What OpenSSL would ask a person for, the password of a key, it is told that there is none. And it
 * is not to free what it has when the program ends: other threads may still be using that.
 */

#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_HANDSHAKE_NS INT64_C(10000000000)
enum { MOST_CHAIN_BYTES = 65536, MOST_CHAIN_LENGTH = 8 };

/* ---- what is wrong */

static int wrong(struct actor_why *why, int status, const char *what, const char *file)
{
	char reason[128];

	actor__tls_reason(reason, sizeof reason);
	if (why)
		snprintf(why->text, sizeof why->text, "%s%s%s%s%s", file ? file : "",
			 file ? ": " : "", what, reason[0] ? ": " : "", reason);
	return status;
}

/* OpenSSL says of a file that is not there what it says of one that is no PEM. */
static int look_at_file(const char *file, struct actor_why *why)
{
	FILE *stream = fopen(file, "re");
	int error = errno;

	if (!stream)
		return wrong(why, ACTOR_E_SYSTEM, strerror(error), file);
	error = fgetc(stream) == EOF && ferror(stream) ? errno : 0;
	fclose(stream);
	return error ? wrong(why, ACTOR_E_SYSTEM, strerror(error), file) : 0;
}

/* ---- loading */

static int no_password(char *buffer, int n_buffer, int for_writing, void *user)
{
	(void)buffer, (void)n_buffer, (void)for_writing, (void)user;
	return -1;
}

static int load_identity(SSL_CTX *context, const struct actor_tls_options *options,
			 struct actor_why *why)
{
	const char *certificate = options->certificate_file, *key = options->key_file;
	int rc = look_at_file(certificate, why);

	if (rc == 0)
		rc = look_at_file(key, why);
	if (rc < 0)
		return rc;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return wrong(why, ACTOR_E_INVALID, "no certificate", certificate);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return wrong(why, ACTOR_E_INVALID, "no private key of that certificate", key);
	return 0;
}

static int load(SSL_CTX *context, const struct actor_tls_options *options, struct actor_why *why)
{
	int rc = 0;

	if (options->certificate_file)
		rc = load_identity(context, options, why);
	if (rc < 0 || !options->ca_file)
		return rc;
	rc = look_at_file(options->ca_file, why);
	if (rc < 0)
		return rc;
	if (SSL_CTX_load_verify_file(context, options->ca_file) != 1)
		return wrong(why, ACTOR_E_INVALID, "no certificates", options->ca_file);
	return 0;
}

static int make_context(struct actor_tls *tls, struct actor_why *why)
{
	SSL_CTX *context;

	OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
	context = SSL_CTX_new(TLS_method());
	tls->context = context;
	tls->method = actor__tls_method();
	if (!context || !tls->method || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_num_tickets(context, 0))
		return wrong(why, ACTOR_E_NOMEM, actor_strerror(ACTOR_E_NOMEM), NULL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context,
			    SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_max_cert_list(context, MOST_CHAIN_BYTES);
	SSL_CTX_set_verify_depth(context, MOST_CHAIN_LENGTH);
	SSL_CTX_set_cert_verify_callback(context, actor__tls_verify, NULL);
	SSL_CTX_set_verify(context,
			   tls->insecure & ACTOR_TLS_INSECURE_ANYBODY
				   ? SSL_VERIFY_NONE
				   : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   NULL);
	SSL_CTX_set_default_passwd_cb(context, no_password);
	return 0;
}

/* ---- options */

static int options_check(const struct actor_tls_options *options, struct actor_why *why)
{
	const char *what = NULL;

	if (!options->ca_file && !(options->insecure & ACTOR_TLS_INSECURE_ANYBODY))
		what = "no authorities to trust";
	else if (!options->certificate_file != !options->key_file)
		what = "a certificate goes with a key";
	else if (options->handshake_ns < 0)
		what = "a handshake takes more than no time";
	for (size_t i = 0; i < options->n_names && !what; i++)
		if (!actor__tls_is_name(options->names[i]))
			what = "a name is none";
	return what ? wrong(why, ACTOR_E_INVALID, what, NULL) : 0;
}

static struct actor_tls *tls_alloc(const struct actor_tls_options *options)
{
	size_t n = options->n_names, n_bytes = sizeof(struct actor_tls) + n * sizeof(char *);
	struct actor_tls *tls;
	char *text;

	for (size_t i = 0; i < n; i++)
		n_bytes += strlen(options->names[i]) + 1;
	tls = calloc(1, n_bytes);
	if (!tls)
		return NULL;
	text = (char *)&tls->names[n];
	for (size_t i = 0; i < n; i++) {
		tls->names[i] = text;
		text = stpcpy(text, options->names[i]) + 1;
	}
	tls->n_names = n;
	atomic_init(&tls->n_owners, 1);
	tls->handshake_ns = options->handshake_ns ? options->handshake_ns : DEFAULT_HANDSHAKE_NS;
	tls->insecure = options->insecure;
	tls->has_identity = options->certificate_file;
	return tls;
}

int actor_tls_create(const struct actor_tls_options *given, struct actor_tls **ret_tls,
		     struct actor_why *why)
{
	struct actor_tls_options options = { 0 };
	struct actor_tls *tls;
	int rc;

	memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
	ERR_clear_error();
	rc = options_check(&options, why);
	if (rc < 0)
		return rc;
	tls = tls_alloc(&options);
	if (!tls)
		return wrong(why, ACTOR_E_NOMEM, actor_strerror(ACTOR_E_NOMEM), NULL);
	rc = make_context(tls, why);
	if (rc == 0)
		rc = load(tls->context, &options, why);
	ERR_clear_error();
	if (rc < 0)
		actor_tls_unref(tls);
	else
		*ret_tls = tls;
	return rc;
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
	free(tls);
}
