/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_SUPERVISOR_H
#define ACTOR_IMPL_SUPERVISOR_H

/**
 * DOC: supervisors
 *
 * A supervisor is an actor that starts others, its children, and starts them again when they fail:
 * with a fresh state, on the mailbox they had, so that all addresses stay valid and what is queued
 * is handled. Which others then begin anew, too, is its strategy. Where that does not help, since
 * it happens too often, it stops its children and fails itself: then its own supervisor decides,
 * of which it is a child like any other. So programs are trees of supervisors.
 *
 *	static const struct actor_child children[] = {
 *		ACTOR_CHILD(parser, .name = "parser", .make = make_parser),
 *		ACTOR_CHILD(writer, .name = "writer", .make = make_writer, .user = &settings),
 *	};
 *	static const struct actor_supervisor_options options = {
 *		.size = sizeof options, .children = children, .n_children = 2,
 *		.strategy = ACTOR_REST_FOR_ONE,
 *	};
 *	rc = actor_supervisor_create(&options, &state);
 *	rc = ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool), state, NULL, &supervisor);
 *
 * It runs on an executor of this implementation; its children may be of any. It ends like any
 * other actor: when it is stopped, or when nobody has its address any more. It then stops its
 * children, the one that was started last first, and waits for each. When it is cancelled, or made
 * to fail by its owner, they are cancelled, and not waited for. It holds strong addresses of its
 * children; a child that held one of its supervisor would keep it for ever.
 */

#include <actor-iface/typed-actor.h>
#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/** enum actor_restart - which ends of a child are followed by a fresh start */
enum actor_restart {
	/** @ACTOR_PERMANENT: every one */
	ACTOR_PERMANENT = 0,
	/** @ACTOR_TRANSIENT: a failure, or that somebody else has cancelled it */
	ACTOR_TRANSIENT = 1,
	/** @ACTOR_TEMPORARY: none; nor does it begin anew with another child: it ends */
	ACTOR_TEMPORARY = 2
};

/** enum actor_strategy - who begins anew with a child that is started again */
enum actor_strategy {
	/** @ACTOR_ONE_FOR_ONE: nobody else */
	ACTOR_ONE_FOR_ONE = 0,
	/** @ACTOR_ONE_FOR_ALL: all other children */
	ACTOR_ONE_FOR_ALL = 1,
	/** @ACTOR_REST_FOR_ONE: those that come after it */
	ACTOR_REST_FOR_ONE = 2
};

/**
 * typedef actor_make_fn - makes a fresh state for a child
 * @user:      as given
 * @ret_state: the actor's from there on, released by its behavior's destroy function; may be NULL
 *
 * Called for each start, within a handler of the supervisor's; must not wait.
 *
 * Return: 0; ACTOR_E_NOMEM, and it is called again a little later; any other error is a failure of
 *         the child
 */
typedef int actor_make_fn(void *user, void **ret_state);

/**
 * struct actor_child - what a supervisor has to know about a child; zero means the default
 * @size:     sizeof(struct actor_child), set by ACTOR_CHILD()
 * @behavior: of the actor
 * @make:     makes its states
 * @user:     for it
 * @drop:     releases @user, when the supervisor has forgotten the child and none of its runs goes
 *            on any more: states may point into it. Called by whoever comes last, the supervisor or
 *            the end of a run, on its thread; must not wait. Or NULL. Only of children that are
 *            added
 * @name:     of the actor, for people; default: unnamed
 * @capacity: of its mailbox, as in struct actor_mailbox_options
 * @spawner:  makes the mailbox; default: the supervisor's
 * @restart:  default: ACTOR_PERMANENT
 * @attempts: default: as if it had not been asked for; see actor_mailbox_set_attempts(): at most
 *            ACTOR_MOST_ATTEMPTS; only with mailboxes of this implementation, and not with one that
 *            is running already
 * @stop_ns:  how long the supervisor waits for its end: first it is asked to handle what is queued,
 *            and goes on with that after a failure, unless it is temporary; then, when that time
 *            has passed, to drop that, then it is cancelled, and each time waited for so long; who
 *            runs on even then is left to itself. Default: 5 s. May be ACTOR_FOREVER, as it is best
 *            for supervisors, whose children have times of their own
 * @mailbox:  one that there is already, from here on the supervisor's; the actor on it may be
 *            running. Its run has no on_end that starts it again. Default: one is made. Only of
 *            children that are added
 *
 * What it points to, but for @user with a @drop, outlives the child, and, if it is declared, the
 * supervisor and all its restarts; and @user all runs of the child, which may outlast these when
 * the supervisor is cancelled or made to fail, or the child left to itself. All have ended when
 * actor_executor_join() has returned 0.
 */
struct actor_child {
	size_t size;
	const struct actor_behavior *behavior;
	actor_make_fn *make;
	void *user;
	void (*drop)(void *user);
	const char *name;
	size_t capacity;
	struct actor_spawner *spawner;
	enum actor_restart restart;
	unsigned attempts;
	int64_t stop_ns;
	struct actor_mailbox *mailbox;
};

#ifndef __cplusplus
/** ACTOR_CHILD() - a child, in an initialiser: ACTOR_CHILD(counter, .make = make_counter, ...); C
 * only */
#define ACTOR_CHILD(A, ...)                                                                        \
	{                                                                                          \
		.size = sizeof(struct actor_child), .behavior = &A##_behavior, __VA_ARGS__         \
	}
#endif

