/* SPDX-License-Identifier: Apache-2.0
 *
 * For programs that want to say themselves what is a device, byte by byte. Link with libtrapline.so and start the
 * program by `trapline run`. All functions fail with errno ENODEV in a program that does not run under Trapline, so
 * that the same binary can fall back to hardware. C and C++.
 */
#ifndef TRAPLINE_H
#define TRAPLINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Maps `size` bytes of a device for reading and writing, as mmap of its file would.
 * @param device  its name in the configuration
 * @param offset  bytes from the start of the device; base + offset must be a multiple of the page size
 * @return the address; NULL with errno ENODEV (not under Trapline), ENOENT (no such device), or as mmap(2).
 *         munmap(2) takes it back.
 */
void *trapline_map(const char *device, uint64_t offset, size_t size);

/**
 * From now on every load and store in [address, address + size) goes to the device at `offset`. The rest of the pages
 * keeps behaving as the memory it is, also for system calls and locks, and what the watched bytes held comes back with
 * trapline_unwatch. Any alignment; not for pages of a stack that is in use. The memory must be private or shared
 * anonymous memory, or a private file mapping. A robust mutex must not lie there.
 * @return 0; -1 with errno ENODEV, ENOENT, EINVAL (size is 0), EBUSY (a part is watched or mapped already), ENOMEM,
 * ENOTSUP (the kernel is older than 5.7, or the memory is of another kind).
 */
int trapline_watch(void *address, size_t size, const char *device, uint64_t offset);

/**
 * Ends what trapline_watch began, on exactly the same range. Other threads must not use its pages meanwhile.
 * @return 0; -1 with errno ENODEV or EINVAL (nothing is watched there).
 */
int trapline_unwatch(void *address, size_t size);

#ifdef __cplusplus
}
#endif

#endif
