/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_SERVICES_H
#define ACTOR_REMOTE_SERVICES_H

#include <actor-iface/typed-message.h>
#include <actor-remote/service-map.h>

ACTOR__BEGIN_C

/**
 * DOC: services, declared once for both sides
 *
 * In a header that both programs include:
 *
 *	struct add { int64_t n; };
 *	ACTOR_MESSAGE(add, struct actor_unit);
 *	ACTOR_SCHEMA(add);
 *	struct show { char unit; };
 *	ACTOR_MESSAGE(show, int64_t);
 *	ACTOR_SCHEMA(show);
 *
 *	#define REMOTES_SERVICES(CALL, SEND, X) CALL(X, add) CALL(X, show)
 *	ACTOR_NAMESPACE_DECLARE(remotes, REMOTES_SERVICES);
 *
 * and in one .c file:
 *
 *	ACTOR_MESSAGE_DEFINE(add, "remotes.add", NULL, NULL);
 *	ACTOR_SCHEMA_NEWTYPE_DEFINE(add, n, actor_i64);
 *	ACTOR_CALL_SERVICE_DEFINE(add, "Add", add, actor_unit);
 *	...
 *	ACTOR_NAMESPACE_DEFINE(remotes, "remotes", REMOTES_SERVICES);
 *
 * The side that serves gives each message an actor that handles it:
 *
 *	rc = remotes_services_create(&services);
 *	rc = ACTOR_SERVE(remotes, services, add, sum);      any address that handles add
 *	rc = actor_peer_serve(peer, services.map);
 *
 * The side that calls has an address like any other:
 *
 *	union remotes_address remote;
 *	rc = remotes_remote(peer, &remote);
 *	rc = ACTOR_CALL(context, remote, add, &unit, &(struct add){ .n = 5 });
 */

/**
 * struct actor_service - a message that may come over a connection
 * @size:   sizeof(struct actor_service) as its definer compiled it
 * @type:   of the message
 * @name:   on the wire: "Add"
 * @schema: of the message
 * @reply:  of its answer; NULL if it has none
 */
struct actor_service {
	size_t size;
	const struct actor_message_type *type;
	const char *name;
	const struct actor_schema *schema;
	const struct actor_schema *reply;
};

/**
 * struct actor_namespace - services that belong together
 * @size:       sizeof(struct actor_namespace) as its definer compiled it
 * @name:       on the wire: "remotes"
 * @services:   all of them
 * @n_services: how many
 */
struct actor_namespace {
	size_t size;
	const char *name;
	const struct actor_service *const *services;
	size_t n_services;
};

/**
 * actor_services_create() - a service map of local actors, without any yet
 * @name_space: what it may offer; lives for ever
 * @ret_map:    the caller's to unref
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM; ACTOR_E_INVALID when two services have one id, or one has none
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_services_create(const struct actor_namespace *name_space,
						       struct actor_service_map **ret_map);

/**
 * actor_services_register() - offer a service
 * @map:     by actor_services_create() or actor_services_clone()
 * @type:    of its message
 * @address: who serves it; referenced, and kept alive if strong. It replaces whoever did before
 *
 * Peers that have the map offer it from now on. What waits there for room of whoever did before
 * goes to this one, at the latest when more comes for the service, and before that.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_INVALID when the namespace has no such service, ACTOR_E_UNHANDLED when the
 *          address does not handle it, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_services_register(struct actor_service_map *map,
							 const struct actor_message_type *type,
							 struct actor_address *address);

/**
 * actor_services_register_all() - offer all services of the namespace, by one who serves them all
 * @map:     as for actor_services_register()
 * @address: likewise
 *
 * Thread:  any
 * Return:  0; ACTOR_E_UNHANDLED when the address does not handle one of them, ACTOR_E_INVALID for a
 *          map of another kind, and nothing has changed
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_services_register_all(struct actor_service_map *map,
							     struct actor_address *address);

/** actor_services_unregister() - offer it no more; that it was not offered is fine. Thread: any */
ACTOR_EXPORT void actor_services_unregister(struct actor_service_map *map,
					    const struct actor_message_type *type);

