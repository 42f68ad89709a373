/* SPDX-License-Identifier: MIT */
/*
 * Linked into a second wordcount (--wrap), so that its own allocations can be refused; those of the
 * libraries are left alone. From the environment:
 *
 *	STARVE_ABOVE   bytes: what is larger is refused
 *	STARVE_AFTER   number: so many are granted, all later ones refused
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t n_granted;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static size_t limit(const char *name)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : SIZE_MAX;
}

static bool is_granted(size_t size)
{
	return size <= limit("STARVE_ABOVE") &&
	       atomic_fetch_add(&n_granted, 1) < limit("STARVE_AFTER");
}

void *__wrap_malloc(size_t size)
{
	return is_granted(size) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_granted(n * size) ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_granted(size) ? __real_realloc(memory, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return is_granted(strlen(text) + 1) ? __real_strdup(text) : NULL;
}
