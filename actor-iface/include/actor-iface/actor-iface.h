/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_H
#define ACTOR_IFACE_H

/**
 * DOC: actor-iface, what an actor is, whoever runs it
 *
 * Contracts only: nothing here allocates, starts a thread or defines an object at run time. A
 * library that includes just this can expose and use actors, and leaves it to the application
 * which implementation runs them.
 *
 * In reading order: message.h (what is sent), address.h (where to), behavior.h (what an actor does
 * with it), context.h (what its code may do), mailbox.h and spawner.h (how it comes and goes);
 * then the verbs: send.h, call.h, ask.h, forward.h; then the typed layer over all that, which most
 * programs use: typed-message.h, typed-actor.h, exec.h.
 *
 * "Thread:" in a comment is one of
 *
 *	any       from any thread, with no lock held, not from a signal handler
 *	context   only where the context in question runs: inside its handler, or on its thread
 *	actor     context, and it is an actor's
 *	owner     one thread at a time, as its owner arranges
 */

#include <actor-iface/address.h>
#include <actor-iface/ask.h>
#include <actor-iface/base.h>
#include <actor-iface/behavior.h>
#include <actor-iface/call.h>
#include <actor-iface/context.h>
#include <actor-iface/error.h>
#include <actor-iface/exec.h>
#include <actor-iface/forward.h>
#include <actor-iface/info.h>
#include <actor-iface/log.h>
#include <actor-iface/mailbox.h>
#include <actor-iface/message.h>
#include <actor-iface/reply.h>
#include <actor-iface/send.h>
#include <actor-iface/spawner.h>
#include <actor-iface/typed-actor.h>
#include <actor-iface/typed-message.h>
#include <actor-iface/waiter.h>

#endif
