/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_ADDRESS_H
#define ACTOR_IFACE_ADDRESS_H

#include <actor-iface/error.h>
#include <actor-iface/info.h>
#include <actor-iface/message.h>
#include <actor-iface/reply.h>
#include <actor-iface/waiter.h>

ACTOR__BEGIN_C

struct actor_address;

/** enum actor_stop - how an actor ends when it is asked to */
enum actor_stop {
	/** @ACTOR_STOP_DRAIN: accept nothing new, handle what is queued, then end */
	ACTOR_STOP_DRAIN = 1,
	/** @ACTOR_STOP_NOW: finish the message in hand, drop what is queued, then end */
	ACTOR_STOP_NOW = 2
};

/**
 * struct actor_address_ops - what an implementation offers to those who hold an address
 *
 * Every operation may be called from any thread, with no lock held, and not from a signal handler.
 * None of them runs a handler, a hook, a destroy function or a callback of the program's before it
 * returns: what follows is scheduled. (Where a message is discarded by @post or @stop, as in a
 * mailbox that overwrites the oldest, its drop function may run there, and what is called when its
 * call ends. Implementations say where they do that.) An address, strong or weak, may outlive the
 * actor, the mailbox and the executor.
 */
struct actor_address_ops {
	size_t size;
	/* 1.0: all required */
	/** @ref: one more owner of this strength */
	void (*ref)(struct actor_address *address);
	/** @unref: one owner fewer; without strong addresses an idle actor ends */
	void (*unref)(struct actor_address *address);
	/** @weak: a weak address of the same actor, owned by the caller; does not keep it alive */
	struct actor_address *(*weak)(struct actor_address *address);
	/** @upgrade: a strong address, owned by the caller; NULL when no strong one was left */
	struct actor_address *(*upgrade)(struct actor_address *address);
	/** @info: who this leads to; texts are borrowed while the address is held */
	void (*info)(const struct actor_address *address, struct actor_info *ret_info);
	/** @handles: whether the actor has a handler for this message type */
	bool (*handles)(const struct actor_address *address, const struct actor_message_type *type);
	/**
	 * @post: hand over a message, without ever waiting
	 *
	 * On 0 the bytes of @message and, if not NULL, @reply are the receiver's. (The wrapper
	 * actor_address_post() zeroes the source; implementations do not.) A @reply with a type
	 * that has no reply type is ACTOR_E_INVALID.
	 *
	 * @waiter may be NULL. Otherwise on ACTOR_E_FULL it is in line, in the order of arrival,
	 * and woken when room has been granted to it: the next post with it uses that room, and
	 * nobody else can. On any other result it is out of line, its grant used or passed on.
	 *
	 * A weak address is refused (ACTOR_E_CLOSED) as soon as no strong one is left.
	 *
	 * Return: 0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM,
	 *         ACTOR_E_INVALID
	 */
	int (*post)(struct actor_address *address, const struct actor_message_type *type,
		    void *message, struct actor_reply *reply, struct actor_waiter *waiter);
	/**
	 * @withdraw: take a waiter out of line; an unused grant goes to the next
	 *
	 * After it has returned, &actor_waiter.wake neither runs nor will run. A waiter that is in
	 * no line is left alone.
	 */
	void (*withdraw)(struct actor_address *address, struct actor_waiter *waiter);
	/* 1.0: optional */
	/** @stop: ask the actor to end; default: ACTOR_E_UNSUPPORTED. 0 also when it has ended. A
	 * mailbox that does not run accepts nothing from then on; a later start drains it */
	int (*stop)(struct actor_address *address, enum actor_stop how);
	/**
	 * @explain: what is wrong with a message that @post has refused with ACTOR_E_ENCODE, and
	 * where in it, to @text of @n_text bytes; default: nothing to say, ""
	 *
	 * Only of addresses whose calls end with that for no other reason.
	 */
	void (*explain)(struct actor_address *address, const struct actor_message_type *type,
			const void *message, char *text, size_t n_text);
};

/** struct actor_address - embedded first in what an implementation hands out */
struct actor_address {
	const struct actor_address_ops *ops;
};

/** actor_address_ref() - one more owner; returns @address. Thread: any */
static inline struct actor_address *actor_address_ref(struct actor_address *address)
{
	address->ops->ref(address);
	return address;
}

