/* SPDX-License-Identifier: MIT */

/* Connections with TLS: who is trusted, how they end, and what becomes of them when somebody in
 * between cuts, changes or keeps what passes. */

#define _GNU_SOURCE /* memmem() */

#include "tls-fixture.h"

#include "../../actor-remote/src/tls.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)

static void exchange(void)
{
	end_write(&client, "to the server", 13);
	end_write(&server, "to the client", 13);
	end_expect(&server, "to the server", 13);
	end_expect(&client, "to the client", 13);
}

static void close_both(void)
{
	end_shut(&client);
	end_shut(&server);
	end_expect_finished(&client);
	end_expect_finished(&server);
}

static void begin_anew(void)
{
	end_destroy(&client);
	end_destroy(&server);
	end_destroy(&near_end);
	end_destroy(&far_end);
	for (struct end *const *it =
		     (struct end *const[]){ &client, &server, &near_end, &far_end, NULL };
	     *it; it++) {
		free((*it)->got);
		free((*it)->queue);
		free((*it)->writing);
		memset(*it, 0, sizeof **it);
	}
	pass_ns(SECOND_NS * 11 / 10);
}

/* ---- what goes through */

static void bytes_go_both_ways_and_it_ends_in_order(void)
{
	link_both();
	exchange();
	close_both();
}

/* Of what is written nothing can be read by who sits in between. */
static void look_at_it(struct end *end, const uint8_t *bytes, size_t n)
{
	struct end *to = end == &far_end ? &near_end : &far_end;

	if (!bytes)
		return;
	assert_null(memmem(bytes, n, "to the", 6));
	end_write(to, bytes, n);
}

static void nobody_else_can_read_it(void)
{
	link_by_wire(WIRE_PASS, 0, 0);
	near_end.on_read = far_end.on_read = look_at_it;
	exchange();
}

static void link_by(const char *of_client, const char *of_server)
{
	struct actor_transport *ends[2];

	make_below(&ends[0], &ends[1]);
	be_client(of_client, "ca", ends[0]);
	be_server(of_server, "ca", ends[1]);
}

static void half_may_be_closed(void)
{
	link_both();
	exchange();
	end_shut(&client);
	end_expect_finished(&server);
	end_write(&server, "still", 5);
	end_expect(&client, "still", 5);
	end_shut(&server);
	end_expect_finished(&client);
}

