/* SPDX-License-Identifier: MIT */

/* Connections with TLS: what goes through, how they end, and what they take. */

#include "tls-fixture.h"

#include "../../actor-remote/src/tls.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>

static void close_both(void)
{
	end_shut(&client);
	end_shut(&server);
	end_expect_finished(&client);
	end_expect_finished(&server);
}

/* ---- what goes through */

static void bytes_go_both_ways_and_it_ends_in_order(void)
{
	link_both();
	exchange();
	close_both();
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

/* So many messages are written while the other side does not read, or as there is room for. */
static unsigned fill(unsigned most)
{
	unsigned n = 0;

	link_both();
	exchange();
	actor_transport_read(server.transport, false);
	settle();
	for (; n < most && end_is_idle(&client); n++)
		end_write(&client, "x", 1);
	return n;
}

/* Who goes while there is no room to say so, which takes a byte more than a message of one, stays
 * until there is. */
static void who_goes_waits_until_he_can_say_so(void)
{
	unsigned n = fill(UINT_MAX);

	begin_anew();
	assert_int_equal(fill(n - 1), n - 1);
	assert_true(end_is_idle(&client));
	end_destroy(&client);
	pass_ns(SECOND_NS / 2);
	actor_transport_read(server.transport, true);
	end_expect_finished(&server);
	assert_int_equal(server.n_got, n - 1);
}

static void nobody_waits_for_ever_to_say_so(void)
{
	link_client();
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

/* ---- memory */

/* What the C library keeps for the next of a size counts as taken; so let it keep all that it does
 * before others make it, by and by. */
static void fill_caches(void)
{
	enum { SIZES = 64, KEPT = 7 };
	void *volatile all[SIZES][KEPT];

	for (size_t i = 0; i < SIZES; i++)
		for (size_t k = 0; k < KEPT; k++)
			all[i][k] = malloc((i + 1) * 16);
	for (size_t i = 0; i < SIZES; i++)
		for (size_t k = 0; k < KEPT; k++)
			free(all[i][k]);
}

/* What there was before it is not more than what a few connections take. */
static void many_connections_leave_nothing(void)
{
	unsigned n = test_times(300);
	size_t before = 0;

	fill_caches();
	for (unsigned i = 0; i < n; i++) {
		if (i == n / 10)
			before = mallinfo2().uordblks;
		link_both();
		exchange();
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(bytes_go_both_ways_and_it_ends_in_order),
		TLS_TEST(half_may_be_closed),
		TLS_TEST(what_is_much_goes_through),
		TLS_TEST(keys_are_changed),
		TLS_TEST(one_may_close_when_keys_are_due),
		TLS_TEST(one_has_to_say_whom_one_wants),
		TLS_TEST(who_goes_says_so),
		TLS_TEST(what_is_pending_when_one_closes_is_told),
		TLS_TEST(who_goes_waits_until_he_can_say_so),
		TLS_TEST(nobody_waits_for_ever_to_say_so),
		TLS_TEST(nothing_is_kept_of_one_that_is_not_started),
		TLS_TEST(what_is_open_has_no_deadline),
		TLS_SEEDS_TEST(a_connection_takes_no_more_than_is_said, 1),
		TLS_SEEDS_TEST(many_connections_leave_nothing, 1),
	};

	return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
