// SPDX-License-Identifier: MIT

// The workloads in CAF: event-based actors, on its scheduler.

#include "benchmark.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <semaphore.h>
#include <sstream>
#include <unistd.h>

using namespace caf;

namespace
{

sem_t finished;
std::chrono::steady_clock::time_point begun;

struct workload {
	outcome (*run)(stage &, const choices &);
	std::map<std::string, uint64_t> defaults; // the keys that it understands
};

const std::map<std::string, workload> workloads = {
	{ "pingpong", { run_pingpong, { { "n", 1000000 }, { "capacity", 0 } } } },
	{ "count", { run_count, { { "n", 5000000 }, { "capacity", 0 }, { "bytes", 8 } } } },
	{ "contention",
	  { run_contention,
	    { { "n", 5000000 }, { "senders", 100 }, { "capacity", 0 }, { "bytes", 8 } } } },
	{ "ring1", { run_ring1, { { "n", 2000000 }, { "actors", 1000 }, { "capacity", 0 } } } },
	{ "ring64", { run_ring64, { { "n", 2000000 }, { "actors", 1000 }, { "capacity", 0 } } } },
	{ "create", { run_create, { { "n", 1000000 }, { "capacity", 0 } } } },
	{ "tree", { run_tree, { { "depth", 20 }, { "capacity", 0 } } } },
	{ "call", { run_call, { { "n", 1000000 }, { "capacity", 0 } } } },
	{ "call_from_main", { run_call_from_main, { { "n", 100000 }, { "capacity", 0 } } } },
	{ "call_nested",
	  { run_call_nested, { { "n", 20000 }, { "actors", 100 }, { "capacity", 0 } } } },
	{ "idle", { run_idle, { { "n", 1000000 }, { "capacity", 0 } } } },
	{ "idle_waiting", { run_idle_waiting, { { "n", 10000 }, { "capacity", 0 } } } },
	{ "big", { run_big, { { "n", 20000 }, { "actors", 120 }, { "capacity", 0 } } } },
};

[[noreturn]] void usage(const std::string &what, const std::string &argument)
{
	fprintf(stderr, "caf-benchmark: %s: %s\n", what.c_str(), argument.c_str());
	exit(2);
}

[[noreturn]] void leave_out(const std::string &name, const char *why)
{
	printf("{\"peer\":\"caf\",\"workload\":\"%s\",\"skipped\":\"%s\"}\n", name.c_str(), why);
	exit(0);
}

uint64_t parse_number(const std::string &text, const std::string &where)
{
	char *end;
	uint64_t number = strtoull(text.c_str(), &end, 10);

	if (text.empty() || *end || number == 0)
		usage("not a positive number", where);
	return number;
}

void set(choices &given, const std::string &key, uint64_t value)
{
	static const std::map<std::string, uint64_t choices::*> members = {
		{ "n", &choices::n },
		{ "actors", &choices::actors },
		{ "senders", &choices::senders },
		{ "capacity", &choices::capacity },
		{ "bytes", &choices::bytes },
		{ "depth", &choices::depth },
	};

	given.*members.at(key) = value;
}

// Take what differs from the defaults, and write it down, space separated.
std::string parse(choices &given, const workload &chosen, char **arguments)
{
	std::string param;

	for (auto &[key, value] : chosen.defaults)
		set(given, key, value);
	for (; *arguments; arguments++) {
		std::string argument = *arguments;
		size_t equals = argument.find('=');
		std::string key = argument.substr(0, equals);
		auto by_default = chosen.defaults.find(key);

		if (equals == std::string::npos || by_default == chosen.defaults.end())
			usage("not a setting of this workload", argument);
		std::string text = argument.substr(equals + 1);
		bool is_unbounded = key == "capacity" && text == "unbounded";
		uint64_t value = is_unbounded ? 0 : parse_number(text, argument);
		set(given, key, value);
		if (value != by_default->second)
			param += (param.empty() ? "" : " ") + argument;
	}
	return param;
}

// An actor answers, so that the first thing that is measured is not a thread that starts.
void warm_up(actor_system &system)
{
	scoped_actor self{ system };
	actor echo = system.spawn(
		[]() -> behavior { return { [](uint64_t value) { return value; } }; });

	self->request(echo, infinite, uint64_t{ 1 })
		.receive([](uint64_t value) { expect(value == 1, "the echo"); },
			 [](error &) { wrong("no echo"); });
}

} // namespace

void wrong(const char *why)
{
	fprintf(stderr, "caf-benchmark: wrong: %s\n", why);
	_exit(1);
}

void stage::begin()
{
	begun = std::chrono::steady_clock::now();
}

void stage::finish()
{
	sem_post(&finished);
}

double stage::wait(uint64_t n_times)
{
	while (n_times-- > 0)
		while (sem_wait(&finished) < 0)
			;
	return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun)
		.count();
}

int main(int argc, char **argv)
{
	if (argc < 3)
		usage("arguments are missing", "WORKLOAD THREADS");
	std::string name = argv[1];
	if (name == "latency")
		leave_out(name, "not written for CAF");
	auto found = workloads.find(name);
	if (found == workloads.end())
		usage("no such workload", name);
	uint64_t threads = parse_number(argv[2], "THREADS");
	choices given;
	std::string param = parse(given, found->second, argv + 3);
	if (given.capacity != 0)
		leave_out(name, "there are no bounded mailboxes");

	actor_system_config config;
	config.set("scheduler.max-threads", static_cast<size_t>(threads));
	// Stealing, the default, walks the list of all actors that wait for each that it takes.
	if (name == "create" && threads > 1)
		config.set("scheduler.policy", atom("sharing"));
	actor_system system{ config };
	sem_init(&finished, 0, 0);
	warm_up(system);
	stage stage{ system };
	outcome out = found->second.run(stage, given);
	printf("{\"peer\":\"caf\",\"workload\":\"%s\",\"threads\":%llu,\"param\":\"%s\","
	       "\"n\":%llu,\"%s\":%.2f}\n",
	       name.c_str(), static_cast<unsigned long long>(threads), param.c_str(),
	       static_cast<unsigned long long>(out.n), out.figure, out.value);
	return 0;
}
