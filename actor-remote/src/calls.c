/* SPDX-License-Identifier: MIT */

/*
 * Calls that went out. They are added by whoever calls, under the peer's lock, and taken out on the
 * peer's thread only: so who goes through them there may let go of the lock in between, to look
 * whether anybody still waits or to deliver. All calls of a peer have the same time to be answered,
 * so the order in which they are added is that of their deadlines.
 */

#include "calls.h"

#include "peer.h"

#include <stdlib.h>
#include <string.h>

/* Answers up to this size are decoded on the stack. */
#define VALUE_BYTES 512

/* So many are kept for later use. */
#define KEPT 1024

/* So often is looked for those that nobody waits for any more, however few there are. */
#define LOOK_NS INT64_C(1000000000)

void actor__calls_init(struct actor__calls *calls)
{
	memset(calls, 0, sizeof *calls);
	actor__links_init(&calls->ring);
	calls->buckets = calls->few;
	calls->n_buckets = ACTOR__CALLS_FEW;
	calls->n_look_at = 64;
}

void actor__calls_deinit(struct actor__calls *calls)
{
	struct actor__pending *pending;

	while ((pending = calls->free)) {
		calls->free = pending->next;
		free(pending);
	}
	if (calls->buckets != calls->few)
		free(calls->buckets);
}

struct actor__pending *actor__calls_take(struct actor__calls *calls)
{
	struct actor__pending *pending = calls->free;

	if (!pending)
		return malloc(sizeof *pending);
	calls->free = pending->next;
	calls->n_free--;
	return pending;
}

void actor__calls_give(struct actor__calls *calls, struct actor__pending *pending)
{
	if (calls->n_free == KEPT) {
		free(pending);
		return;
	}
	pending->next = calls->free;
	calls->free = pending;
	calls->n_free++;
}

uint64_t actor__calls_next_id(struct actor__calls *calls)
{
	if (++calls->last_id == 0)
		calls->last_id = 1;
	return calls->last_id;
}

/* ---- by id: chains, which get longer without memory for more of them */

static struct actor__pending **bucket_of(const struct actor__calls *calls, uint64_t id)
{
	return &calls->buckets[id & (calls->n_buckets - 1)];
}

static void put(struct actor__calls *calls, struct actor__pending *pending)
{
	struct actor__pending **bucket = bucket_of(calls, pending->id);

	pending->next = *bucket;
	*bucket = pending;
}

static void grow(struct actor__calls *calls)
{
	struct actor__pending **before = calls->buckets;
	struct actor__pending **buckets = calloc(2 * calls->n_buckets, sizeof(void *));
	struct actor__link *link;

	if (!buckets)
		return;
	calls->buckets = buckets;
	calls->n_buckets *= 2;
	for (link = calls->ring.next; link != &calls->ring; link = link->next)
		put(calls, ACTOR_CONTAINER_OF(link, struct actor__pending, link));
	if (before != calls->few)
		free(before);
}

void actor__calls_add(struct actor__calls *calls, struct actor__pending *pending)
{
	if (calls->n >= calls->n_buckets)
		grow(calls);
	actor__links_append(&calls->ring, &pending->link);
	put(calls, pending);
	calls->n++;
}

static void take_out(struct actor__calls *calls, struct actor__pending *pending)
{
	struct actor__pending **link = bucket_of(calls, pending->id);

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	actor__link_take(&pending->link);
	calls->n--;
}

/* Out of the calls. */
static struct actor__pending *take_call(struct actor_peer *peer, uint64_t id)
{
	struct actor__pending *pending;

	actor__peer_lock(peer);
	pending = *bucket_of(&peer->calls, id);
	while (pending && pending->id != id)
		pending = pending->next;
	if (pending)
		take_out(&peer->calls, pending);
	actor__peer_unlock(peer);
	return pending;
}

static struct actor__pending *first_call(struct actor_peer *peer)
{
	struct actor__link *link;

	actor__peer_lock(peer);
	link = actor__links_first(&peer->calls.ring);
	actor__peer_unlock(peer);
	return link ? ACTOR_CONTAINER_OF(link, struct actor__pending, link) : NULL;
}

static struct actor__pending *call_after(struct actor_peer *peer, struct actor__pending *pending)
{
	struct actor__link *link;

	actor__peer_lock(peer);
	link = pending->link.next != &peer->calls.ring ? pending->link.next : NULL;
	actor__peer_unlock(peer);
	return link ? ACTOR_CONTAINER_OF(link, struct actor__pending, link) : NULL;
}

/* ---- how they end */

static void give_back(struct actor_peer *peer, struct actor__pending *pending)
{
	actor__peer_lock(peer);
	actor__calls_give(&peer->calls, pending);
	actor__peer_unlock(peer);
}

