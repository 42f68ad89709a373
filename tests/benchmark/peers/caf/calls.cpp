// SPDX-License-Identifier: MIT
// call, call_from_main, call_nested, big: messages that are answered.

#include "benchmark.hpp"

using namespace caf;

namespace
{

behavior last_counter()
{
	return { [](uint64_t value) { return value + 1; } };
}

// Adds one, and what all after it in the chain add.
behavior counter(event_based_actor *self, const actor &next)
{
	return { [=](uint64_t value) {
		auto promise = self->make_response_promise<uint64_t>();

		self->request(next, infinite, value + 1).then([=](uint64_t answer) mutable {
			promise.deliver(answer);
		});
		return promise;
	} };
}

actor chain(stage &stage, uint64_t n)
{
	actor head = stage.system.spawn(last_counter);

	for (uint64_t i = 1; i < n; i++)
		head = stage.system.spawn(counter, head);
	return head;
}

struct caller_state {
	uint64_t n_left = 0;
};

using caller_actor = stateful_actor<caller_state>;

// Each answer is sent with the next question, so that none can be missed.
void call(caller_actor *self, stage *stage, const actor &callee, uint64_t value, uint64_t expected)
{
	if (self->state.n_left-- == 0) {
		expect(value == expected, "the sum of the calls");
		stage->finish();
		self->quit();
		return;
	}
	self->request(callee, infinite, value).then([=](uint64_t answer) {
		call(self, stage, callee, answer, expected);
	});
}

behavior caller(caller_actor *self, stage *stage, const actor &callee, uint64_t n_levels)
{
	return { [=](uint64_t n) {
		self->state.n_left = n;
		call(self, stage, callee, 0, n * n_levels);
	} };
}

outcome run_caller(stage &stage, uint64_t n, uint64_t n_levels)
{
	actor first = stage.system.spawn(caller, &stage, chain(stage, n_levels), n_levels);

	stage.begin();
	anon_send(first, n);
	return per_operation(n * n_levels, stage.wait(1));
}

} // namespace

outcome run_call(stage &stage, const choices &given)
{
	return run_caller(stage, given.n, 1);
}

outcome run_call_nested(stage &stage, const choices &given)
{
	return run_caller(stage, given.n, given.actors);
}

outcome run_call_from_main(stage &stage, const choices &given)
{
	scoped_actor self{ stage.system };
	actor callee = stage.system.spawn(last_counter);
	uint64_t value = 0;

	stage.begin();
	for (uint64_t i = 0; i < given.n; i++)
		self->request(callee, infinite, value)
			.receive([&](uint64_t answer) { value = answer; },
				 [](error &) { wrong("no answer"); });
	expect(value == given.n, "the sum of the calls");
	return per_operation(given.n, stage.wait(0));
}

namespace
{

using begin_atom = atom_constant<atom("begin")>;
using ping_atom = atom_constant<atom("ping")>;
using pong_atom = atom_constant<atom("pong")>;

struct pinger_state {
	uint64_t random = 0;
	uint64_t n_left = 0;
};

using pinger_actor = stateful_actor<pinger_state>;

// All know all, in a vector that stays where it is until the end.
void ping_another(pinger_actor *self, const std::vector<actor> &all, uint64_t number)
{
	uint64_t &random = self->state.random;

	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	self->state.n_left--;
	self->send(all[(number + 1 + random % (all.size() - 1)) % all.size()], ping_atom::value,
		   number);
}

behavior pinger(pinger_actor *self, stage *stage, const std::vector<actor> *all, uint64_t number,
		uint64_t n)
{
	self->state.random = (number + 1) * 0x9e3779b97f4a7c15;
	self->state.n_left = n;
	return {
		[=](ping_atom, uint64_t from) { self->send((*all)[from], pong_atom::value, from); },
		[=](pong_atom, uint64_t value) {
			expect(value == number, "somebody else's pong");
			if (self->state.n_left > 0)
				ping_another(self, *all, number);
			else
				stage->finish();
		},
		[=](begin_atom) { ping_another(self, *all, number); },
	};
}

} // namespace

outcome run_big(stage &stage, const choices &given)
{
	std::vector<actor> all(given.actors);

	for (uint64_t i = 0; i < given.actors; i++)
		all[i] = stage.system.spawn(pinger, &stage, &all, i, given.n);
	stage.begin();
	for (auto &one : all)
		anon_send(one, begin_atom::value);
	double ns = stage.wait(given.actors);
	for (auto &one : all)
		anon_send_exit(one, exit_reason::user_shutdown);
	return per_operation(given.actors * given.n, ns);
}
