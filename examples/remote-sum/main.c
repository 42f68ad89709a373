/* SPDX-License-Identifier: MIT */
/*
 * remote-sum: a server that adds up, and a client of it.
 *
 *	remote-sum call --> peer ==connection== peer --> sum
 *
 * What both know of each other is in remotes.h. The sum is an actor like any other, and neither it
 * nor who calls it would have to be changed to be in one process.
 */
#include "connection.h"
#include "program.h"
#include "server.h"
#include "sum.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: remote-sum serve --listen ADDRESS [--max-frame N] [--permits N] [TLS]\n"
	"       remote-sum call --connect ADDRESS [TLS] (add N | sub N | show)\n"
	"Serve a sum, which begins with 0, to other processes; or be one of those.\n"
	"An ADDRESS is tcp:HOST:PORT, like tcp:127.0.0.1:4000, or unix:PATH.\n"
	"\n"
	"  --listen ADDRESS   where to serve; port 0 picks one. It is printed, as in\n"
	"                     'listening tcp:127.0.0.1:4000'. SIGINT and SIGTERM end it\n"
	"  --max-frame N      take and send no frame of more than N bytes; default: 1048576\n"
	"  --permits N        see to N calls of a connection at a time; default: 1024\n"
	"  --connect ADDRESS  where it is served\n"
	"  --tls CERTIFICATE KEY AUTHORITIES\n"
	"                     with TLS: the other side has to have it, too. Three files, PEM;\n"
	"                     with SIGHUP, serve reads them again\n"
	"  --tls-name NAME    whom its certificate has to be for; default: HOST\n"
	"  --help             print this\n"
	"\n"
	"Exit status: 0; 1 after an error, which is named; 2 if the command line is wrong.\n";

/* ---- serve ---- */

struct offer {
	struct remotes_services services;
	union sum_address sum;
};

static int offer_welcome(void *user, struct actor_peer *peer)
{
	const struct offer *offer = user;

	return actor_peer_serve(peer, offer->services.map);
}

static int offer_init(struct offer *offer, struct actor_spawner *spawner, struct sum *state)
{
	int rc = remotes_services_create(&offer->services);

	if (rc == 0)
		rc = ACTOR_SPAWN(sum, spawner, state, ACTOR_OPTIONS(.name = "sum"), &offer->sum);
	if (rc == 0)
		rc = ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, offer->services, offer->sum);
	return rc;
}

static void offer_deinit(struct offer *offer)
{
	actor_service_map_unref(offer->services.map);
	if (offer->sum.address)
		actor_address_unref(offer->sum.address);
}

static int serve(struct actor_context *context, const char *address,
		 const struct actor_peer_options *peer_options)
{
	struct sum state = { 0 };
	struct offer offer = { 0 };
	struct server_options options = { address, peer_options, offer_welcome, &offer };
	struct actor_io *io = NULL;
	int rc, status = PROGRAM_OK;

	program_signals_block();
	rc = actor_io_create(NULL, &io);
	if (rc == 0)
		rc = offer_init(&offer, actor_executor_spawner(actor_io_executor(io)), &state);
	if (rc == 0)
		rc = server_run(context, io, &options);
	if (rc < 0)
		status = program_failed(address, rc, actor_error(context));
	offer_deinit(&offer);
	connection_end_io(io);
	return status;
}

/* ---- call ---- */

enum verb { ADD, SUB, SHOW };

struct request {
	enum verb verb;
	int64_t n;
};

static int request_make(const struct request *request, struct actor_context *context,
			union remotes_address remote)
{
	int64_t value;
	int rc;

	switch (request->verb) {
	case ADD:
		return ACTOR_CALL(context, remote, add, NULL, &(struct add){ request->n });
	case SUB:
		return ACTOR_CALL(context, remote, sub, NULL, &(struct sub){ request->n });
	case SHOW:
		break;
	}
	rc = ACTOR_CALL(context, remote, show, &value, &(struct show){ 0 });
	if (rc == 0)
		printf("%" PRId64 "\n", value);
	return rc;
}

