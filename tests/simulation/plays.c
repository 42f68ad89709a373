/* SPDX-License-Identifier: MIT */

/*
 * The plays. Each pins what holds whatever the order: messages of one sender arrive in theirs, who
 * waits for room gets it in the order of arrival, what was accepted is handled or dropped, every
 * call ends, an end is told once. That nothing leaks and nobody waits for ever is seen to by
 * whoever runs them: see world.h.
 */

#include "plays.h"

#include <stddef.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

static int do_nothing(struct doer *self, struct actor_context *context, void *user)
{
	(void)self, (void)context, (void)user;
	return 0;
}

/* ---- several senders and a small mailbox; the thread in line among them, several times */

enum { MOST_PRODUCERS = 4, MOST_ITEMS = 6, N_PLACES = 3 };

struct item {
	struct line *line;
	unsigned producer;
	unsigned number;
};

struct place {
	struct actor_waiter waiter;
	struct line *line;
	unsigned index;
	bool is_woken;
};

struct line {
	struct world *world;
	struct cast consumer;
	struct item items[MOST_PRODUCERS][MOST_ITEMS];
	unsigned last[MOST_PRODUCERS];
	unsigned n_accepted;
	unsigned n_handled;
	struct place places[N_PLACES];
	unsigned next_place; /* nobody before it may be woken any more */
};

static int take_item(struct doer *self, struct actor_context *context, void *user)
{
	struct item *item = user;
	struct line *line = item->line;

	line->n_handled++;
	world_must(line->world, item->number > line->last[item->producer],
		   "messages of one sender are out of order");
	line->last[item->producer] = item->number;
	return world_pause(self->world, context, 3);
}

static int produce(struct doer *self, struct actor_context *context, void *user)
{
	struct item *items = user;
	struct line *line = items[0].line;

	for (unsigned i = 0; i < MOST_ITEMS; i++)
		line->n_accepted += world_send(self->world, context, line->consumer.address,
					       take_item, &items[i],
					       world_soon(self->world, context)) == 0;
	return 0;
}

static void place_woken(struct actor_waiter *waiter)
{
	struct place *place = ACTOR_CONTAINER_OF(waiter, struct place, waiter);
	struct line *line = place->line;

	world_must(line->world, place->index >= line->next_place && !place->is_woken,
		   "room was granted out of order");
	line->next_place = place->index + 1;
	place->is_woken = true;
}

static int post_from(struct place *place)
{
	struct token *token = NULL;
	struct chore chore = { do_nothing, NULL, token };

	return actor_address_post(place->line->consumer.address.address, &chore_type, &chore, NULL,
				  &place->waiter);
}

static void line_up(struct line *line)
{
	for (unsigned i = 0; i < N_PLACES; i++) {
		struct place *place = &line->places[i];

		place->line = line;
		place->index = i;
		actor_waiter_init(&place->waiter, place_woken);
		actor_ignore(post_from(place));
	}
}

/* Each place is woken if it is not given up, and then there is room. */
static void leave_line(struct line *line)
{
	struct world *world = line->world;

	for (unsigned i = 0; i < N_PLACES; i++) {
		struct place *place = &line->places[i];
		int rc;

		if (!place->waiter.line)
			continue;
		for (unsigned n = 0; !place->is_woken && n < 1000 && world_choose(world, 20); n++)
			world_stand_by(world);
		if (!place->is_woken || world_choose(world, 4) == 0) {
			actor_address_withdraw(line->consumer.address.address, &place->waiter);
			continue;
		}
		rc = post_from(place);
		world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
			   "room that was granted is not there");
		world_must(world, !place->waiter.line, "who has posted is still in line");
	}
}

static void play_line(struct world *world)
{
	struct line line = { .world = world };
	unsigned n_producers = 2 + world_choose(world, MOST_PRODUCERS - 1);

	line.consumer = cast_create(world, 1 + world_choose(world, 2));
	cast_start(&line.consumer);
	for (unsigned p = 0; p < n_producers; p++) {
		union doer_address producer = world_spawn(world,
							  actor_executor_spawner(world->executor));

		for (unsigned i = 0; i < MOST_ITEMS; i++)
			line.items[p][i] = (struct item){ &line, p, i + 1 };
		if (line.consumer.address.address)
			actor_ignore(world_send(world, world->context, producer, produce,
						line.items[p], ACTOR_FOREVER));
		actor_address_unref(producer.address);
	}
	world_stand_by(world);
	if (line.consumer.address.address) {
		line_up(&line);
		leave_line(&line);
	}
	/* The producers need the address for as long as they produce. */
	world_let_finish(world);
	cast_leave(&line.consumer);
	world_join(world);
	world_must(world, line.n_handled == line.n_accepted, "a message was lost, or came twice");
}

