/* SPDX-License-Identifier: MIT */

/*
 * What a peer does, in turns of its runner: an actor whose one activation lasts as long as the
 * connection, and waits for its alarm or for the next deadline. Whatever another thread, or an
 * event of the transport, has for the peer is put where it belongs, and the alarm rung: that needs
 * no memory, so it cannot fail. Nothing in a turn waits; the events of the transport come in
 * between.
 *
 * Closing is part of it. From the first moment on nothing new is accepted, and calls that went out
 * end. What was accepted is written, with the answers to calls that are being handled within the
 * grace; but once nothing has moved for as long as that, it is dropped. Then this direction is
 * closed, and the other side's end is awaited, for as long again, so that it gets what was written:
 * who goes while there is something to read makes many a system throw that away.
 */

#include "peer.h"

#include <actor-impl/burst.h>
#include <stdlib.h>

/* When to try again what there was no memory for. */
#define RETRY_NS INT64_C(1000000)

/* So much comes from one turn to the next, and then what else there is to do has its turn before
 * more is read: however many others read meanwhile. */
#define READ_BYTES ((size_t)128 << 10)

/* So long, and for so many bytes, answers wait to be written with others. */
#define PUT_OFF_NS 50000
#define PUT_OFF_BYTES 16384

/* So many frames from one turn to the next are a stream, of which more are about to come: so many
 * bytes of those are written together. */
#define STREAM_FRAMES 16
#define STREAM_BYTES 32768

/* ---- turns */

static void sooner(int64_t *next_ns, int64_t time_ns)
{
	if (time_ns < *next_ns)
		*next_ns = time_ns;
}

static int64_t grace_ends_ns(const struct actor_peer *peer)
{
	return actor_time_after(peer->closed_ns, peer->options.grace_ns);
}

/* What a turn needs to know, of one moment: what changes afterwards, it is rung for. */
struct state {
	bool closing;
	bool owes;
	size_t n_answers; /* bytes of them */
	size_t n_unwritten;
	uint64_t n_frames;
	int64_t expires_ns;
};

static struct state look(struct actor_peer *peer)
{
	struct actor__pending *accepted;
	struct state state;

	actor__peer_lock(peer);
	state = (struct state){
		.closing = peer->closing,
		.owes = peer->outbox.owed,
		.n_answers = actor__outbox_answers(&peer->outbox),
		.n_unwritten = actor__outbox_unwritten(&peer->outbox),
		.n_frames = peer->outbox.n_frames,
	};
	atomic_store_explicit(&peer->outbox.told, false, memory_order_relaxed);
	accepted = actor__calls_take_accepted(&peer->calls);
	actor__peer_unlock(peer);
	actor__calls_add(peer, accepted);
	state.expires_ns = actor__calls_next_ns(&peer->calls);
	return state;
}

/* Looked at again, since some may have gone out, only where it matters. */
static bool has_too_many_answers(struct actor_peer *peer, size_t n_answers)
{
	if (n_answers > peer->options.max_unwritten_bytes) {
		actor__peer_lock(peer);
		n_answers = actor__outbox_answers(&peer->outbox);
		actor__peer_unlock(peer);
	}
	return n_answers > peer->options.max_unwritten_bytes;
}

static bool holds_too_much(const struct actor_peer *peer)
{
	return atomic_load(&peer->serving.n_bytes) > peer->options.max_held_bytes;
}

/* Without writing there is only reading to tell how it ended: instead of a pause, what comes is not
 * looked at any more. */
static void pause_or_go_on(struct actor_peer *peer, bool too_much, int64_t now_ns)
{
	bool pause;

	peer->incoming.deaf |= peer->lost && too_much;
	pause = !peer->incoming.deaf && too_much;
	if (pause == atomic_load(&peer->paused) || peer->finished)
		return;
	atomic_store(&peer->paused, pause);
	peer->moved_ns = now_ns;
	actor_transport_read(peer->transport, !pause);
}

