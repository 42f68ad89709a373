/* SPDX-License-Identifier: MIT */

/* Services: which messages of a namespace are offered, by whom, and what else may offer some. */

#include "large.h"
#include "peer-fixture.h"

static void large_messages_and_answers_travel(void)
{
	static struct large sent, answer;
	static struct mirror state;
	union mirror_address mirror;
	union larges_address remote;
	struct larges_services services;

	for (size_t i = 0; i < sizeof sent.bytes; i++)
		sent.bytes[i] = (uint8_t)i;
	memset(&answer, 0, sizeof answer);
	connect_sides(NULL, NULL);
	assert_int_equal(
		ACTOR_SPAWN(mirror, actor_executor_spawner(executor), &state, NULL, &mirror), 0);
	assert_int_equal(larges_services_create(&services), 0);
	assert_int_equal(ACTOR_SERVE(larges, services, large, mirror), 0);
	assert_int_equal(actor_peer_serve(right.peer, services.map), 0);
	assert_int_equal(larges_remote(left.peer, &remote), 0);
	assert_int_equal(ACTOR_CALL(context, remote, large, &answer, &sent), 0);
	assert_memory_equal(&sent, &answer, sizeof sent);
	actor_address_unref(remote.address);
	actor_address_unref(mirror.address);
	actor_service_map_unref(services.map);
}

/* ---- registering */

/* SM-03, SM-06, SM-07: only what somebody handles is offered, and from then on. */
static void only_what_is_handled_is_offered(void)
{
	uint64_t ids[4] = { 0 };
	struct actor_service_map *map;

	connect_stranger(NULL);
	map = left.services.map;
	actor_services_unregister(map, &show_type);
	actor_services_unregister(map, &show_type);
	assert_int_equal(map->ops->services(map, ids, 4), 3);
	assert_int_equal(map->ops->services(map, NULL, 0), 3);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 1);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, show, left.address), 0);
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "00");
	actor_services_unregister(map, &show_type);
	stranger_frame(SHOW_ID, 3, "f6");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 3);
	assert_int_equal(map->ops->services(map, ids, 4), 3);
}

/* SM-04, SM-05. */
static void who_serves_may_be_replaced(void)
{
	struct sum other = { .total = 40 };
	union sum_address address;

	connect_stranger(NULL);
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), &other, NULL, &address),
			 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, show, address), 0);
	actor_address_unref(address.address);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "1828");
	assert_int_equal(other.destroyed, 0); /* SM-10: kept alive */
	assert_int_equal(ACTOR_SERVE(remotes, left.services, show, left.address), 0);
	settle();
	assert_int_equal(other.destroyed, 1);
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "00");
}

/* An address of left's actor, but that it closes with the second message, when another one serves
 * instead. */
static struct {
	struct actor_address address;
	unsigned n_posts;
	unsigned n_refs;
	int served;
} leaver;

static void leaver_ref(struct actor_address *address)
{
	(void)address;
	leaver.n_refs++;
}

static void leaver_unref(struct actor_address *address)
{
	(void)address;
	leaver.n_refs--;
}

static struct actor_address *leaver_weak(struct actor_address *address)
{
	return actor_address_ref(address);
}

static void leaver_info(const struct actor_address *address, struct actor_info *ret_info)
{
	(void)address;
	*ret_info = actor_address_info(left.address.address);
}

static bool leaver_handles(const struct actor_address *address,
			   const struct actor_message_type *type)
{
	(void)address;
	return type == &show_type;
}

static int leaver_post(struct actor_address *address, const struct actor_message_type *type,
		       void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	(void)address;
	if (leaver.n_posts++ == 0)
		return actor_address_post(left.address.address, type, message, reply, waiter);
	leaver.served = ACTOR_SERVE(remotes, left.services, show, left.address);
	return ACTOR_E_CLOSED;
}

static const struct actor_address_ops leaver_ops = {
	.size = sizeof leaver_ops,
	.ref = leaver_ref,
	.unref = leaver_unref,
	.weak = leaver_weak,
	.upgrade = leaver_weak,
	.info = leaver_info,
	.handles = leaver_handles,
	.post = leaver_post,
};

