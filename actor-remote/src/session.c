/* SPDX-License-Identifier: MIT */

/*
 * Sessions: how one is made, and how it ends. It ends once, when its keeper does, or, before it was
 * started, where it is closed or its last owner goes. Its actors hold its memory, as addresses do,
 * and what is kept.
 */

#include "session.h"

#include "connect.h"
#include "io.h"
#include "peer.h"

#include <stdlib.h>

ACTOR_SIGNAL_DEFINE(actor_session_event, "actor.session-event", NULL);

/* ---- memory */

struct actor_session *actor__session_hold(struct actor_session *session)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&session->n_refs, 1, memory_order_relaxed);
	return session;
}

void actor__session_release(struct actor_session *session)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&session->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	actor_observable_unref(session->observable);
	actor_address_unref(session->self);
	actor_semaphore_unref(session->permits);
	pthread_mutex_destroy(&session->lock);
	free(session->repeatable);
	actor_tls_unref(session->tls);
	free(session->tls_name);
	free(session->address);
	free(session);
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

/* As far as can be known before it is tried. */
static bool leads_somewhere(const struct actor_session_options *options)
{
	const struct actor_connect_options connect = {
		.size = sizeof connect,
		.tls = options->tls,
		.tls_name = options->tls_name,
	};
	struct actor__socket_address address;

	return !actor__connect_fault(options->address, &connect, &address);
}

static bool is_sound(const struct actor_session_options *options)
{
	bool by_address = options->io && options->address;

	return by_address != !!options->dial && (options->io || options->executor) &&
	       (by_address ? leads_somewhere(options) : !options->tls) &&
	       options->dial_timeout_ns >= 0 && options->first_delay_ns >= 0 &&
	       options->most_delay_ns >= 0 && options->period_ns >= 0 && options->keep_ns >= 0 &&
	       options->grace_ns >= 0 && (options->repeatable || options->n_repeatable == 0);
}

static void settle(struct actor_session_options *options)
{
	or_default_time(&options->dial_timeout_ns, INT64_C(10000000000));
	or_default_time(&options->first_delay_ns, INT64_C(100000000));
	or_default_time(&options->most_delay_ns, INT64_C(30000000000));
	if (options->most_delay_ns < options->first_delay_ns)
		options->most_delay_ns = options->first_delay_ns;
	or_default_time(&options->period_ns, options->most_delay_ns);
	or_default_time(&options->keep_ns, INT64_C(30000000000));
	or_default(&options->most_kept, 1024);
	or_default(&options->most_kept_bytes, 1 << 20);
	if (options->factor == 0)
		options->factor = 2;
}

/* Those of its peers. */
static int settle_peer(struct actor_session *session)
{
	struct actor_peer_options *options = &session->peer_options;
	int rc = actor__peer_choose(session->options.peer, options);

	if (rc < 0)
		return rc;
	options->size = sizeof *options;
	if (options->permits)
		session->permits = actor_semaphore_ref(options->permits);
	session->format = options->format;
	return 0;
}

static int copy_what_is_given(struct actor_session *session)
{
	struct actor_session_options *options = &session->options;
	size_t n_bytes = options->n_repeatable * sizeof *session->repeatable;

	if (options->address && !(session->address = strdup(options->address)))
		return ACTOR_E_NOMEM;
	if (n_bytes > 0) {
		session->repeatable = malloc(n_bytes);
		if (!session->repeatable)
			return ACTOR_E_NOMEM;
		memcpy(session->repeatable, options->repeatable, n_bytes);
	}
	if (options->tls_name && !(session->tls_name = strdup(options->tls_name)))
		return ACTOR_E_NOMEM;
	if (options->tls)
		session->tls = actor_tls_ref(options->tls);
	options->address = session->address;
	options->tls_name = session->tls_name;
	options->repeatable = session->repeatable;
	return 0;
}

static int make_mailboxes(struct actor_session *session)
{
	struct actor_spawner *spawner = actor_executor_spawner(session->executor);
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.name = session->options.name,
								    .capacity = 1);
	struct actor_address *address;
	int rc = actor_mailbox_create(spawner, &actor__session_keeper, options, &session->keeper);

	if (rc == 0)
		rc = actor_mailbox_create(spawner, &actor__session_dialer, options,
					  &session->dialer);
	if (rc < 0)
		return rc;
	address = actor_mailbox_address(session->keeper);
	session->self = actor_address_weak(address);
	actor_address_unref(address);
	session->info = actor_address_info(session->self);
	return 0;
}

