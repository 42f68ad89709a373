/* SPDX-License-Identifier: MIT */

/*
 * What happens to members, and who is told.
 *
 * There are no queues: a member is somehow, and for whoever is to be told it is kept how it was
 * when it was told last. What is told next follows from the difference, so that nothing need be
 * allocated when something happens, nothing gets lost, and nobody is waited for: who is slow is
 * told the sum.
 *
 * Something happens under foreign latches, where nobody can be told; so whoever is concerned
 * becomes due, and a timer of the executor, or the monitor's next tick, delivers: one thread at a
 * time, each in the order in which it became due. Posting, and all else about a subscription's
 * waiter, is done by whoever delivers, and by nobody else: the lock hands it from one to the next.
 */

#include "runtime.h"

#include "actor.h"
#include "log.h"
#include "thread.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What could not be sent for want of memory, or of room in a channel that was given. */
#define RETRY_NS 10000000

/**
 * struct subscription - somebody is told of a member
 * @runtime:  whose; held
 * @member:   NULL: there was none; held
 * @identity: its
 * @address:  whom to tell; weak
 * @receiver: its identity
 * @link:     of the member's, or of the orphans
 * @told:     what
 * @ended:    nobody is told any more
 * @in_line, @waiter: where there is no room; by whoever delivers. In line, it is held
 */
struct subscription {
	struct actor__due due;
	struct actor_runtime *runtime;
	struct actor__member *member;
	struct actor_identity identity;
	struct actor_address *address;
	struct actor_identity receiver;
	struct actor__link link;
	struct actor__told told;
	bool ended;
	bool in_line;
	struct actor_waiter waiter;
};

/* ---- what is due */

void actor__due_hold(struct actor__due *due)
{
	/* Relaxed: whoever holds more holds some already, or has the lock. */
	atomic_fetch_add_explicit(&due->n_holders, 1, memory_order_relaxed);
}

void actor__due_release(struct actor__due *due)
{
	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&due->n_holders, 1, memory_order_acq_rel) == 1)
		due->destroy(due);
}

static void put(struct actor__link *ring, struct actor__due *due)
{
	if (due->is_due)
		actor__link_take(&due->link);
	else
		actor__due_hold(due);
	due->is_due = true;
	actor__link_before(ring, &due->link);
}

static void set_alarm(struct actor_runtime *runtime, int64_t at_ns)
{
	if (at_ns >= runtime->alarm_ns)
		return;
	runtime->alarm_ns = at_ns;
	actor__executor_arm(runtime->executor, &runtime->alarm, at_ns);
}

void actor__runtime_make_due(struct actor_runtime *runtime, struct actor__due *due)
{
	put(&runtime->due, due);
}

void actor__runtime_make_late(struct actor_runtime *runtime, struct actor__due *due)
{
	put(&runtime->late, due);
	set_alarm(runtime, actor__executor_now(runtime->executor) + RETRY_NS);
}

void actor__runtime_wake(struct actor_runtime *runtime)
{
	if (!runtime->delivers)
		set_alarm(runtime, ACTOR_AT_ONCE);
}

/* With the lock held: the next one, which is held; or NULL. */
static struct actor__due *take_due(struct actor_runtime *runtime)
{
	struct actor__link *link = actor__links_first(&runtime->due);
	struct actor__due *due;

	if (!link)
		return NULL;
	actor__link_take(link);
	due = ACTOR_CONTAINER_OF(link, struct actor__due, link);
	due->is_due = false;
	return due;
}

/* Whoever waits until hardly anybody is left looks again. */
static void ring_bell(struct actor_runtime *runtime)
{
	struct actor_reply *waiter;

	actor__latch_take(&runtime->ears);
	waiter = actor__bell_take(&runtime->bell);
	actor__latch_leave(&runtime->ears);
	actor__bell_ring(waiter);
}

