/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_CONTEXT_H
#define ACTOR_IFACE_CONTEXT_H

#include <actor-iface/address.h>
#include <actor-iface/behavior.h>
#include <actor-iface/log.h>

#include <stdarg.h>

ACTOR__BEGIN_C

struct actor_spawner;

/** enum actor_await_mode - how many of several answers to wait for */
enum actor_await_mode {
	/** @ACTOR_AWAIT_ALL: until each has been delivered */
	ACTOR_AWAIT_ALL = 1,
	/** @ACTOR_AWAIT_ANY: until one has been delivered */
	ACTOR_AWAIT_ANY = 2
};

/**
 * struct actor_await - what to wait for
 * @size:        sizeof(struct actor_await) as the caller compiled it
 * @replies:     the first of them, all opened by the context that waits; entries may be NULL, and
 *               are then passed over
 * @n_replies:   how many; 0 with ACTOR_AWAIT_ANY waits for the deadline
 * @stride:      bytes from one pointer to the next, so that they may be members of larger structs
 * @mode:        all or any
 * @deadline_ns: absolute, on the context's clock; ACTOR_AT_ONCE polls
 */
struct actor_await {
	size_t size;
	struct actor_reply *const *replies;
	size_t n_replies;
	size_t stride;
	enum actor_await_mode mode;
	int64_t deadline_ns;
};

/** actor_await_reply() - the reply at @index, which is below n_replies; may be NULL */
static inline struct actor_reply *actor_await_reply(const struct actor_await *wait, size_t index)
{
	return *(struct actor_reply *const *)(const void *)((const char *)wait->replies +
							    index * wait->stride);
}

/**
 * struct actor_failure - why an actor failed
 * @size:         sizeof(struct actor_failure) as its maker compiled it
 * @text:         in words
 * @file:         source file, or NULL
 * @line:         its line
 * @message_type: name of the message type that was being handled, filled in by the implementation;
 *                NULL in a hook
 */
struct actor_failure {
	size_t size;
	const char *text;
	const char *file;
	int line;
	const char *message_type;
};

/**
 * struct actor_context_ops - what whoever runs a handler, or a plain thread, offers to its code
 *
 * Only the code that was handed the context calls these, on the thread where it runs; never with
 * a lock held. Whatever other threads touch while something waits is behind these operations, and
 * a return of 0 from a wait happens after the delivery that ended it.
 *
 * An implementation without stack switching may block its own thread in @post and @await, or
 * answer ACTOR_E_NOSUSPEND where it would have to wait: what has come already, room that is there
 * and polls need no waiting. Cancellation is sticky: once a wait of an activation has returned
 * ACTOR_E_CANCELLED, every later one does so at once, polls included.
 */
