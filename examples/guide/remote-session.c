/* SPDX-License-Identifier: MIT */
/* A server that goes and comes back, and a client that need not know. */

#include "check.h"
#include "sum.h"

#include <actor-remote/session.h>

#define MS INT64_C(1000000)

static struct actor_peer *served; /* the server's end of the connection */

static void welcome(void *user, struct actor_transport *transport)
{
	struct actor_service_map *services = user;

	CHECK(actor_peer_create(transport, NULL, &served));
	CHECK(actor_peer_serve(served, services));
	CHECK(actor_peer_start(served));
}

static struct actor_listener *come(struct actor_io *io, const char *address,
				   struct actor_service_map *services)
{
	struct actor_listen_options options = { .size = sizeof options,
						.accept = welcome,
						.user = services };
	struct actor_listener *listener;

	CHECK(actor_listen(main_context(), io, address, &options, &listener));
	return listener;
}

static void go(struct actor_listener *listener)
{
	actor_listener_close(listener);
	actor_peer_close(served, "the server goes");
	actor_peer_unref(served);
}

/* What has become of the connection; attempts are passed over. */
static void print_next(struct actor_subscription *events)
{
	const struct actor_session_event *told;
	struct actor_event event;
	bool passed_over;

	do {
		CHECK(actor_subscription_next(main_context(), events, ACTOR_FOREVER, &event));
		told = ACTOR_EVENT(actor_session_event, &event);
		passed_over = told->kind == ACTOR_SESSION_CONNECTING ||
			      told->kind == ACTOR_SESSION_FAILED;
		if (told->kind == ACTOR_SESSION_CONNECTED)
			printf("connected\n");
		if (told->kind == ACTOR_SESSION_LOST)
			printf("lost: %s\n", told->text);
		actor_event_drop(&event);
	} while (passed_over);
}

static struct actor_session *open_session(struct actor_io *io, const char *address,
					  struct actor_subscription **ret_events)
{
	static const struct actor_service *const repeatable[] = { &show_service };
	const struct actor_session_options options = {
		.size = sizeof options,
		.io = io,
		.address = address,
		.first_delay_ns = 10 * MS,
		.repeatable = repeatable,
		.n_repeatable = 1,
	};
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };
	struct actor_session *session;

	CHECK(actor_session_create(&options, &session));
	CHECK(actor_observable_subscribe(actor_session_observable(session), &all, ret_events));
	CHECK(actor_session_start(session));
	return session;
}

int main(void)
{
	struct actor_context *context = main_context();
	struct sum state = { 0 };
	struct actor_subscription *events;
	struct remotes_services services;
	struct actor_listener *listener;
	union remotes_address remote;
	struct actor_session *session;
	struct actor_future future;
	union sum_address sum;
	struct actor_io *io;
	char address[64];
	int64_t value;

	CHECK(actor_io_create(NULL, &io));
	CHECK(ACTOR_SPAWN(sum, actor_executor_spawner(actor_io_executor(io)), &state, NULL, &sum));
	CHECK(remotes_services_create(&services));
	CHECK(ACTOR_SERVE(remotes, services, add, sum));
	CHECK(ACTOR_SERVE(remotes, services, show, sum));
	listener = come(io, "tcp:127.0.0.1:0", services.map);
	snprintf(address, sizeof address, "%s", actor_listener_address(listener));

	session = open_session(io, address, &events);
	CHECK(ACTOR_SESSION_REMOTE(remotes, session, &remote));
	CHECK(ACTOR_CALL(context, remote, add, NULL, &(struct add){ 5 }));
	print_next(events);
	go(listener);
	print_next(events);
	CHECK(ACTOR_CALL_BEGIN(context, &future, remote, add, NULL, &(struct add){ 7 }));
	listener = come(io, address, services.map);
	CHECK(actor_future_await(&future, ACTOR_FOREVER));
	print_next(events);
	CHECK(ACTOR_CALL(context, remote, show, &value, &(struct show){ 0 }));
	printf("sum: %d\n", (int)value);

	actor_address_unref(remote.address);
	actor_session_unref(session); /* its last owner: it closes */
	actor_subscription_destroy(events);
	go(listener);
	actor_service_map_unref(services.map);
	actor_address_unref(sum.address);
	CHECK(actor_io_join(io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(io));
	return EXIT_SUCCESS;
}
