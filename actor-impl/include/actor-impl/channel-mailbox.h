/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_CHANNEL_MAILBOX_H
#define ACTOR_IMPL_CHANNEL_MAILBOX_H

#include <actor-iface/typed-actor.h>
#include <actor-impl/channel.h>

ACTOR__BEGIN_C

/**
 * actor_channel_mailbox() - make a mailbox whose messages come from a channel
 * @spawner:     of this implementation's
 * @behavior:    as for actor_mailbox_create()
 * @options:     the same; the bound is the channel's, not theirs
 * @channel:     from which nobody takes yet; the mailbox becomes an owner
 * @ret_mailbox: the caller's to detach or destroy
 *
 * What is sent to its addresses goes into @channel, or, if that has members, into the first; for
 * the others there is actor_channel_address(). Otherwise it is a mailbox like any other:
 *
 * - The actor ends when nothing is left to take, now or later, and no strong address is left; and
 *   when the channel has been closed and is empty.
 * - After %ACTOR_STOP_DRAIN the channel is closed and what is in it handled. What is in a disabled
 *   one, or held back without a time, is discarded: see &actor_channel_ops.close.
 * - When it ends, is cancelled, or its executor closed, the channel is closed, everybody in line
 *   woken, and what is in it discarded. An actor that fails leaves it as it is for the next run.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_BUSY when somebody takes from @channel, ACTOR_E_UNSUPPORTED also for another
 *          implementation's spawner, ACTOR_E_NOMEM, ACTOR_E_INVALID also when @channel neither
 *          stores nor has members, ACTOR_E_CLOSED. @channel is then as it was
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_mailbox(struct actor_spawner *spawner,
						       const struct actor_behavior *behavior,
						       const struct actor_mailbox_options *options,
						       struct actor_channel *channel,
						       struct actor_mailbox **ret_mailbox);

/** ACTOR_CHANNEL_MAILBOX() - the same, typed: (A, spawner, options, channel, &typed_mailbox) */
#define ACTOR_CHANNEL_MAILBOX(A, spawner, options, channel, ret_mailbox)                           \
	actor_channel_mailbox(spawner, &A##_behavior, options, channel,                            \
			      &ACTOR__POINTER(struct A##_mailbox, ret_mailbox)->mailbox)

/**
 * actor_channel_address() - an address of a mailbox through one of its channels
 * @mailbox:     made by actor_channel_mailbox()
 * @channel:     the one that it was made on, or one that this takes from; the address becomes an
 *               owner
 * @ret_address: strong, the caller's to unref
 *
 * Leads to the same actor as all its addresses, weak and upgraded ones through the same channel.
 * There is no order between messages through different channels.
 *
 * Thread:  owner
 * Return:  0, ACTOR_E_INVALID when the mailbox takes nothing from @channel, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_channel_address(struct actor_mailbox *mailbox,
						       struct actor_channel *channel,
						       struct actor_address **ret_address);

/** ACTOR_CHANNEL_ADDRESS() - the same, typed: (A, typed_mailbox, channel, &typed_address); the
 * mailbox is a variable */
#define ACTOR_CHANNEL_ADDRESS(A, mailbox_, channel, ret_address)                                   \
	actor_channel_address(ACTOR__POINTER(struct A##_mailbox, &(mailbox_))->mailbox, channel,   \
			      &ACTOR__POINTER(union A##_address, ret_address)->address)

ACTOR__END_C

#endif
