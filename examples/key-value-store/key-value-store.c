/* SPDX-License-Identifier: MIT */
/*
 * The store is an actor, so its state has one user at a time and needs no lock. Keys are kept in a
 * search tree of the C library. A key is there as long as it has a value or is watched; whoever
 * watches it has left us the right to be answered, which is kept with the key until the next
 * change, or until the store ends.
 */

#define _GNU_SOURCE /* tdestroy() */

#include "key-value-store.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct kv_watcher {
	struct kv_watcher *next;
	struct kv_watch_reply reply;
};

struct kv_entry {
	char key[KV_KEY_BYTES]; /* first: a key is compared with an entry as with another key */
	char *value;		/* owned; NULL: only watched */
	struct kv_watcher *watchers; /* owned */
};

struct kv_store {
	void *entries; /* root of the tree */
	size_t n_values;
};

static void kv_put_drop(void *message)
{
	free(((struct kv_put *)message)->value);
}

static void value_drop(void *answer)
{
	free(*(char **)answer);
}

ACTOR_MESSAGE_DEFINE(kv_put, "key-value-store.put", kv_put_drop, NULL);
ACTOR_MESSAGE_DEFINE(kv_get, "key-value-store.get", NULL, value_drop);
ACTOR_MESSAGE_DEFINE(kv_watch, "key-value-store.watch", NULL, value_drop);
ACTOR_SIGNAL_DEFINE(kv_remove, "key-value-store.remove", NULL);
ACTOR_MESSAGE_DEFINE(kv_count, "key-value-store.count", NULL, NULL);

static int key_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool key_is_valid(const char key[KV_KEY_BYTES])
{
	return key[0] && memchr(key, '\0', KV_KEY_BYTES);
}

static struct kv_entry *entry_find(struct kv_store *self, const char *key)
{
	struct kv_entry **node = tfind(key, &self->entries, key_compare);

	return node ? *node : NULL;
}

/* The entry of a key, made if there is none; NULL when out of memory. */
static struct kv_entry *entry_get(struct kv_store *self, const char key[KV_KEY_BYTES])
{
	struct kv_entry *entry = entry_find(self, key);

	if (entry)
		return entry;
	entry = calloc(1, sizeof *entry);
	if (!entry)
		return NULL;
	memcpy(entry->key, key, KV_KEY_BYTES);
	if (!tsearch(entry, &self->entries, key_compare)) {
		free(entry);
		return NULL;
	}
	return entry;
}

/* Answer with a copy of a value, which may be NULL. */
static void watcher_answer(struct kv_watch_reply *reply, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		kv_watch_reply_refuse(reply, ACTOR_E_NOMEM);
	else
		kv_watch_reply_answer(reply, copy);
}

/* The entry has changed: whoever has waited for that is answered. */
static void entry_notify(struct kv_entry *entry)
{
	struct kv_watcher *watcher;

	while ((watcher = entry->watchers)) {
		entry->watchers = watcher->next;
		watcher_answer(&watcher->reply, entry->value);
		free(watcher);
	}
}

static void entry_free(void *node)
{
	struct kv_entry *entry = node;
	struct kv_watcher *watcher;

	while ((watcher = entry->watchers)) {
		entry->watchers = watcher->next;
		kv_watch_reply_refuse(&watcher->reply, ACTOR_E_STOPPED);
		free(watcher);
	}
	free(entry->value);
	free(entry);
}

static void kv_store_on_kv_put(struct kv_store *self, struct kv_put *message,
			       struct kv_put_pending pending, struct actor_context *context)
{
	struct kv_put_reply reply = kv_put_reply_take(pending);
	struct kv_entry *entry;
	bool replaced;

	(void)context;
	if (!key_is_valid(message->key) || !message->value) {
		kv_put_reply_refuse(&reply, ACTOR_E_INVALID);
		return;
	}
	entry = entry_get(self, message->key);
	if (!entry) {
		kv_put_reply_refuse(&reply, ACTOR_E_NOMEM);
		return;
	}
	replaced = entry->value != NULL;
	self->n_values += !replaced;
	free(entry->value);
	entry->value = message->value;
	message->value = NULL; /* moved out */
	entry_notify(entry);
	kv_put_reply_answer(&reply, replaced);
}

static void kv_store_on_kv_get(struct kv_store *self, struct kv_get *message,
			       struct kv_get_pending pending, struct actor_context *context)
{
	struct kv_get_reply reply = kv_get_reply_take(pending);
	struct kv_entry *entry;
	char *copy = NULL;

	(void)context;
	if (!key_is_valid(message->key)) {
		kv_get_reply_refuse(&reply, ACTOR_E_INVALID);
		return;
	}
	entry = entry_find(self, message->key);
	if (entry && entry->value && !(copy = strdup(entry->value)))
		kv_get_reply_refuse(&reply, ACTOR_E_NOMEM);
	else
		kv_get_reply_answer(&reply, copy);
}

static void kv_store_on_kv_watch(struct kv_store *self, struct kv_watch *message,
				 struct kv_watch_pending pending, struct actor_context *context)
{
	struct kv_watch_reply reply = kv_watch_reply_take(pending);
	struct kv_watcher *watcher;
	struct kv_entry *entry;

	(void)context;
	if (!key_is_valid(message->key)) {
		kv_watch_reply_refuse(&reply, ACTOR_E_INVALID);
		return;
	}
	watcher = malloc(sizeof *watcher);
	entry = watcher ? entry_get(self, message->key) : NULL;
	if (!entry) {
		free(watcher);
		kv_watch_reply_refuse(&reply, ACTOR_E_NOMEM);
		return;
	}
	watcher->reply = reply;
	watcher->next = entry->watchers;
	entry->watchers = watcher;
}

static void kv_store_on_kv_remove(struct kv_store *self, struct kv_remove *message,
				  struct actor_context *context)
{
	struct kv_entry *entry = key_is_valid(message->key) ? entry_find(self, message->key) : NULL;

	(void)context;
	if (!entry || !entry->value)
		return;
	self->n_values--;
	free(entry->value);
	entry->value = NULL;
	entry_notify(entry);
	tdelete(entry, &self->entries, key_compare);
	entry_free(entry);
}

static size_t kv_store_on_kv_count(struct kv_store *self, struct kv_count *message,
				   struct actor_context *context)
{
	(void)message, (void)context;
	return self->n_values;
}

static void kv_store_destroy(struct kv_store *self)
{
	tdestroy(self->entries, entry_free);
	free(self);
}

ACTOR_DEFINE(kv_store, KV_STORE_MESSAGES, NULL, NULL, kv_store_destroy);

int kv_store_create(struct actor_spawner *spawner, union kv_store_address *ret_store)
{
	struct kv_store *state = calloc(1, sizeof *state);
	int rc;

	if (!state)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(kv_store, spawner, state, ACTOR_OPTIONS(.name = "key-value-store"),
			 ret_store);
	if (rc < 0)
		kv_store_destroy(state); /* still ours */
	return rc;
}
