/* SPDX-License-Identifier: MIT */
#ifndef BARE_LOOP_H
#define BARE_LOOP_H

#include "process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * DOC: connections by hand
 *
 * What the library is compared with: epoll, one buffer for all that is read and one for all that
 * is written, frames that are looked at where they are. A connection has memory of its own only
 * while a frame is not whole yet, or something is not written yet.
 */

enum { BARE_HEAD = 24, BARE_IN = 65536, BARE_OUT = 4 * BARE_IN };

struct bare_connection;

/** struct bare_frame - a frame that came; @payload is borrowed for the call */
struct bare_frame {
	uint64_t service;
	uint64_t call;
	const uint8_t *payload;
	size_t n_payload;
};

/** struct bare_source - what a loop waits for; embedded first */
struct bare_source {
	void (*on_event)(struct bare_source *source, uint32_t events);
};

/**
 * struct bare_loop - waits for sources
 * @epoll: the descriptor
 * @ended: somebody has called for its end
 * @n_out: bytes that wait in @out for bare_flush()
 */
struct bare_loop {
	int epoll;
	bool ended;
	size_t n_out;
	uint8_t in[BARE_IN];
	uint8_t out[BARE_OUT];
};

/**
 * struct bare_connection - frames both ways
 * @to:       the connection to which goes what its frames lead to: itself, where they are answered.
 *            While that one cannot be written to, this one is not read
 * @on_frame: called with each; what it appends is written when all that came are seen to
 * @on_end:   the other side has closed; may free it, after bare_close()
 * @user:     for both
 */
struct bare_connection {
	struct bare_source source;
	struct bare_loop *loop;
	int fd;
	uint32_t events;
	struct bare_connection *to;
	void (*on_frame)(struct bare_connection *connection, const struct bare_frame *frame);
	void (*on_end)(struct bare_connection *connection);
	void *user;
	uint8_t *partial;
	size_t n_partial;
	uint8_t *unsent;
	size_t n_unsent;
};

void bare_loop_init(struct bare_loop *loop);
void bare_loop_deinit(struct bare_loop *loop);

/** bare_loop_wait() - wait for events, once, and see to them */
void bare_loop_wait(struct bare_loop *loop);

/** bare_loop_add() - wait for a descriptor to become readable, too */
void bare_loop_add(struct bare_loop *loop, int fd, struct bare_source *source);

/** bare_listen() - a socket that listens, "tcp" or "unix", and its address */
int bare_listen(const char *transport, char address[MOST_ADDRESS]);

/** bare_connect() - a connected socket */
int bare_connect(const char *address);

/** bare_open() - put a socket into a loop; connection->to is itself */
void bare_open(struct bare_connection *connection, struct bare_loop *loop, int fd);

void bare_close(struct bare_connection *connection);

/** bare_append() - one more frame that is to be written: see bare_flush() */
void bare_append(struct bare_loop *loop, uint64_t service, uint64_t call, const uint8_t *payload,
		 size_t n_payload);

/** bare_flush() - write what was appended to a connection, or keep it until it can be written */
void bare_flush(struct bare_connection *connection);

/** bare_put_number(), bare_get_number() - a number of 2^32 or more, in CBOR: 9 bytes */
enum { BARE_NUMBER = 9 };
void bare_put_number(uint8_t bytes[BARE_NUMBER], uint64_t number);
uint64_t bare_get_number(const uint8_t bytes[BARE_NUMBER]);

/** bare_put_numbers() - what struct tell is in CBOR, 64 bytes: an array of numbers from this one
 * on, which is returned */
enum { BARE_NUMBERS = 1 + 7 * BARE_NUMBER };
uint64_t bare_put_numbers(uint8_t bytes[BARE_NUMBERS], uint64_t number);

#endif
