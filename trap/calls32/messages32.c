/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of sockets. One that has neither control data, in which a device's descriptor may be, nor leads into a
 * window, is the kernel's as it is.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "carry32.h"
#include "control32.h"
#include "device/node.h"
#include "device/transfer.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "memory32.h"
#include "structs32.h"
#include "time32.h"
#include "vectors32.h"

enum { MOST_CONTROL = 1 << 17 };

static bool has_control(const struct message32 *message)
{
    return message->control != 0 && message->control_length >= sizeof(struct item32);
}

static bool has_buffer_in_window(const struct message32 *message)
{
    const struct iovec32 *table = (const struct iovec32 *)(uintptr_t)message->vector;
    size_t bytes = message->vector_length * sizeof *table;
    if (memory32_is_in_window(message->vector, bytes))
        return true;
    if (!readable(table, bytes))
        return false;
    for (uint32_t i = 0; i < message->vector_length; i++)
        if (memory32_is_in_window(table[i].base, table[i].length))
            return true;
    return false;
}

static bool is_in_window(const struct message32 *message)
{
    return transfer_may_be_needed() &&
           ((message->name_length > 0 && memory32_is_in_window(message->name, (size_t)message->name_length)) ||
            memory32_is_in_window(message->control, message->control_length) || has_buffer_in_window(message));
}

/* Whether it can be about a device; what the kernel refuses is left to it. */
static bool needs_us(const struct message32 *message)
{
    return readable(message, sizeof *message) && message->vector_length <= VECTORS32_MOST &&
           message->control_length <= MOST_CONTROL &&
           ((has_control(message) && node_count() > 0) || is_in_window(message));
}

/* A message as 64-bit programs have it. */
struct wide {
    struct msghdr message;
    struct vectors32 vectors;
    uint8_t *control, *narrow; /* NULL if there is none; `narrow` is what the program has there */
    size_t room, narrow_room;
};

static bool widen(const struct message32 *from, struct wide *to)
{
    to->control = NULL;
    to->narrow_room = has_control(from) ? from->control_length : 0;
    to->room = to->narrow_room > 0 ? control32_room(to->narrow_room) : 0;
    if (!vectors32_begin(&to->vectors, from->vector, from->vector_length))
        return false;
    if (to->room > 0) {
        long room = raw_syscall(SYS_mmap, 0, to->room + to->narrow_room, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room < 0)
            return vectors32_end(&to->vectors, fails32((int)-room)) == 0;
        to->control = (uint8_t *)room;
        to->narrow = to->control + to->room;
    }
    to->message = (struct msghdr){.msg_name = (void *)(uintptr_t)from->name,
                                  .msg_namelen = (socklen_t)from->name_length,
                                  .msg_iov = to->vectors.all,
                                  .msg_iovlen = from->vector_length,
                                  .msg_control = to->control,
                                  .msg_controllen = to->room};
    return true;
}

static long give_back(struct wide *wide, long result)
{
    if (wide->control != NULL)
        raw_syscall(SYS_munmap, wide->control, wide->room + wide->narrow_room);
    return vectors32_end(&wide->vectors, result);
}

static long send_wide(long socket, const struct message32 *message, long flags)
{
    struct wide wide;
    if (!widen(message, &wide))
        return -1;
    if (wide.control != NULL) {
        if (!memory32_take("sendmsg()", wide.narrow, message->control, wide.narrow_room))
            return give_back(&wide, -1);
        wide.message.msg_controllen = control32_widen(wide.narrow, wide.narrow_room, wide.control);
        if (wide.message.msg_controllen == 0)
            return give_back(&wide, fails32(EINVAL));
    }
    return give_back(&wide, carry_sendmsg(ARGUMENTS(socket, (long)&wide.message, flags)));
}

