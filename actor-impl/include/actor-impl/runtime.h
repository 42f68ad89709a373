/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_RUNTIME_H
#define ACTOR_IMPL_RUNTIME_H

#include <actor-iface/typed-actor.h>
#include <actor-impl/executor.h>
#include <actor-impl/monitor.h>

ACTOR__BEGIN_C

/**
 * DOC: a system of actors: who is there, how they are, and an orderly end
 *
 * Optional: an actor needs no more than an executor. A runtime is put around one; what is made
 * through its spawner, also by libraries that know nothing of it, is a member: it can be found by
 * name, listed, and stopped with all the others, and whoever wants to know is told how it is. What
 * a member makes through its context's spawner is a member, too.
 *
 * Its life: create; start; spawn; stop, or wait until none is left; destroy; then the executor.
 *
 * A member takes some 540 bytes more than an actor that is none (measured: 100,000 of them,
 * x86-64), and somebody who is told of it some 220.
 *
 * A runtime keeps no actor alive, and no message is the slower for it. While it is started, it
 * looks around every so often (a tick: a 25th of the shorter limit, at least 10 ms), on a thread of
 * its own, so that it sees, too, what keeps all threads of the executor; in a simulation, on
 * virtual time, which does not pass for that alone. All ages are counted in these ticks, on the
 * executor's clock, whatever that says. And it logs, as a warning, at most once a second and when
 * it is destroyed, how many dead letters there have been in the process, if any, and which was the
 * last.
 */

/** struct actor_runtime - around an executor */
struct actor_runtime;

/** struct actor_start - the runtime has been started: to each member that handles it, once */
struct actor_start {
	char unused;
};

/** struct actor_terminate - the runtime is being stopped: likewise, before the member is to drain
 */
struct actor_terminate {
	char unused;
};

ACTOR__END_C

ACTOR_SIGNAL(actor_start);
ACTOR_SIGNAL(actor_terminate);

ACTOR__BEGIN_C

/**
 * typedef actor_runtime_notice_fn - is told of what happens to all members
 * @user:   as given
 * @notice: borrowed for the call
 *
 * One call at a time, on a thread of the executor's, of the runtime's own, or of whoever calls one
 * of the functions below just now: who has a lock that this takes does not call them. Must not
 * wait, or destroy the runtime.
 */
typedef void actor_runtime_notice_fn(void *user, const struct actor_notice *notice);

/**
 * struct actor_runtime_options - choices when a runtime is made; zero means the default
 * @size:        sizeof(struct actor_runtime_options)
 * @limit_ns:    for how long a handler may be in hand before its actor is unhealthy; default 1 s;
 *               ACTOR_FOREVER: for ever
 * @watchdog_ns: for how long one may keep a thread, without any wait, before the log has a warning
 *               that says which; default 1 s; ACTOR_FOREVER: for ever
 * @on_notice:   is told of all that happens; default: nobody is
 * @user:        for it
 * @to:          an actor that is told likewise, as by actor_runtime_supervise() of each member from
 *               its beginning: ACTOR_FOR(actor_notice, address); borrowed, and not kept alive
 *
 * What is told by ticks comes late by two of them at most, so by 80 ms where the limits are 1 s,
 * and by as long as the runtime's thread has to wait for a processor; never early.
 */
struct actor_runtime_options {
	size_t size;
	int64_t limit_ns;
	int64_t watchdog_ns;
	actor_runtime_notice_fn *on_notice;
	void *user;
	union actor_notice_recipient to;
};

/**
 * actor_runtime_create() - a runtime without members
 * @executor:    where what is made through it runs; may be used otherwise, too; not to be destroyed
 *               before the runtime
 * @options:     NULL for the defaults
 * @ret_runtime: the caller's to destroy
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID for a limit below 0, ACTOR_E_UNHANDLED when the actor
 *          that is to be told does not handle that
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_create(struct actor_executor *executor,
						      const struct actor_runtime_options *options,
						      struct actor_runtime **ret_runtime);

/**
 * actor_runtime_destroy() - free a runtime that has no members
 * @runtime: NULL is fine
 *
 * Notices that their receivers have not accepted are not given any more.
 *
 * Thread:  owner; not in a handler or the notice function
 * Return:  0, ACTOR_E_BUSY while it has members: see actor_runtime_wait()
 */
ACTOR_EXPORT int actor_runtime_destroy(struct actor_runtime *runtime);

