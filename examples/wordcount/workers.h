/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WORKERS_H
#define WORDCOUNT_WORKERS_H

#include "crew.h"

/** struct workers - other processes that count for this one, and connections to them */
struct workers;

/** workers_load_tls() - the option --tls CERTIFICATE KEY AUTHORITIES, of which getopt_long() has
 * just found the first: for workers_open() and worker_main(). What is wrong is said; returns
 * whether nothing is */
bool workers_load_tls(int argc, char **argv);

/**
 * workers_open() - connect to them
 * @context:     who waits for it
 * @options:     names them; borrowed until workers_close()
 * @ret_workers: the caller's to close, whatever is returned; may be NULL
 *
 * Those that cannot be reached are named, and passed over. A call of those that can ends when its
 * time is over.
 *
 * Return: 0, ACTOR_E_NOMEM, ACTOR_E_SYSTEM, ACTOR_E_UNREACHABLE when none can be
 */
int workers_open(struct actor_context *context, const struct options *options,
		 struct workers **ret_workers);

/** workers_hire() - what a crew has to know, to have them do the work of readers; borrowed until
 * workers_close() */
const struct hire *workers_hire(const struct workers *workers);

/** workers_close() - let go of them, when the crew has ended; NULL is fine */
void workers_close(struct workers *workers);

#endif
