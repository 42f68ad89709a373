/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_CHANNEL_H
#define ACTOR_IMPL_CHANNEL_H

#include <actor-iface/context.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: channels, what lies between the addresses of a mailbox and its actor
 *
 * A mailbox has a channel of its own, a queue, and the quickest there is. One that should do
 * something else with its messages is made on a channel that is given: see channel-mailbox.h. Kinds
 * that come with the library are in channel-kinds.h and shared.h; others are written by filling in
 * struct actor_channel_ops.
 *
 * A channel either stores messages, or takes them from its members, which are channels, too. What
 * is pushed into one with members goes into its first member. All that is delicate is the
 * library's: locks, the line of those who wait for room, closing, waking the actor. So an
 * implementer says how messages are kept, which comes next, and whether there is room.
 */

/** struct actor_envelope - a message in a channel; whoever holds it may use its link */
struct actor_envelope;

/** actor_envelope_type() - of its message. Thread: the holder's */
ACTOR_EXPORT const struct actor_message_type *actor_envelope_type(
	const struct actor_envelope *envelope);

/** actor_envelope_message() - its message, borrowed. Thread: the holder's */
ACTOR_EXPORT const void *actor_envelope_message(const struct actor_envelope *envelope);

/** actor_envelope_bytes() - how large the message is, without what it points to. Thread: the
 * holder's */
ACTOR_EXPORT size_t actor_envelope_bytes(const struct actor_envelope *envelope);

/** actor_envelope_is_call() - whether somebody waits for an answer. Thread: the holder's */
ACTOR_EXPORT bool actor_envelope_is_call(const struct actor_envelope *envelope);

/** actor_envelope_next() - where its link leads. Thread: the holder's */
ACTOR_EXPORT struct actor_envelope *actor_envelope_next(const struct actor_envelope *envelope);

/** actor_envelope_link() - have its link lead to @next, or NULL. Thread: the holder's */
ACTOR_EXPORT void actor_envelope_link(struct actor_envelope *envelope, struct actor_envelope *next);

/**
 * actor_envelope_discard() - drop a message that nobody will handle
 * @envelope: its holder's until here
 *
 * Through its type's drop function, and its call, if it is one, fails with %ACTOR_E_STOPPED, which
 * runs the function of an actor_ask(); counted as a dead letter. Not with a lock held, so not in an
 * operation of a channel: see actor_channel_spill().
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_envelope_discard(struct actor_envelope *envelope);

/**
 * struct actor_envelope_list - envelopes in order, by their links; zeroed is empty
 * @first: the first, or NULL
 * @last:  the last, or NULL
 * @n:     how many
 */
struct actor_envelope_list {
	struct actor_envelope *first;
	struct actor_envelope *last;
	size_t n;
};

/** actor_envelope_list_append() - put one at the end. Thread: the list's owner's */
ACTOR_EXPORT void actor_envelope_list_append(struct actor_envelope_list *list,
					     struct actor_envelope *envelope);

/** actor_envelope_list_take() - take the first out; or NULL. Thread: the list's owner's */
ACTOR_EXPORT struct actor_envelope *actor_envelope_list_take(struct actor_envelope_list *list);

struct actor_channel;
struct actor__channel_core;

/** enum actor_channel_took - what came of looking for the next message */
enum actor_channel_took {
	/** @ACTOR_CHANNEL_MESSAGE: here it is */
	ACTOR_CHANNEL_MESSAGE = 0,
	/** @ACTOR_CHANNEL_EMPTY: there is none; an actor without strong addresses may end */
	ACTOR_CHANNEL_EMPTY = 1,
	/** @ACTOR_CHANNEL_LATER: there is one, but not yet: the actor goes on */
	ACTOR_CHANNEL_LATER = 2
};

