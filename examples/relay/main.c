/* SPDX-License-Identifier: MIT */
/*
 * relay: passes calls and messages on to other servers, in turn.
 *
 *	caller --> peer --> relay map --> peer of a link --> target
 *
 * It knows services by name alone: what they take and answer goes by unread. All of it is on the
 * one thread of its connections: so who chooses a link may look at what the links' actors have.
 */
#include "connection.h"
#include "link.h"
#include "program.h"
#include "server.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { MOST_TARGETS = 16, MOST_SERVICES = 256 };

static const char help[] =
	"Usage: relay --listen ADDRESS --to ADDRESS... --service NAME... [TLS]\n"
	"Pass on what comes for some services to other servers, to each in turn.\n"
	"An ADDRESS is tcp:HOST:PORT, like tcp:127.0.0.1:4000, or unix:PATH.\n"
	"\n"
	"  --listen ADDRESS  where to serve; port 0 picks one. It is printed, as in\n"
	"                    'listening tcp:127.0.0.1:4000'. SIGINT and SIGTERM end it\n"
	"  --to ADDRESS      where to pass it on; up to 16 times. All have to be there when it\n"
	"                    starts. A connection that ends is made again; meanwhile the others\n"
	"                    get all, or calls fail\n"
	"  --service NAME    what to pass on, like 'remotes::Add'; up to 256 times\n"
	"  --tls CERTIFICATE KEY AUTHORITIES\n"
	"                    with TLS, both ways: all others have to have it, too. Three files,\n"
	"                    PEM; with SIGHUP, they are read again\n"
	"  --tls-name NAME   whom the certificates of other servers have to be for; default: HOST\n"
	"  --help            print this\n"
	"\n"
	"Exit status: 0; 1 after an error, which is named; 2 if the command line is wrong.\n";

struct options {
	const char *listen;
	const char *targets[MOST_TARGETS];
	size_t n_targets;
	uint64_t services[MOST_SERVICES];
	size_t n_services;
};

/* ---- who gets it ---- */

struct links {
	struct link states[MOST_TARGETS];
	struct link_mailbox mailboxes[MOST_TARGETS];
	union link_address addresses[MOST_TARGETS]; /* owned: they keep the actors */
	size_t n;
	size_t next;
};

/* The next one that is there. */
static struct actor_peer *links_choose(void *user, uint64_t service)
{
	struct links *links = user;

	(void)service;
	for (size_t i = 0; i < links->n; i++) {
		struct actor_peer *peer = links->states[links->next].peer;

		links->next = (links->next + 1) % links->n;
		if (peer)
			return actor_peer_ref(peer);
	}
	return NULL;
}

static int links_add(struct links *links, struct actor_context *context, struct actor_io *io,
		     const char *address)
{
	struct actor_spawner *spawner = actor_executor_spawner(actor_io_executor(io));
	size_t i = links->n;
	int rc, connected;

	links->states[i] = (struct link){ .io = io, .address = address };
	rc = ACTOR_SPAWN_MAILBOX(link, spawner, &links->states[i], NULL, &links->addresses[i],
				 &links->mailboxes[i]);
	if (rc < 0)
		return program_failed(address, rc, NULL);
	links->n++;
	rc = ACTOR_CALL(context, links->addresses[i], link_connect, &connected,
			&(struct link_connect){ 0 });
	return rc < 0 || connected < 0 ? PROGRAM_FAILED : PROGRAM_OK;
}

static void links_end(struct links *links)
{
	for (size_t i = 0; i < links->n; i++) {
		actor_address_unref(links->addresses[i].address);
		actor_mailbox_destroy(links->mailboxes[i].mailbox); /* whatever it waits for */
	}
}

/* ---- the server ---- */

static int serve_map(void *user, struct actor_peer *peer)
{
	return actor_peer_serve(peer, user);
}

static int serve(struct actor_context *context, struct actor_io *io, const char *address,
		 struct actor_service_map *map)
{
	struct server_options options = { address, NULL, serve_map, map };
	int rc = server_run(context, io, &options);

