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
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bounce.h"
#include "device/device.h"
#include "device/node.h"
#include "device/stream.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
#include "real_uio.h"
#include "signal.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "trap/signals.h"
#include "wait.h"

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

enum { INPUT = false, OUTPUT = true };

/* Of the kernel's err.h. */
#define MAX_ERRNO 4095

/* What a call of the family asks for. */
struct request {
    struct transfer_call call;
    int descriptor;
    bool is_output;
    const struct iovec *vector;
    int count;
    off_t offset;
    int flags; /* of preadv2 and pwritev2 */
};

static long move_device(const struct request *request, int node, uint64_t offset, const struct iovec *piece)
{
    return request->is_output ? transfer_write_device(request->call, node, offset, piece->iov_base, piece->iov_len)
                              : transfer_read_device(request->call, node, offset, piece->iov_base, piece->iov_len);
}

/* The kernel keeps the position, in the file behind the node: it is shared as descriptors share it. */
static ssize_t device_io(const struct request *request, int node)
{
    int opened = node_status_flags(node, request->descriptor), mode = opened & O_ACCMODE;
    bool at_position = request->offset == AT_POSITION;
    off_t at = at_position ? raw_syscall(SYS_lseek, request->descriptor, 0, SEEK_CUR) : request->offset;
    ssize_t total = 0;
    if (opened < 0 || opened & O_PATH || mode == (request->is_output ? O_RDONLY : O_WRONLY))
        return real_result(-EBADF);
    if (at < 0)
        return real_result(-EINVAL);
    for (int i = 0; i < request->count; i++) {
        long moved = move_device(request, node, (uint64_t)(at + total), &request->vector[i]);
        if (moved < 0 && total == 0)
            return real_result(moved);
        total += moved > 0 ? moved : 0;
        if (moved != (long)request->vector[i].iov_len)
            break;
    }
    if (at_position)
        raw_syscall(SYS_lseek, request->descriptor, at + total, SEEK_SET);
    return total;
}

/* The node of a descriptor whose reads and writes are not the kernel's. */
static int served_node(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE && node_kind(node) != NODE_MEMORY ? node : NODE_NONE;
}

/* A UIO device takes only the first buffer, which must be the whole of the request (kernel uio_read, uio_write). */
static struct iovec first_of(const struct request *request)
{
    return request->count > 0 ? *request->vector : (struct iovec){NULL, 0};
}

static long read_connection(const struct request *request, int node, bool may_wait)
{
    struct iovec piece = first_of(request);
    return node_kind(node) == NODE_STREAM
               ? stream_read(request->call, request->descriptor, node, request->vector, request->count, may_wait)
               : uio_read(request->descriptor, node, piece.iov_base, piece.iov_len, may_wait);
}

/* Whether a call goes on that waits by poll, which no handler has go on. Of timers it is known that theirs was it. */
static bool goes_on(uint64_t since)
{
    uint64_t came = real_timer_came(since);
    return came != 0 ? signals_restart(came) : signals_all_restart();
}

/* A timer by real clocks that will end the wait gives the device its time first (wait.c). */
static long read_timed(const struct request *request, int node)
{
    struct pollfd item = {.fd = request->descriptor, .events = POLLIN};
    for (;;) {
        bool is_timed = !clock_is_virtual() && real_timer_any();
        long got = read_connection(request, node, !is_timed);
        if (got != -EAGAIN || uio_status_flags(request->descriptor) & O_NONBLOCK)
            return got;
        uint64_t since = wait_real_now();
        if (poll(&item, 1, -1) < 0 && !goes_on(since))
            return -EINTR;
    }
}

/* Neither UIO devices nor streams have a file position. Only the latter tell who asks for one (stream_open in the
 * kernel). */
static ssize_t connection_io(const struct request *request, int node)
{
    struct iovec piece = first_of(request);
    if (node_kind(node) == NODE_STREAM && request->offset != AT_POSITION)
        return real_result(-ESPIPE);
    if (!request->is_output)
        return real_result(read_timed(request, node));
    if (node_kind(node) == NODE_STREAM)
        return real_result(stream_write(request->call, request->descriptor, node, request->vector, request->count,
                                        signals_all_restart));
    return real_result(uio_write(request->descriptor, node, piece.iov_base, piece.iov_len));
}

static ssize_t other_io(const struct request *request)
{
    if (request->offset == AT_POSITION && request->flags == 0)
        return KERNEL_CALL_WAITS(request->is_output ? SYS_writev : SYS_readv, request->descriptor, request->vector,
                                 request->count);
    return KERNEL_CALL_WAITS(request->is_output ? SYS_pwritev2 : SYS_preadv2, request->descriptor, request->vector,
                             request->count, request->offset, 0, request->flags);
}

