/* SPDX-License-Identifier: MIT */

/* What schemas are good for beside the wire: releasing, copying, printing, message types. */

#include "test.h"

#include "hex.h"
#include "memory.h"
#include "origin.h"
#include "sample.h"

#include <stdlib.h>
#include <string.h>

ACTOR_MESSAGE(set_nick, struct actor_unit);
ACTOR_MESSAGE_DEFINE_WITH_COPY(set_nick, "chat.set_nick", set_nick_schema_drop,
			       set_nick_schema_copy, actor_unit_schema_drop);

static const struct actor_schema *const samples[] = {
	&add_schema,	    &show_schema,
	&set_nick_schema,   &user_schema,
	&users_schema,	    &colour_schema,
	&outcome_schema,    &tree_schema,
	&server_msg_schema, &chain_schema,
	&knot_schema,	    &rgb_schema,
	&actor_text_schema, &actor_blob_list_schema,
	&all_schema,
};

static void what_is_zero_owns_nothing(void **state)
{
	struct all zero;

	(void)state;
	memset(&zero, 0, sizeof zero);
	for (size_t i = 0; i < N_ELEMENTS(samples); i++) {
		struct all copy;

		memset(&copy, 0x5a, sizeof copy);
		actor_schema_drop(samples[i], &zero);
		assert_int_equal(actor_schema_copy(samples[i], &copy, &zero), 0);
		for (size_t j = 0; j < samples[i]->value_size; j++)
			assert_int_equal(((unsigned char *)&copy)[j], 0);
		actor_schema_drop(samples[i], &copy);
	}
	assert_int_equal(memory_n_live(), 0);
}

static void what_is_dropped_is_zero(void **state)
{
	struct all all = sample_all();

	(void)state;
	assert_true(memory_n_live() > 0);
	actor_schema_drop(&all_schema, &all);
	assert_int_equal(memory_n_live(), 0);
	for (size_t i = 0; i < sizeof all; i++)
		assert_int_equal(((unsigned char *)&all)[i], 0);
	actor_schema_drop(&all_schema, &all);
}

static void a_copy_is_of_its_own(void **state)
{
	struct all all = sample_all(), copy;
	char text[2000];

	(void)state;
	memset(&copy, 0x5a, sizeof copy);
	strcpy(text, hex_of(&all_schema, &all));
	assert_int_equal(actor_schema_copy(&all_schema, &copy, &all), 0);
	assert_ptr_not_equal(copy.text, all.text);
	assert_ptr_not_equal(copy.maybe_rgb, all.maybe_rgb);
	assert_ptr_not_equal(copy.texts.items, all.texts.items);
	actor_schema_drop(&all_schema, &all);
	assert_string_equal(hex_of(&all_schema, &copy), text);
	assert_int_equal(copy.private, 0); /* as if it had travelled */
	actor_schema_drop(&all_schema, &copy);
	assert_int_equal(memory_n_live(), 0);
}

static void each_case_is_copied_and_dropped(void **state)
{
	static const char *const cases[] = {
		"a168557365724c656674a26474696d651a6553f1006373696403",
		"a16453616964626869",
		"67436c6f73696e67",
		"a1654d6f766564820163616e6e",
		"63466172",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct server_msg value, copy;

		assert_int_equal(value_of(&server_msg_schema, cases[i], &value, NULL), 0);
		assert_int_equal(actor_schema_copy(&server_msg_schema, &copy, &value), 0);
		actor_schema_drop(&server_msg_schema, &value);
		assert_string_equal(hex_of(&server_msg_schema, &copy), cases[i]);
		actor_schema_drop(&server_msg_schema, &copy);
	}
	assert_int_equal(memory_n_live(), 0);
}

/* A number without a case owns nothing that anybody knows of. */
static void what_is_no_case_is_left_alone(void **state)
{
	struct server_msg value = { .which = 77, .said = (char *)1 }, copy;
	enum colour colour = (enum colour)5, other;
	char text[50];

	(void)state;
	assert_int_equal(actor_schema_copy(&server_msg_schema, &copy, &value), 0);
	assert_int_equal(copy.which, 77);
	assert_null(copy.said);
	actor_schema_format(&server_msg_schema, &value, text, sizeof text);
	assert_string_equal(text, "server_msg 77");
	actor_schema_drop(&server_msg_schema, &value);
	assert_int_equal(actor_schema_copy(&colour_schema, &other, &colour), 0);
	assert_int_equal(other, 5);
}

static void any_allocation_of_a_copy_may_fail(void **state)
{
	struct all all = sample_all(), copy, before;
	long n_live = memory_n_live();
	unsigned nth = 0;
	int rc;

	(void)state;
	memset(&copy, 0x5a, sizeof copy);
	memcpy(&before, &copy, sizeof copy);
	do {
		memory_fail_nth(++nth);
		rc = actor_schema_copy(&all_schema, &copy, &all);
		if (rc < 0) {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			assert_memory_equal(&copy, &before, sizeof copy);
			assert_int_equal(memory_n_live(), n_live);
		}
	} while (rc < 0);
	assert_true(nth > n_live);
	memory_fail_nth(0);
	actor_schema_drop(&all_schema, &copy);
	actor_schema_drop(&all_schema, &all);
	assert_int_equal(memory_n_live(), 0);
}

