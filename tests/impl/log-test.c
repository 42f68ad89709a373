/* SPDX-License-Identifier: MIT */

/* Where records go, and what the library itself has to say. */

#include "hand.h"
#include "test.h"

#include "log.h"

#include <string.h>
#include <unistd.h>

enum { MOST_RECORDS = 8 };

static struct {
	unsigned n;
	enum actor_log_level levels[MOST_RECORDS];
	char texts[MOST_RECORDS][200];
	char actors[MOST_RECORDS][50];
	char message_types[MOST_RECORDS][50];
} heard;

static void hear(void *user, const struct actor_log_record *record)
{
	unsigned i = heard.n++;

	(void)user;
	if (i >= MOST_RECORDS)
		return;
	heard.levels[i] = record->level;
	snprintf(heard.texts[i], sizeof heard.texts[i], "%s", record->text);
	if (record->actor)
		actor_info_format(record->actor, heard.actors[i], sizeof heard.actors[i]);
	if (record->message_type)
		snprintf(heard.message_types[i], sizeof heard.message_types[i], "%s",
			 record->message_type);
}

static int set_up(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof heard);
	return 0;
}

static int tear_down(void **state)
{
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return test_nothing_held(state);
}

static void say(struct actor_context *context, enum actor_log_level level)
{
	ACTOR_LOG(context, level, "level %d", level);
}

static void a_sink_gets_the_levels_it_wants(void **state)
{
	struct actor_context *context = actor_thread_context();

	(void)state;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_INFO);
	for (int level = ACTOR_LOG_ERROR; level <= ACTOR_LOG_TRACE; level++)
		say(context, (enum actor_log_level)level);
	assert_int_equal(heard.n, 3);
	assert_string_equal(heard.texts[0], "level 1");
	assert_string_equal(heard.texts[2], "level 3");
	assert_string_equal(heard.actors[0], "");
}

static void without_a_sink_nothing_is_said(void **state)
{
	struct actor_context *context = actor_thread_context();

	(void)state;
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_TRACE);
	assert_int_equal(actor__log_level(), ACTOR_LOG_NONE);
	say(context, ACTOR_LOG_ERROR);
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, "said to nobody");
	actor_log_set_sink(hear, NULL, ACTOR_LOG_NONE);
	say(context, ACTOR_LOG_ERROR);
	assert_int_equal(heard.n, 0);
}

static void the_library_is_no_louder_than_wanted(void **state)
{
	(void)state;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_ERROR);
	actor__log_text(ACTOR_LOG_WARNING, NULL, NULL, "not that grave");
	assert_int_equal(heard.n, 0);
	actor__log_text(ACTOR_LOG_ERROR, NULL, "test.type", "grave");
	assert_int_equal(heard.n, 1);
	assert_string_equal(heard.message_types[0], "test.type");
}

static int say_info(struct actor_context *context, void *user)
{
	(void)user;
	say(context, ACTOR_LOG_INFO);
	return 0;
}

static int fall(struct actor_context *context, void *user)
{
	ACTOR_FAIL(context, user);
}

static void records_say_whose_they_are(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;
	char who[50];
	struct actor_info info;

	(void)state;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_INFO);
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	info = actor_address_info(hand.address);
	actor_info_format(&info, who, sizeof who);
	assert_int_equal(hand_send(NULL, hand, say_info, NULL), 0);
	assert_int_equal(hand_send(NULL, hand, fall, "as it was told"), 0);
	assert_int_equal(actor_local_run(executor), 0);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_destroy(executor), 0);

	assert_int_equal(heard.n, 2);
	assert_string_equal(heard.texts[0], "level 3");
	assert_string_equal(heard.actors[0], who);
	assert_int_equal(heard.levels[1], ACTOR_LOG_ERROR);
	assert_string_equal(heard.texts[1], "as it was told");
	assert_string_equal(heard.actors[1], who);
	assert_string_equal(heard.message_types[1], "test.job");
}

static void conflicting_declarations_are_errors(void **state)
{
	struct actor_message_type other = job_type;
	struct actor_executor *executor;
	union hand_address hand;
	char message[sizeof(struct job) + 1] = { 0 };

	(void)state;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_ERROR);
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	other.message_size++;
	assert_int_equal(actor_try_send(hand.address, &other, message), ACTOR_E_UNHANDLED);
	assert_int_equal(heard.n, 1);
	assert_string_equal(heard.message_types[0], "test.job");
	other.name = "test.unknown"; /* simply not handled: that is the sender's affair */
	assert_int_equal(actor_try_send(hand.address, &other, message), ACTOR_E_UNHANDLED);
	assert_int_equal(heard.n, 1);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(executor), 0);
}

static void stderr_gets_a_line_a_record(void **state)
{
	struct actor_log_record record = { .size = sizeof record,
					   .level = ACTOR_LOG_WARNING,
					   .text = "something is odd" };
	char text[200], expected[200];
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t n;

	(void)state;
	actor_log_format(&record, expected, sizeof expected - 1);
	strcat(expected, "\n");
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	actor_log_set_sink(actor_log_to_stderr, NULL, ACTOR_LOG_WARNING);
	actor__log(&record);
	dup2(before, STDERR_FILENO);
	n = read(ends[0], text, sizeof text - 1);
	close(before);
	close(ends[0]);
	close(ends[1]);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(a_sink_gets_the_levels_it_wants),
		LOG_TEST(without_a_sink_nothing_is_said),
		LOG_TEST(the_library_is_no_louder_than_wanted),
		LOG_TEST(records_say_whose_they_are),
		LOG_TEST(conflicting_declarations_are_errors),
		LOG_TEST(stderr_gets_a_line_a_record),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
