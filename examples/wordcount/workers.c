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

/* How long the last of a connection may take. */
#define PATIENCE_NS INT64_C(2000000000)

struct workers {
	struct hire hire;
	const struct options *options;
	int64_t patience_ns;
	struct actor_io *io;
	union chunks_address chunks; /* while the crew is being spawned */
	size_t n;
	struct actor_peer **peers;
	const char **addresses;
};

/* ---- as the crew sees them */

static int spawn_porter(void *user, struct actor_spawner *spawner, const struct reader_peers *peers,
			const struct actor_mailbox_options *mailbox, size_t i,
			union read_all_recipient *ret_address)
{
	struct workers *workers = user;
	const struct porter_peers porter_peers = {
		.chunks = workers->chunks,
		.progress = peers->progress,
		.counters = peers->counters,
		.n_counters = peers->n_counters,
		.peer = workers->peers[i % workers->n],
		.index = i % workers->n,
		.patience_ns = workers->patience_ns,
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
		rc = spawn_porter(user, spawner, peers, mailbox, i, &ret_readers[i]);
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

static int connect_to(struct actor_context *context, struct workers *workers, const char *address)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .stall_ns = workers->patience_ns };
	struct actor_peer *peer;
	int rc = connection_open(context, workers->io, address, &options, &peer);

	if (rc == 0) {
		rc = actor_peer_start(peer);
		if (rc < 0)
			actor_peer_unref(peer);
	}
	if (rc < 0) {
		program_failed(address, rc, actor_error(context));
		return rc == ACTOR_E_NOMEM ? rc : 0;
	}
	workers->addresses[workers->n] = address;
	workers->peers[workers->n++] = peer;
	return 0;
}

static int connect_all(struct actor_context *context, struct workers *workers)
{
	const struct options *options = workers->options;
	int rc = 0;

	for (size_t i = 0; i < options->n_workers && rc == 0; i++)
		rc = connect_to(context, workers, options->workers[i]);
	if (rc < 0)
		return rc;
	workers->hire = (struct hire){
		.n_readers = workers->n * N_PORTERS,
		.spawn_readers = spawn_readers,
		.user = workers,
		.workers = workers->addresses,
		.n_workers = workers->n,
	};
	return workers->n > 0 ? 0 : ACTOR_E_UNREACHABLE;
}

int workers_open(struct actor_context *context, const struct options *options,
		 struct workers **ret_workers)
{
	struct workers *workers = calloc(1, sizeof *workers);
	int rc;

	program_name = "wordcount";
	*ret_workers = workers;
	if (!workers)
		return ACTOR_E_NOMEM;
	workers->options = options;
	workers->patience_ns = (int64_t)options->patience_s * 1000000000;
	workers->peers = calloc(options->n_workers, sizeof *workers->peers);
	workers->addresses = calloc(options->n_workers, sizeof *workers->addresses);
	if (!workers->peers || !workers->addresses)
		return ACTOR_E_NOMEM;
	rc = actor_io_create(NULL, &workers->io);
	return rc < 0 ? rc : connect_all(context, workers);
}

/* Whether all connections have ended, in order or not: one to a worker that is stuck takes long. */
static bool end_io(struct actor_io *io)
{
	int64_t now_ns;

	if (!io)
		return true;
	now_ns = actor_executor_now(actor_io_executor(io));
	return actor_io_join(io, actor_time_after(now_ns, PATIENCE_NS)) == 0 &&
	       actor_io_destroy(io) == 0;
}

bool workers_close(struct workers *workers)
{
	bool ended;

	if (!workers)
		return true;
	for (size_t i = 0; i < workers->n; i++)
		actor_peer_close(workers->peers[i], "all is counted");
	for (size_t i = 0; i < workers->n; i++)
		actor_peer_unref(workers->peers[i]);
	ended = end_io(workers->io);
	free(workers->addresses);
	free(workers->peers);
	free(workers);
	return ended;
}
