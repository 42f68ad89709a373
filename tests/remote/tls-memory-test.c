/* SPDX-License-Identifier: MIT */

/* Without memory, the library's own or OpenSSL's, somebody is told, and nothing is left. */

#include "tls-fixture.h"

#include "quiet-ends.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

/* ---- memory, by OpenSSL and the library's transports */

static unsigned n_asked, nth_fails;
static long n_live; /* of OpenSSL */

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

static bool is_refused(void)
{
	return ++n_asked == nth_fails;
}

void *__wrap_malloc(size_t bytes)
{
	return is_refused() ? NULL : __real_malloc(bytes);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
	void *memory = is_refused() ? NULL : __real_malloc(n);

	(void)file, (void)line;
	n_live += memory != NULL;
	return memory;
}

static void *crypto_realloc(void *memory, size_t n, const char *file, int line)
{
	if (!memory)
		return crypto_malloc(n, file, line);
	return is_refused() ? NULL : realloc(memory, n);
}

static void crypto_free(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	n_live -= memory != NULL;
	free(memory);
}

static void fail_nth(unsigned nth)
{
	n_asked = 0;
	nth_fails = nth;
}

/* ---- connections */

/* Some of all allocations: there are thousands. OpenSSL itself loses a few when it has none. */
enum { OPENSSL_LOSES = 16 };

static unsigned next_one(unsigned nth)
{
	return nth + 5000 / test_times(150);
}

static struct actor_tls *of_client, *of_server;

static int connect_tls(struct actor_executor *simulation, struct actor_transport *ret_ends[2],
		       void **user)
{
	(void)user;
	assert_int_equal(actor_pair_create(simulation, simulation, &ret_ends[0], &ret_ends[1]), 0);
	assert_int_equal(actor_tls_client(of_client, ret_ends[0], "localhost", &ret_ends[0]), 0);
	return actor_tls_server(of_server, ret_ends[1], &ret_ends[1]);
}

static void load_both(void)
{
	of_client = certificate_load("client", "ca", NULL);
	of_server = certificate_load("server", "ca", NULL);
}

static void unload_both(void)
{
	actor_tls_unref(of_client);
	actor_tls_unref(of_server);
}

static void whoever_has_no_memory_somebody_is_told(void **state)
{
	(void)state;
	load_both();
	assert_in_range(quiet_ends_sweep(connect_tls, NULL), 10, 1000);
	unload_both();
}

static int connect_and_refuse(struct actor_executor *simulation,
			      struct actor_transport *ret_ends[2], void **user)
{
	unsigned nth = nth_fails;
	int rc;

	fail_nth(0);
	rc = connect_tls(simulation, ret_ends, user);
	fail_nth(nth);
	return rc;
}

/* What OpenSSL makes once and keeps is there after the first connection. */
static void without_memory_for_tls_somebody_is_told(void **state)
{
	unsigned n, n_told = 0;
	long before;

	(void)state;
	load_both();
	assert_true(quiet_ends_once(UINT64_MAX, connect_and_refuse, NULL));
	n = n_asked;
	before = n_live;
	for (unsigned nth = 1; nth <= n; nth = next_one(nth)) {
		fail_nth(nth);
		n_told += !quiet_ends_once(UINT64_MAX, connect_and_refuse, NULL);
	}
	fail_nth(0);
	assert_true(n_told > 0);
	assert_in_range(n_live - before, 0, OPENSSL_LOSES);
	unload_both();
}

/* Loading, and making a connection. */
static int make_all(void)
{
	const struct actor_tls_options options = {
		.size = sizeof options,
		.certificate_file = certificates_path("server.pem"),
		.key_file = certificates_path("server.key"),
		.ca_file = certificates_path("ca.pem"),
	};
	struct actor_transport *ends[2], *transport;
	struct actor_tls *tls;
	int rc = actor_tls_create(&options, &tls, NULL);

	if (rc < 0)
		return rc;
	rc = actor_pair_create(executor, executor, &ends[0], &ends[1]);
	if (rc == 0) {
		rc = actor_tls_client(tls, ends[0], "localhost", &transport);
		actor_transport_destroy(rc == 0 ? transport : ends[0]);
		actor_transport_destroy(ends[1]);
	}
	actor_tls_unref(tls);
	return rc;
}

static void what_cannot_be_made_is_refused(void)
{
	unsigned n_refused = 0;
	long before;
	int rc;

	assert_int_equal(make_all(), 0);
	before = n_live;
	for (unsigned nth = 1;; nth = next_one(nth)) {
		fail_nth(nth);
		rc = make_all();
		if (n_asked < nth)
			break;
		/* Some of what is refused OpenSSL can do without, or takes for a bad file. */
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM || rc == ACTOR_E_INVALID);
		n_refused += rc < 0;
	}
	fail_nth(0);
	assert_int_equal(rc, 0);
	assert_true(n_refused > 0);
	assert_in_range(n_live - before, 0, OPENSSL_LOSES);
}

/* Whoever gets one gets a whole one. */
static void what_is_made_can_be_used(void)
{
	struct actor_tls *tls = certificate_load("client", "ca", NULL);
	struct actor_transport *ends[2];
	unsigned n_refused = 0;
	bool failed = true;
	int rc;

	for (unsigned nth = 1; failed; nth++) {
		make_below(&ends[0], &ends[1]);
		fail_nth(nth);
		rc = actor_tls_client(tls, ends[0], "localhost", &client.transport);
		failed = n_asked >= nth;
		fail_nth(0);
		be_server("server", ends[1]);
		if (rc == 0) {
			end_start(&client);
			end_expect_open(&client);
			end_expect_open(&server);
		} else {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			actor_transport_destroy(ends[0]);
			n_refused++;
		}
		begin_anew();
	}
	assert_int_equal(rc, 0);
	assert_true(n_refused > 0);
	actor_tls_unref(tls);
}

#define MEMORY_TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY_TEST(whoever_has_no_memory_somebody_is_told),
		MEMORY_TEST(without_memory_for_tls_somebody_is_told),
		TLS_SEEDS_TEST(what_cannot_be_made_is_refused, 1),
		TLS_SEEDS_TEST(what_is_made_can_be_used, 1),
	};

	if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free))
		return 99;
	return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
