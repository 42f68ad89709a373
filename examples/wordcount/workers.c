/* SPDX-License-Identifier: MIT */
/*
 * Each worker has a connection, and a few porters: while it counts one chunk, the next are on their
 * way to it, and the last answer on its way back. That is also all that there is in memory.
 */
#include "workers.h"

#include "connection.h"
#include "porter.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>

/* Chunks that a worker has, or that are under way. */
#define N_PORTERS 3

/**
 * struct link - a connection to a worker
 * @peer: owned
 * @ends: tell each porter how it has ended; owned
 */
struct link {
	struct actor_peer *peer;
	struct actor_subscription *ends[N_PORTERS];
};

/**
 * struct workers - those that could be reached
 * @hire:      as the crew sees them
 * @patience_ns: how long each may take for a chunk
 * @io:        where the connections live
 * @chunks:    while the crew is being spawned
 * @links:     @n of them
 * @addresses: of them
 * @n:         how many
 */
struct workers {
	struct hire hire;
	int64_t patience_ns;
	struct actor_io *io;
	union chunks_address chunks;
	struct link *links;
	const char **addresses;
	size_t n;
};

/* ---- as the crew sees them */

static int spawn_porter(struct workers *workers, struct actor_spawner *spawner,
			const struct reader_peers *peers,
			const struct actor_mailbox_options *mailbox, size_t i,
			union read_all_recipient *ret_address)
{
	const struct link *link = &workers->links[i % workers->n];
	const struct porter_peers porter_peers = {
		.chunks = workers->chunks,
		.progress = peers->progress,
		.counters = peers->counters,
		.n_counters = peers->n_counters,
		.peer = link->peer,
		.end = link->ends[i / workers->n],
		.index = i % workers->n,
	};
	union porter_address porter;
	int rc = porter_spawn(spawner, &porter_peers, mailbox, &porter);

	if (rc == 0)
		*ret_address = ACTOR_FOR(read_all, porter);
	return rc;
}

/* The chunks end with the porters, who have their addresses. */
static int spawn_readers(void *user, struct actor_spawner *spawner,
			 const struct reader_peers *peers,
			 const struct actor_mailbox_options *mailbox,
			 union read_all_recipient *ret_readers, size_t *ret_n_readers)
{
	struct workers *workers = user;
	size_t n = workers->hire.n_readers;
	int rc = chunks_spawn(spawner, peers->files, peers->progress, n, mailbox, &workers->chunks);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = spawn_porter(workers, spawner, peers, mailbox, i, &ret_readers[i]);
		*ret_n_readers += rc == 0;
	}
	actor_address_unref(workers->chunks.address);
	workers->chunks.address = NULL;
	return rc;
}

const struct hire *workers_hire(const struct workers *workers)
{
	return &workers->hire;
}

/* ---- connections */

static void unlink_from(struct link *link)
{
	for (size_t i = 0; i < N_PORTERS; i++)
		actor_subscription_destroy(link->ends[i]);
	actor_peer_unref(link->peer);
}

/* That nothing moves is seen by its calls, which take too long then. What observes a connection
 * does so from its start on: it may end at once. */
static int link_to(struct actor_context *context, struct workers *workers, const char *address,
		   struct link *ret_link)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .call_timeout_ns = workers->patience_ns,
						    .stall_ns = ACTOR_FOREVER };
	const struct actor_subscribe_options ends = { .size = sizeof ends,
						      .filter = actor_peer_end_filter,
						      .capacity = 1 };
	struct link link = { NULL };
	int rc = connection_open(context, workers->io, address, &options, &link.peer);

	for (size_t i = 0; i < N_PORTERS && rc == 0; i++)
		rc = actor_observable_subscribe(actor_peer_observable(link.peer), &ends,
						&link.ends[i]);
	if (rc == 0)
		rc = actor_peer_start(link.peer);
	if (rc < 0)
		unlink_from(&link);
	else
		*ret_link = link;
	return rc;
}

static int link_to_all(struct actor_context *context, struct workers *workers,
		       const struct options *options)
{
	for (size_t i = 0; i < options->n_workers; i++) {
		const char *address = options->workers[i];
		int rc = link_to(context, workers, address, &workers->links[workers->n]);

		if (rc == 0)
			workers->addresses[workers->n++] = address;
		else
			program_failed(address, rc, actor_error(context));
		if (rc == ACTOR_E_NOMEM)
			return rc;
	}
	workers->hire = (struct hire){
		.n_readers = workers->n * N_PORTERS,
		.spawn_readers = spawn_readers,
		.user = workers,
		.workers = workers->addresses,
		.n_workers = workers->n,
	};
	return workers->n > 0 ? 0 : ACTOR_E_UNREACHABLE;
}

bool workers_load_tls(int argc, char **argv)
{
	program_name = "wordcount";
	return connection_tls_load(argc, argv);
}

int workers_open(struct actor_context *context, const struct options *options,
		 struct workers **ret_workers)
{
	struct workers *workers = calloc(1, sizeof *workers);
	int rc;

	program_name = "wordcount";
	connection_tls_name = options->tls_name;
	*ret_workers = workers;
	if (!workers)
		return ACTOR_E_NOMEM;
	workers->patience_ns = (int64_t)options->patience_s * 1000000000;
	workers->links = calloc(options->n_workers, sizeof *workers->links);
	workers->addresses = calloc(options->n_workers, sizeof *workers->addresses);
	if (!workers->links || !workers->addresses)
		return ACTOR_E_NOMEM;
	rc = actor_io_create(NULL, &workers->io);
	return rc < 0 ? rc : link_to_all(context, workers, options);
}

/* A worker that is stuck does not hold this up for long: its peer does not wait for it. */
void workers_close(struct workers *workers)
{
	if (!workers)
		return;
	for (size_t i = 0; i < workers->n; i++) {
		actor_peer_close(workers->links[i].peer, "all is counted");
		unlink_from(&workers->links[i]);
	}
	connection_end_io(workers->io);
	free(workers->addresses);
	free(workers->links);
	free(workers);
}
