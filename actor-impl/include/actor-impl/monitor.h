/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_MONITOR_H
#define ACTOR_IMPL_MONITOR_H

#include <actor-iface/mailbox.h>
#include <actor-iface/typed-message.h>
#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * struct actor_monitor - tells an actor of the failures, the restarts and the end of another
 *
 * It keeps neither of them alive, and whoever fails or ends does not wait for anybody: news are
 * kept in the monitor until there is room for them in the mailbox. They are told in the order in
 * which they happen. Of failures and restarts that follow each other faster than they are taken,
 * only the latest are told; how many there were is in each notice. The end comes last, and is told
 * exactly once, also when it had come before the monitor was made, and whatever memory is left:
 * what is needed is there from the beginning, or is tried for again.
 *
 * An actor may have many monitors, be told by many, and be told of itself. These functions may be
 * called from any thread, but not from functions that drop or copy messages. None of them waits.
 */
struct actor_monitor;

/** enum actor_noticed - what happened */
enum actor_noticed {
	/** @ACTOR_NOTICED_FAILURE: the actor has failed; its mailbox may be started again */
	ACTOR_NOTICED_FAILURE = 1,
	/** @ACTOR_NOTICED_RESTART: which it was */
	ACTOR_NOTICED_RESTART = 2,
	/** @ACTOR_NOTICED_END: there will be no run any more; this is the last notice */
	ACTOR_NOTICED_END = 3,
	/* What follows is told by runtimes only: see runtime.h. */
	/** @ACTOR_NOTICED_UNHEALTHY: a handler or hook of the actor has been in hand for longer
	 * than the limit, whether it runs or waits. That is over with what is told next of HEALTHY,
	 * FAILURE and END: who fails or ends was not healthy before */
	ACTOR_NOTICED_UNHEALTHY = 4,
	/** @ACTOR_NOTICED_HEALTHY: after that, it has returned, and the actor goes on */
	ACTOR_NOTICED_HEALTHY = 5,
	/** @ACTOR_NOTICED_OVERRUN: a handler has kept a thread for longer than the watchdog allows:
	 * it has neither waited nor let others go first meanwhile. Told once for each */
	ACTOR_NOTICED_OVERRUN = 6
};

/**
 * struct actor_notice - what a monitor sends, or a runtime
 * @monitor:      which one; for telling apart; NULL: a runtime
 * @what:         happened
 * @how:          with ACTOR_NOTICED_END, how the last run ended; CANCELLED if there was none; 0
 *                where a runtime knows no such actor (any more); otherwise 0
 * @identity:     of the actor that it happened to
 * @n_failures:   since the monitor was made, or the actor became a member of the runtime
 * @n_restarts:   likewise
 * @age_ns:       with ACTOR_NOTICED_UNHEALTHY and ACTOR_NOTICED_OVERRUN, for how long it has been
 *                in hand, at least; otherwise 0
 * @line:         of the failure that was last, with ACTOR_NOTICED_FAILURE, and with
 *                ACTOR_NOTICED_END of one that failed
 * @name:         of the actor, "" when unnamed; this and the other texts are cut when too long
 * @type:         of the actor: the name of its behavior
 * @message_type: of the message that was handled when it failed; "" in a hook; like @line. With
 *                @age_ns, what is in hand: a message type's name, or "started" or "stopped"
 * @file:         where it failed, or ""; like @line
 * @text:         why it failed; like @line
 *
 * Plain data. An actor that is told handles them: SEND(X, actor_notice) in the list of its
 * messages.
 */
struct actor_notice {
	const struct actor_monitor *monitor;
	enum actor_noticed what;
	enum actor_ended how;
	struct actor_identity identity;
	unsigned n_failures;
	unsigned n_restarts;
	int64_t age_ns;
	int line;
	char name[48];
	char type[48];
	char message_type[64];
	char file[64];
	char text[200];
};

ACTOR__END_C

ACTOR_SIGNAL(actor_notice);

ACTOR__BEGIN_C

/**
 * actor_monitor_create() - have an actor told what happens to another one
 * @executor:    whose threads do the sending; as for timers, it is not destroyed before the monitor
 * @of:          whom it happens to: an address, strong or weak, that leads to one actor of this
 *               implementation; borrowed
 * @to:          who is told, of any implementation: ACTOR_FOR(actor_notice, address); borrowed
 * @ret_monitor: the caller's to destroy
 *
 * What happens from now on is told; of what happened before, only the end.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_UNHANDLED, ACTOR_E_UNSUPPORTED when @of is another
 *          implementation's, or leads to several actors
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_monitor_create(struct actor_executor *executor,
						      struct actor_address *of,
						      union actor_notice_recipient to,
						      struct actor_monitor **ret_monitor);

/** actor_monitor_destroy() - send nothing more; what was sent may still be in the mailbox. NULL is
 * fine. Thread: any */
ACTOR_EXPORT void actor_monitor_destroy(struct actor_monitor *monitor);

ACTOR__END_C

#endif
