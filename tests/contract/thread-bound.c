/* SPDX-License-Identifier: MIT */

/* Thread-bound actors: all of their code runs on one thread, or they are not run at all. */

#include "suite.h"

#include <stdlib.h>

/* ---- an actor that looks where it runs */

struct bound {
	struct stage *stage;
	pthread_t *home; /* where its first code ran */
	bool *has_home;
};

static void look_around(struct bound *self, const char *word)
{
	struct probe *probe = &self->stage->probe;

	if (!*self->has_home) {
		*self->home = pthread_self();
		*self->has_home = true;
	}
	probe_record(probe, "%s%s", word,
		     pthread_equal(*self->home, pthread_self()) ? "" : ":elsewhere");
}

static void bound_started(void *self, struct actor_context *context)
{
	(void)context;
	look_around(self, "started");
}

static void bound_stopped(void *self, struct actor_context *context)
{
	actor_sleep_until(context, actor_now(context) + 1000);
	look_around(self, "stopped");
}

static void bound_destroy(void *self)
{
	look_around(self, "destroyed");
	free(self);
}

static void bound_note(void *self, void *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	(void)message;
	(void)slot;
	(void)context;
	look_around(self, "note");
}

/* number 0: waits for the gate; otherwise fails after a short wait */
static void bound_ping(void *self, void *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	struct bound *bound = self;
	const struct play_ping *ping = message;
	struct play_ping_pending pending = { slot };
	struct play_ping_reply reply;

	look_around(self, "ping");
	if (ping->number != 0) {
		actor_sleep_until(context, actor_now(context) + 1000);
		ACTOR_FAIL(context, "as told");
	}
	gate_pass(&bound->stage->gate, context, ACTOR_FOREVER);
	look_around(self, "pong");
	reply = play_ping_reply_take(pending);
	play_ping_reply_answer(&reply, 5);
}

static const struct actor_handler bound_handlers[] = {
	{ &play_note_type, bound_note },
	{ &play_ping_type, bound_ping },
};

static const struct actor_behavior bound_behavior = {
	.size = sizeof bound_behavior,
	.name = "bound",
	.handlers = bound_handlers,
	.n_handlers = 2,
	.stride = sizeof bound_handlers[0],
	.flags = ACTOR_THREAD_BOUND,
	.started = bound_started,
	.stopped = bound_stopped,
	.destroy = bound_destroy,
};

struct bound_cast {
	struct actor_mailbox *mailbox;
	struct actor_address *address;
	pthread_t home;
	bool has_home;
};

static void start_bound(struct stage *stage, struct bound_cast *cast)
{
	struct bound *state = malloc(sizeof *state);
	int rc;

	assert_non_null(state);
	*state = (struct bound){ stage, &cast->home, &cast->has_home };
	rc = actor_mailbox_start(cast->mailbox, state, NULL, NULL);
	if (rc < 0)
		free(state);
	assert_int_equal(rc, 0);
}

/* In static memory: it is looked at until the very end. */
static struct bound_cast *spawn_bound(struct stage *stage)
{
	static struct bound_cast cast;

	cast = (struct bound_cast){ .mailbox = stage_mailbox(stage, &bound_behavior, "", 0) };
	cast.address = stage_address(stage, cast.mailbox);
	start_bound(stage, &cast);
	return &cast;
}

/* ---- tests */

static void all_its_code_runs_on_one_thread(struct stage *stage)
{
	struct bound_cast *bound = spawn_bound(stage);
	struct play_ping ping = { .number = 0 };
	int64_t answer = 0;

	stage_note(stage, bound->address, 1);
	assert_int_equal(actor_call_begin(stage->context, &stage->futures[0], bound->address,
					  &play_ping_type, &ping, &answer),
			 0);
	stage_expect(stage, "ping", 1);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(answer, 5);
	stage_detach(stage, &bound->mailbox);
	stage_release(stage, &bound->address);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started note ping pong stopped destroyed");
}

