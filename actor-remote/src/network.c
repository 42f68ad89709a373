/* SPDX-License-Identifier: MIT */

/*
 * A network in a simulation: pairs whose bytes are on their way for a while.
 *
 * To each end the next piece is under way until a time that is drawn when there is anything to come
 * and nothing under way; how large it is is drawn when it arrives. A timer has the actor of the end
 * look then; it does so again and again until the piece has been seen, so that want of memory or
 * room only makes it later. (Without memory for the timer, it takes no time.)
 *
 * What comes back from an end that is gone, that nobody reads there, is drawn at once; to an end
 * that has not been started nothing is under way yet. Everything is the simulation's thread's; the
 * locks of the pairs are there because pairs have them.
 */

#include "transport-pair.h"

#include <actor-impl/timer.h>
#include <actor-remote/network.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { AGAIN_NS = 1000000, DEFAULT_MOST_BYTES = 4096, DEFAULT_ROOM_BYTES = 65536 };
#define DEFAULT_DELAY_NS INT64_C(1000000)

struct way {
	struct actor_timer *timer; /* NULL before it is needed */
	int64_t arrives_ns;	   /* ACTOR_FOREVER: nothing is under way */
};

struct connection {
	struct actor__pair pair;
	struct actor_network *network; /* NULL: gone */
	struct connection *next;
	struct connection **link;
	struct way ways[2]; /* to the end of that number */
	uint8_t rings[];
};

struct actor_network {
	struct actor_executor *simulation;
	struct actor_network_options options;
	bool partitioned;
	struct connection *first;
};

static struct connection *connection_of(struct actor__end *end)
{
	return ACTOR_CONTAINER_OF(end->pair, struct connection, pair);
}

static struct way *way_to(struct actor__end *end)
{
	return &connection_of(end)->ways[end - end->pair->ends];
}

static uint64_t draw(const struct actor_network *network, uint64_t n)
{
	return actor_simulation_choose(network->simulation, n);
}

/* ---- on the way */

static void rest(struct way *way)
{
	way->arrives_ns = ACTOR_FOREVER;
	if (way->timer)
		actor_timer_cancel(way->timer);
}

static bool has_timer(const struct actor_network *network, struct actor__end *end)
{
	struct way *way = way_to(end);
	char look = 0;

	return way->timer || actor_timer_every(network->simulation, end->address, &actor__look_type,
					       &look, AGAIN_NS, &way->timer) == 0;
}

static void set_out(struct actor_network *network, struct actor__end *end)
{
	int64_t now_ns = actor_executor_now(network->simulation);
	struct way *way = way_to(end);

	if (!has_timer(network, end)) {
		actor__end_arrive(end, actor__end_on_way(end));
		return;
	}
	way->arrives_ns = now_ns +
			  (int64_t)draw(network, (uint64_t)network->options.most_delay_ns + 1);
	actor_timer_reset(way->timer, way->arrives_ns);
}

static void connection_ship(struct actor__end *end)
{
	struct actor_network *network = connection_of(end)->network;

	if (!network || actor__end_in(end)->unread)
		actor__end_arrive(end, actor__end_on_way(end));
	else if (end->address && !network->partitioned && way_to(end)->arrives_ns == ACTOR_FOREVER)
		set_out(network, end);
}

/* ---- arriving */

static size_t draw_piece(const struct actor_network *network, size_t n_on_way)
{
	uint64_t most = network->options.most_bytes;
	size_t n = draw(network, 4) == 0 ? 1 : 1 + (size_t)draw(network, most);

	return n < n_on_way ? n : n_on_way;
}

static void cut(struct actor_network *network, struct actor__pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct actor__end *end = &pair->ends[i];

		actor__end_cut(end, (size_t)draw(network, actor__end_on_way(end) + 1));
	}
}

static bool is_the_last(const struct actor_network *network)
{
	uint64_t cut_every = network->options.cut_every;

	return cut_every > 0 && draw(network, cut_every) == 0;
}

static void connection_look(struct actor__end *end)
{
	struct actor_network *network = connection_of(end)->network;
	struct way *way = way_to(end);

	if (!network || actor_executor_now(network->simulation) < way->arrives_ns)
		return;
	rest(way);
	if (!actor__end_awaits(end))
		return;
	if (is_the_last(network))
		cut(network, end->pair);
	actor__end_arrive(end, draw_piece(network, actor__end_on_way(end)));
	if (actor__end_awaits(end))
		connection_ship(end);
}

