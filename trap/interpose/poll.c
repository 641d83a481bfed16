/* SPDX-License-Identifier: Apache-2.0
 *
 * poll, select and epoll: while a thread waits in them, simulated time runs, so that an interrupt can come. What time
 * does meanwhile is in wait.c; here is how each call waits for the clock besides.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "device/node.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "signal.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "wait.h"

int __poll_chk(struct pollfd *descriptors, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *set,
                size_t size);

static bool is_device(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_is_connection(node);
}

/* Where the clock can't be waited for together with the rest: looks at both in turn. */
static int wait_in_turn(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    const struct timespec none = {0}, moment = {0, 1000000};
    uint64_t left = wait_from_timespec(timeout);
    for (;;) {
        int found = wait->attempt(wait, WAIT_NO_CLOCK, &none, deferred);
        if (found != 0 || left == 0)
            return found;
        found = wait_attempt_nothing(wait, clock, &moment, deferred);
        if (found != 0)
            return found;
        left = left == WAIT_FOR_EVER ? left : left > (uint64_t)moment.tv_nsec ? left - (uint64_t)moment.tv_nsec : 0;
    }
}

static bool is_valid(const struct timespec *time)
{
    return time == NULL || (time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L);
}

static struct timespec from_milliseconds(int timeout)
{
    return (struct timespec){timeout / 1000, timeout % 1000 * 1000000L};
}

/* So many fit on the stack beside the clock. */
enum { MOST_BESIDE = 128 };

/* Timers that the kernel has expired before the device had its time are not looked at. */
static int poll_beside(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    struct pollfd items[MOST_BESIDE + 1], *wanted = wait->items;
    sigset_t room;
    for (uint64_t i = 0; i < wait->count; i++) {
        items[i] = wanted[i];
        items[i].fd = real_timer_is_early(wanted[i].fd) ? -1 : wanted[i].fd;
    }
    items[wait->count] = (struct pollfd){.fd = clock, .events = POLLIN};
    int found = REAL(ppoll)(items, wait->count + 1, timeout, wait_mask(wait, deferred, &room));
    if (found <= 0)
        return found;
    for (uint64_t i = 0; i < wait->count; i++)
        wanted[i].revents = items[i].revents;
    found -= items[wait->count].revents != 0;
    return found > 0 ? found : WAIT_ANSWERED;
}

static int wait_poll(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    sigset_t room;
    if (clock == WAIT_NO_CLOCK)
        return REAL(ppoll)(wait->items, wait->count, timeout, wait_mask(wait, deferred, &room));
    return wait->count <= MOST_BESIDE ? poll_beside(wait, clock, timeout, deferred)
                                      : wait_in_turn(wait, clock, timeout, deferred);
}

static bool polls_others(const struct wait *wait)
{
    const struct pollfd *descriptors = wait->items;
    for (uint64_t i = 0; i < wait->count; i++)
        if (descriptors[i].fd >= 0 && !is_device(descriptors[i].fd))
            return true;
    return false;
}

/* A UIO device is never writable to poll (kernel uio_poll); the connection that stands for it would be. */
static int hide_writability(struct pollfd *descriptors, nfds_t count, int found)
{
    for (nfds_t i = 0; found > 0 && uio_any_open() && i < count; i++) {
        int node = descriptors[i].revents & (POLLOUT | POLLWRNORM) ? node_of_open_descriptor(descriptors[i].fd)
                                                                   : NODE_NONE;
        if (node == NODE_NONE || node_kind(node) != NODE_UIO)
            continue;
        descriptors[i].revents &= (short)~(POLLOUT | POLLWRNORM | POLLWRBAND);
        found -= descriptors[i].revents == 0;
    }
    return found;
}

static int poll_for(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    sigset_t room;
    const struct wait wait = {.attempt = wait_poll,
                              .watches = count > 0,
                              .is_alone = count == 0,
                              .has_others = polls_others,
                              .items = descriptors,
                              .count = count,
                              .mask = signal_mask_for_kernel(mask, &room)};
    if (!is_valid(timeout))
        return REAL(ppoll)(descriptors, count, timeout, wait.mask);
    return hide_writability(descriptors, count, wait_for(&wait, wait_from_timespec(timeout)));
}

INTERPOSED int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    return poll_for(descriptors, count, timeout, mask);
}

INTERPOSED int poll(struct pollfd *descriptors, nfds_t count, int timeout)
{
    const struct timespec limit = from_milliseconds(timeout);
    return poll_for(descriptors, count, timeout < 0 ? NULL : &limit, NULL);
}

INTERPOSED int __poll_chk(struct pollfd *descriptors, nfds_t count, int timeout, size_t size)
{
    (void)size;
    return poll(descriptors, count, timeout);
}

INTERPOSED int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout,
                           const sigset_t *mask, size_t size)
{
    (void)size;
    return poll_for(descriptors, count, timeout, mask);
}

/* The kernel overwrites the sets; each look starts from the host's own. */
struct sets {
    fd_set in, out, except;
};

static fd_set *copy(const fd_set *from, fd_set *to)
{
    if (from == NULL)
        return NULL;
    *to = *from;
    return to;
}

static void give_back(const struct wait *wait, const struct sets *sets)
{
    if (wait->in != NULL)
        *wait->in = sets->in;
    if (wait->out != NULL)
        *wait->out = sets->out;
    if (wait->except != NULL)
        *wait->except = sets->except;
}

