/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_SIMULATION_H
#define ACTOR_IMPL_SIMULATION_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * DOC: running a program of actors in any order that there is, and again in the same one
 *
 * A simulation is an executor, a local one (see local.h): its actors run on the thread that made
 * it, while that thread is in actor_executor_join(), or sends, calls or waits through its
 * actor_thread_context().
 * But which actor comes next is drawn from a seed, one step at a time, and time is virtual: it
 * stands still while anybody is ready, and then jumps to the next deadline. So nothing is decided
 * by the machine, and the same seed makes the same run, step by step.
 *
 * A step of an actor goes on until its handler or hook returns, waits, or is about to send or call
 * through its context: others may come in between at all of these points, and nowhere else. (What
 * never waits, such as actor_try_send() or dropping an address, is no such point; and a callback,
 * such as an actor_end_fn, is part of the step in which it is called, unless it waits.) The
 * thread itself takes part: it lets others come in between at the same points, and when its wait is
 * over, its turn comes like an actor's. Since time passes only when nobody is ready, to sleep until
 * a nanosecond from now is to wait until all that can happen has.
 *
 * A run is only the same again if all that acts is in the simulation. Other threads may send to its
 * actors without harm, but nobody can replay when; and what a program reads from elsewhere (a
 * clock, the addresses of its objects) it must not let decide what it does.
 *
 * Most programs need no more than actor_simulation_check().
 */

/** enum actor_simulation_strategy - who comes next, of those that are ready */
enum actor_simulation_strategy {
	/** @ACTOR_SIMULATION_RANDOM: anybody, each with the same probability */
	ACTOR_SIMULATION_RANDOM = 0,
	/** @ACTOR_SIMULATION_PRIORITIES: who has the highest priority: each actor gets one at
	 * random, and at a few random steps whoever is about to run falls below all others. Finds
	 * orders in which somebody is slow for long, which the other never does (Burckhardt,
	 * Kothari, Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees of
	 * finding bugs, 2010). Actors that keep each other busy for ever starve all others; and a
	 * step takes as long as it takes to look at all that are ready */
	ACTOR_SIMULATION_PRIORITIES = 1,
	/** @ACTOR_SIMULATION_FIFO: who has been ready for longest: always the same order */
	ACTOR_SIMULATION_FIFO = 2
};

/**
 * struct actor_simulation_step - something that happens in a simulation
 * @size:   sizeof(struct actor_simulation_step) as its maker compiled it
 * @number: counts the steps, from 1
 * @actor:  counts actors, from 1, in the order in which their mailboxes were made; 0: the thread
 *          itself goes on, or timers go off
 * @info:   who that is; NULL if it is no actor; borrowed for the call
 * @now_ns: virtual time
 */
struct actor_simulation_step {
	size_t size;
	uint64_t number;
	uint64_t actor;
	const struct actor_info *info;
	int64_t now_ns;
};

/**
 * typedef actor_simulation_trace_fn - is told of each step, before it is made
 * @user: as given
 * @step: borrowed for the call
 *
 * Must not wait, or use the simulation.
 */
typedef void actor_simulation_trace_fn(void *user, const struct actor_simulation_step *step);

/**
 * struct actor_simulation_options - choices when a simulation is made; zero means the default
 * @size:       sizeof(struct actor_simulation_options)
 * @seed:       decides all that is random; default: the number in the environment variable
 *              ACTOR_SEED, or, without that, a fresh one
 * @strategy:   default: ACTOR_SIMULATION_RANDOM
 * @depth:      with ACTOR_SIMULATION_PRIORITIES: how many things must happen in a certain order for
 *              what is sought, so one more than there are steps at which somebody falls behind;
 *              default 3, at most 32
 * @length:     with ACTOR_SIMULATION_PRIORITIES: about how many steps a run has; default 1000
 * @most_steps: after so many the thread's wait, send or call ends with an error: whatever goes on,
 *              it leads nowhere; default 1,000,000
 * @trace:      is told of each step; default: nobody is
 * @user:       for it
 */
struct actor_simulation_options {
	size_t size;
	uint64_t seed;
	enum actor_simulation_strategy strategy;
	unsigned depth;
	uint64_t length;
	uint64_t most_steps;
	actor_simulation_trace_fn *trace;
	void *user;
};