/** actor_services_clone() - another map, with the same actors. 0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 * for a map of another kind. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_services_clone(struct actor_service_map *map,
						      struct actor_service_map **ret_map);

/**
 * actor_remote_address() - the address of what the other side of a peer serves
 * @peer:        to which connection
 * @name_space:  of what may be sent there; that it is served is for whoever is there to say
 * @ret_address: the caller's to unref
 *
 * An address like any other, and tested as those are. What is different from one of an actor in
 * this process:
 *
 * - It keeps neither the peer nor anybody at the other side alive, and weak ones are as good. It is
 *   closed when the connection is, and not by the end of whoever serves it.
 * - Its identity is the peer's. It cannot be stopped.
 * - It is full while more than a set number of bytes wait to be written, however many messages that
 *   are. What it refuses at once beside that: ACTOR_E_TOO_BIG; ACTOR_E_ENCODE, of which the detail
 *   says what is wrong with the message, and where: actor_error(), actor_address_explain().
 * - What a message owns is written down and dropped here; at the other side arrives what its schema
 *   has, aligned as malloc() does.
 * - That a call was accepted there and not answered is told, and not why: ACTOR_E_REMOTE_FAILED.
 *   What it may end with beside that is in error.h.
 * - Who handles a call does not see that its caller has gone, and answers nobody.
 * - Actors that wait for each other over connections are not found: see deadlock.h.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_remote_address(struct actor_peer *peer,
						      const struct actor_namespace *name_space,
						      struct actor_address **ret_address);

ACTOR__END_C

/**
 * ACTOR_NAMESPACE_DECLARE() - declare services that belong together
 * @N:    their name in the program
 * @LIST: their messages, as for ACTOR_DECLARE(); each has a service in one .c file
 *
 * Declares
 *
 * - N_namespace, and of each message M the struct actor_service M_service;
 * - union N_address: the typed address of who serves all of these at the other side of a
 *   connection. Its member address is the erased one. N_address_from(address, &typed): of an erased
 *   one, checked;
 * - N_remote(peer, &remote): actor_remote_address(), typed;
 * - struct N_services: a typed service map, whose member map is the erased one, and
 *   N_services_create(&services).
 */
