/* SPDX-License-Identifier: MIT */
/* An office that has its jobs done by subtasks, and answers calls from there. */

#include "check.h"

#define N_JOBS 4

struct find_factor {
	unsigned number;
};
struct count_jobs {
	char none;
};
struct report {
	char none;
};
struct done {
	int n_done;
	int n_failed;
};
ACTOR_MESSAGE(find_factor, unsigned); /* the smallest factor above 1 */
ACTOR_MESSAGE(count_jobs, int);
ACTOR_MESSAGE(report, struct done); /* when all jobs are done */
ACTOR_MESSAGE_DEFINE(find_factor, "nursery.find-factor", NULL, NULL);
ACTOR_MESSAGE_DEFINE(count_jobs, "nursery.count-jobs", NULL, NULL);
ACTOR_MESSAGE_DEFINE(report, "nursery.report", NULL, NULL);

/* What is moved to a subtask, and what comes back. */
struct job {
	unsigned number;
	struct find_factor_reply reply; /* owned */
};
ACTOR_MESSAGE(job, unsigned);

static void job_drop(void *message)
{
	find_factor_reply_refuse(&((struct job *)message)->reply, ACTOR_E_STOPPED);
}

ACTOR_MESSAGE_DEFINE(job, "nursery.job", job_drop, NULL);

static int do_job(struct actor_context *context, struct job *job, unsigned *ret_factor)
{
	unsigned factor = 2;

	if (job->number < 2)
		ACTOR_FAIL(context, "there is no such factor");
	while (factor < job->number && job->number % factor)
		factor++;
	find_factor_reply_answer(&job->reply, factor);
	*ret_factor = factor;
	return 0;
}
ACTOR_SUBTASK(do_job, job);

#define OFFICE_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, find_factor)                                                                       \
	CALL(X, count_jobs)                                                                        \
	CALL(X, report)                                                                            \
	SEND(X, actor_result)
ACTOR_DECLARE(office, OFFICE_MESSAGES);

struct office {
	struct actor_nursery *nursery; /* owned */
	int n_jobs;
	struct done done;
	struct report_reply report; /* owed, or nothing */
};

static void office_started(struct office *self, struct actor_context *context)
{
	struct actor_nursery_options options = { .size = sizeof options, .limit = 2 };

	CHECK(actor_nursery_create(context, &options, &self->nursery));
	actor_nursery_keep(self->nursery); /* from now on the state's */
}

static void office_on_find_factor(struct office *self, struct find_factor *message,
				  struct find_factor_pending pending, struct actor_context *context)
{
	struct job job = { message->number, find_factor_reply_take(pending) };
	int rc = ACTOR_NURSERY_START(self->nursery, do_job, NULL, &job);

	(void)context;
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

static void report_if_done(struct office *self)
{
	if (self->report.reply && self->done.n_done == self->n_jobs)
		report_reply_answer(&self->report, self->done);
}

static void office_on_actor_result(struct office *self, struct actor_result *message,
				   struct actor_context *context)
{
	const unsigned *factor = ACTOR_RESULT(job, message);

	(void)context;
	self->done.n_done++;
	if (!factor)
		self->done.n_failed++;
	report_if_done(self);
}

static void office_on_report(struct office *self, struct report *message,
			     struct report_pending pending, struct actor_context *context)
{
	(void)message, (void)context;
	self->report = report_reply_take(pending);
	report_if_done(self);
}

/* Subtasks that still run are cancelled. */
static void office_destroy(struct office *self)
{
	actor_nursery_destroy(self->nursery);
	report_reply_refuse(&self->report, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(office, OFFICE_MESSAGES, office_started, NULL, office_destroy);

int main(void)
{
	static const unsigned numbers[N_JOBS] = { 10403, 999983, 1, 91 };
	struct actor_context *context = main_context();
	struct office state = { .n_jobs = 0 };
	struct actor_future futures[N_JOBS];
	unsigned factors[N_JOBS];
	struct actor_executor *pool;
	union office_address office;
	struct done done;
	int i, n_jobs;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(office, actor_executor_spawner(pool), &state, NULL, &office));
	for (i = 0; i < N_JOBS; i++)
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], office, find_factor, &factors[i],
				       &(struct find_factor){ numbers[i] }));
	CHECK(ACTOR_CALL(context, office, count_jobs, &n_jobs, &(struct count_jobs){ 0 }));
	printf("jobs begun: %d\n", n_jobs);
	for (i = 0; i < N_JOBS; i++)
		if (actor_future_await(&futures[i], ACTOR_FOREVER) == 0)
			printf("%u is divided by %u\n", numbers[i], factors[i]);
		else
			printf("%u: %s\n", numbers[i], actor_strerror(futures[i].status));
	CHECK(ACTOR_CALL(context, office, report, &done, &(struct report){ 0 }));
	printf("jobs done: %d, failed: %d\n", done.n_done, done.n_failed);

	actor_address_unref(office.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
