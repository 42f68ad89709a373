/* SPDX-License-Identifier: MIT */

#include "deadlock-fixture.h"

#include <stdio.h>

struct actor_executor *executor;
struct actor_executor *more;
enum kind simulation = SIMULATION, local = LOCAL, pool = POOL;

/* ---- what was said */

static pthread_mutex_t saying = PTHREAD_MUTEX_INITIALIZER;
char said[4000];
struct reports reported;

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n;

	(void)user;
	pthread_mutex_lock(&saying);
	n = strlen(said);
	snprintf(said + n, sizeof said - n, "[%s]", record->text);
	pthread_mutex_unlock(&saying);
}

void on_report(void *user, const struct actor_deadlock *deadlock)
{
	struct reports *reports = user;

	reports->n_actors = deadlock->n_actors;
	reports->fails = deadlock->fails;
	reports->number = deadlock->actor.identity.number;
	snprintf(reports->text, sizeof reports->text, "%s", deadlock->text);
	snprintf(reports->message_type, sizeof reports->message_type, "%s",
		 deadlock->message_type ? deadlock->message_type : "none");
	atomic_fetch_add(&reports->n, 1);
}

int set_on(struct actor_executor *on, enum actor_deadlock_mode mode, struct reports *reports)
{
	struct actor_deadlock_options options = {
		.size = sizeof options, .mode = mode, .report = on_report, .user = reports
	};

	return actor_executor_set_deadlocks(on, &options);
}

void assert_said_once(const char *text)
{
	const char *at;

	pthread_mutex_lock(&saying);
	at = strstr(said, text);
	pthread_mutex_unlock(&saying);
	assert_non_null(at);
	assert_null(strstr(at + strlen(text), "deadlock"));
}

/* ---- what runs */

struct actor_executor *create(enum kind kind)
{
	struct actor_simulation_options simulated = { .size = sizeof simulated, .seed = 1 };
	struct actor_pool_options pooled = { .size = sizeof pooled, .n_threads = 3 };
	struct actor_executor *created = NULL;
	int rc = kind == SIMULATION ? actor_simulation_create(&simulated, &created)
		 : kind == LOCAL    ? actor_local_create(&created)
				    : actor_pool_create(&pooled, &created);

	assert_int_equal(rc, 0);
	return created;
}

void end(struct actor_executor **ended)
{
	if (!*ended)
		return;
	assert_int_equal(actor_executor_join(*ended, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(*ended), 0);
	*ended = NULL;
}

int set_up(void **state)
{
	executor = create(*(enum kind *)*state);
	memset(said, 0, sizeof said);
	memset(parties, 0, sizeof parties);
	memset(&reported, 0, sizeof reported);
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	return 0;
}

int tear_down(void **state)
{
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	if (executor)
		actor_executor_close(executor); /* a test has failed */
	if (more)
		actor_executor_close(more);
	for (unsigned i = 0; i < MOST && executor; i++)
		actor_address_unref(parties[i].hand.address);
	end(&executor);
	end(&more);
	return test_nothing_held(state);
}

/* ---- who plays */

struct party parties[MOST];

struct actor_context *here(void)
{
	return actor_thread_context();
}

void cast_on(struct actor_executor *on, struct party *party, const char *name, size_t capacity)
{
	*party = (struct party){ .status = ACTOR_PENDING };
	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(on), NULL,
				     ACTOR_OPTIONS(.name = name, .capacity = capacity),
				     &party->hand),
			 0);
	party->number = actor_address_info(party->hand.address).identity.number;
}

void cast(struct party *party, const char *name, size_t capacity)
{
	cast_on(executor, party, name, capacity);
}

void plan(struct party *party, const struct party *other, hand_fn *then, struct party *as)
{
	party->other = other->hand;
	party->then = then;
	party->user = as;
}

void cast_two_on(struct actor_executor *first, struct actor_executor *second)
{
	cast_on(first, A, "A", 0);
	cast_on(second, B, "B", 0);
	plan(A, B, call_other, B);
	plan(B, A, done, B);
}

void cast_two(void)
{
	cast_two_on(executor, executor);
}