static int call(struct actor_context *context, const char *address, const struct request *request)
{
	struct actor_subscription *ends = NULL;
	union remotes_address remote = { NULL };
	struct actor_peer *peer = NULL;
	struct actor_io *io = NULL;
	int rc, status = PROGRAM_OK;

	rc = actor_io_create(NULL, &io);
	if (rc == 0)
		rc = connection_open(context, io, address, NULL, &peer);
	if (rc == 0)
		rc = connection_watch(peer, &ends);
	if (rc == 0)
		rc = actor_peer_start(peer);
	if (rc == 0)
		rc = remotes_remote(peer, &remote);
	if (rc == 0)
		rc = request_make(request, context, remote);
	if (rc < 0)
		status = connection_failed(context, ends, address, rc);
	actor_subscription_destroy(ends);
	if (remote.address)
		actor_address_unref(remote.address);
	connection_close(context, peer);
	connection_end_io(io);
	return status;
}

/* ---- the command line ---- */

struct options {
	const char *listen;
	const char *connect;
	long long max_frame;
	long long n_permits;
};

/* Return: what the program is to end with; negative: go on. */
static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = { { "listen", required_argument, NULL, 'l' },
					       { "connect", required_argument, NULL, 'c' },
					       { "max-frame", required_argument, NULL, 'f' },
					       { "permits", required_argument, NULL, 'p' },
					       { "tls", required_argument, NULL, 't' },
					       { "tls-name", required_argument, NULL, 'n' },
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
		case 'f':
			is_right = program_number("--max-frame", optarg, 24, INT32_MAX,
						  &options->max_frame);
			break;
		case 'p':
			is_right = program_number("--permits", optarg, 1, INT32_MAX,
						  &options->n_permits);
			break;
		case 't':
			is_right = connection_tls_load(argc, argv);
			break;
		case 'n':
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

static int serve_parsed(const struct options *options, int n_words)
{
	struct actor_peer_options peer_options = {
		.size = sizeof peer_options,
		.max_read_bytes = (size_t)options->max_frame,
		.max_write_bytes = (size_t)options->max_frame,
		.n_permits = (size_t)options->n_permits,
	};

	if (!options->listen)
		return program_misused("serve: no --listen ADDRESS given");
	if (options->connect || connection_tls_name || n_words > 0)
		return program_misused("serve: that is for call");
	return serve(actor_thread_context(), options->listen, &peer_options);
}

static int call_parsed(const struct options *options, int n_words, char **words)
{
	struct request request = { SHOW, 0 };
	const char *verb = n_words > 0 ? words[0] : "";
	bool has_number = strcmp(verb, "add") == 0 || strcmp(verb, "sub") == 0;
	long long n = 0;

	if (!options->connect)
		return program_misused("call: no --connect ADDRESS given");
	if (options->listen || options->max_frame || options->n_permits)
		return program_misused("call: that is for serve");
	if ((!has_number && strcmp(verb, "show") != 0) || n_words != (has_number ? 2 : 1))
		return program_misused("call: say 'add N', 'sub N' or 'show'");
	if (has_number && !program_number(verb, words[1], INT64_MIN, INT64_MAX, &n))
		return program_misused(NULL);
	if (has_number)
		request.verb = verb[0] == 'a' ? ADD : SUB;
	request.n = n;
	return call(actor_thread_context(), options->connect, &request);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	const char *verb = argc > 1 ? argv[1] : "";
	int status;

	program_begin("remote-sum");
	if (strcmp(verb, "--help") == 0)
		return program_help(help);
	if (strcmp(verb, "serve") != 0 && strcmp(verb, "call") != 0)
		return program_misused("say 'serve' or 'call'");
	argv[1] = argv[0]; /* for what getopt_long() has to say */
	status = options_parse(&options, argc - 1, argv + 1);
	if (status >= 0)
		return status;
	argc -= 1 + optind;
	argv += 1 + optind;
	return verb[0] == 's' ? serve_parsed(&options, argc) : call_parsed(&options, argc, argv);
}
