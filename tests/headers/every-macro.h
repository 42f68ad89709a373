/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HEADERS_EVERY_MACRO_H
#define TESTS_HEADERS_EVERY_MACRO_H

/*
 * Every macro of the interface that C and C++ share, expanded once in each way that it can be
 * used: declared and defined, with and without a drop function, with each kind of handler.
 */

#include <actor-iface/actor-iface.h>

struct balance {
	int64_t cents;
};
struct deposit {
	int64_t cents;
};
struct withdraw {
	int64_t cents;
};
struct note {
	char *text;
};
struct flush {
	char unused;
};
struct audit {
	int year;
};
struct alarm {
	int year;
};

/* The answer: a struct, a number, an owned pointer, nothing but an acknowledgement. */
ACTOR_MESSAGE(deposit, struct balance);
ACTOR_MESSAGE(withdraw, int64_t);
ACTOR_MESSAGE(note, char *);
ACTOR_MESSAGE(flush, struct actor_unit);
ACTOR_SIGNAL(audit);
ACTOR_SIGNAL(alarm);

ACTOR_EXEC(account);

/* A list of one, of several, and one that contains another. */
#define AUDITED_MESSAGES(CALL, SEND, X) SEND(X, audit)
#define TELLER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, deposit)                                                                           \
	CALL(X, withdraw)
#define ACCOUNT_MESSAGES(CALL, SEND, X)                                                            \
	TELLER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, account_exec)                                                                      \
	CALL(X, note)                                                                              \
	CALL(X, flush)                                                                             \
	SEND(X, audit)

ACTOR_RECIPIENT(audited, AUDITED_MESSAGES);
ACTOR_RECIPIENT(teller, TELLER_MESSAGES);
ACTOR_DECLARE(account, ACCOUNT_MESSAGES);
ACTOR_DECLARE(window, AUDITED_MESSAGES);

static void drop_note(void *message)
{
	struct note *note = (struct note *)message;

	note->text = NULL;
}

static int copy_note(void *to, const void *from)
{
	*(struct note *)to = *(const struct note *)from;
	return 0;
}

static void drop_text(void *value)
{
	char **text = (char **)value;

	*text = NULL;
}

ACTOR_MESSAGE_DEFINE(deposit, "bank.deposit", NULL, NULL);
ACTOR_MESSAGE_DEFINE(withdraw, "bank.withdraw", NULL, NULL);
ACTOR_MESSAGE_DEFINE_WITH_COPY(note, "bank.note", drop_note, copy_note, drop_text);
ACTOR_MESSAGE_DEFINE(flush, "bank.flush", NULL, NULL);
ACTOR_SIGNAL_DEFINE_WITH_COPY(audit, "bank.audit", NULL, NULL);
ACTOR_SIGNAL_DEFINE(alarm, "bank.alarm", NULL);
ACTOR_EXEC_DEFINE(account, "bank.account-exec");

struct account {
	int64_t cents;
	union window_address window;
	union teller teller;
	struct withdraw_reply later;
};

struct window {
	int year;
};

/* Answers by returning. */
static struct balance account_on_deposit(struct account *self, struct deposit *message,
					 struct actor_context *context)
{
	struct balance balance;

	self->cents += message->cents;
	balance.cents = self->cents;
	ACTOR_LOG(context, ACTOR_LOG_DEBUG, "%d", 1);
	ACTOR_LOG(context, ACTOR_LOG_DEBUG, "nothing to format");
	ACTOR_ASSERT(context, context->scope == NULL);
	return balance;
}

/* Answers later, refuses, or does it at once. */
static void account_on_withdraw(struct account *self, struct withdraw *message,
				struct withdraw_pending pending, struct actor_context *context)
{
	bool abandoned = withdraw_pending_abandoned(pending);
	struct withdraw_reply reply;

	if (self->teller.address &&
	    ACTOR_FORWARD(context, self->teller, withdraw, pending, message) == 0)
		return;
	if (self->teller.address &&
	    ACTOR_FORWARD_UNTIL(context, self->teller, withdraw, pending, 0, message) == 0)
		return;
	reply = withdraw_reply_take(pending);
	(void)(abandoned && withdraw_reply_abandoned(&reply));
	if (message->cents > self->cents)
		self->later = reply;
	else if (message->cents < 0)
		withdraw_reply_refuse(&reply, ACTOR_E_INVALID);
	else
		(void)withdraw_reply_answer(&reply, self->cents -= message->cents);
}

static char *account_on_note(struct account *self, struct note *message,
			     struct actor_context *context)
{
	char *text = message->text;

	(void)self;
	message->text = NULL;
	if (!text)
		ACTOR_FAIL(context, "a note without text");
	if (!text[0])
		ACTOR_FAILF(context, "%d letters", 0);
	return text;
}

static struct actor_unit account_on_flush(struct account *self, struct flush *message,
					  struct actor_context *context)
{
	union account_address me = ACTOR_SELF(account, context);
	struct audit audit = { 0 };

	(void)message;
	if (ACTOR_TRY_SEND(self->window, audit, &audit) < 0 ||
	    ACTOR_TRY_SEND(me, audit, &audit) < 0)
		(void)actor_stop(context, ACTOR_STOP_DRAIN);
	return ACTOR_UNIT;
}

static void account_on_audit(struct account *self, struct audit *message,
			     struct actor_context *context)
{
	(void)self, (void)message, (void)context;
}

static void account_started(struct account *self, struct actor_context *context)
{
	(void)context;
	self->cents = 0;
}

