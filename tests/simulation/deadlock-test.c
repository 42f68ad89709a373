/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks, against somebody who knows everything: in thousands of orders actors call one or
 * several, send to small mailboxes, take permits, take replies to have them answered later, hand
 * them on, also what others have taken and to whom it was with, with deadlines and without, until
 * they are stuck. The oracle keeps its own account of
 * who waits for what, and finds out by trying all sets of actors whether nobody in one can go on
 * before another one in it does. Whoever is told of a deadlock must be in such a set; and if there
 * is one when nobody else is ready, somebody must be told. Since that ends the wait, everything
 * comes to its end.
 */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct deed {
	unsigned letter;
	unsigned depth;
};
struct hint {
	unsigned letter;
	unsigned depth;
};
ACTOR_MESSAGE(deed, int);
ACTOR_SIGNAL(hint);
ACTOR_MESSAGE_DEFINE(deed, "oracle.deed", NULL, NULL);
ACTOR_SIGNAL_DEFINE(hint, "oracle.hint", NULL);

#define PLAYER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, deed)                                                                              \
	SEND(X, hint)
ACTOR_DECLARE(player, PLAYER_MESSAGES);

enum { MOST_PLAYERS = 6, MOST_LETTERS = 400, N_SEMAPHORES = 2, MOST_KEPT = 16 };

/* ---- what the oracle knows */

struct letter {
	enum { NOWHERE, QUEUED, IN_HAND, TAKEN, DONE } where;
	unsigned who; /* has it, or has taken it */
};

/* What a player waits for now. */
struct wait {
	enum { NOTHING, ANSWERS, ROOM, PERMITS } what;
	bool has_deadline;
	bool any;
	unsigned letters[2];
	unsigned n_letters;
	unsigned at; /* whose mailbox, or which semaphore */
};

struct game;

struct player {
	struct game *game;
	unsigned number;
	uint64_t identity;
	union player_address address;
	size_t capacity; /* ACTOR_UNBOUNDED */
	size_t n_queued;
	struct wait wait;
	bool is_told;
	bool calls_itself;
};

/* In line, the first one first; and who holds permits in a handler, and how many others do. */
struct permits {
	struct actor_semaphore *semaphore;
	size_t n_permits;
	size_t n_free;
	struct {
		unsigned who;
		size_t n;
	} line[MOST_PLAYERS];
	unsigned n_line;
	size_t held[MOST_PLAYERS];
};

struct game {
	struct actor_executor *executor;
	struct actor_context *context;
	bool scarce;
	struct player players[MOST_PLAYERS];
	unsigned n_players;
	struct letter letters[MOST_LETTERS];
	unsigned n_letters;
	unsigned n_under_way; /* messages */
	unsigned n_busy;      /* players */
	struct permits permits[N_SEMAPHORES];
	struct deed_reply taken[MOST_LETTERS];
	unsigned taken_letters[MOST_LETTERS];
	unsigned n_taken;
	struct actor_permit *kept[MOST_KEPT];
	unsigned kept_of[MOST_KEPT];
	size_t kept_n[MOST_KEPT];
	unsigned n_kept;
	unsigned n_reported; /* deadlocks; and waits that want of memory has ended or averted */
	const char *wrong;
};

/* How much was tried, so that this cannot come to nothing unnoticed. */
static unsigned n_reported_in_all, n_of_one, n_of_two, n_of_more, n_with_room, n_with_permits;
static unsigned n_passed_on, n_passed_back;

static void must(struct game *game, bool holds, const char *what)
{
	if (!holds && !game->wrong)
		game->wrong = what;
}

static unsigned choose(struct game *game, unsigned n)
{
	return (unsigned)actor_simulation_choose(game->executor, n);
}

static bool is_in(unsigned set, unsigned who)
{
	return set >> who & 1;
}

static bool letter_is_with(const struct game *game, unsigned number, unsigned set)
{
	const struct letter *letter = &game->letters[number];

	return (letter->where == QUEUED || letter->where == IN_HAND) && is_in(set, letter->who);
}