struct actor_context_ops {
	size_t size;
	/* 1.0: all required */
	/** @self: a weak address of the actor, borrowed while the handler runs; NULL on a thread */
	struct actor_address *(*self)(struct actor_context *context);
	/** @spawner: makes actors beside this one, borrowed; NULL on a thread that runs none */
	struct actor_spawner *(*spawner)(struct actor_context *context);
	/** @now: nanoseconds on a monotonic clock; what deadlines are measured by */
	int64_t (*now)(struct actor_context *context);
	/**
	 * @post: as &actor_address_ops.post, but wait for room until @deadline_ns
	 *
	 * May let other actors run first also when there is room, so that who sends very much does
	 * not keep the others waiting. The source is zeroed on success. Return: as post, or
	 * ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND; all errors mean *not accepted*.
	 */
	int (*post)(struct actor_context *context, struct actor_address *address,
		    const struct actor_message_type *type, void *message, struct actor_reply *reply,
		    int64_t deadline_ns);
	/**
	 * @reply_open: a reply that this context will wait for
	 *
	 * @type is the reply's description; it must live as long as the reply.
	 * Return: 0, ACTOR_E_NOMEM
	 */
	int (*reply_open)(struct actor_context *context, const struct actor_message_type *type,
			  struct actor_reply **ret_reply);
	/**
	 * @await: wait until replies are delivered
	 *
	 * Return: 0 when all are delivered, or the index of one that is; ACTOR_E_TIMEOUT,
	 * ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND. What has been delivered wins
	 * over an error. Replies stay open whatever is returned.
	 */
	int (*await)(struct actor_context *context, const struct actor_await *wait);
	/**
	 * @reply_close: give up the caller's half
	 *
	 * If delivered: its status, with the value moved to @ret_value, or dropped if that is
	 * NULL. Otherwise ACTOR_E_ABANDONED: what comes later is dropped.
	 */
	int (*reply_close)(struct actor_context *context, struct actor_reply *reply,
			   void *ret_value);
	/**
	 * @fail: the actor cannot go on. Never returns
	 *
	 * The scope list is unwound, the stack abandoned, the caller of the current message gets
	 * ACTOR_E_STOPPED, the state is destroyed and the mailbox goes to the actor's owner. On a
	 * plain thread: whatever the program has set up for that, or the end of the process.
	 */
	void (*fail)(struct actor_context *context, const struct actor_failure *failure);
	/** @log: pass a record on; its actor is filled in if it is NULL and there is one */
	void (*log)(struct actor_context *context, const struct actor_log_record *record);
	/** @log_level: the least grave level that anybody wants to see */
	enum actor_log_level (*log_level)(struct actor_context *context);
	/**
	 * @error: where the detail of this context's last failed operation is kept
	 *
	 * Before it returns ACTOR_E_DEADLOCK, an operation may note that code there, and a text.
	 */
	struct actor_error *(*error)(struct actor_context *context);
	/* 1.0: optional */
	/**
	 * @call: @reply_open, @post, @await and @reply_close in one, for speed; default: these
	 *
	 * The type has a reply type; @ret_value may be NULL; the source is zeroed
	 * once the message has been accepted, whatever is returned then.
	 * Return: as the four, the first error winning
	 */
	int (*call)(struct actor_context *context, struct actor_address *address,
		    const struct actor_message_type *type, void *message, void *ret_value,
		    int64_t deadline_ns);
};

/**
 * struct actor_cleanup - something to undo if the actor fails; lives in the frame that set it up
 * @next: the one set up before
 * @run:  undoes it; must not wait or fail
 * @user: its argument
 */
struct actor_cleanup {
	struct actor_cleanup *next;
	void (*run)(void *user);
	void *user;
};

/**
 * struct actor_context - embedded first in what an implementation hands to a handler
 * @ops:   the implementation's
 * @scope: what to undo on failure, the latest first; NULL again when a handler returns
 */
struct actor_context {
	const struct actor_context_ops *ops;
	struct actor_cleanup *scope;
};

/** actor_self() - a weak address of this actor, borrowed; NULL on a plain thread. Thread: actor */
static inline struct actor_address *actor_self(struct actor_context *context)
{
	return context->ops->self(context);
}

/** actor_spawner() - makes actors beside this one, borrowed; NULL only on a plain thread.
 * Thread: context */
static inline struct actor_spawner *actor_spawner(struct actor_context *context)
{
	return context->ops->spawner(context);
}

/** actor_now() - nanoseconds on the clock that deadlines are measured by. Thread: context */
static inline int64_t actor_now(struct actor_context *context)
{
	return context->ops->now(context);
}

/**
 * actor_deadline_after() - the deadline that is so far from now
 * @context:     by whose clock
 * @duration_ns: ACTOR_FOREVER: there is none; a negative one counts as 0
 *
 * For one wait. What is to be over by one deadline altogether, however many waits that takes, has
 * it computed once, at the beginning.
 *
 * Thread:  context
 */
static inline int64_t actor_deadline_after(struct actor_context *context, int64_t duration_ns)
{
	return actor_time_after(actor_now(context), duration_ns);
}

/** actor_stop() - end this actor after the current message. Thread: actor */
static inline int actor_stop(struct actor_context *context, enum actor_stop how)
{
	struct actor_address *self = context->ops->self(context);

	return self ? actor_address_stop(self, how) : ACTOR_E_INVALID;
}

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#pragma GCC diagnostic push /* gcc does not see that actor_undefer() takes the pointer back */
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#endif

