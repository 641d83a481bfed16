/* SPDX-License-Identifier: Apache-2.0 */
#include "by_number32.h"

#include <asm/unistd_32.h>

#include "carry32.h"
#include "interpose/pointed.h"
#include "net/call32.h"
#include "pointers32.h"

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

/* What is stopped for its pointers alone is the kernel's. */
static long carry(long number, const long a[6])
{
    switch (number) {
        CALLS32_WATCHED(SAME, OWN)
    default:
        return pass_on(number, a);
    }
}

long by_number32(uint64_t pc, long number, const long a[6])
{
    return pointed_call(pc, &pointers32, number, a, carry);
}

#define LED_TO(call)                                                                                                   \
    long led32_##call(const long a[6])                                                                                 \
    {                                                                                                                  \
        return by_number32((uint64_t)__builtin_return_address(0), __NR_##call, a);                                     \
    }
CALLS32_LED_TO(LED_TO)
