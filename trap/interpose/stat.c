/* SPDX-License-Identifier: Apache-2.0
 *
 * Asked what it is, a device is a character device, as the kernel's would be.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "descriptor.h"
#include "device/anchor.h"
#include "device/handle.h"
#include "device/node.h"
#include "device/path.h"
#include "device/uio.h"
#include "ground/agent.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "named.h"

/* Legacy names that programs built before glibc 2.33 import; x86-64 has one layout, so the version argument says
 * nothing. */
int __xstat(int version, const char *path, struct stat *status);
int __xstat64(int version, const char *path, struct stat64 *status);
int __lxstat(int version, const char *path, struct stat *status);
int __lxstat64(int version, const char *path, struct stat64 *status);
int __fxstat(int version, int descriptor, struct stat *status);
int __fxstat64(int version, int descriptor, struct stat64 *status);
int __fxstatat(int version, int directory, const char *path, struct stat *status, int flags);
int __fxstatat64(int version, int directory, const char *path, struct stat64 *status, int flags);

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "stat and stat64 are one layout on x86-64");

/* Every open of a device is of one file, whatever stands behind it. */
static void disguise(int node, struct stat *status)
{
    bool is_real = node_is_machines(node);
    if (is_real && raw_syscall(SYS_newfstatat, AT_FDCWD, node_path(node), status, 0) == 0)
        return;
    struct stat behind;
    node_identity(node, &behind.st_dev, &behind.st_ino);
    bool is_other = behind.st_ino != status->st_ino || behind.st_dev != status->st_dev;
    if (is_other && raw_syscall(SYS_newfstatat, AT_FDCWD, node_backing(node), &behind, 0) == 0)
        *status = behind;
    else if (is_other)
        status->st_mode = S_IRUSR | S_IWUSR;
    node_identity(node, &status->st_dev, &status->st_ino);
    status->st_nlink = 1;
    status->st_mode = S_IFCHR | (status->st_mode & ACCESSPERMS);
    status->st_rdev = node_number(node);
    status->st_size = 0;
    status->st_blocks = 0;
}

/* A connection of a UIO device may be described by its descriptor, or by a link to it. */
static int node_described(const struct stat *status)
{
    if (!agent_start_for(NULL))
        return NODE_NONE;
    if (S_ISSOCK(status->st_mode))
        return uio_any_open() ? anchor_node_of_socket(status->st_dev, status->st_ino) : NODE_NONE;
    return node_of_file(status);
}

/* By a link to where the machine has a device of its own. */
static int node_seen(const char *path, uint64_t dev, uint64_t ino)
{
    return path != NULL && path[0] != 0 && agent_start_for(path) ? node_of_machines_file(dev, ino) : NODE_NONE;
}

/* A link to a device that the machine hasn't got leads nowhere. */
static int node_of_dangling(int directory, const char *path, int flags)
{
    return errno == ENOENT && !(flags & AT_SYMLINK_NOFOLLOW) && agent_start_for(path)
               ? node_behind_link(directory, path)
               : NODE_NONE;
}

/* A program that has cleared errno finds nothing there of an attempt of ours that was not the last. */
static int keep_error(int result, int before)
{
    if (result == 0)
        errno = before;
    return result;
}

/* The kernel is asked by the host's own path first, for that may lead nowhere; what is ours is asked for again. */
static int stat_at(int directory, const char *path, struct stat *status, int flags)
{
    int before = errno, result = REAL(fstatat)(directory, path, status, flags);
    if (result != 0 && errno == EFAULT)
        return result;
    struct named named = NAMED(directory, path);
    int node = named.node;
    if (named.path != path)
        result = REAL(fstatat)(directory, named.path, status, flags);
    const char *other = result != 0 ? NAMED_OTHER(directory, path) : NULL;
    if (other != NULL)
        result = REAL(fstatat)(AT_FDCWD, other, status, flags);
    if (result != 0 && node == NODE_NONE && (node = node_of_dangling(directory, path, flags)) != NODE_NONE)
        result = REAL(fstatat)(AT_FDCWD, node_backing(node), status, 0);
    if (result == 0 && node == NODE_NONE)
        node = node_described(status);
    if (result == 0 && node == NODE_NONE)
        node = node_seen(path, status->st_dev, status->st_ino);
    if (result == 0 && node != NODE_NONE)
        disguise(node, status);
    else if (result == 0)
        path_passes_for(status);
    return keep_error(result, before);
}

static int stat_descriptor(int descriptor, struct stat *status)
{
    int result = descriptor_is_ours(descriptor) ? (int)real_result(-EBADF) : REAL(fstat)(descriptor, status);
    int node = result != 0                 ? NODE_NONE
               : S_ISSOCK(status->st_mode) ? node_of_open_descriptor(descriptor)
                                           : node_described(status);
    if (node != NODE_NONE)
        disguise(node, status);
    else if (result == 0)
        path_passes_for(status);
    return result;
}

INTERPOSED int stat(const char *restrict path, struct stat *restrict status)
{
    return stat_at(AT_FDCWD, path, status, 0);
}
INTERPOSED_TWIN(stat64, stat);

INTERPOSED int lstat(const char *restrict path, struct stat *restrict status)
{
    return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}
INTERPOSED_TWIN(lstat64, lstat);

INTERPOSED int fstat(int descriptor, struct stat *status)
{
    return stat_descriptor(descriptor, status);
}
INTERPOSED_TWIN(fstat64, fstat);

INTERPOSED int fstatat(int directory, const char *restrict path, struct stat *restrict status, int flags)
{
    return stat_at(directory, path, status, flags);
}
INTERPOSED_TWIN(fstatat64, fstatat);