/** actor_address_unref() - one owner fewer; NULL is fine. Thread: any */
static inline void actor_address_unref(struct actor_address *address)
{
	if (address)
		address->ops->unref(address);
}

/** actor_address_weak() - a weak address, the caller's to unref. Thread: any */
ACTOR_NODISCARD static inline struct actor_address *actor_address_weak(
	struct actor_address *address)
{
	return address->ops->weak(address);
}

/** actor_address_upgrade() - a strong address, the caller's to unref, or NULL. Thread: any */
ACTOR_NODISCARD static inline struct actor_address *actor_address_upgrade(
	struct actor_address *address)
{
	return address->ops->upgrade(address);
}

/** actor_address_info() - who this leads to. Thread: any */
static inline struct actor_info actor_address_info(const struct actor_address *address)
{
	struct actor_info info;

	address->ops->info(address, &info);
	return info;
}

/** actor_address_identity() - which actor this leads to. Thread: any */
static inline struct actor_identity actor_address_identity(const struct actor_address *address)
{
	return actor_address_info(address).identity;
}

/** actor_address_name() - its name, "" when unnamed; borrowed. Thread: any */
static inline const char *actor_address_name(const struct actor_address *address)
{
	return actor_address_info(address).name;
}

/** actor_address_same() - whether both lead to the same actor, strong or weak. Thread: any */
static inline bool actor_address_same(const struct actor_address *a, const struct actor_address *b)
{
	return a == b || actor_identity_same(actor_address_identity(a), actor_address_identity(b));
}

/** actor_address_handles() - whether a message of this type would be handled. Thread: any */
static inline bool actor_address_handles(const struct actor_address *address,
					 const struct actor_message_type *type)
{
	return address->ops->handles(address, type);
}

/**
 * actor_address_post() - hand over a message, without ever waiting
 * @address: where to
 * @type:    of the message
 * @message: moved out on success (zeroed if @type has a drop function); untouched on failure
 * @reply:   NULL, or the callee's half of a reply: the receiver's on success
 * @waiter:  NULL, or whom to put in line when there is no room
 *
 * The primitive under every verb, for those who build verbs of their own. Rules of @waiter: see
 * &actor_address_ops.post.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD static inline int actor_address_post(struct actor_address *address,
						     const struct actor_message_type *type,
						     void *message, struct actor_reply *reply,
						     struct actor_waiter *waiter)
{
	int rc = address->ops->post(address, type, message, reply, waiter);

	if (rc == 0 && type->drop)
		memset(message, 0, type->message_size);
	return rc;
}

/** actor_address_withdraw() - see &actor_address_ops.withdraw. Thread: the waiter's owner */
static inline void actor_address_withdraw(struct actor_address *address,
					  struct actor_waiter *waiter)
{
	address->ops->withdraw(address, waiter);
}

/**
 * actor_address_stop() - ask an actor to end
 * @address: whom
 * @how:     whether what is queued is still handled
 *
 * Not a message: it needs no room. Its end is an ordinary one: `stopped` runs.
 *
 * Thread:  any
 * Return:  0, also when it has ended already; ACTOR_E_UNSUPPORTED
 */
static inline int actor_address_stop(struct actor_address *address, enum actor_stop how)
{
	if (!ACTOR_OPS_HAS(address->ops, struct actor_address_ops, stop))
		return ACTOR_E_UNSUPPORTED;
	return address->ops->stop(address, how);
}

/**
 * actor_address_explain() - what is wrong with a message that could not be sent for ACTOR_E_ENCODE
 * @address: where to
 * @type:    of the message
 * @message: as it was refused; still the caller's
 * @text:    receives it, and where in the message it is, like "users[3].name: text is not UTF-8",
 *           cut when too long; "" when there is nothing to say
 * @n_text:  its size in bytes, at least 1
 *
 * For who sends without a context: what sends with one notes it there, see actor_error().
 *
 * Thread:  any
 */
static inline void actor_address_explain(struct actor_address *address,
					 const struct actor_message_type *type, const void *message,
					 char *text, size_t n_text)
{
	text[0] = '\0';
	if (ACTOR_OPS_HAS(address->ops, struct actor_address_ops, explain))
		address->ops->explain(address, type, message, text, n_text);
}

ACTOR__END_C

#endif