/**
 * actor_defer() - have something undone if the actor fails from here on
 * @context: the running handler's, or the thread's
 * @cleanup: in the frame of the caller, who takes it back with actor_undefer() before that ends
 * @run:     undoes it, last set up first; must not wait or fail
 * @user:    its argument
 *
 * A failure abandons the stack: nothing else in it runs, no cleanup attribute either. (A cancelled
 * handler returns by itself and needs none of this.)
 *
 * Thread:  context
 */
static inline void actor_defer(struct actor_context *context, struct actor_cleanup *cleanup,
			       void (*run)(void *user), void *user)
{
	cleanup->run = run;
	cleanup->user = user;
	cleanup->next = context->scope;
	context->scope = cleanup;
}

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#pragma GCC diagnostic pop
#endif

/** actor_undefer() - take a cleanup back without running it, in any order. Thread: context */
static inline void actor_undefer(struct actor_context *context, struct actor_cleanup *cleanup)
{
	struct actor_cleanup **link = &context->scope;

	while (*link != cleanup)
		link = &(*link)->next;
	*link = cleanup->next;
}

/** actor_unwind() - for implementations: run the scope list, the latest first */
static inline void actor_unwind(struct actor_context *context)
{
	struct actor_cleanup *cleanup;

	while ((cleanup = context->scope)) {
		context->scope = cleanup->next;
		cleanup->run(cleanup->user);
	}
}

/**
 * actor_fail() - the actor cannot go on: see &actor_context_ops.fail
 * @context: the running handler's
 * @text:    why, in words; copied
 * @file:    source file, or NULL
 * @line:    its line
 *
 * Use ACTOR_FAIL(), which knows file and line. An answer that says what went wrong is often the
 * better choice: a failure is for what the actor's state cannot survive.
 *
 * Thread:  actor
 */
ACTOR__NORETURN static inline void actor_fail(struct actor_context *context, const char *text,
					      const char *file, int line)
{
	struct actor_failure failure;

	failure.size = sizeof failure;
	failure.text = text;
	failure.file = file;
	failure.line = line;
	failure.message_type = NULL;
	for (;;)
		context->ops->fail(context, &failure);
}

/** ACTOR_FAIL() - actor_fail() from here */
#define ACTOR_FAIL(context, text) actor_fail(context, text, __FILE__, __LINE__)

/**
 * actor_failf() - actor_fail() with a formatted text
 * @context: the running handler's
 * @file:    source file, or NULL
 * @line:    its line
 * @format:  as for printf(); cut at 500 bytes
 *
 * Use ACTOR_FAILF(), which knows file and line.
 *
 * Thread:  actor
 */
ACTOR__NORETURN ACTOR__PRINTF(4, 5) static inline void actor_failf(struct actor_context *context,
								   const char *file, int line,
								   const char *format, ...)
{
	char text[500];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	actor_fail(context, text, file, line);
}

/** ACTOR_FAILF() - actor_failf() from here: ACTOR_FAILF(context, "%d entries", n) */
#define ACTOR_FAILF(context, ...) actor_failf(context, __FILE__, __LINE__, __VA_ARGS__)

/**
 * ACTOR_ASSERT() - fail this actor, and only it, unless a condition holds
 * @context:   the running handler's
 * @condition: always evaluated, once; its text says why the actor has failed
 */
