/* SPDX-License-Identifier: MIT */

/*
 * The reader of frames: whatever comes, in whatever pieces, is the frames that it is as a whole, up
 * to the first that is none or too long; and what is kept of one that is not complete is no more
 * than what has come of it, whatever it says.
 *
 *	0	the longest frame there may be: 24 to 279 bytes, or, from 240 on, up to 1 MiB
 *	1	instructions:
 *		00-7f	a frame as it should be: which service and call, then so many bytes
 *		80-bf	so many bytes as they are
 *		c0-ff	what is there so far comes, in pieces of so many bytes
 */

#include "fuzz.h"

#include "line.h"

#include <actor-impl/actor-impl.h>
#include <actor-remote/actor-remote.h>
#include <remote/memory.h>

enum { N_HEAD = 24, MOST_BYTES = 1 << 16, MOST_FRAMES = MOST_BYTES / N_HEAD };

/* Whatever these are, they are offered. */
static const uint64_t services[] = { 1, UINT64_C(0x6440cfd17c374646), UINT64_MAX - 1 };

struct seen {
	uint64_t service;
	uint64_t call;
	size_t n_payload;
	const uint8_t *payload; /* where it is in all that came */
};

static struct {
	struct actor_service_map map;
	struct line line;
	struct actor_executor *executor;
	struct actor_peer *peer;
	size_t most;
	uint8_t bytes[MOST_BYTES]; /* all that came */
	size_t n_bytes;
	size_t n_fed;
	struct seen expected[MOST_FRAMES];
	size_t n_expected;
	size_t n_served;
	size_t n_frames; /* with those that are nobody's here */
	bool is_bad;	 /* from there on it makes no sense */
	size_t at;
} all;

/* ---- who serves what comes */

static void map_hold(struct actor_service_map *map)
{
	(void)map;
}

static size_t map_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	(void)map;
	for (size_t i = 0; i < n_ids && i < N_ELEMENTS(services); i++)
		ret_ids[i] = services[i];
	return N_ELEMENTS(services);
}

static int map_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	const struct actor_frame *frame = &incoming->frame;
	const struct seen *expected = &all.expected[all.n_served];

	(void)map;
	MUST(all.n_served < all.n_expected);
	MUST(frame->service == expected->service && frame->call == expected->call);
	MUST(frame->n_payload == expected->n_payload);
	MUST(frame->n_payload == 0 ||
	     memcmp(frame->payload, expected->payload, frame->n_payload) == 0);
	MUST(!incoming->answer == (frame->call == 0));
	all.n_served++;
	if (incoming->answer)
		actor_answer_payload(incoming->answer, (const uint8_t *)"\xf6", 1);
	return 0;
}

static void map_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map, (void)place;
}

static bool map_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return true;
}

static int map_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	(void)map;
	return snprintf(buffer, n_buffer, "all");
}

static const struct actor_service_map_ops map_ops = {
	.size = sizeof map_ops,
	.ref = map_hold,
	.unref = map_hold,
	.services = map_services,
	.serve = map_serve,
	.withdraw = map_withdraw,
	.takes_permits = map_takes_permits,
	.describe = map_describe,
};

/* ---- what is to be expected */

static uint64_t number_at(const uint8_t *at)
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | at[i];
	return number;
}

static bool is_offered(uint64_t service)
{
	for (size_t i = 0; i < N_ELEMENTS(services); i++)
		if (services[i] == service)
			return true;
	return false;
}

static void expect_frame(const uint8_t *at, size_t n)
{
	struct seen frame = { number_at(at + 8), number_at(at + 16), n - N_HEAD, at + N_HEAD };

	all.n_frames++;
	if (is_offered(frame.service))
		all.expected[all.n_expected++] = frame;
}

/* Of all that has been fed. */
static void expect_frames(void)
{
	while (!all.is_bad && all.n_fed - all.at >= 8) {
		uint64_t n = number_at(all.bytes + all.at);

		all.is_bad = n < N_HEAD || n > all.most;
		if (all.is_bad || n > all.n_fed - all.at)
			return;
		expect_frame(all.bytes + all.at, (size_t)n);
		all.at += (size_t)n;
	}
}

/* ---- */

