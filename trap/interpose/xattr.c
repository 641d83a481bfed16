/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of a device are those of the file behind it: `ls -l` asks for access control lists.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "device/node.h"
#include "device/path.h"
#include "ground/agent.h"
#include "ground/real.h"

static const char *behind(const char *path, char room[PATH_MAX])
{
    int node = agent_start() && path != NULL ? node_of_path(AT_FDCWD, path) : NODE_NONE;
    return node != NODE_NONE ? node_backing(node) : path_redirect(path, room);
}

INTERPOSED ssize_t getxattr(const char *path, const char *name, void *value, size_t size)
{
    char room[PATH_MAX];
    return REAL(getxattr)(behind(path, room), name, value, size);
}

INTERPOSED ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size)
{
    char room[PATH_MAX];
    return REAL(lgetxattr)(behind(path, room), name, value, size);
}

INTERPOSED ssize_t listxattr(const char *path, char *list, size_t size)
{
    char room[PATH_MAX];
    return REAL(listxattr)(behind(path, room), list, size);
}

INTERPOSED ssize_t llistxattr(const char *path, char *list, size_t size)
{
    char room[PATH_MAX];
    return REAL(llistxattr)(behind(path, room), list, size);
}
