/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_FORWARD_H
#define ACTOR_IFACE_FORWARD_H

#include <actor-iface/send.h>

ACTOR__BEGIN_C

/**
 * actor_forward_until() - pass the message in hand on to another actor, with the duty to answer
 * @context:     the handler's; suspended while the other's mailbox is full
 * @address:     where to; borrowed
 * @type:        of the message; with the reply type of the message in hand, whose caller will get
 *                the answer
 * @message:     the handler's; moved out on success; untouched on failure
 * @reply:       the handler's slot: cleared on success, and the answer goes to the original caller;
 *               untouched on failure, so that the handler can still answer
 * @deadline_ns: absolute; when it passes: ACTOR_E_FULL
 *
 * Works as well for messages that were sent, not called.
 *
 * Thread:  context
 * Return:  as actor_send_until()
 */
ACTOR_NODISCARD static inline int actor_forward_until(struct actor_context *context,
						      struct actor_address *address,
						      const struct actor_message_type *type,
						      void *message, struct actor_reply **reply,
						      int64_t deadline_ns)
{
	int rc = context->ops->post(context, address, type, message, *reply, deadline_ns);

	if (rc < 0)
		return actor_error_refused(context, rc, address, type, message);
	*reply = NULL;
	return 0;
}

/** actor_forward() - actor_forward_until() without a deadline */
ACTOR_NODISCARD static inline int actor_forward(struct actor_context *context,
						struct actor_address *address,
						const struct actor_message_type *type,
						void *message, struct actor_reply **reply)
{
	return actor_forward_until(context, address, type, message, reply, ACTOR_FOREVER);
}

/**
 * typedef actor_source_fn - yields one message after the other
 * @context:     of whoever drains it; may wait
 * @user:        as given
 * @ret_message: memory for the next; untouched when there is none
 *
 * Return: 1; 0 when there are no more; or an error
 */
typedef int actor_source_fn(struct actor_context *context, void *user, void *ret_message);

/**
 * actor_drain_until() - send all that a source yields to an actor, no faster than it has room
 * @context:     whose wait it is, for the source and for room
 * @address:     where to; borrowed
 * @type:        of the messages
 * @message:     memory for one; holds nothing when this returns
 * @source:      yields them
 * @user:        for it
 * @deadline_ns: absolute, for room, as for actor_send_until(); what the source waits for is its own
 *               affair
 *
 * A message that could not be sent is dropped.
 *
 * Thread:  context
 * Return:  0 when the source had no more; what it said; or as actor_send_until()
 */
ACTOR_NODISCARD static inline int actor_drain_until(struct actor_context *context,
						    struct actor_address *address,
						    const struct actor_message_type *type,
						    void *message, actor_source_fn *source,
						    void *user, int64_t deadline_ns)
{
	int rc;

	while ((rc = source(context, user, message)) > 0) {
		rc = actor_send_until(context, address, type, message, deadline_ns);
		if (rc < 0) {
			actor_message_drop(type, message);
			break;
		}
	}
	return rc;
}

/** actor_drain() - actor_drain_until() without a deadline */
ACTOR_NODISCARD static inline int actor_drain(struct actor_context *context,
					      struct actor_address *address,
					      const struct actor_message_type *type, void *message,
					      actor_source_fn *source, void *user)
{
	return actor_drain_until(context, address, type, message, source, user, ACTOR_FOREVER);
}

/** enum actor_each - what actor_send_each() does about a receiver that does not accept */
enum actor_each {
	/** @ACTOR_EACH_UNTIL_FAILED: send to no more */
	ACTOR_EACH_UNTIL_FAILED = 0,
	/** @ACTOR_EACH_REGARDLESS: go on with the next */
	ACTOR_EACH_REGARDLESS = 1
};

/**
 * struct actor_receivers - a list of addresses, which may be members of larger structs
 * @first:  of the addresses; borrowed
 * @n:      how many
 * @stride: bytes from one pointer to the next
 */
struct actor_receivers {
	struct actor_address *const *first;
	size_t n;
	size_t stride;
};

/** actor_receiver() - the address at @index, which is below n */
static inline struct actor_address *actor_receiver(struct actor_receivers to, size_t index)
{
	return *(struct actor_address *const *)(const void *)((const char *)to.first +
							      index * to.stride);
}

/* To one of them; @context may be NULL. Not accepted, nothing is left in @scratch. */
static inline int actor__send_copy(struct actor_context *context, struct actor_address *address,
				   const struct actor_message_type *type, const void *message,
				   void *scratch, int64_t deadline_ns)
{
	int rc = actor_message_copy(type, scratch, message);

	if (rc < 0)
		return rc;
	rc = context ? context->ops->post(context, address, type, scratch, NULL, deadline_ns)
		     : actor_try_send(address, type, scratch);
	if (rc < 0)
		actor_message_drop(type, scratch);
	return rc;
}

/**
 * actor_send_each_until() - send a copy of a message to each of several actors, in order
 * @context:     whoever sends; NULL: never waits for room, as actor_try_send()
 * @to:          where to
 * @type:        of the message; what owns something needs a copy function: of a typed one, see
 *                ACTOR_MESSAGE_DEFINE_WITH_COPY()
 * @message:     stays the caller's
 * @scratch:     memory for another one
 * @each:        what happens when one does not accept it
 * @deadline_ns: absolute, for all together; when it passes, ACTOR_E_FULL for those that have no
 * room
 * @ret_n_sent:  how many have accepted it, also on failure; NULL if that does not matter
 *
 * Thread:  any with @context NULL; otherwise context
 * Return:  0 when all have accepted it; else the first error, as from actor_send_until(), which is
 *          the one whose detail actor_error() has; ACTOR_E_UNSUPPORTED when it cannot be copied
 */
ACTOR_NODISCARD static inline int actor_send_each_until(struct actor_context *context,
							struct actor_receivers to,
							const struct actor_message_type *type,
							const void *message, void *scratch,
							enum actor_each each, int64_t deadline_ns,
							size_t *ret_n_sent)
{
	struct actor_address *failed = NULL;
	size_t i, n_sent = 0;
	int rc, first = 0;

	for (i = 0; i < to.n && (first == 0 || each == ACTOR_EACH_REGARDLESS); i++) {
		rc = actor__send_copy(context, actor_receiver(to, i), type, message, scratch,
				      deadline_ns);
		if (rc >= 0) {
			n_sent++;
		} else if (first == 0) {
			first = rc;
			failed = actor_receiver(to, i);
		}
	}
	if (first < 0 && context)
		actor_error_refused(context, first, failed, type, message);
	if (ret_n_sent)
		*ret_n_sent = n_sent;
	return first;
}

ACTOR__END_C

#endif
