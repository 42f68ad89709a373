/* SPDX-License-Identifier: MIT */

/* A service map of one's own: what a peer does with it, and the three ways to answer a call. */

#include "peer-fixture.h"

#include <actor-impl/burst.h>
#include <stdlib.h>

typedef void burst_fn(void);
burst_fn __real_actor_burst_begin, __wrap_actor_burst_begin;
burst_fn __real_actor_burst_end, __wrap_actor_burst_end;

static bool in_burst;

void __wrap_actor_burst_begin(void)
{
	in_burst = true;
	__real_actor_burst_begin();
}

void __wrap_actor_burst_end(void)
{
	in_burst = false;
	__real_actor_burst_end();
}

/* A map that offers one service, and does with a frame what the test says. */
struct own_map {
	struct actor_service_map map;
	uint64_t service;
	int status;	      /* what it says */
	unsigned n_served;    /* frames that it was asked to see to */
	unsigned n_in_bursts; /* of these, so many in a burst */
	unsigned n_withdrawn; /* places that it was told to forget */
	unsigned n_refs;      /* that others have */
	bool takes_permits;
	struct actor_place *place;   /* of the last that was told to wait */
	struct actor_answer *answer; /* that it has to give */
	uint8_t last;		     /* first byte of the last payload that it took */
};

static struct own_map *own_of(const struct actor_service_map *map)
{
	return ACTOR_CONTAINER_OF(map, struct own_map, map);
}

static void own_ref(struct actor_service_map *map)
{
	own_of(map)->n_refs++;
}

static void own_unref(struct actor_service_map *map)
{
	own_of(map)->n_refs--;
}

static size_t own_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	if (n_ids > 0)
		ret_ids[0] = own_of(map)->service;
	return 1;
}

static int own_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	struct own_map *own = own_of(map);

	own->n_served++;
	own->n_in_bursts += in_burst;
	if (own->status == ACTOR_E_FULL && incoming->place) {
		own->place = incoming->place;
		own->place->where = own;
	}
	if (own->status == 0 && incoming->place)
		incoming->place->where = NULL;
	if (own->status == 0) {
		own->answer = incoming->answer;
		own->last = incoming->frame.n_payload ? incoming->frame.payload[0] : 0;
	}
	snprintf(incoming->why->text, sizeof incoming->why->text, "as the test says");
	return own->status;
}

static void own_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	assert_ptr_equal(place->where, own_of(map));
	own_of(map)->n_withdrawn++;
}

static bool own_takes_permits(const struct actor_service_map *map)
{
	return own_of(map)->takes_permits;
}

static int own_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	(void)map;
	return snprintf(buffer, n_buffer, "own");
}

/* As one compiled before there were lanes. */
static const struct actor_service_map_ops own_ops = {
	.size = offsetof(struct actor_service_map_ops, lane),
	.ref = own_ref,
	.unref = own_unref,
	.services = own_services,
	.serve = own_serve,
	.withdraw = own_withdraw,
	.takes_permits = own_takes_permits,
	.describe = own_describe,
};

static struct own_map own;

static void connect_own(const struct actor_peer_options *options)
{
	own = (struct own_map){ .map = { &own_ops }, .service = 0x77 };
	connect_stranger(options);
	assert_int_equal(actor_peer_serve(left.peer, &own.map), 0);
}

/* SM-01. */
static void it_is_given_what_is_its(void)
{
	connect_own(NULL);
	assert_int_equal(own.n_refs, 1);
	stranger_frame(0x77, 0, "05");
	assert_int_equal(own.n_served, 1);
	assert_int_equal(own.last, 5);
	assert_null(own.answer);
	stranger_frame(0x78, 0, "05");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	assert_int_equal(own.n_served, 1);
	actor_peer_withdraw(left.peer, &own.map);
	settle();
	assert_int_equal(own.n_refs, 0);
}

/* SM-08: a service that another map has. */
static void what_another_one_has_is_not_taken(void)
{
	connect_own(NULL);
	own.service = ADD_ID;
	assert_int_equal(actor_peer_serve(left.peer, &own.map), ACTOR_E_BUSY);
	actor_peer_withdraw(left.peer, &own.map);
	assert_int_equal(actor_peer_serve(left.peer, &own.map), ACTOR_E_BUSY);
	own.service = 0x77;
	assert_int_equal(actor_peer_serve(left.peer, &own.map), 0);
	settle();
	assert_int_equal(own.n_refs, 1 + 1); /* the list, and the peer's copy of it */
	actor_peer_close(left.peer, NULL);
	actor_transport_shutdown(stranger.transport);
	pass_ns(INT64_C(3000000000));
	assert_int_equal(own.n_refs, 0);
}

