/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_TLS_FIXTURE_H
#define TESTS_REMOTE_TLS_FIXTURE_H

/* First, because of its cmocka. */
#include <impl/test.h>

#include "certificates.h"

#include <actor-impl/simulation.h>
#include <actor-remote/tls.h>

/**
 * DOC: connections with TLS in a simulation, and who sits in between
 *
 * Each test runs with several seeds: over pairs, and over networks. Time is virtual.
 */

#define SECOND_NS INT64_C(1000000000)

/** executor - the simulation; context - of the test's thread */
extern struct actor_executor *executor;
extern struct actor_context *context;

/**
 * struct end - one end of a connection, and what it has been told
 * @got:        the bytes
 * @n_finished: how often that it has ended in order
 * @n_lost:     how often that it is lost, and how that was told
 * @n_wrong:    events that may not be
 */
struct end {
	struct actor_transport *transport;
	bool started;
	uint8_t *got;
	size_t n_got;
	unsigned n_reads;
	unsigned n_finished;
	unsigned n_lost;
	int status;
	int system_errno;
	char why[192];
	unsigned n_wrong;
	/* Its own. */
	uint8_t *queue; /* to be written, behind what is being written */
	size_t n_queue;
	uint8_t *writing;
	bool pending;
	bool to_shut;
	void (*on_read)(struct end *end, const uint8_t *bytes, size_t n);
	void *user;
};

/** client, server - the two ends with TLS; given back after the test, like the others */
extern struct end client, server;

/** near_end, far_end - what is between them, without TLS: towards the client, and the server */
extern struct end near_end, far_end;

/** end_start() - begin to listen */
void end_start(struct end *end);

/** end_write() - bytes; behind what is not written yet */
void end_write(struct end *end, const void *bytes, size_t n);

/** end_shut() - close its direction behind that */
void end_shut(struct end *end);

/** end_destroy() - if it is there */
void end_destroy(struct end *end);

/** end_is_idle() - all has been written */
bool end_is_idle(const struct end *end);

/** end_expect() - what has come is this, and nothing else; it is forgotten */
void end_expect(struct end *end, const void *bytes, size_t n);

/** end_expect_finished() - it has ended in order, and is not lost */
void end_expect_finished(const struct end *end);

/** end_expect_lost() - with this status; @why is part of what is said of that */
void end_expect_lost(const struct end *end, int status, const char *why);

/** end_expect_open() - it has not ended */
void end_expect_open(const struct end *end);

/** settle() - let happen what can; pass_ns() - and let so much time pass */
void settle(void);
void pass_ns(int64_t duration_ns);

/** make_below() - two ends without TLS */
void make_below(struct actor_transport **ret_a, struct actor_transport **ret_b);

/** be_client() - @transport with TLS is the client, started; be_server() - the server */
void be_client(const char *name, struct actor_transport *transport);
void be_server(const char *name, struct actor_transport *transport);

/** link_by() - both, by these certificates; link_both() - by those that are good */
void link_by(const char *of_client, const char *of_server);
void link_both(void);

/** link_client(), link_server() - one of them; at the other side is near_end, without TLS */
void link_client(void);
void link_server(void);

/** exchange() - each side hears what the other has to say */
void exchange(void);

/** begin_anew() - give back all ends, and let pass so much time that nothing is left of them */
void begin_anew(void);

/* ---- who sits in between */

enum wire_deed { WIRE_PASS, WIRE_CUT, WIRE_FLIP, WIRE_STALL };

/**
 * struct wire - what is done to bytes that pass: to those of one side, at one place
 * @deed:     what: both are cut off, the byte there is changed, nothing comes through from there on
 * @of:       whose
 * @at:       which byte
 * @n_passed: so many have: of the client, of the server
 */
struct wire {
	enum wire_deed deed;
	unsigned of;
	size_t at;
	size_t n_passed[2];
};
extern struct wire wire;

/** link_by_wire() - as link_both(), with somebody in between, who does what @wire says */
void link_by_wire(enum wire_deed deed, unsigned of, size_t at);

/* ---- tests */

/** struct tls_test - what is run with each seed */
struct tls_test {
	void (*run)(void);
	unsigned n_seeds;
};

void tls_test_run(void **state);
int tls_test_tear_down(void **state);

/** tls_set_up(), tls_tear_down() - around all tests: the usual certificates */
int tls_set_up(void **state);
int tls_tear_down(void **state);

/** tls_seed() - of this run, from 1 on */
unsigned tls_seed(void);

#define TLS_SEEDS_TEST(name, n)                                                                    \
	{                                                                                          \
#name, tls_test_run, NULL, tls_test_tear_down, &(struct tls_test)                  \
		{                                                                                  \
			name, n                                                                    \
		}                                                                                  \
	}
#define TLS_TEST(name) TLS_SEEDS_TEST(name, 4)

#endif
