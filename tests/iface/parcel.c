/* SPDX-License-Identifier: MIT */

/* Messages that tell whether each has exactly one owner. */

#include "parcel.h"

struct parcel parcel_of(int *content)
{
	++*content;
	return (struct parcel){ content };
}

static void parcel_drop(void *message)
{
	struct parcel *parcel = message;

	if (parcel->content)
		--*parcel->content;
}

static int parcel_copy(void *to, const void *from)
{
	const struct parcel *parcel = from;

	if (!parcel->content)
		return ACTOR_E_NOMEM;
	*(struct parcel *)to = parcel_of(parcel->content);
	return 0;
}

static const struct actor_message_type number_reply_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.count.reply",
	.message_size = sizeof(struct number),
	.message_align = _Alignof(struct number),
};

static const struct actor_message_type parcel_reply_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.unpack.reply",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
};

const struct actor_message_type number_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.number",
	.message_size = sizeof(struct number),
	.message_align = _Alignof(struct number),
};

const struct actor_message_type parcel_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.parcel",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
	.copy = parcel_copy,
};

const struct actor_message_type count_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.count",
	.message_size = sizeof(struct number),
	.message_align = _Alignof(struct number),
	.reply = &number_reply_type,
};

const struct actor_message_type unpack_type = {
	.size = sizeof(struct actor_message_type),
	.name = "test.unpack",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
	.reply = &parcel_reply_type,
};
