/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_WELL_FORMED_H
#define TESTS_FUZZ_WELL_FORMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** well_formed() - whether bytes are one item of CBOR, nothing before or after it, as RFC 8949 says
 * in its appendix C; @strictly: and are written as short as can be, without tags, lengths that are
 * not said, or undefined. (Of floats it is not looked at how short they are.) */
bool well_formed(const uint8_t *bytes, size_t n, bool strictly);

#endif
