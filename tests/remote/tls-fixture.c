/* SPDX-License-Identifier: MIT */

#include "tls-fixture.h"

#include <actor-impl/thread.h>
#include <actor-remote/network.h>
#include <stdlib.h>

struct actor_executor *executor;
struct actor_context *context;
struct end client, server, near_end, far_end;
struct wire wire;

static struct actor_network *network; /* with every other seed */
static unsigned seed;

unsigned tls_seed(void)
{
	return seed;
}

void settle(void)
{
	pass_ns(2000000);
}

void pass_ns(int64_t duration_ns)
{
	assert_int_equal(actor_sleep_until(context, actor_deadline_after(context, duration_ns)), 0);
}

void make_below(struct actor_transport **ret_a, struct actor_transport **ret_b)
{
	if (network)
		assert_int_equal(actor_network_connect(network, ret_a, ret_b), 0);
	else
		assert_int_equal(actor_pair_create(executor, executor, ret_a, ret_b), 0);
}

/* ---- ends */

static void append(uint8_t **to, size_t *n_to, const void *bytes, size_t n)
{
	*to = realloc(*to, *n_to + n + 1);
	if (!*to)
		abort();
	memcpy(*to + *n_to, bytes, n);
	*n_to += n;
}

static void look_event(struct end *end, bool allowed)
{
	end->n_wrong += !allowed || !end->transport || end->n_lost > 0;
}

static void flush(struct end *end)
{
	int rc;

	while (!end->pending && end->n_queue > 0 && end->transport) {
		size_t n = end->n_queue;

		free(end->writing);
		end->writing = end->queue;
		end->queue = NULL;
		end->n_queue = 0;
		rc = actor_transport_write(end->transport, end->writing, n);
		end->pending = rc == ACTOR_PENDING;
	}
	if (end->to_shut && !end->pending && end->transport) {
		end->to_shut = false;
		actor_transport_shutdown(end->transport);
	}
}

static void on_read(void *user, const uint8_t *bytes, size_t n)
{
	struct end *end = user;

	look_event(end, n > 0 && end->n_finished == 0);
	end->n_reads++;
	if (end->on_read)
		end->on_read(end, bytes, n);
	else
		append(&end->got, &end->n_got, bytes, n);
}

static void on_written(void *user)
{
	struct end *end = user;

	look_event(end, end->pending);
	end->pending = false;
	flush(end);
}

static void on_ended(void *user, int status, int system_errno)
{
	struct end *end = user;

	look_event(end, status < 0 || end->n_finished == 0);
	if (status == 0) {
		end->n_finished++;
		if (end->on_read)
			end->on_read(end, NULL, 0);
		return;
	}
	end->n_lost++;
	end->status = status;
	end->system_errno = system_errno;
	actor__copy_text(end->why, sizeof end->why, actor_transport_why(end->transport));
	if (end->on_read)
		end->on_read(end, NULL, 1);
}

static const struct actor_transport_events events = {
	.size = sizeof events,
	.read = on_read,
	.written = on_written,
	.ended = on_ended,
};

void end_start(struct end *end)
{
	assert_int_equal(actor_transport_start(end->transport, &events, end), 0);
	end->started = true;
}

void end_write(struct end *end, const void *bytes, size_t n)
{
	append(&end->queue, &end->n_queue, bytes, n);
	flush(end);
}

void end_shut(struct end *end)
{
	end->to_shut = true;
	flush(end);
}

void end_destroy(struct end *end)
{
	actor_transport_destroy(end->transport);
	end->transport = NULL;
}

bool end_is_idle(const struct end *end)
{
	return !end->pending && end->n_queue == 0;
}

static void end_reset(struct end *end)
{
	end_destroy(end);
	free(end->got);
	free(end->queue);
	free(end->writing);
	memset(end, 0, sizeof *end);
}

void end_expect(struct end *end, const void *bytes, size_t n)
{
	settle();
	assert_int_equal(end->n_got, n);
	if (n > 0)
		assert_memory_equal(end->got, bytes, n);
	end->n_got = 0;
}

void end_expect_finished(const struct end *end)
{
	settle();
	assert_int_equal(end->n_finished, 1);
	assert_int_equal(end->n_lost, 0);
	assert_int_equal(end->n_wrong, 0);
}

void end_expect_lost(const struct end *end, int status, const char *why)
{
	settle();
	assert_int_equal(end->n_lost, 1);
	if (end->status != status || !strstr(end->why, why))
		print_error("%d, %s\n", end->status, end->why);
	assert_int_equal(end->status, status);
	assert_non_null(strstr(end->why, why));
	assert_int_equal(end->n_finished, 0);
	assert_int_equal(end->n_wrong, 0);
}

void end_expect_open(const struct end *end)
{
	settle();
	if (end->n_lost > 0)
		print_error("%d, %s\n", end->status, end->why);
	assert_int_equal(end->n_lost, 0);
	assert_int_equal(end->n_finished, 0);
	assert_int_equal(end->n_wrong, 0);
}

/* ---- with TLS */

/* The one that was loaded last for that side; most tests have the same again and again. */
struct kept {
	char name[32];
	struct actor_tls *tls;
};
static struct kept kept[2];

