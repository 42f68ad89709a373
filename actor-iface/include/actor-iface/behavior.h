/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_BEHAVIOR_H
#define ACTOR_IFACE_BEHAVIOR_H

#include <actor-iface/message.h>
#include <actor-iface/reply.h>

ACTOR__BEGIN_C

struct actor_context;

/**
 * struct actor_handler - what an actor does with one type of message
 * @type:   of the messages
 * @handle: handles one, with the actor's state to itself until it returns, waits included
 *
 * The library owns @message and drops it when the handler has returned, failed or been cancelled:
 * a handler keeps a member by moving it out and zeroing it. @reply is the runner's slot: it holds
 * NULL when nobody called. Whoever delivers or keeps the reply clears the slot; what is left in it
 * when the handler ends is delivered ACTOR_E_STOPPED. A reply taken from the slot is the taker's
 * to deliver, at the latest when the actor's state is destroyed.
 *
 * A handler may resume on another thread after a wait: no lock, no errno and no thread-local
 * address survives one.
 */
struct actor_handler {
	const struct actor_message_type *type;
	void (*handle)(void *self, void *message, struct actor_reply **reply,
		       struct actor_context *context);
};

/** enum actor_behavior_flags - how an actor must be run */
enum actor_behavior_flags {
	/** @ACTOR_THREAD_BOUND: handlers, hooks and destroy all run on one thread, the executor's
	 * (whoever owns the mailbox gives it up there, too); an executor of several threads
	 * refuses to make a mailbox for it */
	ACTOR_THREAD_BOUND = 1
};

/**
 * struct actor_behavior - what an actor is: its handlers and its hooks
 * @size:         sizeof(struct actor_behavior) as its definer compiled it
 * @name:         of the actor type, for people
 * @handlers:     the first of its handlers, one a message type
 * @n_handlers:   how many
 * @stride:       bytes from one handler to the next: sizeof(struct actor_handler) as compiled
 * @flags:        of enum actor_behavior_flags
 * @started:      runs before the first message, and again after each restart; may wait; or NULL
 * @stopped:      runs after the last message of an actor that ends by itself or is stopped; not
 *                after a failure or a cancellation; may wait; or NULL
 * @destroy:      releases a state that no starter gets back: of a failed or cancelled actor, or of
 *                one that nobody owns; delivers the replies that it still holds; must not wait or
 *                fail. NULL when the state needs no releasing
 *
 * Fixed when the mailbox is made, so that its addresses know what it handles before the actor
 * starts and between restarts.
 */
struct actor_behavior {
	size_t size;
	const char *name;
	const struct actor_handler *handlers;
	size_t n_handlers;
	size_t stride;
	unsigned flags;
	void (*started)(void *self, struct actor_context *context);
	void (*stopped)(void *self, struct actor_context *context);
	void (*destroy)(void *self);
};

/** actor_behavior_handler() - the handler at @index, which is below n_handlers. Thread: any */
static inline const struct actor_handler *actor_behavior_handler(
	const struct actor_behavior *behavior, size_t index)
{
	return (const struct actor_handler *)(const void *)((const char *)behavior->handlers +
							    index * behavior->stride);
}

/**
 * actor_behavior_find() - the handler of a message type
 * @behavior: whose
 * @type:     the sender's description; may be another copy than the handler's
 *
 * Thread:  any
 * Return:  the handler, or NULL
 */
static inline const struct actor_handler *actor_behavior_find(const struct actor_behavior *behavior,
							      const struct actor_message_type *type)
{
	size_t i;

	for (i = 0; i < behavior->n_handlers; i++)
		if (actor_behavior_handler(behavior, i)->type == type)
			return actor_behavior_handler(behavior, i);
	for (i = 0; i < behavior->n_handlers; i++)
		if (actor_message_type_same(actor_behavior_handler(behavior, i)->type, type))
			return actor_behavior_handler(behavior, i);
	return NULL;
}

/**
 * actor_behavior_conflict() - why a type was not found: same name, another layout
 * @behavior: whose
 * @type:     that actor_behavior_find() did not find
 *
 * Most likely two parts of a program were compiled against different versions of one declaration:
 * an implementation logs it.
 *
 * Thread:  any
 * Return:  the handler's description of that name, or NULL
 */
static inline const struct actor_message_type *actor_behavior_conflict(
	const struct actor_behavior *behavior, const struct actor_message_type *type)
{
	size_t i;

	for (i = 0; i < behavior->n_handlers; i++)
		if (actor__text_same(actor_behavior_handler(behavior, i)->type->name, type->name))
			return actor_behavior_handler(behavior, i)->type;
	return NULL;
}

ACTOR__END_C

#endif
