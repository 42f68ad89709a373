/* SPDX-License-Identifier: MIT */
/*
 * Uses the key-value store on the implementation that the command line names. All but the choice
 * is written against actor-iface, as the store is, and prints the same whichever is chosen.
 */

#include "key-value-store.h"

#include <actor-impl/actor-impl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread-per-actor.h>

/* What an implementation has to offer: somewhere to run actors, and a context for this thread. */
struct runtime {
	struct actor_spawner *spawner;
	struct actor_context *context;
	struct actor_executor *executor;
	struct actor_tpa *tpa;
};

struct implementation {
	const char *name;
	int (*begin)(struct runtime *runtime);
	int (*end)(struct runtime *runtime);
};

static int executor_begin(struct runtime *runtime)
{
	runtime->spawner = actor_executor_spawner(runtime->executor);
	runtime->context = actor_thread_context();
	if (runtime->context)
		return 0;
	actor_executor_destroy(runtime->executor);
	return ACTOR_E_NOMEM;
}

static int pool_begin(struct runtime *runtime)
{
	int rc = actor_pool_create(NULL, &runtime->executor);

	return rc < 0 ? rc : executor_begin(runtime);
}

static int local_begin(struct runtime *runtime)
{
	int rc = actor_local_create(&runtime->executor);

	return rc < 0 ? rc : executor_begin(runtime);
}

static int executor_end(struct runtime *runtime)
{
	int rc = actor_executor_join(runtime->executor, ACTOR_FOREVER);

	return rc < 0 ? rc : actor_executor_destroy(runtime->executor);
}

static int tpa_begin(struct runtime *runtime)
{
	int rc = actor_tpa_create(&runtime->tpa);

	if (rc < 0)
		return rc;
	runtime->spawner = actor_tpa_spawner(runtime->tpa);
	rc = actor_tpa_context_create(runtime->tpa, &runtime->context);
	if (rc < 0)
		actor_tpa_destroy(runtime->tpa);
	return rc;
}

static int tpa_end(struct runtime *runtime)
{
	int rc;

	actor_tpa_context_destroy(runtime->context);
	rc = actor_tpa_join(runtime->tpa, ACTOR_FOREVER);
	return rc < 0 ? rc : actor_tpa_destroy(runtime->tpa);
}

static const struct implementation implementations[] = {
	{ "pool", pool_begin, executor_end },
	{ "local", local_begin, executor_end },
	{ "thread-per-actor", tpa_begin, tpa_end },
};

static int put(struct actor_context *context, union kv_store_address store, const char *key,
	       const char *value)
{
	struct kv_put message = { .value = NULL };
	bool replaced;
	int rc;

	if (strlen(key) >= sizeof message.key)
		return ACTOR_E_INVALID;
	strcpy(message.key, key);
	message.value = strdup(value);
	if (!message.value)
		return ACTOR_E_NOMEM;
	rc = ACTOR_CALL(context, store, kv_put, &replaced, &message);
	if (rc < 0)
		actor_message_drop(&kv_put_type, &message);
	else
		printf("put %s = %s%s\n", key, value, replaced ? ", for another value" : "");
	return rc;
}

/* One that can read the store needs no more than this, and can do no more. */
static int print_value(struct actor_context *context, union kv_reader store)
{
	char *value;
	int rc = ACTOR_CALL(context, store, kv_get, &value, &(struct kv_get){ "colour" });

	if (rc < 0)
		return rc;
	printf("colour is %s\n", value ? value : "not set");
	free(value);
	return 0;
}

static int print_count(struct actor_context *context, union kv_reader store)
{
	size_t n_values;
	int rc = ACTOR_CALL(context, store, kv_count, &n_values, &(struct kv_count){ 0 });

	if (rc == 0)
		printf("keys with a value: %zu\n", n_values);
	return rc;
}

static int use_values(struct actor_context *context, union kv_store_address store)
{
	union kv_reader reader = ACTOR_FOR_ALL(kv_reader, KV_READER_MESSAGES, store);
	int rc;

	if ((rc = put(context, store, "colour", "red")) < 0 ||
	    (rc = put(context, store, "colour", "green")) < 0 ||
	    (rc = put(context, store, "size", "large")) < 0 ||
	    (rc = print_value(context, reader)) < 0 || (rc = print_count(context, reader)) < 0 ||
	    (rc = ACTOR_SEND(context, store, kv_remove, &(struct kv_remove){ "colour" })) < 0 ||
	    (rc = print_value(context, reader)) < 0 || (rc = print_count(context, reader)) < 0)
		return rc;
	rc = put(context, store, "", "nothing");
	printf("put without a key: %s\n", actor_strerror(rc));
	return 0;
}

/* Two watch the same key, and one a key that is never put. */
static int watch(struct actor_context *context, union kv_store_address store)
{
	struct kv_watch keys[] = { { "colour" }, { "colour" }, { "shape" } };
	char *values[] = { NULL, NULL, NULL };
	struct actor_future futures[3];
	int i, n_begun, rc = 0;

	for (n_begun = 0; n_begun < 3; n_begun++) {
		rc = ACTOR_CALL_BEGIN(context, &futures[n_begun], store, kv_watch, &values[n_begun],
				      &keys[n_begun]);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = put(context, store, "colour", "blue");
	if (rc == 0)
		rc = actor_future_await_all(futures, 2, ACTOR_FOREVER);
	if (rc == 0) {
		actor_address_stop(store.address, ACTOR_STOP_DRAIN);
		printf("watched: %s, %s, %s\n", values[0], values[1],
		       actor_strerror(actor_future_await(&futures[2], ACTOR_FOREVER)));
	}
	for (i = 0; i < n_begun; i++) {
		actor_future_cancel(&futures[i]);
		free(values[i]);
	}
	return rc;
}

static int run(const struct implementation *implementation)
{
	struct runtime runtime;
	union kv_store_address store;
	int rc = implementation->begin(&runtime), ended;

	if (rc < 0)
		return rc;
	rc = kv_store_create(runtime.spawner, &store);
	if (rc == 0) {
		rc = use_values(runtime.context, store);
		if (rc == 0)
			rc = watch(runtime.context, store);
		actor_address_unref(store.address);
	}
	ended = implementation->end(&runtime);
	return rc < 0 ? rc : ended;
}

static const struct implementation *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof implementations / sizeof implementations[0]; i++)
		if (strcmp(implementations[i].name, name) == 0)
			return &implementations[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct implementation *implementation = NULL;
	int rc;

	if (argc == 1)
		implementation = find("pool");
	else if (argc == 3 && strcmp(argv[1], "--implementation") == 0)
		implementation = find(argv[2]);
	if (!implementation) {
		fprintf(stderr, "usage: %s [--implementation pool|local|thread-per-actor]\n",
			argv[0]);
		return 2;
	}
	rc = run(implementation);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", argv[0], actor_strerror(rc));
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
