/* SPDX-License-Identifier: Apache-2.0 */
#include "own_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "device/node.h"
#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "memory/window.h"

/* Where the kernel puts the name of a mapping (its fs/proc/task_mmu.c, show_vma_header_prefix). */
enum { NAME_COLUMN = 73, LONGEST_PREFIX = 128, CHUNK = 64 * 1024 };

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), tail = strlen(end);
    return length > tail && strcmp(path + length - tail, end) == 0;
}

static bool is_of_this_process(const char *name)
{
    char *end;
    if (strncmp(name, "self/", 5) == 0 || strncmp(name, "thread-self/", 12) == 0)
        return true;
    long pid = strtol(name, &end, 10);
    return *end == '/' && pid == raw_syscall(SYS_getpid);
}

bool own_maps_are(const char *path, int flags)
{
    if (strncmp(path, "/proc/", 6) != 0 || !(ends_with(path, "/maps") || ends_with(path, "/smaps")))
        return false;
    return (flags & O_ACCMODE) == O_RDONLY && is_of_this_process(path + 6) && window_overlaps(0, UINT64_MAX);
}

static bool write_all(int file, const char *text, size_t length)
{
    while (length > 0) {
        long written = raw_syscall(SYS_write, file, text, length);
        if (written <= 0)
            return false;
        text += written;
        length -= (size_t)written;
    }
    return true;
}

/* A map of a UIO device is a page of the file. */
static uint64_t offset_of(const struct window *window, uint64_t address)
{
    uint64_t offset = window->file_offset + (address - window->start);
    if (!node_is_uio((int)window->node))
        return offset;
    return (offset >> UIO_MAP_SHIFT << 12) + (offset & ((UINT64_C(1) << UIO_MAP_SHIFT) - 1));
}

static bool write_window(int file, const struct window *window, uint64_t start, uint64_t end)
{
    char line[LONGEST_PREFIX + 256];
    uint64_t dev, ino;
    int node = (int)window->node, protection = window->protection;
    node_identity(node, &dev, &ino);
    int length = snprintf(line, LONGEST_PREFIX, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", start, end,
                          protection & PROT_READ ? 'r' : '-', protection & PROT_WRITE ? 'w' : '-',
                          protection & PROT_EXEC ? 'x' : '-', window->is_private ? 'p' : 's', offset_of(window, start),
                          major(dev), minor(dev), ino);
    length = snprintf(line + length, sizeof line - (size_t)length, "%*s%s\n",
                      length < NAME_COLUMN ? NAME_COLUMN - length : 0, "", node_path(node)) +
             length;
    return write_all(file, line, (size_t)length);
}

/* The part of a mapping that no window is, with what the kernel says behind the addresses. */
static bool write_rest(int file, uint64_t start, uint64_t end, const char *tail, size_t length)
{
    char addresses[64];
    int written = snprintf(addresses, sizeof addresses, "%08lx-%08lx", start, end);
    return write_all(file, addresses, (size_t)written) && write_all(file, tail, length);
}

/* `line` ends with a newline. Memory that shares a page with a device, or that the model reaches too, is no device. */
static bool write_line(int file, const char *line, size_t length)
{
    char *behind;
    uint64_t start = strtoull(line, &behind, 16), end = *behind == '-' ? strtoull(behind + 1, &behind, 16) : 0;
    struct window window;
    if (*behind != ' ' || start >= end || !window_overlaps(start, end))
        return write_all(file, line, length);
    size_t tail = length - (size_t)(behind - line);
    for (uint64_t next; start < end; start = next) {
        bool is_device = window_find(start, &window) && window.memory == NULL;
        next = window_find(start, &window) ? window.end : window_next(start, end);
        if (next > end)
            next = end;
        if (!(is_device ? write_window(file, &window, start, next) : write_rest(file, start, next, behind, tail)))
            return false;
    }
    return true;
}

/* Line by line; what is left of a chunk comes before the next. */
static long rewrite(long from, int to, char *room)
{
    size_t have = 0;
    for (;;) {
        long count = raw_syscall(SYS_read, from, room + have, CHUNK - have);
        if (count <= 0)
            return count;
        have += (size_t)count;
        char *line = room, *end;
        while ((end = memchr(line, '\n', have - (size_t)(line - room))) != NULL) {
            if (!write_line(to, line, (size_t)(end + 1 - line)))
                return -ENOMEM;
            line = end + 1;
        }
        have -= (size_t)(line - room);
        memmove(room, line, have);
    }
}

int own_maps_open(const char *path, int flags)
{
    long from = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (from < 0)
        return (int)from;
    long room = raw_syscall(SYS_mmap, 0, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long file = raw_syscall(SYS_memfd_create, "maps", MFD_CLOEXEC);
    long failure = room < 0 ? room : file < 0 ? file : rewrite(from, (int)file, (char *)room);
    if (room >= 0)
        raw_syscall(SYS_munmap, room, CHUNK);
    if (failure < 0) {
        raw_syscall(SYS_close, file);
        raw_syscall(SYS_close, from);
        return (int)failure;
    }
    raw_syscall(SYS_lseek, file, 0, SEEK_SET);
    raw_syscall(SYS_dup3, file, from, flags & O_CLOEXEC);
    raw_syscall(SYS_close, file);
    return (int)from;
}
