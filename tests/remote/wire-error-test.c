/* SPDX-License-Identifier: MIT */

/* Errors that one side tells the other: W-09, E-21 to E-23. */

#include "test.h"

#include "hex.h"
#include "memory.h"

#include <string.h>

#define SID_1 "a165696e6e6572a162696401"
#define ADD_ID "a165696e6e6572a16269641b6440cfd17c374646"
#define SHOW_ID "a165696e6e6572a16269641bcdd3781867767588"
#define CID(N) "63636964a165696e6e6572a1626964" N
#define ADD UINT64_C(0x6440cfd17c374646)
#define SHOW UINT64_C(0xcdd3781867767588)

static const struct {
	struct actor_wire_error error;
	const char *payload;
	int status;
	const char *text;
} known[] = {
	{ { ACTOR_WIRE_UNKNOWN_SERVICE, true, 1, true, 7, "" },
	  "a16e556e6b6e6f776e53657276696365a263736964" SID_1 CID("07"),
	  ACTOR_E_REMOTE_UNKNOWN_SERVICE,
	  "unknown service, service 0x0000000000000001, call 7" },
	{ { ACTOR_WIRE_DESERIALIZE, true, ADD, true, 7, "" },
	  "a16b446573657269616c697a65a263736964" ADD_ID CID("07"),
	  ACTOR_E_REMOTE_DECODE,
	  "payload is not what is expected, service 0x6440cfd17c374646, call 7" },
	{ { ACTOR_WIRE_DESERIALIZE, false, 0, false, 0, "" },
	  "a16b446573657269616c697a65a263736964f663636964f6",
	  ACTOR_E_REMOTE_DECODE,
	  "payload is not what is expected" },
	{ { ACTOR_WIRE_INTERNAL_SERVER_ERROR, true, SHOW, true, 2, "" },
	  "a173496e7465726e616c5365727665724572726f72a263736964" SHOW_ID CID("02"),
	  ACTOR_E_REMOTE_FAILED,
	  "internal error, service 0xcdd3781867767588, call 2" },
	{ { ACTOR_WIRE_PUB_SUB_NO_CALL, true, ADD, true, 1, "" },
	  "a16c5075625375624e6f43616c6ca263736964" ADD_ID CID("01"),
	  ACTOR_E_REMOTE_NO_CALLS,
	  "service takes no calls, service 0x6440cfd17c374646, call 1" },
	{ { ACTOR_WIRE_TIMEOUT, true, ADD, false, 0, "" },
	  "a16754696d656f7574a163736964" ADD_ID,
	  ACTOR_E_TIMEOUT,
	  "no answer in time, service 0x6440cfd17c374646" },
	{ { ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT, false, 0, false, 0, "too long" },
	  "a175446573657269616c697a6557697265466f726d6174a167636f6e7465787468746f6f206c6f6e67",
	  ACTOR_E_REMOTE_PROTOCOL,
	  "no frame: too long" },
};

static const char *payload_of(const struct actor_wire_error *error)
{
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t memory[400];
	struct actor_bytes bytes;

	actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
	assert_int_equal(format->ops->encode_error(format, error, &bytes), 0);
	return hex_text(bytes.data, bytes.n);
}

static int error_of(const char *payload, struct actor_wire_error *ret_error)
{
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t buffer[1000], *bytes;
	size_t n = hex_bytes(payload, buffer, sizeof buffer, &bytes);

	return format->ops->decode_error(format, bytes, n, ret_error, NULL);
}

/* W-09, E-21 */
static void each_error_travels(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(known); i++) {
		struct actor_wire_error error;

		assert_string_equal(payload_of(&known[i].error), known[i].payload);
		assert_int_equal(error_of(known[i].payload, &error), 0);
		assert_int_equal(error.kind, known[i].error.kind);
		assert_int_equal(error.has_service, known[i].error.has_service);
		assert_int_equal(error.service, known[i].error.service);
		assert_int_equal(error.has_call, known[i].error.has_call);
		assert_int_equal(error.call, known[i].error.call);
		assert_string_equal(error.context, known[i].error.context);
	}
	assert_int_equal(memory_n_live(), 0);
}

static void each_error_means_something(void **state)
{
	char text[200];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(known); i++) {
		const struct actor_wire_error *error = &known[i].error;
		int n = actor_wire_error_format(error, text, sizeof text);

		assert_int_equal(actor_wire_error_status(error), known[i].status);
		assert_string_equal(text, known[i].text);
		assert_int_equal(n, strlen(text));
		assert_int_equal(actor_wire_error_format(error, text, 5), n);
		assert_int_equal(strlen(text), 4);
	}
}

