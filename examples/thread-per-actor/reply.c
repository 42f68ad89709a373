/* SPDX-License-Identifier: MIT */

/*
 * A reply is an answer on its way back. It has two owners, the caller, who closes it, and the
 * callee, who delivers it, once each and in any order: whoever comes second frees it.
 *
 * The lock of the caller's seat covers all the replies that were opened there, so delivering,
 * giving up and waiting cannot miss each other: either the delivery comes first, and the caller
 * finds the value even if its deadline has passed meanwhile; or the caller closes first, and the
 * deliverer, who finds itself alone, drops the value and learns that nobody waits.
 *
 * The value lies in the reply. It is moved there under the lock, so that the caller, who has seen
 * under the same lock that it has come, owns it without any further ado.
 */

#include "tpa.h"

#include <assert.h>
#include <stdlib.h>

struct tpa_reply {
	struct actor_reply base;
	struct tpa_seat *seat;
	const struct actor_message_type *type;
	void *value;
	int status;
	bool delivered; /* the callee has gone */
	bool closed;	/* the caller has gone */
};

static int deliver(struct actor_reply *base, int status, void *value);
static bool abandoned(struct actor_reply *base);

static const struct actor_reply_ops reply_ops = {
	.size = sizeof reply_ops,
	.deliver = deliver,
	.abandoned = abandoned,
};

static struct tpa_reply *reply_of(struct actor_reply *base)
{
	assert(base->ops == &reply_ops);
	return ACTOR_CONTAINER_OF(base, struct tpa_reply, base);
}

static void reply_free(struct tpa_reply *reply)
{
	tpa_seat_unref(reply->seat);
	free(reply);
	tpa_count(TPA_REPLIES, -1);
}

int tpa_reply_open(struct tpa_seat *seat, const struct actor_message_type *type,
		   struct actor_reply **ret_reply)
{
	void *value;
	struct tpa_reply *reply = tpa_alloc(sizeof *reply, type, &value);

	if (!reply)
		return ACTOR_E_NOMEM;
	*reply = (struct tpa_reply){
		.base.ops = &reply_ops,
		.seat = seat,
		.type = type,
		.value = value,
	};
	tpa_seat_ref(seat);
	tpa_count(TPA_REPLIES, 1);
	*ret_reply = &reply->base;
	return 0;
}

static int deliver(struct actor_reply *base, int status, void *value)
{
	struct tpa_reply *reply = reply_of(base);
	struct tpa_seat *seat = reply->seat;
	bool abandoned;

	assert(status < 0 || (status == 0 && value));
	pthread_mutex_lock(&seat->lock);
	assert(!reply->delivered);
	abandoned = reply->closed;
	if (!abandoned) {
		reply->delivered = true;
		reply->status = status;
		if (status == 0)
			memcpy(reply->value, value, reply->type->message_size);
		pthread_cond_signal(&seat->changed);
	}
	pthread_mutex_unlock(&seat->lock);
	if (!abandoned)
		return 0;
	if (status == 0)
		actor_message_drop(reply->type, value);
	reply_free(reply);
	return ACTOR_E_ABANDONED;
}

static bool abandoned(struct actor_reply *base)
{
	struct tpa_reply *reply = reply_of(base);
	bool is;

	pthread_mutex_lock(&reply->seat->lock);
	is = reply->closed;
	pthread_mutex_unlock(&reply->seat->lock);
	return is;
}

void tpa_reply_refuse(struct actor_reply **slot)
{
	struct actor_reply *reply = *slot;

	*slot = NULL;
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
}

int tpa_reply_close(struct actor_reply *base, void *ret_value)
{
	struct tpa_reply *reply = reply_of(base);
	struct tpa_seat *seat = reply->seat;
	bool delivered;
	int status;

	pthread_mutex_lock(&seat->lock);
	delivered = reply->delivered;
	reply->closed = true;
	pthread_mutex_unlock(&seat->lock);
	if (!delivered)
		return ACTOR_E_ABANDONED;
	status = reply->status;
	if (status == 0 && ret_value)
		memcpy(ret_value, reply->value, reply->type->message_size);
	else if (status == 0)
		actor_message_drop(reply->type, reply->value);
	reply_free(reply);
	return status;
}

/* What an await returns as things stand, with the seat's lock held; ACTOR_E_TIMEOUT: wait on. */
static int awaited(const struct tpa_seat *seat, const struct actor_await *wait)
{
	bool all = wait->mode == ACTOR_AWAIT_ALL;

	(void)seat; /* where assertions are compiled out */
	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *base = actor_await_reply(wait, i);
		struct tpa_reply *reply = base ? reply_of(base) : NULL;

		assert(!reply || reply->seat == seat);
		if (reply && reply->delivered != all)
			return all ? ACTOR_E_TIMEOUT : (int)i;
	}
	return all ? 0 : ACTOR_E_TIMEOUT;
}

int tpa_reply_await(struct tpa_seat *seat, const struct actor_await *wait)
{
	int rc, slept = 0;

	pthread_mutex_lock(&seat->lock);
	while ((rc = awaited(seat, wait)) < 0 && !seat->cancelled && slept == 0)
		slept = tpa_condition_wait(&seat->changed, &seat->lock, wait->deadline_ns);
	if (rc < 0 && seat->cancelled)
		rc = ACTOR_E_CANCELLED;
	pthread_mutex_unlock(&seat->lock);
	return rc;
}