void actor__runtime_deliver(struct actor_runtime *runtime)
{
	struct actor__due *due;
	bool few;

	actor__runtime_lock(runtime);
	if (runtime->delivers || !actor__links_first(&runtime->due)) {
		actor__runtime_unlock(runtime);
		return;
	}
	runtime->delivers = actor__thread();
	actor__runtime_hold(runtime);
	while ((due = take_due(runtime))) {
		actor__runtime_unlock(runtime);
		due->run(due);
		actor__due_release(due);
		actor__runtime_lock(runtime);
	}
	runtime->delivers = NULL;
	few = runtime->n_members <= 1;
	pthread_cond_broadcast(&runtime->quiet);
	actor__runtime_unlock(runtime);
	if (few)
		ring_bell(runtime);
	actor__runtime_release(runtime);
}

static struct actor_runtime *runtime_of_alarm(struct actor__timer *timer)
{
	return ACTOR_CONTAINER_OF(timer, struct actor_runtime, alarm);
}

static void alarm_fired(struct actor__timer *timer)
{
	actor__runtime_hold(runtime_of_alarm(timer));
}

static void alarm_run(struct actor__timer *timer, int64_t now_ns)
{
	struct actor_runtime *runtime = runtime_of_alarm(timer);
	struct actor__link *late;

	(void)now_ns;
	actor__runtime_lock(runtime);
	/* Relaxed: it is armed and disarmed with the lock. */
	if (atomic_exchange_explicit(&timer->fired, false, memory_order_relaxed)) {
		runtime->alarm_ns = ACTOR_FOREVER;
		while ((late = actor__links_first(&runtime->late))) {
			actor__link_take(late);
			actor__link_before(&runtime->due, late);
		}
	}
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	actor__runtime_release(runtime);
}

static const struct actor__timer_kind alarms = { .fire = alarm_fired, .run = alarm_run };

void actor__runtime_alarm_init(struct actor_runtime *runtime)
{
	runtime->alarm.kind = &alarms;
	runtime->alarm_ns = ACTOR_FOREVER;
}

/* ---- the next notice */

static void say_why(const struct actor__member *member, struct actor_notice *notice)
{
	actor__copy_text(notice->message_type, sizeof notice->message_type, member->why_type);
	actor__copy_text(notice->file, sizeof notice->file, member->why_file);
	actor__copy_text(notice->text, sizeof notice->text, member->why);
	notice->line = member->why_line;
}

static void say_what_is_in_hand(const struct actor__member *member, struct actor_notice *notice)
{
	actor__copy_text(notice->message_type, sizeof notice->message_type, member->in_hand);
	notice->age_ns = member->age_ns;
}

static void fill(const struct actor__member *member, enum actor_noticed what,
		 struct actor_notice *notice)
{
	*notice = (struct actor_notice){
		.what = what,
		.identity = actor__actor_info(member->actor).identity,
		.n_failures = member->n_failures,
		.n_restarts = member->is.n_restarts,
	};
	actor__copy_text(notice->name, sizeof notice->name, member->name);
	actor__copy_text(notice->type, sizeof notice->type, member->type);
	switch (what) {
	case ACTOR_NOTICED_UNHEALTHY:
	case ACTOR_NOTICED_OVERRUN:
		say_what_is_in_hand(member, notice);
		break;
	case ACTOR_NOTICED_FAILURE:
		say_why(member, notice);
		break;
	case ACTOR_NOTICED_END:
		notice->how = member->how;
		if (member->how == ACTOR_ENDED_FAILED)
			say_why(member, notice);
		break;
	case ACTOR_NOTICED_HEALTHY:
	case ACTOR_NOTICED_RESTART:
		break;
	}
}

/* What has changed first since @told, which then has it; 0: nothing. An actor that has failed or
 * gone need not be told to be healthy. */
static int next_change(const struct actor__told *is, struct actor__told *told)
{
	bool ended = is->gone || is->failed || is->n_restarts != told->n_restarts;

	if (told->failed && is->n_restarts != told->n_restarts) {
		told->failed = false;
		told->n_restarts = is->n_restarts;
		return ACTOR_NOTICED_RESTART;
	}
	if (told->unhealthy && (!is->unhealthy || ended)) {
		told->unhealthy = false;
		if (!ended)
			return ACTOR_NOTICED_HEALTHY;
	}
	if (told->n_overruns != is->n_overruns) {
		told->n_overruns = is->n_overruns;
		return ACTOR_NOTICED_OVERRUN;
	}
	if (!told->failed && (is->failed || is->n_restarts != told->n_restarts)) {
		told->failed = true;
		return ACTOR_NOTICED_FAILURE;
	}
	if (is->unhealthy && !told->unhealthy) {
		told->unhealthy = true;
		return ACTOR_NOTICED_UNHEALTHY;
	}
	if (is->gone && !told->gone) {
		told->gone = true;
		return ACTOR_NOTICED_END;
	}
	return 0;
}

