/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__RUNTIME_H
#define ACTOR__RUNTIME_H

#include "bell.h"
#include "executor.h"
#include "notice.h"
#include "util/links.h"
#include "util/table.h"
#include "watch.h"

#include <actor-impl/runtime.h>
#include <pthread.h>

struct actor__subscription;
struct actor__thread;

/**
 * struct actor__due - something that deliver() has to see to
 * @link:     among those that are due, or late
 * @is_due:   it is there, and held
 * @run:      see to it; without the lock, one at a time
 * @n_holders: of its memory
 * @destroy:  the last one has let go; without the lock
 */
struct actor__due {
	struct actor__link link;
	bool is_due;
	void (*run)(struct actor__due *due);
	atomic_uint n_holders;
	void (*destroy)(struct actor__due *due);
};

/** enum actor__owes - what is still to be done to a member; in this order */
enum actor__owes {
	ACTOR__OWES_START = 1,
	ACTOR__OWES_TERMINATE = 2,
	ACTOR__OWES_DRAIN = 4,
	ACTOR__OWES_CANCEL = 8
};

/**
 * struct actor__member - an actor in a runtime
 * @due:        something is to be told of it, and what it is owed to be sent; held by the runtime
 * until it has been told that it has gone, and by whoever has it in hand
 * @runtime:    whose; held
 * @watcher:    in the actor's list
 * @actor:      its memory is held; NULL while it is being made
 * @of_all:     for who is told of all members, until it is one
 * @within:     it was made by a member
 *
 * Under the runtime's lock:
 * @by_actor, @by_number: in the tables, until it has gone
 * @by_name:    in the table, while it is the first of that name
 * @is_named:   it is
 * @namesakes:  all who have that name, in the order in which they came
 * @link:       among the members, until it has been told that it has gone
 * @subscriptions: who is told, until it has gone
 * @story:      what there is to tell of it
 * @told:       what the notice function was told
 * @owes:       see enum actor__owes
 * @waiter, @in_line: for room to send that, where the channel was given; of whoever delivers
 *
 * The same, written by the monitor:
 * @busy:       among those that had a handler in hand at the last tick
 * @tick:       the last one at which it had
 * @n_popped:   which handler that was
 * @n_waits:    that one's waits until then; one less while it waits
 * @since_ns, @runs_since_ns: it has it since then; and has not waited
 * @overruns:   that has been told
 * @fiber:      where it was seen last, by that, or for a list; NULL: nowhere yet
 * @turn:       among those whose queues are looked at in turn
 * @mark_ns:    since when what was queued then is; 0: nothing is
 * @n_marked:   what n_popped will be when that has gone
 */
struct actor__member {
	struct actor__due due;
	struct actor_runtime *runtime;
	struct actor__watcher watcher;
	struct actor__actor *actor;
	struct actor__table_node by_actor;
	struct actor__table_node by_number;
	struct actor__table_node by_name;
	struct actor__link namesakes;
	struct actor__subscription *of_all;
	bool within;
	bool is_named;
	bool overruns;
	bool in_line;
	unsigned char owes;
	struct actor__link link;
	struct actor__link subscriptions;
	struct actor__story story;
	struct actor__told told;
	struct actor_waiter waiter;
	struct actor__link busy;
	struct actor__link turn;
	uint64_t tick;
	int64_t since_ns;
	int64_t runs_since_ns;
	const struct actor__fiber *fiber;
	uint32_t n_popped;
	unsigned n_waits;
	uint32_t n_marked;
	int64_t mark_ns;
	char name[];
};

/**
 * struct actor__runtime_spawner - makes members of a runtime
 * @within: by members
 */
struct actor__runtime_spawner {
	struct actor_spawner base;
	struct actor_runtime *runtime;
	bool within;
};

