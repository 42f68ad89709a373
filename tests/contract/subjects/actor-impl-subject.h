/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_SUBJECT_H
#define ACTOR_IMPL_SUBJECT_H

#include <contract/contract.h>

/* The reference implementation: a pool of three threads, of one thread, the local executor, and a
 * simulation. */
extern const struct contract_subject pool_subject;
extern const struct contract_subject single_pool_subject;
extern const struct contract_subject local_subject;
extern const struct contract_subject simulation_subject;

/** executor_subject() - the same on any other executor: @create returns one, or NULL; @more: of
 * enum contract_capability */
struct contract_subject executor_subject(const char *name, unsigned more, void *(*create)(void));

#endif