static void what_is_much_goes_through(void)
{
	enum { MUCH = 1 << 20 };
	uint8_t *bytes = malloc(MUCH);

	for (size_t i = 0; i < MUCH; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	link_both();
	end_write(&client, bytes, MUCH);
	pass_ns(SECOND_NS);
	end_expect(&server, bytes, MUCH);
	assert_true(end_is_idle(&client));
	free(bytes);
}

/* The keys are changed long before a cipher is worn out. */
static void keys_are_changed(void)
{
	uint32_t before = actor__tls_records_per_key;
	uint8_t byte = 7;

	actor__tls_records_per_key = 3;
	link_both();
	for (unsigned i = 0; i < 20; i++) {
		end_write(&client, &byte, 1);
		end_write(&server, &byte, 1);
		end_expect(&server, &byte, 1);
		end_expect(&client, &byte, 1);
	}
	close_both();
	actor__tls_records_per_key = before;
}

/* It is to be said behind that, and nothing is read in between. */
static void one_may_close_when_keys_are_due(void)
{
	uint32_t before = actor__tls_records_per_key;

	actor__tls_records_per_key = 3;
	link_both();
	settle();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(actor_transport_write(client.transport, (const uint8_t *)"abc", 3),
				 0);
	actor_transport_shutdown(client.transport);
	end_expect(&server, "abcabcabc", 9);
	end_expect_finished(&server);
	end_write(&server, "bye", 3);
	end_shut(&server);
	end_expect(&client, "bye", 3);
	end_expect_finished(&client);
	actor__tls_records_per_key = before;
}

static void each_knows_who_the_other_is(void)
{
	const struct actor_certificate *certificate;
	uint8_t none[32] = { 0 };

	link_both();
	assert_null(actor_transport_certificate(server.transport));
	settle();
	certificate = actor_transport_certificate(server.transport);
	assert_non_null(certificate);
	assert_string_equal(certificate->common_name, "a client");
	assert_int_equal(certificate->n_names, 1);
	assert_string_equal(certificate->names[0], "DNS:client.example");
	certificate = actor_transport_certificate(client.transport);
	assert_non_null(certificate);
	assert_string_equal(certificate->common_name, "a server");
	assert_int_equal(certificate->n_names, 2);
	assert_string_equal(certificate->names[0], "DNS:localhost");
	assert_string_equal(certificate->names[1], "IP:127.0.0.1");
	assert_memory_not_equal(certificate->sha256, none, sizeof none);
}

static void the_fingerprint_is_of_the_certificate(void)
{
	FILE *file = fopen(certificates_path("server.pem"), "r");
	X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
	uint8_t digest[32];

	fclose(file);
	X509_digest(x509, EVP_sha256(), digest, NULL);
	X509_free(x509);
	link_both();
	settle();
	assert_memory_equal(actor_transport_certificate(client.transport)->sha256, digest, 32);
}

/* ---- what a certificate may say */

static struct actor_certificate names_of(const char *common_name, const char *names)
{
	static unsigned n;
	char name[16];

	snprintf(name, sizeof name, "odd-%u", n++);
	certificate_make(name, &(struct certificate_wish){
				       .common_name = common_name, .names = names, .by = "ca" });
	link_by(name, "server");
	end_expect_open(&server);
	return *actor_transport_certificate(server.transport);
}

static void names_are_told_by_their_kind(void)
{
	struct actor_certificate certificate = names_of(
		NULL, "DNS:*.example.org,IP:2001:db8::1,URI:spiffe://a/b,email:a@b.example,"
		      "RID:1.2.3.4");

	assert_string_equal(certificate.common_name, "");
	assert_int_equal(certificate.n_names, 4);
	assert_string_equal(certificate.names[0], "DNS:*.example.org");
	assert_string_equal(certificate.names[1], "IP:2001:db8::1");
	assert_string_equal(certificate.names[2], "URI:spiffe://a/b");
	assert_string_equal(certificate.names[3], "email:a@b.example");
}

static void names_that_are_not_plain_are_left_out(void)
{
	struct actor_certificate certificate = names_of("two\nlines",
							"DNS:a\1b,DNS:\xc3,DNS:\xc2\x9b,DNS:good");

	assert_string_equal(certificate.common_name, "");
	assert_int_equal(certificate.n_names, 1);
	assert_string_equal(certificate.names[0], "DNS:good");
	begin_anew();
	certificate = names_of("\xc2\x9b\x31m red", "DNS:good");
	assert_string_equal(certificate.common_name, "");
	begin_anew();
	certificate = names_of("\xc3\xa9t\xc3\xa9", "DNS:good");
	assert_string_equal(certificate.common_name, "\xc3\xa9t\xc3\xa9");
}

static void names_that_are_many_or_long_are_left_out(void)
{
	char long_name[400] = "DNS:", many[1024] = "DNS:0";
	struct actor_certificate certificate;

	memset(long_name + 4, 'a', 300);
	strcat(long_name, ",DNS:short");
	certificate = names_of("x", long_name);
	assert_int_equal(certificate.n_names, 1);
	assert_string_equal(certificate.names[0], "DNS:short");
	begin_anew();
	for (unsigned i = 1; i < 20; i++)
		sprintf(many + strlen(many), ",DNS:%u", i);
	certificate = names_of("x", many);
	assert_int_equal(certificate.n_names, N_ELEMENTS(certificate.names));
	assert_string_equal(certificate.names[7], "DNS:7");
}

/* ---- who is trusted */

struct trial {
	const char *client, *server;	   /* certificates; of the client, NULL: none */
	const char *client_ca, *server_ca; /* whom they trust; default: ca */
	const char *name;		   /* whom the client expects; default: localhost */
	const char *names[2];		   /* whom the server lets in; default: anybody */
	unsigned client_insecure, server_insecure;
	const char *client_list, *server_list; /* of who is revoked; default: none */
	int client_status, server_status;      /* 0: it is fine */
	const char *client_why, *server_why;
};

static void end_expect_status(const struct end *end, int status, const char *why)
{
	if (status)
		end_expect_lost(end, status, why ? why : "");
	else
		end_expect_open(end);
}

static struct actor_tls *load_for(const char *name, const char *authority,
				  const char *const names[2], unsigned insecure, const char *list)
{
	const struct actor_tls_options options = {
		.crl_file = list ? certificates_path(list) : NULL,
		.names = names,
		.n_names = !names || !names[0] ? 0
			   : names[1]	       ? 2
					       : 1,
		.insecure = insecure,
	};

	return certificate_load(name, authority ? authority : "ca", &options);
}

static void be_tried(const struct trial *trial)
{
	struct actor_tls *tls[2];
	struct actor_transport *ends[2];
	const char *name = trial->name ? trial->name : "localhost";

	tls[0] = load_for(trial->client, trial->client_ca, NULL, trial->client_insecure,
			  trial->client_list);
	tls[1] = load_for(trial->server ? trial->server : "server", trial->server_ca, trial->names,
			  trial->server_insecure, trial->server_list);
	make_below(&ends[0], &ends[1]);
	assert_int_equal(actor_tls_client(tls[0], ends[0], trial->client_insecure ? NULL : name,
					  &client.transport),
			 0);
	assert_int_equal(actor_tls_server(tls[1], ends[1], &server.transport), 0);
	actor_tls_unref(tls[0]); /* the transports own them */
	actor_tls_unref(tls[1]);
	end_start(&client);
	end_start(&server);
	end_expect_status(&client, trial->client_status, trial->client_why);
	end_expect_status(&server, trial->server_status, trial->server_why);
	/* Nothing is known of who is not trusted. */
	if (trial->server_status)
		assert_null(actor_transport_certificate(server.transport));
	if (trial->client_status == ACTOR_E_UNTRUSTED)
		assert_null(actor_transport_certificate(client.transport));
	if (!trial->client_status && !trial->server_status)
		exchange();
}

#define TRIAL(test, ...)                                                                           \
	static void test(void)                                                                     \
	{                                                                                          \
		be_tried(&(struct trial){ __VA_ARGS__ });                                          \
	}

/* The status, and what is said of it, of a client that does not trust, and its server. */
#define CLIENT_DOES_NOT(why, alert)                                                                \
	.client_status = ACTOR_E_UNTRUSTED, .client_why = why, .server_status = ACTOR_E_HANDSHAKE, \
	.server_why = alert
/* And the other way round. */
#define SERVER_DOES_NOT(why, alert)                                                                \
	.server_status = ACTOR_E_UNTRUSTED, .server_why = why, .client_status = ACTOR_E_HANDSHAKE, \
	.client_why = alert

TRIAL(a_server_may_be_known_by_its_address, .client = "client", .name = "127.0.0.1")
TRIAL(a_server_may_be_known_by_an_address_of_the_sixth_version, .client = "client",
      .server = "by-number", .name = "::1")
TRIAL(an_interface_is_no_part_of_an_address, .client = "client", .server = "by-number",
      .name = "::1%lo")
TRIAL(a_dot_at_the_end_is_no_part_of_a_name, .client = "client", .name = "localhost.")
TRIAL(a_server_may_be_one_of_many, .client = "client", .server = "wild", .name = "a.example.org")
TRIAL(a_server_of_another_name_is_not_trusted, .client = "client", .name = "other.example",
      CLIENT_DOES_NOT("is not for other.example", "bad certificate"))
TRIAL(a_server_at_another_address_is_not_trusted, .client = "client", .name = "127.0.0.2",
      CLIENT_DOES_NOT("is not for 127.0.0.2", "bad certificate"))
TRIAL(a_name_that_looks_like_an_address_is_none, .client = "client", .server = "number-as-name",
      .name = "127.0.0.1", CLIENT_DOES_NOT("is not for 127.0.0.1", "bad certificate"))
TRIAL(a_common_name_is_nobodys_name, .client = "client", .server = "common",
      CLIENT_DOES_NOT("is not for localhost", "bad certificate"))
TRIAL(a_part_of_a_part_of_a_name_is_not_left_open, .client = "client", .server = "partly",
      .name = "ab.example.org", CLIENT_DOES_NOT("is not for ab.example.org", "bad certificate"))
TRIAL(a_part_of_a_name_is_no_name, .client = "client", .server = "wild", .name = "b.a.example.org",
      CLIENT_DOES_NOT("is not for b.a.example.org", "bad certificate"))
TRIAL(a_server_that_has_expired_is_not_trusted, .client = "client", .server = "expired",
      CLIENT_DOES_NOT("has expired", "certificate expired"))
TRIAL(a_server_that_is_not_valid_yet_is_not_trusted, .client = "client", .server = "early",
      CLIENT_DOES_NOT("not yet valid", "bad certificate"))
TRIAL(a_server_by_an_unknown_authority_is_not_trusted, .client = "client", .server = "elsewhere",
      CLIENT_DOES_NOT("unable to get local issuer", "unknown ca"))
TRIAL(a_server_by_itself_is_not_trusted, .client = "client", .server = "self",
      CLIENT_DOES_NOT("self-signed", "unknown ca"))
TRIAL(a_server_by_who_is_no_authority_is_not_trusted, .client = "client", .server = "by-client",
      CLIENT_DOES_NOT("the certificate of the other side", ""))
TRIAL(a_certificate_of_clients_is_no_servers, .client = "client", .server = "for-clients",
      CLIENT_DOES_NOT("unsuitable certificate purpose", "unsupported certificate"))
TRIAL(an_authority_in_between_does, .client = "client", .server = "below")
TRIAL(an_authority_in_between_has_to_be_shown, .client = "client", .server = "alone",
      CLIENT_DOES_NOT("unable to get local issuer", "unknown ca"))

TRIAL(a_client_without_a_certificate_is_not_let_in,
      SERVER_DOES_NOT("has no certificate", "certificate required"))
TRIAL(a_client_that_has_expired_is_not_let_in, .client = "expired",
      SERVER_DOES_NOT("has expired", "certificate expired"))
TRIAL(a_client_that_is_not_valid_yet_is_not_let_in, .client = "early",
      SERVER_DOES_NOT("not yet valid", "bad certificate"))
TRIAL(a_client_by_an_unknown_authority_is_not_let_in, .client = "elsewhere",
      SERVER_DOES_NOT("unable to get local issuer", "unknown ca"))
TRIAL(a_client_by_who_calls_himself_an_authority_is_not_let_in, .client = "forged",
      SERVER_DOES_NOT("the certificate of the other side: certificate signature failure", ""))
TRIAL(a_client_by_itself_is_not_let_in, .client = "self",
      SERVER_DOES_NOT("self-signed", "unknown ca"))
TRIAL(a_certificate_of_servers_is_no_clients, .client = "for-servers",
      SERVER_DOES_NOT("unsuitable certificate purpose", "unsupported certificate"))
TRIAL(who_is_named_is_let_in, .client = "client", .names = { "other", "client.example" })
TRIAL(what_is_no_part_of_a_name_is_none_of_a_clients, .client = "client",
      .names = { "client.example." })
TRIAL(who_is_not_named_is_not_let_in, .client = "client", .names = { "other", "another" },
      SERVER_DOES_NOT("not for anybody who is let in", "bad certificate"))
TRIAL(each_side_may_trust_another_authority, .client = "elsewhere", .server_ca = "other-ca")
TRIAL(a_server_is_not_trusted_for_what_it_trusts, .client = "elsewhere", .server_ca = "other-ca",
      .client_ca = "other-ca", CLIENT_DOES_NOT("unable to get local issuer", "unknown ca"))

/* Lists of who is revoked, of each authority that there is above him. */
TRIAL(who_is_on_no_list_is_let_in, .client = "client", .server_list = "lists.pem",
      .client_list = "lists.pem")
TRIAL(who_is_on_a_list_is_not_let_in, .client = "revoked", .server_list = "lists.pem",
      SERVER_DOES_NOT("revoked", "certificate revoked"))
TRIAL(a_server_that_is_on_a_list_is_not_trusted, .client = "client", .server = "revoked",
      .client_list = "lists.pem", CLIENT_DOES_NOT("revoked", "certificate revoked"))
TRIAL(who_is_below_one_who_is_on_a_list_is_not_let_in, .client = "below",
      .server_list = "no-middle.pem", SERVER_DOES_NOT("revoked", "certificate revoked"))
TRIAL(each_authority_may_have_a_list, .client = "below", .server_list = "two-lists.pem")
TRIAL(each_authority_has_to_have_a_list, .client = "below", .server_list = "lists.pem",
      SERVER_DOES_NOT("unable to get certificate CRL", "unknown ca"))
TRIAL(a_list_that_is_out_of_date_does_not_do, .client = "client", .server_list = "old-list.pem",
      SERVER_DOES_NOT("CRL has expired", "certificate expired"))
TRIAL(a_list_by_somebody_else_does_not_do, .client = "client", .server_list = "false-list.pem",
      SERVER_DOES_NOT("CRL signature failure", ""))

/* What is not looked at is said in ugly words. */
TRIAL(any_name_may_do, .client = "client", .server = "wild",
      .client_insecure = ACTOR_TLS_INSECURE_ANY_NAME)
TRIAL(any_name_is_not_anybody, .client = "client", .server = "elsewhere",
      .client_insecure = ACTOR_TLS_INSECURE_ANY_NAME,
      CLIENT_DOES_NOT("unable to get local issuer", "unknown ca"))
TRIAL(anybody_may_do, .client = "client", .server = "self",
      .client_insecure = ACTOR_TLS_INSECURE_ANYBODY)
TRIAL(a_server_need_not_ask, .server_insecure = ACTOR_TLS_INSECURE_ANYBODY)

static void make_certificates(void)
{
	const long day = 86400;

	certificate_make("other-ca",
			 &(struct certificate_wish){ .common_name = "other", .authority = true });
	certificate_make("middle", &(struct certificate_wish){ .common_name = "middle",
							       .by = "ca",
							       .authority = true });
#define MAKE(name, ...)                                                                            \
	certificate_make(name, &(struct certificate_wish){ .common_name = name, __VA_ARGS__ })
	MAKE("by-number", .names = "IP:::1", .by = "ca");
	MAKE("wild", .names = "DNS:*.example.org", .by = "ca");
	MAKE("partly", .names = "DNS:a*.example.org", .by = "ca");
	MAKE("number-as-name", .names = "DNS:127.0.0.1", .by = "ca");
	certificate_make("common",
			 &(struct certificate_wish){ .common_name = "localhost", .by = "ca" });
	MAKE("expired", .names = "DNS:localhost", .by = "ca", .from_s = -2 * day, .until_s = -day);
	MAKE("early", .names = "DNS:localhost", .by = "ca", .from_s = day, .until_s = 2 * day);
	MAKE("elsewhere", .names = "DNS:localhost", .by = "other-ca");
	MAKE("self", .names = "DNS:localhost");
	MAKE("by-client", .names = "DNS:localhost", .by = "client");
	MAKE("for-clients", .names = "DNS:localhost", .by = "ca", .purpose = "clientAuth");
	MAKE("for-servers", .names = "DNS:localhost", .by = "ca", .purpose = "serverAuth");
	MAKE("below", .names = "DNS:localhost", .by = "middle");
	MAKE("alone", .names = "DNS:localhost", .by = "middle");
	MAKE("huge", .names = "DNS:localhost", .by = "ca");
	MAKE("revoked", .names = "DNS:localhost", .by = "ca");
#undef MAKE
	certificate_make("false-ca",
			 &(struct certificate_wish){ .common_name = "ca", .authority = true });
	certificate_make("forged", &(struct certificate_wish){ .by = "false-ca" });
	certificate_list("lists", "ca", "revoked", 0);
	certificate_list("two-lists", "ca", "revoked", 0);
	certificate_list("two-lists", "middle", "revoked", 0); /* a number of his own */
	certificate_list("no-middle", "ca", "middle", 0);
	certificate_list("no-middle", "middle", NULL, 0);
	certificate_list("old-list", "ca", NULL, -1);
	certificate_list("false-list", "false-ca", NULL, 0);
	certificate_append("below", "middle", 1);
	certificate_append("huge", "ca", 150);
}

/* Too much to be looked at: it is not even read. Who shows it hears so when he has got rid of it.
 */
static void a_huge_chain_is_not_looked_at(void)
{
	link_by("client", "huge");
	end_expect_lost(&client, ACTOR_E_HANDSHAKE, "excessive message size");
	end_destroy(&client);
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "illegal parameter");
	begin_anew();
	link_by("huge", "server");
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "excessive message size");
	end_destroy(&server);
	end_expect_lost(&client, ACTOR_E_HANDSHAKE, "illegal parameter");
}

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
	be_client("client", "ca", ends[0]);
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
	struct actor_tls *tls;

	unlink(certificates_path("newest.pem"));
	certificate_list("newest", "ca", NULL, 0);
	tls = load_for("server", NULL, NULL, 0, "newest.pem");
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
	tls = load("client", "ca", NULL);
	actor_tls_unref(tls);
}

