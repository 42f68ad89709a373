/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ACTOR_H
#define ACTOR__ACTOR_H

#include "channel.h"
#include "executor.h"

#include <actor-iface/mailbox.h>
#include <stddef.h>

/*
 * What the outside has asked an actor for, and all else that makes one do more than to take
 * messages out of its own channel: bits of &actor__actor.asked. With none of them, sending and
 * handling are quick.
 */
enum actor__asked {
	/* To end: these are never taken back. */
	ACTOR__ASKED_DRAIN = ACTOR_STOP_DRAIN,
	ACTOR__ASKED_NOW = ACTOR_STOP_NOW,
	ACTOR__ASKED_CANCEL = 4,
	ACTOR__ASKED_TO_END = 7,
	/* To take nothing. */
	ACTOR__ASKED_TO_PAUSE = 8,
	/* It does: whoever takes this back schedules it. */
	ACTOR__PAUSES = 16,
	/* Its messages come from a channel that was given: see intake.c. */
	ACTOR__HAS_INTAKE = 32,
	/* To fail, by its owner: of this run. */
	ACTOR__ASKED_TO_FAIL = 64
};

/* How far a run has come. */
enum actor__begun {
	ACTOR__NOT_BEGUN,
	/* `started` has been called; what the run before failed at comes next. */
	ACTOR__BEGINS,
	ACTOR__HAS_BEGUN,
	/* It is to fail, and what it had in hand is back in the channel: see fiber-context.c. */
	ACTOR__GIVES_UP
};

enum actor__phase {
	ACTOR__NEW,	/* never started */
	ACTOR__RUNS,	/* between start and the end */
	ACTOR__STOPPED, /* the end was one of these */
	ACTOR__HAS_FAILED,
	ACTOR__CANCELLED
};

struct actor__watcher;

/**
 * struct actor__actor - a mailbox, its addresses and the actor on it: one block of memory
 * @strong:    the strong address: one for all who hold one
 * @weak:      the weak address, likewise
 * @mailbox:   for the owner
 * @task:      what the executor runs
 * @behavior:  as given
 * @executor:  where it runs; not to be touched unless it runs or the mailbox is held
 * @number:    its identity
 * @n_strong:  holders of the strong address
 * @n_memory:  what keeps this memory: the holders of the strong address together, each holder of
 *             the weak one, the mailbox's owner, a run
 * @asked:     see enum actor__asked
 * @suspended: the fiber of the handler that waits; only its runner sets it
 * @channel:   the queue
 *
 * Of the run, and touched by its runner alone:
 * @state:     the actor's; between runs that of the last one, which nobody has taken yet
 * @begun:     see enum actor__begun
 * @n_failed:  how many runs in a row the first message in the stash has failed; 0: none, and it is
 *             one like any other
 * @finished:  the channel is closed and empty: no run can follow this one
 * @fault:     with the text of a failure; NULL if there was none
 *
 * Under the channel's latch:
 * @phase:     see enum actor__phase
 * @detached:  the owner has given the mailbox up; once true, nobody is left who might change any of
 *             these, and the run reads them without the latch
 * @on_end, @user: as given to start
 * @joiner:    waits for the end
 * @retired:   no run follows any more: whoever sets this closes the channel
 * @watchers:  who is told of starts and ends: see watch.h. Only its first one may be looked at
 * without the latch
 * @over:      how the last run ended, if it was detached; 0 before. Set without the latch
 *
 * Under the latch of a part of the roster:
 * @next, @previous: in its part of the executor's roster
 * @n_runs:    starts minus exits: 2 for a moment when on_end starts it again
 * @part:      which part that is; set once
 * @to_cancel: of the one thread that closes the executor
 *
 * @patience:  so many messages, then one, and it is asked whether its turn is over: one less than a
 *             power of two, up to ACTOR__PATIENCE. Of whoever runs it: see activation.c
 * @bytes:     of the block
 * @n_attempts: how many runs a message may fail, if not 0; changes only between runs
 * @name:      as given, at the end of it
 */
struct actor__actor {
	/* Read by all. */
	struct actor_address strong;
	struct actor_address weak;
	struct actor_mailbox mailbox;
	struct actor__task task;
	const struct actor_behavior *behavior;
	struct actor_executor *executor;
	uint64_t number;
	/* Written by all: a cache line of its own, up to the channel's stash. */
	atomic_size_t n_strong;
	atomic_size_t n_memory;
	atomic_uint asked;
	enum actor__phase phase;
	struct actor__channel channel;
	/* Written by the runner. */
	_Atomic(struct actor__fiber *) suspended;
	void *state;
	struct actor__fault *fault;
	actor_end_fn *on_end;
	void *user;
	struct actor_reply *joiner;
	_Atomic(struct actor__watcher *) watchers;
	struct actor__actor *next;
	struct actor__actor *previous;
	struct actor__actor *to_cancel;
	unsigned bytes;
	unsigned char n_runs;
	unsigned char part;
	unsigned char patience;
	atomic_uchar over;
	unsigned char begun;
	bool finished;
	atomic_bool detached;
	bool retired;
	unsigned char n_attempts;
	unsigned char n_failed;
	char name[];
};

