/* SPDX-License-Identifier: MIT */

/*
 * Pairs: two transports, each the other side of the other, and what may lie between.
 *
 * For each direction there is a stream: a ring of bytes, and where the rest of a write is that did
 * not fit. Bytes arrive, at once in a plain pair, and are read; then the ring is filled up again
 * from the writer's own memory. The last to arrive is how the stream ends, in order or not. What is
 * written to an end that does not read any more comes back as the end of the other stream.
 *
 * A lock guards the streams, and what there may be to tell; nothing foreign is called while it is
 * held. All else belongs to the thread of an end's executor.
 *
 * Each end that has been started is an actor there, which is sent something whenever there may be
 * something to tell, and then tells one thing, and looks again. Its mailbox holds one message: what
 * finds it full was not necessary. Who has no memory to send it stops the actor, which needs none:
 * then it tells that the connection is lost.
 *
 * A pair has up to four owners: who uses an end, until it is destroyed, and the actors.
 */

#include "transport-pair.h"

#include <actor-iface/spawner.h>
#include <actor-impl/executor.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So far may a writer be ahead of the reader, in a plain pair. */
enum { ROOM = 32768 };

static struct actor__end *other_end(struct actor__end *end)
{
	return &end->pair->ends[end == end->pair->ends];
}

static struct actor__stream *stream_out(struct actor__end *end)
{
	return &end->pair->streams[end - end->pair->ends];
}

struct actor__stream *actor__end_in(struct actor__end *end)
{
	return stream_out(other_end(end));
}

static void pair_release(struct actor__pair *pair)
{
	if (atomic_fetch_sub(&pair->n_owners, 1) > 1)
		return;
	actor_address_unref(pair->ends[0].address);
	actor_address_unref(pair->ends[1].address);
	pthread_mutex_destroy(&pair->lock);
	pair->ops->destroy(pair);
}

/* ---- who is to look */

const struct actor_message_type actor__look_type = {
	.size = sizeof actor__look_type,
	.name = "actor.transport.look",
	.message_size = 1,
	.message_align = 1,
};

static int send_look(struct actor_address *address)
{
	char look = 0;

	return actor_address_post(address, &actor__look_type, &look, NULL, NULL);
}

/* @address is NULL when the end has not been started: it will look by itself then. */
static void wake(struct actor_address *address)
{
	if (address && send_look(address) == ACTOR_E_NOMEM)
		actor_address_stop(address, ACTOR_STOP_DRAIN);
}

void actor__pair_lock(struct actor__pair *pair)
{
	pthread_mutex_lock(&pair->lock);
}

void actor__pair_unlock(struct actor__pair *pair)
{
	struct actor_address *addresses[2];

	for (unsigned i = 0; i < 2; i++) {
		addresses[i] = pair->ends[i].to_look ? pair->ends[i].address : NULL;
		pair->ends[i].to_look = false;
	}
	pthread_mutex_unlock(&pair->lock);
	wake(addresses[0]);
	wake(addresses[1]);
}

/* ---- streams: under the lock */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The next bytes that have arrived and are in one piece. */
static size_t stream_peek(const struct actor__stream *stream, const uint8_t **ret_bytes)
{
	*ret_bytes = stream->ring + stream->first;
	return least(stream->n_here, stream->room - stream->first);
}

static void stream_fill(struct actor__stream *stream)
{
	while (stream->n_rest > 0 && stream->n < stream->room) {
		size_t end = (stream->first + stream->n) % stream->room;
		size_t room = least(stream->room - stream->n, stream->room - end);
		size_t n = least(stream->n_rest, room);

		memcpy(stream->ring + end, stream->rest, n);
		stream->n += n;
		stream->rest += n;
		stream->n_rest -= n;
	}
}

static void ship(struct actor__end *to)
{
	if (actor__end_awaits(to))
		to->pair->ops->ship(to);
}

/* What is lost is not in order any more, although that may have been told. */
static void stream_end(struct actor__end *to, int last)
{
	struct actor__stream *in = actor__end_in(to);

	if (in->last > 0 || in->last == last)
		return;
	in->last = last;
	in->last_here = false;
	ship(to);
}

static bool is_lost(struct actor__end *end)
{
	const struct actor__stream *in = actor__end_in(end);

	return end->told_lost || (in->last_here && in->last > 0);
}

/* This end neither reads nor writes any more. In order, if nothing is lost with that. */
static void hang_up(struct actor__end *end)
{
	struct actor__stream *in = actor__end_in(end), *out = stream_out(end);
	bool in_order = in->n == 0 && out->n_rest == 0;

	in->unread = true;
	in->n = in->n_here = in->n_rest = out->n_rest = 0;
	in->written = out->written = false;
	stream_end(other_end(end), in_order ? ACTOR__IN_ORDER : ECONNRESET);
}

size_t actor__end_on_way(struct actor__end *end)
{
	const struct actor__stream *in = actor__end_in(end);

	return in->n - in->n_here;
}

