/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_JOBS_H
#define WORDCOUNT_JOBS_H

/*
 * What a wordcount and its workers have to agree on. On the wire this is "wordcount :: Count".
 */

#include <actor-remote/actor-remote.h>

/** JOBS_MOST_BYTES - a longer text is sent to no worker. So what answers fits in a frame, too: in
 * it a word takes at most half as many bytes again as in a text, where one follows the other */
#define JOBS_MOST_BYTES ((size_t)512 << 10)

/**
 * struct counted - how often words were seen
 * @words:  one after the other, each followed by a space
 * @counts: of each
 */
struct counted {
	struct actor_blob words;
	struct actor_u64_list counts;
};
ACTOR_SCHEMA(counted);

/**
 * struct count - count the words of a text that cuts none; answered with a struct counted
 * @text: at most JOBS_MOST_BYTES
 */
struct count {
	struct actor_blob text;
};
ACTOR_MESSAGE(count, struct counted);
ACTOR_SCHEMA(count);

#define JOBS_SERVICES(CALL, SEND, X) CALL(X, count)
ACTOR_NAMESPACE_DECLARE(jobs, JOBS_SERVICES);

#endif