/**
 * actor_simulation_create() - an executor that runs its actors in an order drawn from a seed
 * @options:      NULL for the defaults
 * @ret_executor: the caller's to destroy, on the same thread
 *
 * What the thread waits for, actor_executor_join() included, has two more ways to end than
 * elsewhere, and the log then says (as errors) what is wrong:
 *
 * - ACTOR_E_DEADLOCK, when nobody is ready and no deadline is pending. The log names the actors
 *   that wait, and the message that each is handling; if none waits, those that run. Actors that
 *   wait for each other are told before: see deadlock.h.
 * - ACTOR_E_CANCELLED, when @most_steps have been made; also of a sleep, and of a send, whose
 *   message was then not accepted. After that so many may follow again.
 *
 * After either, actor_executor_close() and actor_executor_join() bring everything to an end.
 *
 * Thread:  any but a handler or hook
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when the thread has a local executor, ACTOR_E_INVALID in
 * a handler, for options that make no sense, or when ACTOR_SEED is not a number above 0
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_simulation_create(
	const struct actor_simulation_options *options, struct actor_executor **ret_executor);

/** actor_simulation_is() - whether an executor was made by actor_simulation_create(). Thread: any
 */
ACTOR_EXPORT bool actor_simulation_is(const struct actor_executor *executor);

/** actor_simulation_seed() - what this run comes from. Thread: its own */
ACTOR_EXPORT uint64_t actor_simulation_seed(const struct actor_executor *executor);

/** actor_simulation_trace() - stands for all steps so far, who made each and in which order: equal
 * for equal runs. Thread: its own */
ACTOR_EXPORT uint64_t actor_simulation_trace(const struct actor_executor *executor);

/**
 * actor_simulation_choose() - a number below @n, at random but the same again for the same seed
 * @executor: made by actor_simulation_create()
 * @n:        how many there are to choose from; not 0
 *
 * For what a program's own models leave open: which message a network loses, what a user does next,
 * for how long somebody who is slow sleeps.
 *
 * Thread:  its own, handlers included
 */
ACTOR_EXPORT uint64_t actor_simulation_choose(struct actor_executor *executor, uint64_t n);

/**
 * actor_simulation_fail_nth() - have one allocation of the library fail on this thread
 * @nth: which one from now, 1 being the next; 0: none, also when one was still to come
 *
 * Whatever the library does on this thread, also in making executors. What it keeps for later use
 * (stacks, small blocks) counts like memory fresh from the system. To have each allocation of a run
 * fail once, repeat the run with 1, 2, 3 ... until no more than @nth - 1 are made.
 *
 * That is actor-impl. What stands on it, a program or actor-remote, has its memory from malloc()
 * and its like, which a linker can replace (ld --wrap=malloc): so its tests refuse both, one after
 * the other.
 *
 * Thread:  any
 * Return:  how many allocations this thread has asked for since the last call. What it has taken
 *          from where it keeps things for later use is counted only in a simulation, and elsewhere
 *          after a call with @nth above 0: UINT64_MAX counts, and has nothing fail
 */
ACTOR_EXPORT uint64_t actor_simulation_fail_nth(uint64_t nth);

/**
 * actor_simulation_fail_some() - have allocations of the library fail on this thread, by chance
 * @executor: made by actor_simulation_create(): which ones comes from its seed; ends with it
 * @one_in:   each with a probability of one in so many; 0: none
 *
 * Thread:  its own, handlers included
 */
ACTOR_EXPORT void actor_simulation_fail_some(struct actor_executor *executor, uint64_t one_in);

/**
 * typedef actor_simulation_scenario_fn - something to be tried in many orders
 * @executor: a simulation of its own
 * @user:     as given
 *
 * Starts actors, sends, calls and looks whether all is as it should be. Before it returns it gives
 * back all that it holds of the library (addresses, mailboxes, timers, permits ...), and takes back
 * what it has deferred; actors that are then left must end by themselves.
 *
 * Return: 0, or an error: something was wrong
 */
typedef int actor_simulation_scenario_fn(struct actor_executor *executor, void *user);

/**
 * actor_simulation_check() - run a scenario with one seed after the other, until it fails
 * @options:  of each simulation, but for the seed: @seed and those that follow it; NULL for the
 *            defaults
 * @n_seeds:  how many
 * @scenario: what is run
 * @user:     for it
 *
 * What a run has asked to fail (see above) ends with it. A run fails when the scenario returns an
 * error; when one of its waits has ended with a deadlock or for the number of steps, whatever it
 * made of that; when the actors that it leaves do not end; or when something of the library's is
 * then still held, or deferred. The first one that fails is the last: the log says (as an error)
 * why, and a line that begins with ACTOR_SEED= and its seed; if there is no sink for the log,
 * stderr does. (A run that ends the process, as a fault does, cannot say it any more: at level
 * DEBUG, each run's seed is logged before it is made.) With that in the environment, that one run
 * is made, and no other, whatever @seed and @n_seeds are; all else must be as it was.
 *
 * Thread:  any but a handler or hook
 * Return:  0; what the scenario returned; ACTOR_E_DEADLOCK; ACTOR_E_CANCELLED for the steps;
 *          ACTOR_E_BUSY when something is still held; or as actor_simulation_create()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_simulation_check(
	const struct actor_simulation_options *options, unsigned n_seeds,
	actor_simulation_scenario_fn *scenario, void *user);

ACTOR__END_C

#endif