/* ---- calls in a chain, whose links fail, refuse, stop and are cancelled */

enum { MOST_LINKS = 5, N_CALLS = 4 };

struct chain {
	struct cast links[MOST_LINKS];
	unsigned n_links;
	struct step {
		struct chain *chain;
		unsigned index;
	} steps[MOST_LINKS];
};

static int pass_on(struct doer *self, struct actor_context *context, void *user)
{
	struct step *step = user;
	struct chain *chain = step->chain;
	unsigned next = step->index + 1;
	int rc = world_pause(self->world, context, 4);

	if (rc == 0 && next < chain->n_links)
		rc = world_call(self->world, context, chain->links[next].address, pass_on,
				&chain->steps[next], world_soon(self->world, context));
	if (world_choose(self->world, 12) == 0)
		ACTOR_FAIL(context, "as it happens");
	return rc < 0 || world_choose(self->world, 12) == 0 ? WORLD_REFUSED : 0;
}

static struct chain chain_create(struct world *world)
{
	struct chain chain = { .n_links = 2 + world_choose(world, MOST_LINKS - 1) };

	for (unsigned i = 0; i < chain.n_links; i++)
		chain.links[i] = cast_create(world, 1 + world_choose(world, 3));
	return chain;
}

static void chain_start(struct world *world, struct chain *chain)
{
	for (unsigned i = 0; i < chain->n_links; i++) {
		chain->steps[i] = (struct step){ chain, i };
		chain->links[i].n_restarts = world_choose(world, 2);
		cast_start(&chain->links[i]);
	}
}

static void play_chain(struct world *world)
{
	struct chain chain = chain_create(world);
	struct actor_future futures[N_CALLS];
	struct thanks thanks[N_CALLS];
	bool begun[N_CALLS];

	chain_start(world, &chain);
	for (unsigned i = 0; i < N_CALLS; i++) {
		unsigned first = world_choose(world, chain.n_links);

		begun[i] = world_begin(world, world->context, &futures[i],
				       chain.links[first].address, pass_on, &chain.steps[first],
				       &thanks[i]) == 0;
		if (world_choose(world, 3) == 0)
			world_stand_by(world);
		if (world_choose(world, 4) == 0)
			cast_disturb(&chain.links[world_choose(world, chain.n_links)]);
	}
	for (unsigned i = 0; i < N_CALLS; i++) {
		if (begun[i] && world_choose(world, 8))
			world_must(world,
				   actor_future_await(&futures[i], ACTOR_FOREVER) !=
					   ACTOR_E_TIMEOUT,
				   "a wait without a deadline times out");
		if (begun[i])
			world_end(world, &futures[i], &thanks[i]);
	}
	/* Who was called by others may still be at it, and needs the addresses. */
	for (unsigned i = 0; i < chain.n_links; i++)
		cast_destroy(&chain.links[i]);
	world_join(world);
	for (unsigned i = 0; i < chain.n_links; i++) {
		cast_leave(&chain.links[i]);
		world_must(world, chain.links[i].n_ends == chain.links[i].n_runs,
			   "an end was not told");
	}
}

/* ---- handlers that wait in all ways there are, and are ended meanwhile */

struct waits {
	struct world *world;
	struct cast nobody; /* a mailbox on which nothing ever runs */
	struct cast keeper; /* answers late or never */
	struct cast waiting[3];
	unsigned n_cancelled;
};

static int keep(struct doer *self, struct actor_context *context, void *user)
{
	(void)self, (void)context, (void)user;
	return WORLD_KEEP;
}

static int settle(struct doer *self, struct actor_context *context, void *user)
{
	(void)context, (void)user;
	doer_answer(self);
	return 0;
}

