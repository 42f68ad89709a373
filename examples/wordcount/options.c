/* SPDX-License-Identifier: MIT */
/*
 * The command line: everything that can be wrong with it is said here, before any actor exists.
 */
#define _GNU_SOURCE /* sched_getaffinity() */

#include "options.h"
#include "walk.h"

#include <actor-iface/base.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_THREADS 1024
#define MOST_COUNTERS 1024
#define MOST_MAILBOX 1000000

static const char help[] =
	"Usage: wordcount [OPTION]... FILE|DIR...\n"
	"Count the words of files, and of all files below directories; print the most\n"
	"frequent ones, a line 'COUNT WORD' each, words of one count in byte order.\n"
	"A word is as many ASCII letters as follow each other, in lower case.\n"
	"\n"
	"  --threads N   run on N threads, with N readers; default: one per processor\n"
	"  --counters N  let N actors share the counting; default: one per thread\n"
	"  --top N       print N words; default: 20\n"
	"  --mailbox N   let N messages wait at an actor; default: 16\n"
	"  --help        print this\n"
	"\n"
	"A FILE may be anything that can be read, like a pipe; - is standard input. Name\n"
	"what is no regular file once only. Below a DIR only regular files are read, and\n"
	"symbolic links are not followed. What cannot be read is named and passed over.\n"
	"\n"
	"Exit status: 0 if all was read, 1 if something was not, 2 if the command line\n"
	"is wrong, 3 if the count could not be completed (out of memory, for example)\n"
	"or printed.\n";

static size_t usable_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (size_t)CPU_COUNT(&set);
	return 1;
}

/* A whole number from 1 to @most, in digits alone. */
static bool parse_number(const char *name, const char *text, size_t most, size_t *ret_number)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && number >= 1 &&
	    number <= most) {
		*ret_number = (size_t)number;
		return true;
	}
	if (most == SIZE_MAX)
		fprintf(stderr, "wordcount: --%s: '%s' is not a number from 1 on\n", name, text);
	else
		fprintf(stderr, "wordcount: --%s: '%s' is not a number from 1 to %zu\n", name, text,
			most);
	return false;
}

static enum status usage_error(const char *what)
{
	if (what)
		fprintf(stderr, "wordcount: %s\n", what);
	fputs("Try 'wordcount --help'.\n", stderr);
	return STATUS_USAGE;
}

static enum status print_help(void)
{
	fputs(help, stdout);
	if (fflush(stdout) == 0)
		return STATUS_OK;
	fprintf(stderr, "wordcount: %s\n", strerror(errno));
	return STATUS_GAVE_UP;
}

/* Two readers would each get parts of its words. */
static bool names_stdin_twice(char *const *paths)
{
	size_t n = 0;

	for (; *paths; paths++)
		n += strcmp(*paths, WALK_STDIN) == 0;
	return n > 1;
}

bool options_parse(int argc, char **argv, struct options *ret_options, enum status *ret_status)
{
	enum { THREADS, COUNTERS, TOP, MAILBOX, HELP };
	static const struct option known[] = {
		[THREADS] = { "threads", required_argument, NULL, 't' },
		[COUNTERS] = { "counters", required_argument, NULL, 'c' },
		[TOP] = { "top", required_argument, NULL, 'k' },
		[MAILBOX] = { "mailbox", required_argument, NULL, 'm' },
		[HELP] = { "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	static const size_t most[] = {
		[THREADS] = MOST_THREADS,
		[COUNTERS] = MOST_COUNTERS,
		[TOP] = SIZE_MAX,
		[MAILBOX] = MOST_MAILBOX,
	};
	size_t numbers[] = {
		[THREADS] = 0,
		[COUNTERS] = 0,
		[TOP] = 20,
		[MAILBOX] = ACTOR_DEFAULT_CAPACITY,
	};
	int option, i = 0;

	while ((option = getopt_long(argc, argv, "", known, &i)) != -1) {
		if (option == 'h') {
			*ret_status = print_help();
			return false;
		}
		if (option == '?' || !parse_number(known[i].name, optarg, most[i], &numbers[i])) {
			*ret_status = usage_error(NULL);
			return false;
		}
	}
	if (optind == argc || names_stdin_twice(argv + optind)) {
		*ret_status = usage_error(optind == argc ? "no FILE or DIR given"
							 : "- is given more than once");
		return false;
	}
	*ret_options = (struct options){
		.n_threads = numbers[THREADS] ? numbers[THREADS] : usable_processors(),
		.n_top = numbers[TOP],
		.n_mailbox = numbers[MAILBOX],
		.paths = argv + optind,
	};
	ret_options->n_counters = numbers[COUNTERS] ? numbers[COUNTERS] : ret_options->n_threads;
	return true;
}
