/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <fcntl.h>

#include "raw_syscall.h"
#include "signal_safe.h"

bool lines_open(struct lines *lines, const char *path, char *buffer, size_t size)
{
    long descriptor = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    *lines = (struct lines){.descriptor = descriptor, .buffer = buffer, .size = size};
    return descriptor >= 0;
}

static int next_character(struct lines *lines)
{
    if (lines->at == lines->length) {
        long count = raw_syscall(SYS_read, lines->descriptor, lines->buffer, lines->size);
        if (count <= 0)
            return -1;
        lines->length = (size_t)count;
        lines->at = 0;
    }
    return (unsigned char)lines->buffer[lines->at++];
}

bool lines_next(struct lines *lines, char *line, size_t size)
{
    size_t length = 0;
    int c = next_character(lines);
    if (c < 0)
        return false;
    for (; c >= 0 && c != '\n'; c = next_character(lines))
        if (length < size - 1)
            line[length++] = (char)c;
    line[length] = 0;
    return true;
}

void lines_close(struct lines *lines)
{
    if (lines->descriptor >= 0)
        raw_syscall(SYS_close, lines->descriptor);
}
