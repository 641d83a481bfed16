/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include <errno.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>
#include <sys/socket.h>

#include "ground/raw_syscall.h"
#include "trapline/v1/notice.pb.h"
#include "ground/signal_safe.h"

#define LENGTH_PREFIX 4

/* x86-64 is little-endian, as the prefix is. */
static bool transmit(int descriptor, const trapline_v1_Notice *notice)
{
    uint8_t frame[LENGTH_PREFIX + trapline_v1_Notice_size];
    pb_ostream_t stream = pb_ostream_from_buffer(frame + LENGTH_PREFIX, sizeof frame - LENGTH_PREFIX);
    if (!pb_encode(&stream, trapline_v1_Notice_fields, notice))
        return false;
    uint32_t length = (uint32_t)stream.bytes_written;
    memcpy(frame, &length, sizeof length);
    long whole = LENGTH_PREFIX + (long)length, sent;
    do
        sent = raw_syscall(SYS_sendto, descriptor, frame, whole, MSG_NOSIGNAL, NULL, 0);
    while (sent == -EINTR);
    return sent == whole;
}

static uint64_t thread_id(void)
{
    return (uint64_t)raw_syscall(SYS_gettid);
}

static int32_t process_id(void)
{
    return (int32_t)raw_syscall(SYS_getpid);
}

bool notice_wait(int descriptor, uint64_t timeout_ns)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_wait_tag};
    notice.body.wait.timeout_ns = timeout_ns;
    notice.body.wait.tid = thread_id();
    notice.body.wait.pid = process_id();
    return transmit(descriptor, &notice);
}

bool notice_wait_end(int descriptor)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_wait_end_tag};
    notice.body.wait_end.tid = thread_id();
    return transmit(descriptor, &notice);
}

static int receive_exactly(int descriptor, void *bytes, size_t count)
{
    long got = raw_syscall(SYS_recvfrom, descriptor, bytes, count, MSG_WAITALL);
    return got == (long)count ? 0 : got == -EINTR ? -EINTR : -EIO;
}

static int receive_reply(int descriptor, trapline_v1_ClockReply *reply)
{
    uint8_t bytes[trapline_v1_ClockReply_size];
    uint32_t length;
    int failure = receive_exactly(descriptor, &length, sizeof length);
    if (failure == 0 && length > sizeof bytes)
        failure = -EIO;
    if (failure != 0)
        return failure;
    do
        failure = receive_exactly(descriptor, bytes, length); /* an answer that has begun is read to its end */
    while (failure == -EINTR);
    if (failure != 0)
        return failure;
    pb_istream_t stream = pb_istream_from_buffer(bytes, length);
    return pb_decode(&stream, trapline_v1_ClockReply_fields, reply) ? 0 : -EIO;
}

bool notice_answer(int descriptor, struct notice_reply *answer)
{
    trapline_v1_ClockReply reply = trapline_v1_ClockReply_init_zero;
    int failure;
    do
        failure = receive_reply(descriptor, &reply);
    while (failure == -EINTR);
    *answer = (struct notice_reply){reply.time_ps, reply.passed_ps, reply.interrupted};
    return failure == 0;
}

bool notice_interrupt_control(int descriptor, uint32_t device, bool unmask)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_interrupt_control_tag};
    notice.body.interrupt_control.unmask = unmask;
    notice.body.interrupt_control.device = device;
    return transmit(descriptor, &notice);
}

bool notice_timers(int descriptor, uint64_t next_ps, uint64_t real_ns)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_timers_tag};
    notice.body.timers.pid = process_id();
    notice.body.timers.next_ps = next_ps;
    notice.body.timers.real_ns = real_ns;
    return transmit(descriptor, &notice);
}

bool notice_timer_wait(int descriptor)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_timer_wait_tag};
    notice.body.timer_wait.pid = process_id();
    notice.body.timer_wait.tid = thread_id();
    return transmit(descriptor, &notice);
}

bool notice_sleep(int descriptor, uint64_t duration_ns, bool until_interrupt, bool ends_otherwise)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_sleep_tag};
    notice.body.sleep.duration_ns = duration_ns;
    notice.body.sleep.until_interrupt = until_interrupt;
    notice.body.sleep.ends_otherwise = ends_otherwise;
    notice.body.sleep.tid = thread_id();
    notice.body.sleep.pid = process_id();
    return transmit(descriptor, &notice);
}

bool notice_look(int descriptor, const struct memory_poll *polled)
{
    trapline_v1_Notice notice = {.which_body = trapline_v1_Notice_look_tag};
    notice.body.look.device = polled->device;
    notice.body.look.offset = polled->offset;
    notice.body.look.size = polled->size;
    notice.body.look.cycles = polled->cycles;
    notice.body.look.is_endless = polled->is_endless;
    notice.body.look.tid = thread_id();
    notice.body.look.pid = process_id();
    return transmit(descriptor, &notice);
}
