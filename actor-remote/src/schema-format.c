/* SPDX-License-Identifier: MIT */

/* Values in words: what is on the wire, as people write it. */

#include "utf8.h"
#include "value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Where the text goes, and how long all of it would be. */
struct printer {
	char *buffer;
	size_t n_buffer;
	size_t n;
};

static void print_value(struct printer *printer, const struct actor_schema *schema,
			const void *value);

ACTOR__PRINTF(2, 3) static void print(struct printer *printer, const char *format, ...)
{
	size_t n = printer->n < printer->n_buffer ? printer->n : printer->n_buffer;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(printer->buffer + n, printer->n_buffer - n, format, arguments);
	va_end(arguments);
	printer->n += length > 0 ? (size_t)length : 0;
}

static void print_escaped(struct printer *printer, const char *text)
{
	print(printer, "\"");
	for (; text && *text; text++) {
		if (*text == '"' || *text == '\\')
			print(printer, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || *text == 0x7f)
			print(printer, "\\u%04x", *text);
		else
			print(printer, "%c", *text);
	}
	print(printer, "\"");
}

static void print_char(struct printer *printer, uint64_t character)
{
	char text[5] = "";

	if (!actor__char_is_valid(character)) {
		print(printer, "0x%" PRIx64, character);
		return;
	}
	text[actor__utf8_put((uint8_t *)text, (uint32_t)character)] = '\0';
	if (character == 0)
		print(printer, "\"\\u0000\"");
	else
		print_escaped(printer, text);
}

static void print_blob(struct printer *printer, const struct actor_blob *blob)
{
	size_t i;

	print(printer, "h'");
	for (i = 0; i < blob->n; i++)
		print(printer, "%02x", blob->data[i]);
	print(printer, "'");
}

static void print_each(struct printer *printer, const struct actor_schema *element,
		       const uint8_t *values, size_t n)
{
	size_t i;

	print(printer, "[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			print(printer, ", ");
		print_value(printer, element, values + i * element->value_size);
	}
	print(printer, "]");
}

static void print_members(struct printer *printer, const struct actor_schema *schema,
			  const uint8_t *value)
{
	bool named = schema->kind == ACTOR_KIND_STRUCT;
	const struct actor_member *member = schema->members, *end = member + schema->n_members;
	const char *separator = "";

	print(printer, named ? "{" : "[");
	for (; member < end; member++) {
		if (!actor__member_travels(member))
			continue;
		print(printer, "%s", separator);
		separator = ", ";
		if (named) {
			print_escaped(printer, member->name);
			print(printer, ": ");
		}
		print_value(printer, member->schema, value + member->offset);
	}
	print(printer, named ? "}" : "]");
}

static void print_map(struct printer *printer, const struct actor_schema *pair,
		      struct actor__items map)
{
	const struct actor_member *members = pair->members;
	const uint8_t *value = map.items;
	size_t i;

	print(printer, "{");
	for (i = 0; i < map.n && actor__is_pair(pair); i++, value += pair->value_size) {
		if (i > 0)
			print(printer, ", ");
		print_value(printer, members[0].schema, value + members[0].offset);
		print(printer, ": ");
		print_value(printer, members[1].schema, value + members[1].offset);
	}
	print(printer, "}");
}

static void print_case(struct printer *printer, const struct actor_schema *schema,
		       const uint8_t *value)
{
	const struct actor_member *member = actor__case_get(schema, value);

	if (!member) {
		print(printer, "%s %d", schema->name, actor__number_get(value));
		return;
	}
	if (!member->schema) {
		print_escaped(printer, member->name);
		return;
	}
	print(printer, "{");
	print_escaped(printer, member->name);
	print(printer, ": ");
	print_value(printer, member->schema, value + member->offset);
	print(printer, "}");
}

static void print_optional(struct printer *printer, const struct actor_schema *element,
			   const void *value)
{
	if (value)
		print_value(printer, element, value);
	else
		print(printer, "null");
}

static void print_value(struct printer *printer, const struct actor_schema *schema,
			const void *value)
{
	const struct actor_member *inner;
	size_t size = schema->value_size;
	struct actor__items list;

	switch (schema->kind) {
	case ACTOR_KIND_UNIT:
	case ACTOR_KIND_ORIGIN:
		print(printer, "null");
		break;
	case ACTOR_KIND_BOOL:
		print(printer, "%s", *(const uint8_t *)value ? "true" : "false");
		break;
	case ACTOR_KIND_SIGNED:
		print(printer, "%" PRId64, actor__signed_get(value, size));
		break;
	case ACTOR_KIND_UNSIGNED:
		print(printer, "%" PRIu64, actor__unsigned_get(value, size));
		break;
	case ACTOR_KIND_FLOAT:
		print(printer, "%.*g", size == sizeof(float) ? 9 : 17,
		      actor__float_get(value, size));
		break;
	case ACTOR_KIND_CHAR:
		print_char(printer, actor__unsigned_get(value, size));
		break;
	case ACTOR_KIND_TEXT:
		print_escaped(printer, actor__pointer_get(value));
		break;
	case ACTOR_KIND_BYTES:
		print_blob(printer, value);
		break;
	case ACTOR_KIND_OPTIONAL:
		print_optional(printer, schema->element, actor__pointer_get(value));
		break;
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
		print_members(printer, schema, value);
		break;
	case ACTOR_KIND_ARRAY:
		print_each(printer, schema->element, value, schema->n_elements);
		break;
	case ACTOR_KIND_LIST:
		list = actor__items_get(value);
		print_each(printer, schema->element, list.items, list.n);
		break;
	case ACTOR_KIND_MAP:
		print_map(printer, schema->element, actor__items_get(value));
		break;
	case ACTOR_KIND_ENUM:
	case ACTOR_KIND_VARIANT:
		print_case(printer, schema, value);
		break;
	case ACTOR_KIND_NEWTYPE:
		inner = &schema->members[0];
		print_value(printer, inner->schema, (const uint8_t *)value + inner->offset);
		break;
	}
}

int actor_schema_format(const struct actor_schema *schema, const void *value, char *buffer,
			size_t n_buffer)
{
	struct printer printer = { buffer, n_buffer, 0 };

	print_value(&printer, schema, value);
	return (int)printer.n;
}
