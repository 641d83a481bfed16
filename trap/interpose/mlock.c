/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's registers are never swapped out, so locking them succeeds and does nothing (kernel mm/gup.c,
 * populate_vma_page_range); our closed pages would refuse it.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "ground/page.h"
#include "ground/real.h"
#include "memory/window.h"

static int lock_part(void *address, size_t length, int flags)
{
    return flags == 0 ? REAL(mlock)(address, length) : REAL(mlock2)(address, length, (unsigned)flags);
}

static int unlock_part(void *address, size_t length, int none)
{
    (void)none;
    return REAL(munlock)(address, length);
}

/* Whole pages, as the kernel rounds them. */
static int for_pages(const void *address, size_t length, int (*apply)(void *, size_t, int), int flags)
{
    uint64_t start = page_of((uint64_t)address), end = page_up((uint64_t)address + length);
    if (!window_overlaps(start, end))
        return apply((void *)address, length, flags);
    return window_apply_around(start, end, apply, flags);
}

INTERPOSED int mlock(const void *address, size_t length)
{
    return for_pages(address, length, lock_part, 0);
}

INTERPOSED int mlock2(const void *address, size_t length, unsigned flags)
{
    return for_pages(address, length, lock_part, (int)flags);
}

INTERPOSED int munlock(const void *address, size_t length)
{
    return for_pages(address, length, unlock_part, 0);
}
