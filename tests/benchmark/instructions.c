/* SPDX-License-Identifier: MIT */

/*
 * instructions OPERATION N - do one operation of the library so many times
 *
 * On a local executor, where everything happens in the same order each time, so that a counter of
 * instructions counts the same each time. The difference of two runs, divided by the difference of
 * their N, is what the operation takes: see the script of the same name, which also says what the
 * operations are.
 */

#include <actor-impl/actor-impl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
	uint64_t n_left;
};
ACTOR_SIGNAL(item);
ACTOR_SIGNAL_DEFINE(item, "instructions.item", NULL);

struct question {
	uint64_t value;
};
ACTOR_MESSAGE(question, uint64_t);
ACTOR_MESSAGE_DEFINE(question, "instructions.question", NULL, NULL);

struct start {
	uint64_t n;
};
ACTOR_SIGNAL(start);
ACTOR_SIGNAL_DEFINE(start, "instructions.start", NULL);

#define CHECK(operation)                                                                           \
	do {                                                                                       \
		int check_rc = (operation);                                                        \
		if (check_rc < 0)                                                                  \
			wrong(actor_strerror(check_rc));                                           \
	} while (0)

static void __attribute__((noreturn, cold)) wrong(const char *why)
{
	fprintf(stderr, "instructions: %s\n", why);
	exit(EXIT_FAILURE);
}

/* How many operations were done, as those see it who are at the other end of them. */
static uint64_t n_done;

/* Takes items and answers questions. */
#define TAKER_MESSAGES(CALL, SEND, X)                                                              \
	SEND(X, item)                                                                              \
	CALL(X, question)
ACTOR_DECLARE(taker, TAKER_MESSAGES);

struct taker {
	char none;
};

static void taker_on_item(struct taker *self, struct item *message, struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	n_done++;
}

static uint64_t taker_on_question(struct taker *self, struct question *message,
				  struct actor_context *context)
{
	(void)self, (void)context;
	n_done++;
	return message->value + 1;
}
ACTOR_DEFINE(taker, TAKER_MESSAGES, NULL, NULL, NULL);

/* Sends items to a taker, all in one handler. */
#define GIVER_MESSAGES(CALL, SEND, X) SEND(X, start)
ACTOR_DECLARE(giver, GIVER_MESSAGES);

struct giver {
	union taker_address taker;
};

static void giver_on_start(struct giver *self, struct start *message, struct actor_context *context)
{
	for (uint64_t i = 0; i < message->n; i++)
		CHECK(ACTOR_SEND(context, self->taker, item, &(struct item){ i }));
}
ACTOR_DEFINE(giver, GIVER_MESSAGES, NULL, NULL, NULL);

/* Calls a taker, all in one handler. */
#define ASKER_MESSAGES(CALL, SEND, X) SEND(X, start)
ACTOR_DECLARE(asker, ASKER_MESSAGES);

struct asker {
	union taker_address taker;
};

static void asker_on_start(struct asker *self, struct start *message, struct actor_context *context)
{
	uint64_t value = 0;

	for (uint64_t i = 0; i < message->n; i++)
		CHECK(ACTOR_CALL(context, self->taker, question, &value,
				 &(struct question){ value }));
	if (value != message->n)
		wrong("an answer is missing");
}
ACTOR_DEFINE(asker, ASKER_MESSAGES, NULL, NULL, NULL);

/* Passes an item on to another of its kind. */
#define PASSER_MESSAGES(CALL, SEND, X) SEND(X, item)
ACTOR_DECLARE(passer, PASSER_MESSAGES);

struct passer {
	union passer_address other; /* borrowed from main() */
};

static void passer_on_item(struct passer *self, struct item *message, struct actor_context *context)
{
	n_done++;
	if (message->n_left > 1)
		CHECK(ACTOR_SEND(context, self->other, item,
				 &(struct item){ message->n_left - 1 }));
}
ACTOR_DEFINE(passer, PASSER_MESSAGES, NULL, NULL, NULL);

