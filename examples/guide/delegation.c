/* SPDX-License-Identifier: MIT */
/* An office that hands each job, and the duty to answer it, to an actor of its own. */

#include "check.h"

#define N_JOBS 3

struct find_factor {
	unsigned number;
};
struct count_jobs {
	char none;
};
ACTOR_MESSAGE(find_factor, unsigned); /* the smallest factor above 1 */
ACTOR_MESSAGE(count_jobs, int);
ACTOR_MESSAGE_DEFINE(find_factor, "delegation.find-factor", NULL, NULL);
ACTOR_MESSAGE_DEFINE(count_jobs, "delegation.count-jobs", NULL, NULL);

struct job {
	unsigned number;
	struct find_factor_reply reply; /* owned */
};
ACTOR_SIGNAL(job);

static void job_drop(void *message)
{
	find_factor_reply_refuse(&((struct job *)message)->reply, ACTOR_E_STOPPED);
}

ACTOR_SIGNAL_DEFINE(job, "delegation.job", job_drop);

#define CLERK_MESSAGES(CALL, SEND, X) SEND(X, job)
ACTOR_DECLARE(clerk, CLERK_MESSAGES);

static void clerk_on_job(struct clerk *self, struct job *message, struct actor_context *context)
{
	unsigned factor = 2;

	(void)self, (void)context;
	while (factor < message->number && message->number % factor)
		factor++;
	find_factor_reply_answer(&message->reply, factor);
}

ACTOR_DEFINE(clerk, CLERK_MESSAGES, NULL, NULL, NULL);

#define OFFICE_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, find_factor)                                                                       \
	CALL(X, count_jobs)
ACTOR_DECLARE(office, OFFICE_MESSAGES);

struct office {
	int n_jobs;
};

/* The clerk has nobody but us, and its mailbox has room: it does the job, and then it ends. */
static int hire(struct actor_spawner *spawner, struct job *job)
{
	union clerk_address clerk;
	int rc = ACTOR_SPAWN(clerk, spawner, NULL, NULL, &clerk);

	if (rc < 0)
		return rc;
	rc = ACTOR_TRY_SEND(clerk, job, job);
	actor_address_unref(clerk.address);
	return rc;
}

static void office_on_find_factor(struct office *self, struct find_factor *message,
				  struct find_factor_pending pending, struct actor_context *context)
{
	struct job job = { message->number, find_factor_reply_take(pending) };
	int rc = hire(actor_spawner(context), &job);

	if (rc < 0) /* then the job is still ours */
		find_factor_reply_refuse(&job.reply, rc);
	else
		self->n_jobs++;
}

static int office_on_count_jobs(struct office *self, struct count_jobs *message,
				struct actor_context *context)
{
	(void)message, (void)context;
	return self->n_jobs;
}

ACTOR_DEFINE(office, OFFICE_MESSAGES, NULL, NULL, NULL);

int main(void)
{
	static const unsigned numbers[N_JOBS] = { 10403, 999983, 91 };
	struct actor_context *context = main_context();
	struct office state = { .n_jobs = 0 };
	struct actor_future futures[N_JOBS];
	unsigned factors[N_JOBS];
	struct actor_executor *pool;
	union office_address office;
	int i, n_jobs;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(office, actor_executor_spawner(pool), &state, NULL, &office));
	for (i = 0; i < N_JOBS; i++)
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], office, find_factor, &factors[i],
				       &(struct find_factor){ numbers[i] }));
	CHECK(ACTOR_CALL(context, office, count_jobs, &n_jobs, &(struct count_jobs){ 0 }));
	printf("jobs handed out: %d\n", n_jobs);
	CHECK(actor_future_await_all(futures, N_JOBS, ACTOR_FOREVER));
	for (i = 0; i < N_JOBS; i++)
		printf("%u is divided by %u\n", numbers[i], factors[i]);

	actor_address_unref(office.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
