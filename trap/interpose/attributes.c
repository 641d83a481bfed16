/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights, owners, times and the file system of a device are those of the file behind its node, which all programs of
 * the run see, and the kernel keeps: so what is taken away is. The machine's own file at that path is never meant.
 */
#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "by_number.h"
#include "device/node.h"
#include "device/path.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
#include "named.h"

_Static_assert(sizeof(struct statfs) == sizeof(struct statfs64), "statfs and statfs64 are one layout on x86-64");
_Static_assert(sizeof(struct statvfs) == sizeof(struct statvfs64), "statvfs and statvfs64 are one layout on x86-64");

/* Where the kernel finds what the host means; the host's own pointer if it is no device. */
static const char *meant(const char *path, bool follows)
{
    return attributes_place(AT_FDCWD, path, follows ? 0 : AT_SYMLINK_NOFOLLOW);
}

const char *attributes_place(int directory, const char *path, int flags)
{
    bool is_text = readable_text(path);
    if (is_text && path[0] == 0 && flags & AT_EMPTY_PATH) {
        const char *behind = attributes_place_of(directory);
        return behind != NULL ? behind : path;
    }
    int node = is_text && agent_start_for(path) ? node_of_path(directory, path) : NODE_NONE;
    if (node == NODE_NONE && !(flags & AT_SYMLINK_NOFOLLOW))
        node = node_behind_link(directory, path);
    return node != NODE_NONE ? node_backing(node) : path;
}

const char *attributes_place_of(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE ? node_backing(node) : NULL;
}

INTERPOSED int chmod(const char *path, mode_t mode)
{
    BY_NUMBER_IF_POINTED(SYS_chmod, (long)path, mode);
    return (int)KERNEL_CALL(SYS_chmod, meant(path, true), mode);
}

/* What libc does about flags it does by other calls. */
INTERPOSED int fchmodat(int directory, const char *path, mode_t mode, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_fchmodat, directory, (long)path, mode, flags);
    const char *place = attributes_place(directory, path, flags);
    return flags == 0 ? (int)KERNEL_CALL(SYS_fchmodat, directory, place, mode)
                      : REAL(fchmodat)(directory, place, mode, flags);
}

INTERPOSED int fchmod(int descriptor, mode_t mode)
{
    const char *path = attributes_place_of(descriptor);
    return path != NULL ? (int)KERNEL_CALL(SYS_chmod, path, mode) : REAL(fchmod)(descriptor, mode);
}

INTERPOSED int chown(const char *path, uid_t owner, gid_t group)
{
    BY_NUMBER_IF_POINTED(SYS_chown, (long)path, owner, group);
    return (int)KERNEL_CALL(SYS_chown, meant(path, true), owner, group);
}

INTERPOSED int lchown(const char *path, uid_t owner, gid_t group)
{
    BY_NUMBER_IF_POINTED(SYS_lchown, (long)path, owner, group);
    return (int)KERNEL_CALL(SYS_lchown, meant(path, false), owner, group);
}

INTERPOSED int fchownat(int directory, const char *path, uid_t owner, gid_t group, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_fchownat, directory, (long)path, owner, group, flags);
    return (int)KERNEL_CALL(SYS_fchownat, directory, attributes_place(directory, path, flags), owner, group, flags);
}

INTERPOSED int fchown(int descriptor, uid_t owner, gid_t group)
{
    const char *path = attributes_place_of(descriptor);
    return path != NULL ? (int)KERNEL_CALL(SYS_chown, path, owner, group) : REAL(fchown)(descriptor, owner, group);
}

INTERPOSED int utime(const char *path, const struct utimbuf *times)
{
    BY_NUMBER_IF_POINTED(SYS_utime, (long)path, (long)times);
    return (int)KERNEL_CALL(SYS_utime, meant(path, true), times);
}

INTERPOSED int utimes(const char *path, const struct timeval times[2])
{
    BY_NUMBER_IF_POINTED(SYS_utimes, (long)path, (long)times);
    return (int)KERNEL_CALL(SYS_utimes, meant(path, true), times);
}

INTERPOSED int lutimes(const char *path, const struct timeval times[2])
{
    return REAL(lutimes)(meant(path, false), times);
}

INTERPOSED int futimes(int descriptor, const struct timeval times[2])
{
    const char *path = attributes_place_of(descriptor);
    return path != NULL ? utimes(path, times) : REAL(futimes)(descriptor, times);
}

/* By a descriptor alone: libc refuses what the kernel takes for it (utimensat(2), C library/kernel differences). */
INTERPOSED int futimens(int descriptor, const struct timespec times[2])
{
    BY_NUMBER_IF_POINTED(SYS_utimensat, descriptor, 0, (long)times, 0);
    const char *path = attributes_place_of(descriptor);
    return (int)KERNEL_CALL(SYS_utimensat, descriptor, path, times, 0);
}

INTERPOSED int utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
    BY_NUMBER_IF_POINTED(SYS_utimensat, directory, (long)path, (long)times, flags);
    if (path == NULL)
        return (int)real_result(-EINVAL);
    return (int)KERNEL_CALL(SYS_utimensat, directory, attributes_place(directory, path, flags), times, flags);
}

/* What is stood in for in /sys lies there. */
static const char *place_of(const char *path)
{
    struct named named = NAMED_IF_READABLE(AT_FDCWD, path);
    return named.node == NODE_NONE && named.path != path ? "/sys" : meant(path, true);
}

static const char *place_of_descriptor(int descriptor)
{
    const char *path = attributes_place_of(descriptor);
    return path == NULL && path_is_open_in_tree(descriptor) ? "/sys" : path;
}

INTERPOSED int statfs(const char *path, struct statfs *status)
{
    return REAL(statfs)(place_of(path), status);
}
INTERPOSED_TWIN(statfs64, statfs);

INTERPOSED int fstatfs(int descriptor, struct statfs *status)
{
    const char *path = place_of_descriptor(descriptor);
    return path != NULL ? REAL(statfs)(path, status) : REAL(fstatfs)(descriptor, status);
}
INTERPOSED_TWIN(fstatfs64, fstatfs);

INTERPOSED int statvfs(const char *restrict path, struct statvfs *restrict status)
{
    return REAL(statvfs)(place_of(path), status);
}
INTERPOSED_TWIN(statvfs64, statvfs);

INTERPOSED int fstatvfs(int descriptor, struct statvfs *status)
{
    const char *path = place_of_descriptor(descriptor);
    return path != NULL ? REAL(statvfs)(path, status) : REAL(fstatvfs)(descriptor, status);
}
INTERPOSED_TWIN(fstatvfs64, fstatvfs);

INTERPOSED int inotify_add_watch(int descriptor, const char *path, uint32_t events)
{
    return REAL(inotify_add_watch)(descriptor, meant(path, !(events & IN_DONT_FOLLOW)), events);
}
