/* SPDX-License-Identifier: Apache-2.0
 *
 * A plain buffer in place of one that lies in a window, for the duration of one system call. Async-signal-safe, as read
 * and write are. The kernel answers EFAULT for a window; on hardware it would have copied.
 */
#ifndef TRAPLINE_BOUNCE_H
#define TRAPLINE_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "device/transfer.h"

/* What the call does with the buffers: reads them, or writes them. */
enum bounce_kind { BOUNCE_OUTPUT, BOUNCE_INPUT };

struct bounce {
    enum bounce_kind kind;
    struct transfer_call call;
    struct iovec *vector; /* what the kernel gets */
    int count;
    const struct iovec *original;
    void *area; /* NULL: nothing had to be replaced */
    size_t area_size;
    struct iovec *table; /* NULL: it was plain */
};

/* Replaces the buffers of `vector` that lie in windows; output is copied for the kernel to read. False with errno set
 * if that fails. A table that leads nowhere stays as it is: the kernel says so. */
bool bounce_begin(struct bounce *bounce, struct transfer_call call, const struct iovec *vector, int count,
                  enum bounce_kind kind);

/* Gives back the buffers; of input, `moved` bytes that the kernel wrote go to the windows. Returns `moved`, or -1 with
 * errno set. */
ssize_t bounce_end(struct bounce *bounce, ssize_t moved);

/* The host's call, seen from the interposed function itself. */
#define BOUNCE_CALL(name) ((struct transfer_call){(uint64_t)__builtin_return_address(0), name})

#endif
