/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the run directory, which the bridge names; it names nothing outside of it.
 */
#ifndef TRAPLINE_RUN_FILE_H
#define TRAPLINE_RUN_FILE_H

#include <stdbool.h>

/* Of all paths of such files, with the zero. */
enum { RUN_FILE_PATH = 256 };

/* Writes where that file lies in `directory`, the run directory or a folder of it. What is no name of a file in it, or
 * too long a path, ends the host. */
void run_file_find(char path[RUN_FILE_PATH], const char *directory, const char *name);

#endif
