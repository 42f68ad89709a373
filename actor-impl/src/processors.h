/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PROCESSORS_H
#define ACTOR__PROCESSORS_H

/** actor__processors() - how many this process may keep busy: at least 1 */
unsigned actor__processors(void);

/**
 * actor__processors_quota() - how many its control groups grant it, rounded up; 0 for no limit
 * @root: where /proc and the mounts of the control groups are looked up: "" is the real place
 */
unsigned actor__processors_quota(const char *root);

#endif
