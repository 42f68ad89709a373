/* SPDX-License-Identifier: MIT */

/*
 * Nurseries. A subtask is an actor without handlers that does its work in `started`: nobody has its
 * address, so it ends when that has returned. What it needs is one record: its argument, later its
 * result, and where it stands. The record has two owners, its run (from begin() to end_run()) and
 * its result (wherever that is), and each record keeps the nursery's memory.
 *
 *	waiting    for its turn, in line
 *	running    its function is called, or will be; counted
 *	done       its result lies in line, in the order of completion
 *	taken      by a message, by whoever asked, or dropped
 *
 * Results that come back as messages are sent one at a time: whoever ends while nobody else
 * delivers, delivers what there is. It cannot wait any more: if there is no room or no memory, it
 * sends the courier, an actor beside the subtasks, which can. (Not beside the actor that the
 * results are for, whose executor may be gone.) A mailbox for it lies in reserve from the
 * beginning, and the courier does not end before it has put the next one there: so there always is
 * one, in reserve or under way, that looks for results once more. Only an executor that closes ends
 * that.
 *
 * A latch guards lists and flags; it is a leaf: nothing is called while it is held. A mailbox has
 * one owner, who does one thing at a time: that is whoever has set `in_use` under the latch. Who
 * comes meanwhile leaves a note (`to_cancel`, `ended`), which is looked at before it is given up.
 */

#include "actor.h"
#include "bell.h"
#include "thread.h"
#include "util/align.h"
#include "util/cells.h"
#include "util/latch.h"
#include "util/links.h"
#include "util/memory.h"

#include <actor-impl/nursery.h>
#include <stdlib.h>
#include <string.h>

/* How long a courier that has found no memory waits until it tries again. */
enum { RETRY_NS = 1000000 };

struct actor_nursery {
	atomic_size_t n_refs;	       /* its owner, each record */
	struct actor_context *context; /* whose scope list it is on, or NULL */
	struct actor_cleanup cleanup;
	struct actor_spawner *spawner;
	struct actor_address *to; /* weak, or NULL: nobody is sent results */
	const char *name;
	size_t limit;
	/* The rest under the latch. */
	struct actor__latch latch;
	uint64_t n_started;
	size_t n_running;
	size_t n_waiting;
	size_t n_done;
	struct actor__link waiting;
	struct actor__link done;
	struct actor__link runs;       /* whose turn has come; those that are told to cancel last */
	struct actor_mailbox *courier; /* in reserve, or NULL */
	struct actor__bell bell;
	bool closed;
	bool abandoned; /* by its owner, or its actor is gone */
	bool delivering;
};

struct actor_subtask {
	struct actor_nursery *nursery;
	atomic_uint n_owners;
	struct actor__link link; /* waiting, or done */
	struct actor__link run;
	struct actor_mailbox *mailbox;
	actor_subtask_fn *function;
	const struct actor_message_type *type;
	uint64_t number;
	size_t bytes;
	void *argument; /* NULL when it has been dropped */
	void *value;	/* NULL without a reply type */
	struct actor__fault *fault;
	/* Under the latch. */
	int status;  /* ACTOR_PENDING until it is done, and the same for ever from then on */
	bool in_use; /* the mailbox, also while it is being made */
	bool told;   /* to cancel */
	bool to_cancel;
	bool ended;
};

/* ---- lists, under the latch ---- */

static struct actor_subtask *take_first(struct actor__link *ring, size_t *count)
{
	struct actor__link *link = actor__links_first(ring);

	if (!link)
		return NULL;
	actor__link_take(link);
	--*count;
	return ACTOR_CONTAINER_OF(link, struct actor_subtask, link);
}

static void latch(struct actor_nursery *nursery)
{
	actor__latch_take(&nursery->latch);
}

static void unlatch(struct actor_nursery *nursery)
{
	actor__latch_leave(&nursery->latch);
}

/* ---- memory ---- */

