/* SPDX-License-Identifier: MIT */

/* Sessions of which each allocation is refused once: the first with the first seed, and so on. */

#include "memory.h"
#include "session-fixture.h"

static unsigned nth, nth_beneath, n_good;

/* As the fixture's, but that it may fail. */
static int dial_with_little(void *user, struct actor_context *by, int64_t deadline_ns,
			    struct actor_transport **ret_transport)
{
	struct actor_transport *end;
	int rc = actor_pair_create(executor, executor, ret_transport, &end);

	(void)user, (void)by, (void)deadline_ns;
	if (rc == 0 && (rc = server_accept(end)) < 0)
		actor_transport_destroy(*ret_transport);
	return rc;
}

static void wait_a_while(void)
{
	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, 200 * MS)));
}

/* What is kept is given as soon as there is memory, and not when it is looked at anyway; whatever
 * fails, it ends. */
static void what_there_is_no_memory_for_is_tried_again_soon(void)
{
	struct caller kept[2];
	uint64_t n_asked;
	int rc;

	open_session(&(struct actor_session_options){
		.dial = dial_with_little, .first_delay_ns = 1, .keep_ns = ACTOR_FOREVER });
	begin(&kept[0], 1);
	begin(&kept[1], 2);
	memory_fail_nth(++nth);
	rc = actor_session_start(session);
	wait_a_while();
	n_asked = memory_n_asked();
	memory_fail_nth(0);
	assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
	assert_int_equal(counts().n_kept, 0);
	assert_true(rc < 0 || counts().connected);
	for (int i = 0; i < 2; i++) {
		int status = end_add(&kept[i]);

		n_good += status == 0;
		assert_int_not_equal(status, ACTOR_E_TIMEOUT);
		assert_true(rc == 0 || status == ACTOR_E_UNREACHABLE);
	}
	if (n_asked < nth) /* all of them have been */
		nth = 0;
	close_session();
}

/* The same of what is beneath: mailboxes, timers, replies. */
static void nor_beneath_is_anything_lost(void)
{
	struct caller kept;
	uint64_t n_asked;
	int rc;

	open_session(&(struct actor_session_options){
		.dial = dial_with_little, .first_delay_ns = 1, .keep_ns = ACTOR_FOREVER });
	begin(&kept, 1);
	actor_simulation_fail_nth(++nth_beneath);
	rc = actor_session_start(session);
	wait_a_while();
	n_asked = actor_simulation_fail_nth(0);
	assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
	assert_int_equal(counts().n_kept, 0);
	assert_true(rc < 0 || counts().connected);
	assert_int_not_equal(end_add(&kept), ACTOR_E_TIMEOUT);
	if (n_asked < nth_beneath)
		nth_beneath = 0;
	close_session();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATED_TEST(what_there_is_no_memory_for_is_tried_again_soon),
		SIMULATED_TEST(nor_beneath_is_anything_lost),
	};
	int n_failed = cmocka_run_group_tests_name("session-memory", tests, NULL, NULL);

	return n_good > 0 ? n_failed : 1;
}
