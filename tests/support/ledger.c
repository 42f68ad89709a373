/* SPDX-License-Identifier: MIT */

/*
 * A number instead of memory, because giving memory back twice ends the program or goes unnoticed,
 * while here it is a count that a test can show.
 */

#include "ledger.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void ledger_init(struct ledger *ledger)
{
	memset(ledger, 0, sizeof *ledger);
	pthread_mutex_init(&ledger->lock, NULL);
}

void ledger_deinit(struct ledger *ledger)
{
	pthread_mutex_destroy(&ledger->lock);
	free(ledger->returned);
}

static void make_room_locked(struct ledger *ledger)
{
	size_t n_room = ledger->n_room ? 2 * ledger->n_room : 256;
	unsigned char *returned = realloc(ledger->returned, n_room);

	if (!returned)
		abort();
	memset(returned + ledger->n_room, 0, n_room - ledger->n_room);
	ledger->returned = returned;
	ledger->n_room = n_room;
}

struct owned ledger_lend(struct ledger *ledger)
{
	struct owned owned = { .ledger = ledger };

	pthread_mutex_lock(&ledger->lock);
	if (ledger->n_lent == ledger->n_room)
		make_room_locked(ledger);
	owned.number = ledger->n_lent++;
	pthread_mutex_unlock(&ledger->lock);
	return owned;
}

void owned_drop(void *user)
{
	const struct owned *owned = user;
	struct ledger *ledger = owned->ledger;

	if (!ledger)
		return;
	pthread_mutex_lock(&ledger->lock);
	if (ledger->returned[owned->number] < UCHAR_MAX)
		ledger->returned[owned->number]++;
	pthread_mutex_unlock(&ledger->lock);
}

void owned_return(struct owned *owned)
{
	owned_drop(owned);
	memset(owned, 0, sizeof *owned);
}

struct owned owned_move(struct owned *owned)
{
	struct owned moved = *owned;

	memset(owned, 0, sizeof *owned);
	return moved;
}

static size_t count_returned(struct ledger *ledger, unsigned least, unsigned most)
{
	size_t i, count = 0;

	pthread_mutex_lock(&ledger->lock);
	for (i = 0; i < ledger->n_lent; i++)
		count += ledger->returned[i] >= least && ledger->returned[i] <= most;
	pthread_mutex_unlock(&ledger->lock);
	return count;
}

size_t ledger_n_out(struct ledger *ledger)
{
	return count_returned(ledger, 0, 0);
}

size_t ledger_n_twice(struct ledger *ledger)
{
	return count_returned(ledger, 2, UCHAR_MAX);
}
