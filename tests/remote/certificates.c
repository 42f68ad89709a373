/* SPDX-License-Identifier: MIT */

#include "certificates.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOUR_S = 3600 };

static char directory[64];
static long serial;

#define MUST(condition) must(condition, #condition)

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "certificates: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(99);
}

const char *certificates_path(const char *file)
{
	static char paths[4][256];
	static unsigned n;
	char *path = paths[n++ % 4];

	MUST(snprintf(path, sizeof paths[0], "%s/%s", directory, file) < (int)sizeof paths[0]);
	return path;
}

static const char *path_of(const char *name, const char *kind)
{
	char file[128];

	snprintf(file, sizeof file, "%s.%s", name, kind);
	return certificates_path(file);
}

void certificates_open(void)
{
	snprintf(directory, sizeof directory, "/tmp/actor-certificates-XXXXXX");
	MUST(mkdtemp(directory));
}

void certificates_open_usual(void)
{
	certificates_open();
	certificate_make("ca",
			 &(struct certificate_wish){ .common_name = "ca", .authority = true });
	certificate_make("client", &(struct certificate_wish){ .common_name = "a client",
							       .names = "DNS:client.example",
							       .by = "ca" });
	certificate_make("server",
			 &(struct certificate_wish){ .common_name = "a server",
						     .names = "DNS:localhost,IP:127.0.0.1",
						     .by = "ca" });
}

void certificates_close(void)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;

	MUST(entries);
	while ((entry = readdir(entries)))
		if (entry->d_name[0] != '.')
			unlink(certificates_path(entry->d_name));
	closedir(entries);
	MUST(rmdir(directory) == 0);
}

/* ---- files */

static X509 *read_certificate(const char *name)
{
	FILE *file = fopen(path_of(name, "pem"), "r");
	X509 *x509;

	MUST(file);
	x509 = PEM_read_X509(file, NULL, NULL, NULL);
	MUST(x509);
	fclose(file);
	return x509;
}

static EVP_PKEY *read_key(const char *name)
{
	FILE *file = fopen(path_of(name, "key"), "r");
	EVP_PKEY *key;

	MUST(file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	MUST(key);
	fclose(file);
	return key;
}

static void write_certificate(const char *name, X509 *x509, const char *mode)
{
	FILE *file = fopen(path_of(name, "pem"), mode);

	MUST(file);
	MUST(PEM_write_X509(file, x509) == 1);
	MUST(fclose(file) == 0);
}

static void write_key(const char *name, EVP_PKEY *key)
{
	FILE *file = fopen(path_of(name, "key"), "w");

	MUST(file);
	MUST(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
	MUST(fclose(file) == 0);
}

void certificate_append(const char *name, const char *other, unsigned n)
{
	X509 *x509 = read_certificate(other);

	for (unsigned i = 0; i < n; i++)
		write_certificate(name, x509, "a");
	X509_free(x509);
}

/* ---- what is in one */

static void extend(X509 *x509, X509 *issuer, int kind, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	if (!value)
		return;
	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
	MUST(extension);
	MUST(X509_add_ext(x509, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static void fill(X509 *x509, const struct certificate_wish *wish)
{
	X509_NAME *subject = X509_get_subject_name(x509);

	MUST(X509_set_version(x509, 2) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial) == 1);
	MUST(X509_gmtime_adj(X509_getm_notBefore(x509), wish->from_s ? wish->from_s : -HOUR_S));
	MUST(X509_gmtime_adj(X509_getm_notAfter(x509), wish->until_s ? wish->until_s : HOUR_S));
	if (wish->common_name)
		MUST(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
						(const unsigned char *)wish->common_name, -1, -1,
						0) == 1);
}

static void sign(X509 *x509, const struct certificate_wish *wish, X509 *issuer, EVP_PKEY *by)
{
	MUST(X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1);
	extend(x509, issuer, NID_basic_constraints,
	       wish->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(x509, issuer, NID_subject_alt_name, wish->names);
	extend(x509, issuer, NID_ext_key_usage, wish->purpose);
	/* Of Ed25519 there is only one digest, which is its own. */
	MUST(X509_sign(x509, by, EVP_PKEY_is_a(by, "EC") ? EVP_sha256() : NULL) > 0);
}

void certificate_make(const char *name, const struct certificate_wish *wish)
{
	EVP_PKEY *key = wish->curve ? EVP_EC_gen(wish->curve)
				    : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY *by = wish->by ? read_key(wish->by) : key;
	X509 *x509 = X509_new(), *issuer = wish->by ? read_certificate(wish->by) : x509;

	MUST(key && x509);
	fill(x509, wish);
	MUST(X509_set_pubkey(x509, key) == 1);
	sign(x509, wish, issuer, by);
	write_certificate(name, x509, "w");
	write_key(name, key);
	if (issuer != x509)
		X509_free(issuer);
	if (by != key)
		EVP_PKEY_free(by);
	X509_free(x509);
	EVP_PKEY_free(key);
}

/* ---- lists */

static void put_on(X509_CRL *list, const char *name)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	X509 *x509 = read_certificate(name);

	MUST(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(x509)) == 1);
	MUST(X509_REVOKED_set_revocationDate(entry, X509_getm_notBefore(x509)) == 1);
	MUST(X509_CRL_add0_revoked(list, entry) == 1);
	X509_free(x509);
}

static void write_list(const char *name, X509_CRL *list)
{
	FILE *file = fopen(path_of(name, "pem"), "a");

	MUST(file);
	MUST(PEM_write_X509_CRL(file, list) == 1);
	MUST(fclose(file) == 0);
}

void certificate_list(const char *name, const char *by, const char *revoked, long until_s)
{
	X509_CRL *list = X509_CRL_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -HOUR_S);
	ASN1_TIME *until = X509_gmtime_adj(NULL, until_s ? until_s : HOUR_S);
	X509 *issuer = read_certificate(by);
	EVP_PKEY *key = read_key(by);

	MUST(X509_CRL_set_version(list, 1) == 1);
	MUST(X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1);
	MUST(X509_CRL_set1_lastUpdate(list, from) == 1);
	MUST(X509_CRL_set1_nextUpdate(list, until) == 1);
	if (revoked)
		put_on(list, revoked);
	MUST(X509_CRL_sign(list, key, NULL) > 0);
	write_list(name, list);
	X509_CRL_free(list);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	X509_free(issuer);
	EVP_PKEY_free(key);
}

void certificate_rename(const char *name, const char *to)
{
	static const char *const kinds[] = { "pem", "key" };

	for (unsigned i = 0; i < 2; i++)
		MUST(rename(path_of(name, kinds[i]), path_of(to, kinds[i])) == 0);
}

/* ---- what is made of them */

struct actor_tls *certificate_load(const char *name, const char *authority,
				   const struct actor_tls_options *more)
{
	struct actor_tls_options options = { 0 };
	struct actor_why why = { "" };
	struct actor_tls *tls;

	if (more)
		options = *more;
	options.size = sizeof options;
	options.certificate_file = name ? path_of(name, "pem") : NULL;
	options.key_file = name ? path_of(name, "key") : NULL;
	options.ca_file = path_of(authority, "pem");
	must(actor_tls_create(&options, &tls, &why) == 0, why.text);
	return tls;
}
