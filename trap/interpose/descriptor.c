/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the bridge and the anchors of devices are descriptors of the host's that the host doesn't know.
 * Programs that close everything they did not open, or duplicate onto a number of their choice, leave them alone, and
 * those that walk over all numbers don't meet them; an anchor goes when its connection does.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "descriptor.h"
#include "device/anchor.h"
#include "device/node.h"
#include "device/uio.h"
#include "ground/broker.h"
#include "ground/kernel_signals.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "ground/report.h"
#include "kernel_call.h"
#include "lane/channel.h"
#include "lane/lane_socket.h"
#include "time/virtual_timer.h"

static bool is_broker(int descriptor)
{
    return descriptor >= 0 && descriptor == broker_descriptor() && broker_is_there();
}

bool descriptor_is_ours(int descriptor)
{
    return descriptor >= 0 &&
           (descriptor == lane_socket_descriptor() || is_broker(descriptor) || (anchor_any() && anchor_is(descriptor)));
}

/* The lesser of two, of which -1 is none. */
static int lesser(int one, int other)
{
    return one < 0 || (other >= 0 && other < one) ? other : one;
}

/* The least of ours from `from` on; -1 if there is none. */
static int next_of_ours(unsigned from)
{
    int anchor = anchor_any() && from <= INT_MAX ? anchor_next((int)from) : -1;
    int lane = lane_socket_descriptor(), broker = is_broker(broker_descriptor()) ? broker_descriptor() : -1;
    lane = lane >= 0 && (unsigned)lane >= from ? lane : -1;
    broker = broker >= 0 && (unsigned)broker >= from ? broker : -1;
    return lesser(lesser(lane, broker), anchor);
}

static uint64_t before_close(unsigned first, unsigned last)
{
    return anchor_any() ? anchor_before_close(first, last) : 0;
}

static int after_close(uint64_t nodes, int result)
{
    int error = errno;
    anchor_after_close(nodes);
    errno = error;
    return result;
}

INTERPOSED int close(int descriptor)
{
    int timer = virtual_timer_of_descriptor(descriptor);
    if (timer != VIRTUAL_TIMER_NONE && !channel_is_borrowed())
        virtual_timer_delete(timer);
    if (descriptor_is_ours(descriptor))
        return (int)real_result(-EBADF);
    uint64_t nodes = before_close((unsigned)descriptor, (unsigned)descriptor);
    return after_close(nodes, (int)KERNEL_CALL_WAITS(SYS_close, descriptor));
}

/* Closes all but ours. */
INTERPOSED int close_range(unsigned first, unsigned last, int flags)
{
    if (first > last)
        return (int)real_result(-EINVAL);
    uint64_t nodes = before_close(first, last);
    int ours, result = 0;
    while (result == 0 && (ours = next_of_ours(first)) >= 0 && (unsigned)ours <= last) {
        if ((unsigned)ours > first)
            result = REAL(close_range)(first, (unsigned)ours - 1, flags);
        first = (unsigned)ours + 1;
    }
    if (result == 0 && first <= last)
        result = REAL(close_range)(first, last, flags);
    return after_close(nodes, result);
}

INTERPOSED void closefrom(int lowest)
{
    close_range(lowest < 0 ? 0 : (unsigned)lowest, UINT_MAX, 0);
}

/* The host wants the number of the connection. No access is under way meanwhile. */
static void make_way(void)
{
    uint64_t before = kernel_signals_block(0);
    channel_lock();
    lane_socket_move();
    channel_unlock();
    kernel_signals_restore(before);
}

/* What stands at `onto` is closed by it. An anchor there would be lost, which the host has to know. */
static bool may_overwrite(int descriptor, int onto)
{
    if (descriptor == onto || !descriptor_is_ours(onto))
        return true;
    if (onto == lane_socket_descriptor()) {
        if (channel_is_of_this_process())
            make_way();
        return true;
    }
    /* The broker is a way out for the time when others are closed; who wants the number does without. */
    if (is_broker(onto))
        return true;
    report("dup2 onto descriptor %u is refused with EBUSY: it is the agent's; let the kernel choose a number",
           (uint64_t)onto);
    return false;
}

/* A connection may have one descriptor more, or another mark. */
static int after_change(int descriptor, int result)
{
    int error = errno;
    if (anchor_any() && anchor_belongs_to(descriptor))
        anchor_follow();
    errno = error;
    return result;
}

/* There is one more. */
static int after_duplication(int descriptor, int result)
{
    if (result >= 0 && node_of_open_descriptor(result) != NODE_NONE)
        node_note_open(result);
    return after_change(descriptor, result);
}

INTERPOSED int dup(int descriptor)
{
    if (descriptor_is_ours(descriptor))
        return (int)real_result(-EBADF);
    return after_duplication(descriptor, REAL(dup)(descriptor));
}

INTERPOSED int dup2(int descriptor, int onto)
{
    if (descriptor_is_ours(descriptor))
        return (int)real_result(-EBADF);
    if (!may_overwrite(descriptor, onto))
        return (int)real_result(-EBUSY);
    uint64_t nodes = descriptor != onto ? before_close((unsigned)onto, (unsigned)onto) : 0;
    return after_duplication(descriptor, after_close(nodes, REAL(dup2)(descriptor, onto)));
}

INTERPOSED int dup3(int descriptor, int onto, int flags)
{
    if (descriptor_is_ours(descriptor))
        return (int)real_result(-EBADF);
    if (!may_overwrite(descriptor, onto))
        return (int)real_result(-EBUSY);
    uint64_t nodes = descriptor != onto ? before_close((unsigned)onto, (unsigned)onto) : 0;
    return after_duplication(descriptor, after_close(nodes, REAL(dup3)(descriptor, onto, flags)));
}

/* What the kernel does for every file (do_vfs_ioctl); drivers of devices have no others here. */
static bool is_for_any_file(unsigned long request)
{
    return request == FIOCLEX || request == FIONCLEX || request == FIONBIO || request == FIOASYNC;
}

INTERPOSED int ioctl(int descriptor, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    int node = node_of_open_descriptor(descriptor);
    if (node != NODE_NONE && node_status_flags(node, descriptor) & O_PATH)
        return (int)real_result(-EBADF);
    if (node != NODE_NONE && !is_for_any_file(request))
        return (int)real_result(-ENOTTY);
    int result = REAL(ioctl)(descriptor, request, argument);
    return request == FIOCLEX || request == FIONCLEX ? after_change(descriptor, result) : result;
}

/* One of another process's may be a device's. */
INTERPOSED int pidfd_getfd(int process, int descriptor, unsigned flags)
{
    int got = (int)KERNEL_CALL(SYS_pidfd_getfd, process, descriptor, flags);
    if (got >= 0 && ledger_devices_were_opened())
        node_note_open(got);
    return got;
}
