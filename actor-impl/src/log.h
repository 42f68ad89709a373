/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LOG_H
#define ACTOR__LOG_H

#include <actor-impl/log-sink.h>

/** actor__log() - pass a record to the sink, if it wants this level */
void actor__log(const struct actor_log_record *record);

/** actor__log_level() - what the sink wants */
enum actor_log_level actor__log_level(void);

/** actor__log_text() - a record of the library's own; @actor and @message_type may be NULL */
void actor__log_text(enum actor_log_level level, const struct actor_info *actor,
		     const char *message_type, const char *text);

/** actor__log_surely() - an error that nobody must miss: to stderr if there is no sink */
void actor__log_surely(const char *text);

#endif
