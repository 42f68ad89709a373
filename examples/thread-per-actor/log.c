/* SPDX-License-Identifier: MIT */

/*
 * Where records go: to the program's sink, or nowhere. It is set while nothing runs, so that
 * everybody reads it without a lock.
 */

#include "tpa.h"

static struct {
	actor_tpa_log_fn *sink;
	void *user;
	enum actor_log_level level;
} out;

void actor_tpa_log_set_sink(actor_tpa_log_fn *sink, void *user, enum actor_log_level level)
{
	out.sink = sink;
	out.user = user;
	out.level = sink ? level : ACTOR_LOG_NONE;
}

enum actor_log_level tpa_log_level(void)
{
	return out.level;
}

void tpa_log(const struct actor_log_record *record)
{
	if (record->level <= out.level)
		out.sink(out.user, record);
}

void tpa_log_error(const struct tpa_mailbox *mailbox, const char *message_type, const char *text)
{
	struct actor_info info;
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.actor = &info,
		.message_type = message_type,
		.text = text,
	};

	tpa_mailbox_info(mailbox, &info);
	tpa_log(&record);
}
