/* SPDX-License-Identifier: MIT */

/*
 * Simulations: a local executor on which nothing is left to chance but what its seed decides.
 *
 * Everything happens on the thread that made it. Who is ready stands in an array; each step takes
 * one of them out and runs it. The thread itself stands there like an actor (as the task `itself`)
 * once what it waits for is there, and so does the clock when a timer is due. When nobody is ready,
 * time moves on to the next deadline, the thread's own included; when there is none, that is a
 * deadlock, which no order of steps could resolve. (Timers in the background, of those who only
 * look around, fire on the way.) Before, it is looked whether some of them wait for each other: see
 * deadlock.c.
 *
 * The array grows when it must; if there is no memory for that, tasks line up behind it, and get in
 * as there is room: nothing is lost, and others are chosen before them. Other threads leave their
 * tasks in `foreign`, the latest first, and touch nothing here afterwards: what they have left may
 * be what all this ends with. Nobody need be woken for it, since the thread never sleeps.
 *
 * While a simulation lives, its thread hands out no cells quickly: each allocation asks whether it
 * may (util/memory.h), and each post takes the way on which its handler may give way to others.
 */

#include "simulation.h"

#include "actor.h"
#include "context.h"
#include "executor.h"
#include "fiber.h"
#include "log.h"
#include "thread-context.h"
#include "thread.h"
#include "util/memory.h"
#include "util/random.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_NS INT64_C(1000000000)
#define MOST_DEPTH 32
#define NUMBERS ((uint64_t)1 << 24) /* of actors: in a row, so that each run counts them alike */
#define FIRST_ROOM 16
#define NOBODY UINT64_MAX
#define CLOCK (UINT64_MAX - 1)
#define MOST_NAMED 256 /* of those who are named when they wait for each other */

/* With priorities: a step at which somebody falls behind, and who that was. */
struct change {
	uint64_t step;
	uint64_t actor;
};

struct simulation {
	struct actor_executor executor;
	struct actor__timers background;
	struct actor_simulation_options options;
	struct actor__thread *thread;
	struct actor__thread_context *context;
	uint64_t seed;
	uint64_t random;
	uint64_t before_first;	/* number of an actor */
	_Atomic int64_t now_ns; /* for other threads, too */
	uint64_t n_steps;
	uint64_t steps_end;
	uint64_t trace;
	int status; /* how the first wait ended that ended in vain */
	struct actor__task itself;
	struct actor__task clock;
	bool itself_is_ready;
	bool clock_is_ready;
	struct actor__task *first_ready[FIRST_ROOM]; /* before there are more */
	struct actor__task **ready;
	size_t n_ready;
	size_t n_room;
	struct actor__task *late; /* for whom there was no room */
	struct actor__task **late_end;
	_Atomic(struct actor__task *) foreign;
	struct change changes[MOST_DEPTH - 1];
};

static const struct actor__executor_ops simulation_ops;

static struct simulation *simulation_of(const struct actor_executor *executor)
{
	assert(executor->ops == &simulation_ops);
	return ACTOR_CONTAINER_OF(executor, struct simulation, executor);
}

static struct actor__parker *parker_of(const struct simulation *this)
{
	return actor__thread_context_parker(this->context);
}

/* ---- who is ready */

static void free_ready(struct simulation *this)
{
	if (this->ready != this->first_ready)
		free(this->ready);
}

static bool has_room(struct simulation *this)
{
	struct actor__task **ready;

	if (this->n_ready < this->n_room)
		return true;
	ready = actor__memory_alloc(2 * this->n_room * sizeof(struct actor__task *));
	if (!ready)
		return false;
	memcpy(ready, this->ready, this->n_ready * sizeof(struct actor__task *));
	free_ready(this);
	this->ready = ready;
	this->n_room *= 2;
	return true;
}

static void let_in(struct simulation *this)
{
	while (this->late && has_room(this)) {
		this->ready[this->n_ready++] = this->late;
		this->late = this->late->next;
	}
	if (!this->late)
		this->late_end = &this->late;
}

static void add(struct simulation *this, struct actor__task *task)
{
	task->next = NULL;
	*this->late_end = task;
	this->late_end = &task->next;
	let_in(this);
}

