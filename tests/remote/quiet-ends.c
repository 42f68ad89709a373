/* SPDX-License-Identifier: MIT */

/* One end writes more than there is room for, and closes; the other pauses once, and then
 * answers. */

#include "quiet-ends.h"

#include "impl/test.h"

#include <actor-impl/simulation.h>

enum { SOME = 100000, MOMENTS = 3 };
#define LONG_NS INT64_C(1000000000)

struct quiet_end {
	struct actor_transport *transport;
	size_t n_read;
	bool pending;
	bool finished;
	bool lost;
	bool started;
};

static uint8_t question[SOME];

static void quiet_read(void *user, const uint8_t *bytes, size_t n)
{
	struct quiet_end *end = user;

	(void)bytes;
	if (end->n_read == 0)
		actor_transport_read(end->transport, false);
	end->n_read += n;
}

static void quiet_written(void *user)
{
	struct quiet_end *end = user;

	end->pending = false;
	actor_transport_shutdown(end->transport);
}

static void quiet_ended(void *user, int status, int system_errno)
{
	struct quiet_end *end = user;

	assert_true(system_errno >= 0);
	end->lost |= status < 0;
	end->finished |= status == 0;
}

static const struct actor_transport_events quiet_events = {
	.size = sizeof quiet_events,
	.read = quiet_read,
	.written = quiet_written,
	.ended = quiet_ended,
};

static void let_all_happen(void)
{
	struct actor_context *context = actor_thread_context();

	for (unsigned i = 0; i < MOMENTS; i++)
		actor_ignore(actor_sleep_until(context, actor_now(context) + LONG_NS));
}

static void quiet_start(struct quiet_end *end)
{
	int rc = actor_transport_start(end->transport, &quiet_events, end);

	end->started = rc == 0;
	if (rc == 0)
		return;
	assert_int_equal(rc, ACTOR_E_NOMEM);
	actor_transport_destroy(end->transport);
}

/* Whether all has arrived at both. */
static bool ask_and_answer(struct quiet_end *from, struct quiet_end *to)
{
	int rc = 0;

	if (from->started)
		rc = actor_transport_write(from->transport, question, sizeof question);
	from->pending = rc == ACTOR_PENDING;
	let_all_happen();
	if (to->started)
		actor_transport_read(to->transport, true);
	let_all_happen();
	if (to->started && to->finished && !to->lost &&
	    actor_transport_write(to->transport, question, 1) == 0)
		actor_transport_shutdown(to->transport);
	let_all_happen();
	if (from->n_read > 0) /* it has paused */
		actor_transport_read(from->transport, true);
	let_all_happen();
	return from->finished && from->n_read == 1 && to->n_read == SOME;
}

/* Nobody is left in the dark. */
static void check_told(const struct quiet_end *end)
{
	if (end->started)
		assert_true(end->finished || end->lost);
	if (end->pending)
		assert_true(end->lost);
}

static bool refuse(struct actor_executor *executor, uint64_t nth, quiet_connect_fn *connect,
		   quiet_end_fn *over)
{
	struct quiet_end from = { .n_read = 0 }, to = { .n_read = 0 };
	struct actor_transport *ends[2];
	void *user = NULL;
	bool complete;

	assert_int_equal(connect(executor, ends, &user), 0);
	from.transport = ends[0];
	to.transport = ends[1];
	actor_simulation_fail_nth(nth);
	quiet_start(&from);
	quiet_start(&to);
	complete = ask_and_answer(&from, &to);
	complete &= actor_simulation_fail_nth(0) < nth;
	check_told(&from);
	check_told(&to);
	if (from.started)
		actor_transport_destroy(from.transport);
	if (to.started)
		actor_transport_destroy(to.transport);
	if (over)
		over(user);
	return complete;
}

bool quiet_ends_once(uint64_t nth, quiet_connect_fn *connect, quiet_end_fn *over)
{
	const struct actor_simulation_options options = { .size = sizeof options, .seed = 1 };
	struct actor_executor *executor;
	bool complete;

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	complete = refuse(executor, nth, connect, over);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(executor), 0);
	assert_int_equal(test_nothing_held(NULL), 0);
	return complete;
}

uint64_t quiet_ends_sweep(quiet_connect_fn *connect, quiet_end_fn *over)
{
	uint64_t nth = 1;

	while (!quiet_ends_once(nth, connect, over))
		nth++;
	return nth - 1;
}
