/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_SHARED_H
#define ACTOR_IMPL_SHARED_H

#include <actor-iface/typed-actor.h>
#include <actor-impl/channel.h>

ACTOR__BEGIN_C

/**
 * struct actor_shared - a channel that several actors take from: workers of one kind
 *
 * Each message sent to its address is handled by exactly one of them: by an idle one, if there is
 * any. To the address it is as if they were one actor, with an identity and a name of its own. A
 * worker's own addresses lead to that worker alone.
 *
 * What one sender sends is taken in that order; but since one worker may be quicker than another,
 * or wait, it need not be finished, nor even begun, in that order. Where order matters, have one
 * worker, or let a call end before the next.
 *
 * Strong addresses keep all workers: take one before the first worker starts, which would end at
 * once otherwise, like any actor that nobody can send to. Where one is stopped, cancelled, or has
 * ended, the others go on; when the last one has, and so nobody would take what is queued, it is
 * closed for good, and what is queued discarded. (The last one that is to drain handles it first.)
 * A worker that has failed, or is paused, is still one: its owner may have it go on.
 */
struct actor_shared;

/**
 * actor_shared_create() - no workers yet; what is sent meanwhile is queued
 * @behavior:   of the workers; must outlive it
 * @name:       of its address, copied; NULL for none
 * @channel:    what is queued where, with what bound; from which nobody takes yet; it becomes an
 *              owner
 * @ret_shared: the caller's to destroy
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when somebody takes from @channel, ACTOR_E_INVALID also
 *          when that neither stores nor has members
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_shared_create(const struct actor_behavior *behavior,
						     const char *name,
						     struct actor_channel *channel,
						     struct actor_shared **ret_shared);

/**
 * actor_shared_destroy() - add no more workers; NULL is fine
 *
 * Those that there are go on. Without any, nobody will come: it is closed, and what is queued
 * discarded, before this returns: see actor_envelope_discard().
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_shared_destroy(struct actor_shared *shared);

/**
 * actor_shared_mailbox() - make the mailbox of one more worker
 * @shared:      what it takes from, beside what is sent to itself
 * @spawner:     as for actor_channel_mailbox()
 * @options:     its name, and the bound for what is sent to itself
 * @ret_mailbox: the caller's to start, and to detach or destroy
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_CLOSED also when the last of the workers has gone,
 *          ACTOR_E_UNSUPPORTED
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_shared_mailbox(struct actor_shared *shared,
						      struct actor_spawner *spawner,
						      const struct actor_mailbox_options *options,
						      struct actor_mailbox **ret_mailbox);

/**
 * actor_shared_address() - a strong address, the caller's to unref
 *
 * To stop it by %ACTOR_STOP_DRAIN is to have all workers end when what is queued has been handled;
 * by %ACTOR_STOP_NOW, to stop each now. A worker that is paused comes to that when it is resumed.
 * Where there are no workers, what is queued is discarded before actor_address_stop() returns, so
 * drop functions run there, and whatever is called when a call ends. What is disabled, or held back
 * without a time, is discarded as by one actor: see channel-mailbox.h.
 *
 * It cannot be paused, its workers can.
 *
 * Thread:  any
 */
ACTOR_NODISCARD ACTOR_EXPORT struct actor_address *actor_shared_address(
	struct actor_shared *shared);

/**
 * ACTOR_SHARED_DECLARE() - declare struct A_shared, for the verbs that follow
 * @A: as declared by ACTOR_DECLARE()
 *
 * Its member shared is the untyped one, which is destroyed as such.
 */
#define ACTOR_SHARED_DECLARE(A)                                                                    \
	struct A##_shared {                                                                        \
		struct actor_shared *shared;                                                       \
	}

/** ACTOR_SHARED_CREATE() - actor_shared_create(): (A, name, channel, &typed_shared) */
#define ACTOR_SHARED_CREATE(A, name, channel, ret_shared)                                          \
	actor_shared_create(&A##_behavior, name, channel,                                          \
			    &ACTOR__POINTER(struct A##_shared, ret_shared)->shared)

/** ACTOR_SHARED_MAILBOX() - actor_shared_mailbox(): (A, typed_shared, spawner, options,
 * &typed_mailbox); what is shared is a variable */
#define ACTOR_SHARED_MAILBOX(A, shared_, spawner, options, ret_mailbox)                            \
	actor_shared_mailbox(ACTOR__POINTER(struct A##_shared, &(shared_))->shared, spawner,       \
			     options, &ACTOR__POINTER(struct A##_mailbox, ret_mailbox)->mailbox)

/** ACTOR_SHARED_ADDRESS() - actor_shared_address(): (A, typed_shared), a union A_address; what is
 * shared is a variable */
#define ACTOR_SHARED_ADDRESS(A, shared_)                                                           \
	A##_address__make(                                                                         \
		actor_shared_address(ACTOR__POINTER(struct A##_shared, &(shared_))->shared), 0)

ACTOR__END_C

#endif
