/* SPDX-License-Identifier: MIT */

/* Somebody sits between the two sides of a connection with TLS, and cuts, changes or keeps what
 * passes. */

#define _GNU_SOURCE /* memmem() */

#include "tls-fixture.h"

#include <errno.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(nobody_else_can_read_it),
		TLS_TEST(a_cut_is_no_end_in_order),
		TLS_SEEDS_TEST(a_handshake_that_is_cut_anywhere_is_lost, 1),
		TLS_SEEDS_TEST(a_handshake_that_stalls_anywhere_ends, 2),
		TLS_TEST(how_long_it_takes_may_be_said),
		TLS_SEEDS_TEST(a_byte_that_is_changed_anywhere_ends_it, 1),
	};

	return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
