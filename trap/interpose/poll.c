/* SPDX-License-Identifier: Apache-2.0
 *
 * poll, select and epoll: while a thread waits in them, simulated time runs, so that an interrupt can come. With virtual
 * time the timeout is the device's time, and real time never ends the wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "../clock.h"
#include "../node.h"
#include "../raw_syscall.h"
#include "../uio.h"
#include "../virtual_timer.h"
#include "real.h"
#include "signal.h"
#include "wait.h"

int __poll_chk(struct pollfd *descriptors, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *set, size_t size);

/* One look or wait of a call, for `timeout`. */
struct waiter {
    int (*wait)(const struct waiter *waiter, const struct timespec *timeout);
    bool (*has_others)(const struct waiter *waiter); /* whether something else than a device may end it */
    void *items;
    uint64_t count;
    int epoll;
    fd_set *in, *out, *except;
    const sigset_t *mask;
};

/* How long the model may run before other descriptors are looked at again. */
#define SLICE_NS 1000000u

/* Simulated time is the only time: look, let some of it pass, look again. */
static int wait_virtual(const struct waiter *waiter, uint64_t left)
{
    const struct timespec none = {0};
    for (;;) {
        int found = waiter->wait(waiter, &none);
        if (found != 0 || left == 0)
            return found;
        uint64_t before, after, slice = left < SLICE_NS ? left : SLICE_NS, next = virtual_timer_next();
        if (clock_pass(0, false, &before) == CLOCK_NONE)
            return waiter->wait(waiter, NULL);
        if (next > before && next - before < slice)
            slice = next - before;
        enum clock_result result = clock_pass(slice, true, &after);
        if (result == CLOCK_SIGNALLED) {
            errno = EINTR;
            return -1;
        }
        uint64_t passed = after - before;
        if (left != WAIT_FOR_EVER)
            left -= passed < left ? passed : left;
    }
}

/* Stands for a wait without end that others may end all the same: nobody waits in vain in it. */
#define UNTIL_OTHERS ((uint64_t)INT64_MAX)

static uint64_t limit_of(const struct waiter *waiter, uint64_t left)
{
    if (left != WAIT_FOR_EVER)
        return left;
    return waiter->has_others(waiter) ? UNTIL_OTHERS : 0;
}

static bool is_device(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_kind(node) == NODE_UIO;
}

/* Time moves only for a wait that is one: what is ready at once costs nothing and stays repeatable. */
static int wait_for_events(const struct waiter *waiter, const struct timespec *timeout)
{
    const struct timespec none = {0};
    uint64_t left = wait_from_timespec(timeout);
    if (clock_is_virtual())
        return wait_virtual(waiter, left);
    if (!uio_any_open() || left == 0)
        return waiter->wait(waiter, timeout);
    int found = waiter->wait(waiter, &none);
    if (found != 0)
        return found;
    uio_wait_begin(limit_of(waiter, left));
    found = waiter->wait(waiter, timeout);
    int error = errno;
    uio_wait_end();
    errno = error;
    return found;
}

static struct timespec from_milliseconds(int timeout)
{
    return (struct timespec){timeout / 1000, timeout % 1000 * 1000000L};
}

static int wait_poll(const struct waiter *waiter, const struct timespec *timeout)
{
    return REAL(ppoll)(waiter->items, waiter->count, timeout, waiter->mask);
}

static bool polls_others(const struct waiter *waiter)
{
    const struct pollfd *descriptors = waiter->items;
    for (uint64_t i = 0; i < waiter->count; i++)
        if (descriptors[i].fd >= 0 && !is_device(descriptors[i].fd))
            return true;
    return false;
}

