/* SPDX-License-Identifier: MIT */

/*
 * wire-tool - says what bytes are, one line for each line that it reads
 *
 *	value TYPE HEX         OK HEX TEXT    the value written again, and in words
 *	frame HEX              OK KIND SERVICE CALL HEX
 *	error HEX              OK TEXT
 *	id NAMESPACE TYPE      OK ID
 *
 * or NO and why not. Blanks in names of types are written as underscores.
 */

#include "hex.h"
#include "sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const struct actor_schema *schema;
} types[] = {
	{ "unit", &actor_unit_schema },
	{ "bool", &actor_bool_schema },
	{ "i8", &actor_i8_schema },
	{ "i16", &actor_i16_schema },
	{ "i32", &actor_i32_schema },
	{ "i64", &actor_i64_schema },
	{ "u8", &actor_u8_schema },
	{ "u16", &actor_u16_schema },
	{ "u32", &actor_u32_schema },
	{ "u64", &actor_u64_schema },
	{ "f32", &actor_f32_schema },
	{ "f64", &actor_f64_schema },
	{ "char", &actor_char32_schema },
	{ "text", &actor_text_schema },
	{ "bytes", &actor_blob_schema },
	{ "id", &actor_id_schema },
	{ "optional_u64", &actor_u64_optional_schema },
	{ "optional_text", &actor_text_optional_schema },
	{ "list_of_u8", &actor_u8_list_schema },
	{ "list_of_i64", &actor_i64_list_schema },
	{ "list_of_f64", &actor_f64_list_schema },
	{ "list_of_text", &actor_text_list_schema },
	{ "list_of_bytes", &actor_blob_list_schema },
	{ "Add", &add_schema },
	{ "Show", &show_schema },
	{ "SetNick", &set_nick_schema },
	{ "User", &user_schema },
	{ "Users", &users_schema },
	{ "Ages", &ages_schema },
	{ "Colour", &colour_schema },
	{ "Time", &user_left_schema },
	{ "ServerMsg", &server_msg_schema },
	{ "Outcome", &outcome_schema },
	{ "Tree", &tree_schema },
};
enum { N_TYPES = sizeof types / sizeof types[0] };

static void say_value(const char *type, const char *text)
{
	struct actor_why why;
	static char words[1 << 16];
	union {
		uint64_t number;
		struct server_msg server_msg;
		struct tree tree;
	} value;

	for (size_t i = 0; i < N_TYPES; i++) {
		if (strcmp(types[i].name, type) != 0)
			continue;
		if (value_of(types[i].schema, text, &value, &why) < 0) {
			printf("NO %s\n", why.text);
			return;
		}
		actor_schema_format(types[i].schema, &value, words, sizeof words);
		printf("OK %s %s\n", hex_of(types[i].schema, &value), words);
		actor_schema_drop(types[i].schema, &value);
		return;
	}
	printf("NO such type: %s\n", type);
}

static void say_frame(const char *text)
{
	static const char *const kinds[] = { "", "error", "response", "send", "call" };
	const struct actor_wire_format *format = actor_cbor_format();
	static uint8_t buffer[1 << 16];
	struct actor_frame frame;
	uint64_t n_frame = 0;
	uint8_t *bytes;
	size_t n = hex_bytes(text, buffer, sizeof buffer, &bytes);

	if (format->ops->length(format, bytes, n, &n_frame) != 0 || n_frame != n ||
	    format->ops->parse(format, bytes, n, &frame) != 0)
		printf("NO frame\n");
	else
		printf("OK %s 0x%016" PRIx64 " %" PRIu64 " %s\n", kinds[actor_frame_kind(&frame)],
		       frame.service, frame.call, hex_text(frame.payload, frame.n_payload));
}

static void say_error(const char *text)
{
	const struct actor_wire_format *format = actor_cbor_format();
	static uint8_t buffer[1 << 16];
	struct actor_wire_error error;
	struct actor_why why;
	char words[300];
	uint8_t *bytes;
	size_t n = hex_bytes(text, buffer, sizeof buffer, &bytes);

	if (format->ops->decode_error(format, bytes, n, &error, &why) < 0) {
		printf("NO %s\n", why.text);
		return;
	}
	actor_wire_error_format(&error, words, sizeof words);
	printf("OK %s\n", words);
}

int main(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof line, stdin)) {
		const char *command = strtok(line, " \n");
		const char *first = strtok(NULL, " \n");
		const char *second = strtok(NULL, " \n");

		if (command && strcmp(command, "value") == 0 && first)
			say_value(first, second ? second : "");
		else if (command && strcmp(command, "frame") == 0 && first)
			say_frame(first);
		else if (command && strcmp(command, "error") == 0 && first)
			say_error(first);
		else if (command && strcmp(command, "id") == 0 && second)
			printf("OK 0x%016" PRIx64 "\n", actor_service_id(first, second));
		else
			printf("NO such command\n");
	}
	return 0;
}
