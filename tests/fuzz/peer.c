/* SPDX-License-Identifier: MIT */

/*
 * Two peers of one process, in a simulation, with strangers at the other sides of their
 * connections. Both peers serve the same actor, with few permits, which they may share; each relays
 * one service to the other; the first has a topic to which both have subscribed. The program here
 * calls and sends to both, so that answers and errors find somebody who waits. What the strangers
 * write, in which pieces, and what everybody else does meanwhile, is the input. Whatever it is:
 * what is held stays within what has been announced, every call ends, each peer ends and says so
 * once, all permits come back, and nothing is left.
 *
 *	0	the seed of the simulation
 *	1	limits: see open_side()
 *	4	instructions, each begins with a byte:
 *		01	at which of the two
 *		1e	what: see do_next()
 *		20	of a stranger's frame or bytes: they are not sent yet
 */

#include "fuzz.h"

#include "line.h"

#include <actor-impl/actor-impl.h>
#include <actor-remote/actor-remote.h>
#include <remote/memory.h>
#include <remote/remotes.h>

#define SECOND INT64_C(1000000000)

enum {
	CALLS = 24,
	SENDERS = 4,
	MOST_OUT = 1 << 14,
	MOST_TOTAL = 4 << 20, /* that a stranger sends in one input */
	MOST_REPEATED = 64,
	N_IDS = 256,	     /* call ids that are watched */
	MOST_OF_FRAME = 160, /* what it takes to hold one, beside its bytes */
};

#define RELAYED_ID UINT64_C(0x1111)
#define TOPIC_ID UINT64_C(0x2222)

struct side {
	struct line line;
	struct actor_peer *peer;
	struct actor_subscription *events;
	union remotes_address remote;
	struct actor_service_map *relay;
	struct actor_peer_options options;
	unsigned n_closing;
	/* The stranger's. */
	uint8_t out[MOST_OUT];
	size_t n_out;
	size_t n_total;
	size_t n_last;	       /* bytes of the last frame in @out */
	unsigned asked[N_IDS]; /* calls that it may have made, by id */
	unsigned answered[N_IDS];
	bool asks_others; /* by ids that are not watched, or not in frames */
	uint8_t in[24];	  /* the head of the frame that is being written to it */
	size_t n_in;
	uint64_t n_skip; /* of its payload */
};

/* A call of the program's. */
struct call {
	struct actor_future future;
	bool is_begun;
	union {
		struct actor_unit unit;
		int64_t total;
		char *text;
	};
	const struct actor_message_type *type;
	struct actor_frame_call frame;
	bool waits; /* for the frame's answer */
};

/* Somebody of the program's who waits for room. */
struct sender {
	struct actor_waiter waiter;
	struct side *where; /* in whose line; NULL: in none */
	bool is_woken;
};

static struct {
	struct actor_executor *executor;
	struct actor_semaphore *permits;
	size_t n_permits;
	bool has_own_permits; /* each peer, which shares none */
	struct side sides[2];
	struct sum sum;
	struct sum_mailbox mailbox;
	union sum_address address;
	struct remotes_services services;
	struct actor_service_map *topic;
	struct call calls[CALLS];
	struct sender senders[SENDERS];
	bool is_scarce;	 /* memory has been refused */
	unsigned one_in; /* so many allocations are, for a while; 0: none */
} all;

static struct actor_context *here(void)
{
	return actor_thread_context();
}

/* It ends: nothing goes on for ever. */
static void pass(int64_t duration_ns)
{
	MUST(actor_sleep_until(here(), actor_deadline_after(here(), duration_ns)) == 0);
}

static struct side *other_side(const struct side *side)
{
	return &all.sides[side == all.sides];
}

/* ---- what is written to a stranger */

static uint64_t number_at(const uint8_t *at)
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | at[i];
	return number;
}

/* Nobody is answered more often than they have asked. */
static void see_frame(struct side *side)
{
	uint64_t length = number_at(side->in), service = number_at(side->in + 8),
		 call = number_at(side->in + 16);

	MUST(length >= 24);
	side->n_skip = length - 24;
	if ((service != ACTOR_SERVICE_ERROR && service != ACTOR_SERVICE_RESPONSE) ||
	    (service == ACTOR_SERVICE_ERROR && call == 0) || side->asks_others)
		return;
	MUST(call < N_IDS);
	MUST(side->answered[call] < side->asked[call]);
	side->answered[call]++;
}

