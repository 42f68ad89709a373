/* SPDX-License-Identifier: MIT */

#include "scarce.h"

#include <stdbool.h>
#include <stddef.h>

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);

int n_before_none = -1;

static bool runs_out(void)
{
	return n_before_none >= 0 && n_before_none-- == 0;
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	return runs_out() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
	return runs_out() ? NULL : __real_realloc(memory, bytes);
}