static void one_has_to_say_whom_one_wants(void)
{
	struct actor_tls *tls = certificate_load("client", "ca", NULL);
	struct actor_tls *nobody = certificate_load(NULL, "ca", NULL);
	struct actor_transport *ends[2], *none = NULL;

	make_below(&ends[0], &ends[1]);
	assert_int_equal(actor_tls_client(tls, ends[0], NULL, &none), ACTOR_E_INVALID);
	assert_int_equal(actor_tls_client(tls, ends[0], "", &none), ACTOR_E_INVALID);
	assert_int_equal(actor_tls_client(tls, ends[0], ".example.org", &none), ACTOR_E_INVALID);
	assert_int_equal(actor_tls_client(tls, ends[0], "%lo", &none), ACTOR_E_INVALID);
	assert_int_equal(actor_tls_server(nobody, ends[1], &none), ACTOR_E_INVALID);
	assert_null(none);
	actor_transport_destroy(ends[0]); /* still the caller's */
	actor_transport_destroy(ends[1]);
	actor_tls_unref(tls);
	actor_tls_unref(nobody);
}

/* ---- how it ends */

static void a_cut_is_no_end_in_order(void)
{
	link_by_wire(WIRE_PASS, 0, 0);
	exchange();
	end_shut(&near_end); /* both get what below TLS is an end in order */
	end_shut(&far_end);
	end_expect_lost(&client, ACTOR_E_SYSTEM, "has not said that it closes");
	end_expect_lost(&server, ACTOR_E_SYSTEM, "has not said that it closes");
	assert_int_equal(client.system_errno, ECONNRESET);
}