/* ---- the ends of connections */

static void connection_stop(struct actor__end *end)
{
	struct way *way = way_to(end);

	actor_timer_destroy(way->timer);
	way->timer = NULL;
}

static void connection_unlink(struct connection *connection)
{
	if (!connection->network)
		return;
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	connection->network = NULL;
}

static void connection_destroy(struct actor__pair *pair)
{
	struct connection *connection = ACTOR_CONTAINER_OF(pair, struct connection, pair);

	connection_unlink(connection);
	free(connection);
}

static const struct actor__pair_ops connection_ops = {
	.name = "network",
	.stop = connection_stop,
	.ship = connection_ship,
	.look = connection_look,
	.destroy = connection_destroy,
};

int actor_network_connect(struct actor_network *network, struct actor_transport **ret_a,
			  struct actor_transport **ret_b)
{
	size_t room = network->options.room_bytes;
	struct connection *connection = malloc(sizeof *connection + 2 * room);

	if (!connection)
		return ACTOR_E_NOMEM;
	memset(connection, 0, sizeof *connection);
	actor__pair_init(&connection->pair, &connection_ops, network->simulation,
			 network->simulation, connection->rings, room);
	connection->network = network;
	connection->ways[0].arrives_ns = connection->ways[1].arrives_ns = ACTOR_FOREVER;
	connection->next = network->first;
	connection->link = &network->first;
	if (connection->next)
		connection->next->link = &connection->next;
	network->first = connection;
	*ret_a = &connection->pair.ends[0].transport;
	*ret_b = &connection->pair.ends[1].transport;
	return 0;
}

/* ---- what happens to the network */

static void connection_partition(struct connection *connection, bool on)
{
	struct actor__pair *pair = &connection->pair;

	actor__pair_lock(pair);
	for (unsigned i = 0; i < 2; i++) {
		if (on)
			rest(&connection->ways[i]);
		else if (actor__end_awaits(&pair->ends[i]))
			connection_ship(&pair->ends[i]);
	}
	actor__pair_unlock(pair);
}

void actor_network_partition(struct actor_network *network, bool on)
{
	network->partitioned = on;
	for (struct connection *it = network->first; it; it = it->next)
		connection_partition(it, on);
}

static void connection_cut(struct connection *connection)
{
	actor__pair_lock(&connection->pair);
	cut(connection->network, &connection->pair);
	actor__pair_unlock(&connection->pair);
}

void actor_network_cut(struct actor_network *network, struct actor_transport *transport)
{
	struct actor__end *end = actor__end_of(transport);

	if (end && end->pair->ops == &connection_ops && connection_of(end)->network == network)
		connection_cut(connection_of(end));
}

/* ---- making one */

static int options_settle(const struct actor_network_options *given,
			  struct actor_network_options *options)
{
	if (!actor__options_read(options, sizeof *options, given))
		return ACTOR_E_INVALID;
	if (options->most_delay_ns == 0)
		options->most_delay_ns = DEFAULT_DELAY_NS;
	if (options->most_bytes == 0)
		options->most_bytes = DEFAULT_MOST_BYTES;
	if (options->room_bytes == 0)
		options->room_bytes = DEFAULT_ROOM_BYTES;
	return options->most_delay_ns > 0 ? 0 : ACTOR_E_INVALID;
}

int actor_network_create(struct actor_executor *simulation,
			 const struct actor_network_options *given,
			 struct actor_network **ret_network)
{
	struct actor_network_options options;
	struct actor_network *network;
	int rc = options_settle(given, &options);

	if (rc < 0 || !actor_simulation_is(simulation))
		return ACTOR_E_INVALID;
	network = calloc(1, sizeof *network);
	if (!network)
		return ACTOR_E_NOMEM;
	network->simulation = simulation;
	network->options = options;
	*ret_network = network;
	return 0;
}

/* What is on its way then arrives at once. */
void actor_network_destroy(struct actor_network *network)
{
	if (!network)
		return;
	while (network->first) {
		struct connection *connection = network->first;

		actor__pair_lock(&connection->pair);
		cut(network, &connection->pair);
		connection_unlink(connection);
		for (unsigned i = 0; i < 2; i++) {
			rest(&connection->ways[i]);
			connection_ship(&connection->pair.ends[i]);
		}
		actor__pair_unlock(&connection->pair);
	}
	free(network);
}
