/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIMULATION_WORLD_H
#define TESTS_SIMULATION_WORLD_H

/**
 * DOC: what the scenarios stand on
 *
 * Actors do what their messages say. Every message, answer and state is counted while it exists,
 * every call until it has ended, every run until its owner was told; whatever comes out uneven, or
 * ends in a way in which it should not, makes the run fail, with the first thing that was wrong.
 */

#include <actor-impl/actor-impl.h>

struct doer;
struct world;

/** typedef act_fn - what a message has its actor do: 0, an error for the caller, or WORLD_KEEP */
typedef int act_fn(struct doer *self, struct actor_context *context, void *user);

/** WORLD_KEEP - the act is not answered now: see doer_answer() */
#define WORLD_KEEP 1

/** WORLD_REFUSED - an error that only an act can have answered with */
#define WORLD_REFUSED (-12345)

/** struct token - owned by a message or an answer */
struct token {
	struct world *world;
};

/** struct chore - something to do */
struct chore {
	act_fn *act;
	void *user;
	struct token *token;
};

/** struct favour - something to do and to answer; too large for the smallest cell */
struct favour {
	act_fn *act;
	void *user;
	struct token *token;
	char padding[100];
};

/** struct thanks - the answer */
struct thanks {
	struct token *token;
};

/** struct bulletin - an event: one of those that @from publishes, who counts from 1 */
struct bulletin {
	struct token *token;
	unsigned from;
	unsigned number;
};

ACTOR_SIGNAL(chore);
ACTOR_SIGNAL(bulletin);
ACTOR_MESSAGE(favour, struct thanks);

#define DOER_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, favour)                                                                            \
	SEND(X, chore)                                                                             \
	SEND(X, bulletin)                                                                          \
	SEND(X, actor_observed_end)                                                                \
	SEND(X, actor_result)
ACTOR_DECLARE(doer, DOER_MESSAGES);

/** typedef hear_fn - what an act has its actor do when it is told something: not a chore or favour
 */
typedef void hear_fn(struct doer *self, const struct actor_message_type *type, void *message,
		     void *user);

enum { DOER_MOST_KEPT = 8 };

/**
 * struct doer - the state of an actor
 * @world:   where
 * @in_hand: it does something
 * @kept:    calls that it has not answered yet
 * @n_kept:  how many
 * @nursery: its own, or NULL
 * @hear:    or NULL
 * @user:    for that
 */
struct doer {
	struct world *world;
	bool in_hand;
	struct favour_reply kept[DOER_MOST_KEPT];
	unsigned n_kept;
	struct actor_nursery *nursery;
	hear_fn *hear;
	void *user;
};

/** doer_answer() - answer the call that was kept first, if there is one */
void doer_answer(struct doer *self);

/**
 * struct cast - an actor with an owner
 * @world:      where
 * @address:    strong, to be given back by cast_leave(); NULL if there was no memory
 * @mailbox:    NULL once it has been given up, which its end does
 * @n_restarts: how often it is started again after a failure
 * @n_runs:     how often it was started
 * @n_ends:     how often the owner was told
 * @how:        the last time
 * @ends_ns:    it was cancelled then, which ends whatever it is doing; 0: it was not
 */
struct cast {
	struct world *world;
	union doer_address address;
	struct doer_mailbox mailbox;
	unsigned n_restarts;
	unsigned n_runs;
	unsigned n_ends;
	enum actor_ended how;
	int64_t ends_ns;
};

/**
 * struct world - one run
 * @executor: the simulation
 * @context:  of its thread
 * @scarce:   memory may be refused
 * @n_tokens, @n_states, @n_calls: that exist now
 * @wrong:    what went wrong first, or NULL
 */
struct world {
	struct actor_executor *executor;
	struct actor_context *context;
	bool scarce;
	int n_tokens;
	int n_states;
	int n_calls;
	const char *wrong;
};

/** typedef play_fn - a scenario; what it leaves comes to an end by itself */
typedef void play_fn(struct world *world);

/**
 * world_run() - a world for one play, which must come out even
 *
 * Return: 0, or WORLD_REFUSED when something is wrong, which the log says
 */
int world_run(struct actor_executor *executor, play_fn *play, bool scarce);

/** world_log() - a sink for the log: shows what was said last, once a seed is named that fails */
void world_log(void *user, const struct actor_log_record *record);

/** world_must() - if it does not hold, that is what was wrong */
void world_must(struct world *world, bool holds, const char *what);

/** world_choose() - a number below @n, from the seed */
unsigned world_choose(struct world *world, unsigned n);

/** world_pause() - sleep for less than @most ns, maybe not at all. Return: 0, ACTOR_E_CANCELLED */
int world_pause(struct world *world, struct actor_context *context, unsigned most);

/** world_soon() - a deadline that may pass, or ACTOR_FOREVER */
int64_t world_soon(struct world *world, struct actor_context *context);

/** world_stand_by() - let others go on for a while, until some of what waits for time has happened
 */
void world_stand_by(struct world *world);

/** world_token() - something for a message to own */
struct token *world_token(struct world *world);

/** world_let_finish() - wait until nobody does anything any more but wait for others */
void world_let_finish(struct world *world);

/** world_join() - wait until nobody runs any more, before what they use goes; by force if they do
 * not end, which is wrong */
void world_join(struct world *world);

/** cast_create() - a mailbox and an address; no actor yet */
struct cast cast_create(struct world *world, size_t capacity);

/** cast_start() - an actor for it; @cast stays where it is until that has ended */
void cast_start(struct cast *cast);

/** cast_leave() - give back the address */
void cast_leave(struct cast *cast);

/** cast_cancel() - cancel what is running there */
void cast_cancel(struct cast *cast);

/** cast_destroy() - the same, and give up the mailbox; not if that has happened */
void cast_destroy(struct cast *cast);

/** cast_disturb() - stop, cancel or destroy it, if it is still there */
void cast_disturb(struct cast *cast);

/** world_spawn() - an actor that nobody owns; NULL if there is no memory */
union doer_address world_spawn(struct world *world, struct actor_spawner *spawner);

/** world_spawn_owned() - the same, with a mailbox for its owner. Return: whether there was memory
 */
bool world_spawn_owned(struct world *world, struct actor_spawner *spawner,
		       union doer_address *ret_address, struct doer_mailbox *ret_mailbox);

/** world_send() - have something done. Return: as actor_send_until(); 0 for a NULL address */
int world_send(struct world *world, struct actor_context *context, union doer_address to,
	       act_fn *act, void *user, int64_t deadline_ns);

/** world_call() - have something done, and wait for it. Return: as actor_call_until() */
int world_call(struct world *world, struct actor_context *context, union doer_address to,
	       act_fn *act, void *user, int64_t deadline_ns);

/** world_begin() - begin such a call. Return: as actor_call_begin() */
int world_begin(struct world *world, struct actor_context *context, struct actor_future *future,
		union doer_address to, act_fn *act, void *user, struct thanks *ret_thanks);

/** world_ask() - ask without waiting; the answer is dropped. Return: as actor_ask() */
int world_ask(struct world *world, struct actor_ask *ask, union doer_address to, act_fn *act,
	      void *user);

/** world_set_timer() - have something done at a time. Return: whether there was memory */
bool world_set_timer(struct world *world, union doer_address to, act_fn *act, void *user,
		     int64_t at_ns, struct actor_timer **ret_timer);

/** world_end() - one that has begun has ended, or is given up */
void world_end(struct world *world, struct actor_future *future, struct thanks *thanks);

#endif
