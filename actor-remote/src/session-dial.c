/* SPDX-License-Identifier: MIT */

/*
 * Who makes the connections of a session, one after the other: an actor whose one activation lasts
 * as long as the session. It dials, hands the peer over, waits for its end, and then for a while.
 * To close the session, the keeper cancels it, wherever it waits.
 */

#include "peer.h"
#include "random.h"
#include "session.h"

#include <actor-impl/simulation.h>
#include <unistd.h>

/* When to try again what there was no memory for. */
#define RETRY_NS INT64_C(1000000)

/* ---- one connection */

static int dial_address(const struct actor_session_options *options, struct actor_context *context,
			int64_t deadline_ns, struct actor_transport **ret_transport)
{
	const struct actor_connect_options how = { .size = sizeof how,
						   .tls = options->tls,
						   .tls_name = options->tls_name };

	return actor_connect_with(context, options->io, options->address, &how, deadline_ns,
				  ret_transport);
}

/* The detail is of this attempt; and what the program returns is looked at before it is used. */
static int dial(struct actor_session *session, struct actor_context *context, int64_t deadline_ns,
		struct actor_transport **ret_transport)
{
	const struct actor_session_options *options = &session->options;
	int rc;

	actor_error_set(context, 0, NULL, NULL);
	*ret_transport = NULL;
	rc = options->dial ? options->dial(options->user, context, deadline_ns, ret_transport)
			   : dial_address(options, context, deadline_ns, ret_transport);
	return rc > 0 || (rc == 0 && !*ret_transport) ? ACTOR_E_INVALID : rc;
}

/* Why it failed, with the detail, if that is of it. */
static void note_failure(struct actor_session_event *event, int status,
			 const struct actor_error *error)
{
	bool known = error && error->code == status;

	event->kind = ACTOR_SESSION_FAILED;
	event->status = status;
	event->system_errno = known ? error->system_errno : 0;
	actor__copy_text(event->text, sizeof event->text,
			 known && error->text[0] ? error->text : actor_strerror(status));
}

static int subscribe(struct actor_peer *peer, struct actor_subscription **ret_end)
{
	const struct actor_subscribe_options options = {
		.size = sizeof options,
		.filter = actor_peer_end_filter,
		.capacity = 1,
	};

	return actor_observable_subscribe(actor_peer_observable(peer), &options, ret_end);
}

/* From here on the keeper closes it, and waits for its end, when the session closes; false: there
 * is no need for it any more. */
static bool show(struct actor_session *session, struct actor_peer *peer)
{
	bool ended;

	actor__session_lock(session);
	ended = session->state == ACTOR__SESSION_ENDED;
	if (!ended)
		session->dialed = actor_peer_ref(peer);
	actor__session_unlock(session);
	return !ended;
}

/* It has ended, or is the keeper's by now: ACTOR_E_CANCELLED. */
static int let_go(struct actor_session *session, struct actor_peer *peer,
		  struct actor_context *context)
{
	int rc = actor__session_await_peer(peer, context);
	bool mine;

	if (rc < 0)
		return rc;
	actor__session_lock(session);
	mine = session->dialed == peer;
	if (mine)
		session->dialed = NULL;
	actor__session_unlock(session);
	if (mine)
		actor_peer_unref(peer);
	return 0;
}

/* A peer that is not running yet. */
static int make_peer(struct actor_session *session, struct actor_transport *transport,
		     struct actor_peer **ret_peer)
{
	struct actor_peer *peer;
	int rc = actor_peer_create(transport, &session->peer_options, &peer);

	if (rc < 0) {
		actor_transport_destroy(transport);
		return rc;
	}
	if (!show(session, peer)) {
		actor_peer_unref(peer);
		return ACTOR_E_CLOSED;
	}
	*ret_peer = peer;
	return 0;
}

/* @ret_end: what will tell of its end; on failure, too, if it is written. */
static int start_peer(struct actor_session *session, struct actor_peer *peer,
		      struct actor_subscription **ret_end)
{
	const struct actor_session_options *options = &session->options;
	int rc = subscribe(peer, ret_end);

