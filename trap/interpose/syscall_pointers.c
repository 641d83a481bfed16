/* SPDX-License-Identifier: Apache-2.0
 *
 * What system calls by number point at. The libc names that carry them out look at it, and libc's own do so too, where
 * the kernel would say EFAULT.
 */
#include "syscall_pointers.h"

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "ground/readable.h"
#include "pointers.h"

enum { SET = sizeof(uint64_t), NOT_SIZED = -1 };

/* Calls whose functions look at what they point at, and the argument that says how large a set of signals is. */
static const struct {
    uint16_t number;
    int16_t size_of_set;
} calls[] = {
    {SYS_clock_gettime, NOT_SIZED},
    {SYS_gettimeofday, NOT_SIZED},
    {SYS_time, NOT_SIZED},
    {SYS_nanosleep, NOT_SIZED},
    {SYS_clock_nanosleep, NOT_SIZED},
    {SYS_select, NOT_SIZED},
    {SYS_pselect6, NOT_SIZED},
    {SYS_ppoll, 4},
    {SYS_epoll_pwait, 5},
    {SYS_epoll_pwait2, 5},
    {SYS_rt_sigsuspend, 1},
    {SYS_rt_sigtimedwait, 3},
    {SYS_rt_sigpending, NOT_SIZED},
    {SYS_rt_sigprocmask, 3},
    {SYS_rt_sigaction, 3},
    {SYS_setitimer, NOT_SIZED},
    {SYS_getitimer, NOT_SIZED},
    {SYS_timerfd_settime, NOT_SIZED},
    {SYS_timerfd_gettime, NOT_SIZED},
    {SYS_openat2, NOT_SIZED},
};

/* Structures and sets; where there are many of what the kernel looks at, it says so itself. */
static bool is_nowhere(const struct pointer *at, const long argument[6])
{
    size_t bytes = at->size == POINTER_FIXED ? at->unit : 0;
    if (at->size == POINTER_COUNTED && at->unit == 1)
        bytes = (uint64_t)argument[at->by] < SET ? (size_t)argument[at->by] : SET;
    return bytes != 0 && !readable_or_null((const void *)argument[at->argument], bytes);
}

/* Calls that take a set of signals always, and with it its size. */
static bool needs_set(long number)
{
    return number == SYS_rt_sigaction || number == SYS_rt_sigprocmask || number == SYS_rt_sigsuspend ||
           number == SYS_rt_sigtimedwait;
}

static bool is_missized(long number, int size_of_set, const long argument[6])
{
    if (size_of_set == NOT_SIZED || argument[size_of_set] == SET)
        return false;
    return needs_set(number) || argument[size_of_set - 1] != 0;
}

/* The set of pselect6 is behind another pointer, with its size. */
static bool is_inner_set_wrong(const long argument[6])
{
    const uint64_t *inner = (const uint64_t *)argument[5];
    return inner != NULL && inner[0] != 0 && (inner[1] != SET || !readable((const void *)inner[0], SET));
}

static bool is_wrong(long number, int size_of_set, const long argument[6])
{
    const struct pointers *pointers = pointers_of(&pointers64, number);
    for (int i = 0; i < POINTERS_MOST; i++)
        if (is_nowhere(&pointers->at[i], argument))
            return true;
    return is_missized(number, size_of_set, argument) || (number == SYS_pselect6 && is_inner_set_wrong(argument));
}

bool syscall_is_for_kernel(long number, const long argument[6])
{
    if (number == SYS_futex)
        return ((argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT || (argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) &&
               !readable_or_null((const void *)argument[3], sizeof(struct timespec));
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].number == number)
            return is_wrong(number, calls[i].size_of_set, argument);
    return false;
}
