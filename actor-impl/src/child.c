/* SPDX-License-Identifier: MIT */

/*
 * The children of supervisors: their mailboxes, and how their ends are told.
 *
 * For each run of a child it joins, with a reply of its own, the run's token; that puts the child
 * in line at the desk, and has the supervisor look: by a message of a timer that sends again every
 * so often until it is told to stop, at most one at a time (see timer.h). So it arrives, whatever
 * memory there is at that moment. Who ends while the supervisor is at something is seen to when
 * that is done: all that it does is between actor__desk_begin() and actor__desk_end(), and the
 * latter sets the timer if anybody has come meanwhile.
 *
 * Supervisor and tokens share the desk, which outlives both. A token knows its child until the
 * child's end is told, or nobody wants to know any more.
 *
 * What runs on a mailbox that is given up goes on, and with it what it has borrowed: the user of
 * the child, which is dropped when the child has gone and nothing that began on any of its
 * mailboxes runs any more. So the last that is done with a mailbox is to join it on behalf of that.
 */

#include "child.h"

#include "util/lock.h"
#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

/**
 * struct actor__token - of a run that is to end; freed when that is told
 * @reply: is delivered then
 * @desk:  where
 * @child: whose, under the desk's lock; NULL: nobody wants to know
 */
struct actor__token {
	struct actor_reply reply;
	struct actor__desk *desk;
	struct actor__child *child;
};

/* ---- the desk ---- */

struct actor__desk *actor__desk_create(void)
{
	struct actor__desk *desk = actor__memory_alloc(sizeof *desk);

	if (!desk)
		return NULL;
	atomic_init(&desk->n_holders, 1);
	actor__lock_init(&desk->lock);
	actor__links_init(&desk->ended);
	return desk;
}

void actor__desk_unref(struct actor__desk *desk)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&desk->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

/* With the lock held: the end of a child is told, or is nothing to tell any more. */
static void forget_token(struct actor__child *child)
{
	if (child->token)
		child->token->child = NULL;
	child->token = NULL;
}

static int told_of_end(struct actor_reply *reply, int status, void *value)
{
	struct actor__token *token = ACTOR_CONTAINER_OF(reply, struct actor__token, reply);
	struct actor__desk *desk = token->desk;
	struct actor__child *child;

	(void)value;
	pthread_mutex_lock(&desk->lock);
	child = token->child;
	if (child) {
		forget_token(child);
		child->has_ended = status == 0;
		if (child->has_ended)
			actor__link_before(&desk->ended, &child->ended_link);
		if (child->has_ended && desk->looker && !desk->is_busy)
			actor_timer_reset(desk->looker, ACTOR_AT_ONCE);
	}
	pthread_mutex_unlock(&desk->lock);
	actor__desk_unref(desk);
	free(token);
	return 0;
}

static struct actor__token *token_create(struct actor__desk *desk)
{
	static const struct actor_reply_ops ops = { .size = sizeof ops, .deliver = told_of_end };
	struct actor__token *token = actor__memory_alloc(sizeof *token);

	if (token) {
		token->reply.ops = &ops;
		token->desk = desk;
	}
	return token;
}

/* Have the end of the run on a child's mailbox told. The token is used up on success. */
static int watch(struct actor__child *child, struct actor__token *token)
{
	struct actor__desk *desk = token->desk;
	int rc;

	/* Relaxed: the supervisor holds it. */
	atomic_fetch_add_explicit(&desk->n_holders, 1, memory_order_relaxed);
	pthread_mutex_lock(&desk->lock);
	child->token = token;
	token->child = child;
	pthread_mutex_unlock(&desk->lock);
	rc = child->mailbox->ops->join(child->mailbox, &token->reply);
	if (rc == 0)
		return 0;
	pthread_mutex_lock(&desk->lock);
	forget_token(child);
	pthread_mutex_unlock(&desk->lock);
	actor__desk_unref(desk);
	return rc;
}

void actor__child_unwatch(struct actor__child *child, struct actor__desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	forget_token(child);
	if (child->has_ended)
		actor__link_take(&child->ended_link);
	child->has_ended = false;
	pthread_mutex_unlock(&desk->lock);
}

struct actor__child *actor__desk_take(struct actor__desk *desk)
{
	struct actor__link *link;
	struct actor__child *child = NULL;

