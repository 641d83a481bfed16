/* SPDX-License-Identifier: Apache-2.0
 *
 * What system calls by number point at. The libc names that carry them out look at it, and libc's own do so too, where
 * the kernel would say EFAULT.
 */
#include "syscall_pointers.h"

#include <linux/futex.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "ground/kernel_signals.h"
#include "ground/readable.h"

enum { SET = sizeof(uint64_t), NOT_SIZED = -1 };

struct pointers {
    long number;
    struct {
        int argument; /* 0 with no bytes: none */
        size_t bytes;
    } at[2];
    int size_of_set; /* the argument that says how large a set of signals is */
};

static const struct pointers calls[] = {
    {SYS_clock_gettime, {{1, sizeof(struct timespec)}}, NOT_SIZED},
    {SYS_gettimeofday, {{0, sizeof(struct timeval)}}, NOT_SIZED},
    {SYS_time, {{0, sizeof(time_t)}}, NOT_SIZED},
    {SYS_nanosleep, {{0, sizeof(struct timespec)}, {1, sizeof(struct timespec)}}, NOT_SIZED},
    {SYS_clock_nanosleep, {{2, sizeof(struct timespec)}, {3, sizeof(struct timespec)}}, NOT_SIZED},
    {SYS_select, {{4, sizeof(struct timeval)}}, NOT_SIZED},
    {SYS_pselect6, {{4, sizeof(struct timespec)}, {5, 2 * sizeof(uint64_t)}}, NOT_SIZED},
    {SYS_ppoll, {{2, sizeof(struct timespec)}, {3, SET}}, 4},
    {SYS_epoll_pwait, {{4, SET}}, 5},
    {SYS_epoll_pwait2, {{3, sizeof(struct timespec)}, {4, SET}}, 5},
    {SYS_rt_sigsuspend, {{0, SET}}, 1},
    {SYS_rt_sigtimedwait, {{0, SET}, {2, sizeof(struct timespec)}}, 3},
    {SYS_rt_sigpending, {{0, SET}}, NOT_SIZED},
    {SYS_rt_sigprocmask, {{1, SET}, {2, SET}}, 3},
    {SYS_rt_sigaction, {{1, sizeof(struct kernel_action)}, {2, sizeof(struct kernel_action)}}, 3},
    {SYS_setitimer, {{1, sizeof(struct itimerval)}, {2, sizeof(struct itimerval)}}, NOT_SIZED},
    {SYS_getitimer, {{1, sizeof(struct itimerval)}}, NOT_SIZED},
    {SYS_timerfd_settime, {{2, sizeof(struct itimerspec)}, {3, sizeof(struct itimerspec)}}, NOT_SIZED},
    {SYS_timerfd_gettime, {{1, sizeof(struct itimerspec)}}, NOT_SIZED},
    {SYS_openat2, {{2, sizeof(struct open_how)}}, NOT_SIZED},
};

static bool is_nowhere(const long argument[6], int at, size_t bytes)
{
    return bytes != 0 && !readable_or_null((const void *)argument[at], bytes);
}

/* Calls that take a set of signals always, and with it its size. */
static bool needs_set(long number)
{
    return number == SYS_rt_sigaction || number == SYS_rt_sigprocmask || number == SYS_rt_sigsuspend ||
           number == SYS_rt_sigtimedwait;
}

static bool is_missized(const struct pointers *call, const long argument[6])
{
    if (call->size_of_set == NOT_SIZED || argument[call->size_of_set] == SET)
        return false;
    return needs_set(call->number) || argument[call->size_of_set - 1] != 0;
}

/* The set of pselect6 is behind another pointer, with its size. */
static bool is_inner_set_wrong(const long argument[6])
{
    const uint64_t *inner = (const uint64_t *)argument[5];
    return inner != NULL && inner[0] != 0 && (inner[1] != SET || !readable((const void *)inner[0], SET));
}

static bool is_wrong(const struct pointers *call, const long argument[6])
{
    for (int i = 0; i < 2; i++)
        if (is_nowhere(argument, call->at[i].argument, call->at[i].bytes))
            return true;
    return is_missized(call, argument) || (call->number == SYS_pselect6 && is_inner_set_wrong(argument));
}

bool syscall_is_for_kernel(long number, const long argument[6])
{
    if (number == SYS_futex)
        return ((argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT || (argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) &&
               !readable_or_null((const void *)argument[3], sizeof(struct timespec));
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].number == number)
            return is_wrong(&calls[i], argument);
    return false;
}