static void take_foreign(struct simulation *this)
{
	/* Acquire: what was done by those who have left them. */
	struct actor__task *task = atomic_exchange_explicit(&this->foreign, NULL,
							    memory_order_acquire);

	while (task) {
		struct actor__task *next = task->next;

		add(this, task);
		task = next;
	}
}

static bool is_woken(const struct simulation *this)
{
	/* Relaxed: whoever goes on because of it looks again. */
	return atomic_load_explicit(&parker_of(this)->state, memory_order_relaxed) !=
	       ACTOR__RUNNING;
}

/* Those that are no actors, once each. */
static void add_once(struct simulation *this, struct actor__task *task, bool *is_ready)
{
	if (!*is_ready)
		add(this, task);
	*is_ready = true;
}

static void simulation_schedule(struct actor_executor *executor, struct actor__thread *thread,
				struct actor__task *task, enum actor__urgency urgency)
{
	struct simulation *this = simulation_of(executor);

	(void)urgency;
	if (thread == this->thread) {
		add(this, task);
		return;
	}
	task->next = atomic_load_explicit(&this->foreign, memory_order_relaxed);
	/* Release: see take_foreign(). */
	while (!atomic_compare_exchange_weak_explicit(&this->foreign, &task->next, task,
						      memory_order_release, memory_order_relaxed))
		;
}

static bool simulation_others_wait(struct actor_executor *executor, struct actor__thread *thread)
{
	struct simulation *this = simulation_of(executor);

	(void)thread;
	return this->n_ready > 0 || is_woken(this) || actor__executor_due(executor);
}

static void simulation_armed(struct actor_executor *executor)
{
	(void)executor; /* its thread looks at the timers before each step */
}

static struct actor__timers *simulation_background(struct actor_executor *executor)
{
	return &simulation_of(executor)->background;
}

static int64_t simulation_now(struct actor_executor *executor)
{
	/* Relaxed: a number. */
	return atomic_load_explicit(&simulation_of(executor)->now_ns, memory_order_relaxed);
}

/* ---- who comes next */

static const struct actor__actor *actor_of(const struct actor__task *task)
{
	return ACTOR_CONTAINER_OF(task, struct actor__actor, task);
}

static bool is_actor(const struct simulation *this, const struct actor__task *task)
{
	return task != &this->itself && task != &this->clock;
}

/* Counts actors from 1; 0: the thread. */
static uint64_t number_of(const struct simulation *this, const struct actor__task *task)
{
	if (is_actor(this, task))
		return actor_of(task)->number - this->before_first;
	return task == &this->clock ? CLOCK : 0;
}

/* The lowest are those of who has fallen behind: the lower, the later the change is in the array.
 * All others have one at random, which needs no memory: it follows from seed and number. */
static uint64_t priority(const struct simulation *this, const struct actor__task *task)
{
	uint64_t number = number_of(this, task);
	unsigned last = 0, n = this->options.depth - 1;

	for (unsigned i = 1; i <= n; i++)
		if (this->changes[i - 1].step <= this->n_steps &&
		    this->changes[i - 1].actor == number &&
		    (last == 0 || this->changes[i - 1].step > this->changes[last - 1].step))
			last = i;
	return last ? n - last : actor__scramble(this->seed ^ actor__scramble(number)) | MOST_DEPTH;
}

static size_t find_highest(const struct simulation *this)
{
	size_t highest = 0;

	for (size_t i = 1; i < this->n_ready; i++)
		if (priority(this, this->ready[i]) > priority(this, this->ready[highest]))
			highest = i;
	return highest;
}

/* At the steps of the changes, who would be next falls behind first. */
static size_t choose_by_priority(struct simulation *this)
{
	size_t next = find_highest(this);

	for (unsigned i = 0; i + 1 < this->options.depth; i++)
		if (this->changes[i].step == this->n_steps) {
			this->changes[i].actor = number_of(this, this->ready[next]);
			next = find_highest(this);
		}
	return next;
}

static uint64_t draw(struct simulation *this, uint64_t n)
{
	return actor__random(&this->random) % n;
}

