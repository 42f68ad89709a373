/* SPDX-License-Identifier: MIT */

/* Plays about channels that are given: what is accepted is handled, whichever of them are disabled
 * for a while, whoever is paused, and whoever comes and goes among several who share one. */

#include "plays.h"

#include <stddef.h>

enum { N_PRODUCERS = 3, N_ITEMS = 5, MOST_WORKERS = 3 };

/* Each producer has an address of its own, and sees its messages in order, if one actor takes them.
 */
struct stream {
	struct channels *channels;
	union doer_address to;
	unsigned last;
	struct piece {
		struct stream *stream;
		unsigned number;
	} pieces[N_ITEMS];
};

struct channels {
	struct world *world;
	struct actor_channel *urgent;
	struct actor_channel *normal;
	struct actor_channel *root;
	struct cast casts[MOST_WORKERS];
	struct stream streams[N_PRODUCERS];
	unsigned n_accepted;
	unsigned n_handled;
	bool is_ordered;
	bool is_disturbed; /* some may be dropped */
};

static bool made(struct world *world, int rc)
{
	world_must(world, rc == 0 || rc == ACTOR_E_CLOSED || (rc == ACTOR_E_NOMEM && world->scarce),
		   "a channel was not made");
	return rc == 0;
}

static int take_piece(struct doer *self, struct actor_context *context, void *user)
{
	struct piece *piece = user;
	struct channels *channels = piece->stream->channels;

	channels->n_handled++;
	world_must(self->world, !channels->is_ordered || piece->number > piece->stream->last,
		   "messages of one sender through one channel are out of order");
	piece->stream->last = piece->number;
	return world_pause(self->world, context, 3);
}

static int produce(struct doer *self, struct actor_context *context, void *user)
{
	struct stream *stream = user;
	struct world *world = self->world;

	for (unsigned i = 0; i < N_ITEMS; i++) {
		struct piece *piece = &stream->pieces[i];
		int rc;

		if (world_choose(world, 4) == 0)
			rc = world_call(world, context, stream->to, take_piece, piece,
					ACTOR_FOREVER);
		else
			rc = world_send(world, context, stream->to, take_piece, piece,
					ACTOR_FOREVER);
		if (rc == 0 && stream->to.address)
			stream->channels->n_accepted++;
	}
	return 0;
}

/* They come to an end by themselves, but not while a channel is disabled or an actor paused. */
static void start_producers(struct channels *channels)
{
	struct world *world = channels->world;

	for (unsigned i = 0; i < N_PRODUCERS; i++) {
		struct stream *stream = &channels->streams[i];
		union doer_address producer = world_spawn(world,
							  actor_executor_spawner(world->executor));

		stream->channels = channels;
		for (unsigned k = 0; k < N_ITEMS; k++)
			stream->pieces[k] = (struct piece){ stream, k + 1 };
		if (stream->to.address)
			actor_ignore(world_send(world, world->context, producer, produce, stream,
						ACTOR_FOREVER));
		actor_address_unref(producer.address);
	}
}

static void let_go(struct channels *channels)
{
	for (unsigned i = 0; i < N_PRODUCERS; i++)
		actor_address_unref(channels->streams[i].to.address);
	for (unsigned i = 0; i < MOST_WORKERS; i++)
		cast_leave(&channels->casts[i]);
	actor_channel_unref(channels->urgent);
	actor_channel_unref(channels->normal);
	actor_channel_unref(channels->root);
}

static void must_all_be_handled(struct channels *channels)
{
	struct world *world = channels->world;

	/* A call that found no memory for its answer has been handled nevertheless. */
	world_must(world,
		   channels->is_disturbed || channels->n_handled == channels->n_accepted ||
			   (world->scarce && channels->n_handled > channels->n_accepted),
		   "a message was lost, or came twice");
}

/* ---- one actor, a throttle, two channels, both with little room */

static int make_queue(struct world *world, struct actor_channel **ret_channel)
{
	struct actor_queue_options options = { .size = sizeof options };

	if (world_choose(world, 2))
		options.capacity = 1 + world_choose(world, 3);
	else
		options.bytes = 1 + world_choose(world, 3 * sizeof(struct chore));
	return actor_queue_create(&options, ret_channel);
}

static bool make_channels(struct channels *channels)
{
	struct world *world = channels->world;
	struct actor_channel *both[2], *select = NULL;
	int rc;

	if (!made(world, make_queue(world, &channels->urgent)) ||
	    !made(world, make_queue(world, &channels->normal)))
		return false;
	both[0] = channels->urgent;
	both[1] = channels->normal;
	rc = actor_select_create(both, 2, world_choose(world, 2) ? actor_select_in_turn : NULL,
				 NULL, &select);
	if (!made(world, rc))
		return false;
	rc = actor_throttle_create(select, 1 + world_choose(world, 2), 1 + world_choose(world, 5),
				   &channels->root);
	actor_channel_unref(select);
	return made(world, rc);
}

static bool make_cast(struct channels *channels)
{
	struct world *world = channels->world;
	struct cast *cast = &channels->casts[0];
	struct actor_channel *through;
	int rc;

	cast->world = world;
	rc = actor_channel_mailbox(actor_executor_spawner(world->executor), &doer_behavior, NULL,
				   channels->root, &cast->mailbox.mailbox);
	if (!made(world, rc))
		return false;
	cast->address = ACTOR_MAILBOX_ADDRESS(doer, cast->mailbox);
	for (unsigned i = 0; i < N_PRODUCERS; i++) {
		through = i % 2 ? channels->normal : channels->urgent;
		rc = actor_channel_address(cast->mailbox.mailbox, through,
					   &channels->streams[i].to.address);
		actor_ignore(made(world, rc));
	}
	return true;
}

