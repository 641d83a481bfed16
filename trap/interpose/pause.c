/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for signals.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "by_number.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "signal.h"
#include "time/clock.h"
#include "trap/signals.h"
#include "wait.h"

/* What the kernel reads of a set. */
enum { KERNEL_SET = sizeof(uint64_t) };

/* Without an end it is the kernel's own call, which says what it is to whoever looks at /proc. */
static int attempt_pause(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    if (clock != WAIT_NO_CLOCK || timeout != NULL)
        return wait_attempt_nothing(wait, clock, timeout, deferred);
    return wait->mask != NULL ? REAL(sigsuspend)(wait->mask) : REAL(pause)();
}

INTERPOSED int pause(void)
{
    return wait_for(&(struct wait){.attempt = attempt_pause, .is_alone = true}, WAIT_FOR_EVER);
}

/* Calls that wait under another mask: a handler that runs meanwhile may access a device. */
INTERPOSED int sigsuspend(const sigset_t *set)
{
    BY_NUMBER_IF_POINTED(SYS_rt_sigsuspend, (long)set, KERNEL_SET);
    sigset_t room;
    if (!readable(set, KERNEL_SET))
        return REAL(sigsuspend)(set);
    return wait_for(
        &(struct wait){.attempt = attempt_pause, .is_alone = true, .mask = signal_mask_for_kernel(set, &room)},
        WAIT_FOR_EVER);
}

/* Whether one may bring what stands in for SIGSEGV. */
static bool may_read_postponed;

INTERPOSED int signalfd(int descriptor, const sigset_t *set, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_signalfd4, descriptor, (long)set, KERNEL_SET, flags);
    sigset_t room;
    if (readable(set, KERNEL_SET) && sigismember(set, SIGSEGV) == 1)
        may_read_postponed = true;
    return REAL(signalfd)(descriptor, signal_mask_for_kernel(set, &room), flags);
}

void signal_show_read(void *bytes, ssize_t length)
{
    struct signalfd_siginfo *records = bytes;
    if (!may_read_postponed || length <= 0 || length % (ssize_t)sizeof *records != 0)
        return;
    for (ssize_t i = 0; i < length / (ssize_t)sizeof *records; i++) {
        if (!signals_is_postponed((int)records[i].ssi_signo, records[i].ssi_errno))
            continue;
        records[i].ssi_signo = SIGSEGV;
        records[i].ssi_errno = 0;
    }
}

/* What sigtimedwait takes. */
struct request {
    const sigset_t *set;
    siginfo_t *info;
};

static int take_signal(const struct request *request, uint64_t deferred, const struct timespec *timeout)
{
    sigset_t set = *request->set;
    set.__val[0] &= ~deferred;
    siginfo_t info;
    int taken = REAL(sigtimedwait)(&set, &info, timeout);
    if (taken < 0)
        return errno == EAGAIN ? 0 : taken;
    signals_show_postponed(&info);
    if (request->info != NULL)
        *request->info = info;
    return info.si_signo;
}

/* Another thread may take what has come. */
static int signal_beside(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    const struct request *request = wait->items;
    const struct timespec none = {0};
    uint64_t set = request->set->__val[0] & ~deferred;
    long descriptor = raw_syscall(SYS_signalfd4, -1, &set, sizeof set, SFD_CLOEXEC | SFD_NONBLOCK);
    int found = 0;
    while (found == 0) {
        struct pollfd items[] = {{.fd = (int)descriptor, .events = POLLIN}, {.fd = clock, .events = POLLIN}};
        found = REAL(ppoll)(items, 2, timeout, NULL);
        if (found <= 0)
            break;
        found = items[0].revents != 0 ? take_signal(request, deferred, &none) : 0;
        if (found == 0 && items[1].revents != 0)
            found = WAIT_ANSWERED;
    }
    raw_syscall(SYS_close, descriptor);
    return found;
}

static int attempt_signal(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    return clock == WAIT_NO_CLOCK ? take_signal(wait->items, deferred, timeout)
                                  : signal_beside(wait, clock, timeout, deferred);
}

static int wait_for_signal(const sigset_t *set, siginfo_t *info, uint64_t ns)
{
    sigset_t room;
    const sigset_t *awaited = signal_mask_for_kernel(set, &room);
    struct request request = {awaited, info};
    return wait_for(&(struct wait){.attempt = attempt_signal, .items = &request, .awaited = awaited->__val[0]}, ns);
}

INTERPOSED int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
                            const struct timespec *restrict timeout)
{
    BY_NUMBER_IF_POINTED(SYS_rt_sigtimedwait, (long)set, (long)info, (long)timeout, KERNEL_SET);
    if (!readable(set, KERNEL_SET) || !readable_or_null(timeout, sizeof *timeout))
        return REAL(sigtimedwait)(set, info, timeout);
    if (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000L))
        return (int)real_result(-EINVAL);
    int taken = wait_for_signal(set, info, wait_from_timespec(timeout));
    return taken == 0 ? (int)real_result(-EAGAIN) : taken;
}

INTERPOSED int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
    return sigtimedwait(set, info, NULL);
}

INTERPOSED int sigwait(const sigset_t *restrict set, int *restrict number)
{
    int taken;
    sigset_t plain = {0};
    if (pointed_is_any((const long[6]){(long)set}))
        set = memcpy(&plain, set, KERNEL_SET);
    if (!readable(set, KERNEL_SET))
        return REAL(sigwait)(set, number);
    do
        taken = wait_for_signal(set, NULL, WAIT_FOR_EVER);
    while (taken < 0 && errno == EINTR);
    if (taken < 0)
        return errno;
    *number = taken;
    return 0;
}