static bool answers_depend_on(const struct game *game, const struct wait *wait, unsigned set)
{
	unsigned n_with = 0;

	for (unsigned i = 0; i < wait->n_letters; i++)
		n_with += letter_is_with(game, wait->letters[i], set);
	return wait->any ? n_with == wait->n_letters : n_with > 0;
}

/* Whether, if nobody in the set ever does anything, it never gets them. */
static bool permits_depend_on(const struct game *game, unsigned who, unsigned set)
{
	const struct permits *permits = &game->permits[game->players[who].wait.at];
	size_t n_possible = permits->n_permits;
	bool is_behind = false;

	for (unsigned i = 0; i < MOST_PLAYERS; i++)
		if (is_in(set, i))
			n_possible -= permits->held[i];
	for (unsigned i = 0; i < permits->n_line; i++) {
		if (permits->line[i].who == who)
			return is_behind || permits->line[i].n > n_possible;
		is_behind |= is_in(set, permits->line[i].who);
	}
	return false; /* it has them already */
}

static bool depends_on(const struct game *game, unsigned who, unsigned set)
{
	const struct player *player = &game->players[who];
	const struct wait *wait = &player->wait;

	if (wait->has_deadline || player->is_told)
		return false;
	switch (wait->what) {
	case NOTHING:
		return false;
	case ANSWERS:
		return answers_depend_on(game, wait, set);
	case ROOM:
		return is_in(set, wait->at) &&
		       game->players[wait->at].n_queued == game->players[wait->at].capacity;
	case PERMITS:
		return permits_depend_on(game, who, set);
	}
	return false;
}

/* All who are in a set of which nobody can go on before another one in it does. */
static unsigned stuck(const struct game *game)
{
	unsigned all = 0;

	for (unsigned set = 1; set < 1u << game->n_players; set++) {
		bool closed = true;

		for (unsigned i = 0; i < game->n_players && closed; i++)
			closed = !is_in(set, i) || depends_on(game, i, set);
		if (closed)
			all |= set;
	}
	return all;
}

/* ---- what is reported */

static void on_report(void *user, const struct actor_deadlock *deadlock)
{
	struct game *game = user;
	struct player *player = NULL;

	for (unsigned i = 0; i < game->n_players; i++)
		if (game->players[i].identity == deadlock->actor.identity.number)
			player = &game->players[i];
	must(game, player, "somebody else is told");
	if (!player)
		return;
	must(game, player->calls_itself || is_in(stuck(game), player->number),
	     "somebody is told who is not stuck");
	must(game, !player->is_told, "somebody is told twice");
	player->is_told = true;
	game->n_reported++;
	n_reported_in_all++;
	*(deadlock->n_actors == 1   ? &n_of_one
	  : deadlock->n_actors == 2 ? &n_of_two
				    : &n_of_more) += 1;
	n_with_room += strstr(deadlock->text, "room") != NULL;
	n_with_permits += strstr(deadlock->text, "permit") != NULL;
}

/* The wait is over. */
static void go_on(struct player *player, int rc)
{
	must(player->game, rc != ACTOR_E_DEADLOCK || player->is_told,
	     "a wait fails that was not reported");
	must(player->game, rc != ACTOR_E_DEADLOCK || !player->wait.has_deadline,
	     "a wait with a deadline fails");
	player->game->n_reported += rc == ACTOR_E_NOMEM;
	player->wait = (struct wait){ .what = NOTHING };
	player->is_told = player->calls_itself = false;
}

/* ---- messages */

static bool new_letter(struct game *game, unsigned *ret_number)
{
	if (game->n_letters == MOST_LETTERS)
		return false;
	*ret_number = game->n_letters++;
	return true;
}

static void put(struct game *game, unsigned number, unsigned to)
{
	game->letters[number] = (struct letter){ QUEUED, to };
	game->players[to].n_queued++;
	game->n_under_way++;
}

static void finish(struct game *game, unsigned number)
{
	game->letters[number].where = DONE;
	game->n_under_way--;
}

