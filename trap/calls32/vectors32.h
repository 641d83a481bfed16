/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of buffers of a 32-bit program as the kernel has it for 64-bit ones, for the duration of a call.
 */
#ifndef TRAPLINE_CALLS32_VECTORS32_H
#define TRAPLINE_CALLS32_VECTORS32_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* IOV_MAX; a table that is longer is the kernel's to refuse. */
enum { VECTORS32_MOST = 1024, VECTORS32_FEW = 16 };

struct vectors32 {
    struct iovec *all;
    size_t count;
    struct iovec few[VECTORS32_FEW];
};

/* False with errno, EFAULT if the table can't be read. */
bool vectors32_begin(struct vectors32 *vectors, long from, size_t count);
/* Returns `result`, and leaves errno as it is. */
long vectors32_end(struct vectors32 *vectors, long result);

#endif
