/* SPDX-License-Identifier: MIT */

/*
 * TLS around another transport, as a transport.
 *
 * What comes from below is decrypted where it is, a record at a time, into memory of the
 * connection's own, and told; what of it is not read, because reading is paused, is kept, and the
 * transport below paused as long as there is any. What is written is encrypted into memory of the
 * connection's own, two records at a time, and sent from there; the next ones when these are gone:
 * so a write is done when all of it is with the transport below, and pending otherwise. Whatever
 * else there is to be sent, OpenSSL writes behind that.
 *
 * All of it happens in events of the transport below, outside handlers, and in operations; but that
 * operations tell nothing: when one leaves something to be told, an actor is sent a message, and
 * looks. Its mailbox holds one: what finds it full was not necessary. Who has no memory to send it
 * stops the actor, which then tells that the connection is lost. It looks, too, when a timer says
 * that the handshake takes too long.
 *
 * To close is part of what is written: the other side is told, and only then is the direction below
 * closed. Without that word its end is a loss, so when one is destroyed that is in order it says so
 * before it goes; and why, if a handshake has failed. That may have to wait until there is room
 * below; and who goes while there is something to read may so have thrown away what was said: so
 * after a failure the other side's end is awaited. Both take at most a second.
 *
 * Everything belongs to the thread of the executor, but for being destroyed before it is started.
 * The memory has two owners: who has the transport, until nothing is left to say, and the actor.
 * That the transport may be destroyed, and its memory go, in any event, is why whoever tells one
 * owns it meanwhile.
 */

#include "tls.h"

#include "tls-roles.h"

#include <actor-iface/spawner.h>
#include <actor-impl/executor.h>
#include <actor-impl/timer.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_NS INT64_C(1000000000)

struct tls {
	struct actor_transport transport;
	atomic_uint n_owners;
	struct actor_transport *inner; /* NULL when it has been destroyed */
	const struct actor_transport_events *events;
	void *user;
	struct actor_address *address; /* of its actor; NULL: not started */
	struct actor_timer *timer;
	int64_t deadline_ns; /* of the handshake, and of lingering */
	struct actor__tls_records records;
	bool started;
	bool stopped;	/* the actor is: nobody will look at the clock */
	bool open;	/* the hands are shaken */
	bool reading;	/* what was asked for */
	bool finished;	/* the other side has closed */
	bool dead;	/* OpenSSL does nothing more */
	bool told_lost; /* nothing is told any more */
	bool destroyed; /* nor then */
	/* Of what is written. */
	const uint8_t *rest;
	size_t n_rest;
	bool pending; /* which is to be told */
	bool to_shut;
	bool shut; /* the other side has been told, or is going to be */
	/* Of what is below. */
	size_t n_flight; /* bytes of a write that is pending */
	bool inner_reads;
	bool inner_shut;
	bool inner_over; /* it has ended, in order or not */
	bool inner_lost; /* nothing can be written */
	/* Encrypted bytes that could not be read yet. */
	bool borrowed; /* they are the transport's below, until it goes on */
	uint8_t *held;
	size_t n_held_room;
	struct actor_certificate *certificate;
	uint8_t plain[ACTOR__TLS_RECORD_BYTES];
	uint8_t out[ACTOR__TLS_OUT_BYTES];
	char name[];
};

static struct tls *tls_of(const struct actor_transport *transport)
{
	return ACTOR_CONTAINER_OF(transport, struct tls, transport);
}

static void hold(struct tls *this)
{
	atomic_fetch_add(&this->n_owners, 1);
}

static void release(struct tls *this)
{
	if (atomic_fetch_sub(&this->n_owners, 1) > 1)
		return;
	actor__tls_records_deinit(&this->records);
	actor_tls_unref(this->records.tls);
	actor_address_unref(this->address);
	free(this->certificate);
	free(this->held);
	free(this);
}

/* Whether it has ended, as far as it knows. */
static bool is_broken(const struct tls *this)
{
	return this->records.status;
}

/* Nothing is told any more; what comes is not looked at. */
static bool is_over(const struct tls *this)
{
	return this->told_lost || this->destroyed;
}

/* ---- having the actor look */

static const struct actor_message_type look_type = {
	.size = sizeof look_type,
	.name = "actor.transport.look",
	.message_size = 1,
	.message_align = 1,
};

