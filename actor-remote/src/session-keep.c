/* SPDX-License-Identifier: MIT */

/*
 * What a session keeps, and its keeper. A message goes straight to the connection while there is
 * one that takes it and none is kept that waits. Otherwise it is encoded, and kept in a ring, in
 * the order in which they came; @next is the first that waits, and whoever finds that a connection
 * may take it gives it one, with the lock held, so that nobody overtakes. Most are then gone. Calls
 * that may be repeated stay, since the connection was given a reply of the session's: when that is
 * told of a disconnection, they wait again, in their old place.
 *
 * A sender's next message goes straight only when those it has sent before have been given, since
 * one that waits is seen by it.
 *
 * What is kept is bounded: who finds no room stands in line, and is granted room when there is. A
 * grant is for one message of whatever length, and counts as a sixteenth of the bytes until that is
 * there. A message that is being encoded has one, too.
 */

#include "outbox.h"
#include "peer.h"
#include "session.h"

#include <stdlib.h>

/* So many are given by who sends; by the keeper at a time, and so often in a turn. */
enum { FEW = 4, MANY = 64, TIMES = 16 };

/* When to try again what there was no memory for. */
#define RETRY_NS INT64_C(1000000)

/* So often it is asked whether anybody still waits for what is kept. */
#define LOOK_NS INT64_C(1000000000)

/* ---- room, with the lock held */

static bool has_room(const struct actor_session *session)
{
	const struct actor_session_options *options = &session->options;
	const struct actor_session_counts *counts = &session->counts;
	size_t n_granted = session->line.n_granted, most = options->most_kept_bytes;

	return counts->n_kept + n_granted < options->most_kept &&
	       counts->n_kept_bytes + n_granted * (most / 16 + 1) < most;
}

static void grant(struct actor_session *session)
{
	while (session->line.first && has_room(session))
		actor__line_grant(&session->line);
}

void actor__session_withdraw(struct actor_session *session, struct actor_waiter *waiter)
{
	if (!waiter)
		return;
	actor__session_lock(session);
	actor__line_leave(&session->line, waiter);
	grant(session);
	actor__session_unlock(session);
}

/* ---- the ring, with the lock held */

static struct actor__kept *kept_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__kept, link);
}

/* The first that waits, from there on. */
static struct actor__kept *first_waiting(struct actor_session *session, struct actor__link *link)
{
	while (link != &session->kept && kept_of(link)->given)
		link = link->next;
	return link != &session->kept ? kept_of(link) : NULL;
}

static void append(struct actor_session *session, struct actor__kept *kept)
{
	kept->number = ++session->last_number;
	actor__links_append(&session->kept, &kept->link);
	session->counts.n_kept++;
	session->counts.n_kept_bytes += kept->n_payload;
	if (!session->next)
		session->next = kept;
}

static void take_out(struct actor_session *session, struct actor__kept *kept)
{
	if (session->next == kept)
		session->next = first_waiting(session, kept->link.next);
	actor__link_take(&kept->link);
	session->counts.n_kept--;
	session->counts.n_kept_bytes -= kept->n_payload;
	grant(session);
}

/* ---- how they end, without the lock */

static void discard(struct actor__kept *kept)
{
	struct actor_session *session = kept->session;

	free(kept);
	actor__session_release(session);
}

/* One that has been taken out. */
static void end(struct actor__kept *kept)
{
	if (kept->reply)
		actor_reply_deliver(kept->reply,
				    kept->was_given ? ACTOR_E_DISCONNECTED : ACTOR_E_UNREACHABLE,
				    NULL);
	discard(kept);
}

/* What is left to be done when the lock has been let go of. */
struct rest {
	struct actor__kept *gone; /* have been taken out; linked by their next */
	struct actor_peer *peer;  /* is not the session's any more */
};

static void add_gone(struct rest *rest, struct actor__kept *kept)
{
	kept->link.next = rest->gone ? &rest->gone->link : NULL;
	rest->gone = kept;
}

static void do_rest(struct actor_session *session, struct rest *rest)
{
	struct actor__kept *kept;

	while ((kept = rest->gone)) {
		rest->gone = kept->link.next ? kept_of(kept->link.next) : NULL;
		end(kept);
	}
	if (!rest->peer)
		return;
	actor_peer_unref(rest->peer);
	actor__session_ring(session); /* what waits may be over with that */
}

/* ---- those that may be repeated */

static struct actor__kept *kept_by(struct actor_reply *wrapper)
{
	return ACTOR_CONTAINER_OF(wrapper, struct actor__kept, wrapper);
}

/* The connection has been lost: whether it waits for another, if there is still time for that. When
 * the lock has been let go of, it may be gone, and the session, which it holds, with it. */
