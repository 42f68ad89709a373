/* SPDX-License-Identifier: MIT */

#include "every-service.h"
