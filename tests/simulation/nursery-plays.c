/* SPDX-License-Identifier: MIT */

/* Plays of nurseries: each subtask has one result, which comes back to who started it, if that is
 * still there, whatever becomes of the subtask. */

#include "plays.h"

/* ---- subtasks that fail and refuse; their owner waits for all, or gives them up */

static int do_favour(struct actor_context *context, struct favour *favour,
		     struct thanks *ret_thanks)
{
	struct world *world = favour->user;
	int rc = world_pause(world, context, 4);

	if (world_choose(world, 6) == 0)
		ACTOR_FAIL(context, "as it happens");
	if (rc < 0 || world_choose(world, 6) == 0)
		return WORLD_REFUSED;
	ret_thanks->token = favour->token;
	favour->token = NULL;
	return 0;
}
ACTOR_SUBTASK(do_favour, favour);

static unsigned start_subtasks(struct world *world, struct actor_nursery *nursery)
{
	unsigned n_started = 0;

	for (unsigned i = 0; i < 3; i++) {
		struct favour favour = { .user = world, .token = world_token(world) };
		int rc = ACTOR_NURSERY_START(nursery, do_favour, NULL, &favour);

		world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
			   "a subtask was not started");
		n_started += rc == 0;
		actor_message_drop(&favour_type, &favour);
	}
	return n_started;
}

static void look_at_result(struct world *world, struct actor_result *result)
{
	int status = result->status;

	world_must(world,
		   status == 0 || status == WORLD_REFUSED || status == ACTOR_E_STOPPED ||
			   (status == ACTOR_E_NOMEM && world->scarce),
		   "a subtask ends in a way in which it cannot");
	world_must(world, !ACTOR_RESULT(favour, result) == (status != 0),
		   "a result that cannot be");
	actor_result_drop(result);
}

static int have_favours_done(struct doer *self, struct actor_context *context, void *user)
{
	struct world *world = self->world;
	struct actor_nursery_options options = {
		.size = sizeof options,
		.results = ACTOR_NURSERY_NEXT,
		.limit = world_choose(world, 3),
	};
	struct actor_nursery *nursery;
	struct actor_result result;
	unsigned n_started, n_results = 0;
	int rc = actor_nursery_create(context, &options, &nursery);

	(void)user;
	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
		   "a nursery was not made");
	if (rc < 0)
		return 0;
	n_started = start_subtasks(world, nursery);
	actor_nursery_close(nursery);
	if (world_choose(world, 4) > 0) {
		while ((rc = actor_nursery_next(context, nursery, world_soon(world, context),
						&result)) == 0) {
			n_results++;
			look_at_result(world, &result);
		}
		world_must(world, rc != ACTOR_E_CLOSED || n_results == n_started,
			   "results are missing");
	}
	actor_nursery_destroy(nursery);
	return 0;
}

void play_subtasks(struct world *world)
{
	struct cast owners[2];

	for (unsigned i = 0; i < 2; i++) {
		owners[i] = cast_create(world, 0);
		cast_start(&owners[i]);
		actor_ignore(world_send(world, world->context, owners[i].address, have_favours_done,
					NULL, ACTOR_AT_ONCE));
	}
	world_stand_by(world);
	if (world_choose(world, 3) == 0)
		cast_disturb(&owners[world_choose(world, 2)]);
	for (unsigned i = 0; i < 2; i++)
		cast_leave(&owners[i]);
	world_join(world);
}

/* ---- subtasks whose results are sent to an actor that has little room, and may end any time */

enum { MOST_JOBS = 30, MOST_NUMBER = 100 };

struct crew {
	struct world *world;
	struct cast owner;
	struct actor_nursery *nursery; /* for subtasks, which keep its memory */
	unsigned n_started;
	unsigned n_results;
	enum { NOT_STARTED, STARTED, TOLD /* to cancel */, DONE } jobs[MOST_NUMBER];
	bool is_over; /* results may be dropped from here on */
};

static int start_jobs(struct crew *crew, struct actor_nursery *nursery, unsigned n);

static int do_job(struct actor_context *context, struct favour *favour, struct thanks *ret_thanks)
{
	struct crew *crew = favour->user;
	struct world *world = crew->world;
	int rc = world_pause(world, context, 4);

	if (world_choose(world, 4) == 0)
		actor_ignore(start_jobs(crew, crew->nursery, 1));
	if (world_choose(world, 4) == 0)
		ACTOR_FAIL(context, "as it happens");
	if (rc < 0 || world_choose(world, 6) == 0)
		return rc < 0 ? rc : WORLD_REFUSED;
	ret_thanks->token = favour->token;
	favour->token = NULL;
	return 0;
}
ACTOR_SUBTASK(do_job, favour);

