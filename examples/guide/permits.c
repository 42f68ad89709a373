/* SPDX-License-Identifier: MIT */
/* Clerks who share two printers. */

#include "check.h"

#include <stdatomic.h>

#define N_CLERKS 6

static atomic_int n_printing, n_most; /* what the program watches, not how actors share */

struct print_letter {
	const char *text;
};
struct print_poster {
	char none;
};
ACTOR_MESSAGE(print_letter, struct actor_unit);
ACTOR_MESSAGE(print_poster, struct actor_unit);
ACTOR_MESSAGE_DEFINE(print_letter, "permits.print-letter", NULL, NULL);
ACTOR_MESSAGE_DEFINE(print_poster, "permits.print-poster", NULL, NULL);

#define CLERK_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, print_letter)                                                                      \
	CALL(X, print_poster)
ACTOR_DECLARE(clerk, CLERK_MESSAGES);

struct clerk {
	struct actor_semaphore *printers; /* owned */
};

static void print(struct actor_context *context)
{
	int n = atomic_fetch_add(&n_printing, 1) + 1, most = atomic_load(&n_most);

	while (n > most && !atomic_compare_exchange_weak(&n_most, &most, n))
		;
	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, 1000000)));
	atomic_fetch_sub(&n_printing, 1);
}

static void clerk_on_print_letter(struct clerk *self, struct print_letter *message,
				  struct print_letter_pending pending,
				  struct actor_context *context)
{
	struct actor_permit *printer;
	struct print_letter_reply reply;

	if (actor_semaphore_acquire(context, self->printers, 1, &printer) < 0)
		return; /* what is not answered is refused */
	if (!message->text)
		ACTOR_FAIL(context, "there is nothing to print"); /* the printer is free again */
	print(context);
	actor_permit_release(printer);
	reply = print_letter_reply_take(pending);
	print_letter_reply_answer(&reply, ACTOR_UNIT);
}

static void clerk_on_print_poster(struct clerk *self, struct print_poster *message,
				  struct print_poster_pending pending,
				  struct actor_context *context)
{
	int64_t deadline_ns = actor_deadline_after(context, 50000000);
	struct actor_permit *printers;
	struct print_poster_reply reply;
	int rc = actor_semaphore_acquire_until(context, self->printers, 2, deadline_ns, &printers);

	(void)message;
	if (rc == 0) {
		print(context);
		actor_permit_release(printers);
	}
	reply = print_poster_reply_take(pending);
	if (rc == 0)
		print_poster_reply_answer(&reply, ACTOR_UNIT);
	else
		print_poster_reply_refuse(&reply, rc);
}

static void clerk_destroy(struct clerk *self)
{
	actor_semaphore_unref(self->printers);
	self->printers = NULL;
}

ACTOR_DEFINE(clerk, CLERK_MESSAGES, NULL, NULL, clerk_destroy);

static size_t n_free(struct actor_semaphore *semaphore)
{
	struct actor_semaphore_counts counts;

	actor_semaphore_counts_get(semaphore, &counts);
	return counts.n_free;
}

int main(void)
{
	struct actor_context *context = main_context();
	struct clerk states[N_CLERKS];
	union clerk_address clerks[N_CLERKS];
	struct actor_future futures[N_CLERKS];
	struct actor_semaphore *printers;
	struct actor_permit *repair;
	struct actor_executor *pool;
	int i, rc;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_semaphore_create(2, &printers));
	for (i = 0; i < N_CLERKS; i++) {
		states[i].printers = actor_semaphore_ref(printers);
		CHECK(ACTOR_SPAWN(clerk, actor_executor_spawner(pool), &states[i], NULL,
				  &clerks[i]));
	}
	for (i = 0; i < N_CLERKS; i++)
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], clerks[i], print_letter, NULL,
				       &(struct print_letter){ "Dear customer" }));
	CHECK(actor_future_await_all(futures, N_CLERKS, ACTOR_FOREVER));
	printf("%d letters, %s\n", N_CLERKS,
	       atomic_load(&n_most) <= 2 ? "never more than 2 at a time" : "too many at a time");

	rc = ACTOR_CALL(context, clerks[0], print_letter, NULL, &(struct print_letter){ NULL });
	printf("no letter: %s\n", actor_strerror(rc));
	printf("printers free: %zu\n", n_free(printers));

	CHECK(actor_semaphore_try_acquire(context, printers, 1, &repair));
	rc = ACTOR_CALL(context, clerks[1], print_poster, NULL, &(struct print_poster){ 0 });
	printf("a poster, with one printer in repair: %s\n", actor_strerror(rc));
	actor_permit_release(repair);
	rc = ACTOR_CALL(context, clerks[1], print_poster, NULL, &(struct print_poster){ 0 });
	printf("a poster: %s\n", actor_strerror(rc));

	for (i = 0; i < N_CLERKS; i++)
		actor_address_unref(clerks[i].address);
	actor_semaphore_unref(printers);
	end_executor(pool);
	return EXIT_SUCCESS;
}
