/* SPDX-License-Identifier: MIT */

/* error.h: statuses in words, and the detail of an error as a line of text. */

#include "test.h"

#define ROW(status, text)                                                                          \
	{                                                                                          \
		status, #status, text                                                              \
	}
static const struct {
	int status;
	const char *name;
	const char *text;
} statuses[] = {
	ROW(ACTOR_OK, "success"),
	ROW(ACTOR_PENDING, "no answer yet"),
	ROW(ACTOR_E_FULL, "mailbox is full"),
	ROW(ACTOR_E_CLOSED, "mailbox is closed"),
	ROW(ACTOR_E_UNHANDLED, "actor does not handle this message type"),
	ROW(ACTOR_E_NOMEM, "out of memory"),
	ROW(ACTOR_E_INVALID, "invalid argument or state"),
	ROW(ACTOR_E_STOPPED, "actor stopped before it answered"),
	ROW(ACTOR_E_TIMEOUT, "no answer before the deadline"),
	ROW(ACTOR_E_CANCELLED, "waiting actor was cancelled"),
	ROW(ACTOR_E_DEADLOCK, "waiting would deadlock"),
	ROW(ACTOR_E_ABANDONED, "nobody waits for the answer"),
	ROW(ACTOR_E_BUSY, "in use"),
	ROW(ACTOR_E_UNSUPPORTED, "not supported by this implementation"),
	ROW(ACTOR_E_NOSUSPEND, "this context cannot wait"),
	ROW(ACTOR_E_SYSTEM, "operating system error"),
	ROW(ACTOR_E_TOO_BIG, "message is too big"),
	ROW(ACTOR_E_ENCODE, "message cannot be encoded"),
	ROW(ACTOR_E_DECODE, "message cannot be decoded"),
	ROW(ACTOR_E_DISCONNECTED, "connection ended before the answer came"),
	ROW(ACTOR_E_PROTOCOL, "protocol violated"),
	ROW(ACTOR_E_OVERLOAD, "overloaded"),
	ROW(ACTOR_E_UNTRUSTED, "the other side is not trusted"),
	ROW(ACTOR_E_HANDSHAKE, "no secure connection"),
	ROW(ACTOR_E_UNREACHABLE, "there is no connection, nothing was sent"),
	ROW(ACTOR_E_REMOTE_UNKNOWN_SERVICE, "nobody serves that at the other side"),
	ROW(ACTOR_E_REMOTE_DECODE, "the other side cannot decode the message"),
	ROW(ACTOR_E_REMOTE_FAILED, "the other side failed to answer"),
	ROW(ACTOR_E_REMOTE_NO_CALLS, "the other side takes no calls for that"),
	ROW(ACTOR_E_REMOTE_PROTOCOL, "the other side says that the protocol was violated"),
};

static void every_status_has_its_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEMENTS(statuses); i++)
		assert_string_equal(actor_strerror(statuses[i].status), statuses[i].text);
}

static void every_status_has_its_name(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEMENTS(statuses); i++)
		assert_string_equal(actor_error_name(statuses[i].status), statuses[i].name);
	assert_string_equal(actor_error_name(-1), "error");
	assert_string_equal(actor_error_name(-10001), "error"); /* a program's own */
	assert_string_equal(actor_error_name(7), "ACTOR_OK");	/* a count */
}

/* So that a status that is added is added here, too: abi/ has them all. */
static void every_status_is_in_this_test(void **state)
{
	size_t n_known = 1; /* success */
	int status;

	(void)state;
	for (status = -10000; status < 0; status++)
		n_known += strcmp(actor_strerror(status), "unknown error") != 0;
	for (status = 1; status < 10000; status++)
		n_known += strcmp(actor_strerror(status), "success") != 0;
	assert_int_equal(n_known, N_ELEMENTS(statuses));
}

