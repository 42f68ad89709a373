/* SPDX-License-Identifier: MIT */

/*
 * Services: a map of local actors. A table with one row per service of the namespace, whose ids
 * never change, and in each row who serves it, under a lock. Who serves a frame takes a reference
 * of the address and lets go of the lock, which is a leaf.
 *
 * For most frames, even that is not needed: a peer remembers for us whom the frame before went to,
 * by a weak address, and which version of the table said so. As long as that is the version there
 * is, we hold a strong one. When it no longer is, after the version has been looked at, the message
 * still reaches that actor, as one that came a moment earlier, or finds that it is closed: then it
 * is looked up.
 *
 * A map of somebody else's may pass on to us what came for it, now to this table and now to another
 * one, or for another service: so no two tables ever have the same version, and the service is
 * looked at, too.
 */

#include "origin.h"
#include "text.h"

#include <actor-remote/services.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Messages up to this size are decoded on the stack. */
#define MESSAGE_BYTES 512

struct row {
	uint64_t id;
	const struct actor_service *service;
	bool has_origin;
	struct actor_address *address; /* NULL: nobody */
	_Atomic uint64_t lane;	       /* as services_lane() says; changes under the lock */
};

struct services {
	struct actor_service_map map;
	atomic_size_t n_refs;
	const struct actor_namespace *name_space;
	pthread_mutex_t lock;
	_Atomic uint64_t version; /* of the addresses; changes under the lock */
	size_t n_rows;
	struct row rows[];
};

static const struct actor_service_map_ops services_ops;

/* One that no table has had. */
static uint64_t new_version(void)
{
	static _Atomic uint64_t last;

	/* Relaxed: it is only to be another one. */
	return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

static struct services *services_of(const struct actor_service_map *map)
{
	return ACTOR_CONTAINER_OF(map, struct services, map);
}

static void services_ref(struct actor_service_map *map)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&services_of(map)->n_refs, 1, memory_order_relaxed);
}

static void services_unref(struct actor_service_map *map)
{
	struct services *services = services_of(map);

	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&services->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < services->n_rows; i++)
		actor_address_unref(services->rows[i].address);
	pthread_mutex_destroy(&services->lock);
	free(services);
}

static struct row *row_of(struct services *services, uint64_t id)
{
	for (size_t i = 0; i < services->n_rows; i++)
		if (services->rows[i].id == id)
			return &services->rows[i];
	return NULL;
}

/* A number for whoever serves it, or is about to: not with the lock held. */
static uint64_t lane_of(const struct row *row, const struct actor_address *address)
{
	return address ? actor_address_identity(address).number : row->id;
}

/* Who serves that, referenced; or NULL. */
static struct actor_address *address_of(struct services *services, const struct row *row)
{
	struct actor_address *address;

	pthread_mutex_lock(&services->lock);
	address = row->address ? actor_address_ref(row->address) : NULL;
	pthread_mutex_unlock(&services->lock);
	return address;
}

static size_t services_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	struct services *services = services_of(map);
	size_t n = 0;

	pthread_mutex_lock(&services->lock);
	for (size_t i = 0; i < services->n_rows; i++)
		if (services->rows[i].address) {
			if (n < n_ids)
				ret_ids[n] = services->rows[i].id;
			n++;
		}
	pthread_mutex_unlock(&services->lock);
	return n;
}

/* ---- serving */

static void set_origin(const struct actor_schema *schema, void *message, struct actor_peer *peer)
{
	struct actor_origin *origin = actor__origin_of(schema, message);

	if (origin)
		actor__origin_copy(origin, &(struct actor_origin){ peer });
}

/* Out of the line that it is in, unless that is of @address. */
static void leave_line(struct actor_place *place, const struct actor_address *address)
{
	struct actor_address *where = place ? place->where : NULL;

	if (!where || where == address)
		return;
	place->where = NULL;
	actor_address_withdraw(where, &place->waiter);
	actor_address_unref(where);
}

static int post(const struct actor_service *service, struct actor_address *address, void *message,
		struct actor_incoming *incoming)
{
	struct actor_place *place = incoming->place;
	struct actor_reply *reply = NULL;
	int rc;

	if (incoming->answer)
		reply = actor_answer_reply(incoming->answer, service->type->reply, service->reply);
	leave_line(place, address); /* if another one serves that now */
	rc = actor_address_post(address, service->type, message, reply,
				place ? &place->waiter : NULL);
	if (rc == ACTOR_E_FULL && place && !place->where)
		place->where = actor_address_ref(address);
	return rc;
}

static int decode_and_post(const struct row *row, struct actor_address *address, void *message,
			   struct actor_incoming *incoming)
{
	const struct actor_wire_format *format = incoming->format;
	const struct actor_service *service = row->service;
	int rc = format->ops->decode(format, service->schema, incoming->frame.payload,
				     incoming->frame.n_payload, message, incoming->why);

