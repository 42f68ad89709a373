/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SANITIZERS_H
#define ACTOR__SANITIZERS_H

/*
 * Which sanitizers this is compiled for; gcc and clang tell in different ways. And whether valgrind
 * can be told something, which is so wherever its header is installed: it costs a few instructions
 * that do nothing when the program runs without valgrind, and none with -DNVALGRIND.
 */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACTOR__ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define ACTOR__TSAN 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ACTOR__ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define ACTOR__TSAN 1
#endif

#ifndef ACTOR__ASAN
#define ACTOR__ASAN 0
#endif
#ifndef ACTOR__TSAN
#define ACTOR__TSAN 0
#endif

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#define ACTOR__VALGRIND 1
#endif
#endif
#ifndef ACTOR__VALGRIND
#define ACTOR__VALGRIND 0
#endif

#endif
