/* SPDX-License-Identifier: MIT */

/* What becomes of messages between connections of a session. */

#include "session-fixture.h"

#include <stdlib.h>

/* ---- what is kept */

static void what_is_kept_comes_first_and_in_order(void)
{
	struct caller callers[3];

	open_session(NULL);
	assert_int_equal(tell("a"), 0);
	assert_int_equal(tell("b"), 0);
	for (int i = 0; i < 3; i++)
		begin(&callers[i], 1);
	assert_int_equal(tell("c"), 0);
	assert_int_equal(counts().n_kept, 6);
	assert_true(counts().n_kept_bytes >= 6);
	assert_int_equal(actor_session_start(session), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(tell("d"), 0);
		assert_int_equal(actor_sleep_until(context, actor_deadline_after(context, 1)), 0);
	}
	settle();
	assert_string_equal(server.sum.notes, "abcddddd");
	for (int i = 0; i < 3; i++)
		assert_int_equal(end_add(&callers[i]), 0);
	assert_int_equal(server.sum.total, 3);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(counts().n_kept_bytes, 0);
	close_session();
}

static void what_was_sent_while_it_was_away_comes_with_the_next(void)
{
	start_session(NULL);
	assert_int_equal(tell("a"), 0);
	settle();
	lose();
	assert_false(counts().connected);
	assert_int_equal(tell("b"), 0);
	assert_int_equal(tell("c"), 0);
	pass_ns(SECOND);
	assert_int_equal(tell("d"), 0);
	settle();
	assert_string_equal(server.sum.notes, "abcd");
	close_session();
}

static void what_is_kept_too_long_was_not_sent(void)
{
	struct caller first, second;

	open_session(&(struct actor_session_options){ .keep_ns = SECOND });
	server.takes_ns = 5 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	begin(&first, 1);
	assert_int_equal(tell("a"), 0);
	pass_ns(SECOND / 2);
	begin(&second, 1);
	pass_ns(SECOND / 2 - 4 * MS);
	assert_int_equal(counts().n_kept, 3);
	pass_ns(8 * MS);
	assert_int_equal(end_add(&first), ACTOR_E_UNREACHABLE);
	assert_int_equal(counts().n_kept, 1);
	assert_int_equal(counts().n_dropped, 1);
	pass_ns(SECOND / 2);
	assert_int_equal(end_add(&second), ACTOR_E_UNREACHABLE);
	pass_ns(5 * SECOND);
	assert_true(counts().connected);
	assert_int_equal(server.sum.total, 0);
	assert_int_equal(server.sum.n_notes, 0);
	close_session();
}

static void what_nobody_waits_for_any_more_is_not_sent(void)
{
	struct caller gone, there;

	open_session(NULL);
	begin(&gone, 1);
	begin(&there, 2);
	actor_future_cancel(&gone.future);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(end_add(&there), 0);
	assert_int_equal(server.sum.total, 2);
	assert_int_equal(counts().n_kept, 0);
	close_session();
}

/* Whoever has no patience does not keep others out until there is a connection. */
static void what_nobody_waits_for_any_more_takes_no_room(void)
{
	struct caller gone[2], there[2];

	open_session(&(struct actor_session_options){ .most_kept = 4, .keep_ns = ACTOR_FOREVER });
	server.down = true;
	assert_int_equal(actor_session_start(session), 0);
	begin(&gone[0], 1);
	begin(&there[0], 2);
	begin(&gone[1], 3);
	begin(&there[1], 4);
	pass_ns(2 * SECOND);
	assert_int_equal(tell("a"), ACTOR_E_FULL);
	actor_future_cancel(&gone[0].future);
	actor_future_cancel(&gone[1].future);
	pass_ns(2 * SECOND);
	assert_int_equal(counts().n_kept, 2);
	assert_int_equal(tell("b"), 0);
	server.down = false;
	pass_ns(60 * SECOND);
	assert_int_equal(end_add(&there[0]), 0);
	assert_int_equal(end_add(&there[1]), 0);
	assert_int_equal(server.sum.total, 6);
	assert_string_equal(server.sum.notes, "b");
	assert_int_equal(counts().n_dropped, 0);
	close_session();
}

