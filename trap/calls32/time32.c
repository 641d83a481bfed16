/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of 32-bit programs that wait, or tell or take a time.
 */
#include "time32.h"

#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#include "carry32.h"
#include "ground/readable.h"
#include "interpose/pointers.h"
#include "signals32.h"
#include "structs32.h"

bool time32_take(long from, struct timespec *time)
{
    if (from == 0)
        return true;
    if (!readable((void *)from, sizeof(struct timespec32)))
        return false;
    structs32_time((const struct timespec32 *)from, time);
    return true;
}

long time32_give(long result, const struct timespec *time, long to)
{
    if (to != 0 && readable((void *)to, sizeof(struct timespec32)))
        *(struct timespec32 *)to = (struct timespec32){(int32_t)time->tv_sec, (int32_t)time->tv_nsec};
    return result;
}

long carry32_nanosleep(const long a[6])
{
    struct timespec wanted, left = {0};
    if (a[0] == 0 || !time32_take(a[0], &wanted))
        return fails32(EFAULT);
    long result = carry_nanosleep(ARGUMENTS((long)&wanted, a[1] != 0 ? (long)&left : 0));
    return result == -1 && errno == EINTR ? time32_give(result, &left, a[1]) : result;
}

long carry32_clock_nanosleep(const long a[6])
{
    struct timespec wanted, left = {0};
    if (a[2] == 0 || !time32_take(a[2], &wanted))
        return fails32(EFAULT);
    long result = carry_clock_nanosleep(ARGUMENTS(SIGNED(0), a[1], (long)&wanted, a[3] != 0 ? (long)&left : 0));
    return result == -1 && errno == EINTR ? time32_give(result, &left, a[3]) : result;
}

long carry32_ppoll(const long a[6])
{
    struct timespec limit;
    if (!time32_take(a[2], &limit))
        return fails32(EFAULT);
    return carry_ppoll(ARGUMENTS(a[0], a[1], a[2] != 0 ? (long)&limit : 0, a[3], a[4]));
}

/* Sets of descriptors, the second to fourth arguments, are of words of 4 bytes, where 64-bit calls take and write 8: of
 * an odd number of words there are copies. */
enum { SETS = 3, MOST_DESCRIPTORS = FD_SETSIZE };
struct sets {
    uint64_t copies[SETS][MOST_DESCRIPTORS / 64];
    size_t bytes; /* 0: there are none */
    long wide[SETS];
};

static bool take_sets(const long a[6], struct sets *sets)
{
    size_t words = SIGNED(0) > 0 ? ((size_t)SIGNED(0) + 31) / 32 : 0;
    sets->bytes = words % 2 != 0 && SIGNED(0) <= MOST_DESCRIPTORS ? words * sizeof(uint32_t) : 0;
    for (int i = 0; i < SETS; i++) {
        const void *set = (const void *)a[1 + i];
        sets->wide[i] = a[1 + i];
        if (sets->bytes == 0 || set == NULL)
            continue;
        if (!readable(set, sets->bytes))
            return fails32(EFAULT) == 0;
        memset(sets->copies[i], 0, sizeof sets->copies[i]);
        memcpy(sets->copies[i], set, sets->bytes);
        sets->wide[i] = (long)sets->copies[i];
    }
    return true;
}

static long give_sets(long result, const long a[6], const struct sets *sets)
{
    for (int i = 0; i < SETS && result >= 0; i++)
        if (sets->wide[i] != a[1 + i])
            memcpy((void *)a[1 + i], sets->copies[i], sets->bytes);
    return result;
}

long carry32__newselect(const long a[6])
{
    struct timespec limit = {0};
    struct sets sets;
    if (!time32_take(a[4], &limit))
        return fails32(EFAULT);
    if (!take_sets(a, &sets))
        return -1;
    struct timeval time = {limit.tv_sec, limit.tv_nsec};
    long result = carry_select(
        ARGUMENTS(SIGNED(0), sets.wide[0], sets.wide[1], sets.wide[2], a[4] != 0 ? (long)&time : 0));
    return time32_give(give_sets(result, a, &sets), &(struct timespec){time.tv_sec, time.tv_usec}, a[4]);
}

/* The set of signals is behind a pointer, with its size. */
static long select_with(const long a[6], const struct timespec *limit)
{
    const uint32_t *inner = (const uint32_t *)a[5];
    if (inner != NULL && !readable(inner, 2 * sizeof *inner))
        return fails32(EFAULT);
    uint64_t wide[2] = {inner != NULL ? inner[0] : 0, inner != NULL ? inner[1] : 0};
    struct sets sets;
    if (!take_sets(a, &sets))
        return -1;
    return give_sets(carry_pselect6(ARGUMENTS(SIGNED(0), sets.wide[0], sets.wide[1], sets.wide[2], (long)limit,
                                              inner != NULL ? (long)wide : 0)),
                     a, &sets);
}

