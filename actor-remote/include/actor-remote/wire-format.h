/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_WIRE_FORMAT_H
#define ACTOR_REMOTE_WIRE_FORMAT_H

#include <actor-remote/bytes.h>
#include <actor-remote/schema.h>

ACTOR__BEGIN_C

/**
 * DOC: how messages look on a connection
 *
 * A connection is two streams of frames. A frame has a service id, a call id and a payload, one
 * value. PROTOCOL.md describes the default, CBOR frames, byte by byte; a program may bring another
 * format, and both sides of a connection use the same.
 */

struct actor_wire_format;

/* Service ids that are none. */
#define ACTOR_SERVICE_ERROR UINT64_C(0)
#define ACTOR_SERVICE_RESPONSE UINT64_MAX

/** enum actor_frame_kind - what a frame is */
enum actor_frame_kind {
	/** @ACTOR_FRAME_ERROR: something went wrong; its payload is a struct actor_wire_error */
	ACTOR_FRAME_ERROR = 1,
	/** @ACTOR_FRAME_RESPONSE: the answer to a call */
	ACTOR_FRAME_RESPONSE = 2,
	/** @ACTOR_FRAME_SEND: a message that nobody answers */
	ACTOR_FRAME_SEND = 3,
	/** @ACTOR_FRAME_CALL: a message that is to be answered */
	ACTOR_FRAME_CALL = 4
};

/**
 * struct actor_frame - a frame that came, or is to go
 * @service:   which service it is for; ACTOR_SERVICE_ERROR, ACTOR_SERVICE_RESPONSE
 * @call:      which call it begins or ends, a number of whoever calls; 0: none
 * @payload:   one encoded value; borrowed
 * @n_payload: bytes of it
 */
struct actor_frame {
	uint64_t service;
	uint64_t call;
	const uint8_t *payload;
	size_t n_payload;
};

/** actor_frame_kind() - what it is. Thread: any */
static inline enum actor_frame_kind actor_frame_kind(const struct actor_frame *frame)
{
	if (frame->service == ACTOR_SERVICE_ERROR)
		return ACTOR_FRAME_ERROR;
	if (frame->service == ACTOR_SERVICE_RESPONSE)
		return ACTOR_FRAME_RESPONSE;
	return frame->call ? ACTOR_FRAME_CALL : ACTOR_FRAME_SEND;
}

/** enum actor_wire_error_kind - what one side tells the other that went wrong */
enum actor_wire_error_kind {
	/** @ACTOR_WIRE_DESERIALIZE: the payload is not what the service takes */
	ACTOR_WIRE_DESERIALIZE = 1,
	/** @ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT: what came are no frames; the connection closes */
	ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT = 2,
	/** @ACTOR_WIRE_INTERNAL_SERVER_ERROR: the call was accepted, and will not be answered; why
	 * is not the caller's business */
	ACTOR_WIRE_INTERNAL_SERVER_ERROR = 3,
	/** @ACTOR_WIRE_TIMEOUT: a relay got no answer in time */
	ACTOR_WIRE_TIMEOUT = 4,
	/** @ACTOR_WIRE_UNKNOWN_SERVICE: nobody serves that here */
	ACTOR_WIRE_UNKNOWN_SERVICE = 5,
	/** @ACTOR_WIRE_PUB_SUB_NO_CALL: a topic takes sends, no calls */
	ACTOR_WIRE_PUB_SUB_NO_CALL = 6
};

/**
 * struct actor_wire_error - an error as one side tells the other
 * @kind:        what went wrong
 * @has_service: @service is known
 * @service:     the service id concerned
 * @has_call:    @call is known
 * @call:        the call id concerned, as known to whoever noticed
 * @context:     in words; only with ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT; cut when too long
 */
struct actor_wire_error {
	enum actor_wire_error_kind kind;
	bool has_service;
	uint64_t service;
	bool has_call;
	uint64_t call;
	char context[192];
};

/** actor_wire_error_status() - what a call that ends with this returns: ACTOR_E_TIMEOUT or one of
 * ACTOR_E_REMOTE_*. Thread: any */
ACTOR_EXPORT int actor_wire_error_status(const struct actor_wire_error *error);

/** actor_wire_error_format() - in one line of text, as snprintf() does; of control characters in
 * @context there is "?". Thread: any */
ACTOR_EXPORT int actor_wire_error_format(const struct actor_wire_error *error, char *buffer,
					 size_t n_buffer);

/**
 * struct actor_wire_format_ops - what a format can do
 *
 * Called from any thread, by several at a time, also with locks held: so what makes frames calls
 * nothing back. Whatever bytes come in, nothing else happens than what is said here: they are from
 * a stranger.
 */
