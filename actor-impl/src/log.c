/* SPDX-License-Identifier: MIT */

/* Where records go: one sink for the process, set while nothing runs. Without one they go
 * nowhere, but for what simulations find. */

#include "log.h"

#include <stdio.h>

static struct {
	actor_log_sink_fn *sink;
	void *user;
	enum actor_log_level level;
} target;

void actor_log_set_sink(actor_log_sink_fn *sink, void *user, enum actor_log_level level)
{
	target.sink = sink;
	target.user = user;
	target.level = sink ? level : ACTOR_LOG_NONE;
}

enum actor_log_level actor__log_level(void)
{
	return target.level;
}

void actor__log(const struct actor_log_record *record)
{
	if (record->level <= target.level)
		target.sink(target.user, record);
}

void actor__log_text(enum actor_log_level level, const struct actor_info *actor,
		     const char *message_type, const char *text)
{
	struct actor_log_record record = {
		.size = sizeof record,
		.level = level,
		.actor = actor,
		.message_type = message_type,
		.text = text,
	};

	actor__log(&record);
}

void actor__log_surely(const char *text)
{
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.text = text,
	};

	if (target.sink)
		actor__log(&record);
	else
		actor_log_to_stderr(NULL, &record);
}

void actor_log_to_stderr(void *user, const struct actor_log_record *record)
{
	char line[1024];

	(void)user;
	actor_log_format(record, line, sizeof line);
	fprintf(stderr, "%s\n", line);
}
