/* SPDX-License-Identifier: MIT */

/* What others may do at the other side of a connection with TLS: OpenSSL by itself, with whatever
 * it lets one do, and who does not speak TLS at all. */

#define _GNU_SOURCE /* asprintf() */

#include "tls-fixture.h"

#include "../../actor-remote/src/tls.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

/* ---- the stranger: at near_end */

static struct {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
	uint8_t got[1 << 17];
	size_t n_got;
	int error; /* of the last that did not go on */
	unsigned long reason;
	bool mute;	    /* what it would send, it does not */
	const char *groups; /* by which it would agree on keys; NULL: whatever it knows */
} stranger;

static void stranger_send(void)
{
	uint8_t bytes[16384];
	int n;

	while (!stranger.mute && (n = BIO_read(stranger.out, bytes, sizeof bytes)) > 0)
		end_write(&near_end, bytes, (size_t)n);
}

static void stranger_go_on(void)
{
	size_t n = 0;
	int rc;

	ERR_clear_error();
	do {
		rc = SSL_read_ex(stranger.ssl, stranger.got + stranger.n_got,
				 sizeof stranger.got - stranger.n_got, &n);
		stranger.n_got += rc == 1 ? n : 0;
	} while (rc == 1);
	stranger.error = SSL_get_error(stranger.ssl, rc);
	if (ERR_peek_error())
		stranger.reason = ERR_GET_REASON(ERR_peek_error());
	stranger_send();
}

static void stranger_read(struct end *end, const uint8_t *bytes, size_t n)
{
	(void)end;
	if (!bytes)
		return;
	BIO_write(stranger.in, bytes, (int)n);
	stranger_go_on();
}

static void stranger_make(const char *name, int least, int most)
{
	char file[64];

	stranger.context = SSL_CTX_new(TLS_method());
	SSL_CTX_set_min_proto_version(stranger.context, least);
	SSL_CTX_set_max_proto_version(stranger.context, most);
	snprintf(file, sizeof file, "%s.pem", name);
	assert_int_equal(
		SSL_CTX_use_certificate_chain_file(stranger.context, certificates_path(file)), 1);
	snprintf(file, sizeof file, "%s.key", name);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(stranger.context, certificates_path(file),
						     SSL_FILETYPE_PEM),
			 1);
	stranger.ssl = SSL_new(stranger.context);
	if (stranger.groups)
		assert_int_equal(SSL_set1_groups_list(stranger.ssl, stranger.groups), 1);
	stranger.in = BIO_new(BIO_s_mem());
	stranger.out = BIO_new(BIO_s_mem());
	SSL_set_bio(stranger.ssl, stranger.in, stranger.out);
}

static void stranger_free(void)
{
	SSL_free(stranger.ssl);
	SSL_CTX_free(stranger.context);
	memset(&stranger, 0, sizeof stranger);
}

/* It begins, or waits for that. */
static void stranger_begin(bool as_server)
{
	near_end.on_read = stranger_read;
	if (as_server)
		SSL_set_accept_state(stranger.ssl);
	else
		SSL_set_connect_state(stranger.ssl);
	end_start(&near_end);
	stranger_go_on();
	settle();
}

/* As a client of ours, of this version at most. */
static void stranger_calls(int most)
{
	struct actor_transport *transport;

	stranger_make("client", TLS1_2_VERSION, most);
	make_below(&near_end.transport, &transport);
	be_server("server", transport);
	stranger_begin(false);
}

/* As a server of ours. */
static void stranger_is_called(int most)
{
	struct actor_transport *transport;

	stranger_make("server", TLS1_2_VERSION, most);
	make_below(&near_end.transport, &transport);
	be_client("client", transport);
	stranger_begin(true);
}

static void stranger_write(const void *bytes, size_t n)
{
	assert_int_equal(SSL_write(stranger.ssl, bytes, (int)n), n);
	stranger_send();
	settle();
}

