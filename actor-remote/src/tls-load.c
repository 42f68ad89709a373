/* SPDX-License-Identifier: MIT */

/*
 * What is read of files. Each is read once, from its beginning to its end, so that it may be a
 * pipe, and what has been looked at is what is used. What OpenSSL would ask a person for, the
 * password of a key, it is told that there is none; and of keys nothing is left in memory but where
 * OpenSSL has them.
 */

#include "tls.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FILE_BYTES = 1 << 24 };

/* ---- files */

static int no_password(char *buffer, int n_buffer, int for_writing, void *user)
{
	(void)buffer, (void)n_buffer, (void)for_writing, (void)user;
	return -1;
}

/* 0; or an errno: EFBIG when there is no end of it. */
static int read_stream(FILE *stream, BIO *to)
{
	char bytes[4096];
	size_t n, n_all = 0;
	int error = 0;

	setvbuf(stream, NULL, _IONBF, 0);
	do {
		errno = 0;
		n = fread(bytes, 1, sizeof bytes, stream);
		n_all += n;
		if (ferror(stream))
			error = errno ? errno : EIO;
		else if (n_all > MOST_FILE_BYTES)
			error = EFBIG;
		else if (n > 0 && BIO_write(to, bytes, (int)n) != (int)n)
			error = ENOMEM;
	} while (n > 0 && !error);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return error;
}

/* Memory of that kind is wiped before it is freed. */
static int read_file(const char *file, BIO **ret_text, struct actor_why *why)
{
	FILE *stream = fopen(file, "re");
	int error = stream ? 0 : errno;
	BIO *text = BIO_new(BIO_s_mem());

	if (!text)
		error = ENOMEM;
	else if (stream)
		error = read_stream(stream, text);
	if (stream)
		fclose(stream);
	if (!error) {
		*ret_text = text;
		return 0;
	}
	BIO_free(text);
	ERR_clear_error();
	return actor__tls_wrong(why, error == ENOMEM ? ACTOR_E_NOMEM : ACTOR_E_SYSTEM,
				strerror(error), file);
}

/* ---- what is in them */

/* The next one; whether there was one, and it has been taken. */
typedef bool take_fn(SSL_CTX *context, BIO *text, size_t n_before);

static bool take_certificate(SSL_CTX *context, BIO *text, size_t n_before)
{
	X509 *x509 = PEM_read_bio_X509_AUX(text, NULL, no_password, NULL);
	long taken = 0;

	if (x509)
		taken = n_before == 0 ? SSL_CTX_use_certificate(context, x509)
				      : SSL_CTX_add1_chain_cert(context, x509);
	X509_free(x509);
	return taken == 1;
}

static bool take_authority(SSL_CTX *context, BIO *text, size_t n_before)
{
	X509 *x509 = PEM_read_bio_X509_AUX(text, NULL, no_password, NULL);
	bool taken = x509 && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x509) == 1;

	(void)n_before;
	X509_free(x509);
	return taken;
}

static bool take_list(SSL_CTX *context, BIO *text, size_t n_before)
{
	X509_CRL *list = PEM_read_bio_X509_CRL(text, NULL, no_password, NULL);
	bool taken = list && X509_STORE_add_crl(SSL_CTX_get_cert_store(context), list) == 1;

	(void)n_before;
	X509_CRL_free(list);
	return taken;
}

static bool is_at_end(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/* At least one, and nothing of that kind that cannot be. */
static int take_all(SSL_CTX *context, BIO *text, take_fn *take, const char *what, const char *file,
		    struct actor_why *why)
{
	size_t n = 0;

	ERR_clear_error();
	while (take(context, text, n))
		n++;
	if (n > 0 && is_at_end()) {
		ERR_clear_error();
		return 0;
	}
	return actor__tls_wrong(why, ACTOR_E_INVALID, what, file);
}

static int load_all(SSL_CTX *context, take_fn *take, const char *what, const char *file,
		    struct actor_why *why)
{
	BIO *text;
	int rc = read_file(file, &text, why);

	if (rc < 0)
		return rc;
	rc = take_all(context, text, take, what, file, why);
	BIO_free(text);
	return rc;
}

/* OpenSSL by itself would take one of another kind, and have no certificate for it. */
static bool take_key(SSL_CTX *context, BIO *text)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_password, NULL);
	bool taken = key && X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1 &&
		     SSL_CTX_use_PrivateKey(context, key) == 1;

	EVP_PKEY_free(key);
	return taken;
}

static int take_identity(SSL_CTX *context, BIO *certificate, BIO *key,
			 const struct actor__tls_files *files, struct actor_why *why)
{
	int rc = take_all(context, certificate, take_certificate, "no certificate",
			  files->certificate, why);

	(void)BIO_seek(key, 0); /* if it is the same file */
	if (rc < 0 || take_key(context, key))
		return rc;
	return actor__tls_wrong(why, ACTOR_E_INVALID, "no private key of that certificate",
				files->key);
}

static int load_identity(SSL_CTX *context, const struct actor__tls_files *files,
			 struct actor_why *why)
{
	BIO *certificate, *key = NULL;
	int rc = read_file(files->certificate, &certificate, why);

	if (rc < 0)
		return rc;
	if (strcmp(files->certificate, files->key) != 0)
		rc = read_file(files->key, &key, why);
	if (rc == 0)
		rc = take_identity(context, certificate, key ? key : certificate, files, why);
	BIO_free(key);
	BIO_free(certificate);
	return rc;
}

int actor__tls_load(SSL_CTX *context, const struct actor__tls_files *files, struct actor_why *why)
{
	int rc = 0;

	if (files->certificate)
		rc = load_identity(context, files, why);
	if (rc == 0 && files->ca)
		rc = load_all(context, take_authority, "no certificates", files->ca, why);
	if (rc == 0 && files->crl)
		rc = load_all(context, take_list, "no revocation lists", files->crl, why);
	return rc;
}
