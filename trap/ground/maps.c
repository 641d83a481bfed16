/* SPDX-License-Identifier: Apache-2.0 */
#include "maps.h"

#include <string.h>
#include <sys/mman.h>

#include "hexadecimal.h"
#include "lines.h"
#include "signal_safe.h"

/* A line is "start-end perms offset dev inode          path" (proc(5)). True if it covers the address. */
static bool match(const char *line, uint64_t address, char *path, size_t size, uint64_t *offset)
{
    uint64_t start = hexadecimal_take(&line);
    line++;
    uint64_t end = hexadecimal_take(&line);
    if (address < start || address >= end)
        return false;
    line += sizeof " r-xp";
    *offset = hexadecimal_take(&line) + (address - start);
    const char *slash = strchr(line, '/');
    size_t length = slash == NULL ? 0 : strlen(slash);
    if (length >= size)
        length = size - 1;
    if (slash != NULL)
        memcpy(path, slash, length);
    path[length] = 0;
    return true;
}

/* Notes the head of a file if the line is one, with its path. */
static void note_head(const char *line, char *path, size_t size, struct maps_head *head)
{
    const char *slash = strchr(line, '/');
    uint64_t start = hexadecimal_take(&line);
    line++;
    uint64_t end = hexadecimal_take(&line);
    bool is_readable = line[1] == 'r';
    line += sizeof " r-xp";
    if (slash == NULL || hexadecimal_take(&line) != 0 || strlen(slash) >= size)
        return;
    memcpy(path, slash, strlen(slash) + 1);
    *head = (struct maps_head){(const uint8_t *)start, is_readable ? end - start : 0};
}

bool maps_find(uint64_t address, char *path, size_t size, uint64_t *offset, struct maps_head *head)
{
    static char buffer[1024];
    struct lines lines;
    static char head_path[512];
    char line[512];
    bool found = false;
    path[0] = head_path[0] = 0;
    *offset = 0;
    *head = (struct maps_head){NULL, 0};
    if (!lines_open(&lines, "/proc/self/maps", buffer, sizeof buffer))
        return false;
    while (!found && lines_next(&lines, line, sizeof line)) {
        note_head(line, head_path, sizeof head_path, head);
        found = match(line, address, path, size, offset);
    }
    lines_close(&lines);
    if (strcmp(path, head_path) != 0)
        head->length = 0;
    return found && path[0] != 0;
}

bool maps_is_constant_code(uint64_t address, uint64_t end)
{
    static char buffer[1024];
    struct lines lines;
    char line[512];
    bool is_found = false, is_constant = false;
    lines_open(&lines, "/proc/self/maps", buffer, sizeof buffer);
    while (!is_found && lines_next(&lines, line, sizeof line)) {
        const char *rest = line;
        uint64_t first = hexadecimal_take(&rest);
        rest++;
        uint64_t last = hexadecimal_take(&rest);
        is_found = address >= first && address < last;
        is_constant = is_found && end <= last && memcmp(rest, " r-xp ", 6) == 0 && strchr(rest, '/') != NULL;
    }
    lines_close(&lines);
    return is_constant;
}

int maps_protection(uint64_t address)
{
    static char buffer[1024];
    struct lines lines;
    char line[512];
    int protection = -1;
    lines_open(&lines, "/proc/self/maps", buffer, sizeof buffer);
    while (protection < 0 && lines_next(&lines, line, sizeof line)) {
        const char *rest = line;
        uint64_t first = hexadecimal_take(&rest);
        rest++;
        if (address >= first && address < hexadecimal_take(&rest))
            protection = (rest[1] == 'r' ? PROT_READ : 0) | (rest[2] == 'w' ? PROT_WRITE : 0) |
                         (rest[3] == 'x' ? PROT_EXEC : 0);
    }
    lines_close(&lines);
    return protection < 0 ? 0 : protection;
}

enum kind { OF_NO_FILE, OF_FILE, OF_KERNEL };

/* The name is the last word of a line. Files of memory have one that nobody can open; the kernel's own are in brackets,
 * so are those that programs give to memory. */
static enum kind kind_of(const char *line)
{
    const char *slash = strchr(line, '/'), *bracket = strchr(line, '[');
    if (slash != NULL)
        return strncmp(slash, "/memfd:", 7) == 0 || strncmp(slash, "/dev/zero", 9) == 0 ? OF_NO_FILE : OF_FILE;
    return bracket != NULL && strncmp(bracket, "[anon", 5) != 0 ? OF_KERNEL : OF_NO_FILE;
}

bool maps_part_at(uint64_t address, struct maps_part *part)
{
    static char buffer[1024];
    struct lines lines;
    char line[512];
    enum kind kind, before = OF_KERNEL;
    bool is_found = false, goes_on = true;
    *part = (struct maps_part){0, 0, false, false};
    lines_open(&lines, "/proc/self/maps", buffer, sizeof buffer);
    while (goes_on && lines_next(&lines, line, sizeof line)) {
        const char *rest = line;
        uint64_t start = hexadecimal_take(&rest);
        rest++;
        uint64_t end = hexadecimal_take(&rest);
        kind = kind_of(line);
        bool is_shared = rest[4] == 's';
        bool is_beside = start == part->end && kind == OF_NO_FILE && before == kind && is_shared == part->is_shared;
        goes_on = !is_found || is_beside;
        if (goes_on)
            *part = (struct maps_part){is_beside ? part->start : start, end, is_shared, kind == OF_FILE};
        is_found = is_found || (address >= start && address < end);
        before = kind;
    }
    lines_close(&lines);
    return is_found;
}

/* The linker knows both (ld, PROVIDE in its default script). */
extern const char __ehdr_start[] __attribute__((visibility("hidden"))), etext[] __attribute__((visibility("hidden")));

bool maps_is_own_code(uint64_t address)
{
    return address >= (uint64_t)__ehdr_start && address < (uint64_t)etext;
}