static struct actor__task *take_next(struct simulation *this)
{
	size_t next = 0;
	struct actor__task *task;

	if (this->options.strategy == ACTOR_SIMULATION_RANDOM)
		next = draw(this, this->n_ready);
	else if (this->options.strategy == ACTOR_SIMULATION_PRIORITIES)
		next = choose_by_priority(this);
	task = this->ready[next];
	this->n_ready--;
	if (this->options.strategy == ACTOR_SIMULATION_FIFO)
		memmove(&this->ready[0], &this->ready[1],
			this->n_ready * sizeof(struct actor__task *));
	else /* in no order */
		this->ready[next] = this->ready[this->n_ready];
	return task;
}

static void note_step(struct simulation *this, const struct actor__task *task)
{
	uint64_t number = number_of(this, task);
	struct actor_simulation_step step = {
		.size = sizeof step,
		.number = this->n_steps,
		.now_ns = simulation_now(&this->executor),
	};
	struct actor_info info;

	this->trace = actor__scramble(this->trace ^ actor__scramble(step.number) ^ number);
	if (!this->options.trace)
		return;
	if (is_actor(this, task)) {
		info = actor__actor_info(actor_of(task));
		step.actor = number;
		step.info = &info;
	}
	this->options.trace(this->options.user, &step);
}

/* ---- when nothing leads anywhere */

/* What a handler that waits has in hand; only its thread, which we are, changes that. */
static const struct actor__fiber *fiber_of(const struct actor__actor *actor)
{
	return atomic_load_explicit(&actor->suspended, memory_order_relaxed);
}

static void name_one(struct actor__actor *actor, const char *text)
{
	const struct actor__fiber *fiber = fiber_of(actor);
	struct actor_info info = actor__actor_info(actor);

	actor__log_text(ACTOR_LOG_ERROR, &info,
			fiber && fiber->envelope ? fiber->envelope->handler->type->name : NULL,
			text);
}

static bool waits(const struct actor__actor *actor)
{
	return fiber_of(actor) != NULL;
}

/* Those who run, or only some of them: how many there are. */
static size_t name_all(struct simulation *this, bool (*wanted)(const struct actor__actor *actor),
		       const char *text)
{
	struct actor__actor *some[MOST_NAMED];
	size_t n = actor__roster_running(&this->executor.roster, wanted, some, MOST_NAMED);
	char more[80];

	for (size_t i = 0; i < n && i < MOST_NAMED; i++) {
		name_one(some[i], text);
		actor__actor_release(some[i]);
	}
	if (n > MOST_NAMED) {
		snprintf(more, sizeof more, "and so it is with %zu more", n - MOST_NAMED);
		actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, more);
	}
	return n;
}

static void name_those_who_wait(struct simulation *this)
{
	if (name_all(this, waits, "waits") == 0)
		name_all(this, NULL, "is idle, and somebody holds an address of it");
}

static int give_up(struct simulation *this, int status, const char *text)
{
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, text);
	if (this->status == 0)
		this->status = status;
	return status;
}

/* Nobody is ready: on to the next deadline. */
static int pass_time(struct simulation *this, int64_t deadline_ns)
{
	int64_t next_ns, background_ns;

	if (actor__deadlocks_look_idle(this->thread, &this->executor))
		return 0;
	next_ns = actor__timers_first(&this->executor.timers);
	if (deadline_ns < next_ns)
		next_ns = deadline_ns;
	if (next_ns == ACTOR_FOREVER) {
		name_those_who_wait(this);
		return give_up(this, ACTOR_E_DEADLOCK,
			       "a simulation waits for what will never happen");
	}
	background_ns = actor__timers_first(&this->background);
	if (background_ns < next_ns)
		next_ns = background_ns;
	atomic_store_explicit(&this->now_ns, next_ns, memory_order_relaxed); /* see above */
	return 0;
}

/* ---- running */

static bool is_due(struct simulation *this)
{
	return actor__executor_due(&this->executor) ||
	       actor__executor_passed(&this->executor, actor__timers_next(&this->background));
}

