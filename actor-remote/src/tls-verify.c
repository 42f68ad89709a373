/* SPDX-License-Identifier: MIT */

/*
 * Whom a certificate is of. The chain is looked at by OpenSSL: who has given it, for how long, and
 * whether it is one for servers or for clients; and then, here, whether it is for whom we expect.
 * Of that, the subject's common name is no part: it is for people.
 *
 * What a certificate says is what somebody wanted it to: texts that are not plain are left out.
 */

#include "tls.h"

#include "utf8.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

/* ---- is it the one */

size_t actor__tls_name_bytes(const char *name)
{
	size_t n = strcspn(name, "%");

	return n > 1 && name[n - 1] == '.' ? n - 1 : n;
}

bool actor__tls_is_name(const char *name)
{
	return name && *name != '.' && actor__tls_name_bytes(name) > 0 && strlen(name) < 256;
}

bool actor__tls_is_number(const char *name)
{
	struct in6_addr number;

	return inet_pton(AF_INET, name, &number) == 1 || inet_pton(AF_INET6, name, &number) == 1;
}

static bool is_for(X509 *x509, const char *name)
{
	if (actor__tls_is_number(name))
		return X509_check_ip_asc(x509, name, 0) == 1;
	return X509_check_host(x509, name, 0,
			       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
				       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
			       NULL) == 1;
}

static bool is_for_one_of(X509 *x509, char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (is_for(x509, names[i]))
			return true;
	return n_names == 0;
}

static bool is_expected(const struct actor__tls_records *records, X509 *x509)
{
	if (!SSL_is_server(records->ssl))
		return !records->name || is_for(x509, records->name);
	return is_for_one_of(x509, records->tls->names, records->tls->n_names);
}

int actor__tls_verify(X509_STORE_CTX *store, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct actor__tls_records *records = SSL_get_app_data(ssl);

	(void)unused;
	if (records->tls->insecure & ACTOR_TLS_INSECURE_ANYBODY)
		return 1;
	if (X509_verify_cert(store) != 1)
		return 0;
	if (is_expected(records, X509_STORE_CTX_get0_cert(store)))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

/* ---- what it says */

static bool is_control(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0);
}

/* Text, in which nothing tells a terminal what to do. */
static bool is_plain(const uint8_t *text, size_t n)
{
	uint32_t character;

	if (!actor__utf8_is_valid(text, n))
		return false;
	for (size_t i = 0; i < n;) {
		i += actor__utf8_get(text + i, &character);
		if (is_control(character))
			return false;
	}
	return n > 0;
}

/* Whether it fits, and is to be shown. */
static bool put_text(char *to, size_t n_to, const char *kind, const uint8_t *text, int n)
{
	if (n <= 0 || strlen(kind) + (size_t)n >= n_to || !is_plain(text, (size_t)n))
		return false;
	snprintf(to, n_to, "%s%.*s", kind, n, (const char *)text);
	return true;
}

static bool put_number(char *to, size_t n_to, const ASN1_OCTET_STRING *address)
{
	int n = ASN1_STRING_length(address), family = n == 4 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if ((n != 4 && n != 16) ||
	    !inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text))
		return false;
	return put_text(to, n_to, "IP:", (const uint8_t *)text, (int)strlen(text));
}

static bool put_ia5(char *to, size_t n_to, const char *kind, const ASN1_IA5STRING *text)
{
	return put_text(to, n_to, kind, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

static bool put_name(char *to, size_t n_to, const GENERAL_NAME *name)
{
	switch (name->type) {
	case GEN_DNS:
		return put_ia5(to, n_to, "DNS:", name->d.dNSName);
	case GEN_IPADD:
		return put_number(to, n_to, name->d.iPAddress);
	case GEN_URI:
		return put_ia5(to, n_to, "URI:", name->d.uniformResourceIdentifier);
	case GEN_EMAIL:
		return put_ia5(to, n_to, "email:", name->d.rfc822Name);
	default:
		return false;
	}
}

static void put_names(struct actor_certificate *to, const GENERAL_NAMES *names)
{
	const size_t most = sizeof to->names / sizeof to->names[0];

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && to->n_names < most; i++)
		to->n_names += put_name(to->names[to->n_names], sizeof to->names[0],
					sk_GENERAL_NAME_value(names, i));
}

static void put_common_name(struct actor_certificate *to, const X509_NAME *subject)
{
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1), n;
	unsigned char *text;

	if (at < 0)
		return;
	n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (n < 0)
		return;
	put_text(to->common_name, sizeof to->common_name, "", text, n);
	OPENSSL_free(text);
}

int actor__tls_certificate(const X509 *x509, struct actor_certificate *ret_certificate)
{
	struct actor_certificate *to = ret_certificate;
	GENERAL_NAMES *names;
	int which;

	memset(to, 0, sizeof *to);
	if (X509_digest(x509, EVP_sha256(), to->sha256, NULL) != 1)
		return ACTOR_E_NOMEM;
	put_common_name(to, X509_get_subject_name(x509));
	names = X509_get_ext_d2i(x509, NID_subject_alt_name, &which, NULL);
	if (names)
		put_names(to, names);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	/* That they can be read has been looked at before it was trusted. */
	return names || which == -1 ? 0 : ACTOR_E_NOMEM;
}

/* ---- errors */

static bool is_of_memory(unsigned long error)
{
	return ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
}

bool actor__tls_lacks_memory(void)
{
	return is_of_memory(ERR_peek_error()) || is_of_memory(ERR_peek_last_error());
}

void actor__tls_reason(char *text, size_t n_text)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(error);

	actor__copy_text(text, n_text, error ? reason ? reason : "an error without a name" : "");
	ERR_clear_error();
}
