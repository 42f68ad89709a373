/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_HEX_H
#define TESTS_REMOTE_HEX_H

#include <actor-remote/wire-format.h>

/** hex_bytes() - the bytes that a text of hexadecimal digits says, spaces ignored; returns how
 * many. They are at the end of the buffer, so that what reads further is noticed */
size_t hex_bytes(const char *text, uint8_t *buffer, size_t n_buffer, uint8_t **ret_bytes);

/** hex_text() - bytes as hexadecimal digits; valid until the next call but one */
const char *hex_text(const uint8_t *bytes, size_t n);

/** hex_of() - a value as CBOR, in the same way; or the error in words */
const char *hex_of(const struct actor_schema *schema, const void *value);

/** value_of() - make a value of CBOR in hexadecimal digits; as decode() returns */
int value_of(const struct actor_schema *schema, const char *text, void *ret_value,
	     struct actor_why *ret_why);

#endif
