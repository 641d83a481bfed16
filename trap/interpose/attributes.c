/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights, owners, times and the file system of a device are those of the file behind its node, which all programs of
 * the run see, and the kernel keeps: so what is taken away is. The machine's own file at that path is never meant.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "device/node.h"
#include "device/path.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "named.h"

_Static_assert(sizeof(struct statfs) == sizeof(struct statfs64), "statfs and statfs64 are one layout on x86-64");
_Static_assert(sizeof(struct statvfs) == sizeof(struct statvfs64), "statvfs and statvfs64 are one layout on x86-64");

/* Where the kernel finds what the host means; the host's own pointer if it is no device. */
static const char *meant(int directory, const char *path, bool follows)
{
    int node = readable_text(path) && agent_start_for(path) ? node_of_path(directory, path) : NODE_NONE;
    if (node == NODE_NONE && follows)
        node = node_behind_link(directory, path);
    return node != NODE_NONE ? node_backing(node) : path;
}

/* NULL for a descriptor that is none of a device. */
static const char *meant_by(int descriptor)
{
    int node = node_of_open_descriptor(descriptor);
    return node != NODE_NONE ? node_backing(node) : NULL;
}

INTERPOSED int chmod(const char *path, mode_t mode)
{
    return REAL(chmod)(meant(AT_FDCWD, path, true), mode);
}

INTERPOSED int fchmodat(int directory, const char *path, mode_t mode, int flags)
{
    return REAL(fchmodat)(directory, meant(directory, path, !(flags & AT_SYMLINK_NOFOLLOW)), mode, flags);
}

INTERPOSED int fchmod(int descriptor, mode_t mode)
{
    const char *path = meant_by(descriptor);
    return path != NULL ? REAL(chmod)(path, mode) : REAL(fchmod)(descriptor, mode);
}

INTERPOSED int chown(const char *path, uid_t owner, gid_t group)
{
    return REAL(chown)(meant(AT_FDCWD, path, true), owner, group);
}

INTERPOSED int lchown(const char *path, uid_t owner, gid_t group)
{
    return REAL(lchown)(meant(AT_FDCWD, path, false), owner, group);
}

INTERPOSED int fchownat(int directory, const char *path, uid_t owner, gid_t group, int flags)
{
    return REAL(fchownat)(directory, meant(directory, path, !(flags & AT_SYMLINK_NOFOLLOW)), owner, group, flags);
}

INTERPOSED int fchown(int descriptor, uid_t owner, gid_t group)
{
    const char *path = meant_by(descriptor);
    return path != NULL ? REAL(chown)(path, owner, group) : REAL(fchown)(descriptor, owner, group);
}

INTERPOSED int utime(const char *path, const struct utimbuf *times)
{
    return REAL(utime)(meant(AT_FDCWD, path, true), times);
}

INTERPOSED int utimes(const char *path, const struct timeval times[2])
{
    return REAL(utimes)(meant(AT_FDCWD, path, true), times);
}

INTERPOSED int lutimes(const char *path, const struct timeval times[2])
{
    return REAL(lutimes)(meant(AT_FDCWD, path, false), times);
}

INTERPOSED int futimes(int descriptor, const struct timeval times[2])
{
    const char *path = meant_by(descriptor);
    return path != NULL ? REAL(utimes)(path, times) : REAL(futimes)(descriptor, times);
}

INTERPOSED int futimens(int descriptor, const struct timespec times[2])
{
    const char *path = meant_by(descriptor);
    return path != NULL ? REAL(utimensat)(AT_FDCWD, path, times, 0) : REAL(futimens)(descriptor, times);
}

INTERPOSED int utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
    return REAL(utimensat)(directory, meant(directory, path, !(flags & AT_SYMLINK_NOFOLLOW)), times, flags);
}

/* What is stood in for in /sys lies there. */
static const char *place_of(const char *path)
{
    struct named named = NAMED_IF_READABLE(AT_FDCWD, path);
    return named.node == NODE_NONE && named.path != path ? "/sys" : meant(AT_FDCWD, path, true);
}

static const char *place_of_descriptor(int descriptor)
{
    const char *path = meant_by(descriptor);
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
    return REAL(inotify_add_watch)(descriptor, meant(AT_FDCWD, path, !(events & IN_DONT_FOLLOW)), events);
}

/* Attributes of the user's are for files with contents only (kernel xattr_permission). */
static bool is_for_contents(const char *path, const char *meant_path, const char *name)
{
    return path != meant_path && readable_text(name) && strncmp(name, "user.", strlen("user.")) == 0;
}

INTERPOSED int setxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
    const char *place = meant(AT_FDCWD, path, true);
    return is_for_contents(path, place, name) ? (int)real_result(-EPERM)
                                              : REAL(setxattr)(place, name, value, size, flags);
}

INTERPOSED int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
    const char *place = meant(AT_FDCWD, path, false);
    return is_for_contents(path, place, name) ? (int)real_result(-EPERM)
                                              : REAL(lsetxattr)(place, name, value, size, flags);
}
