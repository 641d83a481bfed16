/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that stand for many: what they lead to is a call of its own, but for what the kernel refuses.
 */
#include <linux/ipc.h>
#include <linux/net.h>
#include <stdbool.h>
#include <stddef.h>

#include "carry32.h"
#include "ground/readable.h"
#include "structs32.h"

/* Of sockets (socketcall(2)). */
long carry32_socketcall(const long a[6])
{
    static long (*const calls[])(const long a[6]) = {
        [SYS_BIND] = led32_bind,
        [SYS_CONNECT] = led32_connect,
        [SYS_ACCEPT] = led32_accept4,
        [SYS_GETSOCKNAME] = led32_getsockname,
        [SYS_GETPEERNAME] = led32_getpeername,
        [SYS_SOCKETPAIR] = led32_socketpair,
        [SYS_SEND] = led32_sendto,
        [SYS_RECV] = led32_recvfrom,
        [SYS_SENDTO] = led32_sendto,
        [SYS_RECVFROM] = led32_recvfrom,
        [SYS_SETSOCKOPT] = led32_setsockopt,
        [SYS_GETSOCKOPT] = led32_getsockopt,
        [SYS_SENDMSG] = led32_sendmsg,
        [SYS_RECVMSG] = led32_recvmsg,
        [SYS_ACCEPT4] = led32_accept4,
        [SYS_RECVMMSG] = led32_recvmmsg,
        [SYS_SENDMMSG] = led32_sendmmsg,
    };
    const uint32_t *given = (const uint32_t *)a[1];
    size_t count = structs32_socket_arguments(a[0]);
    long all[6] = {0};
    bool is_known = count > 0 && (size_t)a[0] < sizeof calls / sizeof calls[0] && calls[a[0]] != NULL;
    if (!is_known || !readable(given, count * sizeof *given))
        return kernel32_socketcall(a);
    for (size_t i = 0; i < count; i++)
        all[i] = given[i];
    return calls[a[0]](all);
}

/* The version of a structure is in the command. */
static long control_semaphores(const long a[6])
{
    enum { NEWER = 0x100 };
    const uint32_t *argument = (const uint32_t *)a[4];
    if (!(a[3] & NEWER) || !readable(argument, sizeof *argument))
        return kernel32_ipc(a);
    return led32_semctl(ARGUMENTS(a[1], a[2], a[3] & ~(long)NEWER, *argument));
}

static long receive_from_queue(const long a[6])
{
    const struct place32 *place = (const struct place32 *)a[4];
    if (!readable(place, sizeof *place))
        return kernel32_ipc(a);
    return led32_msgrcv(ARGUMENTS(a[1], place->message, a[2], place->type, a[3]));
}

/* Of queues and semaphores (ipc(2)). */
long carry32_ipc(const long a[6])
{
    switch (a[0]) {
    case SEMCTL:
        return control_semaphores(a);
    case MSGRCV:
        return receive_from_queue(a);
    default:
        return kernel32_ipc(a);
    }
}
