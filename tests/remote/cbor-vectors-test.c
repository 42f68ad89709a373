/* SPDX-License-Identifier: MIT */

/* The bytes of frames and values: W-01 to W-09, X-01 to X-22, and what is done with bytes that are
 * almost right. */

#include "test.h"

#include "hex.h"
#include "memory.h"
#include "sample.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct actor_wire_format *format;

/* ---- frames ---- */

#define LITERAL(T, ...) (&(const T){ __VA_ARGS__ })
#define ADD UINT64_C(0x6440cfd17c374646)
#define SHOW UINT64_C(0xcdd3781867767588)

static const struct {
	const char *frame;
	uint64_t service;
	uint64_t call;
	enum actor_frame_kind kind;
	const struct actor_schema *schema;
	const void *value;
} frames[] = {
	/* W-05, W-06, W-07 */
	{ "1900000000000000 4646377cd1cf4064 0000000000000000 05", ADD, 0, ACTOR_FRAME_SEND,
	  &add_schema, LITERAL(struct add, .n = 5) },
	{ "1900000000000000 4646377cd1cf4064 0100000000000000 05", ADD, 1, ACTOR_FRAME_CALL,
	  &add_schema, LITERAL(struct add, .n = 5) },
	{ "1900000000000000 ffffffffffffffff 0100000000000000 f6", UINT64_MAX, 1,
	  ACTOR_FRAME_RESPONSE, &actor_unit_schema, LITERAL(struct actor_unit, 0) },
	{ "1900000000000000 887576671878d3cd 0200000000000000 f6", SHOW, 2, ACTOR_FRAME_CALL,
	  &show_schema, LITERAL(struct show, { 0 }) },
	{ "1900000000000000 ffffffffffffffff 0200000000000000 0a", UINT64_MAX, 2,
	  ACTOR_FRAME_RESPONSE, &actor_i64_schema, LITERAL(int64_t, 10) },
	{ "1900000000000000 ffffffffffffffff 0300000000000000 26", UINT64_MAX, 3,
	  ACTOR_FRAME_RESPONSE, &actor_i64_schema, LITERAL(int64_t, -7) },
	{ "2200000000000000 0d63d034b60c2b83 0100000000000000 a1 64 6e69636b 63 626f62",
	  UINT64_C(0x832b0cb634d0630d), 1, ACTOR_FRAME_CALL, &set_nick_schema,
	  LITERAL(struct set_nick, "bob") },
	{ "1b00000000000000 80d4f1a8c65fca26 0000000000000000 62 6869",
	  UINT64_C(0x26ca5fc6a8f1d480), 0, ACTOR_FRAME_SEND, &actor_text_schema,
	  LITERAL(char *, "hi") },
};

/* W-01, W-02, W-04 */
static void frames_are_written_and_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(frames); i++) {
		uint8_t buffer[100], memory[100], *frame;
		size_t n = hex_bytes(frames[i].frame, buffer, sizeof buffer, &frame);
		struct actor_bytes bytes;
		struct actor_frame read;
		uint64_t n_frame = 0;

		actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
		actor_bytes_append(&bytes, "before", 6);
		format->ops->begin(format, &bytes, frames[i].service, frames[i].call);
		assert_int_equal(
			format->ops->encode(format, frames[i].schema, frames[i].value, &bytes), 0);
		format->ops->end(format, &bytes, 6);
		assert_int_equal(bytes.failed, 0);
		assert_int_equal(bytes.n, 6 + n);
		assert_memory_equal(bytes.data + 6, frame, n);

		assert_int_equal(format->ops->length(format, frame, n, &n_frame), 0);
		assert_int_equal(n_frame, n);
		assert_int_equal(format->ops->parse(format, frame, n, &read), 0);
		assert_int_equal(read.service, frames[i].service);
		assert_int_equal(read.call, frames[i].call);
		assert_int_equal(actor_frame_kind(&read), frames[i].kind);
		assert_ptr_equal(read.payload, frame + 24);
		assert_int_equal(read.n_payload, n - 24);
	}
}

/* W-04: in this order. */
static void a_frame_is_an_error_or_response_whatever_its_call(void **state)
{
	(void)state;
	for (uint64_t call = 0; call < 2; call++) {
		assert_int_equal(actor_frame_kind(&(struct actor_frame){ 0, call, NULL, 0 }),
				 ACTOR_FRAME_ERROR);
		assert_int_equal(
			actor_frame_kind(&(struct actor_frame){ UINT64_MAX, call, NULL, 0 }),
			ACTOR_FRAME_RESPONSE);
	}
}

/* W-03, W-28: it is for the service to say that nothing is no value. */
static void a_frame_without_a_payload_is_one(void **state)
{
	struct actor_bytes bytes;
	struct actor_frame frame;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, 24);
	format->ops->begin(format, &bytes, 1, 2);
	assert_string_equal(hex_text(bytes.data, bytes.n),
			    "180000000000000001000000000000000200000000000000");
	format->ops->end(format, &bytes, 0);
	assert_int_equal(format->ops->parse(format, bytes.data, bytes.n, &frame), 0);
	assert_int_equal(frame.n_payload, 0);
	actor_bytes_deinit(&bytes);
}

