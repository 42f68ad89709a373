/* SPDX-License-Identifier: MIT */
/*
 * The command line: everything that can be wrong with it is said here, before any actor exists.
 */
#define _GNU_SOURCE /* sched_getaffinity() */

#include "options.h"
#include "walk.h"
#include "workers.h"

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
	"       wordcount worker --listen ADDRESS [--tls CERTIFICATE KEY AUTHORITIES]\n"
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
	"  --tls CERTIFICATE KEY AUTHORITIES\n"
	"                with TLS: workers and those they count for need it, too. Each\n"
	"                has a certificate, its key, and those whom it trusts; PEM\n"
	"  --tls-name N  whom the workers' certificates have to be for; default: each the\n"
	"                host of its address\n"
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
	"others, so that all is counted once. A worker counts for anybody who connects,\n"
	"and anybody can read along, but with --tls.\n"
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

enum known { THREADS, COUNTERS, TOP, MAILBOX, PATIENCE, N_NUMBERS };

/**
 * struct command_line - what has been found in it
 * @argc:      main()'s, without "worker"
 * @argv:      likewise
 * @is_worker: whether it began with that
 * @has_tls:   whether there is --tls
 * @numbers:   of the options that have one; 0: it is not there
 * @options:   all others
 */
struct command_line {
	int argc;
	char **argv;
	bool is_worker;
	bool has_tls;
	size_t numbers[N_NUMBERS];
	struct options options;
};

/* Take one option; false when it is wrong, which has been said. */
static bool take_option(struct command_line *line, int option, int i, const char *name)
{
	static const size_t most[N_NUMBERS] = {
		[THREADS] = MOST_THREADS, [COUNTERS] = MOST_COUNTERS, [TOP] = SIZE_MAX,
		[MAILBOX] = MOST_MAILBOX, [PATIENCE] = MOST_PATIENCE,
	};

	switch (option) {
	case 'n':
		return parse_number(name, optarg, most[i], &line->numbers[i]);
	case 'l':
		line->options.listen = optarg;
		return true;
	case 'w':
		if (parse_workers(optarg, &line->options))
			return true;
		fprintf(stderr, "wordcount: --workers: an address is missing\n");
		return false;
	case 't':
		line->has_tls = true;
		return workers_load_tls(line->argc, line->argv);
	case 'm':
		line->options.tls_name = optarg;
		return true;
	default:
		return false;
	}
}

/* Take all of them. False: with @ret_status, that was all. */
static bool take_options(struct command_line *line, enum status *ret_status)
{
	static const struct option known[] = {
		[THREADS] = { "threads", required_argument, NULL, 'n' },
		[COUNTERS] = { "counters", required_argument, NULL, 'n' },
		[TOP] = { "top", required_argument, NULL, 'n' },
		[MAILBOX] = { "mailbox", required_argument, NULL, 'n' },
		[PATIENCE] = { "patience", required_argument, NULL, 'n' },
		{ "listen", required_argument, NULL, 'l' },
		{ "workers", required_argument, NULL, 'w' },
		{ "tls", required_argument, NULL, 't' },
		{ "tls-name", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, i = 0;

	while ((option = getopt_long(line->argc, line->argv, "", known, &i)) != -1) {
		if (option != 'h' && take_option(line, option, i, known[i].name))
			continue;
		*ret_status = option == 'h' ? print_help() : usage_error(NULL);
		return false;
	}
	line->options.paths = line->argv + optind;
	return true;
}

static bool has_numbers(const struct command_line *line)
{
	for (size_t i = 0; i < N_NUMBERS; i++)
		if (line->numbers[i])
			return true;
	return false;
}

/* What is wrong with a worker's, if anything; NULL. */
static const char *find_worker_fault(const struct command_line *line)
{
	const struct options *options = &line->options;

	if (!options->listen)
		return "a worker needs --listen";
	if (options->workers || *options->paths)
		return "a worker is told what to count by others";
	if (has_numbers(line) || options->tls_name)
		return "a worker has no options but --listen and --tls";
	return NULL;
}

static const char *find_fault(const struct command_line *line)
{
	const struct options *options = &line->options;

	if (line->is_worker)
		return find_worker_fault(line);
	if (options->listen)
		return "only a worker listens";
	if (!options->workers && (line->numbers[PATIENCE] || line->has_tls))
		return "--patience and --tls are for --workers";
	if (options->tls_name && !line->has_tls)
		return "--tls-name is for --tls";
	if (!*options->paths)
		return "no FILE or DIR given";
	return names_stdin_twice(options->paths) ? "- is given more than once" : NULL;
}

static size_t or_default(size_t number, size_t by_default)
{
	return number ? number : by_default;
}

static void set_numbers(struct options *options, const size_t *numbers)
{
	options->n_threads = or_default(numbers[THREADS], usable_processors());
	options->n_counters = or_default(numbers[COUNTERS], options->n_threads);
	options->n_top = or_default(numbers[TOP], 20);
	options->n_mailbox = or_default(numbers[MAILBOX], ACTOR_DEFAULT_CAPACITY);
	options->patience_s = or_default(numbers[PATIENCE], 10);
}

bool options_parse(int argc, char **argv, struct options *ret_options, enum status *ret_status)
{
	bool is_worker = argc > 1 && strcmp(argv[1], "worker") == 0;
	struct command_line line = {
		.argc = argc - is_worker,
		.argv = argv + is_worker,
		.is_worker = is_worker,
	};
	bool is_right = take_options(&line, ret_status);
	const char *fault = is_right ? find_fault(&line) : NULL;

	if (fault)
		*ret_status = usage_error(fault);
	if (!is_right || fault) {
		options_deinit(&line.options);
		return false;
	}
	set_numbers(&line.options, line.numbers);
	*ret_options = line.options;
	return true;
}

void options_deinit(struct options *options)
{
	free(options->workers);
	options->workers = NULL;
}