/* A UIO device is never writable to poll (kernel uio_poll); the connection that stands for it would be. */
static int hide_writability(struct pollfd *descriptors, nfds_t count, int found)
{
    for (nfds_t i = 0; found > 0 && uio_any_open() && i < count; i++) {
        int node = descriptors[i].revents & (POLLOUT | POLLWRNORM) ? node_of_open_descriptor(descriptors[i].fd) : NODE_NONE;
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
    const struct waiter waiter = {.wait = wait_poll, .has_others = polls_others, .items = descriptors, .count = count, .mask = signal_mask_for_kernel(mask, &room)};
    return hide_writability(descriptors, count, wait_for_events(&waiter, timeout));
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

INTERPOSED int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size)
{
    (void)size;
    return poll_for(descriptors, count, timeout, mask);
}

/* The kernel overwrites the sets; each look starts from the host's own. */
static int wait_select(const struct waiter *waiter, const struct timespec *timeout)
{
    fd_set in, out, except;
    if (waiter->in != NULL)
        in = *waiter->in;
    if (waiter->out != NULL)
        out = *waiter->out;
    if (waiter->except != NULL)
        except = *waiter->except;
    int found = REAL(pselect)((int)waiter->count, waiter->in != NULL ? &in : NULL, waiter->out != NULL ? &out : NULL,
                              waiter->except != NULL ? &except : NULL, timeout, waiter->mask);
    bool is_last_look = found != 0 || timeout == NULL || timeout->tv_sec != 0 || timeout->tv_nsec != 0;
    if (found >= 0 && is_last_look) {
        if (waiter->in != NULL)
            *waiter->in = in;
        if (waiter->out != NULL)
            *waiter->out = out;
        if (waiter->except != NULL)
            *waiter->except = except;
    }
    return found;
}

static bool selects_others(const struct waiter *waiter)
{
    const fd_set *const sets[] = {waiter->in, waiter->out, waiter->except};
    for (int set = 0; set < 3; set++)
        for (int i = 0; sets[set] != NULL && i < (int)waiter->count; i++)
            if (FD_ISSET(i, sets[set]) && !is_device(i))
                return true;
    return false;
}

static void clear_sets(const struct waiter *waiter)
{
    if (waiter->in != NULL)
        FD_ZERO(waiter->in);
    if (waiter->out != NULL)
        FD_ZERO(waiter->out);
    if (waiter->except != NULL)
        FD_ZERO(waiter->except);
}

/* Descriptors beyond FD_SETSIZE, in sets that the host has made larger, only the kernel understands. */
static int select_for(int count, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout, const sigset_t *mask)
{
    sigset_t room;
    const struct waiter waiter = {.wait = wait_select, .has_others = selects_others, .count = (uint64_t)count, .in = in, .out = out, .except = except,
                                  .mask = signal_mask_for_kernel(mask, &room)};
    if (count > FD_SETSIZE || (!clock_is_virtual() && !uio_any_open()))
        return REAL(pselect)(count, in, out, except, timeout, waiter.mask);
    int found = wait_for_events(&waiter, timeout);
    if (found == 0)
        clear_sets(&waiter);
    return found;
}

INTERPOSED int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                       const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
    return select_for(count, in, out, except, timeout, mask);
}

INTERPOSED int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                      struct timeval *restrict timeout)
{
    if (!clock_is_virtual() && !uio_any_open())
        return REAL(select)(count, in, out, except, timeout);
    const struct timespec limit = timeout != NULL ? (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000L}
                                                  : (struct timespec){0};
    return select_for(count, in, out, except, timeout != NULL ? &limit : NULL, NULL);
}

/* epoll_pwait2 needs Linux 5.11; milliseconds, rounded up, do. */
static int wait_epoll(const struct waiter *waiter, const struct timespec *timeout)
{
    uint64_t ns = wait_from_timespec(timeout);
    int milliseconds = ns == WAIT_FOR_EVER ? -1 : (int)((ns + 999999) / 1000000);
    return REAL(epoll_pwait)(waiter->epoll, waiter->items, (int)waiter->count, milliseconds, waiter->mask);
}

/* The kernel tells what is in the set: a line "tfd: N events: …" each (proc(5), /proc/PID/fdinfo). */
static bool epolls_others(const struct waiter *waiter)
{
    char path[40], text[4096];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", waiter->epoll);
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

static int epoll_for(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask)
{
    sigset_t room;
    const struct waiter waiter = {.wait = wait_epoll, .has_others = epolls_others, .items = events, .count = (uint64_t)count, .epoll = epoll,
                                  .mask = signal_mask_for_kernel(mask, &room)};
    return wait_for_events(&waiter, timeout);
}

INTERPOSED int epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask)
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
