/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_REMOTES_H
#define TESTS_REMOTE_REMOTES_H

#include <actor-iface/typed-actor.h>
#include <actor-remote/services.h>

/* Services as both sides of the tests' connections know them, and an actor that serves them. */

struct add {
	int64_t n;
};
ACTOR_MESSAGE(add, struct actor_unit);
ACTOR_SCHEMA(add);

struct show {
	char unit;
};
ACTOR_MESSAGE(show, int64_t);
ACTOR_SCHEMA(show);

/* Answered by the same text. */
struct echo {
	char *text;
	struct actor_origin origin;
};
ACTOR_MESSAGE(echo, char *);
ACTOR_SCHEMA(echo);

struct note {
	char *text;
};
ACTOR_SIGNAL(note);
ACTOR_SCHEMA(note);

#define REMOTES_SERVICES(CALL, SEND, X) CALL(X, add) CALL(X, show) CALL(X, echo) SEND(X, note)
ACTOR_NAMESPACE_DECLARE(remotes, REMOTES_SERVICES);

#define OTHERS_SERVICES(CALL, SEND, X) CALL(X, add)
ACTOR_NAMESPACE_DECLARE(others, OTHERS_SERVICES);

ACTOR_DECLARE(sum, REMOTES_SERVICES);

/**
 * struct sum - the actor
 * @total:    what has been added
 * @notes:    the texts of all notes, one after the other
 * @n_notes:  how many
 * @n_echoes: likewise
 * @origin:   where the last echo came from; a reference, or NULL
 * @slow:     calls of add and echo are not answered before sum_answer()
 * @fails:    it fails when it is to add
 * @refuses:  it answers calls of show with an error of its own
 * @blocks_until_ns: each message takes until then
 * @takes_ns: each message takes so long
 * @destroyed: how often it has been, or rather its state
 */
struct sum {
	int64_t total;
	char notes[4096];
	size_t n_notes;
	size_t n_echoes;
	struct actor_peer *origin;
	bool slow;
	bool fails;
	bool refuses;
	int64_t blocks_until_ns;
	int64_t takes_ns;
	unsigned destroyed;
	/* Its own. */
	struct {
		bool is_echo;
		struct add_reply add;
		struct echo_reply echo;
		char *text;
	} kept[64];
	size_t n_kept;
};

/** sum_answer() - the oldest call that it has kept; false: none. Thread: its */
bool sum_answer(struct sum *sum);

/* The ids of its services. */
#define ADD_ID UINT64_C(0x6440cfd17c374646)
#define SHOW_ID UINT64_C(0xcdd3781867767588)
#define ECHO_ID actor_service_id("remotes", "Echo")
#define NOTE_ID actor_service_id("remotes", "Note")

#endif
