/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_FAKE_H
#define TESTS_IFACE_FAKE_H

#include <actor-iface/actor-iface.h>

#include <setjmp.h>

enum { FAKE_MOST = 16 };

/* What an operation returns, the first time first; 0 where a test says nothing. */
struct fake_script {
	int returns[FAKE_MOST];
	size_t n_calls;
};

struct fake_reply {
	struct actor_reply base;
	struct fake *fake;
	const struct actor_message_type *type;
	bool delivered;
	bool closed;
	int status;
	_Alignas(max_align_t) unsigned char value[64];
};

/**
 * struct fake - an implementation of everything, that does nothing but what the test says
 * @context:    whose code the test is
 * @address:    of an actor named "savings" of type "account", number 3
 * @mailbox:    of the same
 * @spawner:    whose mailbox is @mailbox
 * @trace:      every operation that was called, in order, with what is worth knowing of its
 *              arguments; replies are numbered as they are opened
 * @received:   the bytes of the last message that was accepted
 * @reply:      that came with it
 * @waiter:     that came with the last post
 * @why:        what is wrong with a message
 * @explained:  the last message about which that was asked; not to be looked at
 * @on_await:   runs inside each await that has something to wait for, for what others do meanwhile;
 *              or NULL
 * @end:        how the last run ended
 * @now:        the time; it does not pass by itself
 * @error:      the detail of the last failure
 * @has_self:   whether the context is an actor's
 * @log_level:  the least grave that anybody wants to see
 * @record:     the last log record; its text is in @text
 * @failure:    the last that was given to fail
 * @failed:     where fail goes
 *
 * The operations keep no rule for the test: what comes second, wrong or too often is traced, too.
 * Only an await whose replies have been delivered says so, and asks no script.
 */
struct fake {
	struct actor_context context;
	struct actor_address address;
	struct actor_mailbox mailbox;
	struct actor_spawner spawner;
	char trace[1024];
	struct fake_script post, reply_open, await, join, get_end, start, make;
	struct fake_reply replies[FAKE_MOST];
	size_t n_replies;
	_Alignas(max_align_t) unsigned char received[64];
	struct actor_reply *reply;
	struct actor_waiter *waiter;
	const char *why;
	const void *explained;
	void (*on_await)(struct fake *fake);
	struct actor_end end;
	int64_t now;
	struct actor_error error;
	bool has_self;
	enum actor_log_level log_level;
	struct actor_log_record record;
	char text[600];
	struct actor_failure failure;
	jmp_buf failed;
};

/** fake_init() - everything succeeds */
void fake_init(struct fake *fake);

/** fake_deliver() - answer the reply that was opened as the @number-th, from 0, as a callee does */
int fake_deliver(struct fake *fake, size_t number, int status, void *value);

/** fake_trace() - what has been called since the last time this was asked; valid until then */
const char *fake_trace(struct fake *fake);

#endif