static void it_may_answer_with_a_value(void)
{
	const uint8_t value[] = { 0x18, 0x2a };

	connect_own(NULL);
	stranger_frame(0x77, 3, "05");
	assert_int_equal(counts_of(&left).n_serving, 1);
	assert_int_equal(actor_answer_payload(own.answer, value, sizeof value), 0);
	stranger_expect(ACTOR_SERVICE_RESPONSE, 3, "182a");
	assert_int_equal(counts_of(&left).n_serving, 0);
}

/* SM-02: whenever that is. */
static void it_may_answer_with_an_error(void)
{
	const struct actor_wire_error error = { .kind = ACTOR_WIRE_DESERIALIZE }, other = {
		.kind = ACTOR_WIRE_UNKNOWN_SERVICE, .has_service = true, .service = 0x99
	};

	connect_own(NULL);
	stranger_frame(0x77, 3, "05");
	assert_int_equal(actor_answer_error(own.answer, &error), 0);
	stranger_expect_error(ACTOR_WIRE_DESERIALIZE, 0x77, 3);
	stranger_frame(0x77, 4, "05");
	assert_int_equal(actor_answer_error(own.answer, &other), 0);
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, 0x99, 4);
	expect_no_event(&left);
}

/* SZ-05. */
static void a_value_that_is_too_big_is_an_error(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_write_bytes = 30 };
	const uint8_t value[7] = { 0x46 };

	connect_own(&options);
	stranger_frame(0x77, 3, "05");
	assert_int_equal(actor_answer_payload(own.answer, value, sizeof value), ACTOR_E_TOO_BIG);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_TOO_BIG);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, 0x77, 3);
}

/* E-04: what it is, and where, is told to who observes. */
static void a_value_that_does_not_exist_is_an_error(void)
{
	char *text = strdup("\xff");

	connect_own(NULL);
	stranger_frame(0x77, 3, "05");
	actor_reply_deliver(actor_answer_reply(own.answer, echo_type.reply, &actor_text_schema), 0,
			    &text);
	assert_string_equal(expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_ENCODE)->text,
			    "text is not UTF-8");
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, 0x77, 3);
}

/* Whenever that is: with its permit, which comes back. */
static void it_may_answer_after_the_end(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;
	const uint8_t value[] = { 0x01 };

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	options.permits = semaphore;
	connect_own(&options);
	own.takes_permits = true;
	stranger_frame(0x77, 3, "05");
	actor_transport_shutdown(stranger.transport);
	pass_ns(INT64_C(3000000000));
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	side_close(&left);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 0);
	assert_int_equal(actor_answer_payload(own.answer, value, sizeof value), ACTOR_E_ABANDONED);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	actor_semaphore_unref(semaphore);
}

/* E-09, P-17, SM-02: what it says is told: to who called, and who observes. */
static void what_it_refuses_is_told(void)
{
	static const struct {
		int status;
		enum actor_wire_error_kind kind;
	} cases[] = {
		{ ACTOR_E_DECODE, ACTOR_WIRE_DESERIALIZE },
		{ ACTOR_E_UNHANDLED, ACTOR_WIRE_UNKNOWN_SERVICE },
		{ ACTOR_E_UNSUPPORTED, ACTOR_WIRE_PUB_SUB_NO_CALL },
		{ ACTOR_E_INVALID, ACTOR_WIRE_INTERNAL_SERVER_ERROR },
		{ ACTOR_E_NOMEM, ACTOR_WIRE_INTERNAL_SERVER_ERROR },
		{ -10042, ACTOR_WIRE_INTERNAL_SERVER_ERROR },
	};

	connect_own(NULL);
	for (uint64_t i = 0; i < N_ELEMENTS(cases); i++) {
		own.status = cases[i].status;
		stranger_frame(0x77, 1 + i, "05");
		assert_string_equal(expect_event(&left, ACTOR_PEER_ERROR, cases[i].status)->text,
				    "as the test says");
		stranger_expect_error(cases[i].kind, 0x77, 1 + i);
	}
}

/* A frame waits until it is woken, and others behind it. */
static void what_it_has_no_room_for_is_tried_again(void)
{
	connect_own(NULL);
	own.status = ACTOR_E_FULL;
	stranger_frame(0x77, 0, "05");
	assert_int_equal(own.n_served, 2); /* without a place, and with one */
	stranger_frame(0x77, 0, "06");
	assert_int_equal(own.n_served, 2);
	assert_int_equal(counts_of(&left).n_held, 2);
	settle();
	assert_int_equal(own.n_served, 2);
	own.place->waiter.wake(&own.place->waiter); /* in vain */
	settle();
	assert_int_equal(own.n_served, 3);
	own.status = 0;
	own.place->waiter.wake(&own.place->waiter);
	settle();
	assert_int_equal(own.n_served, 5);
	assert_int_equal(own.last, 6);
	assert_int_equal(counts_of(&left).n_held, 0);
	assert_int_equal(own.n_withdrawn, 0);
}

