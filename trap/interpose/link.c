/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of devices stay the host's names: a link in /proc/self/fd shows the path that was opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../agent.h"
#include "../node.h"
#include "../path.h"
#include "real.h"

char *__realpath_chk(const char *path, char *resolved, size_t size);
ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t buffer_size);
ssize_t __readlinkat_chk(int directory, const char *path, char *buffer, size_t size, size_t buffer_size);

/* What a link says that leads to the file behind a node. */
static ssize_t translate(char *buffer, ssize_t length, size_t size)
{
    for (int node = 0; length > 0 && node < node_count(); node++) {
        const char *backing = node_backing(node), *path = node_path(node);
        if ((size_t)length != strlen(backing) || memcmp(buffer, backing, (size_t)length) != 0)
            continue;
        size_t shown = strlen(path) < size ? strlen(path) : size;
        memcpy(buffer, path, shown);
        return (ssize_t)shown;
    }
    return length;
}

/* A device is no link: the file behind it says so with EINVAL. The whole target is read, so that it can be recognised. */
static ssize_t read_link(int directory, const char *path, char *buffer, size_t size)
{
    char whole[PATH_MAX], room[PATH_MAX];
    int node = agent_start() ? node_of_path(directory, path) : NODE_NONE;
    if (node != NODE_NONE)
        return REAL(readlink)(node_backing(node), buffer, size);
    path = path_redirect(path, room);
    if (node_count() == 0 || size >= sizeof whole)
        return translate(buffer, REAL(readlinkat)(directory, path, buffer, size), size);
    ssize_t length = translate(whole, REAL(readlinkat)(directory, path, whole, sizeof whole), sizeof whole);
    if (length > 0) {
        length = (size_t)length < size ? length : (ssize_t)size;
        memcpy(buffer, whole, (size_t)length);
    }
    return length;
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

INTERPOSED char *realpath(const char *restrict path, char *restrict resolved)
{
    int node = agent_start() && path != NULL ? node_of_path(AT_FDCWD, path) : NODE_NONE;
    char room[PATH_MAX];
    if (node != NODE_NONE)
        return resolved == NULL ? strdup(node_path(node)) : strcpy(resolved, node_path(node));
    char *found = REAL(realpath)(path_redirect(path, room), resolved);
    if (found != NULL)
        memmove(found, path_shown(found), strlen(path_shown(found)) + 1);
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
