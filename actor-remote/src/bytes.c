/* SPDX-License-Identifier: MIT */

/* Buffers that grow. The first error stays, so that who appends many times looks once. */

#include "bytes.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_CAPACITY = 64 };

void actor_bytes_deinit(struct actor_bytes *bytes)
{
	if (!bytes->given)
		free(bytes->data);
	actor_bytes_init(bytes, NULL, 0, bytes->limit);
}

/* At least twice as much as there was, so that appending takes the same time however much there
 * is; at most the limit, which is at least @n_least. */
static size_t capacity_for(const struct actor_bytes *bytes, size_t n_least)
{
	size_t capacity = bytes->capacity < LEAST_CAPACITY / 2 ? LEAST_CAPACITY
			  : bytes->capacity > bytes->limit / 2 ? bytes->limit
							       : 2 * bytes->capacity;

	if (capacity < n_least)
		capacity = n_least;
	return capacity < bytes->limit ? capacity : bytes->limit;
}

static int grow(struct actor_bytes *bytes, size_t n_least)
{
	size_t capacity = capacity_for(bytes, n_least);
	uint8_t *data = realloc(bytes->given ? NULL : bytes->data, capacity + !capacity);

	if (!data)
		return ACTOR_E_NOMEM;
	if (bytes->given && bytes->n > 0)
		memcpy(data, bytes->data, bytes->n);
	bytes->data = data;
	bytes->capacity = capacity;
	bytes->given = false;
	return 0;
}

void actor__bytes_reserve(struct actor_bytes *bytes, size_t n)
{
	if (bytes->capacity - bytes->n < n)
		grow(bytes, bytes->n + n);
}

uint8_t *actor_bytes_append(struct actor_bytes *bytes, const void *data, size_t n)
{
	uint8_t *at;

	if (bytes->failed)
		return NULL;
	if (n > bytes->limit || bytes->n > bytes->limit - n)
		bytes->failed = ACTOR_E_TOO_BIG;
	else if (n > bytes->capacity - bytes->n || !bytes->data)
		bytes->failed = grow(bytes, bytes->n + n);
	if (bytes->failed)
		return NULL;
	at = bytes->data + bytes->n;
	if (data && n > 0)
		memcpy(at, data, n);
	bytes->n += n;
	return at;
}
