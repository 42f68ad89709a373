/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_PLAYER_H
#define CONTRACT_PLAYER_H

/**
 * DOC: the actor that the tests put on the stage
 *
 * One type does for nearly all tests: it records its hooks and the numbers of its notes in the
 * stage's probe, and whatever else it should do is brought by a message, as a function.
 */

#include <actor-iface/actor-iface.h>
#include <support/ledger.h>

struct stage;
struct player;
struct play_perform;

/** typedef play_act_fn - what a handler is asked to do; @slot is the handler's reply slot */
typedef void play_act_fn(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context);

/** struct play_note - recorded by its number */
struct play_note {
	int64_t number;
};

/** struct play_parcel - recorded by its number; owns something, which its drop gives back */
struct play_parcel {
	int64_t number;
	struct owned cargo;
};

/** struct play_letter - carries an address, which the player makes its friend; owns it */
struct play_letter {
	struct actor_address *address;
};

/** struct play_ping - answered with its number; not recorded */
struct play_ping {
	int64_t number;
};

/** struct play_flush - acknowledged */
struct play_flush {
	char nothing;
};

/** struct play_fetch - answered with something that the answer owns */
struct play_fetch {
	char nothing;
};

/** struct play_bulk - answered with each byte one higher */
struct play_bulk {
	unsigned char bytes[10 * 1024];
};

/** struct play_slab - over-aligned; answered with how many bytes it lay beside its alignment */
struct play_slab {
	_Alignas(64) int64_t number;
};

/** struct play_perform - the player calls @act; owns @cargo */
struct play_perform {
	play_act_fn *act;
	int64_t number;
	void *user;
	struct owned cargo;
};

/** struct play_unheard - not handled by any actor of these tests; owns something */
struct play_unheard {
	struct owned cargo;
};

ACTOR_SIGNAL(play_note);
ACTOR_SIGNAL(play_parcel);
ACTOR_SIGNAL(play_letter);
ACTOR_SIGNAL(play_unheard);
ACTOR_MESSAGE(play_ping, int64_t);
ACTOR_MESSAGE(play_flush, struct actor_unit);
ACTOR_MESSAGE(play_fetch, struct owned);
ACTOR_MESSAGE(play_bulk, struct play_bulk);
ACTOR_MESSAGE(play_slab, int64_t);
ACTOR_MESSAGE(play_perform, int64_t);

#define PLAYER_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, play_note)                                                                         \
	SEND(X, play_parcel)                                                                       \
	SEND(X, play_letter)                                                                       \
	CALL(X, play_ping)                                                                         \
	CALL(X, play_flush)                                                                        \
	CALL(X, play_fetch)                                                                        \
	CALL(X, play_bulk)                                                                         \
	CALL(X, play_slab)                                                                         \
	CALL(X, play_perform)
ACTOR_DECLARE(player, PLAYER_MESSAGES);

/** typedef player_hook_fn - what a player does in a hook, after it has recorded it */
typedef void player_hook_fn(struct player *self, struct actor_context *context);

/**
 * struct player - the state
 * @stage:      where it records
 * @name:       goes before what it records, with a dot, unless empty
 * @on_started: or NULL
 * @on_stopped: or NULL
 * @friend:     an address that it owns, or NULL
 * @kept:       an answer that it owes, or NULL
 * @user:       the test's
 * @owned:      shows that the state is released once
 * @n_inside:   how many of its handlers and hooks run
 */
struct player {
	struct stage *stage;
	char name[32];
	player_hook_fn *on_started;
	player_hook_fn *on_stopped;
	struct actor_address *friend;
	struct actor_reply *kept;
	void *user;
	struct owned owned;
	int n_inside;
};

/** player_create() - a state, to be released by whoever owns it in the end */
struct player *player_create(struct stage *stage, const char *name);

/** player_destroy() - what player_behavior.destroy does, without a record; NULL is fine */
void player_destroy(struct player *player);

/** player_record() - record a word in the player's name. Thread: any */
ACTOR__PRINTF(2, 3)
void player_record(struct player *self, const char *format, ...);

/** status_word() - a status as a word to record: "ok", "full", "closed" ... */
const char *status_word(int status);

/** play_answer() - answer a play_perform now; what actor_reply_deliver() returns */
int play_answer(struct actor_reply **slot, int64_t value);

/** play_wait() - an act: records "waiting", passes the stage's gate, records "woken" or why not;
 * then answers with its number, if it was woken */
play_act_fn play_wait;

/** play_fail() - an act: records "failing", and fails */
play_act_fn play_fail;

/** play_keep() - an act: keeps its reply, to be answered later; records "kept" */
play_act_fn play_keep;

/** play_answer_kept() - an act: answers what play_keep() kept with its own number, and records
 * what became of that: "answered:ok" or "answered:abandoned" */
play_act_fn play_answer_kept;

/** play_note_number() - an act: records and answers its number */
play_act_fn play_note_number;

/**
 * player_operation_begin() - from here on no code of a player may run on this thread
 *
 * For operations that promise not to run handlers, hooks or destroy functions before they return.
 * A player that runs nevertheless records "nested".
 */
void player_operation_begin(void);

/** player_operation_end() - until here */
void player_operation_end(void);

/** listener: handles two of the player's messages; the listener's notes are recorded as "heard" */
#define LISTENER_MESSAGES(CALL, SEND, X)                                                           \
	SEND(X, play_note)                                                                         \
	CALL(X, play_ping)
ACTOR_DECLARE(listener, LISTENER_MESSAGES);

/** struct listener - another type of actor */
struct listener {
	struct stage *stage;
};

#endif