static void wake(struct tls *this)
{
	char look = 0;

	if (this->address &&
	    actor_address_post(this->address, &look_type, &look, NULL, NULL) == ACTOR_E_NOMEM)
		actor_address_stop(this->address, ACTOR_STOP_DRAIN);
}

/* ---- the transport below */

static void send_out(struct tls *this)
{
	struct actor__tls_records *records = &this->records;
	int rc;

	if (this->n_flight > 0 || records->n_out == 0 || this->inner_lost || this->inner_shut)
		return;
	rc = actor_transport_write(this->inner, this->out, records->n_out);
	if (rc == ACTOR_PENDING)
		this->n_flight = records->n_out;
	else
		records->n_out = 0;
	this->inner_lost = rc < 0; /* how, it will say */
}

static void shut_inner(struct tls *this)
{
	if (this->inner_shut || this->inner_lost || this->records.n_out > this->n_flight)
		return;
	this->inner_shut = this->records.out_closed = true;
	actor_transport_shutdown(this->inner);
}

static bool wants_more(const struct tls *this)
{
	if (is_over(this))
		return true; /* so that the other side may come to its end */
	if (is_broken(this) || this->records.n_in > 0)
		return false;
	return !this->open || (this->reading && !this->finished);
}

static void set_inner_reading(struct tls *this)
{
	bool wanted = wants_more(this);

	if (wanted == this->inner_reads || this->inner_over)
		return;
	this->inner_reads = wanted;
	actor_transport_read(this->inner, wanted);
}

/* What the transport below has lent and nobody could read. */
static void keep_rest(struct tls *this)
{
	struct actor__tls_records *records = &this->records;
	size_t n = this->borrowed ? records->n_in : 0;

	this->borrowed = false;
	if (n > this->n_held_room) {
		free(this->held);
		this->held = malloc(n);
		this->n_held_room = this->held ? n : 0;
	}
	if (n > 0 && !this->held) {
		this->dead = true;
		records->n_in = 0;
		actor__tls_fail(records, ACTOR_E_SYSTEM, ENOMEM, "no memory for what has come");
	} else if (n > 0) {
		memcpy(this->held, records->in, n);
		records->in = this->held;
	}
}

/* ---- writing */

/* Whether there is more to do at once. */
static bool encrypt_some(struct tls *this)
{
	enum actor__tls_step step = ACTOR__TLS_DONE;

	while (this->n_rest > 0 && step == ACTOR__TLS_DONE &&
	       ACTOR__TLS_OUT_BYTES - this->records.n_out >= ACTOR__TLS_RECORD_ROOM) {
		size_t n = 0;

		step = actor__tls_write(&this->records, this->rest, this->n_rest, &n);
		this->rest += n;
		this->n_rest -= n;
	}
	this->dead |= step == ACTOR__TLS_FAILED;
	send_out(this);
	return this->n_rest > 0 && step == ACTOR__TLS_DONE && this->records.n_out == 0;
}

static void encrypt(struct tls *this)
{
	if (!this->open || this->n_flight > 0)
		return;
	while (!this->dead && !this->inner_lost && encrypt_some(this))
		;
}

/* Tell the other side that nothing more comes, behind what was written. */
static void say_closed(struct tls *this)
{
	enum actor__tls_step step = ACTOR__TLS_WAITS;

	if (!this->shut && !this->dead)
		step = actor__tls_close(&this->records);
	this->shut |= step == ACTOR__TLS_DONE;
	this->dead |= step == ACTOR__TLS_FAILED;
	send_out(this);
}

static void shut_down(struct tls *this)
{
	if (!this->to_shut || !this->open || this->n_rest > 0 || this->dead)
		return;
	say_closed(this);
	if (this->shut)
		shut_inner(this);
}

/* ---- events, in each of which it may be destroyed */

static void tell_opened(struct tls *this)
{
	if (ACTOR_OPS_HAS(this->events, struct actor_transport_events, opened))
		this->events->opened(this->user);
}

static void tell_written(struct tls *this)
{
	if (!this->pending || this->n_rest > 0 || this->records.n_out > 0 || this->inner_lost)
		return;
	this->pending = false;
	this->events->written(this->user);
}

