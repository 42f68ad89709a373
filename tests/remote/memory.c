/* SPDX-License-Identifier: MIT */

/* In place of malloc() and its like, by the linker. */

#include "memory.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t n);
void __real_free(void *memory);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t n);
void __wrap_free(void *memory);

static unsigned n_asked, nth_fails, one_in, random_state;
static long n_live;
static size_t n_bytes, n_live_bytes;

static bool is_refused(size_t n)
{
	n_bytes += n;
	random_state = random_state * 1103515245 + 12345;
	return ++n_asked == nth_fails || (one_in && (random_state >> 16) % one_in == 0);
}

static void *counted(void *memory)
{
	n_live += memory != NULL;
	n_live_bytes += malloc_usable_size(memory);
	return memory;
}

void *__wrap_malloc(size_t n)
{
	return is_refused(n) ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_refused(n * size) ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *memory, size_t n)
{
	void *grown;

	if (is_refused(n))
		return NULL;
	if (!memory)
		return counted(__real_realloc(NULL, n));
	n_live_bytes -= malloc_usable_size(memory);
	grown = __real_realloc(memory, n);
	n_live_bytes += malloc_usable_size(grown ? grown : memory);
	return grown;
}

void __wrap_free(void *memory)
{
	n_live -= memory != NULL;
	n_live_bytes -= malloc_usable_size(memory);
	__real_free(memory);
}

void memory_fail_nth(unsigned nth)
{
	n_asked = 0;
	n_bytes = 0;
	nth_fails = nth;
}

void memory_fail_some(unsigned n, unsigned seed)
{
	one_in = n;
	random_state = seed;
}

unsigned memory_n_asked(void)
{
	return n_asked;
}

long memory_n_live(void)
{
	return n_live;
}

size_t memory_n_live_bytes(void)
{
	return n_live_bytes;
}

size_t memory_n_bytes(void)
{
	return n_bytes;
}
