/* SPDX-License-Identifier: Apache-2.0
 *
 * What a path of the host's means: as text, and in the tree of stand-ins for /sys that the bridge lays out in the run
 * directory. Not on the fault path.
 */
#ifndef TRAPLINE_PATH_H
#define TRAPLINE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* The tree is RUN_DIRECTORY/root; the directory is the same for as long as the process lives. */
void path_init(const char *run_directory);

/* The absolute path without "//", "." and "..", seen from directory descriptor `directory` (AT_FDCWD). As text. False
 * if `size` bytes are too few. */
bool path_absolute(int directory, const char *path, char *whole, size_t size);

/* The same with symbolic links followed as the kernel does: of directories, and of the last component if
 * `follows_last`. What is not there stands as it is, since devices need not be. NULL if there are too many links; else
 * it has to be given back. */
const char *path_resolve(int directory, const char *path, bool follows_last);
void path_give_back(const char *resolved);

/* Whether the last component is a symbolic link. */
bool path_is_link(int directory, const char *path);

/* The bytes that `path` takes in the tree, with its end; 0 if it can't be there. */
size_t path_room(const char *path);

/* Where the kernel finds such a path: in the tree, then written to `room` of so many bytes, if it is there; else `path`
 * itself. */
const char *path_redirect(const char *path, char *room, size_t size);

/* What the host is shown instead of a path in the tree; `shown` is `path` itself, or points into it. */
const char *path_shown(const char *path);

/* The machine's own directory that one of the tree, which both have, passes for: what walks up from the one may come to
 * the other. False if *status is not of such a one; else it is what stat says of the machine's. */
bool path_passes_for(struct stat *status);
/* Whether ".." from there leads out of the tree, and so to "/". */
bool path_leads_out(int directory, const char *path);

/* Whether a descriptor is of something in the tree. */
bool path_is_open_in_tree(int descriptor);

/* The other side of a directory of /sys, which the host sees as one: of one in the tree the machine's own, and of one
 * of the machine's what is in the tree. `directory` is as the kernel shows it. False if there is nothing, or what is in
 * the tree takes the machine's place. */
bool path_other_side(const char *directory, char *other, size_t size);

/* For a path that is not there, seen from `directory`: bytes for where it may be on the other side; 0 if it can't. */
size_t path_other_room(int directory, const char *path);
/* Writes that path to `room`; NULL if it is not there either. */
const char *path_other(int directory, const char *path, char *room, size_t size);

/* Whether a path that begins so may be one in the tree. */
bool path_may_be_shown(const char *start, size_t length);

#endif
