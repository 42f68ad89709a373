/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_SERVICE_MAP_H
#define ACTOR_REMOTE_SERVICE_MAP_H

#include <actor-iface/address.h>
#include <actor-remote/wire-format.h>

ACTOR__BEGIN_C

/**
 * DOC: who serves what comes over a connection
 *
 * A peer gives each frame that is a send or a call to the service map that offers its service. Here
 * are local actors (services.h), another peer (relay-map.h), all who have subscribed (pub-sub.h);
 * and whoever needs another writes one.
 */

struct actor_peer;
struct actor_service_map;

/**
 * struct actor_answer - the right and the duty to answer a call that came over a connection
 *
 * Answered exactly once, by one of the functions below, on any thread. What it takes of the peer
 * (a permit) is given back then, whatever has become of the connection.
 */
struct actor_answer;

/** actor_answer_payload() - answer with an encoded value; borrowed. 0, or ACTOR_E_ABANDONED when
 * the connection has gone; ACTOR_E_TOO_BIG, ACTOR_E_NOMEM: the caller is told of an internal error,
 * and observers of the peer what it was. Consumes @answer whatever is returned. Thread: any */
ACTOR_EXPORT int actor_answer_payload(struct actor_answer *answer, const uint8_t *payload,
				      size_t n_payload);

/** actor_answer_error() - answer with an error, in which the service and the call are filled in if
 * it has none. Consumes @answer. Returns as actor_answer_payload(). Thread: any */
ACTOR_EXPORT int actor_answer_error(struct actor_answer *answer,
				    const struct actor_wire_error *error);

/**
 * actor_answer_reply() - have a local actor answer
 * @answer: consumed, when the reply has been posted
 * @type:   of what it delivers; borrowed, for ever
 * @schema: of that; the same
 *
 * What is delivered is encoded on the thread that delivers. A call that is refused, or never
 * answered, ends with an internal error at the caller's, and an event here.
 *
 * Thread:  any
 * Return:  to be posted; if that fails, @answer is as it was
 */
ACTOR_EXPORT struct actor_reply *actor_answer_reply(struct actor_answer *answer,
						    const struct actor_message_type *type,
						    const struct actor_schema *schema);

/**
 * struct actor_place - where a frame stands in line until there is room for it
 * @waiter: the peer's: woken when there is
 * @where:  the map's: whose line that is; NULL while it stands in none, which is how it starts
 */
struct actor_place {
	struct actor_waiter waiter;
	void *where;
};

/**
 * struct actor_memo - what a map may remember of a service and a peer, from one frame to the next
 * @address: weak, so that nobody lives longer for it; the peer's to unref when it forgets
 * @what:    anything that lives as long as the map
 * @version: of what was remembered, so that the map sees whether that still holds
 */
struct actor_memo {
	struct actor_address *address;
	const void *what;
	uint64_t version;
};

/**
 * struct actor_incoming - a send or a call that came over a connection
 * @size:   sizeof(struct actor_incoming) as the peer was compiled
 * @frame:  its bytes are borrowed for the call of &actor_service_map_ops.serve
 * @peer:   that it came over; borrowed for the call
 * @format: of its payload
 * @answer: of a call; the map's when @serve has returned 0. NULL: nobody waits for an answer
 * @place:  to stand in line with, when there is no room; the same when it is tried again. NULL:
 *          not to stand in line
 * @why:    receives what is wrong, in words
 * @memo:   the map's, zeroed at first, and whenever the peer has forgotten it; NULL: none. A map
 *          that has others see to its frames gives them NULL, but for those that know what is
 *          their own, as services do
 */
struct actor_incoming {
	size_t size;
	struct actor_frame frame;
	struct actor_peer *peer;
	const struct actor_wire_format *format;
	struct actor_answer *answer;
	struct actor_place *place;
	struct actor_why *why;
	struct actor_memo *memo;
};

/**
 * struct actor_service_map_ops - what a service map does
 *
 * A map may be registered with several peers at a time, on several threads.
 */
struct actor_service_map_ops {
	size_t size;
	/* 1.0: all required */
	/** @ref: one more owner. Thread: any */
	void (*ref)(struct actor_service_map *map);
	/** @unref: one owner fewer. Thread: any */
	void (*unref)(struct actor_service_map *map);
	/** @services: the service ids that it offers now, the first @n_ids of them to @ret_ids,
	 * which may be NULL if @n_ids is 0; returns how many there are. Thread: any */
	size_t (*services)(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids);
	/**
	 * @serve: see to a frame; never waits
	 *
	 * Return: 0: it is seen to, and @answer, if there is one, will be answered.
	 *         ACTOR_E_FULL: not yet; &actor_incoming.place is in line, as with
	 *         actor_address_post(), and the peer keeps the frame until it is woken, to try
	 *         again, or calls @withdraw. (Without a place, it just tries again with one.)
	 *         Any other: it will not be, and why; out of line. The peer tells its observers,
	 * and the caller: ACTOR_E_DECODE is told as ACTOR_WIRE_DESERIALIZE, ACTOR_E_UNHANDLED as
	 *         ACTOR_WIRE_UNKNOWN_SERVICE, ACTOR_E_UNSUPPORTED as ACTOR_WIRE_PUB_SUB_NO_CALL,
	 *         all others as ACTOR_WIRE_INTERNAL_SERVER_ERROR
	 * Thread: the peer's
	 */
	int (*serve)(struct actor_service_map *map, struct actor_incoming *incoming);
	/** @withdraw: the frame that stands here is not tried again. Thread: as @serve */
	void (*withdraw)(struct actor_service_map *map, struct actor_place *place);
	/** @takes_permits: whether calls hold a permit of the peer's until they are answered; if
	 * not they need none. Thread: any */
	bool (*takes_permits)(const struct actor_service_map *map);
	/** @describe: in several lines of text: what is offered, and who serves it; a length as of
	 * snprintf(). Thread: any */
	int (*describe)(struct actor_service_map *map, char *buffer, size_t n_buffer);
	/* 1.0: optional */
	/** @lane: a number for whoever serves a service: while a frame waits for room, those of the
	 * same number wait behind it, so that messages to one actor keep their order; default: the
	 * service id. Thread: as @serve */
	uint64_t (*lane)(struct actor_service_map *map, uint64_t service);
};

/** struct actor_service_map - embedded first in what implements one */
struct actor_service_map {
	const struct actor_service_map_ops *ops;
};

/** actor_service_map_ref() - one more owner; returns @map. Thread: any */
static inline struct actor_service_map *actor_service_map_ref(struct actor_service_map *map)
{
	map->ops->ref(map);
	return map;
}

/** actor_service_map_unref() - one owner fewer; NULL is fine. Thread: any */
static inline void actor_service_map_unref(struct actor_service_map *map)
{
	if (map)
		map->ops->unref(map);
}

/** actor_service_map_describe() - what is offered, and by whom. Thread: any */
static inline int actor_service_map_describe(struct actor_service_map *map, char *buffer,
					     size_t n_buffer)
{
	return map->ops->describe(map, buffer, n_buffer);
}

ACTOR__END_C

#endif
