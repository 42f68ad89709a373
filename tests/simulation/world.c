/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what was logged last */

enum { N_LINES = 16 };

static char lines[N_LINES][200];
static unsigned n_lines;

void world_log(void *user, const struct actor_log_record *record)
{
	(void)user;
	actor_log_format(record, lines[n_lines++ % N_LINES], sizeof lines[0]);
	if (strncmp(record->text, "ACTOR_SEED=", 11) != 0)
		return;
	for (unsigned i = n_lines < N_LINES ? 0 : n_lines - N_LINES; i < n_lines; i++)
		fprintf(stderr, "%s\n", lines[i % N_LINES]);
	n_lines = 0;
}

/* ---- what messages own */

struct token *world_token(struct world *world)
{
	struct token *token = malloc(sizeof *token);

	if (!token)
		abort();
	token->world = world;
	world->n_tokens++;
	return token;
}

static void token_destroy(struct token *token)
{
	if (token)
		token->world->n_tokens--;
	free(token);
}

static void chore_drop(void *message)
{
	token_destroy(((struct chore *)message)->token);
}

static void favour_drop(void *message)
{
	token_destroy(((struct favour *)message)->token);
}

static void bulletin_drop(void *message)
{
	token_destroy(((struct bulletin *)message)->token);
}

static int bulletin_copy(void *to, const void *from)
{
	const struct bulletin *bulletin = from;

	*(struct bulletin *)to = (struct bulletin){
		.token = world_token(bulletin->token->world),
		.from = bulletin->from,
		.number = bulletin->number,
	};
	return 0;
}

static void thanks_drop(void *value)
{
	token_destroy(((struct thanks *)value)->token);
}

ACTOR_SIGNAL_DEFINE(chore, "world.chore", chore_drop);
ACTOR_MESSAGE_DEFINE(favour, "world.favour", favour_drop, thanks_drop);
const struct actor_message_type bulletin_type = {
	.size = sizeof bulletin_type,
	.name = "world.bulletin",
	.message_size = sizeof(struct bulletin),
	.message_align = _Alignof(struct bulletin),
	.drop = bulletin_drop,
	.copy = bulletin_copy,
};

/* ---- actors */

static int perform(struct doer *self, struct actor_context *context, act_fn *act, void *user)
{
	int rc;

	world_must(self->world, !self->in_hand, "an actor does two things at a time");
	self->in_hand = true;
	rc = act(self, context, user);
	self->in_hand = false;
	return rc;
}

static void doer_on_chore(struct doer *self, struct chore *message, struct actor_context *context)
{
	perform(self, context, message->act, message->user);
}

static void doer_on_favour(struct doer *self, struct favour *message, struct favour_pending pending,
			   struct actor_context *context)
{
	int rc = perform(self, context, message->act, message->user);
	struct favour_reply reply = favour_reply_take(pending);

	if (rc == WORLD_KEEP && self->n_kept < DOER_MOST_KEPT)
		self->kept[self->n_kept++] = reply;
	else if (rc < 0)
		favour_reply_refuse(&reply, rc);
	else
		favour_reply_answer(&reply, (struct thanks){ world_token(self->world) });
}

static void hear(struct doer *self, const struct actor_message_type *type, void *message)
{
	world_must(self->world, !self->in_hand, "an actor does two things at a time");
	if (self->hear)
		self->hear(self, type, message, self->user);
}

static void doer_on_bulletin(struct doer *self, struct bulletin *message,
			     struct actor_context *context)
{
	(void)context;
	hear(self, &bulletin_type, message);
}

static void doer_on_actor_observed_end(struct doer *self, struct actor_observed_end *message,
				       struct actor_context *context)
{
	(void)context;
	hear(self, &actor_observed_end_type, message);
}

static void doer_on_actor_result(struct doer *self, struct actor_result *message,
				 struct actor_context *context)
{
	(void)context;
	hear(self, &actor_result_type, message);
}

void doer_answer(struct doer *self)
{
	if (self->n_kept == 0)
		return;
	favour_reply_answer(&self->kept[0], (struct thanks){ world_token(self->world) });
	self->n_kept--;
	for (unsigned i = 0; i < self->n_kept; i++)
		self->kept[i] = self->kept[i + 1];
}

static struct doer *doer_create(struct world *world)
{
	struct doer *doer = calloc(1, sizeof *doer);

	if (!doer)
		abort();
	doer->world = world;
	world->n_states++;
	return doer;
}

static void doer_destroy(struct doer *self)
{
	for (unsigned i = 0; i < self->n_kept; i++)
		favour_reply_refuse(&self->kept[i], WORLD_REFUSED);
	actor_nursery_destroy(self->nursery);
	self->world->n_states--;
	free(self);
}

ACTOR_DEFINE(doer, DOER_MESSAGES, NULL, NULL, doer_destroy);

/* ---- the world */

void world_must(struct world *world, bool holds, const char *what)
{
	if (!holds && !world->wrong)
		world->wrong = what;
}

