/* SPDX-License-Identifier: MIT */

/*
 * Citizens: actors that do to each other all that actors can do, at random, and check what is done
 * to them.
 *
 * What a handler holds while it may fail is on its scope list. What it sends is dropped afterwards
 * whatever became of it: what was accepted has been zeroed.
 */

#include "citizen.h"

#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FUTURES = 3, MOST_LATER = 4, N_HEARD = 32 };

/* A deferred answer. */
struct later {
	struct question_reply reply;
	uint64_t value;
};

/* The latest message of a sender. */
struct heard {
	uint64_t sender;
	uint64_t number;
};

struct citizen {
	struct agent agent;
	bool busy;
	unsigned n_later;
	struct later later[MOST_LATER];
	struct heard heard[N_HEARD];
};

static void cargo_drop(void *message)
{
	struct cargo *cargo = message;

	ticket_release(cargo->ticket);
}

static void answer_drop(void *value)
{
	struct answer *answer = value;

	ticket_release(answer->ticket);
}

ACTOR_SIGNAL_DEFINE(work, "stress.work", cargo_drop);
ACTOR_MESSAGE_DEFINE(question, "stress.question", cargo_drop, answer_drop);

/* ---- agents ---- */

void agent_init(struct agent *agent, struct world *world, unsigned rank)
{
	static _Atomic uint64_t last_number;

	memset(agent, 0, sizeof *agent);
	agent->world = world;
	agent->number = atomic_fetch_add_explicit(&last_number, 1, memory_order_relaxed) + 1;
	agent->rank = rank;
	agent->random = agent->number * UINT64_C(0x9e3779b97f4a7c15);
}

static unsigned below(struct agent *agent, unsigned n)
{
	return random_below(&agent->random, n);
}

static struct cargo cargo_make(struct agent *agent, unsigned depth)
{
	return (struct cargo){ .ticket = ticket_create(),
			       .sender = agent->number,
			       .number = ++agent->n_sent,
			       .depth = depth,
			       .seed = random_next(&agent->random) };
}

/* After an operation that may have sent it. */
static void cargo_settle(struct cargo *cargo, bool accepted)
{
	account_add(ACCOUNT_ACCEPTED, accepted);
	account_add(ACCOUNT_NOT_MOVED, accepted != !cargo->ticket);
	ticket_release(cargo->ticket);
}

static void note(int status)
{
	switch (status) {
	case ACTOR_E_STOPPED:
		account_add(ACCOUNT_STOPPED, 1);
		break;
	case ACTOR_E_TIMEOUT:
		account_add(ACCOUNT_TIMED_OUT, 1);
		break;
	case ACTOR_E_CANCELLED:
		account_add(ACCOUNT_CANCELLED, 1);
		break;
	case ACTOR_E_FULL:
		account_add(ACCOUNT_FULL, 1);
		break;
	case ACTOR_OK:
	case ACTOR_E_CLOSED:
	case ACTOR_E_ABANDONED:
		break;
	default:
		account_add(ACCOUNT_ODD, 1);
		break;
	}
}

static uint64_t right_answer(uint64_t seed)
{
	return seed * 31 + 7;
}

static void check_answer(struct answer *answer, uint64_t seed)
{
	account_add(ACCOUNT_WRONG, answer->value != right_answer(seed));
	ticket_release(answer->ticket);
}

/* Somebody whose address is held, also if the handler fails. */
struct guest {
	struct actor_cleanup cleanup;
	struct actor_address *address;
	unsigned rank;
};

static void guest_go(void *user)
{
	struct guest *guest = user;

	actor_address_unref(guest->address);
}

static bool guest_come(struct agent *agent, struct guest *guest)
{
	guest->address = world_find(agent->world, &agent->random, &guest->rank);
	if (guest->address)
		actor_defer(agent->context, &guest->cleanup, guest_go, guest);
	return guest->address;
}