/* Who is remembered, and leaves just then, is not the answer to who serves. */
static void who_is_replaced_meanwhile_need_not_serve(void)
{
	connect_stranger(NULL);
	memset(&leaver, 0, sizeof leaver);
	leaver.address.ops = &leaver_ops;
	assert_int_equal(actor_services_register(left.services.map, &show_type, &leaver.address),
			 0);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "00");
	assert_int_equal(leaver.n_posts, 2);
	assert_int_equal(leaver.served, 0);
	assert_int_equal(leaver.n_refs, 0);
	expect_no_event(&left);
}

/* ---- one serves, and is too busy to; another one does later */

struct shift {
	struct sum before, now;
	union sum_address first, second;
};

/* The first is busy for a second with the first message, and has room for one more. */
static void begin_shift(struct shift *shift)
{
	struct actor_spawner *spawner = actor_executor_spawner(executor);

	memset(shift, 0, sizeof *shift);
	connect_stranger(NULL);
	shift->before.blocks_until_ns = actor_now(context) + 1000000000;
	assert_int_equal(ACTOR_SPAWN(sum, spawner, &shift->before, ACTOR_OPTIONS(.capacity = 1),
				     &shift->first),
			 0);
	assert_int_equal(ACTOR_SPAWN(sum, spawner, &shift->now, NULL, &shift->second), 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, shift->first), 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, add, shift->first), 0);
}

/* So that some wait for it. */
static void send_abcd(void)
{
	stranger_frame(NOTE_ID, 0, "6161"); /* is being handled */
	stranger_frame(NOTE_ID, 0, "6162"); /* in the mailbox */
	stranger_frame(NOTE_ID, 0, "6163");
	stranger_frame(NOTE_ID, 0, "6164");
	assert_int_equal(counts_of(&left).n_held, 2);
}

static void end_shift(struct shift *shift)
{
	actor_address_unref(shift->first.address);
	actor_address_unref(shift->second.address);
	actor_services_unregister(left.services.map, &note_type);
	actor_services_unregister(left.services.map, &add_type);
	settle();
}

/* What waits, and what has come later, behind it. */
static void expect_cde(struct shift *shift)
{
	stranger_frame(NOTE_ID, 0, "6165");
	settle();
	assert_int_equal(counts_of(&left).n_held, 0);
	assert_string_equal(shift->now.notes, "cde");
	pass_ns(2000000000);
	assert_string_equal(shift->before.notes, "ab");
	assert_string_equal(shift->now.notes, "cde");
}

static void what_waits_goes_to_who_serves_now(void)
{
	struct shift shift;

	begin_shift(&shift);
	send_abcd();
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, shift.second), 0);
	expect_cde(&shift);
	end_shift(&shift);
}

static void what_waits_is_found_when_maps_have_changed(void)
{
	struct shift shift;

	begin_shift(&shift);
	send_abcd();
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, shift.second), 0);
	actor_peer_withdraw(left.peer, left.services.map);
	settle();
	assert_int_equal(actor_peer_serve(left.peer, left.services.map), 0);
	expect_cde(&shift);
	end_shift(&shift);
}

/* But for what waits for him still, of another service. */
static void what_waits_for_another_service_stays(void)
{
	struct shift shift;

	begin_shift(&shift);
	stranger_frame(NOTE_ID, 0, "6161");
	stranger_frame(NOTE_ID, 0, "6162");
	stranger_frame(NOTE_ID, 0, "6163");
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(NOTE_ID, 0, "6164");
	assert_int_equal(counts_of(&left).n_held, 3);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, shift.second), 0);
	stranger_frame(NOTE_ID, 0, "6165");
	settle();
	assert_int_equal(counts_of(&left).n_held, 1);
	assert_string_equal(shift.now.notes, "cde");
	stranger_expect_nothing();
	pass_ns(2000000000);
	assert_string_equal(shift.before.notes, "ab");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	end_shift(&shift);
}

/* Nobody serves it any more when those that wait are tried again: so nobody gets what came later.
 */
