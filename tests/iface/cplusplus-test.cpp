/* SPDX-License-Identifier: MIT */

/*
 * An actor in C++, with handlers of each kind, that is called from C++ and calls an actor in C
 * (bank.c) through the declarations that both share.
 */

#include "bank.h"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" {
#include "local-fixture.h"

#include <cmocka.h>
}

struct append {
	char letter;
};
struct wait_for {
	std::size_t n_letters;
};
struct save {
	int64_t cents;
};
struct scare {
	int unused;
};
ACTOR_MESSAGE(append, int);
ACTOR_MESSAGE(wait_for, char);
ACTOR_MESSAGE(save, balance);
ACTOR_SIGNAL(scare);
ACTOR_MESSAGE_DEFINE(append, "test.append", NULL, NULL);
ACTOR_MESSAGE_DEFINE(wait_for, "test.wait_for", NULL, NULL);
ACTOR_MESSAGE_DEFINE(save, "test.save", NULL, NULL);
ACTOR_SIGNAL_DEFINE(scare, "test.scare", NULL);

#define WRITER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, append)                                                                            \
	CALL(X, wait_for)                                                                          \
	CALL(X, save)                                                                              \
	SEND(X, scare)
ACTOR_DECLARE(writer, WRITER_MESSAGES);

struct writer {
	std::string text;
	std::size_t wanted;
	wait_for_reply later;
	deposit_recipient bank;
};

/* What happened to the writer of this test: started, stopped, destroyed. */
static std::string events;

static int writer_on_append(writer *self, append *message, actor_context *context)
{
	(void)context;
	self->text += message->letter;
	if (self->text.size() == self->wanted)
		(void)wait_for_reply_answer(&self->later, self->text.back());
	return static_cast<int>(self->text.size());
}

static void writer_on_wait_for(writer *self, wait_for *message, wait_for_pending pending,
			       actor_context *context)
{
	(void)context;
	self->later = wait_for_reply_take(pending);
	self->wanted = message->n_letters;
}

static balance writer_on_save(writer *self, save *message, actor_context *context)
{
	struct deposit deposit = { message->cents };
	struct balance balance = { -1 };

	if (ACTOR_CALL(context, self->bank, deposit, &balance, &deposit) < 0)
		ACTOR_FAIL(context, "the bank is closed");
	return balance;
}

static void writer_on_scare(writer *self, scare *message, actor_context *context)
{
	(void)self, (void)message;
	ACTOR_FAIL(context, "scared");
}

static void writer_started(writer *self, actor_context *context)
{
	(void)self, (void)context;
	events += "a";
}

static void writer_stopped(writer *self, actor_context *context)
{
	(void)self, (void)context;
	events += "o";
}

static void writer_destroy(writer *self)
{
	wait_for_reply_refuse(&self->later, ACTOR_E_STOPPED);
	events += "d";
	delete self;
}

ACTOR_DEFINE(writer, WRITER_MESSAGES, writer_started, writer_stopped, writer_destroy);

static local_fixture *local_of(void **state)
{
	return static_cast<local_fixture *>(*state);
}

static writer_address spawn_writer(void **state, writer *self)
{
	actor_mailbox_options options = { sizeof options, "writer", 0 };
	writer_address address = { NULL };

	events.clear();
	assert_int_equal(ACTOR_SPAWN(writer, local_of(state)->spawner, self, &options, &address),
			 0);
	assert_string_equal(actor_address_name(address.address), "writer");
	return address;
}

static void actor_lives_in_cplusplus(void **state)
{
	actor_context *context = local_of(state)->context;
	writer_address address = spawn_writer(state, new writer());
	append letter = { 'x' };
	int n = 0;

	assert_int_equal(ACTOR_SEND(context, address, append, &letter), 0);
	assert_int_equal(ACTOR_CALL(context, address, append, &n, &letter), 0);
	assert_int_equal(n, 2);
	actor_address_unref(address.address);
	assert_int_equal(actor_local_run(local_of(state)->executor), 0);
	assert_string_equal(events.c_str(), "aod");
}

static void answer_comes_later(void **state)
{
	actor_context *context = local_of(state)->context;
	writer_address address = spawn_writer(state, new writer());
	wait_for wanted = { 2 };
	append letters[] = { { 'x' }, { 'y' } };
	actor_future future;
	char last = 0;

	assert_int_equal(ACTOR_CALL_BEGIN(context, &future, address, wait_for, &last, &wanted), 0);
	assert_int_equal(ACTOR_CALL(context, address, append, NULL, &letters[0]), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(ACTOR_CALL(context, address, append, NULL, &letters[1]), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), 0);
	assert_int_equal(last, 'y');
	actor_address_unref(address.address);
}

static void failing_destroys_the_state(void **state)
{
	actor_context *context = local_of(state)->context;
	writer_address address = spawn_writer(state, new writer());
	wait_for wanted = { 2 };
	scare scare = { 0 };
	actor_future future;

	assert_int_equal(ACTOR_CALL_BEGIN(context, &future, address, wait_for, NULL, &wanted), 0);
	assert_int_equal(ACTOR_SEND(context, address, scare, &scare), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_string_equal(events.c_str(), "ad");
	actor_address_unref(address.address);
}

static void actors_in_both_languages_call_each_other(void **state)
{
	actor_context *context = local_of(state)->context;
	account_address bank = { NULL };
	account *money = static_cast<account *>(std::calloc(1, sizeof *money));
	writer *self = new writer();
	save save = { 5 };
	struct balance balance = { 0 };

	assert_int_equal(ACTOR_SPAWN(account, local_of(state)->spawner, money, NULL, &bank), 0);
	self->bank = ACTOR_FOR(deposit, bank);
	writer_address address = spawn_writer(state, self);
	assert_int_equal(ACTOR_CALL(context, address, save, &balance, &save), 0);
	assert_int_equal(balance.cents, 5);
	actor_address_unref(address.address);
	assert_int_equal(actor_local_run(local_of(state)->executor), 0);
	actor_address_unref(bank.address);
}

static void erased_address_is_asked_back(void **state)
{
	writer_address address = spawn_writer(state, new writer()), found = { NULL };
	account_address bank = { NULL };

	assert_int_equal(writer_address_from(address.address, &found), 0);
	assert_ptr_equal(found.address, address.address);
	assert_int_equal(account_address_from(address.address, &bank), ACTOR_E_UNHANDLED);
	assert_null(bank.address);
	actor_address_unref(address.address);
}

int main()
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(actor_lives_in_cplusplus),
		LOCAL_TEST(answer_comes_later),
		LOCAL_TEST(failing_destroys_the_state),
		LOCAL_TEST(actors_in_both_languages_call_each_other),
		LOCAL_TEST(erased_address_is_asked_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