static void begin(struct player *player, unsigned number)
{
	struct letter *letter = &player->game->letters[number];

	must(player->game, letter->where == QUEUED && letter->who == player->number,
	     "the oracle is wrong about a queue");
	letter->where = IN_HAND;
	player->n_queued--;
	player->game->n_busy++;
}

static struct player *some_player(struct game *game)
{
	return &game->players[choose(game, game->n_players)];
}

static int64_t some_deadline(struct game *game, struct actor_context *context)
{
	return choose(game, 5) ? ACTOR_FOREVER : actor_now(context) + 1 + choose(game, 8);
}

static void wait_for_room(struct player *player, const struct player *at, int64_t deadline_ns)
{
	player->wait = (struct wait){ .what = ROOM,
				      .has_deadline = deadline_ns != ACTOR_FOREVER,
				      .at = at->number };
}

static void send_some(struct player *player, struct actor_context *context, unsigned depth)
{
	struct game *game = player->game;
	struct player *to = some_player(game);
	int64_t deadline_ns = some_deadline(game, context);
	unsigned number;
	int rc;

	if (!new_letter(game, &number))
		return;
	wait_for_room(player, to, deadline_ns);
	rc = ACTOR_SEND_UNTIL(context, to->address, hint, deadline_ns,
			      &(struct hint){ number, depth });
	if (rc == 0)
		put(game, number, to->number);
	go_on(player, rc);
}

/* All in one, to somebody who always has room. */
static void call_one(struct player *player, struct actor_context *context, unsigned depth)
{
	struct game *game = player->game;
	struct player *to = some_player(game);
	int64_t deadline_ns = some_deadline(game, context);
	unsigned number;
	int answer, rc;

	if (to->capacity != ACTOR_UNBOUNDED || !new_letter(game, &number))
		return;
	player->calls_itself = to == player && deadline_ns == ACTOR_FOREVER;
	if (!player->calls_itself) {
		put(game, number, to->number);
		player->wait = (struct wait){ .what = ANSWERS,
					      .has_deadline = deadline_ns != ACTOR_FOREVER,
					      .letters = { number },
					      .n_letters = 1 };
	}
	rc = ACTOR_CALL_UNTIL(context, to->address, deed, &answer, deadline_ns,
			      &(struct deed){ number, depth });
	must(game, !player->calls_itself || rc == ACTOR_E_DEADLOCK || rc == ACTOR_E_NOMEM,
	     "somebody calls itself");
	if (rc == ACTOR_E_NOMEM && game->letters[number].where == QUEUED) {
		to->n_queued--; /* it was not accepted */
		finish(game, number);
	}
	go_on(player, rc);
}

/* Two, or one; in either way of waiting. */
static void call_some(struct player *player, struct actor_context *context, unsigned depth)
{
	struct game *game = player->game;
	struct actor_future futures[2];
	struct wait wait = { .what = ANSWERS, .any = choose(game, 2) };
	unsigned n = 1 + choose(game, 2);
	int64_t deadline_ns;
	int answers[2], rc;

	for (unsigned i = 0; i < n; i++) {
		struct player *to = some_player(game);
		unsigned number;

		if (!new_letter(game, &number))
			break;
		deadline_ns = some_deadline(game, context);
		wait_for_room(player, to, deadline_ns);
		rc = actor_call_begin_until(context, &futures[wait.n_letters], to->address.address,
					    &deed_type, &(struct deed){ number, depth },
					    &answers[wait.n_letters], deadline_ns);
		if (rc == 0) {
			put(game, number, to->number);
			wait.letters[wait.n_letters++] = number;
		}
		go_on(player, rc);
	}
	deadline_ns = some_deadline(game, context);
	wait.has_deadline = deadline_ns != ACTOR_FOREVER;
	player->wait = wait;
	rc = wait.n_letters == 0 ? 0
	     : wait.any		 ? actor_future_await_any(futures, wait.n_letters, deadline_ns)
				 : actor_future_await_all(futures, wait.n_letters, deadline_ns);
	go_on(player, rc);
	for (unsigned i = 0; i < wait.n_letters; i++)
		actor_future_cancel(&futures[i]);
}

/* ---- permits */

