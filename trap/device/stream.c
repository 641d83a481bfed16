/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "bus.h"
#include "device.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/site.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "time/notice.h"
#include "time/virtual_timer.h"
#include "uio.h"
#include "ground/signal_safe.h"

/* Cycles without progress after which an access is answered as it is. Who does not want to wait gives the RTL a little
 * time all the same, lest a program that asks again and again waits for ever; who waits lets others have the bus now
 * and then. */
enum { SHORT_PATIENCE = 64, LONG_PATIENCE = 4096 };

/* A call of the host's, and how far it is. */
struct stream_call {
    struct transfer_call call;
    const struct device *device;
    const struct iovec *vector;
    int count;
    size_t total, moved;
};

/* One access of it. */
struct piece {
    struct stream_call *of;
    bool is_write;
    size_t width;
    bool packet_end; /* in and out */
    uint32_t wanted;
    uint32_t patience;
    size_t moved;    /* out */
    bool is_pending; /* out: the last beat is still on offer */
    long failure;
};

/* The buffers of the host may lead nowhere: each byte is touched by execute_copy. */
static bool copy_buffers(const struct stream_call *call, uint8_t *bytes, size_t count, bool to_host)
{
    size_t skipped = call->moved;
    for (int i = 0; i < call->count && count > 0; i++) {
        size_t length = call->vector[i].iov_len;
        if (skipped >= length) {
            skipped -= length;
            continue;
        }
        uint8_t *memory = (uint8_t *)call->vector[i].iov_base + skipped;
        size_t part = length - skipped < count ? length - skipped : count;
        if (!execute_copy(to_host ? memory : bytes, to_host ? bytes : memory, part))
            return false;
        bytes += part;
        count -= part;
        skipped = 0;
    }
    return true;
}

static bool fill_request(trapline_v1_Access *request, const struct piece *piece)
{
    struct site *site = site_of_call(piece->of->call.pc, piece->of->call.name);
    request->device = piece->of->device->handle;
    request->operation = piece->is_write ? trapline_v1_Operation_OPERATION_WRITE : trapline_v1_Operation_OPERATION_READ;
    request->width_bytes = (uint32_t)piece->width;
    request->patience_cycles = piece->patience;
    request->packet_end = piece->is_write && piece->packet_end;
    request->wanted_bytes = piece->wanted;
    request->pc = site->pc;
    request->data.size = (pb_size_t)(piece->is_write ? piece->width : 0);
    if (!copy_buffers(piece->of, request->data.bytes, request->data.size, false))
        return false;
    request->has_site = channel_first_time(&site->announced);
    if (request->has_site)
        site_describe(site, &request->site);
    return true;
}

/* The bridge has told the user already what went wrong. */
static void take_answer(struct piece *piece, trapline_v1_Completion *answer)
{
    if (answer->status == trapline_v1_Status_STATUS_DISCONNECTED) {
        waits_end();
        report_fatal("the host is ended: %s", bus_reason(answer));
    }
    if (answer->status != trapline_v1_Status_STATUS_OKAY) {
        piece->failure = -EIO;
        return;
    }
    piece->moved = piece->is_write ? answer->taken_bytes : answer->data.size;
    piece->is_pending = answer->is_pending;
    if (piece->moved > piece->width)
        report_fatal("the bridge answered %u bytes of a stream with %u", (uint64_t)piece->width,
                     (uint64_t)piece->moved);
    if (piece->is_write)
        return;
    piece->packet_end = answer->packet_end;
    if (!copy_buffers(piece->of, answer->data.bytes, piece->moved, true))
        piece->failure = -EFAULT;
}

static void move_piece(void *argument)
{
    static trapline_v1_Access request;
    static trapline_v1_Completion answer;
    struct piece *piece = argument;
    memset(&request, 0, sizeof request);
    channel_connect();
    if (!fill_request(&request, piece)) {
        piece->failure = -EFAULT;
        return;
    }
    waits_access();
    channel_transact(&request, &answer);
    virtual_timer_advance(answer.time_ps / 1000);
    memory_poll_note_access();
    take_answer(piece, &answer);
}

