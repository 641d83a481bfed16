/* SPDX-License-Identifier: Apache-2.0 */
#include "uio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "anchor.h"
#include "device.h"
#include "ground/broker.h"
#include "ground/raw_syscall.h"
#include "node.h"
#include "time/clock.h"
#include "time/notice.h"
#include "time/settle.h"
#include "transfer.h"
#include "ground/signal_safe.h"

/* Connections of this process that a waiting thread may be woken by. Entries are checked when they are used: the host
 * may have closed one. */
enum { CONNECTIONS = 64 };
static int connections[CONNECTIONS];
static int connection_count;

void uio_remember(int descriptor)
{
    for (int i = 0; i < connection_count; i++)
        if (connections[i] == descriptor)
            return;
    if (connection_count < CONNECTIONS)
        connections[connection_count++] = descriptor;
}

bool uio_any_open(void)
{
    return connection_count > 0;
}

bool uio_any_signals(void)
{
    for (int i = 0; i < connection_count; i++) {
        long flags = raw_syscall(SYS_fcntl, connections[i], F_GETFL);
        if (flags >= 0 && flags & O_ASYNC && node_of_descriptor(connections[i]) != NODE_NONE)
            return true;
    }
    return false;
}

static int connect_to(int node, int flags)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, node_socket(node));
    long made = raw_syscall(SYS_socket, AF_UNIX, SOCK_STREAM | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0), 0);
    if (made < 0)
        return (int)made;
    long failure = raw_syscall(SYS_connect, made, &address, sizeof address);
    if (failure == 0)
        return (int)made;
    raw_syscall(SYS_close, made);
    made = broker_connect(address.sun_path);
    if (made >= 0) {
        raw_syscall(SYS_fcntl, made, F_SETFD, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
        return (int)made;
    }
    return failure == -EACCES || failure == -EPERM ? (int)failure : -ENODEV;
}

/* A socket is open for both reading and writing; flags that mean nothing to it tell how the host opened the device.
 * They stay with it over dup, fork and exec. */
static int mark_of(int mode)
{
    return mode == O_RDONLY ? O_APPEND : mode == O_WRONLY ? O_NOATIME : 0;
}

int uio_status_flags(int descriptor)
{
    int flags = (int)raw_syscall(SYS_fcntl, descriptor, F_GETFL);
    if (flags < 0)
        return flags;
    int mode = flags & O_APPEND ? O_RDONLY : flags & O_NOATIME ? O_WRONLY : O_RDWR;
    return (flags & ~(O_APPEND | O_NOATIME | O_ACCMODE)) | mode;
}

int uio_open(int node, int flags)
{
    uint32_t count_at_open;
    long greeting = node_kind(node) == NODE_UIO ? sizeof count_at_open : 1;
    int descriptor = connect_to(node, flags);
    if (descriptor < 0)
        return descriptor;
    long got;
    do
        got = raw_syscall(SYS_recvfrom, descriptor, &count_at_open, greeting, MSG_WAITALL);
    while (got == -EINTR); /* a device that is opened is not interrupted */
    if (got != greeting) {
        raw_syscall(SYS_close, descriptor);
        return -ENODEV;
    }
    node_note_connection(node, descriptor);
    int anchor = anchor_open(node, flags, descriptor);
    if (anchor < 0) {
        raw_syscall(SYS_close, descriptor);
        return anchor;
    }
    raw_syscall(SYS_fcntl, descriptor, F_SETFL, (flags & O_NONBLOCK) | mark_of(flags & O_ACCMODE));
    uio_remember(descriptor);
    return descriptor;
}

int uio_set_status_flags(int descriptor, int flags)
{
    int now = (int)raw_syscall(SYS_fcntl, descriptor, F_GETFL);
    int marks = O_APPEND | O_NOATIME;
    return (int)raw_syscall(SYS_fcntl, descriptor, F_SETFL, (flags & ~marks) | (now & marks));
}

static bool has_interrupt(int node)
{
    const struct device *map = device_at(node, 0);
    return map != NULL && map->has_interrupt;
}

/* Takes all counts that have come; the last one says it all. */
static long take_counts(int descriptor, uint32_t *count)
{
    uint32_t next;
    long taken = -EAGAIN;
    for (;;) {
        long got = raw_syscall(SYS_recvfrom, descriptor, &next, sizeof next, MSG_DONTWAIT);
        if (got != sizeof next)
            return taken == sizeof next ? taken : got == 0 ? -EIO : got;
        *count = next;
        taken = got;
    }
}

static long wait_for_count(int descriptor, uint32_t *count)
{
    uio_wait_begin(0);
    long got = raw_syscall(SYS_recvfrom, descriptor, count, sizeof *count, MSG_WAITALL);
    uio_wait_end();
    if (got != sizeof *count)
        return got == 0 ? -EIO : got;
    take_counts(descriptor, count);
    return got;
}

long uio_read(int descriptor, int node, void *buffer, size_t size, bool may_wait)
{
    uint32_t count;
    int flags = uio_status_flags(descriptor);
    uio_remember(descriptor);
    if ((flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    if (size != sizeof count)
        return -EINVAL;
    if (!has_interrupt(node))
        return -EIO;
    long got = take_counts(descriptor, &count);
    if (got == -EAGAIN && may_wait && !(flags & O_NONBLOCK))
        got = wait_for_count(descriptor, &count);
    if (got == sizeof count && !transfer_copy(buffer, &count, sizeof count))
        return -EFAULT;
    return got;
}

long uio_write(int descriptor, int node, const void *buffer, size_t size)
{
    int32_t unmask;
    if ((uio_status_flags(descriptor) & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (size != sizeof unmask)
        return -EINVAL;
    if (!has_interrupt(node))
        return -EIO;
    if (!transfer_copy(&unmask, buffer, sizeof unmask))
        return -EFAULT;
    return clock_control_interrupt(device_at(node, 0)->handle, unmask != 0) ? (long)size : -EIO;
}

/* Runs `tell` on each connection that is still one. */
static void tell_all(bool (*tell)(int descriptor, uint64_t argument), uint64_t argument)
{
    for (int i = 0; i < connection_count; i++)
        if (node_of_descriptor(connections[i]) != NODE_NONE && !anchor_is(connections[i]))
            tell(connections[i], argument);
}

static bool tell_end(int descriptor, uint64_t argument)
{
    (void)argument;
    return notice_wait_end(descriptor);
}

void uio_wait_begin(uint64_t timeout_ns)
{
    settle_posted();
    tell_all(notice_wait, timeout_ns);
}

void uio_wait_end(void)
{
    tell_all(tell_end, 0);
}