static void on_write(void *user, const uint8_t *bytes, size_t n)
{
	struct side *side = user;

	while (n > 0) {
		size_t n_skip = side->n_skip < n ? (size_t)side->n_skip : n;

		side->n_skip -= n_skip;
		bytes += n_skip;
		n -= n_skip;
		while (n > 0 && side->n_in < sizeof side->in) {
			side->in[side->n_in++] = *bytes++;
			n--;
		}
		if (side->n_in < sizeof side->in)
			return;
		side->n_in = 0;
		see_frame(side);
	}
}

/* ---- what is announced */

/* What comes until a peer's next turn, which follows at once, but without memory. */
static size_t most_until_turn(void)
{
	return MOST_OUT + (all.is_scarce ? (size_t)128 << 10 : 0);
}

/* As peer.h says: what one read brings is seen to before reading pauses. */
static size_t most_held(const struct side *side)
{
	return side->options.max_held_bytes + side->options.max_read_bytes + MOST_OUT;
}

/* The same; each error that answers what nobody serves takes up to 128 bytes. */
static size_t most_unwritten(const struct side *side)
{
	const struct actor_peer_options *options = &side->options;

	return (all.n_permits + 1 + 16 + 1) * options->max_write_bytes +
	       options->max_relayed_bytes + 2 * options->max_unwritten_bytes +
	       128 * most_until_turn() / 24;
}

static void must_be_bounded(const struct side *side)
{
	struct actor_peer_counts counts;

	actor_peer_counts_get(side->peer, &counts);
	MUST((counts.n_held == 0) == (counts.n_held_bytes == 0));
	MUST(counts.n_held_bytes <= most_held(side) + MOST_OF_FRAME * counts.n_held);
	MUST(counts.n_unwritten_bytes <= most_unwritten(side));
}

/* Whatever the counts say. A buffer may be twice as large as what is in it. */
static void must_hold_little(size_t n_live_bytes)
{
	size_t most = 256 << 10;

	for (int i = 0; i < 2; i++)
		most += 8 * most_held(&all.sides[i]) + 2 * most_unwritten(&all.sides[i]);
	MUST(fuzz_grown(n_live_bytes, memory_n_live_bytes()) <= (long)most);
}

/* ---- what comes from a stranger */

static void send_out(struct side *side, size_t n)
{
	uint8_t *copy;

	if (n > side->n_out)
		n = side->n_out;
	side->n_total += n;
	if (n == 0 || side->n_total > MOST_TOTAL)
		return;
	memory_fail_some(0, 0); /* not here */
	copy = fuzz_copy(side->out, n);
	memory_fail_some(all.one_in, 1);
	if (line_feed(&side->line, copy, n)) {
		memmove(side->out, side->out + n, side->n_out - n);
		side->n_out -= n;
		side->n_last = side->n_last < side->n_out ? side->n_last : side->n_out;
	}
	free(copy);
	pass(1);
}

static uint8_t *room(struct side *side, size_t n)
{
	uint8_t *at = side->out + side->n_out;

	if (n > sizeof side->out - side->n_out)
		return NULL;
	side->n_out += n;
	return at;
}

static void set_number(uint8_t *at, uint64_t number)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

static void watch(struct side *side, uint64_t service, uint64_t call)
{
	if (service == ACTOR_SERVICE_ERROR || service == ACTOR_SERVICE_RESPONSE || call == 0)
		return;
	if (call < N_IDS)
		side->asked[call]++;
	else
		side->asks_others = true;
}

static uint64_t some_service(struct input *input)
{
	const uint64_t services[] = {
		ACTOR_SERVICE_ERROR,
		ACTOR_SERVICE_RESPONSE,
		ADD_ID,
		SHOW_ID,
		ECHO_ID,
		NOTE_ID,
		RELAYED_ID,
		TOPIC_ID,
		0x3333,
	};
	uint8_t which = input_byte(input);

	return which < N_ELEMENTS(services) ? services[which] : services[which % 8];
}

static void put_frame(struct side *side, struct input *input)
{
	uint64_t service = some_service(input), call = input_byte(input);
	const uint8_t *payload;
	size_t n = input_bytes(input, input_byte(input) % 128, &payload);
	uint8_t *at = room(side, 24 + n);

	if (!at)
		return;
	set_number(at, 24 + n);
	set_number(at + 8, service);
	set_number(at + 16, call);
	if (n > 0)
		memcpy(at + 24, payload, n);
	side->n_last = 24 + n;
	watch(side, service, call);
}

