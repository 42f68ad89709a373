/* SPDX-License-Identifier: MIT */

/*
 * A side is an actor, so that the test's thread can have things done on the executor's, and wait
 * for what happens there. Events touch its state outside its handlers, which never wait.
 *
 * Which byte is written where is a function of the place, so that what comes can be compared with
 * nothing but itself.
 */

#include "side.h"

#include "support/wait.h"

#include <actor-impl/executor.h>
#include <actor-impl/thread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETTLE_NS = 20000000, PATIENCE_S = 60 };

ACTOR_EXEC_DEFINE(side, "test.side-exec");
ACTOR_DEFINE(side, SIDE_MESSAGES, NULL, NULL, NULL);

static uint64_t seed = 1;

void side_seed(uint64_t new_seed)
{
	seed = new_seed;
}

static uint8_t byte_at(unsigned number, uint64_t place)
{
	return (uint8_t)((place * 2654435761u >> 11) + (place >> 8) + 77 * number);
}

/* Marsaglia's xorshift64. */
static uint64_t draw(struct side *side, uint64_t n)
{
	side->random ^= side->random << 13;
	side->random ^= side->random >> 7;
	side->random ^= side->random << 17;
	return side->random % n;
}

bool side_chance(struct side *side, unsigned one_in)
{
	return draw(side, one_in) == 0;
}

static void look_whether_over(struct side *side)
{
	if (!side->waiting || !side->until(side, side->goal))
		return;
	wait_end(side->waiting);
	side->waiting = NULL;
}

/* ---- events */

static void begin_event(struct side *side, bool allowed)
{
	if (!allowed || side->in_operation || !side->transport || side->seen.n_lost > 0 ||
	    !pthread_equal(pthread_self(), side->thread))
		side->seen.n_misplaced++;
}

static void end_event(struct side *side, side_fn *reaction)
{
	if (reaction)
		reaction(side);
	look_whether_over(side);
}

static void on_read(void *user, const uint8_t *bytes, size_t n)
{
	struct side *side = user;

	begin_event(side, n > 0 && !side->paused && side->seen.n_finished == 0);
	for (size_t i = 0; i < n; i++)
		side->seen.n_wrong += bytes[i] != byte_at(!side->number, side->seen.n_read + i);
	side->seen.n_read += n;
	side->seen.n_reads++;
	if (side->pauses && side_chance(side, 3))
		side_pause(side);
	end_event(side, side->on_read);
}

static void on_written(void *user)
{
	struct side *side = user;

	begin_event(side, side->pending);
	side->pending = false;
	side->seen.n_written++;
	side_write(side);
	end_event(side, side->on_written);
}

static void on_ended(void *user, int status, int system_errno)
{
	struct side *side = user;

	begin_event(side,
		    status == ACTOR_E_SYSTEM || (status == 0 && system_errno == 0 &&
						 !side->paused && side->seen.n_finished == 0));
	if (status == 0) {
		side->seen.n_finished++;
		end_event(side, side->on_finished);
		return;
	}
	side->seen.n_lost++;
	side->seen.lost_errno = system_errno;
	side->pending = false;
	end_event(side, side->on_lost);
}

static const struct actor_transport_events events = {
	.size = sizeof events,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
};

/* ---- what may be done */

void side_start(struct side *side)
{
	int rc;

	side->thread = pthread_self();
	side->in_operation = true;
	rc = actor_transport_start(side->transport, &events, side);
	side->in_operation = false;
	if (rc < 0) {
		fprintf(stderr, "start: %s\n", actor_strerror(rc));
		abort();
	}
}

static size_t next_bytes(struct side *side)
{
	size_t n = 1 +
		   draw(side, side_chance(side, 4) ? side->most_bytes : 1 + side->most_bytes / 64);

	if (n > side->n_to_write)
		n = side->n_to_write;
	for (size_t i = 0; i < n; i++)
		side->bytes[i] = byte_at(side->number, side->seen.n_accepted + i);
	return n;
}

static void write_some(struct side *side)
{
	size_t n = next_bytes(side);
	int rc;

	side->in_operation = true;
	rc = actor_transport_write(side->transport, side->bytes, n);
	side->in_operation = false;
	if (rc < 0) {
		side->seen.write_failed = true;
		side->n_to_write = 0;
		side->seen.n_misplaced += rc != ACTOR_E_SYSTEM;
		return;
	}
	side->seen.n_accepted += n;
	side->n_to_write -= n;
	side->pending = rc == ACTOR_PENDING;
}

void side_write(struct side *side)
{
	while (side->transport && side->n_to_write > 0 && !side->pending && !side->shut)
		write_some(side);
	if (side->n_to_write == 0 && side->to_shut && !side->shut)
		side_shutdown(side);
	look_whether_over(side);
}

void side_shutdown(struct side *side)
{
	if (!side->transport || side->shut)
		return;
	side->shut = true;
	side->in_operation = true;
	actor_transport_shutdown(side->transport);
	side->in_operation = false;
}

