/* SPDX-License-Identifier: MIT */

/* Plays of what is built on actors, and waits like them: timers, permits. */

#include "plays.h"

/* ---- timers that are set, reset and cancelled */

enum { N_ALARMS = 4 };

struct alarms {
	int64_t last_ns;
	struct alarm {
		struct alarms *alarms;
		struct actor_timer *timer;
		int64_t at_ns;
		bool is_to_ring;
		bool has_rung;
	} each[N_ALARMS];
};

static int ring(struct doer *self, struct actor_context *context, void *user)
{
	struct alarm *alarm = user;
	struct alarms *alarms = alarm->alarms;

	world_must(self->world, alarm->is_to_ring && !alarm->has_rung,
		   "an alarm rings that is not to");
	world_must(self->world, actor_now(context) >= alarm->at_ns, "an alarm rings too soon");
	world_must(self->world, alarm->at_ns >= alarms->last_ns || self->world->scarce,
		   "alarms ring out of order");
	alarms->last_ns = alarm->at_ns;
	alarm->has_rung = true;
	return world_pause(self->world, context, 3);
}

static void touch(struct world *world, struct alarm *alarm)
{
	bool was_to_ring = actor_timer_cancel(alarm->timer);

	world_must(world,
		   was_to_ring || !alarm->is_to_ring || alarm->has_rung ||
			   actor_now(world->context) >= alarm->at_ns,
		   "an alarm has gone off before its time");
	if (!was_to_ring)
		return;
	alarm->is_to_ring = world_choose(world, 2);
	alarm->at_ns = actor_now(world->context) + world_choose(world, 5);
	if (alarm->is_to_ring)
		world_must(world, actor_timer_reset(alarm->timer, alarm->at_ns) == 0,
			   "an alarm is not set anew");
}

void play_timers(struct world *world)
{
	struct cast cast = cast_create(world, 1 + world_choose(world, 2));
	struct alarms alarms = { .last_ns = 0 };

	cast_start(&cast);
	for (unsigned i = 0; i < N_ALARMS && cast.address.address; i++) {
		struct alarm *alarm = &alarms.each[i];

		alarm->alarms = &alarms;
		alarm->at_ns = actor_now(world->context) + world_choose(world, 5);
		alarm->is_to_ring = world_set_timer(world, cast.address, ring, alarm, alarm->at_ns,
						    &alarm->timer);
	}
	for (unsigned n = world_choose(world, 4); n > 0; n--) {
		struct alarm *alarm = &alarms.each[world_choose(world, N_ALARMS)];

		world_stand_by(world);
		if (alarm->timer)
			touch(world, alarm);
	}
	world_let_finish(world);
	for (unsigned i = 0; i < N_ALARMS; i++) {
		actor_timer_destroy(alarms.each[i].timer);
		world_must(world, alarms.each[i].has_rung == alarms.each[i].is_to_ring,
			   "an alarm has not rung");
	}
	cast_leave(&cast);
	world_join(world);
}

/* ---- permits that several actors want, who fail, are stopped and cancelled */

enum { N_PERMITS = 2, N_USERS = 3 };

struct permits {
	struct actor_semaphore *semaphore;
	size_t n_held;
	bool is_closed;
	struct cast users[N_USERS];
};

static int use_permits(struct doer *self, struct actor_context *context, void *user)
{
	struct permits *permits = user;
	struct world *world = self->world;
	size_t n = 1 + world_choose(world, N_PERMITS);
	int64_t deadline_ns = world_soon(world, context);
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire_until(context, permits->semaphore, n, deadline_ns,
					       &permit);

	world_must(world,
		   rc == 0 || rc == ACTOR_E_CANCELLED ||
			   (rc == ACTOR_E_TIMEOUT && deadline_ns != ACTOR_FOREVER) ||
			   (rc == ACTOR_E_CLOSED && permits->is_closed) ||
			   (rc == ACTOR_E_NOMEM && world->scarce),
		   "permits are refused in a way in which they cannot be");
	if (rc < 0)
		return 0;
	permits->n_held += n;
	world_must(world, permits->n_held <= N_PERMITS, "there are more permits than there are");
	actor_ignore(world_pause(world, context, 3));
	permits->n_held -= n;
	if (world_choose(world, 5) == 0)
		ACTOR_FAIL(context, "as it happens"); /* it goes back by itself */
	actor_permit_release(permit);
	return 0;
}

void play_permits(struct world *world)
{
	struct permits permits = { .n_held = 0 };
	struct actor_semaphore_counts counts;
	int rc = actor_semaphore_create(N_PERMITS, &permits.semaphore);

	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
		   "a semaphore was not made");
	if (rc < 0)
		return;
	for (unsigned i = 0; i < N_USERS; i++) {
		permits.users[i] = cast_create(world, 0);
		permits.users[i].n_restarts = 100;
		cast_start(&permits.users[i]);
		for (unsigned n = 0; n < 3; n++)
			actor_ignore(world_send(world, world->context, permits.users[i].address,
						use_permits, &permits, ACTOR_AT_ONCE));
	}
	world_stand_by(world);
	if (world_choose(world, 3) == 0)
		cast_disturb(&permits.users[world_choose(world, N_USERS)]);
	if (world_choose(world, 3) == 0) {
		permits.is_closed = true;
		actor_semaphore_close(permits.semaphore);
	}
	for (unsigned i = 0; i < N_USERS; i++)
		cast_leave(&permits.users[i]);
	world_join(world);
	actor_semaphore_counts_get(permits.semaphore, &counts);
	world_must(world, counts.n_free == N_PERMITS && !counts.n_holders && !counts.n_waiting,
		   "a permit has not come back");
	actor_semaphore_unref(permits.semaphore);
}