static void who_goes_says_so(void)
{
	link_both();
	exchange();
	end_destroy(&client);
	end_expect_finished(&server);
}

/* All is encrypted and on its way, and there is no room for it: a pair has some for 32 KiB. */
static void what_is_pending_when_one_closes_is_told(void)
{
	enum { MUCH = 32768 };
	uint8_t *bytes = calloc(1, MUCH);

	link_both();
	exchange();
	actor_transport_read(server.transport, false);
	end_write(&client, bytes, MUCH);
	settle();
	assert_true(client.pending == (tls_seed() % 2 == 1));
	actor_transport_shutdown(client.transport);
	settle();
	actor_transport_read(server.transport, true);
	end_expect(&server, bytes, MUCH);
	end_expect_finished(&server);
	assert_false(client.pending);
	free(bytes);
}

/* Who goes while there is no room for it stays until there is. */
static void who_goes_waits_until_he_can_say_so(void)
{
	enum { MUCH = 50000 };
	uint8_t *bytes = calloc(1, MUCH);

	link_both();
	exchange();
	actor_transport_read(server.transport, false);
	settle();
	for (unsigned i = 0; i < 1000 && end_is_idle(&client); i++) {
		end_write(&client, bytes, 999);
		settle();
	}
	actor_transport_read(server.transport, true);
	while (!end_is_idle(&client))
		pass_ns(1000);
	actor_transport_read(server.transport, false);
	end_destroy(&client);
	pass_ns(SECOND_NS / 2);
	actor_transport_read(server.transport, true);
	end_expect_finished(&server);
	free(bytes);
}

