/* SPDX-License-Identifier: MIT */

/* What TLS needs is in files: what is wrong with them is told, and they may be read again. */

#include "tls-fixture.h"

#include <openssl/pem.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- credentials */

static int create(const char *certificate, const char *key, const char *authority, const char **why)
{
	static struct actor_why said;
	const struct actor_tls_options options = {
		.size = sizeof options,
		.certificate_file = certificate ? certificates_path(certificate) : NULL,
		.key_file = key ? certificates_path(key) : NULL,
		.ca_file = authority ? certificates_path(authority) : NULL,
	};
	struct actor_tls *tls = NULL;
	int rc = actor_tls_create(&options, &tls, &said);

	assert_true(rc == 0 ? tls != NULL : tls == NULL);
	actor_tls_unref(tls);
	*why = said.text;
	return rc;
}

static void expect_refused(int status, const char *certificate, const char *key,
			   const char *authority, const char *file, const char *what)
{
	const char *why;

	assert_int_equal(create(certificate, key, authority, &why), status);
	if (!strstr(why, file) || !strstr(why, what))
		print_error("%s\n", why);
	assert_non_null(strstr(why, file));
	assert_non_null(strstr(why, what));
}

static void write_encrypted_key(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *file = fopen(certificates_path("secret.key"), "w");

	PEM_write_PrivateKey(file, key, EVP_aes_256_cbc(), (unsigned char *)"pass", 4, NULL, NULL);
	fclose(file);
	EVP_PKEY_free(key);
}

static void what_cannot_be_loaded_is_named(void)
{
	const char *s = "server.pem", *k = "server.key", *ca = "ca.pem", *why;

	write_encrypted_key();
	assert_int_equal(create(s, k, ca, &why), 0);
	assert_int_equal(create(NULL, NULL, ca, &why), 0);
	expect_refused(ACTOR_E_SYSTEM, "none.pem", k, ca, "none.pem", "No such file");
	expect_refused(ACTOR_E_SYSTEM, s, "none.key", ca, "none.key", "No such file");
	expect_refused(ACTOR_E_SYSTEM, s, k, "none.pem", "none.pem", "No such file");
	expect_refused(ACTOR_E_SYSTEM, s, k, ".", "/.", "directory");
	expect_refused(ACTOR_E_INVALID, k, k, ca, k, "no certificate");
	expect_refused(ACTOR_E_INVALID, s, s, ca, s, "no private key");
	expect_refused(ACTOR_E_INVALID, s, "client.key", ca, "client.key", "mismatch");
	expect_refused(ACTOR_E_INVALID, s, "secret.key", ca, "secret.key", "no private key");
	expect_refused(ACTOR_E_INVALID, s, k, k, k, "no certificates");
	expect_refused(ACTOR_E_INVALID, s, NULL, ca, "", "goes with a key");
	expect_refused(ACTOR_E_INVALID, NULL, k, ca, "", "goes with a key");
	expect_refused(ACTOR_E_INVALID, s, k, NULL, "", "no authorities");
}

static void what_is_wrong_anywhere_in_a_file_is_refused(void)
{
	FILE *file;

	certificate_make("curve", &(struct certificate_wish){ .by = "ca", .curve = "P-256" });
	expect_refused(ACTOR_E_INVALID, "server.pem", "curve.key", "ca.pem", "curve.key",
		       "mismatch");
	certificate_make("broken",
			 &(struct certificate_wish){ .common_name = "broken", .by = "ca" });
	certificate_append("broken", "ca", 1);
	file = fopen(certificates_path("broken.pem"), "r+");
	fseek(file, -200, SEEK_END);
	fputs("*****", file);
	fclose(file);
	expect_refused(ACTOR_E_INVALID, "broken.pem", "broken.key", "ca.pem", "broken.pem", "no");
	expect_refused(ACTOR_E_INVALID, NULL, NULL, "broken.pem", "broken.pem", "no");
}

static int create_with_list(const char *path)
{
	const struct actor_tls_options options = { .size = sizeof options,
						   .ca_file = certificates_path("ca.pem"),
						   .crl_file = path };
	struct actor_why why = { "" };
	struct actor_tls *tls = NULL;
	int rc = actor_tls_create(&options, &tls, &why);

	actor_tls_unref(tls);
	assert_true(rc == 0 || strstr(why.text, path));
	return rc;
}

