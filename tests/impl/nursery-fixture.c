/* SPDX-License-Identifier: MIT */

#include "nursery-fixture.h"

atomic_int n_owned, n_most;
struct tally begun, ended;
struct actor_semaphore *doors[8];
struct parent mother;
union parent_address parent;
struct parent_mailbox parent_mailbox;

/* ---- what is moved to subtasks, and comes back ---- */

static struct owned own(void)
{
	atomic_fetch_add(&n_owned, 1);
	return (struct owned){ 1 };
}

static void disown(struct owned *owned)
{
	if (owned->is)
		atomic_fetch_sub(&n_owned, 1);
}

void chore_drop(void *message)
{
	struct chore *chore = message;

	disown(&chore->owned);
	errand_reply_refuse(&chore->reply, ACTOR_E_STOPPED);
}

void yield_drop(void *value)
{
	disown(&((struct yield *)value)->owned);
}

ACTOR_MESSAGE_DEFINE(chore, "test.chore", chore_drop, yield_drop);

/* ---- what they do ---- */

static atomic_int n_at_a_time;

int do_chore(struct actor_context *context, struct chore *chore, struct yield *ret_value)
{
	int now = atomic_fetch_add(&n_at_a_time, 1) + 1;
	int most = atomic_load(&n_most), rc;

	while (now > most && !atomic_compare_exchange_weak(&n_most, &most, now))
		;
	tally_add(&begun, 1);
	rc = chore->function(context, chore);
	atomic_fetch_sub(&n_at_a_time, 1);
	if (rc == 0)
		*ret_value = (struct yield){ chore->number, own() };
	else
		*ret_value = (struct yield){ 0, { 1 } }; /* what it leaves there owns nothing */
	tally_add(&ended, 1);
	return rc;
}

int succeed(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return 0;
}

int give_error(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return ACTOR_E_INVALID;
}

int fail_now(struct actor_context *context, struct chore *chore)
{
	(void)chore;
	atomic_fetch_sub(&n_at_a_time, 1);
	ACTOR_FAIL(context, "as it was told");
}

/* Through the door of its number, or what kept it from that. */
int pass_door(struct actor_context *context, struct chore *chore)
{
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, doors[chore->number % 8], 1, &permit);

	if (rc < 0)
		return rc;
	actor_permit_keep(permit); /* the door stays as it is: doors_close() takes it back */
	actor_permit_release(permit);
	return 0;
}

int pass_door_and_fail(struct actor_context *context, struct chore *chore)
{
	int rc = pass_door(context, chore);

	return rc < 0 ? rc : fail_now(context, chore);
}

static struct actor_permit *bolts[8];

void doors_open(unsigned number)
{
	actor_permit_release(bolts[number]);
	bolts[number] = NULL;
}

static int doors_create(void)
{
	int rc = 0;

	for (unsigned i = 0; i < N_ELEMENTS(doors) && rc == 0; i++) {
		rc = actor_semaphore_create(1, &doors[i]);
		if (rc == 0)
			rc = actor_semaphore_try_acquire(NULL, doors[i], 1, &bolts[i]);
	}
	return rc;
}

static void doors_destroy(void)
{
	for (unsigned i = 0; i < N_ELEMENTS(doors); i++) {
		doors_open(i);
		actor_semaphore_unref(doors[i]);
	}
}

/* ---- who starts them ---- */

static struct seen seen_of(struct actor_result *result)
{
	struct yield *value = ACTOR_RESULT(chore, result);
	struct seen seen = { result->number, result->status, value ? value->number : -1, "" };

	if (result->failure)
		snprintf(seen.failure, sizeof seen.failure, "%s", result->failure->text);
	return seen;
}

void see(struct parent *self, struct actor_result *result)
{
	self->seen[tally_count(&self->got) % N_ELEMENTS(self->seen)] = seen_of(result);
	tally_add(&self->got, 1);
}

static void parent_on_actor_result(struct parent *self, struct actor_result *message,
				   struct actor_context *context)
{
	(void)context;
	see(self, message);
}

