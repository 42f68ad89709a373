/* SPDX-License-Identifier: MIT */

/* The world: who is where, and how they come and go. */

#include "world.h"

#include <string.h>

void world_init(struct world *world)
{
	memset(world, 0, sizeof *world);
	for (unsigned i = 0; i < WORLD_PLACES; i++) {
		world->places[i].world = world;
		world->places[i].rank = i;
		pthread_mutex_init(&world->places[i].lock, NULL);
	}
}

void world_deinit(struct world *world)
{
	for (unsigned i = 0; i < WORLD_PLACES; i++)
		pthread_mutex_destroy(&world->places[i].lock);
}

struct actor_spawner *world_borrow_spawner(struct world *world, uint64_t *random)
{
	unsigned which = random_below(random, world->n_executors);

	atomic_fetch_add(&world->n_borrowed, 1);
	if (!atomic_load(&world->over))
		return actor_executor_spawner(world->executors[which]);
	world_return_spawner(world);
	return NULL;
}

void world_return_spawner(struct world *world)
{
	atomic_fetch_sub(&world->n_borrowed, 1);
}

struct actor_mailbox_options world_options(uint64_t *random)
{
	static const size_t capacities[] = { 1, 1, 2, 3, 16, ACTOR_UNBOUNDED };

	return (struct actor_mailbox_options){
		.size = sizeof(struct actor_mailbox_options),
		.name = random_below(random, 2) ? "somebody" : NULL,
		.capacity = capacities[random_below(random, 6)],
	};
}

struct actor_address *world_find(struct world *world, uint64_t *random, unsigned *ret_rank)
{
	unsigned rank = random_below(random, WORLD_PLACES);
	struct place *place = &world->places[rank];
	struct actor_address *found = NULL;

	pthread_mutex_lock(&place->lock);
	if (place->address)
		found = random_below(random, 3) ? actor_address_ref(place->address)
						: actor_address_weak(place->address);
	pthread_mutex_unlock(&place->lock);
	*ret_rank = rank;
	return found;
}

/* ---- restarts ---- */

/* Here nobody arranges who is first: the place may be given up by another thread meanwhile. */
static void restart(void *user, struct actor_end *end)
{
	struct place *place = user;
	struct citizen *citizen;

	if (end->state)
		citizen_destroy(end->state);
	if (end->how != ACTOR_ENDED_FAILED || !end->mailbox || atomic_load(&place->world->over))
		return;
	citizen = citizen_create(place->world, place->rank);
	if (actor_mailbox_start(end->mailbox, citizen, restart, place) == 0)
		account_add(ACCOUNT_RESTARTED, 1);
	else
		citizen_destroy(citizen);
}

/* ---- coming and going ---- */

/* What an owner gets at the end is its own to release. */
static void take_end(struct actor_mailbox *mailbox)
{
	struct actor_end end;

	if (actor_mailbox_end(mailbox, &end) == 0)
		actor_end_drop(&end);
}

static void leave(struct agent *agent, struct actor_mailbox *mailbox)
{
	int64_t soon = actor_now(agent->context) + random_below(&agent->random, 200) * 1000;

	switch (random_below(&agent->random, 6)) {
	case 0:
		actor_mailbox_detach(mailbox);
		return;
	case 1:
		actor_mailbox_destroy(mailbox);
		return;
	case 2:
		actor_mailbox_stop(mailbox, ACTOR_STOP_DRAIN);
		(void)!actor_mailbox_join(agent->context, mailbox, soon, NULL);
		take_end(mailbox);
		break;
	case 3:
		actor_mailbox_stop(mailbox, ACTOR_STOP_NOW);
		(void)!actor_mailbox_join(agent->context, mailbox, soon, NULL);
		take_end(mailbox);
		break;
	case 4: /* its waits end, and so will it */
		actor_mailbox_cancel(mailbox);
		(void)!actor_mailbox_join(agent->context, mailbox, ACTOR_FOREVER, NULL);
		break;
	default:
		(void)!actor_mailbox_join(agent->context, mailbox, soon, NULL);
		take_end(mailbox);
		break;
	}
	actor_mailbox_destroy(mailbox);
}

static void vacate(struct agent *agent, struct place *place)
{
	struct actor_mailbox *mailbox;
	struct actor_address *address;

	pthread_mutex_lock(&place->lock);
	mailbox = place->mailbox;
	address = place->address;
	place->mailbox = NULL;
	place->address = NULL;
	pthread_mutex_unlock(&place->lock);
	actor_address_unref(address);
	if (mailbox)
		leave(agent, mailbox);
}

/* The owner of a mailbox starts an actor on it, or not, when messages are queued already. */
static int start(struct agent *agent, struct actor_mailbox *mailbox, struct actor_address *address,
		 struct place *place)
{
	struct citizen *citizen;
	bool restarts = random_below(&agent->random, 4) > 0;
	int rc;

	agent_announce(agent, address, random_below(&agent->random, 4));
	if (random_below(&agent->random, 20) == 0)
		return ACTOR_E_CLOSED;
	citizen = citizen_create(place->world, place->rank);
	rc = actor_mailbox_start(mailbox, citizen, restarts ? restart : NULL, place);
	if (rc < 0)
		citizen_destroy(citizen);
	account_add(ACCOUNT_SPAWNED, rc == 0);
	return rc;
}

/* On any executor that takes it. */
static struct actor_mailbox *make_mailbox(struct agent *agent)
{
	struct actor_mailbox_options options = world_options(&agent->random);
	struct actor_spawner *spawner = world_borrow_spawner(agent->world, &agent->random);
	struct actor_mailbox *mailbox = NULL;

	if (!spawner)
		return NULL;
	if (actor_mailbox_create(spawner, &citizen_behavior, &options, &mailbox) < 0)
		mailbox = NULL;
	world_return_spawner(agent->world);
	return mailbox;
}

static void move_in(struct agent *agent, struct place *place)
{
	struct actor_mailbox *mailbox = make_mailbox(agent);
	struct actor_address *address;

	if (!mailbox)
		return;
	address = actor_mailbox_address(mailbox);
	if (start(agent, mailbox, address, place) < 0) {
		actor_address_unref(address);
		actor_mailbox_destroy(mailbox);
		return;
	}
	place->address = address;
	place->mailbox = mailbox;
}

void world_renew(struct agent *agent)
{
	struct place *place = &agent->world->places[random_below(&agent->random, WORLD_PLACES)];

	vacate(agent, place);
	pthread_mutex_lock(&place->lock);
	if (!place->address)
		move_in(agent, place);
	pthread_mutex_unlock(&place->lock);
}

void world_vacate(struct agent *agent)
{
	for (unsigned i = 0; i < WORLD_PLACES; i++)
		vacate(agent, &agent->world->places[i]);
}
