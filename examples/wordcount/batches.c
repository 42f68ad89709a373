/* SPDX-License-Identifier: MIT */
#include "batches.h"

#include <stdlib.h>

/* What the tables hold together at most: as much as a second-level cache does. */
#define N_TABLES_WORDS 8192
#define N_TABLES_BYTES ((size_t)256 << 10)

/* Sending moves the words away: what stays behind is an empty batch. */
int batches_send(struct batches *batches, size_t i, struct actor_context *context)
{
	return ACTOR_SEND(context, batches->counters[i], batch, &batches->batches[i]);
}

int batches_send_rest(struct batches *batches, struct actor_context *context)
{
	int rc = 0;

	for (size_t i = 0; i < batches->n_counters && rc == 0; i++)
		if (batches->batches[i].words.n_words > 0)
			rc = batches_send(batches, i, context);
	return rc;
}

int batches_add_text(struct batches *batches, char *bytes, size_t n, struct actor_context *context)
{
	struct word found[WORDS_AT_A_TIME];
	struct words words;
	size_t n_found;
	int rc = 0;

	words_init(&words, bytes, n);
	while (rc == 0 && (n_found = words_take(&words, found, WORDS_AT_A_TIME)) > 0)
		for (size_t i = 0; i < n_found && rc == 0; i++)
			rc = batches_add(batches, &found[i], 1, context);
	return rc;
}

/* An equal share for each counter, but not too small to be worth sending. */
static size_t share(size_t all, size_t n_counters, size_t least)
{
	return all / n_counters > least ? all / n_counters : least;
}

bool batches_init(struct batches *batches, const union counter_address *counters, size_t n_counters)
{
	*batches = (struct batches){
		.counters = calloc(n_counters, sizeof *batches->counters),
		.batches = calloc(n_counters, sizeof *batches->batches),
		.n_most_words = share(N_TABLES_WORDS, n_counters, 64),
		.n_most_bytes = share(N_TABLES_BYTES, n_counters, 2048),
	};
	if (!batches->counters || !batches->batches)
		return false;
	for (size_t i = 0; i < n_counters; i++)
		batches->counters[i].address = actor_address_ref(counters[i].address);
	batches->n_counters = n_counters;
	return true;
}

void batches_deinit(struct batches *batches)
{
	for (size_t i = 0; i < batches->n_counters; i++) {
		actor_address_unref(batches->counters[i].address);
		table_deinit(&batches->batches[i].words);
	}
	free(batches->counters);
	free(batches->batches);
	*batches = (struct batches){ 0 };
}
