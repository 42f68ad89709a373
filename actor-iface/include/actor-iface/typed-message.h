/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_TYPED_MESSAGE_H
#define ACTOR_IFACE_TYPED_MESSAGE_H

/**
 * DOC: typed messages, recipients and verbs
 *
 * A message is a plain struct. A recipient is an address with a *witness*: a pointer to a struct,
 * never set and never followed, with one member per message that may be sent there. Every verb
 * tests sizeof((to).handles->M), so that sending what the other side does not handle is an error
 * in C and in C++, whose text says: 'const struct messages_handled_by_account_address' has no
 * member named 'transfer'.
 *
 * The message is each verb's last argument, and variadic, because the commas in the braces of a
 * compound literal separate macro arguments:
 *
 *	ACTOR_SEND(context, bank, audit, &(struct audit){ .year = 2026, .month = 5 });
 */

#include <actor-iface/ask.h>
#include <actor-iface/call.h>
#include <actor-iface/forward.h>
#include <actor-iface/send.h>

/* A pointer to exactly this type, not even one that has lost its type: gcc 12 only warns when a
 * wrong one is passed to a function, and the verbs take void pointers. NULL is fine where a value
 * is optional. */
#ifdef __cplusplus
extern "C++" {
template <class T> inline T *actor__pointer(T *pointer)
{
	return pointer;
}
}
#define ACTOR__POINTER(T, expression) actor__pointer<T>(expression)
#define ACTOR__POINTER_OR_NULL(T, expression) actor__pointer<T>(expression)
#else
#define ACTOR__POINTER(T, expression) _Generic((expression), T * : (expression))
#define ACTOR__POINTER_OR_NULL(T, expression)                                                      \
	_Generic((expression), T * : (expression), void * : ACTOR__NULL(T, expression))
/* NULL is a void pointer, but not any void pointer is NULL: only a null pointer constant makes a
 * T pointer of the conditional. No pointer parameter takes the struct. */
#define ACTOR__NULL(T, expression)                                                                 \
	_Generic(1 ? _Generic((expression), void * : (expression), default : (void *)1) : (T *)0,  \
		 T * : (T *)0, default : (struct actor__untyped_pointer){ 0 })
struct actor__untyped_pointer {
	char nothing;
};
#endif

/* A function of exactly this type: gcc 12 only warns about another. */
#ifdef __cplusplus
#define ACTOR__FUNCTION(T, function) (function)
#define ACTOR__FUNCTION_OR_NULL(T, function) (function)
#else
#define ACTOR__FUNCTION(T, function) _Generic(&(function), T : (function))
#define ACTOR__FUNCTION_OR_NULL(T, function)                                                       \
	_Generic((function), T : (function), void * : (function))
#endif
#define ACTOR__DROP(function) ACTOR__FUNCTION_OR_NULL(void (*)(void *), function)
#define ACTOR__COPY(function) ACTOR__FUNCTION_OR_NULL(int (*)(void *, const void *), function)

/* What swallows the semicolon after a macro that declares things; strict ISO compilers want it. */
#define ACTOR__SEMICOLON(name) struct actor__semicolon_##name

/* A recipient: WITNESSES are its struct's members, HANDLED tests each message at run time. */
#define ACTOR__RECIPIENT(NAME, WITNESSES, HANDLED)                                                 \
	struct messages_handled_by_##NAME {                                                        \
		WITNESSES                                                                          \
	};                                                                                         \
	union NAME {                                                                               \
		struct actor_address *address;                                                     \
		const struct messages_handled_by_##NAME *handles;                                  \
	};                                                                                         \
	ACTOR__UNUSED static inline union NAME NAME##__make(struct actor_address *address,         \
							    size_t witness)                        \
	{                                                                                          \
		union NAME recipient;                                                              \
		(void)witness;                                                                     \
		recipient.address = address;                                                       \
		return recipient;                                                                  \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int NAME##_from(struct actor_address *erased,  \
								    union NAME *ret_recipient)     \
	{                                                                                          \
		if (!(1 HANDLED))                                                                  \
			return ACTOR_E_UNHANDLED;                                                  \
		ret_recipient->address = erased;                                                   \
		return 0;                                                                          \
	}