static void look_for_stall(struct actor_peer *peer, int64_t since_ns, const char *text,
			   int64_t now_ns, int64_t *next_ns)
{
	int64_t stalled_ns = actor_time_after(since_ns, peer->options.stall_ns);

	if (now_ns < stalled_ns) {
		sooner(next_ns, stalled_ns);
		return;
	}
	peer->hurried = true;
	actor__peer_tell_error(peer, ACTOR_E_OVERLOAD, 0, 0, text);
	actor__peer_closes(peer, ACTOR_PEER_CLOSED, ACTOR_E_OVERLOAD, 0, text);
}

/* Of reading, for what it waits; and of writing, whatever is read. (A peer that closes does not
 * wait so long to write.) */
static void look_for_stalls(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns)
{
	if (atomic_load(&peer->paused) && !peer->hurried)
		look_for_stall(peer, peer->moved_ns, "more came than could be seen to", now_ns,
			       next_ns);
	if (peer->outbox.pending && peer->closed_ns == ACTOR_FOREVER && !peer->hurried)
		look_for_stall(peer, peer->wrote_ns, "the other side does not take what is written",
			       now_ns, next_ns);
}

/* Whoever sends many in a row gets his turn again, with all others, before anything is written. */
static bool streams(struct actor_peer *peer, const struct state *state)
{
	uint64_t n_new = state->n_frames - peer->n_frames_seen;

	peer->n_frames_seen = state->n_frames;
	if (n_new < STREAM_FRAMES || state->n_unwritten >= STREAM_BYTES || peer->outbox.pending)
		return false;
	actor__peer_ring(peer);
	return true;
}

/* Who has a small mailbox gets a few frames a turn. Unless they take long, their answers are
 * written with those of the ones that follow: @goes_on. */
static bool goes_on_soon(const struct actor_peer *peer, const struct state *state, bool goes_on,
			 int64_t *next_ns)
{
	if (!goes_on || state->n_answers >= PUT_OFF_BYTES)
		return false;
	sooner(next_ns, peer->puts_off_ns + PUT_OFF_NS);
	return true;
}

static bool puts_off_writing(struct actor_peer *peer, const struct state *state, bool goes_on,
			     int64_t now_ns, int64_t *next_ns)
{
	if (peer->puts_off_ns == ACTOR_FOREVER)
		peer->puts_off_ns = now_ns;
	if (now_ns < peer->puts_off_ns + PUT_OFF_NS &&
	    (streams(peer, state) || goes_on_soon(peer, state, goes_on, next_ns)))
		return true;
	peer->puts_off_ns = ACTOR_FOREVER;
	return false;
}

static void work(struct actor_peer *peer, struct state state, int64_t now_ns, int64_t *next_ns)
{
	bool goes_on, owes, too_many;

	peer->n_come = 0;
	peer->sated = has_too_many_answers(peer, state.n_answers);
	sooner(next_ns,
	       now_ns < state.expires_ns ? state.expires_ns : actor__calls_expire(peer, now_ns));
	if (!actor__routes_refresh(peer))
		sooner(next_ns, now_ns + RETRY_NS);
	goes_on = actor__serve_held(peer);
	owes = state.owes && !actor__outbox_pay(peer);
	if (owes || peer->permits.retry)
		sooner(next_ns, now_ns + RETRY_NS);
	if (!puts_off_writing(peer, &state, goes_on, now_ns, next_ns) && !peer->lost &&
	    !peer->shut && !actor__outbox_flush(peer, now_ns))
		peer->lost = true; /* how, it will be told */
	too_many = peer->sated && has_too_many_answers(peer, state.n_answers);
	pause_or_go_on(peer, owes || holds_too_much(peer) || too_many, now_ns);
	/* By what has just been written. */
	if (peer->sated != too_many || actor__lanes_fed(peer))
		actor__peer_ring(peer);
	look_for_stalls(peer, now_ns, next_ns);
	if (peer->incoming.bytes.n > 0 || peer->options.idle_timeout_ns != ACTOR_FOREVER)
		actor__patience_look(peer, now_ns, next_ns);
}

