/* SPDX-License-Identifier: MIT */

/*
 * Calls that went out. Whoever calls puts them into a list under the peer's lock, and the peer's
 * thread takes them over from there: before each turn, and when an answer comes to a call that it
 * does not know. From then on they are its own, so that it finds and ends them without the lock.
 *
 * Their time begins when they are taken over, so that none is over too early; and as all have the
 * same, the order in which that happens is that of their deadlines.
 *
 * Memory goes round the same way: what has ended is given back, together, when others are taken
 * over.
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

static void free_all(struct actor__pending *pending)
{
	while (pending) {
		struct actor__pending *next = pending->next;

		free(pending);
		pending = next;
	}
}

void actor__calls_deinit(struct actor__calls *calls)
{
	free_all(calls->free);
	free_all(calls->used);
	if (calls->buckets != calls->few)
		free(calls->buckets);
}

/* ---- under the lock */

struct actor__pending *actor__calls_take(struct actor__calls *calls)
{
	struct actor__pending *pending = calls->free;

	if (pending) {
		calls->free = pending->next;
		calls->n_free--;
	} else {
		pending = malloc(sizeof *pending);
	}
	if (!pending)
		return NULL;
	if (++calls->last_id == 0)
		calls->last_id = 1;
	pending->id = calls->last_id;
	return pending;
}

void actor__calls_give(struct actor__calls *calls, struct actor__pending *pending)
{
	pending->next = calls->free;
	calls->free = pending;
	calls->n_free++;
}

size_t actor__calls_count(const struct actor__calls *calls)
{
	/* Relaxed: only to be looked at. */
	return calls->n_accepted - atomic_load_explicit(&calls->n_ended, memory_order_relaxed);
}

static void free_used(struct actor__calls *calls)
{
	if (!calls->used || calls->n_free + calls->n_used > KEPT)
		return;
	calls->last_used->next = calls->free;
	calls->free = calls->used;
	calls->n_free += calls->n_used;
	calls->used = calls->last_used = NULL;
	calls->n_used = 0;
}

struct actor__pending *actor__calls_take_accepted(struct actor__calls *calls)
{
	struct actor__pending *accepted = calls->accepted;

	calls->accepted = NULL;
	free_used(calls);
	return accepted;
}

/* ---- by id: chains, which get longer without memory for more of them. The peer's thread's, from
 * here on */

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

static void add(struct actor__calls *calls, struct actor__pending *pending)
{
	if (calls->n >= calls->n_buckets)
		grow(calls);
	actor__links_append(&calls->ring, &pending->link);
	put(calls, pending);
	calls->n++;
}

/* The clock is read afterwards: not before any of them was accepted. */
void actor__calls_add(struct actor_peer *peer, struct actor__pending *accepted)
{
	int64_t deadline_ns = 0;

	if (accepted)
		deadline_ns = actor_time_after(actor__peer_now(peer),
					       peer->options.call_timeout_ns);
	while (accepted) {
		struct actor__pending *next = accepted->next;

		accepted->deadline_ns = deadline_ns;
		add(&peer->calls, accepted);
		accepted = next;
	}
}

static void take_over(struct actor_peer *peer)
{
	struct actor__pending *accepted;

	actor__peer_lock(peer);
	accepted = actor__calls_take_accepted(&peer->calls);
	actor__peer_unlock(peer);
	actor__calls_add(peer, accepted);
}

