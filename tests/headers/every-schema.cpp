/* SPDX-License-Identifier: MIT */

#include "every-schema.h"