/* ---- events of the transport */

/* Reading does not wait for a turn to pause, however many others have theirs before. Nobody loses
 * what has come before the connection was lost for having sent much of it. */
static bool has_read_enough(struct actor_peer *peer)
{
	if (holds_too_much(peer))
		return true;
	return peer->lost ? has_too_many_answers(peer, SIZE_MAX) : peer->n_come >= READ_BYTES;
}

/* Before anything that has come is handled; without memory, nobody is known to be there. */
static void look_who_it_is(struct actor_peer *peer)
{
	const struct actor_certificate *certificate = actor_transport_certificate(peer->transport);
	struct actor_certificate *copy = certificate ? malloc(sizeof *copy) : NULL;

	peer->looked = copy || !certificate;
	if (!copy)
		return;
	*copy = *certificate;
	/* Release: for who is not on this thread. */
	atomic_store_explicit(&peer->certificate, copy, memory_order_release);
}

/* What answers lead to, which is other calls more often than not, is written at once, where nothing
 * else is going on: the runner need not be woken for that, as long as it wakes early enough. */
static bool takes_turn_at_once(struct actor_peer *peer)
{
	int64_t now_ns, next_ns = ACTOR_FOREVER;
	struct state state;

	if (!peer->incoming.answered || peer->closed_ns != ACTOR_FOREVER || peer->lost)
		return false;
	/* Relaxed: what another thread has just put there, there will be a turn for. */
	if (atomic_load_explicit(&peer->outbox.n_frames, memory_order_relaxed) ==
	    peer->n_frames_seen)
		return false;
	now_ns = actor__peer_now(peer);
	state = look(peer);
	if (state.closing)
		return false;
	work(peer, state, now_ns, &next_ns);
	return !peer->lost && next_ns >= peer->wakes_ns;
}

/* Who puts something there meanwhile need not ring: it is looked at afterwards. */
static void on_read(void *user, const uint8_t *bytes, size_t n)
{
	struct actor_peer *peer = user;

	atomic_store_explicit(&peer->outbox.told, true, memory_order_relaxed);
	peer->incoming.answered = false;
	if (!peer->looked)
		look_who_it_is(peer);
	actor_burst_begin();
	actor__incoming_read(peer, bytes, n);
	actor_burst_end();
	peer->n_come += n;
	if (has_read_enough(peer))
		pause_or_go_on(peer, true, actor__peer_now(peer));
	if (!takes_turn_at_once(peer))
		actor__peer_ring(peer);
}

static void on_opened(void *user)
{
	struct actor_peer *peer = user;

	if (peer->is_open) /* that has been said */
		return;
	if (!peer->looked)
		look_who_it_is(peer);
	actor__peer_opens(peer);
}

static void on_written(void *user)
{
	struct actor_peer *peer = user;

	actor__outbox_written(peer);
	actor__peer_ring(peer);
}

static const char *why_it_ended(const struct actor_peer *peer, int status)
{
	const char *why = status < 0 ? actor_transport_why(peer->transport) : "";

	if (status < 0)
		return *why ? why : "the connection is lost";
	return peer->incoming.bytes.n > 0 ? "the other side has closed inside a frame"
					  : "the other side has closed";
}

static void on_ended(void *user, int status, int system_errno)
{
	struct actor_peer *peer = user;

	peer->finished = true;
	peer->lost |= status < 0;
	actor__peer_closes(peer, ACTOR_PEER_CLOSED_BY_REMOTE, status, system_errno,
			   why_it_ended(peer, status));
	actor__peer_ring(peer);
}

static const struct actor_transport_events events = {
	.size = sizeof events,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
	.opened = on_opened,
};

/* ---- closing */

static void begin_to_close(struct actor_peer *peer, int64_t now_ns)
{
	peer->closed_ns = peer->moved_ns = now_ns;
	actor__peer_tell_end(peer);
	actor__calls_end_all(peer, ACTOR_E_DISCONNECTED);
	actor__serve_no_calls(peer);
}

