/* SPDX-License-Identifier: MIT */

#define _GNU_SOURCE /* sched_setaffinity() */

#include "process.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void wrong(const char *why)
{
	fprintf(stderr, "remote-benchmark: wrong: %s\n", why);
	_exit(EXIT_FAILURE);
}

void process_pin(unsigned core)
{
	cpu_set_t allowed, chosen;
	size_t cpu;

	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		wrong(strerror(errno));
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && core-- == 0)
			break;
	if (cpu == CPU_SETSIZE) {
		fprintf(stderr, "remote-benchmark: there are not so many cores\n");
		_exit(2);
	}
	CPU_ZERO(&chosen);
	CPU_SET(cpu, &chosen);
	if (sched_setaffinity(0, sizeof chosen, &chosen) < 0)
		wrong(strerror(errno));
}

/* The read end first. What is inherited is closed by the end of whoever inherited it. */
static void make_pipe(int ends[2])
{
	if (pipe(ends) < 0)
		wrong(strerror(errno));
}

static void __attribute__((noreturn))
child(role_fn *role, const struct settings *settings, unsigned core, const struct station *station)
{
	process_pin(core);
	role(settings, station);
	exit(EXIT_SUCCESS);
}

/* All that it says, up to the end of the line. */
static void read_address(int fd, char address[MOST_ADDRESS])
{
	size_t n = 0;

	while (n < MOST_ADDRESS && (n == 0 || address[n - 1] != '\n')) {
		if (read(fd, address + n, 1) != 1)
			wrong("a process ended before it served");
		n++;
	}
	EXPECT(n < MOST_ADDRESS);
	address[n - 1] = '\0';
}

void process_start(struct process *process, role_fn *role, const struct settings *settings,
		   unsigned core, const char *to)
{
	int ready[2], stop[2];

	make_pipe(ready);
	make_pipe(stop);
	fflush(NULL);
	process->pid = fork();
	if (process->pid < 0)
		wrong(strerror(errno));
	if (process->pid == 0) {
		close(ready[0]);
		close(stop[1]);
		child(role, settings, core,
		      &(struct station){ .to = to, .ready = ready[1], .stop = stop[0] });
	}
	close(ready[1]);
	close(stop[0]);
	process->stop = stop[1];
	read_address(ready[0], process->address);
	close(ready[0]);
}

void process_stop(struct process *process)
{
	int status;

	close(process->stop);
	if (waitpid(process->pid, &status, 0) != process->pid)
		wrong(strerror(errno));
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

double process_cpu_ns(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
		wrong("a process has no clock");
	return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

double process_resident_bytes(pid_t pid)
{
	char path[40];
	long n_pages = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%*d %ld", &n_pages) != 1)
		wrong("cannot read a process's memory");
	fclose(file);
	return (double)n_pages * (double)sysconf(_SC_PAGESIZE);
}

void station_ready(const struct station *station, const char *address)
{
	dprintf(station->ready, "%s\n", address);
}

void station_wait(const struct station *station)
{
	char nothing;

	while (read(station->stop, &nothing, 1) < 0 && errno == EINTR)
		;
}

const char *somewhere(const char *transport, char buffer[MOST_ADDRESS])
{
	const char *folder = getenv("TMPDIR");
	int n;

	if (strcmp(transport, "tcp") == 0)
		return "tcp:127.0.0.1:0";
	n = snprintf(buffer, MOST_ADDRESS, "unix:%s/remote-benchmark.%d", folder ? folder : "/tmp",
		     (int)getpid());
	EXPECT(n > 0 && n < MOST_ADDRESS);
	unlink(buffer + strlen("unix:")); /* of one that was killed, and had our number */
	return buffer;
}
