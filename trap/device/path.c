/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ground/raw_syscall.h"

#define STOOD_IN "/sys/"

static char root[PATH_MAX];

void path_init(const char *run_directory)
{
    snprintf(root, sizeof root, "%s/root", run_directory);
    if (raw_syscall(SYS_faccessat, AT_FDCWD, root, F_OK) < 0)
        root[0] = 0;
}

/* Puts the directory in front of a relative path. */
static bool prepend_directory(int directory, const char *path, char whole[PATH_MAX])
{
    char link[64];
    size_t length = 0;
    if (path[0] != '/') {
        if (directory == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/self/cwd");
        else
            snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        long read = raw_syscall(SYS_readlink, link, whole, PATH_MAX - 1);
        if (read <= 0)
            return false;
        length = (size_t)read;
        whole[length++] = '/';
    }
    return length < PATH_MAX && (size_t)snprintf(whole + length, PATH_MAX - length, "%s", path) < PATH_MAX - length;
}

static void normalise(char *path)
{
    char *out = path;
    for (char *in = path; *in != 0;) {
        while (*in == '/')
            in++;
        size_t length = strcspn(in, "/");
        if (length == 2 && in[0] == '.' && in[1] == '.') {
            while (out > path && *--out != '/')
                continue;
        } else if (length > 0 && !(length == 1 && in[0] == '.')) {
            *out++ = '/';
            memmove(out, in, length);
            out += length;
        }
        in += length;
    }
    *out = 0;
}

bool path_absolute(int directory, const char *path, char whole[PATH_MAX])
{
    if (!prepend_directory(directory, path, whole))
        return false;
    normalise(whole);
    return true;
}

const char *path_redirect(const char *path, char room[PATH_MAX])
{
    if (root[0] == 0 || path == NULL || strncmp(path, STOOD_IN, strlen(STOOD_IN)) != 0)
        return path;
    if ((size_t)snprintf(room, PATH_MAX, "%s%s", root, path) >= PATH_MAX)
        return path;
    return raw_syscall(SYS_faccessat, AT_FDCWD, room, F_OK) == 0 ? room : path;
}

const char *path_shown(const char *path)
{
    size_t length = strlen(root);
    return length > 0 && strncmp(path, root, length) == 0 && path[length] == '/' ? path + length : path;
}