static void settle(void)
{
	struct actor_context *context = actor_thread_context();

	MUST(actor_sleep_until(context, actor_deadline_after(context, 1)) == 0);
}

static void feed(size_t n)
{
	size_t n_kept = all.n_fed - all.at + n, n_live_bytes = memory_n_live_bytes();
	struct actor_peer_counts counts;
	uint8_t *copy = fuzz_copy(all.bytes + all.n_fed, n);

	all.n_fed += n;
	expect_frames();
	line_feed(&all.line, copy, n);
	free(copy);
	/* Beside a frame that is not whole there may be the answers to those that are. */
	MUST(fuzz_grown(n_live_bytes, memory_n_live_bytes()) <= (long)(2 * n_kept + 64 * 1024));
	actor_peer_counts_get(all.peer, &counts);
	MUST(counts.n_frames_read == all.n_frames);
	MUST(counts.n_bytes_read == all.at);
	MUST(all.n_served == all.n_expected);
}

static void feed_all(size_t piece)
{
	while (all.n_fed < all.n_bytes) {
		size_t n = all.n_bytes - all.n_fed;

		feed(n < piece ? n : piece);
	}
	settle();
}

/* ---- instructions */

static void put(const void *bytes, size_t n)
{
	if (n > sizeof all.bytes - all.n_bytes)
		n = sizeof all.bytes - all.n_bytes;
	if (n > 0)
		memcpy(all.bytes + all.n_bytes, bytes, n);
	all.n_bytes += n;
}

static void put_number(uint64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
	put(bytes, sizeof bytes);
}

static void put_frame(struct input *input, uint8_t which)
{
	static const uint64_t others[] = { 0, UINT64_MAX, 2 };
	const uint8_t *payload;
	size_t n = input_bytes(input, input_byte(input), &payload);

	put_number(N_HEAD + n);
	put_number(which % 6 < 3 ? services[which % 3] : others[which % 3]);
	put_number(which / 6);
	put(payload, n);
}

static void put_bytes(struct input *input, size_t n)
{
	const uint8_t *bytes;

	n = input_bytes(input, n, &bytes);
	put(bytes, n);
}

static void follow(struct input *input)
{
	while (input->n > 0) {
		uint8_t what = input_byte(input);

		if (what < 0x80)
			put_frame(input, what);
		else if (what < 0xc0)
			put_bytes(input, what - 0x7f);
		else
			feed_all((size_t)what - 0xbf);
	}
	feed_all(MOST_BYTES);
}

/* ---- */

static void open_all(struct input *input)
{
	struct actor_peer_options options = { .size = sizeof options,
					      .n_permits = MOST_FRAMES,
					      .max_held_bytes = 2 * MOST_BYTES,
					      .grace_ns = 1 };
	uint8_t most = input_byte(input);

	memset(&all, 0, sizeof all);
	all.map.ops = &map_ops;
	all.most = most < 240 ? (size_t)N_HEAD + most : (size_t)(most - 239) << 16;
	options.max_read_bytes = all.most;
	MUST(actor_simulation_create(
		     &(struct actor_simulation_options){
			     .size = sizeof(struct actor_simulation_options), .seed = 1 },
		     &all.executor) == 0);
	line_init(&all.line, all.executor);
	MUST(actor_peer_create(&all.line.transport, &options, &all.peer) == 0);
	MUST(actor_peer_serve(all.peer, &all.map) == 0);
	MUST(actor_peer_start(all.peer) == 0);
	settle();
}

static void close_all(void)
{
	struct actor_peer_counts counts;
	size_t n_frames = all.n_frames;

	/* What makes no sense ends it, and nothing else has. */
	actor_peer_counts_get(all.peer, &counts);
	MUST(counts.n_held == 0 && counts.n_frames_read == n_frames);
	MUST(all.line.shut == all.is_bad);
	line_end(&all.line, 0);
	actor_peer_close(all.peer, NULL);
	settle();
	actor_peer_unref(all.peer);
	MUST(actor_executor_join(all.executor, ACTOR_FOREVER) == 0);
	MUST(actor_executor_destroy(all.executor) == 0);
	MUST(all.line.destroyed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	long n_live = memory_n_live();

	open_all(&input);
	follow(&input);
	close_all();
	MUST(memory_n_live() == n_live);
	return 0;
}