static void give_up_mailboxes(struct actor_session *session)
{
	actor_mailbox_destroy(session->dialer);
	actor_mailbox_destroy(session->keeper);
	session->dialer = session->keeper = NULL;
}

static int make_parts(struct actor_session *session)
{
	int rc = settle_peer(session);

	if (rc == 0)
		rc = copy_what_is_given(session);
	if (rc == 0)
		rc = actor_observable_create(&session->observable);
	if (rc == 0)
		rc = make_mailboxes(session);
	if (rc < 0)
		give_up_mailboxes(session);
	return rc;
}

static void wake(struct actor_waiter *waiter)
{
	actor__session_ring(ACTOR_CONTAINER_OF(waiter, struct actor_session, waiter));
}

int actor_session_create(const struct actor_session_options *given,
			 struct actor_session **ret_session)
{
	struct actor_session_options options;
	struct actor_session *session;
	int rc;

	if (!actor__options_read(&options, sizeof options, given) || !is_sound(&options))
		return ACTOR_E_INVALID;
	settle(&options);
	session = calloc(1, sizeof *session);
	if (!session)
		return ACTOR_E_NOMEM;
	session->options = options;
	session->executor = options.executor ? options.executor : actor_io_executor(options.io);
	atomic_init(&session->n_owners, 1);
	atomic_init(&session->n_refs, 1);
	pthread_mutex_init(&session->lock, NULL);
	actor__links_init(&session->kept);
	actor_waiter_init(&session->waiter, wake);
	rc = make_parts(session);
	if (rc < 0) {
		actor__session_release(session);
		return rc;
	}
	session->options.name = session->peer_options.name = session->info.name;
	session->options.peer = NULL;
	*ret_session = session;
	return 0;
}

/* ---- the end */

void actor__session_left(struct actor_session *session)
{
	bool last;

	actor__session_lock(session);
	last = --session->n_live == 0;
	actor__session_unlock(session);
	if (!last)
		return;
	actor__session_tell(session, session->last);
	actor_observable_close(session->observable);
}

static void end_unstarted(struct actor_session *session)
{
	session->n_live = 1; /* nobody else is any more */
	actor_mailbox_destroy(session->keeper);
	session->keeper = NULL;
	actor_peer_unref(actor__session_end(session)); /* there is none */
	actor__session_left(session);
}

void actor__session_closes_as(struct actor_session *session, const struct actor_session_event *last)
{
	bool in_order = last->kind == ACTOR_SESSION_CLOSED && last->status == 0;
	int64_t until_ns = actor_time_after(actor_executor_now(session->executor),
					    in_order ? session->options.grace_ns : 0);
	bool first, was_new;

	actor__session_lock(session);
	first = !session->closing;
	was_new = session->state == ACTOR__SESSION_NEW;
	if (first) {
		session->closing = true;
		session->last = *last;
		session->last.next_ns = ACTOR_FOREVER;
		actor__line_wake_all(&session->line);
		if (was_new)
			session->state = ACTOR__SESSION_ENDED;
	}
	if (first || until_ns < session->until_ns)
		session->until_ns = until_ns;
	actor__session_unlock(session);
	if (was_new)
		end_unstarted(session);
	else
		actor__session_ring(session);
}

void actor__session_closes(struct actor_session *session, int status, const char *reason)
{
	struct actor_session_event last = { .kind = ACTOR_SESSION_CLOSED, .status = status };

	actor__copy_text(last.text, sizeof last.text, reason);
	actor__session_closes_as(session, &last);
}

void actor_session_close(struct actor_session *session, const char *reason)
{
	actor__session_closes(session, 0, reason);
}

static bool nothing(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user, (void)type, (void)event;
	return false;
}

/* Its observers have been told of the end when there is nobody any more who could. */
static int await_end(struct actor_context *context, struct actor_session *session,
		     int64_t deadline_ns)
{
	const struct actor_subscribe_options options = { .size = sizeof options,
							 .filter = nothing };
	struct actor_subscription *subscription;
	struct actor_event event;
	int rc = actor_observable_subscribe(session->observable, &options, &subscription);

	if (rc == 0) {
		rc = actor_subscription_next(context, subscription, deadline_ns, &event);
		actor_subscription_destroy(subscription);
	}
	return rc == ACTOR_E_CLOSED ? 0 : rc;
}

