/* SPDX-License-Identifier: MIT */

/* A runtime whose members come and go, fail, get stuck and are stopped, and who is told of that. */

#include "plays.h"

#include <string.h>

#define MS 1000000

enum { N_CASTS = 2, N_SPAWNED = 3, MOST_KNOWN = 64 };

/* What somebody has been told of one member. */
struct known {
	uint64_t number;
	bool unhealthy;
	bool failed;
	bool stopped;
	unsigned n_restarts;
};

struct audience {
	struct world *world;
	const char *whose;
	struct known members[MOST_KNOWN];
	unsigned n_members;
	unsigned n_stopped;
};

struct system {
	struct world *world;
	struct actor_runtime *runtime;
	struct audience all;	/* the notice function */
	struct audience warden; /* a supervisor that is slow */
	bool warden_hears_all;
	unsigned n_members;
	uint64_t supervised[N_CASTS + N_SPAWNED];
	unsigned n_supervised;
};

static struct known *known(struct audience *audience, uint64_t number)
{
	for (unsigned i = 0; i < audience->n_members; i++)
		if (audience->members[i].number == number)
			return &audience->members[i];
	world_must(audience->world, audience->n_members < MOST_KNOWN, "a play is too large");
	audience->members[audience->n_members].number = number;
	return &audience->members[audience->n_members++];
}

static void follow(struct audience *audience, const struct actor_notice *notice)
{
	struct known *member = known(audience, notice->identity.number);
	struct world *world = audience->world;

	world_must(world, !member->stopped, "something is told after the end");
	switch (notice->what) {
	case ACTOR_NOTICED_UNHEALTHY:
		world_must(world, !member->unhealthy && !member->failed, "unhealthy twice");
		world_must(world, notice->age_ns >= 200 * MS, "unhealthy too early");
		member->unhealthy = true;
		break;
	case ACTOR_NOTICED_HEALTHY:
		world_must(world, member->unhealthy, "healthy twice");
		member->unhealthy = false;
		break;
	case ACTOR_NOTICED_OVERRUN:
		world_must(world, false, "somebody keeps the thread of a simulation");
		break;
	case ACTOR_NOTICED_FAILURE:
		world_must(world, !member->failed, "failed twice");
		member->failed = true;
		member->unhealthy = false;
		break;
	case ACTOR_NOTICED_RESTART:
		world_must(world, member->failed && notice->n_restarts > member->n_restarts,
			   "restarted without a failure");
		member->failed = false;
		member->n_restarts = notice->n_restarts;
		break;
	case ACTOR_NOTICED_END:
		member->stopped = true;
		audience->n_stopped++;
		break;
	}
}

static void hear(void *user, const struct actor_notice *notice)
{
	follow(user, notice);
}

/* ---- the supervisor */

#define WARDEN_MESSAGES(CALL, SEND, X) SEND(X, actor_notice)
ACTOR_DECLARE(warden, WARDEN_MESSAGES);

struct warden {
	struct system *system;
};

static void warden_on_actor_notice(struct warden *self, struct actor_notice *message,
				   struct actor_context *context)
{
	struct world *world = self->system->world;

	follow(&self->system->warden, message);
	if (world_choose(world, 4) == 0)
		actor_ignore(actor_sleep_until(context,
					       actor_now(context) + world_choose(world, 300) * MS));
}

ACTOR_DEFINE(warden, WARDEN_MESSAGES, NULL, NULL, NULL);

/* ---- what members do */

static int work(struct doer *self, struct actor_context *context, void *user);

static int linger(struct world *world, struct actor_context *context)
{
	return actor_sleep_until(context, actor_now(context) + world_choose(world, 500) * MS);
}

static void have_helper(struct system *system, struct actor_context *context)
{
	union doer_address helper = world_spawn(system->world, actor_spawner(context));

	if (!helper.address)
		return;
	system->n_members++;
	actor_ignore(world_send(system->world, context, helper, work, system, ACTOR_AT_ONCE));
	actor_address_unref(helper.address);
}