static void guest_leave(struct agent *agent, struct guest *guest)
{
	actor_undefer(agent->context, &guest->cleanup);
	guest_go(guest);
}

/* When to give up waiting for somebody. */
static int64_t patience(struct agent *agent, unsigned rank)
{
	if (rank > agent->rank && below(agent, 6) == 0)
		return ACTOR_FOREVER;
	switch (below(agent, 4)) {
	case 0:
		return ACTOR_AT_ONCE;
	case 1:
		return actor_now(agent->context) + below(agent, 50) * 1000;
	case 2:
		return actor_now(agent->context) + below(agent, 200) * 1000;
	default:
		return actor_now(agent->context) + below(agent, 1000) * 1000;
	}
}

/* ---- what an agent can do ---- */

static void send_work(struct agent *agent, struct guest *guest, unsigned depth)
{
	union citizen_address to = { guest->address };
	struct work work = { cargo_make(agent, depth) };
	int rc;

	switch (below(agent, 4)) {
	case 0:
		rc = ACTOR_TRY_SEND(to, work, &work);
		break;
	case 1:
		rc = ACTOR_RETRY_SEND(agent->context, to, work, 3, 10000, &work);
		break;
	default:
		rc = ACTOR_SEND_UNTIL(agent->context, to, work, patience(agent, guest->rank),
				      &work);
		break;
	}
	cargo_settle(&work.cargo, rc == 0);
	note(rc);
}

static void count_call(struct agent *agent)
{
	account_add(actor_self(agent->context) ? ACCOUNT_CALLS : ACCOUNT_THREAD_CALLS, 1);
	account_add(ACCOUNT_NESTED, agent->asked);
}

static void ask_until(struct agent *agent, struct guest *guest, unsigned depth, int64_t deadline_ns)
{
	union citizen_address to = { guest->address };
	struct question question = { cargo_make(agent, depth) };
	uint64_t seed = question.cargo.seed;
	struct answer answer;
	int rc;

	count_call(agent);
	rc = ACTOR_CALL_UNTIL(agent->context, to, question, &answer, deadline_ns, &question);
	/* Whether it was accepted only the message itself tells. */
	cargo_settle(&question.cargo, !question.cargo.ticket);
	note(rc);
	if (rc == 0)
		check_answer(&answer, seed);
}

static void maybe_fail(struct agent *agent, unsigned one_in)
{
	if (actor_self(agent->context) && below(agent, one_in) == 0) {
		account_add(ACCOUNT_FAILED, 1);
		ACTOR_FAIL(agent->context, "at random");
	}
}

/* Calls that are in flight at the same time. */
struct flights {
	unsigned n;
	struct guest guests[MOST_FUTURES];
	struct actor_future futures[MOST_FUTURES];
	struct answer answers[MOST_FUTURES];
	uint64_t seeds[MOST_FUTURES];
};

/* They wait for room as long as it takes: only to those who may be waited for so. */
static bool flight_book(struct agent *agent, struct guest *guest)
{
	if (!guest_come(agent, guest))
		return false;
	if (guest->rank > agent->rank && below(agent, 3) == 0)
		return true;
	guest_leave(agent, guest);
	return false;
}

static void flight_begin(struct agent *agent, struct flights *flights, unsigned depth)
{
	unsigned i = flights->n++;
	union citizen_address to = { flights->guests[i].address };
	struct question question = { cargo_make(agent, depth) };
	int rc;

	flights->seeds[i] = question.cargo.seed;
	count_call(agent);
	rc = ACTOR_CALL_BEGIN(agent->context, &flights->futures[i], to, question,
			      &flights->answers[i], &question);
	cargo_settle(&question.cargo, rc == 0);
}

static void flight_end(struct agent *agent, struct flights *flights, unsigned i)
{
	struct actor_future *future = &flights->futures[i];

	actor_future_cancel(future);
	note(future->status);
	if (future->status == 0)
		check_answer(&flights->answers[i], flights->seeds[i]);
	guest_leave(agent, &flights->guests[i]);
}

