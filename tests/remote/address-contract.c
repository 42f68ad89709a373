/* SPDX-License-Identifier: MIT */

/*
 * The contract of addresses, tested on remote ones: of actors in a simulation, each of which is
 * reached over a connection of its own. So whatever a test sends, calls or asks goes through two
 * peers; its actors, contexts and replies are those of actor-impl. With "session" as an argument,
 * the addresses are those of sessions.
 *
 * What a message owns does not travel, here: it is dropped where it is written down, as its
 * contract says, and what arrives owns nothing. Addresses do not travel either, nor what is aligned
 * further than malloc() does.
 */

#include <actor-impl/actor-impl.h>
#include <actor-remote/peer.h>
#include <actor-remote/services.h>
#include <actor-remote/session.h>
#include <contract/player.h>
#include <contract/subjects/actor-impl-subject.h>
#include <stdlib.h>

/* ---- what may be sent there */

ACTOR_SCHEMA(play_note);
ACTOR_SCHEMA(play_parcel);
ACTOR_SCHEMA(play_ping);
ACTOR_SCHEMA(play_flush);
ACTOR_SCHEMA(play_fetch);
ACTOR_SCHEMA(owned);
ACTOR_SCHEMA_ARRAY(bulk_bytes, actor_u8, 10 * 1024);
ACTOR_SCHEMA(play_bulk);
ACTOR_SCHEMA(play_perform);

/* Both sides are in one process, so a pointer is as good there. */
#define POINTER(M)                                                                                 \
	{                                                                                          \
#M, sizeof #M - 1, offsetof(struct play_perform, M),                               \
			sizeof(void *) == 8 ? &actor_u64_schema : &actor_u32_schema, 0             \
	}

ACTOR_SCHEMA_NEWTYPE_DEFINE(play_note, number, actor_i64);
ACTOR_SCHEMA_NEWTYPE_DEFINE(play_parcel, number, actor_i64);
ACTOR_SCHEMA_NEWTYPE_DEFINE(play_ping, number, actor_i64);
ACTOR_SCHEMA_UNIT_DEFINE(play_flush);
ACTOR_SCHEMA_UNIT_DEFINE(play_fetch);
ACTOR_SCHEMA_UNIT_DEFINE(owned);
ACTOR_SCHEMA_ARRAY_DEFINE(bulk_bytes, actor_u8, 10 * 1024);
ACTOR_SCHEMA_NEWTYPE_DEFINE(play_bulk, bytes, bulk_bytes);
ACTOR_SCHEMA_TUPLE_DEFINE(play_perform, POINTER(act), POINTER(user),
			  ACTOR_MEMBER(play_perform, number, actor_i64));

ACTOR_SEND_SERVICE_DEFINE(play_note, "Note", play_note);
ACTOR_SEND_SERVICE_DEFINE(play_parcel, "Parcel", play_parcel);
ACTOR_CALL_SERVICE_DEFINE(play_ping, "Ping", play_ping, actor_i64);
ACTOR_CALL_SERVICE_DEFINE(play_flush, "Flush", play_flush, actor_unit);
ACTOR_CALL_SERVICE_DEFINE(play_fetch, "Fetch", play_fetch, owned);
ACTOR_CALL_SERVICE_DEFINE(play_bulk, "Bulk", play_bulk, play_bulk);
ACTOR_CALL_SERVICE_DEFINE(play_perform, "Perform", play_perform, actor_i64);

#define PLAYERS_SERVICES(CALL, SEND, X)                                                            \
	SEND(X, play_note)                                                                         \
	SEND(X, play_parcel)                                                                       \
	CALL(X, play_ping)                                                                         \
	CALL(X, play_flush)                                                                        \
	CALL(X, play_fetch)                                                                        \
	CALL(X, play_bulk)                                                                         \
	CALL(X, play_perform)
ACTOR_NAMESPACE_DECLARE(players, PLAYERS_SERVICES);
ACTOR_NAMESPACE_DEFINE(players, "player", PLAYERS_SERVICES);
ACTOR_NAMESPACE_DECLARE(listeners, LISTENER_MESSAGES);
ACTOR_NAMESPACE_DEFINE(listeners, "listener", LISTENER_MESSAGES);

/* ---- a mailbox whose addresses lead over a connection */

/* What a session gets when it dials, once; longer than the mailbox. */
struct end {
	struct end *next;
	struct actor_transport *transport;
};

struct far_mailbox {
	struct actor_mailbox mailbox;
	struct actor_mailbox *actual;
	struct actor_session *session; /* in the place of a near peer */
	struct end *end;	       /* what it dials */
	struct actor_peer *near, *far;
	struct actor_address *address;
};

static bool has_sessions;

static void hang_up(struct far_mailbox *this, const char *reason)
{
	if (this->near)
		actor_peer_close(this->near, reason);
	if (!this->session)
		return;
	actor_session_close(this->session, reason);
	actor_transport_destroy(this->end->transport); /* if it has not dialed yet */
	this->end->transport = NULL;
}

static struct far_mailbox *far_of(const struct actor_mailbox *mailbox)
{
	return ACTOR_CONTAINER_OF(mailbox, struct far_mailbox, mailbox);
}