#define ACTOR_NAMESPACE_DECLARE(N, LIST)                                                           \
	ACTOR__RECIPIENT(N##_address, LIST(ACTOR__WITNESS, ACTOR__WITNESS, N),                     \
			 LIST(ACTOR__HANDLED, ACTOR__HANDLED, erased))                             \
	LIST(ACTOR__SERVICE_DECLARED, ACTOR__SERVICE_DECLARED, N)                                  \
	ACTOR__LINKAGE const struct actor_namespace N##_namespace;                                 \
	struct N##_services {                                                                      \
		struct actor_service_map *map;                                                     \
	};                                                                                         \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int N##_services_create(                       \
		struct N##_services *ret_services)                                                 \
	{                                                                                          \
		return actor_services_create(&N##_namespace, &ret_services->map);                  \
	}                                                                                          \
	ACTOR__UNUSED static inline struct actor_service_map *N##_services__map(                   \
		struct N##_services services, size_t witness)                                      \
	{                                                                                          \
		(void)witness;                                                                     \
		return services.map;                                                               \
	}                                                                                          \
	ACTOR_NODISCARD ACTOR__UNUSED static inline int N##_remote(struct actor_peer *peer,        \
								   union N##_address *ret_remote)  \
	{                                                                                          \
		return actor_remote_address(peer, &N##_namespace, &ret_remote->address);           \
	}                                                                                          \
	ACTOR__SEMICOLON(N##_namespace)
#define ACTOR__SERVICE_DECLARED(N, M) ACTOR__LINKAGE const struct actor_service M##_service;

/**
 * ACTOR_NAMESPACE_DEFINE() - define what ACTOR_NAMESPACE_DECLARE() declared
 * @N:    as declared
 * @NAME: on the wire: "remotes"
 * @LIST: as declared
 */
#define ACTOR_NAMESPACE_DEFINE(N, NAME, LIST)                                                      \
	LIST(ACTOR__SERVICE_IS_CALL, ACTOR__SERVICE_IS_SEND, N)                                    \
	static const struct actor_service *const N##__services[] = { LIST(                         \
		ACTOR__SERVICE_ROW, ACTOR__SERVICE_ROW, N) };                                      \
	const struct actor_namespace N##_namespace = { sizeof(struct actor_namespace), NAME,       \
						       N##__services,                              \
						       sizeof N##__services /                      \
							       sizeof N##__services[0] }
#define ACTOR__SERVICE_ROW(N, M) &M##_service,
#define ACTOR__SERVICE_IS_CALL(N, M)                                                               \
	ACTOR__STATIC_ASSERT(sizeof(struct M##_has_an_answer), "a signal has none");
#define ACTOR__SERVICE_IS_SEND(N, M)                                                               \
	ACTOR__STATIC_ASSERT(sizeof(struct M##_is_a_signal), "a message with an answer is none");

/**
 * ACTOR_CALL_SERVICE_DEFINE() - define the service of a message with an answer
 * @M:    the message: as declared by ACTOR_MESSAGE()
 * @NAME: on the wire: "Add"
 * @X:    what has its schema: of the type struct M
 * @R:    what has the schema of its answer: of the answer's type
 *
 * In one .c file, as M_service; of a message that is in several namespaces, once.
 */
#define ACTOR_CALL_SERVICE_DEFINE(M, NAME, X, R)                                                   \
	ACTOR__STATIC_ASSERT(ACTOR__SAME(struct M, X##_value),                                     \
			     "the schema of " #M " is of another type");                           \
	ACTOR__STATIC_ASSERT(ACTOR__SAME(M##_reply_value, R##_value),                              \
			     "the schema of the answer to " #M " is of another type");             \
	const struct actor_service M##_service = { sizeof(struct actor_service), &M##_type, NAME,  \
						   &X##_schema, &R##_schema }

/** ACTOR_SEND_SERVICE_DEFINE() - the same of a signal: (M, NAME, X) */
#define ACTOR_SEND_SERVICE_DEFINE(M, NAME, X)                                                      \
	ACTOR__STATIC_ASSERT(sizeof(struct M##_is_a_signal), "a message with an answer is none");  \
	ACTOR__STATIC_ASSERT(ACTOR__SAME(struct M, X##_value),                                     \
			     "the schema of " #M " is of another type");                           \
	const struct actor_service M##_service = { sizeof(struct actor_service), &M##_type, NAME,  \
						   &X##_schema, NULL }

/* Whether two types are the same. */
#ifdef __cplusplus
extern "C++" {
template <class A, class B> constexpr bool actor__same(A *, B *)
{
	return false;
}
template <class A> constexpr bool actor__same(A *, A *)
{
	return true;
}
}
#define ACTOR__SAME(A, B) actor__same((A *)NULL, (B *)NULL)
#else
#define ACTOR__SAME(A, B) _Generic((A *)NULL, B * : 1, default : 0)
#endif

/**
 * ACTOR_SERVE() - actor_services_register(): (N, services, M, to)
 *
 * @services is a struct N_services, @to any typed address or recipient of M.
 */
#define ACTOR_SERVE(N, services, M, to)                                                            \
	actor_services_register(                                                                   \
		N##_services__map(services, sizeof(((union N##_address *)NULL)->handles->M)),      \
		&M##_type, ACTOR_FOR(M, to).address)

/**
 * ACTOR_SERVE_ALL() - actor_services_register_all(): (N, LIST, services, to)
 *
 * @LIST is what the namespace was declared with, and @to any typed address or recipient of all of
 * that: like one of an actor that was declared with the same list.
 */
#define ACTOR_SERVE_ALL(N, LIST, services, to)                                                     \
	actor_services_register_all(                                                               \
		N##_services__map(services, 0 LIST(ACTOR__TESTED, ACTOR__TESTED,                   \
						   *(union N##_address *)NULL)),                   \
		ACTOR_FOR_ALL(N##_address, LIST, to).address)

/** ACTOR_SERVICE_ID() - actor_service_id() of a message of a namespace: (N, M), for relays and
 * topics; 0 as there */
#define ACTOR_SERVICE_ID(N, M)                                                                     \
	((void)sizeof(((union N##_address *)NULL)->handles->M),                                    \
	 actor_service_id(N##_namespace.name, M##_service.name))

#endif