static struct actor_nursery *nursery_ref(struct actor_nursery *nursery)
{
	/* Relaxed: the caller has one already. */
	atomic_fetch_add_explicit(&nursery->n_refs, 1, memory_order_relaxed);
	return nursery;
}

static void nursery_unref(struct actor_nursery *nursery)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&nursery->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	actor_address_unref(nursery->to);
	actor__count(actor__thread(), ACTOR__COUNT_NURSERIES, -1);
	free(nursery);
}

/* Behind the record, in this order: the argument and the value. */
static struct actor_subtask *subtask_create(struct actor_nursery *nursery,
					    actor_subtask_fn *function,
					    const struct actor_message_type *type, void *argument)
{
	const struct actor_message_type *reply = type->reply;
	size_t align = reply && reply->message_align > type->message_align ? reply->message_align
									   : type->message_align;
	size_t at_argument = actor__align(sizeof(struct actor_subtask), align);
	size_t at_value = actor__align(at_argument + type->message_size, align);
	size_t bytes = at_value + (reply ? reply->message_size : 0) + align;
	struct actor_subtask *subtask = actor__cell_alloc(&actor__thread()->cells, bytes);
	char *base;

	if (!subtask)
		return NULL;
	/* What the cell's address lacks to the alignment, if that is more than a cell's own. */
	base = actor__align_pointer(subtask, align);
	*subtask = (struct actor_subtask){
		.nursery = nursery_ref(nursery),
		.function = function,
		.type = type,
		.bytes = bytes,
		.argument = base + at_argument,
		.value = reply ? base + at_value : NULL,
		.status = ACTOR_PENDING,
	};
	atomic_init(&subtask->n_owners, 1);
	memcpy(subtask->argument, argument, type->message_size);
	if (reply)
		memset(subtask->value, 0, reply->message_size);
	return subtask;
}

static void drop_argument(struct actor_subtask *subtask)
{
	void *argument = subtask->argument;

	subtask->argument = NULL;
	if (argument)
		actor_message_drop(subtask->type, argument);
}