bool actor__end_awaits(struct actor__end *end)
{
	const struct actor__stream *in = actor__end_in(end);

	return in->n > in->n_here || (in->last && !in->last_here && in->n_rest == 0);
}

void actor__end_arrive(struct actor__end *end, size_t n)
{
	struct actor__stream *in = actor__end_in(end);

	if (in->unread) { /* they stay where they are, so that the writer has to wait */
		if (n > 0)
			stream_end(other_end(end), EPIPE);
		return;
	}
	/* Otherwise it looks already, or does not want to. */
	end->to_look |= n > 0 && in->n_here == 0;
	in->n_here += n;
	if (!in->last || in->n_here < in->n || in->n_rest > 0)
		return;
	in->last_here = true;
	end->to_look = true;
}

void actor__end_cut(struct actor__end *end, size_t n)
{
	struct actor__stream *in = actor__end_in(end);

	in->n = in->n_here + n;
	in->n_rest = 0;
	stream_end(end, ECONNRESET);
}

/* ---- what there is to tell */

enum happening { NOTHING, WRITTEN, READ, FINISHED, LOST };

static enum happening choose(struct actor__end *end)
{
	const struct actor__stream *in = actor__end_in(end);

	if (stream_out(end)->written)
		return WRITTEN;
	if (end->reading && in->n_here > 0)
		return READ;
	if (is_lost(end))
		return LOST;
	return end->reading && in->last_here && !end->told_finished ? FINISHED : NOTHING;
}

static enum happening find(struct actor__end *end, const uint8_t **ret_bytes, size_t *ret_n)
{
	enum happening found;

	actor__pair_lock(end->pair);
	found = choose(end);
	stream_out(end)->written = false;
	*ret_n = stream_peek(actor__end_in(end), ret_bytes);
	actor__pair_unlock(end->pair);
	return found;
}

static void take(struct actor__end *end, size_t n)
{
	struct actor__stream *in = actor__end_in(end);
	bool was_pending = in->n_rest > 0;

	in->first = (in->first + n) % in->room;
	in->n -= n;
	in->n_here -= n;
	stream_fill(in);
	if (was_pending && in->n_rest == 0) {
		in->written = true;
		other_end(end)->to_look = true;
	}
	ship(end);
}

static void tell_read(struct actor__end *end, const uint8_t *bytes, size_t n)
{
	end->events->read(end->user, bytes, n);
	if (end->destroyed)
		return;
	actor__pair_lock(end->pair);
	take(end, n);
	actor__pair_unlock(end->pair);
}

static void tell_lost(struct actor__end *end, int system_errno)
{
	end->told_lost = true;
	end->events->ended(end->user, ACTOR_E_SYSTEM, system_errno);
}

/* One thing; whether there was any. */
static bool tell(struct actor__end *end)
{
	const uint8_t *bytes;
	size_t n;

	if (end->destroyed || end->told_lost)
		return false;
	switch (find(end, &bytes, &n)) {
	case NOTHING:
		return false;
	case WRITTEN:
		end->events->written(end->user);
		break;
	case READ:
		tell_read(end, bytes, n);
		break;
	case FINISHED:
		end->told_finished = true;
		end->events->ended(end->user, 0, 0);
		break;
	case LOST:
		tell_lost(end, actor__end_in(end)->last); /* which stays as it is */
	}
	return true;
}

static void look_what_has_come(struct actor__end *end)
{
	if (!end->pair->ops->look || end->destroyed)
		return;
	actor__pair_lock(end->pair);
	end->pair->ops->look(end);
	actor__pair_unlock(end->pair);
}

static void on_look(void *self, void *message, struct actor_reply **reply,
		    struct actor_context *context)
{
	struct actor__end *end = self;

	(void)message, (void)reply, (void)context;
	look_what_has_come(end);
	while (tell(end) && send_look(end->address) == ACTOR_E_NOMEM)
		;
}

/* For want of memory, unless it has been destroyed. */
static void on_stopped(void *self, struct actor_context *context)
{
	struct actor__end *end = self;

	(void)context;
	if (end->destroyed || end->told_lost)
		return;
	actor__pair_lock(end->pair);
	hang_up(end);
	actor__pair_unlock(end->pair);
	tell_lost(end, ENOMEM);
}

static void on_destroy(void *self)
{
	struct actor__end *end = self;

	pair_release(end->pair);
}

static const struct actor_handler handlers[] = { { &actor__look_type, on_look } };

static const struct actor_behavior behavior = {
	.size = sizeof behavior,
	.name = "transport",
	.handlers = handlers,
	.n_handlers = 1,
	.stride = sizeof(struct actor_handler),
	.flags = ACTOR_THREAD_BOUND,
	.stopped = on_stopped,
	.destroy = on_destroy,
};

/* ---- what a transport does */

