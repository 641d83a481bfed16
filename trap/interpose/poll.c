/* SPDX-License-Identifier: Apache-2.0
 *
 * poll and select: while a thread waits in them, simulated time runs, so that an interrupt can come. What time
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
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "by_number.h"
#include "device/node.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "signal.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "wait.h"

/* What the kernel reads of a set of signals. */
enum { KERNEL_SET = sizeof(uint64_t) };

int __poll_chk(struct pollfd *descriptors, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *set,
                size_t size);

bool wait_is_for_device(int descriptor)
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
        if (descriptors[i].fd >= 0 && !wait_is_for_device(descriptors[i].fd))
            return true;
    return false;
}

bool wait_is_never_writable(int descriptor)
{
    int node = uio_any_open() ? node_of_open_descriptor(descriptor) : NODE_NONE;
    return node != NODE_NONE && node_kind(node) == NODE_UIO;
}

enum { WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND };

static bool asks_in_vain(const struct pollfd *descriptors, nfds_t count)
{
    if (!uio_any_open() || !readable(descriptors, count * sizeof *descriptors))
        return false;
    for (nfds_t i = 0; i < count; i++)
        if (descriptors[i].events & WRITABLE && wait_is_never_writable(descriptors[i].fd))
            return true;
    return false;
}

/* The kernel is handed a copy that doesn't ask. */
static int wait_without_writability(const struct wait *wait, uint64_t ns)
{
    size_t bytes = wait->count * sizeof(struct pollfd);
    long area = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area < 0)
        return (int)real_result(area);
    struct pollfd *items = (struct pollfd *)area, *wanted = wait->items;
    struct wait narrowed = *wait;
    for (uint64_t i = 0; i < wait->count; i++) {
        items[i] = wanted[i];
        if (wait_is_never_writable(wanted[i].fd))
            items[i].events &= (short)~WRITABLE;
    }
    narrowed.items = items;
    int found = wait_for(&narrowed, ns), error = errno;
    for (uint64_t i = 0; found >= 0 && i < wait->count; i++)
        wanted[i].revents = items[i].revents;
    raw_syscall(SYS_munmap, area, bytes);
    errno = error;
    return found;
}

static int poll_for(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    sigset_t room;
    if (!readable_or_null(timeout, sizeof *timeout) || !readable_or_null(mask, sizeof mask->__val[0]) ||
        (real_timer_any() && !readable_or_null(descriptors, count * sizeof *descriptors)))
        return REAL(ppoll)(descriptors, count, timeout, mask);
    const struct wait wait = {.attempt = wait_poll,
                              .watches = count > 0,
                              .is_alone = count == 0,
                              .has_others = polls_others,
                              .items = descriptors,
                              .count = count,
                              .mask = signal_mask_for_kernel(mask, &room)};
    if ((timeout != NULL && !wait_is_valid(timeout)))
        return REAL(ppoll)(descriptors, count, timeout, wait.mask);
    return asks_in_vain(descriptors, count) ? wait_without_writability(&wait, wait_from_timespec(timeout))
                                            : wait_for(&wait, wait_from_timespec(timeout));
}

INTERPOSED int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    BY_NUMBER_IF_POINTED(SYS_ppoll, (long)descriptors, (long)count, (long)timeout, (long)mask, KERNEL_SET);
    return poll_for(descriptors, count, timeout, mask);
}

INTERPOSED int poll(struct pollfd *descriptors, nfds_t count, int timeout)
{
    BY_NUMBER_IF_POINTED(SYS_poll, (long)descriptors, (long)count, timeout);
    const struct timespec limit = wait_from_milliseconds(timeout);
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
    return ppoll(descriptors, count, timeout, mask);
}

/* The kernel overwrites the sets; each look starts from the host's own. */
struct sets {
    fd_set in, out, except;
};

/* Of a set for so many descriptors the kernel reads and writes whole words, and no more. */
static size_t bytes_of_set(uint64_t count)
{
    return (count + NFDBITS - 1) / NFDBITS * sizeof(fd_mask);
}

static bool are_sets_nowhere(int count, const fd_set *in, const fd_set *out, const fd_set *except)
{
    size_t bytes = count > 0 ? bytes_of_set((uint64_t)count) : 0;
    return !readable_or_null(in, bytes) || !readable_or_null(out, bytes) || !readable_or_null(except, bytes);
}