/* W-23, W-25: what is shorter than its head is no frame; what is not there, not yet. */
static void lengths_that_cannot_be_are_refused(void **state)
{
	uint8_t head[24] = { 0 };
	struct actor_frame frame;
	uint64_t n_frame;

	(void)state;
	for (size_t n = 0; n < 8; n++)
		assert_int_equal(format->ops->length(format, head, n, &n_frame), ACTOR_PENDING);
	for (unsigned n = 0; n < 24; n++) {
		head[0] = (uint8_t)n;
		assert_int_equal(format->ops->length(format, head, 8, &n_frame), ACTOR_E_PROTOCOL);
		assert_int_equal(format->ops->parse(format, head, n, &frame), ACTOR_E_PROTOCOL);
	}
	memset(head, 0xff, 8);
	assert_int_equal(format->ops->length(format, head, 8, &n_frame), 0);
	assert_int_equal(n_frame, UINT64_MAX);
	assert_int_equal(format->ops->parse(format, head, 24, &frame), ACTOR_E_PROTOCOL);
}

/* W-28, RM */
static void another_call_is_written_in_place(void **state)
{
	uint8_t buffer[100], *frame;
	size_t n = hex_bytes(frames[6].frame, buffer, sizeof buffer, &frame);
	struct actor_frame read;

	(void)state;
	format->ops->readdress(format, frame, n, UINT64_C(0x1122334455667788));
	assert_string_equal(hex_text(frame, n), "22000000000000000d63d034b60c2b838877665544332211"
						"a1646e69636b63626f62");
	assert_int_equal(format->ops->parse(format, frame, n, &read), 0);
	assert_int_equal(read.call, UINT64_C(0x1122334455667788));
}

static void what_there_is_no_room_for_shows_at_the_end(void **state)
{
	(void)state;
	for (size_t limit = 0; limit < 34; limit++) {
		struct actor_bytes bytes;

		actor_bytes_init(&bytes, NULL, 0, limit);
		format->ops->begin(format, &bytes, 1, 1);
		assert_int_equal(
			format->ops->encode(format, &set_nick_schema, frames[6].value, &bytes),
			ACTOR_E_TOO_BIG);
		format->ops->end(format, &bytes, 0);
		assert_int_equal(bytes.failed, limit < 24 ? ACTOR_E_TOO_BIG : 0);
		assert_int_equal(bytes.n, limit < 24 ? 0 : 24);
		actor_bytes_deinit(&bytes);
	}
	assert_int_equal(memory_n_live(), 0);
}

/* ---- values, as they are written ---- */

#define OF(X, ...) &X##_schema, LITERAL(X##_value, __VA_ARGS__)
#define STRUCT(X, ...) &X##_schema, LITERAL(struct X, __VA_ARGS__)

static struct user two_users[] = { { 1, "ann" }, { 2, "bob" } };
static struct age two_ages[] = { { "ann", 7 }, { "bob", 200 } };
static struct user_left user_left[] = { { 1, 2 } };
static struct tree leaves[] = { { 2, { NULL, 0 } }, { 3, { NULL, 0 } } };
static uint8_t one_byte[] = { 0x2a };
static uint64_t seven = 7;
static enum colour colours[] = { RED, BLUE };

