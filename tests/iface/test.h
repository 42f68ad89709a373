/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_TEST_H
#define TESTS_IFACE_TEST_H

/* cmocka last, with what it needs: its macro fail() would replace the operation of that name. */

#include <actor-iface/actor-iface.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

#endif
