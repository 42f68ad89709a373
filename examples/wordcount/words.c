/* SPDX-License-Identifier: MIT */
/*
 * The splitter finds the words of a text that lies in memory, and nothing else.
 *
 * It is the inner loop of the program, so it does not look at bytes one by one: eight at a time are
 * compared with the alphabet by plain 64-bit arithmetic, which gives a bit a byte. Sixty-four of
 * those bits are a block; where two neighbours differ, a word begins or ends, and jumping from one
 * such edge to the next costs one instruction instead of a branch a letter.
 */
#include "words.h"

#include <endian.h>

#define BLOCK 64
#define EACH_BYTE(value) (0x0101010101010101u * (uint64_t)(value))

_Static_assert(WORDS_PADDING >= BLOCK, "the last block may reach beyond the text");

/* Eight bytes as a number; the first is the lowest. */
static uint64_t load(const char *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	return le64toh(number);
}

static void store(char *bytes, uint64_t number)
{
	number = htole64(number);
	memcpy(bytes, &number, sizeof number);
}

/* Letters in lower case; other bytes are spoilt. */
static uint64_t lower(uint64_t bytes)
{
	return bytes | EACH_BYTE(0x20);
}

/*
 * For each of eight bytes 1, if it is a letter in lower case; or 0. In each byte, adding 128 - 'a'
 * to seven bits sets the eighth from 'a' on, and adding 127 - 'z' does so only beyond 'z'.
 */
static uint64_t is_letter(uint64_t bytes)
{
	uint64_t low_bits = bytes & EACH_BYTE(0x7f);
	uint64_t from_a = low_bits + EACH_BYTE(0x80 - 'a');
	uint64_t beyond_z = low_bits + EACH_BYTE(0x7f - 'z');

	return (from_a & ~beyond_z & ~bytes & EACH_BYTE(0x80)) >> 7;
}

/*
 * Turn eight bytes into lower case; a bit for each that is a letter then, the first the lowest.
 * Other bytes are spoilt, but nobody looks at them again.
 */
static uint64_t letters(char *text)
{
	uint64_t bytes = lower(load(text));

	store(text, bytes);
	return (is_letter(bytes) * 0x0102040810204080u) >> 56; /* gathers the bits in one byte */
}

/* Go on to the next block of the text; false at its end. */
static bool next_block(struct words *words)
{
	size_t n_left = words->n_text - words->n_read;
	char *block = words->text + words->n_read;
	uint64_t bits = 0;

	if (n_left == 0)
		return false;
	for (unsigned i = 0; i < BLOCK; i += 8)
		bits |= letters(block + i) << i;
	if (n_left < BLOCK)
		bits &= ~(~(uint64_t)0 << n_left);
	words->edges = bits ^ (bits << 1 | words->inside);
	words->inside = bits >> (BLOCK - 1);
	words->n_read += n_left < BLOCK ? n_left : BLOCK;
	return true;
}

/* Where the next word begins or the current one ends; the end of the text if nowhere. */
static size_t next_edge(struct words *words)
{
	size_t edge;

	while (words->edges == 0)
		if (!next_block(words))
			return words->n_text;
	edge = (words->n_read - 1) / BLOCK * BLOCK + (size_t)__builtin_ctzll(words->edges);
	words->edges &= words->edges - 1;
	return edge;
}

/* The finalizer of MurmurHash3, by Austin Appleby, in the public domain. It can be undone. */
static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdu;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53u;
	return value ^ value >> 33;
}

/* Eight letters at a time; the last, which may be fewer, are filled up with zeros. */
static uint64_t hash(const char *text, size_t length)
{
	uint64_t value = 0;

	for (; length > 8; length -= 8, text += 8)
		value = mix(value ^ load(text));
	return mix(value ^ (load(text) & ~(uint64_t)0 >> (64 - 8 * length)));
}

size_t words_leading(const char *text, size_t n_text)
{
	size_t n = 0;

	while (n < n_text && words_is_letter(text[n]))
		n++;
	return n;
}

size_t words_letters(const char *text, size_t n_text)
{
	size_t n = 0;

	for (; n_text >= 8; n_text -= 8, text += 8)
		n += (is_letter(lower(load(text))) * EACH_BYTE(1)) >> 56; /* adds up the bytes */
	for (; n_text > 0; n_text--)
		n += words_is_letter(*text++);
	return n;
}

size_t words_trailing(const char *text, size_t n_text)
{
	size_t n = 0;

	while (n < n_text && words_is_letter(text[n_text - 1 - n]))
		n++;
	return n;
}

void words_init(struct words *words, char *text, size_t n_text)
{
	*words = (struct words){ .text = text, .n_text = n_text };
}

size_t words_take(struct words *words, struct word *ret_words, size_t n_words)
{
	size_t n;

	for (n = 0; n < n_words; n++) {
		size_t begin = next_edge(words);
		struct word *word = &ret_words[n];

		if (begin == words->n_text)
			break;
		word->text = words->text + begin;
		word->length = next_edge(words) - begin;
		word->hash = hash(word->text, word->length);
	}
	return n;
}
