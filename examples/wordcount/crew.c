/* SPDX-License-Identifier: MIT */
/*
 * Who knows whom. The crew holds one address of each actor, and the readers hold addresses of those
 * they work with; nobody holds a mailbox. So when the crew is let go, the readers end, then all
 * others, and an actor that fails takes its mailbox with it: whoever waits at it learns that.
 *
 * While they count, there is a call in flight to every counter and every reader. So whichever fails
 * ends one of these calls, and with it the wait for all of them.
 */
#include "crew.h"

#include <stdlib.h>

static int spawn_counters(struct crew *crew, struct actor_spawner *spawner,
			  const struct actor_mailbox_options *mailbox, size_t n_counters)
{
	int rc = 0;

	crew->counters = calloc(n_counters, sizeof *crew->counters);
	if (!crew->counters)
		return ACTOR_E_NOMEM;
	while (crew->n_counters < n_counters && rc == 0) {
		rc = counter_spawn(spawner, mailbox, &crew->counters[crew->n_counters]);
		crew->n_counters += rc == 0;
	}
	return rc;
}

static int spawn_own_readers(struct crew *crew, struct actor_spawner *spawner,
			     const struct reader_peers *peers,
			     const struct actor_mailbox_options *mailbox, size_t n_readers)
{
	union reader_address reader;
	int rc = 0;

	while (crew->n_readers < n_readers && rc == 0) {
		rc = reader_spawn(spawner, peers, mailbox, &reader);
		if (rc == 0)
			crew->readers[crew->n_readers++] = ACTOR_FOR(read_all, reader);
	}
	return rc;
}

static int spawn_readers(struct crew *crew, struct actor_spawner *spawner,
			 const struct actor_mailbox_options *mailbox, const struct hire *hire,
			 size_t n_readers)
{
	struct reader_peers peers = { crew->files, crew->progress, crew->counters,
				      crew->n_counters };

	crew->readers = calloc(n_readers, sizeof *crew->readers);
	if (!crew->readers)
		return ACTOR_E_NOMEM;
	if (!hire)
		return spawn_own_readers(crew, spawner, &peers, mailbox, n_readers);
	return hire->spawn_readers(hire->user, spawner, &peers, mailbox, crew->readers,
				   &crew->n_readers);
}

int crew_init(struct crew *crew, struct actor_spawner *spawner, const struct options *options,
	      const struct hire *hire, const struct walk_total *total)
{
	const struct actor_mailbox_options *mailbox = ACTOR_OPTIONS(.capacity = options->n_mailbox);
	const struct progress_options progress = {
		.total = total,
		.workers = hire ? hire->workers : NULL,
		.n_workers = hire ? hire->n_workers : 0,
	};
	int rc;

	*crew = (struct crew){ 0 };
	rc = progress_spawn(spawner, &progress, mailbox, &crew->progress);
	if (rc == 0)
		rc = files_spawn(spawner, options->paths, crew->progress, mailbox, &crew->files);
	if (rc == 0)
		rc = spawn_counters(crew, spawner, mailbox, options->n_counters);
	if (rc == 0)
		rc = spawn_readers(crew, spawner, mailbox, hire,
				   hire ? hire->n_readers : options->n_threads);
	return rc;
}

void crew_deinit(struct crew *crew)
{
	for (size_t i = 0; i < crew->n_readers; i++)
		actor_address_unref(crew->readers[i].address);
	for (size_t i = 0; i < crew->n_counters; i++)
		actor_address_unref(crew->counters[i].address);
	actor_address_unref(crew->files.address);
	actor_address_unref(crew->progress.address);
	free(crew->readers);
	free(crew->counters);
	*crew = (struct crew){ 0 };
}

/**
 * struct calls - what a count waits for
 * @futures:  the counters' results, then the readers' ends
 * @n_begun:  how many calls are in flight or have ended
 * @rankings: of the counters
 */
struct calls {
	struct actor_future *futures;
	size_t n_begun;
	struct ranking *rankings;
};

/* Ask the counters for their results, and set the readers to work. */
static int begin(struct calls *calls, const struct crew *crew, struct actor_context *context,
		 size_t n_top)
{
	int rc = 0;

	for (size_t i = 0; i < crew->n_counters && rc == 0; i++) {
		rc = ACTOR_CALL_BEGIN(context, &calls->futures[i], crew->counters[i], top_words,
				      &calls->rankings[i], &(struct top_words){ n_top });
		calls->n_begun += rc == 0;
	}
	for (size_t i = 0; i < crew->n_readers && rc == 0; i++) {
		rc = ACTOR_CALL_BEGIN(context, &calls->futures[calls->n_begun], crew->readers[i],
				      read_all, NULL, &(struct read_all){ 0 });
		calls->n_begun += rc == 0;
	}
	return rc;
}

/* Wait until all readers have come to the end, or until anybody fails. */
static int await_readers(struct calls *calls, const struct crew *crew)
{
	int i, rc = 0;

	for (size_t n = 0; n < crew->n_readers && rc == 0; n++) {
		i = actor_future_await_any(calls->futures, calls->n_begun, ACTOR_FOREVER);
		rc = i < 0 ? i : calls->futures[i].status;
	}
	return rc;
}

/* Tell the counters that this was all, and wait for their results. */
static int await_counters(struct calls *calls, const struct crew *crew,
			  struct actor_context *context)
{
	int rc = 0;

	for (size_t i = 0; i < crew->n_counters && rc == 0; i++)
		rc = ACTOR_SEND(context, crew->counters[i], enough, &(struct enough){ 0 });
	return rc < 0 ? rc
		      : actor_future_await_all(calls->futures, crew->n_counters, ACTOR_FOREVER);
}

int crew_count(const struct crew *crew, struct actor_context *context, size_t n_top,
	       struct ranking *ret_rankings)
{
	struct calls calls = { .rankings = ret_rankings };
	int rc;

	calls.futures = calloc(crew->n_counters + crew->n_readers, sizeof *calls.futures);
	if (!calls.futures)
		return ACTOR_E_NOMEM;
	rc = begin(&calls, crew, context, n_top);
	if (rc == 0)
		rc = await_readers(&calls, crew);
	if (rc == 0)
		rc = await_counters(&calls, crew, context);
	while (calls.n_begun > 0)
		actor_future_cancel(&calls.futures[--calls.n_begun]);
	free(calls.futures);
	return rc;
}