static unsigned count_pending(const struct flights *flights)
{
	unsigned n = 0;

	for (unsigned i = 0; i < flights->n; i++)
		n += flights->futures[i].status == ACTOR_PENDING;
	return n;
}

/* For one, for all, for each in turn, or not at all. */
static void flights_wait(struct agent *agent, struct flights *flights)
{
	unsigned n_pending = count_pending(flights);
	int64_t deadline_ns = patience(agent, flights->guests[0].rank);
	int rc;

	switch (below(agent, 4)) {
	case 0:
		break;
	case 1:
		rc = actor_future_await_any(flights->futures, flights->n, deadline_ns);
		if (rc >= 0)
			account_add(ACCOUNT_ODD, flights->futures[rc].status == ACTOR_PENDING);
		else if (n_pending > 0 || rc != ACTOR_E_INVALID)
			note(rc);
		break;
	case 2:
		note(actor_future_await_all(flights->futures, flights->n, deadline_ns));
		break;
	default:
		for (unsigned i = 0; i < flights->n; i++)
			note(actor_future_await(&flights->futures[i],
						patience(agent, flights->guests[i].rank)));
		break;
	}
}

/* A failure with calls in flight abandons them: their answers are dropped. */
static void call_several(struct agent *agent, unsigned depth)
{
	struct flights flights = { .n = 0 };

	for (unsigned i = 0; i < MOST_FUTURES; i++)
		if (flight_book(agent, &flights.guests[flights.n]))
			flight_begin(agent, &flights, depth);
	maybe_fail(agent, 100);
	if (flights.n > 0)
		flights_wait(agent, &flights);
	for (unsigned i = 0; i < flights.n; i++)
		flight_end(agent, &flights, i);
}

struct inquiry {
	struct actor_ask ask;
	uint64_t seed;
};

static void inquiry_answered(struct actor_ask *ask, int status, void *value)
{
	struct inquiry *inquiry = ask->user;

	account_add(ACCOUNT_ANSWERED, 1);
	note(status);
	if (status == 0)
		check_answer(value, inquiry->seed);
	free(inquiry);
}

static void ask_by_callback(struct agent *agent, struct guest *guest, unsigned depth)
{
	union citizen_address to = { guest->address };
	struct question question = { cargo_make(agent, depth) };
	struct inquiry *inquiry = malloc(sizeof *inquiry);
	int rc;

	if (!inquiry)
		abort();
	inquiry->seed = question.cargo.seed;
	rc = ACTOR_ASK(guest->rank > agent->rank && below(agent, 4) == 0 ? agent->context : NULL,
		       &inquiry->ask, to, question, inquiry_answered, inquiry, &question);
	/* From here on it may be gone. */
	cargo_settle(&question.cargo, rc == 0);
	account_add(ACCOUNT_ASKED, rc == 0);
	note(rc);
	if (rc < 0)
		free(inquiry);
}

void agent_announce(struct agent *agent, struct actor_address *address, unsigned n)
{
	struct guest guest = { .address = address, .rank = 0 };
	union citizen_address to = { address };

	while (n-- > 0) {
		struct work work = { cargo_make(agent, below(agent, 4)) };
		int rc = ACTOR_TRY_SEND(to, work, &work);

		cargo_settle(&work.cargo, rc == 0);
		note(rc);
		if (below(agent, 4) == 0)
			ask_by_callback(agent, &guest, 1);
	}
}

static void juggle_addresses(struct guest *guest)
{
	struct actor_address *weak = actor_address_weak(guest->address);
	struct actor_address *strong = actor_address_upgrade(weak);

	account_add(ACCOUNT_ODD, !actor_address_same(weak, guest->address));
	actor_address_unref(weak);
	if (strong)
		actor_address_unref(actor_address_ref(strong));
	actor_address_unref(strong);
}

