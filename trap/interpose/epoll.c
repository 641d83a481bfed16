/* SPDX-License-Identifier: Apache-2.0
 *
 * epoll, which waits as poll does (poll.c).
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "by_number.h"
#include "device/node.h"
#include "device/uio.h"
#include "ground/descriptor_link.h"
#include "ground/lines.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "signal.h"
#include "wait.h"

/* What the kernel reads of a set of signals. */
enum { KERNEL_SET = sizeof(uint64_t) };

/* epoll_pwait2 needs Linux 5.11; milliseconds, rounded up, do. */
static int epoll_for_timeout(const struct wait *wait, const struct timespec *timeout, const sigset_t *mask)
{
    uint64_t ns = wait_from_timespec(timeout);
    uint64_t milliseconds = (ns + 999999) / 1000000;
    int limit = ns == WAIT_FOR_EVER ? -1 : milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
    return REAL(epoll_pwait)(wait->descriptor, wait->items, (int)wait->count, limit, mask);
}

/* Another thread may take what has come. */
static int epoll_beside(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    const struct timespec none = {0};
    sigset_t room;
    for (;;) {
        struct pollfd items[] = {{.fd = wait->descriptor, .events = POLLIN}, {.fd = clock, .events = POLLIN}};
        int found = REAL(ppoll)(items, 2, timeout, wait_mask(wait, deferred, &room));
        if (found <= 0)
            return found;
        found = items[0].revents != 0 ? epoll_for_timeout(wait, &none, wait_mask(wait, deferred, &room)) : 0;
        if (found != 0)
            return found;
        if (items[1].revents != 0)
            return WAIT_ANSWERED;
    }
}

static int wait_epoll(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    sigset_t room;
    return clock != WAIT_NO_CLOCK ? epoll_beside(wait, clock, timeout, deferred)
                                  : epoll_for_timeout(wait, timeout, wait_mask(wait, deferred, &room));
}

/* The kernel tells what is in the set: a line "tfd: N events: …" each (proc(5), /proc/PID/fdinfo). A thread may wait on
 * a small stack. */
static bool epolls_others(const struct wait *wait)
{
    static const char start[] = "tfd:";
    char path[DESCRIPTOR_LINK], buffer[256], line[32];
    struct lines lines;
    bool has_others = false;
    lines_open(&lines, descriptor_link(path, DESCRIPTOR_TEXTS, wait->descriptor), buffer, sizeof buffer);
    while (!has_others && lines_next(&lines, line, sizeof line))
        has_others = strncmp(line, start, sizeof start - 1) == 0 && !wait_is_for_device(atoi(line + sizeof start - 1));
    lines_close(&lines);
    return has_others;
}

static int epoll_for(int epoll, struct epoll_event *events, int count, const struct timespec *timeout,
                     const sigset_t *mask)
{
    sigset_t room;
    if (!readable_or_null(mask, sizeof mask->__val[0]))
        return REAL(epoll_pwait)(epoll, events, count, 0, mask);
    if (!readable_or_null(timeout, sizeof *timeout))
        return (int)real_result(-EFAULT);
    const struct wait wait = {.attempt = wait_epoll,
                              .watches = true,
                              .has_others = epolls_others,
                              .items = events,
                              .count = (uint64_t)count,
                              .descriptor = epoll,
                              .mask = signal_mask_for_kernel(mask, &room)};
    if (count <= 0 || (timeout != NULL && !wait_is_valid(timeout)))
        return REAL(epoll_pwait)(epoll, events, count, 0, wait.mask);
    return wait_for(&wait, wait_from_timespec(timeout));
}

INTERPOSED int epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout,
                            const sigset_t *mask)
{
    BY_NUMBER_IF_POINTED(SYS_epoll_pwait2, epoll, (long)events, count, (long)timeout, (long)mask, KERNEL_SET);
    return epoll_for(epoll, events, count, timeout, mask);
}

INTERPOSED int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
    BY_NUMBER_IF_POINTED(SYS_epoll_pwait, epoll, (long)events, count, timeout, (long)mask, KERNEL_SET);
    const struct timespec limit = wait_from_milliseconds(timeout);
    return epoll_for(epoll, events, count, timeout < 0 ? NULL : &limit, mask);
}

INTERPOSED int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
    return epoll_pwait(epoll, events, count, timeout, NULL);
}

/* A descriptor that is waited for this way may be a duplicate of one that was closed since. What stands for a UIO
 * device becomes writable whenever the bridge has read that somebody waits. */
INTERPOSED int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event)
{
    struct epoll_event narrowed;
    if (operation == EPOLL_CTL_ADD && uio_any_open())
        node_note_open(descriptor);
    if (operation != EPOLL_CTL_DEL && wait_is_never_writable(descriptor) && readable(event, sizeof *event)) {
        narrowed = *event;
        narrowed.events &= ~(uint32_t)(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
        event = &narrowed;
    }
    return REAL(epoll_ctl)(epoll, operation, descriptor, event);
}
