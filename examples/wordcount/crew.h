/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_CREW_H
#define WORDCOUNT_CREW_H

#include "options.h"
#include "reader.h"

/**
 * struct hire - others who do the work of readers
 * @n_readers:     how many actors
 * @spawn_readers: starts them; counts those that it has
 * @user:          for it
 * @workers:       for whom they work; borrowed
 * @n_workers:     how many
 */
struct hire {
	size_t n_readers;
	int (*spawn_readers)(void *user, struct actor_spawner *spawner,
			     const struct reader_peers *peers,
			     const struct actor_mailbox_options *mailbox,
			     union read_all_recipient *ret_readers, size_t *ret_n_readers);
	void *user;
	const char *const *workers;
	size_t n_workers;
};

/**
 * struct crew - the actors that count words together; none when zeroed
 * @progress:   one
 * @files:      one
 * @counters:   @n_counters
 * @readers:    @n_readers
 * @n_counters: how many
 * @n_readers:  how many
 *
 *	files <--call-- readers --send--> counters
 *	    \              |
 *	     `---send--> progress
 *
 * Nobody ever waits for somebody who waits for him: the arrows go round in no circle. Where others
 * count, porters stand for the readers, and chunks between them and the files.
 */
struct crew {
	union progress_address progress;
	union files_address files;
	union counter_address *counters;
	union read_all_recipient *readers;
	size_t n_counters;
	size_t n_readers;
};

/**
 * crew_init() - start them all
 * @crew:    initialised whatever is returned: the caller's to crew_deinit()
 * @spawner: runs them
 * @options: how many, and what to read; its paths are borrowed while they live
 * @hire:    who reads; NULL: readers of its own
 * @total:   what there is to read; NULL: draw no progress bar
 *
 * Return:  0, or as actor_spawn()
 */
int crew_init(struct crew *crew, struct actor_spawner *spawner, const struct options *options,
	      const struct hire *hire, const struct walk_total *total);

/**
 * crew_count() - read everything and count it, once
 * @crew:         initialised
 * @context:      waits
 * @n_top:        how many words are wanted
 * @ret_rankings: zeroed, one for each counter: receives its first @n_top words; the caller's to
 *                ranking_deinit(), whatever is returned
 *
 * Return:  0; or the first error of any of them
 */
int crew_count(const struct crew *crew, struct actor_context *context, size_t n_top,
	       struct ranking *ret_rankings);

/** crew_deinit() - let go of them: each ends when nobody needs it any more */
void crew_deinit(struct crew *crew);

#endif