/* On the agent's own executor, or anywhere; NULL if that is not to be. */
static struct actor_address *spawn(struct agent *agent)
{
	struct citizen *child = citizen_create(agent->world, WORLD_PLACES);
	struct actor_mailbox_options options = world_options(&agent->random);
	struct actor_spawner *spawner = actor_spawner(agent->context);
	bool borrowed = !spawner || below(agent, 2);
	union citizen_address to = { NULL };
	int rc = ACTOR_E_CLOSED;

	if (borrowed)
		spawner = world_borrow_spawner(agent->world, &agent->random);
	if (spawner)
		rc = ACTOR_SPAWN(citizen, spawner, child, &options, &to);
	if (borrowed && spawner)
		world_return_spawner(agent->world);
	if (rc < 0)
		citizen_destroy(child);
	account_add(ACCOUNT_SPAWNED, rc == 0);
	note(rc);
	return to.address;
}

/* One that nobody owns, and that lives as long as it has something to do. */
static void beget(struct agent *agent, unsigned depth)
{
	struct guest child = { .address = spawn(agent), .rank = 0 };

	if (!child.address)
		return;
	actor_defer(agent->context, &child.cleanup, guest_go, &child);
	send_work(agent, &child, depth);
	guest_leave(agent, &child);
}

static void stop_somebody(struct agent *agent, struct guest *guest)
{
	enum actor_stop how = below(agent, 2) ? ACTOR_STOP_DRAIN : ACTOR_STOP_NOW;

	if (actor_self(agent->context) && below(agent, 4) == 0)
		note(actor_stop(agent->context, how));
	else
		actor_address_stop(guest->address, how);
}

static void act_on(struct agent *agent, struct guest *guest, unsigned depth)
{
	switch (below(agent, 100)) {
	case 0:
		stop_somebody(agent, guest);
		break;
	case 1:
	case 2:
		juggle_addresses(guest);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		ask_by_callback(agent, guest, depth);
		break;
	case 7:
		maybe_fail(agent, 3);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
	case 16:
	case 17:
	case 18:
		ask_until(agent, guest, depth, patience(agent, guest->rank));
		break;
	default:
		send_work(agent, guest, depth);
		break;
	}
}

void agent_call(struct agent *agent, unsigned depth)
{
	struct guest guest;

	if (!guest_come(agent, &guest))
		return;
	ask_until(agent, &guest, depth,
		  guest.rank > agent->rank ? ACTOR_FOREVER : patience(agent, guest.rank));
	guest_leave(agent, &guest);
}

void agent_shower(struct agent *agent)
{
	struct guest guest;

	if (!guest_come(agent, &guest))
		return;
	agent_announce(agent, guest.address, below(agent, 60));
	guest_leave(agent, &guest);
}

void agent_act(struct agent *agent, unsigned depth)
{
	struct guest guest;

	switch (below(agent, 24)) {
	case 0:
		note(actor_sleep_until(agent->context,
				       actor_now(agent->context) + below(agent, 100) * 1000));
		break;
	case 1:
		beget(agent, depth);
		break;
	case 2:
	case 3:
		call_several(agent, depth);
		break;
	default:
		if (guest_come(agent, &guest)) {
			act_on(agent, &guest, depth);
			guest_leave(agent, &guest);
		}
		break;
	}
}

/* ---- actors ---- */

struct citizen *citizen_create(struct world *world, unsigned rank)
{
	struct citizen *citizen = calloc(1, sizeof *citizen);

	if (!citizen)
		abort();
	agent_init(&citizen->agent, world, rank);
	account_add(ACCOUNT_STATES, 1);
	return citizen;
}

static struct answer answer_to(uint64_t seed)
{
	return (struct answer){ ticket_create(), right_answer(seed) };
}