/* A text, as long as one likes. */
static void put_text(struct side *side, struct input *input)
{
	uint64_t service = some_service(input), call = input_byte(input);
	size_t n = (size_t)input_byte(input) << (input_byte(input) % 7);
	uint8_t *at = room(side, 24 + 3 + n);

	if (!at)
		return;
	set_number(at, 24 + 3 + n);
	set_number(at + 8, service);
	set_number(at + 16, call);
	at[24] = 0x79;
	at[25] = (uint8_t)(n >> 8);
	at[26] = (uint8_t)n;
	memset(at + 27, 't', n);
	side->n_last = 24 + 3 + n;
	watch(side, service, call);
}

/* The last frame again, some times. */
static void repeat(struct side *side, struct input *input)
{
	size_t n = input_byte(input) % MOST_REPEATED;
	const uint8_t *last = side->out + side->n_out - side->n_last;

	for (size_t i = 0; i < n && side->n_last > 0; i++) {
		uint8_t *at = room(side, side->n_last);

		if (!at)
			return;
		memcpy(at, last, side->n_last);
		watch(side, number_at(last + 8), number_at(last + 16));
	}
}

static void put_bytes(struct side *side, struct input *input)
{
	const uint8_t *bytes;
	size_t n = input_bytes(input, input_byte(input), &bytes);
	uint8_t *at = room(side, n);

	if (!at || n == 0)
		return;
	memcpy(at, bytes, n);
	/* It may be any frame, or the end of any. */
	all.sides[0].asks_others = all.sides[1].asks_others = true;
	side->n_last = 0;
}

/* ---- what the program does */

static void on_answer(struct actor_frame_call *frame, int status, const struct actor_frame *answer)
{
	struct call *call = ACTOR_CONTAINER_OF(frame, struct call, frame);

	(void)status;
	MUST(call->waits);
	MUST(status < 0 || answer);
	call->waits = false;
}

static void end_call(struct call *call)
{
	if (!call->is_begun)
		return;
	actor_future_cancel(&call->future);
	if (call->future.status == 0 && call->type == &echo_type)
		free(call->text);
	call->is_begun = false;
}

static char *some_text(struct input *input)
{
	size_t n = input_byte(input) << (input_byte(input) % 6);
	char *text = malloc(n + 1);

	if (!text)
		return NULL;
	memset(text, 'p', n);
	text[n] = '\0';
	return text;
}

static void begin(struct side *side, struct call *call, const struct actor_message_type *type,
		  void *message, void *ret_value)
{
	end_call(call);
	call->type = type;
	call->is_begun = actor_call_begin_until(here(), &call->future, side->remote.address, type,
						message, ret_value,
						actor_deadline_after(here(), 1)) == 0;
}

static void send_note(struct side *side, struct input *input)
{
	struct note note = { some_text(input) };

	actor_ignore(actor_send_until(here(), side->remote.address, &note_type, &note,
				      actor_deadline_after(here(), 1)));
	actor_message_drop(&note_type, &note);
}

static void wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct sender, waiter)->is_woken = true;
}

static void leave_line(struct sender *sender)
{
	if (sender->where)
		actor_peer_withdraw_waiter(sender->where->peer, &sender->waiter);
	sender->where = NULL;
}

static void send_frame(struct side *side, struct sender *sender, struct input *input)
{
	const uint8_t *payload;
	size_t n = input_bytes(input, input_byte(input), &payload);
	int rc;

	if (sender->where != side)
		leave_line(sender);
	if (!sender->where) {
		actor_waiter_init(&sender->waiter, wake);
		sender->is_woken = false;
	}
	rc = actor_peer_send_frame(side->peer, NOTE_ID, payload, n, &sender->waiter);
	sender->where = rc == ACTOR_E_FULL ? side : NULL;
}

