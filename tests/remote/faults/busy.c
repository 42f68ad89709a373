/* SPDX-License-Identifier: MIT */

#include "busy.h"

#include <actor-impl/counts.h>
#include <actor-impl/thread.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

ACTOR_MESSAGE_DEFINE(work, "busy.work", NULL, NULL);
ACTOR_MESSAGE_DEFINE(turn, "busy.turn", turn_schema_drop, NULL);
ACTOR_MESSAGE_DEFINE(subscribe, "busy.subscribe", subscribe_schema_drop, NULL);
ACTOR_SIGNAL_DEFINE(news, "busy.news", NULL);

ACTOR_SCHEMA_NEWTYPE_DEFINE(work, n, actor_i64);
ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(turn, n, actor_i64, origin);
ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(subscribe, origin);
ACTOR_SCHEMA_NEWTYPE_DEFINE(news, n, actor_i64);

ACTOR_CALL_SERVICE_DEFINE(work, "Work", work, actor_i64);
ACTOR_CALL_SERVICE_DEFINE(turn, "Turn", turn, actor_i64);
ACTOR_CALL_SERVICE_DEFINE(subscribe, "Subscribe", subscribe, actor_unit);
ACTOR_SEND_SERVICE_DEFINE(news, "News", news);
ACTOR_NAMESPACE_DEFINE(busy, "busy", BUSY_SERVICES);

static int64_t next_number(int64_t n)
{
	return n < INT64_MAX ? n + 1 : 0;
}

static int64_t worker_on_work(struct worker *self, struct work *message,
			      struct actor_context *context)
{
	(void)self;
	if (message->n % 16 == 0)
		actor_ignore(
			actor_sleep_until(context, actor_deadline_after(context, INT64_C(500000))));
	return next_number(message->n);
}

static int64_t worker_on_turn(struct worker *self, struct turn *message,
			      struct actor_context *context)
{
	union busy_address caller;
	int64_t answer = -1;

	(void)self;
	if (busy_remote(message->origin.peer, &caller) < 0)
		return -1;
	if (ACTOR_CALL(context, caller, work, &answer, &(struct work){ message->n }) < 0)
		answer = -1;
	actor_address_unref(caller.address);
	return answer;
}

static void worker_on_subscribe(struct worker *self, struct subscribe *message,
				struct subscribe_pending pending, struct actor_context *context)
{
	struct subscribe_reply reply = subscribe_reply_take(pending);

	(void)context;
	if (self->topic && actor_pub_sub_subscribe(self->topic, message->origin.peer) == 0)
		subscribe_reply_answer(&reply, ACTOR_UNIT);
	else
		subscribe_reply_refuse(&reply, ACTOR_E_CLOSED);
}

static void worker_on_news(struct worker *self, struct news *message, struct actor_context *context)
{
	(void)message, (void)context;
	self->n_news++;
}

static void worker_destroy(struct worker *self)
{
	actor_service_map_unref(self->topic);
	free(self);
}

ACTOR_DEFINE(worker, BUSY_SERVICES, NULL, NULL, worker_destroy);

int busy_open(struct actor_executor *executor, struct actor_service_map *topic,
	      struct busy_services *ret_services)
{
	struct worker *state = calloc(1, sizeof *state);
	union worker_address worker;
	int rc;

	if (!state)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(worker, actor_executor_spawner(executor), state, NULL, &worker);
	if (rc < 0) {
		free(state);
		return rc;
	}
	state->topic = topic ? actor_service_map_ref(topic) : NULL;
	rc = busy_services_create(ret_services);
	if (rc == 0)
		rc = ACTOR_SERVE(busy, *ret_services, work, worker);
	if (rc == 0)
		rc = ACTOR_SERVE(busy, *ret_services, turn, worker);
	if (rc == 0)
		rc = ACTOR_SERVE(busy, *ret_services, subscribe, worker);
	if (rc == 0 && !topic)
		rc = ACTOR_SERVE(busy, *ret_services, news, worker);
	actor_address_unref(worker.address); /* the services have it */
	return rc;
}

struct actor_peer_options busy_options(int64_t patience_ms)
{
	int64_t patience_ns = patience_ms * 1000000;

	return (struct actor_peer_options){
		.size = sizeof(struct actor_peer_options),
		.call_timeout_ns = patience_ns,
		.frame_timeout_ns = patience_ns,
		.stall_ns = patience_ns,
		.grace_ns = INT64_C(500000000),
	};
}

void busy_fail(const char *what, int rc)
{
	fprintf(stderr, "%s: %s\n", what, actor_strerror(rc));
	exit(1);
}

static unsigned n_descriptors;

static unsigned count_descriptors(void)
{
	DIR *entries = opendir("/proc/self/fd");
	unsigned n = 0;

	while (entries && readdir(entries))
		n++;
	closedir(entries);
	return n;
}

void busy_begin(void)
{
	struct actor_io *io;
	int rc = actor_io_create(NULL, &io);

	if (rc == 0)
		rc = actor_io_destroy(io);
	if (rc < 0)
		busy_fail("a loop", rc);
	n_descriptors = count_descriptors();
}

void busy_end(struct actor_io *io)
{
	struct actor_context *context = actor_thread_context();
	struct actor_counts held;
	int rc = actor_io_join(io, actor_deadline_after(context, INT64_C(20000000000)));

	if (rc == 0)
		rc = actor_io_destroy(io);
	if (rc < 0)
		busy_fail("connections are left", rc);
	actor_counts_get(&held);
	if (held.mailboxes || held.envelopes || held.replies || held.suspended)
		busy_fail("actors or messages are left", ACTOR_E_BUSY);
	if (count_descriptors() != n_descriptors)
		busy_fail("descriptors are left", ACTOR_E_BUSY);
}