	return rc < 0 ? program_failed(address, rc, actor_error(context)) : PROGRAM_OK;
}

static int relay(struct actor_context *context, struct actor_io *io, const struct options *options,
		 struct links *links)
{
	struct actor_relay_options relay = { .size = sizeof relay,
					     .choose = links_choose,
					     .user = links,
					     .services = options->services,
					     .n_services = options->n_services };
	struct actor_service_map *map;
	int rc, status = PROGRAM_OK;

	for (size_t i = 0; i < options->n_targets && status == PROGRAM_OK; i++)
		status = links_add(links, context, io, options->targets[i]);
	if (status != PROGRAM_OK)
		return status;
	rc = actor_relay_map_create(&relay, &map);
	if (rc < 0)
		return program_failed("services", rc, NULL);
	status = serve(context, io, options->listen, map);
	actor_service_map_unref(map);
	return status;
}

/* ---- the command line ---- */

/* "remotes::Add", of which the first part is the namespace. */
static bool parse_service(const char *name, uint64_t *ret_service)
{
	const char *colons = strstr(name, "::");
	char namespace_name[256];

	*ret_service = ACTOR_SERVICE_ERROR;
	if (colons && colons > name && (size_t)(colons - name) < sizeof namespace_name) {
		memcpy(namespace_name, name, (size_t)(colons - name));
		namespace_name[colons - name] = '\0';
		*ret_service = actor_service_id(namespace_name, colons + 2);
	}
	if (*ret_service != ACTOR_SERVICE_ERROR && colons[2] != '\0')
		return true;
	fprintf(stderr, "relay: '%s' is not a service, like remotes::Add\n", name);
	return false;
}

static bool is_twice(const uint64_t *services, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (services[i] == services[n - 1])
			return true;
	return false;
}

static bool add_service(struct options *options, const char *name)
{
	if (options->n_services == MOST_SERVICES) {
		fprintf(stderr, "relay: more than %d services\n", MOST_SERVICES);
		return false;
	}
	if (!parse_service(name, &options->services[options->n_services++]))
		return false;
	if (is_twice(options->services, options->n_services)) {
		fprintf(stderr, "relay: '%s' is there twice\n", name);
		return false;
	}
	return true;
}

static bool add_target(struct options *options, const char *address)
{
	if (options->n_targets == MOST_TARGETS) {
		fprintf(stderr, "relay: more than %d addresses to pass on to\n", MOST_TARGETS);
		return false;
	}
	options->targets[options->n_targets++] = address;
	return true;
}

static bool option_take(struct options *options, int option)
{
	switch (option) {
	case 'l':
		options->listen = optarg;
		return true;
	case 't':
		return add_target(options, optarg);
	case 's':
		return add_service(options, optarg);
	case 'n':
		connection_tls_name = optarg;
		return true;
	}
	return false;
}

/* Return: what the program is to end with; negative: go on. */
static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = { { "listen", required_argument, NULL, 'l' },
					       { "to", required_argument, NULL, 't' },
					       { "service", required_argument, NULL, 's' },
					       { "tls", required_argument, NULL, 'c' },
					       { "tls-name", required_argument, NULL, 'n' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
		if (option == 'h')
			return program_help(help);
		if (!(option == 'c' ? connection_tls_load(argc, argv)
				    : option_take(options, option)))
			return program_misused(NULL);
	}
	if (optind < argc)
		return program_misused("that is all options");
	if (!connection_tls_check())
		return program_misused(NULL);
	if (!options->listen || options->n_targets == 0 || options->n_services == 0)
		return program_misused("--listen, --to and --service have to be given");
	return -1;
}

int main(int argc, char **argv)
{
	static struct links links;
	struct options options = { 0 };
	struct actor_io *io;
	int rc, status;

	program_begin("relay");
	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	program_signals_block();
	rc = actor_io_create(NULL, &io);
	if (rc < 0)
		return program_failed("connections", rc, NULL);
	status = relay(actor_thread_context(), io, &options, &links);
	links_end(&links);
	connection_end_io(io);
	return status;
}