static const struct {
	const char *bytes;
	const struct actor_schema *schema;
	const void *value;
} values[] = {
	/* */
	{ "00", OF(actor_u8, 0) },
	{ "17", OF(actor_u8, 23) },
	{ "1818", OF(actor_u8, 24) },
	{ "18ff", OF(actor_u8, 255) },
	{ "190100", OF(actor_u16, 256) },
	{ "19ffff", OF(actor_u16, 65535) },
	{ "1a00010000", OF(actor_u32, 65536) },
	{ "1affffffff", OF(actor_u32, UINT32_MAX) },
	{ "1b0000000100000000", OF(actor_u64, UINT64_C(1) << 32) },
	{ "1bffffffffffffffff", OF(actor_u64, UINT64_MAX) },
	{ "20", OF(actor_i8, -1) },
	{ "387f", OF(actor_i8, -128) },
	{ "397fff", OF(actor_i16, INT16_MIN) },
	{ "3a7fffffff", OF(actor_i32, INT32_MIN) },
	{ "1a7fffffff", OF(actor_i32, INT32_MAX) },
	{ "1903e8", STRUCT(add, .n = 1000) },
	{ "20", STRUCT(add, .n = -1) },
	{ "3b7fffffffffffffff", STRUCT(add, .n = INT64_MIN) },
	{ "1b7fffffffffffffff", STRUCT(add, .n = INT64_MAX) },
	/* */
	{ "f90000", OF(actor_f64, 0.0) },
	{ "f98000", OF(actor_f64, -0.0) },
	{ "f93c00", OF(actor_f32, 1.0f) },
	{ "f9c400", OF(actor_f64, -4.0) },
	{ "f97bff", OF(actor_f64, 65504.0) },
	{ "f90001", OF(actor_f64, 0x1p-24) },
	{ "f903ff", OF(actor_f64, 0x3ffp-24) },
	{ "f90400", OF(actor_f64, 0x1p-14) },
	{ "fa47800000", OF(actor_f64, 65536.0) },
	{ "fa33000000", OF(actor_f64, 0x1p-25) },
	{ "fa3f801000", OF(actor_f32, 1.00048828125f) },
	{ "fa33c00001", OF(actor_f32, 0x1.800002p-24f) },
	{ "fa00000001", OF(actor_f32, 0x1p-149f) },
	{ "fa7f7fffff", OF(actor_f64, FLT_MAX) },
	{ "fb3fb999999999999a", OF(actor_f64, 0.1) },
	{ "fb7fefffffffffffff", OF(actor_f64, DBL_MAX) },
	{ "f97e00", OF(actor_f32, NAN) },
	{ "f97e00", OF(actor_f64, -NAN) },
	{ "f97c00", OF(actor_f64, INFINITY) },
	{ "f9fc00", OF(actor_f32, -INFINITY) },
	/* */
	{ "f4", OF(actor_bool, false) },
	{ "f5", OF(actor_bool, true) },
	{ "6161", OF(actor_char32, 'a') },
	{ "6100", OF(actor_char32, 0) },
	{ "62c3a9", OF(actor_char32, 0xe9) },
	{ "63e282ac", OF(actor_char32, 0x20ac) },
	{ "64f09f9880", OF(actor_char32, 0x1f600) },
	{ "64f48fbfbf", OF(actor_char32, 0x10ffff) },
	{ "60", OF(actor_text, "") },
	{ "626869", OF(actor_text, "hi") },
	{ "7818787878787878787878787878787878787878787878787878",
	  OF(actor_text, "xxxxxxxxxxxxxxxxxxxxxxxx") },
	{ "40", OF(actor_blob, NULL, 0) },
	{ "412a", OF(actor_blob, one_byte, 1) },
	{ "81182a", OF(actor_u8_list, one_byte, 1) },
	/* */
	{ "f6", OF(actor_unit, 0) },
	{ "f6", STRUCT(show, { NULL }) },
	{ "f6", STRUCT(nothing, 1) },
	{ "f6", OF(actor_u64_optional, NULL) },
	/* */
	{ "07", OF(actor_u64_optional, &seven) },
	{ "8201f6", STRUCT(chain, 1, NULL) },
	{ "82018202f6", STRUCT(chain, 1, &(struct chain){ 2, NULL }) },
	/* see add, users */
	/* */
	{ "820163616e6e", OF(user, 1, "ann") },
	{ "83010203", &rgb_schema, (const uint8_t[]){ 1, 2, 3 } },
	/* */
	{ "a1646e69636b63626f62", STRUCT(set_nick, "bob") },
	/* */
	{ "63526564", OF(colour, RED) },
	{ "64426c7565", OF(colour, BLUE) },
	{ "67436c6f73696e67", STRUCT(server_msg, .which = SERVER_CLOSING) },
	{ "63466172", STRUCT(server_msg, .which = SERVER_FAR) },
	{ "a16453616964626869", STRUCT(server_msg, .which = SERVER_SAID, .said = "hi") },
	{ "a1654d6f766564820163616e6e",
	  STRUCT(server_msg, .which = SERVER_MOVED, .moved = { 1, "ann" }) },
	{ "a168557365724c656674a26474696d651a6553f1006373696403",
	  STRUCT(server_msg, .which = SERVER_USER_LEFT, .user_left = { 1700000000, 3 }) },
	/* */
	{ "a1624f6bf6", STRUCT(outcome, .which = OUTCOME_OK) },
	{ "a163457272626e6f", STRUCT(outcome, .which = OUTCOME_ERR, .err = "no") },
	/* */
	{ "82820163616e6e820263626f62", STRUCT(users, { two_users, 2 }) },
	{ "80", STRUCT(users, { NULL, 0 }) },
	{ "826352656464426c7565", OF(colour_list, colours, 2) },
	{ "a2616e01686368696c6472656e82a2616e02686368696c6472656e80a2616e03686368696c6472656e80",
	  STRUCT(tree, 1, { leaves, 2 }) },
	{ "a0", OF(ages, NULL, 0) },
	{ "a263616e6e0763626f6218c8", OF(ages, two_ages, 2) },
	/* */
	{ "a165696e6e6572a162696407", OF(actor_id, 7) },
};

static void values_are_written_as_serde_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(values); i++)
		assert_string_equal(hex_of(values[i].schema, values[i].value), values[i].bytes);
}

/* Not a byte more is wanted than what is written in the end. */
static void a_value_fits_where_its_bytes_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(values); i++) {
		size_t n = strlen(values[i].bytes) / 2;
		uint8_t memory[100];
		struct actor_bytes bytes;

		for (size_t limit = 0; limit <= n; limit++) {
			actor_bytes_init(&bytes, memory, limit, limit);
			assert_int_equal(format->ops->encode(format, values[i].schema,
							     values[i].value, &bytes),
					 limit < n ? ACTOR_E_TOO_BIG : 0);
			assert_int_equal(bytes.n, limit < n ? 0 : n);
			assert_ptr_equal(bytes.data, memory);
		}
		assert_string_equal(hex_text(memory, n), values[i].bytes);
	}
}