/**
 * struct actor_supervisor_options - choices when a supervisor is made; zero means the default
 * @size:           sizeof(struct actor_supervisor_options)
 * @children:       the first that it starts, in this order; the size of the first is the distance
 *                  to the next
 * @n_children:     how many
 * @strategy:       default: ACTOR_ONE_FOR_ONE
 * @most_restarts:  in a period; the next one is too many. Children that begin anew because of
 *                  another do not count. UINT_MAX: none is too many. Default: 3
 * @period_ns:      default: 5 s
 * @first_delay_ns: how long a child waits to be started again, each time in a row twice as long as
 *                  the time before: in a row are those after runs that were shorter than a period.
 *                  Of each delay up to a half is taken off at random, so that those who failed
 *                  together do not come back together. Default: at once
 * @most_delay_ns:  no delay is longer; default: 64 times the first
 * @seed:           begins what is random; default: as the supervisor's number
 */
struct actor_supervisor_options {
	size_t size;
	const struct actor_child *children;
	size_t n_children;
	enum actor_strategy strategy;
	unsigned most_restarts;
	int64_t period_ns;
	int64_t first_delay_ns;
	int64_t most_delay_ns;
	uint64_t seed;
};

/**
 * struct actor_child_add - a message: start one more child
 * @child: the supervisor's, if it succeeds, with all that it owns; otherwise still the message's,
 *         whose drop function destroys @mailbox and releases @user at once: what runs there then
 *         must not need it
 *
 * It comes after those that there are, and is not there any more when the supervisor itself is
 * restarted. Answered with a strong address of it, the caller's to unref,
 * or with why it was not started: ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_CLOSED,
 * ACTOR_E_UNSUPPORTED, ACTOR_E_BUSY when its name is taken in a runtime, or when it has @attempts
 * and its @mailbox is running; or what its make function said.
 */
struct actor_child_add {
	struct actor_child child;
};

/**
 * struct actor_child_remove - a message: stop a child, and forget it
 * @identity: whom, as its address says
 *
 * Answered when it has ended, or with ACTOR_E_INVALID when there is no such child.
 */
struct actor_child_remove {
	struct actor_identity identity;
};

/**
 * struct actor_child_remove_named - a message: the same by the name of the child
 * @name: whom: the first of that name; from malloc() or its kin, the message's own
 *
 * So also one whose address changes, or that has none yet. Answered as a struct actor_child_remove.
 */
struct actor_child_remove_named {
	char *name;
};

/** struct actor_child_list - a message: who is there? Answered with struct actor_children, or
 * ACTOR_E_NOMEM */
struct actor_child_list {
	char nothing;
};

/**
 * struct actor_child_info - a child
 * @address:    strong; NULL when it has no mailbox at the moment
 * @info:       who that is; valid while @address is held
 * @is_running: it has been started, and its end has not been seen
 * @n_restarts: how often it was started again
 */
struct actor_child_info {
	struct actor_address *address;
	struct actor_info info;
	bool is_running;
	unsigned n_restarts;
};

/**
 * struct actor_children - the answer to a struct actor_child_list, the receiver's to drop
 * @n:    how many
 * @each: in the order in which they are started
 */
struct actor_children {
	size_t n;
	struct actor_child_info *each;
};

/** actor_children_drop() - give the addresses back, and the memory. Thread: any */
ACTOR_EXPORT void actor_children_drop(struct actor_children *children);

ACTOR__END_C

ACTOR_MESSAGE(actor_child_add, struct actor_address *);
ACTOR_MESSAGE(actor_child_remove, struct actor_unit);
ACTOR_MESSAGE(actor_child_remove_named, struct actor_unit);
ACTOR_MESSAGE(actor_child_list, struct actor_children);

#define ACTOR_SUPERVISOR_MESSAGES(CALL, SEND, X)                                                   \
	CALL(X, actor_child_add)                                                                   \
	CALL(X, actor_child_remove)                                                                \
	CALL(X, actor_child_remove_named)                                                          \
	CALL(X, actor_child_list)

/*
 * union actor_supervisor_address, actor_supervisor_behavior: see ACTOR_DECLARE(). While a
 * supervisor waits for the end of a child, it takes no messages and starts nobody; whoever ends
 * meanwhile is seen to afterwards. A child that is to stop, and waits for one that is to be started
 * again, is so waited for until its time has passed. Once it has been asked to end, be it with all
 * others of a runtime, it starts nobody again.
 *
 * A child whose mailbox is closed (because it has stopped, was cancelled, or failed in `stopped`)
 * is started again on a new one, with a new identity. So is one that had to begin anew with another
 * and did not come to its end in time, or is of an implementation without actor_mailbox_fail().
 */
ACTOR_DECLARE(actor_supervisor, ACTOR_SUPERVISOR_MESSAGES);

ACTOR__BEGIN_C

/**
 * actor_supervisor_create() - a state for a supervisor, to be spawned
 * @options:   NULL: the defaults, without children; outlives the supervisor, and its restarts
 * @ret_state: the actor's when it is started; before, the caller's, to be released with
 *             actor_supervisor_behavior.destroy()
 *
 * The children are started when the supervisor is, one after the other; one whose start fails is
 * treated like one that fails later.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID for options that make no sense
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_supervisor_create(
	const struct actor_supervisor_options *options, struct actor_supervisor **ret_state);

/** actor_supervisor_make() - the same as an actor_make_fn, with the options as its user: for
 * supervisors that are children, whose @stop_ns should be ACTOR_FOREVER. Thread: any */
ACTOR_EXPORT int actor_supervisor_make(void *options, void **ret_state);

#ifndef __cplusplus
/** ACTOR_SUPERVISOR_CHILD() - such a child, in an initialiser: (name, &options); C only */
#define ACTOR_SUPERVISOR_CHILD(name_, options)                                                     \
	ACTOR_CHILD(actor_supervisor, .make = actor_supervisor_make, .user = (void *)(options),    \
		    .name = (name_), .stop_ns = ACTOR_FOREVER)
#endif

ACTOR__END_C

#endif