	if (rc < 0)
		return rc;
	if (row->has_origin)
		set_origin(service->schema, message, incoming->peer);
	rc = post(service, address, message, incoming);
	if (rc < 0)
		actor_message_drop(service->type, message);
	return rc;
}

static int serve(const struct row *row, struct actor_address *address,
		 struct actor_incoming *incoming)
{
	_Alignas(max_align_t) unsigned char memory[MESSAGE_BYTES];
	size_t size = row->service->type->message_size;
	void *message;
	int rc;

	if (incoming->answer && !row->service->reply)
		return ACTOR_E_UNSUPPORTED;
	message = size <= sizeof memory ? memory : malloc(size);
	if (!message)
		return ACTOR_E_NOMEM;
	rc = decode_and_post(row, address, message, incoming);
	if (message != memory)
		free(message);
	/* What it is told is of the actor, not of the service. */
	return rc == ACTOR_E_UNHANDLED ? ACTOR_E_INVALID : rc;
}

/* Who serves that, referenced, or NULL; and have it remembered. */
static struct actor_address *look_up(struct services *services, const struct row *row,
				     struct actor_memo *memo)
{
	struct actor_address *address;
	uint64_t version;

	pthread_mutex_lock(&services->lock);
	address = row->address ? actor_address_ref(row->address) : NULL;
	version = atomic_load_explicit(&services->version, memory_order_relaxed);
	pthread_mutex_unlock(&services->lock);
	if (memo) {
		actor_address_unref(memo->address);
		memo->address = address ? actor_address_weak(address) : NULL;
		memo->what = row;
		memo->version = version;
	}
	return address;
}

static int serve_looked_up(struct services *services, struct actor_incoming *incoming)
{
	const struct row *row = row_of(services, incoming->frame.service);
	struct actor_memo *memo = incoming->memo;
	struct actor_address *address = row ? look_up(services, row, memo) : NULL;
	int rc = ACTOR_E_UNHANDLED;

	/* By that which is remembered, if it is: who is in line by another one leaves that line. */
	if (address)
		rc = serve(row, memo ? memo->address : address, incoming);
	if (rc != ACTOR_E_FULL)
		leave_line(incoming->place, NULL);
	actor_address_unref(address);
	return rc;
}

/* Acquire: an address that has been replaced before is not taken for the one that there is. */
static bool is_current(struct services *services, const struct actor_memo *memo, uint64_t service)
{
	const struct row *row = memo->what; /* ours, if the version is */

	return memo->address &&
	       memo->version == atomic_load_explicit(&services->version, memory_order_acquire) &&
	       row->id == service;
}

static int services_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	struct services *services = services_of(map);
	const struct actor_memo *memo = incoming->memo;
	int rc;

	if (!memo || !is_current(services, memo, incoming->frame.service))
		return serve_looked_up(services, incoming);
	rc = serve(memo->what, memo->address, incoming);
	if (rc == ACTOR_E_CLOSED)
		return serve_looked_up(services, incoming);
	if (rc != ACTOR_E_FULL)
		leave_line(incoming->place, NULL);
	return rc;
}

static void services_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map;
	leave_line(place, NULL);
}

static bool services_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return true;
}

static uint64_t services_lane(struct actor_service_map *map, uint64_t service)
{
	struct services *services = services_of(map);
	const struct row *row = row_of(services, service);

	return row ? atomic_load(&row->lane) : service;
}

/* ---- what there is, in words */

static void describe_row(struct services *services, const struct row *row, int width,
			 struct actor__text *text)
{
	struct actor_address *address = address_of(services, row);
	struct actor_info info;

	actor__text_add(text, "\t%-*s - id: 0x%016" PRIx64 " - handler: ", width,
			row->service->name, row->id);
	if (address) {
		info = actor_address_info(address);
		actor__text_add(text, "id(%" PRIu64 ")", info.identity.number);
		if (info.name[0])
			actor__text_add(text, ", name(%s)", info.name);
	} else {
		actor__text_add(text, "none");
	}
	actor__text_add(text, "\n");
	actor_address_unref(address);
}

static int services_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	struct services *services = services_of(map);
	struct actor__text text = { buffer, n_buffer, 0 };
	size_t width = 0;

	for (size_t i = 0; i < services->n_rows; i++)
		if (strlen(services->rows[i].service->name) > width)
			width = strlen(services->rows[i].service->name);
	actor__text_add(&text, "%s::Services\n{\n", services->name_space->name);
	for (size_t i = 0; i < services->n_rows; i++)
		describe_row(services, &services->rows[i], (int)width, &text);
	actor__text_add(&text, "}");
	return (int)text.n;
}

