/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_SUITE_H
#define TRANSPORT_SUITE_H

/**
 * DOC: what is expected of any transport, as tests
 *
 * Describe yours as a struct transport_subject, and let main() return
 * transport_suite_run(&subject). Written against actor-remote/transport.h, actor-iface and
 * actor-impl's executors alone. See README.md beside this file.
 */

#include <actor-remote/transport.h>

/** enum transport_capability - what not every transport can promise */
enum transport_capability {
	/** @TRANSPORT_LOSS_IS_TOLD: who is destroyed with a write pending has the other side told
	 * that the connection is lost, and not that it has ended in order */
	TRANSPORT_LOSS_IS_TOLD = 1 << 0
};

/**
 * struct transport_subject - a kind of transport, as its tests see it
 * @name:         for the output
 * @capabilities: of enum transport_capability
 * @create:       make what connections need, on the test's thread: executors, a listener; NULL if
 *                that fails
 * @connect:      make a connection: its two ends, which are not started. 0, or an error
 * @destroy:      free it, when all transports have been destroyed and their executors are run on:
 *                0, or negative when something is left
 *
 * Executors run on threads of their own, or while the test's thread waits through its
 * actor_thread_context(). Both ends may have the same one.
 */
struct transport_subject {
	const char *name;
	unsigned capabilities;
	void *(*create)(void);
	int (*connect)(void *instance, struct actor_transport *ret_ends[2]);
	int (*destroy)(void *instance);
};

/** transport_suite_run() - run all tests, each with an instance of its own: how many failed, for
 * main() to return */
int transport_suite_run(const struct transport_subject *subject);

#endif
