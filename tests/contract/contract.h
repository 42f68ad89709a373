/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_H
#define CONTRACT_H

/**
 * DOC: the contract test suite, for those who implement actor-iface
 *
 * Describe your implementation as a struct contract_subject, and let main() return
 * contract_run(&subject, argc, argv). What a subject does not declare is skipped by name; all that
 * is not behind a capability is the mandatory core. See README.md beside this file.
 */

#include <actor-iface/context.h>
#include <actor-iface/spawner.h>

ACTOR__BEGIN_C

/** enum contract_capability - what an implementation may leave out */
enum contract_capability {
	/** @CONTRACT_SUSPEND: handlers and hooks can wait: "suspend". Without it they are told
	 * ACTOR_E_NOSUSPEND */
	CONTRACT_SUSPEND = 1 << 0,
	/** @CONTRACT_LIGHT_WAITS: a handler that waits holds no thread: "light-waits" */
	CONTRACT_LIGHT_WAITS = 1 << 1,
	/** @CONTRACT_FIFO: room goes to who waited longest: "first-in-first-out" */
	CONTRACT_FIFO = 1 << 2,
	/** @CONTRACT_STOP: addresses can stop their actor: "stop". Without it they say
	 * ACTOR_E_UNSUPPORTED */
	CONTRACT_STOP = 1 << 3,
	/** @CONTRACT_RESTART: a mailbox whose actor failed can start again: "restart" */
	CONTRACT_RESTART = 1 << 4,
	/** @CONTRACT_THREAD_BOUND: runs actors that never leave one thread: "thread-bound". Without
	 * it their mailboxes are refused */
	CONTRACT_THREAD_BOUND = 1 << 5,
	/** @CONTRACT_CROSS_THREAD: other threads than the test's own take part: "cross-thread" */
	CONTRACT_CROSS_THREAD = 1 << 6,
	/** @CONTRACT_CLOSE: an executor can be closed, with &contract_subject.close: "close" */
	CONTRACT_CLOSE = 1 << 7,
	/** @CONTRACT_COUNTS: can tell what it holds, with &contract_subject.held: "counts" */
	CONTRACT_COUNTS = 1 << 8,
	/** @CONTRACT_DEAD_LETTERS: counts dead letters, with &contract_subject.dead_letters:
	 * "dead-letters" */
	CONTRACT_DEAD_LETTERS = 1 << 9,
	/** @CONTRACT_LOG: what is logged can be seen, with &contract_subject.log_to: "log" */
	CONTRACT_LOG = 1 << 10,
	/** @CONTRACT_ABANDONED: replies tell whether their caller has gone: "abandoned" */
	CONTRACT_ABANDONED = 1 << 11,
	/** @CONTRACT_DRIVEN: not something to be tested but to be known: actors run only while the
	 * thread that created the instance waits in a context */
	CONTRACT_DRIVEN = 1 << 12,
	/** @CONTRACT_VIRTUAL_TIME: likewise: time passes only when nobody has anything to do:
	 * "virtual-time" */
	CONTRACT_VIRTUAL_TIME = 1 << 13,
	/** @CONTRACT_FAIL: whoever owns a mailbox can have its actor fail: "owner-fails". Without
	 * it they are told ACTOR_E_UNSUPPORTED */
	CONTRACT_FAIL = 1 << 14,
	/** @CONTRACT_DEADLOCKS: finds actors that wait for each other for ever: "deadlocks" */
	CONTRACT_DEADLOCKS = 1 << 15
};

/**
 * struct contract_held - what an implementation holds, for the whole process
 * @mailboxes: mailboxes whose memory is held, be it by an owner, an actor or an address
 * @envelopes: messages queued or being handled
 * @replies:   replies that caller or callee has not let go of
 */
struct contract_held {
	int64_t mailboxes;
	int64_t envelopes;
	int64_t replies;
};

/** typedef contract_log_fn - is shown a log record; from any thread; borrows it for the call */
typedef void contract_log_fn(void *user, const struct actor_log_record *record);

/**
 * struct contract_exception - tests that a subject is not held to
 * @tests: their names, a pattern with * and ?
 * @why:   what is different there, in words
 */
struct contract_exception {
	const char *tests;
	const char *why;
};

