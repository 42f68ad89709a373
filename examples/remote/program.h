/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_PROGRAM_H
#define REMOTE_PROGRAM_H

#include <actor-impl/actor-impl.h>

/** enum program_status - how a program ends */
enum program_status { PROGRAM_OK = 0, PROGRAM_FAILED = 1, PROGRAM_USAGE = 2 };

/**
 * program_begin() - before anything else: what the program is called
 *
 * It ends with PROGRAM_FAILED, too, when what it printed could not be written. What it was started
 * without, of the first three descriptors, can be read as empty and not be written: otherwise a
 * connection, or the loop, would be in its place, and what is printed go there.
 */
void program_begin(const char *name);

/** program_name - "relay": stands before what is said on stderr; set by program_begin(), or by
 * whoever cares for descriptors and output itself */
extern const char *program_name;

/**
 * program_failed() - say what has failed, and why
 * @what:   "tcp:127.0.0.1:4000", say
 * @status: an ACTOR_E_*
 * @detail: what is known beside that; NULL: nothing
 *
 * Like "relay: tcp:127.0.0.1:4000: ACTOR_E_SYSTEM: operating system error: Connection refused":
 * what is in the detail twice, or in @what, is said once.
 *
 * Return: PROGRAM_FAILED
 */
int program_failed(const char *what, int status, const struct actor_error *detail);

/** program_misused() - the command line is wrong: say what; NULL: that has been said. Returns
 * PROGRAM_USAGE */
int program_misused(const char *what);

/** program_number() - a number from @least to @most of the command line; if it is none, that is
 * said, and @what it is for */
bool program_number(const char *what, const char *text, long long least, long long most,
		    long long *ret_number);

/** program_help() - print this text; returns PROGRAM_OK, or PROGRAM_FAILED if it cannot */
int program_help(const char *text);

/** program_announce() - "listening tcp:127.0.0.1:4000", for whoever waits for that; flushed */
void program_announce(const char *what, const char *address);

/** program_on_hangup - what SIGHUP is for, where a server waits; NULL: it ends the program */
extern void (*program_on_hangup)(void);

/** program_signals_block() - from now on, SIGINT and SIGTERM are for program_signals_wait(), and so
 * is SIGHUP if there is program_on_hangup. Before there are other threads, which have what they
 * begin with */
void program_signals_block(void);

/** program_signals_wait() - until somebody wants the program to end */
void program_signals_wait(void);

/** program_signals_raise() - the program itself wants that. Thread: any */
void program_signals_raise(void);

#endif
