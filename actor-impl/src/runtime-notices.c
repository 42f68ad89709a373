/* SPDX-License-Identifier: MIT */

/*
 * What happens to members, and who is told: by what notice.c has in common with monitors.
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

#define CHECKS_A_TICK 256 /* who has gone */

/**
 * struct actor__subscription - somebody is told of a member
 * @due:      held by the list that it is in, until it has ended; once more it is due then, and
 * leaves the line in which it may be
 * @runtime:  whose; held
 * @member:   NULL: there was none; held
 * @identity: its
 * @receiver: of whom is told
 * @link:     of the member's, or of the orphans
 * @turn:     of all
 * @herald:   tells; by whoever delivers
 * @of_all:   who is told is told of all members
 * @ended:    nobody is told any more
 */
struct actor__subscription {
	struct actor__due due;
	struct actor_runtime *runtime;
	struct actor__member *member;
	struct actor_identity identity;
	struct actor_identity receiver;
	struct actor__link link;
	struct actor__link turn;
	struct actor__herald herald;
	bool of_all;
	bool ended;
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

/* ---- members */

static struct actor__subscription *subscription_at(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__subscription, link);
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
	struct actor_info info = { notice->identity, member->name, member->story.type };
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
	if (!member->story.is.gone || !member->link.next)
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
	while (actor__story_next(&member->story, member->actor, &member->told, &notice)) {
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

/* It is told of no more; its subscriptions are about nobody. */
static void go(struct actor__member *member)
{
	struct actor_runtime *runtime = member->runtime;
	struct actor__link *link;

	actor__member_leave(member);
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
	if (actor__story_go_on(&member->story, member->actor, news, failure)) {
		if (news == ACTOR__GONE)
			go(member);
		else
			actor__member_news(member);
		actor__runtime_wake(runtime);
	}
	actor__runtime_unlock(runtime);
}

/* ---- subscriptions */

static void subscription_destroy(struct actor__due *due)
{
	struct actor__subscription *this = ACTOR_CONTAINER_OF(due, struct actor__subscription, due);

	if (this->member)
		actor__due_release(&this->member->due);
	actor_address_unref(this->herald.to);
	actor__runtime_release(this->runtime);
	free(this);
}

void actor__subscription_destroy(struct actor__subscription *this)
{
	if (this)
		actor__due_release(&this->due);
}

/* With the lock held: of who is no member. */
static bool next_of_nobody(const struct actor__subscription *this, struct actor__told *told,
			   struct actor_notice *ret_notice)
{
	if (told->gone)
		return false;
	told->gone = true;
	*ret_notice = (struct actor_notice){ .what = ACTOR_NOTICED_END,
					     .identity = this->identity };
	return true;
}

static bool next(struct actor__herald *herald, struct actor__told *told,
		 struct actor_notice *ret_notice)
{
	const struct actor__subscription *this = ACTOR_CONTAINER_OF(
		herald, struct actor__subscription, herald);
	const struct actor__member *member = this->member;
	bool any = false;

	actor__runtime_lock(this->runtime);
	if (!this->ended)
		any = member ? actor__story_next(&member->story, member->actor, told, ret_notice)
			     : next_of_nobody(this, told, ret_notice);
	actor__runtime_unlock(this->runtime);
	return any;
}

/* With the lock held: no more; whether that is news, and so the list's hold is to go. */
static bool end(struct actor__subscription *this)
{
	bool is_news = !this->ended;

	if (is_news) {
		actor__link_take(&this->link);
		actor__link_take(&this->turn);
	}
	this->ended = true;
	return is_news;
}

/* With the lock held: the same, from elsewhere: it still has to leave its line. */
static void give_up(struct actor__subscription *this)
{
	actor__runtime_make_due(this->runtime, &this->due);
	if (end(this))
		actor__due_release(&this->due); /* not the last: it is due */
}

static void subscription_run(struct actor__due *due)
{
	struct actor__subscription *this = ACTOR_CONTAINER_OF(due, struct actor__subscription, due);
	struct actor_runtime *runtime = this->runtime;
	int rc = actor__herald_tell(&this->herald);
	bool ended = false;

	if (rc == ACTOR_E_FULL)
		return;
	if (rc == 0 && !actor__herald_is_idle(&this->herald))
		return;
	actor__runtime_lock(runtime);
	if (rc == ACTOR_E_NOMEM && !this->ended)
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
	struct actor__subscription *this = ACTOR_CONTAINER_OF(waiter, struct actor__subscription,
							      herald.waiter);

	actor__runtime_lock(this->runtime);
	actor__runtime_make_due(this->runtime, &this->due);
	actor__runtime_wake(this->runtime);
	actor__runtime_unlock(this->runtime);
}

struct actor__subscription *actor__subscription_create(struct actor_runtime *runtime,
						       struct actor_address *address)
{
	struct actor__subscription *this = actor__memory_alloc(sizeof *this);

	if (!this)
		return NULL;
	this->due.run = subscription_run;
	this->due.destroy = subscription_destroy;
	atomic_init(&this->due.n_holders, 1);
	this->runtime = runtime;
	actor__runtime_hold(runtime);
	this->receiver = actor_address_identity(address);
	actor__herald_init(&this->herald, address, next, wake);
	return this;
}

/* With the lock held: whoever tells somebody of that member already; or NULL. */
static struct actor__subscription *find(struct actor_runtime *runtime, struct actor__member *member,
					struct actor_identity identity,
					struct actor_identity receiver)
{
	struct actor__link *ring = member ? &member->subscriptions : &runtime->orphans;

	for (struct actor__link *link = ring->next; link != ring; link = link->next) {
		struct actor__subscription *this = subscription_at(link);

		if (actor_identity_same(this->identity, identity) &&
		    actor_identity_same(this->receiver, receiver))
			return this;
	}
	return NULL;
}

/* With the lock held: from here on it is a list's. */
static void enter(struct actor__subscription *this, struct actor__member *member,
		  struct actor_identity identity)
{
	struct actor_runtime *runtime = this->runtime;

	this->identity = identity;
	this->member = member;
	if (member)
		actor__due_hold(&member->due);
	actor__link_before(member ? &member->subscriptions : &runtime->orphans, &this->link);
	actor__link_before(&runtime->listeners, &this->turn);
}

void actor__subscription_enter(struct actor__subscription *this, struct actor__member *member)
{
	this->of_all = true;
	enter(this, member, actor__actor_identity(member->actor));
}

/* What was before is not told; but if it has failed, that it has. */
static void pass_over(struct actor__told *told, const struct actor__told *is)
{
	told->n_restarts = is->n_restarts;
	told->n_overruns = is->n_overruns;
	told->n_failures = is->n_failures - is->failed;
}

int actor_runtime_supervise(struct actor_runtime *runtime, struct actor_identity identity,
			    struct actor_address *address)
{
	struct actor__subscription *this;
	struct actor__member *member;
	bool is_new;

	if (!actor_address_handles(address, &actor_notice_type))
		return ACTOR_E_UNHANDLED;
	this = actor__subscription_create(runtime, address);
	if (!this)
		return ACTOR_E_NOMEM;
	actor__runtime_lock(runtime);
	member = actor__member_numbered(runtime, identity);
	is_new = !find(runtime, member, identity, this->receiver);
	if (is_new) {
		enter(this, member, identity);
		if (member)
			pass_over(&this->herald.told, &member->story.is);
		actor__runtime_make_due(runtime, &this->due);
	}
	actor__runtime_unlock(runtime);
	if (is_new)
		actor__runtime_deliver(runtime);
	else
		actor__subscription_destroy(this);
	return 0;
}

void actor_runtime_unsupervise(struct actor_runtime *runtime, struct actor_identity identity,
			       struct actor_address *address)
{
	struct actor_identity receiver = actor_address_identity(address);
	struct actor__subscription *this;

	actor__runtime_lock(runtime);
	this = find(runtime, actor__member_numbered(runtime, identity), identity, receiver);
	if (this)
		give_up(this);
	actor__runtime_unlock(runtime);
	if (this)
		actor__runtime_deliver(runtime);
}

/* Who is told of all is told of members alone, which this one never really was. */
void actor__runtime_over(struct actor__member *member, enum actor_ended how)
{
	struct actor__link *link;

	actor__runtime_lock(member->runtime);
	actor__story_over(&member->story, how);
	member->told.gone = true;
	link = member->subscriptions.next;
	while (link != &member->subscriptions) {
		struct actor__subscription *this = subscription_at(link);

		link = link->next;
		if (this->of_all)
			give_up(this);
	}
	go(member);
	actor__runtime_unlock(member->runtime);
	actor__runtime_deliver(member->runtime);
}

void actor__listeners_check(struct actor_runtime *runtime)
{
	struct actor__link *last = runtime->listeners.previous, *link;
	unsigned n = 0;

	do {
		link = actor__links_first(&runtime->listeners);
		if (!link)
			return;
		actor__runtime_make_due(
			runtime, &ACTOR_CONTAINER_OF(link, struct actor__subscription, turn)->due);
		actor__link_take(link);
		actor__link_before(&runtime->listeners, link);
	} while (link != last && ++n < CHECKS_A_TICK);
}

void actor__runtime_alarm_end(struct actor_runtime *runtime)
{
	struct actor__link *link;

	actor__runtime_lock(runtime);
	while ((link = actor__links_first(&runtime->orphans)))
		give_up(subscription_at(link));
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	actor__runtime_lock(runtime);
	while (runtime->delivers)
		pthread_cond_wait(&runtime->quiet, &runtime->lock);
	actor__timer_disarm(&runtime->executor->timers, &runtime->alarm);
	actor__runtime_unlock(runtime);
}
