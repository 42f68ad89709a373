/* SPDX-License-Identifier: MIT */

/*
 * Everything a test obtains is entered in a table here and leaves it when it is given back, so
 * that tearing down needs no help from a test that may have been left in the middle. The futures
 * live here for the same reason: the frame of a failed test is gone, but the scope list of its
 * thread's context still leads to them.
 */

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

/* What never happens costs this much; nothing else ever waits so long. */
#define PATIENCE_NS (INT64_C(30) * 1000 * 1000 * 1000)

/* ---- waiters */

static void raise_flag(struct actor_waiter *waiter)
{
	atomic_store(&ACTOR_CONTAINER_OF(waiter, struct flag, waiter)->is_woken, true);
}

static void init_flags(struct stage *stage)
{
	size_t i;

	for (i = 0; i < STAGE_FLAGS; i++) {
		actor_waiter_init(&stage->flags[i].waiter, raise_flag);
		atomic_init(&stage->flags[i].is_woken, false);
	}
}

static void give_back_flags(struct stage *stage)
{
	size_t i;

	for (i = 0; i < STAGE_FLAGS; i++)
		if (stage->flags[i].address)
			stage_step_out(stage, i);
}

int stage_line_up(struct stage *stage, size_t index, struct actor_address *address, int64_t number)
{
	struct flag *flag = &stage->flags[index];
	struct play_note note = { .number = number };
	int rc;

	actor_address_ref(address);
	actor_address_unref(flag->address);
	flag->address = address;
	atomic_store(&flag->is_woken, false);
	player_operation_begin();
	rc = actor_address_post(address, &play_note_type, &note, NULL, &flag->waiter);
	player_operation_end();
	return rc;
}

void stage_step_out(struct stage *stage, size_t index)
{
	struct flag *flag = &stage->flags[index];

	player_operation_begin();
	actor_address_withdraw(flag->address, &flag->waiter);
	actor_address_unref(flag->address);
	player_operation_end();
	flag->address = NULL;
}

/* ---- the stage itself */

static bool declares(const struct side *side, unsigned capability)
{
	return side->subject->capabilities & capability;
}

static void count_held(const struct side *side, struct contract_held *ret_held)
{
	memset(ret_held, 0, sizeof *ret_held);
	if (declares(side, CONTRACT_COUNTS))
		side->subject->held(ret_held);
}

static int64_t count_dead(const struct side *side)
{
	return declares(side, CONTRACT_DEAD_LETTERS) ? side->subject->dead_letters() : 0;
}

static bool side_set_up(struct side *side, const struct contract_subject *subject)
{
	side->subject = subject;
	count_held(side, &side->held_before);
	side->dead_before = count_dead(side);
	side->instance = subject->create();
	if (!side->instance)
		return false;
	side->spawner = subject->spawner(side->instance);
	side->context = subject->context(side->instance);
	return side->context != NULL;
}

static void record_log(void *user, const struct actor_log_record *record)
{
	struct stage *stage = user;
	char text[25], *space;

	snprintf(text, sizeof text, "%s", record->text);
	while ((space = strchr(text, ' ')))
		*space = '_';
	probe_record(&stage->log, "%s:%llu:%s:%s", actor_log_level_name(record->level),
		     record->actor ? (unsigned long long)record->actor->identity.number : 0,
		     record->message_type ? record->message_type : "-", text);
}

struct stage *stage_set_up(const struct contract_subject *const *subjects, size_t n_subjects,
			   bool with_log)
{
	struct stage *stage = calloc(1, sizeof *stage);
	size_t i;

	if (!stage)
		return NULL;
	probe_init(&stage->log);
	stage->with_log = with_log;
	if (with_log)
		subjects[0]->log_to(record_log, stage);
	stage->n_sides = n_subjects;
	for (i = 0; i < n_subjects; i++) {
		if (!side_set_up(&stage->sides[i], subjects[i]))
			return NULL; /* the test fails; no use in being tidy */
		if (i == 0 || declares(&stage->sides[i], CONTRACT_DRIVEN))
			stage->context = stage->sides[i].context;
	}
	stage->spawner = stage->sides[0].spawner;
	probe_init(&stage->probe);
	gate_init(&stage->gate);
	ledger_init(&stage->ledger);
	init_flags(stage);
	return stage;
}

static void give_back_addresses(struct stage *stage)
{
	size_t i;

	for (i = 0; i < STAGE_MOST; i++) {
		actor_address_unref(stage->addresses[i]);
		stage->addresses[i] = NULL;
	}
}