static void nobody_waits_for_ever_to_say_so(void)
{
	struct actor_transport *ends[2];

	make_below(&ends[0], &ends[1]);
	near_end.transport = ends[1];
	be_client("client", "ca", ends[0]);
	end_start(&near_end);
	settle();
	end_write(&near_end, "\x15\x03\x03\x00\x02\x02\x28", 7); /* an alert */
	settle();
	assert_int_equal(client.n_lost, 1);
	end_destroy(&client);
	pass_ns(SECOND_NS / 2);
	assert_int_equal(near_end.n_finished, 1);
	pass_ns(SECOND_NS);
}

static void nothing_is_kept_of_one_that_is_not_started(void)
{
	struct actor_tls *tls = certificate_load("client", "ca", NULL);
	struct actor_transport *ends[2], *transport;

	make_below(&ends[0], &ends[1]);
	assert_int_equal(actor_tls_client(tls, ends[0], "localhost", &transport), 0);
	assert_string_equal(actor_transport_why(transport), "");
	assert_string_equal(actor_transport_why(ends[1]), "");
	assert_null(actor_transport_certificate(ends[1]));
	actor_transport_destroy(transport);
	actor_transport_destroy(ends[1]);
	actor_tls_unref(tls);
}

/* ---- somebody in between */

/* How many bytes of each a handshake takes, and a little more. */
static void measure(size_t n_passed[2])
{
	link_by_wire(WIRE_PASS, 0, 0);
	settle();
	n_passed[0] = wire.n_passed[0];
	n_passed[1] = wire.n_passed[1];
}