void dismiss(unsigned n)
{
	for (unsigned i = 0; i < 2 * n; i++)
		actor_ignore(hand_call(here(), parties[i % n].hand, nothing, NULL));
	for (unsigned i = 0; i < n; i++) {
		actor_address_unref(parties[i].hand.address);
		parties[i].hand.address = NULL;
	}
	end(&executor);
	end(&more);
}

void cancel_all(void)
{
	if (more)
		actor_executor_close(more);
	actor_executor_close(executor);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	if (more)
		assert_int_equal(actor_executor_join(more, ACTOR_FOREVER), 0);
}

void note(struct party *party, struct actor_context *context, int rc)
{
	if (rc < 0)
		actor_error_format(actor_error(context), party->error, sizeof party->error);
	if (rc == ACTOR_E_DEADLOCK)
		party->n_told++;
	party->status = rc;
}

int tell(struct party *party, hand_fn *function)
{
	return hand_call(here(), party->hand, function, party);
}

int begin(struct actor_future *future, struct party *party, hand_fn *function)
{
	return ACTOR_CALL_BEGIN(here(), future, party->hand, errand, NULL,
				&(struct errand){ function, party });
}

void leave(struct party *party, hand_fn *function)
{
	assert_int_equal(hand_send(here(), party->hand, function, party), 0);
}

int64_t soon(void)
{
	return actor_now(here()) + INT64_C(20000000000);
}

void await_two(void)
{
	assert_int_equal(actor_future_await_all(A->futures, 2, soon()), 0);
}

void pass(int n_ms)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + n_ms * INT64_C(1000000)), 0);
}

bool has_come(atomic_uint *count, unsigned n)
{
	int64_t deadline_ns = test_deadline();

	while (atomic_load(count) < n && actor_now(here()) < deadline_ns)
		pass(1);
	return atomic_load(count) >= n;
}

void assert_error(const struct party *party, const char *text)
{
	if (!strstr(party->error, text))
		fail_msg("'%s' is not in '%s'", text, party->error);
}

void assert_one_told(const struct party *one, const struct party *other, int answer)
{
	assert_true((one->status == ACTOR_E_DEADLOCK) != (other->status == ACTOR_E_DEADLOCK));
	assert_true((one->status == answer) != (other->status == answer));
}

const char *with_numbers(const char *pattern)
{
	static char text[500];
	size_t n = 0;

	for (; *pattern && n + 30 < sizeof text; pattern++) {
		if (*pattern == '#') {
			const struct party *party = &parties[*++pattern - 'A'];

			n += (size_t)snprintf(text + n, sizeof text - n, "%llu",
					      (unsigned long long)party->number);
		} else {
			text[n++] = *pattern;
		}
	}
	text[n] = '\0';
	return text;
}

/* ---- what hands do */

int nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

int done(struct actor_context *context, void *user)
{
	struct party *party = user;

	(void)context;
	atomic_fetch_add(&party->n_done, 1);
	return 7;
}

int call_other(struct actor_context *context, void *user)
{
	struct party *party = user;
	int answer = 0;
	int rc = ACTOR_CALL(context, party->other, errand, &answer,
			    &(struct errand){ party->then, party->user });

	note(party, context, rc < 0 ? rc : answer);
	return 8;
}

int call_myself(struct actor_context *context, void *user)
{
	struct party *party = user;

	party->other = party->hand;
	call_other(context, party);
	if (party->status == ACTOR_E_DEADLOCK) {
		party->other = ACTOR_SELF(hand, context);
		call_other(context, party);
	}
	return 8;
}

void a_ring(unsigned n)
{
	static const char *const names[] = { "A", "B", "C", "D", "E", "F", "G", "H" };

	for (unsigned i = n; i-- > 0;) /* so that it is not the one who was made last */
		cast(&parties[i], names[i], 0);
	for (unsigned i = 0; i < n; i++) {
		struct party *next = &parties[(i + 1) % n];

		plan(&parties[i], next, i + 1 < n ? call_other : done, next);
	}
	assert_int_equal(tell(A, call_other), 8);
	for (unsigned i = 0; i + 1 < n; i++)
		assert_int_equal(parties[i].status, 8);
	assert_int_equal(parties[n - 1].status, ACTOR_E_DEADLOCK);
	for (unsigned i = 0; i < n; i++)
		assert_non_null(strstr(said, names[i]));
	dismiss(n);
	assert_int_equal(A->n_done, 1);
}