static void lists_are_files_too(void)
{
	assert_int_equal(create_with_list(certificates_path("lists.pem")), 0);
	assert_int_equal(create_with_list(certificates_path("ca.pem")), ACTOR_E_INVALID);
	assert_int_equal(create_with_list(certificates_path("none.pem")), ACTOR_E_SYSTEM);
	assert_int_equal(create_with_list("/dev/zero"), ACTOR_E_SYSTEM); /* it has no end */
}

/* Of a file; returns where it is to be read. */
static int fill_pipe(const char *file, char path[32])
{
	FILE *from = fopen(certificates_path(file), "r");
	char bytes[8192];
	size_t n = fread(bytes, 1, sizeof bytes, from);
	int ends[2];

	fclose(from);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, n), n);
	close(ends[1]);
	sprintf(path, "/dev/fd/%d", ends[0]);
	return ends[0];
}

/* As a shell makes of <(command). */
static void what_is_read_may_be_a_pipe(void)
{
	char paths[3][32];
	const struct actor_tls_options options = { .size = sizeof options,
						   .certificate_file = paths[0],
						   .key_file = paths[1],
						   .ca_file = paths[2] };
	static const char *const files[] = { "server.pem", "server.key", "ca.pem" };
	struct actor_tls *tls;
	int fds[3];

	for (unsigned i = 0; i < 3; i++)
		fds[i] = fill_pipe(files[i], paths[i]);
	assert_int_equal(actor_tls_create(&options, &tls, NULL), 0);
	for (unsigned i = 0; i < 3; i++)
		close(fds[i]);
	actor_tls_unref(tls);
}

static void a_certificate_and_its_key_may_be_one_file(void)
{
	char command[1024];
	const char *why;

	snprintf(command, sizeof command, "cat %s %s >%s", certificates_path("server.key"),
		 certificates_path("server.pem"), certificates_path("both.pem"));
	assert_int_equal(system(command), 0);
	assert_int_equal(create("both.pem", "both.pem", "ca.pem", &why), 0);
}

/* ---- what is read again */

static void make_renewed(const char *name, const char *common_name)
{
	certificate_make(name, &(struct certificate_wish){ .common_name = common_name,
							   .names = "DNS:localhost",
							   .by = "ca" });
}

static void connect_to(struct actor_tls *tls)
{
	struct actor_transport *ends[2];

	make_below(&ends[0], &ends[1]);
	be_client("client", ends[0]);
	assert_int_equal(actor_tls_server(tls, ends[1], &server.transport), 0);
	end_start(&server);
}

static void expect_server(const char *common_name)
{
	exchange();
	assert_string_equal(actor_transport_certificate(client.transport)->common_name,
			    common_name);
}

static void what_is_read_again_is_for_connections_to_come(void)
{
	struct actor_tls *tls;

	make_renewed("renewed", "before");
	tls = certificate_load("renewed", "ca", NULL);
	connect_to(tls);
	expect_server("before");
	make_renewed("next", "after");
	certificate_rename("next", "renewed");
	assert_int_equal(actor_tls_reload(tls, NULL), 0);
	expect_server("before"); /* it goes on */
	begin_anew();
	connect_to(tls);
	expect_server("after");
	actor_tls_unref(tls);
}

static void what_cannot_be_read_again_changes_nothing(void)
{
	struct actor_why why = { "" };
	struct actor_tls *tls;

	make_renewed("renewed", "before");
	tls = certificate_load("renewed", "ca", NULL);
	make_renewed("next", "after");
	assert_int_equal(rename(certificates_path("next.pem"), certificates_path("renewed.pem")),
			 0);
	assert_int_equal(actor_tls_reload(tls, &why), ACTOR_E_INVALID);
	assert_non_null(strstr(why.text, "renewed.key"));
	connect_to(tls);
	expect_server("before");
	begin_anew();
	unlink(certificates_path("renewed.pem"));
	assert_int_equal(actor_tls_reload(tls, &why), ACTOR_E_SYSTEM);
	assert_non_null(strstr(why.text, "renewed.pem"));
	connect_to(tls);
	expect_server("before");
	actor_tls_unref(tls);
}

