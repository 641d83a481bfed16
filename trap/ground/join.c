/* SPDX-License-Identifier: Apache-2.0 */
#include "join.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "raw_syscall.h"
#include "signal_safe.h"

enum { ROOM = 2048 };

static size_t length_of(const char *const parts[])
{
    size_t length = 0;
    for (; *parts != NULL; parts++)
        length += strlen(*parts);
    return length;
}

bool join_into(char *text, size_t size, const char *const parts[])
{
    if (length_of(parts) >= size)
        return false;
    for (; *parts != NULL; parts++) {
        size_t length = strlen(*parts);
        memcpy(text, *parts, length);
        text += length;
    }
    *text = 0;
    return true;
}

static char *room_for(size_t size)
{
    static char room[ROOM];
    static size_t used;
    if (size <= ROOM - used) {
        used += size;
        return room + used - size;
    }
    long area = raw_syscall(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return area < 0 ? NULL : (char *)area;
}

char *join_to_keep(const char *const parts[])
{
    size_t size = length_of(parts) + 1;
    char *text = room_for(size);
    if (text != NULL)
        join_into(text, size, parts);
    return text;
}
