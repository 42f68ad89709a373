/* SPDX-License-Identifier: MIT */

/*
 * Peers. Behind a peer are two actors on its transport's executor: the one whose address others
 * have, for monitors and to be stopped, which does nothing but close and wait, and is there from
 * the beginning; and its runner, which does the work (peer-run.c), from its start. Both go on
 * without owners, and keep the peer's memory, as remote addresses and answers do. Its owners matter
 * only before it is started: without them, it never will be.
 *
 * A peer ends once: on its executor's thread when its runner does, however that is, or, before it
 * was started, where it is closed or given up. Who ends it has the state say so, under the lock.
 */

#include "peer.h"

#include "answer.h"

#include <stdio.h>
#include <stdlib.h>

/* No frame can be shorter than that. */
#define LEAST_FRAME_BYTES 24

/* So many calls without a permit at a time, by default. */
#define CALLS_RELAYED 1024

/* ---- the actor that others see */

static void actor_stopped(void *self, struct actor_context *context)
{
	struct actor_peer *peer = self;

	actor_peer_close(peer, "stopped");
	actor__alarm_nudged(&peer->alarm); /* a nudge in the mailbox has been dropped */
	actor_ignore(actor__peer_await_end(context, peer, ACTOR_FOREVER));
}

static void actor_destroy(void *self)
{
	actor__peer_release(self);
}

static void on_nudge(void *self, void *message, struct actor_reply **reply,
		     struct actor_context *context)
{
	struct actor_peer *peer = self;

	(void)message, (void)reply, (void)context;
	actor__alarm_nudged(&peer->alarm);
}

static const struct actor_handler peer_handlers[] = { { &actor__nudge_type, on_nudge } };

static const struct actor_behavior peer_behavior = {
	.size = sizeof peer_behavior,
	.name = "peer",
	.handlers = peer_handlers,
	.n_handlers = 1,
	.stride = sizeof(struct actor_handler),
	.flags = ACTOR_THREAD_BOUND,
	.stopped = actor_stopped,
	.destroy = actor_destroy,
};

/* ---- memory */

struct actor_peer *actor__peer_hold(struct actor_peer *peer)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&peer->n_refs, 1, memory_order_relaxed);
	return peer;
}

static void free_answers(struct actor_peer *peer)
{
	struct actor_answer *answer;

	while ((answer = peer->free_answers)) {
		peer->free_answers = answer->next;
		free(answer);
	}
}

void actor__peer_release(struct actor_peer *peer)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&peer->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	free_answers(peer);
	actor__outbox_deinit(&peer->outbox);
	actor__calls_deinit(&peer->calls);
	actor_bytes_deinit(&peer->incoming.bytes);
	actor_observable_unref(peer->observable);
	actor_semaphore_unref(peer->permits.semaphore);
	actor_address_unref(peer->address);
	free(peer->certificate);
	pthread_mutex_destroy(&peer->lock);
	free(peer);
}

/* ---- creation */

static void or_default(size_t *value, size_t by_default)
{
	if (*value == 0)
		*value = by_default;
}

static void or_default_time(int64_t *value, int64_t by_default)
{
	if (*value == 0)
		*value = by_default;
}

static size_t times(size_t n, size_t n_bytes)
{
	return n_bytes > SIZE_MAX / n ? SIZE_MAX : n * n_bytes;
}

int actor__peer_choose(const struct actor_peer_options *options,
		       struct actor_peer_options *ret_chosen)
{
	struct actor_peer_options chosen;

	if (!actor__options_read(&chosen, sizeof chosen, options))
		return ACTOR_E_INVALID;
	if (chosen.call_timeout_ns < 0 || chosen.stall_ns < 0 || chosen.grace_ns < 0 ||
	    chosen.frame_timeout_ns < 0 || chosen.idle_timeout_ns < 0)
		return ACTOR_E_INVALID;
	if (!chosen.format)
		chosen.format = actor_cbor_format();
	or_default(&chosen.max_read_bytes, 1 << 20);
	or_default(&chosen.max_write_bytes, 1 << 20);
	if (chosen.max_read_bytes < LEAST_FRAME_BYTES || chosen.max_write_bytes < LEAST_FRAME_BYTES)
		return ACTOR_E_INVALID;
	or_default(&chosen.n_permits, 1024);
	or_default(&chosen.max_held_bytes, 1 << 20);
	or_default(&chosen.max_unwritten_bytes, 1 << 20);
	or_default(&chosen.max_relayed_bytes, times(CALLS_RELAYED, chosen.max_write_bytes));
	or_default(&chosen.min_bytes_per_s, 4096);
	or_default_time(&chosen.call_timeout_ns, INT64_C(60000000000));
	or_default_time(&chosen.stall_ns, INT64_C(30000000000));
	or_default_time(&chosen.grace_ns, INT64_C(1000000000));
	or_default_time(&chosen.frame_timeout_ns, INT64_C(30000000000));
	or_default_time(&chosen.idle_timeout_ns, ACTOR_FOREVER);
	*ret_chosen = chosen;
	return 0;
}

