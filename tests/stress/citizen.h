/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STRESS_CITIZEN_H
#define TESTS_STRESS_CITIZEN_H

#include "account.h"

#include <actor-iface/actor-iface.h>

struct world;

/**
 * struct cargo - what every message carries
 * @ticket: owned
 * @sender: who sent it
 * @number: rises from one message of a sender to the next
 * @depth:  how many messages may follow from this one
 * @seed:   what the receiver does with it, and what the answer must be
 */
struct cargo {
	struct ticket *ticket;
	uint64_t sender;
	uint64_t number;
	unsigned depth;
	uint64_t seed;
};

/** struct work - something to do */
struct work {
	struct cargo cargo;
};

/** struct question - something to do and to answer */
struct question {
	struct cargo cargo;
};

/** struct answer - to a question: owns a ticket as well */
struct answer {
	struct ticket *ticket;
	uint64_t value;
};

ACTOR_SIGNAL(work);
ACTOR_MESSAGE(question, struct answer);

#define CITIZEN_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, question)                                                                          \
	SEND(X, work)
ACTOR_DECLARE(citizen, CITIZEN_MESSAGES);

/**
 * struct agent - whoever does things: an actor's handlers, or a plain thread
 * @world:   where
 * @context: of the handler that runs, or of the thread
 * @number:  as a sender
 * @n_sent:  messages so far
 * @rank:    whoever waits without a deadline only waits for those of a higher rank, so that no
 *           circle of them can form
 * @asked:   it is being called
 * @random:  its luck
 */
struct agent {
	struct world *world;
	struct actor_context *context;
	uint64_t number;
	uint64_t n_sent;
	unsigned rank;
	bool asked;
	uint64_t random;
};

/** agent_init() - one with a number of its own */
void agent_init(struct agent *agent, struct world *world, unsigned rank);

/** agent_act() - do one thing at random; its consequences reach as far as @depth */
void agent_act(struct agent *agent, unsigned depth);

/** agent_call() - call somebody, as long as it takes if that may be */
void agent_call(struct agent *agent, unsigned depth);

/** agent_announce() - so many messages that never wait */
void agent_announce(struct agent *agent, struct actor_address *address, unsigned n);

/** agent_shower() - more than a few such messages for somebody */
void agent_shower(struct agent *agent);

/** citizen_create() - the state of an actor; never NULL */
struct citizen *citizen_create(struct world *world, unsigned rank);

/** citizen_destroy() - as the library does it */
void citizen_destroy(struct citizen *citizen);

#endif
