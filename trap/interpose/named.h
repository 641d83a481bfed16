/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host means by a path: a device, something in the tree of stand-ins, or what the kernel finds there. Takes of
 * the stack what the path needs if it is ours, and nothing else: handlers and threads have small ones.
 */
#ifndef TRAPLINE_INTERPOSE_NAMED_H
#define TRAPLINE_INTERPOSE_NAMED_H

#include <alloca.h>
#include <errno.h>
#include <stddef.h>

#include "device/path.h"

struct named {
    int node;         /* NODE_NONE: no device */
    const char *path; /* where the kernel finds it; the host's own pointer if it is none of ours */
};

struct named named_find(int directory, const char *path);
/* Bytes that the path in the tree takes; 0 if it is none. */
size_t named_room(const struct named *named);
size_t named_other_room(int directory, const char *path);
const char *named_redirect(const char *path, char *room, size_t size);

/* On the caller's stack. The path can be read. */
#define NAMED(directory, name)                                                                                         \
    (__extension__({                                                                                                   \
        struct named found_named = named_find((directory), (name));                                                    \
        size_t room_of_named = named_room(&found_named);                                                               \
        if (room_of_named > 0)                                                                                         \
            found_named.path = named_redirect(found_named.path, alloca(room_of_named), room_of_named);                 \
        found_named;                                                                                                   \
    }))

/* What a path is that the kernel has not found, seen from a directory of /sys: NULL, or where it is after all. On the
 * caller's stack. */
#define NAMED_OTHER(directory, name)                                                                                   \
    (__extension__({                                                                                                   \
        const char *missed_name = (name);                                                                              \
        int missed_error = errno;                                                                                      \
        size_t room_of_other = missed_error == ENOENT ? named_other_room((directory), missed_name) : 0;                \
        const char *other_name = room_of_other > 0                                                                     \
                                     ? path_other((directory), missed_name, alloca(room_of_other), room_of_other)      \
                                     : NULL;                                                                           \
        errno = missed_error;                                                                                          \
        other_name;                                                                                                    \
    }))

/* The same for calls that must not reach the kernel first. A path that leads nowhere stays as it is. */
#define NAMED_IF_READABLE(directory, name)                                                                             \
    (__extension__({                                                                                                   \
        const char *given_name = (name);                                                                               \
        readable_text(given_name) ? NAMED(directory, given_name) : (struct named){NODE_NONE, given_name};              \
    }))

#endif
