/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of a device are those of the file behind it: `ls -l` asks for access control lists.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "ground/real.h"
#include "named.h"

/* The kernel looks at the host's own path first, for that may lead nowhere. */
#define ASK(name, path, ...)                                                                                           \
    (__extension__({                                                                                                   \
        const char *asked = (path);                                                                                    \
        ssize_t answer = REAL(name)(asked, __VA_ARGS__);                                                               \
        if (answer >= 0 || errno != EFAULT) {                                                                          \
            struct named named = NAMED(AT_FDCWD, asked);                                                               \
            answer = named.path != asked ? REAL(name)(named.path, __VA_ARGS__) : answer;                               \
        }                                                                                                              \
        answer;                                                                                                        \
    }))

INTERPOSED ssize_t getxattr(const char *path, const char *name, void *value, size_t size)
{
    return ASK(getxattr, path, name, value, size);
}

INTERPOSED ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size)
{
    return ASK(lgetxattr, path, name, value, size);
}

INTERPOSED ssize_t listxattr(const char *path, char *list, size_t size)
{
    return ASK(listxattr, path, list, size);
}

INTERPOSED ssize_t llistxattr(const char *path, char *list, size_t size)
{
    return ASK(llistxattr, path, list, size);
}
