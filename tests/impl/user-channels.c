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

static size_t length(const struct actor_channel *channel)
{
	return this_of(channel)->urgent.n + this_of(channel)->others.n;
}

static void destroy(struct actor_channel *channel)
{
	free(this_of(channel));
}

static bool urgent_room(const struct actor_channel *channel, const struct actor_envelope *envelope,
			size_t n_granted)
{
	(void)envelope;
	return length(channel) + n_granted < this_of(channel)->capacity;
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
	.length = length,
	.room = urgent_room,
};

static const struct actor_channel_ops latest_ops = {
	.size = sizeof latest_ops,
	.take = take,
	.destroy = destroy,
	.put = latest_put,
	.length = length,
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