static void deliver_value(struct actor_peer *peer, struct actor__pending *pending,
			  const struct actor_frame *frame)
{
	const struct actor_message_type *type = pending->type;
	const struct actor_wire_format *format = peer->format;
	_Alignas(max_align_t) uint8_t memory[VALUE_BYTES];
	void *value = type->message_size <= sizeof memory ? memory : malloc(type->message_size);
	int rc = ACTOR_E_NOMEM;

	if (value)
		rc = format->ops->decode(format, pending->schema, frame->payload, frame->n_payload,
					 value, NULL);
	actor_reply_deliver(pending->reply, rc, rc == 0 ? value : NULL);
	if (value != memory)
		free(value);
}

/* With an error, or with a frame: a response, or an error that another side has made. */
static void end_call(struct actor_peer *peer, struct actor__pending *pending, int status,
		     const struct actor_frame *frame)
{
	if (pending->call)
		pending->call->answered(pending->call, status, frame);
	else if (status < 0)
		actor_reply_deliver(pending->reply, status, NULL);
	else
		deliver_value(peer, pending, frame);
	give_back(peer, pending);
}

static void end_by_error(struct actor_peer *peer, struct actor__pending *pending,
			 const struct actor_frame *frame)
{
	struct actor_wire_error error;
	struct actor_why why = { "" };
	int rc = peer->format->ops->decode_error(peer->format, frame->payload, frame->n_payload,
						 &error, &why);

	if (rc < 0)
		actor__peer_tell_error(peer, rc, 0, frame->call, why.text);
	else
		rc = actor_wire_error_status(&error);
	end_call(peer, pending, pending->call ? 0 : rc, frame);
}

bool actor__calls_answer(struct actor_peer *peer, const struct actor_frame *frame)
{
	struct actor__pending *pending = frame->call ? take_call(peer, frame->call) : NULL;

	if (!pending)
		return false;
	if (actor_frame_kind(frame) == ACTOR_FRAME_ERROR)
		end_by_error(peer, pending, frame);
	else
		end_call(peer, pending, 0, frame);
	return true;
}

static void end_with(struct actor_peer *peer, struct actor__pending *pending, int status)
{
	actor__peer_lock(peer);
	take_out(&peer->calls, pending);
	actor__peer_unlock(peer);
	end_call(peer, pending, status, NULL);
}

static bool is_abandoned(const struct actor__pending *pending)
{
	const struct actor_frame_call *call = pending->call;

	return call ? call->abandoned && call->abandoned(call)
		    : actor_reply_abandoned(pending->reply);
}

/* Those that nobody waits for any more. */
static void end_abandoned(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__pending *pending = first_call(peer);

	while (pending) {
		struct actor__pending *next = call_after(peer, pending);

		if (is_abandoned(pending))
			end_with(peer, pending, ACTOR_E_ABANDONED);
		pending = next;
	}
	actor__peer_lock(peer);
	peer->calls.n_look_at = 2 * peer->calls.n < 64 ? 64 : 2 * peer->calls.n;
	peer->calls.look_ns = actor_time_after(now_ns, LOOK_NS);
	actor__peer_unlock(peer);
}

static bool is_time_to_look(struct actor_peer *peer, int64_t now_ns)
{
	const struct actor__calls *calls = &peer->calls;
	bool is_time;

	actor__peer_lock(peer);
	is_time = calls->n >= calls->n_look_at || (calls->n > 0 && now_ns >= calls->look_ns);
	actor__peer_unlock(peer);
	return is_time;
}

int64_t actor__calls_next_ns(const struct actor__calls *calls)
{
	const struct actor__link *first = actor__links_first(&calls->ring);
	int64_t deadline_ns;

	if (calls->n >= calls->n_look_at)
		return ACTOR_AT_ONCE;
	if (!first)
		return ACTOR_FOREVER;
	deadline_ns = ACTOR_CONTAINER_OF(first, struct actor__pending, link)->deadline_ns;
	return deadline_ns < calls->look_ns ? deadline_ns : calls->look_ns;
}

int64_t actor__calls_expire(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__pending *pending;
	int64_t next_ns;

	if (is_time_to_look(peer, now_ns))
		end_abandoned(peer, now_ns);
	while ((pending = first_call(peer)) && pending->deadline_ns <= now_ns)
		end_with(peer, pending, ACTOR_E_TIMEOUT);
	actor__peer_lock(peer);
	next_ns = actor__calls_next_ns(&peer->calls);
	actor__peer_unlock(peer);
	return next_ns;
}

void actor__calls_end_all(struct actor_peer *peer, int status)
{
	struct actor__pending *pending;

	while ((pending = first_call(peer)))
		end_with(peer, pending, status);
}
