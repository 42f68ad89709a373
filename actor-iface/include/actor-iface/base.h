/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_BASE_H
#define ACTOR_IFACE_BASE_H

/**
 * DOC: what every contract header builds on
 *
 * ISO C11 and C++17, no operating system headers, nothing defined at run time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define ACTOR__BEGIN_C extern "C" {
#define ACTOR__END_C }
#define ACTOR__LINKAGE extern "C"
#define ACTOR__ALIGNOF(T) alignof(T)
#define ACTOR__NORETURN [[noreturn]]
#define ACTOR__STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define ACTOR__BEGIN_C
#define ACTOR__END_C
#define ACTOR__LINKAGE extern
#define ACTOR__ALIGNOF(T) _Alignof(T)
#define ACTOR__NORETURN _Noreturn
#define ACTOR__STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* Generated functions that a program does not happen to use are no mistake of the program's. */
#if defined(__GNUC__)
#define ACTOR__UNUSED __attribute__((__unused__))
#define ACTOR__PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#define ACTOR__COLD __attribute__((__cold__))
#define ACTOR_NODISCARD __attribute__((__warn_unused_result__))
#else
#define ACTOR__UNUSED
#define ACTOR__PRINTF(text, first)
#define ACTOR__COLD
#define ACTOR_NODISCARD
#endif

/**
 * ACTOR_CONTAINER_OF() - the struct that embeds what a pointer points to
 * @pointer: to the member
 * @type:    of the struct
 * @member:  its name in the struct
 *
 * How an implementation gets itself back from the typed base it handed out.
 */
#define ACTOR_CONTAINER_OF(pointer, type, member)                                                  \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/**
 * ACTOR_OPS_HAS() - whether a table of operations has an optional one
 * @ops:    the table
 * @type:   its struct type
 * @member: the operation
 *
 * False when the implementer's table was compiled before the operation existed, or leaves it NULL.
 */
#define ACTOR_OPS_HAS(ops, type, member)                                                           \
	((ops)->size >= offsetof(type, member) + sizeof((ops)->member) && (ops)->member)

/**
 * actor__options_read() - for implementations: the options that a caller has given
 * @to:    an options struct, as it is known here; zero, which means the default, where nothing was
 *         given
 * @n_to:  its size
 * @given: the same as the caller knows it, which begins with its size; NULL: none
 *
 * Return: false when it begins with no size, as where somebody forgot to set it: what he has chosen
 *         would be passed over
 */
ACTOR_NODISCARD static inline bool actor__options_read(void *to, size_t n_to, const void *given)
{
	size_t n = sizeof n;

	memset(to, 0, n_to);
	if (given) {
		memcpy(&n, given, sizeof n);
		memcpy(to, given, n < n_to ? n : n_to);
	}
	return n >= sizeof n;
}

/** ACTOR_FOREVER - a deadline that never passes */
#define ACTOR_FOREVER INT64_MAX

/** ACTOR_AT_ONCE - a deadline that has passed: poll, never wait */
#define ACTOR_AT_ONCE INT64_MIN

/**
 * actor_time_after() - so much later than a point in time, or as late as a time can be
 * @time_ns:     absolute
 * @duration_ns: ACTOR_FOREVER stays that; a negative one counts as none
 *
 * Thread:  any
 */
static inline int64_t actor_time_after(int64_t time_ns, int64_t duration_ns)
{
	if (duration_ns <= 0)
		return time_ns;
	if (duration_ns == ACTOR_FOREVER)
		return ACTOR_FOREVER;
	return time_ns < ACTOR_FOREVER - duration_ns ? time_ns + duration_ns : ACTOR_FOREVER;
}

/** ACTOR_DEFAULT_CAPACITY - messages a mailbox holds when its options do not say */
#define ACTOR_DEFAULT_CAPACITY 16

/** ACTOR_UNBOUNDED - a mailbox capacity that is never reached */
#define ACTOR_UNBOUNDED SIZE_MAX

/** actor__text_same() - strcmp() == 0, without a call */
static inline bool actor__text_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

#endif
