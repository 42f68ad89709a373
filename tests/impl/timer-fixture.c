/* SPDX-License-Identifier: MIT */

#include "timer-fixture.h"

struct target target;

/* ---- messages ---- */

ACTOR_SIGNAL_DEFINE(note, "test.note", NULL);
ACTOR_MESSAGE_DEFINE(query, "test.query", NULL, NULL);

int n_parcels;
bool refuses_copies;

struct parcel parcel_of(int64_t value)
{
	n_parcels++;
	return (struct parcel){ value, true };
}

static void parcel_drop(void *message)
{
	n_parcels -= ((struct parcel *)message)->owns;
}

static int parcel_copy(void *to, const void *from)
{
	if (refuses_copies)
		return ACTOR_E_NOMEM;
	*(struct parcel *)to = parcel_of(((const struct parcel *)from)->value);
	return 0;
}

const struct actor_message_type parcel_type = {
	.size = sizeof parcel_type,
	.name = "test.parcel",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
	.copy = parcel_copy,
};

const struct actor_message_type unique_type = {
	.size = sizeof unique_type,
	.name = "test.unique",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
};

const struct actor_message_type unhandled_type = {
	.size = sizeof unhandled_type,
	.name = "!unhandled",
	.message_size = sizeof(struct note),
	.message_align = _Alignof(struct note),
};

/* ---- an actor that keeps what it gets ---- */

static void keeper_on_note(struct keeper *self, struct note *message, struct actor_context *context)
{
	(void)context;
	self->values[self->n_values++] = message->value;
}

static void keeper_on_query(struct keeper *self, struct query *message,
			    struct query_pending pending, struct actor_context *context)
{
	(void)context;
	self->values[self->n_values++] = message->value;
	self->reply = query_reply_take(pending);
}
ACTOR_DEFINE(keeper, KEEPER_MESSAGES, NULL, NULL, NULL);

union keeper_address keeper_spawn(struct keeper *state, size_t capacity)
{
	union keeper_address keeper = { NULL };

	assert_int_equal(ACTOR_SPAWN(keeper, actor_executor_spawner(local), state,
				     ACTOR_OPTIONS(.capacity = capacity), &keeper),
			 0);
	return keeper;
}

/* ---- around each test ---- */

int timer_set_up(void **state)
{
	(void)state;
	n_parcels = 0;
	refuses_copies = false;
	target_init(&target);
	still_clock_stop();
	return actor_local_create(&local);
}

int timer_tear_down(void **state)
{
	int rc;

	actor_local_run(local);
	rc = actor_executor_destroy(local);
	still_clock_go();
	if (rc != 0 || n_parcels != 0 || atomic_load(&target.n_owners) != 1)
		return -1;
	return test_nothing_held(state);
}

void pass_until(int64_t ms)
{
	still_clock_set(STILL_BEGIN_NS + ms * MS);
	assert_int_equal(actor_local_run(local), 0);
}

int64_t at_ms(int64_t ms)
{
	return STILL_BEGIN_NS + ms * MS;
}

struct actor_timer *once(int64_t value, int64_t at_ns)
{
	struct note note = { value };
	struct actor_timer *timer = NULL;

	assert_int_equal(actor_timer_once(local, &target.base, &note_type, &note, at_ns, &timer),
			 0);
	return timer;
}

struct actor_timer *every(int64_t value, int64_t period_ns)
{
	struct note note = { value };
	struct actor_timer *timer = NULL;

	assert_int_equal(
		actor_timer_every(local, &target.base, &note_type, &note, period_ns, &timer), 0);
	return timer;
}

unsigned n_posts(void)
{
	return atomic_load(&target.n_posts);
}
