/* SPDX-License-Identifier: Apache-2.0 */
#include "private_pages.h"

#include <sys/mman.h>

#include "device.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "lane/channel.h"
#include "memory/window.h"
#include "movement.h"
#include "ground/signal_safe.h"

bool private_pages_are_any;
static _Atomic bool any_copied;

void private_pages_expect(void)
{
    private_pages_are_any = true;
}

/* What a page has of devices, the last one first; between them there is nothing to be read, and the copy has zeros. */
static bool read_page(struct movement *movement)
{
    const struct window *window = movement->window;
    uint64_t page = movement->address, first = window->file_offset + (page - window->start), end = first + PAGE_BYTES;
    uint8_t *memory = movement->memory;
    const struct device *device;
    while (end > first && (device = device_at((int)window->node, end - 1)) != NULL &&
           device->base + device->size > first) {
        uint64_t from = device->base > first ? device->base : first, behind = device->base + device->size;
        movement->address = page + (from - first);
        movement->memory = memory + (from - first);
        movement->count = (behind < end ? behind : end) - from;
        movement->moved = 0;
        movement_run(movement);
        if (movement->failure != 0)
            return false;
        end = from;
    }
    return true;
}

static const char *name_at(const struct window *window, uint64_t address)
{
    const struct device *device = device_at((int)window->node, window->file_offset + (address - window->start));
    return device == NULL ? "nothing" : device->name;
}

/* It is nearly always a mistake, which on hardware nothing tells. */
static void say(const struct window *window, uint64_t address)
{
    if (!any_copied)
        report("a store at %x has made a copy of its page of %s, whose mapping is private: no store there reaches the "
               "device, as on hardware; use MAP_SHARED",
               address, name_at(window, address));
    any_copied = true;
}

/* All threads have either the device or the copy: the page is moved there whole. */
static void put_in_place(uint64_t copy, uint64_t page, const struct window *window)
{
    long failure = raw_syscall(SYS_mprotect, copy, PAGE_BYTES, window->protection);
    if (failure == 0)
        failure = raw_syscall(SYS_mremap, copy, PAGE_BYTES, PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, page);
    if (failure < 0)
        report_fatal("a page of a private mapping of %s can't be replaced by its copy (errno %u); the host is ended",
                     name_at(window, page), (uint64_t)-failure);
    window_remove(page, page + PAGE_BYTES);
}

bool private_pages_copy(struct site *site, uint64_t address, siginfo_t *raised)
{
    struct window window;
    uint64_t page = page_of(address);
    if (!window_find(address, &window))
        return true;
    long copy = raw_syscall(SYS_mmap, NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy < 0)
        report_fatal("there is no memory for the copy of a page of %s; the host is ended", name_at(&window, address));
    struct movement movement = {.site = site, .window = &window, .address = page, .memory = (uint8_t *)copy};
    if (!read_page(&movement)) {
        raw_syscall(SYS_munmap, copy, PAGE_BYTES);
        report("the store at %x to a private mapping of %s fails: the device can't be read at %x, and the whole page "
               "has to be copied",
               address, name_at(&window, address), movement.address + movement.moved);
        *raised = movement.raised;
        if (raised->si_code == BUS_ADRERR)
            raised->si_addr = (void *)address;
        return false;
    }
    say(&window, address);
    put_in_place((uint64_t)copy, page, &window);
    return true;
}

bool private_pages_are_open(uint64_t address, int protection)
{
    if (!any_copied)
        return false;
    channel_lock();
    int found = maps_protection(address);
    channel_unlock();
    return (found & protection) == protection;
}