/* Some of all places, and fewer where everything is slow. */
static size_t next_place(size_t at)
{
	return at + 3003 / test_times(300);
}

static void a_handshake_that_is_cut_anywhere_is_lost(void)
{
	size_t n[2];

	measure(n);
	for (unsigned of = 0; of < 2; of++)
		for (size_t at = 0; at < n[of]; at = next_place(at)) {
			begin_anew();
			link_by_wire(WIRE_CUT, of, at);
			pass_ns(SECOND_NS / 100);
			assert_int_equal(client.n_lost, 1);
			assert_int_equal(server.n_lost, 1);
			assert_int_equal(client.n_finished + server.n_finished, 0);
			assert_int_equal(client.status, ACTOR_E_SYSTEM);
			assert_int_equal(server.status, ACTOR_E_SYSTEM);
		}
}

static void expect_too_long(const struct end *end)
{
	assert_int_equal(end->n_lost, 1);
	assert_int_equal(end->status, ACTOR_E_HANDSHAKE);
	assert_non_null(strstr(end->why, "takes too long"));
}

/* Whichever message of it does not come: who waits for it does not do so for more than 10 s; and
 * the other side is cut off, if it has not got tired of it itself. */
static void a_handshake_that_stalls_anywhere_ends(void)
{
	size_t n[2];

	measure(n);
	for (unsigned of = 0; of < 2; of++)
		for (size_t at = 0; at < n[of]; at += 37) {
			begin_anew();
			link_by_wire(WIRE_STALL, of, at);
			pass_ns(SECOND_NS * 99 / 10);
			assert_int_equal(server.n_lost + client.n_lost, 0);
			pass_ns(SECOND_NS / 5);
			assert_int_equal(server.n_lost, 1);
			assert_int_equal(client.n_lost, 1);
			expect_too_long(server.status == ACTOR_E_SYSTEM ? &client : &server);
		}
}

