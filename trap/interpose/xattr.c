/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of a device are those of the file behind it: `ls -l` asks for access control lists.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "device/node.h"
#include "ground/agent.h"
#include "ground/real.h"
#include "named.h"

/* By a link to a device that the machine hasn't got, or to the machine's own. */
static const char *behind_link(const char *path, ssize_t answer)
{
    int node = !agent_start_for(path)           ? NODE_NONE
               : answer >= 0 || errno != ENOENT ? node_behind_link_to_file(AT_FDCWD, path)
                                                : node_behind_link(AT_FDCWD, path);
    return node != NODE_NONE ? node_backing(node) : path;
}

static const char *not_followed(const char *path, ssize_t answer)
{
    (void)answer;
    return path;
}

/* The kernel looks at the host's own path first, for that may lead nowhere. */
#define ASK(name, behind, path, ...)                                                                                   \
    (__extension__({                                                                                                   \
        const char *asked = (path);                                                                                    \
        ssize_t answer = REAL(name)(asked, __VA_ARGS__);                                                               \
        if (answer >= 0 || errno != EFAULT) {                                                                          \
            struct named named = NAMED(AT_FDCWD, asked);                                                               \
            const char *place = named.path != asked ? named.path : behind(asked, answer);                              \
            answer = place != asked ? REAL(name)(place, __VA_ARGS__) : answer;                                         \
        }                                                                                                              \
        answer;                                                                                                        \
    }))

INTERPOSED ssize_t getxattr(const char *path, const char *name, void *value, size_t size)
{
    return ASK(getxattr, behind_link, path, name, value, size);
}

INTERPOSED ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size)
{
    return ASK(lgetxattr, not_followed, path, name, value, size);
}

INTERPOSED ssize_t listxattr(const char *path, char *list, size_t size)
{
    return ASK(listxattr, behind_link, path, list, size);
}

INTERPOSED ssize_t llistxattr(const char *path, char *list, size_t size)
{
    return ASK(llistxattr, not_followed, path, list, size);
}