/* What the kernel says of a call on a device before it looks at the device (import_iovec, do_loop_readv_writev). */
static int refusal(const struct request *request)
{
    if (request->count < 0 || request->count > IOV_MAX)
        return EINVAL;
    if (request->count > 0 && !readable(request->vector, (size_t)request->count * sizeof *request->vector))
        return EFAULT;
    return request->flags & ~RWF_HIPRI ? EOPNOTSUPP : 0;
}

/* What all of them come down to. */
static ssize_t vector_io(const struct request *request)
{
    struct request plain = *request;
    struct bounce bounce;
    ssize_t moved;
    int node = served_node(request->descriptor), refused = node != NODE_NONE ? refusal(request) : 0;
    if (refused != 0)
        return real_result(-refused);
    if (!bounce_begin(&bounce, request->call, request->vector, request->count,
                      request->is_output ? BOUNCE_OUTPUT : BOUNCE_INPUT))
        return -1;
    plain.vector = bounce.vector;
    if (node != NODE_NONE)
        signals_install(REAL(sigaction));
    if (node == NODE_NONE) {
        moved = other_io(&plain);
        real_uio_note(&(struct real_uio_call){plain.descriptor, plain.is_output, plain.call.pc, plain.vector}, moved);
    } else
        moved = node_is_connection(node) ? connection_io(&plain, node) : device_io(&plain, node);
    return bounce_end(&bounce, moved);
}

static ssize_t buffer_io(struct request request, const void *buffer, size_t count)
{
    struct iovec piece = {(void *)buffer, count > SSIZE_MAX ? SSIZE_MAX : count};
    request.vector = &piece;
    request.count = 1;
    return vector_io(&request);
}

/* Nothing has to be done about its reads and writes. */
static bool is_of_no_device(int descriptor)
{
    return served_node(descriptor) == NODE_NONE && node_of_open_uio(descriptor) == NODE_NONE;
}

static bool is_plain(int descriptor, uintptr_t buffer, size_t count)
{
    return is_of_no_device(descriptor) && !transfer_is_needed((const void *)buffer, count);
}

/* Bytes of no device's. */
static ssize_t read_plain(int descriptor, void *buffer, size_t count)
{
    ssize_t moved = KERNEL_CALL_WAITS(SYS_read, descriptor, buffer, count);
    signal_show_read(buffer, moved);
    return moved;
}

/* Where a timer by real clocks may end the read, the device gets the time until then (wait.c). False if one did. */
static bool wait_for_input(int descriptor)
{
    struct pollfd item = {.fd = descriptor, .events = POLLIN};
    if (clock_is_virtual() || !real_timer_any() || raw_syscall(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK)
        return true;
    for (;;) {
        uint64_t since = wait_real_now();
        if (poll(&item, 1, -1) >= 0 || errno != EINTR)
            return true;
        if (!goes_on(since))
            return false;
    }
}

INTERPOSED ssize_t read(int descriptor, void *buffer, size_t count)
{
    if (real_timer_any() && is_plain(descriptor, 0, 0) && !wait_for_input(descriptor))
        return -1;
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? read_plain(descriptor, buffer, count)
               : buffer_io((struct request){BOUNCE_CALL("read()"), descriptor, INPUT, .offset = AT_POSITION}, buffer,
                           count);
}

INTERPOSED ssize_t write(int descriptor, const void *buffer, size_t count)
{
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? KERNEL_CALL_WAITS(SYS_write, descriptor, buffer, count)
               : buffer_io((struct request){BOUNCE_CALL("write()"), descriptor, OUTPUT, .offset = AT_POSITION}, buffer,
                           count);
}

/* A negative offset is an error, not the file position. */
static ssize_t positioned_io(struct request request, const void *buffer, size_t count)
{
    return request.offset < 0 ? real_result(-EINVAL) : buffer_io(request, buffer, count);
}

INTERPOSED ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset)
{
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? KERNEL_CALL_WAITS(SYS_pread64, descriptor, buffer, count, offset)
               : positioned_io((struct request){BOUNCE_CALL("pread()"), descriptor, INPUT, .offset = offset}, buffer,
                               count);
}
INTERPOSED_TWIN(pread64, pread);

INTERPOSED ssize_t pwrite(int descriptor, const void *buffer, size_t count, off_t offset)
{
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? KERNEL_CALL_WAITS(SYS_pwrite64, descriptor, buffer, count, offset)
               : positioned_io((struct request){BOUNCE_CALL("pwrite()"), descriptor, OUTPUT, .offset = offset}, buffer,
                               count);
}
INTERPOSED_TWIN(pwrite64, pwrite);