static void subtask_release(struct actor_subtask *subtask)
{
	/* As nursery_unref(). */
	if (atomic_fetch_sub_explicit(&subtask->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	drop_argument(subtask);
	if (subtask->status == 0 && subtask->value)
		actor_message_drop(subtask->type->reply, subtask->value);
	actor__fault_release(subtask->fault);
	nursery_unref(subtask->nursery);
	actor__cell_free(&actor__thread()->cells, subtask, subtask->bytes);
}

/* ---- results ---- */

static void result_drop(void *message)
{
	struct actor_result *result = message;
	struct actor_subtask *subtask = result->subtask;

	result->subtask = NULL;
	if (subtask)
		subtask_release(subtask);
}

ACTOR_SIGNAL_DEFINE(actor_result, "actor.result", result_drop);

void actor_result_drop(struct actor_result *result)
{
	result_drop(result);
}

static struct actor_result result_of(struct actor_subtask *subtask)
{
	return (struct actor_result){
		.nursery = subtask->nursery,
		.number = subtask->number,
		.status = subtask->status,
		.type = subtask->type->reply,
		.value = subtask->status == 0 ? subtask->value : NULL,
		.failure = subtask->fault ? &subtask->fault->failure : NULL,
		.subtask = subtask,
	};
}

/* From running to done. */
static void complete(struct actor_nursery *nursery, struct actor_subtask *subtask, int status)
{
	struct actor_reply *waiter;
	bool abandoned;

	drop_argument(subtask);
	latch(nursery);
	subtask->status = status;
	nursery->n_running--;
	abandoned = nursery->abandoned;
	if (!abandoned) {
		actor__link_before(&nursery->done, &subtask->link);
		nursery->n_done++;
	}
	waiter = actor__bell_take(&nursery->bell);
	unlatch(nursery);
	if (abandoned)
		subtask_release(subtask);
	actor__bell_ring(waiter);
}

static void abandon(struct actor_nursery *nursery);

/* The next result to be sent; @first: unless somebody else does that. */
static struct actor_subtask *take_to_deliver(struct actor_nursery *nursery, bool first)
{
	struct actor_subtask *subtask = NULL;

	latch(nursery);
	if (!first || !nursery->delivering) {
		subtask = take_first(&nursery->done, &nursery->n_done);
		nursery->delivering = subtask != NULL;
	}
	unlatch(nursery);
	return subtask;
}

/* It could not be sent: false, if nobody is to try again. */
static bool put_back(struct actor_nursery *nursery, struct actor_subtask *subtask, bool for_good)
{
	bool kept;

	latch(nursery);
	nursery->delivering = false;
	kept = !for_good && !nursery->abandoned;
	if (kept) {
		actor__link_before(nursery->done.next, &subtask->link);
		nursery->n_done++;
	}
	unlatch(nursery);
	if (!kept)
		subtask_release(subtask);
	if (for_good)
		abandon(nursery);
	return kept;
}

/* Send the results that are there; without a context, as far as there is room. 0, or why some are
 * left that somebody else has to send. */
static int deliver(struct actor_nursery *nursery, struct actor_context *context)
{
	struct actor_subtask *subtask = nursery->to ? take_to_deliver(nursery, true) : NULL;

	while (subtask) {
		struct actor_result message = result_of(subtask);
		int rc = context ? context->ops->post(context, nursery->to, &actor_result_type,
						      &message, NULL, ACTOR_FOREVER)
				 : actor_address_post(nursery->to, &actor_result_type, &message,
						      NULL, NULL);

		if (rc < 0)
			return put_back(nursery, subtask, rc == ACTOR_E_CLOSED) ? rc : 0;
		subtask = take_to_deliver(nursery, false);
	}
	return 0;
}

/* ---- the courier ---- */

static void courier_run(void *self, struct actor_context *context);

static void courier_destroy(void *self)
{
	nursery_unref(self);
}

static const struct actor_behavior courier = {
	.size = sizeof courier,
	.name = "courier",
	.stride = sizeof(struct actor_handler),
	.started = courier_run,
	.destroy = courier_destroy,
};

static struct actor_mailbox *take_courier(struct actor_nursery *nursery)
{
	struct actor_mailbox *mailbox;

	latch(nursery);
	mailbox = nursery->courier;
	nursery->courier = NULL;
	unlatch(nursery);
	return mailbox;
}

static void put_courier(struct actor_nursery *nursery, struct actor_mailbox *mailbox)
{
	latch(nursery);
	if (!nursery->abandoned) {
		nursery->courier = mailbox;
		mailbox = NULL;
	}
	unlatch(nursery);
	actor_mailbox_destroy(mailbox);
}

static int make_courier(struct actor_nursery *nursery)
{
	struct actor_mailbox *mailbox;
	int rc = actor_mailbox_create(nursery->spawner, &courier, NULL, &mailbox);

	if (rc == 0)
		put_courier(nursery, mailbox);
	return rc;
}

static void deliver_by_courier(struct actor_nursery *nursery)
{
	struct actor_mailbox *mailbox;

	if (deliver(nursery, NULL) == 0)
		return;
	mailbox = take_courier(nursery);
	if (!mailbox)
		return; /* it is under way */
	if (actor_mailbox_start(mailbox, nursery_ref(nursery), NULL, NULL) == 0) {
		actor_mailbox_detach(mailbox);
	} else { /* its executor closes, or cannot now: who ends next tries again */
		nursery_unref(nursery);
		put_courier(nursery, mailbox);
	}
}

/* Whether to try again, when that makes sense. */
static bool no_memory_yet(struct actor_context *context, int rc)
{
	return rc == ACTOR_E_NOMEM &&
	       actor_sleep_until(context, actor_now(context) + RETRY_NS) == 0;
}

static void courier_run(void *self, struct actor_context *context)
{
	struct actor_nursery *nursery = self;
	int delivered, made;

	do
		delivered = deliver(nursery, context);
	while (no_memory_yet(context, delivered));
	do
		made = make_courier(nursery);
	while (no_memory_yet(context, made));
	if (delivered == 0 && made == 0) /* what has come since */
		deliver_by_courier(nursery);
}

/* ---- runs ---- */

static void leave_mailbox(struct actor_subtask *subtask);
static void start_waiting(struct actor_nursery *nursery);

static void run(void *self, struct actor_context *context)
{
	struct actor_subtask *subtask = self;
	int rc = subtask->function(context, subtask->argument, subtask->value);

	complete(subtask->nursery, subtask, rc > 0 ? ACTOR_E_INVALID : rc);
	start_waiting(subtask->nursery);
}

static const struct actor_behavior behavior = {
	.size = sizeof behavior,
	.name = "subtask",
	.stride = sizeof(struct actor_handler),
	.started = run,
};

static void end_run(struct actor_subtask *subtask);

static void on_end(void *user, struct actor_end *end)
{
	struct actor_subtask *subtask = user;
	struct actor_nursery *nursery = subtask->nursery;
	bool mine;

	if (subtask->status == ACTOR_PENDING) {
		if (end->failure)
			subtask->fault = actor__fault_create(end->failure, NULL);
		complete(nursery, subtask, end->failure ? ACTOR_E_STOPPED : ACTOR_E_CANCELLED);
		start_waiting(nursery);
	}
	latch(nursery);
	subtask->ended = true;
	mine = !subtask->in_use;
	subtask->in_use = true;
	unlatch(nursery);
	if (mine)
		end_run(subtask);
}

/* With the mailbox in use, and its run over. */
static void end_run(struct actor_subtask *subtask)
{
	struct actor_nursery *nursery = subtask->nursery;

	deliver_by_courier(nursery);
	latch(nursery);
	actor__link_take(&subtask->run);
	unlatch(nursery);
	actor_mailbox_detach(subtask->mailbox);
	subtask_release(subtask);
}

/* Done with the mailbox, but for what others have left to do meanwhile. */
static void leave_mailbox(struct actor_subtask *subtask)
{
	struct actor_nursery *nursery = subtask->nursery;
	bool ended, cancel;

	for (;;) {
		latch(nursery);
		ended = subtask->ended;
		cancel = !ended && subtask->to_cancel;
		subtask->to_cancel = false;
		subtask->in_use = ended || cancel;
		unlatch(nursery);
		if (!cancel)
			break;
		actor_mailbox_cancel(subtask->mailbox);
	}
	if (ended)
		end_run(subtask);
}

/* Under the latch: its turn has come. */
static void enter(struct actor_nursery *nursery, struct actor_subtask *subtask)
{
	nursery->n_running++;
	subtask->in_use = true;
	actor__link_before(nursery->runs.next, &subtask->run);
}

static void leave(struct actor_nursery *nursery, struct actor_subtask *subtask)
{
	latch(nursery);
	actor__link_take(&subtask->run);
	unlatch(nursery);
}

/* Run a subtask that has entered; on failure it has left. */
static int begin(struct actor_nursery *nursery, struct actor_subtask *subtask)
{
	const struct actor_mailbox_options options = { .size = sizeof options,
						       .name = nursery->name };
	int rc = actor_mailbox_create(nursery->spawner, &behavior, &options, &subtask->mailbox);

	if (rc < 0) {
		leave(nursery, subtask);
		return rc;
	}
	/* Relaxed: nobody else looks at it yet. */
	atomic_store_explicit(&subtask->n_owners, 2, memory_order_relaxed);
	rc = actor_mailbox_start(subtask->mailbox, subtask, on_end, subtask);
	if (rc < 0) {
		leave(nursery, subtask);
		actor_mailbox_destroy(subtask->mailbox);
		atomic_store_explicit(&subtask->n_owners, 1, memory_order_relaxed);
		return rc;
	}
	leave_mailbox(subtask);
	return 0;
}

static struct actor_subtask *take_turn(struct actor_nursery *nursery)
{
	struct actor_subtask *subtask = NULL;

	latch(nursery);
	if (nursery->n_running < nursery->limit)
		subtask = take_first(&nursery->waiting, &nursery->n_waiting);
	if (subtask)
		enter(nursery, subtask);
	unlatch(nursery);
	return subtask;
}

/* Where there is a place now, the next one's turn has come. */
static void start_waiting(struct actor_nursery *nursery)
{
	struct actor_subtask *subtask;
	int rc;

	while ((subtask = take_turn(nursery))) {
		rc = begin(nursery, subtask);
		if (rc < 0)
			complete(nursery, subtask, rc);
	}
}

/* Under the latch: have it cancelled. True, if its mailbox is the caller's to use for that;
 * otherwise whoever uses it will do that. */
static bool tell_to_cancel(struct actor_nursery *nursery, struct actor_subtask *subtask)
{
	bool mine = !subtask->in_use;

	actor__link_take(&subtask->run);
	actor__link_before(&nursery->runs, &subtask->run);
	subtask->told = subtask->to_cancel = subtask->in_use = true;
	return mine;
}

/* The next one of all whose mailbox is the caller's to cancel. */
static struct actor_subtask *take_to_cancel(struct actor_nursery *nursery)
{
	struct actor_subtask *subtask;
	struct actor__link *link;
	bool mine = false;

	latch(nursery);
	while (!mine && (link = actor__links_first(&nursery->runs))) {
		subtask = ACTOR_CONTAINER_OF(link, struct actor_subtask, run);
		if (subtask->told)
			break;
		mine = tell_to_cancel(nursery, subtask);
	}
	unlatch(nursery);
	return mine ? subtask : NULL;
}

static void release_all(struct actor__link *ring)
{
	struct actor_subtask *subtask;
	size_t n = SIZE_MAX;

	while ((subtask = take_first(ring, &n)))
		subtask_release(subtask);
}

/* Nobody wants anything of it any more. The caller's reference keeps the memory. */
static void abandon(struct actor_nursery *nursery)
{
	struct actor_subtask *subtask;
	struct actor_reply *waiter;
	struct actor__link waiting, done;

	latch(nursery);
	nursery->closed = nursery->abandoned = true;
	actor__links_move(&waiting, &nursery->waiting);
	actor__links_move(&done, &nursery->done);
	nursery->n_waiting = nursery->n_done = 0;
	waiter = actor__bell_take(&nursery->bell);
	unlatch(nursery);
	actor_mailbox_destroy(take_courier(nursery));
	release_all(&waiting);
	release_all(&done);
	while ((subtask = take_to_cancel(nursery)))
		leave_mailbox(subtask);
	actor__bell_ring(waiter);
}

/* ---- the nursery ---- */

static void undo(void *user)
{
	struct actor_nursery *nursery = user;

	nursery->context = NULL;
	actor_nursery_destroy(nursery);
}

static int settle(struct actor_context *context, const struct actor_nursery_options *given,
		  struct actor_nursery_options *options)
{
	struct actor_address *self = context->ops->self(context);

	if (!actor__options_read(options, sizeof *options, given))
		return ACTOR_E_INVALID;
	if (!options->spawner)
		options->spawner = actor_spawner(context);
	if (!options->limit)
		options->limit = SIZE_MAX;
	if (!options->spawner ||
	    (options->results != ACTOR_NURSERY_MESSAGES && options->results != ACTOR_NURSERY_NEXT))
		return ACTOR_E_INVALID;
	if (options->results == ACTOR_NURSERY_NEXT)
		return 0;
	if (!self)
		return ACTOR_E_INVALID;
	return actor_address_handles(self, &actor_result_type) ? 0 : ACTOR_E_UNHANDLED;
}

/* With one owner, on no scope list yet. */
static int create(struct actor_context *context, const struct actor_nursery_options *options,
		  struct actor_nursery **ret_nursery)
{
	struct actor_nursery *nursery = actor__memory_alloc(sizeof *nursery);
	int rc = 0;

	if (!nursery)
		return ACTOR_E_NOMEM;
	actor__count(actor__thread(), ACTOR__COUNT_NURSERIES, 1);
	atomic_init(&nursery->n_refs, 1);
	nursery->spawner = options->spawner;
	nursery->name = options->name;
	nursery->limit = options->limit;
	actor__links_init(&nursery->waiting);
	actor__links_init(&nursery->done);
	actor__links_init(&nursery->runs);
	if (options->results == ACTOR_NURSERY_MESSAGES) {
		nursery->to = actor_address_weak(context->ops->self(context));
		rc = make_courier(nursery);
	}
	if (rc < 0)
		nursery_unref(nursery);
	else
		*ret_nursery = nursery;
	return rc;
}

int actor_nursery_create(struct actor_context *context, const struct actor_nursery_options *options,
			 struct actor_nursery **ret_nursery)
{
	struct actor_nursery *nursery = NULL;
	struct actor_nursery_options all;
	int rc = settle(context, options, &all);

	if (rc == 0)
		rc = create(context, &all, &nursery);
	if (rc < 0)
		return actor_error_set(context, rc, NULL, NULL);
	nursery->context = context;
	actor_defer(context, &nursery->cleanup, undo, nursery);
	*ret_nursery = nursery;
	return 0;
}

void actor_nursery_keep(struct actor_nursery *nursery)
{
	if (nursery->context)
		actor_undefer(nursery->context, &nursery->cleanup);
	nursery->context = NULL;
}

void actor_nursery_destroy(struct actor_nursery *nursery)
{
	if (!nursery)
		return;
	actor_nursery_keep(nursery);
	abandon(nursery);
	nursery_unref(nursery);
}

/* It enters, or is put in line: 1, if it is in line, where it may be run and gone. */
static int enlist(struct actor_nursery *nursery, struct actor_subtask *subtask,
		  uint64_t *ret_number)
{
	int rc = 0;

	latch(nursery);
	if (nursery->closed) {
		rc = ACTOR_E_CLOSED;
	} else if (nursery->n_running < nursery->limit && nursery->n_waiting == 0) {
		enter(nursery, subtask); /* not before those whose turn is about to come */
	} else {
		actor__link_before(&nursery->waiting, &subtask->link);
		nursery->n_waiting++;
		rc = 1;
	}
	if (rc >= 0)
		*ret_number = subtask->number = ++nursery->n_started;
	unlatch(nursery);
	return rc;
}

/* It has been counted, and does not run. */
static void uncount(struct actor_nursery *nursery)
{
	struct actor_reply *waiter;

	latch(nursery);
	nursery->n_running--;
	waiter = actor__bell_take(&nursery->bell);
	unlatch(nursery);
	actor__bell_ring(waiter);
	start_waiting(nursery);
	deliver_by_courier(nursery); /* of some of these, that they could not be run */
}

int actor_nursery_start(struct actor_nursery *nursery, actor_subtask_fn *function,
			const struct actor_message_type *type, void *argument, uint64_t *ret_number)
{
	struct actor_subtask *subtask = subtask_create(nursery, function, type, argument);
	uint64_t number = 0;
	int rc;

	if (!subtask)
		return ACTOR_E_NOMEM;
	rc = enlist(nursery, subtask, &number);
	if (rc == 0) {
		rc = begin(nursery, subtask);
		if (rc < 0)
			uncount(nursery);
	}
	if (rc < 0) {
		subtask->argument = NULL; /* still the caller's */
		subtask_release(subtask);
		return rc;
	}
	if (type->drop)
		memset(argument, 0, type->message_size);
	if (ret_number)
		*ret_number = number;
	return 0;
}

/* Under the latch: one with this number that is in line, as one whose turn has come. */
static struct actor_subtask *take_out_of_line(struct actor_nursery *nursery, uint64_t number)
{
	struct actor__link *link;

	for (link = nursery->waiting.next; link != &nursery->waiting; link = link->next) {
		struct actor_subtask *subtask = ACTOR_CONTAINER_OF(link, struct actor_subtask,
								   link);

		if (subtask->number == number) {
			actor__link_take(link);
			nursery->n_waiting--;
			nursery->n_running++;
			return subtask;
		}
	}
	return NULL;
}

/* Under the latch: one with this number whose turn has come, and that is not done. */
static struct actor_subtask *find_run(struct actor_nursery *nursery, uint64_t number)
{
	struct actor__link *link;

	for (link = nursery->runs.next; link != &nursery->runs; link = link->next) {
		struct actor_subtask *subtask = ACTOR_CONTAINER_OF(link, struct actor_subtask, run);

		if (subtask->number == number)
			return subtask->status == ACTOR_PENDING ? subtask : NULL;
	}
	return NULL;
}

bool actor_nursery_cancel(struct actor_nursery *nursery, uint64_t number)
{
	struct actor_subtask *in_line, *runs = NULL;
	bool mine;

	latch(nursery);
	in_line = take_out_of_line(nursery, number);
	if (!in_line)
		runs = find_run(nursery, number);
	mine = runs && tell_to_cancel(nursery, runs);
	unlatch(nursery);
	if (in_line) {
		complete(nursery, in_line, ACTOR_E_CANCELLED);
		start_waiting(nursery);
		deliver_by_courier(nursery);
	}
	if (mine)
		leave_mailbox(runs);
	return in_line || runs;
}

void actor_nursery_close(struct actor_nursery *nursery)
{
	struct actor_reply *waiter;

	latch(nursery);
	nursery->closed = true;
	waiter = actor__bell_take(&nursery->bell);
	unlatch(nursery);
	actor__bell_ring(waiter);
}

void actor_nursery_counts_get(struct actor_nursery *nursery,
			      struct actor_nursery_counts *ret_counts)
{
	latch(nursery);
	*ret_counts = (struct actor_nursery_counts){
		.n_running = nursery->n_running,
		.n_waiting = nursery->n_waiting,
		.n_results = nursery->n_done,
		.closed = nursery->closed,
	};
	unlatch(nursery);
}

/* ---- waiting ---- */

struct look {
	struct actor_nursery *nursery;
	struct actor_subtask *subtask;
};

static bool idle(const struct actor_nursery *nursery)
{
	return nursery->n_running == 0 && nursery->n_waiting == 0;
}

static int look_for_result(void *user)
{
	struct look *look = user;
	struct actor_nursery *nursery = look->nursery;

	look->subtask = take_first(&nursery->done, &nursery->n_done);
	if (look->subtask)
		return 0;
	return nursery->closed && idle(nursery) ? ACTOR_E_CLOSED : ACTOR_PENDING;
}

int actor_nursery_next(struct actor_context *context, struct actor_nursery *nursery,
		       int64_t deadline_ns, struct actor_result *ret_result)
{
	struct look look = { .nursery = nursery };
	int rc = actor__bell_wait(&nursery->bell, &nursery->latch, context, deadline_ns,
				  look_for_result, &look);

	if (rc == 0)
		*ret_result = result_of(look.subtask);
	return rc;
}

static int look_for_end(void *user)
{
	return idle(user) ? 0 : ACTOR_PENDING;
}

int actor_nursery_join(struct actor_context *context, struct actor_nursery *nursery,
		       int64_t deadline_ns)
{
	return actor__bell_wait(&nursery->bell, &nursery->latch, context, deadline_ns, look_for_end,
				nursery);
}
