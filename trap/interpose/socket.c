/* SPDX-License-Identifier: Apache-2.0
 *
 * send, recv and their families: a buffer may lie in a window, and a message may bring a device's descriptor.
 */
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "bounce.h"
#include "by_number.h"
#include "device/node.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "rights.h"

ssize_t __recv_chk(int descriptor, void *buffer, size_t count, size_t size, int flags);
ssize_t __recvfrom_chk(int descriptor, void *buffer, size_t count, size_t size, int flags, struct sockaddr *from,
                       socklen_t *length);
__attribute__((noreturn)) void __chk_fail(void);

/* What goes over a socket in one call. */
struct parcel {
    int descriptor;
    struct iovec buffer;
    int flags;
};

static ssize_t receive(struct transfer_call call, const struct parcel *parcel, struct sockaddr *from, socklen_t *length)
{
    size_t count = parcel->buffer.iov_len;
    struct bounce bounce;
    if (!bounce_begin(&bounce, call, &parcel->buffer, 1, BOUNCE_INPUT))
        return -1;
    ssize_t moved = REAL(recvfrom)(parcel->descriptor, bounce.vector->iov_base, count, parcel->flags, from, length);
    size_t copied = moved > (ssize_t)count ? count : (size_t)moved;
    ssize_t result = bounce_end(&bounce, moved < 0 ? moved : (ssize_t)copied);
    return result < 0 ? result : moved;
}

static ssize_t transmit(struct transfer_call call, const struct parcel *parcel, const struct sockaddr *to,
                        socklen_t length)
{
    struct bounce bounce;
    if (!bounce_begin(&bounce, call, &parcel->buffer, 1, BOUNCE_OUTPUT))
        return -1;
    ssize_t moved = REAL(sendto)(parcel->descriptor, bounce.vector->iov_base, parcel->buffer.iov_len, parcel->flags, to,
                                 length);
    return bounce_end(&bounce, moved);
}

INTERPOSED ssize_t recv(int descriptor, void *buffer, size_t count, int flags)
{
    return transfer_is_needed(buffer, count)
               ? receive(BOUNCE_CALL("recv()"), &(struct parcel){descriptor, {buffer, count}, flags}, NULL, NULL)
               : REAL(recv)(descriptor, buffer, count, flags);
}

INTERPOSED ssize_t __recv_chk(int descriptor, void *buffer, size_t count, size_t size, int flags)
{
    if (count > size)
        __chk_fail();
    return transfer_is_needed(buffer, count)
               ? receive(BOUNCE_CALL("recv()"), &(struct parcel){descriptor, {buffer, count}, flags}, NULL, NULL)
               : REAL(recv)(descriptor, buffer, count, flags);
}

INTERPOSED ssize_t recvfrom(int descriptor, void *restrict buffer, size_t count, int flags,
                            struct sockaddr *restrict from, socklen_t *restrict length)
{
    return transfer_is_needed(buffer, count)
               ? receive(BOUNCE_CALL("recvfrom()"), &(struct parcel){descriptor, {buffer, count}, flags}, from, length)
               : REAL(recvfrom)(descriptor, buffer, count, flags, from, length);
}

INTERPOSED ssize_t __recvfrom_chk(int descriptor, void *buffer, size_t count, size_t size, int flags,
                                  struct sockaddr *from, socklen_t *length)
{
    if (count > size)
        __chk_fail();
    return recvfrom(descriptor, buffer, count, flags, from, length);
}

INTERPOSED ssize_t send(int descriptor, const void *buffer, size_t count, int flags)
{
    return transfer_is_needed(buffer, count)
               ? transmit(BOUNCE_CALL("send()"), &(struct parcel){descriptor, {(void *)buffer, count}, flags}, NULL, 0)
               : REAL(send)(descriptor, buffer, count, flags);
}

INTERPOSED ssize_t sendto(int descriptor, const void *buffer, size_t count, int flags, const struct sockaddr *to,
                          socklen_t length)
{
    return transfer_is_needed(buffer, count)
               ? transmit(BOUNCE_CALL("sendto()"), &(struct parcel){descriptor, {(void *)buffer, count}, flags}, to,
                          length)
               : REAL(sendto)(descriptor, buffer, count, flags, to, length);
}

/* Of what has come, so much is of the message, its sender and its control data. */
static ssize_t end_message(struct bounce *const bounces[3], const struct msghdr *message, ssize_t moved, bool is_taken)
{
    const ssize_t bytes[] = {moved, (ssize_t)message->msg_namelen, (ssize_t)message->msg_controllen};
    ssize_t result = moved;
    for (int i = 0; i < 3 && (is_taken || i == 0); i++)
        if (bounce_end(bounces[i], moved < 0 ? -1 : bytes[i]) < 0)
            result = -1;
    return result;
}

