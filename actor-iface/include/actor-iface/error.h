/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_ERROR_H
#define ACTOR_IFACE_ERROR_H

#include <actor-iface/base.h>
#include <actor-iface/info.h>
#include <string.h>

ACTOR__BEGIN_C

/**
 * enum actor_status - what every operation returns
 *
 * 0 or a count is success, a negative value an error. The values are part of the binary contract
 * and the same on every system; those below -10,000 are never used here, for applications to refuse
 * calls with errors of their own.
 *
 * The first group means *not accepted*: message and reply are still the sender's. The second means
 * that the message had been accepted and is gone. (Over a connection, %ACTOR_E_TOO_BIG and
 * %ACTOR_E_ENCODE are of the first, %ACTOR_E_DECODE, %ACTOR_E_DISCONNECTED and all ACTOR_E_REMOTE_*
 * of the second; %ACTOR_E_UNREACHABLE may be either.) Two things blur that for calls: a wait for
 * room may end with %ACTOR_E_CANCELLED or %ACTOR_E_DEADLOCK before acceptance, and a handler may
 * refuse with any error it likes. Whichever it was, after any error a message of a type with a drop
 * function is either untouched or zeroed, so dropping it is always right.
 */
enum actor_status {
	ACTOR_OK = 0,
	/** @ACTOR_PENDING: not an error: no answer yet */
	ACTOR_PENDING = 1,

	/** @ACTOR_E_FULL: no room in the mailbox (by the deadline) */
	ACTOR_E_FULL = -1001,
	/** @ACTOR_E_CLOSED: the mailbox accepts nothing any more, for good: drop the address */
	ACTOR_E_CLOSED = -1002,
	/** @ACTOR_E_UNHANDLED: the actor has no handler for this message type */
	ACTOR_E_UNHANDLED = -1003,
	/** @ACTOR_E_NOMEM: out of memory */
	ACTOR_E_NOMEM = -1004,
	/** @ACTOR_E_INVALID: the caller asked for something that makes no sense */
	ACTOR_E_INVALID = -1005,

	/** @ACTOR_E_STOPPED: the message was dropped unanswered: its actor failed, stopped or was
	 * cancelled, or let go of the reply */
	ACTOR_E_STOPPED = -1101,
	/** @ACTOR_E_TIMEOUT: the deadline passed before the answer came */
	ACTOR_E_TIMEOUT = -1102,
	/** @ACTOR_E_CANCELLED: whoever waits is being cancelled, and should return soon */
	ACTOR_E_CANCELLED = -1103,
	/** @ACTOR_E_DEADLOCK: the wait has closed, or would close, a circle of actors that wait for
	 * each other and have no deadlines. Only where the implementation sees that for certain;
	 * what was to be sent was not accepted, what was called will not be answered */
	ACTOR_E_DEADLOCK = -1104,
	/** @ACTOR_E_ABANDONED: nobody waits for this answer any more */
	ACTOR_E_ABANDONED = -1105,

	/** @ACTOR_E_BUSY: in use: still running, or taken */
	ACTOR_E_BUSY = -1201,
	/** @ACTOR_E_UNSUPPORTED: this implementation does not offer the operation */
	ACTOR_E_UNSUPPORTED = -1202,
	/** @ACTOR_E_NOSUSPEND: this context cannot wait; use actor_ask() */
	ACTOR_E_NOSUSPEND = -1203,
	/** @ACTOR_E_SYSTEM: the operating system refused; errno is in the detail, where there is
	 * one: see actor_error() */
	ACTOR_E_SYSTEM = -1204,

