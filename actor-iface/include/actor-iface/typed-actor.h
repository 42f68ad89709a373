/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_TYPED_ACTOR_H
#define ACTOR_IFACE_TYPED_ACTOR_H

/**
 * DOC: typed actors
 *
 * An actor type is a struct tag, a list of messages and a function for each:
 *
 *	#define ACCOUNT_MESSAGES(CALL, SEND, X) \
 *		CALL(X, deposit)                \
 *		SEND(X, audit)
 *	ACTOR_DECLARE(account, ACCOUNT_MESSAGES);             in a header
 *
 *	struct account { int64_t cents; };                    in one .c file
 *	static struct balance account_on_deposit(struct account *self, struct deposit *message,
 *						 struct actor_context *context) { ... }
 *	static void account_on_audit(struct account *self, struct audit *message,
 *				     struct actor_context *context) { ... }
 *	ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);
 *
 * CALL is for messages declared with ACTOR_MESSAGE(), SEND for those with ACTOR_SIGNAL(). One list
 * may contain another: ACCOUNT_MESSAGES(CALL, SEND, X) CALL(X, more).
 */

#include <actor-iface/spawner.h>
#include <actor-iface/typed-message.h>

/**
 * ACTOR_DECLARE() - declare an actor type
 * @A:    a struct tag: struct A is its state, which other files need not see
 * @LIST: the messages it handles
 *
 * In a header, after the messages; with an ACTOR_DEFINE() in one .c file. Declares
 *
 * - A_behavior;
 * - union A_address: a typed address. Its member address is the erased one, which is referenced,
 *   compared and released as such. To make one of another address of the same actor:
 *   union A_address weak = { actor_address_weak(strong.address) };
 * - A_address_from(address, &typed): of an erased one, checked: 0 or ACTOR_E_UNHANDLED;
 * - struct A_mailbox: a typed mailbox. Its member mailbox is the erased one.
 */