long carry32_pselect6(const long a[6])
{
    struct timespec limit;
    return time32_take(a[4], &limit) ? select_with(a, a[4] != 0 ? &limit : NULL) : fails32(EFAULT);
}

CARRY32(pselect6_time64, select_with(a, (const struct timespec *)a[4]))

long carry32_clock_gettime(const long a[6])
{
    struct timespec now;
    if (!readable((void *)a[1], sizeof(struct timespec32)))
        return fails32(EFAULT);
    long result = carry_clock_gettime(ARGUMENTS(SIGNED(0), (long)&now));
    return result == 0 ? time32_give(0, &now, a[1]) : result;
}

long carry32_gettimeofday(const long a[6])
{
    struct timeval now;
    if (a[0] != 0 && !readable((void *)a[0], sizeof(struct timespec32)))
        return fails32(EFAULT);
    long result = carry_gettimeofday(ARGUMENTS((long)&now, a[1]));
    return result == 0 ? time32_give(0, &(struct timespec){now.tv_sec, now.tv_usec}, a[0]) : result;
}

long carry32_time(const long a[6])
{
    long now = carry_time(ARGUMENTS(0));
    if (a[0] != 0 && !readable((void *)a[0], sizeof(int32_t)))
        return fails32(EFAULT);
    if (a[0] != 0)
        *(int32_t *)a[0] = (int32_t)now;
    return now;
}

/* One pointer to all arguments, as the first of these calls had it. */
long carry32_select(const long a[6])
{
    const uint32_t *all = (const uint32_t *)a[0];
    if (!readable(all, 5 * sizeof *all))
        return fails32(EFAULT);
    return led32__newselect(ARGUMENTS(all[0], all[1], all[2], all[3], all[4]));
}

/* The fourth argument is a time for some operations only. */
long carry32_futex(const long a[6])
{
    struct timespec limit;
    if (pointers_of_futex(a[1]).unit == 0 || a[3] == 0)
        return carry_futex(a);
    return time32_take(a[3], &limit) ? carry_futex(ARGUMENTS(a[0], a[1], a[2], (long)&limit, a[4], a[5]))
                                     : fails32(EFAULT);
}

long carry32_rt_sigtimedwait(const long a[6])
{
    struct timespec limit;
    return time32_take(a[2], &limit) ? signals32_wait(a, a[2] != 0 ? &limit : NULL) : fails32(EFAULT);
}

CARRY32(rt_sigtimedwait_time64, signals32_wait(a, (const struct timespec *)a[2]))
/* ---- timers: a time, and behind it the one of the interval or before it, in parts of a second */

struct pair32 {
    struct timespec32 first, second;
};

static bool take_pair(long from, struct timespec pair[2])
{
    return time32_take(from, &pair[0]) && (from == 0 || time32_take(from + (long)sizeof(struct timespec32), &pair[1]));
}

static long give_pair(long result, const struct timespec pair[2], long to)
{
    if (result == -1 || to == 0)
        return result;
    if (!readable((void *)to, sizeof(struct pair32)))
        return fails32(EFAULT);
    time32_give(0, &pair[0], to);
    return time32_give(result, &pair[1], to + (long)sizeof(struct timespec32));
}

/* What a timer has is laid out alike, whether in nanoseconds or microseconds. */
_Static_assert(sizeof(struct itimerval) == 2 * sizeof(struct timespec), "two times");
_Static_assert(sizeof(struct itimerspec) == 2 * sizeof(struct timespec), "two times");

long carry32_setitimer(const long a[6])
{
    struct timespec wanted[2] = {0}, old[2];
    if (!take_pair(a[1], wanted))
        return fails32(EFAULT);
    long result = carry_setitimer(ARGUMENTS(SIGNED(0), (long)wanted, a[2] != 0 ? (long)old : 0));
    return give_pair(result, old, a[2]);
}

long carry32_getitimer(const long a[6])
{
    struct timespec now[2];
    return give_pair(carry_getitimer(ARGUMENTS(SIGNED(0), (long)now)), now, a[1]);
}

long carry32_timerfd_settime(const long a[6])
{
    struct timespec wanted[2], old[2];
    if (a[2] == 0 || !take_pair(a[2], wanted))
        return fails32(EFAULT);
    long result = carry_timerfd_settime(ARGUMENTS(SIGNED(0), a[1], (long)wanted, a[3] != 0 ? (long)old : 0));
    return give_pair(result, old, a[3]);
}

long carry32_timerfd_gettime(const long a[6])
{
    struct timespec now[2];
    return give_pair(carry_timerfd_gettime(ARGUMENTS(SIGNED(0), (long)now)), now, a[1]);
}
