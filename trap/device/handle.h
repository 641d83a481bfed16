/* SPDX-License-Identifier: Apache-2.0
 *
 * What a host holds of a device that it has opened: an open file that the kernel lets nobody read, write, map, or give
 * a size (access mode 3 of open(2), "neither"). So whatever comes to it past us fails, as on no file of any content.
 * The position is the kernel's, which dup, fork, exec and SCM_RIGHTS share as with the device itself. Each open makes a
 * file of its own, in memory; which device it is of, and for what it was opened, stands in its times. Its anchor
 * (anchor.h) has the locks and mappings. Not on the fault path.
 */
#ifndef TRAPLINE_HANDLE_H
#define TRAPLINE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Begins the target of its link in /proc/self/fd; the path of the device follows, and HANDLE_END. */
#define HANDLE_START "/memfd:trapline:"
#define HANDLE_END " (deleted)"

/* What it is of. */
struct handle {
    uint64_t dev, ino; /* of the file behind the node */
    int mode;          /* O_RDONLY, O_WRONLY or O_RDWR */
};

/* The lowest free descriptor, or negative errno where none can be made: without /proc, or in a sandbox. */
int handle_make(const char *path, const struct handle *handle, int flags);
/* False if what stat said of a descriptor is not said of a handle. */
bool handle_is(const struct stat *status, struct handle *handle);
/* Whether this process may have any. */
bool handle_any(void);

#endif
