/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__EVENT_H
#define ACTOR__EVENT_H

/* Descriptors that are readable or not, by eventfd(2); systems without that have none. */

/** actor__event_open() - one that is not readable; -1 when there is none */
int actor__event_open(void);

/** actor__event_set() - make it readable */
void actor__event_set(int fd);

/** actor__event_clear() - make it unreadable */
void actor__event_clear(int fd);

/** actor__event_close() - done with it */
void actor__event_close(int fd);

#endif
