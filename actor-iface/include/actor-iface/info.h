/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_INFO_H
#define ACTOR_IFACE_INFO_H

#include <actor-iface/base.h>
#include <stdio.h>

ACTOR__BEGIN_C

/**
 * struct actor_identity - which actor
 * @domain: whoever gave out the number: the address of an object of the implementation's
 * @number: unique within the domain, never 0, never used again
 *
 * Belongs to the mailbox: it survives restarts of the actor, and every address of the mailbox
 * reports the same.
 */
struct actor_identity {
	const void *domain;
	uint64_t number;
};

/** actor_identity_same() - whether messages to both reach the same actor. Thread: any */
static inline bool actor_identity_same(struct actor_identity a, struct actor_identity b)
{
	return a.domain == b.domain && a.number == b.number;
}

/**
 * struct actor_info - who an actor is, for people
 * @identity: unique
 * @name:     given by its maker, need not be unique; "" when unnamed, never NULL
 * @type:     the name of its behavior
 *
 * The texts are borrowed, for as long as the address or mailbox that they came from is held.
 */
struct actor_info {
	struct actor_identity identity;
	const char *name;
	const char *type;
};

/**
 * actor_info_format() - "account: id=3, name=savings", or "account: id=3" when unnamed
 * @info:     who
 * @buffer:   receives the text, always terminated
 * @n_buffer: its size in bytes
 *
 * Thread:  any
 * Return:  the length of the whole text, as snprintf() counts it
 */
static inline int actor_info_format(const struct actor_info *info, char *buffer, size_t n_buffer)
{
	return snprintf(buffer, n_buffer, "%s: id=%llu%s%s", info->type,
			(unsigned long long)info->identity.number, info->name[0] ? ", name=" : "",
			info->name);
}

ACTOR__END_C

#endif
