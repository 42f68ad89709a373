/* SPDX-License-Identifier: MIT */

#include "util/event.h"

#ifdef __linux__
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int actor__event_open(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* Neither can fail: it is set when it is clear, and cleared when it is set; if somebody else has
 * read it, there is nothing to clear. */
void actor__event_set(int fd)
{
	const uint64_t one = 1;
	ssize_t written = write(fd, &one, sizeof one);

	(void)written;
}

void actor__event_clear(int fd)
{
	uint64_t value;
	ssize_t n_read = read(fd, &value, sizeof value);

	(void)n_read;
}

void actor__event_close(int fd)
{
	close(fd);
}
#else
int actor__event_open(void)
{
	return -1;
}

void actor__event_set(int fd)
{
	(void)fd;
}

void actor__event_clear(int fd)
{
	(void)fd;
}

void actor__event_close(int fd)
{
	(void)fd;
}
#endif
