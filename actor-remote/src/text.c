/* SPDX-License-Identifier: MIT */

/* Texts in several pieces. */

#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void actor__text_add(struct actor__text *text, const char *format, ...)
{
	bool has_room = text->n < text->n_buffer;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(has_room ? text->buffer + text->n : NULL,
		      has_room ? text->n_buffer - text->n : 0, format, arguments);
	va_end(arguments);
	if (n > 0)
		text->n += (size_t)n;
}
