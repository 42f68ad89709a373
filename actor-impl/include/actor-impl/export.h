/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_EXPORT_H
#define ACTOR_IMPL_EXPORT_H

/* The library is compiled with hidden visibility: what users may call says so. */
#if defined(__GNUC__)
#define ACTOR_EXPORT __attribute__((__visibility__("default")))
#else
#define ACTOR_EXPORT
#endif

#endif
