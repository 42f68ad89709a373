/* SPDX-License-Identifier: MIT */
/*
 * pubsub: a board, to which some publish and others subscribe.
 *
 *	publish --say--> peer --> topic --say--> peer of each subscriber --> reader
 *
 * The topic is a service map that passes on what comes without looking into it. Beside it the
 * board's peers have another map, of an actor which sees to who has subscribed.
 */
#include "board.h"
#include "connection.h"
#include "notice-board.h"
#include "program.h"
#include "reader.h"
#include "server.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: pubsub serve --listen ADDRESS [TLS]\n"
	"       pubsub publish --connect ADDRESS [TLS] TEXT...\n"
	"       pubsub subscribe --connect ADDRESS [--count N] [TLS]\n"
	"Have a board; or publish texts there, and print how many have subscribed; or\n"
	"print 'subscribed ADDRESS', and then what is published from now on, a line each.\n"
	"An ADDRESS is tcp:HOST:PORT, like tcp:127.0.0.1:4000, or unix:PATH.\n"
	"\n"
	"  --listen ADDRESS   where to serve; port 0 picks one. It is printed, as in\n"
	"                     'listening tcp:127.0.0.1:4000'. SIGINT and SIGTERM end it\n"
	"  --connect ADDRESS  where it is served\n"
	"  --count N          end after N texts; default: with the connection\n"
	"  --tls CERTIFICATE KEY AUTHORITIES\n"
	"                     with TLS: the other side has to have it, too. Three files, PEM;\n"
	"                     with SIGHUP, serve reads them again\n"
	"  --tls-name NAME    whom its certificate has to be for; default: HOST\n"
	"  --help             print this\n"
	"\n"
	"Exit status: 0; 1 after an error, which is named, like the end of a connection;\n"
	"2 if the command line is wrong.\n";

struct options {
	const char *listen;
	const char *connect;
	long long n_texts;
};

/* ---- serve ---- */

struct maps {
	struct actor_service_map *topic;
	struct board_services services;
};

static int maps_serve(void *user, struct actor_peer *peer)
{
	const struct maps *maps = user;
	int rc = actor_peer_serve(peer, maps->topic);

	return rc < 0 ? rc : actor_peer_serve(peer, maps->services.map);
}

static int maps_init(struct maps *maps, struct actor_spawner *spawner, struct notice_board *state)
{
	uint64_t say = ACTOR_SERVICE_ID(board, say);
	union notice_board_address board;
	int rc;

	rc = actor_pub_sub_create(&say, 1, &maps->topic);
	if (rc == 0)
		rc = board_services_create(&maps->services);
	state->topic = maps->topic;
	if (rc == 0)
		rc = ACTOR_SPAWN(notice_board, spawner, state, NULL, &board);
	if (rc < 0)
		return rc;
	rc = ACTOR_SERVE(board, maps->services, subscribe, board);
	if (rc == 0)
		rc = ACTOR_SERVE(board, maps->services, count_readers, board);
	actor_address_unref(board.address); /* the services have it */
	return rc;
}

static int serve(struct actor_context *context, struct actor_io *io, const struct options *options)
{
	struct maps maps = { 0 };
	static struct notice_board state; /* longer than the connections */
	struct server_options server_options = { options->listen, NULL, maps_serve, &maps };
	int rc;

	rc = maps_init(&maps, actor_executor_spawner(actor_io_executor(io)), &state);
	if (rc == 0)
		rc = server_run(context, io, &server_options);
	actor_service_map_unref(maps.services.map);
	actor_service_map_unref(maps.topic);
	return rc < 0 ? program_failed(options->listen, rc, actor_error(context)) : PROGRAM_OK;
}

/* ---- publish ---- */

static int publish_each(struct actor_context *context, union board_address board, char **texts)
{
	for (; *texts; texts++) {
		struct say say = { strdup(*texts) };
		int rc = say.text ? ACTOR_SEND(context, board, say, &say) : ACTOR_E_NOMEM;

		if (rc < 0) {
			say_schema_drop(&say);
			return rc;
		}
	}
	return 0;
}

/* That a text has been sent does not say that it has arrived; an answer to what was sent after it
 * does. */
static int publish(struct actor_context *context, struct actor_peer *peer, char **texts)
{
	union board_address board;
	uint64_t n_readers;
	int rc = actor_peer_start(peer);

	if (rc == 0)
		rc = board_remote(peer, &board);
	if (rc < 0)
		return rc;
	rc = publish_each(context, board, texts);
	if (rc == 0)
		rc = ACTOR_CALL(context, board, count_readers, &n_readers,
				&(struct count_readers){ 0 });
	if (rc == 0)
		printf("%" PRIu64 " subscribed\n", n_readers);
	actor_address_unref(board.address);
	return rc;
}

/* ---- subscribe ---- */

static int read_all(struct actor_context *context, struct actor_peer *peer,
		    union reader_address reader, const char *address)
{
	union board_address board;
	int rc = board_remote(peer, &board);