static void stranger_expect(const void *bytes, size_t n)
{
	settle();
	assert_int_equal(stranger.n_got, n);
	assert_memory_equal(stranger.got, bytes, n);
	stranger.n_got = 0;
}

/* ---- versions */

static void a_stranger_is_served(void)
{
	stranger_calls(TLS1_3_VERSION);
	end_expect_open(&server);
	assert_string_equal(SSL_get_version(stranger.ssl), "TLSv1.3");
	stranger_write("hello", 5);
	end_expect(&server, "hello", 5);
	end_write(&server, "world", 5);
	stranger_expect("world", 5);
	assert_int_equal(SSL_session_reused(stranger.ssl), 0);
	stranger_free();
}

static void a_stranger_serves(void)
{
	SSL *ssl;

	stranger_is_called(TLS1_3_VERSION);
	ssl = stranger.ssl;
	stranger_write("hello", 5);
	end_expect(&client, "hello", 5);
	end_write(&client, "world", 5);
	stranger_expect("world", 5);
	assert_string_equal(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), "localhost");
	stranger_free();
}

static void an_older_client_is_refused(void)
{
	stranger_calls(TLS1_2_VERSION);
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "unsupported protocol");
	assert_int_equal(stranger.reason, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
	stranger_free();
}

static void an_older_server_is_refused(void)
{
	stranger_is_called(TLS1_2_VERSION);
	end_expect_lost(&client, ACTOR_E_HANDSHAKE, "protocol version");
	stranger_free();
}

/* Nothing by which a connection could be taken up again is given away. */
static void no_tickets_are_given(void)
{
	stranger_calls(TLS1_3_VERSION);
	end_write(&server, "x", 1);
	stranger_expect("x", 1);
	assert_int_equal(SSL_SESSION_is_resumable(SSL_get_session(stranger.ssl)), 0);
	stranger_free();
}

/* ---- keys */

/* Not by those for which a message of the stranger's costs a server a tenth of a second. */
static void keys_are_agreed_on_by_what_costs_little(void)
{
	static const char *const those[] = { "X25519", "P-256", "P-384" };
	static const char *const others[] = { "ffdhe2048", "ffdhe8192:ffdhe4096" };

	stranger.groups = those[tls_seed() % N_ELEMENTS(those)];
	stranger_calls(TLS1_3_VERSION);
	end_expect_open(&server);
	stranger_write("hello", 5);
	end_expect(&server, "hello", 5);
	stranger_free();
	end_destroy(&server);
	end_destroy(&near_end);
	stranger.groups = others[tls_seed() % N_ELEMENTS(others)];
	stranger_calls(TLS1_3_VERSION);
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "no suitable key share");
	stranger_free();
}

static void keys_may_be_changed_at_any_time(void)
{
	const int kinds[] = { SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED };

	stranger_calls(TLS1_3_VERSION);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(SSL_key_update(stranger.ssl, kinds[i % 2]), 1);
		stranger_write("hello", 5);
		end_expect(&server, "hello", 5);
		end_write(&server, "world", 5);
		stranger_expect("world", 5);
	}
	stranger_free();
}

static unsigned n_key_updates;

static void count_key_updates(int written, int version, int kind, const void *bytes, size_t n,
			      SSL *ssl, void *user)
{
	(void)version, (void)ssl, (void)user;
	n_key_updates += !written && kind == SSL3_RT_HANDSHAKE && n > 0 &&
			 *(const uint8_t *)bytes == SSL3_MT_KEY_UPDATE;
}

/* Long before a cipher is worn out. */
static void our_keys_are_changed(void)
{
	uint32_t before = actor__tls_records_per_key;

	actor__tls_records_per_key = 3;
	n_key_updates = 0;
	stranger_calls(TLS1_3_VERSION);
	SSL_set_msg_callback(stranger.ssl, count_key_updates);
	for (unsigned i = 0; i < 10; i++) {
		end_write(&server, "world", 5);
		stranger_expect("world", 5);
	}
	assert_int_equal(n_key_updates, 3);
	actor__tls_records_per_key = before;
	stranger_free();
}