static void call_or_send(struct side *side, struct input *input)
{
	uint8_t which = input_byte(input);
	struct call *call = &all.calls[which / 8 % CALLS];
	struct add add = { which };
	struct show show = { 0 };
	struct echo echo = { NULL, { NULL } };
	const uint8_t *payload;
	size_t n;

	switch (which % 6) {
	case 0:
		begin(side, call, &add_type, &add, &call->unit);
		break;
	case 1:
		begin(side, call, &show_type, &show, &call->total);
		break;
	case 2:
		echo.text = some_text(input);
		begin(side, call, &echo_type, &echo, &call->text);
		actor_message_drop(&echo_type, &echo);
		break;
	case 3:
		send_note(side, input);
		break;
	case 4:
		send_frame(side, &all.senders[which / 8 % SENDERS], input);
		break;
	default:
		if (call->waits)
			break;
		n = input_bytes(input, input_byte(input), &payload);
		call->frame.answered = on_answer;
		call->waits = true;
		if (actor_peer_call_frame(side->peer, SHOW_ID, payload, n, NULL, &call->frame) < 0)
			call->waits = false;
	}
}

/* The actor that both serve. */
static void have_actor(struct input *input)
{
	uint8_t what = input_byte(input);

	switch (what % 8) {
	case 0:
		all.sum.slow = !all.sum.slow;
		break;
	case 1:
		all.sum.refuses = !all.sum.refuses;
		break;
	case 2:
		all.sum.takes_ns = INT64_C(1) << input_byte(input) % 34;
		break;
	case 3:
		all.sum.takes_ns = 0;
		break;
	case 4:
		all.sum.fails = what > 200;
		break;
	default:
		sum_answer(&all.sum);
	}
}

/* ---- what else happens */

static void end_side(struct side *side, struct input *input)
{
	struct actor_address *address;

	switch (input_byte(input) % 4) {
	case 0:
		actor_peer_close(side->peer, "as the input says");
		break;
	case 1:
		address = actor_peer_address(side->peer);
		actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
		actor_address_unref(address);
		break;
	case 2:
		line_end(&side->line, 0);
		break;
	default:
		line_end(&side->line, ACTOR_E_SYSTEM);
	}
}

static void take_or_not(struct side *side, struct input *input)
{
	uint8_t what = input_byte(input);

	if (what == 255)
		side->line.breaks = true;
	else
		line_take(&side->line, what < 64 ? 0 : what < 128 ? SIZE_MAX : what);
}

static void change_maps(struct side *side, struct input *input)
{
	switch (input_byte(input) % 8) {
	case 0:
		actor_peer_withdraw(side->peer, all.services.map);
		break;
	case 1:
		actor_ignore(actor_peer_serve(side->peer, all.services.map));
		break;
	case 2:
		actor_peer_withdraw(side->peer, side->relay);
		break;
	case 3:
		actor_ignore(actor_peer_serve(side->peer, side->relay));
		break;
	case 4:
		actor_services_unregister(all.services.map, &echo_type);
		break;
	case 5:
		actor_ignore(ACTOR_SERVE(remotes, all.services, echo, all.address));
		break;
	case 6:
		actor_pub_sub_unsubscribe(all.topic, side->peer);
		break;
	default:
		actor_ignore(actor_pub_sub_subscribe(all.topic, side->peer));
	}
}

static void refuse_some(unsigned one_in)
{
	all.one_in = one_in;
	memory_fail_some(one_in, 1);
}

/* One allocation, here or in what actors run on, is refused; or one in so many, for a while. */
static void refuse_memory(struct input *input)
{
	uint8_t nth = input_byte(input);

	all.is_scarce = true;
	if (nth >= 0xf0)
		refuse_some(nth & 7);
	else if (nth % 2)
		memory_fail_nth(1 + nth / 2);
	else
		actor_simulation_fail_nth(1 + nth / 2);
}

static void do_next(struct input *input)
{
	uint8_t what = input_byte(input), which;
	struct side *side = &all.sides[what & 1];

	switch (what >> 1 & 15) {
	case 0:
		put_bytes(side, input);
		break;
	case 1:
	case 2:
	case 3:
		put_frame(side, input);
		break;
	case 4:
		put_text(side, input);
		break;
	case 5:
		repeat(side, input);
		break;
	case 6:
		send_out(side, input_byte(input) + 1);
		return;
	case 7:
	case 8:
		which = input_byte(input) % 38;
		if (which > 22) /* or all of it is spent with trying again */
			refuse_some(0);
		pass(INT64_C(1) << which);
		return;
	case 9:
	case 10:
		call_or_send(side, input);
		return;
	case 11:
		which = input_byte(input);
		end_call(&all.calls[which % CALLS]);
		if (which >= 0x80)
			leave_line(&all.senders[which % SENDERS]);
		return;
	case 12:
		have_actor(input);
		return;
	case 13:
		end_side(side, input);
		return;
	case 14:
		take_or_not(side, input);
		return;
	default:
		if (what & 0x20)
			refuse_memory(input);
		else
			change_maps(side, input);
		return;
	}
	if (!(what & 0x20))
		send_out(side, SIZE_MAX);
}