/* With the lock held: whether there is something to tell. */
static bool next_notice(const struct actor__member *member, struct actor__told *told,
			struct actor_notice *ret_notice)
{
	int what = next_change(&member->is, told);

	if (what)
		fill(member, (enum actor_noticed)what, ret_notice);
	return what != 0;
}

/* ---- members */

static struct subscription *subscription_at(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct subscription, link);
}

void actor__member_news(struct actor__member *member)
{
	struct actor__link *ring = &member->subscriptions;

	for (struct actor__link *link = ring->next; link != ring; link = link->next)
		actor__runtime_make_due(member->runtime, &subscription_at(link)->due);
	actor__runtime_make_due(member->runtime, &member->due);
}

static void warn_of_overrun(const struct actor__member *member, const struct actor_notice *notice)
{
	struct actor_info info = { notice->identity, member->name, member->type };
	char text[80];

	snprintf(text, sizeof text, "has kept a thread for %.2f s", (double)notice->age_ns / 1e9);
	actor__log_text(ACTOR_LOG_WARNING, &info, notice->message_type, text);
}

static void tell(const struct actor__member *member, const struct actor_notice *notice)
{
	const struct actor_runtime_options *options = &member->runtime->options;

	if (notice->what == ACTOR_NOTICED_OVERRUN)
		warn_of_overrun(member, notice);
	if (options->on_notice)
		options->on_notice(options->user, notice);
}

/* With the lock held: it has gone, and that has been told; whether the runtime's hold is to go. */
static bool is_done(struct actor__member *member)
{
	if (!member->is.gone || !member->link.next)
		return false;
	actor__link_take(&member->link);
	member->link.next = NULL;
	member->runtime->n_members--;
	return true;
}

void actor__member_run(struct actor__due *due)
{
	struct actor__member *member = ACTOR_CONTAINER_OF(due, struct actor__member, due);
	struct actor_notice notice;
	bool done;

	actor__member_pay(member, true);
	actor__runtime_lock(member->runtime);
	while (next_notice(member, &member->told, &notice)) {
		actor__runtime_unlock(member->runtime);
		tell(member, &notice);
		actor__runtime_lock(member->runtime);
	}
	done = is_done(member);
	actor__runtime_unlock(member->runtime);
	if (done)
		actor__due_release(&member->due);
}

void actor__member_wake(struct actor_waiter *waiter)
{
	struct actor__member *member = ACTOR_CONTAINER_OF(waiter, struct actor__member, waiter);

	actor__runtime_lock(member->runtime);
	actor__runtime_make_due(member->runtime, &member->due);
	actor__runtime_wake(member->runtime);
	actor__runtime_unlock(member->runtime);
}

static void note_failure(struct actor__member *member, const struct actor_failure *failure)
{
	member->is.failed = true;
	member->is.unhealthy = false;
	member->n_failures++;
	actor__copy_text(member->why, sizeof member->why, failure->text);
	actor__copy_text(member->why_file, sizeof member->why_file, failure->file);
	actor__copy_text(member->why_type, sizeof member->why_type, failure->message_type);
	member->why_line = failure->line;
}

/* It is told of no more; its subscriptions are about nobody. */
static void go(struct actor__member *member)
{
	struct actor_runtime *runtime = member->runtime;
	struct actor__link *link;

	actor__member_leave(member);
	member->is.gone = true;
	member->is.unhealthy = false;
	actor__member_news(member);
	while ((link = actor__links_first(&member->subscriptions))) {
		actor__link_take(link);
		actor__link_before(&runtime->orphans, link);
	}
}