static int start_jobs(struct crew *crew, struct actor_nursery *nursery, unsigned n)
{
	struct world *world = crew->world;
	uint64_t number;
	int rc = 0;

	for (; n > 0 && crew->n_started < MOST_JOBS; n--) {
		struct favour favour = { .user = crew, .token = world_token(world) };

		rc = ACTOR_NURSERY_START(nursery, do_job, &number, &favour);
		world_must(world,
			   rc == 0 || (rc == ACTOR_E_CLOSED && crew->is_over) ||
				   (rc == ACTOR_E_NOMEM && world->scarce),
			   "a subtask was not started");
		if (rc == 0) {
			crew->n_started++;
			crew->jobs[number % MOST_NUMBER] = STARTED;
		}
		actor_message_drop(&favour_type, &favour);
	}
	return rc;
}

static void hear_result(struct doer *self, const struct actor_message_type *type, void *message,
			void *user)
{
	struct actor_result *result = message;
	struct crew *crew = user;
	uint64_t number = result->number % MOST_NUMBER;
	int status = result->status;

	(void)type;
	world_must(self->world, crew->jobs[number] == STARTED || crew->jobs[number] == TOLD,
		   "a result comes twice, or is nobody's");
	crew->n_results++;
	world_must(self->world,
		   status == 0 || status == WORLD_REFUSED || status == ACTOR_E_STOPPED ||
			   (status == ACTOR_E_CANCELLED && crew->jobs[number] == TOLD) ||
			   (status == ACTOR_E_NOMEM && self->world->scarce),
		   "a subtask ends in a way in which it cannot");
	world_must(self->world, !ACTOR_RESULT(favour, result) == (status != 0),
		   "a result that cannot be");
	crew->jobs[number] = DONE;
}

static int employ(struct doer *self, struct actor_context *context, void *user)
{
	struct crew *crew = user;
	struct world *world = self->world;
	struct actor_nursery_options options = { .size = sizeof options,
						 .limit = world_choose(world, 3) };
	int rc = 0;

	if (crew->is_over) /* and this may be the state after a failure */
		return 0;
	self->hear = hear_result;
	self->user = crew;
	if (!self->nursery) {
		rc = actor_nursery_create(context, &options, &self->nursery);
		world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
			   "a nursery was not made");
		if (rc < 0)
			return 0;
		actor_nursery_keep(self->nursery);
		crew->nursery = self->nursery;
	}
	actor_ignore(start_jobs(crew, self->nursery, 1 + world_choose(world, 3)));
	return world_pause(world, context, 3);
}

static int dismiss(struct doer *self, struct actor_context *context, void *user)
{
	struct crew *crew = user;
	unsigned number = 1 + world_choose(self->world, MOST_JOBS / 2);

	if (self->nursery && actor_nursery_cancel(self->nursery, number)) {
		world_must(self->world, crew->jobs[number] == STARTED || crew->jobs[number] == TOLD,
			   "what is over is cancelled");
		crew->jobs[number] = TOLD;
	}
	return world_pause(self->world, context, 3);
}

static int disband(struct doer *self, struct actor_context *context, void *user)
{
	struct crew *crew = user;

	crew->is_over = true;
	if (world_choose(self->world, 2))
		ACTOR_FAIL(context, "as it happens");
	actor_nursery_destroy(self->nursery);
	self->nursery = NULL;
	return 0;
}

static int be_idle(struct doer *self, struct actor_context *context, void *user)
{
	(void)user;
	return world_pause(self->world, context, 4);
}

void play_results(struct world *world)
{
	static act_fn *const acts[] = { employ, dismiss, be_idle, disband };
	struct crew crew = { .world = world, .owner = cast_create(world, 1) };

	crew.owner.n_restarts = 2;
	cast_start(&crew.owner);
	for (unsigned n = 3 + world_choose(world, 5); n > 0; n--) {
		unsigned which = world_choose(world, 12);

		actor_ignore(world_send(world, world->context, crew.owner.address,
					acts[which < 5	  ? 0
					     : which < 8  ? 1
					     : which < 11 ? 2
							  : 3],
					&crew, world_soon(world, world->context)));
	}
	if (world_choose(world, 4) == 0) {
		crew.is_over = true;
		cast_disturb(&crew.owner);
	}
	world_let_finish(world);
	world_must(world, crew.is_over || crew.n_results == crew.n_started, "results are missing");
	cast_leave(&crew.owner);
	world_join(world);
}
