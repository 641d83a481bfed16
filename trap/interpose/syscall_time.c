/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls by number that wait or tell the time.
 */
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

#include "by_number.h"
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

/* Signals to wait for, or to keep blocked meanwhile, of the kernel's 8 bytes; NULL if none are named. */
static const sigset_t *signals(const void *kernel, sigset_t *set)
{
    if (kernel == NULL)
        return NULL;
    sigemptyset(set);
    memcpy(set, kernel, sizeof(uint64_t));
    return set;
}

#define SIGNALS(kernel) signals((const void *)(kernel), &(sigset_t){0})
#define TIME(index) ((const struct timespec *)a[index])
#define LEFT(index) ((struct timespec *)a[index])
#define FILES(index) ((fd_set *)a[index])
#define EVENTS(index) ((struct epoll_event *)a[index])

CARRY(nanosleep, nanosleep(TIME(0), LEFT(1)))
CARRY(clock_nanosleep, real_result(-clock_nanosleep((clockid_t)a[0], (int)a[1], TIME(2), LEFT(3))))
CARRY(sched_yield, sched_yield())
CARRY(poll, poll((struct pollfd *)a[0], (nfds_t)a[1], (int)a[2]))
CARRY(ppoll, ppoll((struct pollfd *)a[0], (nfds_t)a[1], TIME(2), SIGNALS(a[3])))
CARRY(select, select((int)a[0], FILES(1), FILES(2), FILES(3), (struct timeval *)a[4]))
CARRY(pselect6,
      pselect((int)a[0], FILES(1), FILES(2), FILES(3), TIME(4), SIGNALS(a[5] != 0 ? *(const void *const *)a[5] : NULL)))
CARRY(epoll_wait, epoll_wait((int)a[0], EVENTS(1), (int)a[2], (int)a[3]))
CARRY(epoll_pwait, epoll_pwait((int)a[0], EVENTS(1), (int)a[2], (int)a[3], SIGNALS(a[4])))
CARRY(epoll_pwait2, epoll_pwait2((int)a[0], EVENTS(1), (int)a[2], TIME(3), SIGNALS(a[4])))
CARRY(pause, pause())
CARRY(rt_sigsuspend, sigsuspend(SIGNALS(a[0])))
CARRY(rt_sigtimedwait, sigtimedwait(SIGNALS(a[0]), (siginfo_t *)a[1], TIME(2)))
CARRY(futex, is_timed_futex((int)a[1], TIME(3))
                 ? timed_futex((long *)a[0], (int)a[1], (unsigned)a[2], TIME(3), (unsigned)a[5])
                 : KERNEL_CALL(SYS_futex, a[0], a[1], a[2], a[3], a[4], a[5]))

CARRY(clock_gettime, clock_gettime((clockid_t)a[0], LEFT(1)))
CARRY(gettimeofday, gettimeofday((struct timeval *)a[0], (void *)a[1]))
CARRY(time, time((time_t *)a[0]))
CARRY(alarm, alarm((unsigned)a[0]))
CARRY(setitimer, setitimer((__itimer_which_t)a[0], (const struct itimerval *)a[1], (struct itimerval *)a[2]))
CARRY(getitimer, getitimer((__itimer_which_t)a[0], (struct itimerval *)a[1]))
CARRY(timerfd_create, timerfd_create((int)a[0], (int)a[1]))
CARRY(timerfd_settime,
      timerfd_settime((int)a[0], (int)a[1], (const struct itimerspec *)a[2], (struct itimerspec *)a[3]))
CARRY(timerfd_gettime, timerfd_gettime((int)a[0], (struct itimerspec *)a[1]))
