/* SPDX-License-Identifier: MIT */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/**
 * DOC: processes that serve each other
 *
 * The process that was started is the client. It makes the others before it has threads, each on
 * a core of its choice, and they end when it closes a pipe, by itself or by its end.
 */

struct settings;

enum { MOST_ADDRESS = 100 };

/**
 * struct station - what a process that serves has of the one that made it
 * @to:    address of whom it passes on to; NULL if it answers itself
 * @ready: where its own address is to be written
 * @stop:  becomes readable when it is to end
 */
struct station {
	const char *to;
	int ready;
	int stop;
};

typedef void role_fn(const struct settings *settings, const struct station *station);

/** struct process - one that serves */
struct process {
	pid_t pid;
	int stop;
	char address[MOST_ADDRESS];
};

/** process_pin() - stay on one of the cores there are, with all threads that are made from now on;
 * ends the process with 2 when there are not so many */
void process_pin(unsigned core);

/** process_start() - make one, and wait until it serves */
void process_start(struct process *process, role_fn *role, const struct settings *settings,
		   unsigned core, const char *to);

/** process_stop() - have it end; it must do so in order. The last one that was started is the first
 * to be stopped */
void process_stop(struct process *process);

/** process_cpu_ns() - processor time that it has used; 0: this one */
double process_cpu_ns(pid_t pid);

/** process_resident_bytes() - its memory */
double process_resident_bytes(pid_t pid);

/** station_ready() - say where one serves */
void station_ready(const struct station *station, const char *address);

/** station_wait() - block until one is to end */
void station_wait(const struct station *station);

/** somewhere() - an address where there is a place to listen, of this process: over "tcp" a port
 * that is free, over "unix" a file, whose name is written to @buffer */
const char *somewhere(const char *transport, char buffer[MOST_ADDRESS]);

/** wrong() - say what went wrong, and end the process. Thread: any */
void wrong(const char *why) __attribute__((noreturn, cold));

/** EXPECT() - end the process if something is not as it should be. Thread: any */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			wrong(#condition);                                                         \
	} while (0)

/** CHECK() - end the process if an operation of the library fails. Thread: any */
#define CHECK(operation)                                                                           \
	do {                                                                                       \
		int check_rc = (operation);                                                        \
		if (check_rc < 0)                                                                  \
			wrong(actor_strerror(check_rc));                                           \
	} while (0)

#endif
