/* SPDX-License-Identifier: MIT */

/*
 * Two peers at the two sides of one connection, both of which serve an actor and call the other's.
 * What they do, and how much of what they write arrives when, is the input. Whatever it is: what
 * arrives is what was sent, in order and once; who is answered is answered with what they asked
 * for; and as long as nobody closes and nothing is lost, everything arrives.
 *
 *	0	the seed of the simulation
 *	1	limits: see open_side()
 *	5	instructions: 01 at which side, 0e what: see do_next(), f0 how much or how many
 */

#include "fuzz.h"

#include "line.h"

#include <actor-impl/actor-impl.h>
#include <actor-remote/actor-remote.h>
#include <remote/memory.h>
#include <remote/remotes.h>

#define SECOND INT64_C(1000000000)
#define LONG_NS (1000000 * SECOND) /* longer than all time that an input may have pass */

enum { CALLS = 16, MOST_NOTES = 255, MOST_ON_THE_WAY = 1 << 18 };

struct call {
	struct actor_future future;
	const struct actor_message_type *type;
	bool is_begun;
	size_t n_text;
	union {
		struct actor_unit unit;
		int64_t total;
		char *text;
	};
};

struct side {
	struct line line;
	struct actor_peer *peer;
	struct actor_subscription *events;
	union remotes_address remote;
	struct remotes_services services;
	struct sum sum;
	struct sum_mailbox mailbox;
	union sum_address address;
	struct call calls[CALLS];
	char sent[MOST_NOTES + 1]; /* one letter a note */
	size_t n_sent;
	int64_t n_added;	/* calls of add that were accepted */
	int64_t n_added_surely; /* and answered */
	unsigned n_closing;
	uint8_t coming[MOST_ON_THE_WAY]; /* what the other side has written */
	size_t n_coming;
};

static struct {
	struct actor_executor *executor;
	struct side sides[2];
	bool is_scarce; /* memory has been refused */
	bool closes;	/* a side has closed, or the connection is lost */
} all;

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static void pass(int64_t duration_ns)
{
	MUST(actor_sleep_until(here(), actor_deadline_after(here(), duration_ns)) == 0);
}

static struct side *other_side(const struct side *side)
{
	return &all.sides[side == all.sides];
}

/* ---- the connection */

static bool is_crowded(const struct side *to)
{
	return to->n_coming > sizeof to->coming / 2;
}

/* Who writes on and on waits until some has arrived: see take(). */
static void on_write(void *user, const uint8_t *bytes, size_t n)
{
	struct side *from = user, *to = other_side(from);

	MUST(n <= sizeof to->coming - to->n_coming);
	memcpy(to->coming + to->n_coming, bytes, n);
	to->n_coming += n;
	if (is_crowded(to))
		from->line.takes = 0;
}

/* Let @side write so much without waiting, if there is room for it. */
static void take(struct side *side, size_t n)
{
	if (!is_crowded(other_side(side)))
		line_take(&side->line, n);
}

/* The other side has nothing more to say. */
static bool is_silent(const struct side *side)
{
	return side->line.shut || side->line.destroyed;
}

static void bring(struct side *side, size_t n)
{
	uint8_t *copy;

	if (n > side->n_coming)
		n = side->n_coming;
	copy = fuzz_copy(side->coming, n);
	if (line_feed(&side->line, copy, n)) {
		memmove(side->coming, side->coming + n, side->n_coming - n);
		side->n_coming -= n;
	}
	free(copy);
	if (side->line.destroyed)
		side->n_coming = 0;
	if (side->n_coming == 0 && is_silent(other_side(side)))
		line_end(&side->line, 0);
	pass(1);
}

/* ---- what a side does */

static void end_call(struct side *side, struct call *call, bool must_be_good)
{
	int status;

	if (!call->is_begun)
		return;
	call->is_begun = false;
	actor_ignore(actor_future_await(&call->future, ACTOR_AT_ONCE));
	actor_future_cancel(&call->future);
	status = call->future.status;
	MUST(!must_be_good || status == 0);
	MUST(status != ACTOR_E_REMOTE_DECODE && status != ACTOR_E_DECODE);
	if (status < 0)
		return;
	if (call->type == &add_type)
		side->n_added_surely++;
	if (call->type == &show_type)
		MUST(call->total >= 0 && call->total <= side->n_added);
	if (call->type == &echo_type) {
		MUST((call->text ? strlen(call->text) : 0) == call->n_text);
		free(call->text);
	}
}

static char *text_of(size_t n)
{
	char *text = malloc(n + 1);

	if (!text)
		return NULL;
	memset(text, 't', n);
	text[n] = '\0';
	return text;
}

static void begin(struct side *side, struct call *call, const struct actor_message_type *type,
		  void *message)
{
	call->type = type;
	call->is_begun = actor_call_begin_until(here(), &call->future, side->remote.address, type,
						message, &call->unit,
						actor_deadline_after(here(), 1)) == 0;
}

