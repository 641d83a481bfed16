/* SPDX-License-Identifier: Apache-2.0
 *
 * Names stay the host's names: a link in /proc/self/fd shows the path that was opened, and so does the working
 * directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/anchor.h"
#include "device/handle.h"
#include "device/node.h"
#include "device/path.h"
#include "device/transfer.h"
#include "device/uio.h"
#include "ground/agent.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "named.h"

char *__realpath_chk(const char *path, char *resolved, size_t size);
ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t buffer_size);
ssize_t __readlinkat_chk(int directory, const char *path, char *buffer, size_t size, size_t buffer_size);
char *__getcwd_chk(char *buffer, size_t size, size_t buffer_size);

/* A connection is a socket by its link. */
static const char *shown_socket(const char *target)
{
    unsigned long ino;
    int node = uio_any_open() && sscanf(target, "socket:[%lu]", &ino) == 1 ? anchor_node_of_socket(0, ino) : NODE_NONE;
    return node != NODE_NONE ? node_path(node) : target;
}

static const char *shown_handle(const char *target)
{
    const char *path = target + strlen(HANDLE_START);
    for (int node = 0; node < node_count(); node++) {
        size_t length = strlen(node_path(node));
        if (strncmp(path, node_path(node), length) == 0 && strcmp(path + length, HANDLE_END) == 0)
            return node_path(node);
    }
    return target;
}

/* The host's name of a path that may be that of the file behind a node. */
static const char *shown(const char *path)
{
    if (path[0] == 's')
        return shown_socket(path);
    if (strncmp(path, HANDLE_START, strlen(HANDLE_START)) == 0)
        return shown_handle(path);
    for (int node = 0; node < node_count(); node++)
        if (strcmp(path, node_backing(node)) == 0)
            return node_path(node);
    return path_shown(path);
}

/* Whether a target of which the host has read so much may be one that is shown otherwise. */
static bool may_be_shown(const char *target, size_t length)
{
    if (length > 0 && target[0] == 's' && uio_any_open())
        return true;
    if (handle_any() &&
        strncmp(target, HANDLE_START, length < strlen(HANDLE_START) ? length : strlen(HANDLE_START)) == 0)
        return true;
    for (int node = 0; node < node_count(); node++)
        if (strncmp(target, node_backing(node), length) == 0)
            return true;
    return path_may_be_shown(target, length);
}

/* The whole target is read, so that it can be recognised. Of `used` bytes that the kernel has written to the host's
 * buffer none stays: programs have cleared theirs, and take them for strings. Not inlined: a handler's small stack has
 * no room for it. */
static __attribute__((noinline)) ssize_t read_shown(int directory, const char *path, char *buffer, size_t size,
                                                    size_t used)
{
    char whole[PATH_MAX];
    ssize_t length = REAL(readlinkat)(directory, path, whole, sizeof whole - 1);
    if (length < 0)
        return length;
    whole[length] = 0;
    const char *target = shown(whole);
    length = (ssize_t)strnlen(target, size);
    memcpy(buffer, target, (size_t)length);
    if (used > (size_t)length)
        memset(buffer + length, 0, used - (size_t)length);
    return length;
}

/* The kernel is asked by the host's own path first, for that may lead nowhere, or the buffer have a size that it
 * refuses. A device is no link: the file behind it says so with EINVAL. */
static ssize_t read_link(int directory, const char *path, char *buffer, size_t size)
{
    int before = errno;
    ssize_t length = REAL(readlinkat)(directory, path, buffer, size);
    bool is_refused = length < 0 && errno == EFAULT;
    if (is_refused && !(transfer_is_needed(buffer, size) && readable_text(path)))
        return length;
    struct named named = NAMED(directory, path);
    if (named.path != path)
        length = REAL(readlinkat)(directory, named.path, buffer, size);
    const char *other = length < 0 ? NAMED_OTHER(directory, path) : NULL;
    if (other != NULL)
        length = REAL(readlinkat)(AT_FDCWD, other, buffer, size);
    if (length >= 0)
        errno = before;
    return is_refused || (length > 0 && may_be_shown(buffer, (size_t)length))
               ? read_shown(directory, named.path, buffer, size, length > 0 ? (size_t)length : 0)
               : length;
}

