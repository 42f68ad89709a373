/* SPDX-License-Identifier: MIT */

#include "hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

size_t hex_bytes(const char *text, uint8_t *buffer, size_t n_buffer, uint8_t **ret_bytes)
{
	size_t n = 0, n_digits = 0;

	for (const char *c = text; *c; c++)
		n_digits += *c != ' ';
	if (n_digits % 2 || n_digits / 2 > n_buffer)
		abort();
	*ret_bytes = buffer + n_buffer - n_digits / 2;
	for (n_digits = 0; *text; text++) {
		if (*text == ' ')
			continue;
		if (n_digits++ % 2 == 0)
			(*ret_bytes)[n] = (uint8_t)(digit(*text) << 4);
		else
			(*ret_bytes)[n++] |= digit(*text);
	}
	return n;
}

const char *hex_text(const uint8_t *bytes, size_t n)
{
	static char texts[2][4096];
	static unsigned which;
	char *text = texts[which++ % 2];

	if (2 * n >= sizeof texts[0])
		abort();
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return text;
}

const char *hex_of(const struct actor_schema *schema, const void *value)
{
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t memory[2000];
	struct actor_bytes bytes;
	const char *text;
	int rc;

	actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
	rc = format->ops->encode(format, schema, value, &bytes);
	text = rc < 0 ? actor_strerror(rc) : hex_text(bytes.data, bytes.n);
	actor_bytes_deinit(&bytes);
	return text;
}

int value_of(const struct actor_schema *schema, const char *text, void *ret_value,
	     struct actor_why *ret_why)
{
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t buffer[2000], *bytes;
	size_t n = hex_bytes(text, buffer, sizeof buffer, &bytes);

	return format->ops->decode(format, schema, bytes, n, ret_value, ret_why);
}