static void call_other(struct side *side, struct call *call, struct input *input)
{
	struct add add = { 1 };
	struct show show = { 0 };
	struct echo echo = { NULL, { NULL } };
	uint8_t which = input_byte(input);

	end_call(side, call, false);
	switch (which % 3) {
	case 0:
		begin(side, call, &add_type, &add);
		side->n_added += call->is_begun;
		break;
	case 1:
		begin(side, call, &show_type, &show);
		break;
	default:
		echo.text = text_of(4 * (size_t)which);
		call->n_text = echo.text ? strlen(echo.text) : 0;
		begin(side, call, &echo_type, &echo);
		actor_message_drop(&echo_type, &echo);
	}
}

static void send_notes(struct side *side, size_t n)
{
	for (; n > 0 && side->n_sent < MOST_NOTES; n--) {
		char letter = (char)('a' + side->n_sent % 26);
		struct note note = { text_of(1) };

		if (!note.text)
			return;
		note.text[0] = letter;
		if (actor_send_until(here(), side->remote.address, &note_type, &note,
				     actor_deadline_after(here(), 1)) == 0)
			side->sent[side->n_sent++] = letter;
		actor_message_drop(&note_type, &note);
	}
}

static void have_actor(struct side *side, uint8_t what)
{
	switch (what % 4) {
	case 0:
		side->sum.slow = !side->sum.slow;
		break;
	case 1:
		side->sum.takes_ns = INT64_C(1) << 2 * (what / 4);
		break;
	case 2:
		side->sum.takes_ns = 0;
		break;
	default:
		sum_answer(&side->sum);
	}
}

static void close_or_lose(struct side *side, uint8_t what)
{
	all.closes = true;
	if (what % 4 == 0)
		line_end(&side->line, ACTOR_E_SYSTEM);
	else
		actor_peer_close(side->peer, "as the input says");
}

static void do_next(struct input *input)
{
	uint8_t what = input_byte(input), many = what >> 4;
	struct side *side = &all.sides[what & 1];

	switch (what >> 1 & 7) {
	case 0:
		bring(side, many < 8 ? (size_t)1 + many : (size_t)1 << many);
		break;
	case 1:
		call_other(side, &side->calls[many], input);
		break;
	case 2:
		send_notes(side, 1 + many);
		break;
	case 3:
		pass(INT64_C(1) << (2 * many + 3));
		break;
	case 4:
		have_actor(side, many);
		break;
	case 5:
		take(side, many < 4 ? 0 : many < 8 ? SIZE_MAX : (size_t)many << 3);
		break;
	case 6:
		end_call(side, &side->calls[many], false);
		break;
	default:
		if (many < 14) {
			all.is_scarce = true;
			memory_fail_nth(1 + many);
		} else {
			close_or_lose(side, input_byte(input));
		}
	}
}

/* ---- how it begins */

static void open_side(struct side *side, struct input *input)
{
	static const size_t bytes[] = { 0, 1, 100, 1000 };
	const struct actor_subscribe_options events = { .size = sizeof events,
							.capacity = ACTOR_UNBOUNDED };
	uint8_t choices = input_byte(input);
	const struct actor_peer_options options = {
		.size = sizeof options,
		.n_permits = choices & 3,
		.max_held_bytes = bytes[choices >> 2 & 3],
		.max_unwritten_bytes = bytes[choices >> 4 & 3],
		.stall_ns = LONG_NS,
		.frame_timeout_ns = LONG_NS,
		.call_timeout_ns = LONG_NS,
		.grace_ns = choices & 0x40 ? SECOND : 1,
	};
	const struct actor_mailbox_options mailbox = { .size = sizeof mailbox,
						       .capacity = choices & 0x80 ? 1 : 50 };

	line_init(&side->line, all.executor);
	side->line.on_write = on_write;
	side->line.user = side;
	MUST(actor_peer_create(&side->line.transport, &options, &side->peer) == 0);
	MUST(actor_observable_subscribe(actor_peer_observable(side->peer), &events,
					&side->events) == 0);
	MUST(remotes_remote(side->peer, &side->remote) == 0);
	MUST(ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(all.executor), &side->sum, &mailbox,
				 &side->address, &side->mailbox) == 0);
	MUST(remotes_services_create(&side->services) == 0);
	MUST(ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, side->services, side->address) == 0);
	MUST(actor_peer_serve(side->peer, side->services.map) == 0);
	MUST(actor_peer_start(side->peer) == 0);
}

static void open_all(struct input *input)
{
	const struct actor_simulation_options options = { .size = sizeof options,
							  .seed = 1 + input_byte(input),
							  .most_steps = 300000 };

	memset(&all, 0, sizeof all);
	MUST(actor_simulation_create(&options, &all.executor) == 0);
	open_side(&all.sides[0], input);
	open_side(&all.sides[1], input);
	pass(1);
}