static void tell_finished(struct tls *this)
{
	this->finished = true;
	this->events->ended(this->user, 0, 0);
}

/* What OpenSSL has kept of what a stranger has said is let go before anybody is told. */
static void tell_lost(struct tls *this)
{
	actor__tls_records_deinit(&this->records);
	this->told_lost = true;
	this->pending = false;
	this->n_rest = 0;
	this->events->ended(this->user, this->records.status, this->records.system_errno);
}

/* One record, or the end of them; whether there may be more. */
static bool read_one(struct tls *this)
{
	size_t n;

	switch (actor__tls_read(&this->records, this->plain, sizeof this->plain, &n)) {
	case ACTOR__TLS_DONE:
		this->events->read(this->user, this->plain, n);
		return true;
	case ACTOR__TLS_CLOSED:
		tell_finished(this);
		return false;
	case ACTOR__TLS_WAITS:
		return false;
	case ACTOR__TLS_FAILED:
		this->dead = true;
	}
	return false;
}

static bool may_read(const struct tls *this)
{
	return this->open && this->reading && !this->finished && !this->dead && !is_over(this);
}

/* ---- shaking hands */

static void take_certificate(struct tls *this)
{
	const X509 *x509 = SSL_get0_peer_certificate(this->records.ssl);

	if (!x509 || this->records.tls->insecure & ACTOR_TLS_INSECURE_ANYBODY)
		return; /* nothing is proven */
	this->certificate = malloc(sizeof *this->certificate);
	if (this->certificate && actor__tls_certificate(x509, this->certificate) == 0)
		return;
	this->dead = true;
	actor__tls_fail(&this->records, ACTOR_E_SYSTEM, ENOMEM, "no memory for a certificate");
}

static void shake_hands(struct tls *this)
{
	enum actor__tls_step step;

	do {
		step = actor__tls_shake(&this->records);
		send_out(this);
	} while (step == ACTOR__TLS_WAITS && SSL_want_write(this->records.ssl) &&
		 this->records.n_out == 0);
	this->dead |= step == ACTOR__TLS_FAILED;
	if (step != ACTOR__TLS_DONE)
		return;
	actor_timer_cancel(this->timer);
	take_certificate(this);
	this->open = !this->dead;
	if (this->open)
		tell_opened(this);
}

static void look_at_clock(struct tls *this)
{
	if (this->open || is_broken(this) ||
	    actor_executor_now(this->transport.executor) < this->deadline_ns)
		return;
	this->dead = true;
	actor__tls_fail(&this->records, ACTOR_E_HANDSHAKE, 0,
			"the other side takes too long to shake hands");
}

/* ---- when it is over */

static void finish(struct tls *this)
{
	actor_transport_destroy(this->inner);
	this->inner = NULL;
	actor_timer_destroy(this->timer);
	actor_address_stop(this->address, ACTOR_STOP_DRAIN);
	release(this);
}

/* Whether the other side has to be told, or given time to hear, why. */
static bool lingers(const struct tls *this)
{
	if (this->inner_lost || this->stopped ||
	    actor_executor_now(this->transport.executor) >= this->deadline_ns)
		return false;
	return this->dead ? !this->inner_over || this->records.n_out > 0
			  : this->shut && this->records.n_out > 0;
}

/* Say what is to be said; then nothing keeps it but its owner. */
static void fade(struct tls *this)
{
	send_out(this);
	if (this->dead)
		shut_inner(this);
	set_inner_reading(this);
	if (this->destroyed && !lingers(this))
		finish(this);
}

/* ---- going on with whatever can */

static void go_on_open(struct tls *this)
{
	while (may_read(this) && read_one(this))
		;
	if (is_over(this))
		return;
	encrypt(this);
	shut_down(this);
	send_out(this);
	tell_written(this);
}

/* What is told last may be the end of it, in every sense. */
static void go_on(struct tls *this)
{
	hold(this);
	if (!this->open && !is_broken(this))
		shake_hands(this);
	go_on_open(this);
	if (!is_over(this)) {
		keep_rest(this);
		set_inner_reading(this);
		if (is_broken(this))
			tell_lost(this);
		if (is_broken(this) && !this->destroyed)
			fade(this);
	}
	if (is_over(this))
		this->records.n_in = 0;
	release(this);
}