static void what_waits_for_who_has_gone_is_refused_before_what_came_later(void)
{
	struct shift shift;

	begin_shift(&shift);
	for (uint64_t call = 1; call <= 4; call++)
		stranger_frame(ADD_ID, call, "01");
	assert_int_equal(counts_of(&left).n_held, 2);
	actor_services_unregister(left.services.map, &add_type);
	stranger_frame(ADD_ID, 5, "01");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, ADD_ID, 3);
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, ADD_ID, 4);
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, ADD_ID, 5);
	pass_ns(2000000000);
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "f6");
	assert_int_equal(counts_of(&left).n_serving, 0);
	end_shift(&shift);
}

/* ---- */

static void what_does_not_fit_is_refused(void)
{
	struct actor_address *own;

	connect_sides(NULL, NULL);
	own = actor_peer_address(left.peer);
	assert_int_equal(actor_services_register(left.services.map, &actor_peer_event_type, own),
			 ACTOR_E_INVALID);
	assert_int_equal(actor_services_register(left.services.map, &add_type, own),
			 ACTOR_E_UNHANDLED);
	actor_address_unref(own);
}

/* ACTOR_E_INVALID for namespaces that are none. */
/* One who serves all is said once; and who does not serve all changes nothing. */
static void all_services_may_be_offered_at_once(void)
{
	static struct mirror state;
	uint64_t ids[8];
	uint64_t topic = ACTOR_SERVICE_ID(remotes, note);
	struct actor_service_map *map, *other;
	union mirror_address mirror;
	struct remotes_services services;

	connect_stranger(NULL);
	assert_int_equal(
		ACTOR_SPAWN(mirror, actor_executor_spawner(executor), &state, NULL, &mirror), 0);
	assert_int_equal(remotes_services_create(&services), 0);
	map = services.map;
	assert_int_equal(ACTOR_SERVE(remotes, services, add, left.address), 0);
	assert_int_equal(actor_services_register_all(map, mirror.address), ACTOR_E_UNHANDLED);
	assert_int_equal(map->ops->services(map, ids, 8), 1);
	assert_int_equal(ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, services, left.address), 0);
	assert_int_equal(map->ops->services(map, ids, 8), remotes_namespace.n_services);
	actor_peer_withdraw(left.peer, left.services.map);
	assert_int_equal(actor_peer_serve(left.peer, map), 0);
	stranger_frame(ACTOR_SERVICE_ID(remotes, add), 1, "05");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(actor_pub_sub_create(&topic, 1, &other), 0);
	assert_int_equal(actor_services_register_all(other, left.address.address), ACTOR_E_INVALID);
	actor_service_map_unref(other);
	actor_service_map_unref(map);
	actor_address_unref(mirror.address);
}

/* What it is called on the wire, without naming it again. */
static void a_service_knows_its_id(void)
{
	assert_int_equal(ACTOR_SERVICE_ID(remotes, add), ADD_ID);
	assert_int_equal(ACTOR_SERVICE_ID(remotes, show), SHOW_ID);
	assert_int_equal(ACTOR_SERVICE_ID(remotes, note), NOTE_ID);
}

static void a_namespace_must_make_sense(void)
{
	static const struct actor_service *const twice[] = { &add_service, &add_service };
	static const struct actor_service other_answer = { sizeof other_answer, &add_type, "Add",
							   &add_schema, &actor_i64_schema };
	static const struct actor_service no_answer = { sizeof no_answer, &add_type, "Add",
							&add_schema, NULL };
	static const struct actor_service other_message = { sizeof other_message, &add_type, "Add",
							    &actor_i8_schema, &actor_unit_schema };
	static const struct actor_service *const wrong[] = { &other_answer, &no_answer,
							     &other_message };
	static char long_name[300];
	const struct actor_namespace doubled = { sizeof doubled, "remotes", twice, 2 };
	struct actor_namespace long_one = { sizeof long_one, long_name, twice, 1 };
	struct actor_service_map *map;
	struct actor_address *address;

	memset(long_name, 'n', sizeof long_name - 1);
	assert_int_equal(actor_services_create(&doubled, &map), ACTOR_E_INVALID);
	assert_int_equal(actor_services_create(&long_one, &map), ACTOR_E_INVALID);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		const struct actor_namespace odd = { sizeof odd, "remotes", &wrong[i], 1 };

		assert_int_equal(actor_services_create(&odd, &map), ACTOR_E_INVALID);
	}
	connect_sides(NULL, NULL);
	assert_int_equal(actor_remote_address(left.peer, &long_one, &address), ACTOR_E_INVALID);
}