#define ACTOR_DECLARE(A, LIST)                                                                     \
	ACTOR__RECIPIENT(A##_address, LIST(ACTOR__WITNESS, ACTOR__WITNESS, A),                     \
			 LIST(ACTOR__HANDLED, ACTOR__HANDLED, erased))                             \
	struct A;                                                                                  \
	struct A##_mailbox {                                                                       \
		struct actor_mailbox *mailbox;                                                     \
	};                                                                                         \
	ACTOR__LINKAGE const struct actor_behavior A##_behavior;                                   \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int A##_mailbox__create(                       \
		struct actor_spawner *spawner, const struct actor_mailbox_options *options,        \
		struct A##_mailbox *ret_mailbox)                                                   \
	{                                                                                          \
		return actor_mailbox_create(spawner, &A##_behavior, options,                       \
					    &ret_mailbox->mailbox);                                \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline union A##_address A##_mailbox__address(        \
		struct A##_mailbox mailbox)                                                        \
	{                                                                                          \
		return A##_address__make(actor_mailbox_address(mailbox.mailbox), 0);               \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int A##_mailbox__start(                        \
		struct A##_mailbox mailbox, struct A *state, actor_end_fn *on_end, void *user)     \
	{                                                                                          \
		return actor_mailbox_start(mailbox.mailbox, state, on_end, user);                  \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int A##__spawn(                                \
		struct actor_spawner *spawner, struct A *state,                                    \
		const struct actor_mailbox_options *options, union A##_address *ret_address,       \
		struct A##_mailbox *ret_mailbox)                                                   \
	{                                                                                          \
		return actor_spawn_mailbox(spawner, &A##_behavior, state, options,                 \
					   &ret_address->address,                                  \
					   ret_mailbox ? &ret_mailbox->mailbox : NULL);            \
	}                                                                                          \
	ACTOR__SEMICOLON(A)

/**
 * ACTOR_MAILBOX_CREATE() - actor_mailbox_create(): (A, spawner, options, &typed_mailbox)
 *
 * An address can be had before there is an actor: this is how two actors get to know each other.
 */
#define ACTOR_MAILBOX_CREATE(A, spawner, options, ret_mailbox)                                     \
	A##_mailbox__create(spawner, options, ACTOR__POINTER(struct A##_mailbox, ret_mailbox))

/** ACTOR_MAILBOX_ADDRESS() - actor_mailbox_address(): (A, typed_mailbox), a union A_address */
#define ACTOR_MAILBOX_ADDRESS(A, mailbox) A##_mailbox__address(mailbox)

/** ACTOR_MAILBOX_START() - actor_mailbox_start(): (A, typed_mailbox, state, on_end, user) */
#define ACTOR_MAILBOX_START(A, mailbox, state, on_end, user)                                       \
	A##_mailbox__start(mailbox, ACTOR__STATE(A, state), on_end, user)

/** ACTOR_SPAWN() - actor_spawn(): (A, spawner, state, options, &typed_address) */
#define ACTOR_SPAWN(A, spawner, state, options, ret_address)                                       \
	A##__spawn(spawner, ACTOR__STATE(A, state), options,                                       \
		   ACTOR__POINTER(union A##_address, ret_address), NULL)

/** ACTOR_SPAWN_MAILBOX() - actor_spawn_mailbox(): (A, spawner, state, options, &typed_address,
 * &typed_mailbox) */
#define ACTOR_SPAWN_MAILBOX(A, spawner, state, options, ret_address, ret_mailbox)                  \
	A##__spawn(spawner, ACTOR__STATE(A, state), options,                                       \
		   ACTOR__POINTER(union A##_address, ret_address),                                 \
		   ACTOR__POINTER(struct A##_mailbox, ret_mailbox))

/** ACTOR_SELF() - actor_self(), as a union A_address: weak, borrowed; in a handler of A's */
#define ACTOR_SELF(A, context) A##_address__make(actor_self(context), 0)

#define ACTOR__STATE(A, state) ACTOR__POINTER_OR_NULL(struct A, state)

/**
 * ACTOR_DEFINE() - define an actor type
 * @A:       as declared
 * @LIST:    as declared
 * @STARTED: void (struct A *self, struct actor_context *context), before the first message and
 *           after each restart; or NULL
 * @STOPPED: the same, after the last message of an ordinary end; or NULL
 * @DESTROY: void (struct A *self), releases the state; or NULL when there is nothing to release
 *
 * In one .c file, after the handlers, so that a missing one is an error. The handler of M is named
 * A_on_M, and its type chooses how it answers:
 *
 *	R A_on_M(struct A *self, struct M *message, struct actor_context *context)
 *		returns the answer
 *	void A_on_M(struct A *self, struct M *message, struct M_pending pending,
 *		    struct actor_context *context)
 *		takes the reply, to answer later; what it does not take is refused
 *	void A_on_M(struct A *self, struct M *message, struct actor_context *context)
 *		of a signal
 */
#define ACTOR_DEFINE(A, LIST, STARTED, STOPPED, DESTROY)                                           \
	ACTOR__DEFINE(A, LIST, STARTED, STOPPED, DESTROY, 0)

/** ACTOR_DEFINE_THREAD_BOUND() - ACTOR_DEFINE() for actors that never leave their executor's one
 * thread, their hooks and destroy function included */
#define ACTOR_DEFINE_THREAD_BOUND(A, LIST, STARTED, STOPPED, DESTROY)                              \
	ACTOR__DEFINE(A, LIST, STARTED, STOPPED, DESTROY, ACTOR_THREAD_BOUND)

#define ACTOR__DEFINE(A, LIST, STARTED, STOPPED, DESTROY, FLAGS)                                   \
	LIST(ACTOR__CALL_HANDLER, ACTOR__SEND_HANDLER, A)                                          \
	static void A##__started(void *self, struct actor_context *context)                        \
	{                                                                                          \
		void (*hook)(struct A *, struct actor_context *) = ACTOR__FUNCTION_OR_NULL(        \
			void (*)(struct A *, struct actor_context *), STARTED);                    \
		if (hook)                                                                          \
			hook((struct A *)self, context);                                           \
	}                                                                                          \
	static void A##__stopped(void *self, struct actor_context *context)                        \
	{                                                                                          \
		void (*hook)(struct A *, struct actor_context *) = ACTOR__FUNCTION_OR_NULL(        \
			void (*)(struct A *, struct actor_context *), STOPPED);                    \
		if (hook)                                                                          \
			hook((struct A *)self, context);                                           \
	}                                                                                          \
	static void A##__destroy(void *self)                                                       \
	{                                                                                          \
		void (*hook)(struct A *) = ACTOR__FUNCTION_OR_NULL(void (*)(struct A *), DESTROY); \
		if (hook)                                                                          \
			hook((struct A *)self);                                                    \
	}                                                                                          \
	static const struct actor_handler A##__handlers[] = { LIST(ACTOR__ROW, ACTOR__ROW, A) };   \
	const struct actor_behavior A##_behavior = { sizeof(struct actor_behavior),                \
						     #A,                                           \
						     A##__handlers,                                \
						     sizeof A##__handlers /                        \
							     sizeof A##__handlers[0],              \
						     sizeof A##__handlers[0],                      \
						     FLAGS,                                        \
						     A##__started,                                 \
						     A##__stopped,                                 \
						     A##__destroy }

#define ACTOR__ROW(A, M) { &M##_type, A##__##M },

/* Say which handler is wrong; how, the compiler says by itself. */
#ifdef __cplusplus
extern "C++" {
template <class T> constexpr bool actor__is(T)
{
	return true;
}
template <class T> constexpr bool actor__is(...)
{
	return false;
}
}
#define ACTOR__IS(T, function) actor__is<T>(function)
#else
#define ACTOR__IS(T, function) _Generic(&(function), T : 1, default : 0)
#endif
#define ACTOR__CHECK_HANDLER(A, M, right)                                                          \
	ACTOR__STATIC_ASSERT(right,                                                                \
			     #A "_on_" #M "() is not a handler of " #M ": see ACTOR_DEFINE()");
#define ACTOR__CHECK_CALL_HANDLER(A, M)                                                            \
	ACTOR__STATIC_ASSERT(sizeof(struct M##_has_an_answer), "a signal has none");               \
	ACTOR__CHECK_HANDLER(                                                                      \
		A, M,                                                                              \
		ACTOR__IS(M##_reply_value (*)(struct A *, struct M *, struct actor_context *),     \
			  A##_on_##M) ||                                                           \
			ACTOR__IS(void (*)(struct A *, struct M *, struct M##_pending,             \
					   struct actor_context *),                                \
				  A##_on_##M))
#define ACTOR__CHECK_SEND_HANDLER(A, M)                                                            \
	ACTOR__STATIC_ASSERT(sizeof(struct M##_is_a_signal), "a message with an answer is none");  \
	ACTOR__CHECK_HANDLER(                                                                      \
		A, M,                                                                              \
		ACTOR__IS(void (*)(struct A *, struct M *, struct actor_context *), A##_on_##M))

/* What the behavior's table points to: from the erased to the typed handler of a signal. */
#define ACTOR__SEND_HANDLER(A, M)                                                                  \
	ACTOR__CHECK_SEND_HANDLER(A, M)                                                            \
	static void A##__##M(void *self, void *message, struct actor_reply **reply,                \
			     struct actor_context *context)                                        \
	{                                                                                          \
		void (*handler)(struct A *, struct M *, struct actor_context *) = ACTOR__FUNCTION( \
			void (*)(struct A *, struct M *, struct actor_context *), A##_on_##M);     \
		(void)reply;                                                                       \
		handler((struct A *)self, (struct M *)message, context);                           \
	}

/* The same for a message with an answer: the handler's type tells when it is given. */
#ifdef __cplusplus
extern "C++" {
template <class State, class Message, class Reply, class Value, class Pending>
inline void actor__answer(Value (*handler)(State *, Message *, actor_context *), void *self,
			  void *message, actor_reply **slot, actor_context *context,
			  int (*answer)(Reply *, Value), Reply (*take)(Pending))
{
	Value value = handler(static_cast<State *>(self), static_cast<Message *>(message), context);
	Pending pending = { slot };
	Reply reply = take(pending);
	answer(&reply, value);
}
template <class State, class Message, class Reply, class Value, class Pending>
inline void actor__answer(void (*handler)(State *, Message *, Pending, actor_context *), void *self,
			  void *message, actor_reply **slot, actor_context *context,
			  int (*)(Reply *, Value), Reply (*)(Pending))
{
	Pending pending = { slot };
	handler(static_cast<State *>(self), static_cast<Message *>(message), pending, context);
}
}
#define ACTOR__CALL_HANDLER(A, M)                                                                  \
	ACTOR__CHECK_CALL_HANDLER(A, M)                                                            \
	static void A##__##M(void *self, void *message, struct actor_reply **reply,                \
			     struct actor_context *context)                                        \
	{                                                                                          \
		actor__answer<struct A, struct M>(A##_on_##M, self, message, reply, context,       \
						  M##_reply_answer, M##_reply_take);               \
	}
#else
typedef void actor__function(void);
#define ACTOR__CALL_HANDLER(A, M)                                                                  \
	ACTOR__CHECK_CALL_HANDLER(A, M)                                                            \
	ACTOR__UNUSED static inline void A##__now_##M(actor__function *handler, void *self,        \
						      void *message, struct actor_reply **slot,    \
						      struct actor_context *context)               \
	{                                                                                          \
		M##_reply_value value = ((M##_reply_value(*)(struct A *, struct M *,               \
							     struct actor_context *))handler)(     \
			(struct A *)self, (struct M *)message, context);                           \
		struct M##_pending pending = { slot };                                             \
		struct M##_reply reply = M##_reply_take(pending);                                  \
		M##_reply_answer(&reply, value);                                                   \
	}                                                                                          \
	ACTOR__UNUSED static inline void A##__later_##M(actor__function *handler, void *self,      \
							void *message, struct actor_reply **slot,  \
							struct actor_context *context)             \
	{                                                                                          \
		struct M##_pending pending = { slot };                                             \
		((void (*)(struct A *, struct M *, struct M##_pending,                             \
			   struct actor_context *))handler)((struct A *)self, (struct M *)message, \
							    pending, context);                     \
	}                                                                                          \
	static void A##__##M(void *self, void *message, struct actor_reply **reply,                \
			     struct actor_context *context)                                        \
	{                                                                                          \
		_Generic(&A##_on_##M,                                                              \
			 M##_reply_value(*)(struct A *, struct M *, struct actor_context *)        \
			 : A##__now_##M, void (*)(struct A *, struct M *, struct M##_pending,      \
						  struct actor_context *)                          \
			 : A##__later_##M)((actor__function *)A##_on_##M, self, message, reply,    \
					   context);                                               \
	}
#endif

#endif