static void toggle(struct channels *channels)
{
	struct world *world = channels->world;
	struct actor_channel *channel = world_choose(world, 2) ? channels->normal
							       : channels->urgent;
	struct actor_address *address = channels->casts[0].address.address;

	switch (world_choose(world, 4)) {
	case 0:
		actor_channel_disable(channel);
		actor_ignore(world_pause(world, world->context, 6));
		actor_channel_enable(channel);
		break;
	case 1:
		actor_ignore(actor_address_pause(address));
		actor_ignore(world_pause(world, world->context, 6));
		actor_ignore(actor_address_resume(address));
		break;
	default:
		actor_ignore(world_pause(world, world->context, 6));
	}
}

static void end_somehow(struct channels *channels)
{
	struct actor_address *address = channels->casts[0].address.address;

	switch (world_choose(channels->world, 8)) {
	case 0:
		actor_address_stop(address, ACTOR_STOP_DRAIN);
		break;
	case 1:
		channels->is_disturbed = true;
		actor_address_stop(address, ACTOR_STOP_NOW);
		break;
	case 2:
		channels->is_disturbed = true;
		cast_destroy(&channels->casts[0]);
		break;
	case 3:
		actor_channel_close(channels->root);
		break;
	}
}

void play_channels(struct world *world)
{
	struct channels channels = { .world = world, .is_ordered = true };

	if (make_channels(&channels) && make_cast(&channels)) {
		cast_start(&channels.casts[0]);
		start_producers(&channels);
		for (unsigned i = world_choose(world, 4); i > 0; i--)
			toggle(&channels);
		end_somehow(&channels);
		world_let_finish(world);
	}
	let_go(&channels);
	world_join(world);
	must_all_be_handled(&channels);
}

/* ---- several actors, one channel */

static int burn_piece(struct doer *self, struct actor_context *context, void *user)
{
	(void)self, (void)user;
	ACTOR_FAIL(context, "as it happens");
}

/* Return: whether there was memory for that. */
static bool hire(struct channels *channels, struct actor_shared *shared, struct cast *cast)
{
	struct world *world = channels->world;
	int rc;

	cast->world = world;
	cast->n_restarts = 10;
	rc = actor_shared_mailbox(shared, actor_executor_spawner(world->executor), NULL,
				  &cast->mailbox.mailbox);
	if (!made(world, rc))
		return false;
	cast->address = ACTOR_MAILBOX_ADDRESS(doer, cast->mailbox);
	cast_start(cast);
	return true;
}

/* What may happen to one of them without anything being lost. */
static void bother(struct channels *channels)
{
	struct world *world = channels->world;
	struct cast *cast = &channels->casts[world_choose(world, MOST_WORKERS)];
	union doer_address to = cast->address;

	if (!to.address)
		return;
	switch (world_choose(world, 4)) {
	case 0:
		actor_ignore(actor_address_pause(to.address));
		actor_ignore(world_pause(world, world->context, 6));
		actor_ignore(actor_address_resume(to.address));
		break;
	case 1:
		actor_address_stop(to.address, ACTOR_STOP_DRAIN);
		break;
	case 2:
		actor_ignore(
			world_send(world, world->context, to, burn_piece, NULL, ACTOR_FOREVER));
		break;
	default:
		actor_ignore(world_pause(world, world->context, 6));
	}
}

/* And what loses something only if it happens to all of them. */
static void fire(struct channels *channels, unsigned n_workers)
{
	struct world *world = channels->world;
	struct cast *cast = &channels->casts[world_choose(world, n_workers)];

	channels->is_disturbed = true;
	if (world_choose(world, 2))
		cast_destroy(cast);
	else if (cast->address.address)
		actor_address_stop(cast->address.address, ACTOR_STOP_NOW);
}

static void work(struct channels *channels, struct actor_shared *shared)
{
	struct world *world = channels->world;
	unsigned n_workers = 1 + world_choose(world, MOST_WORKERS), n_hired = 0;

	for (unsigned i = 0; i < n_workers; i++)
		n_hired += hire(channels, shared, &channels->casts[i]);
	channels->is_disturbed = n_hired == 0;
	for (unsigned i = 0; i < N_PRODUCERS; i++)
		channels->streams[i].to.address = actor_shared_address(shared);
	start_producers(channels);
	for (unsigned i = world_choose(world, 5); i > 0; i--)
		bother(channels);
	if (world_choose(world, 8) == 0)
		fire(channels, n_workers);
	if (world_choose(world, 8) == 0)
		actor_address_stop(channels->streams[0].to.address, ACTOR_STOP_DRAIN);
	for (unsigned i = 0; i < MOST_WORKERS; i++)
		cast_leave(&channels->casts[i]);
	/* If there was no memory for any of them, this tells those who wait. */
	actor_shared_destroy(shared);
	world_let_finish(world);
}

void play_workers(struct world *world)
{
	struct channels channels = { .world = world };
	struct actor_shared *shared = NULL;

	if (make_channels(&channels) &&
	    made(world, actor_shared_create(&doer_behavior, "workers", channels.root, &shared)))
		work(&channels, shared);
	let_go(&channels);
	world_join(world);
	must_all_be_handled(&channels);
}
