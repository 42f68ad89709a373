/* SPDX-License-Identifier: MIT */

/* What one side tells the other that went wrong: what it means, and how it travels. */

#include "wire-error.h"

#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what it means ---- */

static const struct {
	int status;
	const char *words;
} meanings[] = {
	[ACTOR_WIRE_DESERIALIZE] = { ACTOR_E_REMOTE_DECODE, "payload is not what is expected" },
	[ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT] = { ACTOR_E_REMOTE_PROTOCOL, "no frame" },
	[ACTOR_WIRE_INTERNAL_SERVER_ERROR] = { ACTOR_E_REMOTE_FAILED, "internal error" },
	[ACTOR_WIRE_TIMEOUT] = { ACTOR_E_TIMEOUT, "no answer in time" },
	[ACTOR_WIRE_UNKNOWN_SERVICE] = { ACTOR_E_REMOTE_UNKNOWN_SERVICE, "unknown service" },
	[ACTOR_WIRE_PUB_SUB_NO_CALL] = { ACTOR_E_REMOTE_NO_CALLS, "service takes no calls" },
};
enum { N_MEANINGS = sizeof meanings / sizeof meanings[0] };

static bool is_known(enum actor_wire_error_kind kind)
{
	return (unsigned)kind >= ACTOR_WIRE_DESERIALIZE && (unsigned)kind < N_MEANINGS;
}

int actor_wire_error_status(const struct actor_wire_error *error)
{
	return is_known(error->kind) ? meanings[error->kind].status : ACTOR_E_REMOTE_FAILED;
}

/* In UTF-8 those beyond ASCII are of two bytes. */
static size_t control_bytes(const char *at)
{
	unsigned char first = (unsigned char)at[0], second = (unsigned char)at[1];

	if (first == 0xc2 && second >= 0x80 && second < 0xa0)
		return 2;
	return (first != '\0' && first < ' ') || first == 0x7f;
}

/* What the other side says is not to tell a terminal what to do, nor to look like another line. */
static void make_plain(char *text)
{
	for (size_t n; *text; text += n ? n : 1) {
		n = control_bytes(text);
		memset(text, '?', n);
	}
}

int actor_wire_error_format(const struct actor_wire_error *error, char *buffer, size_t n_buffer)
{
	const char *words = is_known(error->kind) ? meanings[error->kind].words : "unknown error";
	char service[40] = "", call[40] = "", context[sizeof error->context + 1] = "";

	if (error->kind == ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT)
		memcpy(context, error->context, sizeof error->context);
	make_plain(context);
	if (error->has_service)
		snprintf(service, sizeof service, ", service 0x%016" PRIx64, error->service);
	if (error->has_call)
		snprintf(call, sizeof call, ", call %" PRIu64, error->call);
	return snprintf(buffer, n_buffer, "%s%s%s%s%s", words, context[0] ? ": " : "", context,
			service, call);
}

/* ---- how it travels ---- */

ACTOR_SCHEMA(actor__concerned);
struct actor__concerned {
	uint64_t *sid;
	uint64_t *cid;
};

ACTOR_SCHEMA(actor__service_concerned);
struct actor__service_concerned {
	uint64_t sid;
};

ACTOR_SCHEMA(actor__in_words);
struct actor__in_words {
	char *context;
};

ACTOR_SCHEMA(actor__connection_error);
struct actor__connection_error {
	enum actor_wire_error_kind which;
	union {
		struct actor__concerned concerned;
		struct actor__service_concerned service;
		struct actor__in_words words;
	};
};

ACTOR_SCHEMA_STRUCT_DEFINE(actor__concerned, ACTOR_MEMBER(actor__concerned, sid, actor_id_optional),
			   ACTOR_MEMBER(actor__concerned, cid, actor_id_optional));

ACTOR_SCHEMA_STRUCT_DEFINE(actor__service_concerned,
			   ACTOR_MEMBER(actor__service_concerned, sid, actor_id));

ACTOR_SCHEMA_STRUCT_DEFINE(actor__in_words, ACTOR_MEMBER(actor__in_words, context, actor_text));

#define CONCERNED(KIND, NAME)                                                                      \
	ACTOR_CASE_OF(KIND, NAME, actor__connection_error, concerned, actor__concerned)

ACTOR_SCHEMA_VARIANT_DEFINE(actor__connection_error,
			    CONCERNED(ACTOR_WIRE_DESERIALIZE, "Deserialize"),
			    ACTOR_CASE_OF(ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT,
					  "DeserializeWireFormat", actor__connection_error, words,
					  actor__in_words),
			    CONCERNED(ACTOR_WIRE_INTERNAL_SERVER_ERROR, "InternalServerError"),
			    ACTOR_CASE_OF(ACTOR_WIRE_TIMEOUT, "Timeout", actor__connection_error,
					  service, actor__service_concerned),
			    CONCERNED(ACTOR_WIRE_UNKNOWN_SERVICE, "UnknownService"),
			    CONCERNED(ACTOR_WIRE_PUB_SUB_NO_CALL, "PubSubNoCall"));

/* All but the last character of a text that was cut may be kept. */
static void cut_whole(char *text)
{
	size_t n = strlen(text), n_kept = n, i;

	if (actor__utf8_is_valid((const uint8_t *)text, n))
		return;
	for (i = 0; i < 3 && n_kept > 0; i++)
		if (actor__utf8_is_valid((const uint8_t *)text, --n_kept)) {
			text[n_kept] = '\0';
			return;
		}
	/* It was none before: then it is no text, but what can be shown of it is. */
	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] >= 0x80)
			text[i] = '?';
}

int actor__wire_error_encode(const struct actor_wire_format *format,
			     const struct actor_wire_error *error, struct actor_bytes *bytes)
{
	uint64_t sid = error->service, cid = error->call;
	char context[sizeof error->context];
	struct actor__connection_error out;

	memset(&out, 0, sizeof out);
	out.which = error->kind;
	switch (error->kind) {
	case ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT:
		actor__copy_text(context, sizeof context, error->context);
		cut_whole(context);
		out.words.context = context;
		break;
	case ACTOR_WIRE_TIMEOUT:
		out.service.sid = sid;
		break;
	default:
		out.concerned.sid = error->has_service ? &sid : NULL;
		out.concerned.cid = error->has_call ? &cid : NULL;
	}
	return format->ops->encode(format, &actor__connection_error_schema, &out, bytes);
}

static void take_id(const uint64_t *id, bool *ret_has, uint64_t *ret_id)
{
	*ret_has = id != NULL;
	*ret_id = id ? *id : 0;
}

int actor__wire_error_decode(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			     struct actor_wire_error *ret_error, struct actor_why *ret_why)
{
	struct actor__connection_error in;
	int rc = format->ops->decode(format, &actor__connection_error_schema, bytes, n, &in,
				     ret_why);

	if (rc < 0)
		return rc;
	memset(ret_error, 0, sizeof *ret_error);
	ret_error->kind = in.which;
	switch (in.which) {
	case ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT:
		actor__copy_text(ret_error->context, sizeof ret_error->context, in.words.context);
		cut_whole(ret_error->context);
		break;
	case ACTOR_WIRE_TIMEOUT:
		ret_error->has_service = true;
		ret_error->service = in.service.sid;
		break;
	default:
		take_id(in.concerned.sid, &ret_error->has_service, &ret_error->service);
		take_id(in.concerned.cid, &ret_error->has_call, &ret_error->call);
	}
	actor_schema_drop(&actor__connection_error_schema, &in);
	return 0;
}
