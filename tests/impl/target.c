/* SPDX-License-Identifier: MIT */

#include "target.h"

static struct target *target_of(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF(address, struct target, base);
}

static void target_ref(struct actor_address *address)
{
	atomic_fetch_add(&target_of(address)->n_owners, 1);
}

static void target_unref(struct actor_address *address)
{
	atomic_fetch_sub(&target_of(address)->n_owners, 1);
}

static struct actor_address *target_weak(struct actor_address *address)
{
	target_ref(address);
	return address;
}

static void target_info(const struct actor_address *address, struct actor_info *ret_info)
{
	*ret_info = (struct actor_info){ { target_of(address), 1 }, "target", "target" };
}

static bool target_handles(const struct actor_address *address,
			   const struct actor_message_type *type)
{
	(void)address;
	return type->name[0] != '!';
}

static void leave_line(struct target *target)
{
	if (target->waiter)
		target->waiter->line = NULL;
	target->waiter = NULL;
}

static int target_post(struct actor_address *address, const struct actor_message_type *type,
		       void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct target *target = target_of(address);
	int rc = atomic_load(&target->status);

	atomic_fetch_add(&target->n_tries, 1);
	if (target->on_post)
		target->on_post(target);
	if (waiter && rc == ACTOR_E_FULL) {
		target->waiter = waiter;
		waiter->line = target;
	} else if (waiter) {
		leave_line(target);
	}
	if (rc < 0)
		return rc;
	target->type = type;
	target->at = (uintptr_t)message;
	target->reply = reply;
	memcpy(&target->value, message,
	       type->message_size < sizeof target->value ? type->message_size
							 : sizeof target->value);
	actor_message_drop(type, message);
	atomic_fetch_add(&target->n_posts, 1);
	return 0;
}

static void target_withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	if (!waiter->line)
		return;
	leave_line(target_of(address));
	target_of(address)->n_withdrawn++;
}

static const struct actor_address_ops target_ops = {
	.size = sizeof target_ops,
	.ref = target_ref,
	.unref = target_unref,
	.weak = target_weak,
	.upgrade = target_weak,
	.info = target_info,
	.handles = target_handles,
	.post = target_post,
	.withdraw = target_withdraw,
};

void target_init(struct target *target)
{
	memset(target, 0, sizeof *target);
	target->base.ops = &target_ops;
	atomic_store(&target->n_owners, 1);
}

void target_wake(struct target *target)
{
	target->waiter->wake(target->waiter);
}
