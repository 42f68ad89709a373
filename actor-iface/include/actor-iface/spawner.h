/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_SPAWNER_H
#define ACTOR_IFACE_SPAWNER_H

#include <actor-iface/mailbox.h>

ACTOR__BEGIN_C

struct actor_spawner;

/**
 * struct actor_mailbox_options - choices when a mailbox is made; zero means the default
 * @size:     sizeof(struct actor_mailbox_options), set by ACTOR_OPTIONS()
 * @name:     for people; copied; need not be unique; default: unnamed
 * @capacity: messages that may be queued; default ACTOR_DEFAULT_CAPACITY; or ACTOR_UNBOUNDED
 */
struct actor_mailbox_options {
	size_t size;
	const char *name;
	size_t capacity;
};

#ifndef __cplusplus
/**
 * ACTOR_OPTIONS() - options in place: ACTOR_OPTIONS(.name = "savings", .capacity = 100)
 *
 * C only. In C++: actor_mailbox_options options = { sizeof options, "savings", 100 };
 */
#define ACTOR_OPTIONS(...)                                                                         \
	(&(const struct actor_mailbox_options){ .size = sizeof(struct actor_mailbox_options),      \
						__VA_ARGS__ })
#endif

/** struct actor_spawner_ops - what an implementation offers to those who make actors */
struct actor_spawner_ops {
	size_t size;
	/* 1.0: required */
	/**
	 * @mailbox: make a mailbox for actors of one behavior, the caller's to destroy
	 *
	 * @behavior must outlive it; @options may be NULL. From any thread.
	 * Return: 0, ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_CLOSED (the executor ends),
	 * ACTOR_E_UNSUPPORTED (a thread-bound behavior on an executor of several threads)
	 */
	int (*mailbox)(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		       const struct actor_mailbox_options *options,
		       struct actor_mailbox **ret_mailbox);
	/* 1.0: optional */
	/**
	 * @spawn: make a mailbox, start an actor on it, and give it up, all in one
	 *
	 * For speed; default: one after the other. The state is the actor's on success, and still
	 * the caller's on failure; the strong address is the caller's to unref. From any thread.
	 * Return: as @mailbox and &actor_mailbox_ops.start
	 */
	int (*spawn)(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		     void *state, const struct actor_mailbox_options *options,
		     struct actor_address **ret_address);
};

/** struct actor_spawner - what a library that starts actors is handed by the application */
struct actor_spawner {
	const struct actor_spawner_ops *ops;
};

/**
 * actor_mailbox_create() - make a mailbox: addresses can be had before there is an actor
 * @spawner:     makes it
 * @behavior:    of the actors that will run on it; must outlive it
 * @options:     NULL for the defaults
 * @ret_mailbox: the mailbox, the caller's to detach or destroy
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_CLOSED, ACTOR_E_UNSUPPORTED
 */
ACTOR_NODISCARD static inline int actor_mailbox_create(struct actor_spawner *spawner,
						       const struct actor_behavior *behavior,
						       const struct actor_mailbox_options *options,
						       struct actor_mailbox **ret_mailbox)
{
	return spawner->ops->mailbox(spawner, behavior, options, ret_mailbox);
}

/**
 * actor_spawn_mailbox() - make a mailbox and start an actor on it
 * @spawner:     makes it
 * @behavior:    of the actor
 * @state:       of the actor, its own from here on; still the caller's on failure
 * @options:     NULL for the defaults
 * @ret_address: a strong address, the caller's to unref
 * @ret_mailbox: to stop, cancel or join it, and to get its state back; NULL: nobody does, and the
 *               actor ends, with its state destroyed, when the last strong address goes
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_CLOSED, ACTOR_E_UNSUPPORTED, ACTOR_E_SYSTEM
 */
ACTOR_NODISCARD static inline int actor_spawn_mailbox(struct actor_spawner *spawner,
						      const struct actor_behavior *behavior,
						      void *state,
						      const struct actor_mailbox_options *options,
						      struct actor_address **ret_address,
						      struct actor_mailbox **ret_mailbox)
{
	struct actor_mailbox *mailbox;
	struct actor_address *address;
	int rc;

	if (!ret_mailbox && ACTOR_OPS_HAS(spawner->ops, struct actor_spawner_ops, spawn))
		return spawner->ops->spawn(spawner, behavior, state, options, ret_address);
	rc = actor_mailbox_create(spawner, behavior, options, &mailbox);
	if (rc < 0)
		return rc;
	address = actor_mailbox_address(mailbox);
	rc = actor_mailbox_start(mailbox, state, NULL, NULL);
	if (rc < 0) {
		actor_address_unref(address);
		actor_mailbox_destroy(mailbox);
		return rc;
	}
	*ret_address = address;
	if (ret_mailbox)
		*ret_mailbox = mailbox;
	else
		actor_mailbox_detach(mailbox);
	return 0;
}

/** actor_spawn() - actor_spawn_mailbox() for an actor that nobody owns */
ACTOR_NODISCARD static inline int actor_spawn(struct actor_spawner *spawner,
					      const struct actor_behavior *behavior, void *state,
					      const struct actor_mailbox_options *options,
					      struct actor_address **ret_address)
{
	return actor_spawn_mailbox(spawner, behavior, state, options, ret_address, NULL);
}

ACTOR__END_C

#endif