/**
 * struct actor_runtime - see runtime.c
 * @options:    settled
 * @to:         weak: is told of all members; NULL: nobody is
 * @executor:   around which
 * @spawner:    for others
 * @within:     for members
 * @n_holders:  of its memory: its owner, members, a timer that fires
 * @tick_ns:    between ticks
 * @lock:       of all that follows; and of its members and subscriptions
 * @quiet:      signalled when nobody delivers any more
 * @by_actor, @by_number, @by_name: those who have not gone
 * @members:    in the order in which they came, until they have been told
 * @n_members:  how many
 * @orphans:    subscriptions to who has gone, or never was
 * @listeners:  all subscriptions, in the order in which it is looked who has gone
 * @due, @late: what deliver() has to see to, now, and in a while
 * @delivers:   the thread that does, or NULL
 * @alarm:      has a thread of the executor deliver
 * @alarm_ns:   when; ACTOR_FOREVER: not
 * @is_started, @is_stopping: has been told to
 * @ears:       latch of the bell
 * @bell:       of whoever waits until none is left
 *
 * Of the monitor:
 * @busy:       members that had a handler in hand at the last tick
 * @turns:      members, in the order in which their queues are looked at
 * @n_ticks:    so far
 * @next_ns:    when the next tick is
 * @letters_ns, @n_letters: when dead letters were counted last, and how many there were
 * @ticker:     where time is virtual
 * @thread, @wake, @ends: elsewhere
 * @has_monitor: one of the two is there; the owner's
 */
struct actor_runtime {
	struct actor_runtime_options options;
	struct actor_address *to;
	struct actor_executor *executor;
	struct actor__runtime_spawner spawner;
	struct actor__runtime_spawner within;
	atomic_size_t n_holders;
	int64_t tick_ns;
	pthread_mutex_t lock;
	pthread_cond_t quiet;
	struct actor__table by_actor;
	struct actor__table by_number;
	struct actor__table by_name;
	struct actor__link members;
	size_t n_members;
	struct actor__link orphans;
	struct actor__link listeners;
	struct actor__link due;
	struct actor__link late;
	struct actor__thread *delivers;
	struct actor__timer alarm;
	int64_t alarm_ns;
	bool is_started;
	bool is_stopping;
	struct actor__latch ears;
	struct actor__bell bell;

	struct actor__link busy;
	struct actor__link turns;
	uint64_t n_ticks;
	int64_t next_ns;
	int64_t letters_ns;
	int64_t n_letters;
	struct actor__timer ticker;
	pthread_t thread;
	bool has_monitor;
	bool ends;
	pthread_cond_t wake;
};

/* For spawner.c and activation.c. */

extern const struct actor_spawner_ops actor__runtime_spawner_ops;

/** actor__runtime_executor() - of a spawner with these operations */
struct actor_executor *actor__runtime_executor(struct actor_spawner *spawner);

/** actor__runtime_spawner_for() - what the context of an actor has that is watched, maybe by a
 * runtime; borrowed. Thread: its runner's */
struct actor_spawner *actor__runtime_spawner_for(struct actor__actor *actor);

/** actor__runtime_admit() - a member is about to be made: its place, or why it may not be */
int actor__runtime_admit(struct actor_spawner *spawner, const char *name,
			 struct actor__member **ret_member);

/** actor__runtime_settle() - it has been made, on a mailbox that nobody else has; or not */
void actor__runtime_settle(struct actor__member *member, int status, struct actor_mailbox *mailbox);

/* Among the parts of the runtime. */

static inline void actor__runtime_lock(struct actor_runtime *runtime)
{
	pthread_mutex_lock(&runtime->lock);
}

static inline void actor__runtime_unlock(struct actor_runtime *runtime)
{
	pthread_mutex_unlock(&runtime->lock);
}

void actor__runtime_hold(struct actor_runtime *runtime);
void actor__runtime_release(struct actor_runtime *runtime);

/** actor__due_hold() - keep its memory; whoever has it already, or with the lock held */
void actor__due_hold(struct actor__due *due);

/** actor__due_release() - without the lock */
void actor__due_release(struct actor__due *due);

/** actor__runtime_make_due() - with the lock held: deliver() will see to it; who says so delivers
 * afterwards, or has the alarm set */
void actor__runtime_make_due(struct actor_runtime *runtime, struct actor__due *due);

