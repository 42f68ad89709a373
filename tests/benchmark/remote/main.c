/* SPDX-License-Identifier: MIT */

/*
 * remote-benchmark WORKLOAD CORES [KEY=VALUE...] - run a workload once, print a line of JSON
 *
 * Processes that serve each other, by the library or by hand: see struct settings and ../README.md.
 * Exits with 1 if the workload went wrong, and with 2 if the arguments are not understood or there
 * are not so many cores.
 */

#include "costs.h"
#include "remote.h"
#include "secure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 3, MOST_PARAM = 200, MOST_CHOICES = 5 };

/* What a workload measures: time, or the memory of the server. */
enum measure { TIME, MEMORY };

struct workload {
	const char *name;
	const char *client; /* which of the functions below */
	enum measure measure;
	bool is_relayed;
	const char *defaults[MOST_KEYS]; /* where they differ from those of all */
};

static const struct workload workloads[] = {
	{ "round_trip", "calls", TIME, false, { "n=50000" } },
	{ "in_flight", "calls", TIME, false, { "n=1000000", "in_flight=1000" } },
	{ "one_way", "sends", TIME, false, { "n=5000000" } },
	{ "relay_round_trip", "calls", TIME, true, { "n=20000" } },
	{ "relay_in_flight", "calls", TIME, true, { "n=500000", "in_flight=1000" } },
	{ "handshakes", "handshakes", TIME, false, { "n=1000", "client=bare", "secure=yes" } },
	{ "idle_connections", "visits", MEMORY, false, { "n=10000", "client=bare" } },
};

static const char *const defaults[] = { "n=1",		 "in_flight=1",	 "capacity=1024",
					"transport=tcp", "client=actor", "by=ask",
					"relay=actor",	 "server=loop",	 "secure=no" };

/* A key stands for a number, or for one of these words. */
static const struct key {
	const char *name;
	size_t offset;
	const char *choices[MOST_CHOICES];
} keys[] = {
	{ "n", offsetof(struct settings, n), { NULL } },
	{ "in_flight", offsetof(struct settings, in_flight), { NULL } },
	{ "capacity", offsetof(struct settings, capacity), { NULL } },
	{ "transport", offsetof(struct settings, transport), { "tcp", "unix" } },
	{ "client", offsetof(struct settings, client), { "bare", "actor", "zmq", "nng" } },
	{ "by", offsetof(struct settings, by), { "ask", "actor", "thread" } },
	{ "relay", offsetof(struct settings, relay), { "bare", "actor" } },
	{ "server", offsetof(struct settings, server), { "bare", "loop", "pool", "zmq", "nng" } },
	{ "secure", offsetof(struct settings, secure), { "no", "yes" } },
};

static const struct {
	const char *who; /* "bare calls" */
	client_fn *run;
} clients[] = {
	{ "bare calls", bare_calls },	{ "bare sends", bare_sends },
	{ "bare visits", bare_visits }, { "bare handshakes", bare_handshakes },
	{ "actor calls", actor_calls }, { "actor sends", actor_sends },
#ifdef HAVE_LIBZMQ
	{ "zmq calls", libzmq_calls },	{ "zmq sends", libzmq_sends },
#endif
#ifdef HAVE_LIBNNG
	{ "nng calls", libnng_calls },	{ "nng sends", libnng_sends },
#endif
};

static const struct {
	const char *name;
	role_fn *run;
} servers[] = {
	{ "bare", bare_serve },
	{ "loop", actor_serve_on_loop },
	{ "pool", actor_serve_on_pool },
#ifdef HAVE_LIBZMQ
	{ "zmq", libzmq_serve },
#endif
#ifdef HAVE_LIBNNG
	{ "nng", libnng_serve },
#endif
}, relays[] = {
	{ "bare", bare_relay },
	{ "actor", actor_relay },
};

static void __attribute__((noreturn)) usage(const char *what, const char *argument)
{
	fprintf(stderr, "remote-benchmark: %s: %s\n", what, argument);
	fprintf(stderr, "usage: remote-benchmark WORKLOAD CORES [KEY=VALUE...]\n");
	exit(2);
}

static const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
		if (strcmp(workloads[i].name, name) == 0)
			return &workloads[i];
	usage("no such workload", name);
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

static const char *parse_choice(const struct key *key, const char *text, const char *where)
{
	for (int i = 0; i < MOST_CHOICES && key->choices[i]; i++)
		if (strcmp(key->choices[i], text) == 0)
			return key->choices[i];
	usage("not a value of this key", where);
}

static void settings_set(struct settings *settings, const char *setting)
{
	const char *equals = strchr(setting, '=');
	size_t n = equals ? (size_t)(equals - setting) : strlen(setting);

	for (size_t i = 0; equals && i < sizeof keys / sizeof *keys; i++) {
		void *member = (char *)settings + keys[i].offset;

		if (strlen(keys[i].name) != n || strncmp(keys[i].name, setting, n) != 0)
			continue;
		if (keys[i].choices[0])
			*(const char **)member = parse_choice(&keys[i], equals + 1, setting);
		else
			*(uint64_t *)member = parse_number(equals + 1, setting);
		return;
	}
	usage("no such setting", setting);
}