/* ---- copies, and several */

/* SM-15: with the same actors, which it keeps alive; and then they go their own ways. */
static void a_clone_serves_the_same(void)
{
	struct actor_service_map *clone;
	int64_t total = 0;

	connect_sides(NULL, NULL);
	assert_int_equal(actor_services_clone(right.services.map, &clone), 0);
	actor_peer_withdraw(right.peer, right.services.map);
	assert_int_equal(actor_peer_serve(right.peer, clone), 0);
	actor_services_unregister(right.services.map, &show_type);
	actor_service_map_unref(clone);
	assert_int_equal(call_add(&left, 4), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, 4);
	actor_service_map_unref(right.services.map);
	right.services.map = NULL;
	actor_address_unref(right.address.address);
	right.address.address = NULL;
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(right.sum.destroyed, 0);
}

/* SM-17, SM-10, P-07: at once, whether anything comes or not. */
static void a_map_that_is_withdrawn_is_let_go(void)
{
	connect_stranger(NULL);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	actor_peer_withdraw(left.peer, left.services.map);
	actor_service_map_unref(left.services.map);
	left.services.map = NULL;
	actor_address_unref(left.address.address);
	left.address.address = NULL;
	settle();
	assert_int_equal(actor_mailbox_join(context, left.mailbox.mailbox, ACTOR_AT_ONCE, NULL), 0);
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 2);
}

/* What was found before the list has changed is looked for anew. */
static void a_map_that_is_replaced_serves_no_more(void)
{
	struct actor_service_map *clone;

	connect_stranger(NULL);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	assert_int_equal(actor_services_clone(left.services.map, &clone), 0);
	actor_services_unregister(clone, &show_type);
	actor_peer_withdraw(left.peer, left.services.map);
	assert_int_equal(actor_peer_serve(left.peer, clone), 0);
	actor_service_map_unref(clone);
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 2);
}

/* P-07: a service may move from one map of the peer to another. */
static void a_service_may_move_to_another_map(void)
{
	struct actor_service_map *other;

	connect_stranger(NULL);
	assert_int_equal(actor_services_create(&remotes_namespace, &other), 0);
	assert_int_equal(actor_peer_serve(left.peer, other), 0);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	actor_services_unregister(left.services.map, &show_type);
	stranger_frame(SHOW_ID, 2, "f6");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 2);
	assert_int_equal(actor_services_register(other, &show_type, left.address.address), 0);
	stranger_frame(SHOW_ID, 3, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 3, "00");
	actor_peer_withdraw(left.peer, other);
	actor_service_map_unref(other);
}

/* SM-08: a service belongs to one map. */
static void a_service_is_offered_by_one_map(void)
{
	struct actor_service_map *clone;
	struct others_services others;

	connect_sides(NULL, NULL);
	assert_int_equal(actor_services_clone(right.services.map, &clone), 0);
	assert_int_equal(actor_peer_serve(right.peer, clone), ACTOR_E_BUSY);
	assert_int_equal(actor_peer_serve(right.peer, right.services.map), ACTOR_E_BUSY);
	assert_int_equal(others_services_create(&others), 0);
	assert_int_equal(ACTOR_SERVE(others, others, add, right.address), 0);
	assert_int_equal(actor_peer_serve(right.peer, others.map), 0);
	actor_peer_withdraw(right.peer, right.services.map);
	assert_int_equal(actor_peer_serve(right.peer, clone), 0);
	actor_service_map_unref(clone);
	actor_service_map_unref(others.map);
}

/* W-15, SM-16: another namespace is another service. */
static void namespaces_are_kept_apart(void)
{
	struct others_services others;
	union others_address other;

	connect_sides(NULL, NULL);
	assert_int_equal(others_remote(left.peer, &other), 0);
	assert_int_equal(others_services_create(&others), 0);
	assert_int_equal(ACTOR_SERVE(others, others, add, left.address), 0);
	assert_int_equal(actor_peer_serve(right.peer, others.map), 0);
	assert_int_equal(ACTOR_CALL(context, other, add, NULL, &(struct add){ 100 }), 0);
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(left.sum.total, 100);
	assert_int_equal(right.sum.total, 1);
	actor_address_unref(other.address);
	actor_service_map_unref(others.map);
}

