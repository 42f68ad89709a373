/* SPDX-License-Identifier: MIT */

/* Connecting: a socket that is opened, and a transport for it; around that TLS, if wanted. */

#include "connect.h"
#include "socket-open.h"
#include "tls-roles.h"
#include "transport-socket.h"

#include <string.h>
#include <unistd.h>

static int connect_to(struct actor_context *context, struct actor_io *io,
		      const struct actor__opening *opening, struct actor_transport **ret_transport)
{
	int fd, rc = actor__socket_open(context, io, opening, &fd);

	if (rc < 0)
		return rc;
	*ret_transport = actor__socket_transport_create(io, fd, opening->text, NULL);
	if (*ret_transport)
		return 0;
	close(fd);
	return actor__io_fail(context, ACTOR_E_NOMEM, 0, opening->text);
}

static int connect_text(struct actor_context *context, struct actor_io *io,
			const struct actor__socket_address *address, const char *text,
			int64_t deadline_ns, struct actor_transport **ret_transport)
{
	const struct actor__opening opening = {
		.address = address,
		.text = text,
		.deadline_ns = deadline_ns,
	};
	int rc;

	actor__io_begin(io, ACTOR__IO_ATTEMPT);
	rc = connect_to(context, io, &opening, ret_transport);
	actor__io_done(io, ACTOR__IO_ATTEMPT);
	return rc;
}

/* For whom the certificate of whoever is there has to be; NULL: nobody is said. */
static const char *expected(const struct actor_connect_options *options,
			    const struct actor__socket_address *address)
{
	if (options->tls_name || address->is_unix)
		return options->tls_name;
	return address->host;
}

const char *actor__connect_fault(const char *text, const struct actor_connect_options *options,
				 struct actor__socket_address *ret_address)
{
	if (actor__socket_address_parse(ret_address, text) < 0)
		return ACTOR__NO_ADDRESS;
	if (!ret_address->is_unix && strcmp(ret_address->port, "0") == 0)
		return "nobody has port 0";
	if (!options->tls || actor__tls_can_call(options->tls, expected(options, ret_address)))
		return NULL;
	return "no name that its certificate could be for";
}

static int wrap(struct actor_context *context, struct actor_tls *tls, const char *name,
		const char *text, struct actor_transport **transport)
{
	int rc = actor_tls_client(tls, *transport, name, transport);

	if (rc == 0)
		return 0;
	actor_transport_destroy(*transport);
	return actor__io_fail(context, rc, 0, text);
}

int actor_connect_with(struct actor_context *context, struct actor_io *io, const char *text,
		       const struct actor_connect_options *given, int64_t deadline_ns,
		       struct actor_transport **ret_transport)
{
	struct actor_connect_options options;
	struct actor__socket_address address;
	struct actor_transport *transport;
	const char *fault = "options without a size";
	int rc;

	if (actor__options_read(&options, sizeof options, given))
		fault = actor__connect_fault(text, &options, &address);
	if (fault)
		return actor__io_refuse(context, text, fault);
	rc = connect_text(context, io, &address, text, deadline_ns, &transport);
	if (rc == 0 && options.tls)
		rc = wrap(context, options.tls, expected(&options, &address), text, &transport);
	if (rc == 0)
		*ret_transport = transport;
	return rc;
}

int actor_connect(struct actor_context *context, struct actor_io *io, const char *address,
		  int64_t deadline_ns, struct actor_transport **ret_transport)
{
	return actor_connect_with(context, io, address, NULL, deadline_ns, ret_transport);
}
