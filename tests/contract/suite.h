/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_SUITE_H
#define CONTRACT_SUITE_H

#include "stage.h"

/** struct contract_behaviour - something that the tests pin; @key is what they cite */
struct contract_behaviour {
	const char *key;
	const char *text;
};

/** contract_behaviours - all of them, in order; ends with a NULL key */
extern const struct contract_behaviour contract_behaviours[];

/** contract_lists - all tests but the mixed ones; ends with NULL */
extern const struct contract_test *const contract_lists[];

/** contract_is_skipped() - whether a test is none for who declares these capabilities */
static inline bool contract_is_skipped(const struct contract_test *test, unsigned declared)
{
	return test->needs & ~declared || test->lacks & declared;
}

/* The tests, a file each; every list ends with a NULL name. */
extern const struct contract_test contract_address_tests[];
extern const struct contract_test contract_ask_tests[];
extern const struct contract_test contract_call_tests[];
extern const struct contract_test contract_cancel_tests[];
extern const struct contract_test contract_context_tests[];
extern const struct contract_test contract_deadline_tests[];
extern const struct contract_test contract_deadlock_tests[];
extern const struct contract_test contract_executor_tests[];
extern const struct contract_test contract_failure_tests[];
extern const struct contract_test contract_lifetime_tests[];
extern const struct contract_test contract_mailbox_tests[];
extern const struct contract_test contract_mixed_tests[];
extern const struct contract_test contract_race_tests[];
extern const struct contract_test contract_reply_tests[];
extern const struct contract_test contract_restart_tests[];
extern const struct contract_test contract_room_tests[];
extern const struct contract_test contract_send_tests[];
extern const struct contract_test contract_spawner_tests[];
extern const struct contract_test contract_stop_tests[];
extern const struct contract_test contract_thread_bound_tests[];

#endif
