/* SPDX-License-Identifier: MIT */
/* Sockets by their addresses in text, on this machine. */

#include "bare-loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static int check(int rc)
{
	if (rc < 0)
		wrong(strerror(errno));
	return rc;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static struct sockaddr_un in_file_system(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	EXPECT(strlen(path) < sizeof address.sun_path);
	strcpy(address.sun_path, path);
	return address;
}

static int listen_tcp(char text[MOST_ADDRESS])
{
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof address;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));

	check(bind(fd, (struct sockaddr *)&address, size));
	check(getsockname(fd, (struct sockaddr *)&address, &size));
	snprintf(text, MOST_ADDRESS, "tcp:127.0.0.1:%d", ntohs(address.sin_port));
	return fd;
}

static int listen_unix(char text[MOST_ADDRESS])
{
	struct sockaddr_un address;
	int fd = check(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));

	somewhere("unix", text);
	address = in_file_system(text + strlen("unix:"));
	check(bind(fd, (struct sockaddr *)&address, sizeof address));
	return fd;
}

int bare_listen(const char *transport, char address[MOST_ADDRESS])
{
	int fd = strcmp(transport, "unix") == 0 ? listen_unix(address) : listen_tcp(address);

	check(listen(fd, BACKLOG));
	return fd;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = in_file_system(path);
	int fd = check(socket(AF_UNIX, SOCK_STREAM, 0));

	check(connect(fd, (struct sockaddr *)&address, sizeof address));
	return fd;
}

static int connect_tcp(int port)
{
	struct sockaddr_in address = loopback(port);
	int fd = check(socket(AF_INET, SOCK_STREAM, 0));

	check(connect(fd, (struct sockaddr *)&address, sizeof address));
	check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)));
	return fd;
}

int bare_connect(const char *address)
{
	const char *path = strchr(address, ':'), *port = strrchr(address, ':');

	EXPECT(path && port);
	return strncmp(address, "unix", 4) == 0 ? connect_unix(path + 1)
						: connect_tcp(atoi(port + 1));
}