/* */
static void a_half_is_written_as_one_and_nothing_else_is(void **state)
{
	(void)state;
	for (unsigned half = 0; half < 0x10000; half++) {
		bool is_finite = (half & 0x7c00) != 0x7c00;
		bool is_nan = !is_finite && half & 0x3ff;
		char text[11];
		float number;

		sprintf(text, "f9%04x", half);
		assert_int_equal(value_of(&actor_f32_schema, text, &number, NULL), 0);
		assert_string_equal(hex_of(&actor_f32_schema, &number), is_nan ? "f97e00" : text);
		for (uint32_t bit = 1; is_finite && bit < 0x2000; bit <<= 1) {
			uint32_t bits;
			float other;

			memcpy(&bits, &number, sizeof bits);
			bits ^= bit;
			memcpy(&other, &bits, sizeof other);
			assert_int_equal(strlen(hex_of(&actor_f32_schema, &other)), 10);
		}
	}
}

/* ---- values, as they are read ---- */

union any {
	uint64_t number;
	struct tree tree;
	struct chain chain;
	struct server_msg server_msg;
	struct all all;
};

/* It is a value, and what it is shows when it is written again. */
static void check_accepted(const struct actor_schema *schema, const char *bytes, const char *again)
{
	union any value;
	struct actor_why why = { "" };

	assert_true(schema->value_size <= sizeof value);
	memset(&value, 0x5a, sizeof value);
	if (value_of(schema, bytes, &value, &why) != 0)
		print_error("%s: %s\n", bytes, why.text);
	assert_string_equal(why.text, "");
	assert_string_equal(hex_of(schema, &value), again);
	actor_schema_drop(schema, &value);
	assert_int_equal(memory_n_live(), 0);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(values); i++)
		check_accepted(values[i].schema, values[i].bytes, values[i].bytes);
}

static const struct {
	const char *bytes;
	const struct actor_schema *schema;
	const char *again;
} others[] = {
	/* a float may be written as an integer, not the other way round. */
	{ "05", &actor_f64_schema, "f94500" },
	{ "24", &actor_f32_schema, "f9c500" },
	{ "1bffffffffffffffff", &actor_f32_schema, "fa5f800000" },
	{ "3bffffffffffffffff", &actor_f64_schema, "fadf800000" },
	{ "fb3fb999999999999a", &actor_f32_schema, "fa3dcccccd" },
	{ "fb7fefffffffffffff", &actor_f32_schema, "f97c00" },
	{ "fb7ff8000000000001", &actor_f64_schema, "f97e00" },
	{ "f97c01", &actor_f32_schema, "f97e00" },
	{ "f90200", &actor_f32_schema, "f90200" },
	/* */
	{ "1805", &add_schema, "05" },
	{ "190005", &actor_u8_schema, "05" },
	{ "1a00000005", &actor_u8_schema, "05" },
	{ "1b0000000000000005", &actor_u8_schema, "05" },
	{ "3b0000000000000004", &actor_i8_schema, "24" },
	{ "7b0000000000000002 6869", &actor_text_schema, "626869" },
	{ "9a00000002 01 6161", &user_schema, "82016161" },
	/* */
	{ "f7", &actor_unit_schema, "f6" },
	{ "f7", &show_schema, "f6" },
	/* any order, by number, in order without names, what is unknown skipped. */
	{ "a2 63736964 03 6474696d65 01", &user_left_schema, "a26474696d65016373696403" },
	{ "a2 01 03 00 01", &user_left_schema, "a26474696d65016373696403" },
	{ "a2 1800 01 18 01 03", &user_left_schema, "a26474696d65016373696403" },
	{ "82 01 03", &user_left_schema, "a26474696d65016373696403" },
	{ "a3 6178 83 01 a1 6161 f5 5f41004102ff 6474696d65 01 63736964 03", &user_left_schema,
	  "a26474696d65016373696403" },
	{ "a4 02 f6 1903e8 9f01bf0203ffff 6474696d65 01 63736964 03", &user_left_schema,
	  "a26474696d65016373696403" },
	{ "a4 6178 e0 6178 f3 6474696d65 01 63736964 03", &user_left_schema,
	  "a26474696d65016373696403" },
	{ "a4 6178 f8ff 6178 fb0000000000000000 6474696d65 01 63736964 03", &user_left_schema,
	  "a26474696d65016373696403" },
	/* */
	{ "00", &colour_schema, "63526564" },
	{ "02", &colour_schema, "64426c7565" },
	{ "a1 63526564 f6", &colour_schema, "63526564" },
	{ "a1 00 f6", &colour_schema, "63526564" },
	{ "82 63526564 f6", &colour_schema, "63526564" },
	{ "82 6453616964 626869", &server_msg_schema, "a16453616964626869" },
	{ "a1 01 626869", &server_msg_schema, "a16453616964626869" },
	{ "82 01 626869", &server_msg_schema, "a16453616964626869" },
	{ "04", &server_msg_schema, "63466172" },
	{ "a1 68557365724c656674 82 01 02", &server_msg_schema,
	  "a168557365724c656674a26474696d65016373696402" },
	/* */
	{ "9f 01 6161 ff", &user_schema, "82016161" },
	{ "9f ff", &users_schema, "80" },
	{ "9f 820163616e6e 820263626f62 ff", &users_schema, "82820163616e6e820263626f62" },
	{ "9f 01 02 03 04 05 06 07 08 09 ff", &actor_u8_list_schema, "89010203040506070809" },
	{ "9f 01 02 03 ff", &rgb_schema, "83010203" },
	{ "bf 646e69636b 63626f62 ff", &set_nick_schema, "a1646e69636b63626f62" },
	{ "bf 7f 626e69 62636b ff 7f 6162 626f62 ff ff", &set_nick_schema, "a1646e69636b63626f62" },
	{ "bf 6453616964 626869 ff", &server_msg_schema, "a16453616964626869" },
	{ "9f 6453616964 626869 ff", &server_msg_schema, "a16453616964626869" },
	{ "bf ff", &ages_schema, "a0" },
	{ "bf 6161 01 6161 02 6162 03 6163 04 6164 05 ff", &ages_schema,
	  "a5616101616102616203616304616405" },
	{ "7fff", &actor_text_schema, "60" },
	{ "7f 61c3 61a9 ff", &actor_text_schema, "62c3a9" },
	{ "7f 61c3 61a9 ff", &actor_char32_schema, "62c3a9" },
	{ "5f 4101 40 420203 ff", &actor_blob_schema, "43010203" },
	{ "5fff", &actor_blob_schema, "40" },
	{ "c005", &add_schema, "05" },
	{ "c5c6d4d5d7 05", &add_schema, "05" },
	{ "d9d9f7 db0000000000000001 a1 d820 646e69636b c1 63626f62", &set_nick_schema,
	  "a1646e69636b63626f62" },
	{ "c0f6", &actor_u64_optional_schema, "f6" },
	{ "c007", &actor_u64_optional_schema, "07" },
};

