/* SPDX-License-Identifier: MIT */

/*
 * How long a peer waits for the other side to go on. It is looked at in the turns of the runner,
 * of which there is one after whatever has come, so that reading itself need not know the time.
 *
 * A frame has its time from when its beginning came, and a second more for each so many bytes of
 * it: who sends them one by one gets no more of it, and who announces many none either. While
 * reading is paused the clock stands still: that is not the other side's doing.
 *
 * When time is up, it is looked at once more, a moment later: if this thread was busy with
 * something else for so long, what ought to have come may be there and not read yet.
 */

#include "patience.h"

#include "incoming.h"
#include "peer.h"

#define SECOND_NS INT64_C(1000000000)
#define SECOND_LOOK_NS INT64_C(10000000)

static void sooner(int64_t *next_ns, int64_t time_ns)
{
	if (time_ns < *next_ns)
		*next_ns = time_ns;
}

static bool is_up(struct actor__patience *patience, int64_t due_ns, int64_t now_ns,
		  int64_t *next_ns)
{
	bool was_late = patience->late;

	patience->late = now_ns >= due_ns;
	if (patience->late && was_late)
		return true;
	sooner(next_ns, patience->late ? now_ns + SECOND_LOOK_NS : due_ns);
	return false;
}

/* ---- frames */

static void follow_frame(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__patience *patience = &peer->patience;
	/* Relaxed: this is the thread that counts them. */
	uint64_t n = atomic_load_explicit(&peer->incoming.n_frames, memory_order_relaxed);

	if (patience->nth_frame != n) {
		patience->frame_ns = patience->paused_ns = now_ns;
		patience->nth_frame = n;
		patience->late = false;
	}
}

static void follow_pause(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__patience *patience = &peer->patience;

	if (patience->paused)
		patience->frame_ns += now_ns - patience->paused_ns;
	patience->paused = atomic_load(&peer->paused);
	patience->paused_ns = now_ns;
}

static int64_t frame_is_due_ns(const struct actor_peer *peer)
{
	const struct actor_peer_options *options = &peer->options;
	size_t n_seconds = peer->incoming.bytes.n / options->min_bytes_per_s;
	int64_t due_ns = actor_time_after(peer->patience.frame_ns, options->frame_timeout_ns);

	if (n_seconds > (size_t)(INT64_MAX / SECOND_NS))
		return ACTOR_FOREVER;
	return actor_time_after(due_ns, (int64_t)n_seconds * SECOND_NS);
}

static void look_at_frame(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns)
{
	follow_frame(peer, now_ns);
	follow_pause(peer, now_ns);
	if (peer->patience.paused) { /* there is a turn when that is over */
		peer->patience.late = false;
		return;
	}
	if (is_up(&peer->patience, frame_is_due_ns(peer), now_ns, next_ns))
		actor__incoming_violation(peer, ACTOR_E_TIMEOUT,
					  "a frame that had begun has not come in time");
}

/* ---- connections that nobody uses */

static bool is_quiet(struct actor_peer *peer)
{
	struct actor_peer_counts counts;
	uint64_t n_moved;

	actor_peer_counts_get(peer, &counts);
	n_moved = counts.n_frames_read + counts.n_frames_written;
	if (n_moved != peer->patience.n_moved) {
		peer->patience.n_moved = n_moved;
		return false;
	}
	return counts.n_held + counts.n_unwritten_bytes + counts.n_serving + counts.n_pending == 0;
}

static void look_at_quiet(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns)
{
	struct actor__patience *patience = &peer->patience;
	int64_t due_ns;

	if (!is_quiet(peer))
		patience->quiet_ns = now_ns;
	due_ns = actor_time_after(patience->quiet_ns, peer->options.idle_timeout_ns);
	if (is_up(patience, due_ns, now_ns, next_ns))
		actor__peer_closes(peer, ACTOR_PEER_CLOSED, ACTOR_E_TIMEOUT, 0,
				   "it has been idle for too long");
}

/* ---- both */

void actor__patience_look(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns)
{
	if (peer->closed_ns != ACTOR_FOREVER || peer->finished || peer->incoming.deaf)
		return;
	if (peer->incoming.bytes.n > 0)
		look_at_frame(peer, now_ns, next_ns);
	else
		look_at_quiet(peer, now_ns, next_ns);
}
