/* SPDX-License-Identifier: MIT */
#include "connection.h"

#include "program.h"

#include <getopt.h>
#include <stdio.h>

/* How long others may take. */
#define PATIENCE_NS (INT64_C(10) * 1000000000)

struct actor_tls *connection_tls;
const char *connection_tls_name;

static const char *certificate_file;

/* For connections to come. If it does not work, they have what there was. */
static void reload(void)
{
	struct actor_why why = { "" };

	if (actor_tls_reload(connection_tls, &why) == 0)
		program_announce("reloaded", certificate_file);
	else
		fprintf(stderr, "%s: %s\n", program_name, why.text);
}

bool connection_tls_load(int argc, char **argv)
{
	struct actor_tls_options options = { .size = sizeof options, .certificate_file = optarg };
	struct actor_why why = { "--tls: a certificate, a key and authorities are three files" };
	int rc = ACTOR_E_INVALID;

	if (argc - optind >= 2) {
		options.key_file = argv[optind++];
		options.ca_file = argv[optind++];
		actor_tls_unref(connection_tls);
		connection_tls = NULL;
		rc = actor_tls_create(&options, &connection_tls, &why);
	}
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", program_name, why.text);
		return false;
	}
	certificate_file = options.certificate_file;
	program_on_hangup = reload;
	return true;
}

bool connection_tls_check(void)
{
	if (connection_tls || !connection_tls_name)
		return true;
	fprintf(stderr, "%s: --tls-name goes with --tls\n", program_name);
	return false;
}

int connection_open(struct actor_context *context, struct actor_io *io, const char *address,
		    const struct actor_peer_options *options, struct actor_peer **ret_peer)
{
	const struct actor_connect_options connect = { .size = sizeof connect,
						       .tls = connection_tls,
						       .tls_name = connection_tls_name };
	struct actor_transport *transport;
	int rc;

	rc = actor_connect_with(context, io, address, &connect,
				actor_deadline_after(context, PATIENCE_NS), &transport);
	if (rc < 0)
		return rc;
	rc = actor_peer_create(transport, options, ret_peer);
	if (rc < 0)
		actor_transport_destroy(transport);
	return rc;
}

int connection_watch(struct actor_peer *peer, struct actor_subscription **ret_ends)
{
	const struct actor_subscribe_options one = { .size = sizeof one, .capacity = 1 };

	return actor_observable_subscribe(actor_peer_observable(peer), &one, ret_ends);
}

/* What the connection has ended with says more than that a call was not answered. */
int connection_failed(struct actor_context *context, struct actor_subscription *ends,
		      const char *address, int rc)
{
	const struct actor_error detail = *actor_error(context);
	const struct actor_peer_event *end;
	struct actor_event event;

	if (ends && actor_subscription_next(context, ends, ACTOR_AT_ONCE, &event) == 0) {
		end = ACTOR_EVENT(actor_peer_event, &event);
		if (end->status < 0)
			fprintf(stderr, "%s: %s: %s\n", program_name, actor_strerror(end->status),
				end->text);
		actor_event_drop(&event);
	}
	return program_failed(address, rc, &detail);
}

void connection_close(struct actor_context *context, struct actor_peer *peer)
{
	if (!peer)
		return;
	actor_peer_close(peer, NULL);
	/* If the other side will not see to its end in time, the peer does that without us. */
	actor_ignore(actor_peer_join(context, peer, actor_deadline_after(context, PATIENCE_NS)));
	actor_peer_unref(peer);
}

void connection_end_io(struct actor_io *io)
{
	if (!io)
		return;
	actor_ignore(actor_io_join(io, ACTOR_FOREVER));
	if (actor_io_destroy(io) < 0)
		fputs("something was not given back\n", stderr);
	actor_tls_unref(connection_tls);
	connection_tls = NULL;
}