unsigned world_choose(struct world *world, unsigned n)
{
	return (unsigned)actor_simulation_choose(world->executor, n);
}

int world_pause(struct world *world, struct actor_context *context, unsigned most)
{
	return actor_sleep_until(context, actor_now(context) + world_choose(world, most));
}

int64_t world_soon(struct world *world, struct actor_context *context)
{
	return world_choose(world, 3) ? ACTOR_FOREVER : actor_now(context) + world_choose(world, 4);
}

void world_stand_by(struct world *world)
{
	actor_ignore(world_pause(world, world->context, 6));
}

void world_let_finish(struct world *world)
{
	actor_ignore(actor_sleep_until(world->context, actor_now(world->context) + 1000000000));
}

void world_join(struct world *world)
{
	if (actor_executor_join(world->executor, ACTOR_FOREVER) == 0)
		return;
	world_must(world, false, "actors are left that do not end");
	actor_executor_close(world->executor);
	actor_ignore(actor_executor_join(world->executor, ACTOR_FOREVER));
}

static void must_be_even(struct world *world)
{
	world_must(world, world->n_tokens == 0, "a message or an answer was not dropped");
	world_must(world, world->n_states == 0, "a state was not destroyed");
	world_must(world, world->n_calls == 0, "a call has not ended");
	if (world->wrong)
		ACTOR_LOG(world->context, ACTOR_LOG_ERROR, "%s", world->wrong);
}

int world_run(struct actor_executor *executor, play_fn *play, bool scarce)
{
	struct world world = {
		.executor = executor,
		.context = actor_thread_context(),
		.scarce = scarce,
	};

	play(&world);
	world_join(&world);
	must_be_even(&world);
	return world.wrong ? WORLD_REFUSED : 0;
}

/* ---- owners */

static void on_end(void *user, struct actor_end *end)
{
	struct cast *cast = user;
	bool again = end->how == ACTOR_ENDED_FAILED && end->mailbox && cast->n_restarts > 0;

	world_must(cast->world, ++cast->n_ends == cast->n_runs, "an end was told twice");
	if (cast->ends_ns)
		world_must(cast->world,
			   end->how == ACTOR_ENDED_CANCELLED &&
				   actor_now(cast->world->context) == cast->ends_ns,
			   "a cancelled actor goes on");
	cast->how = end->how;
	actor_end_drop(end);
	if (again) {
		cast->n_restarts--;
		cast_start(cast);
	} else if (end->mailbox) {
		cast->mailbox.mailbox = NULL;
		actor_mailbox_detach(end->mailbox);
	}
}

struct cast cast_create(struct world *world, size_t capacity)
{
	struct cast cast = { .world = world };
	int rc = ACTOR_MAILBOX_CREATE(doer, actor_executor_spawner(world->executor),
				      ACTOR_OPTIONS(.capacity = capacity), &cast.mailbox);

	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
		   "a mailbox was not made");
	if (rc == 0)
		cast.address = ACTOR_MAILBOX_ADDRESS(doer, cast.mailbox);
	return cast;
}

void cast_start(struct cast *cast)
{
	struct doer *doer;
	int rc;

	if (!cast->mailbox.mailbox)
		return;
	doer = doer_create(cast->world);
	cast->n_runs++;
	rc = ACTOR_MAILBOX_START(doer, cast->mailbox, doer, on_end, cast);
	if (rc == 0)
		return;
	world_must(cast->world, rc == ACTOR_E_CLOSED, "an actor was not started");
	cast->n_runs--;
	doer_destroy(doer);
	cast_destroy(cast);
}

void cast_leave(struct cast *cast)
{
	actor_address_unref(cast->address.address);
	cast->address.address = NULL;
}

void cast_cancel(struct cast *cast)
{
	if (!cast->mailbox.mailbox)
		return;
	if (!cast->ends_ns)
		cast->ends_ns = actor_now(cast->world->context);
	actor_mailbox_cancel(cast->mailbox.mailbox);
}

void cast_destroy(struct cast *cast)
{
	struct actor_mailbox *mailbox = cast->mailbox.mailbox;

	cast_cancel(cast);
	cast->mailbox.mailbox = NULL;
	actor_mailbox_detach(mailbox);
}

void cast_disturb(struct cast *cast)
{
	if (!cast->mailbox.mailbox)
		return;
	switch (world_choose(cast->world, 4)) {
	case 0:
		actor_mailbox_stop(cast->mailbox.mailbox, ACTOR_STOP_DRAIN);
		break;
	case 1:
		actor_mailbox_stop(cast->mailbox.mailbox, ACTOR_STOP_NOW);
		break;
	case 2:
		cast_cancel(cast);
		break;
	case 3:
		cast_destroy(cast);
		break;
	}
}

/* Nobody owns it if @ret_mailbox is NULL. */
static bool spawn(struct world *world, struct actor_spawner *spawner,
		  union doer_address *ret_address, struct doer_mailbox *ret_mailbox)
{
	struct doer *doer = doer_create(world);
	int rc = ret_mailbox
			 ? ACTOR_SPAWN_MAILBOX(doer, spawner, doer, NULL, ret_address, ret_mailbox)
			 : ACTOR_SPAWN(doer, spawner, doer, NULL, ret_address);

