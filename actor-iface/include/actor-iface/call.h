/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_CALL_H
#define ACTOR_IFACE_CALL_H

#include <actor-iface/context.h>

ACTOR__BEGIN_C

/**
 * struct actor_future - a call in flight
 * @cleanup:   closes it if the caller fails
 * @context:   the caller's
 * @address:   whom it went to; borrowed, so it must be held until the future has ended
 * @type:      of the message that was sent
 * @ret_value: where the answer goes; NULL drops it
 * @reply:     the caller's half; NULL once it has ended
 * @status:    ACTOR_PENDING, then how it ended: 0 or an error
 *
 * Lives in the caller's frame. Before that ends, the future must have ended or been cancelled.
 * All members are read-only to users.
 */
struct actor_future {
	struct actor_cleanup cleanup;
	struct actor_context *context;
	struct actor_address *address;
	const struct actor_message_type *type;
	void *ret_value;
	struct actor_reply *reply;
	int status;
};

static inline void actor__future_abandon(void *user)
{
	struct actor_future *future = (struct actor_future *)user;

	future->context->ops->reply_close(future->context, future->reply, NULL);
	future->reply = NULL;
}

static inline int actor__future_end(struct actor_future *future, int status)
{
	actor_undefer(future->context, &future->cleanup);
	future->status = status;
	return status < 0 ? actor_error_set(future->context, status, future->address, future->type)
			  : status;
}

/* Move out what has been delivered: the future ends. */
static inline int actor__future_take(struct actor_future *future)
{
	struct actor_reply *reply = future->reply;

	future->reply = NULL;
	return actor__future_end(future, future->context->ops->reply_close(future->context, reply,
									   future->ret_value));
}

static inline int actor__await(struct actor_context *context, struct actor_future *futures,
			       size_t n_futures, enum actor_await_mode mode, int64_t deadline_ns)
{
	return actor_await_replies(context, &futures[0].reply, n_futures, sizeof *futures, mode,
				   deadline_ns);
}

/* Open a reply, and send a message with it: on success the caller's half is in @ret_reply, and on
 * failure nothing is left to close. */
static inline int actor__call_post(struct actor_context *context, struct actor_address *address,
				   const struct actor_message_type *type, void *message,
				   int64_t deadline_ns, struct actor_reply **ret_reply)
{
	int rc = type->reply ? context->ops->reply_open(context, type->reply, ret_reply)
			     : ACTOR_E_INVALID;

	if (rc == 0) {
		rc = context->ops->post(context, address, type, message, *ret_reply, deadline_ns);
		if (rc < 0) { /* both halves are ours */
			actor_reply_deliver(*ret_reply, rc, NULL);
			context->ops->reply_close(context, *ret_reply, NULL);
		}
	}
	if (rc < 0) {
		*ret_reply = NULL;
		return actor_error_refused(context, rc, address, type, message);
	}
	return 0;
}

/**
 * actor_future_cancel() - stop waiting for an answer; what comes later is dropped
 * @future: ends with ACTOR_E_ABANDONED if it was pending; otherwise left alone
 *
 * The callee is not told, but may look: see actor_reply_abandoned(). Its handler runs to
 * completion.
 *
 * Thread:  context
 */
static inline void actor_future_cancel(struct actor_future *future)
{
	if (future->status != ACTOR_PENDING)
		return;
	actor_undefer(future->context, &future->cleanup);
	actor__future_abandon(future);
	future->status = ACTOR_E_ABANDONED;
}

/**
 * actor_call_begin_until() - send a message and go on; its answer is awaited later
 * @context:     the caller's; suspended only while the mailbox is full
 * @future:      in the caller's frame; initialised here, ended already if this fails
 * @address:     where to; borrowed until the future has ended
 * @type:        of the message; must have a reply type
 * @message:     moved out on success; untouched on failure
 * @ret_value:   where the answer goes; must live as long as the future; NULL drops it
 * @deadline_ns: absolute, for getting into the mailbox: ACTOR_E_FULL when it passes
 *
 * Thread:  context
 * Return:  0 (the future is pending), or as actor_send_until(), ACTOR_E_INVALID
 */
ACTOR_NODISCARD static inline int actor_call_begin_until(
	struct actor_context *context, struct actor_future *future, struct actor_address *address,
	const struct actor_message_type *type, void *message, void *ret_value, int64_t deadline_ns)
{
	int rc;

	future->context = context;
	future->address = address;
	future->type = type;
	future->ret_value = ret_value;
	rc = actor__call_post(context, address, type, message, deadline_ns, &future->reply);
	if (rc < 0) {
		future->status = rc;
		return rc;
	}
	future->status = ACTOR_PENDING;
	actor_defer(context, &future->cleanup, actor__future_abandon, future);
	return 0;
}

/** actor_call_begin() - actor_call_begin_until() without a deadline */
ACTOR_NODISCARD static inline int actor_call_begin(struct actor_context *context,
						   struct actor_future *future,
						   struct actor_address *address,
						   const struct actor_message_type *type,
						   void *message, void *ret_value)
{
	return actor_call_begin_until(context, future, address, type, message, ret_value,
				      ACTOR_FOREVER);
}