static void look(struct tls *this)
{
	if (is_over(this))
		fade(this);
	else
		go_on(this);
}

/* ---- events of the transport below */

static void on_inner_read(void *user, const uint8_t *bytes, size_t n)
{
	struct tls *this = user;

	if (is_over(this))
		return;
	this->records.in = bytes;
	this->records.n_in = n;
	this->borrowed = true;
	go_on(this);
}

static void on_inner_written(void *user)
{
	struct tls *this = user;
	struct actor__tls_records *records = &this->records;

	records->n_out -= this->n_flight;
	memmove(this->out, this->out + this->n_flight, records->n_out);
	this->n_flight = 0;
	look(this);
}

/* Without a word of the other side's before it, no end is in order. */
static void on_inner_ended(void *user, int status, int system_errno)
{
	struct tls *this = user;

	this->inner_over = true;
	this->inner_lost |= status < 0;
	if (status < 0)
		actor__tls_fail(&this->records, status, system_errno,
				actor_transport_why(this->inner));
	else if (!this->finished)
		actor__tls_fail(&this->records, ACTOR_E_SYSTEM, ECONNRESET,
				this->open ? "cut off: the other side has not said that it closes"
					   : "cut off while shaking hands");
	look(this);
}

static const struct actor_transport_events inner_events = {
	.size = sizeof inner_events,
	.read = on_inner_read,
	.written = on_inner_written,
	.ended = on_inner_ended,
};

/* ---- the actor */

static void on_look(void *self, void *message, struct actor_reply **reply,
		    struct actor_context *context)
{
	struct tls *this = self;

	(void)message, (void)reply, (void)context;
	if (!this->started || !this->inner)
		return;
	look_at_clock(this);
	look(this);
}

/* For want of memory, or with its executor. */
static void on_stopped(void *self, struct actor_context *context)
{
	struct tls *this = self;

	(void)context;
	if (!this->started || !this->inner)
		return;
	this->stopped = true;
	this->dead = true;
	actor__tls_fail(&this->records, ACTOR_E_SYSTEM, ENOMEM, "no memory, or it was stopped");
	look(this);
}

static void on_destroy(void *self)
{
	release(self);
}

static const struct actor_handler handlers[] = { { &look_type, on_look } };

static const struct actor_behavior behavior = {
	.size = sizeof behavior,
	.name = "transport-tls",
	.handlers = handlers,
	.n_handlers = 1,
	.stride = sizeof(struct actor_handler),
	.flags = ACTOR_THREAD_BOUND,
	.stopped = on_stopped,
	.destroy = on_destroy,
};

static int start_actor(struct tls *this)
{
	struct actor_executor *executor = this->transport.executor;
	char look = 0;
	int rc;

	hold(this);
	rc = actor_spawn(actor_executor_spawner(executor), &behavior, this,
			 ACTOR_OPTIONS(.capacity = 1), &this->address);
	if (rc < 0) {
		release(this);
		return rc;
	}
	this->deadline_ns = actor_time_after(actor_executor_now(executor),
					     this->records.tls->handshake_ns);
	return actor_timer_every(executor, this->address, &look_type, &look, LINGER_NS,
				 &this->timer);
}

static void stop_actor(struct tls *this)
{
	actor_timer_destroy(this->timer);
	if (this->address)
		actor_address_stop(this->address, ACTOR_STOP_DRAIN);
}

/* ---- what a transport does */

static int tls_start(struct actor_transport *transport, const struct actor_transport_events *events,
		     void *user)
{
	struct tls *this = tls_of(transport);
	int rc;

	this->events = events;
	this->user = user;
	this->reading = this->inner_reads = true;
	rc = start_actor(this);
	if (rc == 0)
		rc = actor_transport_start(this->inner, &inner_events, this);
	if (rc < 0) {
		stop_actor(this);
		return rc;
	}
	this->started = true;
	actor_timer_reset(this->timer, this->deadline_ns);
	wake(this);
	return ACTOR_OPS_HAS(events, struct actor_transport_events, opened) ? ACTOR_PENDING : 0;
}

static void tls_read(struct actor_transport *transport, bool on)
{
	struct tls *this = tls_of(transport);

	this->reading = on;
	if (is_over(this))
		return;
	set_inner_reading(this);
	if (on)
		wake(this);
}