static void give_back_mailboxes(struct stage *stage)
{
	size_t i;

	for (i = 0; i < STAGE_MOST; i++) {
		actor_mailbox_destroy(stage->mailboxes[i]);
		stage->mailboxes[i] = NULL;
	}
}

/* Sides are joined in turns, because what runs on one may wait for the other. */
static bool join_sides(struct stage *stage)
{
	const int64_t turn_ns = stage->n_sides > 1 ? 1000 * 1000 : PATIENCE_NS;
	const int64_t deadline_ns = stage_soon(stage);
	size_t i, n_quiet;

	do {
		for (i = 0, n_quiet = 0; i < stage->n_sides; i++)
			n_quiet += stage->sides[i].subject->join(stage->sides[i].instance,
								 actor_now(stage->context) +
									 turn_ns) == 0;
	} while (n_quiet < stage->n_sides && actor_now(stage->context) < deadline_ns);
	return n_quiet == stage->n_sides;
}

/* Whether nothing lives there any more, so that the instances could be destroyed. */
static bool end_sides(struct stage *stage)
{
	bool quiet = join_sides(stage);
	size_t i, gone = 0;

	for (i = 0; i < stage->n_sides; i++) {
		struct side *side = &stage->sides[i];

		if (side->subject->context_done)
			side->subject->context_done(side->instance, side->context);
		if (quiet)
			gone += side->subject->destroy(side->instance) == 0;
		side->instance = NULL;
	}
	return gone == stage->n_sides;
}

void stage_end(struct stage *stage)
{
	give_back_mailboxes(stage);
	assert_true(end_sides(stage));
}

static const char *find_leak(const struct side *side)
{
	struct contract_held held;

	count_held(side, &held);
	if (held.mailboxes != side->held_before.mailboxes)
		return "mailboxes are still held";
	if (held.envelopes != side->held_before.envelopes)
		return "envelopes are still held";
	if (held.replies != side->held_before.replies)
		return "replies are still held";
	return NULL;
}

/* Two subjects may share their counts, so only a stage of one can tell whose dead letter it is. */
static bool is_death_toll_wrong(const struct stage *stage)
{
	const struct side *side = &stage->sides[0];

	return stage->n_sides == 1 && declares(side, CONTRACT_DEAD_LETTERS) &&
	       stage->n_dead != ANY_NUMBER && count_dead(side) - side->dead_before != stage->n_dead;
}

/* What the tests' own side of it has to say. */
static const char *find_fault(struct stage *stage)
{
	if (strstr(probe_text(&stage->probe), "nested"))
		return "code of an actor ran inside an operation that runs none";
	if (strstr(probe_text(&stage->probe), "overlapping"))
		return "two handlers of one actor ran at a time";
	if (ledger_n_twice(&stage->ledger) > 0)
		return "what a message, an answer or a state owned was released twice";
	return NULL;
}

/* The worst first: what can be wrong of a test that ended in the middle comes last. */
static const char *find_wrong(struct stage *stage)
{
	const char *wrong = find_fault(stage);
	size_t i;

	for (i = 0; i < stage->n_sides && !wrong; i++)
		wrong = find_leak(&stage->sides[i]);
	if (!wrong && is_death_toll_wrong(stage))
		wrong = "the count of dead letters is wrong";
	if (!wrong && ledger_n_out(&stage->ledger) > 0)
		wrong = "what a message, an answer or a state owned was never released";
	return wrong;
}

int stage_saw(struct stage *stage, int status)
{
	if (status == ACTOR_E_NOMEM)
		atomic_store(&stage->was_told, true);
	return status;
}

/* A stage on which something still runs cannot be freed: its actors would go on using it. */
const char *stage_tear_down(struct stage *stage)
{
	const char *wrong;

	player_operation_end();
	gate_open(&stage->gate);
	if (stage->sides[0].instance) {
		actor_unwind(stage->context);
		give_back_flags(stage);
		give_back_addresses(stage);
		give_back_mailboxes(stage);
		if (!end_sides(stage))
			return "actors still run, or mailboxes live";
	}
	give_back_flags(stage);
	give_back_addresses(stage);
	wrong = find_wrong(stage);
	if (stage->with_log)
		stage->sides[0].subject->log_to(NULL, NULL);
	probe_deinit(&stage->log);
	probe_deinit(&stage->probe);
	gate_deinit(&stage->gate);
	ledger_deinit(&stage->ledger);
	free(stage);
	return wrong;
}

/* ---- time */

int64_t stage_soon(struct stage *stage)
{
	return actor_now(stage->context) + PATIENCE_NS;
}

