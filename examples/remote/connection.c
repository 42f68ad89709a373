/* SPDX-License-Identifier: MIT */
#include "connection.h"

#include "program.h"

#include <getopt.h>
#include <stdio.h>

/* How long others may take. */
#define PATIENCE_NS (INT64_C(10) * 1000000000)

struct actor_tls *connection_tls;

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
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name, why.text);
	return rc == 0;
}

int connection_open(struct actor_context *context, struct actor_io *io, const char *address,
		    const struct actor_peer_options *options, struct actor_peer **ret_peer)
{
	const struct actor_connect_options connect = { .size = sizeof connect,
						       .tls = connection_tls };
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