static int tls_write(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	struct tls *this = tls_of(transport);

	if (is_over(this) || this->inner_lost || this->dead)
		return ACTOR_E_SYSTEM;
	this->rest = bytes;
	this->n_rest = n;
	encrypt(this);
	if (this->dead)
		wake(this);
	if (this->dead || this->inner_lost) {
		this->n_rest = 0;
		return ACTOR_E_SYSTEM;
	}
	this->pending = this->n_rest > 0 || this->records.n_out > 0;
	return this->pending ? ACTOR_PENDING : 0;
}

static void tls_shutdown(struct actor_transport *transport)
{
	struct tls *this = tls_of(transport);

	this->to_shut = true;
	if (is_over(this))
		return;
	shut_down(this);
	if (this->dead)
		wake(this);
}

static void destroy_started(struct tls *this)
{
	bool in_order = this->open && !this->pending && !is_broken(this);

	this->destroyed = true;
	this->n_rest = 0;
	this->deadline_ns = actor_time_after(actor_executor_now(this->transport.executor),
					     LINGER_NS);
	if (actor_timer_reset(this->timer, this->deadline_ns) < 0)
		this->deadline_ns = ACTOR_AT_ONCE;
	if (in_order)
		say_closed(this);
	fade(this);
}

static void tls_destroy(struct actor_transport *transport)
{
	struct tls *this = tls_of(transport);

	if (this->started) {
		destroy_started(this);
		return;
	}
	actor_transport_destroy(this->inner);
	release(this);
}

static int tls_describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	return actor_transport_describe(tls_of(transport)->inner, buffer, n_buffer);
}

static const struct actor_certificate *tls_certificate(const struct actor_transport *transport)
{
	return tls_of(transport)->certificate;
}

static const char *tls_why(const struct actor_transport *transport)
{
	return tls_of(transport)->records.why;
}

static const struct actor_transport_ops tls_ops = {
	.size = sizeof tls_ops,
	.start = tls_start,
	.read = tls_read,
	.write = tls_write,
	.shutdown = tls_shutdown,
	.destroy = tls_destroy,
	.describe = tls_describe,
	.certificate = tls_certificate,
	.why = tls_why,
};

/* ---- making one */

static int transport_create(struct actor_tls *tls, struct actor_transport *inner, const char *name,
			    bool is_server, struct actor_transport **ret_transport)
{
	size_t n_name = name ? actor__tls_name_bytes(name) : 0;
	struct tls *this = malloc(sizeof *this + n_name + 1);
	int rc;

	if (!this)
		return ACTOR_E_NOMEM;
	memset(this, 0, offsetof(struct tls, plain)); /* what is not used costs nothing */
	atomic_init(&this->n_owners, 1);
	this->transport.ops = &tls_ops;
	this->transport.executor = inner->executor;
	this->inner = inner;
	this->records.tls = tls;
	this->records.out = this->out;
	if (name) {
		this->records.name = memcpy(this->name, name, n_name);
		this->name[n_name] = '\0';
	}
	rc = actor__tls_records_init(&this->records, is_server);
	if (rc < 0) {
		free(this);
		return rc;
	}
	actor_tls_ref(tls);
	*ret_transport = &this->transport;
	return 0;
}

bool actor__tls_can_call(const struct actor_tls *tls, const char *name)
{
	const unsigned any = ACTOR_TLS_INSECURE_ANY_NAME | ACTOR_TLS_INSECURE_ANYBODY;

	return name ? actor__tls_is_name(name) : tls->insecure & any;
}

int actor_tls_client(struct actor_tls *tls, struct actor_transport *inner, const char *name,
		     struct actor_transport **ret_transport)
{
	if (!actor__tls_can_call(tls, name))
		return ACTOR_E_INVALID;
	return transport_create(tls, inner, name, false, ret_transport);
}

bool actor__tls_can_serve(const struct actor_tls *tls)
{
	return tls->files.certificate;
}

int actor_tls_server(struct actor_tls *tls, struct actor_transport *inner,
		     struct actor_transport **ret_transport)
{
	if (!actor__tls_can_serve(tls))
		return ACTOR_E_INVALID;
	return transport_create(tls, inner, NULL, true, ret_transport);
}