	if (rc == 0 && options->prepare)
		rc = options->prepare(options->user, peer);
	if (rc == 0)
		rc = actor_peer_start(peer);
	if (rc == 0)
		return 0;
	actor_peer_close(peer, "it was not wanted"); /* if somebody else has started it */
	return rc > 0 ? ACTOR_E_INVALID : rc;
}

/* From here on, messages may be given to it; false: there is no need for it any more. */
static bool hand_over(struct actor_session *session, struct actor_peer *peer, int64_t now_ns)
{
	bool over;

	actor__session_lock(session);
	over = actor__session_is_over(session, now_ns);
	if (!over) {
		session->peer = actor_peer_ref(peer);
		session->counts.n_connections++;
	}
	actor__session_unlock(session);
	if (!over)
		actor__session_ring(session);
	return !over;
}

int actor__session_await_peer(struct actor_peer *peer, struct actor_context *context)
{
	int rc;

	while ((rc = actor_peer_join(context, peer, ACTOR_FOREVER)) == ACTOR_E_NOMEM &&
	       (rc = actor_sleep_until(context, actor_deadline_after(context, RETRY_NS))) == 0)
		;
	return rc;
}

static void note_end(struct actor_subscription *end, struct actor_context *context,
		     struct actor_session_event *event)
{
	const struct actor_peer_event *peer_event;
	struct actor_event taken;

	actor__copy_text(event->text, sizeof event->text, "the connection has ended");
	if (actor_subscription_next(context, end, ACTOR_AT_ONCE, &taken) != 0)
		return; /* there was no memory for it */
	peer_event = ACTOR_EVENT(actor_peer_event, &taken);
	event->status = peer_event->status;
	event->system_errno = peer_event->system_errno;
	actor__copy_text(event->text, sizeof event->text, peer_event->text);
	actor_event_drop(&taken);
}

/* How a connection has ended, in @event, if the session has not. */
static void use(struct actor_session *session, struct actor_peer *peer,
		struct actor_subscription *end, struct actor_context *context,
		struct actor_session_event *event)
{
	int64_t since_ns = actor_now(context);

	if (!hand_over(session, peer, since_ns)) {
		actor_peer_close(peer, "the session is closed");
		return;
	}
	event->kind = ACTOR_SESSION_CONNECTED;
	actor__session_tell(session, *event); /* who observes it may ask for the peer */
	if (actor__session_await_peer(peer, context) < 0)
		return;
	actor__session_forget(session, peer);
	event->kind = ACTOR_SESSION_LOST;
	note_end(end, context, event);
	if (actor_now(context) - since_ns >= session->options.period_ns)
		session->n_in_a_row = 0;
}

/* Until something can be written; it may have ended before, which says why. */
static int await_open(struct actor_peer *peer, struct actor_subscription *end,
		      struct actor_context *context, int64_t deadline_ns,
		      struct actor_session_event *event)
{
	int rc = actor__peer_await_open(context, peer, deadline_ns);

	if (rc == 0)
		return 0;
	note_failure(event, rc, NULL);
	if (rc == ACTOR_E_CLOSED)
		note_end(end, context, event);
	if (event->status == 0)
		event->status = ACTOR_E_CLOSED;
	actor_peer_close(peer, event->text);
	return rc;
}

/* A connection, as far as it comes about, and what becomes of it, in @event; ACTOR_E_CANCELLED. */
static int try_connection(struct actor_session *session, struct actor_transport *transport,
			  struct actor_context *context, int64_t deadline_ns,
			  struct actor_session_event *event)
{
	struct actor_subscription *end = NULL;
	struct actor_peer *peer;
	int rc = make_peer(session, transport, &peer);