/* Who sends and who handles touch the same cache line only where they must. */
_Static_assert(offsetof(struct actor__actor, n_strong) % 64 == 0 &&
		       offsetof(struct actor__actor, channel.stash) % 64 == 0,
	       "what all write is a cache line");

/** actor__actor_create() - with one owner, its mailbox's; NULL when there is no memory */
struct actor__actor *actor__actor_create(struct actor_executor *executor,
					 struct actor__thread *thread,
					 const struct actor_behavior *behavior, const char *name,
					 size_t capacity);

/** actor__numbers_take() - @n numbers in a row, for actors that will be made on this thread: they
 * get what follows the one that is returned */
uint64_t actor__numbers_take(struct actor__thread *thread, uint64_t n);

/** actor__actor_create_with_intake() - the same, with a struct actor__intake at its end, which is
 * still to be begun */
struct actor__actor *actor__actor_create_with_intake(struct actor_executor *executor,
						     struct actor__thread *thread,
						     const struct actor_behavior *behavior,
						     const char *name);

/** actor__actor_schedule() - have its executor run it; @thread is the calling one */
static inline void actor__actor_schedule(struct actor__actor *actor, struct actor__thread *thread,
					 enum actor__urgency urgency)
{
	actor->executor->ops->schedule(actor->executor, thread, &actor->task, urgency);
}

/** actor__actor_info() - who this is */
struct actor_info actor__actor_info(const struct actor__actor *actor);

/** actor__actor_identity() - the same, of what is its own: its behavior may have gone by then */
struct actor_identity actor__actor_identity(const struct actor__actor *actor);

/** actor__identity_create() - one that nobody else has */
struct actor_identity actor__identity_create(struct actor__thread *thread);

/** actor__actor_hold() - keep the memory; not if nobody does any more */
void actor__actor_hold(struct actor__actor *actor);

/** actor__actor_release() - stop keeping the memory */
void actor__actor_release(struct actor__actor *actor);

/** actor__actor_is_cancelled() - whether it was asked to drop everything */
static inline bool actor__actor_is_cancelled(const struct actor__actor *actor)
{
	return atomic_load(&actor->asked) & ACTOR__ASKED_CANCEL;
}

/** actor__actor_is_interrupted() - whether its handler is not to wait: it was asked to drop
 * everything, or to fail, which is too late for an actor that has finished. By the runner */
static inline bool actor__actor_is_interrupted(const struct actor__actor *actor)
{
	unsigned asked = atomic_load(&actor->asked);

	return asked & (ACTOR__ASKED_CANCEL | ACTOR__ASKED_TO_FAIL) &&
	       (asked & ACTOR__ASKED_CANCEL || !actor->finished);
}

/** actor__actor_strong() - one more holder of the strong address, which may have none */
struct actor_address *actor__actor_strong(struct actor__actor *actor);

/** actor__actor_signal() - post a message that needs no room, and no strong address: 0, or as
 * actor_address_post(); ACTOR_E_FULL only where the channel was given, and then @waiter, if not
 * NULL, is in line */
int actor__actor_signal(struct actor__actor *actor, const struct actor_message_type *type,
			void *message, struct actor_waiter *waiter);

/** actor__actor_ask() - have a running actor do something about what it is asked for */
void actor__actor_ask(struct actor__actor *actor, unsigned asked);

/** actor__actor_resume() - take back that it was asked to pause */
void actor__actor_resume(struct actor__actor *actor);

/** actor__address_actor() - whose address that is; NULL if it is none of this implementation's, or
 * of several */
struct actor__actor *actor__address_actor(const struct actor_address *address);

/** actor__address_is_weak() - whether it is a weak one of this implementation's */
bool actor__address_is_weak(const struct actor_address *address);

/** actor__actor_ops - of the two addresses: address.c */
extern const struct actor_address_ops actor__strong_ops;
extern const struct actor_address_ops actor__weak_ops;

/** actor__mailbox_ops - mailbox.c */
extern const struct actor_mailbox_ops actor__mailbox_ops;

/** actor__spawner_ops - spawner.c */
extern const struct actor_spawner_ops actor__spawner_ops;

/** actor__spawner_executor() - where what it makes runs; NULL if it is another implementation's */
struct actor_executor *actor__spawner_executor(struct actor_spawner *spawner);

/** actor__actor_run() - the task, run from where a thread's fibers are entered: activation.c */
void actor__actor_run(struct actor__task *task);

/** actor__mailbox_cancel() - see &actor_mailbox_ops.cancel; unlike that, at any moment at which the
 * memory is held. Thread: any */
void actor__mailbox_cancel(struct actor__actor *actor);

/** actor__mailbox_end() - a run is over: tell and hand over; between activations */
void actor__mailbox_end(struct actor__actor *actor, enum actor_ended how);

/** struct actor__fault - a failure with texts of its own; held by the run that failed, and by those
 * who are to tell of it */
struct actor__fault {
	atomic_uint n_holders;
	struct actor_failure failure;
	char texts[];
};

/** actor__fault_create() - a copy; never NULL */
struct actor__fault *actor__fault_create(const struct actor_failure *failure,
					 const char *message_type);

/** actor__fault_hold() - of an actor whose watchers are told of this failure */
struct actor__fault *actor__fault_hold(const struct actor_failure *failure);

/** actor__fault_release() - the last one frees it; NULL is fine */
void actor__fault_release(struct actor__fault *fault);

#endif
