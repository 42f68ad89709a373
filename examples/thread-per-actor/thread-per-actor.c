/* SPDX-License-Identifier: MIT */

/*
 * An instance: the mailboxes that have not been buried, and the threads that run.
 *
 * It goes last. A mailbox touches it until it is buried, a thread until it ends, and both are
 * counted; an address never does. Counts and numbers of actors are the process's, since addresses
 * may outlive the instance.
 *
 * Threads are joined, so that nothing of them is left when the instance goes, and nobody has to sit
 * and wait for them: each thread, as the very last thing it does, joins the one that ended before
 * it. The last of all is joined by actor_tpa_join() or actor_tpa_destroy().
 */

#include "tpa.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

struct actor_tpa {
	struct actor_spawner spawner;
	pthread_mutex_t lock;
	pthread_cond_t quiet;	       /* n_threads has become 0 */
	struct tpa_mailbox *mailboxes; /* those that close has yet to cancel */
	size_t n_mailboxes;	       /* not buried */
	size_t n_threads;	       /* not yet at their end */
	pthread_t ended;	       /* the last thread that came to its end, if there is one */
	bool has_ended;
	bool closed;
};

static _Atomic int64_t counts[TPA_N_COUNTS];

void tpa_count(enum tpa_count what, int64_t n)
{
	/* Relaxed: a number from which nobody concludes anything about other memory. */
	atomic_fetch_add_explicit(&counts[what], n, memory_order_relaxed);
}

void actor_tpa_counts_get(struct actor_tpa_counts *ret_counts)
{
	*ret_counts = (struct actor_tpa_counts){
		.mailboxes = atomic_load(&counts[TPA_MAILBOXES]),
		.envelopes = atomic_load(&counts[TPA_ENVELOPES]),
		.replies = atomic_load(&counts[TPA_REPLIES]),
		.dead_letters = atomic_load(&counts[TPA_DEAD_LETTERS]),
	};
}

void *tpa_alloc(size_t header, const struct actor_message_type *type, void **ret_value)
{
	size_t align = type->message_align > _Alignof(max_align_t) ? type->message_align
								   : _Alignof(max_align_t);
	size_t offset = (header + align - 1) & ~(align - 1);
	void *memory;

	if (posix_memalign(&memory, align, offset + type->message_size))
		return NULL;
	*ret_value = (char *)memory + offset;
	return memory;
}

static const struct actor_spawner_ops spawner_ops;

static struct actor_tpa *tpa_of(struct actor_spawner *spawner)
{
	assert(spawner->ops == &spawner_ops);
	return ACTOR_CONTAINER_OF(spawner, struct actor_tpa, spawner);
}

static int spawner_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			   const struct actor_mailbox_options *options,
			   struct actor_mailbox **ret_mailbox)
{
	return tpa_mailbox_create(tpa_of(spawner), behavior, options, ret_mailbox);
}

static const struct actor_spawner_ops spawner_ops = {
	.size = sizeof spawner_ops,
	.mailbox = spawner_mailbox,
};

int actor_tpa_create(struct actor_tpa **ret_tpa)
{
	struct actor_tpa *tpa = calloc(1, sizeof *tpa);

	if (!tpa)
		return ACTOR_E_NOMEM;
	if (pthread_mutex_init(&tpa->lock, NULL))
		goto no_lock;
	if (tpa_condition_init(&tpa->quiet) < 0)
		goto no_condition;
	tpa->spawner.ops = &spawner_ops;
	*ret_tpa = tpa;
	return 0;

no_condition:
	pthread_mutex_destroy(&tpa->lock);
no_lock:
	free(tpa);
	return ACTOR_E_NOMEM;
}

struct actor_spawner *actor_tpa_spawner(struct actor_tpa *tpa)
{
	return &tpa->spawner;
}

/* ---- mailboxes ---- */

int tpa_register(struct actor_tpa *tpa, struct tpa_mailbox *mailbox)
{
	int rc = 0;

	pthread_mutex_lock(&tpa->lock);
	if (tpa->closed) {
		rc = ACTOR_E_CLOSED;
	} else {
		mailbox->tpa = tpa;
		mailbox->next = tpa->mailboxes;
		mailbox->link = &tpa->mailboxes;
		if (mailbox->next)
			mailbox->next->link = &mailbox->next;
		tpa->mailboxes = mailbox;
		tpa->n_mailboxes++;
	}
	pthread_mutex_unlock(&tpa->lock);
	return rc;
}