INTERPOSED ssize_t __read_chk(int descriptor, void *buffer, size_t count, size_t size)
{
    if (count > size)
        __chk_fail();
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? read_plain(descriptor, buffer, count)
               : buffer_io((struct request){BOUNCE_CALL("read()"), descriptor, INPUT, .offset = AT_POSITION}, buffer,
                           count);
}

INTERPOSED ssize_t __pread_chk(int descriptor, void *buffer, size_t count, off_t offset, size_t size)
{
    if (count > size)
        __chk_fail();
    return is_plain(descriptor, (uintptr_t)buffer, count)
               ? KERNEL_CALL_WAITS(SYS_pread64, descriptor, buffer, count, offset)
               : positioned_io((struct request){BOUNCE_CALL("pread()"), descriptor, INPUT, .offset = offset}, buffer,
                               count);
}
INTERPOSED_TWIN(__pread64_chk, __pread_chk);

INTERPOSED ssize_t readv(int descriptor, const struct iovec *vector, int count)
{
    return vector_io(&(struct request){BOUNCE_CALL("readv()"), descriptor, INPUT, vector, count, AT_POSITION, 0});
}

INTERPOSED ssize_t writev(int descriptor, const struct iovec *vector, int count)
{
    return vector_io(&(struct request){BOUNCE_CALL("writev()"), descriptor, OUTPUT, vector, count, AT_POSITION, 0});
}

INTERPOSED ssize_t preadv(int descriptor, const struct iovec *vector, int count, off_t offset)
{
    return offset < 0
               ? real_result(-EINVAL)
               : vector_io(&(struct request){BOUNCE_CALL("preadv()"), descriptor, INPUT, vector, count, offset, 0});
}
INTERPOSED_TWIN(preadv64, preadv);

INTERPOSED ssize_t pwritev(int descriptor, const struct iovec *vector, int count, off_t offset)
{
    return offset < 0
               ? real_result(-EINVAL)
               : vector_io(&(struct request){BOUNCE_CALL("pwritev()"), descriptor, OUTPUT, vector, count, offset, 0});
}
INTERPOSED_TWIN(pwritev64, pwritev);

/* Here -1 does mean the file position (preadv2(2)). */
INTERPOSED ssize_t preadv2(int descriptor, const struct iovec *vector, int count, off_t offset, int flags)
{
    return vector_io(&(struct request){BOUNCE_CALL("preadv2()"), descriptor, INPUT, vector, count, offset, flags});
}
INTERPOSED_TWIN(preadv64v2, preadv2);

INTERPOSED ssize_t pwritev2(int descriptor, const struct iovec *vector, int count, off_t offset, int flags)
{
    return vector_io(&(struct request){BOUNCE_CALL("pwritev2()"), descriptor, OUTPUT, vector, count, offset, flags});
}
INTERPOSED_TWIN(pwritev64v2, pwritev2);

/* Physical memory has no end, and keeps the last positions for error codes (kernel memory_lseek). */
static off_t seek_memory(int descriptor, off_t offset, int whence)
{
    if (whence != SEEK_SET && whence != SEEK_CUR)
        return real_result(-EINVAL);
    return whence == SEEK_SET && offset < 0 && offset >= -MAX_ERRNO
               ? real_result(-EOVERFLOW)
               : KERNEL_CALL(SYS_lseek, descriptor, offset, whence);
}

/* UIO devices do not seek (noop_llseek), and a stream has nowhere to seek to: of a socket the kernel says ESPIPE. */
INTERPOSED off_t lseek(int descriptor, off_t offset, int whence)
{
    int node = node_of_open_descriptor(descriptor);
    if (node != NODE_NONE && node_kind(node) == NODE_UIO)
        return 0;
    return node != NODE_NONE && node_kind(node) == NODE_TRAPPED && !device_has_end(node)
               ? seek_memory(descriptor, offset, whence)
               : KERNEL_CALL(SYS_lseek, descriptor, offset, whence);
}
INTERPOSED_TWIN(lseek64, lseek);

INTERPOSED ssize_t getrandom(void *buffer, size_t count, unsigned flags)
{
    struct iovec piece = {buffer, count};
    struct bounce bounce;
    if (!transfer_is_needed(buffer, count))
        return REAL(getrandom)(buffer, count, flags);
    if (!bounce_begin(&bounce, BOUNCE_CALL("getrandom()"), &piece, 1, BOUNCE_INPUT))
        return -1;
    return bounce_end(&bounce, REAL(getrandom)(bounce.vector->iov_base, count, flags));
}