/* ---- what has arrived */

static bool is_part(const char *part, const char *whole)
{
	for (; *part && *whole; whole++)
		part += *part == *whole;
	return !*part;
}

/* Without memory one may be missing, which observers are told. */
static void must_have_arrived(struct side *side, bool is_whole)
{
	struct side *from = other_side(side);
	size_t n = strlen(side->sum.notes);

	if (all.is_scarce)
		MUST(is_part(side->sum.notes, from->sent));
	else
		MUST(strncmp(side->sum.notes, from->sent, n) == 0);
	MUST(side->sum.total <= from->n_added);
	MUST(side->sum.total >= from->n_added_surely);
	if (!is_whole)
		return;
	MUST(n == from->n_sent);
	MUST(side->sum.total == from->n_added);
}

static bool is_quiet(const struct side *side)
{
	struct actor_peer_counts counts;

	actor_peer_counts_get(side->peer, &counts);
	return side->n_coming == 0 && side->sum.n_kept == 0 && counts.n_held == 0 &&
	       counts.n_unwritten_bytes == 0 && counts.n_serving == 0 && counts.n_pending == 0;
}

static bool is_over(const struct side *side)
{
	return side->line.destroyed;
}

/* Everything goes on until nothing is left to do. */
static void go_on(bool (*is_done)(const struct side *side))
{
	for (int i = 0; i < 1000; i++) {
		struct side *side = &all.sides[i & 1];

		take(side, SIZE_MAX);
		while (sum_answer(&side->sum))
			;
		bring(side, MOST_ON_THE_WAY);
		pass(SECOND / 100);
		if (is_done(&all.sides[0]) && is_done(&all.sides[1]))
			return;
	}
}

static void end_calls(struct side *side, bool must_be_good)
{
	for (int i = 0; i < CALLS; i++)
		end_call(side, &side->calls[i], must_be_good);
}

/* ---- how it ends */

static void see_events(struct side *side)
{
	struct actor_event event;
	int rc;

	while ((rc = actor_subscription_next(here(), side->events, ACTOR_AT_ONCE, &event)) == 0) {
		const struct actor_peer_event *told = ACTOR_EVENT(actor_peer_event, &event);

		side->n_closing += told->kind == ACTOR_PEER_CLOSED ||
				   told->kind == ACTOR_PEER_CLOSED_BY_REMOTE;
		MUST(told->status != ACTOR_E_PROTOCOL && told->status != ACTOR_E_DECODE);
		/* What there is no memory for is no frame. */
		MUST(all.is_scarce || (told->status != ACTOR_E_REMOTE_PROTOCOL &&
				       told->status != ACTOR_E_REMOTE_DECODE));
		actor_event_drop(&event);
	}
	MUST(rc == ACTOR_E_CLOSED);
	MUST(side->n_closing == 1);
}

static void give_back(struct side *side)
{
	struct actor_peer_counts counts;

	MUST(actor_peer_join(here(), side->peer, ACTOR_AT_ONCE) == 0);
	MUST(side->line.destroyed);
	actor_peer_counts_get(side->peer, &counts);
	MUST(counts.n_pending == 0 && counts.n_held == 0 && counts.n_unwritten_bytes == 0);
	MUST(counts.n_serving == 0);
	see_events(side);
	actor_peer_unref(side->peer);
	actor_subscription_destroy(side->events);
	actor_address_unref(side->remote.address);
	actor_address_unref(side->address.address);
	actor_service_map_unref(side->services.map);
	actor_mailbox_detach(side->mailbox.mailbox);
}

static void close_all(void)
{
	bool is_whole;

	memory_fail_nth(0);
	for (int i = 0; i < 2; i++) {
		all.sides[i].sum.slow = false;
		all.sides[i].sum.takes_ns = 0;
	}
	pass(2 * SECOND); /* what its actor had in hand may have taken so long */
	go_on(is_quiet);
	is_whole = !all.closes && !all.is_scarce;
	end_calls(&all.sides[0], is_whole);
	end_calls(&all.sides[1], is_whole);
	must_have_arrived(&all.sides[0], is_whole);
	must_have_arrived(&all.sides[1], is_whole);
	actor_peer_close(all.sides[0].peer, "it is over");
	go_on(is_over);
	pass(4000 * SECOND);
	give_back(&all.sides[0]);
	give_back(&all.sides[1]);
	pass(SECOND);
	MUST(actor_executor_join(all.executor, ACTOR_FOREVER) == 0);
	MUST(actor_executor_destroy(all.executor) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	long n_live = memory_n_live();

	open_all(&input);
	while (input.n > 0)
		do_next(&input);
	close_all();
	MUST(memory_n_live() == n_live);
	return 0;
}