/* All that are ready, with the thread if it is woken or its deadline has passed. */
static void gather(struct simulation *this, int64_t deadline_ns)
{
	struct actor__task *task;

	take_foreign(this);
	let_in(this);
	if ((task = actor__starved_take(&this->executor, this->thread)))
		add(this, task);
	if (is_due(this))
		add_once(this, &this->clock, &this->clock_is_ready);
	if (is_woken(this) || actor__executor_passed(&this->executor, deadline_ns))
		add_once(this, &this->itself, &this->itself_is_ready);
}

static void run(struct simulation *this, struct actor__task *task)
{
	if (task == &this->itself) {
		this->itself_is_ready = false;
	} else if (task == &this->clock) {
		this->clock_is_ready = false;
		actor__executor_fire(&this->executor);
		actor__timers_fire(&this->background, simulation_now(&this->executor));
	} else {
		actor__thread_run(this->thread, task);
	}
}

/* One step, or on to the next deadline: 0, with whose step it was (NULL: nobody's), or why there
 * can be none. */
static int step(struct simulation *this, int64_t deadline_ns, struct actor__task **ret_task)
{
	struct actor__task *task;

	*ret_task = NULL;
	gather(this, deadline_ns);
	if (this->n_ready == 0)
		return pass_time(this, deadline_ns);
	if (this->n_steps == this->steps_end) {
		this->steps_end += this->options.most_steps;
		return give_up(this, ACTOR_E_CANCELLED,
			       "a simulation has made as many steps as it may");
	}
	this->n_steps++;
	task = take_next(this);
	note_step(this, task);
	run(this, task);
	*ret_task = task;
	return 0;
}

/* Whether the thread would go on if it had its turn. */
static bool wants_turn(struct simulation *this, int64_t deadline_ns)
{
	return this->itself_is_ready || is_woken(this) ||
	       actor__executor_passed(&this->executor, deadline_ns);
}

/* What the thread waits for may be there, and somebody else's turn come first. When in doubt, it
 * looks: a wait further in, on the same stack, may have used up the wake. To wait for what has
 * passed is to let others go first. */
static int simulation_drive(struct actor_executor *executor, int64_t deadline_ns)
{
	struct simulation *this = simulation_of(executor);
	struct actor__task *task;
	int rc;

	do {
		rc = step(this, deadline_ns, &task);
	} while (rc == 0 && task != &this->itself && wants_turn(this, deadline_ns));
	return rc;
}

static bool simulation_here(struct actor_executor *executor)
{
	struct actor__thread *thread = actor__thread();

	return thread == simulation_of(executor)->thread && !thread->fiber && !thread->busy;
}

static int simulation_join(struct actor_executor *executor, int64_t deadline_ns)
{
	struct simulation *this = simulation_of(executor);
	struct actor__task *task;
	int rc = 0;

	while (rc == 0 && !actor__executor_quiet(executor)) {
		actor__park_reset(parker_of(this));
		if (actor__executor_passed(executor, deadline_ns))
			return ACTOR_E_TIMEOUT;
		rc = step(this, deadline_ns, &task);
	}
	return rc;
}

static void simulate(struct actor__thread *thread, struct simulation *this)
{
	actor__thread_set_local(thread, this ? &this->executor : NULL);
	thread->simulates = this != NULL;
	if (this)
		thread->patience = 0;
	actor__thread_ask_always(thread);
}

void actor__simulation_leave(struct actor_executor *executor)
{
	simulate(simulation_of(executor)->thread, NULL);
}

static void simulation_destroy(struct actor_executor *executor)
{
	struct simulation *this = simulation_of(executor);

	actor__memory_refuse_some(0, 0);
	simulate(this->thread, NULL);
	actor__timers_deinit(&this->background);
	actor__executor_deinit(executor);
	free_ready(this);
	free(this);
}

static const struct actor__executor_ops simulation_ops = {
	.schedule = simulation_schedule,
	.others_wait = simulation_others_wait,
	.armed = simulation_armed,
	.here = simulation_here,
	.now = simulation_now,
	.background = simulation_background,
	.drive = simulation_drive,
	.join = simulation_join,
	.destroy = simulation_destroy,
};

/* ---- making one */

