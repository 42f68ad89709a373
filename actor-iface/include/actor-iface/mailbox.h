/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_MAILBOX_H
#define ACTOR_IFACE_MAILBOX_H

#include <actor-iface/context.h>

ACTOR__BEGIN_C

struct actor_mailbox;

/** enum actor_ended - how an actor's run came to its end */
enum actor_ended {
	/** @ACTOR_ENDED_STOPPED: by itself or because it was asked to; the mailbox is closed */
	ACTOR_ENDED_STOPPED = 1,
	/** @ACTOR_ENDED_FAILED: the state is gone; the mailbox is ready for a fresh one, with its
	 * queue, identity and addresses (but closed if it was `stopped` that failed) */
	ACTOR_ENDED_FAILED = 2,
	/** @ACTOR_ENDED_CANCELLED: state and queue are gone, the mailbox is closed */
	ACTOR_ENDED_CANCELLED = 3
};

/**
 * struct actor_end - the end of an actor's run
 * @size:     sizeof(struct actor_end) as its maker compiled it
 * @how:      which kind
 * @state:    STOPPED: the state, now the receiver's; otherwise NULL
 * @behavior: whose destroy function releases @state
 * @mailbox:  the mailbox, borrowed; NULL when its owner has given it up
 * @failure:  FAILED: why, borrowed until the mailbox starts again or goes; otherwise NULL
 */
struct actor_end {
	size_t size;
	enum actor_ended how;
	void *state;
	const struct actor_behavior *behavior;
	struct actor_mailbox *mailbox;
	const struct actor_failure *failure;
};

/** actor_end_drop() - release the state that an end brought. Thread: any */
static inline void actor_end_drop(struct actor_end *end)
{
	if (end->state && end->behavior->destroy)
		end->behavior->destroy(end->state);
	end->state = NULL;
}

/** actor_join_type() - describes the answer of a join: struct actor_unit. Thread: any */
static inline const struct actor_message_type *actor_join_type(void)
{
	static const struct actor_message_type type = {
		sizeof type,
		"actor.join.reply",
		sizeof(struct actor_unit),
		ACTOR__ALIGNOF(struct actor_unit),
		NULL,
		NULL,
		NULL,
	};

	return &type;
}

/**
 * typedef actor_end_fn - is told how an actor's run ended
 * @user: as given to start
 * @end:  borrowed for the call; its @state is the function's to keep, or to release with
 *        actor_end_drop()
 *
 * Runs exactly once a start, on the executor, after the last activation; must not wait. May start
 * the mailbox again, or give it up.
 */
typedef void actor_end_fn(void *user, struct actor_end *end);

/**
 * struct actor_mailbox_ops - what an implementation offers to whoever owns a mailbox
 *
 * A mailbox has one owner, who made it; it exists before its actor runs and between runs. Each
 * operation may be called from any thread, but the owner does not call them concurrently.
 */
struct actor_mailbox_ops {
	size_t size;
	/* 1.0: all required */
	/** @info: who; texts are borrowed while the mailbox is held */
	void (*info)(const struct actor_mailbox *mailbox, struct actor_info *ret_info);
	/** @address: a strong address, the caller's to unref; also when none was left */
	struct actor_address *(*address)(struct actor_mailbox *mailbox);
	/**
	 * @start: run an actor: @state is the actor's from here on, at this place in memory
	 *
	 * @on_end may be NULL: the end is then kept for @end. On failure the state stays the
	 * caller's. Return: 0, ACTOR_E_BUSY (it runs already), ACTOR_E_CLOSED, ACTOR_E_NOMEM,
	 * ACTOR_E_SYSTEM
	 */
	int (*start)(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end, void *user);
	/**
	 * @cancel: end the actor without ceremony, and the mailbox for good
	 *
	 * The current and every later wait of its handler returns ACTOR_E_CANCELLED, a caller
	 * whose message was waiting so gets ACTOR_E_STOPPED, `stopped` does not run, state and
	 * queue are destroyed. Running code is never interrupted. Never waits, idempotent.
	 */
	void (*cancel)(struct actor_mailbox *mailbox);
	/**
	 * @join: deliver @reply, of actor_join_type(), when the current run has ended
	 *
	 * At once if it has. One at a time: a later join takes the place of an earlier one, whose
	 * reply is delivered ACTOR_E_BUSY. When the mailbox is given up meanwhile, the state has
	 * been destroyed, or handed to on_end, before. Return: 0, ACTOR_E_INVALID (never started),
	 * with the reply still the caller's.
	 */
	int (*join)(struct actor_mailbox *mailbox, struct actor_reply *reply);
	/**
	 * @end: how the last run ended
	 *
	 * The state is handed over once: to on_end, or else to the first who asks here; without
	 * either it is destroyed when the mailbox goes. Return: 0, ACTOR_E_BUSY (it runs),
	 * ACTOR_E_INVALID (never started)
	 */
	int (*end)(struct actor_mailbox *mailbox, struct actor_end *ret_end);
	/**
	 * @detach: give the mailbox up; the pointer is invalid from here on
	 *
	 * A running actor goes on, and when it ends, however that is, mailbox and state are
	 * destroyed (after on_end, which is still called). Without a running actor that happens
	 * at once. Queued messages are then dropped, and their callers get ACTOR_E_STOPPED.
	 */
	void (*detach)(struct actor_mailbox *mailbox);
	/* 1.1: optional */
	/**
	 * @fail: end the run as if its actor had failed
	 *
	 * So that it can begin anew, with all that it has been sent. As for @cancel, the current
	 * and every later wait of its handler returns ACTOR_E_CANCELLED, a caller whose message
	 * was waiting so gets ACTOR_E_STOPPED, `stopped` does not run, the state is destroyed;
	 * but the queue stays, and the mailbox is ready for a fresh state. The message whose
	 * handler is told so is gone, as one at which an actor fails; unless the implementation
	 * keeps it for the next run, as it may for those. Nothing happens if nothing runs, or if
	 * `stopped` does already. Never waits. Return: 0; default: ACTOR_E_UNSUPPORTED
	 */
	int (*fail)(struct actor_mailbox *mailbox);
};

