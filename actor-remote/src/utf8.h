/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__UTF8_H
#define ACTOR__UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** actor__utf8_is_valid() - whether bytes are text: no surrogates, nothing longer than needed */
bool actor__utf8_is_valid(const uint8_t *bytes, size_t n);

/** actor__utf8_get() - the first character of valid text that is not empty; returns its bytes */
size_t actor__utf8_get(const uint8_t *bytes, uint32_t *ret_character);

/** actor__utf8_put() - a character, a Unicode scalar value, in at most 4 bytes; returns how many */
size_t actor__utf8_put(uint8_t *bytes, uint32_t character);

#endif
