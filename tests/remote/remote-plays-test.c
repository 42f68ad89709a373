/* SPDX-License-Identifier: MIT */

/*
 * A whole system of peers over a simulated network, in thousands of orders: two clients, a gateway
 * that relays and has a topic, a provider with a slow actor; connections that are slow, partitioned
 * and cut, peers that are closed at any time, services that come and go, limits of a few bytes, and
 * memory that is scarce. Whatever happens, every call ends, every permit comes back, each peer ends
 * and says so once, and nothing is left.
 */

#include "play-fixture.h"

#include "remotes.h"

#include <actor-impl/thread.h>
#include <actor-remote/peer.h>
#include <actor-remote/pub-sub.h>
#include <actor-remote/relay-map.h>
#include <stdlib.h>

enum { LINKS = 3, CALLERS = 4, OPERATIONS = 8 };

struct play;

/* One end of a link. */
struct post {
	struct actor_transport *transport; /* while it is not a peer's */
	struct actor_transport *end;	   /* the same, later on */
	struct actor_peer *peer;
	struct actor_subscription *events;
	union remotes_address remote;
	unsigned n_closing;
};

struct caller {
	struct play *play;
	union remotes_address *to;
	union hand_address hand;
};

struct play {
	struct actor_semaphore *permits;
	struct post posts[LINKS][2];
	struct sum sum;
	struct sum_mailbox mailbox;
	union sum_address address;
	struct remotes_services services;
	struct actor_service_map *relay;
	struct actor_service_map *topic;
	struct caller callers[CALLERS];
	unsigned n_calling; /* callers that are not done */
	unsigned n_begun;
	unsigned n_ended;
	unsigned n_good; /* of these, with an answer */
};

/* ---- those who call */

static bool is_an_end(int status)
{
	switch (status) {
	case 0:
	case ACTOR_E_FULL:
	case ACTOR_E_CLOSED:
	case ACTOR_E_NOMEM:
	case ACTOR_E_TIMEOUT:
	case ACTOR_E_CANCELLED:
	case ACTOR_E_TOO_BIG:
	case ACTOR_E_DISCONNECTED:
	case ACTOR_E_REMOTE_FAILED:
	case ACTOR_E_REMOTE_UNKNOWN_SERVICE:
		return true;
	default:
		return false;
	}
}

static char *some_text(void)
{
	size_t n = (size_t)draw(30) + (draw(10) == 0 ? 700 : 0);
	char *text = malloc(n + 1);

	if (text) {
		memset(text, 'x', n);
		text[n] = '\0';
	}
	return text;
}

static int send_some_note(struct caller *caller, struct actor_context *context)
{
	struct note note = { some_text() };
	int rc = ACTOR_SEND_UNTIL(context, *caller->to, note,
				  actor_deadline_after(context, 20 * SECOND), &note);

	actor_message_drop(&note_type, &note);
	return rc;
}

static int call_some_echo(struct caller *caller, struct actor_context *context)
{
	struct echo echo = { some_text(), { NULL } };
	size_t n = echo.text ? strlen(echo.text) : 0;
	char *text = NULL;
	int rc = ACTOR_CALL(context, *caller->to, echo, &text, &echo);

	if (rc == 0)
		must((text ? strlen(text) : 0) == n, "another text came back");
	free(text);
	actor_message_drop(&echo_type, &echo);
	return rc;
}

static int call_for_a_while(struct caller *caller, struct actor_context *context)
{
	int64_t patience_ns = draw_ms(50);

	return ACTOR_CALL_UNTIL(context, *caller->to, add, NULL,
				actor_deadline_after(context, patience_ns), &(struct add){ 1 });
}

static int do_something(struct caller *caller, struct actor_context *context)
{
	switch (draw(5)) {
	case 0:
		return send_some_note(caller, context);
	case 1:
		return call_some_echo(caller, context);
	case 2:
		return call_for_a_while(caller, context);
	case 3:
		return ACTOR_CALL(context, *caller->to, show, NULL, &(struct show){ 0 });
	default:
		return ACTOR_CALL(context, *caller->to, add, NULL, &(struct add){ 1 });
	}
}

