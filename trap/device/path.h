/* SPDX-License-Identifier: Apache-2.0
 *
 * What a path of the host's means: as text, and in the tree of stand-ins for /sys that the bridge lays out in the run
 * directory. Not on the fault path.
 */
#ifndef TRAPLINE_PATH_H
#define TRAPLINE_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The tree is RUN_DIRECTORY/root. */
void path_init(const char *run_directory);

/* The absolute path without "//", "." and "..", seen from directory descriptor `directory` (AT_FDCWD). As text: a
 * device's directory is not expected behind symbolic links. False if it is too long. */
bool path_absolute(int directory, const char *path, char whole[PATH_MAX]);

/* Where the kernel finds `path`: in the tree, then written to `room`, if it is there; else `path` itself. */
const char *path_redirect(const char *path, char room[PATH_MAX]);

/* What the host is shown instead of a path in the tree; `shown` is `path` itself, or points into it. */
const char *path_shown(const char *path);

#endif
