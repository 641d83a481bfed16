/* SPDX-License-Identifier: Apache-2.0 */
#include "by_number32.h"

#include <asm/unistd_32.h>

#include "carry32.h"
#include "net/call32.h"

static long pass_on(long number, const long a[6])
{
    enum { MOST_ERRORS = 4096 };
    long result = call32(number, a);
    return result < 0 && result > -MOST_ERRORS ? fails32((int)-result) : result;
}

#define PASSED(call)                                                                                                   \
    long kernel32_##call(const long a[6])                                                                              \
    {                                                                                                                  \
        return pass_on(__NR_##call, a);                                                                                \
    }
CALLS32_PASSED(PASSED)

#define SAME(call, same)                                                                                               \
    case __NR_##call:                                                                                                  \
        return same32_##call(a);
#define OWN(call)                                                                                                      \
    case __NR_##call:                                                                                                  \
        return carry32_##call(a);

long by_number32(uint64_t pc, long number, const long a[6])
{
    (void)pc;
    switch (number) {
        CALLS32_WATCHED(SAME, OWN)
    default:
        errno = ENOSYS;
        return -1;
    }
}