static bool waits_again(struct actor__kept *kept)
{
	struct actor_session *session = kept->session;
	bool waits;

	actor__session_lock(session);
	waits = !session->closing;
	if (waits) {
		kept->given = false;
		kept->was_given = true;
		if (!session->next || kept->number < session->next->number)
			session->next = kept;
		actor__session_ring(session);
	}
	actor__session_unlock(session);
	return waits;
}

static int wrapper_deliver(struct actor_reply *wrapper, int status, void *value)
{
	struct actor__kept *kept = kept_by(wrapper);
	struct actor_session *session = kept->session;
	int rc;

	if (status == ACTOR_E_DISCONNECTED && waits_again(kept))
		return 0;
	actor__session_lock(session);
	take_out(session, kept);
	actor__session_unlock(session);
	rc = actor_reply_deliver(kept->reply, status, value);
	discard(kept);
	return rc;
}

static bool wrapper_abandoned(struct actor_reply *wrapper)
{
	return actor_reply_abandoned(kept_by(wrapper)->reply);
}

static const struct actor_reply_ops wrapper_ops = {
	.size = sizeof wrapper_ops,
	.deliver = wrapper_deliver,
	.abandoned = wrapper_abandoned,
};

/* ---- given to a connection, with the lock held */

static int give(struct actor_session *session, struct actor__kept *kept)
{
	const struct actor__outgoing outgoing = {
		.service = kept->id,
		.payload = kept->payload,
		.n_payload = kept->n_payload,
		.reply = kept->repeats ? &kept->wrapper : kept->reply,
		.type = kept->service->type->reply,
		.answer = kept->service->reply,
	};

	return actor__outbox_post(session->peer, &outgoing, &session->waiter);
}

static void has_given(struct actor_session *session, struct actor__kept *kept, struct rest *rest)
{
	if (kept->repeats) {
		session->counts.n_repeated += kept->was_given;
		kept->given = true;
		session->next = first_waiting(session, kept->link.next);
		return;
	}
	take_out(session, kept);
	kept->reply = NULL;
	add_gone(rest, kept);
}

static void stop_waiting_there(struct actor_session *session)
{
	if (!session->waits_at)
		return;
	actor__outbox_withdraw(session->waits_at, &session->waiter);
	actor__peer_release(session->waits_at);
	session->waits_at = NULL;
}

static bool is_abandoned(const struct actor__kept *kept)
{
	return kept->reply && actor_reply_abandoned(kept->reply);
}

/* The first that waits; whether it is worth while to go on with the next. */
static bool give_next(struct actor_session *session, struct rest *rest)
{
	struct actor__kept *kept = session->next;
	int rc;

	if (is_abandoned(kept)) { /* nobody waits for that any more */
		take_out(session, kept);
		add_gone(rest, kept);
		return true;
	}
	if (session->waits_at != session->peer)
		stop_waiting_there(session);
	rc = give(session, kept);
	if (rc == ACTOR_E_FULL && !session->waits_at)
		session->waits_at = actor__peer_hold(session->peer);
	if (rc != ACTOR_E_FULL)
		stop_waiting_there(session);
	session->retries = rc == ACTOR_E_NOMEM;
	if (rc == 0)
		has_given(session, kept, rest);
	if (rc == ACTOR_E_CLOSED)
		rest->peer = actor__session_lose(session);
	return rc == 0;
}

static void give_some(struct actor_session *session, unsigned most, struct rest *rest)
{
	while (most-- > 0 && session->next && session->peer && give_next(session, rest))
		;
	if (!session->next || !session->peer)
		stop_waiting_there(session);
}

/* Whether more could be given at once. */
static bool could_give(const struct actor_session *session)
{
	return session->next && session->peer && !session->waits_at && !session->retries;
}

/* ---- kept */

/* Whether messages that no connection has had are not kept for the next one. With the lock held. */
static bool refuses(const struct actor_session *session)
{
	return session->options.refuses && !session->peer;
}

/* Whether it may be kept: then with a grant. With the lock held. */
static int admit(struct actor_session *session, struct actor_waiter *waiter)
{
	bool granted = actor__line_holds(&session->line, waiter) && waiter->granted;

	if (session->closing)
		return ACTOR_E_CLOSED;
	if (refuses(session))
		return ACTOR_E_UNREACHABLE;
	return granted || has_room(session) ? 0 : ACTOR_E_FULL;
}

static int enter(struct actor_session *session, struct actor_waiter *waiter)
{
	int rc;

	actor__session_lock(session);
	rc = admit(session, waiter);
	if (rc == ACTOR_E_FULL)
		actor__line_enter(&session->line, waiter);
	else
		actor__line_leave(&session->line, waiter);
	if (rc == 0)
		session->line.n_granted++;
	else
		grant(session);
	actor__session_unlock(session);
	return rc;
}

