/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host means by a path: a device, something in the tree of stand-ins, or what the kernel finds there. Takes of
 * the stack what the path needs if it is ours, and nothing else: handlers and threads have small ones.
 */
#ifndef TRAPLINE_INTERPOSE_NAMED_H
#define TRAPLINE_INTERPOSE_NAMED_H

#include <alloca.h>
#include <stddef.h>

struct named {
    int node;         /* NODE_NONE: no device */
    const char *path; /* where the kernel finds it; the host's own pointer if it is none of ours */
};

struct named named_find(int directory, const char *path);
/* Bytes that the path in the tree takes; 0 if it is none. */
size_t named_room(const struct named *named);
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

/* The same for calls that must not reach the kernel first. A path that leads nowhere stays as it is. */
#define NAMED_IF_READABLE(directory, name)                                                                             \
    (__extension__({                                                                                                   \
        const char *given_name = (name);                                                                               \
        readable_text(given_name) ? NAMED(directory, given_name) : (struct named){NODE_NONE, given_name};              \
    }))

#endif