void actor__runtime_told(struct actor__watcher *watcher, enum actor__news news,
			 const struct actor_failure *failure)
{
	struct actor__member *member = ACTOR_CONTAINER_OF(watcher, struct actor__member, watcher);
	struct actor_runtime *runtime = member->runtime;

	actor__runtime_lock(runtime);
	switch (news) {
	case ACTOR__HAS_STOPPED:
	case ACTOR__WAS_CANCELLED:
		member->how = (enum actor_ended)news;
		break; /* what follows is told with that */
	case ACTOR__HAS_FAILED_NOW:
		member->how = ACTOR_ENDED_FAILED;
		note_failure(member, failure);
		actor__member_news(member);
		break;
	case ACTOR__RESTARTED:
		member->is.failed = false;
		member->is.n_restarts++;
		actor__member_news(member);
		break;
	case ACTOR__GONE:
		go(member);
		break;
	}
	if (actor__links_first(&runtime->due))
		actor__runtime_wake(runtime);
	actor__runtime_unlock(runtime);
}

void actor__runtime_over(struct actor__member *member, enum actor_ended how)
{
	actor__runtime_lock(member->runtime);
	member->how = how;
	member->told.gone = true;
	go(member);
	actor__runtime_unlock(member->runtime);
	actor__runtime_deliver(member->runtime);
}

/* ---- subscriptions */

static struct subscription *subscription_of(struct actor__due *due)
{
	return ACTOR_CONTAINER_OF(due, struct subscription, due);
}

static void subscription_destroy(struct actor__due *due)
{
	struct subscription *this = subscription_of(due);

	if (this->member)
		actor__due_release(&this->member->due);
	actor_address_unref(this->address);
	actor__runtime_release(this->runtime);
	free(this);
}

/* With the lock held: what it is to be told next. */
static bool next_for(const struct subscription *this, struct actor__told *told,
		     struct actor_notice *ret_notice)
{
	if (this->member)
		return next_notice(this->member, told, ret_notice);
	if (told->gone)
		return false;
	told->gone = true;
	*ret_notice = (struct actor_notice){ .what = ACTOR_NOTICED_END,
					     .identity = this->identity };
	return true;
}

static void leave_line(struct subscription *this)
{
	if (!this->in_line)
		return;
	actor_address_withdraw(this->address, &this->waiter);
	this->in_line = false;
	actor__due_release(&this->due);
}

static int post(struct subscription *this, struct actor_notice *notice)
{
	int rc = actor_address_post(this->address, &actor_notice_type, notice, NULL, &this->waiter);
	bool in_line = rc == ACTOR_E_FULL;

	if (in_line && !this->in_line)
		actor__due_hold(&this->due); /* a wake before this has found it held, as due */
	else if (!in_line && this->in_line)
		actor__due_release(&this->due);
	this->in_line = in_line;
	return rc;
}

/* With the lock held: no more; whether that is news. */
static bool end(struct subscription *this)
{
	bool is_news = !this->ended;

	if (is_news)
		actor__link_take(&this->link);
	this->ended = true;
	return is_news;
}

/* What is to be told now: 0; or why that could not be sent, or ACTOR_E_CLOSED after the last. */
static int tell_next(struct subscription *this, bool *ret_any)
{
	struct actor_runtime *runtime = this->runtime;
	struct actor_notice notice;
	struct actor__told told;
	int rc;

	actor__runtime_lock(runtime);
	told = this->told;
	*ret_any = !this->ended && next_for(this, &told, &notice);
	if (!*ret_any)
		this->told = told; /* it may have become healthy with its end */
	actor__runtime_unlock(runtime);
	if (!*ret_any)
		return 0;
	rc = post(this, &notice);
	if (rc < 0)
		return rc;
	actor__runtime_lock(runtime);
	this->told = told;
	actor__runtime_unlock(runtime);
	return told.gone ? ACTOR_E_CLOSED : 0;
}

static void subscription_run(struct actor__due *due)
{
	struct subscription *this = subscription_of(due);
	struct actor_runtime *runtime = this->runtime;
	bool any, ended = false;
	int rc;

	do {
		rc = tell_next(this, &any);
	} while (any && rc == 0);
	if (!any)
		leave_line(this); /* for what is no news any more */
	if (rc == 0 || rc == ACTOR_E_FULL)
		return;
	actor__runtime_lock(runtime);
	if (rc == ACTOR_E_NOMEM)
		actor__runtime_make_late(runtime, due);
	else
		ended = end(this);
	actor__runtime_unlock(runtime);
	if (ended)
		actor__due_release(due);
}

