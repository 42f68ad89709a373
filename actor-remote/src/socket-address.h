/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SOCKET_ADDRESS_H
#define ACTOR__SOCKET_ADDRESS_H

#include <actor-iface/base.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/**
 * struct actor__socket_address - what "tcp:HOST:PORT" or "unix:PATH" says
 * @is_unix: which
 * @host:    name or number, without brackets
 * @port:    decimal, at most 65535
 * @path:    of a Unix socket
 */
struct actor__socket_address {
	bool is_unix;
	char host[256];
	char port[6];
	struct sockaddr_un path;
};

/** enum - so long is a text of an address at most, its end included */
enum { ACTOR__SOCKET_ADDRESS_TEXT = sizeof(struct sockaddr_un) + 8 };

/** actor__socket_address_parse() - 0, or ACTOR_E_INVALID for what is none */
int actor__socket_address_parse(struct actor__socket_address *address, const char *text);

/** actor__socket_address_format() - as a text that can be parsed; cut when it is too long; a Unix
 * socket without a path is "unix:" */
void actor__socket_address_format(const struct sockaddr *address, socklen_t n_address, char *text,
				  size_t n_text);

#endif
