/* SPDX-License-Identifier: MIT */

/* Topics: each message goes to all who have subscribed when it comes, and nobody waits for anybody.
 */

#include "peer-fixture.h"
#include "peer.h"

/* Messages are published by the stranger to the left, which passes them on over more[0] to more[1]
 * and over more[2] to more[3]. */
static struct actor_service_map *topic;

static void open_topic(void)
{
	uint64_t ids[2] = { NOTE_ID, ADD_ID };

	connect_stranger(NULL);
	actor_peer_withdraw(left.peer, left.services.map);
	link_sides(&more[0], NULL, &more[1], NULL);
	link_sides(&more[2], NULL, &more[3], NULL);
	side_serve(&more[1]);
	side_serve(&more[3]);
	assert_int_equal(actor_pub_sub_create(ids, 2, &topic), 0);
	assert_int_equal(actor_peer_serve(left.peer, topic), 0);
}

static void close_topic(void)
{
	actor_service_map_unref(topic);
}

static struct actor_pub_sub_counts counts(void)
{
	struct actor_pub_sub_counts now;

	actor_pub_sub_counts_get(topic, &now);
	return now;
}

static void subscribe(struct side *side)
{
	assert_int_equal(actor_pub_sub_subscribe(topic, side->peer), 0);
}

static void publish(void)
{
	stranger_frame(NOTE_ID, 0, "6161");
}

/* ---- who gets what */

/* PS-01, PS-08, PS-13. */
static void those_who_have_subscribed_get_it(void)
{
	open_topic();
	publish(); /* PS-11: nobody, and that is no error */
	subscribe(&more[0]);
	publish();
	subscribe(&more[2]);
	publish();
	assert_string_equal(more[1].sum.notes, "aa");
	assert_string_equal(more[3].sum.notes, "a");
	assert_int_equal(counts().n_subscribers, 2);
	assert_int_equal(counts().n_received, 3);
	assert_int_equal(counts().n_sent, 3);
	assert_int_equal(counts().n_missed, 0);
	expect_no_event(&left);
	stranger_frame(NOTE_ID, 0, "ff"); /* nobody looks into it here */
	expect_no_event(&left);
	expect_event(&more[1], ACTOR_PEER_ERROR, ACTOR_E_DECODE);
	close_topic();
}

/* PS-04: before anything is served, and while messages come. */
static void one_may_subscribe_at_any_time(void)
{
	uint64_t id = NOTE_ID;

	connect_stranger(NULL);
	actor_peer_withdraw(left.peer, left.services.map);
	link_sides(&more[0], NULL, &more[1], NULL);
	link_sides(&more[2], NULL, &more[3], NULL);
	side_serve(&more[1]);
	side_serve(&more[3]);
	assert_int_equal(actor_pub_sub_create(&id, 1, &topic), 0);
	subscribe(&more[0]);
	subscribe(&more[2]);
	actor_pub_sub_unsubscribe(topic, more[2].peer);
	assert_int_equal(actor_peer_serve(left.peer, topic), 0);
	publish();
	subscribe(&more[2]); /* PS-07: from the next message on */
	publish();
	actor_pub_sub_unsubscribe(topic, more[0].peer);
	publish();
	assert_string_equal(more[1].sum.notes, "aa");
	assert_string_equal(more[3].sum.notes, "aa");
	close_topic();
}

/* PS-14: each gets them in the order in which they came. */
static void messages_keep_their_order(void)
{
	open_topic();
	subscribe(&more[0]);
	subscribe(&more[2]);
	for (int i = 0; i < 20; i++) {
		char payload[] = "6161";

		payload[3] = (char)('1' + i % 9);
		stranger_frame(NOTE_ID, 0, payload);
	}
	assert_string_equal(more[1].sum.notes, "abcdefghiabcdefghiab");
	assert_string_equal(more[3].sum.notes, "abcdefghiabcdefghiab");
	close_topic();
}

/* PS-02, PS-03. */
static void twice_is_once_and_none_is_fine(void)
{
	open_topic();
	actor_pub_sub_unsubscribe(topic, more[0].peer);
	subscribe(&more[0]);
	subscribe(&more[0]);
	publish();
	assert_string_equal(more[1].sum.notes, "a");
	actor_pub_sub_unsubscribe(topic, more[0].peer);
	actor_pub_sub_unsubscribe(topic, more[0].peer);
	publish();
	assert_string_equal(more[1].sum.notes, "a");
	assert_int_equal(counts().n_subscribers, 0);
	close_topic();
}

/* Several services, and the publisher may be among the subscribers. */
static void who_publishes_may_subscribe(void)
{
	open_topic();
	subscribe(&left);
	publish();
	stranger_expect(NOTE_ID, 0, "6161");
	stranger_frame(ADD_ID, 0, "07");
	stranger_expect(ADD_ID, 0, "07");
	close_topic();
}

