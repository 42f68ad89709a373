/* SPDX-License-Identifier: MIT */

#include "services.h"

ACTOR_MESSAGE_DEFINE(echo, "benchmark.echo", NULL, NULL);
ACTOR_SCHEMA_NEWTYPE_DEFINE(echo, number, actor_u64);
ACTOR_CALL_SERVICE_DEFINE(echo, "Echo", echo, actor_u64);

ACTOR_SIGNAL_DEFINE(tell, "benchmark.tell", NULL);
ACTOR_SCHEMA_ARRAY_DEFINE(numbers, actor_u64, N_NUMBERS);
ACTOR_SCHEMA_NEWTYPE_DEFINE(tell, numbers, numbers);
ACTOR_SEND_SERVICE_DEFINE(tell, "Tell", tell);

ACTOR_MESSAGE_DEFINE(total, "benchmark.total", NULL, NULL);
ACTOR_SCHEMA_UNIT_DEFINE(total);
ACTOR_CALL_SERVICE_DEFINE(total, "Total", total, actor_u64);

ACTOR_NAMESPACE_DEFINE(benchmark, BENCHMARK_NAMESPACE, BENCHMARK_SERVICES);
