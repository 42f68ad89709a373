/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__BYTES_H
#define ACTOR__BYTES_H

#include <actor-remote/bytes.h>

/** actor__bytes_room() - actor_bytes_append() of @n bytes that the caller fills in; inline */
static inline uint8_t *actor__bytes_room(struct actor_bytes *bytes, size_t n)
{
	uint8_t *at;

	if (bytes->failed || n > bytes->capacity - bytes->n)
		return actor_bytes_append(bytes, NULL, n);
	at = bytes->data + bytes->n;
	bytes->n += n;
	return at;
}

/** actor__bytes_reserve() - have room for @n bytes more, if there is memory for that; the limit is
 * the caller's to look after */
void actor__bytes_reserve(struct actor_bytes *bytes, size_t n);

#endif