static int make(struct actor_session *session, const struct actor__row *row, const void *message,
		struct actor__kept **ret_kept)
{
	const struct actor_wire_format *format = session->format;
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;
	size_t n_head;
	int rc;

	actor_bytes_init(&frame, memory, sizeof memory, session->peer_options.max_write_bytes);
	format->ops->begin(format, &frame, row->id, 0);
	n_head = frame.n;
	rc = format->ops->encode(format, row->service->schema, message, &frame);
	if (frame.failed)
		rc = frame.failed;
	if (rc == 0) {
		*ret_kept = malloc(sizeof **ret_kept + frame.n - n_head);
		rc = *ret_kept ? 0 : ACTOR_E_NOMEM;
	}
	if (rc == 0) {
		memset(*ret_kept, 0, sizeof **ret_kept);
		(*ret_kept)->n_payload = frame.n - n_head;
		memcpy((*ret_kept)->payload, frame.data + n_head, frame.n - n_head);
	}
	actor_bytes_deinit(&frame);
	return rc;
}

static void describe(struct actor__kept *kept, struct actor_session *session,
		     const struct actor__row *row, struct actor_reply *reply)
{
	kept->session = actor__session_hold(session);
	kept->service = row->service;
	kept->id = row->id;
	kept->reply = reply;
	kept->wrapper.ops = &wrapper_ops;
	kept->repeats = reply && row->repeats;
	kept->deadline_ns = actor_time_after(actor_executor_now(session->executor),
					     session->options.keep_ns);
}

/* In the place of a grant. */
static int put(struct actor_session *session, struct actor__kept *kept, struct rest *rest)
{
	bool rings, is_first;

	actor__session_lock(session);
	session->line.n_granted--;
	if (session->closing) {
		grant(session);
		actor__session_unlock(session);
		return ACTOR_E_CLOSED;
	}
	is_first = !session->next;
	append(session, kept);
	give_some(session, FEW, rest);
	rings = session->next && (is_first || could_give(session) || refuses(session));
	actor__session_unlock(session);
	if (rings)
		actor__session_ring(session);
	return 0;
}

static int keep(struct actor_session *session, const struct actor__row *row, const void *message,
		struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct rest rest = { NULL, NULL };
	struct actor__kept *kept;
	int rc = enter(session, waiter);

	if (rc < 0)
		return rc;
	rc = make(session, row, message, &kept);
	if (rc < 0) {
		actor__session_lock(session);
		session->line.n_granted--;
		grant(session);
		actor__session_unlock(session);
		return rc;
	}
	describe(kept, session, row, reply);
	rc = put(session, kept, &rest);
	if (rc < 0)
		discard(kept);
	do_rest(session, &rest);
	return rc;
}

/* ---- straight to the connection */

/* One that takes messages, if none is kept that waits: an owner of it. */
static struct actor_peer *straight_to(struct actor_session *session)
{
	struct actor_peer *peer = NULL;

	actor__session_lock(session);
	if (session->peer && !session->next && !session->closing)
		peer = actor_peer_ref(session->peer);
	actor__session_unlock(session);
	return peer;
}

static int post_straight(struct actor_session *session, const struct actor__row *row, void *message,
			 struct actor_reply *reply)
{
	struct actor_peer *peer = straight_to(session);
	const struct actor__outgoing outgoing = {
		.service = row->id,
		.schema = row->service->schema,
		.message = message,
		.reply = reply,
		.type = row->service->type->reply,
		.answer = row->service->reply,
	};
	int rc;

	if (!peer)
		return ACTOR_E_FULL;
	rc = actor__outbox_post(peer, &outgoing, NULL);
	if (rc == ACTOR_E_CLOSED)
		actor__session_forget(session, peer);
	actor_peer_unref(peer);
	return rc == ACTOR_E_CLOSED ? ACTOR_E_FULL : rc;
}

int actor__session_post(struct actor_session *session, const struct actor__row *row, void *message,
			struct actor_reply *reply, struct actor_waiter *waiter)
{
	int rc = reply && row->repeats ? ACTOR_E_FULL : post_straight(session, row, message, reply);

	if (rc == ACTOR_E_FULL)
		return keep(session, row, message, reply, waiter);
	actor__session_withdraw(session, waiter);
	return rc;
}

/* ---- the keeper */

/* One that waits, and is not to any more. Who calls is told so when it closes, and may call
 * somebody else; who sends would never know. With the lock held. */
static bool is_over(const struct actor_session *session, const struct actor__kept *kept,
		    int64_t now_ns)
{
	return session->state == ACTOR__SESSION_ENDED || kept->deadline_ns <= now_ns ||
	       (session->closing && kept->reply) || (refuses(session) && !kept->was_given);
}

/* All have the same time, in the order of their numbers: so only for other reasons, and for those
 * that nobody waits for any more, is there a need to look beyond the first. With the lock held. */