static ssize_t message_io(struct transfer_call call, int descriptor, struct msghdr *message, int flags,
                          enum bounce_kind kind)
{
    const struct msghdr original = *message;
    const struct iovec name = {original.msg_name, original.msg_namelen};
    const struct iovec control = {original.msg_control, original.msg_controllen};
    struct bounce buffers, names = {.area = NULL}, controls = {.area = NULL};
    if (!bounce_begin(&buffers, call, original.msg_iov, (int)original.msg_iovlen, kind))
        return -1;
    ssize_t moved = -1;
    bool is_taken = bounce_begin(&names, call, &name, 1, kind) && bounce_begin(&controls, call, &control, 1, kind);
    if (is_taken) {
        message->msg_iov = buffers.vector;
        message->msg_name = names.vector->iov_base;
        message->msg_control = controls.vector->iov_base;
        moved = kind == BOUNCE_OUTPUT ? REAL(sendmsg)(descriptor, message, flags)
                                      : REAL(recvmsg)(descriptor, message, flags);
        message->msg_iov = original.msg_iov;
        message->msg_name = original.msg_name;
        message->msg_control = original.msg_control;
    }
    return end_message((struct bounce *const[]){&buffers, &names, &controls}, message, moved, is_taken);
}

static void note_descriptors(const struct msghdr *message)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL;
         control = CMSG_NXTHDR((struct msghdr *)message, control))
        if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
            node_may_be_open();
}

/* Not inlined: what these two need of the stack, a handler's small one has not, nor has it UIO descriptors to pass. */
static __attribute__((noinline)) ssize_t receive_rights(struct transfer_call call, int descriptor,
                                                        struct msghdr *message, int flags)
{
    struct rights rights;
    rights_before_receive(&rights, message);
    ssize_t moved = message_io(call, descriptor, message, flags, BOUNCE_INPUT);
    rights_after_receive(&rights, message, moved >= 0);
    return moved;
}

static __attribute__((noinline)) ssize_t transmit_rights(struct transfer_call call, int descriptor,
                                                         struct msghdr *message, int flags)
{
    struct rights rights;
    rights_before_send(&rights, message);
    return message_io(call, descriptor, message, flags, BOUNCE_OUTPUT);
}

INTERPOSED ssize_t recvmsg(int descriptor, struct msghdr *message, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_recvmsg, descriptor, (long)message, flags);
    struct transfer_call call = BOUNCE_CALL("recvmsg()");
    if (!readable(message, sizeof *message))
        return REAL(recvmsg)(descriptor, message, flags);
    ssize_t moved = rights_matter(message) ? receive_rights(call, descriptor, message, flags)
                                           : message_io(call, descriptor, message, flags, BOUNCE_INPUT);
    if (moved >= 0)
        note_descriptors(message);
    return moved;
}

INTERPOSED ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_sendmsg, descriptor, (long)message, flags);
    struct transfer_call call = BOUNCE_CALL("sendmsg()");
    if (!readable(message, sizeof *message))
        return REAL(sendmsg)(descriptor, message, flags);
    struct msghdr copy = *message;
    return rights_matter(message) ? transmit_rights(call, descriptor, &copy, flags)
                                  : message_io(call, descriptor, &copy, flags, BOUNCE_OUTPUT);
}

/* Whether any of them has a buffer in a window, or may carry a device's descriptor. */
static bool any_needs_us(const struct mmsghdr *messages, unsigned count)
{
    if (!readable(messages, count * sizeof *messages))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (rights_matter(&messages[i].msg_hdr))
            return true;
    for (unsigned i = 0; i < count && transfer_may_be_needed(); i++)
        for (size_t j = 0; j < messages[i].msg_hdr.msg_iovlen; j++)
            if (transfer_is_needed(messages[i].msg_hdr.msg_iov[j].iov_base, messages[i].msg_hdr.msg_iov[j].iov_len))
                return true;
    return false;
}

/* One by one; what was moved counts, and an error is told only if nothing was (sendmmsg(2)). */
static int messages_io(int descriptor, struct mmsghdr *messages, unsigned count, int flags, enum bounce_kind kind)
{
    unsigned done = 0;
    for (; done < count; done++) {
        struct msghdr *message = &messages[done].msg_hdr;
        int now = done > 0 && flags & MSG_WAITFORONE ? flags | MSG_DONTWAIT : flags;
        ssize_t moved = kind == BOUNCE_OUTPUT ? sendmsg(descriptor, message, now)
                                              : recvmsg(descriptor, message, now & ~MSG_WAITFORONE);
        if (moved < 0)
            break;
        messages[done].msg_len = (unsigned)moved;
    }
    return done > 0 || count == 0 ? (int)done : -1;
}

INTERPOSED int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_sendmmsg, descriptor, (long)messages, count, flags);
    return any_needs_us(messages, count) ? messages_io(descriptor, messages, count, flags, BOUNCE_OUTPUT)
                                         : REAL(sendmmsg)(descriptor, messages, count, flags);
}

/* A timeout is looked at only between messages anyway (recvmmsg(2), Bugs); one by one it is not. */
INTERPOSED int recvmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    BY_NUMBER_IF_POINTED(SYS_recvmmsg, descriptor, (long)messages, count, flags, (long)timeout);
    int received = any_needs_us(messages, count) ? messages_io(descriptor, messages, count, flags, BOUNCE_INPUT)
                                                 : REAL(recvmmsg)(descriptor, messages, count, flags, timeout);
    for (int i = 0; i < received; i++)
        note_descriptors(&messages[i].msg_hdr);
    return received;
}
