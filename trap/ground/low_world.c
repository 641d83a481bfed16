/* SPDX-License-Identifier: Apache-2.0 */
#include "low_world.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "page.h"
#include "raw_syscall.h"
#include "real.h"

long raw_map_anywhere;
bool low_world_is_there;

static void *map_low(void *address, size_t size, int protection, int flags, int file, long offset)
{
    return (void *)real_result(
        raw_syscall(SYS_mmap, address, size, protection, flags | (address == NULL ? MAP_32BIT : 0), file, offset));
}

/* mov rax, imm64; jmp rax */
static bool redirect(uint8_t *function, const void *to)
{
    uint8_t jump[12] = {0x48, 0xb8, [10] = 0xff, 0xe0};
    uint64_t start = page_of((uint64_t)function), end = page_of((uint64_t)function + sizeof jump) + PAGE_BYTES;
    memcpy(jump + 2, &to, sizeof to);
    if (raw_syscall(SYS_mprotect, start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return false;
    memcpy(function, jump, sizeof jump);
    return raw_syscall(SYS_mprotect, start, end - start, PROT_READ | PROT_EXEC) == 0;
}

bool low_world_begin(void)
{
    low_world_is_there = true;
    raw_map_anywhere = MAP_32BIT;
    return redirect((uint8_t *)REAL(mmap64), map_low);
}