/* The actor that others see. */
static int make_actor(struct actor_peer *peer, struct actor_spawner *spawner,
		      const struct actor_mailbox_options *options)
{
	struct actor_mailbox *actor;
	int rc = actor_mailbox_create(spawner, &peer_behavior, options, &actor);

	if (rc < 0)
		return rc;
	peer->address = actor_mailbox_address(actor);
	peer->info = actor_mailbox_info(actor);
	rc = actor_mailbox_start(actor, actor__peer_hold(peer), NULL, NULL);
	if (rc < 0) {
		actor_mailbox_destroy(actor);
		actor__peer_release(peer);
		return rc;
	}
	actor_mailbox_detach(actor);
	return 0;
}

/* What needs more than memory; what has been made is in @peer. */
static int make_parts(struct actor_peer *peer)
{
	struct actor_spawner *spawner = actor_executor_spawner(peer->executor);
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.name = peer->options.name,
								    .capacity = 1);
	int rc = actor_observable_create(&peer->observable);

	if (rc == 0 && peer->options.permits)
		peer->permits.semaphore = actor_semaphore_ref(peer->options.permits);
	peer->permits.n_free = peer->options.n_permits;
	if (rc == 0)
		rc = actor_mailbox_create(spawner, &actor__peer_runner, options, &peer->runner);
	if (rc == 0) /* the last: when it runs, it may be stopped */
		rc = make_actor(peer, spawner, options);
	return rc;
}

static void give_up_runner(struct actor_peer *peer)
{
	actor_mailbox_destroy(peer->runner);
	peer->runner = NULL;
}

int actor_peer_create(struct actor_transport *transport, const struct actor_peer_options *options,
		      struct actor_peer **ret_peer)
{
	struct actor_peer *peer = calloc(1, sizeof *peer);
	int rc;

	if (!peer)
		return ACTOR_E_NOMEM;
	rc = actor__peer_choose(options, &peer->options);
	if (rc < 0) {
		free(peer);
		return rc;
	}
	atomic_init(&peer->n_owners, 1);
	atomic_init(&peer->n_refs, 1);
	peer->transport = transport;
	peer->executor = transport->executor;
	peer->format = peer->options.format;
	peer->closed_ns = peer->puts_off_ns = ACTOR_FOREVER;
	peer->patience.nth_frame = peer->patience.n_moved = UINT64_MAX;
	pthread_mutex_init(&peer->lock, NULL);
	actor__outbox_init(&peer->outbox);
	actor__calls_init(&peer->calls);
	actor__lanes_init(&peer->lanes);
	actor__routes_init(&peer->routes);
	actor_bytes_init(&peer->incoming.bytes, NULL, 0, SIZE_MAX);
	rc = make_parts(peer);
	if (rc < 0) {
		give_up_runner(peer);
		actor__peer_release(peer);
		return rc == ACTOR_E_UNSUPPORTED ? ACTOR_E_INVALID : rc;
	}
	peer->options.name = peer->info.name;
	*ret_peer = peer;
	return 0;
}

/* ---- owners */

struct actor_peer *actor_peer_ref(struct actor_peer *peer)
{
	/* Relaxed: the caller has it already, if only for a message that came over it. All owners
	 * together hold it once. */
	if (atomic_fetch_add_explicit(&peer->n_owners, 1, memory_order_relaxed) == 0)
		actor__peer_hold(peer);
	return peer;
}

/* Before it was started: whether this has ended it. */
static bool end_unstarted(struct actor_peer *peer)
{
	bool was_new;

	actor__peer_lock(peer);
	was_new = peer->state == ACTOR__PEER_NEW;
	if (was_new)
		peer->state = ACTOR__PEER_ENDED;
	actor__peer_unlock(peer);
	if (was_new) {
		give_up_runner(peer);
		actor__peer_end(peer);
	}
	return was_new;
}

