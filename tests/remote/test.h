/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_TEST_H
#define TESTS_REMOTE_TEST_H

/* What the tests of values on the wire have in common. */

#include <actor-remote/actor-remote.h>

/* cmocka last, with what it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

#endif