static void what_others_write_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(others); i++)
		check_accepted(others[i].schema, others[i].bytes, others[i].again);
}

/* ---- what is refused, and why ---- */

static const struct {
	const char *bytes;
	const struct actor_schema *schema;
	const char *why;
} wrong[] = {
	/* */
	{ "03 03", &add_schema, "something follows the value, at byte 1" },
	{ "01 02 03 04 05", &add_schema, "something follows the value, at byte 1" },
	{ "", &add_schema, "ends too early, at byte 0" },
	{ "c0", &add_schema, "ends too early, at byte 1" },
	{ "1b 00", &add_schema, "ends too early, at byte 2" },
	/* */
	{ "190100", &actor_u8_schema, "expected u8, found unsigned 256, at byte 0" },
	{ "20", &actor_u8_schema, "expected u8, found -1, at byte 0" },
	{ "1880", &actor_i8_schema, "expected i8, found unsigned 128, at byte 0" },
	{ "3880", &actor_i8_schema, "expected i8, found -129, at byte 0" },
	{ "1a00010000", &actor_u16_schema, "expected u16, found unsigned 65536, at byte 0" },
	{ "3a80000000", &actor_i32_schema, "expected i32, found -2147483649, at byte 0" },
	{ "1b8000000000000000", &actor_i64_schema,
	  "expected i64, found unsigned 9223372036854775808, at byte 0" },
	{ "3b8000000000000000", &actor_i64_schema, "expected i64, found negative, at byte 0" },
	{ "f93c00", &add_schema, "expected i64, found a float, at byte 0" },
	{ "c1 f5", &add_schema, "expected i64, found true, at byte 1" },
	{ "6135", &add_schema, "expected i64, found text, at byte 0" },
	{ "f6", &actor_f64_schema, "expected f64, found null, at byte 0" },
	{ "e0", &actor_f64_schema, "expected f64, found an unknown simple value, at byte 0" },
	{ "f3", &actor_f64_schema, "expected f64, found an unknown simple value, at byte 0" },
	{ "f8", &actor_f64_schema, "ends too early, at byte 1" },
	{ "f81f", &actor_f64_schema, "simple value too long, at byte 0" },
	{ "f820", &actor_f64_schema, "expected f64, found an unknown simple value, at byte 0" },
	{ "f818", &actor_f64_schema, "simple value too long, at byte 0" },
	{ "f8ff", &actor_f64_schema, "expected f64, found an unknown simple value, at byte 0" },
	{ "ff", &actor_f64_schema, "expected f64, found the end of an array or map, at byte 0" },
	{ "f801", &actor_f64_schema, "simple value too long, at byte 0" },
	/* */
	{ "01", &actor_bool_schema, "expected bool, found unsigned 1, at byte 0" },
	{ "60", &actor_char32_schema, "expected one character, at byte 0" },
	{ "626162", &actor_char32_schema, "expected one character, at byte 0" },
	{ "05", &actor_text_schema, "expected text, found unsigned 5, at byte 0" },
	{ "4161", &actor_text_schema, "expected text, found bytes, at byte 0" },
	{ "610061", &actor_text_schema, "text has a character 0, at byte 0" },
	{ "6161", &actor_blob_schema, "expected bytes, found text, at byte 0" },
	{ "8101", &actor_blob_schema, "expected bytes, found array, at byte 0" },
	{ "4101", &actor_u8_list_schema, "expected array, found bytes, at byte 0" },
	/* */
	{ "f7", &actor_u64_optional_schema, "expected u64, found undefined, at byte 0" },
	{ "00", &actor_unit_schema, "expected null, found unsigned 0, at byte 0" },
	/* */
	{ "a0", &set_nick_schema, "nick: missing, at byte 1" },
	{ "a1 6474696d65 01", &user_left_schema, "sid: missing, at byte 7" },
	{ "a3 6474696d65 01 63736964 03 00 04", &user_left_schema,
	  "time: is there twice, at byte 12" },
	{ "a1 646e69636b 05", &set_nick_schema,
	  "nick: expected text, found unsigned 5, at byte 6" },
	{ "a1 f6 05", &set_nick_schema, "expected a name, found null, at byte 1" },
	{ "81 01", &user_left_schema, "expected 2 items, found another number of them, at byte 2" },
	{ "83 01 02 03", &user_left_schema,
	  "expected 2 items, found another number of them, at byte 3" },
	{ "a2 00 01 01 6161", &user_schema, "expected user, found map, at byte 0" },
	{ "81 01", &user_schema, "expected 2 items, found another number of them, at byte 2" },
	{ "82 01 02", &user_schema, "name: expected text, found unsigned 2, at byte 2" },
	{ "82 01 02", &rgb_schema, "expected 3 items, found another number of them, at byte 3" },
	{ "84 01 02 03 04", &rgb_schema,
	  "expected 3 items, found another number of them, at byte 4" },
	{ "82 820163616e6e 8202 f6", &users_schema,
	  "[1].name: expected text, found null, at byte 9" },
	{ "a2 616e 01 686368696c6472656e 82 a2 616e 01 686368696c6472656e 80 a2 616e f5 00",
	  &tree_schema, "children[1].n: expected i64, found true, at byte 31" },
	{ "80", &ages_schema, "expected map, found array, at byte 0" },
	{ "a2 6161 01 05 02", &ages_schema,
	  "[1].name: expected text, found unsigned 5, at byte 4" },
	{ "a1 6161 6162", &ages_schema, "[0].years: expected u8, found text, at byte 3" },
	{ "bf 6161 ff", &ages_schema,
	  "[0].years: expected u8, found the end of an array or map, at byte 3" },
	{ "a0", &no_map_schema, "user_left is no pair, at byte 0" },
	/* */
	{ "6352 6565", &colour_schema, "colour has no such case, at byte 0" },
	{ "03", &colour_schema, "colour has no such case, at byte 0" },
	{ "20", &colour_schema, "expected colour, found -1, at byte 0" },
	{ "a1 6378 7878 f6", &colour_schema, "colour has no such case, at byte 1" },
	{ "a1 63526564 00", &colour_schema, "Red: expected null, found unsigned 0, at byte 5" },
	{ "a2 63526564 f6 00 f6", &colour_schema, "more than one case, at byte 0" },
	{ "83 63526564 f6 00", &colour_schema, "more than one case, at byte 0" },
	{ "a0", &colour_schema, "expected colour, found map, at byte 0" },
	{ "81 63526564", &colour_schema, "expected a value, found array, at byte 0" },
	{ "6453616964", &server_msg_schema, "Said: has no value, at byte 0" },
	{ "01", &server_msg_schema, "Said: has no value, at byte 0" },
	{ "a1 6453616964 05", &server_msg_schema,
	  "Said: expected text, found unsigned 5, at byte 6" },
	{ "a1 654d6f766564 82 01 ff", &server_msg_schema,
	  "Moved.name: expected text, found the end of an array or map, at byte 9" },
	/* */
	{ "61ff", &actor_text_schema, "text is not UTF-8, at byte 0" },
	{ "62c080", &actor_text_schema, "text is not UTF-8, at byte 0" },
	{ "63eda080", &actor_text_schema, "text is not UTF-8, at byte 0" },
	{ "7f 61c3 ff", &actor_text_schema, "text is not UTF-8, at byte 0" },
	{ "7f 4161 ff", &actor_text_schema,
	  "expected a piece of a string, found bytes, at byte 1" },
	{ "7f 7f ff ff", &actor_text_schema,
	  "expected a piece of a string, found text, at byte 1" },
	{ "7f c0 6161 ff", &actor_text_schema,
	  "expected a piece of a string, found a tag, at byte 1" },
	{ "7f 6161", &actor_text_schema, "ends too early, at byte 3" },
	{ "9f 01", &actor_u8_list_schema, "ends too early, at byte 2" },
	{ "9f c0 ff", &actor_u8_list_schema,
	  "[0]: expected u8, found the end of an array or map, at byte 2" },
	{ "ff", &add_schema, "expected i64, found the end of an array or map, at byte 0" },
	{ "81 ff", &actor_u8_list_schema,
	  "[0]: expected u8, found the end of an array or map, at byte 1" },
	{ "bf 646e69636b ff", &set_nick_schema,
	  "nick: expected text, found the end of an array or map, at byte 6" },
	{ "1c", &add_schema, "no item begins with 0x1c, at byte 0" },
	{ "1f", &add_schema, "no item begins with 0x1f, at byte 0" },
	{ "df00", &add_schema, "no item begins with 0xdf, at byte 0" },
	{ "7f 1f", &actor_text_schema, "no item begins with 0x1f, at byte 1" },
	{ "fc", &add_schema, "no item begins with 0xfc, at byte 0" },
	/* What is skipped is as it should be, too. */
	{ "a2 6178 61ff 646e69636b 63626f62", &set_nick_schema, "text is not UTF-8, at byte 3" },
	{ "a2 6178 bf 01 ff 646e69636b 63626f62", &set_nick_schema,
	  "a key without a value, at byte 5" },
	{ "a2 6178 ff 646e69636b 63626f62", &set_nick_schema,
	  "expected a value, found the end of an array or map, at byte 3" },
	{ "a2 6178 5f 6161 ff 646e69636b 63626f62", &set_nick_schema,
	  "expected a piece of a string, found text, at byte 4" },
	{ "a2 6178 3f 646e69636b 63626f62", &set_nick_schema,
	  "no item begins with 0x3f, at byte 3" },
	/* Lengths. */
	{ "78", &actor_text_schema, "ends too early, at byte 1" },
	{ "7b 0000000000 0000", &actor_text_schema, "ends too early, at byte 8" },
	{ "78 03 61", &actor_text_schema, "3 bytes announced, 1 are there, at byte 0" },
	{ "59 0100", &actor_blob_schema, "256 bytes announced, 0 are there, at byte 0" },
	{ "63 6162", &actor_text_schema, "3 bytes announced, 2 are there, at byte 0" },
	{ "5bffffffffffffffff 00", &actor_blob_schema,
	  "18446744073709551615 bytes announced, 1 are there, at byte 0" },
	{ "7f 7bffffffffffffffff ff", &actor_text_schema,
	  "18446744073709551615 bytes announced, 1 are there, at byte 1" },
	{ "9a000f4240", &actor_unit_list_schema,
	  "1000000 items announced, at most 0 are there, at byte 0" },
	{ "bb8000000000000001 00", &set_nick_schema,
	  "9223372036854775809 items announced, at most 0 are there, at byte 0" },
	{ "a1 6178 bb8000000000000001 00", &user_left_schema,
	  "9223372036854775809 items announced, at most 0 are there, at byte 3" },
};

