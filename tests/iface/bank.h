/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_BANK_H
#define TESTS_IFACE_BANK_H

#include <actor-iface/actor-iface.h>

/*
 * A small bank: messages declared once, defined in bank.c, and used by actors in bank.c and
 * teller.c and by the tests. All of it runs on one thread.
 */

/** struct text - characters that somebody owns */
struct text {
	char *chars;
};

/** text_of() - a copy of some characters; out of memory it has none */
struct text text_of(const char *chars);

/** text_drop() - release a text; fine for none */
void text_drop(void *text);

/** text_n_live() - how many texts have not been released */
int text_n_live(void);

struct balance {
	int64_t cents;
};

/* Answered at once. */
struct deposit {
	int64_t cents;
};
ACTOR_MESSAGE(deposit, struct balance);

/* Answered when there is enough, refused when negative, and left alone when zero. */
struct withdraw {
	int64_t cents;
};
ACTOR_MESSAGE(withdraw, struct balance);

/* Answered by something that must be released. */
struct describe {
	bool later;
};
ACTOR_MESSAGE(describe, struct text);

/* Answered by a pointer, which may be NULL. */
struct lookup {
	const char *key;
};
ACTOR_MESSAGE(lookup, const char *);

/* Answered by nothing but that it has been handled. */
struct flush {
	char unused;
};
ACTOR_MESSAGE(flush, struct actor_unit);

/* Owns something, and nothing answers it. */
struct note {
	struct text text;
	bool keep;
};
ACTOR_SIGNAL(note);

#define CASHIER_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, deposit)                                                                           \
	CALL(X, withdraw)
ACTOR_RECIPIENT(cashier, CASHIER_MESSAGES);

#define DEPOSITOR_MESSAGES(CALL, SEND, X) CALL(X, deposit)
ACTOR_RECIPIENT(depositor, DEPOSITOR_MESSAGES);

/**
 * struct account - the state of an actor
 * @cents:   what there is
 * @wanted:  by the withdrawal that waits
 * @later:   the right to answer it
 * @text:    the last note that was to be kept
 * @told:    the right to answer a description that is to come later, at the next flush
 * @n_lost:  how many answers nobody waited for
 * @events:  hooks that ran: the first letter of each
 * @n_ends:  how often it was destroyed; in the owner's memory
 */
struct account {
	int64_t cents;
	int64_t wanted;
	struct withdraw_reply later;
	struct text text;
	struct describe_reply told;
	int n_lost;
	char events[8];
	int *n_ends;
};

#define ACCOUNT_MESSAGES(CALL, SEND, X)                                                            \
	CASHIER_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, describe)                                                                          \
	CALL(X, lookup)                                                                            \
	CALL(X, flush)                                                                             \
	SEND(X, note)
ACTOR_DECLARE(account, ACCOUNT_MESSAGES);

/* Moves money between any two actors that are cashiers. */
struct transfer {
	int64_t cents;
};
ACTOR_MESSAGE(transfer, int);

struct teller {
	union cashier from;
	union depositor to;
};

#define TELLER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, transfer)                                                                          \
	CALL(X, deposit)
ACTOR_DECLARE(teller, TELLER_MESSAGES);

#endif
