/* SPDX-License-Identifier: MIT */

/* Texts of addresses, of the forms that io.h names and no others. */

#include "socket-address.h"

#include <actor-iface/error.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>

enum { MOST_PORT = 65535 };

/* Digits, and not too many: what atoi() would take, and more. */
static bool port_parse(char port[6], const char *text)
{
	unsigned number = 0;
	size_t n = 0;

	for (; text[n]; n++) {
		if (n == 5 || text[n] < '0' || text[n] > '9')
			return false;
		number = 10 * number + (unsigned)(text[n] - '0');
	}
	if (n == 0 || number > MOST_PORT)
		return false;
	snprintf(port, 6, "%u", number);
	return true;
}

/* In brackets if it has colons, and only then. */
static bool host_parse(char host[256], const char *text, size_t n)
{
	bool in_brackets = n >= 2 && text[0] == '[' && text[n - 1] == ']';

	if (in_brackets) {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= 256 || !memchr(text, ':', n) != !in_brackets)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return !memchr(text, '[', n) && !memchr(text, ']', n);
}

static bool tcp_parse(struct actor__socket_address *address, const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon && host_parse(address->host, text, (size_t)(colon - text)) &&
	       port_parse(address->port, colon + 1);
}

static bool unix_parse(struct actor__socket_address *address, const char *text)
{
	size_t n = strlen(text);

	address->is_unix = true;
	address->path.sun_family = AF_UNIX;
	if (n == 0 || n >= sizeof address->path.sun_path)
		return false;
	memcpy(address->path.sun_path, text, n);
	return true;
}

int actor__socket_address_parse(struct actor__socket_address *address, const char *text)
{
	bool right = false;

	memset(address, 0, sizeof *address);
	if (strncmp(text, "tcp:", 4) == 0)
		right = tcp_parse(address, text + 4);
	else if (strncmp(text, "unix:", 5) == 0)
		right = unix_parse(address, text + 5);
	return right ? 0 : ACTOR_E_INVALID;
}

static void unix_format(const struct sockaddr_un *address, socklen_t n_address, char *text,
			size_t n_text)
{
	size_t n = n_address - offsetof(struct sockaddr_un, sun_path);

	snprintf(text, n_text, "unix:%.*s", (int)n, address->sun_path);
}

/* A link-local one is none without its interface: "fe80::1%eth0". */
static void tcp6_format(const struct sockaddr_in6 *address, char *text, size_t n_text)
{
	char host[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];

	if (getnameinfo((const void *)address, sizeof *address, host, sizeof host, NULL, 0,
			NI_NUMERICHOST) == 0)
		snprintf(text, n_text, "tcp:[%s]:%u", host, ntohs(address->sin6_port));
	else
		snprintf(text, n_text, "socket");
}

void actor__socket_address_format(const struct sockaddr *address, socklen_t n_address, char *text,
				  size_t n_text)
{
	const struct sockaddr_in *four = (const void *)address;
	char host[INET_ADDRSTRLEN] = "";

	switch (address->sa_family) {
	case AF_UNIX:
		unix_format((const void *)address, n_address, text, n_text);
		break;
	case AF_INET:
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
		snprintf(text, n_text, "tcp:%s:%u", host, ntohs(four->sin_port));
		break;
	case AF_INET6:
		tcp6_format((const void *)address, text, n_text);
		break;
	default:
		snprintf(text, n_text, "socket");
	}
}