static int wait_for_any(struct world *world, struct actor_context *context, struct waits *waits,
			bool all)
{
	struct actor_future futures[2];
	struct thanks thanks[2];
	bool begun[2];
	int rc = 0;

	for (unsigned i = 0; i < 2; i++)
		begun[i] = world_begin(world, context, &futures[i], waits->keeper.address, keep,
				       NULL, &thanks[i]) == 0;
	if (begun[0] && begun[1])
		rc = all ? actor_future_await_all(futures, 2, world_soon(world, context))
			 : actor_future_await_any(futures, 2, world_soon(world, context));
	for (unsigned i = 0; i < 2; i++)
		if (begun[i])
			world_end(world, &futures[i], &thanks[i]);
	return rc < 0 ? rc : 0;
}

static int wait_somehow(struct doer *self, struct actor_context *context, void *user)
{
	struct waits *waits = user;
	struct world *world = self->world;
	int rc = 0;

	switch (world_choose(world, 5)) {
	case 0:
		rc = world_pause(world, context, 1000);
		break;
	case 1:
		rc = world_call(world, context, waits->keeper.address, keep, NULL,
				world_soon(world, context));
		break;
	case 2:
		for (unsigned i = 0; i < 3 && rc == 0 && waits->nobody.address.address; i++)
			rc = world_send(world, context, waits->nobody.address, do_nothing, NULL,
					world_soon(world, context));
		break;
	case 3:
		rc = wait_for_any(world, context, waits, false);
		break;
	case 4:
		rc = wait_for_any(world, context, waits, true);
		break;
	}
	if (rc == ACTOR_E_CANCELLED) { /* and so is every later one */
		world_must(world, actor_sleep_until(context, ACTOR_FOREVER) == ACTOR_E_CANCELLED,
			   "a cancelled handler waits");
		waits->n_cancelled++;
	}
	return 0;
}

static void play_waits(struct world *world)
{
	struct waits waits = { .world = world };

	waits.nobody = cast_create(world, 1);
	waits.keeper = cast_create(world, 2);
	cast_start(&waits.keeper);
	for (unsigned i = 0; i < N_ELEMENTS(waits.waiting); i++) {
		waits.waiting[i] = cast_create(world, 0);
		cast_start(&waits.waiting[i]);
		for (unsigned n = 1 + world_choose(world, 3); n > 0; n--)
			actor_ignore(world_send(world, world->context, waits.waiting[i].address,
						wait_somehow, &waits, ACTOR_AT_ONCE));
	}
	for (unsigned n = world_choose(world, 6); n > 0; n--) {
		world_stand_by(world);
		if (world_choose(world, 2))
			actor_ignore(world_send(world, world->context, waits.keeper.address, settle,
						NULL, ACTOR_AT_ONCE));
		else
			cast_disturb(&waits.waiting[world_choose(world, 3)]);
	}
	cast_destroy(&waits.nobody); /* who still waits for those two is told */
	cast_destroy(&waits.keeper);
	for (unsigned i = 0; i < N_ELEMENTS(waits.waiting); i++)
		cast_leave(&waits.waiting[i]);
	world_join(world);
	cast_leave(&waits.nobody);
	cast_leave(&waits.keeper);
	for (unsigned i = 0; i < N_ELEMENTS(waits.waiting); i++)
		world_must(world, waits.waiting[i].n_ends == waits.waiting[i].n_runs,
			   "an end was not told");
}

/* ---- an actor that fails and is started again, with messages queued */

struct restart {
	struct cast cast;
	struct letter {
		struct restart *restart;
		unsigned sender;
		unsigned number;
		bool fatal;
		bool accepted;
		bool handled;
	} letters[2][6];
	unsigned last[2];
};

static int read_letter(struct doer *self, struct actor_context *context, void *user)
{
	struct letter *letter = user;
	struct restart *restart = letter->restart;

	world_must(self->world, !letter->handled, "a message is handled twice");
	world_must(self->world, letter->number > restart->last[letter->sender],
		   "messages of one sender are out of order");
	restart->last[letter->sender] = letter->number;
	letter->handled = true;
	if (world_choose(self->world, 2))
		actor_ignore(world_pause(self->world, context, 3));
	if (letter->fatal)
		ACTOR_FAIL(context, "a bad letter");
	return 0;
}

static int write_letters(struct doer *self, struct actor_context *context, void *user)
{
	struct letter *letters = user;
	struct restart *restart = letters[0].restart;
	int rc;

	for (unsigned i = 0; i < 6; i++) {
		if (world_choose(self->world, 2)) {
			rc = world_call(self->world, context, restart->cast.address, read_letter,
					&letters[i], ACTOR_FOREVER);
			letters[i].accepted = rc == 0 || rc == ACTOR_E_STOPPED;
			world_must(self->world, rc != 0 || !letters[i].fatal,
				   "a handler that failed has answered");
		} else {
			rc = world_send(self->world, context, restart->cast.address, read_letter,
					&letters[i], ACTOR_FOREVER);
			letters[i].accepted = rc == 0;
		}
	}
	return 0;
}

