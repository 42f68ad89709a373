/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_COPY_H
#define TESTS_IFACE_COPY_H

#include <actor-iface/actor-iface.h>

/*
 * One declaration, of which three shared libraries have a private copy each: nothing of it is
 * exported. In one of them, built with COPY_LONGER, a message is longer than in the others, as if
 * it had been compiled with another version of this header.
 */

/* The answer, which owns something: *n_owners counts. */
struct greeting {
	int number;
	int *n_owners;
};

struct greet {
	int number;
	int *n_owners;
#ifdef COPY_LONGER
	int more[4];
#endif
};
ACTOR_MESSAGE(greet, struct greeting);

/* A signal that owns something. */
struct hint {
	int *n_owners;
};
ACTOR_SIGNAL(hint);

#define HOST_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, greet)                                                                             \
	SEND(X, hint)
ACTOR_DECLARE(host, HOST_MESSAGES);

/**
 * struct copy_library - what one of the libraries offers, whose types are its own secret
 * @greet_type: only to be compared
 * @spawn:      a host, and its address
 * @ask_back:   host_address_from() of an erased address
 * @greet:      call an erased address, whether it is a host or not; *ret_number is three times
 *              @number, and the answer has been released
 * @hint:       send something that is owned once, and released when that fails
 */
struct copy_library {
	const struct actor_message_type *greet_type;
	int (*spawn)(struct actor_spawner *spawner, struct actor_address **ret_address);
	int (*ask_back)(struct actor_address *erased);
	int (*greet)(struct actor_context *context, struct actor_address *erased, int number,
		     int *n_owners, int *ret_number);
	int (*hint)(struct actor_context *context, struct actor_address *erased, int *n_owners);
};

/* One function for each library. */
const struct copy_library *one_library(void);
const struct copy_library *another_library(void);
const struct copy_library *longer_library(void);

#endif
