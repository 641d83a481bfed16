/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls by number that wait or tell the time.
 */
#include "syscall_time.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "ground/real.h"
#include "kernel_call.h"
#include "lock.h"
#include "wait.h"

/* What futex(2) waits for; the timeout comes last, as one of CLOCK_REALTIME. */
struct futex_wait {
    long *word;
    int operation;
    unsigned value, bits;
};

static int wait_futex(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    const struct futex_wait *wait = attempt->first;
    long result = KERNEL_CALL(SYS_futex, wait->word, wait->operation, wait->value, deadline, NULL, wait->bits);
    return result < 0 ? errno : 0;
}

static bool is_timed_futex(int operation, const struct timespec *timeout)
{
    int command = operation & FUTEX_CMD_MASK;
    return timeout != NULL && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET);
}

/* FUTEX_WAIT has a duration, FUTEX_WAIT_BITSET a deadline. */
static long timed_futex(long *word, int operation, unsigned value, const struct timespec *timeout, unsigned bits)
{
    bool has_duration = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT;
    clockid_t clock = !has_duration && operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int same = FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME | (operation & FUTEX_PRIVATE_FLAG);
    struct futex_wait wait = {word, same, value, has_duration ? FUTEX_BITSET_MATCH_ANY : bits};
    const struct lock_attempt attempt = {
        .wait = wait_futex, .keeps_state = true, .is_interruptible = true, .first = &wait};
    bool is_valid = timeout->tv_sec >= 0 && timeout->tv_nsec >= 0 && timeout->tv_nsec < 1000000000L;
    return real_result(has_duration && is_valid ? -lock_wait_for(wait_from_timespec(timeout), &attempt)
                                                : -lock_wait_until(clock, timeout, &attempt));
}

/* The signals that a call names, to wait for or to keep blocked meanwhile, in the kernel's 8 bytes; NULL if none. */
static const uint64_t *mask_of(long number, const long a[6])
{
    switch (number) {
    case SYS_ppoll:
        return (const uint64_t *)a[3];
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        return (const uint64_t *)a[4];
    case SYS_pselect6:
        return a[5] != 0 ? *(const uint64_t *const *)a[5] : NULL;
    case SYS_rt_sigsuspend:
    case SYS_rt_sigtimedwait:
        return (const uint64_t *)a[0];
    default:
        return NULL;
    }
}

static bool wait_by_number(long number, const long a[6], const sigset_t *mask, long *result)
{
    switch (number) {
    case SYS_nanosleep:
        *result = nanosleep((const struct timespec *)a[0], (struct timespec *)a[1]);
        return true;
    case SYS_clock_nanosleep:
        *result = real_result(
            -clock_nanosleep((clockid_t)a[0], (int)a[1], (const struct timespec *)a[2], (struct timespec *)a[3]));
        return true;
    case SYS_sched_yield:
        *result = sched_yield();
        return true;
    case SYS_poll:
        *result = poll((struct pollfd *)a[0], (nfds_t)a[1], (int)a[2]);
        return true;
    case SYS_ppoll:
        *result = ppoll((struct pollfd *)a[0], (nfds_t)a[1], (const struct timespec *)a[2], mask);
        return true;
    case SYS_select:
        *result = select((int)a[0], (fd_set *)a[1], (fd_set *)a[2], (fd_set *)a[3], (struct timeval *)a[4]);
        return true;
    case SYS_pselect6:
        *result = pselect((int)a[0], (fd_set *)a[1], (fd_set *)a[2], (fd_set *)a[3], (const struct timespec *)a[4],
                          mask);
        return true;
    case SYS_epoll_wait:
        *result = epoll_wait((int)a[0], (struct epoll_event *)a[1], (int)a[2], (int)a[3]);
        return true;
    case SYS_epoll_pwait:
        *result = epoll_pwait((int)a[0], (struct epoll_event *)a[1], (int)a[2], (int)a[3], mask);
        return true;
    case SYS_epoll_pwait2:
        *result = epoll_pwait2((int)a[0], (struct epoll_event *)a[1], (int)a[2], (const struct timespec *)a[3], mask);
        return true;
    case SYS_pause:
        *result = pause();
        return true;
    case SYS_rt_sigsuspend:
        *result = sigsuspend(mask);
        return true;
    case SYS_rt_sigtimedwait:
        *result = sigtimedwait(mask, (siginfo_t *)a[1], (const struct timespec *)a[2]);
        return true;
    case SYS_futex:
        if (!is_timed_futex((int)a[1], (const struct timespec *)a[3]))
            return false;
        *result = timed_futex((long *)a[0], (int)a[1], (unsigned)a[2], (const struct timespec *)a[3], (unsigned)a[5]);
        return true;
    default:
        return false;
    }
}

static bool time_by_number(long number, const long a[6], long *result)
{
    switch (number) {
    case SYS_clock_gettime:
        *result = clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
        return true;
    case SYS_gettimeofday:
        *result = gettimeofday((struct timeval *)a[0], (void *)a[1]);
        return true;
    case SYS_time:
        *result = time((time_t *)a[0]);
        return true;
    case SYS_alarm:
        *result = alarm((unsigned)a[0]);
        return true;
    case SYS_setitimer:
        *result = setitimer((__itimer_which_t)a[0], (const struct itimerval *)a[1], (struct itimerval *)a[2]);
        return true;
    case SYS_getitimer:
        *result = getitimer((__itimer_which_t)a[0], (struct itimerval *)a[1]);
        return true;
    case SYS_timerfd_create:
        *result = timerfd_create((int)a[0], (int)a[1]);
        return true;
    case SYS_timerfd_settime:
        *result = timerfd_settime((int)a[0], (int)a[1], (const struct itimerspec *)a[2], (struct itimerspec *)a[3]);
        return true;
    case SYS_timerfd_gettime:
        *result = timerfd_gettime((int)a[0], (struct itimerspec *)a[1]);
        return true;
    default:
        return false;
    }
}

/* Calls that wait or tell the time. False if it is none. */
bool syscall_of_time(long number, const long argument[6], long *result)
{
    const uint64_t *from = mask_of(number, argument);
    sigset_t mask;
    sigemptyset(&mask);
    if (from != NULL)
        memcpy(&mask, from, sizeof *from);
    return wait_by_number(number, argument, from != NULL ? &mask : NULL, result) ||
           time_by_number(number, argument, result);
}