static void play_restart(struct world *world)
{
	struct restart restart = { .cast = cast_create(world, 1 + world_choose(world, 3)) };

	restart.cast.n_restarts = 100;
	cast_start(&restart.cast);
	for (unsigned s = 0; s < 2; s++) {
		union doer_address writer = world_spawn(world,
							actor_executor_spawner(world->executor));

		for (unsigned i = 0; i < 6; i++)
			restart.letters[s][i] = (struct letter){ .restart = &restart,
								 .sender = s,
								 .number = i + 1,
								 .fatal = world_choose(world, 3) ==
									  0 };
		if (restart.cast.address.address)
			actor_ignore(world_send(world, world->context, writer, write_letters,
						restart.letters[s], ACTOR_FOREVER));
		actor_address_unref(writer.address);
	}
	world_let_finish(world);
	cast_leave(&restart.cast);
	world_join(world);
	for (unsigned s = 0; s < 2; s++)
		for (unsigned i = 0; i < 6; i++)
			world_must(world,
				   restart.letters[s][i].accepted == restart.letters[s][i].handled,
				   "what was accepted was not handled");
	world_must(world, restart.cast.n_ends == restart.cast.n_runs, "an end was not told");
	world_must(world, restart.cast.n_runs == 0 || restart.cast.how == ACTOR_ENDED_STOPPED,
		   "the last run has not ended by itself");
}

/* ---- the last strong address goes at some moment */

struct farewell {
	struct actor_address *weak;
	union doer_address held[3];
	unsigned n_accepted;
	unsigned n_handled;
};

static int count_it(struct doer *self, struct actor_context *context, void *user)
{
	struct farewell *farewell = user;

	(void)context;
	farewell->n_handled++;
	return world_pause(self->world, context, 2);
}

/* Send through one of them, and let go of it. */
static int say_farewell(struct doer *self, struct actor_context *context, void *user)
{
	struct farewell *farewell = user;

	for (unsigned i = 0; i < 3; i++) {
		union doer_address address = farewell->held[i];

		farewell->held[i].address = NULL;
		if (!address.address)
			continue;
		for (unsigned n = world_choose(self->world, 3); n > 0; n--)
			farewell->n_accepted += world_send(self->world, context, address, count_it,
							   farewell, ACTOR_FOREVER) == 0;
		actor_ignore(world_pause(self->world, context, 3));
		actor_address_unref(address.address);
	}
	return 0;
}

static int come_back(struct doer *self, struct actor_context *context, void *user)
{
	struct farewell *farewell = user;
	union doer_address address;
	bool any_left;
	int rc;

	for (unsigned i = 0; i < 3; i++) {
		address.address = actor_address_upgrade(farewell->weak);
		any_left = address.address != NULL;
		if (any_left)
			farewell->n_accepted += world_send(self->world, context, address, count_it,
							   farewell, ACTOR_FOREVER) == 0;
		actor_address_unref(address.address);
		address.address = farewell->weak;
		rc = world_send(self->world, context, address, count_it, farewell, ACTOR_FOREVER);
		world_must(self->world, any_left || rc == ACTOR_E_CLOSED,
			   "a weak address leads somewhere without a strong one");
		farewell->n_accepted += rc == 0;
		actor_ignore(world_pause(self->world, context, 3));
	}
	return 0;
}

static void play_farewell(struct world *world)
{
	struct actor_spawner *spawner = actor_executor_spawner(world->executor);
	struct cast cast = cast_create(world, 1 + world_choose(world, 3));
	struct farewell farewell = { .weak = NULL };
	union doer_address others[3];

	cast_start(&cast);
	if (!cast.address.address)
		return;
	farewell.weak = actor_address_weak(cast.address.address);
	for (unsigned i = 0; i < 3; i++) {
		farewell.held[i].address = actor_address_ref(cast.address.address);
		others[i] = world_spawn(world, spawner);
		actor_ignore(world_send(world, world->context, others[i],
					i == 0 ? come_back : say_farewell, &farewell,
					ACTOR_FOREVER));
		actor_address_unref(others[i].address);
	}
	if (world_choose(world, 2))
		world_stand_by(world);
	cast_leave(&cast);
	world_let_finish(world);
	for (unsigned i = 0; i < 3; i++) /* of those who had no memory to let go of them */
		actor_address_unref(farewell.held[i].address);
	world_join(world);
	actor_address_unref(farewell.weak);
	world_must(world, farewell.n_handled == farewell.n_accepted,
		   "what was accepted was not handled");
	world_must(world, cast.n_ends == 1 && cast.how == ACTOR_ENDED_STOPPED,
		   "an actor without addresses has not ended by itself");
}

