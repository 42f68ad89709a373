/* SPDX-License-Identifier: MIT */

/* Whom the two sides of a connection with TLS trust, and what they know of one another. */

#include "tls-fixture.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

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

static int set_up(void **state)
{
	tls_set_up(state);
	make_certificates();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