	if (rc < 0) {
		note_failure(event, rc, NULL);
		return 0;
	}
	rc = start_peer(session, peer, &end);
	if (rc < 0)
		note_failure(event, rc, NULL);
	else if (await_open(peer, end, context, deadline_ns, event) == 0)
		use(session, peer, end, context, event);
	rc = let_go(session, peer, context);
	actor_subscription_destroy(end);
	actor_peer_unref(peer);
	return rc;
}

/* One attempt, likewise. */
static int attempt(struct actor_session *session, struct actor_context *context,
		   struct actor_session_event *event)
{
	int64_t deadline_ns = actor_deadline_after(context, session->options.dial_timeout_ns);
	struct actor_transport *transport;
	int rc;

	actor__session_tell(session, *event);
	actor__session_lock(session);
	session->counts.n_attempts++;
	actor__session_unlock(session);
	rc = dial(session, context, deadline_ns, &transport);
	if (rc == 0)
		return try_connection(session, transport, context, deadline_ns, event);
	note_failure(event, rc, actor_error(context));
	return 0;
}

/* ---- one after the other */

/* A multiple of the first, up to the most, for as many attempts as there were in a row. */
static int64_t bound_ns(const struct actor_session *session)
{
	const struct actor_session_options *options = &session->options;
	int64_t bound_ns = options->first_delay_ns;

	for (unsigned i = 1; i < session->n_in_a_row && bound_ns < options->most_delay_ns; i++) {
		if (options->factor == 1)
			break;
		bound_ns = bound_ns > options->most_delay_ns / options->factor
				   ? options->most_delay_ns
				   : bound_ns * options->factor;
	}
	return bound_ns;
}

static int64_t delay_ns(struct actor_session *session)
{
	return (int64_t)(actor__random(&session->random) % ((uint64_t)bound_ns(session) + 1));
}

/* Those that are started at the same time by many are not to draw the same. */
static uint64_t some_seed(struct actor_session *session, struct actor_context *context)
{
	uint64_t seed;

	if (session->options.seed)
		return session->options.seed;
	if (actor_simulation_is(session->executor))
		return actor_simulation_choose(session->executor, UINT64_MAX);
	if (getentropy(&seed, sizeof seed) != 0)
		seed = (uint64_t)actor_now(context) ^ (uint64_t)getpid() << 32;
	return seed;
}

/* Whether to go on, and when: as told. */
static bool goes_on(struct actor_session *session, struct actor_context *context,
		    struct actor_session_event *event)
{
	unsigned most = session->options.most_attempts;
	bool over, gives_up = most && session->n_in_a_row >= most;

	actor__session_lock(session);
	over = actor__session_is_over(session, actor_now(context));
	actor__session_unlock(session);
	if (over)
		return false;
	event->next_ns = gives_up ? ACTOR_FOREVER
				  : actor_deadline_after(context, delay_ns(session));
	actor__session_tell(session, *event);
	if (!gives_up)
		return true;
	event->kind = ACTOR_SESSION_GAVE_UP;
	actor__session_closes_as(session, event);
	return false;
}

static void dialer_started(void *self, struct actor_context *context)
{
	struct actor_session *session = self;
	struct actor_session_event event;

	session->random = some_seed(session, context);
	do {
		event = (struct actor_session_event){
			.kind = ACTOR_SESSION_CONNECTING,
			.n_attempts = ++session->n_in_a_row,
			.next_ns = ACTOR_FOREVER,
		};
		if (attempt(session, context, &event) < 0)
			return;
		if (!goes_on(session, context, &event))
			return;
	} while (actor_sleep_until(context, event.next_ns) == 0);
}

/* Also when it has failed in the program's own function, or the executor is closed. */
static void dialer_destroy(void *self)
{
	struct actor_session *session = self;

	actor__session_closes(session, ACTOR_E_STOPPED, "what dials has ended");
	actor__session_left(session);
	actor__session_release(session);
}

const struct actor_behavior actor__session_dialer = {
	.size = sizeof actor__session_dialer,
	.name = "session-dialer",
	.stride = sizeof(struct actor_handler),
	.started = dialer_started,
	.destroy = dialer_destroy,
};
