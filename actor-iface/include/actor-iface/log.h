/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_LOG_H
#define ACTOR_IFACE_LOG_H

#include <actor-iface/info.h>

ACTOR__BEGIN_C

/** enum actor_log_level - the lower, the graver */
enum actor_log_level {
	ACTOR_LOG_NONE = 0,
	ACTOR_LOG_ERROR = 1,
	ACTOR_LOG_WARNING = 2,
	ACTOR_LOG_INFO = 3,
	ACTOR_LOG_DEBUG = 4,
	ACTOR_LOG_TRACE = 5
};

/**
 * struct actor_log_record - one thing that happened, as data
 * @size:         sizeof(struct actor_log_record) as its maker compiled it
 * @level:        how grave
 * @actor:        whose; NULL when it is nobody's in particular
 * @message_type: name of the message type concerned, or NULL
 * @file:         source file, or NULL
 * @line:         its line
 * @text:         what happened
 *
 * All pointers are borrowed for the duration of the call that passes the record on.
 */
struct actor_log_record {
	size_t size;
	enum actor_log_level level;
	const struct actor_info *actor;
	const char *message_type;
	const char *file;
	int line;
	const char *text;
};

/** actor_log_level_name() - "error", "warning" ... Thread: any */
static inline const char *actor_log_level_name(enum actor_log_level level)
{
	switch (level) {
	case ACTOR_LOG_ERROR:
		return "error";
	case ACTOR_LOG_WARNING:
		return "warning";
	case ACTOR_LOG_INFO:
		return "info";
	case ACTOR_LOG_DEBUG:
		return "debug";
	case ACTOR_LOG_TRACE:
		return "trace";
	case ACTOR_LOG_NONE:
		break;
	}
	return "none";
}

/**
 * actor_log_format() - a record as one line of text, without a newline
 * @record:   what to show
 * @buffer:   receives the text, always terminated
 * @n_buffer: its size in bytes
 *
 * Like `error actor{id=3 type="account" a_name="savings"} bank.deposit: negative (bank.c:12)`.
 *
 * Thread:  any
 * Return:  the length of the whole text, as snprintf() counts it
 */
static inline int actor_log_format(const struct actor_log_record *record, char *buffer,
				   size_t n_buffer)
{
	const struct actor_info *actor = record->actor;
	const char *name = actor ? actor->name : "";
	char id[24] = "", line[16] = "";

	if (actor)
		snprintf(id, sizeof id, "%llu", (unsigned long long)actor->identity.number);
	if (record->file)
		snprintf(line, sizeof line, ":%d)", record->line);
	return snprintf(buffer, n_buffer, "%s %s%s%s%s%s%s%s%s%s%s%s%s%s%s%s",
			actor_log_level_name(record->level), actor ? "actor{id=" : "", id,
			actor ? " type=\"" : "", actor ? actor->type : "", actor ? "\"" : "",
			name[0] ? " a_name=\"" : "", name, name[0] ? "\"" : "", actor ? "} " : "",
			record->message_type ? record->message_type : "",
			record->message_type ? ": " : "", record->text, record->file ? " (" : "",
			record->file ? record->file : "", line);
}

ACTOR__END_C

#endif