static void take_out(struct actor__calls *calls, struct actor__pending *pending)
{
	struct actor__pending **link = bucket_of(calls, pending->id);

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	actor__link_take(&pending->link);
	calls->n--;
	/* Relaxed: nothing else hangs on it; and nobody else writes it. */
	atomic_store_explicit(&calls->n_ended,
			      atomic_load_explicit(&calls->n_ended, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static struct actor__pending *find(const struct actor__calls *calls, uint64_t id)
{
	struct actor__pending *pending = *bucket_of(calls, id);

	while (pending && pending->id != id)
		pending = pending->next;
	return pending;
}

/* Out of the calls. */
static struct actor__pending *take_call(struct actor_peer *peer, uint64_t id)
{
	struct actor__pending *pending = find(&peer->calls, id);

	if (!pending) {
		take_over(peer);
		pending = find(&peer->calls, id);
	}
	if (pending)
		take_out(&peer->calls, pending);
	return pending;
}

static struct actor__pending *first_call(const struct actor__calls *calls)
{
	struct actor__link *link = actor__links_first(&calls->ring);

	return link ? ACTOR_CONTAINER_OF(link, struct actor__pending, link) : NULL;
}

static struct actor__pending *call_after(const struct actor__calls *calls,
					 const struct actor__pending *pending)
{
	struct actor__link *link = pending->link.next;

	return link != &calls->ring ? ACTOR_CONTAINER_OF(link, struct actor__pending, link) : NULL;
}

/* ---- how they end */

static void give_back(struct actor__calls *calls, struct actor__pending *pending)
{
	if (calls->n_used == KEPT) {
		free(pending);
		return;
	}
	pending->next = calls->used;
	calls->used = pending;
	if (!pending->next)
		calls->last_used = pending;
	calls->n_used++;
}

static void deliver_value(struct actor_peer *peer, struct actor__pending *pending,
			  const struct actor_frame *frame)
{
	const struct actor_message_type *type = pending->type;
	const struct actor_wire_format *format = peer->format;
	_Alignas(max_align_t) uint8_t memory[VALUE_BYTES];
	void *value = type->message_size <= sizeof memory ? memory : malloc(type->message_size);
	struct actor_why why = { "" };
	int rc = ACTOR_E_NOMEM;

	if (value)
		rc = format->ops->decode(format, pending->schema, frame->payload, frame->n_payload,
					 value, &why);
	if (rc < 0)
		actor__peer_tell_error(peer, rc, pending->service, frame->call, why.text);
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
	give_back(&peer->calls, pending);
}

static void end_by_error(struct actor_peer *peer, struct actor__pending *pending,
			 const struct actor_frame *frame)
{
	struct actor_wire_error error;
	struct actor_why why = { "" };
	int rc = peer->format->ops->decode_error(peer->format, frame->payload, frame->n_payload,
						 &error, &why);

	if (rc < 0)
		actor__peer_tell_error(peer, rc, pending->service, frame->call, why.text);
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
	take_out(&peer->calls, pending);
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
	struct actor__calls *calls = &peer->calls;
	struct actor__pending *pending = first_call(calls);

	while (pending) {
		struct actor__pending *next = call_after(calls, pending);

		if (is_abandoned(pending))
			end_with(peer, pending, ACTOR_E_ABANDONED);
		pending = next;
	}
	calls->n_look_at = 2 * calls->n < 64 ? 64 : 2 * calls->n;
	calls->look_ns = actor_time_after(now_ns, LOOK_NS);
}

static bool is_time_to_look(const struct actor__calls *calls, int64_t now_ns)
{
	return calls->n >= calls->n_look_at || (calls->n > 0 && now_ns >= calls->look_ns);
}

int64_t actor__calls_next_ns(const struct actor__calls *calls)
{
	const struct actor__pending *first = first_call(calls);

	if (calls->n >= calls->n_look_at)
		return ACTOR_AT_ONCE;
	if (!first)
		return ACTOR_FOREVER;
	return first->deadline_ns < calls->look_ns ? first->deadline_ns : calls->look_ns;
}

int64_t actor__calls_expire(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__pending *pending;

	if (is_time_to_look(&peer->calls, now_ns))
		end_abandoned(peer, now_ns);
	while ((pending = first_call(&peer->calls)) && pending->deadline_ns <= now_ns)
		end_with(peer, pending, ACTOR_E_TIMEOUT);
	return actor__calls_next_ns(&peer->calls);
}

void actor__calls_end_all(struct actor_peer *peer, int status)
{
	struct actor__pending *pending;

	take_over(peer);
	while ((pending = first_call(&peer->calls)))
		end_with(peer, pending, status);
}