/**
 * actor_runtime_spawner() - makes members; borrowed
 * @runtime: whose
 *
 * Beside what any spawner returns, this one returns ACTOR_E_BUSY when a member has that name, and
 * ACTOR_E_CLOSED when the runtime is being stopped. actor_channel_mailbox() takes it, too.
 *
 * The spawner that members find in their contexts does neither: helpers may be called what they
 * like, and a name is taken as long as any member has it; and a member that drains can still have
 * helpers, which are not asked to drain then: like all others, they end when nobody holds their
 * address.
 *
 * Thread:  any
 */
ACTOR_EXPORT struct actor_spawner *actor_runtime_spawner(struct actor_runtime *runtime);

/**
 * actor_runtime_register() - make an actor a member
 * @runtime: whose
 * @address: any of its addresses; borrowed. It may run on any executor
 *
 * Thread:  any
 * Return:  0, also when it is one already; ACTOR_E_BUSY when another one has its name;
 *          ACTOR_E_CLOSED when it has ended, or the runtime is being stopped; ACTOR_E_UNSUPPORTED
 *          for another implementation's, or the address of several; ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_register(struct actor_runtime *runtime,
							struct actor_address *address);

/** actor_runtime_find() - the member of that name, of several the one that came first: a strong
 * address, the caller's to unref; NULL when there is none of which anybody holds a strong address
 * any more. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT struct actor_address *actor_runtime_find(struct actor_runtime *runtime,
								      const char *name);

/**
 * actor_runtime_start() - send struct actor_start to all members, and begin to look around
 * @runtime: may be started already
 *
 * Whoever becomes a member later gets it then: what the spawner makes, before any other message.
 * These messages need no room, except in channels that were given. Members run without this, too.
 *
 * Thread:  owner
 * Return:  0, ACTOR_E_SYSTEM when there can be no more threads, and nothing has happened
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_start(struct actor_runtime *runtime);

/** enum actor_runtime_rest - what becomes of members that have not ended in time */
enum actor_runtime_rest {
	/** @ACTOR_RUNTIME_LEAVE: nothing: they go on to drain */
	ACTOR_RUNTIME_LEAVE = 0,
	/** @ACTOR_RUNTIME_CANCEL: they are cancelled: see &actor_mailbox_ops.cancel */
	ACTOR_RUNTIME_CANCEL = 1
};

struct actor_runtime_list;

/**
 * actor_runtime_stop() - the orderly end of all members
 * @context:     whoever waits
 * @runtime:     may be stopping already
 * @deadline_ns: absolute, on the context's clock
 * @rest:        what becomes of those who have not ended by then
 * @ret_left:    receives who these are and what they are doing, to be destroyed, or NULL when there
 *               are none, or no memory for that; may be NULL
 *
 * No new members; struct actor_terminate to all who handle it; then all drain, at the same time:
 * what they send each other from then on is refused. Where an order matters, stop by hand what
 * comes first. A mailbox that nobody has started, or started again, has to be given up by its
 * owner. Nobody stays paused.
 *
 * The message needs no room, except in a channel that was given: where that is full, it waits in
 * line, and until it is in, its receiver is not told to drain. Who does not handle it is, at once.
 *
 * Those who have not ended are named in the log, too (as warnings, the first 16). A member may stop
 * its own runtime: it is told to drain like all others, but not waited for.
 *
 * Thread:  context
 * Return:  0 when none is left; ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED; ACTOR_E_BUSY when somebody else
 *          waits; ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM. After an error, too, they have been told
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_stop(struct actor_context *context,
						    struct actor_runtime *runtime,
						    int64_t deadline_ns,
						    enum actor_runtime_rest rest,
						    struct actor_runtime_list **ret_left);

/**
 * actor_runtime_wait() - wait until no member is left, and all ends have been told
 * @context:     whoever waits, one at a time; a member does not wait for itself
 * @runtime:     for whose
 * @deadline_ns: absolute, on the context's clock
 *
 * The notice function has returned by then, and notices are in the mailboxes of the actors that are
 * told, if there was room, and memory. Nobody waits for a receiver without: it is told when there
 * is, if the runtime is still there.
 *
 * Thread:  context
 * Return:  0, at once if there is none; as actor_runtime_stop()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_wait(struct actor_context *context,
						    struct actor_runtime *runtime,
						    int64_t deadline_ns);

/**
 * actor_runtime_supervise() - have somebody told of what happens to a member
 * @runtime:  whose
 * @identity: the member's
 * @address:  whom to tell, by struct actor_notice; strong or weak, of any implementation;
 *            borrowed, and not kept alive
 *
 * From here on, until it has been told that the member has stopped, which it is at once if there is
 * no such member (any more); or until it has gone itself, which is noticed by what it is to be told
 * next, and in any case by and by: some hundreds of those who are told are looked at each tick. (An
 * actor of another implementation has gone when it has no strong addresses any more.) Somebody who
 * is told already is not told twice. If the member is unhealthy, or has failed, that is told first.
 *
 * Nobody waits for the receiver, and nothing is lost: what it is told is what has changed since it
 * was told last. So while there is no room in its mailbox, or no memory, what has happened and been
 * undone again is not told at all: it may hear of one failure and one restart, but with the number
 * of all restarts.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_UNHANDLED when it does not handle that, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_supervise(struct actor_runtime *runtime,
							 struct actor_identity identity,
							 struct actor_address *address);

/** actor_runtime_unsupervise() - have it told no more, if it was. What another thread is just
 * sending may still come. Thread: any */