void actor_peer_unref(struct actor_peer *peer)
{
	/* As actor__peer_release(). */
	if (!peer || atomic_fetch_sub_explicit(&peer->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	end_unstarted(peer);
	actor__peer_release(peer);
}

/* ---- life */

/* Begin to be running: 0, or why not. */
static int leave_new(struct actor_peer *peer)
{
	int rc = 0;

	actor__peer_lock(peer);
	if (peer->state == ACTOR__PEER_RUNNING)
		rc = ACTOR_E_BUSY;
	else if (peer->state == ACTOR__PEER_ENDED)
		rc = ACTOR_E_CLOSED;
	else
		peer->state = ACTOR__PEER_RUNNING;
	actor__peer_unlock(peer);
	return rc;
}

/* Who has closed it meanwhile, when it seemed to be running, has left its end to this one. */
static void return_to_new(struct actor_peer *peer)
{
	bool closing;

	actor__peer_lock(peer);
	peer->state = ACTOR__PEER_NEW;
	closing = peer->closing;
	actor__peer_unlock(peer);
	if (closing)
		end_unstarted(peer);
}

int actor_peer_start(struct actor_peer *peer)
{
	int rc = leave_new(peer);

	if (rc < 0)
		return rc;
	rc = actor_mailbox_start(peer->runner, actor__peer_hold(peer), NULL, NULL);
	if (rc < 0) {
		actor__peer_release(peer);
		return_to_new(peer);
		return rc;
	}
	actor_mailbox_detach(peer->runner);
	peer->runner = NULL;
	return 0;
}

void actor__peer_closes(struct actor_peer *peer, enum actor_peer_event_kind kind, int status,
			int system_errno, const char *reason)
{
	bool first;

	actor__peer_lock(peer);
	first = !peer->closing;
	if (first) {
		peer->closing = true;
		peer->end.kind = kind;
		peer->end.status = status;
		peer->end.system_errno = system_errno;
		actor__copy_text(peer->end.text, sizeof peer->end.text, reason);
		actor__line_wake_all(&peer->outbox.line);
	}
	actor__peer_unlock(peer);
	if (first)
		actor__peer_ring(peer);
}

void actor_peer_close(struct actor_peer *peer, const char *reason)
{
	actor__peer_closes(peer, ACTOR_PEER_CLOSED, 0, 0, reason);
	end_unstarted(peer);
}

/* When the connection was lost, it is known that something may be. */
static void tell_dropped(struct actor_peer *peer, size_t n_bytes)
{
	char text[64];

	if (n_bytes == 0 || peer->lost)
		return;
	snprintf(text, sizeof text, "%zu bytes that were accepted were not written", n_bytes);
	actor__peer_tell_error(peer, ACTOR_E_DISCONNECTED, 0, 0, text);
}

void actor__peer_end(struct actor_peer *peer)
{
	actor__peer_closes(peer, ACTOR_PEER_CLOSED, ACTOR_E_CANCELLED, 0, "cancelled");
	actor__peer_tell_end(peer);
	/* Relaxed: nothing else hangs on it. */
	atomic_store_explicit(&peer->gone, true, memory_order_relaxed);
	actor__calls_end_all(peer, ACTOR_E_DISCONNECTED);
	actor_transport_destroy(peer->transport);
	peer->transport = NULL;
	tell_dropped(peer, actor__outbox_close(peer));
	actor_bytes_deinit(&peer->incoming.bytes);
	actor__serve_drop(peer);
	actor__routes_deinit(peer);
	actor_observable_close(peer->observable);
	actor_ignore(actor_address_stop(peer->address, ACTOR_STOP_NOW));
	actor__peer_tell_joiners(peer);
}

/* ---- what else there is to ask */

struct actor_address *actor_peer_address(struct actor_peer *peer)
{
	return actor_address_weak(peer->address);
}

struct actor_identity actor_peer_identity(const struct actor_peer *peer)
{
	return peer->info.identity;
}

struct actor_observable *actor_peer_observable(struct actor_peer *peer)
{
	return peer->observable;
}

void actor_peer_counts_get(struct actor_peer *peer, struct actor_peer_counts *ret_counts)
{
	const struct actor__outbox *outbox = &peer->outbox;
	struct actor_peer_counts counts = {
		.n_frames_read = atomic_load(&peer->incoming.n_frames),
		.n_bytes_read = atomic_load(&peer->incoming.n_bytes),
		.n_held = atomic_load(&peer->serving.n_held),
		.n_held_bytes = atomic_load(&peer->serving.n_bytes),
		.paused = atomic_load(&peer->paused),
	};

	actor__peer_lock(peer);
	counts.n_frames_written = outbox->n_frames;
	counts.n_bytes_written = outbox->n_gone;
	counts.n_unwritten_bytes = actor__outbox_unwritten(outbox);
	counts.n_serving = actor__peer_n_serving(peer);
	counts.n_pending = actor__calls_count(&peer->calls);
	actor__peer_unlock(peer);
	*ret_counts = counts;
}

int actor_peer_certificate(struct actor_peer *peer, struct actor_certificate *ret_certificate)
{
	/* Acquire: what it says was written before. */
	const struct actor_certificate *certificate = atomic_load_explicit(&peer->certificate,
									   memory_order_acquire);

	if (!certificate)
		return ACTOR_E_UNSUPPORTED;
	*ret_certificate = *certificate;
	return 0;
}

/* ---- frames */

int actor_peer_send_frame(struct actor_peer *peer, uint64_t service, const uint8_t *payload,
			  size_t n_payload, struct actor_waiter *waiter)
{
	const struct actor__outgoing outgoing = {
		.service = service,
		.payload = payload,
		.n_payload = n_payload,
	};

	return actor__outbox_post(peer, &outgoing, waiter);
}

int actor_peer_call_frame(struct actor_peer *peer, uint64_t service, const uint8_t *payload,
			  size_t n_payload, struct actor_waiter *waiter,
			  struct actor_frame_call *call)
{
	const struct actor__outgoing outgoing = {
		.service = service,
		.payload = payload,
		.n_payload = n_payload,
		.call = call,
	};

	return actor__outbox_post(peer, &outgoing, waiter);
}

void actor_peer_withdraw_waiter(struct actor_peer *peer, struct actor_waiter *waiter)
{
	actor__outbox_withdraw(peer, waiter);
}