static void account_stopped(struct account *self, struct actor_context *context)
{
	(void)self, (void)context;
}

static void account_destroy(struct account *self)
{
	withdraw_reply_refuse(&self->later, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, account_started, account_stopped, account_destroy);

static void window_on_audit(struct window *self, struct audit *message,
			    struct actor_context *context)
{
	(void)context;
	self->year = message->year;
}

ACTOR_DEFINE_THREAD_BOUND(window, AUDITED_MESSAGES, NULL, NULL, NULL);

/* Every verb, with a typed address and with each kind of recipient. */
static inline int use_verbs(struct actor_context *context, union account_address to)
{
	struct deposit deposit = { 5 };
	struct withdraw withdraw = { 5 };
	struct audit audit = { 2026 };
	struct balance balance;
	struct actor_future future;
	union deposit_recipient one = ACTOR_FOR(deposit, to);
	union teller some = ACTOR_FOR_ALL(teller, TELLER_MESSAGES, to);
	union deposit_recipient same = ACTOR_FOR(deposit, one);
	union withdraw_recipient other = ACTOR_FOR(withdraw, some);
	int rc;

	rc = ACTOR_TRY_SEND(to, audit, &audit);
	if (rc == 0)
		rc = ACTOR_SEND(context, to, deposit, &deposit);
	if (rc == 0)
		rc = ACTOR_SEND_UNTIL(context, one, deposit, ACTOR_FOREVER, &deposit);
	if (rc == 0)
		rc = ACTOR_RETRY_SEND(context, same, deposit, 3, 1000, &deposit);
	if (rc == 0)
		rc = ACTOR_CALL(context, some, deposit, &balance, &deposit);
	if (rc == 0)
		rc = ACTOR_CALL_UNTIL(context, other, withdraw, NULL, ACTOR_AT_ONCE, &withdraw);
	if (rc == 0)
		rc = ACTOR_CALL_BEGIN(context, &future, to, deposit, &balance, &deposit);
	if (rc == 0)
		rc = actor_future_await(&future, ACTOR_FOREVER);
	return rc;
}

static inline int no_more(struct actor_context *context, void *user, void *ret_message)
{
	(void)context, (void)user, (void)ret_message;
	return 0;
}

static inline int count_cents(struct account *self, void *user, struct actor_context *context)
{
	(void)user, (void)context;
	return (int)self->cents;
}

static inline int use_more_verbs(struct actor_context *context, union account_address to)
{
	union audit_recipient audited[2];
	struct audit audit = { 2026 };
	size_t n_sent;
	int rc, result;

	audited[0] = audited[1] = ACTOR_FOR(audit, to);
	rc = ACTOR_SEND_EACH(context, audited, 2, audit, ACTOR_EACH_REGARDLESS, ACTOR_FOREVER,
			     &n_sent, &audit);
	if (rc == 0)
		rc = ACTOR_DRAIN(context, to, audit, no_more, NULL, &audit);
	if (rc == 0)
		rc = ACTOR_DRAIN_UNTIL(context, to, audit, no_more, NULL, ACTOR_AT_ONCE, &audit);
	if (rc == 0)
		rc = ACTOR_EXEC_CALL_UNTIL(context, to, account, &result,
					   actor_deadline_after(context, 5), count_cents, NULL,
					   NULL);
	if (rc == 0)
		rc = ACTOR_EXEC_CALL(context, to, account, &result, count_cents, NULL, NULL);
	if (rc == 0)
		rc = ACTOR_EXEC_SEND(context, to, account, count_cents, NULL, NULL);
	return rc;
}

static inline int use_ask(struct actor_context *context, struct actor_ask *ask,
			  union account_address to, actor_answer_fn *on_answer)
{
	struct deposit deposit = { 5 };

	return ACTOR_ASK(context, ask, to, deposit, on_answer, NULL, &deposit);
}

/* Everything that makes actors. */
static inline int use_makers(struct actor_spawner *spawner, struct account *state,
			     struct window *window)
{
	union account_address address;
	struct account_mailbox mailbox;
	struct window_mailbox other;
	struct actor_mailbox_options options = { sizeof options, "savings",
						 ACTOR_DEFAULT_CAPACITY };
	int rc = ACTOR_MAILBOX_CREATE(window, spawner, NULL, &other);

	if (rc < 0)
		return rc;
	state->window = ACTOR_MAILBOX_ADDRESS(window, other);
	rc = ACTOR_MAILBOX_START(window, other, window, NULL, NULL);
	options.capacity = ACTOR_UNBOUNDED;
	if (rc == 0)
		rc = ACTOR_SPAWN(account, spawner, state, &options, &address);
	if (rc == 0)
		rc = ACTOR_SPAWN_MAILBOX(account, spawner, state, NULL, &address, &mailbox);
	return rc;
}

/* Asked back from erased addresses. */
static inline int use_erased(struct actor_address *erased)
{
	union account_address account;
	union deposit_recipient one;
	union teller some;
	union audited audited;

	return account_address_from(erased, &account) | deposit_recipient_from(erased, &one) |
	       teller_from(erased, &some) | audited_from(erased, &audited);
}

/* What is for those who write implementations. */
struct an_address {
	int number;
	struct actor_address base;
};

ACTOR_NODISCARD static inline int use_building_blocks(struct actor_address *address)
{
	struct an_address *mine = ACTOR_CONTAINER_OF(address, struct an_address, base);

	return ACTOR_OPS_HAS(address->ops, struct actor_address_ops, stop) ? mine->number : 0;
}

#endif
