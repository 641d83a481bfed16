/* SPDX-License-Identifier: Apache-2.0
 *
 * Moves bytes between a device and host memory on behalf of a libc call: the kernel can't touch a window, and a device
 * has no driver behind it. Cut into accesses of the device's register width, in ascending order, narrower at unaligned
 * ends; those of full width go many in one message where the device takes strings.
 */
#ifndef TRAPLINE_TRANSFER_H
#define TRAPLINE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who asked: the host's return address and the name of the call. */
struct transfer_call {
    uint64_t pc;
    const char *name;
};

/* Whether the kernel would fail on this buffer because a window lies in it. */
bool transfer_is_needed(const void *buffer, size_t count) __attribute__((access(none, 1)));
/* Whether it would on any. */
bool transfer_may_be_needed(void);

/* All of these find out by a fault whether a pointer leads nowhere: signals_install() comes first. */

/* The bus is this thread's in between, and no signal comes but SIGSEGV; what the first returns goes to the second,
 * which tells whether a signal came meanwhile that has been handled now. */
uint64_t transfer_begin(void);
bool transfer_end(uint64_t signals);

/* Between host memory and ours, outside of windows. False where the kernel would say EFAULT. */
bool transfer_copy(void *to, const void *from, size_t count);

/* Between a buffer that lies in windows, wholly or in part, and a plain one. False if the bus answered with an error,
 * or a part that is memory is not there. */
bool transfer_from_window(struct transfer_call call, void *to, const void *window, size_t count);
bool transfer_to_window(struct transfer_call call, void *window, const void *from, size_t count);

/* read(2) and write(2) on a device file at an offset: bytes moved, 0 at the end, or a negative errno. A pointer to
 * nowhere is -EFAULT, as the kernel has it, after the bytes before it have been moved. */
long transfer_read_device(struct transfer_call call, int node, uint64_t offset, void *to, size_t count);
long transfer_write_device(struct transfer_call call, int node, uint64_t offset, const void *from, size_t count);

#endif
