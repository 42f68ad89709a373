/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_RANDOM_TYPE_H
#define TESTS_REMOTE_RANDOM_TYPE_H

#include <actor-remote/schema.h>

/** random_type() - a type that the numbers which follow @state draw; until the next call */
const struct actor_schema *random_type(uint64_t *state);

#endif