/* SM-09. */
static void a_map_may_serve_several_peers(void)
{
	connect_sides(NULL, NULL);
	link_sides(&more[0], NULL, &more[1], NULL);
	assert_int_equal(actor_peer_serve(more[1].peer, right.services.map), 0);
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(call_add(&more[0], 2), 0);
	assert_int_equal(right.sum.total, 3);
	actor_peer_close(right.peer, NULL);
	settle();
	assert_int_equal(call_add(&more[0], 2), 0);
}

/* Whoever serves may be remote itself: a service map of a remote address. */
static void what_is_served_may_be_remote(void)
{
	connect_sides(NULL, NULL);
	link_sides(&more[0], NULL, &more[1], NULL);
	assert_int_equal(ACTOR_SERVE(remotes, more[1].services, add, left.remote), 0);
	assert_int_equal(actor_peer_serve(more[1].peer, more[1].services.map), 0);
	assert_int_equal(call_add(&more[0], 9), 0);
	assert_int_equal(right.sum.total, 9);
}

/* ---- in words */

/* SM-14, W-17, W-18: with the names that it knows. Z-21. */
static void a_map_is_described(void)
{
	char text[512], expected[512];
	struct actor_service_map *map;

	left.options.name = "x";
	connect_stranger(NULL);
	map = left.services.map;
	actor_services_unregister(map, &show_type);
	snprintf(expected, sizeof expected,
		 "remotes::Services\n{\n"
		 "\tAdd  - id: 0x6440cfd17c374646 - handler: id(%llu), name(x)\n"
		 "\tShow - id: 0xcdd3781867767588 - handler: none\n"
		 "\tEcho - id: 0x%016llx - handler: id(%llu), name(x)\n"
		 "\tNote - id: 0x%016llx - handler: id(%llu), name(x)\n}",
		 (unsigned long long)actor_address_identity(left.address.address).number,
		 (unsigned long long)ECHO_ID,
		 (unsigned long long)actor_address_identity(left.address.address).number,
		 (unsigned long long)NOTE_ID,
		 (unsigned long long)actor_address_identity(left.address.address).number);
	assert_int_equal(actor_service_map_describe(map, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
	memset(text, '#', sizeof text);
	assert_int_equal(actor_service_map_describe(map, text, 10), strlen(expected));
	assert_string_equal(text, "remotes::");
	for (size_t i = 10; i < sizeof text; i++)
		assert_int_equal(text[i], '#');
	assert_int_equal(actor_service_map_describe(map, NULL, 0), strlen(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(large_messages_and_answers_travel),
		PEER_TEST(only_what_is_handled_is_offered),
		PEER_TEST(who_serves_may_be_replaced),
		PEER_TEST(who_is_replaced_meanwhile_need_not_serve),
		SIMULATED_TEST(what_waits_goes_to_who_serves_now),
		SIMULATED_TEST(what_waits_is_found_when_maps_have_changed),
		SIMULATED_TEST(what_waits_for_another_service_stays),
		SIMULATED_TEST(what_waits_for_who_has_gone_is_refused_before_what_came_later),
		PEER_TEST(what_does_not_fit_is_refused),
		PEER_TEST(all_services_may_be_offered_at_once),
		PEER_TEST(a_service_knows_its_id),
		PEER_TEST(a_namespace_must_make_sense),
		PEER_TEST(a_clone_serves_the_same),
		PEER_TEST(a_map_that_is_withdrawn_is_let_go),
		PEER_TEST(a_map_that_is_replaced_serves_no_more),
		PEER_TEST(a_service_may_move_to_another_map),
		PEER_TEST(a_service_is_offered_by_one_map),
		PEER_TEST(namespaces_are_kept_apart),
		PEER_TEST(a_map_may_serve_several_peers),
		PEER_TEST(what_is_served_may_be_remote),
		PEER_TEST(a_map_is_described),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
