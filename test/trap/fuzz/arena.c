// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "code32.h"
#include "form.h"
#include "trampoline.h"

static const uint8_t device_of_page[ARENA_PAGES] = {0, 1, 0, 2, 3, 0};

static uint8_t *memory_alias, *code_alias;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "fuzz: cannot %s: %s\n", what, strerror(errno));
    exit(2);
}

// Maps a new file at a fixed address, and once more anywhere; the latter is returned.
static uint8_t *map_twice(uint64_t address, size_t size, int protection)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
        give_up("make memory");
    void *fixed = mmap((void *)address, size, protection, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
    void *alias = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (fixed != (void *)address || alias == MAP_FAILED)
        give_up("map memory below 2 GiB");
    close(fd);
    return alias;
}

static void map_zeroes(uint64_t address)
{
    void *page = mmap((void *)address, ARENA_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != (void *)address)
        give_up("map a page for FS");
}

void arena_init(void)
{
    memory_alias = map_twice(ARENA_START, ARENA_SIZE, PROT_READ | PROT_WRITE);
    // Writable, so that it can be patched although it is shared.
    code_alias = map_twice(ARENA_CODE, ARENA_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    map_zeroes(ARENA_LOW_THREAD);
    map_zeroes(ARENA_HIGH_THREAD);
    arena_write_code(ARENA_LANDING, NULL, 0);
}

void arena_renew(void)
{
    munmap((void *)ARENA_START, ARENA_SIZE);
    munmap((void *)ARENA_CODE, ARENA_PAGE);
    munmap((void *)ARENA_LOW_THREAD, ARENA_PAGE);
    munmap((void *)ARENA_HIGH_THREAD, ARENA_PAGE);
    munmap(memory_alias, ARENA_SIZE);
    munmap(code_alias, ARENA_PAGE);
    arena_init();
}

uint8_t *arena_alias(void)
{
    return memory_alias;
}

unsigned arena_device(uint64_t address)
{
    uint64_t page = (address - ARENA_START) / ARENA_PAGE;
    return page < ARENA_PAGES ? device_of_page[page] : 0;
}

void arena_write_code(uint64_t pc, const uint8_t *bytes, unsigned length)
{
    static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
    const uint8_t *target = trampoline_return;
    uint8_t *code = code_alias + (pc - ARENA_CODE);
    if (length > 0)
        memcpy(code, bytes, length);
    if (code32_is_used()) {
        code32_write_leave(code + length);
        return;
    }
    memcpy(code + length, jump, sizeof jump);
    memcpy(code + length + sizeof jump, &target, sizeof target);
}
