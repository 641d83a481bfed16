/* SPDX-License-Identifier: Apache-2.0 */
#include "closed_pages.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "ground/raw_syscall.h"
#include "ground/real.h"

/* Not by libc's name, which the net may watch. */
static void *map_pages(void *address, size_t length, int flags, int descriptor, off_t offset)
{
    return (void *)real_result(raw_syscall(SYS_mmap, address, length, PROT_NONE, flags, descriptor, offset));
}

static void *map_nobodys(void *address, size_t length, int flags)
{
    long descriptor = real_result(raw_syscall(SYS_memfd_create, "trapline", MFD_CLOEXEC));
    if (descriptor < 0)
        return MAP_FAILED;
    void *start = map_pages(address, length, flags, (int)descriptor, 0);
    raw_syscall(SYS_close, descriptor);
    return start;
}

/* The offset only says in /proc/PID/maps what is mapped, and file systems have limits; some can't map files at all. */
static bool is_file_systems_refusal(int error)
{
    return error == EOVERFLOW || error == ENODEV;
}

void *closed_pages_map(void *address, size_t length, int flags, int descriptor, off_t offset)
{
    const off_t offsets[] = {offset, 0};
    int type = (flags & MAP_TYPE) == MAP_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
    int how = type | MAP_NORESERVE | (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_32BIT));
    void *start = MAP_FAILED;
    for (int i = 0; i < 2 && descriptor != CLOSED_PAGES_NO_FILE; i++) {
        start = map_pages(address, length, how, descriptor, offsets[i]);
        if (start != MAP_FAILED || !is_file_systems_refusal(errno))
            break;
    }
    if (start == MAP_FAILED && (descriptor == CLOSED_PAGES_NO_FILE || is_file_systems_refusal(errno)))
        start = map_nobodys(address, length, how);
    if (start != MAP_FAILED)
        raw_syscall(SYS_madvise, start, length, MADV_DONTDUMP);
    return start;
}
