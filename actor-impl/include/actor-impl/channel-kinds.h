/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_CHANNEL_KINDS_H
#define ACTOR_IMPL_CHANNEL_KINDS_H

#include <actor-impl/channel.h>

ACTOR__BEGIN_C

/**
 * DOC: the channels that come with the library
 *
 * What each guarantees, and which test of tests/impl/channel-*-test.c says so, is in a table in
 * actor-impl/README.md. All are made with one owner, the caller, who may give them up as soon as a
 * mailbox, or another channel, has been made on them.
 */

/**
 * struct actor_queue_options - the bounds of a queue; zero means the default
 * @size:     sizeof(struct actor_queue_options)
 * @capacity: messages that may be queued; default ACTOR_UNBOUNDED
 * @bytes:    sum of the sizes of messages that may be queued; default ACTOR_UNBOUNDED
 */
struct actor_queue_options {
	size_t size;
	size_t capacity;
	size_t bytes;
};

/**
 * actor_queue_create() - first in, first out, like the channel that a mailbox has by itself
 * @options:     NULL for the defaults
 * @ret_channel: the caller's to unref
 *
 * Who sends more than there is room for waits in line. A message larger than @bytes has room when
 * the queue is empty. What a message points to is not counted. With @bytes, those in line are let
 * in one after the other, since nobody knows how much the next one needs: the next is woken when
 * the one before has sent.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_queue_create(const struct actor_queue_options *options,
						    struct actor_channel **ret_channel);

/**
 * actor_ring_create() - the latest so many messages, first in, first out
 * @capacity:    how many
 * @ret_channel: the caller's to unref
 *
 * A send never waits: where there is no room, it overwrites the oldest message. That one is
 * discarded: see actor_envelope_discard(). Its drop function, and what is called when its call
 * ends, run on the thread that sends, before that goes on.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID when @capacity is 0
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_ring_create(size_t capacity,
						   struct actor_channel **ret_channel);

/**
 * typedef actor_select_fn - which of several channels the next message should come from
 * @user:     as given
 * @channels: borrowed; to be asked for actor_channel_length()
 * @n:        how many
 *
 * If the chosen one has none, those after it are looked at, round to the first again. Called by the
 * actor before each message; must not wait, post or fail.
 *
 * Return:  an index; n and more count round again
 */
typedef size_t actor_select_fn(void *user, struct actor_channel *const *channels, size_t n);

/**
 * actor_select_in_turn() - a strategy: whoever gave the last message comes last for the next
 *
 * Another is strict priority, by the order of the channels: NULL.
 */
ACTOR_EXPORT size_t actor_select_in_turn(void *user, struct actor_channel *const *channels,
					 size_t n);

/**
 * actor_select_create() - several channels, one actor
 * @channels:    as to actor_channel_adopt(); the select becomes an owner of each
 * @n:           how many, at least 1
 * @choose:      which one comes next; NULL: the first that has anything
 * @user:        for it
 * @ret_channel: the caller's to unref
 *
 * Bounds and lines of those who wait are each channel's own; so is being enabled. What is sent to
 * the actor's own address goes into the first; addresses through the others are made by
 * actor_channel_address(). There is no order between messages through different channels.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when somebody else takes from one of them,
 *          ACTOR_E_INVALID when @n is 0
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_select_create(struct actor_channel *const *channels,
						     size_t n, actor_select_fn *choose, void *user,
						     struct actor_channel **ret_channel);

/**
 * actor_throttle_create() - at most so many messages in any interval of a length
 * @channel:     where they come from; the throttle becomes an owner
 * @n:           how many, at least 1
 * @interval_ns: the length, at least 1
 * @ret_channel: the caller's to unref
 *
 * On the clock of the actor's executor, one of whose timers wakes the actor when an interval has
 * passed. Nothing is lost when the last address goes meanwhile. Messages count when they are begun.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when somebody else takes from @channel, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_throttle_create(struct actor_channel *channel, size_t n,
						       int64_t interval_ns,
						       struct actor_channel **ret_channel);

ACTOR__END_C

#endif
