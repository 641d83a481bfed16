// SPDX-License-Identifier: Apache-2.0
// C, not C++: `class` is a name like any other.
#include <svdpi.h>
#include "beside.h"

unsigned twice(unsigned class)
{
    return FACTOR * class;
}