static void grant(struct permits *permits)
{
	while (permits->n_line > 0 && permits->line[0].n <= permits->n_free) {
		permits->n_free -= permits->line[0].n;
		permits->held[permits->line[0].who] += permits->line[0].n;
		permits->n_line--;
		memmove(&permits->line[0], &permits->line[1],
			permits->n_line * sizeof permits->line[0]);
	}
}

/* Whether it stood there. */
static bool leave_line(struct permits *permits, unsigned who)
{
	for (unsigned i = 0; i < permits->n_line; i++)
		if (permits->line[i].who == who) {
			permits->n_line--;
			memmove(&permits->line[i], &permits->line[i + 1],
				(permits->n_line - i) * sizeof permits->line[0]);
			grant(permits);
			return true;
		}
	return false;
}

static void give_back(struct permits *permits, unsigned who, size_t n)
{
	permits->held[who] -= n;
	permits->n_free += n;
	grant(permits);
}

struct hold {
	unsigned which;
	size_t n;
	struct actor_permit *permit; /* NULL: none */
};

static void acquire(struct player *player, struct actor_context *context, struct hold *hold)
{
	struct game *game = player->game;
	unsigned which = choose(game, N_SEMAPHORES);
	struct permits *permits = &game->permits[which];
	size_t n = 1 + choose(game, (unsigned)permits->n_permits);
	int64_t deadline_ns = some_deadline(game, context);
	int rc;

	if (hold->permit)
		return;
	player->wait = (struct wait){ .what = PERMITS,
				      .has_deadline = deadline_ns != ACTOR_FOREVER,
				      .at = which };
	permits->line[permits->n_line].who = player->number;
	permits->line[permits->n_line++].n = n;
	grant(permits);
	rc = actor_semaphore_acquire_until(context, permits->semaphore, n, deadline_ns,
					   &hold->permit);
	must(game, rc < 0 || !leave_line(permits, player->number),
	     "the oracle is wrong about a permit");
	if (rc < 0) {
		hold->permit = NULL;
		if (!leave_line(permits, player->number))
			give_back(permits, player->number, n);
	} else {
		hold->which = which;
		hold->n = n;
	}
	go_on(player, rc);
}

/* To the thread, who releases it some time; which nobody can know. */
static void keep(struct player *player, struct hold *hold)
{
	struct game *game = player->game;

	if (!hold->permit || game->n_kept == MOST_KEPT)
		return;
	actor_permit_keep(hold->permit);
	game->permits[hold->which].held[player->number] -= hold->n;
	game->kept[game->n_kept] = hold->permit;
	game->kept_of[game->n_kept] = hold->which;
	game->kept_n[game->n_kept++] = hold->n;
	hold->permit = NULL;
}

static void release(struct player *player, struct hold *hold)
{
	if (!hold->permit)
		return;
	actor_permit_release(hold->permit);
	give_back(&player->game->permits[hold->which], player->number, hold->n);
	hold->permit = NULL;
}

static void release_kept(struct game *game)
{
	struct permits *permits;

	if (game->n_kept == 0)
		return;
	permits = &game->permits[game->kept_of[--game->n_kept]];
	actor_permit_release(game->kept[game->n_kept]);
	permits->n_free += game->kept_n[game->n_kept];
	grant(permits);
}

/* ---- what has been taken */

/* Whoever took it: to somebody, who has it to answer then. */
static void pass_on_taken(struct game *game)
{
	struct player *to = some_player(game);
	unsigned number;

	if (game->n_taken == 0)
		return;
	number = game->taken_letters[game->n_taken - 1];
	if (actor_address_post(to->address.address, &deed_type, &(struct deed){ number, 2 },
			       game->taken[game->n_taken - 1].reply, NULL) < 0)
		return;
	n_passed_on++;
	n_passed_back += game->letters[number].who == to->number;
	game->n_taken--;
	game->n_under_way--;
	put(game, number, to->number);
}

/* ---- what players do */

static void act(struct player *player, struct actor_context *context, unsigned depth,
		struct hold *hold)
{
	struct game *game = player->game;

