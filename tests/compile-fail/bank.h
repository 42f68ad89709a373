/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COMPILE_FAIL_BANK_H
#define TESTS_COMPILE_FAIL_BANK_H

/* What the programs that must not compile are about. All of this is right, in C and in C++. */

#include <actor-iface/actor-iface.h>

struct balance {
	int64_t cents;
};
struct deposit {
	int64_t cents;
};
struct transfer {
	int64_t cents;
};
struct audit {
	int year;
};
struct alarm {
	int floor;
};

ACTOR_MESSAGE(deposit, struct balance);
ACTOR_MESSAGE(transfer, struct balance);
ACTOR_SIGNAL(audit);
ACTOR_SIGNAL(alarm);

/* Handles two of the four, a branch the other two. */
#define ACCOUNT_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, deposit)                                                                           \
	SEND(X, audit)
ACTOR_DECLARE(account, ACCOUNT_MESSAGES);

#define BRANCH_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, transfer)                                                                          \
	SEND(X, alarm)
ACTOR_DECLARE(branch, BRANCH_MESSAGES);

/* Recipients of sets: what an account handles, and what it handles only in part. */
#define TELLER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, deposit)                                                                           \
	SEND(X, audit)
ACTOR_RECIPIENT(teller, TELLER_MESSAGES);

#define AGENT_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, deposit)                                                                           \
	CALL(X, transfer)
ACTOR_RECIPIENT(agent, AGENT_MESSAGES);

#define CASHIER_MESSAGES(CALL, SEND, X) CALL(X, deposit)
ACTOR_RECIPIENT(cashier, CASHIER_MESSAGES);

struct account {
	int64_t cents;
};
struct branch {
	int64_t cents;
};

/* The verbs with the same arguments each, so that one program can be compiled with all of them. */
#define TRY_SEND(context, to, M, message) ACTOR_TRY_SEND(to, M, message)
#define SEND(context, to, M, message) ACTOR_SEND(context, to, M, message)
#define SEND_UNTIL(context, to, M, message) ACTOR_SEND_UNTIL(context, to, M, 1000, message)
#define RETRY_SEND(context, to, M, message) ACTOR_RETRY_SEND(context, to, M, 3, 1000, message)
#define ASK(context, to, M, message) ACTOR_ASK(context, &question, to, M, on_answer, NULL, message)

#define IN_HAND(M) M##_in_hand
#define FORWARD(context, to, M, message) ACTOR_FORWARD(context, to, M, IN_HAND(M), message)
#define FORWARD_UNTIL(context, to, M, message)                                                     \
	ACTOR_FORWARD_UNTIL(context, to, M, IN_HAND(M), 1000, message)
#define DRAIN(context, to, M, message) ACTOR_DRAIN(context, to, M, source, NULL, message)
#define SEND_EACH(context, to, M, message)                                                         \
	ACTOR_SEND_EACH(context, &to, 1, M, ACTOR_EACH_REGARDLESS, 1000, NULL, message)

/* The verbs that put the answer somewhere. */
#define CALL(context, to, M, ret, message) ACTOR_CALL(context, to, M, ret, message)
#define CALL_UNTIL(context, to, M, ret, message)                                                   \
	ACTOR_CALL_UNTIL(context, to, M, ret, 1000, message)
#define CALL_BEGIN(context, to, M, ret, message)                                                   \
	ACTOR_CALL_BEGIN(context, &future, to, M, ret, message)

/* Those without a place for the answer, as the first group. */
#define CALL_IT(context, to, M, message) CALL(context, to, M, NULL, message)
#define CALL_UNTIL_IT(context, to, M, message) CALL_UNTIL(context, to, M, NULL, message)
#define CALL_BEGIN_IT(context, to, M, message) CALL_BEGIN(context, to, M, NULL, message)

extern struct actor_future future;
extern struct deposit_pending deposit_in_hand;
extern struct transfer_pending transfer_in_hand;
extern actor_source_fn source;
extern struct actor_ask question;
extern actor_answer_fn on_answer;

#endif
