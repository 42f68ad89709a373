/* SPDX-License-Identifier: MIT */

/*
 * Errors as they travel: any payload is one, or none; what is one is written again and is the same,
 * means something and can be shown. And any error that a program may have is written as one that
 * arrives, whatever is in its text.
 *
 *	0	even: the rest is a payload; odd: the rest is an error
 *	1	  its kind, 2 which ids it has, 3 and 11 these, 19 its text
 */

#include "fuzz.h"

#include "well-formed.h"

#include <actor-remote/actor-remote.h>
#include <remote/memory.h>
#include <utf8.h>

static const struct actor_wire_format *format;

static void show(const struct actor_wire_error *error)
{
	char text[30];
	int n = actor_wire_error_format(error, text, sizeof text);

	MUST(n > 0 && strlen(text) == ((size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
	MUST(actor_wire_error_status(error) < 0);
}

static bool has_ids(const struct actor_wire_error *error)
{
	return error->kind != ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT;
}

static void must_be_same(const struct actor_wire_error *a, const struct actor_wire_error *b)
{
	MUST(a->kind == b->kind);
	if (!has_ids(a)) {
		MUST(strcmp(a->context, b->context) == 0);
		return;
	}
	MUST(a->has_service == b->has_service && a->has_call == b->has_call);
	MUST(!a->has_service || a->service == b->service);
	MUST(!a->has_call || a->call == b->call);
}

static int decode(const uint8_t *bytes, size_t n, struct actor_wire_error *ret_error)
{
	struct actor_why why = { "" };
	int rc = format->ops->decode_error(format, bytes, n, ret_error, &why);

	MUST(rc == 0 || (rc == ACTOR_E_DECODE && why.text[0]));
	if (rc < 0)
		return rc;
	MUST(well_formed(bytes, n, false));
	MUST(ret_error->kind >= ACTOR_WIRE_DESERIALIZE &&
	     ret_error->kind <= ACTOR_WIRE_PUB_SUB_NO_CALL);
	MUST(memchr(ret_error->context, '\0', sizeof ret_error->context));
	MUST(actor__utf8_is_valid((const uint8_t *)ret_error->context, strlen(ret_error->context)));
	return 0;
}

/* What has been written arrives; what is left of it when it has. */
static struct actor_wire_error there(const struct actor_wire_error *error)
{
	struct actor_wire_error back;
	struct actor_bytes bytes;

	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	MUST(format->ops->encode_error(format, error, &bytes) == 0);
	MUST(well_formed(bytes.data, bytes.n, true));
	MUST(decode(bytes.data, bytes.n, &back) == 0);
	actor_bytes_deinit(&bytes);
	return back;
}

static void read_one(struct input *input)
{
	struct actor_wire_error error, back;

	if (decode(input->at, input->n, &error) < 0)
		return;
	show(&error);
	back = there(&error);
	must_be_same(&error, &back);
}

static bool is_known(enum actor_wire_error_kind kind)
{
	return kind >= ACTOR_WIRE_DESERIALIZE && kind <= ACTOR_WIRE_PUB_SUB_NO_CALL;
}

static void write_one(struct input *input)
{
	struct actor_wire_error error = { .kind = input_byte(input) };
	struct actor_wire_error back;
	struct actor_bytes bytes;
	uint8_t ids = input_byte(input);

	error.has_service = ids & 1 || error.kind == ACTOR_WIRE_TIMEOUT;
	error.has_call = ids & 2 && error.kind != ACTOR_WIRE_TIMEOUT;
	error.service = input_number(input, 8);
	error.call = input_number(input, 8);
	/* Which may be as long as there is room, and then does not end. */
	memset(error.context, 0, sizeof error.context);
	if (input->n > 0)
		memcpy(error.context, input->at,
		       input->n < sizeof error.context ? input->n : sizeof error.context);
	show(&error);
	if (!is_known(error.kind)) {
		actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
		MUST(format->ops->encode_error(format, &error, &bytes) == ACTOR_E_ENCODE);
		MUST(bytes.n == 0);
		actor_bytes_deinit(&bytes);
		return;
	}
	back = there(&error);
	if (has_ids(&error))
		must_be_same(&error, &back);
	else
		MUST(strlen(back.context) <= strnlen(error.context, sizeof error.context));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	long n_live = memory_n_live();

	format = actor_cbor_format();
	if (input_byte(&input) % 2 == 0)
		read_one(&input);
	else
		write_one(&input);
	MUST(memory_n_live() == n_live);
	return 0;
}
