/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_SOCKET_SUBJECT_H
#define TRANSPORT_SOCKET_SUBJECT_H

#include <remote/transport/suite.h>

/** socket_subject_address - where to listen; set before all else */
extern const char *socket_subject_address;

/* As in struct transport_subject: sockets in a loop that has a thread of its own. */
void *socket_subject_create(void);
int socket_subject_connect(void *instance, struct actor_transport *ret_ends[2]);
int socket_subject_destroy(void *instance);

#endif