/** actor__runtime_make_late() - the same, in a while, which is seen to; of nothing that is over: so
 * nothing is late any more when the runtime goes */
void actor__runtime_make_late(struct actor_runtime *runtime, struct actor__due *due);

/** actor__runtime_wake() - with the lock held, and maybe others: what is due is delivered soon */
void actor__runtime_wake(struct actor_runtime *runtime);

/** actor__runtime_deliver() - see to all that is due, unless another thread is at it. No lock held
 */
void actor__runtime_deliver(struct actor_runtime *runtime);

/** actor__runtime_told() - of its actor: see watch.h */
actor__told_fn actor__runtime_told;

/** actor__runtime_over() - it had ended before it was watched: only subscribers, if any, hear of it
 */
void actor__runtime_over(struct actor__member *member, enum actor_ended how);

/** actor__member_run() - what there is to tell of it is told, and it gets what it is owed */
void actor__member_run(struct actor__due *due);

/** actor__member_pay() - it gets what it is owed; what cannot be sent now is later. @in_line: when
 * there is room, if that is why, as only whoever delivers may ask for. No lock held */
void actor__member_pay(struct actor__member *member, bool in_line);

/** actor__member_wake() - there may be room for that. With somebody's latch held */
void actor__member_wake(struct actor_waiter *waiter);

/** actor__subscription_create() - somebody is to be told; not yet of whom. NULL when there is no
 * memory */
struct actor__subscription *actor__subscription_create(struct actor_runtime *runtime,
						       struct actor_address *address);

/** actor__subscription_destroy() - before it has been entered; NULL is fine */
void actor__subscription_destroy(struct actor__subscription *subscription);

/** actor__subscription_enter() - with the lock held: of a member that has just become one: all */
void actor__subscription_enter(struct actor__subscription *subscription,
			       struct actor__member *member);

/** actor__listeners_check() - with the lock held: some of those who are told, in turn, are due to
 * be looked at: whether they have gone */
void actor__listeners_check(struct actor_runtime *runtime);

/** actor__member_news() - with the lock held: something has changed about it: the notice function
 * and its subscribers are due to be told */
void actor__member_news(struct actor__member *member);

/** actor__member_leave() - with the lock held: it is found no more */
void actor__member_leave(struct actor__member *member);

/** actor__runtime_alarm_init(), actor__runtime_alarm_end() - the latter when there are no members:
 * nobody is told anything any more, and nothing is due when it returns */
void actor__runtime_alarm_init(struct actor_runtime *runtime);
void actor__runtime_alarm_end(struct actor_runtime *runtime);

/** actor__member_of() - with the lock held: the member that an actor is; or NULL */
struct actor__member *actor__member_of(struct actor_runtime *runtime,
				       const struct actor__actor *actor);

/** actor__member_numbered() - the same by identity */
struct actor__member *actor__member_numbered(struct actor_runtime *runtime,
					     struct actor_identity identity);

/** actor__runtime_look() - with the lock held: which members have something in hand where; lets go
 * of the lock meanwhile, now and then. Each is told of at its own moment, not before the look
 * began: one that goes from stack to stack meanwhile may be seen twice, or not at all */
void actor__runtime_look(struct actor_runtime *runtime,
			 void (*see)(struct actor__member *member, int64_t now_ns), int64_t now_ns);

/** actor__monitor_begin() - look around from now on: 0, ACTOR_E_SYSTEM */
int actor__monitor_begin(struct actor_runtime *runtime);

/** actor__monitor_end() - no more, and no tick is going on */
void actor__monitor_end(struct actor_runtime *runtime);

/** actor__monitor_forget() - with the lock held: a member has gone */
void actor__monitor_forget(struct actor__member *member);

/** actor__runtime_list() - as actor_runtime_list_create(), without one of them, if not NULL */
int actor__runtime_list(struct actor_runtime *runtime, const struct actor__member *but,
			struct actor_runtime_list **ret_list);

/** actor__runtime_log_left() - the first members, but one, in the log: they have not stopped */
void actor__runtime_log_left(struct actor_runtime *runtime, const struct actor__member *but);

#endif
