/* SPDX-License-Identifier: Apache-2.0
 *
 * read, write and their families: on a device they are accesses, and on anything else a buffer may lie in a window.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bounce.h"
#include "device/node.h"
#include "device/stream.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "trap/signals.h"

/* Fortified names, which glibc declares only to itself. The last argument is the size of the buffer. */
ssize_t __read_chk(int descriptor, void *buffer, size_t count, size_t size);
ssize_t __pread_chk(int descriptor, void *buffer, size_t count, off_t offset, size_t size);
ssize_t __pread64_chk(int descriptor, void *buffer, size_t count, off_t offset, size_t size);
ssize_t __recv_chk(int descriptor, void *buffer, size_t count, size_t size, int flags);
ssize_t __recvfrom_chk(int descriptor, void *buffer, size_t count, size_t size, int flags, struct sockaddr *from,
                       socklen_t *length);
__attribute__((noreturn)) void __chk_fail(void);

/* At the file position of the descriptor. */
#define AT_POSITION (-1)

static long move_device(struct transfer_call call, int node, bool is_output, uint64_t offset, const struct iovec *piece)
{
    return is_output ? transfer_write_device(call, node, offset, piece->iov_base, piece->iov_len)
                     : transfer_read_device(call, node, offset, piece->iov_base, piece->iov_len);
}

/* The kernel keeps the position, in the file behind the node: it is shared as descriptors share it. */
static ssize_t device_io(struct transfer_call call, int node, int descriptor, bool is_output,
                         const struct iovec *vector, int count, off_t offset)
{
    int mode = (int)raw_syscall(SYS_fcntl, descriptor, F_GETFL) & O_ACCMODE;
    off_t at = offset == AT_POSITION ? raw_syscall(SYS_lseek, descriptor, 0, SEEK_CUR) : offset;
    ssize_t total = 0;
    if (mode == (is_output ? O_RDONLY : O_WRONLY))
        return real_result(-EBADF);
    if (at < 0)
        return real_result(-EINVAL);
    for (int i = 0; i < count; i++) {
        long moved = move_device(call, node, is_output, (uint64_t)(at + total), &vector[i]);
        if (moved < 0 && total == 0)
            return real_result(moved);
        total += moved > 0 ? moved : 0;
        if (moved != (long)vector[i].iov_len)
            break;
    }
    if (offset == AT_POSITION)
        raw_syscall(SYS_lseek, descriptor, at + total, SEEK_SET);
    return total;
}

/* The node of a descriptor whose reads and writes are not the kernel's. */
static int served_node(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_kind(node) != NODE_MEMORY ? node : NODE_NONE;
}

/* A UIO device takes only the first buffer, which must be the whole of the request (kernel uio_read, uio_write). */
static struct iovec first_of(const struct iovec *vector, int count)
{
    return count > 0 ? *vector : (struct iovec){NULL, 0};
}

static long read_connection(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count,
                            bool may_wait)
{
    struct iovec piece = first_of(vector, count);
    return node_kind(node) == NODE_STREAM ? stream_read(call, descriptor, node, vector, count, may_wait)
                                          : uio_read(descriptor, node, piece.iov_base, piece.iov_len, may_wait);
}

/* A timer by real clocks that will end the wait gives the device its time first (wait.c). */
static long read_timed(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count)
{
    struct pollfd item = {.fd = descriptor, .events = POLLIN};
    for (;;) {
        bool is_timed = !clock_is_virtual() && real_timer_any();
        long got = read_connection(call, descriptor, node, vector, count, !is_timed);
        if (got != -EAGAIN || uio_status_flags(descriptor, true) & O_NONBLOCK)
            return got;
        if (poll(&item, 1, -1) < 0 && !signals_all_restart())
            return -EINTR;
    }
}

/* Neither UIO devices nor streams have a file position. Only the latter tell who asks for one (stream_open in the
 * kernel). */
static ssize_t connection_io(struct transfer_call call, int node, int descriptor, bool is_output,
                             const struct iovec *vector, int count, off_t offset)
{
    struct iovec piece = first_of(vector, count);
    if (!is_output)
        return real_result(node_kind(node) == NODE_STREAM && offset != AT_POSITION
                               ? -ESPIPE
                               : read_timed(call, descriptor, node, vector, count));
    if (node_kind(node) == NODE_STREAM)
        return real_result(
            offset != AT_POSITION ? -ESPIPE : stream_write(call, descriptor, node, vector, count, signals_all_restart));
    return real_result(uio_write(descriptor, node, piece.iov_base, piece.iov_len));
}

