/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of memory as the MMU has them (Intel SDM Vol. 3A, 4.3).
 */
#ifndef TRAPLINE_PAGE_H
#define TRAPLINE_PAGE_H

#include <stdint.h>

#define PAGE_BYTES 4096ul

/* Address of the page that `address` lies in. */
static inline uint64_t page_of(uint64_t address)
{
    return address & ~(PAGE_BYTES - 1);
}

/* The least multiple of a page that is not below. */
static inline uint64_t page_up(uint64_t bytes)
{
    return page_of(bytes + PAGE_BYTES - 1);
}

/* From `address` to the end of its page, in bytes: 1 to PAGE_BYTES. */
static inline uint64_t page_rest(uint64_t address)
{
    return PAGE_BYTES - address % PAGE_BYTES;
}

#endif