static int add_in(int64_t patience_ns)
{
	return ACTOR_CALL_UNTIL(context, remote, add, NULL,
				actor_deadline_after(context, patience_ns), &(struct add){ 1 });
}

static void senders_wait_for_room_in_number(void)
{
	struct caller kept[2];

	open_session(&(struct actor_session_options){ .most_kept = 2 });
	begin(&kept[0], 1);
	begin(&kept[1], 1);
	assert_int_equal(tell("a"), ACTOR_E_FULL);
	assert_int_equal(add_in(SECOND), ACTOR_E_FULL);
	assert_int_equal(actor_session_start(session), 0);
	assert_int_equal(add_in(SECOND), 0);
	assert_int_equal(server.sum.total, 3);
	assert_int_equal(end_add(&kept[0]), 0);
	assert_int_equal(end_add(&kept[1]), 0);
	close_session();
}

static void senders_wait_for_room_in_bytes(void)
{
	char text[101] = { 0 };
	unsigned n = 0;

	memset(text, 't', 100);
	open_session(&(struct actor_session_options){ .most_kept_bytes = 1000 });
	while (tell(text) == 0)
		n++;
	assert_int_equal(n, 10); /* the last one begins below the bound */
	assert_true(counts().n_kept_bytes >= 1000 && counts().n_kept_bytes < 1103);
	assert_int_equal(tell("a"), ACTOR_E_FULL);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(server.sum.n_notes, 10);
	close_session();
}

struct waiting {
	struct actor_waiter waiter;
	unsigned n_woken;
};

static void wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct waiting, waiter)->n_woken++;
}

static int post(struct waiting *waiting)
{
	return actor_address_post(remote.address, &add_type, &(struct add){ 1 }, NULL,
				  waiting ? &waiting->waiter : NULL);
}

static void room_is_granted_in_order_and_once(void)
{
	struct waiting waiting[4] = { 0 };

	open_session(&(struct actor_session_options){ .most_kept = 2, .keep_ns = SECOND });
	assert_int_equal(post(NULL), 0);
	assert_int_equal(post(NULL), 0);
	for (int i = 0; i < 4; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
	}
	server.takes_ns = 10 * SECOND;
	assert_int_equal(actor_session_start(session), 0);
	pass_ns(SECOND + 4 * MS); /* those that were kept are gone */
	assert_int_equal(waiting[0].n_woken, 1);
	assert_int_equal(waiting[1].n_woken, 1);
	assert_int_equal(waiting[2].n_woken, 0);
	assert_int_equal(post(NULL), ACTOR_E_FULL); /* nobody overtakes */
	assert_int_equal(post(&waiting[1]), 0);
	assert_int_equal(post(&waiting[2]), ACTOR_E_FULL);
	actor_address_withdraw(remote.address, &waiting[0].waiter);
	assert_int_equal(waiting[2].n_woken, 1);
	assert_int_equal(waiting[3].n_woken, 0);
	/* On any other result it is out of line, and its grant passed on. */
	assert_int_equal(actor_address_post(remote.address, &actor_peer_event_type, &waiting, NULL,
					    &waiting[2].waiter),
			 ACTOR_E_UNHANDLED);
	assert_null(waiting[2].waiter.line);
	assert_int_equal(waiting[3].n_woken, 1);
	actor_session_close(session, NULL);
	assert_int_equal(post(&waiting[3]), ACTOR_E_CLOSED);
	close_session();
}

enum { MANY = 40 };

/* More than a connection takes at once; how many are kept. */
static size_t tell_many(void)
{
	char text[1001] = { 0 };

	memset(text, 't', 1000);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(tell(text), 0);
	return counts().n_kept;
}

static void what_a_slow_connection_does_not_take_is_kept(void)
{
	struct caller last;

	narrow = 1500;
	start_session(&(struct actor_session_options){ .most_kept = MANY });
	assert_true(tell_many() >= MANY - 3);
	begin(&last, 1);
	settle();
	pass_ns(SECOND);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(server.sum.n_notes, MANY);
	assert_int_equal(end_add(&last), 0);
	close_session();
}

