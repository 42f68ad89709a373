/* SPDX-License-Identifier: MIT */
#ifndef KEY_VALUE_STORE_H
#define KEY_VALUE_STORE_H

/**
 * DOC: key-value-store, a library whose API is an actor
 *
 * It knows the contracts of actor-iface and no implementation: which one runs the store is the
 * choice of whoever calls kv_store_create(). All else is done by messages:
 *
 *	char *value = strdup("red");
 *	rc = ACTOR_CALL(context, store, kv_put, NULL, &(struct kv_put){ "colour", value });
 */

#include <actor-iface/actor-iface.h>

#ifdef __cplusplus
extern "C" {
#endif

/** KV_KEY_BYTES - room for a key and the zero byte that ends it */
#define KV_KEY_BYTES 32

/**
 * struct kv_put - keep a value
 * @key:   not empty, and terminated
 * @value: owned; not NULL
 *
 * Answer: whether the key had a value before, which is released.
 * ACTOR_E_INVALID for a key or a value that is none; ACTOR_E_NOMEM.
 */
struct kv_put {
	char key[KV_KEY_BYTES];
	char *value;
};

/**
 * struct kv_get - ask for a value
 * @key: not empty, and terminated
 *
 * Answer: a copy of the value, the caller's to free(); NULL when the key has none.
 * ACTOR_E_INVALID for a key that is none; ACTOR_E_NOMEM.
 */
struct kv_get {
	char key[KV_KEY_BYTES];
};

/**
 * struct kv_watch - ask for the value that a key is given next
 * @key: not empty, and terminated
 *
 * Answered by the next kv_put, or kv_remove, of this key: as kv_get then. ACTOR_E_STOPPED when the
 * store ends before.
 */
struct kv_watch {
	char key[KV_KEY_BYTES];
};

/**
 * struct kv_remove - forget a value; nothing answers
 * @key: of the value
 */
struct kv_remove {
	char key[KV_KEY_BYTES];
};

/**
 * struct kv_count - ask how many keys have a value
 * @none: C has no empty structs
 *
 * Answer: the number.
 */
struct kv_count {
	char none;
};

ACTOR_MESSAGE(kv_put, bool);
ACTOR_MESSAGE(kv_get, char *);
ACTOR_MESSAGE(kv_watch, char *);
ACTOR_SIGNAL(kv_remove);
ACTOR_MESSAGE(kv_count, size_t);

/* What a reader needs; ACTOR_FOR_ALL(kv_reader, KV_READER_MESSAGES, store) hands out no more. */
#define KV_READER_MESSAGES(CALL, SEND, X)                                                          \
	CALL(X, kv_get)                                                                            \
	CALL(X, kv_watch)                                                                          \
	CALL(X, kv_count)
ACTOR_RECIPIENT(kv_reader, KV_READER_MESSAGES);

#define KV_STORE_MESSAGES(CALL, SEND, X)                                                           \
	KV_READER_MESSAGES(CALL, SEND, X)                                                          \
	CALL(X, kv_put)                                                                            \
	SEND(X, kv_remove)
ACTOR_DECLARE(kv_store, KV_STORE_MESSAGES);

/**
 * kv_store_create() - start a store
 * @spawner:   of whatever implementation is to run it
 * @ret_store: its address, the caller's to release; the store ends with the last one
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, or why the spawner refused
 */
int kv_store_create(struct actor_spawner *spawner, union kv_store_address *ret_store);

#ifdef __cplusplus
}
#endif

#endif
