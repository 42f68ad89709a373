/* SPDX-License-Identifier: MIT */

/* log.h: a record as a line of text. */

#include "test.h"

static const struct actor_info savings = {
	.identity = { &savings, 3 },
	.name = "savings",
	.type = "account",
};

static void levels_have_names(void **state)
{
	(void)state;
	assert_string_equal(actor_log_level_name(ACTOR_LOG_NONE), "none");
	assert_string_equal(actor_log_level_name(ACTOR_LOG_ERROR), "error");
	assert_string_equal(actor_log_level_name(ACTOR_LOG_WARNING), "warning");
	assert_string_equal(actor_log_level_name(ACTOR_LOG_INFO), "info");
	assert_string_equal(actor_log_level_name(ACTOR_LOG_DEBUG), "debug");
	assert_string_equal(actor_log_level_name(ACTOR_LOG_TRACE), "trace");
	assert_string_equal(actor_log_level_name((enum actor_log_level)6), "none");
}

static void assert_formatted(const struct actor_log_record *record, const char *expected)
{
	char text[2000];

	assert_int_equal(actor_log_format(record, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
}

static void record_says_what_it_knows(void **state)
{
	struct actor_info unnamed = savings;
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_WARNING,
		.text = "negative",
	};

	(void)state;
	unnamed.name = "";
	assert_formatted(&record, "warning negative");
	record.message_type = "bank.deposit";
	assert_formatted(&record, "warning bank.deposit: negative");
	record.file = "bank.c";
	record.line = 12;
	assert_formatted(&record, "warning bank.deposit: negative (bank.c:12)");
	record.actor = &unnamed;
	assert_formatted(&record, "warning actor{id=3 type=\"account\"} bank.deposit: negative "
				  "(bank.c:12)");
	record.actor = &savings;
	assert_formatted(&record, "warning actor{id=3 type=\"account\" a_name=\"savings\"} "
				  "bank.deposit: negative (bank.c:12)");
	record.message_type = NULL;
	record.file = NULL;
	assert_formatted(&record,
			 "warning actor{id=3 type=\"account\" a_name=\"savings\"} negative");
}

/* Names and paths have no limit, and none swallows what comes after it. */
static void nothing_is_too_long_for_a_line(void **state)
{
	char name[300], type[300], path[300], expected[2000];
	struct actor_info actor = { { name, 3 }, name, type };
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.actor = &actor,
		.message_type = "bank.deposit",
		.file = path,
		.line = 12,
		.text = "negative",
	};

	(void)state;
	memset(name, 'n', sizeof name);
	memset(type, 't', sizeof type);
	memset(path, 'p', sizeof path);
	name[299] = type[299] = path[299] = '\0';
	snprintf(expected, sizeof expected,
		 "error actor{id=3 type=\"%s\" a_name=\"%s\"} bank.deposit: negative (%s:12)", type,
		 name, path);
	assert_formatted(&record, expected);
}

/* Through a pointer, or compilers warn of what this is about. */
static int (*volatile const format)(const struct actor_log_record *record, char *buffer,
				    size_t n_buffer) = actor_log_format;

static void text_that_does_not_fit_is_cut_and_terminated(void **state)
{
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.text = "negative",
	};
	char text[] = "xxxxxxxxxxxxx";

	(void)state;
	assert_int_equal(format(&record, text, 9), 14);
	assert_string_equal(text, "error ne");
	assert_int_equal(text[9], 'x');
	assert_int_equal(format(&record, NULL, 0), 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(record_says_what_it_knows),
		cmocka_unit_test(nothing_is_too_long_for_a_line),
		cmocka_unit_test(text_that_does_not_fit_is_cut_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
