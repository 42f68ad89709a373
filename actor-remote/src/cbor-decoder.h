/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CBOR_DECODER_H
#define ACTOR__CBOR_DECODER_H

#include "cbor-reader.h"
#include "why.h"

/**
 * struct decoder - one value being made
 * @reader:   of what
 * @n_memory: bytes that may still be allocated
 * @n_calls:  how often it has called itself
 * @path:     where something is wrong in it
 */
struct decoder {
	struct cbor_reader reader;
	size_t n_memory;
	unsigned n_calls;
	struct actor__path path;
};

/** actor__cbor_charge() - @n bytes more are going to be allocated: 0, or ACTOR_E_DECODE when that
 * is more than the input is worth */
int actor__cbor_charge(struct decoder *decoder, size_t n);

/** actor__cbor_allocate() - memory, not zeroed, for the pointer at @value; 0, ACTOR_E_DECODE,
 * ACTOR_E_NOMEM */
int actor__cbor_allocate(struct decoder *decoder, void *value, size_t n);

/** actor__cbor_get_plain() - read a value of a kind that has no others inside */
int actor__cbor_get_plain(struct decoder *decoder, const struct actor_schema *schema, void *value);

/** actor__cbor_get_lone_integer() - make an integer of all @n bytes; false: it is not usual, or
 * wrong, and nothing has been done */
bool actor__cbor_get_lone_integer(const struct actor_schema *schema, const uint8_t *bytes, size_t n,
				  void *value);

/** actor__cbor_get_integers() - read at most @n integers of the same kind, next to each other,
 * until there is one that is not usual, or wrong; how many there were before it */
size_t actor__cbor_get_integers(struct decoder *decoder, const struct actor_schema *schema,
				uint8_t *values, size_t n);

#endif