void stage_until(struct stage *stage, bool (*holds)(void *user), void *user)
{
	const int64_t deadline_ns = stage_soon(stage);

	while (!holds(user)) {
		assert_true(actor_now(stage->context) < deadline_ns);
		actor_sleep_until(stage->context, actor_now(stage->context) + 20 * 1000);
	}
}

void stage_expect(struct stage *stage, const char *word, size_t count)
{
	int rc = probe_await(&stage->probe, stage->context, word, count, stage_soon(stage));

	if (rc < 0)
		print_error("waited for %zu times \"%s\" in \"%s\"\n", count, word,
			    probe_text(&stage->probe));
	assert_int_equal(rc, 0);
}

/* ---- making and giving back */

static size_t find_slot(void *const *slots, const void *content)
{
	size_t i;

	for (i = 0; i < STAGE_MOST && slots[i] != content; i++)
		;
	assert_true(i < STAGE_MOST);
	return i;
}

struct actor_address *stage_keep(struct stage *stage, struct actor_address *address)
{
	assert_non_null(address);
	stage->addresses[find_slot((void *const *)stage->addresses, NULL)] = address;
	return address;
}

struct actor_address *stage_give_away(struct stage *stage, struct actor_address *address)
{
	stage->addresses[find_slot((void *const *)stage->addresses, address)] = NULL;
	return address;
}

void stage_release(struct stage *stage, struct actor_address **address)
{
	player_operation_begin();
	actor_address_unref(stage_give_away(stage, *address));
	player_operation_end();
	*address = NULL;
}

struct actor_mailbox *stage_keep_mailbox(struct stage *stage, struct actor_mailbox *mailbox)
{
	stage->mailboxes[find_slot((void *const *)stage->mailboxes, NULL)] = mailbox;
	return mailbox;
}

void stage_forget(struct stage *stage, struct actor_mailbox *mailbox)
{
	stage->mailboxes[find_slot((void *const *)stage->mailboxes, mailbox)] = NULL;
}

void stage_detach(struct stage *stage, struct actor_mailbox **mailbox)
{
	stage_forget(stage, *mailbox);
	actor_mailbox_detach(*mailbox);
	*mailbox = NULL;
}

void stage_destroy(struct stage *stage, struct actor_mailbox **mailbox)
{
	stage_forget(stage, *mailbox);
	actor_mailbox_destroy(*mailbox);
	*mailbox = NULL;
}

struct actor_mailbox *stage_mailbox(struct stage *stage, const struct actor_behavior *behavior,
				    const char *name, size_t capacity)
{
	struct actor_mailbox *mailbox;

	assert_int_equal(actor_mailbox_create(stage->spawner, behavior,
					      ACTOR_OPTIONS(.name = name, .capacity = capacity),
					      &mailbox),
			 0);
	return stage_keep_mailbox(stage, mailbox);
}

struct actor_address *stage_address(struct stage *stage, struct actor_mailbox *mailbox)
{
	return stage_keep(stage, actor_mailbox_address(mailbox));
}

struct cast stage_unstarted(struct stage *stage, const char *name, size_t capacity)
{
	struct cast cast = { .mailbox = stage_mailbox(stage, &player_behavior, name, capacity) };

	cast.address = stage_address(stage, cast.mailbox);
	return cast;
}

void stage_start(struct stage *stage, struct cast *cast)
{
	struct player *player = player_create(stage, actor_mailbox_info(cast->mailbox).name);
	int rc = actor_mailbox_start(cast->mailbox, player, NULL, NULL);

	if (rc < 0)
		player_destroy(player);
	assert_int_equal(rc, 0);
	cast->state = player;
}

struct cast stage_spawn(struct stage *stage, const char *name, size_t capacity)
{
	struct cast cast = stage_unstarted(stage, name, capacity);

	stage_start(stage, &cast);
	return cast;
}

struct actor_end stage_join(struct stage *stage, struct actor_mailbox *mailbox)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_join(stage->context, mailbox, stage_soon(stage), &end), 0);
	return end;
}

void stage_join_stopped(struct stage *stage, struct cast *cast)
{
	struct actor_end end = stage_join(stage, cast->mailbox);

	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_ptr_equal(end.state, cast->state);
	assert_ptr_equal(end.behavior, &player_behavior);
	assert_ptr_equal(end.mailbox, cast->mailbox);
	assert_null(end.failure);
	player_destroy(end.state);
	cast->state = NULL;
}

void stage_join_ended(struct stage *stage, struct cast *cast, enum actor_ended how)
{
	struct actor_end end = stage_join(stage, cast->mailbox);

	assert_int_equal(end.how, how);
	assert_null(end.state);
	assert_ptr_equal(end.mailbox, cast->mailbox);
	assert_int_equal(end.failure != NULL, how == ACTOR_ENDED_FAILED);
	cast->state = NULL;
}