/* Take the defaults, and what is given; that is written down, space separated. */
static void settings_parse(struct settings *settings, const struct workload *workload,
			   char **arguments, char param[MOST_PARAM])
{
	int length = 0;

	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		settings_set(settings, defaults[i]);
	for (int i = 0; i < MOST_KEYS && workload->defaults[i]; i++)
		settings_set(settings, workload->defaults[i]);
	for (; *arguments; arguments++) {
		settings_set(settings, *arguments);
		length += snprintf(param + length, (size_t)(MOST_PARAM - length), "%s%s",
				   length ? " " : "", *arguments);
		if (length >= MOST_PARAM)
			usage("too long", *arguments);
	}
}

/* By hand it is written for handshakes alone; nng has it over TCP alone. */
static void check_secure(const struct settings *settings, const struct workload *workload)
{
	const char *const roles[] = { settings->client, settings->relay, settings->server };
	bool shakes = strcmp(workload->client, "handshakes") == 0;

	if (shakes && !is_secure(settings))
		usage("without it there are none", "secure=no");
	for (size_t i = 0; !shakes && is_secure(settings) && i < sizeof roles / sizeof *roles; i++)
		if (strcmp(roles[i], "bare") == 0)
			usage("not by hand", "secure=yes");
	if (is_secure(settings) && strcmp(settings->server, "nng") == 0 &&
	    strcmp(settings->transport, "unix") == 0)
		usage("not over unix", "secure=yes");
}

static client_fn *client_find(const struct settings *settings, const struct workload *workload)
{
	char who[40];

	snprintf(who, sizeof who, "%s %s", settings->client, workload->client);
	for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
		if (strcmp(clients[i].who, who) == 0)
			return clients[i].run;
	usage("that client has no such workload", who);
}

static role_fn *server_find(const struct settings *settings)
{
	const char *name = settings->server;

	if (is_secure(settings) && strcmp(name, "bare") == 0)
		return bare_secure_serve;
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		if (strcmp(servers[i].name, name) == 0)
			return servers[i].run;
	usage("no such server", name);
}

static role_fn *relay_find(const char *name)
{
	for (size_t i = 0; i < sizeof relays / sizeof *relays; i++)
		if (strcmp(relays[i].name, name) == 0)
			return relays[i].run;
	usage("no such relay", name);
}

/* What is measured has a core for itself, if there are two. */
static struct costs run(const struct workload *workload, const struct settings *settings)
{
	client_fn *client = client_find(settings, workload);
	unsigned other_core = settings->cores - 1;
	struct costs costs = { .n_pids = 2 };
	struct process server, relay;
	const char *address = server.address;

	process_start(&server, server_find(settings), settings,
		      workload->is_relayed ? other_core : 0, NULL);
	costs.pids[1] = costs.server = server.pid;
	if (workload->is_relayed) {
		process_start(&relay, relay_find(settings->relay), settings, 0, server.address);
		costs.pids[costs.n_pids++] = relay.pid;
		address = relay.address;
	}
	process_pin(other_core);
	client(settings, address, &costs);
	if (workload->is_relayed)
		process_stop(&relay);
	process_stop(&server);
	return costs;
}

static void print(const struct workload *workload, const struct settings *settings,
		  const char *param, const struct costs *costs)
{
	double n = (double)settings->n;

	printf("{\"peer\":\"%s\",\"workload\":\"%s\",\"threads\":%u,\"param\":\"%s\",\"n\":"
	       "%" PRIu64,
	       settings->server, workload->name, settings->cores, param, settings->n);
	if (workload->measure == MEMORY)
		printf(",\"bytes_per_op\":%.0f}\n", costs->server_bytes / n);
	else
		printf(",\"ns_per_op\":%.1f,\"cpu_ns_per_op\":%.1f}\n", costs->ns / n,
		       costs->cpu_ns / n);
}

int main(int argc, char **argv)
{
	char param[MOST_PARAM] = "";
	struct settings settings = { 0 };
	const struct workload *workload;
	struct costs costs;

	if (argc < 3)
		usage("arguments are missing", "WORKLOAD CORES");
	workload = workload_find(argv[1]);
	settings.cores = (unsigned)parse_number(argv[2], "CORES");
	if (settings.cores > 2)
		usage("1 or 2", argv[2]);
	settings_parse(&settings, workload, argv + 3, param);
	check_secure(&settings, workload);
	secure_open(&settings);
#ifdef HAVE_LIBZMQ
	libzmq_prepare(&settings);
#endif
	costs = run(workload, &settings);
	secure_close(&settings);
	print(workload, &settings, param, &costs);
	return EXIT_SUCCESS;
}