static void unknown_status_is_an_error_when_negative(void **state)
{
	(void)state;
	assert_string_equal(actor_strerror(-1), "unknown error");
	assert_string_equal(actor_strerror(INT32_MIN), "unknown error");
	assert_string_equal(actor_strerror(7), "success");
	assert_string_equal(actor_strerror(INT32_MAX), "success");
}

static void text_is_copied_as_far_as_it_fits(void **state)
{
	char text[4];

	(void)state;
	actor__copy_text(text, sizeof text, "abc");
	assert_string_equal(text, "abc");
	actor__copy_text(text, sizeof text, "abcd");
	assert_string_equal(text, "abc");
	actor__copy_text(text, sizeof text, "");
	assert_string_equal(text, "");
	actor__copy_text(text, sizeof text, NULL);
	assert_string_equal(text, "");
}

static void assert_formatted(const struct actor_error *error, const char *expected)
{
	char text[400];

	assert_int_equal(actor_error_format(error, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
}

/* C-07, C-10 */
static void detail_says_message_and_actor_when_there_are_any(void **state)
{
	struct actor_error error = { .code = ACTOR_E_CLOSED };

	(void)state;
	assert_formatted(&error, "mailbox is closed");
	strcpy(error.message_type, "bank.deposit");
	assert_formatted(&error, "bank.deposit: mailbox is closed");
	error.identity = (struct actor_identity){ &error, 3 };
	strcpy(error.actor_type, "account");
	assert_formatted(&error, "bank.deposit: mailbox is closed. For actor: account: id=3");
	strcpy(error.actor_name, "savings");
	assert_formatted(&error,
			 "bank.deposit: mailbox is closed. For actor: account: id=3, name=savings");
	error.message_type[0] = '\0';
	assert_formatted(&error, "mailbox is closed. For actor: account: id=3, name=savings");
}

static void actor_without_a_domain_is_none(void **state)
{
	struct actor_error error = { .code = ACTOR_E_FULL, .identity = { NULL, 3 } };

	(void)state;
	strcpy(error.actor_type, "account");
	assert_formatted(&error, "mailbox is full");
}

/* The longest that fit in the struct are shown in full. */
static void longest_names_are_shown(void **state)
{
	struct actor_error error = { .code = ACTOR_E_UNHANDLED,
				     .identity = { &error, UINT64_MAX } };
	char expected[400];

	(void)state;
	memset(error.actor_name, 'n', sizeof error.actor_name - 1);
	memset(error.actor_type, 't', sizeof error.actor_type - 1);
	memset(error.message_type, 'm', sizeof error.message_type - 1);
	snprintf(expected, sizeof expected,
		 "%s: actor does not handle this message type. For actor: %s: "
		 "id=18446744073709551615, name=%s",
		 error.message_type, error.actor_type, error.actor_name);
	assert_formatted(&error, expected);
}

/* Through a pointer, or compilers warn of what this is about. */
static int (*volatile const format)(const struct actor_error *error, char *buffer,
				    size_t n_buffer) = actor_error_format;

static void text_that_does_not_fit_is_cut_and_terminated(void **state)
{
	struct actor_error error = { .code = ACTOR_E_CLOSED };
	char text[] = "xxxxxxxxxxxxx";

	(void)state;
	assert_int_equal(format(&error, text, 8), 17);
	assert_string_equal(text, "mailbox");
	assert_int_equal(text[8], 'x');
	assert_int_equal(format(&error, NULL, 0), 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_words),
		cmocka_unit_test(every_status_has_its_name),
		cmocka_unit_test(every_status_is_in_this_test),
		cmocka_unit_test(unknown_status_is_an_error_when_negative),
		cmocka_unit_test(text_is_copied_as_far_as_it_fits),
		cmocka_unit_test(detail_says_message_and_actor_when_there_are_any),
		cmocka_unit_test(actor_without_a_domain_is_none),
		cmocka_unit_test(longest_names_are_shown),
		cmocka_unit_test(text_that_does_not_fit_is_cut_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