int actor_session_join(struct actor_context *context, struct actor_session *session,
		       int64_t deadline_ns)
{
	struct actor_io *io = session->options.io;
	bool waits = deadline_ns != ACTOR_AT_ONCE;
	bool stands_still = waits &&
			    actor__io_stands_still(context, io ? io->executor : session->executor);
	int rc = await_end(context, session, stands_still ? ACTOR_AT_ONCE : deadline_ns);

	if (stands_still && rc == ACTOR_E_TIMEOUT)
		rc = actor_error_set(context, ACTOR_E_NOSUSPEND, session->self, NULL);
	return rc;
}

/* ---- the beginning */

static int leave_new(struct actor_session *session)
{
	int rc = 0;

	actor__session_lock(session);
	if (session->closing)
		rc = ACTOR_E_CLOSED;
	else if (session->state != ACTOR__SESSION_NEW)
		rc = ACTOR_E_BUSY;
	else
		session->state = ACTOR__SESSION_RUNNING;
	if (rc == 0)
		session->n_live = 1; /* who starts it */
	actor__session_unlock(session);
	return rc;
}

static int start(struct actor_session *session, struct actor_mailbox *mailbox)
{
	int rc;

	actor__session_lock(session);
	session->n_live++;
	actor__session_unlock(session);
	rc = actor_mailbox_start(mailbox, actor__session_hold(session), NULL, NULL);
	if (rc < 0) {
		actor__session_left(session);
		actor__session_release(session);
	}
	return rc;
}

int actor_session_start(struct actor_session *session)
{
	struct actor_mailbox *keeper;
	int rc = leave_new(session);

	if (rc < 0)
		return rc;
	keeper = session->keeper;
	session->keeper = NULL;
	rc = start(session, session->dialer);
	if (rc == 0)
		rc = start(session, keeper);
	if (rc == 0) {
		actor_mailbox_detach(keeper);
	} else { /* then it is at its end */
		actor__session_closes(session, rc, actor_strerror(rc));
		actor_mailbox_destroy(keeper);
		actor_peer_unref(actor__session_end(session));
	}
	actor__session_left(session);
	return rc;
}

/* ---- owners */

struct actor_session *actor_session_ref(struct actor_session *session)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&session->n_owners, 1, memory_order_relaxed);
	return session;
}

void actor_session_unref(struct actor_session *session)
{
	/* As actor__session_release(). All owners together hold it once. */
	if (!session || atomic_fetch_sub_explicit(&session->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	actor_session_close(session, "nobody owns it any more");
	actor__session_release(session);
}

/* ---- what there is to ask, and to tell */

void actor__session_tell(struct actor_session *session, struct actor_session_event event)
{
	event.session = session->info.identity;
	actor__copy_text(event.name, sizeof event.name, session->info.name);
	actor_observable_publish(session->observable, &actor_session_event_type, &event);
}

struct actor_peer *actor__session_lose(struct actor_session *session)
{
	struct actor_peer *peer = session->peer;

	session->peer = NULL;
	if (session->options.refuses)
		actor__line_wake_all(&session->line);
	return peer;
}

void actor__session_forget(struct actor_session *session, struct actor_peer *peer)
{
	bool mine;

	actor__session_lock(session);
	mine = session->peer == peer;
	if (mine)
		actor__session_lose(session);
	actor__session_unlock(session);
	if (!mine)
		return;
	actor_peer_unref(peer);
	actor__session_ring(session);
}

struct actor_peer *actor_session_peer(struct actor_session *session)
{
	struct actor_peer *peer;

	actor__session_lock(session);
	peer = session->peer ? actor_peer_ref(session->peer) : NULL;
	actor__session_unlock(session);
	return peer;
}

struct actor_observable *actor_session_observable(struct actor_session *session)
{
	return session->observable;
}

void actor_session_counts_get(struct actor_session *session,
			      struct actor_session_counts *ret_counts)
{
	actor__session_lock(session);
	*ret_counts = session->counts;
	ret_counts->connected = session->peer != NULL;
	actor__session_unlock(session);
}
