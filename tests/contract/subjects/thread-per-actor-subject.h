/* SPDX-License-Identifier: MIT */
#ifndef THREAD_PER_ACTOR_SUBJECT_H
#define THREAD_PER_ACTOR_SUBJECT_H

#include <contract/contract.h>

/* The second implementation: one thread per actor. */
extern const struct contract_subject thread_per_actor_subject;

#endif