	/** @ACTOR_E_TOO_BIG: the message is longer than what may be sent there; not accepted */
	ACTOR_E_TOO_BIG = -1301,
	/** @ACTOR_E_ENCODE: the message cannot be sent there, like a text that is not UTF-8; not
	 * accepted */
	ACTOR_E_ENCODE = -1302,
	/** @ACTOR_E_DECODE: what came is not what was expected */
	ACTOR_E_DECODE = -1303,
	/** @ACTOR_E_DISCONNECTED: the connection ended before the answer came: whether the message
	 * was handled is not known */
	ACTOR_E_DISCONNECTED = -1304,
	/** @ACTOR_E_PROTOCOL: what came over the connection makes no sense, and it was closed */
	ACTOR_E_PROTOCOL = -1305,
	/** @ACTOR_E_OVERLOAD: more came over the connection than could be seen to, or the other
	 * side took nothing of what was written, for too long, and it was closed */
	ACTOR_E_OVERLOAD = -1306,
	/** @ACTOR_E_UNTRUSTED: the other side has not proven who it is, as it must */
	ACTOR_E_UNTRUSTED = -1307,
	/** @ACTOR_E_HANDSHAKE: the two sides did not agree on a connection that is secure */
	ACTOR_E_HANDSHAKE = -1308,
	/** @ACTOR_E_UNREACHABLE: there is no connection, and the message has not been given to one:
	 * not accepted; or, of a call that waited for one, it never will be */
	ACTOR_E_UNREACHABLE = -1310,

	/** @ACTOR_E_REMOTE_UNKNOWN_SERVICE: nobody serves that at the other side */
	ACTOR_E_REMOTE_UNKNOWN_SERVICE = -1401,
	/** @ACTOR_E_REMOTE_DECODE: the other side does not understand the message */
	ACTOR_E_REMOTE_DECODE = -1402,
	/** @ACTOR_E_REMOTE_FAILED: the other side accepted the message and could not answer it; it
	 * does not say why */
	ACTOR_E_REMOTE_FAILED = -1403,
	/** @ACTOR_E_REMOTE_NO_CALLS: that service takes messages that nobody waits for, no calls */
	ACTOR_E_REMOTE_NO_CALLS = -1404,
	/** @ACTOR_E_REMOTE_PROTOCOL: what we sent made no sense to the other side, and it closes */
	ACTOR_E_REMOTE_PROTOCOL = -1405
};

/* All that are known here, each in words. */
#define ACTOR__STATUSES(X)                                                                         \
	X(ACTOR_OK, "success")                                                                     \
	X(ACTOR_PENDING, "no answer yet")                                                          \
	X(ACTOR_E_FULL, "mailbox is full")                                                         \
	X(ACTOR_E_CLOSED, "mailbox is closed")                                                     \
	X(ACTOR_E_UNHANDLED, "actor does not handle this message type")                            \
	X(ACTOR_E_NOMEM, "out of memory")                                                          \
	X(ACTOR_E_INVALID, "invalid argument or state")                                            \
	X(ACTOR_E_STOPPED, "actor stopped before it answered")                                     \
	X(ACTOR_E_TIMEOUT, "no answer before the deadline")                                        \
	X(ACTOR_E_CANCELLED, "waiting actor was cancelled")                                        \
	X(ACTOR_E_DEADLOCK, "waiting would deadlock")                                              \
	X(ACTOR_E_ABANDONED, "nobody waits for the answer")                                        \
	X(ACTOR_E_BUSY, "in use")                                                                  \
	X(ACTOR_E_UNSUPPORTED, "not supported by this implementation")                             \
	X(ACTOR_E_NOSUSPEND, "this context cannot wait")                                           \
	X(ACTOR_E_SYSTEM, "operating system error")                                                \
	X(ACTOR_E_TOO_BIG, "message is too big")                                                   \
	X(ACTOR_E_ENCODE, "message cannot be encoded")                                             \
	X(ACTOR_E_DECODE, "message cannot be decoded")                                             \
	X(ACTOR_E_DISCONNECTED, "connection ended before the answer came")                         \
	X(ACTOR_E_PROTOCOL, "protocol violated")                                                   \
	X(ACTOR_E_OVERLOAD, "overloaded")                                                          \
	X(ACTOR_E_UNTRUSTED, "the other side is not trusted")                                      \
	X(ACTOR_E_HANDSHAKE, "no secure connection")                                               \
	X(ACTOR_E_UNREACHABLE, "there is no connection, nothing was sent")                         \
	X(ACTOR_E_REMOTE_UNKNOWN_SERVICE, "nobody serves that at the other side")                  \
	X(ACTOR_E_REMOTE_DECODE, "the other side cannot decode the message")                       \
	X(ACTOR_E_REMOTE_FAILED, "the other side failed to answer")                                \
	X(ACTOR_E_REMOTE_NO_CALLS, "the other side takes no calls for that")                       \
	X(ACTOR_E_REMOTE_PROTOCOL, "the other side says that the protocol was violated")

