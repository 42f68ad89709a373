/* SPDX-License-Identifier: MIT */

/*
 * One end of a connection, as OpenSSL has it, between bytes that have come and bytes that are to be
 * sent. It is read from where they are, so that nothing is kept of them but what belongs to a
 * record that is not whole; and what is to be sent is put into memory that is given: when there is
 * no room OpenSSL has to wait.
 *
 * OpenSSL keeps its errors in a queue of the thread's, which has to be empty before each operation,
 * whatever the program may have left there; we leave nothing.
 */

#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

uint32_t actor__tls_records_per_key = 1 << 22;

/* ---- where OpenSSL reads and writes */

static int source_read(BIO *bio, char *buffer, size_t n_buffer, size_t *ret_n)
{
	struct actor__tls_records *records = BIO_get_data(bio);
	size_t n = records->n_in < n_buffer ? records->n_in : n_buffer;

	BIO_clear_retry_flags(bio);
	if (n == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(buffer, records->in, n);
	records->in += n;
	records->n_in -= n;
	*ret_n = n;
	return 1;
}

static int sink_write(BIO *bio, const char *bytes, size_t n_bytes, size_t *ret_n)
{
	struct actor__tls_records *records = BIO_get_data(bio);
	size_t room = ACTOR__TLS_OUT_BYTES - records->n_out;
	size_t n = n_bytes < room ? n_bytes : room;

	BIO_clear_retry_flags(bio);
	if (records->out_closed) {
		*ret_n = n_bytes;
		return 1;
	}
	if (n == 0) {
		BIO_set_retry_write(bio);
		return 0;
	}
	memcpy(records->out + records->n_out, bytes, n);
	records->n_out += n;
	*ret_n = n;
	return 1;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *actor__tls_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "actor");

	if (!method || !BIO_meth_set_read_ex(method, source_read) ||
	    !BIO_meth_set_write_ex(method, sink_write) || !BIO_meth_set_ctrl(method, control)) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

/* ---- making one */

/* So that a server with several certificates takes the one for that name. */
static int ask_for(SSL *ssl, const char *name)
{
	if (!name || actor__tls_is_number(name))
		return 0;
	return SSL_set_tlsext_host_name(ssl, name) == 1 ? 0 : ACTOR_E_NOMEM;
}

/* The BIO is its from then on. */
static int begin(struct actor__tls_records *records, BIO *bio, bool is_server)
{
	BIO_set_data(bio, records);
	BIO_set_init(bio, 1);
	SSL_set_bio(records->ssl, bio, bio);
	if (SSL_set_app_data(records->ssl, records) != 1)
		return ACTOR_E_NOMEM;
	if (is_server)
		SSL_set_accept_state(records->ssl);
	else
		SSL_set_connect_state(records->ssl);
	return ask_for(records->ssl, records->name);
}

int actor__tls_records_init(struct actor__tls_records *records, bool is_server)
{
	SSL_CTX *context = actor__tls_context(records->tls);
	BIO *bio = BIO_new(records->tls->method);
	int rc = ACTOR_E_NOMEM;

	records->ssl = SSL_new(context);
	SSL_CTX_free(context);
	if (records->ssl && bio)
		rc = begin(records, bio, is_server);
	else
		BIO_free(bio);
	if (rc < 0)
		actor__tls_records_deinit(records);
	ERR_clear_error();
	return rc;
}

void actor__tls_records_deinit(struct actor__tls_records *records)
{
	SSL_free(records->ssl);
	records->ssl = NULL;
}

/* ---- what has gone wrong */

void actor__tls_fail(struct actor__tls_records *records, int status, int system_errno,
		     const char *why)
{
	if (records->status)
		return;
	records->status = status;
	records->system_errno = system_errno;
	actor__copy_text(records->why, sizeof records->why, why);
}

static void fail_certificate(struct actor__tls_records *records, long result)
{
	const char *name = records->name;
	char why[sizeof records->why];

	if (result != X509_V_ERR_HOSTNAME_MISMATCH)
		snprintf(why, sizeof why, "the certificate of the other side: %s",
			 X509_verify_cert_error_string(result));
	else
		snprintf(why, sizeof why, "the certificate of the other side is not for %s",
			 SSL_is_server(records->ssl) ? "anybody who is let in" : name);
	actor__tls_fail(records, ACTOR_E_UNTRUSTED, 0, why);
}

/* Until something is read, a client does not know what the server thinks of it. */
static void fail_otherwise(struct actor__tls_records *records, bool is_alert)
{
	bool in_handshake = !records->shaken ||
			    (is_alert && !SSL_is_server(records->ssl) && !records->heard);
	char reason[96], why[sizeof records->why];

	actor__tls_reason(reason, sizeof reason);
	snprintf(why, sizeof why, is_alert ? "the other side says: %s" : "TLS: %s", reason);
	actor__tls_fail(records, in_handshake ? ACTOR_E_HANDSHAKE : ACTOR_E_PROTOCOL, 0, why);
}

static bool is_reason(unsigned long error, int reason)
{
	return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == reason;
}

/* Before what TLS says of a certificate there may be what is said of a signature. */
static void fail(struct actor__tls_records *records)
{
	long result = SSL_get_verify_result(records->ssl);
	unsigned long error = ERR_peek_error(), last = ERR_peek_last_error();
	bool is_alert = ERR_GET_LIB(error) == ERR_LIB_SSL &&
			ERR_GET_REASON(error) > SSL_AD_REASON_OFFSET;

	if (actor__tls_lacks_memory())
		actor__tls_fail(records, ACTOR_E_SYSTEM, ENOMEM, "no memory for TLS");
	else if (is_reason(error, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE))
		actor__tls_fail(records, ACTOR_E_UNTRUSTED, 0, "the other side has no certificate");
	else if (is_reason(last, SSL_R_CERTIFICATE_VERIFY_FAILED) && result != X509_V_OK)
		fail_certificate(records, result);
	else
		fail_otherwise(records, is_alert);
}

/* ---- what is done with it */

static enum actor__tls_step look(struct actor__tls_records *records, int rc)
{
	enum actor__tls_step step;

	switch (SSL_get_error(records->ssl, rc)) {
	case SSL_ERROR_NONE:
		step = ACTOR__TLS_DONE;
		break;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		step = ACTOR__TLS_WAITS;
		break;
	case SSL_ERROR_ZERO_RETURN:
		step = ACTOR__TLS_CLOSED;
		break;
	default:
		fail(records);
		step = ACTOR__TLS_FAILED;
	}
	ERR_clear_error();
	return step;
}

enum actor__tls_step actor__tls_shake(struct actor__tls_records *records)
{
	enum actor__tls_step step;

	ERR_clear_error();
	step = look(records, SSL_do_handshake(records->ssl));
	if (step == ACTOR__TLS_CLOSED) {
		actor__tls_fail(records, ACTOR_E_HANDSHAKE, 0, "the other side has closed");
		step = ACTOR__TLS_FAILED;
	}
	records->shaken = step == ACTOR__TLS_DONE;
	return step;
}

enum actor__tls_step actor__tls_read(struct actor__tls_records *records, uint8_t *buffer,
				     size_t n_buffer, size_t *ret_n)
{
	enum actor__tls_step step;

	ERR_clear_error();
	step = look(records, SSL_read_ex(records->ssl, buffer, n_buffer, ret_n));
	records->heard |= step == ACTOR__TLS_DONE;
	return step;
}

static void look_at_key(struct actor__tls_records *records)
{
	if (++records->n_written % actor__tls_records_per_key == 0)
		SSL_key_update(records->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
}

enum actor__tls_step actor__tls_write(struct actor__tls_records *records, const uint8_t *bytes,
				      size_t n, size_t *ret_n)
{
	size_t n_record = n < ACTOR__TLS_RECORD_BYTES ? n : ACTOR__TLS_RECORD_BYTES;
	enum actor__tls_step step;

	ERR_clear_error();
	step = look(records, SSL_write_ex(records->ssl, bytes, n_record, ret_n));
	if (step == ACTOR__TLS_DONE)
		look_at_key(records);
	return step;
}

/* New keys that are due are to be said before, as OpenSSL has it. */
enum actor__tls_step actor__tls_close(struct actor__tls_records *records)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(records->ssl);
	if (rc == 1)
		rc = SSL_shutdown(records->ssl) < 0 ? -1 : 1; /* 0: said, and not heard */
	return rc < 1 ? look(records, rc) : ACTOR__TLS_DONE;
}
