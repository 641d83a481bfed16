/* SPDX-License-Identifier: Apache-2.0 */
#include "reads.h"

#include <string.h>

#include "ground/page.h"
#include "ground/readable.h"
#include "ground/signal_safe.h"

enum { PAGES = 8 };

static uint64_t pages[PAGES];
static unsigned next_page;

void reads_begin(void)
{
    memset(pages, 0, sizeof pages);
}

static bool has_page(uint64_t page)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (pages[i] == page)
            return page != 0;
    if (!readable_now((const void *)page))
        return false;
    pages[next_page++ % PAGES] = page;
    return true;
}

bool reads_allow(uint64_t address, size_t count)
{
    uint64_t last = address + count - 1;
    if (count == 0 || last < address)
        return count == 0;
    for (uint64_t page = page_of(address); page < page_of(last); page += PAGE_BYTES)
        if (!has_page(page))
            return false;
    return has_page(page_of(last));
}

bool reads_load(uint64_t address, void *bytes, size_t count)
{
    if (!reads_allow(address, count))
        return false;
    memcpy(bytes, (const void *)address, count);
    return true;
}
