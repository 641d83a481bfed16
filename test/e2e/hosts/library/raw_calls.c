// SPDX-License-Identifier: Apache-2.0
// A library that asks libc for nothing.
#include "../raw.h"

long raw_call(long number, long a, long b, long c, long d, long e, long f);

long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
    return raw(number, a, b, c, d, e, f);
}
