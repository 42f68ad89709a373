/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_LOG_SINK_H
#define ACTOR_IMPL_LOG_SINK_H

#include <actor-iface/log.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * typedef actor_log_sink_fn - takes what actors and the library have to say
 * @user:   as given
 * @record: borrowed for the call
 *
 * Called from any thread, by several at once; must not wait or call back into the library.
 */
typedef void actor_log_sink_fn(void *user, const struct actor_log_record *record);

/**
 * actor_log_set_sink() - where records of this process go; nowhere by default
 * @sink:  NULL for nowhere
 * @user:  for it
 * @level: the least grave level that it wants
 *
 * The library itself logs failures of actors and messages of conflicting declarations as errors,
 * and mailboxes that outlive their executor as warnings; a runtime, as warnings, handlers that keep
 * a thread, dead letters, and members that have not stopped in time. Only the seed of a simulation
 * that fails goes to stderr if there is no sink: see actor_simulation_check().
 *
 * Thread:  any, before actors run or after they have been joined
 */
ACTOR_EXPORT void actor_log_set_sink(actor_log_sink_fn *sink, void *user,
				     enum actor_log_level level);

/** actor_log_to_stderr() - a sink that writes actor_log_format()'s line to stderr */
ACTOR_EXPORT void actor_log_to_stderr(void *user, const struct actor_log_record *record);

ACTOR__END_C

#endif
