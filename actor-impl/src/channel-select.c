/* SPDX-License-Identifier: MIT */

/* Selects: several channels, looked at from the one on that a strategy chooses. */

#include <actor-impl/channel-kinds.h>

#include "util/memory.h"

#include <stdlib.h>

struct selection {
	struct actor_channel base;
	actor_select_fn *choose;
	void *user;
	size_t in_turn; /* for actor_select_in_turn(): after the one that gave the last message */
};

static struct selection *selection_of(struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF(channel, struct selection, base);
}

/* Its @user is the place of the next one, which selection_take() keeps. */
size_t actor_select_in_turn(void *user, struct actor_channel *const *channels, size_t n)
{
	(void)channels, (void)n;
	return *(size_t *)user;
}

static size_t first_to_look_at(struct selection *selection, struct actor_channel *const *members,
			       size_t n)
{
	return selection->choose ? selection->choose(selection->user, members, n) % n : 0;
}

static int selection_take(struct actor_channel *channel, struct actor_context *context,
			  struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct selection *selection = selection_of(channel);
	size_t n, n_closed = 0, n_later = 0, at;
	struct actor_channel *const *members = actor_channel_members(channel, &n);
	int64_t until_ns;
	int rc;

	at = first_to_look_at(selection, members, n);
	for (size_t i = 0; i < n; i++, at = (at + 1) % n) {
		rc = actor_channel_pop(members[at], context, ret_envelope, &until_ns);
		if (rc == ACTOR_CHANNEL_MESSAGE) {
			selection->in_turn = at + 1;
			return rc;
		}
		n_closed += rc == ACTOR_E_CLOSED;
		n_later += rc == ACTOR_CHANNEL_LATER;
		if (until_ns < *ret_until_ns)
			*ret_until_ns = until_ns;
	}
	if (n_closed == n)
		return ACTOR_E_CLOSED;
	return n_later > 0 ? ACTOR_CHANNEL_LATER : ACTOR_CHANNEL_EMPTY;
}

static void selection_destroy(struct actor_channel *channel)
{
	free(selection_of(channel));
}

static const struct actor_channel_ops selection_ops = {
	.size = sizeof selection_ops,
	.take = selection_take,
	.destroy = selection_destroy,
};

int actor_select_create(struct actor_channel *const *channels, size_t n, actor_select_fn *choose,
			void *user, struct actor_channel **ret_channel)
{
	struct selection *selection;
	int rc;

	if (n == 0)
		return ACTOR_E_INVALID;
	selection = actor__memory_alloc(sizeof *selection);
	rc = selection ? actor_channel_init(&selection->base, &selection_ops) : ACTOR_E_NOMEM;
	if (rc < 0) {
		free(selection);
		return rc;
	}
	selection->choose = choose;
	selection->user = choose == actor_select_in_turn ? &selection->in_turn : user;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = actor_channel_adopt(&selection->base, channels[i]);
	if (rc < 0) {
		actor_channel_unref(&selection->base);
		return rc;
	}
	*ret_channel = &selection->base;
	return 0;
}
