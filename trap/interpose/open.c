/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a device opens the file in the run directory that backs its node; everything else goes its usual way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "by_number.h"
#include "device/anchor.h"
#include "device/node.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
#include "named.h"
#include "open.h"
#include "own_maps.h"

/* Names that glibc exports without declaring them in this compilation mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);
int __open(const char *path, int flags, ...);
int __open64(const char *path, int flags, ...);

int open_node(int node, int flags)
{
    bool must_be_new = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    return (int)real_result(must_be_new ? -EEXIST : node_open(node, flags));
}

/* The third argument counts only with O_CREAT or O_TMPFILE (open(2)). */
#define MODE_ARGUMENT(flags)                                                                                           \
    (__extension__({                                                                                                   \
        mode_t mode = 0;                                                                                               \
        if ((O_CREAT & (flags)) != 0 || (O_TMPFILE & (flags)) == O_TMPFILE) {                                          \
            va_list arguments;                                                                                         \
            va_start(arguments, flags);                                                                                \
            mode = va_arg(arguments, mode_t);                                                                          \
            va_end(arguments);                                                                                         \
        }                                                                                                              \
        mode;                                                                                                          \
    }))

/* A device can be opened once more by its link in /proc/self/fd; a socket, as a connection is one, can't. */
static int open_again(int directory, const char *path, int flags)
{
    struct stat status;
    int node = NODE_NONE;
    if (uio_any_open() && raw_syscall(SYS_newfstatat, directory, path, &status, 0) == 0 && S_ISSOCK(status.st_mode))
        node = anchor_node_of_socket(status.st_dev, status.st_ino);
    return node != NODE_NONE ? open_node(node, flags) : (int)real_result(-ENXIO);
}

/* One that a link to it names: never the machine's own file there, nor a file that would be made there. */
static int node_linked(int directory, const char *path, int flags)
{
    bool follows = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
    if (!follows)
        return NODE_NONE;
    return flags & O_CREAT ? node_behind_link(directory, path) : node_behind_link_to_file(directory, path);
}

static int open_failed(int directory, const char *path, int flags)
{
    int error = errno, node = NODE_NONE;
    if (error == ENXIO)
        return open_again(directory, path, flags);
    if (error == ENOENT && !(flags & O_NOFOLLOW))
        node = node_behind_link(directory, path);
    return node != NODE_NONE ? open_node(node, flags) : (int)real_result(-error);
}

int open_checked(int opened, int flags)
{
    int node = node_met(opened);
    if (node == NODE_NONE)
        return opened;
    raw_syscall(SYS_close, opened);
    return open_node(node, flags);
}

int open_means(int directory, const char *path, int flags)
{
    struct named named = NAMED_IF_READABLE(directory, path);
    return named.node != NODE_NONE ? named.node : node_linked(directory, path, flags);
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    BY_NUMBER_IF_POINTED(SYS_openat, directory, (long)path, flags, mode);
    struct named named = NAMED_IF_READABLE(directory, path);
    bool is_text = readable_text(path);
    if (is_text && named.path == path && path_leads_out(directory, path))
        named.path = "/";
    int node = named.node != NODE_NONE ? named.node : node_linked(directory, path, flags);
    if (node != NODE_NONE)
        return open_node(node, flags);
    if (is_text && own_maps_are(path, flags))
        return (int)real_result(own_maps_open(path, flags));
    int before = errno, opened = (int)KERNEL_CALL_WAITS(SYS_openat, directory, named.path, flags, mode);
    const char *other = opened < 0 && !(flags & O_CREAT) ? NAMED_OTHER(directory, path) : NULL;
    if (other != NULL)
        opened = (int)KERNEL_CALL_WAITS(SYS_openat, AT_FDCWD, other, flags, mode);
    if (other != NULL && opened >= 0)
        errno = before;
    return opened < 0 ? open_failed(directory, path, flags) : open_checked(opened, flags);
}

INTERPOSED int open(const char *path, int flags, ...)
{
    return open_at(AT_FDCWD, path, flags, MODE_ARGUMENT(flags));
}
INTERPOSED_TWIN(open64, open);
INTERPOSED_TWIN(__open, open);
INTERPOSED_TWIN(__open64, open);

INTERPOSED int openat(int directory, const char *path, int flags, ...)
{
    return open_at(directory, path, flags, MODE_ARGUMENT(flags));
}
INTERPOSED_TWIN(openat64, openat);

/* The fortified forms abort on O_CREAT without a mode; that stays glibc's business. */
static bool lacks_mode(int flags)
{
    return (O_CREAT & flags) != 0 || (O_TMPFILE & flags) == O_TMPFILE;
}

INTERPOSED int __openat_2(int directory, const char *path, int flags)
{
    return lacks_mode(flags) ? REAL(__openat_2)(directory, path, flags) : open_at(directory, path, flags, 0);
}
INTERPOSED_TWIN(__openat64_2, __openat_2);

INTERPOSED int __open_2(const char *path, int flags)
{
    return __openat_2(AT_FDCWD, path, flags);
}
INTERPOSED_TWIN(__open64_2, __open_2);

INTERPOSED int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
INTERPOSED_TWIN(creat64, creat);