static int parent_on_errand(struct parent *self, struct errand *message,
			    struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void parent_started(struct parent *self, struct actor_context *context)
{
	if (actor_nursery_create(context, &self->options, &self->nursery) == 0)
		actor_nursery_keep(self->nursery);
}

static void parent_destroy(struct parent *self)
{
	actor_nursery_destroy(self->nursery);
	self->nursery = NULL;
	tally_add(&self->destroyed, 1);
}

ACTOR_DEFINE(parent, PARENT_MESSAGES, parent_started, NULL, parent_destroy);

int parent_call(hand_fn *function, void *user)
{
	int answer = 0;
	int rc = ACTOR_CALL(here(), parent, errand, &answer, &(struct errand){ function, user });

	return rc < 0 ? rc : answer;
}

struct chore chore_of(chore_fn *function, int number)
{
	return (struct chore){ function, number, own(), { NULL } };
}

int start(struct actor_nursery *nursery, chore_fn *function, int number)
{
	struct chore chore = chore_of(function, number);
	int rc = ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore);

	chore_drop(&chore); /* nothing, if it has been started */
	return rc;
}

struct order {
	chore_fn *function;
	int first;
	int n;
};

static int start_all(struct actor_context *context, void *user)
{
	struct order *order = user;
	int rc = 0;

	(void)context;
	for (int i = 0; i < order->n && rc == 0; i++)
		rc = start(mother.nursery, order->function, order->first + i);
	return rc;
}

void parent_starts(chore_fn *function, int first, int n)
{
	struct order order = { function, first, n };

	assert_int_equal(parent_call(start_all, &order), 0);
}

static int cancel(struct actor_context *context, void *user)
{
	(void)context;
	return actor_nursery_cancel(mother.nursery, *(uint64_t *)user);
}

bool parent_cancels(uint64_t number)
{
	int rc = parent_call(cancel, &number);

	assert_in_range(rc, false, true);
	return rc;
}

static int block(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&mother.blocked, 1);
	tally_wait(&mother.unblock, 1);
	return 0;
}

int do_nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

void parent_blocks(void)
{
	assert_int_equal(ACTOR_SEND(here(), parent, errand, &(struct errand){ block, NULL }), 0);
	assert_true(tally_wait(&mother.blocked, 1));
}

void parent_fills_up(void)
{
	parent_blocks();
	assert_int_equal(ACTOR_SEND(here(), parent, errand, &(struct errand){ do_nothing, NULL }),
			 0);
}

void parent_spawn(struct actor_spawner *spawner, struct actor_nursery_options options,
		  size_t capacity)
{
	options.size = sizeof options;
	mother = (struct parent){ .options = options,
				  .got = TALLY_INIT,
				  .destroyed = TALLY_INIT,
				  .blocked = TALLY_INIT,
				  .unblock = TALLY_INIT };
	assert_int_equal(ACTOR_SPAWN_MAILBOX(parent, spawner, &mother,
					     ACTOR_OPTIONS(.capacity = capacity), &parent,
					     &parent_mailbox),
			 0);
}

void parent_here(size_t limit)
{
	parent_spawn(actor_executor_spawner(pool), (struct actor_nursery_options){ .limit = limit },
		     0);
}

void parent_let_go(void)
{
	actor_address_unref(parent.address);
	actor_mailbox_detach(parent_mailbox.mailbox);
	parent.address = NULL;
}

void parent_gone(void)
{
	parent_let_go();
	assert_true(tally_wait(&mother.destroyed, 1));
}

void assert_seen(unsigned i, uint64_t number, int status, int value)
{
	assert_int_equal(mother.seen[i].number, number);
	assert_int_equal(mother.seen[i].status, status);
	assert_int_equal(mother.seen[i].value, value);
}

struct actor_nursery *nursery_with(struct actor_spawner *spawner, size_t limit)
{
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .limit = limit,
						 .spawner = spawner,
						 .name = "chore" };
	struct actor_nursery *nursery = NULL;

	assert_int_equal(actor_nursery_create(here(), &options, &nursery), 0);
	return nursery;
}

struct actor_nursery *thread_nursery(size_t limit)
{
	return nursery_with(actor_executor_spawner(pool), limit);
}

struct seen next_seen(struct actor_nursery *nursery)
{
	struct actor_result result;
	struct seen seen;

	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	seen = seen_of(&result);
	actor_result_drop(&result);
	return seen;
}

unsigned nursery_one = 1, nursery_two = 2;

int nursery_set_up(void **state)
{
	pool_open(*(unsigned *)*state);
	begun = ended = (struct tally)TALLY_INIT;
	atomic_store(&n_owned, 0);
	atomic_store(&n_at_a_time, 0);
	atomic_store(&n_most, 0);
	parent.address = NULL;
	return doors_create();
}

int nursery_tear_down(void **state)
{
	if (parent.address)
		parent_let_go();
	pool_close();
	doors_destroy();
	if (atomic_load(&n_owned) != 0) {
		print_error("owned: %d\n", atomic_load(&n_owned));
		return -1;
	}
	return test_nothing_held(state);
}