/**
 * struct contract_subject - an implementation, as its tests see it
 * @name:         for the output
 * @capabilities: of enum contract_capability
 * @chain:        how long a chain of actors may be that exist at a time; default 100,000
 * @crowd:        how many handlers may wait at a time; default 200
 * @create:       make an instance (an executor, a runtime) on the test's thread; NULL if that fails
 * @join:         wait until none of its actors runs any more; on the thread that made it. Return:
 *                0, or negative when that has not happened by the deadline
 * @destroy:      free an instance on which nothing runs, on the thread that made it. Return: 0, or
 *                negative when something still lives there
 * @spawner:      makes its actors; borrowed
 * @context:      of the calling thread, for waiting on its actors. Called on the test's thread, and
 *                with CONTRACT_CROSS_THREAD on others. NULL if out of memory
 * @context_done: the calling thread is done with what @context gave it; may be NULL
 * @close:        refuse new actors, and cancel every mailbox there is, also those on which nothing
 *                runs; may be called on any thread
 * @held:         count; asked for when all instances have been destroyed
 * @dead_letters: messages that were accepted but never handled, since the process began; asked for
 *                when all instances have been destroyed
 * @log_to:       from now on show log records of all levels to a function, or to NULL: to nobody;
 *                called while no instance exists
 * @fail_nth:     only for contract_sweep(): have one allocation of the implementation fail on this
 *                thread, the @nth from now, with 0 none; what it keeps for later use counts like
 *                memory fresh from the system. Return: how many it has made since the last call,
 *                if that was with an @nth above 0
 * @exceptions:   for contract_run() of something of which only addresses are to be tested; an
 *                implementation has none. The last one is all NULL; or NULL: none
 *
 * @close to @log_to only with the capability that names them.
 */
struct contract_subject {
	const char *name;
	unsigned capabilities;
	size_t chain;
	size_t crowd;
	void *(*create)(void);
	int (*join)(void *instance, int64_t deadline_ns);
	int (*destroy)(void *instance);
	struct actor_spawner *(*spawner)(void *instance);
	struct actor_context *(*context)(void *instance);
	void (*context_done)(void *instance, struct actor_context *context);
	void (*close)(void *instance);
	void (*held)(struct contract_held *ret_held);
	int64_t (*dead_letters)(void);
	void (*log_to)(contract_log_fn *log, void *user);
	uint64_t (*fail_nth)(uint64_t nth);
	const struct contract_exception *exceptions;
};

/**
 * contract_run() - run the suite
 * @subject: what is tested
 * @argc:    of main()
 * @argv:    of main(). Without arguments: run everything. --list: name the tests. --behaviours:
 *           show which behaviours which tests pin. Anything else is a pattern with * and ?: run the
 *           tests whose names match
 *
 * Return: how many tests failed, for main() to return
 */
int contract_run(const struct contract_subject *subject, int argc, char **argv);

/**
 * contract_sweep() - run each test again and again, each time with another allocation that fails
 * @subject: what is tested; its actors must run on the test's thread alone
 * @argc:    of main()
 * @argv:    of main(). Without arguments: the first allocations of each test, and fewer and fewer
 *           of the later ones. --all: each. Then, or alone: a pattern, as for contract_run()
 *
 * A test to which memory is refused need not succeed: it may end early, with an assertion that
 * fails. But then it must have been told ACTOR_E_NOMEM; one that was not must succeed, and nothing
 * may be left of it. Whatever fails, nothing crashes, hangs, runs twice or is released twice. Each
 * run is a process of its own, with whose end goes what a test leaves that ended early.
 *
 * Return: how many tests failed, for main() to return
 */
int contract_sweep(const struct contract_subject *subject, int argc, char **argv);

/**
 * contract_run_mixed() - let the actors of several implementations work with each other
 * @subjects:   each is paired with each other in both orders, except those that both need a
 *              thread of their own to drive them
 * @n_subjects: how many, at least 2
 * @argc:       of main()
 * @argv:       of main(), as for contract_run()
 *
 * Return: how many tests failed, for main() to return
 */
int contract_run_mixed(const struct contract_subject *const *subjects, size_t n_subjects, int argc,
		       char **argv);

ACTOR__END_C

#endif
