/* SPDX-License-Identifier: MIT */

/* spawner.h: making mailboxes, and actors on them, with everything that can fail on the way. */

#include "fake.h"
#include "test.h"

static const struct actor_behavior behavior = {
	.size = sizeof behavior,
	.name = "account",
};

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static void options_in_place_know_their_size(void **state)
{
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.capacity = 100);

	(void)state;
	assert_int_equal(options->size, sizeof *options);
	assert_int_equal(options->capacity, 100);
	assert_null(options->name);
	assert_int_equal(ACTOR_OPTIONS(.name = "savings")->capacity, 0);
}

static void making_is_passed_on(void **state)
{
	struct fake *fake = *state;
	struct actor_mailbox *mailbox = NULL;

	assert_int_equal(actor_mailbox_create(&fake->spawner, &behavior,
					      ACTOR_OPTIONS(.name = "savings", .capacity = 100),
					      &mailbox),
			 0);
	assert_ptr_equal(mailbox, &fake->mailbox);
	assert_string_equal(fake_trace(fake), "make(account savings 100)");
}

/* B-07 */
static void actor_that_nobody_owns(void **state)
{
	struct fake *fake = *state;
	struct actor_address *address = NULL;
	int thing;

	assert_int_equal(actor_spawn(&fake->spawner, &behavior, &thing, NULL, &address), 0);
	assert_string_equal(fake_trace(fake), "make(account) address start() detach");
	assert_ptr_equal(address, &fake->address);
	assert_ptr_equal(fake->end.state, &thing);
}

/* B-08 */
static void actor_whose_mailbox_is_kept(void **state)
{
	struct fake *fake = *state;
	struct actor_address *address = NULL;
	struct actor_mailbox *mailbox = NULL;
	int thing;

	assert_int_equal(actor_spawn_mailbox(&fake->spawner, &behavior, &thing,
					     ACTOR_OPTIONS(.name = "savings", .capacity = 1),
					     &address, &mailbox),
			 0);
	assert_string_equal(fake_trace(fake), "make(account savings 1) address start()");
	assert_ptr_equal(address, &fake->address);
	assert_ptr_equal(mailbox, &fake->mailbox);
}

/* On failure nothing is left, and nothing has been written. */
static void assert_not_spawned(struct fake *fake, int expected, const char *trace)
{
	struct actor_address *address = NULL;
	struct actor_mailbox *mailbox = NULL;
	int thing = 5;

	assert_int_equal(
		actor_spawn_mailbox(&fake->spawner, &behavior, &thing, NULL, &address, &mailbox),
		expected);
	assert_string_equal(fake_trace(fake), trace);
	assert_null(address);
	assert_null(mailbox);
	assert_int_equal(thing, 5);
}

static void no_mailbox_is_made(void **state)
{
	static const int failures[] = {
		ACTOR_E_NOMEM,
		ACTOR_E_INVALID,
		ACTOR_E_CLOSED,
		ACTOR_E_UNSUPPORTED,
	};
	struct fake *fake = *state;
	size_t i;

	for (i = 0; i < N_ELEMENTS(failures); i++) {
		fake->make.returns[i] = failures[i];
		assert_not_spawned(fake, failures[i], "make(account)");
	}
}

static void actor_does_not_start(void **state)
{
	static const int failures[] = { ACTOR_E_NOMEM, ACTOR_E_SYSTEM, ACTOR_E_CLOSED };
	struct fake *fake = *state;
	size_t i;

	for (i = 0; i < N_ELEMENTS(failures); i++) {
		fake->start.returns[i] = failures[i];
		assert_not_spawned(fake, failures[i],
				   "make(account) address start() unref cancel detach");
	}
}

/* A spawner that can do both in one. */
static struct {
	struct actor_address *address;
	void *state;
	int returns;
	unsigned n_spawned;
} swift;

static int swift_spawn(struct actor_spawner *spawner, const struct actor_behavior *spawned,
		       void *thing, const struct actor_mailbox_options *options,
		       struct actor_address **ret_address)
{
	(void)spawner, (void)options;
	assert_ptr_equal(spawned, &behavior);
	swift.n_spawned++;
	swift.state = thing;
	if (swift.returns == 0)
		*ret_address = swift.address;
	return swift.returns;
}

static void who_can_make_and_start_in_one_is_asked_to(void **state)
{
	struct fake *fake = *state;
	struct actor_spawner_ops ops = *fake->spawner.ops;
	struct actor_address *address = NULL;
	struct actor_mailbox *mailbox = NULL;
	int thing;

	ops.spawn = swift_spawn;
	swift.address = &fake->address;
	fake->spawner.ops = &ops;
	assert_int_equal(actor_spawn(&fake->spawner, &behavior, &thing, NULL, &address), 0);
	assert_int_equal(swift.n_spawned, 1);
	assert_ptr_equal(swift.state, &thing);
	assert_ptr_equal(address, &fake->address);
	assert_string_equal(fake_trace(fake), "");
	/* It has failed: no other way is tried. */
	address = NULL;
	swift.returns = ACTOR_E_CLOSED;
	assert_int_equal(actor_spawn(&fake->spawner, &behavior, &thing, NULL, &address),
			 ACTOR_E_CLOSED);
	assert_null(address);
	assert_string_equal(fake_trace(fake), "");
	/* Whoever wants the mailbox gets it from the other operation. */
	assert_int_equal(
		actor_spawn_mailbox(&fake->spawner, &behavior, &thing, NULL, &address, &mailbox),
		0);
	assert_int_equal(swift.n_spawned, 2);
	assert_string_equal(fake_trace(fake), "make(account) address start()");
	/* An implementation that was compiled before there was such a thing. */
	ops.size = offsetof(struct actor_spawner_ops, spawn);
	assert_int_equal(actor_spawn(&fake->spawner, &behavior, &thing, NULL, &address), 0);
	assert_int_equal(swift.n_spawned, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_in_place_know_their_size),
		cmocka_unit_test_setup(making_is_passed_on, set_up),
		cmocka_unit_test_setup(actor_that_nobody_owns, set_up),
		cmocka_unit_test_setup(actor_whose_mailbox_is_kept, set_up),
		cmocka_unit_test_setup(no_mailbox_is_made, set_up),
		cmocka_unit_test_setup(actor_does_not_start, set_up),
		cmocka_unit_test_setup(who_can_make_and_start_in_one_is_asked_to, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