static void what_is_wrong_is_refused_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		struct actor_why why = { "" };
		union any value;
		int rc;

		memset(&value, 0x5a, sizeof value);
		rc = value_of(wrong[i].schema, wrong[i].bytes, &value, &why);
		if (rc != ACTOR_E_DECODE)
			print_error("accepted: %s\n", wrong[i].bytes);
		assert_int_equal(rc, ACTOR_E_DECODE);
		assert_string_equal(why.text, wrong[i].why);
		assert_int_equal(value_of(wrong[i].schema, wrong[i].bytes, &value, NULL),
				 ACTOR_E_DECODE);
		assert_int_equal(memory_n_live(), 0);
	}
}

static struct user bad_users[] = { { 1, "ann" }, { 2, "\xff" } };
static struct age bad_ages[] = { { "ann", 7 }, { "bob", 8 }, { "\xff", 9 } };

static const struct {
	const struct actor_schema *schema;
	const void *value;
	const char *why;
} none[] = {
	{ OF(colour, (enum colour)3), "colour has no case 3" },
	{ OF(colour, (enum colour) - 1), "colour has no case -1" },
	{ STRUCT(server_msg, .which = 17), "server_msg has no case 17" },
	{ OF(no_map, user_left, 1), "user_left is no pair" },
	{ OF(actor_char32, 0xd800), "0xd800 is no character" },
	{ OF(actor_char32, 0xdfff), "0xdfff is no character" },
	{ OF(actor_char32, 0x110000), "0x110000 is no character" },
	{ OF(actor_text, "\xff"), "text is not UTF-8" },
	{ STRUCT(set_nick, "\xc3"), "nick: text is not UTF-8" },
	{ STRUCT(server_msg, .which = SERVER_SAID, .said = "\xed\xa0\x80"),
	  "Said: text is not UTF-8" },
	{ OF(ages, bad_ages, 3), "[2].name: text is not UTF-8" },
	{ STRUCT(users, { bad_users, 2 }), "[1].name: text is not UTF-8" },
	{ STRUCT(server_msg, .which = SERVER_MOVED, .moved = { 1, "\xff" }),
	  "Moved.name: text is not UTF-8" },
	{ &actor_origin_schema, LITERAL(struct actor_origin, NULL), "origin does not travel" },
};

