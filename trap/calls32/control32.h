/* SPDX-License-Identifier: Apache-2.0
 *
 * Control data of messages (cmsg(3)), of 32-bit programs and as 64-bit ones have it. Pure, but for descriptors that
 * have come and have no room, which are closed.
 */
#ifndef TRAPLINE_CALLS32_CONTROL32_H
#define TRAPLINE_CALLS32_CONTROL32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* How much room `length` bytes of it need at most, either way. */
static inline size_t control32_room(size_t length)
{
    return 2 * length + CMSG_SPACE(0);
}

/* Bytes in `to`; 0 if there is an item that the kernel refuses. */
size_t control32_widen(const uint8_t *from, size_t length, uint8_t *to);

/* Bytes in `to`, of at most `room`; MSG_CTRUNC if that is too few. */
size_t control32_narrow(const struct msghdr *from, uint8_t *to, size_t room, int *flags);

#endif