struct actor_wire_format_ops {
	size_t size;
	/* 1.0: all required */
	/**
	 * @length: how long the frame is that begins here
	 *
	 * Return: 0, ACTOR_PENDING when @n bytes are too few to tell, ACTOR_E_PROTOCOL when no
	 *         frame begins like this
	 */
	int (*length)(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
		      uint64_t *ret_n_frame);
	/** @parse: a whole frame of exactly @n bytes; 0, ACTOR_E_PROTOCOL. The payload is borrowed
	 * of @bytes, and not looked into */
	int (*parse)(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
		     struct actor_frame *ret_frame);
	/** @begin: append the head of a frame, whose payload is appended next. Errors: in @bytes */
	void (*begin)(const struct actor_wire_format *format, struct actor_bytes *bytes,
		      uint64_t service, uint64_t call);
	/** @end: complete the frame that begins at offset @start, when its payload is there */
	void (*end)(const struct actor_wire_format *format, struct actor_bytes *bytes,
		    size_t start);
	/** @readdress: give a whole frame another call id, in place */
	void (*readdress)(const struct actor_wire_format *format, uint8_t *bytes, size_t n,
			  uint64_t call);
	/**
	 * @encode: append a value
	 *
	 * Return: 0, ACTOR_E_NOMEM, ACTOR_E_TOO_BIG; ACTOR_E_ENCODE when there is no such value,
	 *         like a text that is not UTF-8, or it is nested too deep. Then @bytes is as it
	 *         was. What it had failed with before, nothing is done then
	 */
	int (*encode)(const struct actor_wire_format *format, const struct actor_schema *schema,
		      const void *value, struct actor_bytes *bytes);
	/**
	 * @decode: make a value of exactly @n bytes
	 *
	 * @ret_value is &actor_schema.value_size bytes; on success the caller's, who drops it by
	 * actor_schema_drop(); on failure it is zeroed. @ret_why may be NULL, and receives what is
	 * wrong, and where: "nick: expected text, found unsigned 5, at byte 7".
	 *
	 * How much is allocated, and how deep things are nested, is bounded by the format,
	 * whatever the bytes announce. Of CBOR: 64 times @n bytes, or 64 KiB if that is more; and
	 * fewer than 128 arrays and maps inside each other, for which a type that contains itself
	 * takes at most 128 KiB of stack.
	 *
	 * Return: 0, ACTOR_E_DECODE, ACTOR_E_NOMEM
	 */
	int (*decode)(const struct actor_wire_format *format, const struct actor_schema *schema,
		      const uint8_t *bytes, size_t n, void *ret_value, struct actor_why *ret_why);
	/** @encode_error: append an error, as a payload; as @encode: ACTOR_E_ENCODE when there is
	 * no such kind. A context that is cut amid a character loses it */
	int (*encode_error)(const struct actor_wire_format *format,
			    const struct actor_wire_error *error, struct actor_bytes *bytes);
	/** @decode_error: make an error of a payload; 0, ACTOR_E_DECODE, ACTOR_E_NOMEM */
	int (*decode_error)(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			    struct actor_wire_error *ret_error, struct actor_why *ret_why);
	/* 1.0: optional */
	/** @explain: what is wrong with a value for which @encode has returned ACTOR_E_ENCODE, and
	 * where: "users[3].name: text is not UTF-8"; default: there is nothing to say. Also when
	 * there is no memory to find out, "" */
	void (*explain)(const struct actor_wire_format *format, const struct actor_schema *schema,
			const void *value, struct actor_why *ret_why);
};

/** struct actor_wire_format - embedded first in what implements one; lives for ever */
struct actor_wire_format {
	const struct actor_wire_format_ops *ops;
	const char *name;
};

/** actor_cbor_format() - CBOR in frames of 24 bytes, which thespis_remote understands: see
 * PROTOCOL.md. Thread: any */
ACTOR_EXPORT const struct actor_wire_format *actor_cbor_format(void);

/**
 * actor_service_id() - what a service is called on the wire
 * @namespace_name: like "remotes"
 * @type_name:      like "Add"
 *
 * XXH64, with seed 0, of the text "remotes :: Add": one space on each side of the colons.
 *
 * Thread:  any
 * Return:  neither ACTOR_SERVICE_ERROR nor ACTOR_SERVICE_RESPONSE, but 0 for a name of 255 bytes or
 *          more, together, or for one in 2^63 that hashes to one of the two
 */
ACTOR_EXPORT uint64_t actor_service_id(const char *namespace_name, const char *type_name);

ACTOR__END_C

#endif