static struct actor_tls *load_again(struct kept *last, const char *name)
{
	if (last->tls && strcmp(last->name, name) == 0)
		return last->tls;
	actor_tls_unref(last->tls);
	snprintf(last->name, sizeof last->name, "%s", name);
	last->tls = certificate_load(name, "ca", NULL);
	return last->tls;
}

void be_client(const char *name, struct actor_transport *transport)
{
	struct actor_tls *tls = load_again(&kept[0], name);

	assert_int_equal(actor_tls_client(tls, transport, "localhost", &client.transport), 0);
	end_start(&client);
}

void be_server(const char *name, struct actor_transport *transport)
{
	struct actor_tls *tls = load_again(&kept[1], name);

	assert_int_equal(actor_tls_server(tls, transport, &server.transport), 0);
	end_start(&server);
}

void link_by(const char *of_client, const char *of_server)
{
	struct actor_transport *ends[2];

	make_below(&ends[0], &ends[1]);
	be_client(of_client, ends[0]);
	be_server(of_server, ends[1]);
}

void link_both(void)
{
	link_by("client", "server");
}

void link_client(void)
{
	struct actor_transport *transport;

	make_below(&near_end.transport, &transport);
	be_client("client", transport);
	end_start(&near_end);
}

void link_server(void)
{
	struct actor_transport *transport;

	make_below(&near_end.transport, &transport);
	be_server("server", transport);
	end_start(&near_end);
}

void exchange(void)
{
	end_write(&client, "to the server", 13);
	end_write(&server, "to the client", 13);
	end_expect(&server, "to the server", 13);
	end_expect(&client, "to the client", 13);
}

void begin_anew(void)
{
	end_reset(&client);
	end_reset(&server);
	end_reset(&near_end);
	end_reset(&far_end);
	pass_ns(2 * SECOND_NS); /* longer than any of them lingers */
}

/* ---- who sits in between */

static void cut(void)
{
	end_destroy(&near_end);
	end_destroy(&far_end);
}

static void pass_on(struct end *from, const uint8_t *bytes, size_t n)
{
	unsigned whose = from == &far_end;
	struct end *to = whose ? &near_end : &far_end;
	size_t first = wire.n_passed[whose];
	bool here = wire.of == whose && wire.at >= first && wire.at < first + n;
	uint8_t changed[65536];

	wire.n_passed[whose] += n;
	if (wire.deed == WIRE_FLIP && here) {
		memcpy(changed, bytes, n);
		changed[wire.at - first] ^= 1 << wire.at % 8;
		bytes = changed;
	}
	if (wire.deed == WIRE_STALL && wire.of == whose && wire.at < first + n)
		n = here ? wire.at - first : 0;
	if (wire.deed == WIRE_CUT && here)
		n = wire.at - first;
	if (n > 0)
		end_write(to, bytes, n);
	if (wire.deed == WIRE_CUT && here)
		cut();
}

static void on_wire(struct end *end, const uint8_t *bytes, size_t n)
{
	struct end *to = end == &far_end ? &near_end : &far_end;

	if (bytes)
		pass_on(end, bytes, n);
	else if (n == 0)
		end_shut(to);
	else
		end_destroy(to);
}

void link_by_wire(enum wire_deed deed, unsigned of, size_t at)
{
	struct actor_transport *ends[2];

	wire = (struct wire){ deed, of, at, { 0, 0 } };
	near_end.on_read = far_end.on_read = on_wire;
	make_below(&ends[0], &near_end.transport);
	make_below(&far_end.transport, &ends[1]);
	end_start(&near_end);
	end_start(&far_end);
	be_client("client", ends[0]);
	be_server("server", ends[1]);
}

/* ---- tests */

int tls_set_up(void **state)
{
	(void)state;
	certificates_open_usual();
	return 0;
}

int tls_tear_down(void **state)
{
	(void)state;
	actor_tls_unref(kept[0].tls);
	actor_tls_unref(kept[1].tls);
	certificates_close();
	return 0;
}

static void open_simulation(void)
{
	const struct actor_simulation_options options = { .size = sizeof options,
							  .seed = seed,
							  .most_steps = UINT64_MAX };
	const struct actor_network_options quick = { .size = sizeof quick, .most_delay_ns = 1000 };

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	context = actor_thread_context();
	if (seed % 2 == 0)
		assert_int_equal(actor_network_create(executor, &quick, &network), 0);
}

static int close_simulation(void)
{
	begin_anew();
	actor_network_destroy(network);
	network = NULL;
	if (actor_executor_join(executor, ACTOR_FOREVER) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	executor = NULL;
	return test_nothing_held(NULL);
}

void tls_test_run(void **state)
{
	const struct tls_test *test = *state;

	for (seed = 1; seed <= test->n_seeds; seed++) {
		open_simulation();
		test->run();
		assert_int_equal(close_simulation(), 0);
	}
}

int tls_test_tear_down(void **state)
{
	(void)state;
	if (!executor)
		return 0;
	print_error("failed with seed %u\n", seed);
	return close_simulation();
}
