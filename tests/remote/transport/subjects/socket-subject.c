/* SPDX-License-Identifier: MIT */

#include "socket-subject.h"

#include "support/wait.h"

#include <actor-impl/thread.h>
#include <actor-remote/io.h>
#include <stdio.h>

const char *socket_subject_address;

static struct actor_io *io;
static struct actor_listener *listener;
static struct actor_transport *accepted;
static struct actor_reply *waiting;

static int64_t deadline(void)
{
	return actor_deadline_after(actor_thread_context(), INT64_C(10000000000));
}

static void on_accept(void *user, struct actor_transport *transport)
{
	(void)user;
	accepted = transport;
	wait_end(waiting);
}

void *socket_subject_create(void)
{
	const struct actor_listen_options options = { .size = sizeof options, .accept = on_accept };

	if (actor_io_create(NULL, &io) < 0 ||
	    actor_listen(actor_thread_context(), io, socket_subject_address, &options, &listener) <
		    0) {
		fprintf(stderr, "%s\n", actor_error(actor_thread_context())->text);
		return NULL;
	}
	return &io;
}

int socket_subject_connect(void *instance, struct actor_transport *ret_ends[2])
{
	struct actor_context *context = actor_thread_context();
	int rc = wait_open(context, &waiting);

	(void)instance;
	if (rc == 0)
		rc = actor_connect(context, io, actor_listener_address(listener), deadline(),
				   &ret_ends[0]);
	if (rc == 0)
		rc = wait_for(context, waiting, deadline());
	if (rc == 0)
		wait_close(context, waiting);
	ret_ends[1] = accepted;
	return rc;
}

int socket_subject_destroy(void *instance)
{
	int rc;

	(void)instance;
	actor_listener_close(listener);
	rc = actor_io_join(io, deadline());
	return rc < 0 ? rc : actor_io_destroy(io);
}