/* What all of them come down to. */
static ssize_t vector_io(struct transfer_call call, int descriptor, bool is_output, const struct iovec *vector,
                         int count, off_t offset, int flags)
{
    struct bounce bounce;
    ssize_t moved;
    int node = served_node(descriptor);
    if (!bounce_begin(&bounce, call, vector, count, is_output))
        return -1;
    if (node != NODE_NONE)
        signals_install(REAL(sigaction));
    if (node != NODE_NONE && node_is_connection(node))
        moved = connection_io(call, node, descriptor, is_output, bounce.vector, count, offset);
    else if (node != NODE_NONE)
        moved = device_io(call, node, descriptor, is_output, bounce.vector, count, offset);
    else if (offset == AT_POSITION && flags == 0)
        moved = is_output ? REAL(writev)(descriptor, bounce.vector, count)
                          : REAL(readv)(descriptor, bounce.vector, count);
    else
        moved = is_output ? REAL(pwritev2)(descriptor, bounce.vector, count, offset, flags)
                          : REAL(preadv2)(descriptor, bounce.vector, count, offset, flags);
    return bounce_end(&bounce, moved, !is_output);
}

static ssize_t buffer_io(struct transfer_call call, int descriptor, bool is_output, const void *buffer, size_t count,
                         off_t offset)
{
    struct iovec piece = {(void *)buffer, count > SSIZE_MAX ? SSIZE_MAX : count};
    return vector_io(call, descriptor, is_output, &piece, 1, offset, 0);
}

static bool is_plain(int descriptor, const void *buffer, size_t count)
{
    return served_node(descriptor) == NODE_NONE && !transfer_is_needed(buffer, count);
}

/* Where a timer by real clocks may end the read, the device gets the time until then (wait.c). False if one did. */
static bool wait_for_input(int descriptor)
{
    struct pollfd item = {.fd = descriptor, .events = POLLIN};
    if (clock_is_virtual() || !real_timer_any() || raw_syscall(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK)
        return true;
    while (poll(&item, 1, -1) < 0)
        if (errno != EINTR || !signals_all_restart())
            return errno != EINTR;
    return true;
}

INTERPOSED ssize_t read(int descriptor, void *buffer, size_t count)
{
    if (real_timer_any() && is_plain(descriptor, NULL, 0) && !wait_for_input(descriptor))
        return -1;
    return is_plain(descriptor, buffer, count)
               ? REAL(read)(descriptor, buffer, count)
               : buffer_io(BOUNCE_CALL("read()"), descriptor, false, buffer, count, AT_POSITION);
}

INTERPOSED ssize_t write(int descriptor, const void *buffer, size_t count)
{
    return is_plain(descriptor, buffer, count)
               ? REAL(write)(descriptor, buffer, count)
               : buffer_io(BOUNCE_CALL("write()"), descriptor, true, buffer, count, AT_POSITION);
}

/* A negative offset is an error, not the file position. */
static ssize_t positioned_io(struct transfer_call call, int descriptor, bool is_output, const void *buffer,
                             size_t count, off_t offset)
{
    return offset < 0 ? real_result(-EINVAL) : buffer_io(call, descriptor, is_output, buffer, count, offset);
}

INTERPOSED ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset)
{
    return is_plain(descriptor, buffer, count)
               ? REAL(pread)(descriptor, buffer, count, offset)
               : positioned_io(BOUNCE_CALL("pread()"), descriptor, false, buffer, count, offset);
}

INTERPOSED ssize_t pread64(int descriptor, void *buffer, size_t count, off64_t offset)
{
    return is_plain(descriptor, buffer, count)
               ? REAL(pread64)(descriptor, buffer, count, offset)
               : positioned_io(BOUNCE_CALL("pread()"), descriptor, false, buffer, count, offset);
}

INTERPOSED ssize_t pwrite(int descriptor, const void *buffer, size_t count, off_t offset)
{
    return is_plain(descriptor, buffer, count)
               ? REAL(pwrite)(descriptor, buffer, count, offset)
               : positioned_io(BOUNCE_CALL("pwrite()"), descriptor, true, buffer, count, offset);
}

INTERPOSED ssize_t pwrite64(int descriptor, const void *buffer, size_t count, off64_t offset)
{
    return is_plain(descriptor, buffer, count)
               ? REAL(pwrite64)(descriptor, buffer, count, offset)
               : positioned_io(BOUNCE_CALL("pwrite()"), descriptor, true, buffer, count, offset);
}

INTERPOSED ssize_t __read_chk(int descriptor, void *buffer, size_t count, size_t size)
{
    if (count > size)
        __chk_fail();
    return is_plain(descriptor, buffer, count)
               ? REAL(read)(descriptor, buffer, count)
               : buffer_io(BOUNCE_CALL("read()"), descriptor, false, buffer, count, AT_POSITION);
}

INTERPOSED ssize_t __pread_chk(int descriptor, void *buffer, size_t count, off_t offset, size_t size)
{
    if (count > size)
        __chk_fail();
    return is_plain(descriptor, buffer, count)
               ? REAL(pread)(descriptor, buffer, count, offset)
               : positioned_io(BOUNCE_CALL("pread()"), descriptor, false, buffer, count, offset);
}

