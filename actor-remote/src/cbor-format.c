/* SPDX-License-Identifier: MIT */

/*
 * Frames, as thespis_remote has them: 24 bytes of numbers, little endian, then the payload.
 *
 *	0	length of the whole frame
 *	8	service id; 0: an error; all ones: a response
 *	16	call id; 0: nobody waits for an answer
 */

#include "bytes.h"
#include "cbor.h"
#include "numbers.h"
#include "wire-error.h"

#include <assert.h>

enum { AT_LENGTH = 0, AT_SERVICE = 8, AT_CALL = 16, N_HEAD = 24, N_NUMBER = 8 };

static int frame_length(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			uint64_t *ret_n_frame)
{
	uint64_t n_frame;

	(void)format;
	if (n < N_NUMBER)
		return ACTOR_PENDING;
	n_frame = actor__little_get(bytes + AT_LENGTH);
	if (n_frame < N_HEAD)
		return ACTOR_E_PROTOCOL;
	*ret_n_frame = n_frame;
	return 0;
}

static int frame_parse(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
		       struct actor_frame *ret_frame)
{
	(void)format;
	if (n < N_HEAD || actor__little_get(bytes + AT_LENGTH) != n)
		return ACTOR_E_PROTOCOL;
	ret_frame->service = actor__little_get(bytes + AT_SERVICE);
	ret_frame->call = actor__little_get(bytes + AT_CALL);
	ret_frame->payload = bytes + N_HEAD;
	ret_frame->n_payload = n - N_HEAD;
	return 0;
}

static void frame_begin(const struct actor_wire_format *format, struct actor_bytes *bytes,
			uint64_t service, uint64_t call)
{
	uint8_t *head = actor__bytes_room(bytes, N_HEAD);

	(void)format;
	if (!head)
		return;
	actor__little_set(head + AT_LENGTH, N_HEAD);
	actor__little_set(head + AT_SERVICE, service);
	actor__little_set(head + AT_CALL, call);
}

static void frame_end(const struct actor_wire_format *format, struct actor_bytes *bytes,
		      size_t start)
{
	(void)format;
	if (bytes->failed)
		return;
	assert(start <= bytes->n && bytes->n - start >= N_HEAD);
	actor__little_set(bytes->data + start + AT_LENGTH, bytes->n - start);
}

static void frame_readdress(const struct actor_wire_format *format, uint8_t *bytes, size_t n,
			    uint64_t call)
{
	(void)format;
	(void)n;
	assert(n >= N_HEAD);
	actor__little_set(bytes + AT_CALL, call);
}

static const struct actor_wire_format_ops cbor_format_ops = {
	.size = sizeof(struct actor_wire_format_ops),
	.length = frame_length,
	.parse = frame_parse,
	.begin = frame_begin,
	.end = frame_end,
	.readdress = frame_readdress,
	.encode = actor__cbor_encode,
	.decode = actor__cbor_decode,
	.encode_error = actor__wire_error_encode,
	.decode_error = actor__wire_error_decode,
	.explain = actor__cbor_explain,
};

const struct actor_wire_format *actor_cbor_format(void)
{
	static const struct actor_wire_format format = { &cbor_format_ops, "CBOR" };

	return &format;
}