/**
 * struct actor_channel_ops - what makes a channel
 *
 * Of a channel that stores, which has no members, all operations but @close, @absent and @destroy
 * are called one at a time, with the channel's lock held: they do nothing but keep the messages,
 * and are quick. Of one with members, @take is called by the one who takes, one at a time, and
 * without a lock; it gets at the members through actor_channel_pop() and actor_channel_length().
 *
 * No operation posts, waits or fails.
 */
struct actor_channel_ops {
	size_t size;
	/* 1.0: required */
	/**
	 * @take: the next message
	 *
	 * @context is who takes: only for its clock, actor_now(). NULL: the end has come, and
	 * everything is to be handed out, whatever it waits for. *@ret_envelope is set with
	 * %ACTOR_CHANNEL_MESSAGE: it is the taker's. *@ret_until_ns may be set with
	 * %ACTOR_CHANNEL_LATER, to when it is time to ask again on that clock; otherwise that is
	 * when actor_channel_tell() is called.
	 *
	 * Of one that stores, it is not called while nothing is stored; it may spill. What is held
	 * back until that call when the channel has been closed, and @close has returned, is
	 * discarded: nobody waits for it, also after %ACTOR_STOP_DRAIN.
	 *
	 * Return: of enum actor_channel_took; with members also ACTOR_E_CLOSED, when no message
	 * will ever come
	 */
	int (*take)(struct actor_channel *channel, struct actor_context *context,
		    struct actor_envelope **ret_envelope, int64_t *ret_until_ns);
	/** @destroy: free it; nothing is in it any more. It may not have been used yet */
	void (*destroy)(struct actor_channel *channel);
	/* 1.0: required of a channel that stores */
	/**
	 * @put: keep a message, which is the channel's from here on
	 *
	 * There is room. Return: 0, ACTOR_E_NOMEM and the message is still the sender's
	 */
	int (*put)(struct actor_channel *channel, struct actor_envelope *envelope);
	/* 1.0: optional */
	/** @length: how many messages it keeps; default: all that its members do. Of one that
	 * stores, the library counts them itself */
	size_t (*length)(const struct actor_channel *channel);
	/**
	 * @room: whether there is room for @envelope, beside @n_granted others that have been
	 * promised some; @envelope is NULL when it is not known yet. Default: always
	 *
	 * With nothing in it and nothing promised, there is.
	 */
	bool (*room)(const struct actor_channel *channel, const struct actor_envelope *envelope,
		     size_t n_granted);
	/** @close: it has been closed; called once, without a lock. Where messages are held back
	 * until something happens, here is where to let go of those that are to be handled
	 * nevertheless */
	void (*close)(struct actor_channel *channel);
	/** @absent: its actor, paused, or it disabled, may not take for a while, although it was
	 * told: for one that tells one of several. Without a lock */
	void (*absent)(struct actor_channel *channel);
};

/**
 * struct actor_channel - embedded in what an implementation makes
 * @ops:  the implementation's
 * @core: the library's
 */
struct actor_channel {
	const struct actor_channel_ops *ops;
	struct actor__channel_core *core;
};

/* For implementers. */

/**
 * actor_channel_init() - begin a channel, with one owner
 * @channel: on success, given back by actor_channel_unref()
 * @ops:     of its implementer
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM and nothing has happened
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_init(struct actor_channel *channel,
						    const struct actor_channel_ops *ops);

/**
 * actor_channel_adopt() - take from another channel
 * @channel: that does not store, and has not been used yet; it has an owner's reference of each of
 *           its members
 * @member:  from which nobody takes yet; the next one of its members
 *
 * Thread:  any
 * Return:  0, ACTOR_E_BUSY when somebody takes from @member, ACTOR_E_NOMEM, ACTOR_E_INVALID when
 *          @channel stores, is a member of @member, or the same; or @member neither stores nor has
 *          members
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_adopt(struct actor_channel *channel,
						     struct actor_channel *member);

/** actor_channel_members() - its members, borrowed; how many is in *@ret_n. Thread: any */
ACTOR_EXPORT struct actor_channel *const *actor_channel_members(const struct actor_channel *channel,
								size_t *ret_n);

