/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WIRE_ERROR_H
#define ACTOR__WIRE_ERROR_H

#include <actor-remote/wire-format.h>

/* For formats whose errors are values like any other, with a schema. */

int actor__wire_error_encode(const struct actor_wire_format *format,
			     const struct actor_wire_error *error, struct actor_bytes *bytes);
int actor__wire_error_decode(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			     struct actor_wire_error *ret_error, struct actor_why *ret_why);

#endif
