/* SPDX-License-Identifier: Apache-2.0
 *
 * openat2(2), which says how a path may be followed. That is the kernel's to judge, also where a device is at its end
 * which the machine has not got, or has another file for: so it is asked for the directory of the last component.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>

#include "by_number.h"
#include "device/node.h"
#include "device/path.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "kernel_call.h"
#include "open.h"

/* Such a path has no last component that could be a device's. */
static bool is_directory(const char *last)
{
    return last[0] == 0 || strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

/* Where `path` without `last` leads, so that the kernel would follow it; negative errno. */
static long open_directory(int directory, const char *path, const char *last, uint64_t resolve)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = resolve};
    size_t length = (size_t)(last - path);
    char start[length + 2];
    memcpy(start, length > 0 ? path : ".", length > 0 ? length : 1);
    start[length > 0 ? length : 1] = 0;
    return raw_syscall(SYS_openat2, directory, start, &how, sizeof how);
}

/* The device of that name in the directory, also by a link where nothing is said of links. */
static int node_in(int directory, const char *name, const struct open_how *how)
{
    int node = node_of_path(directory, name);
    bool follows = !(how->flags & O_NOFOLLOW) && how->resolve == 0;
    return node == NODE_NONE && follows ? node_behind_link(directory, name) : node;
}

static int node_meant(int directory, const char *path, const struct open_how *how)
{
    const char *slash = strrchr(path, '/'), *last = slash != NULL ? slash + 1 : path;
    if (!agent_start_for(path) || is_directory(last) || strlen(path) >= PATH_MAX)
        return NODE_NONE;
    long parent = open_directory(directory, path, last, how->resolve);
    if (parent < 0)
        return NODE_NONE;
    int node = node_in((int)parent, last, how);
    raw_syscall(SYS_close, parent);
    return node;
}

/* The kernel says ENOENT of no path at all, if nothing else is wrong. */
static bool is_valid(const struct open_how *how, size_t size)
{
    return raw_syscall(SYS_openat2, AT_FDCWD, "", how, size) == -ENOENT;
}

long carry_openat2(const long a[6])
{
    const char *path = (const char *)a[1];
    const struct open_how *how = (const struct open_how *)a[2];
    bool is_whole = a[3] >= (long)sizeof *how && readable(how, sizeof *how) && readable_text(path);
    int node = is_whole ? node_meant((int)a[0], path, how) : NODE_NONE;
    if (node != NODE_NONE && is_valid(how, (size_t)a[3]))
        return open_node(node, (int)how->flags);
    long opened = KERNEL_CALL(SYS_openat2, a[0], a[1], a[2], a[3]);
    return opened >= 0 ? open_checked((int)opened, (int)how->flags) : opened;
}
