/* SPDX-License-Identifier: Apache-2.0
 *
 * The folders that go away should the launcher end without having put them away itself. The table lies in memory that
 * the reaper and its deputy share, so that either knows them when the other is gone.
 */
#ifndef TRAPLINE_REAPER_FOLDERS_H
#define TRAPLINE_REAPER_FOLDERS_H

#include <stdbool.h>

enum { LONGEST_PATH = 512 };

/* False if there is no memory for the table. */
bool folders_init(void);

/* "DEVICE INODE PATH", as stat(2) has them: a folder that is no longer that one is left alone. */
void folders_add(const char *words);

/* However the launcher ends, this one's end is as it should be. */
void folders_set_quiet(const char *path);

void folders_forget(const char *path);

/* Whether there is one of which somebody must be told. */
bool folders_has_loud(void);

void folders_visit(void (*visit)(const char *path));

/* Removes them all, with what is in them: never through a link, never into another file system. */
void folders_remove(void);

#endif
