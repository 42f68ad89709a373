/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUPPORT_LEDGER_H
#define TEST_SUPPORT_LEDGER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct ledger - who has given back what, exactly once
 * @lock:     of all
 * @returned: how often each thing was given back
 * @n_lent:   how many things were lent
 * @n_room:   how many there is memory for
 *
 * What a message, an answer or a state owns is a number lent by a ledger. All that is wrong about
 * it is kept as a count, so that the test's thread can tell.
 */
struct ledger {
	pthread_mutex_t lock;
	unsigned char *returned;
	size_t n_lent;
	size_t n_room;
};

/** struct owned - one thing lent by a ledger; nothing when all zero */
struct owned {
	struct ledger *ledger;
	size_t number;
};

/** ledger_init() - nothing lent */
void ledger_init(struct ledger *ledger);

/** ledger_deinit() - nothing will be given back any more */
void ledger_deinit(struct ledger *ledger);

/** ledger_lend() - a thing to own. Thread: any */
struct owned ledger_lend(struct ledger *ledger);

/** owned_return() - give it back, and own nothing; fine for nothing. Thread: any */
void owned_return(struct owned *owned);

/** owned_move() - give a thing to another owner, and own nothing. Thread: any */
struct owned owned_move(struct owned *owned);

/** owned_drop() - owned_return() as the drop function of a message that is a struct owned: its
 * memory is left alone. Thread: any */
void owned_drop(void *owned);

/** ledger_n_out() - how many things have not been given back. Thread: any */
size_t ledger_n_out(struct ledger *ledger);

/** ledger_n_twice() - how many things have been given back more than once. Thread: any */
size_t ledger_n_twice(struct ledger *ledger);

#endif