/* Ours then answers behind what is on its way, and when there is no room for more answers, reads no
 * more. */
static void keys_may_be_changed_while_a_write_is_pending(void)
{
	enum { MUCH = 1 << 20 };
	uint8_t *bytes = calloc(1, MUCH);

	stranger_calls(TLS1_3_VERSION);
	actor_transport_read(near_end.transport, false);
	end_write(&server, bytes, 100000);
	settle();
	assert_false(end_is_idle(&server));
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(SSL_key_update(stranger.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		stranger_write("hello", 5);
	}
	settle();
	assert_in_range(server.n_got, 5, 499);
	actor_transport_read(near_end.transport, true);
	pass_ns(SECOND_NS);
	assert_true(end_is_idle(&server));
	assert_int_equal(server.n_got, 500);
	stranger_expect(bytes, 100000);
	end_expect_open(&server);
	free(bytes);
	stranger_free();
}

/* ---- records */

static void records_may_be_of_any_size(void)
{
	uint8_t *bytes = malloc(16384);

	memset(bytes, 0x5a, 16384);
	stranger_calls(TLS1_3_VERSION);
	stranger_write(bytes, 1);
	end_expect(&server, bytes, 1);
	stranger_write(bytes, 16384);
	end_expect(&server, bytes, 16384);
	assert_int_equal(SSL_set_block_padding(stranger.ssl, 512), 1);
	stranger_write(bytes, 3);
	end_expect(&server, bytes, 3);
	end_write(&server, bytes, 16384);
	stranger_expect(bytes, 16384);
	free(bytes);
	stranger_free();
}

/* A record without bytes says nothing, and is told to nobody. */
static void a_record_of_nothing_is_nothing(void)
{
	unsigned n_reads;

	stranger_calls(TLS1_3_VERSION);
	stranger_write("a", 1);
	settle();
	n_reads = server.n_reads;
	SSL_set_options(stranger.ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
	assert_int_equal(SSL_write(stranger.ssl, "", 0), 0);
	stranger_send();
	settle();
	assert_int_equal(server.n_reads, n_reads);
	stranger_write("b", 1);
	end_expect(&server, "ab", 2);
	stranger_free();
}

static void expect_refused_bytes(const char *bytes, size_t n, const char *why)
{
	stranger_calls(TLS1_3_VERSION);
	end_expect_open(&server);
	end_write(&near_end, bytes, n);
	end_expect_lost(&server, ACTOR_E_PROTOCOL, why);
	assert_int_equal(server.n_got, 0);
	stranger_free();
}

static void a_record_that_is_too_long_ends_it(void)
{
	expect_refused_bytes("\x17\x03\x03\xff\xff", 5, "TLS:");
}

static void a_record_that_nobody_encrypted_ends_it(void)
{
	expect_refused_bytes("\x17\x03\x03\x00\x15"
			     "0123456789abcdef01234",
			     26, "TLS:");
}

static void a_record_of_no_kind_ends_it(void)
{
	expect_refused_bytes("\x99\x03\x03\x00\x05hello", 10, "TLS:");
}

/* What was encrypted once does not do again. */
static void a_record_that_comes_again_ends_it(void)
{
	uint8_t bytes[256];
	int n;

	stranger_calls(TLS1_3_VERSION);
	stranger.mute = true;
	assert_int_equal(SSL_write(stranger.ssl, "hello", 5), 5);
	n = BIO_read(stranger.out, bytes, sizeof bytes);
	end_write(&near_end, bytes, (size_t)n);
	end_expect(&server, "hello", 5);
	end_write(&near_end, bytes, (size_t)n);
	end_expect_lost(&server, ACTOR_E_PROTOCOL, "TLS:");
	assert_int_equal(server.n_got, 0);
	stranger_free();
}

/* ---- memory: by the C library, which a sanitizer takes the place of */

/* Whatever is said to be coming. */
static void what_is_announced_is_not_much(void)
{
	static const char hello[] = "\x16\x03\x01\x00\x04\x01\x02\x01\x40";
	struct actor_transport *transport;
	size_t before;

	make_below(&near_end.transport, &transport);
	before = mallinfo2().uordblks;
	be_server("server", transport);
	end_start(&near_end);
	end_write(&near_end, hello, sizeof hello - 1);
	end_expect_open(&server);
	assert_in_range(mallinfo2().uordblks - before, 0, 300 * 1024);
}

/* Of a certificate for as many names as there is room for, OpenSSL makes fifty times as much: so
 * nothing is kept of whoever is not trusted, even if he stays. */
static void nothing_is_kept_of_who_is_not_trusted(void)
{
	struct actor_transport *transport;
	size_t before;

	stranger_make("wordy", TLS1_3_VERSION, TLS1_3_VERSION);
	make_below(&near_end.transport, &transport);
	before = mallinfo2().uordblks;
	be_server("server", transport);
	stranger_begin(false);
	end_expect_lost(&server, ACTOR_E_UNTRUSTED, "self-signed");
	assert_in_range(mallinfo2().uordblks - before, 0, 300 * 1024);
	stranger_free();
}

static int set_up(void **state)
{
	char *names = strdup("DNS:a");

	tls_set_up(state);
	for (unsigned n = 1; n < 4000; n *= 2) {
		char *more;

		assert_true(asprintf(&more, "%s,%s", names, names) > 0);
		free(names);
		names = more;
	}
	certificate_make("wordy", &(struct certificate_wish){ .names = names });
	free(names);
	return 0;
}

/* ---- alerts, and ends */

/* Outside the handshake an alert that is not encrypted is nobody's. */
static void an_alert_by_nobody_ends_it(void)
{
	expect_refused_bytes("\x15\x03\x03\x00\x02\x01\x00", 7, "TLS:");
}

static void an_alert_in_the_handshake_is_told(void)
{
	link_client();
	settle();
	end_write(&near_end, "\x15\x03\x03\x00\x02\x02\x28", 7);
	end_expect_lost(&client, ACTOR_E_HANDSHAKE, "the other side says: ");
	assert_non_null(strstr(client.why, "handshake failure"));
}

/* What is said before anything was read is about our certificate; later it is not. */
static void an_alert_later_is_told(void)
{
	stranger_is_called(TLS1_3_VERSION);
	stranger_write("hello", 5);
	end_expect(&client, "hello", 5);
	stranger_read(&near_end,
		      (const uint8_t *)"\x17\x03\x03\x00\x15"
				       "0123456789abcdef01234",
		      26);
	end_expect_lost(&client, ACTOR_E_PROTOCOL, "the other side says: ");
	assert_non_null(strstr(client.why, "bad record mac"));
	stranger_free();
}

static void a_stranger_closes_in_order(void)
{
	stranger_calls(TLS1_3_VERSION);
	stranger_write("bye", 3);
	SSL_shutdown(stranger.ssl);
	stranger_send();
	end_expect(&server, "bye", 3);
	end_expect_finished(&server);
	end_write(&server, "later", 5);
	stranger_expect("later", 5);
	end_shut(&server);
	settle();
	assert_int_equal(stranger.error, SSL_ERROR_ZERO_RETURN);
	stranger_free();
}

static void what_comes_after_the_end_is_not_read(void)
{
	stranger_calls(TLS1_3_VERSION);
	SSL_shutdown(stranger.ssl);
	stranger_send();
	end_write(&near_end, "\x17\x03\x03\x00\x05hello", 10);
	end_expect_finished(&server);
	assert_int_equal(server.n_got, 0);
	stranger_free();
}

static void a_stranger_who_hangs_up_has_not_closed(void)
{
	stranger_calls(TLS1_3_VERSION);
	stranger_write("all there i", 11);
	end_shut(&near_end);
	end_expect_lost(&server, ACTOR_E_SYSTEM, "has not said that it closes");
	assert_int_equal(server.system_errno, ECONNRESET);
	assert_int_equal(server.n_got, 11); /* what had come was told before */
	stranger_free();
}

/* Half a record holds up nobody who writes. */
static void half_a_record_is_waited_for(void)
{
	stranger_calls(TLS1_3_VERSION);
	stranger_write("before", 6);
	end_expect(&server, "before", 6);
	end_expect_open(&server);
	end_write(&near_end, "\x17\x03\x03\x00", 4);
	end_expect_open(&server);
	end_write(&server, "after", 5);
	stranger_expect("after", 5);
	stranger_free();
}

/* ---- no TLS */

static void plain_bytes_are_no_handshake(void)
{
	static const char *const all[] = { "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "",
					   "\x80\x2e\x01\x00\x02", "EHLO example.org\r\n" };
	const char *bytes = all[tls_seed() % N_ELEMENTS(all)];

	link_server();
	end_write(&near_end, bytes, strlen(bytes));
	settle();
	if (server.n_lost == 0) /* it may still become one */
		pass_ns(SECOND_NS * 10);
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "");
	assert_int_equal(server.n_got, 0);
}

static void a_frame_of_a_peer_is_no_handshake(void)
{
	uint8_t frame[24 + 10] = { 34 };

	link_server();
	end_write(&near_end, frame, sizeof frame);
	end_expect_lost(&server, ACTOR_E_HANDSHAKE, "TLS: ");
}

static void who_answers_without_it_is_told(void)
{
	link_client();
	settle();
	end_write(&near_end, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	end_expect_lost(&client, ACTOR_E_HANDSHAKE, "wrong version number");
}

static void noise_does_no_harm(void)
{
	uint64_t random = 77 + tls_seed();
	uint8_t bytes[3000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)test_random(&random);
	if (tls_seed() % 2) /* as if it were one */
		memcpy(bytes, "\x16\x03\x01\x05\x00\x01\x00\x04\xfc\x03\x03", 11);
	if (tls_seed() % 3)
		link_server();
	else
		link_client();
	end_write(&near_end, bytes, sizeof bytes);
	pass_ns(SECOND_NS * 10);
	end_expect_lost(tls_seed() % 3 ? &server : &client, ACTOR_E_HANDSHAKE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(a_stranger_is_served),
		TLS_TEST(a_stranger_serves),
		TLS_TEST(an_older_client_is_refused),
		TLS_TEST(an_older_server_is_refused),
		TLS_TEST(no_tickets_are_given),
		TLS_SEEDS_TEST(keys_are_agreed_on_by_what_costs_little, 6),
		TLS_SEEDS_TEST(what_is_announced_is_not_much, 1),
		TLS_SEEDS_TEST(nothing_is_kept_of_who_is_not_trusted, 1),
		TLS_TEST(keys_may_be_changed_at_any_time),
		TLS_TEST(our_keys_are_changed),
		TLS_TEST(keys_may_be_changed_while_a_write_is_pending),
		TLS_TEST(records_may_be_of_any_size),
		TLS_TEST(a_record_of_nothing_is_nothing),
		TLS_TEST(a_record_that_is_too_long_ends_it),
		TLS_TEST(a_record_that_nobody_encrypted_ends_it),
		TLS_TEST(a_record_of_no_kind_ends_it),
		TLS_TEST(a_record_that_comes_again_ends_it),
		TLS_TEST(an_alert_by_nobody_ends_it),
		TLS_TEST(an_alert_in_the_handshake_is_told),
		TLS_TEST(an_alert_later_is_told),
		TLS_TEST(a_stranger_closes_in_order),
		TLS_TEST(what_comes_after_the_end_is_not_read),
		TLS_TEST(a_stranger_who_hangs_up_has_not_closed),
		TLS_TEST(half_a_record_is_waited_for),
		TLS_SEEDS_TEST(plain_bytes_are_no_handshake, 10),
		TLS_TEST(a_frame_of_a_peer_is_no_handshake),
		TLS_TEST(who_answers_without_it_is_told),
		TLS_SEEDS_TEST(noise_does_no_harm, 100),
	};

	return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
