/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_ASK_H
#define ACTOR_IFACE_ASK_H

#include <actor-iface/context.h>

ACTOR__BEGIN_C

struct actor_ask;

/**
 * typedef actor_answer_fn - takes the answer to an actor_ask()
 * @ask:    that was answered; its memory is the asker's again from here on
 * @status: 0, or why there is no answer
 * @value:  with status 0, the answer: to be moved out, or dropped, before returning; else NULL
 *
 * Runs once, on whatever thread delivers: inside the answering actor's handler, or where its
 * mailbox is let go. It must not wait or fail, and does best to try to send a message and return.
 */
typedef void actor_answer_fn(struct actor_ask *ask, int status, void *value);

/**
 * struct actor_ask - a question whose answer arrives by callback
 * @reply:     what the callee holds
 * @on_answer: called with the answer
 * @user:      the asker's
 *
 * In memory of the asker's that must stay until @on_answer has been called, so not in the state of
 * an actor that may end before; every question that was accepted is answered, at the latest with
 * ACTOR_E_STOPPED.
 */
struct actor_ask {
	struct actor_reply reply;
	actor_answer_fn *on_answer;
	void *user;
};

static inline int actor__ask_deliver(struct actor_reply *reply, int status, void *value)
{
	struct actor_ask *ask = ACTOR_CONTAINER_OF(reply, struct actor_ask, reply);

	ask->on_answer(ask, status, value);
	return 0;
}

/**
 * actor_ask() - send a message whose answer arrives by callback
 * @context:   NULL: never waits. Otherwise suspended while the mailbox is full
 * @ask:       the asker's; in use until the callback
 * @address:   where to; borrowed
 * @type:      of the message; must have a reply type
 * @message:   moved out on success; untouched on failure
 * @on_answer: takes the answer; not called if this fails
 * @user:      for it
 *
 * The way to ask from where nothing can wait.
 *
 * Thread:  any with @context NULL; otherwise context
 * Return:  0, or as actor_try_send() and actor_send(); ACTOR_E_INVALID
 */
ACTOR_NODISCARD static inline int actor_ask(struct actor_context *context, struct actor_ask *ask,
					    struct actor_address *address,
					    const struct actor_message_type *type, void *message,
					    actor_answer_fn *on_answer, void *user)
{
	static const struct actor_reply_ops ops = { sizeof ops, actor__ask_deliver, NULL };
	int rc;

	ask->reply.ops = &ops;
	ask->on_answer = on_answer;
	ask->user = user;
	if (!context)
		return type->reply ? actor_address_post(address, type, message, &ask->reply, NULL)
				   : ACTOR_E_INVALID;
	rc = type->reply ? context->ops->post(context, address, type, message, &ask->reply,
					      ACTOR_FOREVER)
			 : ACTOR_E_INVALID;
	return rc < 0 ? actor_error_refused(context, rc, address, type, message) : rc;
}

ACTOR__END_C

#endif