static const struct actor_service_map_ops services_ops = {
	.size = sizeof services_ops,
	.ref = services_ref,
	.unref = services_unref,
	.services = services_services,
	.serve = services_serve,
	.withdraw = services_withdraw,
	.takes_permits = services_takes_permits,
	.describe = services_describe,
	.lane = services_lane,
};

/* ---- for those who have one */

static bool has_ids(const struct services *services)
{
	for (size_t i = 0; i < services->n_rows; i++) {
		if (!services->rows[i].id)
			return false;
		for (size_t k = 0; k < i; k++)
			if (services->rows[k].id == services->rows[i].id)
				return false;
	}
	return true;
}

/* What is decoded as a message is one; and where there is an answer, it can be encoded. */
static bool is_sound(const struct actor_service *service)
{
	const struct actor_message_type *type = service->type;

	return service->schema->value_size == type->message_size &&
	       !service->reply == !type->reply &&
	       (!service->reply || service->reply->value_size == type->reply->message_size);
}

int actor_services_create(const struct actor_namespace *name_space,
			  struct actor_service_map **ret_map)
{
	size_t n = name_space->n_services;
	struct services *services = calloc(1, sizeof *services + n * sizeof services->rows[0]);

	if (!services)
		return ACTOR_E_NOMEM;
	services->n_rows = n;
	for (size_t i = 0; i < n; i++) {
		const struct actor_service *service = name_space->services[i];

		services->rows[i].service = service;
		services->rows[i].has_origin = actor__origin_is_in(service->schema);
		if (is_sound(service))
			services->rows[i].id = actor_service_id(name_space->name, service->name);
	}
	for (size_t i = 0; i < n; i++)
		atomic_init(&services->rows[i].lane, services->rows[i].id);
	if (!has_ids(services)) {
		free(services);
		return ACTOR_E_INVALID;
	}
	services->map.ops = &services_ops;
	atomic_init(&services->n_refs, 1);
	services->name_space = name_space;
	atomic_init(&services->version, new_version());
	pthread_mutex_init(&services->lock, NULL);
	*ret_map = &services->map;
	return 0;
}

static struct row *row_for(struct services *services, const struct actor_message_type *type)
{
	for (size_t i = 0; i < services->n_rows; i++)
		if (actor_message_type_same(services->rows[i].service->type, type))
			return &services->rows[i];
	return NULL;
}

static void put(struct services *services, struct row *row, struct actor_address *address)
{
	uint64_t lane = lane_of(row, address);
	struct actor_address *before;

	pthread_mutex_lock(&services->lock);
	before = row->address;
	row->address = address;
	atomic_store(&row->lane, lane);
	/* Release: see is_current(). */
	atomic_store_explicit(&services->version, new_version(), memory_order_release);
	pthread_mutex_unlock(&services->lock);
	actor_address_unref(before);
}

int actor_services_register(struct actor_service_map *map, const struct actor_message_type *type,
			    struct actor_address *address)
{
	struct services *services = services_of(map);
	struct row *row = map->ops == &services_ops ? row_for(services, type) : NULL;

	if (!row)
		return ACTOR_E_INVALID;
	if (!actor_address_handles(address, type))
		return ACTOR_E_UNHANDLED;
	put(services, row, actor_address_ref(address));
	return 0;
}

int actor_services_register_all(struct actor_service_map *map, struct actor_address *address)
{
	struct services *services = services_of(map);

	if (map->ops != &services_ops)
		return ACTOR_E_INVALID;
	for (size_t i = 0; i < services->n_rows; i++)
		if (!actor_address_handles(address, services->rows[i].service->type))
			return ACTOR_E_UNHANDLED;
	for (size_t i = 0; i < services->n_rows; i++)
		put(services, &services->rows[i], actor_address_ref(address));
	return 0;
}

void actor_services_unregister(struct actor_service_map *map, const struct actor_message_type *type)
{
	struct services *services = services_of(map);
	struct row *row = map->ops == &services_ops ? row_for(services, type) : NULL;

	if (row)
		put(services, row, NULL);
}

int actor_services_clone(struct actor_service_map *map, struct actor_service_map **ret_map)
{
	struct services *services = services_of(map), *clone;
	int rc;

	if (map->ops != &services_ops)
		return ACTOR_E_INVALID;
	rc = actor_services_create(services->name_space, ret_map);
	if (rc < 0)
		return rc;
	clone = services_of(*ret_map);
	for (size_t i = 0; i < services->n_rows; i++) {
		struct row *row = &clone->rows[i];

		row->address = address_of(services, &services->rows[i]);
		atomic_store(&row->lane, lane_of(row, row->address));
	}
	return 0;
}