/** actor_channel_spill() - in &actor_channel_ops.put or, of a channel that stores, in
 * &actor_channel_ops.take: have a message discarded as soon as no lock is held, before who sends
 * goes on, or who takes. Thread: the operation's */
ACTOR_EXPORT void actor_channel_spill(struct actor_channel *channel,
				      struct actor_envelope *envelope);

/** actor_channel_tell() - there may be something to take: for what becomes ready otherwise than by
 * a push or by the time that was given. Not in an operation. Thread: any */
ACTOR_EXPORT void actor_channel_tell(struct actor_channel *channel);

/* For those who use one. */

/** actor_channel_ref() - one more owner; returns @channel. Thread: any */
ACTOR_EXPORT struct actor_channel *actor_channel_ref(struct actor_channel *channel);

/** actor_channel_unref() - one owner fewer; NULL is fine. Mailboxes, addresses and channels own
 * what they use. The last one discards what is in it. Thread: any */
ACTOR_EXPORT void actor_channel_unref(struct actor_channel *channel);

/** actor_channel_length() - how many messages are in it at the moment. Thread: any */
ACTOR_EXPORT size_t actor_channel_length(const struct actor_channel *channel);

/** actor_channel_contains() - whether it is @other, or takes from it, directly or through others.
 * Thread: any */
ACTOR_EXPORT bool actor_channel_contains(const struct actor_channel *channel,
					 const struct actor_channel *other);

/** actor_channel_is_closed() - whether it takes nothing more, for good. Thread: any */
ACTOR_EXPORT bool actor_channel_is_closed(const struct actor_channel *channel);

/**
 * actor_channel_close() - let nothing more in, here and in its members, for good
 *
 * Everybody in line is woken, to find that out. What is in it is still handled; when that is done,
 * the actor ends, as after %ACTOR_STOP_DRAIN. Idempotent.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_channel_close(struct actor_channel *channel);

/**
 * actor_channel_disable() - have nothing taken out of it until it is enabled
 *
 * From the next message on. What is sent stays in it, in order, and senders feel its bound. While
 * there is anything in it, its actor does not end for want of addresses. When the actor is stopped
 * or cancelled, or the channel closed and nothing else left to do, what it keeps is discarded.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_channel_disable(struct actor_channel *channel);

/** actor_channel_enable() - the end of that; channels begin enabled. Thread: any */
ACTOR_EXPORT void actor_channel_enable(struct actor_channel *channel);

/**
 * actor_channel_push() - put a message in
 * @channel:  or its first member's first member...
 * @envelope: the channel's on success; still the caller's on failure
 * @waiter:   NULL, or whom to put in line: as for &actor_address_ops.post
 *
 * For implementers of addresses: everybody else posts.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_push(struct actor_channel *channel,
						    struct actor_envelope *envelope,
						    struct actor_waiter *waiter);

/** actor_channel_withdraw() - as &actor_address_ops.withdraw; NULL is fine. Thread: the waiter's
 * owner */
ACTOR_EXPORT void actor_channel_withdraw(struct actor_channel *channel,
					 struct actor_waiter *waiter);

/**
 * actor_channel_pop() - the next message, by whoever takes from it, one at a time
 * @channel:      a member, of the one that is asked
 * @context:      passed on to &actor_channel_ops.take
 * @ret_envelope: with %ACTOR_CHANNEL_MESSAGE, the caller's
 * @ret_until_ns: with %ACTOR_CHANNEL_LATER, when to ask again; ACTOR_FOREVER: when told
 *
 * Thread:  the taker's
 * Return:  of enum actor_channel_took; ACTOR_E_CLOSED when it is closed, and empty
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_pop(struct actor_channel *channel,
						   struct actor_context *context,
						   struct actor_envelope **ret_envelope,
						   int64_t *ret_until_ns);

ACTOR__END_C

#endif
