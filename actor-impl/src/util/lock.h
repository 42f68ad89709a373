/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LOCK_H
#define ACTOR__LOCK_H

#include <pthread.h>

/*
 * Locks that are held for some instructions only: whoever finds one taken looks again for a while
 * before it sleeps, since sleep and wake-up take a thousand times as long. Where the system has no
 * such thing, they are ordinary ones. (glibc has it with _GNU_SOURCE.)
 */

#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
#define ACTOR__LOCK_INITIALIZER PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
#else
#define ACTOR__LOCK_INITIALIZER PTHREAD_MUTEX_INITIALIZER
#endif

static inline void actor__lock_init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
	pthread_mutex_init(lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

#endif
