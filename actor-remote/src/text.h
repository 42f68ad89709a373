/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TEXT_H
#define ACTOR__TEXT_H

#include <actor-iface/base.h>

/** struct actor__text - a text that is written piece by piece, as by snprintf(): @n counts on */
struct actor__text {
	char *buffer;
	size_t n_buffer;
	size_t n;
};

/** actor__text_add() - one more piece */
ACTOR__PRINTF(2, 3)
void actor__text_add(struct actor__text *text, const char *format, ...);

#endif