void citizen_destroy(struct citizen *citizen)
{
	while (citizen->n_later > 0)
		question_reply_refuse(&citizen->later[--citizen->n_later].reply, ACTOR_E_STOPPED);
	account_add(ACCOUNT_STATES, -1);
	free(citizen);
}

/* The state is this handler's until it ends. */
static void begin(struct citizen *self, struct actor_context *context)
{
	account_add(ACCOUNT_OVERLAPPED, self->busy);
	self->busy = true;
	self->agent.context = context;
}

static void end(struct citizen *self)
{
	self->busy = false;
}

static void check_order(struct citizen *self, const struct cargo *cargo)
{
	struct heard *heard = &self->heard[cargo->sender % N_HEARD];

	account_add(ACCOUNT_HANDLED, 1);
	account_add(ACCOUNT_OUT_OF_ORDER,
		    heard->sender == cargo->sender && heard->number >= cargo->number);
	heard->sender = cargo->sender;
	heard->number = cargo->number;
}

static void answer_one(struct citizen *self)
{
	struct later later;

	if (self->n_later == 0)
		return;
	later = self->later[--self->n_later];
	note(question_reply_answer(&later.reply, (struct answer){ ticket_create(), later.value }));
}

/* What came in may lead to more, less and less. */
static void follow_up(struct citizen *self, unsigned depth)
{
	for (unsigned n = depth > 0 ? below(&self->agent, 4) : 0; n > 0; n--)
		agent_act(&self->agent, depth - 1);
}

static void citizen_on_work(struct citizen *self, struct work *message,
			    struct actor_context *context)
{
	struct ticket *kept = NULL;

	begin(self, context);
	check_order(self, &message->cargo);
	answer_one(self);
	if (below(&self->agent, 4) == 0) { /* a member may be moved out */
		kept = message->cargo.ticket;
		message->cargo.ticket = NULL;
	}
	ticket_release(kept);
	follow_up(self, message->cargo.depth);
	end(self);
}

/* A message to itself will have it answered; without room for that it is answered at once. */
static bool can_answer_later(struct citizen *self)
{
	union citizen_address me = { actor_self(self->agent.context) };
	struct work reminder = { cargo_make(&self->agent, 0) };
	int rc;

	rc = self->n_later < MOST_LATER ? ACTOR_TRY_SEND(me, work, &reminder) : ACTOR_E_FULL;
	cargo_settle(&reminder.cargo, rc == 0);
	return rc == 0;
}

static void citizen_on_question(struct citizen *self, struct question *message,
				struct question_pending pending, struct actor_context *context)
{
	struct question_reply reply;
	uint64_t seed = message->cargo.seed;

	begin(self, context);
	check_order(self, &message->cargo);
	self->agent.asked = true;
	follow_up(self, message->cargo.depth);
	self->agent.asked = false;
	switch (below(&self->agent, 8)) {
	case 0: /* left in the slot: refused */
		break;
	case 1:
	case 2:
		if (can_answer_later(self)) {
			struct later *later = &self->later[self->n_later++];

			later->reply = question_reply_take(pending);
			later->value = right_answer(seed);
			break;
		}
		/* fall through */
	default:
		reply = question_reply_take(pending);
		note(question_reply_answer(&reply, answer_to(seed)));
		break;
	}
	end(self);
}

static void citizen_started(struct citizen *self, struct actor_context *context)
{
	begin(self, context);
	if (below(&self->agent, 20) == 0)
		agent_act(&self->agent, 1);
	maybe_fail(&self->agent, 50);
	end(self);
}

static void citizen_stopped(struct citizen *self, struct actor_context *context)
{
	begin(self, context);
	account_add(ACCOUNT_ENDED, 1);
	if (below(&self->agent, 10) == 0)
		agent_act(&self->agent, 0);
	maybe_fail(&self->agent, 50);
	end(self);
}

ACTOR_DEFINE(citizen, CITIZEN_MESSAGES, citizen_started, citizen_stopped, citizen_destroy);
