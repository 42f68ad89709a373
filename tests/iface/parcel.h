/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_PARCEL_H
#define TESTS_IFACE_PARCEL_H

#include <actor-iface/message.h>

/**
 * struct parcel - a message and an answer that owns something
 * @content: counts its owners: one, unless it has been lost or dropped twice
 */
struct parcel {
	int *content;
};

/** struct number - a message and an answer that is plain data */
struct number {
	int value;
};

/** parcel_of() - a parcel that owns @content, which counts that */
struct parcel parcel_of(int *content);

/* Messages: plain and owning, without an answer, and with each kind of answer. */
extern const struct actor_message_type number_type;
extern const struct actor_message_type parcel_type;
extern const struct actor_message_type count_type;  /* a number, answered by a number */
extern const struct actor_message_type unpack_type; /* a parcel, answered by a parcel */

#endif
