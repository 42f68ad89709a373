/* SPDX-License-Identifier: MIT */

/* UTF-8, as RFC 3629 has it. */

#include "utf8.h"

#include <string.h>

/* How many bytes a character has that begins with this one; 0: none does. */
static size_t length_of(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* What the second byte is at least and at most, since the first one would allow for what is too
 * long, a surrogate, or beyond the last character. */
static bool second_is_valid(uint8_t first, uint8_t second)
{
	uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

static size_t valid_character(const uint8_t *bytes, size_t n)
{
	size_t length = length_of(bytes[0]), i;

	if (length == 0 || length > n)
		return 0;
	if (length > 1 && !second_is_valid(bytes[0], bytes[1]))
		return 0;
	for (i = 2; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool actor__utf8_is_valid(const uint8_t *bytes, size_t n)
{
	size_t i = 0, length;
	uint64_t eight;

	while (i < n) {
		if (n - i >= sizeof eight) {
			memcpy(&eight, bytes + i, sizeof eight);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				i += sizeof eight;
				continue;
			}
		}
		length = bytes[i] < 0x80 ? 1 : valid_character(bytes + i, n - i);
		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

size_t actor__utf8_get(const uint8_t *bytes, uint32_t *ret_character)
{
	size_t length = length_of(bytes[0]), i;
	uint32_t character = length == 1 ? bytes[0] : bytes[0] & (0x7fU >> length);

	for (i = 1; i < length; i++)
		character = character << 6 | (bytes[i] & 0x3f);
	*ret_character = character;
	return length;
}

size_t actor__utf8_put(uint8_t *bytes, uint32_t character)
{
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	size_t i;

	for (i = length - 1; i > 0; i--, character >>= 6)
		bytes[i] = (uint8_t)(0x80 | (character & 0x3f));
	bytes[0] = (uint8_t)(length == 1 ? character : (0xf00U >> length & 0xff) | character);
	return length;
}