	switch (choose(game, 8)) {
	case 0:
		send_some(player, context, depth);
		break;
	case 1:
		call_one(player, context, depth);
		break;
	case 2:
	case 3:
		call_some(player, context, depth);
		break;
	case 4:
		acquire(player, context, hold);
		break;
	case 5:
		keep(player, hold);
		break;
	case 6:
		pass_on_taken(game);
		break;
	default:
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1 + choose(game, 6)));
	}
}

static void player_on_hint(struct player *self, struct hint *message, struct actor_context *context)
{
	struct hold hold = { .permit = NULL };

	begin(self, message->letter);
	for (unsigned n = choose(self->game, 4); n > 0 && message->depth > 0; n--)
		act(self, context, message->depth - 1, &hold);
	release(self, &hold);
	finish(self->game, message->letter);
	self->game->n_busy--;
}

static void take(struct player *player, unsigned number, struct deed_pending pending)
{
	struct game *game = player->game;

	game->letters[number].where = TAKEN;
	game->taken[game->n_taken] = deed_reply_take(pending);
	game->taken_letters[game->n_taken++] = number;
}

/* Whether it was accepted. */
static bool hand_on(struct player *player, struct deed *message, struct deed_pending pending,
		    struct actor_context *context)
{
	struct game *game = player->game;
	struct player *to = some_player(game);
	unsigned number = message->letter;
	int rc;

	message->depth -= message->depth > 0;
	wait_for_room(player, to, ACTOR_FOREVER);
	rc = ACTOR_FORWARD(context, to->address, deed, pending, message);
	if (rc == 0) {
		game->n_under_way--;
		put(game, number, to->number);
	}
	go_on(player, rc);
	return rc == 0;
}

static void player_on_deed(struct player *self, struct deed *message, struct deed_pending pending,
			   struct actor_context *context)
{
	struct game *game = self->game;
	struct hold hold = { .permit = NULL };
	unsigned number = message->letter, depth = message->depth;
	bool is_ours = true;

	begin(self, number);
	for (unsigned n = choose(game, 4); n > 0 && depth > 0; n--) {
		unsigned what = is_ours ? choose(game, 12) : 2;

		if (what == 0) {
			take(self, number, pending);
			is_ours = false;
		} else if (what == 1) {
			is_ours = !hand_on(self, message, pending, context);
		} else {
			act(self, context, depth - 1, &hold);
		}
	}
	release(self, &hold);
	if (is_ours) {
		struct deed_reply reply = deed_reply_take(pending);

		finish(game, number);
		deed_reply_answer(&reply, 1);
	}
	game->n_busy--;
}

ACTOR_DEFINE(player, PLAYER_MESSAGES, NULL, NULL, NULL);

/* ---- the thread */

static void answer_taken(struct game *game)
{
	if (game->n_taken == 0)
		return;
	finish(game, game->taken_letters[--game->n_taken]);
	deed_reply_answer(&game->taken[game->n_taken], 1);
}

static bool make_player(struct game *game, unsigned number)
{
	struct player *player = &game->players[number];

	player->game = game;
	player->number = number;
	player->capacity = choose(game, 2) ? ACTOR_UNBOUNDED : 1 + choose(game, 2);
	if (ACTOR_SPAWN(player, actor_executor_spawner(game->executor), player,
			ACTOR_OPTIONS(.capacity = player->capacity), &player->address) < 0)
		return false;
	player->identity = actor_address_info(player->address.address).identity.number;
	game->n_players++;
	return true;
}

static bool make_all(struct game *game)
{
	unsigned n_players = 2 + choose(game, MOST_PLAYERS - 1);

	for (unsigned i = 0; i < N_SEMAPHORES; i++) {
		game->permits[i].n_permits = game->permits[i].n_free = 1 + choose(game, 3);
		if (actor_semaphore_create(game->permits[i].n_permits,
					   &game->permits[i].semaphore) < 0)
			return false;
	}
	while (game->n_players < n_players)
		if (!make_player(game, game->n_players))
			return false;
	return true;
}