/* ---- the executor is closed in the midst of it */

static int close_it(struct doer *self, struct actor_context *context, void *user)
{
	(void)user;
	actor_ignore(world_pause(self->world, context, 6));
	actor_executor_close(self->world->executor);
	return 0;
}

static void play_close(struct world *world)
{
	struct chain chain = chain_create(world);
	struct actor_future futures[N_CALLS];
	struct thanks thanks[N_CALLS];
	bool begun[N_CALLS];
	union doer_address closer = world_spawn(world, actor_executor_spawner(world->executor));

	chain_start(world, &chain);
	actor_ignore(world_send(world, world->context, closer, close_it, NULL, ACTOR_FOREVER));
	actor_address_unref(closer.address);
	for (unsigned i = 0; i < N_CALLS; i++)
		begun[i] = world_begin(world, world->context, &futures[i], chain.links[0].address,
				       pass_on, &chain.steps[0], &thanks[i]) == 0;
	world_stand_by(world);
	if (!closer.address) /* there was no memory for it */
		actor_executor_close(world->executor);
	for (unsigned i = 0; i < N_CALLS; i++)
		if (begun[i]) {
			actor_ignore(actor_future_await(&futures[i], ACTOR_FOREVER));
			world_end(world, &futures[i], &thanks[i]);
		}
	for (unsigned i = 0; i < chain.n_links; i++)
		cast_destroy(&chain.links[i]);
	world_join(world);
	for (unsigned i = 0; i < chain.n_links; i++)
		cast_leave(&chain.links[i]);
}

/* ---- actors that spawn actors */

struct family {
	unsigned depth;
	unsigned n_children;
	unsigned n_members;
};

static int have_children(struct doer *self, struct actor_context *context, void *user)
{
	struct family *family = user, child = *family;
	union doer_address address;

	family->n_members = 1;
	for (unsigned i = 0; i < family->n_children && family->depth > 0; i++) {
		child.depth = family->depth - 1;
		child.n_members = 0;
		address = world_spawn(self->world, actor_spawner(context));
		if (!address.address)
			continue;
		if (world_call(self->world, context, address, have_children, &child,
			       ACTOR_FOREVER) == 0)
			family->n_members += child.n_members;
		actor_address_unref(address.address);
	}
	return 0;
}

static void play_family(struct world *world)
{
	struct family family = { .depth = 3, .n_children = 2 };
	union doer_address first = world_spawn(world, actor_executor_spawner(world->executor));
	int rc = world_call(world, world->context, first, have_children, &family, ACTOR_FOREVER);

	actor_address_unref(first.address);
	if (!world->scarce)
		world_must(world, rc == 0 && family.n_members == 15, "somebody is missing");
}

/* ---- answers that come later, from somebody else's message */

static int ask_and_settle(struct doer *self, struct actor_context *context, void *user)
{
	struct cast *keeper = user;
	struct actor_future futures[3];
	struct thanks thanks[3];
	bool begun[3];

	for (unsigned i = 0; i < 3; i++)
		begun[i] = world_begin(self->world, context, &futures[i], keeper->address, keep,
				       NULL, &thanks[i]) == 0;
	for (unsigned i = 0; i < 3; i++)
		actor_ignore(world_send(self->world, context, keeper->address, settle, NULL,
					ACTOR_FOREVER));
	for (unsigned i = 0; i < 3; i++)
		if (begun[i]) {
			if (world_choose(self->world, 3))
				actor_ignore(
					actor_future_await(&futures[i], actor_now(context) + 1000));
			world_end(self->world, &futures[i], &thanks[i]);
		}
	return 0;
}