static void unlink_locked(struct tpa_mailbox *mailbox)
{
	if (!mailbox->link)
		return;
	*mailbox->link = mailbox->next;
	if (mailbox->next)
		mailbox->next->link = mailbox->link;
	mailbox->link = NULL;
}

void tpa_unregister(struct actor_tpa *tpa, struct tpa_mailbox *mailbox)
{
	pthread_mutex_lock(&tpa->lock);
	unlink_locked(mailbox);
	tpa->n_mailboxes--;
	pthread_mutex_unlock(&tpa->lock);
}

/* Close, and take out a mailbox that has yet to be cancelled; held. NULL: none is left. */
static struct tpa_mailbox *close_next(struct actor_tpa *tpa)
{
	struct tpa_mailbox *mailbox;

	pthread_mutex_lock(&tpa->lock);
	tpa->closed = true;
	mailbox = tpa->mailboxes;
	if (mailbox) {
		unlink_locked(mailbox);
		tpa_mailbox_hold(mailbox);
	}
	pthread_mutex_unlock(&tpa->lock);
	return mailbox;
}

void actor_tpa_close(struct actor_tpa *tpa)
{
	struct tpa_mailbox *mailbox;

	while ((mailbox = close_next(tpa))) {
		tpa_mailbox_cancel(mailbox);
		tpa_mailbox_put(mailbox);
	}
}

/* ---- threads ---- */

static int thread_admit(struct actor_tpa *tpa)
{
	int rc = 0;

	pthread_mutex_lock(&tpa->lock);
	if (tpa->closed)
		rc = ACTOR_E_CLOSED;
	else
		tpa->n_threads++;
	pthread_mutex_unlock(&tpa->lock);
	return rc;
}

static void thread_gone_locked(struct actor_tpa *tpa)
{
	if (--tpa->n_threads == 0)
		pthread_cond_broadcast(&tpa->quiet);
}

/* Signals are the business of the program's own threads: an actor's starts with all blocked, but
 * for faults, which are the thread's that makes them. */
static int thread_create(struct tpa_mailbox *mailbox)
{
	sigset_t all, before;
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
	pthread_t thread;
	int failed;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, NULL, tpa_actor_main, mailbox);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? ACTOR_E_SYSTEM : 0;
}

int tpa_thread_start(struct actor_tpa *tpa, struct tpa_mailbox *mailbox)
{
	int rc = thread_admit(tpa);

	if (rc < 0)
		return rc;
	rc = thread_create(mailbox);
	if (rc < 0) {
		pthread_mutex_lock(&tpa->lock);
		thread_gone_locked(tpa);
		pthread_mutex_unlock(&tpa->lock);
	}
	return rc;
}

/* With the lock held: whom to join. */
static bool take_ended_locked(struct actor_tpa *tpa, pthread_t *ret_thread)
{
	bool taken = tpa->has_ended;

	*ret_thread = tpa->ended;
	tpa->has_ended = false;
	return taken;
}

void tpa_thread_end(struct actor_tpa *tpa)
{
	pthread_t before;
	bool any;

	pthread_mutex_lock(&tpa->lock);
	any = take_ended_locked(tpa, &before);
	tpa->ended = pthread_self();
	tpa->has_ended = true;
	thread_gone_locked(tpa);
	pthread_mutex_unlock(&tpa->lock);
	if (any)
		pthread_join(before, NULL);
}

int actor_tpa_join(struct actor_tpa *tpa, int64_t deadline_ns)
{
	pthread_t last;
	bool any = false;
	int rc = 0;

	pthread_mutex_lock(&tpa->lock);
	while (tpa->n_threads > 0 && rc == 0)
		rc = tpa_condition_wait(&tpa->quiet, &tpa->lock, deadline_ns);
	if (tpa->n_threads == 0) {
		rc = 0;
		any = take_ended_locked(tpa, &last);
	}
	pthread_mutex_unlock(&tpa->lock);
	if (any)
		pthread_join(last, NULL);
	return rc;
}

int actor_tpa_destroy(struct actor_tpa *tpa)
{
	bool busy;

	if (!tpa)
		return 0;
	pthread_mutex_lock(&tpa->lock);
	busy = tpa->n_threads > 0 || tpa->n_mailboxes > 0;
	pthread_mutex_unlock(&tpa->lock);
	if (busy || actor_tpa_join(tpa, ACTOR_AT_ONCE) < 0)
		return ACTOR_E_BUSY;
	pthread_cond_destroy(&tpa->quiet);
	pthread_mutex_destroy(&tpa->lock);
	free(tpa);
	return 0;
}
