/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies between two descriptors that the kernel makes by itself. Drivers of devices with registers have no way for
 * them (no splice_read, no splice_write), so the kernel says EINVAL, and programs go on with read and write. Here the
 * kernel would copy from and to the file behind the device, or the connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "device/node.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"

static bool is_device(int descriptor)
{
    return node_of_open_descriptor(descriptor) != NODE_NONE;
}

/* Negative errno. */
static int access_mode(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    int flags = node != NODE_NONE ? node_status_flags(node, descriptor)
                                  : (int)raw_syscall(SYS_fcntl, descriptor, F_GETFL);
    return flags < 0 ? flags : flags & O_PATH ? -EBADF : flags & O_ACCMODE;
}

/* What the kernel sees first. */
static ssize_t refuse(int from, int to)
{
    int source = access_mode(from), target = access_mode(to);
    bool is_open = source >= 0 && source != O_WRONLY && target >= 0 && target != O_RDONLY;
    return real_result(is_open ? -EINVAL : -EBADF);
}

INTERPOSED ssize_t sendfile(int to, int from, off_t *offset, size_t count)
{
    return is_device(to) || is_device(from) ? refuse(from, to) : REAL(sendfile)(to, from, offset, count);
}
INTERPOSED_TWIN(sendfile64, sendfile);

INTERPOSED ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned flags)
{
    return count > 0 && (is_device(to) || is_device(from))
               ? refuse(from, to)
               : REAL(splice)(from, from_offset, to, to_offset, count, flags);
}

/* Both ends must be regular files (generic_copy_file_checks). */
INTERPOSED ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count,
                                   unsigned flags)
{
    return is_device(to) || is_device(from) ? refuse(from, to)
                                            : REAL(copy_file_range)(from, from_offset, to, to_offset, count, flags);
}