	if (rc < 0) {
		world_must(world, rc == ACTOR_E_CLOSED || (rc == ACTOR_E_NOMEM && world->scarce),
			   "an actor was not spawned");
		doer_destroy(doer);
	}
	return rc == 0;
}

union doer_address world_spawn(struct world *world, struct actor_spawner *spawner)
{
	union doer_address address, none = { NULL };

	return spawn(world, spawner, &address, NULL) ? address : none;
}

bool world_spawn_owned(struct world *world, struct actor_spawner *spawner,
		       union doer_address *ret_address, struct doer_mailbox *ret_mailbox)
{
	return spawn(world, spawner, ret_address, ret_mailbox);
}

/* ---- messages */

static void check_status(struct world *world, int rc, bool called, bool timed)
{
	bool good;

	switch (rc) {
	case 0:
	case ACTOR_E_CLOSED:
	case ACTOR_E_CANCELLED:
		good = true;
		break;
	case ACTOR_E_NOMEM:
		good = world->scarce;
		break;
	case ACTOR_E_FULL:
		good = timed;
		break;
	case ACTOR_E_TIMEOUT:
		good = called && timed;
		break;
	case ACTOR_E_STOPPED:
	case WORLD_REFUSED:
		good = called;
		break;
	default:
		good = false;
	}
	world_must(world, good, "a status that cannot be");
}

int world_send(struct world *world, struct actor_context *context, union doer_address to,
	       act_fn *act, void *user, int64_t deadline_ns)
{
	struct chore chore = { act, user, world_token(world) };
	int rc = 0;

	if (to.address)
		rc = ACTOR_SEND_UNTIL(context, to, chore, deadline_ns, &chore);
	check_status(world, rc, false, deadline_ns != ACTOR_FOREVER);
	if (rc == 0 && to.address)
		world_must(world, !chore.token, "what was sent is still there");
	chore_drop(&chore);
	return rc;
}

int world_call(struct world *world, struct actor_context *context, union doer_address to,
	       act_fn *act, void *user, int64_t deadline_ns)
{
	struct favour favour = { act, user, world_token(world), "" };
	struct thanks thanks = { NULL };
	int rc = 0;

	world->n_calls++;
	if (to.address)
		rc = ACTOR_CALL_UNTIL(context, to, favour, &thanks, deadline_ns, &favour);
	world->n_calls--;
	check_status(world, rc, true, deadline_ns != ACTOR_FOREVER);
	if (to.address)
		world_must(world, !thanks.token == (rc != 0), "an answer that cannot be");
	favour_drop(&favour);
	thanks_drop(&thanks);
	return rc;
}

int world_begin(struct world *world, struct actor_context *context, struct actor_future *future,
		union doer_address to, act_fn *act, void *user, struct thanks *ret_thanks)
{
	struct favour favour = { act, user, world_token(world), "" };
	int rc = ACTOR_E_CLOSED;

	ret_thanks->token = NULL;
	future->status = ACTOR_E_CLOSED;
	if (to.address)
		rc = ACTOR_CALL_BEGIN(context, future, to, favour, ret_thanks, &favour);
	check_status(world, rc, false, false);
	world->n_calls += rc == 0;
	favour_drop(&favour);
	return rc;
}

static void on_answer(struct actor_ask *ask, int status, void *value)
{
	struct world *world = ask->user;

	check_status(world, status, true, false);
	world->n_calls--;
	if (status == 0)
		thanks_drop(value);
}

int world_ask(struct world *world, struct actor_ask *ask, union doer_address to, act_fn *act,
	      void *user)
{
	struct favour favour = { act, user, world_token(world), "" };
	int rc = ACTOR_E_CLOSED;

	if (to.address)
		rc = ACTOR_ASK(NULL, ask, to, favour, on_answer, world, &favour);
	check_status(world, rc, false, true);
	world->n_calls += rc == 0;
	favour_drop(&favour);
	return rc;
}

bool world_set_timer(struct world *world, union doer_address to, act_fn *act, void *user,
		     int64_t at_ns, struct actor_timer **ret_timer)
{
	struct chore chore = { act, user, world_token(world) };
	int rc = ACTOR_TIMER_ONCE(world->executor, to, chore, at_ns, ret_timer, &chore);

	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce), "a timer was not set");
	chore_drop(&chore);
	return rc == 0;
}

void world_end(struct world *world, struct actor_future *future, struct thanks *thanks)
{
	bool was_pending = future->status == ACTOR_PENDING;

	actor_future_cancel(future);
	world->n_calls--;
	if (!was_pending)
		check_status(world, future->status, true, false);
	world_must(world, !thanks->token == (future->status != 0), "an answer that cannot be");
	thanks_drop(thanks);
	thanks->token = NULL;
}
