/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs read from the machine's own UIO devices, and write to them: that is the kernel's, and the recording of
 * the device has it.
 */
#ifndef TRAPLINE_REAL_UIO_H
#define TRAPLINE_REAL_UIO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct real_uio_call {
    int descriptor;
    bool is_output;
    uint64_t pc;
    const struct iovec *vector;
};

/* The call has moved so many bytes, or failed. Costs nothing in a process that has no such device open. */
void real_uio_note(const struct real_uio_call *call, ssize_t moved);

#endif
