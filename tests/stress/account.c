/* SPDX-License-Identifier: MIT */

#include "account.h"

#include <actor-impl/counts.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define VALID 0x7c5a3e19u

static _Atomic int64_t items[ACCOUNT_N];
static int64_t dead_before;
static int64_t sums[ACCOUNT_N];

static const char *const names[ACCOUNT_N] = {
	[ACCOUNT_ACCEPTED] = "accepted",
	[ACCOUNT_HANDLED] = "handled",
	[ACCOUNT_DEAD] = "dead letters",
	[ACCOUNT_ASKED] = "asked",
	[ACCOUNT_ANSWERED] = "answered",
	[ACCOUNT_TICKETS] = "tickets",
	[ACCOUNT_STATES] = "states",
	[ACCOUNT_TWICE] = "released twice",
	[ACCOUNT_WRONG] = "wrong answers",
	[ACCOUNT_OVERLAPPED] = "overlapped",
	[ACCOUNT_OUT_OF_ORDER] = "out of order",
	[ACCOUNT_NOT_MOVED] = "not moved",
	[ACCOUNT_ODD] = "odd results",
	[ACCOUNT_CALLS] = "calls",
	[ACCOUNT_NESTED] = "nested calls",
	[ACCOUNT_THREAD_CALLS] = "calls by threads",
	[ACCOUNT_SPAWNED] = "spawned",
	[ACCOUNT_FULL] = "without room",
	[ACCOUNT_STOPPED] = "stopped",
	[ACCOUNT_TIMED_OUT] = "timed out",
	[ACCOUNT_CANCELLED] = "cancelled",
	[ACCOUNT_FAILED] = "failed",
	[ACCOUNT_RESTARTED] = "restarted",
	[ACCOUNT_ENDED] = "ended",
	[ACCOUNT_CLOSED] = "executors closed",
};

struct ticket {
	atomic_uint valid;
};

void account_add(enum account_item item, int64_t n)
{
	atomic_fetch_add_explicit(&items[item], n, memory_order_relaxed);
}

static int64_t get(enum account_item item)
{
	return atomic_load_explicit(&items[item], memory_order_relaxed);
}

static int64_t dead_letters(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters;
}

void account_open(void)
{
	for (unsigned i = 0; i < ACCOUNT_N; i++)
		atomic_store(&items[i], 0);
	dead_before = dead_letters();
}

void account_print(void)
{
	for (unsigned i = 0; i < ACCOUNT_N; i++)
		if (get((enum account_item)i) != 0)
			fprintf(stderr, "%" PRId64 " %s; ", get((enum account_item)i), names[i]);
	fprintf(stderr, "\n");
}

static bool even(const char *what, int64_t is, int64_t should_be)
{
	if (is != should_be)
		fprintf(stderr, "%s: %" PRId64 ", but should be %" PRId64 "\n", what, is,
			should_be);
	return is == should_be;
}

static bool nothing_is_held(void)
{
	struct actor_counts counts;
	bool good;

	actor_counts_get(&counts);
	good = even("mailboxes held", counts.mailboxes, 0);
	good &= even("envelopes held", counts.envelopes, 0);
	good &= even("replies held", counts.replies, 0);
	good &= even("handlers suspended", counts.suspended, 0);
	return good;
}

bool account_check(void)
{
	bool good = nothing_is_held();

	account_add(ACCOUNT_DEAD, dead_letters() - dead_before);
	good &= even("messages handled or dropped", get(ACCOUNT_HANDLED) + get(ACCOUNT_DEAD),
		     get(ACCOUNT_ACCEPTED));
	good &= even("callbacks", get(ACCOUNT_ANSWERED), get(ACCOUNT_ASKED));
	for (unsigned i = ACCOUNT_TICKETS; i <= ACCOUNT_ODD; i++)
		good &= even(names[i], get((enum account_item)i), 0);
	for (unsigned i = 0; i < ACCOUNT_N; i++)
		sums[i] += get((enum account_item)i);
	return good;
}

bool account_sum_up(void)
{
	bool all = true;

	for (unsigned i = 0; i < ACCOUNT_N; i++)
		if (sums[i] != 0)
			fprintf(stderr, "%12" PRId64 " %s\n", sums[i], names[i]);
	for (unsigned i = ACCOUNT_ODD + 1; i < ACCOUNT_N; i++) {
		if (sums[i] == 0)
			fprintf(stderr, "never: %s\n", names[i]);
		all &= sums[i] != 0;
	}
	return all;
}

struct ticket *ticket_create(void)
{
	struct ticket *ticket = malloc(sizeof *ticket);

	if (!ticket)
		abort();
	atomic_init(&ticket->valid, VALID);
	account_add(ACCOUNT_TICKETS, 1);
	return ticket;
}

void ticket_release(struct ticket *ticket)
{
	if (!ticket)
		return;
	if (atomic_exchange_explicit(&ticket->valid, 0, memory_order_relaxed) != VALID) {
		account_add(ACCOUNT_TWICE, 1);
		return;
	}
	account_add(ACCOUNT_TICKETS, -1);
	free(ticket);
}

/* Marsaglia's xorshift64. */
uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

unsigned random_below(uint64_t *state, unsigned n)
{
	return (unsigned)((random_next(state) >> 32) % n);
}
