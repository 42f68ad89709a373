/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_ARENA_H
#define WORDCOUNT_ARENA_H

#include <stddef.h>

/**
 * struct arena - texts that are released all together; empty when zeroed, may be moved
 * @blocks:  what has been allocated, the block in use first
 * @free:    unused bytes of that block
 * @n_free:  how many
 * @n_bytes: length of all texts together
 */
struct arena {
	struct arena_block *blocks;
	char *free;
	size_t n_free;
	size_t n_bytes;
};

/**
 * arena_copy() - keep a copy of a text
 * @arena:  where
 * @text:   not terminated, and neither is the copy
 * @n_text: its length
 *
 * Return:  the copy, which stays where it is until arena_deinit(); NULL when out of memory
 */
char *arena_copy(struct arena *arena, const char *text, size_t n_text);

/** arena_deinit() - release all texts; the arena is empty then */
void arena_deinit(struct arena *arena);

#endif