static void how_long_it_takes_may_be_said(void)
{
	const struct actor_tls_options options = { .handshake_ns = SECOND_NS };
	struct actor_tls *tls = certificate_load("server", "ca", &options);
	struct actor_transport *ends[2];

	make_below(&ends[0], &ends[1]);
	near_end.transport = ends[0];
	end_start(&near_end);
	assert_int_equal(actor_tls_server(tls, ends[1], &server.transport), 0);
	actor_tls_unref(tls);
	end_start(&server);
	pass_ns(SECOND_NS * 9 / 10);
	end_expect_open(&server);
	pass_ns(SECOND_NS / 5);
	expect_too_long(&server);
}

/* However long it is idle, and whatever is done then. */
static void what_is_open_has_no_deadline(void)
{
	link_both();
	exchange();
	pass_ns(SECOND_NS * 60);
	actor_transport_read(client.transport, false);
	actor_transport_read(client.transport, true);
	exchange();
	pass_ns(SECOND_NS * 60);
	close_both();
}

static void write_both(void)
{
	end_write(&client, "to the server", 13);
	end_write(&server, "to the client", 13);
}

/* A length that has become longer makes the reader wait for more, until there is none. */
static void end_what_waits(struct end *reader, struct end *feeder)
{
	if (reader->n_lost > 0)
		return;
	end_shut(feeder);
	settle();
	assert_int_equal(reader->n_lost, 1);
	assert_int_equal(reader->status, ACTOR_E_SYSTEM);
}

/* Whether it has done no harm: the version in a record's head that is not encrypted is nobody's
 * concern. Otherwise it ends with an error, and nothing is delivered. */
static bool look_at_flip(struct end *reader, struct end *feeder)
{
	if (reader->n_got > 0) {
		end_expect(reader, reader == &client ? "to the client" : "to the server", 13);
		end_expect_open(reader);
		return true;
	}
	end_what_waits(reader, feeder);
	assert_int_equal(reader->n_finished, 0);
	assert_int_equal(reader->n_got, 0);
	return false;
}

static void a_byte_that_is_changed_anywhere_ends_it(void)
{
	unsigned n_harmless = 0;
	size_t n[2];

	link_by_wire(WIRE_PASS, 0, 0);
	write_both();
	settle();
	n[0] = wire.n_passed[0];
	n[1] = wire.n_passed[1];
	for (unsigned of = 0; of < 2; of++)
		for (size_t at = 0; at < n[of]; at = next_place(at)) {
			begin_anew();
			link_by_wire(WIRE_FLIP, of, at);
			write_both();
			settle();
			n_harmless += look_at_flip(of ? &client : &server,
						   of ? &near_end : &far_end);
		}
	assert_in_range(n_harmless, 0, 8);
}

/* ---- memory */

/* What there was before it is not more than what a few connections take. */
static void many_connections_leave_nothing(void)
{
	unsigned n = test_times(300);
	size_t before = 0;

	for (unsigned i = 0; i < n; i++) {
		if (i == n / 10)
			before = mallinfo2().uordblks;
		link_both();
		write_both();
		settle();
		assert_int_equal(server.n_got, 13);
		begin_anew();
	}
	assert_true(mallinfo2().uordblks <= before + 20000);
}

/* Both ends of one, when each has read and written the longest records; and what lies below, and
 * what the test keeps. */
static void a_connection_takes_no_more_than_is_said(void)
{
	enum { RECORD = 16384, SAID = 100 * 1024, PAIR = 68 * 1024 };
	uint8_t *bytes = calloc(1, RECORD);
	size_t before, after;

	link_both();
	exchange();
	begin_anew();
	before = mallinfo2().uordblks;
	link_both();
	for (unsigned i = 0; i < 2; i++) {
		end_write(&client, bytes, RECORD);
		end_write(&server, bytes, RECORD);
		end_expect(&client, bytes, RECORD);
		end_expect(&server, bytes, RECORD);
	}
	after = mallinfo2().uordblks;
	assert_true(after - before <= 2 * SAID + PAIR + 4 * RECORD + 4096);
	free(bytes);
}

