/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_SEMAPHORE_H
#define ACTOR_IMPL_SEMAPHORE_H

#include <actor-iface/context.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: permits, of which there are only so many
 *
 * For what actors share without owning it: at most so many requests at a time, so many open files,
 * so much memory. Who wants permits waits in line, suspended as for an answer: whoever came first
 * is served first, also if it wants many. Contexts of any implementation may wait.
 *
 * A permit is always somebody's. Acquired by a handler, it is on the scope list of its context: if
 * the handler fails, it goes back. A handler that returns, also because it was cancelled, has
 * released it before, or has passed it on: actor_permit_keep() for the state of its actor, whose
 * destroy function then releases it; actor_permit_hand_on() for a message or a subtask, whose drop
 * function does. Whoever it was passed on to may actor_permit_adopt() it.
 */

/** struct actor_semaphore - so many permits; shared, counted */
struct actor_semaphore;

/** struct actor_permit - one or several permits of a semaphore that somebody holds together */
struct actor_permit;

/**
 * actor_semaphore_create() - a semaphore of which all permits are free
 * @n_permits:     how many there are, at least 1
 * @ret_semaphore: the caller's to unref; permits may outlive that
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_semaphore_create(size_t n_permits,
							struct actor_semaphore **ret_semaphore);

/** actor_semaphore_ref() - one more owner; returns @semaphore. Thread: any */
ACTOR_EXPORT struct actor_semaphore *actor_semaphore_ref(struct actor_semaphore *semaphore);

/** actor_semaphore_unref() - one owner fewer; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_semaphore_unref(struct actor_semaphore *semaphore);

/**
 * actor_semaphore_acquire_until() - wait for permits
 * @context:     whoever wants them; suspended, never blocking a worker; they go on its scope list
 * @semaphore:   held by the caller until this returns
 * @n:           how many, together; at least 1
 * @deadline_ns: absolute, on the context's clock
 * @ret_permit:  on success, to be released
 *
 * A permit that is granted while the deadline passes, or while the actor is cancelled, is got.
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CLOSED, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM;
 *          ACTOR_E_DEADLOCK: see deadlock.h; ACTOR_E_INVALID when there are not so many
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_semaphore_acquire_until(struct actor_context *context,
							       struct actor_semaphore *semaphore,
							       size_t n, int64_t deadline_ns,
							       struct actor_permit **ret_permit);

/** actor_semaphore_acquire() - actor_semaphore_acquire_until() without a deadline */
ACTOR_NODISCARD static inline int actor_semaphore_acquire(struct actor_context *context,
							  struct actor_semaphore *semaphore,
							  size_t n,
							  struct actor_permit **ret_permit)
{
	return actor_semaphore_acquire_until(context, semaphore, n, ACTOR_FOREVER, ret_permit);
}

/**
 * actor_semaphore_try_acquire() - take permits that are free right now
 * @context:    on whose scope list they go; NULL: on nobody's, as after actor_permit_hand_on()
 * @semaphore:  as for actor_semaphore_acquire_until()
 * @n:          how many, together; at least 1
 * @ret_permit: on success, to be released
 *
 * Never waits, and never overtakes those who do.
 *
 * Thread:  any with @context NULL; otherwise context
 * Return:  0; ACTOR_E_BUSY when there are not enough, or somebody waits; ACTOR_E_CLOSED,
 *          ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_semaphore_try_acquire(struct actor_context *context,
							     struct actor_semaphore *semaphore,
							     size_t n,
							     struct actor_permit **ret_permit);

/**
 * actor_semaphore_close() - grant nothing any more
 * @semaphore: may be closed already
 *
 * Those who wait, and whoever comes later, get ACTOR_E_CLOSED. Permits stay with their holders, to
 * be released as ever. Never waits.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_semaphore_close(struct actor_semaphore *semaphore);

/**
 * struct actor_semaphore_counts - a semaphore at one moment
 * @n_permits: as made
 * @n_free:    of these, not held by anybody
 * @n_holders: permits (of one or several) that are held
 * @n_waiting: how many wait in line
 * @closed:    whether it has been closed
 */
struct actor_semaphore_counts {
	size_t n_permits;
	size_t n_free;
	size_t n_holders;
	size_t n_waiting;
	bool closed;
};

/** actor_semaphore_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_semaphore_counts_get(struct actor_semaphore *semaphore,
					     struct actor_semaphore_counts *ret_counts);

/**
 * struct actor_permit_holder - who holds a permit
 * @identity: of the actor; its domain is NULL when it is a plain thread, or not known
 * @n:        how many permits
 */
struct actor_permit_holder {
	struct actor_identity identity;
	size_t n;
};

/**
 * actor_semaphore_holders() - who holds permits right now, the latest first
 * @semaphore: of which
 * @holders:   receives the first of them
 * @n_holders: how many there is room for
 *
 * Thread:  any
 * Return:  how many there are, which may be more than there was room for
 */
ACTOR_EXPORT size_t actor_semaphore_holders(struct actor_semaphore *semaphore,
					    struct actor_permit_holder *holders, size_t n_holders);

/**
 * actor_permit_release() - give it back
 * @permit: gone after this; NULL is fine. Off the scope list, if it is on one
 *
 * Never waits; whoever is next in line is woken.
 *
 * Thread:  any; while it is on a scope list: context
 */
ACTOR_EXPORT void actor_permit_release(struct actor_permit *permit);

/**
 * actor_permit_keep() - have an actor hold it beyond the handler that got it
 * @permit: off the scope list, if it is on one; its holder stays who it was
 *
 * From here on whoever has the pointer releases it, at the latest the destroy function of the state
 * that it is put into.
 *
 * Thread:  any; while it is on a scope list: context
 */
ACTOR_EXPORT void actor_permit_keep(struct actor_permit *permit);

/**
 * actor_permit_hand_on() - be no longer its holder
 * @permit: off the scope list, if it is on one; its holder is not known until somebody adopts it
 *
 * From here on it is an owned pointer like any other, for a message, or an argument of a subtask.
 *
 * Thread:  any; while it is on a scope list: context
 */
ACTOR_EXPORT void actor_permit_hand_on(struct actor_permit *permit);

/**
 * actor_permit_adopt() - be its holder
 * @context: on whose scope list it goes
 * @permit:  that has been kept, or handed on, or is on the scope list of @context already
 *
 * Thread:  context
 */
ACTOR_EXPORT void actor_permit_adopt(struct actor_context *context, struct actor_permit *permit);

ACTOR__END_C

#endif