#define ACTOR_ASSERT(context, condition)                                                           \
	((condition) ? (void)0 : actor_fail(context, #condition, __FILE__, __LINE__))

/**
 * actor_logf() - say what happens
 * @context: the running handler's, or the thread's
 * @level:   how grave
 * @file:    source file, or NULL
 * @line:    its line
 * @format:  as for printf(); not formatted when nobody wants this level; cut at 500 bytes
 *
 * Use ACTOR_LOG(), which knows file and line. The record carries which actor speaks.
 *
 * Thread:  context
 */
ACTOR__PRINTF(5, 6)
static inline void actor_logf(struct actor_context *context, enum actor_log_level level,
			      const char *file, int line, const char *format, ...)
{
	struct actor_log_record record;
	char text[500];
	va_list arguments;

	if (level > context->ops->log_level(context))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	record.size = sizeof record;
	record.level = level;
	record.actor = NULL;
	record.message_type = NULL;
	record.file = file;
	record.line = line;
	record.text = text;
	context->ops->log(context, &record);
}

/** ACTOR_LOG() - actor_logf() from here: ACTOR_LOG(context, ACTOR_LOG_INFO, "%d words", n) */
#define ACTOR_LOG(context, level, ...) actor_logf(context, level, __FILE__, __LINE__, __VA_ARGS__)

/** actor_error() - the detail of this context's last failed operation, borrowed. Thread: context */
static inline const struct actor_error *actor_error(struct actor_context *context)
{
	return context->ops->error(context);
}

/**
 * actor_error_set() - note the detail of a failed operation
 * @context: where
 * @code:    what will be returned
 * @address: of the actor concerned, or NULL
 * @type:    of the message concerned, or NULL
 *
 * The verbs do this by themselves; for those who build verbs of their own.
 *
 * Thread:  context
 * Return:  @code
 */
ACTOR__COLD static inline int actor_error_set(struct actor_context *context, int code,
					      const struct actor_address *address,
					      const struct actor_message_type *type)
{
	struct actor_error *error = context->ops->error(context);
	struct actor_info info;
	char text[sizeof error->text];

	if (address)
		info = actor_address_info(address);
	/* What the implementation has said about it stays. */
	actor__copy_text(text, sizeof text,
			 code == ACTOR_E_DEADLOCK && error->code == code ? error->text : "");
	actor__error_init(error, code, address ? &info : NULL, type ? type->name : NULL);
	actor__copy_text(error->text, sizeof error->text, text);
	return code;
}

/**
 * actor_error_refused() - note that a message was not accepted
 * @context: where
 * @code:    what will be returned
 * @address: where it should have gone
 * @type:    of the message
 * @message: as it was refused; not looked at if @code is one with which it may have been accepted
 *
 * As actor_error_set(), and what is wrong with the message: see actor_address_explain().
 *
 * Thread:  context
 * Return:  @code
 */
ACTOR__COLD static inline int actor_error_refused(struct actor_context *context, int code,
						  struct actor_address *address,
						  const struct actor_message_type *type,
						  const void *message)
{
	struct actor_error *error = context->ops->error(context);

	actor_error_set(context, code, address, type);
	if (code == ACTOR_E_ENCODE)
		actor_address_explain(address, type, message, error->text, sizeof error->text);
	return code;
}

/**
 * actor_await_replies() - wait until replies are delivered: see &actor_context_ops.await
 * @context:     that opened them
 * @replies:     the first
 * @n_replies:   how many
 * @stride:      bytes from one pointer to the next
 * @mode:        all or any
 * @deadline_ns: absolute
 *
 * The primitive under every verb that waits, for those who build verbs of their own.
 *
 * Thread:  context
 * Return:  0 or an index; ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK,
 *          ACTOR_E_NOSUSPEND
 */
static inline int actor_await_replies(struct actor_context *context,
				      struct actor_reply *const *replies, size_t n_replies,
				      size_t stride, enum actor_await_mode mode,
				      int64_t deadline_ns)
{
	struct actor_await wait;

	wait.size = sizeof wait;
	wait.replies = replies;
	wait.n_replies = n_replies;
	wait.stride = stride;
	wait.mode = mode;
	wait.deadline_ns = deadline_ns;
	return context->ops->await(context, &wait);
}

/**
 * actor_sleep_until() - wait for a point in time
 * @context:     suspended meanwhile; its actor takes no other message
 * @deadline_ns: absolute, on actor_now()'s clock
 *
 * Thread:  context
 * Return:  0, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND
 */
static inline int actor_sleep_until(struct actor_context *context, int64_t deadline_ns)
{
	int rc = actor_await_replies(context, NULL, 0, 0, ACTOR_AWAIT_ANY, deadline_ns);

	if (rc == ACTOR_E_TIMEOUT)
		return 0;
	return actor_error_set(context, rc, NULL, NULL);
}

ACTOR__END_C

#endif