static void sweep(struct actor_session *session, int64_t now_ns, struct rest *rest)
{
	bool looks = now_ns >= session->look_ns;
	bool all = looks || session->closing || refuses(session);
	struct actor__link *link = session->next ? &session->next->link : &session->kept;
	struct actor__link *next;

	if (looks)
		session->look_ns = actor_time_after(now_ns, LOOK_NS);
	for (; link != &session->kept; link = next) {
		struct actor__kept *kept = kept_of(link);

		next = link->next;
		if (kept->given)
			continue;
		if (is_over(session, kept, now_ns) || (looks && is_abandoned(kept))) {
			take_out(session, kept);
			session->counts.n_dropped += !kept->reply;
			add_gone(rest, kept);
		} else if (!all) {
			return;
		}
	}
}

static void end_those_that_are_over(struct actor_session *session, int64_t now_ns)
{
	struct rest rest = { NULL, NULL };

	actor__session_lock(session);
	sweep(session, now_ns, &rest);
	actor__session_unlock(session);
	do_rest(session, &rest);
}

static void sooner(int64_t *next_ns, int64_t time_ns)
{
	if (time_ns < *next_ns)
		*next_ns = time_ns;
}

/* When it has something to do again. With the lock held. */
static int64_t next_ns(const struct actor_session *session, int64_t now_ns)
{
	const struct actor__kept *kept = session->next;
	int64_t next_ns = session->closing ? session->until_ns : ACTOR_FOREVER;

	if (session->retries)
		sooner(&next_ns, now_ns + RETRY_NS);
	if (kept)
		sooner(&next_ns,
		       kept->deadline_ns < session->look_ns ? kept->deadline_ns : session->look_ns);
	return next_ns;
}

/* Whether there is more. */
static bool give_many(struct actor_session *session)
{
	struct rest rest = { NULL, NULL };
	bool more;

	actor__session_lock(session);
	session->retries = false;
	give_some(session, MANY, &rest);
	more = could_give(session);
	actor__session_unlock(session);
	do_rest(session, &rest);
	return more;
}

bool actor__session_is_over(const struct actor_session *session, int64_t now_ns)
{
	return session->state == ACTOR__SESSION_ENDED ||
	       (session->closing && (!session->next || now_ns >= session->until_ns));
}

/* Whether it is over; and otherwise, when to come back at the latest. */
static bool turn(struct actor_session *session, int64_t *ret_next_ns)
{
	int64_t now_ns = actor_executor_now(session->executor);
	bool over, more = true;

	end_those_that_are_over(session, now_ns);
	for (int i = 0; i < TIMES && more; i++)
		more = give_many(session);
	if (more)
		actor__session_ring(session);
	actor__session_lock(session);
	over = actor__session_is_over(session, now_ns);
	*ret_next_ns = next_ns(session, now_ns);
	actor__session_unlock(session);
	return over;
}

/* Nothing is given any more, and nothing dialed. */
static struct actor_peer *shut(struct actor_session *session)
{
	struct actor_peer *dialed, *peer;

	actor__session_lock(session);
	session->state = ACTOR__SESSION_ENDED;
	dialed = session->dialed;
	session->dialed = NULL;
	peer = actor__session_lose(session);
	stop_waiting_there(session);
	actor__session_unlock(session);
	actor_peer_unref(peer);
	return dialed;
}

struct actor_peer *actor__session_end(struct actor_session *session)
{
	struct actor_peer *dialed = shut(session);

	if (dialed)
		actor_peer_close(dialed, session->last.text);
	end_those_that_are_over(session, ACTOR_AT_ONCE);
	actor_mailbox_destroy(session->dialer);
	session->dialer = NULL;
	return dialed;
}

/* When it is told that it has closed, what it has dialed has ended. */
static void keeper_started(void *self, struct actor_context *context)
{
	struct actor_session *session = self;
	struct actor_peer *peer;
	int64_t next_ns;

	while (!turn(session, &next_ns))
		if (actor__alarm_wait(&session->alarm, context, next_ns, NULL) == ACTOR_E_CANCELLED)
			return;
	peer = actor__session_end(session);
	if (peer)
		actor_ignore(actor__session_await_peer(peer, context));
	actor_peer_unref(peer);
}

static void keeper_destroy(void *self)
{
	struct actor_session *session = self;

	actor__session_closes(session, ACTOR_E_CANCELLED, "cancelled");
	actor_peer_unref(actor__session_end(session)); /* if it was cancelled */
	actor__session_left(session);
	actor__session_release(session);
}

const struct actor_behavior actor__session_keeper = {
	.size = sizeof actor__session_keeper,
	.name = "session",
	.stride = sizeof(struct actor_handler),
	.started = keeper_started,
	.destroy = keeper_destroy,
};
