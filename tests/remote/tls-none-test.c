/* SPDX-License-Identifier: MIT */

/* Without OpenSSL: nobody has credentials, and is told why. */

#include "test.h"

#include <actor-remote/tls.h>

static void there_are_no_credentials(void **state)
{
	const struct actor_tls_options options = {
		.size = sizeof options,
		.certificate_file = "/nowhere",
		.key_file = "/nowhere",
		.ca_file = "/nowhere",
	};
	struct actor_tls *tls = NULL;
	struct actor_why why = { "" };

	(void)state;
	assert_int_equal(actor_tls_create(&options, &tls, &why), ACTOR_E_UNSUPPORTED);
	assert_string_equal(why.text, "built without TLS");
	assert_int_equal(actor_tls_create(&options, &tls, NULL), ACTOR_E_UNSUPPORTED);
	assert_null(tls);
	assert_null(actor_tls_ref(NULL));
	actor_tls_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_no_credentials),
	};

	return cmocka_run_group_tests_name("tls-none", tests, NULL, NULL);
}