/* ---- messages */

int stage_try_note(struct stage *stage, struct actor_address *address, int64_t number)
{
	struct play_note note = { .number = number };
	int rc;

	player_operation_begin();
	rc = actor_try_send(address, &play_note_type, &note);
	player_operation_end();
	return stage_saw(stage, rc);
}

void stage_note(struct stage *stage, struct actor_address *address, int64_t number)
{
	assert_int_equal(stage_try_note(stage, address, number), 0);
}

void stage_parcel(struct stage *stage, struct actor_address *address, int64_t number)
{
	struct play_parcel parcel = { .number = number, .cargo = ledger_lend(&stage->ledger) };
	int rc;

	player_operation_begin();
	rc = actor_try_send(address, &play_parcel_type, &parcel);
	player_operation_end();
	if (rc < 0)
		owned_return(&parcel.cargo);
	assert_int_equal(rc, 0);
}

static struct play_perform make_perform(struct stage *stage, play_act_fn *act, int64_t number,
					void *user)
{
	struct play_perform perform = {
		.act = act,
		.number = number,
		.user = user,
		.cargo = ledger_lend(&stage->ledger),
	};

	return perform;
}

void stage_perform(struct stage *stage, struct actor_address *address, play_act_fn *act,
		   int64_t number, void *user)
{
	struct play_perform perform = make_perform(stage, act, number, user);
	int rc;

	player_operation_begin();
	rc = actor_try_send(address, &play_perform_type, &perform);
	player_operation_end();
	if (rc < 0)
		owned_return(&perform.cargo);
	assert_int_equal(rc, 0);
}

void stage_ping(struct stage *stage, struct actor_address *address)
{
	struct play_ping ping = { .number = 4711 };
	int64_t answer = 0;

	assert_int_equal(actor_call_until(stage->context, address, &play_ping_type, &ping, &answer,
					  stage_soon(stage)),
			 0);
	assert_int_equal(answer, 4711);
}

int stage_call(struct stage *stage, struct actor_address *address, play_act_fn *act, int64_t number,
	       void *user)
{
	struct play_perform perform = make_perform(stage, act, number, user);
	int64_t answer = number;
	int rc = actor_call_until(stage->context, address, &play_perform_type, &perform, &answer,
				  stage_soon(stage));

	owned_return(&perform.cargo);
	if (rc == 0)
		assert_int_equal(answer, number);
	return rc;
}

void stage_begin(struct stage *stage, size_t index, struct actor_address *address, play_act_fn *act,
		 int64_t number, void *user)
{
	struct play_perform perform = make_perform(stage, act, number, user);
	int rc;

	assert_true(index < STAGE_FUTURES);
	rc = actor_call_begin_until(stage->context, &stage->futures[index], address,
				    &play_perform_type, &perform, &stage->answers[index],
				    ACTOR_AT_ONCE);
	owned_return(&perform.cargo);
	assert_int_equal(rc, 0);
}

int stage_answer(struct stage *stage, size_t index)
{
	int rc = actor_future_await(&stage->futures[index], stage_soon(stage));

	assert_int_not_equal(stage->futures[index].status, ACTOR_PENDING);
	return rc;
}

bool stage_is_woken(struct stage *stage, size_t index)
{
	return atomic_load(&stage->flags[index].is_woken);
}

static bool is_woken(void *user)
{
	return atomic_load(&((struct flag *)user)->is_woken);
}

void stage_expect_woken(struct stage *stage, size_t index)
{
	stage_until(stage, is_woken, &stage->flags[index]);
}

/* ---- threads */

static void *run_helper(void *user)
{
	struct helper *helper = user;
	const struct side *side = &helper->stage->sides[0];
	struct actor_context *context = side->subject->context(side->instance);

	if (!context)
		abort();
	helper->run(helper, context);
	if (side->subject->context_done)
		side->subject->context_done(side->instance, context);
	wait_end(helper->done);
	return NULL;
}

void helper_start(struct helper *helper)
{
	assert_int_equal(wait_open(helper->stage->context, &helper->done), 0);
	if (pthread_create(&helper->thread, NULL, run_helper, helper) != 0)
		abort();
}

void helper_join(struct helper *helper)
{
	assert_int_equal(wait_for(helper->stage->context, helper->done, stage_soon(helper->stage)),
			 0);
	wait_close(helper->stage->context, helper->done);
	pthread_join(helper->thread, NULL);
}