/* Spawns another of its kind, passes the item on to it, and ends. */
#define ANCESTOR_MESSAGES(CALL, SEND, X) SEND(X, item)
ACTOR_DECLARE(ancestor, ANCESTOR_MESSAGES);

struct ancestor {
	char none;
};

static void ancestor_on_item(struct ancestor *self, struct item *message,
			     struct actor_context *context)
{
	union ancestor_address next;

	(void)self;
	n_done++;
	if (message->n_left <= 1)
		return;
	CHECK(ACTOR_SPAWN(ancestor, actor_spawner(context), NULL, NULL, &next));
	CHECK(ACTOR_SEND(context, next, item, &(struct item){ message->n_left - 1 }));
	actor_address_unref(next.address);
}
ACTOR_DEFINE(ancestor, ANCESTOR_MESSAGES, NULL, NULL, NULL);

static struct actor_executor *local;
static struct actor_spawner *spawner;

static union taker_address new_taker(size_t capacity)
{
	union taker_address taker;

	CHECK(ACTOR_SPAWN(taker, spawner, NULL, ACTOR_OPTIONS(.capacity = capacity), &taker));
	return taker;
}

static void give(size_t capacity, uint64_t n)
{
	struct giver state = { new_taker(capacity) };
	union giver_address giver;

	CHECK(ACTOR_SPAWN(giver, spawner, &state, NULL, &giver));
	CHECK(ACTOR_TRY_SEND(giver, start, &(struct start){ n }));
	actor_local_run(local);
	actor_address_unref(giver.address);
	actor_address_unref(state.taker.address);
}

static void send_run(uint64_t n)
{
	give(ACTOR_UNBOUNDED, n);
}

static void suspend_run(uint64_t n)
{
	give(1, n);
}

static void call_run(uint64_t n)
{
	struct asker state = { new_taker(0) };
	union asker_address asker;

	CHECK(ACTOR_SPAWN(asker, spawner, &state, NULL, &asker));
	CHECK(ACTOR_TRY_SEND(asker, start, &(struct start){ n }));
	actor_local_run(local);
	actor_address_unref(asker.address);
	actor_address_unref(state.taker.address);
}

static void wake_run(uint64_t n)
{
	struct passer states[2];
	union passer_address passers[2];

	for (int i = 0; i < 2; i++)
		CHECK(ACTOR_SPAWN(passer, spawner, &states[i], NULL, &passers[i]));
	actor_local_run(local);
	for (int i = 0; i < 2; i++)
		states[i].other = passers[1 - i];
	CHECK(ACTOR_TRY_SEND(passers[0], item, &(struct item){ n }));
	actor_local_run(local);
	for (int i = 0; i < 2; i++)
		actor_address_unref(passers[i].address);
}

static void spawn_run(uint64_t n)
{
	union ancestor_address first;

	CHECK(ACTOR_SPAWN(ancestor, spawner, NULL, NULL, &first));
	CHECK(ACTOR_TRY_SEND(first, item, &(struct item){ n }));
	actor_address_unref(first.address);
}

static const struct {
	const char *name;
	void (*run)(uint64_t n);
} operations[] = {
	{ "send", send_run },	{ "wake", wake_run },	    { "call", call_run },
	{ "spawn", spawn_run }, { "suspend", suspend_run },
};

static void run(const char *name, uint64_t n)
{
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
		if (strcmp(operations[i].name, name) == 0) {
			operations[i].run(n);
			return;
		}
	wrong("there is no such operation");
}

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc != 3 || (n = strtoull(argv[2], NULL, 10)) == 0) {
		fprintf(stderr, "usage: instructions OPERATION N\n");
		return 2;
	}
	CHECK(actor_local_create(&local));
	spawner = actor_executor_spawner(local);
	run(argv[1], n);
	CHECK(actor_executor_join(local, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(local));
	if (n_done != n)
		wrong("not all has been done");
	return EXIT_SUCCESS;
}
