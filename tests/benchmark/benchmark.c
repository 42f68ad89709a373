/* SPDX-License-Identifier: MIT */

/*
 * actor-benchmark WORKLOAD THREADS [KEY=VALUE...] - run a workload once, print a line of JSON
 *
 * The programs of the peers understand the same arguments and print the same line: see README.md.
 * Exits with 1 if the workload went wrong, and with 2 if the arguments are not understood.
 */

#include "benchmark.h"
#include "stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 4, MOST_PARAM = 200 };

/* A workload understands the keys that it has a default for. */
struct workload {
	const char *name;
	struct result (*run)(const struct settings *settings);
	const char *defaults[MOST_KEYS];
};

static const struct workload workloads[] = {
	{ "pingpong", pingpong_run, { "n=1000000", "capacity=unbounded" } },
	{ "count", count_run, { "n=5000000", "capacity=unbounded", "bytes=8" } },
	{ "contention",
	  contention_run,
	  { "n=5000000", "senders=100", "capacity=unbounded", "bytes=8" } },
	{ "ring1", ring1_run, { "n=2000000", "actors=1000", "capacity=default" } },
	{ "ring64", ring64_run, { "n=2000000", "actors=1000", "capacity=default" } },
	{ "create", create_run, { "n=1000000", "actors=1000000", "capacity=default" } },
	{ "tree", tree_run, { "depth=20", "capacity=default" } },
	{ "call", call_run, { "n=1000000", "capacity=default" } },
	{ "call_from_main", call_from_main_run, { "n=100000", "capacity=default" } },
	{ "call_nested", call_nested_run, { "n=20000", "actors=100", "capacity=default" } },
	{ "idle", idle_run, { "n=1000000", "capacity=default" } },
	{ "idle_waiting", idle_waiting_run, { "n=10000", "capacity=default" } },
	{ "idle_cpu", idle_cpu_run, { "n=2000" } },
	{ "big", big_run, { "n=20000", "actors=120", "capacity=unbounded" } },
	{ "latency", latency_run, { "n=20000", "actors=16", "steps=1000" } },
	{ "select", select_run, { "n=2000000", "capacity=1024" } },
	{ "timer_arm_cancel", timer_arm_cancel_run, { "n=1000000" } },
	{ "timer_fire", timer_fire_run, { "n=1000000" } },
};

static const struct {
	const char *name;
	size_t offset;
} keys[] = {
	{ "n", offsetof(struct settings, n) },
	{ "actors", offsetof(struct settings, actors) },
	{ "senders", offsetof(struct settings, senders) },
	{ "capacity", offsetof(struct settings, capacity) },
	{ "bytes", offsetof(struct settings, bytes) },
	{ "depth", offsetof(struct settings, depth) },
	{ "steps", offsetof(struct settings, steps) },
};

static void __attribute__((noreturn)) usage(const char *what, const char *argument)
{
	fprintf(stderr, "actor-benchmark: %s: %s\n", what, argument);
	fprintf(stderr, "usage: actor-benchmark WORKLOAD THREADS [KEY=VALUE...]\n");
	exit(2);
}

static const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
		if (strcmp(workloads[i].name, name) == 0)
			return &workloads[i];
	usage("no such workload", name);
}

/* The length of the key of "key=value", with the "=". */
static size_t key_length(const char *setting)
{
	const char *equals = strchr(setting, '=');

	return equals ? (size_t)(equals - setting) + 1 : strlen(setting);
}

/* The default that a setting stands in for, NULL if the workload has no such key. */
static const char *workload_default(const struct workload *workload, const char *setting)
{
	for (int i = 0; i < MOST_KEYS && workload->defaults[i]; i++)
		if (strncmp(workload->defaults[i], setting, key_length(setting)) == 0)
			return workload->defaults[i];
	return NULL;
}

static uint64_t parse_number(const char *text, const char *where)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || number == 0)
		usage("not a positive number", where);
	return number;
}

static uint64_t parse_value(const char *setting)
{
	const char *value = setting + key_length(setting);

	if (strcmp(setting, "capacity=unbounded") == 0)
		return ACTOR_UNBOUNDED;
	if (strcmp(setting, "capacity=default") == 0)
		return 0;
	return parse_number(value, setting);
}

static void settings_set(struct settings *settings, const char *setting)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strncmp(keys[i].name, setting, strlen(keys[i].name)) == 0 &&
		    strlen(keys[i].name) + 1 == key_length(setting))
			*(uint64_t *)(void *)((char *)settings +
					      keys[i].offset) = parse_value(setting);
}

/* Take what differs from the defaults, and write it down, space separated. */
static void settings_parse(struct settings *settings, const struct workload *workload,
			   char **arguments, char param[MOST_PARAM])
{
	int length = 0;

	for (int i = 0; i < MOST_KEYS && workload->defaults[i]; i++)
		settings_set(settings, workload->defaults[i]);
	for (; *arguments; arguments++) {
		const char *by_default = workload_default(workload, *arguments);

		if (!by_default)
			usage("not a setting of this workload", *arguments);
		settings_set(settings, *arguments);
		if (strcmp(by_default, *arguments) != 0)
			length += snprintf(param + length, (size_t)(MOST_PARAM - length), "%s%s",
					   length ? " " : "", *arguments);
		if (length >= MOST_PARAM)
			usage("too long", *arguments);
	}
}

static void print(const struct workload *workload, const struct settings *settings,
		  const char *param, const struct result *result)
{
	printf("{\"peer\":\"actor\",\"workload\":\"%s\",\"threads\":%u,\"param\":\"%s\","
	       "\"n\":%" PRIu64,
	       workload->name, settings->threads, param, result->n);
	for (int i = 0; i < MOST_FIGURES && result->figures[i].name; i++)
		printf(",\"%s\":%.2f", result->figures[i].name, result->figures[i].value);
	printf("}\n");
}

int main(int argc, char **argv)
{
	char param[MOST_PARAM] = "";
	struct settings settings = { 0 };
	const struct workload *workload;
	struct result result;

	if (argc < 3)
		usage("arguments are missing", "WORKLOAD THREADS");
	workload = workload_find(argv[1]);
	settings.threads = (unsigned)parse_number(argv[2], "THREADS");
	settings_parse(&settings, workload, argv + 3, param);
	result = workload->run(&settings);
	print(workload, &settings, param, &result);
	return EXIT_SUCCESS;
}
