/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUPPORT_PROBE_H
#define TEST_SUPPORT_PROBE_H

#include <actor-iface/context.h>
#include <pthread.h>

/**
 * struct probe - what actors did, in the order in which they did it
 *
 * Handlers run on threads and stacks where a test must not assert: they record words, and the
 * test's own thread waits for words and looks at the text.
 *
 * All members are the probe's.
 */
struct probe {
	pthread_mutex_t lock;
	char text[16384];
	char snapshot[16384];
	size_t n_text;
	struct actor_reply *waiting;
	char wanted[64];
	size_t wanted_count;
};

/** probe_init() - nothing recorded */
void probe_init(struct probe *probe);

/** probe_deinit() - nobody records or waits any more */
void probe_deinit(struct probe *probe);

/**
 * probe_record() - add a word
 * @probe:  where
 * @format: as for printf(); the result is below 64 characters, without spaces
 *
 * Thread:  any; not inside a wake
 */
ACTOR__PRINTF(2, 3)
void probe_record(struct probe *probe, const char *format, ...);

/** probe_count() - how often a word has been recorded. Thread: any */
size_t probe_count(struct probe *probe, const char *word);

/** probe_text() - all words with a space between; valid until the next call. Thread: the test's */
const char *probe_text(struct probe *probe);

/** probe_text_of() - only the words that begin so. Otherwise as probe_text() */
const char *probe_text_of(struct probe *probe, const char *prefix);

/** probe_clear() - forget what was recorded. Thread: any */
void probe_clear(struct probe *probe);

/**
 * probe_await() - wait until a word has been recorded often enough
 * @probe:       where
 * @context:     the waiting thread's; one thread at a time
 * @word:        to wait for
 * @count:       how often it must be there
 * @deadline_ns: absolute
 *
 * Thread:  context
 * Return:  0, or why the wait ended: ACTOR_E_TIMEOUT, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD int probe_await(struct probe *probe, struct actor_context *context,
				const char *word, size_t count, int64_t deadline_ns);

#endif