static struct actor__end *end_of(const struct actor_transport *transport)
{
	return ACTOR_CONTAINER_OF(transport, struct actor__end, transport);
}

static int end_start(struct actor_transport *transport, const struct actor_transport_events *events,
		     void *user)
{
	struct actor__end *end = end_of(transport);
	struct actor_address *address;
	int rc;

	end->events = events;
	end->user = user;
	end->reading = true;
	atomic_fetch_add(&end->pair->n_owners, 1);
	rc = actor_spawn(actor_executor_spawner(transport->executor), &behavior, end,
			 ACTOR_OPTIONS(.capacity = 1), &address);
	if (rc < 0) {
		pair_release(end->pair);
		return rc;
	}
	actor__pair_lock(end->pair);
	end->address = address;
	end->to_look = true;
	ship(end);
	actor__pair_unlock(end->pair);
	return 0;
}

static void end_read(struct actor_transport *transport, bool on)
{
	struct actor__end *end = end_of(transport);

	end->reading = on;
	if (on)
		wake(end->address);
}

static int end_write(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	struct actor__end *end = end_of(transport);
	struct actor__stream *out = stream_out(end);
	int rc;

	actor__pair_lock(end->pair);
	if (!is_lost(end) && !out->last) { /* of what was cut nothing arrives any more */
		out->rest = bytes;
		out->n_rest = n;
		stream_fill(out);
		ship(other_end(end));
	}
	rc = is_lost(end) ? ACTOR_E_SYSTEM : out->n_rest > 0 ? ACTOR_PENDING : 0;
	end->to_look |= rc < 0;
	actor__pair_unlock(end->pair);
	return rc;
}

static void end_shutdown(struct actor_transport *transport)
{
	struct actor__end *end = end_of(transport);

	actor__pair_lock(end->pair);
	stream_end(other_end(end), ACTOR__IN_ORDER);
	actor__pair_unlock(end->pair);
}

static void end_destroy(struct actor_transport *transport)
{
	struct actor__end *end = end_of(transport);

	end->destroyed = true;
	if (end->address && end->pair->ops->stop)
		end->pair->ops->stop(end);
	actor__pair_lock(end->pair);
	hang_up(end);
	actor__pair_unlock(end->pair);
	if (end->address) /* what it still handles, it makes nothing of: no dead letters */
		actor_address_stop(end->address, ACTOR_STOP_DRAIN);
	pair_release(end->pair);
}

static int end_describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	return snprintf(buffer, n_buffer, "%s", end_of(transport)->pair->ops->name);
}

static const struct actor_transport_ops end_ops = {
	.size = sizeof end_ops,
	.start = end_start,
	.read = end_read,
	.write = end_write,
	.shutdown = end_shutdown,
	.destroy = end_destroy,
	.describe = end_describe,
};

struct actor__end *actor__end_of(struct actor_transport *transport)
{
	return transport->ops == &end_ops ? end_of(transport) : NULL;
}

/* ---- making one */

static void end_init(struct actor__pair *pair, unsigned index, struct actor_executor *executor)
{
	struct actor__end *end = &pair->ends[index];

	end->transport.ops = &end_ops;
	end->transport.executor = executor;
	end->pair = pair;
}

void actor__pair_init(struct actor__pair *pair, const struct actor__pair_ops *ops,
		      struct actor_executor *executor_a, struct actor_executor *executor_b,
		      uint8_t *rings, size_t room)
{
	memset(pair, 0, sizeof *pair);
	pair->ops = ops;
	pthread_mutex_init(&pair->lock, NULL);
	atomic_init(&pair->n_owners, 2);
	end_init(pair, 0, executor_a);
	end_init(pair, 1, executor_b);
	for (unsigned i = 0; i < 2; i++) {
		pair->streams[i].ring = rings + i * room;
		pair->streams[i].room = room;
	}
}

/* ---- with nothing in between */

struct plain_pair {
	struct actor__pair pair;
	uint8_t rings[2 * ROOM];
};

static void arrive_at_once(struct actor__end *end)
{
	actor__end_arrive(end, actor__end_on_way(end));
}

static void plain_destroy(struct actor__pair *pair)
{
	free(ACTOR_CONTAINER_OF(pair, struct plain_pair, pair));
}

static const struct actor__pair_ops plain_ops = {
	.name = "pair",
	.ship = arrive_at_once,
	.destroy = plain_destroy,
};

int actor_pair_create(struct actor_executor *executor_a, struct actor_executor *executor_b,
		      struct actor_transport **ret_a, struct actor_transport **ret_b)
{
	struct plain_pair *this = malloc(sizeof *this); /* rings that are not used cost nothing */

	if (!this)
		return ACTOR_E_NOMEM;
	actor__pair_init(&this->pair, &plain_ops, executor_a, executor_b, this->rings, ROOM);
	*ret_a = &this->pair.ends[0].transport;
	*ret_b = &this->pair.ends[1].transport;
	return 0;
}