static void play_later(struct world *world)
{
	struct cast keeper = cast_create(world, 1 + world_choose(world, 4));
	struct actor_ask asks[2];
	union doer_address asker;

	cast_start(&keeper);
	for (unsigned i = 0; i < 2 && keeper.address.address; i++) {
		asker = world_spawn(world, actor_executor_spawner(world->executor));
		actor_ignore(world_send(world, world->context, asker, ask_and_settle, &keeper,
					ACTOR_FOREVER));
		actor_address_unref(asker.address);
	}
	for (unsigned i = 0; i < N_ELEMENTS(asks); i++)
		actor_ignore(world_ask(world, &asks[i], keeper.address, keep, NULL));
	if (world_choose(world, 4) == 0) {
		world_stand_by(world);
		cast_disturb(&keeper);
	}
	world_let_finish(world);
	cast_leave(&keeper);
	world_join(world);
}

/* ---- ends that are waited for, by owners that are actors themselves */

static int pause_or_fail(struct doer *self, struct actor_context *context, void *user)
{
	bool *fails = user;
	int rc = world_pause(self->world, context, 4);

	if (*fails && rc == 0)
		ACTOR_FAIL(context, "as it happens");
	return rc;
}

/* Until it has ended, with force if that takes too long. */
static int join_somehow(struct world *world, struct actor_context *context,
			struct doer_mailbox mailbox, struct actor_end *ret_end)
{
	int64_t deadline_ns = world_soon(world, context);
	int rc;

	while ((rc = actor_mailbox_join(context, mailbox.mailbox, deadline_ns, ret_end)) < 0) {
		world_must(world,
			   rc == ACTOR_E_TIMEOUT ? deadline_ns != ACTOR_FOREVER
						 : rc == ACTOR_E_NOMEM && world->scarce,
			   "a join has ended in a way in which it cannot");
		if (world->wrong)
			break;
		actor_mailbox_cancel(mailbox.mailbox);
		deadline_ns = ACTOR_FOREVER;
	}
	return rc;
}

static int own_a_child(struct doer *self, struct actor_context *context, void *user)
{
	struct world *world = self->world;
	struct doer_mailbox mailbox;
	union doer_address child;
	struct actor_end end;
	bool fails = world_choose(world, 3) == 0;

	(void)user;
	if (!world_spawn_owned(world, actor_spawner(context), &child, &mailbox))
		return 0;
	for (unsigned n = world_choose(world, 3); n > 0; n--)
		actor_ignore(world_send(world, context, child, pause_or_fail, &fails,
					world_soon(world, context)));
	if (world_choose(world, 2))
		actor_address_stop(child.address,
				   world_choose(world, 2) ? ACTOR_STOP_NOW : ACTOR_STOP_DRAIN);
	actor_address_unref(child.address);
	if (join_somehow(world, context, mailbox, &end) == 0) {
		world_must(world, !end.state == (end.how != ACTOR_ENDED_STOPPED),
			   "a state is where it should not be");
		world_must(world, fails || end.how != ACTOR_ENDED_FAILED,
			   "an actor fails that was not to");
		actor_end_drop(&end);
	}
	actor_mailbox_destroy(mailbox.mailbox);
	return 0;
}

static void play_owners(struct world *world)
{
	union doer_address owner;

	for (unsigned i = 0; i < 3; i++) {
		owner = world_spawn(world, actor_executor_spawner(world->executor));
		actor_ignore(
			world_send(world, world->context, owner, own_a_child, NULL, ACTOR_FOREVER));
		actor_address_unref(owner.address);
	}
	world_join(world);
}

const struct play plays[] = {
	{ "senders in line for a small mailbox", play_line },
	{ "calls in a chain that is disturbed", play_chain },
	{ "waits of all kinds that are ended", play_waits },
	{ "restarts with messages queued", play_restart },
	{ "the last address goes", play_farewell },
	{ "the executor is closed", play_close },
	{ "actors that spawn actors", play_family },
	{ "answers that come later", play_later },
	{ "channels that are disabled, an actor that is paused", play_channels },
	{ "workers that share a channel", play_workers },
	{ "owners that wait for ends", play_owners },
	{ "timers that are reset and cancelled", play_timers },
	{ "permits that are waited for", play_permits },
	{ "subtasks and their results", play_subtasks },
	{ "results that are sent", play_results },
	{ "observers that come, go and end", play_observers },
	{ "a tree of supervisors", play_supervision },
	{ "a runtime is stopped, and who supervises is told", play_runtime },
	{ NULL, NULL },
};
