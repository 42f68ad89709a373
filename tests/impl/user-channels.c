/* SPDX-License-Identifier: MIT */

#include "user-channels.h"

#include <stdlib.h>

struct user_channel {
	struct actor_channel base;
	struct actor_envelope_list urgent;
	struct actor_envelope_list others;
	size_t capacity;
	bool (*is_urgent)(const struct actor_envelope *envelope);
	bool (*same)(const struct actor_envelope *a, const struct actor_envelope *b);
	void (*closing)(struct actor_channel *channel);
	atomic_bool lets_go;
};

atomic_bool urgent_is_poor;

static struct user_channel *this_of(const struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)channel, struct user_channel, base);
}

static int take(struct actor_channel *channel, struct actor_context *context,
		struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct user_channel *this = this_of(channel);

	(void)context, (void)ret_until_ns;
	*ret_envelope = actor_envelope_list_take(this->urgent.n ? &this->urgent : &this->others);
	return *ret_envelope ? ACTOR_CHANNEL_MESSAGE : ACTOR_CHANNEL_EMPTY;
}

static void destroy(struct actor_channel *channel)
{
	free(this_of(channel));
}

static bool urgent_room(const struct actor_channel *channel, const struct actor_envelope *envelope,
			size_t n_granted)
{
	const struct user_channel *this = this_of(channel);

	(void)envelope;
	return this->urgent.n + this->others.n + n_granted < this->capacity;
}

static int urgent_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	struct user_channel *this = this_of(channel);

	if (atomic_load(&urgent_is_poor))
		return ACTOR_E_NOMEM;
	actor_envelope_list_append(this->is_urgent(envelope) ? &this->urgent : &this->others,
				   envelope);
	return 0;
}

static int latest_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	struct user_channel *this = this_of(channel);
	struct actor_envelope_list kept = { NULL, NULL, 0 };
	struct actor_envelope *before;
	bool replaced = false;

	while ((before = actor_envelope_list_take(&this->others))) {
		bool same = this->same(before, envelope);

		actor_envelope_list_append(&kept, same ? envelope : before);
		if (same)
			actor_channel_spill(channel, before);
		replaced |= same;
	}
	if (!replaced)
		actor_envelope_list_append(&kept, envelope);
	this->others = kept;
	return 0;
}

static const struct actor_channel_ops urgent_ops = {
	.size = sizeof urgent_ops,
	.take = take,
	.destroy = destroy,
	.put = urgent_put,
	.room = urgent_room,
};

/* What is urgent no longer is of no use. */
static int fresh_take(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct user_channel *this = this_of(channel);
	struct actor_envelope *envelope;

	(void)context, (void)ret_until_ns;
	while ((envelope = actor_envelope_list_take(&this->others)) && !this->is_urgent(envelope))
		actor_channel_spill(channel, envelope);
	*ret_envelope = envelope;
	return envelope ? ACTOR_CHANNEL_MESSAGE : ACTOR_CHANNEL_EMPTY;
}

static int others_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	actor_envelope_list_append(&this_of(channel)->others, envelope);
	return 0;
}

static int patient_take(struct actor_channel *channel, struct actor_context *context,
			struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	if (context && !atomic_load(&this_of(channel)->lets_go))
		return ACTOR_CHANNEL_LATER;
	return take(channel, context, ret_envelope, ret_until_ns);
}

static void patient_close(struct actor_channel *channel)
{
	struct user_channel *this = this_of(channel);

	if (this->closing)
		this->closing(channel);
}

static const struct actor_channel_ops fresh_ops = {
	.size = sizeof fresh_ops,
	.take = fresh_take,
	.destroy = destroy,
	.put = others_put,
};

static const struct actor_channel_ops patient_ops = {
	.size = sizeof patient_ops,
	.take = patient_take,
	.destroy = destroy,
	.put = others_put,
	.close = patient_close,
};

static const struct actor_channel_ops latest_ops = {
	.size = sizeof latest_ops,
	.take = take,
	.destroy = destroy,
	.put = latest_put,
};

static int create(const struct actor_channel_ops *ops, struct user_channel **ret_channel)
{
	struct user_channel *this = calloc(1, sizeof *this);
	int rc = this ? actor_channel_init(&this->base, ops) : ACTOR_E_NOMEM;

	if (rc < 0)
		free(this);
	else
		*ret_channel = this;
	return rc;
}

int urgent_create(size_t capacity, bool (*is_urgent)(const struct actor_envelope *envelope),
		  struct actor_channel **ret_channel)
{
	struct user_channel *this;
	int rc = create(&urgent_ops, &this);

	if (rc < 0)
		return rc;
	this->capacity = capacity;
	this->is_urgent = is_urgent;
	*ret_channel = &this->base;
	return 0;
}

int latest_create(bool (*same)(const struct actor_envelope *a, const struct actor_envelope *b),
		  struct actor_channel **ret_channel)
{
	struct user_channel *this;
	int rc = create(&latest_ops, &this);

	if (rc < 0)
		return rc;
	this->same = same;
	*ret_channel = &this->base;
	return 0;
}

int fresh_create(bool (*is_fresh)(const struct actor_envelope *envelope),
		 struct actor_channel **ret_channel)
{
	struct user_channel *this;
	int rc = create(&fresh_ops, &this);

	if (rc < 0)
		return rc;
	this->is_urgent = is_fresh;
	*ret_channel = &this->base;
	return 0;
}

int patient_create(void (*closing)(struct actor_channel *channel),
		   struct actor_channel **ret_channel)
{
	struct user_channel *this;
	int rc = create(&patient_ops, &this);

	if (rc < 0)
		return rc;
	this->closing = closing;
	*ret_channel = &this->base;
	return 0;
}

void patient_let_go(struct actor_channel *channel)
{
	atomic_store(&this_of(channel)->lets_go, true);
	actor_channel_tell(channel);
}