/**
 * actor_strerror() - an error in words
 * @status: any value; also ones that this version does not know
 *
 * Thread:  any
 * Return:  a constant text
 */
static inline const char *actor_strerror(int status)
{
	switch (status) {
#define ACTOR__CASE(name, text)                                                                    \
	case name:                                                                                 \
		return text;
		ACTOR__STATUSES(ACTOR__CASE)
#undef ACTOR__CASE
	default:
		return status < 0 ? "unknown error" : "success";
	}
}

/**
 * actor_error_name() - what an error is called here: "ACTOR_E_FULL"
 * @status: any value
 *
 * For logs and for people who look it up; a program that decides by it compares the status.
 *
 * Thread:  any
 * Return:  a constant text; "error" for one that this version does not know, or a program's own
 */
static inline const char *actor_error_name(int status)
{
	switch (status) {
#define ACTOR__CASE(name, text)                                                                    \
	case name:                                                                                 \
		return #name;
		ACTOR__STATUSES(ACTOR__CASE)
#undef ACTOR__CASE
	default:
		return status < 0 ? "error" : "ACTOR_OK";
	}
}

/**
 * struct actor_error - the detail of a context's last failed operation
 * @code:         what the operation returned
 * @system_errno: with %ACTOR_E_SYSTEM, else 0
 * @identity:     of the actor concerned; its domain is NULL when there is none
 * @actor_name:   copied, cut when too long; "" when unnamed
 * @actor_type:   name of its behavior, copied, cut when too long; "" when there is no actor
 * @message_type: name of the message type concerned, copied; "" when there is none
 * @text:         what more there is to say, in words, cut when too long; "" when there is nothing:
 *                with %ACTOR_E_DEADLOCK who waits for whom
 */
struct actor_error {
	int code;
	int system_errno;
	struct actor_identity identity;
	char actor_name[48];
	char actor_type[48];
	char message_type[64];
	char text[256];
};

static inline void actor__copy_text(char *to, size_t n_to, const char *from)
{
	size_t i = 0;

	for (; from && from[i] && i + 1 < n_to; i++)
		to[i] = from[i];
	to[i] = '\0';
}

/* @actor and @message_type may be NULL. */
static inline void actor__error_init(struct actor_error *error, int code,
				     const struct actor_info *actor, const char *message_type)
{
	memset(error, 0, sizeof *error);
	error->code = code;
	if (actor) {
		error->identity = actor->identity;
		actor__copy_text(error->actor_name, sizeof error->actor_name, actor->name);
		actor__copy_text(error->actor_type, sizeof error->actor_type, actor->type);
	}
	actor__copy_text(error->message_type, sizeof error->message_type, message_type);
}

/**
 * actor_error_format() - an error's detail as one line of text
 * @error:    the detail
 * @buffer:   receives the text, always terminated
 * @n_buffer: its size in bytes
 *
 * Like "bank.deposit: mailbox is closed. For actor: account: id=3, name=savings"; the text that it
 * has follows after ". ".
 *
 * Thread:  any
 * Return:  the length of the whole text, as snprintf() counts it
 */
static inline int actor_error_format(const struct actor_error *error, char *buffer, size_t n_buffer)
{
	char who[128] = "";
	size_t n;

	if (error->identity.domain) {
		struct actor_info info;

		info.identity = error->identity;
		info.name = error->actor_name;
		info.type = error->actor_type;
		actor_info_format(&info, who, sizeof who);
	}
	n = (size_t)snprintf(buffer, n_buffer, "%s%s%s%s%s", error->message_type,
			     error->message_type[0] ? ": " : "", actor_strerror(error->code),
			     who[0] ? ". For actor: " : "", who);
	if (!error->text[0])
		return (int)n;
	if (n < n_buffer)
		actor__copy_text(buffer + n, n_buffer - n, ". ");
	if (n + 2 < n_buffer)
		actor__copy_text(buffer + n + 2, n_buffer - n - 2, error->text);
	return (int)(n + 2 + strlen(error->text));
}

/** actor_ignore() - for a status that truly does not matter; a cast to void does not silence gcc */
static inline void actor_ignore(int status)
{
	(void)status;
}

ACTOR__END_C

#endif
