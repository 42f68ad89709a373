/* SPDX-License-Identifier: MIT */
#ifndef CHANNELS_SUBJECT_H
#define CHANNELS_SUBJECT_H

#include <contract/contract.h>

/** channels_subject() - with channels that are given, on &pool_subject or &local_subject */
struct contract_subject channels_subject(const struct contract_subject *executor);

#endif
