/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_PEER_FIXTURE_H
#define TESTS_REMOTE_PEER_FIXTURE_H

#include "remotes.h"
#include "socket-links.h"

#include <actor-impl/simulation.h>
#include <actor-remote/peer.h>
#include <actor-remote/pub-sub.h>
#include <actor-remote/relay-map.h>
#include <impl/test.h>

/**
 * DOC: two sides of a connection, in a simulation
 *
 * Each test runs with many seeds: so in many orders. Time is virtual, so that a minute's timeout
 * takes none. The test's thread takes part; what is to be expected it looks at when it has let all
 * happen that can: settle().
 *
 * And it runs over what is simulated, in memory and over a network, and over sockets of both kinds:
 * see socket-links.h.
 */

/** executor - the simulation; context - of the test's thread */
extern struct actor_executor *executor;
extern struct actor_context *context;

/** struct side - one side: a peer, what it serves, and what it tells */
struct side {
	struct actor_peer *peer;
	struct actor_subscription *events;
	struct remotes_services services;
	struct sum sum;
	struct sum_mailbox mailbox;
	union sum_address address;
	union remotes_address remote;	      /* the other side */
	struct actor_mailbox_options options; /* of the actor */
};

/** left, right - the two sides, and more for relays; those that are there are given back after the
 * test */
extern struct side left, right, more[4];

/** side_open() - a peer that is not started, and an actor that it does not serve yet */
void side_open(struct side *side, struct actor_transport *transport,
	       const struct actor_peer_options *options);

/** side_serve() - the actor serves all of remotes */
void side_serve(struct side *side);

/** side_close() - give back what is there */
void side_close(struct side *side);

/** connect_sides() - open, serve and start both; options may be NULL */
void connect_sides(const struct actor_peer_options *left_options,
		   const struct actor_peer_options *right_options);

/** make_link() - two ends: of sockets; or of a pair, or, with every other seed, of a network */
void make_link(struct actor_transport **ret_a, struct actor_transport **ret_b);

/** link_sides() - open and start both, which serve nothing */
void link_sides(struct side *a, const struct actor_peer_options *a_options, struct side *b,
		const struct actor_peer_options *b_options);

/** settle() - let happen what can, until only time is waited for */
void settle(void);

/** pass_ns() - the same, and let so much time pass */
void pass_ns(int64_t duration_ns);

/** expect_event() - the next event of a side is of this kind and status; returned until the next
 * call */
const struct actor_peer_event *expect_event(struct side *side, enum actor_peer_event_kind kind,
					    int status);

/** expect_no_event() - there is none, and may be none any more */
void expect_no_event(struct side *side);

/** expect_ended() - the peer has ended by now, and told so: its events are over */
void expect_ended(struct side *side);

/** counts_of() - of the side's peer, at this moment */
struct actor_peer_counts counts_of(const struct side *side);

/* Calls and sends by the test's thread, to the other side of a peer. */
int call_add(struct side *from, int64_t n);
int call_show(struct side *from, int64_t *ret_total);
int send_note(struct side *from, const char *text);

/** struct caller - a call that is under way, and how it has ended */
struct caller {
	struct actor_future future;
	struct add add;
	struct actor_unit unit;
};

/** begin_add() - call, and do not wait for the answer */
void begin_add(struct caller *caller, struct side *from, int64_t n);

/** end_add() - what has become of it; ACTOR_E_TIMEOUT when nothing has */
int end_add(struct caller *caller);

/* ---- a stranger */

/**
 * struct stranger - the other side of a connection, by hand
 * @frames:     what has come: whole frames one after the other, with their 24 bytes of head
 * @n_frames:   bytes of that
 * @n_reads:    in so many pieces
 * @most:       it reads no more when there are so many; 0: it always does
 * @ended:      how often it was told of the end
 * @status:     with the last
 */
struct stranger {
	struct actor_transport *transport;
	uint8_t frames[1 << 17];
	size_t n_frames;
	unsigned n_reads;
	size_t most;
	unsigned ended;
	int status;
	/* Its own. */
	uint8_t *unwritten;
	size_t n_unwritten;
	bool pending;
	size_t n_seen;
};

extern struct stranger stranger;

/** connect_stranger() - with @left, which serves and is started */
void connect_stranger(const struct actor_peer_options *options);

/** stranger_events - its own, for one that is started by hand */
extern const struct actor_transport_events stranger_events;

/** stranger_close() - give back what is there */
void stranger_close(void);

/** stranger_write() - bytes, as they are */
void stranger_write(const void *bytes, size_t n);

/** stranger_write_now() - the same, and nothing happens in between or after it */
void stranger_write_now(const void *bytes, size_t n);

/** stranger_frame() - a frame, with CBOR in hexadecimal digits as its payload */
void stranger_frame(uint64_t service, uint64_t call, const char *payload);

/** stranger_expect() - the next frame that has come */
void stranger_expect(uint64_t service, uint64_t call, const char *payload);

/** stranger_expect_error() - the next frame is an error of this kind */
void stranger_expect_error(enum actor_wire_error_kind kind, uint64_t service, uint64_t call);

/** stranger_expect_nothing() - no frame has come that was not expected */
void stranger_expect_nothing(void);

/* ---- tests */

/**
 * struct peer_test - what is run with each seed
 * @links: over what
 */
struct peer_test {
	void (*run)(void);
	enum link_kind links;
};

void peer_test_run(void **state);
int peer_test_tear_down(void **state);

#define PEER_TEST_OVER(name, over, links)                                                          \
	{                                                                                          \
#name over, peer_test_run, NULL, peer_test_tear_down, &(struct peer_test)          \
		{                                                                                  \
			name, links                                                                \
		}                                                                                  \
	}

/** PEER_TEST() - over everything: three tests, each of which says over what in its name */
#define PEER_TEST(name) SIMULATED_TEST(name), SOCKETS_TEST(name)

/** SIMULATED_TEST() - one for which sockets make no difference, or too much of one */
#define SIMULATED_TEST(name) PEER_TEST_OVER(name, "", LINK_SIMULATED)

/** SOCKETS_TEST() - one of what only sockets do: two tests */
#define SOCKETS_TEST(name)                                                                         \
	PEER_TEST_OVER(name, " over tcp", LINK_TCP), PEER_TEST_OVER(name, " over unix", LINK_UNIX)

#endif
