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
#define MOST_PATIENCE 1000000

static const char help[] =
	"Usage: wordcount [OPTION]... FILE|DIR...\n"
	"       wordcount worker --listen ADDRESS\n"
	"Count the words of files, and of all files below directories; print the most\n"
	"frequent ones, a line 'COUNT WORD' each, words of one count in byte order.\n"
	"A word is as many ASCII letters as follow each other, in lower case.\n"
	"\n"
	"  --threads N   run on N threads, with N readers; default: one per processor\n"
	"  --counters N  let N actors share the counting; default: one per thread\n"
	"  --top N       print N words; default: 20\n"
	"  --mailbox N   let N messages wait at an actor; default: 16\n"
	"  --workers ADDRESS,ADDRESS...\n"
	"                let other processes count, which were started as workers\n"
	"  --patience N  a worker that takes N seconds for a chunk is lost; default: 10\n"
	"  --help        print this\n"
	"\n"
	"A FILE may be anything that can be read, like a pipe; - is standard input. Name\n"
	"what is no regular file once only. Below a DIR only regular files are read, and\n"
	"symbolic links are not followed. What cannot be read is named and passed over.\n"
	"\n"
	"A worker counts, on one thread, what others send it, until SIGINT or SIGTERM:\n"
	"start one for each processor. An ADDRESS is tcp:HOST:PORT or unix:PATH; port 0\n"
	"picks one, which is printed, as in 'listening tcp:127.0.0.1:4000'. A worker is\n"
	"sent chunks of the text, a few at a time, and more when it has counted those: so\n"
	"one that is slow gets fewer. When it is lost, takes too long for a chunk or\n"
	"answers nonsense, it is named, and what it had not answered is counted by the\n"
	"others, so that all is counted once. A worker counts for anybody who connects:\n"
	"it is for networks that you trust.\n"
	"\n"
	"Exit status: 0 if all was read, 1 if something was not, or no worker was left, 2\n"
	"if the command line is wrong, 3 if the count could not be completed (out of\n"
	"memory, for example) or printed.\n";

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

/* Cut a list at its commas; false when out of memory, or one is empty. */
static bool parse_workers(char *list, struct options *options)
{
	size_t n = 1;

	for (const char *at = list; *at; at++)
		n += *at == ',';
	free(options->workers);
	options->n_workers = 0;
	options->workers = calloc(n, sizeof *options->workers);
	if (!options->workers)
		return false;
	for (char *address; (address = strsep(&list, ",")); options->n_workers++) {
		options->workers[options->n_workers] = address;
		if (!*address)
			return false;
	}
	return true;
}

/* What is wrong with them, if anything; NULL. */
static const char *find_fault(const struct options *options, bool is_worker, int n_paths)
{
	if (is_worker && !options->listen)
		return "a worker needs --listen";
	if (!is_worker && options->listen)
		return "only a worker listens";
	if (is_worker && (n_paths > 0 || options->workers))
		return "a worker is told what to count by others";
	if (!is_worker && n_paths == 0)
		return "no FILE or DIR given";
	return names_stdin_twice(options->paths) ? "- is given more than once" : NULL;
}

enum known { THREADS, COUNTERS, TOP, MAILBOX, PATIENCE, N_NUMBERS };

/* Take one option of the command line; false when it is wrong, which has been said. */
static bool take_option(int option, int i, const char *name, size_t *numbers,
			struct options *options)
{
	static const size_t most[N_NUMBERS] = {
		[THREADS] = MOST_THREADS, [COUNTERS] = MOST_COUNTERS, [TOP] = SIZE_MAX,
		[MAILBOX] = MOST_MAILBOX, [PATIENCE] = MOST_PATIENCE,
	};

	switch (option) {
	case 'n':
		return parse_number(name, optarg, most[i], &numbers[i]);
	case 'l':
		options->listen = optarg;
		return true;
	case 'w':
		if (parse_workers(optarg, options))
			return true;
		fprintf(stderr, "wordcount: --workers: an address is missing\n");
		return false;
	default:
		return false;
	}
}

static size_t or_default(size_t number, size_t by_default)
{
	return number ? number : by_default;
}

bool options_parse(int argc, char **argv, struct options *ret_options, enum status *ret_status)
{
	static const struct option known[] = {
		[THREADS] = { "threads", required_argument, NULL, 'n' },
		[COUNTERS] = { "counters", required_argument, NULL, 'n' },
		[TOP] = { "top", required_argument, NULL, 'n' },
		[MAILBOX] = { "mailbox", required_argument, NULL, 'n' },
		[PATIENCE] = { "patience", required_argument, NULL, 'n' },
		{ "listen", required_argument, NULL, 'l' },
		{ "workers", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool is_worker = argc > 1 && strcmp(argv[1], "worker") == 0;
	size_t numbers[N_NUMBERS] = { 0 };
	struct options options = { 0 };
	const char *fault;
	int option, i = 0;

	argc -= is_worker;
	argv += is_worker;
	*ret_status = STATUS_USAGE;
	while ((option = getopt_long(argc, argv, "", known, &i)) != -1) {
		if (option != 'h' && take_option(option, i, known[i].name, numbers, &options))
			continue;
		*ret_status = option == 'h' ? print_help() : usage_error(NULL);
		options_deinit(&options);
		return false;
	}
	options.paths = argv + optind;
	fault = find_fault(&options, is_worker, argc - optind);
	if (fault) {
		*ret_status = usage_error(fault);
		options_deinit(&options);
		return false;
	}
	options.n_threads = or_default(numbers[THREADS], usable_processors());
	options.n_counters = or_default(numbers[COUNTERS], options.n_threads);
	options.n_top = or_default(numbers[TOP], 20);
	options.n_mailbox = or_default(numbers[MAILBOX], ACTOR_DEFAULT_CAPACITY);
	options.patience_s = or_default(numbers[PATIENCE], 10);
	*ret_options = options;
	return true;
}

void options_deinit(struct options *options)
{
	free(options->workers);
	options->workers = NULL;
}
