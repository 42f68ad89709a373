/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_USER_CHANNELS_H
#define TESTS_IMPL_USER_CHANNELS_H

/* Channels as users of the library write them, with nothing but actor-impl/channel.h. */

#include <actor-impl/channel.h>
#include <stdatomic.h>

/**
 * urgent_create() - what is urgent comes first, otherwise first in, first out
 * @capacity:    how many, of both kinds together
 * @is_urgent:   by type or by what is in it
 * @ret_channel: the caller's to unref
 *
 * Return: 0, ACTOR_E_NOMEM
 */
int urgent_create(size_t capacity, bool (*is_urgent)(const struct actor_envelope *envelope),
		  struct actor_channel **ret_channel);

/** urgent_is_poor - there is no memory to keep anything */
extern atomic_bool urgent_is_poor;

/**
 * latest_create() - of messages that are the same in some way, only the latest is kept, in the
 * place of the one before, which is discarded
 * @same:        whether they are
 * @ret_channel: the caller's to unref
 *
 * Return: 0, ACTOR_E_NOMEM
 */
int latest_create(bool (*same)(const struct actor_envelope *a, const struct actor_envelope *b),
		  struct actor_channel **ret_channel);

/**
 * fresh_create() - what is no longer of any use when it is about to be taken is discarded
 * @is_fresh:    whether it is
 * @ret_channel: the caller's to unref
 *
 * Return: 0, ACTOR_E_NOMEM
 */
int fresh_create(bool (*is_fresh)(const struct actor_envelope *envelope),
		 struct actor_channel **ret_channel);

/**
 * patient_create() - all messages are held back until it is told to let go of them
 * @closing:     called when it is closed, or NULL
 * @ret_channel: the caller's to unref
 *
 * Return: 0, ACTOR_E_NOMEM
 */
int patient_create(void (*closing)(struct actor_channel *channel),
		   struct actor_channel **ret_channel);

/** patient_let_go() - of these, and of all to come; not in an operation. Thread: any */
void patient_let_go(struct actor_channel *channel);

#endif
