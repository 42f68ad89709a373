/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_LINE_H
#define TESTS_FUZZ_LINE_H

#include <actor-remote/transport.h>

/**
 * DOC: a transport by hand
 *
 * Its other side is the target: what comes, in which pieces, how much of what is written is taken,
 * and when which direction ends. It dies of a use that transport.h does not allow. All on the one
 * thread of its executor, outside of handlers.
 */

/**
 * struct line - a transport, in the target's memory
 * @transport: for a peer
 * @on_write:  is told of all that is written, when it is; optional
 * @user:      for it
 * @takes:     so many bytes are taken in full at once; a write that begins beyond is pending, until
 *             line_take()
 * @breaks:    the next write fails: the connection is lost, which line_end() is to say
 * @reading:   bytes may come
 * @destroyed: by its owner: nothing may be told any more
 */
struct line {
	struct actor_transport transport;
	void (*on_write)(void *user, const uint8_t *bytes, size_t n);
	void *user;
	size_t takes;
	bool breaks;
	bool reading;
	bool destroyed;
	/* Its own. */
	const struct actor_transport_events *events;
	void *events_user;
	bool pending;
	bool shut;
	bool ended;
	bool lost;
};

/** line_init() - one that is not started */
void line_init(struct line *line, struct actor_executor *executor);

/** line_feed() - bytes come; false: they cannot, for now or for good */
bool line_feed(struct line *line, const uint8_t *bytes, size_t n);

/** line_take() - what is pending has gone out, and @n bytes more are taken at once */
void line_take(struct line *line, size_t n);

/** line_end() - with status 0, the other side has closed its direction, if reading is on; otherwise
 * the connection is lost */
void line_end(struct line *line, int status);

#endif