static long receive_wide(long socket, struct message32 *message, long flags)
{
    struct wide wide;
    if (!widen(message, &wide))
        return -1;
    long result = carry_recvmsg(ARGUMENTS(socket, (long)&wide.message, flags));
    if (result == -1)
        return give_back(&wide, -1);
    message->flags = wide.message.msg_flags;
    message->name_length = (int32_t)wide.message.msg_namelen;
    if (wide.control != NULL) {
        size_t bytes = control32_narrow(&wide.message, wide.narrow, wide.narrow_room, &message->flags);
        if (!memory32_give("recvmsg()", message->control, wide.narrow, bytes))
            result = -1;
        message->control_length = (uint32_t)bytes;
    }
    return give_back(&wide, result);
}

long carry32_sendmsg(const long a[6])
{
    const struct message32 *message = (const struct message32 *)a[1];
    return needs_us(message) ? send_wide(SIGNED(0), message, a[2]) : kernel32_sendmsg(a);
}

/* Receiving may write descriptors' numbers anywhere: their control data must be there, as far as can be told. */
long carry32_recvmsg(const long a[6])
{
    struct message32 *message = (struct message32 *)a[1];
    return needs_us(message) && (!has_control(message) || memory32_is_there(message->control, message->control_length))
               ? receive_wide(SIGNED(0), message, a[2])
               : kernel32_recvmsg(a);
}

/* ---- many in one call: one by one, if one needs us */

static bool any_needs_us(const struct message_of_many32 *messages, long count)
{
    if (count > VECTORS32_MOST || count <= 0 || !readable(messages, (size_t)count * sizeof *messages))
        return false;
    for (long i = 0; i < count; i++)
        if (needs_us(&messages[i].header))
            return true;
    return false;
}

static bool is_over(const struct timespec *end)
{
    struct timespec now;
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* What was moved counts, and an error is told only if nothing was (sendmmsg(2)); `end` may be none. */
static long one_by_one(long (*move)(const long a[6]), const long a[6], long flags, const struct timespec *end)
{
    struct message_of_many32 *messages = (struct message_of_many32 *)a[1];
    long done = 0, count = a[2];
    while (done < count) {
        long now = done > 0 && flags & MSG_WAITFORONE ? flags | MSG_DONTWAIT : flags;
        long moved = move(ARGUMENTS(a[0], (long)&messages[done].header, now & ~(long)MSG_WAITFORONE));
        if (moved < 0)
            break;
        messages[done++].length = (uint32_t)moved;
        if (end != NULL && is_over(end))
            break;
    }
    return done > 0 ? done : -1;
}

long carry32_sendmmsg(const long a[6])
{
    return any_needs_us((const struct message_of_many32 *)a[1], SIGNED(2)) ? one_by_one(carry32_sendmsg, a, a[3], NULL)
                                                                           : kernel32_sendmmsg(a);
}

/* The time is looked at between messages (recvmmsg(2), Bugs). */
static long receive_many(long (*pass)(const long a[6]), const long a[6], const struct timespec *limit)
{
    struct timespec end;
    if (!any_needs_us((const struct message_of_many32 *)a[1], SIGNED(2)))
        return pass(a);
    if (limit == NULL)
        return one_by_one(carry32_recvmsg, a, a[3], NULL);
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &end);
    end.tv_nsec += limit->tv_nsec;
    end.tv_sec += limit->tv_sec + end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    return one_by_one(carry32_recvmsg, a, a[3], &end);
}

long carry32_recvmmsg(const long a[6])
{
    struct timespec limit;
    return time32_take(a[4], &limit) ? receive_many(kernel32_recvmmsg, a, a[4] != 0 ? &limit : NULL) : fails32(EFAULT);
}

long carry32_recvmmsg_time64(const long a[6])
{
    const struct timespec *limit = (const struct timespec *)a[4];
    return readable_or_null(limit, sizeof *limit) ? receive_many(kernel32_recvmmsg_time64, a, limit) : fails32(EFAULT);
}