static void send_first(struct game *game)
{
	struct player *to = some_player(game);
	unsigned number;

	if (new_letter(game, &number) &&
	    ACTOR_TRY_SEND(to->address, hint, &(struct hint){ number, 3 }) == 0)
		put(game, number, to->number);
}

/* Until all have done what there was to do. When time passes, nobody was ready: then whoever was
 * stuck before must have been told. */
static void watch(struct game *game)
{
	unsigned n_reported = 0, n_left = 3000;
	bool any_stuck = false;

	while (game->n_under_way + game->n_busy > 0 && !game->wrong && n_left-- > 0) {
		actor_ignore(actor_sleep_until(game->context, actor_now(game->context) + 1));
		must(game, !any_stuck || game->n_reported > n_reported, "nobody is told");
		if (choose(game, 12) == 0)
			answer_taken(game);
		if (choose(game, 12) == 0)
			pass_on_taken(game);
		if (choose(game, 12) == 0)
			release_kept(game);
		any_stuck = stuck(game) != 0;
		n_reported = game->n_reported;
	}
	must(game, game->n_under_way + game->n_busy == 0, "it has no end");
}

static void give_all_back(struct game *game)
{
	if (game->wrong) { /* they have each other's addresses */
		actor_executor_close(game->executor);
		actor_ignore(actor_executor_join(game->executor, ACTOR_FOREVER));
	}
	for (unsigned i = 0; i < game->n_players; i++)
		actor_address_unref(game->players[i].address.address);
	while (game->n_kept > 0)
		release_kept(game);
	while (game->n_taken > 0)
		answer_taken(game);
	actor_ignore(actor_executor_join(game->executor, ACTOR_FOREVER));
	for (unsigned i = 0; i < N_SEMAPHORES; i++)
		actor_semaphore_unref(game->permits[i].semaphore);
}

static int play(struct actor_executor *executor, void *user)
{
	struct game *game = calloc(1, sizeof *game);
	struct actor_deadlock_options options = { .size = sizeof options,
						  .report = on_report,
						  .user = game };
	const char *wrong;

	if (!game)
		abort();
	game->executor = executor;
	game->context = actor_thread_context();
	game->scarce = *(bool *)user;
	actor_ignore(actor_executor_set_deadlocks(executor, &options));
	if (game->scarce)
		actor_simulation_fail_some(executor, 20 + choose(game, 100));
	if (make_all(game)) {
		for (unsigned n = 1 + choose(game, 4); n > 0; n--)
			send_first(game);
		watch(game);
	}
	give_all_back(game);
	wrong = game->wrong;
	free(game);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	return wrong ? -12345 : 0;
}

static void try_orders(enum actor_simulation_strategy strategy, bool scarce, unsigned n_seeds)
{
	struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = 1,
		.strategy = strategy,
		.length = 200,
		.most_steps = 100000,
	};

	assert_int_equal(actor_simulation_check(&options, test_times(n_seeds), play, &scarce), 0);
}

static void whoever_is_stuck_is_told_and_nobody_else(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_RANDOM, false, 30000);
	assert_in_range(n_reported_in_all, 100, 10000000);
	assert_in_range(n_of_one, 10, 10000000);
	assert_in_range(n_of_two, 10, 10000000);
	assert_in_range(n_of_more, 1, 10000000);
	assert_in_range(n_with_room, 5, 10000000);
	assert_in_range(n_with_permits, 5, 10000000);
	assert_in_range(n_passed_on, 100, 10000000);
	assert_in_range(n_passed_back, 10, 10000000);
}

static void also_when_some_fall_behind(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_PRIORITIES, false, 10000);
}

static void also_in_order(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_FIFO, false, 10000);
}

static void also_with_little_memory(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_RANDOM, true, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(whoever_is_stuck_is_told_and_nobody_else,
					  test_nothing_held),
		cmocka_unit_test_teardown(also_when_some_fall_behind, test_nothing_held),
		cmocka_unit_test_teardown(also_in_order, test_nothing_held),
		cmocka_unit_test_teardown(also_with_little_memory, test_nothing_held),
	};

	return cmocka_run_group_tests_name("deadlock", tests, NULL, NULL);
}
