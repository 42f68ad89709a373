// SPDX-License-Identifier: MIT
#pragma once

#include <caf/all.hpp>

#include <cstdint>
#include <string>
#include <vector>

// Of the protocol, see ../../README.md. A capacity other than 0 is a bounded mailbox, which CAF
// does not have.
struct choices {
	uint64_t n = 0;
	uint64_t actors = 0;
	uint64_t senders = 0;
	uint64_t capacity = 0;
	uint64_t bytes = 0;
	uint64_t depth = 0;
};

struct outcome {
	uint64_t n;
	const char *figure;
	double value;
};

// What a workload runs on. Handlers tell the main thread that it is over, or a part of it.
struct stage {
	caf::actor_system &system;

	void begin();
	void finish();
	double wait(uint64_t n_times); // nanoseconds since begin()
};

[[noreturn]] void wrong(const char *why);

inline void expect(bool condition, const char *what)
{
	if (!condition)
		wrong(what);
}

inline outcome per_operation(uint64_t n, double ns)
{
	return { n, "ns_per_op", ns / static_cast<double>(n) };
}

outcome run_pingpong(stage &stage, const choices &given);
outcome run_count(stage &stage, const choices &given);
outcome run_contention(stage &stage, const choices &given);
outcome run_ring1(stage &stage, const choices &given);
outcome run_ring64(stage &stage, const choices &given);
outcome run_create(stage &stage, const choices &given);
outcome run_tree(stage &stage, const choices &given);
outcome run_call(stage &stage, const choices &given);
outcome run_call_from_main(stage &stage, const choices &given);
outcome run_call_nested(stage &stage, const choices &given);
outcome run_idle(stage &stage, const choices &given);
outcome run_idle_waiting(stage &stage, const choices &given);
outcome run_big(stage &stage, const choices &given);