/* What a stranger says may be shown: it is one line, and tells a terminal nothing. */
static void an_error_in_words_is_one_plain_line(void **state)
{
	struct actor_wire_error error = { .kind = ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT,
					  .context = "\x1b[2J\na\tb\x7f caf\xc3\xa9 \xc2\x9b"
						     "2J\xc2\xa0\x01" };
	char text[300];

	(void)state;
	actor_wire_error_format(&error, text, sizeof text);
	assert_string_equal(text, "no frame: ?[2J?a?b? caf\xc3\xa9 ??2J\xc2\xa0?");
	memset(error.context, '\r', sizeof error.context);
	assert_int_equal(actor_wire_error_format(&error, text, sizeof text),
			 strlen("no frame: ") + sizeof error.context);
	assert_null(strchr(text, '\r'));
	error.context[sizeof error.context - 1] = '\xc2';
	actor_wire_error_format(&error, text, sizeof text);
	assert_int_equal(text[strlen(text) - 1], '\xc2');
}

/* Also one that this version does not know. */
static void an_error_that_is_none_does_not_travel(void **state)
{
	static const int none[] = { -1, 0, 7, 1000 };
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t memory[100];
	char text[100];
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
	for (size_t i = 0; i < N_ELEMENTS(none); i++) {
		struct actor_wire_error error = { .kind = (enum actor_wire_error_kind)none[i] };

		assert_int_equal(format->ops->encode_error(format, &error, &bytes), ACTOR_E_ENCODE);
		assert_int_equal(actor_wire_error_status(&error), ACTOR_E_REMOTE_FAILED);
		actor_wire_error_format(&error, text, sizeof text);
		assert_string_equal(text, "unknown error");
	}
	assert_int_equal(bytes.n, 0);
}

/* Ids may be left out (E-21), but not of a timeout. */
static void what_is_no_error_is_refused(void **state)
{
	struct actor_wire_error error;

	(void)state;
	assert_int_equal(error_of("a16b446573657269616c697a65a0", &error), 0);
	assert_false(error.has_service || error.has_call);
	assert_int_equal(error_of("a16754696d656f7574a0", &error), ACTOR_E_DECODE);
	assert_int_equal(error_of("a16754696d656f7574f6", &error), ACTOR_E_DECODE);
	assert_int_equal(error_of("6754696d656f7574", &error), ACTOR_E_DECODE);
	assert_int_equal(error_of("a16754696d656f7573a0", &error), ACTOR_E_DECODE);
	assert_int_equal(error_of("", &error), ACTOR_E_DECODE);
	assert_int_equal(memory_n_live(), 0);
}

/* A text that is cut is still a text: what it ends with may be half a character. */
static void a_long_context_is_cut_between_characters(void **state)
{
	struct actor_wire_error error = { .kind = ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT }, back;

	(void)state;
	memset(error.context, 'x', sizeof error.context - 1);
	for (size_t n_cut = 1; n_cut <= 3; n_cut++) {
		size_t at = sizeof error.context - 1 - n_cut;

		memcpy(error.context + at, "\xf0\x9f\x98", n_cut);
		assert_int_equal(error_of(payload_of(&error), &back), 0);
		assert_int_equal(strlen(back.context), at);
		memset(error.context + at, 'x', n_cut);
	}
	assert_int_equal(error_of(payload_of(&error), &back), 0);
	assert_string_equal(back.context, error.context);
	error.context[5] = '\xff';
	assert_int_equal(error_of(payload_of(&error), &back), 0);
	assert_int_equal(back.context[5], '?');
	assert_int_equal(strlen(back.context), sizeof error.context - 1);
}

/* From the other side it may be longer. */
static void a_context_from_outside_is_cut_between_characters(void **state)
{
	char payload[1000] = "a175446573657269616c697a6557697265466f726d6174a167636f6e7465787478c9";
	struct actor_wire_error error;

	(void)state;
	strcat(payload, "61"); /* an odd number of bytes before characters of two each */
	for (unsigned i = 0; i < 100; i++)
		strcat(payload, "c3a9");
	assert_int_equal(error_of(payload, &error), 0);
	assert_int_equal(strlen(error.context), sizeof error.context - 1);
	payload[68] = '\0';
	payload[66] = '6', payload[67] = '4';
	for (unsigned i = 0; i < 100; i++)
		strcat(payload, i < 98 ? "c3a9" : "6161");
	memcpy(payload + 66, "c8", 2);
	assert_int_equal(error_of(payload, &error), 0);
	assert_int_equal(strlen(error.context), sizeof error.context - 2);
	assert_int_equal(memory_n_live(), 0);
}

static void any_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(known); i++) {
		struct actor_wire_error error = { .service = 77 };
		unsigned nth = 0;
		int rc;

		do {
			memory_fail_nth(++nth);
			rc = error_of(known[i].payload, &error);
			assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
			assert_int_equal(memory_n_live(), 0);
			if (rc < 0)
				assert_int_equal(error.service, 77);
		} while (rc < 0);
		memory_fail_nth(0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_travels),
		cmocka_unit_test(each_error_means_something),
		cmocka_unit_test(an_error_in_words_is_one_plain_line),
		cmocka_unit_test(an_error_that_is_none_does_not_travel),
		cmocka_unit_test(what_is_no_error_is_refused),
		cmocka_unit_test(a_long_context_is_cut_between_characters),
		cmocka_unit_test(a_context_from_outside_is_cut_between_characters),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("wire-error", tests, NULL, NULL);
}