/* So it is when they are refused while there is none. */
static void what_it_has_not_given_to_a_connection_that_is_lost_is_refused(void)
{
	struct actor_peer *peer;
	struct caller last;
	uint64_t n_dropped;

	narrow = 1500;
	start_session(&(struct actor_session_options){ .refuses = true });
	assert_true(tell_many() >= MANY - 3);
	begin(&last, 1);
	peer = actor_session_peer(session);
	actor_peer_close(peer, NULL);
	actor_peer_unref(peer);
	settle();
	assert_int_equal(end_add(&last), ACTOR_E_UNREACHABLE);
	n_dropped = counts().n_dropped;
	assert_true(n_dropped > 0);
	assert_int_equal(counts().n_kept, 0);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_notes, MANY - n_dropped);
	assert_int_equal(server.sum.total, 0);
	close_session();
}

static void closing_wakes_all_who_wait(void)
{
	struct waiting waiting[4] = { 0 };

	open_session(&(struct actor_session_options){ .most_kept = 1 });
	assert_int_equal(post(NULL), 0);
	for (int i = 0; i < 4; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(&waiting[i]), ACTOR_E_FULL);
	}
	actor_session_close(session, NULL);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(&waiting[i]), ACTOR_E_CLOSED);
		assert_null(waiting[i].waiter.line);
	}
	close_session();
}

/* ---- how often it is delivered */

static void a_call_that_was_given_is_not_given_again(void)
{
	struct caller caller;

	start_session(NULL);
	server.sum.slow = true;
	begin(&caller, 1);
	settle();
	assert_int_equal(server.sum.total, 1);
	lose();
	pass_ns(2 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(server.sum.total, 1);
	assert_int_equal(counts().n_repeated, 0);
	close_session();
}

static void a_repeatable_call_is_given_again(void)
{
	struct echoing echoing[2];

	start_session(
		&(struct actor_session_options){ .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing[0], "first");
	begin_echo(&echoing[1], "second");
	settle();
	assert_int_equal(server.sum.n_echoes, 2);
	assert_int_equal(counts().n_kept, 2);
	lose();
	assert_int_equal(tell("later"), 0);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_echoes, 4);
	assert_int_equal(counts().n_repeated, 2);
	while (sum_answer(&server.sum)) /* of both connections */
		;
	settle();
	assert_int_equal(end_echo(&echoing[0], "first"), 0);
	assert_int_equal(end_echo(&echoing[1], "second"), 0);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(counts().n_kept_bytes, 0);
	close_session();
}

static void a_repeatable_call_waits_again_before_what_came_later(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.repeatable = repeatable, .n_repeatable = 2, .first_delay_ns = 1 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	server.down = true;
	lose();
	assert_int_equal(tell("later"), 0);
	assert_int_equal(server.sum.n_echoes, 1);
	server.down = false;
	server.sum.slow = false;
	server.sum.takes_ns = 20 * MS; /* so that the first is seen alone */
	while (server.sum.n_echoes == 1)
		pass_ns(MS);
	assert_int_equal(server.sum.n_notes, 0);
	pass_ns(SECOND);
	assert_int_equal(server.sum.n_notes, 1);
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

static void a_repeatable_call_has_its_time(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.repeatable = repeatable, .n_repeatable = 2, .keep_ns = 3 * SECOND });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	server.down = true;
	lose();
	pass_ns(2 * SECOND);
	assert_int_equal(counts().n_kept, 1);
	pass_ns(SECOND);
	assert_int_equal(counts().n_kept, 0);
	assert_int_equal(end_echo(&echoing, ""),
			 ACTOR_E_DISCONNECTED); /* it may have been handled */
	assert_int_equal(server.sum.n_echoes, 1);
	close_session();
}