/* ---- how it begins */

static void open_side(struct side *side, struct input *input)
{
	static const size_t bytes[] = { 200, 1, 64, 1000, 4096, 3000, 50, 400 };
	static const int64_t times_ns[] = { SECOND, 1, 1000000, 30 * SECOND };
	const struct actor_subscribe_options events = { .size = sizeof events,
							.capacity = ACTOR_UNBOUNDED };
	uint8_t sizes = input_byte(input), times = input_byte(input);

	side->options = (struct actor_peer_options){
		.size = sizeof side->options,
		.permits = all.has_own_permits ? NULL : all.permits,
		.n_permits = all.n_permits,
		.max_read_bytes = 24 + 4 * bytes[sizes & 7],
		.max_write_bytes = 100 + 4 * bytes[sizes >> 1 & 7],
		.max_held_bytes = bytes[sizes >> 3 & 7],
		.max_unwritten_bytes = bytes[sizes >> 5 & 7],
		.call_timeout_ns = times_ns[times & 3],
		.stall_ns = times_ns[times >> 2 & 3],
		.grace_ns = times_ns[times >> 4 & 3],
		.max_relayed_bytes = bytes[times >> 6 & 3] * 50,
		.frame_timeout_ns = times_ns[times >> 3 & 3],
		.idle_timeout_ns = times >> 6 == 3 ? SECOND : ACTOR_FOREVER,
	};
	line_init(&side->line, all.executor);
	side->line.on_write = on_write;
	side->line.user = side;
	MUST(actor_peer_create(&side->line.transport, &side->options, &side->peer) == 0);
	MUST(actor_observable_subscribe(actor_peer_observable(side->peer), &events,
					&side->events) == 0);
	MUST(remotes_remote(side->peer, &side->remote) == 0);
}

static void open_services(size_t capacity)
{
	const struct actor_mailbox_options options = { .size = sizeof options,
						       .capacity = capacity };

	MUST(ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(all.executor), &all.sum, &options,
				 &all.address, &all.mailbox) == 0);
	MUST(remotes_services_create(&all.services) == 0);
	MUST(ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, all.services, all.address) == 0);
}

static void open_maps(void)
{
	const uint64_t relayed[] = { RELAYED_ID }, topic[] = { TOPIC_ID };

	for (int i = 0; i < 2; i++) {
		struct side *side = &all.sides[i];
		const struct actor_relay_options options = { .size = sizeof options,
							     .peer = other_side(side)->peer,
							     .services = relayed,
							     .n_services = 1 };

		MUST(actor_relay_map_create(&options, &side->relay) == 0);
		MUST(actor_peer_serve(side->peer, side->relay) == 0);
		MUST(actor_peer_serve(side->peer, all.services.map) == 0);
	}
	MUST(actor_pub_sub_create(topic, 1, &all.topic) == 0);
	MUST(actor_pub_sub_subscribe(all.topic, all.sides[0].peer) == 0);
	MUST(actor_pub_sub_subscribe(all.topic, all.sides[1].peer) == 0);
	MUST(actor_peer_serve(all.sides[0].peer, all.topic) == 0);
}

static void open_all(struct input *input)
{
	const struct actor_simulation_options options = { .size = sizeof options,
							  .seed = 1 + input_byte(input),
							  .most_steps = 300000 };
	uint8_t few;

	MUST(actor_simulation_create(&options, &all.executor) == 0);
	few = input_byte(input);
	all.n_permits = 1 + few % 4;
	all.has_own_permits = few >= 0x80;
	MUST(actor_semaphore_create(all.n_permits, &all.permits) == 0);
	open_side(&all.sides[0], input);
	open_side(&all.sides[1], input);
	open_services(1 + few / 4 % 4);
	open_maps();
	MUST(actor_peer_start(all.sides[0].peer) == 0);
	MUST(actor_peer_start(all.sides[1].peer) == 0);
	pass(1);
}

/* ---- how it ends */