INTERPOSED ssize_t readlink(const char *restrict path, char *restrict buffer, size_t size)
{
    return read_link(AT_FDCWD, path, buffer, size);
}

INTERPOSED ssize_t readlinkat(int directory, const char *restrict path, char *restrict buffer, size_t size)
{
    return read_link(directory, path, buffer, size);
}

INTERPOSED ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t buffer_size)
{
    return read_link(AT_FDCWD, path, buffer, size < buffer_size ? size : buffer_size);
}

INTERPOSED ssize_t __readlinkat_chk(int directory, const char *path, char *buffer, size_t size, size_t buffer_size)
{
    return read_link(directory, path, buffer, size < buffer_size ? size : buffer_size);
}

/* A link to a connection leads nowhere for libc. */
static __attribute__((noinline)) int node_of_link(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    return length < 0 ? NODE_NONE : node_of_path(AT_FDCWD, target);
}

INTERPOSED char *realpath(const char *restrict path, char *restrict resolved)
{
    struct named named = NAMED(AT_FDCWD, path);
    int node = named.node;
    if (node == NODE_NONE && path != NULL && uio_any_open())
        node = node_of_link(path);
    if (node != NODE_NONE)
        return resolved == NULL ? strdup(node_path(node)) : strcpy(resolved, node_path(node));
    char *found = REAL(realpath)(named.path, resolved);
    if (found == NULL && errno == ENOENT && agent_start_for(path) &&
        (node = node_behind_link(AT_FDCWD, path)) != NODE_NONE)
        return resolved == NULL ? strdup(node_path(node)) : strcpy(resolved, node_path(node));
    if (found != NULL && shown(found) != found)
        memmove(found, shown(found), strlen(shown(found)) + 1);
    return found;
}

INTERPOSED char *__realpath_chk(const char *path, char *resolved, size_t size)
{
    (void)size;
    return realpath(path, resolved);
}

INTERPOSED char *canonicalize_file_name(const char *path)
{
    return realpath(path, NULL);
}

/* A directory of /sys that is stood in for; what lies beside it in the real one can't be reached by relative paths
 * then. */
INTERPOSED int chdir(const char *path)
{
    int result = REAL(chdir)(NAMED_IF_READABLE(AT_FDCWD, path).path);
    const char *other = result != 0 ? NAMED_OTHER(AT_FDCWD, path) : NULL;
    return other != NULL ? REAL(chdir)(other) : result;
}

static char *copy_to_caller(const char *text, char *buffer, size_t size)
{
    size_t needed = strlen(text) + 1;
    if (buffer == NULL && size == 0)
        size = needed;
    if (size < needed) {
        errno = ERANGE;
        return NULL;
    }
    if (buffer == NULL && (buffer = malloc(size)) == NULL)
        return NULL;
    return memcpy(buffer, text, needed);
}

/* What is shown may be short enough where the path in the tree was not. */
static __attribute__((noinline)) char *directory_in_tree(char *buffer, size_t size)
{
    char whole[PATH_MAX];
    if (raw_syscall(SYS_getcwd, whole, sizeof whole) < 0 || path_shown(whole) == whole) {
        errno = ERANGE;
        return NULL;
    }
    return copy_to_caller(path_shown(whole), buffer, size);
}

INTERPOSED char *getcwd(char *buffer, size_t size)
{
    char *found = REAL(getcwd)(buffer, size);
    if (!agent_start_for(NULL))
        return found;
    if (found == NULL)
        return errno == ERANGE ? directory_in_tree(buffer, size) : NULL;
    const char *shown_path = path_shown(found);
    return shown_path != found ? memmove(found, shown_path, strlen(shown_path) + 1) : found;
}

INTERPOSED char *__getcwd_chk(char *buffer, size_t size, size_t buffer_size)
{
    return getcwd(buffer, size < buffer_size ? size : buffer_size);
}

INTERPOSED char *get_current_dir_name(void)
{
    return getcwd(NULL, 0);
}
