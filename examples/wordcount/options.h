/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_OPTIONS_H
#define WORDCOUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** enum status - how the program ends */
enum status {
	STATUS_OK = 0,
	STATUS_SKIPPED = 1,
	STATUS_NO_WORKER = 1,
	STATUS_USAGE = 2,
	STATUS_GAVE_UP = 3
};

/**
 * struct options - what the command line asks for
 * @n_threads:  threads that run actors, and as many readers
 * @n_counters: counters
 * @n_top:      how many words to print
 * @n_mailbox:  messages that may wait at an actor
 * @paths:      of files and directories, ended by NULL; the command line's
 * @listen:     be a worker, at this address; nothing else counts then. NULL: do not
 * @workers:    addresses of those who count, the command line's, in memory of its own; NULL: none
 * @n_workers:  how many
 * @tls_name:   whom the certificates of workers have to be for; NULL: each the host of its address
 * @patience_s: how long a worker may take for a chunk
 */
struct options {
	size_t n_threads;
	size_t n_counters;
	size_t n_top;
	size_t n_mailbox;
	char *const *paths;
	const char *listen;
	const char **workers;
	size_t n_workers;
	const char *tls_name;
	size_t patience_s;
};

/**
 * options_parse() - read the command line
 * @argc:        main()'s
 * @argv:        main()'s; options are moved before other arguments
 * @ret_options: complete if this returns true, and the caller's to options_deinit()
 * @ret_status:  with which to end the program if it returns false: help or an error was printed
 */
bool options_parse(int argc, char **argv, struct options *ret_options, enum status *ret_status);

/** options_deinit() - release what they own */
void options_deinit(struct options *options);

#endif
