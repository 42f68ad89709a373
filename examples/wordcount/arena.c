/* SPDX-License-Identifier: MIT */
/*
 * Texts behind each other in a few blocks: a word costs its letters and nothing more, and what
 * belongs to one message or one table goes in a few calls of free().
 *
 * A new block is as large as everything before it, within limits, so that a small arena stays small
 * and a large one has few blocks. A text too long for that gets a block of its own length.
 */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define MIN_BLOCK ((size_t)4 << 10)
#define MAX_BLOCK ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	char bytes[];
};

static size_t next_block_size(const struct arena *arena)
{
	if (arena->n_bytes < MIN_BLOCK)
		return MIN_BLOCK;
	return arena->n_bytes < MAX_BLOCK ? arena->n_bytes : MAX_BLOCK;
}

static char *add_block(struct arena *arena, size_t n_bytes)
{
	struct arena_block *block = malloc(sizeof *block + n_bytes);

	if (!block)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

/* Memory for a text; what is left of the block in use is given up only when little is. */
static char *reserve(struct arena *arena, size_t n_text)
{
	size_t n_block = next_block_size(arena);
	char *bytes;

	if (n_text > arena->n_free && n_text >= n_block / 4)
		return add_block(arena, n_text);
	if (n_text > arena->n_free) {
		bytes = add_block(arena, n_block);
		if (!bytes)
			return NULL;
		arena->free = bytes;
		arena->n_free = n_block;
	}
	bytes = arena->free;
	arena->free += n_text;
	arena->n_free -= n_text;
	return bytes;
}

char *arena_copy(struct arena *arena, const char *text, size_t n_text)
{
	char *copy = reserve(arena, n_text);

	if (!copy)
		return NULL;
	arena->n_bytes += n_text;
	return memcpy(copy, text, n_text);
}

void arena_deinit(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = (struct arena){ 0 };
}
