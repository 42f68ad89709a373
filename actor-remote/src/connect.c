/* SPDX-License-Identifier: MIT */

/* Connecting: a socket that is opened, and a transport for it. */

#include "socket-open.h"
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

int actor_connect(struct actor_context *context, struct actor_io *io, const char *text,
		  int64_t deadline_ns, struct actor_transport **ret_transport)
{
	struct actor__socket_address address;
	const struct actor__opening opening = {
		.address = &address,
		.text = text,
		.deadline_ns = deadline_ns,
	};
	int rc = actor__socket_address_parse(&address, text);

	if (rc < 0 || (!address.is_unix && strcmp(address.port, "0") == 0))
		return actor__io_fail(context, ACTOR_E_INVALID, 0, text);
	actor__io_begin(io);
	rc = connect_to(context, io, &opening, ret_transport);
	actor__io_done(io);
	return rc;
}
