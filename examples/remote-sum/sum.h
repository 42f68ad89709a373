/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_SUM_SUM_H
#define REMOTE_SUM_SUM_H

#include "remotes.h"

/** struct sum - an actor that handles all of the remotes, and knows nothing of connections */
struct sum {
	int64_t value;
};
ACTOR_DECLARE(sum, REMOTES_SERVICES);

#endif