/* Close this direction, when all has been written that will be. */
static void shut(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__outbox *outbox = &peer->outbox;

	if (peer->shut || peer->lost)
		return;
	actor__peer_lock(peer);
	if (actor__outbox_unwritten(outbox) == 0 &&
	    (actor__peer_n_serving(peer) == 0 || now_ns >= grace_ends_ns(peer)))
		peer->shut = outbox->shut = true;
	actor__peer_unlock(peer);
	if (!peer->shut)
		return;
	peer->shut_ns = now_ns;
	actor_transport_shutdown(peer->transport);
}

static int64_t later(int64_t a_ns, int64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

/* Nothing has gone out, or come, so that it does not matter how the connection ends. */
static bool is_unused(const struct actor_peer *peer)
{
	return !peer->is_open && peer->outbox.n_gone == 0;
}

/* When it stops waiting for what the connection still has to do; in the past: nothing. */
static int64_t waits_until_ns(const struct actor_peer *peer)
{
	if (peer->lost || peer->hurried || (peer->shut && (peer->finished || is_unused(peer))))
		return ACTOR_AT_ONCE;
	if (peer->shut)
		return actor_time_after(peer->shut_ns, peer->options.grace_ns);
	if (!peer->outbox.pending) /* shut() finds what there is to wait for */
		return ACTOR_FOREVER;
	return actor_time_after(later(peer->closed_ns, peer->wrote_ns), peer->options.grace_ns);
}

/* Nobody gets what has come later without what was dropped. */
static void hear_no_more(struct actor_peer *peer)
{
	peer->incoming.deaf = true;
	actor__serve_drop(peer);
}

/* Whether all is over. */
static bool close_further(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns)
{
	int64_t grace_ns = grace_ends_ns(peer), until_ns;

	if (now_ns >= grace_ns || peer->hurried)
		hear_no_more(peer);
	else
		sooner(next_ns, grace_ns);
	shut(peer, now_ns);
	until_ns = waits_until_ns(peer);
	if (now_ns >= until_ns)
		return peer->serving.n_sends == 0;
	sooner(next_ns, until_ns);
	return false;
}

/* Whether it is over; and otherwise, when to come back at the latest. */
static bool turn(struct actor_peer *peer, int64_t *ret_next_ns)
{
	int64_t now_ns = actor__peer_now(peer);
	struct state state = look(peer);

	*ret_next_ns = ACTOR_FOREVER;
	if (state.closing && peer->closed_ns == ACTOR_FOREVER)
		begin_to_close(peer, now_ns);
	work(peer, state, now_ns, ret_next_ns);
	return peer->closed_ns != ACTOR_FOREVER && close_further(peer, now_ns, ret_next_ns);
}

/* ---- the actor */

static void runner_started(void *self, struct actor_context *context)
{
	struct actor_peer *peer = self;
	int rc = actor_transport_start(peer->transport, &events, peer);

	if (rc < 0) {
		peer->lost = peer->finished = true;
		actor__peer_closes(peer, ACTOR_PEER_CLOSED_BY_REMOTE, rc, 0,
				   "the connection could not be used");
	} else if (rc == 0) {
		actor__peer_opens(peer);
	}
	while (!turn(peer, &peer->wakes_ns))
		if (actor__alarm_wait(&peer->alarm, context, peer->wakes_ns, peer->address) ==
		    ACTOR_E_CANCELLED)
			return;
}

static void runner_destroy(void *self)
{
	actor__peer_end(self);
	actor__peer_release(self);
}

const struct actor_behavior actor__peer_runner = {
	.size = sizeof actor__peer_runner,
	.name = "peer-runner",
	.stride = sizeof(struct actor_handler),
	.flags = ACTOR_THREAD_BOUND,
	.started = runner_started,
	.destroy = runner_destroy,
};