static void far_info(const struct actor_mailbox *mailbox, struct actor_info *ret_info)
{
	*ret_info = actor_address_info(far_of(mailbox)->address);
}

static struct actor_address *far_address(struct actor_mailbox *mailbox)
{
	return actor_address_ref(far_of(mailbox)->address);
}

static int far_start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end, void *user)
{
	return actor_mailbox_start(far_of(mailbox)->actual, state, on_end, user);
}

static void far_cancel(struct actor_mailbox *mailbox)
{
	actor_mailbox_cancel(far_of(mailbox)->actual);
	hang_up(far_of(mailbox), "cancelled");
}

/* Its addresses keep no actor; the connection does, which so has to end before it can. */
static int far_join(struct actor_mailbox *mailbox, struct actor_reply *reply)
{
	struct actor_mailbox *actual = far_of(mailbox)->actual;

	hang_up(far_of(mailbox), "that is all");
	return actual->ops->join(actual, reply);
}

static int far_end(struct actor_mailbox *mailbox, struct actor_end *ret_end)
{
	struct actor_mailbox *actual = far_of(mailbox)->actual;
	int rc = actual->ops->end(actual, ret_end);

	if (rc == 0)
		ret_end->mailbox = mailbox;
	return rc;
}

/* The connection ends with its owner: who is there cannot be reached any more, and so ends, too. */
static void far_detach(struct actor_mailbox *mailbox)
{
	struct far_mailbox *this = far_of(mailbox);

	actor_mailbox_detach(this->actual);
	hang_up(this, "given up");
	actor_session_unref(this->session);
	actor_peer_unref(this->near);
	actor_peer_unref(this->far);
	actor_address_unref(this->address);
	free(this);
}

static int far_fail(struct actor_mailbox *mailbox)
{
	return actor_mailbox_fail(far_of(mailbox)->actual);
}

static const struct actor_mailbox_ops far_mailbox_ops = {
	.size = sizeof far_mailbox_ops,
	.info = far_info,
	.address = far_address,
	.start = far_start,
	.cancel = far_cancel,
	.join = far_join,
	.end = far_end,
	.detach = far_detach,
	.fail = far_fail,
};

static struct end *ends;

static int dial(void *user, struct actor_context *context, int64_t deadline_ns,
		struct actor_transport **ret_transport)
{
	struct end *end = user;

	(void)context, (void)deadline_ns;
	*ret_transport = end->transport;
	end->transport = NULL;
	return *ret_transport ? 0 : ACTOR_E_CLOSED;
}

static void free_ends(void)
{
	struct end *end;

	while ((end = ends)) {
		ends = end->next;
		free(end);
	}
}

static int create_session(struct far_mailbox *this, struct actor_executor *executor,
			  struct actor_transport *near, const char *name)
{
	struct end *end = malloc(sizeof *end);
	const struct actor_session_options options = {
		.size = sizeof options,
		.name = name,
		.executor = executor,
		.dial = dial,
		.user = end,
		.most_attempts = 1,
	};
	int rc;

	if (!end) {
		actor_transport_destroy(near);
		return ACTOR_E_NOMEM;
	}
	*end = (struct end){ ends, near };
	ends = this->end = end;
	rc = actor_session_create(&options, &this->session);
	if (rc < 0)
		actor_transport_destroy(near);
	return rc;
}

static int connect_peers(struct far_mailbox *this, struct actor_executor *executor,
			 const char *name)
{
	const struct actor_peer_options options = { .size = sizeof options, .name = name };
	struct actor_transport *near, *far;
	int rc = actor_pair_create(executor, executor, &near, &far);

	if (rc < 0)
		return rc;
	rc = has_sessions ? create_session(this, executor, near, name)
			  : actor_peer_create(near, &options, &this->near);
	if (rc < 0 && !has_sessions)
		actor_transport_destroy(near);
	if (rc == 0)
		rc = actor_peer_create(far, &options, &this->far);
	if (!this->far)
		actor_transport_destroy(far);
	return rc;
}

static int serve(struct far_mailbox *this, const struct actor_namespace *name_space)
{
	struct actor_address *address = actor_mailbox_address(this->actual);
	struct actor_service_map *map;
	int rc = actor_services_create(name_space, &map);

	if (rc == 0) {
		rc = actor_services_register_all(map, address);
		if (rc == 0)
			rc = actor_peer_serve(this->far, map);
		actor_service_map_unref(map);
	}
	actor_address_unref(address);
	if (rc == 0)
		rc = this->session
			     ? actor_session_address(this->session, name_space, &this->address)
			     : actor_remote_address(this->near, name_space, &this->address);
	if (rc == 0)
		rc = this->session ? actor_session_start(this->session)
				   : actor_peer_start(this->near);
	return rc < 0 ? rc : actor_peer_start(this->far);
}

/* What is kept until there is a connection, and nobody waits for any more, is not sent. */
static void let_it_connect(void)
{
	struct actor_context *context = actor_thread_context();

	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, 1)));
}

/* ---- the subject: its spawner makes such mailboxes */

