/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_SEND_H
#define ACTOR_IFACE_SEND_H

#include <actor-iface/context.h>

ACTOR__BEGIN_C

/**
 * actor_try_send() - send a message if there is room right now
 * @address: where to
 * @type:    of the message
 * @message: moved out on success; untouched on failure
 *
 * Needs no context: also for threads that have nothing to do with actors, and for callbacks.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD static inline int actor_try_send(struct actor_address *address,
						 const struct actor_message_type *type,
						 void *message)
{
	return actor_address_post(address, type, message, NULL, NULL);
}

/**
 * actor_send_until() - send a message, waiting for room
 * @context:     whoever sends; suspended, never blocking a worker, while the mailbox is full, and
 *               now and then to let others run
 * @address:     where to; borrowed
 * @type:        of the message
 * @message:     moved out on success; untouched on failure
 * @deadline_ns: absolute; when it passes: ACTOR_E_FULL
 *
 * Success means accepted, not handled. Messages of one sender to one address are handled in the
 * order in which they were sent; senders that wait are served in the order of arrival.
 *
 * Thread:  context
 * Return:  0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM, ACTOR_E_CANCELLED,
 *          ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND
 */
ACTOR_NODISCARD static inline int actor_send_until(struct actor_context *context,
						   struct actor_address *address,
						   const struct actor_message_type *type,
						   void *message, int64_t deadline_ns)
{
	int rc = context->ops->post(context, address, type, message, NULL, deadline_ns);

	return rc < 0 ? actor_error_refused(context, rc, address, type, message) : rc;
}

/** actor_send() - actor_send_until() without a deadline */
ACTOR_NODISCARD static inline int actor_send(struct actor_context *context,
					     struct actor_address *address,
					     const struct actor_message_type *type, void *message)
{
	return actor_send_until(context, address, type, message, ACTOR_FOREVER);
}

/**
 * actor_retry_send() - try to send a message several times
 * @context:  whoever sends; sleeps between attempts
 * @address:  where to; borrowed
 * @type:     of the message
 * @message:  moved out on success; untouched on failure
 * @attempts: how often to try, at least 1
 * @delay_ns: time between two attempts; none if negative
 *
 * Never stands in line for room: others may overtake it.
 *
 * Thread:  context
 * Return:  as actor_send_until(); ACTOR_E_FULL when no attempt found room
 */
ACTOR_NODISCARD static inline int actor_retry_send(struct actor_context *context,
						   struct actor_address *address,
						   const struct actor_message_type *type,
						   void *message, unsigned attempts,
						   int64_t delay_ns)
{
	int rc = ACTOR_E_INVALID;
	unsigned i;

	for (i = 0; i < attempts; i++) {
		if (i > 0) {
			rc = actor_sleep_until(context, actor_deadline_after(context, delay_ns));
			if (rc < 0)
				break;
		}
		rc = actor_try_send(address, type, message);
		if (rc != ACTOR_E_FULL)
			break;
	}
	return rc < 0 ? actor_error_refused(context, rc, address, type, message) : rc;
}

ACTOR__END_C

#endif