/* PS-12, E-18. */
static void calls_are_refused(void)
{
	open_topic();
	subscribe(&more[0]);
	stranger_frame(ADD_ID, 4, "01");
	stranger_expect_error(ACTOR_WIRE_PUB_SUB_NO_CALL, ADD_ID, 4);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNSUPPORTED);
	assert_int_equal(more[1].sum.total, 0);
	assert_int_equal(counts().n_received, 0);
	close_topic();
}

/* BP-09: without waiting for a permit. */
static void calls_are_refused_without_a_permit(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct actor_permit *permit;
	uint64_t id = NOTE_ID;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	actor_peer_withdraw(left.peer, left.services.map);
	assert_int_equal(actor_pub_sub_create(&id, 1, &topic), 0);
	assert_int_equal(actor_peer_serve(left.peer, topic), 0);
	stranger_frame(NOTE_ID, 4, "6161");
	stranger_expect_error(ACTOR_WIRE_PUB_SUB_NO_CALL, NOTE_ID, 4);
	actor_permit_release(permit);
	actor_semaphore_unref(semaphore);
	close_topic();
}

/* ---- who does not */

/* Also where nothing is ever published. */
static void those_who_have_gone_make_room_for_others(void)
{
	struct actor_peer *gone;

	open_topic();
	subscribe(&more[0]);
	gone = actor__peer_hold(more[0].peer);
	side_close(&more[0]);
	side_close(&more[1]);
	pass_ns(INT64_C(5000000000));
	subscribe(&more[2]);
	assert_int_equal(atomic_load(&gone->n_refs), 1);
	actor__peer_release(gone);
	close_topic();
}

/* PS-10 mended. */
static void those_who_have_gone_are_forgotten(void)
{
	open_topic();
	subscribe(&more[0]);
	subscribe(&more[2]);
	actor_peer_close(more[0].peer, NULL);
	assert_int_equal(counts().n_subscribers, 1);
	assert_int_equal(actor_pub_sub_subscribe(topic, more[0].peer), ACTOR_E_CLOSED);
	actor_peer_close(more[3].peer, NULL);
	settle();
	publish();
	assert_int_equal(counts().n_subscribers, 0);
	assert_int_equal(counts().n_sent, 0);
	assert_int_equal(counts().n_missed, 0);
	close_topic();
}

/* PS-09: and others do not wait for it. */
static void a_full_one_misses_it(void)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .max_unwritten_bytes = 60 };
	static char text[100001];
	struct actor_transport *a;
	uint64_t id = NOTE_ID;

	memset(text, 't', sizeof text - 1);
	link_sides(&left, NULL, &right, NULL);
	make_link(&a, &stranger.transport);
	side_open(&more[0], a, &narrow);
	assert_int_equal(actor_peer_start(more[0].peer), 0);
	link_sides(&more[2], NULL, &more[3], NULL);
	side_serve(&more[3]);
	assert_int_equal(actor_pub_sub_create(&id, 1, &topic), 0);
	assert_int_equal(actor_peer_serve(right.peer, topic), 0);
	subscribe(&more[0]);
	subscribe(&more[2]);
	assert_int_equal(send_note(&more[0], text), 0); /* nobody reads there */
	settle();
	assert_int_equal(send_note(&left, "a"), 0);
	settle();
	assert_string_equal(more[3].sum.notes, "a");
	assert_int_equal(counts().n_missed, 1);
	assert_int_equal(counts().n_sent, 1);
	assert_int_equal(counts().n_subscribers, 2);
	close_topic();
}

static void a_map_is_described(void)
{
	static const uint64_t ids[] = { ADD_ID };
	char text[128];

	assert_int_equal(actor_pub_sub_create(ids, 1, &topic), 0);
	actor_service_map_describe(topic, text, sizeof text);
	assert_string_equal(text, "PubSub, subscribers: 0, services:\n"
				  "{\n\tid: 0x6440cfd17c374646\n}");
	close_topic();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(those_who_have_subscribed_get_it),
		PEER_TEST(one_may_subscribe_at_any_time),
		PEER_TEST(messages_keep_their_order),
		PEER_TEST(twice_is_once_and_none_is_fine),
		PEER_TEST(who_publishes_may_subscribe),
		PEER_TEST(calls_are_refused),
		PEER_TEST(calls_are_refused_without_a_permit),
		PEER_TEST(those_who_have_gone_are_forgotten),
		PEER_TEST(those_who_have_gone_make_room_for_others),
		PEER_TEST(a_full_one_misses_it),
		PEER_TEST(a_map_is_described),
	};

	return cmocka_run_group_tests_name("pub-sub", tests, NULL, NULL);
}