/**
 * actor_future_await() - wait for the answer of a call in flight
 * @future:      if it has ended already, its status is returned at once
 * @deadline_ns: absolute; ACTOR_AT_ONCE polls
 *
 * Thread:  context
 * Return:  0, the error with which the call ended, or, with the future still pending,
 *          ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND
 */
ACTOR_NODISCARD static inline int actor_future_await(struct actor_future *future,
						     int64_t deadline_ns)
{
	int rc;

	if (future->status != ACTOR_PENDING)
		return future->status;
	rc = actor__await(future->context, future, 1, ACTOR_AWAIT_ALL, deadline_ns);
	if (rc < 0)
		return actor_error_set(future->context, rc, future->address, future->type);
	return actor__future_take(future);
}

/**
 * actor_future_await_all() - wait for the answers of several calls in flight
 * @futures:     an array, all begun with the same context
 * @n_futures:   how many
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  0 when all have ended well; why the wait ended with some of them pending; or else the
 *          first error in the order of the array. Each future's status tells its own
 */
ACTOR_NODISCARD static inline int actor_future_await_all(struct actor_future *futures,
							 size_t n_futures, int64_t deadline_ns)
{
	struct actor_future *pending = NULL, *failed = NULL;
	int waited, rc;
	size_t i;

	if (n_futures == 0)
		return 0;
	waited = actor__await(futures[0].context, futures, n_futures, ACTOR_AWAIT_ALL, deadline_ns);
	for (i = 0; i < n_futures; i++) {
		rc = actor_future_await(&futures[i], ACTOR_AT_ONCE);
		if (futures[i].status == ACTOR_PENDING)
			pending = pending ? pending : &futures[i];
		else if (rc < 0)
			failed = failed ? failed : &futures[i];
	}
	if (pending)
		return actor_error_set(pending->context, waited, pending->address, pending->type);
	if (failed)
		return actor_error_set(failed->context, failed->status, failed->address,
				       failed->type);
	return 0;
}

/**
 * actor_future_await_any() - wait for the first answer of several calls in flight
 * @futures:     an array, all begun with the same context; those that have ended are passed over
 * @n_futures:   how many
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  the index of one that has ended just now, well or badly (its status tells);
 *          ACTOR_E_INVALID when none was pending; ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED,
 *          ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND with all still pending
 */
ACTOR_NODISCARD static inline int actor_future_await_any(struct actor_future *futures,
							 size_t n_futures, int64_t deadline_ns)
{
	size_t i;
	int rc;

	for (i = 0; i < n_futures && futures[i].status != ACTOR_PENDING; i++)
		;
	if (i == n_futures)
		return ACTOR_E_INVALID;
	rc = actor__await(futures[i].context, futures, n_futures, ACTOR_AWAIT_ANY, deadline_ns);
	if (rc < 0)
		return actor_error_set(futures[i].context, rc, futures[i].address, futures[i].type);
	actor__future_take(&futures[rc]);
	return rc;
}

/* Post, wait and close, one after the other. */
static inline int actor__call_in_steps(struct actor_context *context, struct actor_address *address,
				       const struct actor_message_type *type, void *message,
				       void *ret_value, int64_t deadline_ns)
{
	struct actor_reply *reply;
	int rc = actor__call_post(context, address, type, message, deadline_ns, &reply);
	int waited;

	if (rc < 0)
		return rc;
	waited = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
				     deadline_ns);
	rc = context->ops->reply_close(context, reply, ret_value);
	return rc == ACTOR_E_ABANDONED && waited < 0 ? waited : rc;
}

/**
 * actor_call_until() - send a message and wait for its answer
 * @context:     the caller's; suspended, never blocking a worker; its actor takes no other message
 * @address:     where to; borrowed
 * @type:        of the message; must have a reply type
 * @message:     moved out when accepted; see enum actor_status for failures
 * @ret_value:   the answer, on success only; NULL drops it
 * @deadline_ns: absolute, for acceptance and answer together
 *
 * Thread:  context
 * Return:  0; as actor_send_until(); ACTOR_E_TIMEOUT, ACTOR_E_STOPPED; or the error that the
 *          handler answered with
 */
ACTOR_NODISCARD static inline int actor_call_until(struct actor_context *context,
						   struct actor_address *address,
						   const struct actor_message_type *type,
						   void *message, void *ret_value,
						   int64_t deadline_ns)
{
	int rc;

	if (type->reply && ACTOR_OPS_HAS(context->ops, struct actor_context_ops, call))
		rc = context->ops->call(context, address, type, message, ret_value, deadline_ns);
	else
		rc = actor__call_in_steps(context, address, type, message, ret_value, deadline_ns);
	return rc < 0 ? actor_error_refused(context, rc, address, type, message) : rc;
}

/** actor_call() - actor_call_until() without a deadline */
ACTOR_NODISCARD static inline int actor_call(struct actor_context *context,
					     struct actor_address *address,
					     const struct actor_message_type *type, void *message,
					     void *ret_value)
{
	return actor_call_until(context, address, type, message, ret_value, ACTOR_FOREVER);
}

ACTOR__END_C

#endif