static fd_set *copy(const struct wait *wait, const fd_set *from, fd_set *to)
{
    if (from == NULL)
        return NULL;
    FD_ZERO(to);
    memcpy(to, from, bytes_of_set(wait->count));
    return to;
}

static void give_back(const struct wait *wait, const struct sets *sets)
{
    size_t bytes = bytes_of_set(wait->count);
    if (wait->in != NULL)
        memcpy(wait->in, &sets->in, bytes);
    if (wait->out != NULL)
        memcpy(wait->out, &sets->out, bytes);
    if (wait->except != NULL)
        memcpy(wait->except, &sets->except, bytes);
}

static int select_beside(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    struct sets sets;
    sigset_t room;
    int count = (int)wait->count > clock ? (int)wait->count : clock + 1;
    if (copy(wait, wait->in, &sets.in) == NULL)
        FD_ZERO(&sets.in);
    for (int i = 0; i < (int)wait->count; i++)
        if (FD_ISSET(i, &sets.in) && real_timer_is_early(i))
            FD_CLR(i, &sets.in);
    FD_SET(clock, &sets.in);
    int found = REAL(pselect)(count, &sets.in, copy(wait, wait->out, &sets.out), copy(wait, wait->except, &sets.except),
                              timeout, wait_mask(wait, deferred, &room));
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
    int found = REAL(pselect)((int)wait->count, copy(wait, wait->in, &sets.in), copy(wait, wait->out, &sets.out),
                              copy(wait, wait->except, &sets.except), timeout, wait_mask(wait, deferred, &room));
    if (found > 0)
        give_back(wait, &sets);
    return found;
}

static bool selects_others(const struct wait *wait)
{
    const fd_set *const sets[] = {wait->in, wait->out, wait->except};
    for (int set = 0; set < 3; set++)
        for (int i = 0; sets[set] != NULL && i < (int)wait->count; i++)
            if (FD_ISSET(i, sets[set]) && !wait_is_for_device(i))
                return true;
    return false;
}

static void clear_sets(const struct wait *wait)
{
    static const struct sets none;
    give_back(wait, &none);
}

static __attribute__((noinline)) int select_without_writability(const struct wait *wait, uint64_t ns)
{
    fd_set out;
    struct wait narrowed = *wait;
    memcpy(&out, wait->out, bytes_of_set(wait->count));
    for (int i = 0; i < (int)wait->count; i++)
        if (FD_ISSET(i, &out) && wait_is_never_writable(i))
            FD_CLR(i, &out);
    narrowed.out = &out;
    int found = wait_for(&narrowed, ns);
    if (found > 0)
        memcpy(wait->out, &out, bytes_of_set(wait->count));
    return found;
}

/* Descriptors beyond FD_SETSIZE, in sets that the host has made larger, only the kernel understands. */
static int select_for(int count, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                      const sigset_t *mask)
{
    sigset_t room;
    if (!readable_or_null(timeout, sizeof *timeout) || !readable_or_null(mask, sizeof mask->__val[0]) ||
        are_sets_nowhere(count, in, out, except))
        return REAL(pselect)(count, in, out, except, timeout, mask);
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
    if (count < 0 || count > FD_SETSIZE || (timeout != NULL && !wait_is_valid(timeout)))
        return REAL(pselect)(count, in, out, except, timeout, wait.mask);
    int found = out != NULL && uio_any_open() ? select_without_writability(&wait, wait_from_timespec(timeout))
                                              : wait_for(&wait, wait_from_timespec(timeout));
    if (found == 0)
        clear_sets(&wait);
    return found;
}

INTERPOSED int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                       const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
    const long set[] = {(long)mask, KERNEL_SET};
    const long given[6] = {count, (long)in, (long)out, (long)except, (long)timeout, (long)set};
    if (pointed_is_any(given) || pointed_is_any((const long[6]){(long)mask}))
        return (int)by_number((uint64_t)__builtin_return_address(0), SYS_pselect6, given);
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
    BY_NUMBER_IF_POINTED(SYS_select, count, (long)in, (long)out, (long)except, (long)timeout);
    if (timeout == NULL)
        return select_for(count, in, out, except, NULL, NULL);
    if (!readable(timeout, sizeof *timeout))
        return REAL(select)(count, in, out, except, timeout);
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
