/* SPDX-License-Identifier: Apache-2.0
 *
 * What carries out the calls of 32-bit programs that have something narrower than the one of 64-bit programs that does
 * what they do: a function for each OWN of net/calls32.h. The arguments are 32 bits, extended by zeros. -1 with errno.
 */
#ifndef TRAPLINE_CALLS32_CARRY32_H
#define TRAPLINE_CALLS32_CARRY32_H

#include <errno.h>
#include <stdint.h>

#include "interpose/by_number.h"
#include "net/calls32.h"

#define OWN(call) long carry32_##call(const long a[6]);
#define SAME(call, same) long same32_##call(const long a[6]);
CALLS32_WATCHED(SAME, OWN)
#undef OWN
#undef SAME

/* Such a function whose work is one expression, with the arguments in `a`. */
#define CARRY32(call, expression)                                                                                      \
    long carry32_##call(const long a[6])                                                                               \
    {                                                                                                                  \
        return (expression);                                                                                           \
    }

#define ARGUMENTS(...) ((const long[6]){__VA_ARGS__})
#define SIGNED(index) ((long)(int32_t)a[index])
#define WIDE(low, high) ((long)((uint64_t)(uint32_t)a[low] | (uint64_t)(uint32_t)a[high] << 32))

static inline long fails32(int error)
{
    errno = error;
    return -1;
}

/* Those that may turn out to be none of ours, as the program has made them (net/call32.h). */
#define CALLS32_PASSED(CALL)                                                                                           \
    CALL(sendmsg)                                                                                                      \
    CALL(sendmmsg)                                                                                                     \
    CALL(recvmsg)                                                                                                      \
    CALL(recvmmsg)                                                                                                     \
    CALL(recvmmsg_time64)                                                                                              \
    CALL(socketcall)                                                                                                   \
    CALL(ipc)                                                                                                          \
    CALL(ioctl)                                                                                                        \
    CALL(ptrace)                                                                                                       \
    CALL(prctl)                                                                                                        \
    CALL(io_submit)
#define PASSED(call) long kernel32_##call(const long a[6]);
CALLS32_PASSED(PASSED)
#undef PASSED

/* Those to which another leads that stands for many. */
#define CALLS32_LED_TO(CALL)                                                                                           \
    CALL(_newselect)                                                                                                   \
    CALL(bind)                                                                                                         \
    CALL(connect)                                                                                                      \
    CALL(accept4)                                                                                                      \
    CALL(getsockname)                                                                                                  \
    CALL(getpeername)                                                                                                  \
    CALL(socketpair)                                                                                                   \
    CALL(sendto)                                                                                                       \
    CALL(recvfrom)                                                                                                     \
    CALL(setsockopt)                                                                                                   \
    CALL(getsockopt)                                                                                                   \
    CALL(sendmsg)                                                                                                      \
    CALL(recvmsg)                                                                                                      \
    CALL(recvmmsg)                                                                                                     \
    CALL(sendmmsg)                                                                                                     \
    CALL(semctl)                                                                                                       \
    CALL(msgrcv)
#define LED_TO(call) long led32_##call(const long a[6]);
CALLS32_LED_TO(LED_TO)
#undef LED_TO

#endif
