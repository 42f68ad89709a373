/* SPDX-License-Identifier: MIT */

#include "line.h"

#include "fuzz.h"

#include <actor-iface/error.h>
#include <errno.h>

static struct line *line_of(const struct actor_transport *transport)
{
	return (struct line *)transport; /* the first member */
}

static int op_start(struct actor_transport *transport, const struct actor_transport_events *events,
		    void *user)
{
	struct line *line = line_of(transport);

	MUST(!line->events && !line->destroyed);
	line->events = events;
	line->events_user = user;
	line->reading = true;
	return 0;
}

static void op_read(struct actor_transport *transport, bool on)
{
	struct line *line = line_of(transport);

	MUST(line->events && !line->destroyed);
	line->reading = on;
}

static int op_write(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	struct line *line = line_of(transport);

	MUST(line->events && !line->destroyed && !line->pending && !line->shut && n > 0);
	if (line->breaks || line->lost)
		return ACTOR_E_SYSTEM;
	if (line->on_write)
		line->on_write(line->user, bytes, n);
	line->pending = n > line->takes;
	line->takes -= line->pending ? line->takes : n;
	return line->pending ? ACTOR_PENDING : 0;
}

static void op_shutdown(struct actor_transport *transport)
{
	struct line *line = line_of(transport);

	MUST(line->events && !line->destroyed && !line->shut);
	line->shut = true;
}

static void op_destroy(struct actor_transport *transport)
{
	struct line *line = line_of(transport);

	MUST(!line->destroyed);
	line->destroyed = true;
}

static int op_describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	(void)transport;
	return snprintf(buffer, n_buffer, "line");
}

static const struct actor_transport_ops line_ops = {
	.size = sizeof line_ops,
	.start = op_start,
	.read = op_read,
	.write = op_write,
	.shutdown = op_shutdown,
	.destroy = op_destroy,
	.describe = op_describe,
};

void line_init(struct line *line, struct actor_executor *executor)
{
	memset(line, 0, sizeof *line);
	line->transport.ops = &line_ops;
	line->transport.executor = executor;
	line->takes = SIZE_MAX;
}

static bool is_over(const struct line *line)
{
	return !line->events || line->destroyed || line->lost;
}

bool line_feed(struct line *line, const uint8_t *bytes, size_t n)
{
	if (is_over(line) || line->ended || !line->reading || n == 0)
		return false;
	line->events->read(line->events_user, bytes, n);
	return true;
}

void line_take(struct line *line, size_t n)
{
	bool was_pending = line->pending;

	line->takes = n;
	line->pending = false;
	if (was_pending && !is_over(line))
		line->events->written(line->events_user);
}

void line_end(struct line *line, int status)
{
	if (is_over(line) || (status == 0 && (line->ended || !line->reading)))
		return;
	line->ended = true;
	line->lost = status < 0;
	line->events->ended(line->events_user, status, status < 0 ? ECONNRESET : 0);
}