/* So a pool's threads are woken once for all that is there: see actor-impl/burst.h. */
static void frames_are_seen_to_in_bursts(void)
{
	connect_own(NULL);
	stranger_frame(0x77, 0, "05");
	assert_int_equal(own.n_in_bursts, 1);
	own.status = ACTOR_E_FULL;
	stranger_frame(0x77, 0, "06");
	assert_int_equal(own.n_in_bursts, 3);
	own.status = 0;
	own.place->waiter.wake(&own.place->waiter);
	settle();
	assert_int_equal(own.last, 6);
	assert_int_equal(own.n_in_bursts, 4);
	assert_int_equal(own.n_served, 4);
	assert_false(in_burst);
}

/* Or the peer ends. */
static void what_waits_at_the_end_is_withdrawn(void)
{
	connect_own(NULL);
	own.status = ACTOR_E_FULL;
	stranger_frame(0x77, 0, "05");
	stranger_frame(0x77, 1, "05");
	actor_peer_close(left.peer, NULL);
	pass_ns(INT64_C(3000000000));
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, 0x77, 1);
	assert_int_equal(own.n_withdrawn, 1);
	assert_int_equal(own.n_refs, 0);
}

/* ---- one that has others do it */

/* Passes on what comes for its service: to another map, as if it had come for another service. */
static struct passing_map {
	struct actor_service_map map;
	struct actor_service_map *to;
	uint64_t as;
} passing;

static void passing_ref(struct actor_service_map *map)
{
	(void)map;
}

static size_t passing_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	(void)map;
	if (n_ids > 0)
		ret_ids[0] = 0x78;
	return 1;
}

static int passing_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	(void)map;
	incoming->frame.service = passing.as;
	return passing.to->ops->serve(passing.to, incoming);
}

static void passing_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map;
	passing.to->ops->withdraw(passing.to, place);
}

static bool passing_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return true;
}

static const struct actor_service_map_ops passing_ops = {
	.size = offsetof(struct actor_service_map_ops, lane),
	.ref = passing_ref,
	.unref = passing_ref,
	.services = passing_services,
	.serve = passing_serve,
	.withdraw = passing_withdraw,
	.takes_permits = passing_takes_permits,
	.describe = own_describe,
};

/* Services of an actor of their own, which has this total. */
static struct remotes_services make_services(struct sum *sum, int64_t total)
{
	struct remotes_services services;
	union sum_address address;

	*sum = (struct sum){ .total = total };
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), sum, NULL, &address),
			 0);
	assert_int_equal(remotes_services_create(&services), 0);
	assert_int_equal(ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, services, address), 0);
	actor_address_unref(address.address);
	return services;
}

static void pass_on(struct actor_service_map *to, uint64_t as)
{
	passing.to = to;
	passing.as = as;
}

/* Whom services remember is not the one of others, nor of another service. */
static void frames_may_be_passed_on_to_other_maps(void)
{
	static struct sum sums[2];
	struct remotes_services one, two;

	connect_stranger(NULL);
	one = make_services(&sums[0], 1);
	two = make_services(&sums[1], 2);
	passing.map.ops = &passing_ops;
	assert_int_equal(actor_peer_serve(left.peer, &passing.map), 0);
	pass_on(one.map, SHOW_ID);
	stranger_frame(0x78, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "01");
	pass_on(two.map, SHOW_ID);
	stranger_frame(0x78, 2, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "02");
	pass_on(two.map, ADD_ID);
	stranger_frame(0x78, 3, "05");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 3, "f6");
	actor_service_map_unref(two.map);
	pass_on(one.map, SHOW_ID);
	stranger_frame(0x78, 4, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 4, "01");
	settle();
	assert_int_equal(sums[1].total, 7);
	assert_int_equal(sums[1].destroyed, 1);
	actor_service_map_unref(one.map);
	expect_no_event(&left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(it_is_given_what_is_its),
		PEER_TEST(what_another_one_has_is_not_taken),
		PEER_TEST(it_may_answer_with_a_value),
		PEER_TEST(it_may_answer_with_an_error),
		PEER_TEST(a_value_that_is_too_big_is_an_error),
		PEER_TEST(a_value_that_does_not_exist_is_an_error),
		PEER_TEST(it_may_answer_after_the_end),
		PEER_TEST(what_it_refuses_is_told),
		PEER_TEST(what_it_has_no_room_for_is_tried_again),
		PEER_TEST(frames_are_seen_to_in_bursts),
		PEER_TEST(what_waits_at_the_end_is_withdrawn),
		PEER_TEST(frames_may_be_passed_on_to_other_maps),
	};

	return cmocka_run_group_tests_name("service-map", tests, NULL, NULL);
}