/** struct actor_mailbox - embedded in what an implementation hands out */
struct actor_mailbox {
	const struct actor_mailbox_ops *ops;
};

/** actor_mailbox_info() - who this is. Thread: any */
static inline struct actor_info actor_mailbox_info(const struct actor_mailbox *mailbox)
{
	struct actor_info info;

	mailbox->ops->info(mailbox, &info);
	return info;
}

/** actor_mailbox_address() - a strong address, the caller's to unref. Thread: owner */
ACTOR_NODISCARD static inline struct actor_address *actor_mailbox_address(
	struct actor_mailbox *mailbox)
{
	return mailbox->ops->address(mailbox);
}

/** actor_mailbox_start() - run an actor: see &actor_mailbox_ops.start. Thread: owner */
ACTOR_NODISCARD static inline int actor_mailbox_start(struct actor_mailbox *mailbox, void *state,
						      actor_end_fn *on_end, void *user)
{
	return mailbox->ops->start(mailbox, state, on_end, user);
}

/** actor_mailbox_stop() - ask the actor to end: see actor_address_stop(). Thread: owner */
static inline int actor_mailbox_stop(struct actor_mailbox *mailbox, enum actor_stop how)
{
	struct actor_address *address = mailbox->ops->address(mailbox);
	int rc = actor_address_stop(address, how);

	actor_address_unref(address);
	return rc;
}

/** actor_mailbox_cancel() - see &actor_mailbox_ops.cancel. Thread: owner */
static inline void actor_mailbox_cancel(struct actor_mailbox *mailbox)
{
	mailbox->ops->cancel(mailbox);
}

/** actor_mailbox_fail() - see &actor_mailbox_ops.fail. Thread: owner */
static inline int actor_mailbox_fail(struct actor_mailbox *mailbox)
{
	if (!ACTOR_OPS_HAS(mailbox->ops, struct actor_mailbox_ops, fail))
		return ACTOR_E_UNSUPPORTED;
	return mailbox->ops->fail(mailbox);
}

/** actor_mailbox_detach() - see &actor_mailbox_ops.detach; NULL is fine. Thread: owner */
static inline void actor_mailbox_detach(struct actor_mailbox *mailbox)
{
	if (mailbox)
		mailbox->ops->detach(mailbox);
}

/** actor_mailbox_destroy() - cancel what runs, and give the mailbox up; NULL is fine.
 * Thread: owner */
static inline void actor_mailbox_destroy(struct actor_mailbox *mailbox)
{
	if (mailbox) {
		mailbox->ops->cancel(mailbox);
		mailbox->ops->detach(mailbox);
	}
}

/**
 * actor_mailbox_end() - how the last run ended
 * @mailbox: started, and its run over
 * @ret_end: on success, with the state if nobody has got it yet: now the caller's
 *
 * Thread:  owner
 * Return:  0, ACTOR_E_BUSY while it runs, ACTOR_E_INVALID when it never ran
 */
ACTOR_NODISCARD static inline int actor_mailbox_end(struct actor_mailbox *mailbox,
						    struct actor_end *ret_end)
{
	return mailbox->ops->end(mailbox, ret_end);
}

/* actor_mailbox_join() without an end and without a detail. */
static inline int actor__mailbox_await(struct actor_context *context, struct actor_mailbox *mailbox,
				       int64_t deadline_ns)
{
	struct actor_reply *reply;
	int rc = context->ops->reply_open(context, actor_join_type(), &reply);
	int closed;

	if (rc < 0)
		return rc;
	rc = mailbox->ops->join(mailbox, reply);
	if (rc < 0)
		actor_reply_deliver(reply, rc, NULL);
	else
		rc = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					 deadline_ns);
	closed = context->ops->reply_close(context, reply, NULL);
	return closed == ACTOR_E_ABANDONED ? rc : closed;
}

/**
 * actor_mailbox_join() - wait until the actor's run has ended
 * @context:     whoever waits
 * @mailbox:     started; stays its owner's
 * @deadline_ns: absolute; when it passes, nothing has changed
 * @ret_end:     on success, what actor_mailbox_end() says; NULL: it can still be asked for
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_INVALID when it was never started,
 *          ACTOR_E_BUSY when somebody else joins meanwhile, or when the run is over but on_end
 *          has started the next one, so that there is no end to speak of; ACTOR_E_NOMEM
 */
ACTOR_NODISCARD static inline int actor_mailbox_join(struct actor_context *context,
						     struct actor_mailbox *mailbox,
						     int64_t deadline_ns, struct actor_end *ret_end)
{
	struct actor_info info = actor_mailbox_info(mailbox);
	struct actor_error error;
	int rc;

	/* Before the wait: while we wait, on_end may give the mailbox up. */
	actor__error_init(&error, 0, &info, NULL);
	rc = actor__mailbox_await(context, mailbox, deadline_ns);
	if (rc == 0 && ret_end)
		rc = actor_mailbox_end(mailbox, ret_end);
	if (rc < 0) {
		error.code = rc;
		*context->ops->error(context) = error;
	}
	return rc;
}

ACTOR__END_C

#endif