	pthread_mutex_lock(&desk->lock);
	link = actor__links_first(&desk->ended);
	if (link) {
		child = ACTOR_CONTAINER_OF(link, struct actor__child, ended_link);
		actor__link_take(link);
		child->has_ended = false;
	}
	pthread_mutex_unlock(&desk->lock);
	return child;
}

void actor__desk_set_looker(struct actor__desk *desk, struct actor_timer *looker)
{
	pthread_mutex_lock(&desk->lock);
	desk->looker = looker;
	pthread_mutex_unlock(&desk->lock);
}

void actor__desk_begin(struct actor__desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	desk->is_busy = true;
	pthread_mutex_unlock(&desk->lock);
}

void actor__desk_end(struct actor__desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	desk->is_busy = false;
	if (actor__links_first(&desk->ended))
		actor_timer_reset(desk->looker, ACTOR_AT_ONCE);
	pthread_mutex_unlock(&desk->lock);
}

/* ---- what is lent ---- */

/**
 * struct actor__loan - the user of a child
 * @n_holders: the child, each borrower
 * @drop:      releases it, with the last of these; NULL: nobody does
 */
struct actor__loan {
	atomic_size_t n_holders;
	void (*drop)(void *user);
	void *user;
};

/**
 * struct actor__borrower - what runs on a mailbox, while a child has that and afterwards
 * @reply: is delivered when, afterwards, that has ended
 */
struct actor__borrower {
	struct actor_reply reply;
	struct actor__loan *loan;
};

/* Of a child that has something to lend: 0, or there is no memory. */
static int lend(struct actor__child *child)
{
	struct actor__loan *loan;

	if (!child->spec.drop)
		return 0;
	loan = actor__memory_alloc(sizeof *loan);
	if (!loan)
		return ACTOR_E_NOMEM;
	atomic_init(&loan->n_holders, 1);
	loan->drop = child->spec.drop;
	loan->user = child->spec.user;
	child->loan = loan;
	return 0;
}