static void it_hands_its_state_back_like_any_other(struct stage *stage)
{
	struct bound_cast *bound = spawn_bound(stage);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(bound->address));
	struct actor_end end;

	stage_note(stage, weak, 1);
	stage_release(stage, &bound->address);
	end = stage_join(stage, bound->mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_non_null(end.state);
	assert_int_equal(stage_try_note(stage, weak, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "started note stopped");
	actor_end_drop(&end);
}

static void it_fails_and_starts_again_on_its_thread(struct stage *stage)
{
	struct bound_cast *bound = spawn_bound(stage);
	struct play_ping ping = { .number = 1 };
	struct actor_end end;

	assert_int_equal(actor_call_until(stage->context, bound->address, &play_ping_type, &ping,
					  NULL, stage_soon(stage)),
			 ACTOR_E_STOPPED);
	end = stage_join(stage, bound->mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	stage_note(stage, bound->address, 1);
	start_bound(stage, bound);
	stage_expect(stage, "note", 1);
	assert_recorded(stage, "started ping destroyed started note");
	stage_release(stage, &bound->address);
	end = stage_join(stage, bound->mailbox);
	assert_recorded(stage, "started ping destroyed started note stopped");
	actor_end_drop(&end); /* ours, and here, wherever the actor lived */
}

static void it_is_cancelled_on_its_thread(struct stage *stage)
{
	struct bound_cast *bound = spawn_bound(stage);
	struct play_ping ping = { .number = 0 };

	assert_int_equal(actor_call_begin(stage->context, &stage->futures[0], bound->address,
					  &play_ping_type, &ping, NULL),
			 0);
	stage_expect(stage, "ping", 1);
	actor_mailbox_cancel(bound->mailbox);
	assert_int_equal(stage_join(stage, bound->mailbox).how, ACTOR_ENDED_CANCELLED);
	assert_int_equal(probe_count(&stage->probe, "destroyed"), 1);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 0);
}

static void use_from_thread(struct helper *helper, struct actor_context *context)
{
	struct play_ping ping = { .number = 0 };
	struct play_note note = { .number = 1 };
	int64_t answer = 0;
	int rc = actor_send(context, helper->user, &play_note_type, &note);

	if (rc == 0)
		rc = actor_call(context, helper->user, &play_ping_type, &ping, &answer);
	probe_record(&helper->stage->probe, "called:%s:%d", status_word(rc), (int)answer);
	actor_address_unref(helper->user); /* the last one: the end is not on this thread */
}

static void other_threads_use_it_from_afar(struct stage *stage)
{
	static struct helper helper;
	struct bound_cast *bound = spawn_bound(stage);

	stage_detach(stage, &bound->mailbox);
	helper = (struct helper){
		.stage = stage,
		.run = use_from_thread,
		.user = stage_give_away(stage, bound->address),
	};
	gate_open(&stage->gate);
	helper_start(&helper);
	helper_join(&helper);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started note ping pong called:ok:5 stopped destroyed");
}

static void others_run_beside_it(struct stage *stage)
{
	struct cast other = stage_spawn(stage, "other", 0);
	struct bound_cast *bound = spawn_bound(stage);
	struct play_ping ping = { .number = 0 };

	assert_int_equal(actor_call_begin(stage->context, &stage->futures[0], bound->address,
					  &play_ping_type, &ping, NULL),
			 0);
	stage_expect(stage, "ping", 1);
	stage_ping(stage, other.address); /* on the same thread, while the bound one waits */
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(probe_count(&stage->probe, "pong"), 1);
}

static void where_it_cannot_run_its_mailbox_is_refused(struct stage *stage)
{
	struct actor_mailbox *mailbox = NULL;
	struct actor_address *address = NULL;
	struct bound state = { .stage = stage };

	assert_int_equal(actor_mailbox_create(stage->spawner, &bound_behavior, NULL, &mailbox),
			 ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_spawn(stage->spawner, &bound_behavior, &state, NULL, &address),
			 ACTOR_E_UNSUPPORTED);
	assert_null(mailbox);
	assert_null(address);
	stage_ping(stage, stage_spawn(stage, "other", 0).address);
	assert_recorded(stage, "other.started");
}

const struct contract_test contract_thread_bound_tests[] = {
	{ "thread-bound: all its code runs on one thread", "LO-01 LO-03 LO-04 B-10",
	  all_its_code_runs_on_one_thread, CONTRACT_THREAD_BOUND | CONTRACT_SUSPEND, 0 },
	{ "thread-bound: it hands its state back like any other", "LO-03 LO-04 L-25",
	  it_hands_its_state_back_like_any_other, CONTRACT_THREAD_BOUND, 0 },
	{ "thread-bound: it fails, and starts again, on its thread", "LO-04 S-02 S-07",
	  it_fails_and_starts_again_on_its_thread,
	  CONTRACT_THREAD_BOUND | CONTRACT_SUSPEND | CONTRACT_RESTART, 0 },
	{ "thread-bound: it is cancelled on its thread", "LO-04 L-10",
	  it_is_cancelled_on_its_thread, CONTRACT_THREAD_BOUND | CONTRACT_SUSPEND, 0 },
	{ "thread-bound: other threads use it from afar", "LO-06", other_threads_use_it_from_afar,
	  CONTRACT_THREAD_BOUND | CONTRACT_SUSPEND | CONTRACT_CROSS_THREAD, 0 },
	{ "thread-bound: others run beside it", "LO-02", others_run_beside_it,
	  CONTRACT_THREAD_BOUND | CONTRACT_SUSPEND, 0 },
	{ "thread-bound: where it cannot run, its mailbox is refused", "LO-05 spawner",
	  where_it_cannot_run_its_mailbox_is_refused, 0, CONTRACT_THREAD_BOUND },
	{ 0 },
};
