/* SPDX-License-Identifier: MIT */

/* What can be chosen when a pool is made: how many threads, what they are called, and what runs at
 * their begin and end. */

#define _GNU_SOURCE /* pthread_getname_np() */

#include "pool-fixture.h"

#include "processors.h"

#include <errno.h>
#include <string.h>

/* ---- what the system has, and refuses */

static unsigned n_processors;
static int n_threads_left;

unsigned __real_actor__processors(void);
unsigned __wrap_actor__processors(void);

unsigned __wrap_actor__processors(void)
{
	return n_processors ? n_processors : __real_actor__processors();
}

typedef int create_fn(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *),
		      void *argument);
create_fn __real_pthread_create, __wrap_pthread_create;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*main)(void *), void *argument)
{
	if (n_threads_left-- == 0)
		return EAGAIN;
	return __real_pthread_create(thread, attributes, main, argument);
}

/* ---- threads that are looked at when they begin and end */

enum { MOST_THREADS = 4 };

static struct {
	struct tally begun, ended;
	atomic_uint n_wrong;
	char names[MOST_THREADS][16];
} seen;

static _Thread_local bool is_begun;

static void begin(void *user, unsigned index)
{
	seen.n_wrong += user != &seen || is_begun || index >= MOST_THREADS;
	seen.n_wrong += seen.names[index % MOST_THREADS][0] != '\0';
	pthread_getname_np(pthread_self(), seen.names[index % MOST_THREADS], 16);
	is_begun = true;
	tally_add(&seen.begun, 1);
}

static void end(void *user, unsigned index)
{
	char name[16];

	pthread_getname_np(pthread_self(), name, sizeof name);
	seen.n_wrong += user != &seen || !is_begun ||
			strcmp(name, seen.names[index % MOST_THREADS]) != 0;
	tally_add(&seen.ended, 1);
}

static int look(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	seen.n_wrong += !is_begun || tally_count(&seen.ended) > 0;
	tally_add(&handled, 1);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof seen);
	seen.begun = seen.ended = (struct tally)TALLY_INIT;
	handled = (struct tally)TALLY_INIT;
	n_processors = 0;
	n_threads_left = -1;
	return 0;
}

static struct actor_pool_options watched(unsigned n_threads, const char *thread_name)
{
	return (struct actor_pool_options){
		.size = sizeof(struct actor_pool_options),
		.n_threads = n_threads,
		.thread_name = thread_name,
		.thread_begin = begin,
		.thread_end = end,
		.user = &seen,
	};
}

/* A pool, from its begin to its end. */
static void live(struct actor_pool_options options, unsigned n_expected)
{
	assert_int_equal(actor_pool_create(&options, &pool), 0);
	for (unsigned i = 0; i < 20; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), look, NULL);
	assert_true(tally_wait(&handled, 20));
	assert_true(tally_wait(&seen.begun, n_expected));
	assert_int_equal(tally_count(&seen.ended), 0);
	pool_close();
	assert_int_equal(tally_count(&seen.begun), n_expected);
	assert_int_equal(tally_count(&seen.ended), n_expected);
	assert_int_equal(seen.n_wrong, 0);
}

static void threads_have_names(void **state)
{
	(void)state;
	live(watched(3, NULL), 3);
	assert_string_equal(seen.names[0], "actor-0");
	assert_string_equal(seen.names[2], "actor-2");
	reset(state);
	live(watched(2, "io"), 2);
	assert_string_equal(seen.names[1], "io1");
}

static void of_long_names_the_number_is_kept(void **state)
{
	(void)state;
	live(watched(2, "a-name-that-is-too-long"), 2);
	assert_string_equal(seen.names[0], "a-name-that0");
	assert_string_equal(seen.names[1], "a-name-that1");
}

static void there_are_as_many_as_processors(void **state)
{
	(void)state;
	n_processors = 3;
	live(watched(0, NULL), 3);
	reset(state);
	n_processors = 4;
	live(watched(2, NULL), 2); /* unless otherwise wished */
}

static void threads_that_began_end_when_others_cannot_begin(void **state)
{
	struct actor_pool_options options = watched(4, NULL);

	(void)state;
	n_threads_left = 2;
	assert_int_equal(actor_pool_create(&options, &pool), ACTOR_E_SYSTEM);
	assert_int_equal(tally_count(&seen.begun), 2);
	assert_int_equal(tally_count(&seen.ended), 2);
	assert_int_equal(seen.n_wrong, 0);
}

static void of_older_programs_only_what_they_know_is_read(void **state)
{
	struct actor_pool_options options;

	(void)state;
	memset(&options, 0xff, sizeof options);
	options.size = offsetof(struct actor_pool_options, thread_name);
	options.n_threads = 2;
	assert_int_equal(actor_pool_create(&options, &pool), 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_true(tally_wait(&handled, 1));
	pool_close();
	n_processors = 2;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	pool_close();
}

#define OPTIONS_TEST(test) cmocka_unit_test_setup_teardown(test, reset, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OPTIONS_TEST(threads_have_names),
		OPTIONS_TEST(of_long_names_the_number_is_kept),
		OPTIONS_TEST(there_are_as_many_as_processors),
		OPTIONS_TEST(threads_that_began_end_when_others_cannot_begin),
		OPTIONS_TEST(of_older_programs_only_what_they_know_is_read),
	};

	return cmocka_run_group_tests_name("pool-options", tests, NULL, NULL);
}