static void set_reading(struct side *side, bool on)
{
	if (!side->transport)
		return;
	side->paused = !on;
	side->in_operation = true;
	actor_transport_read(side->transport, on);
	side->in_operation = false;
}

void side_pause(struct side *side)
{
	set_reading(side, false);
}

void side_resume(struct side *side)
{
	set_reading(side, true);
}

void side_destroy(struct side *side)
{
	struct actor_transport *transport = side->transport;

	if (!transport)
		return;
	side->in_operation = true;
	actor_transport_destroy(transport);
	side->in_operation = false;
	side->transport = NULL;
	side->pending = false;
	memset(side->bytes, 0, sizeof side->bytes); /* they need not stay */
}

/* ---- what may be waited for */

bool side_has_read(const struct side *side, uint64_t n_bytes)
{
	return side->seen.n_read >= n_bytes;
}

bool side_has_accepted(const struct side *side, uint64_t n_bytes)
{
	return side->seen.n_accepted >= n_bytes;
}

bool side_is_done_writing(const struct side *side, uint64_t unused)
{
	(void)unused;
	return side->n_to_write == 0 && !side->pending;
}

bool side_is_pending(const struct side *side, uint64_t unused)
{
	(void)unused;
	return side->pending;
}

bool side_is_paused(const struct side *side, uint64_t unused)
{
	(void)unused;
	return side->paused;
}

bool side_has_finished(const struct side *side, uint64_t unused)
{
	(void)unused;
	return side->seen.n_finished > 0;
}

bool side_has_lost(const struct side *side, uint64_t unused)
{
	(void)unused;
	return side->seen.n_lost > 0;
}

bool side_has_ended(const struct side *side, uint64_t unused)
{
	return side_has_finished(side, unused) || side_has_lost(side, unused);
}

bool side_is_destroyed(const struct side *side, uint64_t unused)
{
	(void)unused;
	return !side->transport;
}

/* ---- by the test's thread */

static int64_t deadline(void)
{
	return actor_deadline_after(actor_thread_context(), (int64_t)PATIENCE_S * 1000000000);
}

struct order {
	side_fn *function;
};

static int obey(struct side *self, void *user, struct actor_context *context)
{
	struct order *order = user;

	(void)context;
	order->function(self);
	look_whether_over(self);
	return 0;
}

static void call(struct side *side, side_exec_fn *function, void *user)
{
	int rc = ACTOR_EXEC_CALL_UNTIL(actor_thread_context(), side->address, side, NULL,
				       deadline(), function, user, NULL);

	if (rc == 0)
		return;
	fprintf(stderr, "side: %s\n", actor_strerror(rc));
	abort();
}

void side_do(struct side *side, side_fn *function)
{
	struct order order = { function };

	call(side, obey, &order);
}

static int copy_seen(struct side *self, void *user, struct actor_context *context)
{
	(void)context;
	*(struct side_seen *)user = self->seen;
	return 0;
}

struct side_seen side_look(struct side *side)
{
	struct side_seen seen;

	call(side, copy_seen, &seen);
	return seen;
}

struct wish {
	side_until_fn *until;
	uint64_t goal;
	struct actor_reply *reply;
};

static int take_wish(struct side *self, void *user, struct actor_context *context)
{
	struct wish *wish = user;

	(void)context;
	self->until = wish->until;
	self->goal = wish->goal;
	self->waiting = wish->reply;
	look_whether_over(self);
	return 0;
}

static int give_up_wish(struct side *self, void *user, struct actor_context *context)
{
	(void)user, (void)context;
	if (self->waiting)
		wait_end(self->waiting);
	self->waiting = NULL;
	return 0;
}

bool side_wait(struct side *side, side_until_fn *until, uint64_t goal)
{
	struct actor_context *context = actor_thread_context();
	struct wish wish = { until, goal, NULL };
	int rc;

	if (wait_open(context, &wish.reply) < 0)
		abort();
	call(side, take_wish, &wish);
	rc = wait_for(context, wish.reply, deadline());
	call(side, give_up_wish, NULL);
	wait_close(context, wish.reply);
	return rc == 0;
}

void side_settle(void)
{
	struct actor_context *context = actor_thread_context();

	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, SETTLE_NS)));
}

int side_init(struct side *side, struct actor_transport *transport, unsigned number)
{
	memset(side, 0, sizeof *side);
	side->transport = transport;
	side->number = number;
	side->most_bytes = 4096;
	side->random = seed + 1000 * number;
	return ACTOR_SPAWN(side, actor_executor_spawner(transport->executor), side, NULL,
			   &side->address);
}

void side_deinit(struct side *side)
{
	if (!side->address.address)
		return;
	side_do(side, side_destroy);
	actor_address_unref(side->address.address);
	side->address.address = NULL;
}