static void who_is_revoked_meanwhile_is_let_in_no_more(void)
{
	struct actor_tls_options options = { 0 };
	struct actor_tls *tls;

	unlink(certificates_path("newest.pem"));
	certificate_list("newest", "ca", NULL, 0);
	options.crl_file = certificates_path("newest.pem");
	tls = certificate_load("server", "ca", &options);
	connect_to(tls);
	exchange();
	unlink(certificates_path("newest.pem"));
	certificate_list("newest", "ca", "client", 0);
	assert_int_equal(actor_tls_reload(tls, NULL), 0);
	exchange();
	begin_anew();
	connect_to(tls);
	end_expect_lost(&server, ACTOR_E_UNTRUSTED, "revoked");
	actor_tls_unref(tls);
}

static void options_that_make_no_sense_are_refused(void)
{
	const char *const names[] = { "good", "" };
	struct actor_tls_options options = { .size = sizeof options,
					     .ca_file = certificates_path("ca.pem"),
					     .names = names,
					     .n_names = 2 };
	struct actor_tls *tls;

	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.names = NULL;
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.names = names;
	options.n_names = 1;
	options.insecure = 1 << 2; /* of which only a later version knows */
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.insecure = 0;
	options.size = 0;
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.size = sizeof options;
	options.handshake_ns = -1;
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.handshake_ns = 0;
	options.crl_file = certificates_path("lists.pem");
	options.insecure = ACTOR_TLS_INSECURE_ANYBODY;
	options.n_names = 0;
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.crl_file = NULL;
	options.n_names = 1; /* it would not be looked for */
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_INVALID);
	options.crl_file = certificates_path("lists.pem");
	options.insecure = 0;
	assert_int_equal(actor_tls_create(&options, &tls, NULL), 0);
	actor_tls_unref(actor_tls_ref(tls));
	actor_tls_unref(tls);
	actor_tls_unref(NULL);
}

static int set_up(void **state)
{
	tls_set_up(state);
	certificate_list("lists", "ca", NULL, 0);
	return 0;
}

/* As where the system's policy leaves no ciphers: that is not want of memory. */
static void what_openssl_does_not_do_is_said(void)
{
	const struct actor_tls_options options = { .size = sizeof options,
						   .ca_file = certificates_path("ca.pem") };
	OSSL_LIB_CTX *nothing = OSSL_LIB_CTX_new(), *before;
	OSSL_PROVIDER *null = OSSL_PROVIDER_load(nothing, "null");
	struct actor_why why = { "" };
	struct actor_tls *tls;
	int rc;

	assert_non_null(null);
	before = OSSL_LIB_CTX_set0_default(nothing);
	rc = actor_tls_create(&options, &tls, &why);
	OSSL_LIB_CTX_set0_default(before);
	OSSL_PROVIDER_unload(null);
	OSSL_LIB_CTX_free(nothing);
	assert_int_equal(rc, ACTOR_E_UNSUPPORTED);
	assert_non_null(strstr(why.text, "this OpenSSL"));
	assert_non_null(strstr(why.text, "no ciphers"));
	tls = certificate_load("client", "ca", NULL);
	actor_tls_unref(tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_SEEDS_TEST(what_cannot_be_loaded_is_named, 1),
		TLS_SEEDS_TEST(what_is_wrong_anywhere_in_a_file_is_refused, 1),
		TLS_SEEDS_TEST(lists_are_files_too, 1),
		TLS_SEEDS_TEST(what_is_read_may_be_a_pipe, 1),
		TLS_SEEDS_TEST(a_certificate_and_its_key_may_be_one_file, 1),
		TLS_TEST(what_is_read_again_is_for_connections_to_come),
		TLS_SEEDS_TEST(what_cannot_be_read_again_changes_nothing, 2),
		TLS_SEEDS_TEST(who_is_revoked_meanwhile_is_let_in_no_more, 2),
		TLS_SEEDS_TEST(options_that_make_no_sense_are_refused, 1),
		TLS_SEEDS_TEST(what_openssl_does_not_do_is_said, 1),
	};

	return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
