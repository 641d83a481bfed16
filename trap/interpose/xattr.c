/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of a device are those of the file behind it: `ls -l` asks for access control lists.
 */
#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "by_number.h"
#include "device/node.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
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

/* Attributes of the user's are for files with contents only (kernel xattr_permission). */
static bool is_refused(const char *path, const char *place, const char *name)
{
    return path != place && readable_text(name) && strncmp(name, "user.", strlen("user.")) == 0;
}

static long set(long number, const char *path, int flags_of_path, const char *name, const void *value, size_t size,
                int flags)
{
    const char *place = attributes_place(AT_FDCWD, path, flags_of_path);
    return is_refused(path, place, name) ? real_result(-EPERM) : KERNEL_CALL(number, place, name, value, size, flags);
}

INTERPOSED int setxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_setxattr, (long)path, (long)name, (long)value, (long)size, flags);
    return (int)set(SYS_setxattr, path, 0, name, value, size, flags);
}

INTERPOSED int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)
{
    BY_NUMBER_IF_POINTED(SYS_lsetxattr, (long)path, (long)name, (long)value, (long)size, flags);
    return (int)set(SYS_lsetxattr, path, AT_SYMLINK_NOFOLLOW, name, value, size, flags);
}

INTERPOSED int fsetxattr(int descriptor, const char *name, const void *value, size_t size, int flags)
{
    const char *place = attributes_place_of(descriptor);
    if (place == NULL)
        return REAL(fsetxattr)(descriptor, name, value, size, flags);
    return is_refused(NULL, place, name) ? (int)real_result(-EPERM)
                                         : (int)KERNEL_CALL(SYS_setxattr, place, name, value, size, flags);
}

static long take(long number, const char *path, int flags_of_path, const char *name)
{
    const char *place = attributes_place(AT_FDCWD, path, flags_of_path);
    return is_refused(path, place, name) ? real_result(-EPERM) : KERNEL_CALL(number, place, name);
}

INTERPOSED int removexattr(const char *path, const char *name)
{
    BY_NUMBER_IF_POINTED(SYS_removexattr, (long)path, (long)name);
    return (int)take(SYS_removexattr, path, 0, name);
}

INTERPOSED int lremovexattr(const char *path, const char *name)
{
    BY_NUMBER_IF_POINTED(SYS_lremovexattr, (long)path, (long)name);
    return (int)take(SYS_lremovexattr, path, AT_SYMLINK_NOFOLLOW, name);
}

INTERPOSED int fremovexattr(int descriptor, const char *name)
{
    const char *place = attributes_place_of(descriptor);
    return place != NULL ? (int)KERNEL_CALL(SYS_removexattr, place, name) : REAL(fremovexattr)(descriptor, name);
}

INTERPOSED ssize_t fgetxattr(int descriptor, const char *name, void *value, size_t size)
{
    const char *place = attributes_place_of(descriptor);
    return place != NULL ? KERNEL_CALL(SYS_getxattr, place, name, value, size)
                         : REAL(fgetxattr)(descriptor, name, value, size);
}

INTERPOSED ssize_t flistxattr(int descriptor, char *list, size_t size)
{
    const char *place = attributes_place_of(descriptor);
    return place != NULL ? KERNEL_CALL(SYS_listxattr, place, list, size) : REAL(flistxattr)(descriptor, list, size);
}

/* Newer than libc's names for them. */
long carry_setxattrat(const long a[6])
{
    const char *path = (const char *)a[1], *place = attributes_place((int)a[0], path, (int)a[2]);
    return is_refused(path, place, (const char *)a[3])
               ? real_result(-EPERM)
               : KERNEL_CALL(SYS_setxattrat, a[0], place, a[2], a[3], a[4], a[5]);
}

long carry_removexattrat(const long a[6])
{
    const char *path = (const char *)a[1], *place = attributes_place((int)a[0], path, (int)a[2]);
    return is_refused(path, place, (const char *)a[3]) ? real_result(-EPERM)
                                                       : KERNEL_CALL(SYS_removexattrat, a[0], place, a[2], a[3]);
}