/* X-02 and the like: what no other side could read is not written, and it is said where it is. */
static void values_that_do_not_exist_are_not_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(none); i++) {
		struct actor_bytes bytes;
		struct actor_why why;

		actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
		actor_bytes_append(&bytes, "abc", 3);
		assert_int_equal(format->ops->encode(format, none[i].schema, none[i].value, &bytes),
				 ACTOR_E_ENCODE);
		assert_int_equal(bytes.n, 3);
		assert_int_equal(bytes.failed, 0);
		actor_bytes_deinit(&bytes);
		format->ops->explain(format, none[i].schema, none[i].value, &why);
		assert_string_equal(why.text, none[i].why);
	}
}

/* ---- what is almost right ---- */

/* Bytes that may be of such a value. If they are, the value is one: it can be written, and what is
 * written is read as the same. */
static void check_some(const struct actor_schema *schema, const uint8_t *bytes, size_t n)
{
	struct actor_why why;
	union any value, again;
	char text[2000];
	uint8_t buffer[1000], *rewritten;
	int rc = format->ops->decode(format, schema, bytes, n, &value, &why);

	if (rc == 0) {
		strcpy(text, hex_of(schema, &value));
		n = hex_bytes(text, buffer, sizeof buffer, &rewritten);
		assert_int_equal(format->ops->decode(format, schema, rewritten, n, &again, &why),
				 0);
		assert_string_equal(hex_of(schema, &again), text);
		actor_schema_drop(schema, &again);
		actor_schema_drop(schema, &value);
	} else {
		assert_int_equal(rc, ACTOR_E_DECODE);
		assert_true(strlen(why.text) > 0);
	}
	assert_int_equal(memory_n_live(), 0);
}

