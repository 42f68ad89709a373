/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_NURSERY_H
#define ACTOR_IMPL_NURSERY_H

#include <actor-iface/spawner.h>
#include <actor-iface/typed-message.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: subtasks, which live no longer than the actor that started them
 *
 * A handler that has much to do starts a subtask and returns: the actor takes its next message, and
 * the result of the subtask comes back as one. A subtask is a function with a context of its own:
 * it may send, call, wait, spawn, log and fail, and it has what was moved to it, never the actor's
 * state. A call can be answered from there: its reply is a member of what is moved.
 *
 * A nursery belongs to one actor, or to one thread. Made by a handler, it is on the scope list of
 * its context; actor_nursery_keep() puts it into the state of its actor, whose destroy function
 * then destroys it, so that it goes when the actor fails, is cancelled, or ends without an owner.
 * One whose state goes back to an owner destroys it in `stopped`; at the latest, the first result
 * that cannot be sent to an actor any more does what destroying the nursery does to its subtasks.
 *
 * When a nursery is destroyed, every subtask is cancelled: its current and later waits return
 * ACTOR_E_CANCELLED, what was moved to it is dropped when it has returned, and so are results. Its
 * code is not interrupted, and nobody waits for it: see actor_nursery_join() for that.
 */

struct actor_nursery;

/**
 * typedef actor_subtask_fn - does the work of a subtask
 * @context:   the subtask's own
 * @argument:  moved to it; dropped by the library when it has ended, as a handler's message is
 * @ret_value: zeroed memory for the result; on failure it owns nothing
 *
 * Return: 0, or an error that becomes the status of the result (what is neither: ACTOR_E_INVALID)
 */
typedef int actor_subtask_fn(struct actor_context *context, void *argument, void *ret_value);

/** enum actor_nursery_results - how results come back; always in the order of completion */
enum actor_nursery_results {
	/** @ACTOR_NURSERY_MESSAGES: as messages to the actor: struct actor_result */
	ACTOR_NURSERY_MESSAGES = 0,
	/** @ACTOR_NURSERY_NEXT: to whoever asks with actor_nursery_next() */
	ACTOR_NURSERY_NEXT = 1
};

/**
 * struct actor_nursery_options - choices when a nursery is made; zero means the default
 * @size:    sizeof(struct actor_nursery_options) as the caller compiled it; what lies beyond it is
 *           not read
 * @results: how they come back; by default as messages, which the actor must handle
 * @limit:   how many subtasks may run at a time; others wait their turn, in order; default: any
 *           number
 * @spawner: runs the subtasks, on contexts that can wait; must outlive them and the nursery;
 *           default: the context's
 * @name:    of the subtasks, for people; borrowed while the nursery and its subtasks live
 */
struct actor_nursery_options {
	size_t size;
	enum actor_nursery_results results;
	size_t limit;
	struct actor_spawner *spawner;
	const char *name;
};

/**
 * struct actor_result - what became of a subtask
 * @nursery: that started it; to be compared, it may have gone
 * @number:  as actor_nursery_start() has said
 * @status:  0; what the function returned; ACTOR_E_STOPPED when it failed; ACTOR_E_CANCELLED when
 *           it was cancelled, by its number or with its executor, before it began or without an
 *           answer; or why it could not be run
 * @type:    of the value
 * @value:   with status 0, else NULL; owned by the result: to be moved out and zeroed, or left
 * @failure: when it failed: why; else NULL. Borrowed from the result
 * @subtask: the library's
 *
 * A message: an actor that starts subtasks has SEND(X, actor_result) in its list. Read a value with
 * ACTOR_RESULT().
 */
struct actor_result {
	struct actor_nursery *nursery;
	uint64_t number;
	int status;
	const struct actor_message_type *type;
	void *value;
	const struct actor_failure *failure;
	struct actor_subtask *subtask;
};

/* As by ACTOR_SIGNAL(actor_result), but for the export. */
ACTOR_EXPORT extern const struct actor_message_type actor_result_type;
struct actor_result_is_a_signal {
	char actor_result;
};
ACTOR__RECIPIENT(actor_result_recipient, ACTOR__WITNESS(, actor_result),
		 ACTOR__HANDLED(erased, actor_result))

/** actor_result_drop() - release what a result owns; a handler's is dropped by the library.
 * Thread: any */
ACTOR_EXPORT void actor_result_drop(struct actor_result *result);

/** actor_result_value() - its value, if there is one and it is of this type; else NULL. Thread: any
 */
static inline void *actor_result_value(const struct actor_result *result,
				       const struct actor_message_type *type)
{
	return result->value && actor_message_type_same(result->type, type) ? result->value : NULL;
}

/** ACTOR_RESULT() - (M, result): the answer to M, as a pointer, or NULL: there is none, or it is an
 * answer to something else */
#define ACTOR_RESULT(M, result) ((M##_reply_value *)actor_result_value(result, M##_type.reply))

/**
 * actor_nursery_create() - a nursery without subtasks
 * @context:     whose it is; it is put on its scope list
 * @options:     NULL for the defaults
 * @ret_nursery: the caller's to destroy
 *
 * Thread:  context
 * Return:  0, ACTOR_E_NOMEM; ACTOR_E_UNHANDLED when the actor does not handle struct actor_result;
 *          ACTOR_E_INVALID without a spawner, or for messages to a plain thread; for messages, what
 *          else a spawner says: ACTOR_E_CLOSED when the executor ends
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_nursery_create(struct actor_context *context,
						      const struct actor_nursery_options *options,
						      struct actor_nursery **ret_nursery);

/** actor_nursery_keep() - off the scope list, if it is on it: from here on whoever has the pointer
 * destroys it. Thread: context */
