/* SPDX-License-Identifier: MIT */
#ifndef SERVICES_H
#define SERVICES_H

#include <actor-impl/actor-impl.h>
#include <actor-remote/io.h>
#include <actor-remote/peer.h>
#include <actor-remote/relay-map.h>
#include <actor-remote/services.h>

/* What is served, by the library and by hand. */
#define BENCHMARK_NAMESPACE "benchmark"

/* Answered with the same number: 9 bytes each way, as of 2^32. */
ACTOR_SCHEMA(echo);
struct echo {
	uint64_t number;
};
ACTOR_MESSAGE(echo, uint64_t);

/* 64 bytes of numbers from 2^32 on, the first of which are added up. */
enum { N_NUMBERS = 7 };
ACTOR_SCHEMA(tell);
ACTOR_SCHEMA_ARRAY(numbers, actor_u64, N_NUMBERS);
struct tell {
	numbers_value numbers;
};
ACTOR_SIGNAL(tell);

/* Their sum. */
ACTOR_SCHEMA(total);
struct total {
	char none;
};
ACTOR_MESSAGE(total, uint64_t);

#define BENCHMARK_SERVICES(CALL, SEND, X) CALL(X, echo) CALL(X, total) SEND(X, tell)
ACTOR_NAMESPACE_DECLARE(benchmark, BENCHMARK_SERVICES);

#endif
