/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WORDS_H
#define WORDCOUNT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** WORDS_PADDING - bytes behind a text that the splitter may read and overwrite */
#define WORDS_PADDING 64

/** WORDS_AT_A_TIME - how many to take at a time: with more it is not faster */
#define WORDS_AT_A_TIME 64

/**
 * struct word - a maximal run of ASCII letters
 * @text:   in lower case, not terminated; borrowed
 * @length: in bytes, at least 1
 * @hash:   of @text, all 64 bits of it usable: equal words have equal hashes
 */
struct word {
	const char *text;
	size_t length;
	uint64_t hash;
};

/**
 * word_same() - whether two are the same word
 *
 * Up to eight letters the hash is as good as the word: it is a number made of all of them, mixed
 * in a way that can be undone.
 */
static inline bool word_same(const struct word *a, const struct word *b)
{
	return a->hash == b->hash && a->length == b->length &&
	       (a->length <= 8 || memcmp(a->text, b->text, a->length) == 0);
}

/**
 * struct words - the words of a text, from its beginning to its end
 * @text:   the text, which becomes lower case on the way
 * @n_text: its bytes
 * @n_read: how many of them have been looked at, in whole blocks
 * @edges:  bits of the last block where a word begins or ends, those not yet used
 * @inside: 1 if the last block ended inside a word
 */
struct words {
	char *text;
	size_t n_text;
	size_t n_read;
	uint64_t edges;
	uint64_t inside;
};

/** words_is_letter() - whether a byte is an ASCII letter, whatever the locale */
static inline bool words_is_letter(char byte)
{
	return (unsigned char)((byte | 0x20) - 'a') < 26;
}

/** words_leading() - how many letters a text begins with */
size_t words_leading(const char *text, size_t n_text);

/** words_letters() - how many letters there are in a text */
size_t words_letters(const char *text, size_t n_text);

/** words_trailing() - how many letters a text ends with */
size_t words_trailing(const char *text, size_t n_text);

/**
 * words_init() - begin to split a text
 * @words:  the splitter
 * @text:   borrowed until the last word is done with; its bytes are changed in place, and so may
 *          be the WORDS_PADDING bytes behind it, which must be there
 * @n_text: its length; where it ends, a word ends
 */
void words_init(struct words *words, char *text, size_t n_text);

/**
 * words_take() - the next words
 * @words:     the splitter
 * @ret_words: receives them
 * @n_words:   how many at most; WORDS_AT_A_TIME
 *
 * Return:  how many there were; fewer than @n_words only at the end of the text
 */
size_t words_take(struct words *words, struct word *ret_words, size_t n_words);

#endif