static int work(struct doer *self, struct actor_context *context, void *user)
{
	struct world *world = self->world;

	switch (world_choose(world, 8)) {
	case 0:
		ACTOR_FAIL(context, "as it happens");
	case 1:
		return actor_sleep_until(context, ACTOR_FOREVER); /* stuck */
	case 2:
		have_helper(user, context);
		break;
	case 3:
		actor_ignore(actor_stop(context, ACTOR_STOP_NOW));
		break;
	default:
		actor_ignore(linger(world, context));
	}
	return 0;
}

static void give_work(struct system *system, union doer_address to)
{
	for (unsigned n = world_choose(system->world, 4); n > 0; n--)
		actor_ignore(world_send(system->world, system->world->context, to, work, system,
					ACTOR_AT_ONCE));
}

/* ---- the play */

static void may_lack_memory(struct world *world, int rc, const char *what)
{
	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce), what);
}

static void look(struct system *system)
{
	struct actor_runtime_list *list;
	int rc = actor_runtime_list_create(system->runtime, &list);

	may_lack_memory(system->world, rc, "members are not listed");
	if (rc < 0)
		return;
	for (size_t i = 0; i < list->n_members; i++) {
		struct actor_runtime_member *member = &list->members[i];
		bool at_it = member->state == ACTOR_STATE_WAITING ||
			     member->state == ACTOR_STATE_RUNNING;

		world_must(system->world, at_it == (member->in_hand[0] != '\0'),
			   "in hand is what cannot be");
		world_must(system->world, member->in_hand_ns < 210 * MS || member->unhealthy,
			   "a healthy one that takes long");
		for (unsigned j = 0; j < system->all.n_members; j++)
			world_must(system->world,
				   system->all.members[j].number != member->identity.number ||
					   !system->all.members[j].stopped,
				   "one is listed that has stopped");
	}
	actor_runtime_list_destroy(list);
}

static void supervise(struct system *system, union doer_address whom, union warden_address by)
{
	struct actor_identity identity = actor_address_identity(whom.address);
	int rc = actor_runtime_supervise(system->runtime, identity, by.address);

	may_lack_memory(system->world, rc, "a member is not supervised");
	if (world_choose(system->world, 4) == 0)
		actor_runtime_unsupervise(system->runtime, identity, by.address);
	else if (rc == 0)
		system->supervised[system->n_supervised++] = identity.number;
}

static void stop(struct system *system)
{
	struct world *world = system->world;
	int64_t deadline_ns = actor_now(world->context) + world_choose(world, 1000) * MS;
	struct actor_runtime_list *left;
	int rc = actor_runtime_stop(world->context, system->runtime, deadline_ns,
				    ACTOR_RUNTIME_CANCEL, &left);

	if (rc == ACTOR_E_TIMEOUT) {
		world_must(world, actor_now(world->context) == deadline_ns, "it stops too late");
		world_must(world, world->scarce || left, "who is left is not told");
	} else {
		may_lack_memory(world, rc, "it does not stop");
		world_must(world, !left, "somebody is left, and nobody");
	}
	actor_runtime_list_destroy(left);
	while (rc == ACTOR_E_NOMEM) { /* they drain, but for who is stuck */
		rc = actor_runtime_stop(world->context, system->runtime, ACTOR_AT_ONCE,
					ACTOR_RUNTIME_CANCEL, NULL);
		world_must(world, rc == 0 || rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_NOMEM,
			   "it does not stop");
	}
}

static void wait_for_all(struct system *system)
{
	struct world *world = system->world;
	int rc;

	do {
		rc = actor_runtime_wait(world->context, system->runtime, ACTOR_FOREVER);
		may_lack_memory(world, rc, "members are left");
	} while (rc == ACTOR_E_NOMEM);
}

static union warden_address have_warden(struct system *system, struct warden *state)
{
	struct world *world = system->world;
	union warden_address address = { NULL };

	state->system = system;
	may_lack_memory(world,
			ACTOR_SPAWN(warden, actor_executor_spawner(world->executor), state,
				    ACTOR_OPTIONS(.capacity = 1), &address),
			"a supervisor was not spawned");
	return address;
}

static void have_members(struct system *system, struct cast *casts,
			 union doer_address spawned[N_SPAWNED])
{
	struct world *world = system->world;