static int select_beside(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    struct sets sets;
    sigset_t room;
    int count = (int)wait->count > clock ? (int)wait->count : clock + 1;
    if (copy(wait->in, &sets.in) == NULL)
        FD_ZERO(&sets.in);
    for (int i = 0; i < (int)wait->count; i++)
        if (FD_ISSET(i, &sets.in) && real_timer_is_early(i))
            FD_CLR(i, &sets.in);
    FD_SET(clock, &sets.in);
    int found = REAL(pselect)(count, &sets.in, copy(wait->out, &sets.out), copy(wait->except, &sets.except), timeout,
                              wait_mask(wait, deferred, &room));
    if (found <= 0)
        return found;
    found -= FD_ISSET(clock, &sets.in) != 0;
    FD_CLR(clock, &sets.in);
    if (found == 0)
        return WAIT_ANSWERED;
    give_back(wait, &sets);
    return found;
}

static int wait_select(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    struct sets sets;
    sigset_t room;
    if (clock != WAIT_NO_CLOCK)
        return clock < FD_SETSIZE ? select_beside(wait, clock, timeout, deferred)
                                  : wait_in_turn(wait, clock, timeout, deferred);
    int found = REAL(pselect)((int)wait->count, copy(wait->in, &sets.in), copy(wait->out, &sets.out),
                              copy(wait->except, &sets.except), timeout, wait_mask(wait, deferred, &room));
    if (found > 0)
        give_back(wait, &sets);
    return found;
}

static bool selects_others(const struct wait *wait)
{
    const fd_set *const sets[] = {wait->in, wait->out, wait->except};
    for (int set = 0; set < 3; set++)
        for (int i = 0; sets[set] != NULL && i < (int)wait->count; i++)
            if (FD_ISSET(i, sets[set]) && !is_device(i))
                return true;
    return false;
}

static void clear_sets(const struct wait *wait)
{
    if (wait->in != NULL)
        FD_ZERO(wait->in);
    if (wait->out != NULL)
        FD_ZERO(wait->out);
    if (wait->except != NULL)
        FD_ZERO(wait->except);
}

/* Descriptors beyond FD_SETSIZE, in sets that the host has made larger, only the kernel understands. */
static int select_for(int count, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                      const sigset_t *mask)
{
    sigset_t room;
    bool watches = count > 0 && (in != NULL || out != NULL || except != NULL);
    const struct wait wait = {.attempt = wait_select,
                              .watches = watches,
                              .is_alone = !watches,
                              .has_others = selects_others,
                              .count = (uint64_t)count,
                              .in = in,
                              .out = out,
                              .except = except,
                              .mask = signal_mask_for_kernel(mask, &room)};
    if (count < 0 || count > FD_SETSIZE || !is_valid(timeout))
        return REAL(pselect)(count, in, out, except, timeout, wait.mask);
    int found = wait_for(&wait, wait_from_timespec(timeout));
    if (found == 0)
        clear_sets(&wait);
    return found;
}

INTERPOSED int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                       const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
    return select_for(count, in, out, except, timeout, mask);
}

/* Linux tells what is left of the time (select(2)). */
static void tell_rest(struct timeval *timeout, uint64_t begin)
{
    uint64_t left = (uint64_t)timeout->tv_sec * 1000000000u + (uint64_t)timeout->tv_usec * 1000u,
             passed = wait_now() - begin;
    uint64_t us = passed < left ? (left - passed) / 1000 : 0;
    *timeout = (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
}

INTERPOSED int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                      struct timeval *restrict timeout)
{
    if (timeout == NULL)
        return select_for(count, in, out, except, NULL, NULL);
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
        return (int)real_result(-EINVAL);
    const struct timespec limit = {timeout->tv_sec + timeout->tv_usec / 1000000, timeout->tv_usec % 1000000 * 1000L};
    uint64_t begin = wait_from_timespec(&limit) > 0 ? wait_now() : 0;
    int found = select_for(count, in, out, except, &limit, NULL), error = errno;
    if (wait_from_timespec(&limit) > 0)
        tell_rest(timeout, begin);
    errno = error;
    return found;
}

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

/* The kernel tells what is in the set: a line "tfd: N events: …" each (proc(5), /proc/PID/fdinfo). */
static bool epolls_others(const struct wait *wait)
{
    char path[40], text[4096];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", wait->descriptor);
    long descriptor = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    long length = raw_syscall(SYS_read, descriptor, text, sizeof text - 1);
    raw_syscall(SYS_close, descriptor);
    text[length > 0 ? length : 0] = 0;
    for (const char *line = strstr(text, "tfd:"); line != NULL; line = strstr(line + 1, "tfd:"))
        if (!is_device(atoi(line + strlen("tfd:"))))
            return true;
    return length == sizeof text - 1;
}

static int epoll_for(int epoll, struct epoll_event *events, int count, const struct timespec *timeout,
                     const sigset_t *mask)
{
    sigset_t room;
    const struct wait wait = {.attempt = wait_epoll,
                              .watches = true,
                              .has_others = epolls_others,
                              .items = events,
                              .count = (uint64_t)count,
                              .descriptor = epoll,
                              .mask = signal_mask_for_kernel(mask, &room)};
    if (count <= 0 || !is_valid(timeout))
        return REAL(epoll_pwait)(epoll, events, count, 0, wait.mask);
    return wait_for(&wait, wait_from_timespec(timeout));
}

INTERPOSED int epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout,
                            const sigset_t *mask)
{
    return epoll_for(epoll, events, count, timeout, mask);
}

INTERPOSED int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
    const struct timespec limit = from_milliseconds(timeout);
    return epoll_for(epoll, events, count, timeout < 0 ? NULL : &limit, mask);
}

INTERPOSED int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
    return epoll_pwait(epoll, events, count, timeout, NULL);
}

/* A descriptor that is waited for this way may be a duplicate of one that was closed since. */
INTERPOSED int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event)
{
    if (operation == EPOLL_CTL_ADD && uio_any_open())
        node_note_open(descriptor);
    return REAL(epoll_ctl)(epoll, operation, descriptor, event);
}
