/* SPDX-License-Identifier: MIT */

/* What peers meet with sockets only: writes that take a part, losses with an errno, a signal. */

#include "peer-fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* ---- parts */

enum { N_LARGE = 150000 };

static char *large(char first)
{
	char *text = malloc(N_LARGE + 1);

	for (int i = 0; i < N_LARGE; i++)
		text[i] = (char)(first + i % 23);
	text[N_LARGE] = '\0';
	return text;
}

static void expect_large(char *text, char first)
{
	char *expected = large(first);

	assert_string_equal(text, expected);
	free(expected);
	free(text);
}

/* W-21, W-23: both ways at the same time, each larger than all buffers on the way. */
static void what_is_large_arrives_whole(void)
{
	struct echo to_right = { large('A'), { NULL } }, to_left = { large('a'), { NULL } };
	struct actor_future first, second;
	char *texts[2] = { NULL, NULL };

	connect_sides(NULL, NULL);
	assert_int_equal(ACTOR_CALL_BEGIN(context, &first, left.remote, echo, &texts[0], &to_right),
			 0);
	assert_int_equal(
		ACTOR_CALL_BEGIN(context, &second, right.remote, echo, &texts[1], &to_left), 0);
	assert_int_equal(actor_future_await(&first, actor_deadline_after(context, SECOND)), 0);
	assert_int_equal(actor_future_await(&second, actor_deadline_after(context, SECOND)), 0);
	actor_future_cancel(&first);
	actor_future_cancel(&second);
	expect_large(texts[0], 'A');
	expect_large(texts[1], 'a');
}

/* ---- losses */

static void let_stranger_go(void)
{
	actor_transport_destroy(stranger.transport);
	stranger.transport = NULL;
	settle();
}

/* PC-03, E-20: it goes without having read what has come. */
static void a_reset_is_told_with_its_errno(void)
{
	const struct actor_peer_event *event;
	struct caller caller;

	connect_stranger(NULL);
	settle();
	actor_transport_read(stranger.transport, false);
	begin_add(&caller, &left, 1);
	settle();
	let_stranger_go();
	event = expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_SYSTEM);
	assert_int_equal(event->system_errno, ECONNRESET);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

static volatile sig_atomic_t n_signals;

static void count_signal(int number)
{
	(void)number;
	n_signals++;
}

/* PC-05: answers to who has gone are lost, one by one, and that is all. */
static void writing_to_who_has_gone_raises_no_signal(void)
{
	struct sigaction counting = { .sa_handler = count_signal }, before;

	n_signals = 0;
	assert_int_equal(sigaction(SIGPIPE, &counting, &before), 0);
	connect_stranger(NULL);
	left.sum.slow = true;
	for (uint64_t call = 1; call <= 4; call++)
		stranger_frame(ADD_ID, call, "01");
	let_stranger_go();
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	while (sum_answer(&left.sum))
		settle();
	assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
	assert_int_equal(n_signals, 0);
	assert_int_equal(counts_of(&left).n_serving, 0);
	expect_ended(&left);
}

/* CC-05: what was cut off cannot be taken for all there was, which only TCP can say. */
static void what_is_cut_off_is_no_end_in_order(void)
{
	char *text = large('A');

	connect_stranger(NULL);
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, text), 0);
	free(text);
	settle();
	actor_peer_close(left.peer, NULL);
	pass_ns(100 * SECOND);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	actor_transport_read(stranger.transport, true);
	settle();
	assert_true(stranger.n_frames < N_LARGE);
	assert_int_equal(stranger.ended, 1);
	assert_int_equal(stranger.status, ACTOR_E_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(what_is_large_arrives_whole),
		SOCKETS_TEST(a_reset_is_told_with_its_errno),
		SOCKETS_TEST(writing_to_who_has_gone_raises_no_signal),
		PEER_TEST_OVER(what_is_cut_off_is_no_end_in_order, " over tcp", LINK_TCP),
	};

	return cmocka_run_group_tests_name("peer-sockets", tests, NULL, NULL);
}