#define ACTOR__WITNESS(X, M) char M;
#define ACTOR__HANDLED(X, M) &&actor_address_handles(X, &M##_type)
#define ACTOR__TESTED(X, M) +sizeof((X).handles->M)

#define ACTOR__MESSAGE(M)                                                                          \
	ACTOR__LINKAGE const struct actor_message_type M##_type;                                   \
	ACTOR__RECIPIENT(M##_recipient, ACTOR__WITNESS(, M), ACTOR__HANDLED(erased, M))

/**
 * ACTOR_SIGNAL() - declare a message that nothing answers
 * @M: a struct tag: struct M is the message
 *
 * In a header; with an ACTOR_SIGNAL_DEFINE() in one .c file. Declares M_type and union
 * M_recipient: the address of any actor that handles M. M_recipient_from(address, &recipient)
 * makes one of an erased address, or is ACTOR_E_UNHANDLED.
 */
#define ACTOR_SIGNAL(M)                                                                            \
	ACTOR__MESSAGE(M)                                                                          \
	struct M##_is_a_signal {                                                                   \
		char M;                                                                            \
	};                                                                                         \
	ACTOR__SEMICOLON(M)

/**
 * ACTOR_MESSAGE() - declare a message and the type of its answer
 * @M: a struct tag: struct M is the message
 * @R: the type of the answer: a struct, a number, a pointer; struct actor_unit for an
 *     acknowledgement
 *
 * In a header; with an ACTOR_MESSAGE_DEFINE() in one .c file. Declares what ACTOR_SIGNAL() does,
 * and for handlers that answer later:
 *
 * - struct M_pending, which such a handler takes instead of returning R;
 * - struct M_reply M_reply_take(pending): the right to answer, a value to keep in the state.
 *   Its owner answers or refuses exactly once, at the latest in the actor's destroy function. Wait
 *   first, then take: until it is taken, the library answers for a handler that fails;
 * - int M_reply_answer(&reply, value): answers, consumes the value, clears the reply;
 *   ACTOR_E_ABANDONED when nobody waits any more. Also for messages that were sent, not called
 *   (then nobody waits), and for a cleared reply;
 * - void M_reply_refuse(&reply, status): ends the call with an error instead;
 * - bool M_pending_abandoned(pending), M_reply_abandoned(&reply): whether nobody waits any more, as
 *   far as is known: see actor_reply_abandoned(). True also when nobody called.
 */