ACTOR_EXPORT void actor_runtime_unsupervise(struct actor_runtime *runtime,
					    struct actor_identity identity,
					    struct actor_address *address);

/** enum actor_state - what an actor does */
enum actor_state {
	/** @ACTOR_STATE_NEW: its mailbox has not been started */
	ACTOR_STATE_NEW = 1,
	/** @ACTOR_STATE_IDLE: nothing */
	ACTOR_STATE_IDLE = 2,
	/** @ACTOR_STATE_SCHEDULED: it is about to run */
	ACTOR_STATE_SCHEDULED = 3,
	/** @ACTOR_STATE_RUNNING: a handler or hook runs */
	ACTOR_STATE_RUNNING = 4,
	/** @ACTOR_STATE_WAITING: a handler or hook waits, or lets others go first */
	ACTOR_STATE_WAITING = 5,
	/** @ACTOR_STATE_PAUSED: it takes nothing: see pause.h */
	ACTOR_STATE_PAUSED = 6,
	/** @ACTOR_STATE_FAILED: it has failed, and may be started again */
	ACTOR_STATE_FAILED = 7
};

/** actor_state_name() - "new", "idle" ... Thread: any */
ACTOR_EXPORT const char *actor_state_name(enum actor_state state);

/**
 * struct actor_runtime_member - how a member is
 * @identity:   whose
 * @name:       copied, cut when too long
 * @type:       name of its behavior, likewise
 * @state:      what it does
 * @unhealthy:  see ACTOR_NOTICED_UNHEALTHY
 * @in_hand:    RUNNING, WAITING: name of the message type, or "started", "stopped"; else ""
 * @in_hand_ns: for how long, at least, in ticks
 * @n_queued:   messages in its mailbox
 * @oldest_ns:  how long the oldest of these has been there, at least, in ticks, at which some
 *              hundreds of members are looked at in turn; always 0 where the channel was given
 * @n_restarts: how often it has been started again
 * @n_strong:   holders of strong addresses
 */
struct actor_runtime_member {
	struct actor_identity identity;
	char name[48];
	char type[48];
	enum actor_state state;
	bool unhealthy;
	char in_hand[64];
	int64_t in_hand_ns;
	size_t n_queued;
	int64_t oldest_ns;
	unsigned n_restarts;
	size_t n_strong;
};

/**
 * struct actor_runtime_list - members as they were a moment ago, who came first first
 * @n_members: how many
 * @members:   the first
 *
 * All who were members when it was begun, and had not gone when their turn came, are there; of
 * those who came meanwhile, maybe some. If they run meanwhile, each is shown at its own moment:
 * what it does and what it has in hand are of the same one, the numbers are of one close to it. One
 * that has just been taken up by another thread may be shown as SCHEDULED, or for a few
 * instructions with what is in hand no more.
 */
struct actor_runtime_list {
	size_t n_members;
	struct actor_runtime_member *members;
};

/** actor_runtime_list_create() - all members: 0, ACTOR_E_NOMEM. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_runtime_list_create(struct actor_runtime *runtime,
							   struct actor_runtime_list **ret_list);

/** actor_runtime_list_destroy() - NULL is fine. Thread: any */
ACTOR_EXPORT void actor_runtime_list_destroy(struct actor_runtime_list *list);

/**
 * actor_runtime_list_format() - a list as a table: a line of headings, and one for each member
 * @list:     which
 * @buffer:   receives the text, always terminated; may be NULL if it has no room
 * @n_buffer: its size in bytes
 *
 * Thread:  any
 * Return:  the length of the whole text, as snprintf() counts it
 */
ACTOR_EXPORT int actor_runtime_list_format(const struct actor_runtime_list *list, char *buffer,
					   size_t n_buffer);

/** actor_runtime_list_log() - the same to the log, a record for each member. Thread: any */
ACTOR_EXPORT void actor_runtime_list_log(const struct actor_runtime_list *list,
					 enum actor_log_level level);

ACTOR__END_C

#endif
