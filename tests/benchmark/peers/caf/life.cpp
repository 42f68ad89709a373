// SPDX-License-Identifier: MIT
// create, tree, idle, idle_waiting: actors that come and go, and that stay.

#include "benchmark.hpp"

#include <atomic>
#include <cstdio>
#include <unistd.h>

using namespace caf;

namespace
{

std::atomic<uint64_t> n_greeted;

behavior newcomer(event_based_actor *self, stage *stage, uint64_t n)
{
	return { [=](uint64_t value) {
		if (n_greeted.fetch_add(value, std::memory_order_relaxed) + value == n)
			stage->finish();
		self->quit();
	} };
}

behavior creator(event_based_actor *self, stage *stage)
{
	return { [=](uint64_t n) {
		for (uint64_t i = 0; i < n; i++)
			self->send(self->spawn(newcomer, stage, n), uint64_t{ 1 });
		self->quit();
	} };
}

} // namespace

outcome run_create(stage &stage, const choices &given)
{
	actor first = stage.system.spawn(creator, &stage);

	stage.begin();
	anon_send(first, given.n);
	stage.wait(1);
	first = nullptr;
	stage.system.await_all_actors_done();
	return per_operation(given.n, stage.wait(0));
}

namespace
{

struct node_state {
	uint64_t sum = 1;
	int n_waiting = 2;
};

behavior node(stateful_actor<node_state> *self, const actor &parent, uint64_t depth)
{
	if (depth == 0) {
		self->send(parent, uint64_t{ 1 });
		return {}; /* it ends */
	}
	for (int i = 0; i < 2; i++)
		self->spawn(node, actor_cast<actor>(self), depth - 1);
	return { [=](uint64_t sum) {
		self->state.sum += sum;
		if (--self->state.n_waiting > 0)
			return;
		self->send(parent, self->state.sum);
		self->quit();
	} };
}

behavior gardener(event_based_actor *self, stage *stage, uint64_t n)
{
	return { [=](uint64_t sum) {
		expect(sum == n, "the sum of the tree");
		stage->finish();
		self->quit();
	} };
}

} // namespace

outcome run_tree(stage &stage, const choices &given)
{
	uint64_t n = (uint64_t{ 2 } << given.depth) - 1;
	actor root_parent = stage.system.spawn(gardener, &stage, n);

	stage.begin();
	stage.system.spawn(node, root_parent, given.depth);
	return per_operation(n, stage.wait(1));
}

namespace
{

double resident_bytes()
{
	FILE *file = fopen("/proc/self/statm", "r");
	long n_pages = 0;

	expect(file && fscanf(file, "%*d %ld", &n_pages) == 1, "cannot read /proc/self/statm");
	fclose(file);
	return static_cast<double>(n_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

behavior idler()
{
	return { [](uint64_t value) { return value + 1; } };
}

outcome per_actor(uint64_t n, double bytes)
{
	return { n, "bytes_per_op", bytes / static_cast<double>(n) };
}

} // namespace

outcome run_idle(stage &stage, const choices &given)
{
	scoped_actor self{ stage.system };
	std::vector<actor> idlers(given.n);
	double before = resident_bytes();

	for (auto &one : idlers)
		one = stage.system.spawn(idler);
	for (uint64_t i = 0; i < given.n; i += given.n / 1000 + 1)
		self->request(idlers[i], infinite, i)
			.receive([=](uint64_t value) { expect(value == i + 1, "the answer"); },
				 [](error &) { wrong("no answer"); });
	return per_actor(given.n, resident_bytes() - before);
}

namespace
{

using release_atom = atom_constant<atom("release")>;

struct oracle_state {
	std::vector<std::pair<typed_response_promise<uint64_t>, uint64_t>> asked;
};

behavior oracle(stateful_actor<oracle_state> *self, stage *stage, uint64_t n)
{
	self->state.asked.reserve(n);
	return {
		[=](uint64_t value) -> result<uint64_t> {
			auto promise = self->make_response_promise<uint64_t>();

			self->state.asked.emplace_back(promise, value);
			if (self->state.asked.size() == n)
				stage->finish();
			return promise;
		},
		[=](release_atom) {
			for (auto &[promise, value] : self->state.asked)
				promise.deliver(value + 1);
			self->quit();
		},
	};
}

behavior pilgrim(event_based_actor *self, stage *stage, const actor &oracle)
{
	return { [=](uint64_t value) {
		self->request(oracle, infinite, value).then([=](uint64_t answer) {
			expect(answer == value + 1, "the answer");
			stage->finish();
			self->quit();
		});
	} };
}

} // namespace

outcome run_idle_waiting(stage &stage, const choices &given)
{
	actor asked = stage.system.spawn(oracle, &stage, given.n);
	std::vector<actor> pilgrims(given.n);
	double before = resident_bytes();

	for (uint64_t i = 0; i < given.n; i++) {
		pilgrims[i] = stage.system.spawn(pilgrim, &stage, asked);
		anon_send(pilgrims[i], i);
	}
	stage.wait(1);
	double bytes = resident_bytes() - before;
	anon_send(asked, release_atom::value);
	stage.wait(given.n);
	return per_actor(given.n, bytes);
}
