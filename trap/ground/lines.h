/* SPDX-License-Identifier: Apache-2.0
 *
 * A text that the kernel writes, such as /proc/self/maps, read a line at a time. Safe in the host's signal handlers.
 */
#ifndef TRAPLINE_LINES_H
#define TRAPLINE_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    long descriptor; /* negative: there is no such file */
    char *buffer;
    size_t size, length, at; /* of the buffer; what was read into it, and how far it is used */
};

/* False if the file can't be opened; it has no lines then. `buffer` is for as long as it is read. */
bool lines_open(struct lines *lines, const char *path, char *buffer, size_t size);

/* Cut off at `size`, without the newline. False at the end. */
bool lines_next(struct lines *lines, char *line, size_t size);

void lines_close(struct lines *lines);

#endif
