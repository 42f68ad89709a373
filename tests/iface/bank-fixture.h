/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_BANK_FIXTURE_H
#define TESTS_IFACE_BANK_FIXTURE_H

/* The bank's actors on a local executor, for the tests that include this. */

#include "bank.h"
#include "local-fixture.h"
#include "test.h"

#include <stdlib.h>

static inline struct account *new_account(int64_t cents, int *n_ends)
{
	struct account *account = calloc(1, sizeof *account);

	assert_non_null(account);
	account->cents = cents;
	account->n_ends = n_ends;
	return account;
}

/* An account that ends, and is destroyed, when its address is released. */
static inline union account_address spawn_account(struct local_fixture *local, int64_t cents)
{
	union account_address account = { NULL };

	assert_int_equal(ACTOR_SPAWN(account, local->spawner, new_account(cents, NULL),
				     ACTOR_OPTIONS(.name = "savings"), &account),
			 0);
	return account;
}

static inline union teller_address spawn_teller(struct local_fixture *local, struct teller *teller)
{
	union teller_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(teller, local->spawner, teller, NULL, &address), 0);
	return address;
}

/* The actor ends here, not after the test whose memory it may use. */
static inline void release(struct local_fixture *local, struct actor_address *address)
{
	actor_address_unref(address);
	assert_int_equal(actor_local_run(local->executor), 0);
}

#endif