static void errors_and_timeouts_are_not_repeated(void)
{
	struct caller caller;
	int64_t total;

	start_session(
		&(struct actor_session_options){ .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.refuses = true;
	assert_int_equal(ACTOR_CALL(context, remote, show, &total, &(struct show){ 0 }),
			 ACTOR_E_REMOTE_FAILED);
	server.sum.refuses = false;
	server.sum.total = 7;
	assert_int_equal(ACTOR_CALL(context, remote, show, &total, &(struct show){ 0 }), 0);
	assert_int_equal(total, 7);
	server.sum.slow = true;
	begin(&caller, 1);
	pass_ns(61 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	assert_int_equal(counts().n_kept, 0);
	close_session();
}

/* ---- nothing is kept */

static void it_refuses_what_it_is_not_to_keep(void)
{
	struct waiting waiting = { 0 };

	actor_waiter_init(&waiting.waiter, wake);
	open_session(&(struct actor_session_options){ .refuses = true });
	assert_int_equal(add(1), ACTOR_E_UNREACHABLE);
	assert_int_equal(actor_session_start(session), 0);
	settle();
	assert_int_equal(add(1), 0);
	server.takes_ns = 5 * MS;
	lose();
	assert_int_equal(add(1), ACTOR_E_UNREACHABLE);
	assert_int_equal(post(&waiting), ACTOR_E_UNREACHABLE);
	assert_null(waiting.waiter.line);
	pass_ns(2 * SECOND);
	assert_int_equal(add(1), 0);
	assert_int_equal(server.sum.total, 2);
	close_session();
}

static void what_it_refuses_does_not_count_what_may_be_repeated(void)
{
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.refuses = true, .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	lose();
	assert_int_equal(tell("a"), ACTOR_E_UNREACHABLE);
	pass_ns(2 * SECOND);
	assert_int_equal(server.sum.n_echoes, 2);
	while (sum_answer(&server.sum))
		;
	settle();
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

static void what_may_be_repeated_stays_alone_when_nothing_else_is_kept(void)
{
	struct echoing echoing;
	struct actor_peer *peer;

	narrow = 1500;
	start_session(&(struct actor_session_options){
		.refuses = true, .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text");
	settle();
	assert_true(tell_many() > MANY / 2);
	peer = actor_session_peer(session);
	actor_peer_close(peer, NULL);
	actor_peer_unref(peer);
	settle();
	assert_int_equal(counts().n_kept, 1);
	server.sum.slow = false;
	pass_ns(2 * SECOND);
	while (sum_answer(&server.sum)) /* of the first connection */
		;
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

static int deliver_to_nobody(struct actor_reply *reply, int status, void *value)
{
	(void)reply, (void)status, (void)value;
	return ACTOR_E_ABANDONED;
}

static const struct actor_reply_ops nobodys_ops = { sizeof nobodys_ops, deliver_to_nobody, NULL };
static struct actor_reply nobodys = { &nobodys_ops };

static void who_waits_for_room_is_refused_at_once_too(void)
{
	struct waiting waiting[2] = { 0 };
	struct echoing echoing;

	start_session(&(struct actor_session_options){
		.refuses = true, .most_kept = 1, .repeatable = repeatable, .n_repeatable = 2 });
	server.sum.slow = true;
	begin_echo(&echoing, "a text"); /* it takes the room until it is answered */
	for (int i = 0; i < 2; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(actor_address_post(remote.address, &echo_type,
						    &(struct echo){ NULL, { NULL } }, &nobodys,
						    &waiting[i].waiter),
				 ACTOR_E_FULL);
	}
	settle();
	lose();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(&waiting[i]), ACTOR_E_UNREACHABLE);
	}
	pass_ns(2 * SECOND);
	while (sum_answer(&server.sum))
		;
	settle();
	assert_int_equal(end_echo(&echoing, "a text"), 0);
	close_session();
}

/* ---- what is refused at once, with and without a connection */

static void check_refused(void)
{
	char no_text[] = "\xff", *long_text = calloc(1, (1 << 20) + 1);
	struct note note = { no_text };
	struct actor_reply *reply;
	char text[100];

	assert_int_equal(actor_try_send(remote.address, &note_type, &note), ACTOR_E_ENCODE);
	actor_address_explain(remote.address, &note_type, &note, text, sizeof text);
	assert_string_equal(text, "text is not UTF-8");
	actor_address_explain(remote.address, &actor_peer_event_type, &note, text, sizeof text);
	assert_string_equal(text, "");
	note.text = memset(long_text, 't', 1 << 20);
	assert_int_equal(actor_try_send(remote.address, &note_type, &note), ACTOR_E_TOO_BIG);
	free(long_text);
	assert_int_equal(actor_try_send(remote.address, &actor_peer_event_type, &note),
			 ACTOR_E_UNHANDLED);
	note.text = NULL;
	assert_int_equal(context->ops->reply_open(context, actor_join_type(), &reply), 0);
	assert_int_equal(actor_address_post(remote.address, &note_type, &note, reply, NULL),
			 ACTOR_E_INVALID);
	actor_reply_deliver(reply, ACTOR_E_INVALID, NULL);
	context->ops->reply_close(context, reply, NULL);
	assert_int_equal(counts().n_kept, 0);
}

static void what_cannot_be_sent_is_refused_at_once(void)
{
	open_session(NULL);
	check_refused();
	assert_int_equal(actor_session_start(session), 0);
	settle();
	check_refused();
	close_session();
}

static void it_is_an_address_like_any_other(void)
{
	struct actor_address *weak, *strong;
	union remotes_address again;
	union add_recipient adds;

	open_session(NULL);
	assert_int_equal(ACTOR_SESSION_REMOTE(remotes, session, &again), 0);
	assert_true(actor_address_same(again.address, remote.address));
	assert_string_equal(actor_address_name(remote.address), "one");
	assert_string_equal(actor_address_info(remote.address).type, "remotes");
	assert_true(actor_address_handles(remote.address, &note_type));
	assert_false(actor_address_handles(remote.address, &actor_peer_event_type));
	assert_int_equal(add_recipient_from(remote.address, &adds), 0);
	weak = actor_address_weak(remote.address);
	strong = actor_address_upgrade(weak);
	assert_non_null(strong);
	assert_int_equal(actor_address_stop(weak, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	actor_session_close(session, NULL);
	assert_null(actor_address_upgrade(weak));
	actor_address_unref(weak);
	actor_address_unref(strong);
	close_session();
	assert_int_equal(actor_try_send(again.address, &add_type, &(struct add){ 1 }),
			 ACTOR_E_CLOSED);
	actor_address_unref(again.address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(what_is_kept_comes_first_and_in_order),
		SIMULATED_TEST(what_was_sent_while_it_was_away_comes_with_the_next),
		SIMULATED_TEST(what_is_kept_too_long_was_not_sent),
		SIMULATED_TEST(what_nobody_waits_for_any_more_is_not_sent),
		SIMULATED_TEST(what_nobody_waits_for_any_more_takes_no_room),
		SIMULATED_TEST(senders_wait_for_room_in_number),
		SIMULATED_TEST(senders_wait_for_room_in_bytes),
		SIMULATED_TEST(room_is_granted_in_order_and_once),
		SIMULATED_TEST(what_a_slow_connection_does_not_take_is_kept),
		SIMULATED_TEST(what_it_has_not_given_to_a_connection_that_is_lost_is_refused),
		SIMULATED_TEST(closing_wakes_all_who_wait),
		PEER_TEST(a_call_that_was_given_is_not_given_again),
		PEER_TEST(a_repeatable_call_is_given_again),
		SIMULATED_TEST(a_repeatable_call_waits_again_before_what_came_later),
		SIMULATED_TEST(a_repeatable_call_has_its_time),
		SIMULATED_TEST(errors_and_timeouts_are_not_repeated),
		SIMULATED_TEST(it_refuses_what_it_is_not_to_keep),
		SIMULATED_TEST(what_it_refuses_does_not_count_what_may_be_repeated),
		SIMULATED_TEST(what_may_be_repeated_stays_alone_when_nothing_else_is_kept),
		SIMULATED_TEST(who_waits_for_room_is_refused_at_once_too),
		SIMULATED_TEST(what_cannot_be_sent_is_refused_at_once),
		SIMULATED_TEST(it_is_an_address_like_any_other),
	};

	return cmocka_run_group_tests_name("session-keep", tests, NULL, NULL);
}