static int call_around(struct actor_context *context, void *user)
{
	struct caller *caller = user;
	struct play *play = caller->play;

	for (int i = 0; i < OPERATIONS; i++) {
		int rc;

		play->n_begun++;
		rc = do_something(caller, context);
		play->n_ended++;
		play->n_good += rc == 0;
		must(is_an_end(rc), actor_strerror(rc));
		rest(context, 20);
	}
	play->n_calling--;
	return 0;
}

/* ---- the system */

static struct actor_peer_options some_options(struct play *play)
{
	struct actor_peer_options options = {
		.size = sizeof options,
		.permits = play->permits,
		.call_timeout_ns = 2 * SECOND,
		.stall_ns = (int64_t)(1 + draw(10)) * SECOND,
		.grace_ns = draw(2) ? 1 : draw_ms(500) + 1,
	};

	if (draw(2))
		options.max_held_bytes = 1 + (size_t)draw(400);
	if (draw(2))
		options.max_unwritten_bytes = 1 + (size_t)draw(400);
	if (draw(4) == 0)
		options.max_write_bytes = 100 + (size_t)draw(900);
	return options;
}

static bool open_post(struct play *play, struct post *post)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };
	struct actor_peer_options options = some_options(play);

	if (actor_peer_create(post->transport, &options, &post->peer) < 0)
		return false;
	post->end = post->transport;
	post->transport = NULL;
	return actor_observable_subscribe(actor_peer_observable(post->peer), &all, &post->events) ==
		       0 &&
	       remotes_remote(post->peer, &post->remote) == 0;
}

static bool open_links(struct play *play)
{
	const struct actor_network_options options = {
		.size = sizeof options,
		.most_delay_ns = draw_ms(20) + 1,
		.most_bytes = 1 + (size_t)draw(200),
		.room_bytes = 1 + (size_t)draw(500),
		.cut_every = draw(3) ? 0 : 50 + draw(1000),
	};

	if (actor_network_create(executor, &options, &network) < 0)
		return false;
	for (int i = 0; i < LINKS; i++)
		if (actor_network_connect(network, &play->posts[i][0].transport,
					  &play->posts[i][1].transport) < 0 ||
		    !open_post(play, &play->posts[i][0]) || !open_post(play, &play->posts[i][1]))
			return false;
	return true;
}

static bool open_provider(struct play *play)
{
	const struct actor_mailbox_options options = { .size = sizeof options,
						       .capacity = 1 + (size_t)draw(4) };

	return ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(executor), &play->sum, &options,
				   &play->address, &play->mailbox) == 0 &&
	       remotes_services_create(&play->services) == 0 &&
	       ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, play->services, play->address) == 0;
}

/* Link 0: a client, the gateway. Link 1: the gateway, the provider. Link 2: another client, the
 * provider. */
static bool open_maps(struct play *play)
{
	const uint64_t calls[] = { ADD_ID, SHOW_ID, ECHO_ID }, notes[] = { NOTE_ID };
	const struct actor_relay_options to_provider = { .size = sizeof to_provider,
							 .peer = play->posts[1][0].peer,
							 .services = calls,
							 .n_services = 3 };

	return actor_relay_map_create(&to_provider, &play->relay) == 0 &&
	       actor_pub_sub_create(notes, 1, &play->topic) == 0 &&
	       actor_pub_sub_subscribe(play->topic, play->posts[1][0].peer) == 0 &&
	       actor_pub_sub_subscribe(play->topic, play->posts[0][1].peer) == 0 &&
	       actor_peer_serve(play->posts[0][1].peer, play->relay) == 0 &&
	       actor_peer_serve(play->posts[0][1].peer, play->topic) == 0 &&
	       actor_peer_serve(play->posts[1][1].peer, play->services.map) == 0 &&
	       actor_peer_serve(play->posts[2][1].peer, play->services.map) == 0 &&
	       actor_peer_serve(play->posts[0][0].peer, play->services.map) == 0;
}