#define ACTOR_MESSAGE(M, R)                                                                        \
	typedef R M##_reply_value;                                                                 \
	ACTOR__MESSAGE(M)                                                                          \
	struct M##_has_an_answer {                                                                 \
		char M;                                                                            \
	};                                                                                         \
	struct M##_reply {                                                                         \
		struct actor_reply *reply;                                                         \
	};                                                                                         \
	struct M##_pending {                                                                       \
		struct actor_reply **slot;                                                         \
	};                                                                                         \
	ACTOR__UNUSED static inline struct actor_reply **M##_pending__slot(                        \
		struct M##_pending pending)                                                        \
	{                                                                                          \
		return pending.slot;                                                               \
	}                                                                                          \
	ACTOR__UNUSED static inline struct M##_reply M##_reply_take(struct M##_pending pending)    \
	{                                                                                          \
		struct M##_reply reply;                                                            \
		reply.reply = *pending.slot;                                                       \
		*pending.slot = NULL;                                                              \
		return reply;                                                                      \
	}                                                                                          \
	ACTOR__UNUSED static inline bool M##_reply_abandoned(const struct M##_reply *reply)        \
	{                                                                                          \
		return !reply->reply || actor_reply_abandoned(reply->reply);                       \
	}                                                                                          \
	ACTOR__UNUSED static inline bool M##_pending_abandoned(struct M##_pending pending)         \
	{                                                                                          \
		return !*pending.slot || actor_reply_abandoned(*pending.slot);                     \
	}                                                                                          \
	ACTOR__UNUSED static inline int M##_reply_answer(struct M##_reply *reply,                  \
							 M##_reply_value value)                    \
	{                                                                                          \
		struct actor_reply *to = reply->reply;                                             \
		reply->reply = NULL;                                                               \
		if (to)                                                                            \
			return actor_reply_deliver(to, 0, &value);                                 \
		actor_message_drop(M##_type.reply, &value);                                        \
		return ACTOR_E_ABANDONED;                                                          \
	}                                                                                          \
	ACTOR__UNUSED static inline void M##_reply_refuse(struct M##_reply *reply, int status)     \
	{                                                                                          \
		struct actor_reply *to = reply->reply;                                             \
		reply->reply = NULL;                                                               \
		if (to)                                                                            \
			actor_reply_deliver(to, status, NULL);                                     \
	}                                                                                          \
	ACTOR__SEMICOLON(M)

/**
 * ACTOR_SIGNAL_DEFINE_WITH_COPY() - define what ACTOR_SIGNAL() declared
 * @M:    the message
 * @NAME: its name in the program: "bank.audit"
 * @DROP: void (void *message), releases what it owns; NULL for plain data
 * @COPY: int (void *to, const void *from), makes a second owner: see struct actor_message_type
 */
#define ACTOR_SIGNAL_DEFINE_WITH_COPY(M, NAME, DROP, COPY)                                         \
	const struct actor_message_type M##_type = { sizeof(struct actor_message_type),            \
						     NAME,                                         \
						     sizeof(struct M) +                            \
							     0 * sizeof(struct M##_is_a_signal),   \
						     ACTOR__ALIGNOF(struct M),                     \
						     ACTOR__DROP(DROP),                            \
						     ACTOR__COPY(COPY),                            \
						     NULL }

/** ACTOR_SIGNAL_DEFINE() - the same for one that, if it owns something, is never copied: (M, NAME,
 * DROP) */
#define ACTOR_SIGNAL_DEFINE(M, NAME, DROP) ACTOR_SIGNAL_DEFINE_WITH_COPY(M, NAME, DROP, NULL)

/**
 * ACTOR_MESSAGE_DEFINE_WITH_COPY() - define what ACTOR_MESSAGE() declared
 * @M:          the message
 * @NAME:       its name in the program: "bank.deposit"
 * @DROP:       void (void *message), releases what a message owns; NULL for plain data
 * @COPY:       int (void *to, const void *from), makes a second owner: see struct
 *              actor_message_type
 * @REPLY_DROP: void (void *value), releases what an answer owns; NULL for plain data
 */
#define ACTOR_MESSAGE_DEFINE_WITH_COPY(M, NAME, DROP, COPY, REPLY_DROP)                            \
	static const struct actor_message_type M##__reply_type = {                                 \
		sizeof(struct actor_message_type),                                                 \
		NAME ".reply",                                                                     \
		sizeof(M##_reply_value),                                                           \
		ACTOR__ALIGNOF(M##_reply_value),                                                   \
		ACTOR__DROP(REPLY_DROP),                                                           \
		NULL,                                                                              \
		NULL                                                                               \
	};                                                                                         \
	const struct actor_message_type M##_type = { sizeof(struct actor_message_type),            \
						     NAME,                                         \
						     sizeof(struct M),                             \
						     ACTOR__ALIGNOF(struct M),                     \
						     ACTOR__DROP(DROP),                            \
						     ACTOR__COPY(COPY),                            \
						     &M##__reply_type }

/** ACTOR_MESSAGE_DEFINE() - the same for one that, if it owns something, is never copied: (M, NAME,
 * DROP, REPLY_DROP) */
#define ACTOR_MESSAGE_DEFINE(M, NAME, DROP, REPLY_DROP)                                            \
	ACTOR_MESSAGE_DEFINE_WITH_COPY(M, NAME, DROP, NULL, REPLY_DROP)

/** ACTOR_UNIT - the value of struct actor_unit: return ACTOR_UNIT; */
#ifdef __cplusplus
#define ACTOR_UNIT (actor_unit())
#else
#define ACTOR_UNIT ((struct actor_unit){ 0 })
#endif

/**
 * ACTOR_RECIPIENT() - declare a recipient of several message types
 * @S:    the name of the set
 * @LIST: its messages, as for ACTOR_DECLARE()
 *
 * Declares union S: the address of any actor that handles all of them. S_from(address, &recipient)
 * makes one of an erased address, or is ACTOR_E_UNHANDLED.
 */
#define ACTOR_RECIPIENT(S, LIST)                                                                   \
	ACTOR__RECIPIENT(S, LIST(ACTOR__WITNESS, ACTOR__WITNESS, S),                               \
			 LIST(ACTOR__HANDLED, ACTOR__HANDLED, erased))                             \
	ACTOR__SEMICOLON(S)

/**
 * ACTOR_FOR() - narrow a recipient to one message type
 * @M:  the message
 * @to: a typed address, or a recipient of a set that has M; borrowed, and so is the result
 */
#define ACTOR_FOR(M, to) M##_recipient__make((to).address, sizeof((to).handles->M))

/**
 * ACTOR_FOR_ALL() - narrow a recipient to a set of message types
 * @S:    the set
 * @LIST: its messages
 * @to:   a typed address, or a recipient of a larger set; borrowed, and so is the result
 */
#define ACTOR_FOR_ALL(S, LIST, to) S##__make((to).address, 0 LIST(ACTOR__TESTED, ACTOR__TESTED, to))

/** ACTOR_TRY_SEND() - actor_try_send(): (to, M, message) */
#define ACTOR_TRY_SEND(to, M, ...)                                                                 \
	actor_try_send(ACTOR_FOR(M, to).address, &M##_type, ACTOR__POINTER(struct M, (__VA_ARGS__)))

/** ACTOR_SEND() - actor_send(): (context, to, M, message) */
#define ACTOR_SEND(context, to, M, ...)                                                            \
	actor_send(context, ACTOR_FOR(M, to).address, &M##_type,                                   \
		   ACTOR__POINTER(struct M, (__VA_ARGS__)))

/** ACTOR_SEND_UNTIL() - actor_send_until(): (context, to, M, deadline_ns, message) */
#define ACTOR_SEND_UNTIL(context, to, M, deadline_ns, ...)                                         \
	actor_send_until(context, ACTOR_FOR(M, to).address, &M##_type,                             \
			 ACTOR__POINTER(struct M, (__VA_ARGS__)), deadline_ns)

/** ACTOR_RETRY_SEND() - actor_retry_send(): (context, to, M, attempts, delay_ns, message) */
#define ACTOR_RETRY_SEND(context, to, M, attempts, delay_ns, ...)                                  \
	actor_retry_send(context, ACTOR_FOR(M, to).address, &M##_type,                             \
			 ACTOR__POINTER(struct M, (__VA_ARGS__)), attempts, delay_ns)

/** ACTOR_SEND_EACH() - actor_send_each_until(): (context, recipients, n, M, each, deadline_ns,
 * ret_n_sent, message); @recipients is an array of union M_recipient, or of other typed addresses
 */
#ifdef __cplusplus
#define ACTOR_SEND_EACH(context, recipients, n, M, each, deadline_ns, ret_n_sent, ...)             \
	actor__send_each<struct M>(context, &ACTOR__EACH(M, recipients).address, n,                \
				   sizeof *(recipients), &M##_type, __VA_ARGS__, each,             \
				   deadline_ns, ret_n_sent)
extern "C++" {
template <class M>
inline int actor__send_each(actor_context *context, actor_address *const *first, size_t n,
			    size_t stride, const actor_message_type *type, const M *message,
			    actor_each each, int64_t deadline_ns, size_t *ret_n_sent)
{
	actor_receivers to = { first, n, stride };
	M scratch;
	return actor_send_each_until(context, to, type, message, &scratch, each, deadline_ns,
				     ret_n_sent);
}
}
#else
#define ACTOR_SEND_EACH(context, recipients, n, M, each, deadline_ns, ret_n_sent, ...)             \
	actor_send_each_until(context,                                                             \
			      (struct actor_receivers){ &ACTOR__EACH(M, recipients).address, n,    \
							sizeof *(recipients) },                    \
			      &M##_type, ACTOR__POINTER(struct M, (__VA_ARGS__)),                  \
			      &(struct M){ 0 }, each, deadline_ns, ret_n_sent)
#endif
/* The first, if M may be sent there. */
#define ACTOR__EACH(M, recipients) (recipients)[0 * sizeof((recipients)->handles->M)]

/** ACTOR_FORWARD() - actor_forward(): (context, to, M, pending, message): in a handler that takes a
 * struct M_pending */
#define ACTOR_FORWARD(context, to, M, pending, ...)                                                \
	actor_forward(context, ACTOR_FOR(M, to).address, &M##_type,                                \
		      ACTOR__POINTER(struct M, (__VA_ARGS__)), M##_pending__slot(pending))

/** ACTOR_FORWARD_UNTIL() - actor_forward_until(): (context, to, M, pending, deadline_ns, message)
 */
#define ACTOR_FORWARD_UNTIL(context, to, M, pending, deadline_ns, ...)                             \
	actor_forward_until(context, ACTOR_FOR(M, to).address, &M##_type,                          \
			    ACTOR__POINTER(struct M, (__VA_ARGS__)), M##_pending__slot(pending),   \
			    deadline_ns)

/** ACTOR_DRAIN() - actor_drain(): (context, to, M, source, user, message) */
#define ACTOR_DRAIN(context, to, M, source, user, ...)                                             \
	actor_drain(context, ACTOR_FOR(M, to).address, &M##_type,                                  \
		    ACTOR__POINTER(struct M, (__VA_ARGS__)), source, user)

/** ACTOR_DRAIN_UNTIL() - actor_drain_until(): (context, to, M, source, user, deadline_ns, message)
 */
#define ACTOR_DRAIN_UNTIL(context, to, M, source, user, deadline_ns, ...)                          \
	actor_drain_until(context, ACTOR_FOR(M, to).address, &M##_type,                            \
			  ACTOR__POINTER(struct M, (__VA_ARGS__)), source, user, deadline_ns)

/** ACTOR_CALL() - actor_call(): (context, to, M, ret_value, message) */
#define ACTOR_CALL(context, to, M, ret_value, ...)                                                 \
	actor_call(context, ACTOR_FOR(M, to).address, ACTOR__ANSWERED(M),                          \
		   ACTOR__POINTER(struct M, (__VA_ARGS__)), ACTOR__ANSWER(M, ret_value))

/** ACTOR_CALL_UNTIL() - actor_call_until(): (context, to, M, ret_value, deadline_ns, message) */
#define ACTOR_CALL_UNTIL(context, to, M, ret_value, deadline_ns, ...)                              \
	actor_call_until(context, ACTOR_FOR(M, to).address, ACTOR__ANSWERED(M),                    \
			 ACTOR__POINTER(struct M, (__VA_ARGS__)), ACTOR__ANSWER(M, ret_value),     \
			 deadline_ns)

/** ACTOR_CALL_BEGIN() - actor_call_begin(): (context, future, to, M, ret_value, message) */
#define ACTOR_CALL_BEGIN(context, future, to, M, ret_value, ...)                                   \
	actor_call_begin(context, future, ACTOR_FOR(M, to).address, ACTOR__ANSWERED(M),            \
			 ACTOR__POINTER(struct M, (__VA_ARGS__)), ACTOR__ANSWER(M, ret_value))

/** ACTOR_ASK() - actor_ask(): (context, ask, to, M, on_answer, user, message) */
#define ACTOR_ASK(context, ask, to, M, on_answer, user, ...)                                       \
	actor_ask(context, ask, ACTOR_FOR(M, to).address, ACTOR__ANSWERED(M),                      \
		  ACTOR__POINTER(struct M, (__VA_ARGS__)), on_answer, user)

/* The type of a message that has an answer, and where that goes: for a signal, which has none, this
 * does not compile. */
#define ACTOR__ANSWERED(M) ((void)sizeof(struct M##_has_an_answer), &M##_type)
#define ACTOR__ANSWER(M, ret_value) ACTOR__POINTER_OR_NULL(M##_reply_value, ret_value)

#endif
