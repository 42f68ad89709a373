/* SPDX-License-Identifier: MIT */

/* Service ids. */

#include "test.h"

#include <actor-remote/wire-format.h>
#include <string.h>
#include <xxhash.h>

/* W-10, W-11, W-12 */
static void ids_are_those_of_thespis(void **state)
{
	static const struct {
		const char *name_space;
		const char *type;
		uint64_t id;
	} known[] = {
		{ "remotes", "Add", 0x6440cfd17c374646 },
		{ "remotes", "Sub", 0xfb47ad8f2083c565 },
		{ "remotes", "Show", 0xcdd3781867767588 },
		{ "others", "Add", 0x481dac36667915a3 },
		{ "timeouts", "Add", 0x0b2e67fe0640e10d },
		{ "parallel", "Show", 0xb4302dd8d3c29648 },
		{ "bpsm", "A", 0x68a2b47d6b6bbcf0 },
		{ "bpsm", "B", 0xb97fcbd2ae4f1840 },
		{ "bpsm", "C", 0x402c6e6646d30511 },
		{ "remote", "Add", 0x9880851e35843fb0 },
		{ "server_map", "SetNick", 0x832b0cb634d0630d },
		{ "my_fancy_app_com", "Add", 0xab6220ce656e3670 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(known); i++)
		assert_int_equal(actor_service_id(known[i].name_space, known[i].type), known[i].id);
	/* Without the spaces it is another (W-11). */
	assert_int_not_equal(actor_service_id("remotes", "Show"), 0x34ed456dcfc98290);
}

/* W-13 */
static void hashes_are_xxh64(void **state)
{
	(void)state;
	assert_int_equal(XXH64("", 0, 0), 0xef46db3751d8e999);
	assert_int_equal(XXH64("\1\2\3", 3, 0), 0x743e13ee0c4ee5a5);
}

/* W-14: a path is part of the name, as it is written. */
static void a_path_is_part_of_the_name(void **state)
{
	(void)state;
	assert_int_equal(actor_service_id("ns", "mod::Type"), XXH64("ns :: mod::Type", 15, 0));
}

/* W-15 */
static void another_name_is_another_id(void **state)
{
	(void)state;
	assert_int_equal(actor_service_id("a", "B"), actor_service_id("a", "B"));
	assert_int_not_equal(actor_service_id("a", "B"), actor_service_id("a", "C"));
	assert_int_not_equal(actor_service_id("a", "B"), actor_service_id("b", "B"));
}

/* W-16: such a service has none. */
static void a_name_that_is_too_long_has_no_id(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'x', sizeof name);
	name[251] = '\0';
	assert_int_not_equal(actor_service_id("abc", name), 0);
	assert_int_equal(actor_service_id("abcd", name), 0);
	name[251] = 'x';
	name[299] = '\0';
	assert_int_equal(actor_service_id(name, name), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_those_of_thespis),
		cmocka_unit_test(hashes_are_xxh64),
		cmocka_unit_test(a_path_is_part_of_the_name),
		cmocka_unit_test(another_name_is_another_id),
		cmocka_unit_test(a_name_that_is_too_long_has_no_id),
	};

	return cmocka_run_group_tests_name("service-id", tests, NULL, NULL);
}