static int set_up(void **state)
{
	tls_set_up(state);
	make_certificates();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(bytes_go_both_ways_and_it_ends_in_order),
		TLS_TEST(nobody_else_can_read_it),
		TLS_TEST(half_may_be_closed),
		TLS_TEST(what_is_much_goes_through),
		TLS_TEST(keys_are_changed),
		TLS_TEST(one_may_close_when_keys_are_due),
		TLS_TEST(each_knows_who_the_other_is),
		TLS_TEST(the_fingerprint_is_of_the_certificate),
		TLS_SEEDS_TEST(names_are_told_by_their_kind, 1),
		TLS_SEEDS_TEST(names_that_are_not_plain_are_left_out, 1),
		TLS_SEEDS_TEST(names_that_are_many_or_long_are_left_out, 1),
		TLS_TEST(a_server_may_be_known_by_its_address),
		TLS_TEST(a_server_may_be_known_by_an_address_of_the_sixth_version),
		TLS_TEST(an_interface_is_no_part_of_an_address),
		TLS_TEST(a_dot_at_the_end_is_no_part_of_a_name),
		TLS_TEST(a_server_may_be_one_of_many),
		TLS_TEST(a_server_of_another_name_is_not_trusted),
		TLS_TEST(a_server_at_another_address_is_not_trusted),
		TLS_TEST(a_name_that_looks_like_an_address_is_none),
		TLS_TEST(a_common_name_is_nobodys_name),
		TLS_TEST(a_part_of_a_name_is_no_name),
		TLS_TEST(a_part_of_a_part_of_a_name_is_not_left_open),
		TLS_TEST(a_server_that_has_expired_is_not_trusted),
		TLS_TEST(a_server_that_is_not_valid_yet_is_not_trusted),
		TLS_TEST(a_server_by_an_unknown_authority_is_not_trusted),
		TLS_TEST(a_server_by_itself_is_not_trusted),
		TLS_TEST(a_server_by_who_is_no_authority_is_not_trusted),
		TLS_TEST(a_certificate_of_clients_is_no_servers),
		TLS_TEST(an_authority_in_between_does),
		TLS_TEST(an_authority_in_between_has_to_be_shown),
		TLS_TEST(a_client_without_a_certificate_is_not_let_in),
		TLS_TEST(a_client_that_has_expired_is_not_let_in),
		TLS_TEST(a_client_that_is_not_valid_yet_is_not_let_in),
		TLS_TEST(a_client_by_an_unknown_authority_is_not_let_in),
		TLS_TEST(a_client_by_who_calls_himself_an_authority_is_not_let_in),
		TLS_TEST(a_client_by_itself_is_not_let_in),
		TLS_TEST(a_certificate_of_servers_is_no_clients),
		TLS_TEST(who_is_named_is_let_in),
		TLS_TEST(what_is_no_part_of_a_name_is_none_of_a_clients),
		TLS_TEST(who_is_not_named_is_not_let_in),
		TLS_TEST(each_side_may_trust_another_authority),
		TLS_TEST(a_server_is_not_trusted_for_what_it_trusts),
		TLS_TEST(who_is_on_no_list_is_let_in),
		TLS_TEST(who_is_on_a_list_is_not_let_in),
		TLS_TEST(a_server_that_is_on_a_list_is_not_trusted),
		TLS_TEST(who_is_below_one_who_is_on_a_list_is_not_let_in),
		TLS_TEST(each_authority_may_have_a_list),
		TLS_TEST(each_authority_has_to_have_a_list),
		TLS_TEST(a_list_that_is_out_of_date_does_not_do),
		TLS_TEST(a_list_by_somebody_else_does_not_do),
		TLS_TEST(any_name_may_do),
		TLS_TEST(any_name_is_not_anybody),
		TLS_TEST(anybody_may_do),
		TLS_TEST(a_server_need_not_ask),
		TLS_SEEDS_TEST(a_huge_chain_is_not_looked_at, 1),
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
		TLS_TEST(one_has_to_say_whom_one_wants),
		TLS_TEST(a_cut_is_no_end_in_order),
		TLS_TEST(who_goes_says_so),
		TLS_TEST(what_is_pending_when_one_closes_is_told),
		TLS_TEST(who_goes_waits_until_he_can_say_so),
		TLS_TEST(nobody_waits_for_ever_to_say_so),
		TLS_TEST(nothing_is_kept_of_one_that_is_not_started),
		TLS_SEEDS_TEST(a_handshake_that_is_cut_anywhere_is_lost, 1),
		TLS_SEEDS_TEST(a_handshake_that_stalls_anywhere_ends, 2),
		TLS_TEST(how_long_it_takes_may_be_said),
		TLS_TEST(what_is_open_has_no_deadline),
		TLS_SEEDS_TEST(a_byte_that_is_changed_anywhere_ends_it, 1),
		TLS_SEEDS_TEST(a_connection_takes_no_more_than_is_said, 1),
		TLS_SEEDS_TEST(many_connections_leave_nothing, 1),
	};

	return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