/* Whether a signal has been handled meanwhile. */
static bool move(struct piece *piece)
{
    uint64_t began = waits_now();
    uint64_t signals = transfer_begin();
    waits_begin(began);
    execute_on_stack(move_piece, piece);
    waits_end();
    return transfer_end(signals);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Buffers of more than the kernel takes in one call are shortened, as it does (MAX_RW_COUNT). */
static bool begin(struct stream_call *call, const struct iovec *vector, int count)
{
    size_t most = INT_MAX & ~(size_t)4095;
    for (int i = 0; i < count; i++)
        call->total = least(most, call->total + least(most, vector[i].iov_len));
    return call->device != NULL;
}

/* What has come so far. Whoever has opened the device twice finds that a read gives nothing in spite of it. */
static long take_marks(int descriptor)
{
    uint8_t marks[64];
    long got;
    do
        got = raw_syscall(SYS_recvfrom, descriptor, marks, sizeof marks, MSG_DONTWAIT, NULL, NULL);
    while (got > 0);
    return got == 0 ? -EIO : got == -EAGAIN ? 0 : got;
}

static long wait_for_mark(int descriptor)
{
    uint8_t mark;
    notice_wait(descriptor, 0);
    long got = raw_syscall(SYS_recvfrom, descriptor, &mark, sizeof mark, 0, NULL, NULL);
    notice_wait_end(descriptor);
    return got == 0 ? -EIO : got;
}

/* Bytes of one packet that are there. -EAGAIN if nothing is given yet. */
static long read_once(struct stream_call *call)
{
    struct piece piece;
    do {
        size_t left = call->total - call->moved;
        piece = (struct piece){.of = call,
                               .width = least(left, DEVICE_BURST_BOUNDARY),
                               .patience = call->moved == 0 ? SHORT_PATIENCE : 1,
                               .wanted = call->moved == 0 ? (uint32_t)left : 1};
        move(&piece);
        if (piece.failure != 0)
            return piece.failure;
        call->moved += piece.moved;
        if (call->moved == 0 && !piece.packet_end)
            return -EAGAIN;
    } while (!piece.packet_end && piece.moved == piece.width && call->moved < call->total);
    return (long)call->moved;
}

long stream_read(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count,
                 bool may_wait)
{
    struct stream_call reading = {.call = call, .device = device_at(node, 0), .vector = vector, .count = count};
    int flags = uio_status_flags(descriptor);
    uio_remember(descriptor);
    if ((flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    if (!begin(&reading, vector, count) || !reading.device->is_readable)
        return -EINVAL;
    for (long got = 0; reading.total > 0;) {
        if ((got = take_marks(descriptor)) < 0)
            return got;
        got = read_once(&reading);
        if (got != -EAGAIN || !may_wait || flags & O_NONBLOCK)
            return got;
        if ((got = wait_for_mark(descriptor)) < 0)
            return got;
    }
    return 0;
}

static struct piece next_written(struct stream_call *call, bool may_wait)
{
    size_t left = call->total - call->moved;
    size_t width = least(left, call->device->burst == 0 ? DEVICE_BURST_BOUNDARY : call->device->burst);
    return (struct piece){.of = call,
                          .is_write = true,
                          .width = width,
                          .packet_end = width == left,
                          .patience = may_wait ? LONG_PATIENCE : SHORT_PATIENCE};
}

/* Piece by piece, until the design has taken the last beat; of who does not wait, until it takes no more. */
static long write_all(struct stream_call *call, bool may_wait, bool (*may_restart)(void))
{
    for (;;) {
        struct piece piece = next_written(call, may_wait);
        bool interrupted = move(&piece), is_whole;
        if (piece.failure != 0)
            return piece.failure == -EFAULT && call->moved > 0 ? (long)call->moved : piece.failure;
        call->moved += piece.moved;
        is_whole = piece.moved == piece.width && (!piece.is_pending || !may_wait || call->moved < call->total);
        if (is_whole && call->moved == call->total)
            return (long)call->moved;
        if (is_whole)
            continue;
        if (!may_wait)
            return call->moved > 0 ? (long)call->moved : -EAGAIN;
        if (interrupted && (call->moved > 0 || !may_restart()))
            return call->moved > 0 ? (long)call->moved : -EINTR;
    }
}

long stream_write(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count,
                  bool (*may_restart)(void))
{
    struct stream_call writing = {.call = call, .device = device_at(node, 0), .vector = vector, .count = count};
    int flags = uio_status_flags(descriptor);
    if ((flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (!begin(&writing, vector, count) || !writing.device->is_writable || writing.total % writing.device->unit != 0)
        return -EINVAL;
    return writing.total == 0 ? 0 : write_all(&writing, !(flags & O_NONBLOCK), may_restart);
}