static bool open_all(struct play *play)
{
	if (!open_links(play) || !open_provider(play) || !open_maps(play))
		return false;
	for (int i = 0; i < 2 * LINKS; i++)
		if (actor_peer_start(play->posts[i / 2][i % 2].peer) < 0)
			return false;
	return true;
}

static void start_callers(struct play *play)
{
	union remotes_address *const to[CALLERS] = {
		&play->posts[0][0].remote, &play->posts[2][0].remote, &play->posts[0][0].remote,
		&play->posts[0][1].remote, /* the client has services, too */
	};

	for (int i = 0; i < CALLERS; i++) {
		struct caller *caller = &play->callers[i];

		caller->play = play;
		caller->to = to[i];
		if (hand_send(NULL, caller->hand, call_around, caller) == 0)
			play->n_calling++;
	}
}

/* ---- what comes in between */

static struct post *some_post(struct play *play)
{
	return &play->posts[draw(LINKS)][draw(2)];
}

/* To the other side of one: but not back to the gateway, where it would be published again. */
static void change_subscribers(struct play *play)
{
	struct actor_peer *subscribers[] = { play->posts[0][1].peer, play->posts[1][0].peer,
					     play->posts[2][0].peer, play->posts[2][1].peer };

	actor_pub_sub_unsubscribe(play->topic, subscribers[draw(4)]);
	actor_ignore(actor_pub_sub_subscribe(play->topic, subscribers[draw(4)]));
}

static void withdraw_and_serve(struct play *play)
{
	struct actor_peer *peer = play->posts[1][1].peer;

	actor_peer_withdraw(peer, play->services.map);
	pass(draw_ms(10));
	actor_ignore(actor_peer_serve(peer, play->services.map));
}

static void stop(struct post *post)
{
	struct actor_address *address = actor_peer_address(post->peer);

	actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
	actor_address_unref(address);
}

/* As long as it has not ended, a peer has its transport. */
static void cut(struct post *post)
{
	if (actor_peer_join(actor_thread_context(), post->peer, ACTOR_AT_ONCE) == ACTOR_E_TIMEOUT)
		actor_network_cut(network, post->end);
}

static void interfere(struct play *play)
{
	switch (draw(14)) {
	case 0:
		actor_peer_close(some_post(play)->peer, "at any time");
		break;
	case 8:
		cut(some_post(play));
		break;
	case 9:
		if (draw(3) == 0)
			stop(some_post(play));
		break;
	case 1:
		split(draw_ms(3000));
		break;
	case 2:
		withdraw_and_serve(play);
		break;
	case 3:
		actor_services_unregister(play->services.map, &show_type);
		break;
	case 4:
		change_subscribers(play);
		break;
	case 5:
		play->sum.slow = !play->sum.slow;
		break;
	case 6:
		play->sum.blocks_until_ns = actor_executor_now(executor) + draw_ms(1500);
		break;
	case 7:
		if (draw(4) == 0)
			actor_mailbox_cancel(play->mailbox.mailbox);
		break;
	default:
		sum_answer(&play->sum);
		break;
	}
	pass(draw_ms(100));
}

/* ---- how it ends */

static void count_events(struct post *post)
{
	struct actor_subscription_counts counts = { 0 };
	struct actor_event event;

	while (post->events && actor_subscription_next(actor_thread_context(), post->events,
						       ACTOR_AT_ONCE, &event) == 0) {
		enum actor_peer_event_kind kind = ACTOR_EVENT(actor_peer_event, &event)->kind;

		post->n_closing += kind == ACTOR_PEER_CLOSED || kind == ACTOR_PEER_CLOSED_BY_REMOTE;
		actor_event_drop(&event);
	}
	if (post->events)
		actor_subscription_counts_get(post->events, &counts);
	must(post->n_closing == 1 || (post->n_closing == 0 && counts.n_dropped > 0),
	     "not one closing event");
}

