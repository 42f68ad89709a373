/* SPDX-License-Identifier: MIT */

/*
 * Watching an actor that nobody owns, and that ends meanwhile: at each moment at which that may
 * come in between, the watcher is told, or learns from the call, and never both. What happens to
 * actors that are owned, and with several threads, is in monitor-test.c.
 */

#include "watch.h"

#include "hand.h"
#include "test.h"
#include "util/step.h"

#include <string.h>

static struct actor_executor *local;
static union hand_address hand;
static struct actor__actor *actor;
static struct actor_address *weak;

/* ---- what comes in between ---- */

static unsigned ends_at_latch; /* the how manieth from now; 0: at none */
static bool ends_at_watch;

static void end_it(void)
{
	actor_address_unref(hand.address);
	hand.address = NULL;
	actor_local_run(local);
}

void actor__step_latch(void)
{
	if (ends_at_latch > 0 && --ends_at_latch == 0)
		end_it();
}

void actor__step_watch(void)
{
	if (ends_at_watch) {
		ends_at_watch = false;
		end_it();
	}
}

/* ---- who watches ---- */

struct listener {
	struct actor__watcher watcher;
	char told[16];
};

static void told(struct actor__watcher *watcher, enum actor__news news,
		 const struct actor_failure *failure)
{
	struct listener *listener = ACTOR_CONTAINER_OF(watcher, struct listener, watcher);
	static const char letters[] = {
		[ACTOR__HAS_STOPPED] = 's',   [ACTOR__HAS_FAILED_NOW] = 'f',
		[ACTOR__WAS_CANCELLED] = 'c', [ACTOR__RESTARTED] = 'r',
		[ACTOR__GONE] = 'g',
	};

	(void)failure;
	listener->told[strlen(listener->told)] = letters[news];
}

static struct listener listener;

static int set_up(void **state)
{
	(void)state;
	listener = (struct listener){ .watcher.told = told };
	if (actor_local_create(&local) != 0)
		return -1;
	hand = hand_spawn(local, NULL, 0);
	weak = actor_address_weak(hand.address);
	actor = actor__address_actor(weak);
	assert_int_equal(actor_local_run(local), 0);
	return 0;
}

static int tear_down(void **state)
{
	actor_address_unref(hand.address);
	actor_address_unref(weak);
	actor_local_run(local);
	assert_int_equal(actor_executor_destroy(local), 0);
	return test_nothing_held(state);
}

static void an_end_is_told(void **state)
{
	(void)state;
	assert_int_equal(actor__watch(actor, &listener.watcher), 0);
	assert_string_equal(listener.told, "");
	end_it();
	assert_string_equal(listener.told, "sg");
	assert_false(listener.watcher.is_watching);
	actor__unwatch(actor, &listener.watcher);
}

static void after_the_end_the_call_says_so(void **state)
{
	(void)state;
	end_it();
	assert_int_equal(actor__watch(actor, &listener.watcher), ACTOR_ENDED_STOPPED);
	assert_string_equal(listener.told, "");
	assert_false(listener.watcher.is_watching);
}

/* Neither saw the other in time, but for the second look. */
static void an_end_before_it_is_in_the_list_is_found(void **state)
{
	(void)state;
	ends_at_watch = true;
	assert_int_equal(actor__watch(actor, &listener.watcher), ACTOR_ENDED_STOPPED);
	assert_null(hand.address);
	assert_string_equal(listener.told, "");
	assert_false(listener.watcher.is_watching);
	assert_null(atomic_load(&actor->watchers));
}

static void an_end_before_the_second_look_is_told(void **state)
{
	(void)state;
	ends_at_latch = 2;
	assert_int_equal(actor__watch(actor, &listener.watcher), 0);
	assert_null(hand.address);
	assert_string_equal(listener.told, "sg");
	assert_false(listener.watcher.is_watching);
}

static void an_end_before_the_first_look_is_found(void **state)
{
	(void)state;
	ends_at_latch = 1;
	assert_int_equal(actor__watch(actor, &listener.watcher), ACTOR_ENDED_STOPPED);
	assert_string_equal(listener.told, "");
}

static void nothing_is_told_after_unwatching(void **state)
{
	struct listener others[2] = { { .watcher.told = told }, { .watcher.told = told } };

	(void)state;
	assert_int_equal(actor__watch(actor, &others[0].watcher), 0);
	assert_int_equal(actor__watch(actor, &listener.watcher), 0);
	assert_int_equal(actor__watch(actor, &others[1].watcher), 0);
	actor__unwatch(actor, &listener.watcher);
	actor__unwatch(actor, &listener.watcher);
	end_it();
	assert_string_equal(listener.told, "");
	assert_string_equal(others[0].told, "sg");
	assert_string_equal(others[1].told, "sg");
}

/* Its end and its being unwatched meet: it is told before, or not at all. */
static void an_end_before_it_is_unwatched_is_told(void **state)
{
	(void)state;
	assert_int_equal(actor__watch(actor, &listener.watcher), 0);
	ends_at_latch = 1;
	actor__unwatch(actor, &listener.watcher);
	assert_string_equal(listener.told, "sg");
}

static enum actor_ended how_ended;

static void note_end(void *user, struct actor_end *end)
{
	(void)user;
	how_ended = end->how;
}

static int wait_then_fail(struct actor_context *context, void *user)
{
	(void)user;
	actor_ignore(actor_sleep_until(context, ACTOR_FOREVER));
	ACTOR_FAIL(context, "since it was cancelled");
}

/* Whoever is told: the same end. */
static void who_fails_when_it_is_cancelled_was_cancelled(void **state)
{
	struct hand_mailbox mailbox = { NULL };
	union hand_address other;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	other = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, note_end, NULL), 0);
	actor_mailbox_detach(mailbox.mailbox);
	assert_int_equal(actor__watch(actor__address_actor(other.address), &listener.watcher), 0);
	assert_int_equal(hand_send(NULL, other, wait_then_fail, NULL), 0);
	actor_local_run(local);
	actor_executor_close(local);
	actor_local_run(local);
	assert_int_equal(how_ended, ACTOR_ENDED_CANCELLED);
	assert_string_equal(listener.told, "cg");
	actor_address_unref(other.address);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_end_is_told),
		TEST(after_the_end_the_call_says_so),
		TEST(an_end_before_it_is_in_the_list_is_found),
		TEST(an_end_before_the_second_look_is_told),
		TEST(an_end_before_the_first_look_is_found),
		TEST(nothing_is_told_after_unwatching),
		TEST(an_end_before_it_is_unwatched_is_told),
		TEST(who_fails_when_it_is_cancelled_was_cancelled),
	};

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