INTERPOSED ssize_t __pread64_chk(int descriptor, void *buffer, size_t count, off_t offset, size_t size)
{
    return __pread_chk(descriptor, buffer, count, offset, size);
}

INTERPOSED ssize_t readv(int descriptor, const struct iovec *vector, int count)
{
    return vector_io(BOUNCE_CALL("readv()"), descriptor, false, vector, count, AT_POSITION, 0);
}

INTERPOSED ssize_t writev(int descriptor, const struct iovec *vector, int count)
{
    return vector_io(BOUNCE_CALL("writev()"), descriptor, true, vector, count, AT_POSITION, 0);
}

INTERPOSED ssize_t preadv(int descriptor, const struct iovec *vector, int count, off_t offset)
{
    return offset < 0 ? real_result(-EINVAL)
                      : vector_io(BOUNCE_CALL("preadv()"), descriptor, false, vector, count, offset, 0);
}

INTERPOSED ssize_t pwritev(int descriptor, const struct iovec *vector, int count, off_t offset)
{
    return offset < 0 ? real_result(-EINVAL)
                      : vector_io(BOUNCE_CALL("pwritev()"), descriptor, true, vector, count, offset, 0);
}

INTERPOSED ssize_t preadv64(int descriptor, const struct iovec *vector, int count, off64_t offset)
{
    return offset < 0 ? real_result(-EINVAL)
                      : vector_io(BOUNCE_CALL("preadv()"), descriptor, false, vector, count, offset, 0);
}

INTERPOSED ssize_t pwritev64(int descriptor, const struct iovec *vector, int count, off64_t offset)
{
    return offset < 0 ? real_result(-EINVAL)
                      : vector_io(BOUNCE_CALL("pwritev()"), descriptor, true, vector, count, offset, 0);
}

/* Here -1 does mean the file position (preadv2(2)). */
INTERPOSED ssize_t preadv2(int descriptor, const struct iovec *vector, int count, off_t offset, int flags)
{
    return vector_io(BOUNCE_CALL("preadv2()"), descriptor, false, vector, count, offset, flags);
}

INTERPOSED ssize_t pwritev2(int descriptor, const struct iovec *vector, int count, off_t offset, int flags)
{
    return vector_io(BOUNCE_CALL("pwritev2()"), descriptor, true, vector, count, offset, flags);
}

INTERPOSED ssize_t preadv64v2(int descriptor, const struct iovec *vector, int count, off64_t offset, int flags)
{
    return vector_io(BOUNCE_CALL("preadv2()"), descriptor, false, vector, count, offset, flags);
}

INTERPOSED ssize_t pwritev64v2(int descriptor, const struct iovec *vector, int count, off64_t offset, int flags)
{
    return vector_io(BOUNCE_CALL("pwritev2()"), descriptor, true, vector, count, offset, flags);
}

/* UIO devices do not seek (noop_llseek), and a stream has nowhere to seek to: of a socket the kernel says ESPIPE. */
INTERPOSED off_t lseek(int descriptor, off_t offset, int whence)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_kind(node) == NODE_UIO ? 0 : REAL(lseek)(descriptor, offset, whence);
}

INTERPOSED off64_t lseek64(int descriptor, off64_t offset, int whence)
{
    return lseek(descriptor, offset, whence);
}

/* The kernel would put bytes on the connection, or take its own from it. EINVAL, as of other character devices, leads
 * programs to read and write. */
static bool is_stream(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_kind(node) == NODE_STREAM;
}

INTERPOSED ssize_t sendfile(int to, int from, off_t *offset, size_t count)
{
    return is_stream(to) || is_stream(from) ? real_result(-EINVAL) : REAL(sendfile)(to, from, offset, count);
}

INTERPOSED ssize_t sendfile64(int to, int from, off64_t *offset, size_t count)
{
    return sendfile(to, from, offset, count);
}

INTERPOSED ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned flags)
{
    return is_stream(to) || is_stream(from) ? real_result(-EINVAL)
                                            : REAL(splice)(from, from_offset, to, to_offset, count, flags);
}

INTERPOSED ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count,
                                   unsigned flags)
{
    return is_stream(to) || is_stream(from) ? real_result(-EINVAL)
                                            : REAL(copy_file_range)(from, from_offset, to, to_offset, count, flags);
}

INTERPOSED ssize_t getrandom(void *buffer, size_t count, unsigned flags)
{
    struct iovec piece = {buffer, count};
    struct bounce bounce;
    if (!transfer_is_needed(buffer, count))
        return REAL(getrandom)(buffer, count, flags);
    if (!bounce_begin(&bounce, BOUNCE_CALL("getrandom()"), &piece, 1, false))
        return -1;
    return bounce_end(&bounce, REAL(getrandom)(bounce.vector->iov_base, count, flags), true);
}
