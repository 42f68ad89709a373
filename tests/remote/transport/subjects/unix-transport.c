/* SPDX-License-Identifier: MIT */

#include "socket-subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A Unix socket that is closed has ended in order, whatever was still to be sent. */
static const struct transport_subject unix_socket = {
	.name = "unix",
	.create = socket_subject_create,
	.connect = socket_subject_connect,
	.destroy = socket_subject_destroy,
};

int main(void)
{
	char directory[] = "/tmp/actor-transport-XXXXXX", address[64];
	int n_failed;

	if (!mkdtemp(directory))
		return 1;
	snprintf(address, sizeof address, "unix:%s/socket", directory);
	socket_subject_address = address;
	n_failed = transport_suite_run(&unix_socket);
	return rmdir(directory) < 0 ? 1 : n_failed; /* its file is gone, too */
}