INTERPOSED int __xstat(int version, const char *path, struct stat *status)
{
    (void)version;
    return stat_at(AT_FDCWD, path, status, 0);
}
INTERPOSED_TWIN(__xstat64, __xstat);

INTERPOSED int __lxstat(int version, const char *path, struct stat *status)
{
    (void)version;
    return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}
INTERPOSED_TWIN(__lxstat64, __lxstat);

INTERPOSED int __fxstat(int version, int descriptor, struct stat *status)
{
    (void)version;
    return stat_descriptor(descriptor, status);
}
INTERPOSED_TWIN(__fxstat64, __fxstat);

INTERPOSED int __fxstatat(int version, int directory, const char *path, struct stat *status, int flags)
{
    (void)version;
    return stat_at(directory, path, status, flags);
}
INTERPOSED_TWIN(__fxstatat64, __fxstatat);

/* Times that were not asked for need not be there. */
static int node_of_statx(int directory, const char *path, int flags, const struct statx *asked)
{
    const struct statx *extended = asked;
    struct statx whole;
    if (asked->stx_mode == S_IFREG && asked->stx_nlink == 0 && handle_any() &&
        raw_syscall(SYS_statx, directory, path, flags, STATX_BASIC_STATS, &whole) == 0)
        extended = &whole;
    const struct stat status = {.st_dev = makedev(extended->stx_dev_major, extended->stx_dev_minor),
                                .st_ino = extended->stx_ino,
                                .st_mode = extended->stx_mode,
                                .st_nlink = extended->stx_nlink,
                                .st_size = (off_t)extended->stx_size,
                                .st_atim = {extended->stx_atime.tv_sec, extended->stx_atime.tv_nsec},
                                .st_mtim = {extended->stx_mtime.tv_sec, extended->stx_mtime.tv_nsec}};
    return node_described(&status);
}

/* As path_passes_for, of which the numbers are enough. */
static void pass_for(struct statx *status)
{
    struct stat found = {.st_mode = status->stx_mode,
                         .st_dev = makedev(status->stx_dev_major, status->stx_dev_minor),
                         .st_ino = status->stx_ino};
    if (!path_passes_for(&found))
        return;
    status->stx_ino = found.st_ino;
    status->stx_dev_major = major(found.st_dev);
    status->stx_dev_minor = minor(found.st_dev);
}

INTERPOSED int statx(int directory, const char *restrict path, int flags, unsigned mask, struct statx *restrict status)
{
    int before = errno, result = REAL(statx)(directory, path, flags, mask, status);
    if (result != 0 && errno == EFAULT)
        return result;
    struct named named = NAMED(directory, path);
    int node = named.node;
    if (named.path != path)
        result = REAL(statx)(directory, named.path, flags, mask, status);
    const char *other = result != 0 ? NAMED_OTHER(directory, path) : NULL;
    if (other != NULL)
        result = REAL(statx)(AT_FDCWD, other, flags, mask, status);
    if (result != 0 && node == NODE_NONE && (node = node_of_dangling(directory, path, flags)) != NODE_NONE)
        result = REAL(statx)(AT_FDCWD, node_backing(node), 0, mask, status);
    if (result == 0 && node == NODE_NONE && (node = node_of_statx(directory, path, flags, status)) != NODE_NONE)
        raw_syscall(SYS_statx, AT_FDCWD, node_backing(node), 0, mask, status);
    if (result == 0 && node == NODE_NONE)
        node = node_seen(path, makedev(status->stx_dev_major, status->stx_dev_minor), status->stx_ino);
    if (result == 0 && node == NODE_NONE)
        pass_for(status);
    if (result == 0 && node != NODE_NONE && node_is_machines(node))
        raw_syscall(SYS_statx, AT_FDCWD, node_path(node), 0, mask, status);
    else if (result == 0 && node != NODE_NONE) {
        uint64_t dev, ino;
        node_identity(node, &dev, &ino);
        status->stx_ino = ino;
        status->stx_dev_major = major(dev);
        status->stx_dev_minor = minor(dev);
        status->stx_nlink = 1;
        status->stx_mode = (uint16_t)(S_IFCHR | (status->stx_mode & ACCESSPERMS));
        status->stx_rdev_major = major(node_number(node));
        status->stx_rdev_minor = minor(node_number(node));
        status->stx_size = 0;
        status->stx_blocks = 0;
    }
    return keep_error(result, before);
}

static int access_at(int directory, const char *path, int mode, int flags)
{
    int before = errno, result = REAL(faccessat)(directory, path, mode, flags);
    if (result != 0 && errno == EFAULT)
        return result;
    struct named named = NAMED(directory, path);
    int node = named.node;
    if (named.path != path)
        result = REAL(faccessat)(directory, named.path, mode, flags);
    const char *other = result != 0 ? NAMED_OTHER(directory, path) : NULL;
    if (other != NULL)
        result = REAL(faccessat)(AT_FDCWD, other, mode, flags);
    if (node == NODE_NONE && !(flags & AT_SYMLINK_NOFOLLOW) && agent_start_for(path))
        node = result == 0 || errno != ENOENT ? node_behind_link_to_file(directory, path)
                                              : node_behind_link(directory, path);
    if (node != named.node)
        result = REAL(faccessat)(AT_FDCWD, node_backing(node), mode, flags);
    return keep_error(result, before);
}

INTERPOSED int access(const char *path, int mode)
{
    return access_at(AT_FDCWD, path, mode, 0);
}

INTERPOSED int eaccess(const char *path, int mode)
{
    return access_at(AT_FDCWD, path, mode, AT_EACCESS);
}
INTERPOSED_TWIN(euidaccess, eaccess);

INTERPOSED int faccessat(int directory, const char *path, int mode, int flags)
{
    return access_at(directory, path, mode, flags);
}
