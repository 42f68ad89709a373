/* SPDX-License-Identifier: MIT */

/*
 * Throttles: when the last so many messages were taken, in a ring. The next one may be taken when
 * the oldest of these is an interval away: so no interval of that length has more, wherever it
 * begins.
 */

#include <actor-impl/channel-kinds.h>

#include "util/memory.h"

#include <stdlib.h>

struct throttle {
	struct actor_channel base;
	int64_t interval_ns;
	size_t n;
	size_t oldest;
	int64_t free_ns[]; /* when each of the places may be used again */
};

static struct throttle *throttle_of(struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF(channel, struct throttle, base);
}

static struct actor_channel *inner(struct actor_channel *channel)
{
	size_t n;

	return actor_channel_members(channel, &n)[0];
}

/* Nothing is taken now: what that means depends on whether there is anything. */
static int later(struct actor_channel *channel, int64_t free_ns, int64_t *ret_until_ns)
{
	/* Closed is asked first: what has got in before is then counted. */
	bool closed = actor_channel_is_closed(inner(channel));

	if (actor_channel_length(inner(channel)) > 0) {
		*ret_until_ns = free_ns;
		return ACTOR_CHANNEL_LATER;
	}
	return closed ? ACTOR_E_CLOSED : ACTOR_CHANNEL_EMPTY;
}

static void use_place(struct throttle *throttle, int64_t now_ns)
{
	bool ever = throttle->interval_ns > ACTOR_FOREVER - now_ns;

	throttle->free_ns[throttle->oldest] = ever ? ACTOR_FOREVER : now_ns + throttle->interval_ns;
	throttle->oldest = (throttle->oldest + 1) % throttle->n;
}

static int throttle_take(struct actor_channel *channel, struct actor_context *context,
			 struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct throttle *throttle = throttle_of(channel);
	int64_t now_ns = context ? actor_now(context) : ACTOR_FOREVER;
	int64_t free_ns = throttle->free_ns[throttle->oldest];
	int rc;

	if (now_ns < free_ns)
		return later(channel, free_ns, ret_until_ns);
	rc = actor_channel_pop(inner(channel), context, ret_envelope, ret_until_ns);
	if (rc == ACTOR_CHANNEL_MESSAGE)
		use_place(throttle, now_ns);
	return rc;
}

static void throttle_destroy(struct actor_channel *channel)
{
	free(throttle_of(channel));
}

static const struct actor_channel_ops throttle_ops = {
	.size = sizeof throttle_ops,
	.take = throttle_take,
	.destroy = throttle_destroy,
};

static struct throttle *allocate(size_t n)
{
	struct throttle *throttle = NULL;

	if (n <= (SIZE_MAX - sizeof *throttle) / sizeof throttle->free_ns[0])
		throttle = actor__memory_alloc(sizeof *throttle + n * sizeof throttle->free_ns[0]);
	for (size_t i = 0; throttle && i < n; i++)
		throttle->free_ns[i] = ACTOR_AT_ONCE;
	return throttle;
}

int actor_throttle_create(struct actor_channel *channel, size_t n, int64_t interval_ns,
			  struct actor_channel **ret_channel)
{
	struct throttle *throttle;
	int rc;

	if (n == 0 || interval_ns < 1)
		return ACTOR_E_INVALID;
	throttle = allocate(n);
	rc = throttle ? actor_channel_init(&throttle->base, &throttle_ops) : ACTOR_E_NOMEM;
	if (rc < 0) {
		free(throttle);
		return rc;
	}
	throttle->n = n;
	throttle->interval_ns = interval_ns;
	rc = actor_channel_adopt(&throttle->base, channel);
	if (rc < 0)
		actor_channel_unref(&throttle->base);
	else
		*ret_channel = &throttle->base;
	return rc;
}