int actor__simulation_environment(uint64_t *ret_seed)
{
	const char *text = getenv("ACTOR_SEED");
	unsigned long long seed;
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	seed = strtoull(text, &end, 10);
	if (errno || *end || seed == 0 || *text < '0' || *text > '9')
		return ACTOR_E_INVALID;
	*ret_seed = seed;
	return 0;
}

/* One that a person can copy. */
static uint64_t fresh_seed(void)
{
	uint64_t state = (uint64_t)actor__now() ^ (uint64_t)getpid() << 32;

	return 1 + actor__random(&state) % 1000000000;
}

int actor__simulation_settle(const struct actor_simulation_options *given,
			     struct actor_simulation_options *ret_options)
{
	struct actor_simulation_options options;
	int rc = 0;

	if (!actor__options_read(&options, sizeof options, given))
		return ACTOR_E_INVALID;
	options.size = sizeof options;
	if (options.seed == 0)
		rc = actor__simulation_environment(&options.seed);
	if (options.seed == 0)
		options.seed = fresh_seed();
	if (options.depth == 0)
		options.depth = 3;
	if (options.length == 0)
		options.length = 1000;
	if (options.most_steps == 0)
		options.most_steps = 1000000;
	if (options.depth > MOST_DEPTH || options.strategy > ACTOR_SIMULATION_FIFO)
		rc = ACTOR_E_INVALID;
	*ret_options = options;
	return rc;
}

static void init(struct simulation *this, struct actor__thread *thread,
		 const struct actor_simulation_options *options)
{
	this->options = *options;
	this->thread = thread;
	this->context = thread->context;
	this->seed = options->seed;
	this->random = actor__scramble(options->seed);
	this->before_first = actor__numbers_take(thread, NUMBERS);
	atomic_init(&this->now_ns, START_NS);
	this->steps_end = options->most_steps;
	this->ready = this->first_ready;
	this->n_room = FIRST_ROOM;
	this->late_end = &this->late;
	for (unsigned i = 0; i + 1 < options->depth; i++)
		this->changes[i] = (struct change){ 1 + draw(this, options->length), NOBODY };
	actor__executor_init(&this->executor, &simulation_ops, true);
	actor__timers_init(&this->background, START_NS);
	this->executor.deadlocks.when_idle = true;
	actor__park_reset(parker_of(this)); /* a wake from before would make this another run */
}

int actor_simulation_create(const struct actor_simulation_options *options,
			    struct actor_executor **ret_executor)
{
	struct actor__thread *thread = actor__thread();
	struct actor_simulation_options settled;
	struct simulation *this;
	int rc = actor__simulation_settle(options, &settled);

	if (rc < 0 || thread->fiber || thread->busy || thread->worker)
		return ACTOR_E_INVALID;
	if (thread->local)
		return ACTOR_E_BUSY;
	this = actor__memory_alloc(sizeof *this);
	if (!this || !actor__thread_context_get(thread)) {
		free(this);
		return ACTOR_E_NOMEM;
	}
	init(this, thread, &settled);
	simulate(thread, this);
	*ret_executor = &this->executor;
	return 0;
}

int actor__simulation_status(const struct actor_executor *executor)
{
	return simulation_of(executor)->status;
}

bool actor_simulation_is(const struct actor_executor *executor)
{
	return executor->ops == &simulation_ops;
}

uint64_t actor_simulation_seed(const struct actor_executor *executor)
{
	return simulation_of(executor)->seed;
}

uint64_t actor_simulation_trace(const struct actor_executor *executor)
{
	return simulation_of(executor)->trace;
}

uint64_t actor_simulation_choose(struct actor_executor *executor, uint64_t n)
{
	assert(n > 0);
	return draw(simulation_of(executor), n);
}

uint64_t actor_simulation_fail_nth(uint64_t nth)
{
	uint64_t n_asked = actor__memory_refuse_nth(nth);

	actor__thread_ask_always(actor__thread());
	return n_asked;
}

void actor_simulation_fail_some(struct actor_executor *executor, uint64_t one_in)
{
	actor__memory_refuse_some(one_in, actor__random(&simulation_of(executor)->random));
}
