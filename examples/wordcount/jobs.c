/* SPDX-License-Identifier: MIT */
#include "jobs.h"

ACTOR_SCHEMA_TUPLE_DEFINE(counted, ACTOR_MEMBER(counted, words, actor_blob),
			  ACTOR_MEMBER(counted, counts, actor_u64_list));

ACTOR_MESSAGE_DEFINE(count, "wordcount.count", count_schema_drop, counted_schema_drop);
ACTOR_SCHEMA_NEWTYPE_DEFINE(count, text, actor_blob);
ACTOR_CALL_SERVICE_DEFINE(count, "Count", count, counted);

ACTOR_NAMESPACE_DEFINE(jobs, "wordcount", JOBS_SERVICES);