ACTOR_EXPORT void actor_nursery_keep(struct actor_nursery *nursery);

/**
 * actor_nursery_destroy() - cancel its subtasks, and give it up
 * @nursery: gone after this; NULL is fine. Off the scope list, if it is on it
 *
 * Never waits. A result that is on its way as a message may still arrive.
 *
 * Thread:  context, or where the actor's state is destroyed
 */
ACTOR_EXPORT void actor_nursery_destroy(struct actor_nursery *nursery);

/**
 * actor_nursery_start() - start a subtask
 * @nursery:    whose
 * @function:   what it does
 * @type:       of the argument; its reply type describes the result, and without one there is none
 * @argument:   moved on success (zeroed if @type has a drop function); untouched on failure
 * @ret_number: counts the subtasks of the nursery from 1, with gaps where one could not be run;
 *              NULL if that does not matter
 *
 * ACTOR_NURSERY_START() checks the types. Never waits. A subtask may start others in the nursery
 * that it is in.
 *
 * Thread:  context, or inside a subtask of this nursery
 * Return:  0; ACTOR_E_CLOSED when it was closed or destroyed, or the executor ends; ACTOR_E_NOMEM,
 *          and what else a spawner says
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_nursery_start(struct actor_nursery *nursery,
						     actor_subtask_fn *function,
						     const struct actor_message_type *type,
						     void *argument, uint64_t *ret_number);

/**
 * actor_nursery_cancel() - cancel one subtask
 * @nursery: whose
 * @number:  as actor_nursery_start() has said
 *
 * One that waits for its turn has ACTOR_E_CANCELLED as its result; so has one that has not begun.
 * For one that runs, the current and every later wait returns ACTOR_E_CANCELLED; its code is not
 * interrupted, and its result is what it then returns. Never waits. Takes longer the more subtasks
 * there are.
 *
 * Thread:  as actor_nursery_start()
 * Return:  whether it was told, now or before, while its function had not returned; false: it is
 *          over, or there never was one
 */
ACTOR_EXPORT bool actor_nursery_cancel(struct actor_nursery *nursery, uint64_t number);

/**
 * actor_nursery_next() - wait for a result
 * @context:     whoever owns the nursery
 * @nursery:     of ACTOR_NURSERY_NEXT. Of one that sends messages, it yields what has not been
 *               sent: for want of room in the mailbox, when the executor of the subtasks has closed
 * @deadline_ns: absolute; ACTOR_AT_ONCE polls
 * @ret_result:  on success, to be released with actor_result_drop()
 *
 * Thread:  context
 * Return:  0; ACTOR_E_CLOSED when the nursery is closed and all have come; ACTOR_E_TIMEOUT,
 *          ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM; ACTOR_E_BUSY while another context
 *          waits for this nursery, here or in actor_nursery_join()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_nursery_next(struct actor_context *context,
						    struct actor_nursery *nursery,
						    int64_t deadline_ns,
						    struct actor_result *ret_result);

/** actor_nursery_close() - start nothing new; what has been started goes on. May be closed already.
 * Thread: as actor_nursery_start() */
ACTOR_EXPORT void actor_nursery_close(struct actor_nursery *nursery);

/**
 * actor_nursery_join() - wait until no subtask is left to be run
 * @context:     whoever owns the nursery
 * @nursery:     stays as it is
 * @deadline_ns: absolute
 *
 * All have returned, or failed, by then; their results may still be on their way.
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM; ACTOR_E_BUSY
 *          while another context waits for this nursery, here or in actor_nursery_next()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_nursery_join(struct actor_context *context,
						    struct actor_nursery *nursery,
						    int64_t deadline_ns);

/**
 * struct actor_nursery_counts - a nursery at one moment
 * @n_running: subtasks whose function has not returned
 * @n_waiting: that wait for their turn
 * @n_results: that nobody has got yet
 * @closed:    whether it has been closed
 */
struct actor_nursery_counts {
	size_t n_running;
	size_t n_waiting;
	size_t n_results;
	bool closed;
};

/** actor_nursery_counts_get() - count. Thread: as actor_nursery_start() */
ACTOR_EXPORT void actor_nursery_counts_get(struct actor_nursery *nursery,
					   struct actor_nursery_counts *ret_counts);

/**
 * ACTOR_SUBTASK() - make a subtask of a function
 * @F: int F(struct actor_context *context, struct M *argument, R *ret_value), defined before
 * @M: a message that is answered with R: its struct is what is moved to the subtask
 */
#define ACTOR_SUBTASK(F, M)                                                                        \
	typedef struct M F##__argument;                                                            \
	ACTOR__UNUSED static const struct actor_message_type *F##__type(void)                      \
	{                                                                                          \
		return &M##_type;                                                                  \
	}                                                                                          \
	ACTOR__UNUSED static int F##__run(struct actor_context *context, void *argument,           \
					  void *ret_value)                                         \
	{                                                                                          \
		int (*function)(struct actor_context *, struct M *, M##_reply_value *) =           \
			ACTOR__FUNCTION(                                                           \
				int (*)(struct actor_context *, struct M *, M##_reply_value *),    \
				F);                                                                \
		return function(context, (struct M *)argument, (M##_reply_value *)ret_value);      \
	}                                                                                          \
	ACTOR__SEMICOLON(F)

/** ACTOR_NURSERY_START() - actor_nursery_start(): (nursery, F, ret_number, argument) */
#define ACTOR_NURSERY_START(nursery, F, ret_number, ...)                                           \
	actor_nursery_start(nursery, F##__run, F##__type(),                                        \
			    ACTOR__POINTER(F##__argument, (__VA_ARGS__)), ret_number)

ACTOR__END_C

#endif