static void count_events(struct side *side)
{
	struct actor_subscription_counts counts;
	struct actor_event event;
	int rc;

	while ((rc = actor_subscription_next(here(), side->events, ACTOR_AT_ONCE, &event)) == 0) {
		enum actor_peer_event_kind kind = ACTOR_EVENT(actor_peer_event, &event)->kind;

		side->n_closing += kind == ACTOR_PEER_CLOSED || kind == ACTOR_PEER_CLOSED_BY_REMOTE;
		actor_event_drop(&event);
	}
	MUST(rc == ACTOR_E_CLOSED);
	actor_subscription_counts_get(side->events, &counts);
	MUST(side->n_closing == 1 ||
	     (side->n_closing == 0 && all.is_scarce && counts.n_dropped > 0));
}

static void must_have_ended(struct side *side)
{
	struct actor_peer_counts counts;

	MUST(actor_peer_join(here(), side->peer, ACTOR_AT_ONCE) == 0);
	MUST(side->line.destroyed);
	actor_peer_counts_get(side->peer, &counts);
	MUST(counts.n_pending == 0 && counts.n_held == 0 && counts.n_held_bytes == 0);
	MUST(counts.n_unwritten_bytes == 0);
	count_events(side);
}

/* What was in the mailbox of an actor that has failed is not served before that is given back. */
static void give_back(struct side *side)
{
	struct actor_peer_counts counts;

	actor_peer_counts_get(side->peer, &counts);
	MUST(counts.n_serving == 0);
	actor_peer_unref(side->peer);
	actor_subscription_destroy(side->events);
	actor_address_unref(side->remote.address);
	actor_service_map_unref(side->relay);
}

static void must_have_permits(void)
{
	struct actor_semaphore_counts counts;

	actor_semaphore_counts_get(all.permits, &counts);
	MUST(counts.n_free == counts.n_permits);
	actor_semaphore_unref(all.permits);
}

static void must_hold_nothing(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	MUST(!counts.mailboxes && !counts.envelopes && !counts.replies && !counts.suspended);
}

/* Who waited has been told that there is nothing to wait for. */
static void end_senders(void)
{
	for (int i = 0; i < SENDERS; i++) {
		MUST(!all.senders[i].where || all.senders[i].is_woken);
		leave_line(&all.senders[i]);
	}
}

static void end_calls(void)
{
	for (int i = 0; i < CALLS; i++) {
		struct call *call = &all.calls[i];

		MUST(!call->waits);
		if (!call->is_begun)
			continue;
		actor_ignore(actor_future_await(&call->future, ACTOR_AT_ONCE));
		MUST(call->future.status != ACTOR_PENDING);
		end_call(call);
	}
}

/* Those that waited for answers have been told that there will be none. */
static void must_wait_for_nobody(const struct side *side)
{
	struct actor_peer_counts counts;

	actor_peer_counts_get(side->peer, &counts);
	MUST(counts.n_pending == 0);
}

static void close_all(void)
{
	memory_fail_nth(0);
	refuse_some(0);
	actor_simulation_fail_nth(0);
	all.sum.slow = all.sum.fails = false;
	all.sum.takes_ns = 0;
	actor_peer_close(all.sides[0].peer, "it is over");
	actor_peer_close(all.sides[1].peer, "it is over");
	pass(2000000); /* longer than what is tried again for want of memory */
	must_wait_for_nobody(&all.sides[0]);
	must_wait_for_nobody(&all.sides[1]);
	while (sum_answer(&all.sum))
		;
	/* Whatever the strangers do not do. */
	pass(300 * SECOND);
	end_calls();
	end_senders();
	must_have_ended(&all.sides[0]);
	must_have_ended(&all.sides[1]);
	actor_address_unref(all.address.address);
	actor_mailbox_detach(all.mailbox.mailbox);
	actor_service_map_unref(all.topic);
	actor_service_map_unref(all.services.map);
	pass(SECOND);
	give_back(&all.sides[0]);
	give_back(&all.sides[1]);
	pass(SECOND);
	MUST(actor_executor_join(all.executor, ACTOR_FOREVER) == 0);
	must_have_permits();
	MUST(actor_executor_destroy(all.executor) == 0);
	must_hold_nothing();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	size_t n_live_bytes = memory_n_live_bytes();
	long n_live = memory_n_live();

	memset(&all, 0, sizeof all);
	open_all(&input);
	while (input.n > 0) {
		do_next(&input);
		must_be_bounded(&all.sides[0]);
		must_be_bounded(&all.sides[1]);
		must_hold_little(n_live_bytes);
	}
	close_all();
	MUST(memory_n_live() == n_live);
	return 0;
}