	for (unsigned i = 0; i < N_CASTS; i++) {
		int rc = ACTOR_E_NOMEM;

		casts[i] = cast_create(world, 0);
		casts[i].n_restarts = 2;
		if (casts[i].address.address)
			rc = actor_runtime_register(system->runtime, casts[i].address.address);
		may_lack_memory(world, rc, "a member was not registered");
		system->n_members += rc == 0;
		if (rc == 0)
			cast_start(&casts[i]);
		else
			cast_destroy(&casts[i]); /* nobody would stop it */
	}
	for (unsigned i = 0; i < N_SPAWNED; i++) {
		spawned[i] = world_spawn(world, actor_runtime_spawner(system->runtime));
		system->n_members += spawned[i].address != NULL;
	}
}

static void leave_all(struct cast *casts, union doer_address *spawned)
{
	for (unsigned i = 0; i < N_CASTS; i++) {
		cast_destroy(&casts[i]);
		cast_leave(&casts[i]);
	}
	for (unsigned i = 0; i < N_SPAWNED; i++)
		actor_address_unref(spawned[i].address);
}

static void run(struct system *system, union warden_address warden)
{
	struct world *world = system->world;
	union doer_address spawned[N_SPAWNED];
	struct cast casts[N_CASTS];

	have_members(system, casts, spawned);
	for (unsigned i = 0; i < N_CASTS + N_SPAWNED; i++) {
		union doer_address who = i < N_CASTS ? casts[i].address : spawned[i - N_CASTS];

		give_work(system, who);
		if (who.address && warden.address && !system->warden_hears_all &&
		    world_choose(world, 2))
			supervise(system, who, warden);
		if (world_choose(world, 4) == 0)
			world_stand_by(world);
	}
	if (world_choose(world, 2) == 0)
		actor_ignore(linger(world, world->context));
	look(system);
	if (world_choose(world, 3) == 0)
		cast_disturb(&casts[world_choose(world, N_CASTS)]);
	if (world_choose(world, 3) == 0)
		look(system);
	for (unsigned i = 0; i < N_SPAWNED; i++)
		if (world_choose(world, 2))
			actor_address_unref(spawned[i].address), spawned[i].address = NULL;
	stop(system);
	look(system);
	leave_all(casts, spawned);
	wait_for_all(system);
}

/* However slow it is, and whatever memory is refused. */
static void let_warden_hear(struct system *system)
{
	struct world *world = system->world;

	actor_ignore(
		actor_sleep_until(world->context, actor_now(world->context) + INT64_C(60000) * MS));
	for (unsigned i = 0; i < system->n_supervised; i++)
		world_must(world, known(&system->warden, system->supervised[i])->stopped,
			   "a supervisor has not heard of an end");
	for (unsigned i = 0; i < system->all.n_members && system->warden_hears_all; i++)
		world_must(world, known(&system->warden, system->all.members[i].number)->stopped,
			   "who hears of all has not heard of an end");
}

void play_runtime(struct world *world)
{
	struct system system = {
		.world = world,
		.all = { .world = world },
		.warden = { .world = world },
	};
	struct actor_runtime_options options = {
		.size = sizeof options,
		.limit_ns = 200 * MS,
		.on_notice = hear,
		.user = &system.all,
	};
	struct warden state;
	union warden_address warden = have_warden(&system, &state);
	int rc;

	system.warden_hears_all = warden.address && world_choose(world, 2) == 0;
	if (system.warden_hears_all)
		options.to = ACTOR_FOR(actor_notice, warden);
	rc = actor_runtime_create(world->executor, &options, &system.runtime);
	may_lack_memory(world, rc, "a runtime was not made");
	if (rc < 0) {
		actor_address_unref(warden.address);
		world_join(world);
		return;
	}
	world_must(world, actor_runtime_start(system.runtime) == 0, "it does not start");
	run(&system, warden);
	world_must(world, system.all.n_stopped == system.n_members, "not every end is told once");
	if (world_choose(world, 2) == 0)
		let_warden_hear(&system);
	actor_address_unref(warden.address);
	world_must(world, actor_runtime_destroy(system.runtime) == 0, "it is not destroyed");
	world_join(world);
}
