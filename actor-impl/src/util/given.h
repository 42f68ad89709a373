/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__GIVEN_H
#define ACTOR__GIVEN_H

#include <stddef.h>

/* ACTOR__GIVEN() - a member of options, or @otherwise, where there are none (NULL), or they are as
 * they were before they had such a member */
#define ACTOR__GIVEN(options, member, otherwise)                                                   \
	((options) && (options)->size >= offsetof(__typeof__(*(options)), member) +                \
						 sizeof((options)->member)                         \
		 ? (options)->member                                                               \
		 : (otherwise))

#endif