struct instance {
	struct actor_executor *executor;
	struct actor_spawner spawner;
};

static int mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		   const struct actor_mailbox_options *options, struct actor_mailbox **ret_mailbox)
{
	struct instance *instance = ACTOR_CONTAINER_OF(spawner, struct instance, spawner);
	struct far_mailbox *this = calloc(1, sizeof *this);
	int rc;

	if (!this)
		return ACTOR_E_NOMEM;
	this->mailbox.ops = &far_mailbox_ops;
	rc = actor_mailbox_create(actor_executor_spawner(instance->executor), behavior, options,
				  &this->actual);
	if (rc == 0)
		rc = connect_peers(this, instance->executor, options ? options->name : NULL);
	if (rc == 0)
		rc = serve(this, behavior == &listener_behavior ? &listeners_namespace
								: &players_namespace);
	if (rc == 0 && has_sessions)
		let_it_connect();
	if (rc < 0)
		far_detach(&this->mailbox);
	else
		*ret_mailbox = &this->mailbox;
	return rc;
}

static const struct actor_spawner_ops spawner_ops = {
	.size = sizeof spawner_ops,
	.mailbox = mailbox,
};

static void *create(void)
{
	struct actor_executor *executor = simulation_subject.create();
	struct instance *instance = executor ? malloc(sizeof *instance) : NULL;

	if (instance)
		*instance = (struct instance){ executor, { &spawner_ops } };
	return instance;
}

static int join(void *instance, int64_t deadline_ns)
{
	return actor_executor_join(((struct instance *)instance)->executor, deadline_ns);
}

static int destroy(void *instance)
{
	int rc;

	free_ends();
	rc = actor_executor_destroy(((struct instance *)instance)->executor);
	if (rc == 0)
		free(instance);
	return rc;
}

static struct actor_spawner *spawner(void *instance)
{
	return &((struct instance *)instance)->spawner;
}

static void close(void *instance)
{
	actor_executor_close(((struct instance *)instance)->executor);
}

/* What is different from the address of an actor in this process: services.h says so, too. */
#define KEEPS_NOBODY "it keeps nobody, and the connection closes it, not the actor's end"
#define IDENTITY "its identity is the connection's"
#define OWNED "what is owned does not travel here"
#define BYTES "room is a matter of bytes that wait, and not of messages in the mailbox there"
#define REASONS "that a call was not answered is told, and not why"
#define UNSEEN "that a caller has gone is not seen at the other side"
#define ACTORS "this is about actors, and none about their addresses"

static const struct contract_exception exceptions[] = {
	{ "address: every address reports the mailbox's identity, name and type", IDENTITY },
	{ "address: over-aligned messages are aligned", "malloc() aligns no further" },
	{ "address: actors of different types share one type of recipient",
	  "not all messages of players travel" },
	{ "send: a handler keeps a member by moving it out", OWNED },
	{ "call: an answer may own something", OWNED },
	{ "call: a handler may answer with an error of its choice", REASONS },
	{ "call: an error tells which actor and which message", REASONS },
	{ "call: the detail is the last failed operation's", REASONS },
	{ "call: it gives up at its deadline", UNSEEN },
	{ "call: one that is not accepted has ended", BYTES },
	{ "call: the first error of all is returned", REASONS },
	{ "call: the first answer of any is awaited", REASONS },
	{ "call: calls go through a chain of actors", "addresses do not travel" },
	{ "ask: the answer arrives by callback", "an answer takes a while to come back" },
	{ "ask: every question is answered", REASONS },
	{ "ask: the value is the callback's", OWNED },
	{ "ask: with a context, room is waited for", BYTES },
	{ "reply: a long handler can give up with its caller", UNSEEN },
	{ "reply: what is left in the slot is stopped", REASONS },
	{ "reply: another actor may answer", BYTES },
	{ "reply: what a * actor kept *", REASONS },
	{ "room: *", BYTES },
	{ "deadline: *", BYTES },
	{ "lifetime: *", KEEPS_NOBODY },
	{ "stop: *", KEEPS_NOBODY },
	{ "race: *", KEEPS_NOBODY },
	{ "context: *", ACTORS },
	{ "mailbox: *", ACTORS },
	{ "cancel: *", ACTORS },
	{ "failure: *", ACTORS },
	{ "restart: *", ACTORS },
	{ "spawner: *", ACTORS },
	{ "thread-bound: *", ACTORS },
	{ "executor: *", ACTORS },
	{ "deadlock: *", "no circle is seen over a connection" },
	{ 0 },
};

int main(int argc, char **argv)
{
	struct contract_subject subject = simulation_subject;

	has_sessions = argc > 1 && strcmp(argv[1], "session") == 0;
	subject.name = has_sessions ? "addresses of sessions" : "remote addresses";
	subject.capabilities &= ~(unsigned)CONTRACT_DEAD_LETTERS; /* not all arrives there */
	subject.exceptions = exceptions;
	subject.create = create;
	subject.join = join;
	subject.destroy = destroy;
	subject.spawner = spawner;
	subject.close = close;
	return contract_run(&subject, argc - has_sessions, argv + has_sessions);
}
