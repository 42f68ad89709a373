/* SPDX-License-Identifier: MIT */

#include "socket-subject.h"

static const struct transport_subject tcp = {
	.name = "tcp",
	.capabilities = TRANSPORT_LOSS_IS_TOLD,
	.create = socket_subject_create,
	.connect = socket_subject_connect,
	.destroy = socket_subject_destroy,
};

int main(void)
{
	socket_subject_address = "tcp:127.0.0.1:0";
	return transport_suite_run(&tcp);
}