static void check_post(struct post *post)
{
	struct actor_peer_counts counts;

	if (!post->events)
		return;
	must(actor_peer_join(actor_thread_context(), post->peer, ACTOR_AT_ONCE) == 0,
	     "a peer did not end");
	actor_peer_counts_get(post->peer, &counts);
	must(counts.n_pending == 0, "a call that went out is left");
	must(counts.n_held == 0 && counts.n_held_bytes == 0, "a frame is left");
	must(counts.n_unwritten_bytes == 0, "something unwritten is left");
	count_events(post);
}

static void close_post(struct post *post)
{
	actor_peer_unref(post->peer);
	actor_subscription_destroy(post->events);
	actor_address_unref(post->remote.address);
	actor_transport_destroy(post->transport);
}

static void close_all(struct play *play)
{
	for (int i = 0; i < 2 * LINKS; i++)
		if (play->posts[i / 2][i % 2].peer)
			actor_peer_close(play->posts[i / 2][i % 2].peer, "the play is over");
	pass(60 * SECOND);
	be_plenty();
	must(play->n_calling == 0 && play->n_begun == play->n_ended, "a call did not end");
	for (int i = 0; i < CALLERS; i++)
		actor_address_unref(play->callers[i].hand.address);
	play->sum.slow = false;
	while (sum_answer(&play->sum))
		;
	for (int i = 0; i < 2 * LINKS; i++)
		check_post(&play->posts[i / 2][i % 2]);
}

static void give_back(struct play *play)
{
	for (int i = 0; i < 2 * LINKS; i++)
		close_post(&play->posts[i / 2][i % 2]);
	actor_service_map_unref(play->relay);
	actor_service_map_unref(play->topic);
	actor_service_map_unref(play->services.map);
	actor_address_unref(play->address.address);
	actor_mailbox_detach(play->mailbox.mailbox);
	pass(SECOND);
}

static void check_permits(struct play *play)
{
	struct actor_semaphore_counts counts;

	actor_semaphore_counts_get(play->permits, &counts);
	must(counts.n_free == counts.n_permits, "a permit is missing");
	actor_semaphore_unref(play->permits);
}

static unsigned long n_good; /* of all plays */

static void play_once(bool scarce)
{
	static struct play play; /* longer than the actors that look into it */

	memset(&play, 0, sizeof play);
	must(actor_semaphore_create(1 + draw(3), &play.permits) == 0, "there are no permits");
	for (int i = 0; i < CALLERS; i++)
		play.callers[i].hand = hand_spawn(executor, NULL, 0);
	if (scarce)
		be_scarce();
	if (open_all(&play)) {
		start_callers(&play);
		for (uint64_t n = draw(12); n > 0; n--)
			interfere(&play);
		pass(draw_ms(3000));
	}
	close_all(&play);
	give_back(&play);
	check_permits(&play);
	n_good += play.n_good;
}

/* ---- in which order */

static void try_orders(enum actor_simulation_strategy strategy, bool scarce, unsigned n_seeds)
{
	unsigned n_runs;

	n_good = 0;
	n_runs = play_orders(play_once, strategy, scarce, n_seeds);
	/* Not everything fails: a third of all operations at least, or, without memory, a few. */
	assert_true(n_good > (unsigned long)n_runs * CALLERS * OPERATIONS / (scarce ? 20 : 3));
}

static void at_random(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_RANDOM, false, 10000);
}

static void by_priorities(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_PRIORITIES, false, 5000);
}

static void with_little_memory(void **state)
{
	(void)state;
	try_orders(ACTOR_SIMULATION_RANDOM, true, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY_TEST(at_random),
		PLAY_TEST(by_priorities),
		PLAY_TEST(with_little_memory),
	};

	return cmocka_run_group_tests_name("remote-plays", tests, NULL, NULL);
}
