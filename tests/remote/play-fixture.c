/* SPDX-License-Identifier: MIT */

#include "play-fixture.h"

#include "memory.h"

#include <actor-impl/thread.h>

struct actor_executor *executor;
struct actor_network *network;

static const char *wrong;

uint64_t draw(uint64_t n)
{
	return actor_simulation_choose(executor, n);
}

int64_t draw_ms(uint64_t n)
{
	return (int64_t)draw(n) * MS;
}

void must(bool holds, const char *what)
{
	if (!holds && !wrong)
		wrong = what;
}

static void sleep_for(struct actor_context *context, int64_t duration_ns)
{
	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, duration_ns)));
}

void pass(int64_t duration_ns)
{
	sleep_for(actor_thread_context(), duration_ns);
}

void split(int64_t duration_ns)
{
	actor_network_partition(network, true);
	pass(duration_ns);
	actor_network_partition(network, false);
}

void rest(struct actor_context *context, uint64_t ms)
{
	if (draw(2))
		sleep_for(context, draw_ms(ms));
}

void be_scarce(void)
{
	actor_simulation_fail_some(executor, 10 + draw(200));
	memory_fail_some(5 + (unsigned)draw(200), (unsigned)draw(10000) + 1);
}

void be_plenty(void)
{
	actor_simulation_fail_some(executor, 0);
	memory_fail_some(0, 0);
}

struct order {
	play_fn *play;
	bool scarce;
};

static int play_once(struct actor_executor *simulation, void *user)
{
	const struct order *order = user;
	long n_live = memory_n_live();

	executor = simulation;
	network = NULL;
	wrong = NULL;
	order->play(order->scarce);
	actor_network_destroy(network);
	must(memory_n_live() == n_live, "memory is left");
	if (wrong)
		print_error("%s\n", wrong);
	return wrong ? ACTOR_E_INVALID : 0;
}

unsigned play_orders(play_fn *play, enum actor_simulation_strategy strategy, bool scarce,
		     unsigned n_orders)
{
	const struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = 1,
		.strategy = strategy,
		.length = 2000,
		.most_steps = 1000000,
	};
	unsigned n_runs = test_times(n_orders);

	assert_int_equal(actor_simulation_check(&options, n_runs, play_once,
						&(struct order){ play, scarce }),
			 0);
	return n_runs;
}
