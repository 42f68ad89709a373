/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_EXEC_H
#define ACTOR_IFACE_EXEC_H

/**
 * DOC: running a function inside an actor
 *
 * An actor type that has A_exec in its list lets those who hold its typed address run functions in
 * it: on its state, in its turn, as a handler, with its context. For tests, inspection, and what is
 * done too rarely to have a message of its own.
 *
 *	ACTOR_EXEC(account);                                       before the list
 *	#define ACCOUNT_MESSAGES(CALL, SEND, X) CALL(X, account_exec) ...
 *	ACTOR_DECLARE(account, ACCOUNT_MESSAGES);
 *
 *	ACTOR_EXEC_DEFINE(account, "bank.account-exec");           before ACTOR_DEFINE()
 *
 *	rc = ACTOR_EXEC_CALL(context, bank, account, &result, function, user, NULL);
 */

#include <actor-iface/typed-message.h>

/**
 * ACTOR_EXEC() - declare the message that runs a function in an actor
 * @A: the actor type
 *
 * Declares the message struct A_exec, answered with an int, and A_exec_fn, the type of the
 * functions: int (struct A *self, void *user, struct actor_context *context). Its member user is
 * owned if it has a drop function: that is called when the function has returned, or will not run.
 */
#define ACTOR_EXEC(A)                                                                              \
	struct A;                                                                                  \
	typedef int A##_exec_fn(struct A *self, void *user, struct actor_context *context);        \
	struct A##_exec {                                                                          \
		A##_exec_fn *function;                                                             \
		void *user;                                                                        \
		void (*drop)(void *user);                                                          \
	};                                                                                         \
	ACTOR__UNUSED static inline struct A##_exec A##_exec__make(                                \
		A##_exec_fn *function, void *user, void (*drop)(void *user))                       \
	{                                                                                          \
		struct A##_exec message;                                                           \
		message.function = function;                                                       \
		message.user = user;                                                               \
		message.drop = drop;                                                               \
		return message;                                                                    \
	}                                                                                          \
	ACTOR_MESSAGE(A##_exec, int);                                                              \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int A##_exec__call(                            \
		struct actor_context *context, struct actor_address *address, int *ret_result,     \
		int64_t deadline_ns, struct A##_exec message)                                      \
	{                                                                                          \
		int rc = actor_call_until(context, address, &A##_exec_type, &message, ret_result,  \
					  deadline_ns);                                            \
		if (rc < 0)                                                                        \
			actor_message_drop(&A##_exec_type, &message);                              \
		return rc;                                                                         \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int A##_exec__send(                            \
		struct actor_context *context, struct actor_address *address,                      \
		struct A##_exec message)                                                           \
	{                                                                                          \
		int rc = actor_send(context, address, &A##_exec_type, &message);                   \
		if (rc < 0)                                                                        \
			actor_message_drop(&A##_exec_type, &message);                              \
		return rc;                                                                         \
	}                                                                                          \
	ACTOR__SEMICOLON(A##_exec)

/**
 * ACTOR_EXEC_DEFINE() - define what ACTOR_EXEC() declared, and its handler
 * @A:    the actor type
 * @NAME: of the message in the program
 */
#define ACTOR_EXEC_DEFINE(A, NAME)                                                                 \
	static void A##_exec__drop(void *message)                                                  \
	{                                                                                          \
		struct A##_exec *exec = (struct A##_exec *)message;                                \
		if (exec->drop)                                                                    \
			exec->drop(exec->user);                                                    \
	}                                                                                          \
	static int A##_on_##A##_exec(struct A *self, struct A##_exec *message,                     \
				     struct actor_context *context)                                \
	{                                                                                          \
		return message->function(self, message->user, context);                            \
	}                                                                                          \
	ACTOR_MESSAGE_DEFINE(A##_exec, NAME, A##_exec__drop, NULL)

/**
 * ACTOR_EXEC_CALL_UNTIL() - run a function in an actor, and wait for what it returns
 * @context:     whoever waits
 * @to:          a typed address of @A, or a recipient that has A_exec
 * @A:           the actor type
 * @ret_result:  int *: what the function returned; NULL drops it
 * @deadline_ns: absolute; after ACTOR_E_TIMEOUT the function is still run: what @user points to
 *               has to be there for it
 * @function:    A_exec_fn
 * @user:        for it
 * @drop:        void (void *user), releases it, whatever becomes of the call; or NULL
 *
 * Return: as actor_call_until()
 */
#define ACTOR_EXEC_CALL_UNTIL(context, to, A, ret_result, deadline_ns, function, user, drop)       \
	A##_exec__call(context, ACTOR_FOR(A##_exec, to).address, ret_result, deadline_ns,          \
		       A##_exec__make(ACTOR__POINTER(A##_exec_fn, function), user, drop))

/** ACTOR_EXEC_CALL() - ACTOR_EXEC_CALL_UNTIL() without a deadline: (context, to, A, ret_result,
 * function, user, drop) */
#define ACTOR_EXEC_CALL(context, to, A, ret_result, function, user, drop)                          \
	ACTOR_EXEC_CALL_UNTIL(context, to, A, ret_result, ACTOR_FOREVER, function, user, drop)

/** ACTOR_EXEC_SEND() - the same, without waiting for it: (context, to, A, function, user, drop); as
 * actor_send() */
#define ACTOR_EXEC_SEND(context, to, A, function, user, drop)                                      \
	A##_exec__send(context, ACTOR_FOR(A##_exec, to).address,                                   \
		       A##_exec__make(ACTOR__POINTER(A##_exec_fn, function), user, drop))

#endif
