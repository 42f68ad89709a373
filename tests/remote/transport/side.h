/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_SIDE_H
#define TRANSPORT_SIDE_H

#include <actor-iface/exec.h>
#include <actor-iface/typed-actor.h>
#include <actor-remote/transport.h>
#include <pthread.h>

ACTOR_EXEC(side);
#define SIDE_MESSAGES(CALL, SEND, X) CALL(X, side_exec)
ACTOR_DECLARE(side, SIDE_MESSAGES);

/**
 * struct side_seen - what one end of a connection has been told
 * @n_read:      bytes
 * @n_wrong:     of them, not those that the other side has written at that place
 * @n_reads:     how often it was told of some
 * @n_accepted:  bytes that a write has answered with 0 or ACTOR_PENDING
 * @n_written:   how often a write that was pending has gone out
 * @n_finished:  how often the end in order was told
 * @n_lost:      how often a loss was
 * @n_misplaced: events that may not be: on another thread, inside an operation, paused, when
 *               destroyed, after a loss, or of a write that was not pending
 * @lost_errno:  what was told
 * @write_failed: a write has returned an error
 */
struct side_seen {
	uint64_t n_read;
	uint64_t n_wrong;
	uint64_t n_reads;
	uint64_t n_accepted;
	uint64_t n_written;
	unsigned n_finished;
	unsigned n_lost;
	unsigned n_misplaced;
	int lost_errno;
	bool write_failed;
};

struct side;

/** typedef side_fn - what a side does in an event */
typedef void side_fn(struct side *side);

/** typedef side_until_fn - what is waited for */
typedef bool side_until_fn(const struct side *side, uint64_t goal);

/**
 * struct side - one end of a connection, and an actor beside it on its executor
 * @transport:  NULL when it has been destroyed
 * @number:     0 or 1: what it writes is other than what the other does
 * @seen:       what it has been told
 * @n_to_write: so many bytes are still to be written, whenever that is possible
 * @to_shut:    when they have been, it closes its direction
 * @most_bytes: of one write, most of which are of fewer
 * @pending:    a write is
 * @paused:     reading is
 * @pauses:     it pauses by itself now and then, until it is told to resume
 * @on_read:    done in the event, or NULL; and so on
 *
 * All belongs to the executor's thread while the side is there.
 */
struct side {
	union side_address address;
	struct actor_transport *transport;
	unsigned number;
	struct side_seen seen;
	uint64_t n_to_write;
	bool to_shut;
	size_t most_bytes;
	bool pending;
	bool paused;
	bool pauses;
	side_fn *on_read;
	side_fn *on_written;
	side_fn *on_finished;
	side_fn *on_lost;
	/* Its own. */
	pthread_t thread;
	bool in_operation;
	bool shut;
	uint64_t random;
	side_until_fn *until;
	uint64_t goal;
	struct actor_reply *waiting;
	uint8_t bytes[65536];
};

/** side_init() - a side of a transport that is not started: 0 or an error. Thread: the test's */
int side_init(struct side *side, struct actor_transport *transport, unsigned number);

/** side_deinit() - destroy the transport, if it is there, and the actor. Thread: the test's */
void side_deinit(struct side *side);

/** side_do() - run a function on its thread, and wait for it. Exits when that takes too long.
 * Thread: the test's */
void side_do(struct side *side, side_fn *function);

/** side_look() - what it has seen. Thread: the test's */
struct side_seen side_look(struct side *side);

/** side_wait() - wait until a condition holds; false when that takes too long. Thread: the test's
 */
bool side_wait(struct side *side, side_until_fn *until, uint64_t goal);

/** side_settle() - give everything the time to happen that is not to. Thread: the test's */
void side_settle(void);

/** side_seed() - have all that follows be other sizes. Thread: the test's */
void side_seed(uint64_t seed);

/* What may be done: on the thread of the side, in events, too. */
void side_start(struct side *side);
void side_write(struct side *side); /* @n_to_write, and so on */
void side_shutdown(struct side *side);
void side_pause(struct side *side);
void side_resume(struct side *side);
void side_destroy(struct side *side);

/** side_chance() - true one time in so many. Thread: the side's */
bool side_chance(struct side *side, unsigned one_in);

/* What may be waited for. */
bool side_has_read(const struct side *side, uint64_t n_bytes);
bool side_has_accepted(const struct side *side, uint64_t n_bytes);
bool side_is_done_writing(const struct side *side, uint64_t unused);
bool side_is_pending(const struct side *side, uint64_t unused);
bool side_is_paused(const struct side *side, uint64_t unused);
bool side_has_finished(const struct side *side, uint64_t unused);
bool side_has_lost(const struct side *side, uint64_t unused);
bool side_has_ended(const struct side *side, uint64_t unused); /* one or the other */
bool side_is_destroyed(const struct side *side, uint64_t unused);

#endif