	if (rc < 0)
		return rc;
	rc = ACTOR_CALL(context, board, subscribe, NULL, &(struct subscribe){ { NULL } });
	actor_address_unref(board.address);
	if (rc < 0)
		return rc;
	program_announce("subscribed", address);
	return ACTOR_CALL(context, reader, finish, NULL, &(struct finish){ 0 });
}

/* The texts come over this connection: so its peer serves them, to which the board is a caller. */
static int subscribe(struct actor_context *context, struct actor_io *io, struct actor_peer *peer,
		     const struct options *options)
{
	static struct reader state; /* longer than the connection */
	struct actor_spawner *spawner = actor_executor_spawner(actor_io_executor(io));
	struct actor_subscribe_options events = { .size = sizeof events };
	struct board_services services;
	union reader_address reader;
	int rc = board_services_create(&services);

	if (rc < 0)
		return rc;
	state.n_left = (uint64_t)options->n_texts;
	rc = ACTOR_SPAWN(reader, spawner, &state, NULL, &reader);
	if (rc < 0) {
		actor_service_map_unref(services.map);
		return rc;
	}
	events.address = reader.address;
	rc = ACTOR_SERVE(board, services, say, reader);
	if (rc == 0)
		rc = actor_peer_serve(peer, services.map);
	if (rc == 0)
		rc = actor_observable_subscribe(actor_peer_observable(peer), &events, NULL);
	if (rc == 0)
		rc = actor_peer_start(peer);
	if (rc == 0)
		rc = read_all(context, peer, reader, options->connect);
	actor_service_map_unref(services.map);
	actor_address_unref(reader.address);
	return rc;
}

static int visit(struct actor_context *context, struct actor_io *io, const struct options *options,
		 char **texts)
{
	struct actor_subscription *ends = NULL;
	struct actor_peer *peer;
	int status = PROGRAM_OK;
	int rc = connection_open(context, io, options->connect, NULL, &peer);

	if (rc < 0)
		return program_failed(options->connect, rc, actor_error(context));
	rc = connection_watch(peer, &ends);
	if (rc == 0)
		rc = *texts ? publish(context, peer, texts) : subscribe(context, io, peer, options);
	if (rc < 0)
		status = connection_failed(context, ends, options->connect, rc);
	actor_subscription_destroy(ends);
	connection_close(context, peer);
	return status;
}

/* ---- the command line ---- */

/* Return: what the program is to end with; negative: go on. */
static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = { { "listen", required_argument, NULL, 'l' },
					       { "connect", required_argument, NULL, 'c' },
					       { "count", required_argument, NULL, 'n' },
					       { "tls", required_argument, NULL, 't' },
					       { "tls-name", required_argument, NULL, 'm' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	bool is_right = true;
	int option;

	while (is_right && (option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
		switch (option) {
		case 'l':
			options->listen = optarg;
			break;
		case 'c':
			options->connect = optarg;
			break;
		case 'n':
			is_right = program_number("--count", optarg, 1, INT64_MAX,
						  &options->n_texts);
			break;
		case 't':
			is_right = connection_tls_load(argc, argv);
			break;
		case 'm':
			connection_tls_name = optarg;
			break;
		case 'h':
			return program_help(help);
		default:
			is_right = false;
		}
	}
	return is_right && connection_tls_check() ? -1 : program_misused(NULL);
}

/* What is wrong with it; NULL: nothing. */
static const char *options_check(const struct options *options, const char *verb, int n_texts)
{
	bool serves = strcmp(verb, "serve") == 0, publishes = strcmp(verb, "publish") == 0;

	if (!serves && !publishes && strcmp(verb, "subscribe") != 0)
		return "say 'serve', 'publish' or 'subscribe'";
	if (serves ? !options->listen || options->connect : !options->connect || options->listen)
		return serves ? "serve: give --listen ADDRESS" : "give --connect ADDRESS";
	if (serves && connection_tls_name)
		return "--tls-name is for whoever connects";
	if (options->n_texts > 0 && (serves || publishes))
		return "--count is for subscribe";
	if (publishes ? n_texts == 0 : n_texts > 0)
		return publishes ? "publish: no TEXT given" : "a TEXT is for publish";
	return NULL;
}

int main(int argc, char **argv)
{
	struct actor_context *context = actor_thread_context();
	struct options options = { 0 };
	const char *verb = argc > 1 ? argv[1] : "";
	struct actor_io *io;
	const char *wrong;
	int rc, status = -1;

	program_begin("pubsub");
	if (strcmp(verb, "--help") == 0)
		return program_help(help);
	if (argc > 1) {
		argv[1] = argv[0]; /* for what getopt_long() has to say */
		status = options_parse(&options, argc - 1, argv + 1);
	}
	if (status >= 0)
		return status;
	wrong = options_check(&options, verb, argc > 1 ? argc - 1 - optind : 0);
	if (wrong)
		return program_misused(wrong);
	if (options.listen)
		program_signals_block();
	rc = actor_io_create(NULL, &io);
	if (rc < 0)
		return program_failed("connections", rc, NULL);
	status = options.listen ? serve(context, io, &options)
				: visit(context, io, &options, argv + 1 + optind);
	connection_end_io(io);
	return status;
}
