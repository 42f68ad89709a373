/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STRESS_ACCOUNT_H
#define TESTS_STRESS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * DOC: what must come out even
 *
 * Everything is counted where it happens, by relaxed atomic operations: they must not order what
 * the library itself ought to order.
 */

/** enum account_item - what is counted */
enum account_item {
	ACCOUNT_ACCEPTED,     /* messages taken from their senders */
	ACCOUNT_HANDLED,      /* messages that reached a handler */
	ACCOUNT_DEAD,	      /* dead letters, as the library counts them */
	ACCOUNT_ASKED,	      /* questions whose answer comes by callback */
	ACCOUNT_ANSWERED,     /* such callbacks */
	ACCOUNT_TICKETS,      /* owned by messages and answers now */
	ACCOUNT_STATES,	      /* of actors, now */
	ACCOUNT_TWICE,	      /* tickets released twice */
	ACCOUNT_WRONG,	      /* answers to other questions */
	ACCOUNT_OVERLAPPED,   /* handlers that ran while another had the state */
	ACCOUNT_OUT_OF_ORDER, /* messages that overtook others of their sender */
	ACCOUNT_NOT_MOVED,    /* messages accepted and not taken, or refused and taken */
	ACCOUNT_ODD,	      /* results that the contract does not provide for */
	/* What happened at all: a stress that does nothing proves nothing. */
	ACCOUNT_CALLS,	      /* by actors */
	ACCOUNT_NESTED,	      /* by actors that are being called */
	ACCOUNT_THREAD_CALLS, /* by plain threads */
	ACCOUNT_SPAWNED,
	ACCOUNT_FULL, /* no room in time, or none at all */
	ACCOUNT_STOPPED,
	ACCOUNT_TIMED_OUT,
	ACCOUNT_CANCELLED,
	ACCOUNT_FAILED,
	ACCOUNT_RESTARTED,
	ACCOUNT_ENDED,
	ACCOUNT_CLOSED, /* executors, with actors in them */
	ACCOUNT_N
};

/** account_add() - count; relaxed. Thread: any */
void account_add(enum account_item item, int64_t n);

/** account_open() - begin with nothing */
void account_open(void);

/** account_print() - what happened, on one line of stderr */
void account_print(void);

/** account_check() - when all is over: whether it comes out even; says on stderr what does not */
bool account_check(void);

/** account_sum_up() - of all that was checked, what happened, on stderr; whether all of it did */
bool account_sum_up(void);

/** struct ticket - what a message or an answer owns: to be released exactly once */
struct ticket;

/** ticket_create() - never NULL: without memory there is no stress. Thread: any */
struct ticket *ticket_create(void);

/** ticket_release() - NULL is fine. Thread: any */
void ticket_release(struct ticket *ticket);

/** random_next() - the next number of a sequence that a @state other than 0 begins */
uint64_t random_next(uint64_t *state);

/** random_below() - a number from 0 to @n - 1 */
unsigned random_below(uint64_t *state, unsigned n);

#endif