/* Room, maybe. With somebody's latch held. */
static void wake(struct actor_waiter *waiter)
{
	struct subscription *this = ACTOR_CONTAINER_OF(waiter, struct subscription, waiter);

	actor__runtime_lock(this->runtime);
	actor__runtime_make_due(this->runtime, &this->due);
	actor__runtime_wake(this->runtime);
	actor__runtime_unlock(this->runtime);
}

static struct subscription *create(struct actor_runtime *runtime, struct actor_identity identity,
				   struct actor_address *address)
{
	struct subscription *this = actor__memory_alloc(sizeof *this);

	if (!this)
		return NULL;
	this->due.run = subscription_run;
	this->due.destroy = subscription_destroy;
	atomic_init(&this->due.n_holders, 1);
	this->runtime = runtime;
	actor__runtime_hold(runtime);
	this->identity = identity;
	this->address = actor_address_weak(address);
	this->receiver = actor_address_identity(address);
	actor_waiter_init(&this->waiter, wake);
	return this;
}

/* With the lock held: whoever tells somebody of that member already; or NULL. */
static struct subscription *find(struct actor_runtime *runtime, struct actor__member *member,
				 struct actor_identity identity, struct actor_identity receiver)
{
	struct actor__link *ring = member ? &member->subscriptions : &runtime->orphans;

	for (struct actor__link *link = ring->next; link != ring; link = link->next) {
		struct subscription *this = subscription_at(link);

		if (actor_identity_same(this->identity, identity) &&
		    actor_identity_same(this->receiver, receiver))
			return this;
	}
	return NULL;
}

int actor_runtime_supervise(struct actor_runtime *runtime, struct actor_identity identity,
			    struct actor_address *address)
{
	struct subscription *this;
	struct actor__member *member;
	bool is_new;

	if (!actor_address_handles(address, &actor_notice_type))
		return ACTOR_E_UNHANDLED;
	this = create(runtime, identity, address);
	if (!this)
		return ACTOR_E_NOMEM;
	actor__runtime_lock(runtime);
	member = actor__member_numbered(runtime, identity);
	is_new = !find(runtime, member, identity, this->receiver);
	if (is_new && member) {
		this->member = member;
		actor__due_hold(&member->due);
		this->told.n_restarts = member->is.n_restarts;
		this->told.n_overruns = member->is.n_overruns;
	}
	if (is_new) {
		actor__link_before(member ? &member->subscriptions : &runtime->orphans,
				   &this->link);
		actor__runtime_make_due(runtime, &this->due);
	}
	actor__runtime_unlock(runtime);
	if (is_new)
		actor__runtime_deliver(runtime);
	else
		actor__due_release(&this->due);
	return 0;
}

void actor_runtime_unsupervise(struct actor_runtime *runtime, struct actor_identity identity,
			       struct actor_address *address)
{
	struct actor_identity receiver = actor_address_identity(address);
	struct subscription *this;

	actor__runtime_lock(runtime);
	this = find(runtime, actor__member_numbered(runtime, identity), identity, receiver);
	if (this) {
		end(this);
		actor__runtime_make_due(runtime, &this->due);
	}
	actor__runtime_unlock(runtime);
	if (!this)
		return;
	actor__due_release(&this->due); /* the list's; it is held as it is due */
	actor__runtime_deliver(runtime);
}

void actor__runtime_alarm_end(struct actor_runtime *runtime)
{
	struct actor__link *link;

	actor__runtime_lock(runtime);
	while ((link = actor__links_first(&runtime->orphans))) {
		struct subscription *this = subscription_at(link);

		end(this);
		actor__runtime_make_due(runtime, &this->due);
		actor__due_release(&this->due);
	}
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	actor__runtime_lock(runtime);
	while (runtime->delivers)
		pthread_cond_wait(&runtime->quiet, &runtime->lock);
	actor__timer_disarm(&runtime->executor->timers, &runtime->alarm);
	actor__runtime_unlock(runtime);
}
