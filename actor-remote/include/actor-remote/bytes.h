/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_BYTES_H
#define ACTOR_REMOTE_BYTES_H

#include <actor-iface/error.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * struct actor_bytes - a buffer that grows as bytes are appended
 * @data:     what has been appended; moves when the buffer grows
 * @n:        how many bytes that is
 * @capacity: how many there is room for
 * @limit:    it never holds more
 * @given:    @data is memory that it was given, not to be freed
 * @failed:   0, or the first error of an append: since then nothing has been appended, so that an
 *            encoder may look at the end only
 */
struct actor_bytes {
	uint8_t *data;
	size_t n;
	size_t capacity;
	size_t limit;
	bool given;
	int failed;
};

/**
 * actor_bytes_init() - an empty buffer
 * @bytes:    the caller's to deinit
 * @memory:   what to begin with, so that little needs no allocation; NULL: none
 * @n_memory: its size in bytes
 * @limit:    it never holds more; SIZE_MAX
 *
 * Thread:  the owner's
 */
static inline void actor_bytes_init(struct actor_bytes *bytes, void *memory, size_t n_memory,
				    size_t limit)
{
	bytes->data = (uint8_t *)memory;
	bytes->n = 0;
	bytes->capacity = !memory ? 0 : n_memory < limit ? n_memory : limit;
	bytes->limit = limit;
	bytes->given = true;
	bytes->failed = 0;
}

/** actor_bytes_deinit() - free what it holds. Thread: the owner's */
ACTOR_EXPORT void actor_bytes_deinit(struct actor_bytes *bytes);

/**
 * actor_bytes_append() - append bytes
 * @bytes: where to
 * @data:  what; NULL: room for it, not set, to be filled in by the caller
 * @n:     how many
 *
 * Thread:  the owner's
 * Return:  where they are, until the next append; NULL when it failed: &actor_bytes.failed then is
 *          ACTOR_E_NOMEM, or ACTOR_E_TOO_BIG when there would be more than its limit
 */
ACTOR_EXPORT uint8_t *actor_bytes_append(struct actor_bytes *bytes, const void *data, size_t n);

ACTOR__END_C

#endif