static void a_message_type_has_what_it_needs(void **state)
{
	struct set_nick message = { sample_text("bob") }, copy;

	(void)state;
	assert_int_equal(actor_message_copy(&set_nick_type, &copy, &message), 0);
	actor_message_drop(&set_nick_type, &message);
	assert_string_equal(copy.nick, "bob");
	actor_message_drop(&set_nick_type, &copy);
	assert_null(copy.nick);
	assert_int_equal(memory_n_live(), 0);
}

static void a_value_in_words(void **state)
{
	static const char words[] =
		"{\"unit\": null, \"yes\": true, \"i8\": -128, \"i16\": -300, \"i32\": "
		"-2147483648, \"i64\": -9223372036854775808, \"u8\": 255, \"u16\": 65535, "
		"\"u32\": 100000, \"u64\": 18446744073709551615, \"f32\": 1.5, \"f64\": "
		"0.10000000000000001, \"letter\": \"\xf0\x9f\x98\x80\", \"text\": \"s\\\"\\\\ "
		"\xc3\xa9\", \"blob\": h'00ff', \"some\": 24, \"none\": null, \"texts\": [\"a\", "
		"\"\"], \"id\": {\"inner\": {\"id\": 7}}, \"rgb\": [1, 2, 3], \"maybe_rgb\": [0, "
		"0, 9], \"colour\": \"Blue\", \"more-colours\": [\"Red\", \"Green\"], "
		"\"server_msg\": {\"Said\": \"hello\"}, \"user\": [1, \"ann\"]}";
	struct all all = sample_all();
	char text[2000];

	(void)state;
	assert_int_equal(actor_schema_format(&all_schema, &all, text, sizeof text),
			 sizeof words - 1);
	assert_string_equal(text, words);
	assert_int_equal(actor_schema_format(&all_schema, &all, NULL, 0), sizeof words - 1);
	for (size_t n = 1; n < sizeof words; n++) {
		memset(text, 'z', sizeof text);
		assert_int_equal(actor_schema_format(&all_schema, &all, text, n), sizeof words - 1);
		assert_int_equal(strlen(text), n - 1);
		assert_memory_equal(text, words, n - 1);
		assert_int_equal(text[n], 'z');
	}
	actor_schema_drop(&all_schema, &all);
}

static void a_map_in_words(void **state)
{
	struct age_list ages, copy;
	char text[50];

	(void)state;
	assert_int_equal(value_of(&ages_schema, "a263616e6e0763626f6218c8", &ages, NULL), 0);
	assert_int_equal(actor_schema_copy(&ages_schema, &copy, &ages), 0);
	actor_schema_drop(&ages_schema, &ages);
	actor_schema_format(&ages_schema, &copy, text, sizeof text);
	assert_string_equal(text, "{\"ann\": 7, \"bob\": 200}");
	actor_schema_drop(&ages_schema, &copy);
	assert_int_equal(memory_n_live(), 0);
}

static void characters_that_cannot_be_shown_are_escaped(void **state)
{
	static const struct {
		uint32_t character;
		const char *words;
	} some[] = { { 0, "\"\\u0000\"" },    { 0x1f, "\"\\u001f\"" }, { 0x7f, "\"\\u007f\"" },
		     { '"', "\"\\\"\"" },     { 'a', "\"a\"" },	       { 0xd800, "0xd800" },
		     { 0x110000, "0x110000" } };
	char text[50];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(some); i++) {
		actor_schema_format(&actor_char32_schema, &some[i].character, text, sizeof text);
		assert_string_equal(text, some[i].words);
	}
}

static void an_origin_is_found(void **state)
{
	struct all all;
	struct show show;
	struct add add;

	(void)state;
	assert_ptr_equal(actor__origin_of(&all_schema, &all), &all.from);
	assert_ptr_equal(actor__origin_of(&show_schema, &show), &show.from);
	assert_ptr_equal(actor__origin_of(&add_schema, &add), &add.from);
	for (size_t i = 2; i < N_ELEMENTS(samples) - 1; i++)
		assert_null(actor__origin_of(samples[i], &all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_zero_owns_nothing),
		cmocka_unit_test(what_is_dropped_is_zero),
		cmocka_unit_test(a_copy_is_of_its_own),
		cmocka_unit_test(each_case_is_copied_and_dropped),
		cmocka_unit_test(what_is_no_case_is_left_alone),
		cmocka_unit_test(any_allocation_of_a_copy_may_fail),
		cmocka_unit_test(a_message_type_has_what_it_needs),
		cmocka_unit_test(a_value_in_words),
		cmocka_unit_test(a_map_in_words),
		cmocka_unit_test(characters_that_cannot_be_shown_are_escaped),
		cmocka_unit_test(an_origin_is_found),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
