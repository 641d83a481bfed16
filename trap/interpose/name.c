/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of devices stay: the configuration gives them, and what the machine has there is not ours. To remove,
 * rename or replace one, or to make another of the same numbers, is refused with a line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "by_number.h"
#include "device/node.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"
#include "kernel_call.h"

static int node_named(int directory, const char *path)
{
    return readable_text(path) && agent_start_for(path) ? node_of_path(directory, path) : NODE_NONE;
}

static int refuse(const char *call, int node)
{
    report("%s of %s is refused with EPERM: the configuration of the run keeps the device there", call,
           node_path(node));
    return (int)real_result(-EPERM);
}

INTERPOSED int unlink(const char *path)
{
    BY_NUMBER_IF_POINTED(SYS_unlink, (long)path);
    int node = node_named(AT_FDCWD, path);
    return node != NODE_NONE ? refuse("unlink()", node) : (int)KERNEL_CALL(SYS_unlink, path);
}

INTERPOSED int unlinkat(int directory, const char *path, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_unlinkat, directory, (long)path, flags);
    int node = flags & AT_REMOVEDIR ? NODE_NONE : node_named(directory, path);
    return node != NODE_NONE ? refuse("unlinkat()", node) : (int)KERNEL_CALL(SYS_unlinkat, directory, path, flags);
}

INTERPOSED int remove(const char *path)
{
    int removed = unlink(path);
    return removed < 0 && errno == EISDIR ? (int)KERNEL_CALL(SYS_rmdir, path) : removed;
}

static int either_named(int directory, const char *path, int other_directory, const char *other)
{
    int node = node_named(directory, path);
    return node != NODE_NONE ? node : node_named(other_directory, other);
}

INTERPOSED int rename(const char *from, const char *to)
{
    BY_NUMBER_IF_POINTED(SYS_rename, (long)from, (long)to);
    int node = either_named(AT_FDCWD, from, AT_FDCWD, to);
    return node != NODE_NONE ? refuse("rename()", node) : (int)KERNEL_CALL(SYS_rename, from, to);
}

INTERPOSED int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    BY_NUMBER_IF_POINTED(SYS_renameat, from_directory, (long)from, to_directory, (long)to);
    int node = either_named(from_directory, from, to_directory, to);
    return node != NODE_NONE ? refuse("renameat()", node)
                             : (int)KERNEL_CALL(SYS_renameat, from_directory, from, to_directory, to);
}

INTERPOSED int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
    BY_NUMBER_IF_POINTED(SYS_renameat2, from_directory, (long)from, to_directory, (long)to, flags);
    int node = either_named(from_directory, from, to_directory, to);
    return node != NODE_NONE ? refuse("renameat2()", node)
                             : (int)KERNEL_CALL(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

/* There is something at the new name. */
INTERPOSED int link(const char *from, const char *to)
{
    BY_NUMBER_IF_POINTED(SYS_link, (long)from, (long)to);
    int node = node_named(AT_FDCWD, from);
    if (node != NODE_NONE)
        return refuse("link()", node);
    return node_named(AT_FDCWD, to) != NODE_NONE ? (int)real_result(-EEXIST) : (int)KERNEL_CALL(SYS_link, from, to);
}

INTERPOSED int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_linkat, from_directory, (long)from, to_directory, (long)to, flags);
    int node = node_named(from_directory, from);
    if (node != NODE_NONE)
        return refuse("linkat()", node);
    return node_named(to_directory, to) != NODE_NONE
               ? (int)real_result(-EEXIST)
               : (int)KERNEL_CALL(SYS_linkat, from_directory, from, to_directory, to, flags);
}

INTERPOSED int symlink(const char *target, const char *path)
{
    BY_NUMBER_IF_POINTED(SYS_symlink, (long)target, (long)path);
    return node_named(AT_FDCWD, path) != NODE_NONE ? (int)real_result(-EEXIST)
                                                   : (int)KERNEL_CALL(SYS_symlink, target, path);
}

INTERPOSED int symlinkat(const char *target, int directory, const char *path)
{
    BY_NUMBER_IF_POINTED(SYS_symlinkat, (long)target, directory, (long)path);
    return node_named(directory, path) != NODE_NONE ? (int)real_result(-EEXIST)
                                                    : (int)KERNEL_CALL(SYS_symlinkat, target, directory, path);
}

/* A file of the numbers of a device would be the machine's. */
static int node_of_numbers(mode_t mode, dev_t numbers)
{
    for (int node = 0; S_ISCHR(mode) && agent_start_for(NULL) && node < node_count(); node++)
        if (node_number(node) == numbers)
            return node;
    return NODE_NONE;
}

INTERPOSED int mknodat(int directory, const char *path, mode_t mode, dev_t numbers)
{
    BY_NUMBER_IF_POINTED(SYS_mknodat, directory, (long)path, mode, (long)numbers);
    int node = node_of_numbers(mode, numbers);
    if (node_named(directory, path) != NODE_NONE)
        return (int)real_result(-EEXIST);
    return node != NODE_NONE ? refuse("mknod() with the numbers", node)
                             : (int)KERNEL_CALL(SYS_mknodat, directory, path, mode, numbers);
}

INTERPOSED int mknod(const char *path, mode_t mode, dev_t numbers)
{
    return mknodat(AT_FDCWD, path, mode, numbers);
}
