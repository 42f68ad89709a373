// SPDX-License-Identifier: MIT
// pingpong, count, contention, ring1, ring64: messages that nothing answers.

#include "benchmark.hpp"

#include <array>

using namespace caf;

namespace
{

using ball = uint64_t;
using meet_atom = atom_constant<atom("meet")>;

struct player_state {
	actor opponent;
	uint64_t expected = 0;
};

behavior player(stateful_actor<player_state> *self, stage *stage, uint64_t first, uint64_t last)
{
	self->state.expected = first;
	return {
		[=](meet_atom, const actor &opponent) { self->state.opponent = opponent; },
		[=](ball hits) {
			expect(hits == self->state.expected, "the ball was hit in between");
			self->state.expected += 2;
			if (hits == last) {
				stage->finish();
				self->send_exit(self->state.opponent, exit_reason::user_shutdown);
				self->quit();
			} else {
				self->send(self->state.opponent, hits + 1);
			}
		},
	};
}

} // namespace

outcome run_pingpong(stage &stage, const choices &given)
{
	actor ping = stage.system.spawn(player, &stage, uint64_t{ 0 }, 2 * given.n);
	actor pong = stage.system.spawn(player, &stage, uint64_t{ 1 }, 2 * given.n);

	anon_send(ping, meet_atom::value, pong);
	anon_send(pong, meet_atom::value, ping);
	stage.begin();
	anon_send(ping, ball{ 0 });
	return per_operation(given.n, stage.wait(1));
}

template <size_t N> struct load {
	std::array<uint64_t, N> words;
};

template <> struct load<1> {
	uint64_t words[1];
};

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(load<1>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(load<8>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(load<64>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(load<512>)

namespace
{

struct tally_state {
	uint64_t n = 0;
	uint64_t sum = 0;
};

template <size_t N>
behavior counter(stateful_actor<tally_state> *self, stage *stage, uint64_t n, uint64_t sum)
{
	return { [=](const load<N> &message) {
		self->state.sum += message.words[0];
		if (++self->state.n < n)
			return;
		expect(self->state.sum == sum, "the sum of what was sent");
		stage->finish();
		self->quit();
	} };
}

template <size_t N> behavior producer(event_based_actor *self, const actor &counter)
{
	return { [=](uint64_t n) {
		load<N> message{};

		for (uint64_t i = 0; i < n; i++) {
			message.words[0] = i;
			self->send(counter, message);
		}
		self->quit();
	} };
}

template <size_t N> outcome run_loads(stage &stage, const choices &given, uint64_t n_senders)
{
	uint64_t n_each = given.n / n_senders, n = n_each * n_senders;
	actor receiver = stage.system.spawn(counter<N>, &stage, n,
					    n_senders * (n_each * (n_each - 1) / 2));
	std::vector<actor> senders;

	for (uint64_t i = 0; i < n_senders; i++)
		senders.push_back(stage.system.spawn(producer<N>, receiver));
	stage.begin();
	for (auto &sender : senders)
		anon_send(sender, n_each);
	return per_operation(n, stage.wait(1));
}

outcome run_loads_of(stage &stage, const choices &given, uint64_t n_senders)
{
	switch (given.bytes) {
	case 8:
		return run_loads<1>(stage, given, n_senders);
	case 64:
		return run_loads<8>(stage, given, n_senders);
	case 512:
		return run_loads<64>(stage, given, n_senders);
	case 4096:
		return run_loads<512>(stage, given, n_senders);
	}
	wrong("messages are of 8, 64, 512 or 4096 bytes");
}

} // namespace

outcome run_count(stage &stage, const choices &given)
{
	return run_loads_of(stage, given, 1);
}

outcome run_contention(stage &stage, const choices &given)
{
	return run_loads_of(stage, given, given.senders);
}

namespace
{

struct link_state {
	actor next;
};

using token = uint64_t;

behavior link(stateful_actor<link_state> *self, stage *stage)
{
	return {
		[=](meet_atom, const actor &next) { self->state.next = next; },
		[=](token n_hops) {
			if (n_hops == 0)
				stage->finish();
			else
				self->send(self->state.next, n_hops - 1);
		},
	};
}

outcome run_ring(stage &stage, const choices &given, uint64_t n_tokens)
{
	uint64_t n_hops = given.n / n_tokens;
	std::vector<actor> links;

	for (uint64_t i = 0; i < given.actors; i++)
		links.push_back(stage.system.spawn(link, &stage));
	for (uint64_t i = 0; i < given.actors; i++)
		anon_send(links[i], meet_atom::value, links[(i + 1) % given.actors]);
	stage.begin();
	for (uint64_t i = 0; i < n_tokens; i++)
		anon_send(links[i * given.actors / n_tokens], token{ n_hops - 1 });
	double ns = stage.wait(n_tokens);
	for (auto &one : links)
		anon_send_exit(one, exit_reason::user_shutdown);
	return per_operation(n_tokens * n_hops, ns);
}

} // namespace

outcome run_ring1(stage &stage, const choices &given)
{
	return run_ring(stage, given, 1);
}

outcome run_ring64(stage &stage, const choices &given)
{
	return run_ring(stage, given, 64);
}
