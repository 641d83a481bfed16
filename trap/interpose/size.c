/* SPDX-License-Identifier: Apache-2.0
 *
 * A device has no size that can be changed. The file behind its node could be given one, and must not: what lies in it
 * would be seen through closed pages (closed_pages.h), and a DMA buffer would lose its end. The kernel refuses with
 * EINVAL and ENODEV (do_sys_ftruncate, vfs_fallocate). But Java lengthens a file to what it is going to map, and gives
 * up if that fails; so where it can do no harm that is granted, and nothing is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "device/node.h"
#include "ground/agent.h"
#include "ground/real.h"

static int node_named(const char *path)
{
    return agent_start() && path != NULL ? node_of_path(AT_FDCWD, path) : NODE_NONE;
}

static int change_size(int node, off_t length)
{
    bool is_granted = length >= 0 && !node_is_connection(node);
    return is_granted ? 0 : (int)real_result(-EINVAL);
}

INTERPOSED int truncate(const char *path, off_t length)
{
    int node = node_named(path);
    return node != NODE_NONE ? change_size(node, length) : REAL(truncate)(path, length);
}
INTERPOSED_TWIN(truncate64, truncate);

INTERPOSED int ftruncate(int descriptor, off_t length)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE ? change_size(node, length) : REAL(ftruncate)(descriptor, length);
}
INTERPOSED_TWIN(ftruncate64, ftruncate);

INTERPOSED int fallocate(int descriptor, int mode, off_t offset, off_t length)
{
    return node_of_open_descriptor(descriptor) != NODE_NONE ? (int)real_result(-ENODEV)
                                                            : REAL(fallocate)(descriptor, mode, offset, length);
}
INTERPOSED_TWIN(fallocate64, fallocate);

/* This function tells by what it returns (posix_fallocate(3)). */
INTERPOSED int posix_fallocate(int descriptor, off_t offset, off_t length)
{
    return node_of_open_descriptor(descriptor) != NODE_NONE ? ENODEV
                                                            : REAL(posix_fallocate)(descriptor, offset, length);
}
INTERPOSED_TWIN(posix_fallocate64, posix_fallocate);
