/* SPDX-License-Identifier: MIT */

#include "stage.h"

int transport_suite_run(const struct transport_subject *subject)
{
	struct CMUnitTest tests[64];
	size_t n = 0;

	stage_subject = subject;
	for (size_t i = 0; i < n_stream_tests; i++)
		tests[n++] = stream_tests[i];
	for (size_t i = 0; i < n_end_tests; i++)
		tests[n++] = end_tests[i];
	for (size_t i = 0; i < n_destroy_tests; i++)
		tests[n++] = destroy_tests[i];
	return _cmocka_run_group_tests(subject->name, tests, n, stage_warm_up, NULL);
}
