/* SPDX-License-Identifier: Apache-2.0
 *
 * A device has no size that can be changed, and nothing to be flushed. The file behind its node could be given one, and
 * must not: what lies in it would be seen through closed pages (closed_pages.h), and a DMA buffer would lose its end.
 * So the answers are the kernel's for a character device (do_sys_ftruncate, vfs_fallocate, vfs_fsync_range of a driver
 * without fsync).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "by_number.h"
#include "device/node.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"

static int node_named(const char *path)
{
    int node = readable_text(path) && agent_start_for(path) ? node_of_path(AT_FDCWD, path) : NODE_NONE;
    return node == NODE_NONE ? node_behind_link(AT_FDCWD, path) : node;
}

static bool is_device(int descriptor)
{
    return node_of_open_descriptor(descriptor) != NODE_NONE;
}

INTERPOSED int truncate(const char *path, off_t length)
{
    BY_NUMBER_IF_POINTED(SYS_truncate, (long)path, length);
    return (int)(node_named(path) != NODE_NONE ? real_result(-EINVAL) : KERNEL_CALL(SYS_truncate, path, length));
}
INTERPOSED_TWIN(truncate64, truncate);

INTERPOSED int ftruncate(int descriptor, off_t length)
{
    return is_device(descriptor) ? (int)real_result(-EINVAL) : REAL(ftruncate)(descriptor, length);
}
INTERPOSED_TWIN(ftruncate64, ftruncate);

INTERPOSED int fallocate(int descriptor, int mode, off_t offset, off_t length)
{
    return is_device(descriptor) ? (int)real_result(-ENODEV) : REAL(fallocate)(descriptor, mode, offset, length);
}
INTERPOSED_TWIN(fallocate64, fallocate);

/* This function tells by what it returns (posix_fallocate(3)). */
INTERPOSED int posix_fallocate(int descriptor, off_t offset, off_t length)
{
    return is_device(descriptor) ? ENODEV : REAL(posix_fallocate)(descriptor, offset, length);
}
INTERPOSED_TWIN(posix_fallocate64, posix_fallocate);

INTERPOSED int fsync(int descriptor)
{
    return is_device(descriptor) ? (int)real_result(-EINVAL) : REAL(fsync)(descriptor);
}

INTERPOSED int fdatasync(int descriptor)
{
    return is_device(descriptor) ? (int)real_result(-EINVAL) : REAL(fdatasync)(descriptor);
}

INTERPOSED int sync_file_range(int descriptor, off64_t offset, off64_t length, unsigned flags)
{
    return is_device(descriptor) ? (int)real_result(-ESPIPE) : REAL(sync_file_range)(descriptor, offset, length, flags);
}
