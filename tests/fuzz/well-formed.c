/* SPDX-License-Identifier: MIT */

/* Written to be read beside the RFC, and to share nothing with what it is to check. */

#include "well-formed.h"

enum { MOST_LEVELS = 1000, BREAK = 0xff };

struct reading {
	const uint8_t *at;
	const uint8_t *end;
	bool strictly;
	unsigned n_levels;
};

static bool item(struct reading *reading);

/* The number in or behind an initial byte, whose low five bits are @info. */
static bool argument(struct reading *reading, unsigned info, uint64_t *ret_number)
{
	static const uint64_t least[] = { 24, 1 << 8, 1 << 16, UINT64_C(1) << 32 };
	size_t n_bytes;

	*ret_number = info;
	if (info < 24)
		return true;
	if (info > 27)
		return false;
	n_bytes = (size_t)1 << (info - 24);
	if ((size_t)(reading->end - reading->at) < n_bytes)
		return false;
	for (*ret_number = 0; n_bytes > 0; n_bytes--)
		*ret_number = *ret_number << 8 | *reading->at++;
	return !reading->strictly || *ret_number >= least[info - 24];
}

static bool items(struct reading *reading, uint64_t n)
{
	for (; n > 0; n--)
		if (!item(reading))
			return false;
	return true;
}

static bool at_break(struct reading *reading)
{
	if (reading->at == reading->end || *reading->at != BREAK)
		return false;
	reading->at++;
	return true;
}

/* Chunks of a string are strings of the same kind, whose lengths are said. */
static bool indefinite(struct reading *reading, unsigned major)
{
	if (reading->strictly || major < 2 || major > 5)
		return false;
	while (!at_break(reading)) {
		if (major <= 3 && (reading->at == reading->end || *reading->at >> 5 != major ||
				   (*reading->at & 31) == 31))
			return false;
		if (!items(reading, major == 5 ? 2 : 1))
			return false;
	}
	return true;
}

static bool simple(struct reading *reading, unsigned info)
{
	size_t n_bytes = info < 24 || info > 27 ? 0 : (size_t)1 << (info - 24);

	if (info > 27 || (size_t)(reading->end - reading->at) < n_bytes)
		return false;
	if ((info == 24 && *reading->at < 32) || (info == 23 && reading->strictly))
		return false;
	reading->at += n_bytes;
	return true;
}

static bool body(struct reading *reading, unsigned major, unsigned info)
{
	uint64_t number;

	if (major == 7)
		return simple(reading, info);
	if (info == 31)
		return indefinite(reading, major);
	if (!argument(reading, info, &number))
		return false;
	switch (major) {
	case 2:
	case 3:
		if (number > (size_t)(reading->end - reading->at))
			return false;
		reading->at += number;
		return true;
	case 4:
		return items(reading, number);
	case 5:
		return number <= UINT64_MAX / 2 && items(reading, 2 * number);
	default:
		return true;
	}
}

/* Tags are before an item, and none. */
static bool tags(struct reading *reading)
{
	uint64_t number;

	while (reading->at < reading->end && *reading->at >> 5 == 6)
		if (reading->strictly || !argument(reading, *reading->at++ & 31, &number))
			return false;
	return true;
}

static bool item(struct reading *reading)
{
	uint8_t initial;
	bool is_one;

	if (!tags(reading) || reading->at == reading->end || reading->n_levels == MOST_LEVELS)
		return false;
	initial = *reading->at++;
	reading->n_levels++;
	is_one = body(reading, initial >> 5, initial & 31);
	reading->n_levels--;
	return is_one;
}

bool well_formed(const uint8_t *bytes, size_t n, bool strictly)
{
	struct reading reading = { bytes, bytes + n, strictly, 0 };

	return item(&reading) && reading.at == reading.end;
}