static void loan_unref(struct actor__loan *loan)
{
	/* Release: what was done with the user comes before it goes; acquire: for the last. */
	if (!loan || atomic_fetch_sub_explicit(&loan->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	if (loan->drop)
		loan->drop(loan->user);
	free(loan);
}

static void give_back(struct actor__borrower *borrower)
{
	loan_unref(borrower->loan);
	free(borrower);
}

static int told_of_last_end(struct actor_reply *reply, int status, void *value)
{
	(void)status, (void)value;
	give_back(ACTOR_CONTAINER_OF(reply, struct actor__borrower, reply));
	return 0;
}

/* For a mailbox that the child is to have: 0, or there is no memory. */
static int borrow(struct actor__child *child)
{
	static const struct actor_reply_ops ops = { .size = sizeof ops,
						    .deliver = told_of_last_end };
	struct actor__borrower *borrower;

	if (!child->loan)
		return 0;
	borrower = actor__memory_alloc(sizeof *borrower);
	if (!borrower)
		return ACTOR_E_NOMEM;
	borrower->reply.ops = &ops;
	borrower->loan = child->loan;
	/* Relaxed: the child holds it. */
	atomic_fetch_add_explicit(&child->loan->n_holders, 1, memory_order_relaxed);
	child->borrower = borrower;
	return 0;
}

/* The child will have the mailbox no more, if it has one: what runs there gives back. */
static void part_with_borrower(struct actor__child *child)
{
	struct actor__borrower *borrower = child->borrower;
	struct actor_mailbox *mailbox = child->mailbox;

	child->borrower = NULL;
	if (borrower && (!mailbox || mailbox->ops->join(mailbox, &borrower->reply) < 0))
		give_back(borrower); /* nothing has ever run there */
}

/* ---- children ---- */

/* As large as its maker knew it. */
static struct actor_child spec_of(const struct actor_child *given)
{
	struct actor_child spec = { 0 };

	memcpy(&spec, given, given->size < sizeof spec ? given->size : sizeof spec);
	if (spec.stop_ns == 0)
		spec.stop_ns = ACTOR__DEFAULT_NS;
	return spec;
}

struct actor__child *actor__child_create(const struct actor_child *given)
{
	struct actor__child *child = actor__memory_alloc(sizeof *child);

	if (!child)
		return NULL;
	child->spec = spec_of(given);
	if (lend(child) == 0)
		return child;
	free(child);
	return NULL;
}

void actor__child_lose_mailbox(struct actor__child *child)
{
	actor_address_unref(child->address);
	child->address = NULL;
	part_with_borrower(child);
	actor_mailbox_detach(child->mailbox);
	child->mailbox = NULL;
}

void actor__child_destroy(struct actor__child *child)
{
	actor__child_lose_mailbox(child);
	loan_unref(child->loan);
	free(child);
}

void actor__child_keep_user(struct actor__child *child)
{
	if (child->loan)
		child->loan->drop = NULL;
}

static int set_attempts(struct actor__child *child)
{
	unsigned n = child->spec.attempts;

	return n > 0 ? actor_mailbox_set_attempts(child->mailbox, n) : 0;
}

static int make_mailbox(struct actor__child *child, struct actor_spawner *spawner)
{
	const struct actor_child *spec = &child->spec;
	const struct actor_mailbox_options options = {
		.size = sizeof options,
		.name = spec->name,
		.capacity = spec->capacity,
	};
	int rc = borrow(child);

	if (rc == 0)
		rc = actor_mailbox_create(spec->spawner ? spec->spawner : spawner, spec->behavior,
					  &options, &child->mailbox);
	if (rc == 0) {
		child->address = actor_mailbox_address(child->mailbox);
		rc = set_attempts(child);
	}
	if (rc < 0)
		actor__child_lose_mailbox(child);
	return rc;
}

static void drop_state(struct actor__child *child, void *state)
{
	if (state && child->spec.behavior->destroy)
		child->spec.behavior->destroy(state);
}

/* What the program's function says, and, where that is 0, what the mailbox says. */
static int start_fresh(struct actor__child *child, int *ret_started)
{
	void *state = NULL;
	int rc = child->spec.make(child->spec.user, &state);

	if (rc < 0)
		return rc;
	*ret_started = actor_mailbox_start(child->mailbox, state, NULL, NULL);
	if (*ret_started < 0)
		drop_state(child, state);
	return 0;
}

int actor__child_start_fresh(struct actor__child *child)
{
	int started = 0, rc = start_fresh(child, &started);

	return rc < 0 ? rc : started;
}

/* On the mailbox that it has, if that will do. */
static int start_somewhere(struct actor__child *child, struct actor_spawner *spawner)
{
	int started = ACTOR_E_CLOSED, rc = 0;

	if (child->mailbox)
		rc = start_fresh(child, &started);
	if (rc == 0 && started == ACTOR_E_CLOSED) {
		actor__child_lose_mailbox(child);
		rc = make_mailbox(child, spawner);
		if (rc == 0)
			rc = start_fresh(child, &started);
	}
	if (rc == 0 && started != ACTOR_E_BUSY) /* that is: somebody else has started it */
		rc = started;
	return rc;
}

static void note_start(struct actor__child *child, int64_t now_ns)
{
	child->is_running = true;
	child->began_ns = now_ns;
	child->n_starts++;
}

int actor__child_start(struct actor__child *child, struct actor__desk *desk,
		       struct actor_spawner *spawner, int64_t now_ns)
{
	struct actor__token *token = token_create(desk);
	int rc;

	if (!token)
		return ACTOR_E_NOMEM;
	rc = start_somewhere(child, spawner);
	if (rc == 0)
		rc = watch(child, token);
	if (rc < 0) {
		free(token);
		return rc;
	}
	note_start(child, now_ns);
	return 0;
}

int actor__child_take_over(struct actor__child *child, struct actor__desk *desk,
			   struct actor_spawner *spawner, int64_t now_ns)
{
	struct actor__token *token;
	int rc;

	child->mailbox = child->spec.mailbox;
	rc = set_attempts(child);
	if (rc == 0)
		rc = borrow(child);
	if (rc < 0)
		return rc;
	token = token_create(desk);
	if (!token)
		return ACTOR_E_NOMEM;
	child->address = actor_mailbox_address(child->mailbox);
	rc = watch(child, token);
	if (rc == 0) {
		note_start(child, now_ns);
		return 0;
	}
	free(token);
	/* It has never run. */
	return rc == ACTOR_E_INVALID ? actor__child_start(child, desk, spawner, now_ns) : rc;
}
