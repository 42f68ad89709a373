/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CBOR_H
#define ACTOR__CBOR_H

/* CBOR (RFC 8949), what encoding and decoding have in common. */

#include <actor-remote/wire-format.h>

/* Arrays and maps are inside fewer others than this, on both ways. There is more to go through that
 * does not show on the wire, like an optional of optionals. */
enum { CBOR_TOO_DEEP = 128, CBOR_TOO_MANY_CALLS = 4 * CBOR_TOO_DEEP };

int actor__cbor_encode(const struct actor_wire_format *format, const struct actor_schema *schema,
		       const void *value, struct actor_bytes *bytes);
void actor__cbor_explain(const struct actor_wire_format *format, const struct actor_schema *schema,
			 const void *value, struct actor_why *ret_why);
int actor__cbor_decode(const struct actor_wire_format *format, const struct actor_schema *schema,
		       const uint8_t *bytes, size_t n, void *ret_value, struct actor_why *ret_why);

#endif