typedef void some_bytes_fn(const struct actor_schema *schema, uint8_t *bytes, size_t n);

static void for_all_that_is_right(some_bytes_fn *function)
{
	uint8_t buffer[2000], *bytes;
	char text[2000];
	struct all all;
	size_t n;

	for (size_t i = 0; i < N_ELEMENTS(values); i++) {
		n = hex_bytes(values[i].bytes, buffer, sizeof buffer, &bytes);
		function(values[i].schema, bytes, n);
	}
	for (size_t i = 0; i < N_ELEMENTS(others); i++) {
		n = hex_bytes(others[i].bytes, buffer, sizeof buffer, &bytes);
		function(others[i].schema, bytes, n);
	}
	all = sample_all();
	strcpy(text, hex_of(&all_schema, &all));
	actor_schema_drop(&all_schema, &all);
	n = hex_bytes(text, buffer, sizeof buffer, &bytes);
	function(&all_schema, bytes, n);
}

static void truncate_at_each(const struct actor_schema *schema, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t buffer[1000], *end = buffer + sizeof buffer - i;
		struct actor_why why;
		union any value;

		memcpy(end, bytes, i); /* what reads further, reads what is not its */
		assert_int_equal(format->ops->decode(format, schema, end, i, &value, &why),
				 ACTOR_E_DECODE);
		/* or what would be right, if it was there */
		assert_int_equal(format->ops->decode(format, schema, bytes, i, &value, &why),
				 ACTOR_E_DECODE);
		assert_int_equal(memory_n_live(), 0);
	}
}

static void no_beginning_of_a_value_is_one(void **state)
{
	(void)state;
	for_all_that_is_right(truncate_at_each);
}

static void corrupt_each(const struct actor_schema *schema, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t right = bytes[i];

		for (unsigned byte = 0; byte < 256; byte++) {
			bytes[i] = (uint8_t)byte;
			check_some(schema, bytes, n);
		}
		bytes[i] = right;
	}
}

static void any_byte_may_be_another(void **state)
{
	(void)state;
	for_all_that_is_right(corrupt_each);
}

static void fail_each(const struct actor_schema *schema, uint8_t *bytes, size_t n)
{
	unsigned nth = 0;
	union any value;
	int rc;

	do {
		struct actor_why why = { "" };

		memory_fail_nth(++nth);
		rc = format->ops->decode(format, schema, bytes, n, &value, &why);
		if (rc < 0) {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			assert_non_null(strstr(why.text, "out of memory"));
			assert_int_equal(memory_n_live(), 0);
		}
	} while (rc < 0);
	assert_int_equal(memory_n_asked(), nth - 1);
	memory_fail_nth(0);
	actor_schema_drop(schema, &value);
	assert_int_equal(memory_n_live(), 0);
}

static void any_allocation_may_fail(void **state)
{
	(void)state;
	for_all_that_is_right(fail_each);
}

static int set_up(void **state)
{
	(void)state;
	format = actor_cbor_format();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_written_and_read),
		cmocka_unit_test(a_frame_is_an_error_or_response_whatever_its_call),
		cmocka_unit_test(a_frame_without_a_payload_is_one),
		cmocka_unit_test(lengths_that_cannot_be_are_refused),
		cmocka_unit_test(another_call_is_written_in_place),
		cmocka_unit_test(what_there_is_no_room_for_shows_at_the_end),
		cmocka_unit_test(values_are_written_as_serde_does),
		cmocka_unit_test(a_value_fits_where_its_bytes_do),
		cmocka_unit_test(a_half_is_written_as_one_and_nothing_else_is),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_others_write_is_read),
		cmocka_unit_test(what_is_wrong_is_refused_with_a_reason),
		cmocka_unit_test(values_that_do_not_exist_are_not_written),
		cmocka_unit_test(no_beginning_of_a_value_is_one),
		cmocka_unit_test(any_byte_may_be_another),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("cbor-vectors", tests, set_up, NULL);
}
