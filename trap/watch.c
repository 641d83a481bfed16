/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of trapline.h. A watched page is moved to another address, where only the agent finds it; what stays
 * behind is PROT_NONE for ever, and every access there is either on the bus or on the moved memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "device/device.h"
#include "device/node.h"
#include "ground/agent.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "interpose/real_maps.h"
#include "lane/channel.h"
#include "memory/closed_pages.h"
#include "memory/window.h"
#include "net/net.h"
#include "trap/signals.h"
#include "trapline.h"

static const struct device *find(const char *name)
{
    const struct device *device = agent_start() ? device_named(name) : NULL;
    if (device == NULL)
        errno = agent_start() ? ENOENT : ENODEV;
    return device;
}

INTERPOSED void *trapline_map(const char *name, uint64_t offset, size_t size)
{
    const struct device *device = find(name);
    if (device == NULL)
        return NULL;
    long descriptor = real_result(node_open(device->node, O_RDWR | O_CLOEXEC));
    if (descriptor < 0)
        return NULL;
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)descriptor,
                         (off_t)(device->base + offset));
    raw_syscall(SYS_close, descriptor);
    return address == MAP_FAILED ? NULL : address;
}

enum { HIDDEN_PAGES = 4096 };

/* Pages that were moved, and where to; memory is NULL in a free entry. */
struct hidden_page {
    uint64_t page;
    uint8_t *memory;
};
static struct hidden_page hidden_pages[HIDDEN_PAGES];

static struct hidden_page *hidden_at(uint64_t page)
{
    for (int i = 0; i < HIDDEN_PAGES; i++)
        if (hidden_pages[i].memory != NULL && hidden_pages[i].page == page)
            return &hidden_pages[i];
    return NULL;
}

static struct hidden_page *free_entry(void)
{
    for (int i = 0; i < HIDDEN_PAGES; i++)
        if (hidden_pages[i].memory == NULL)
            return &hidden_pages[i];
    return NULL;
}

/* Threads that sleep on a lock there (futex(2)) look at it again, and find it where it is now. */
static void wake_sleepers(uint64_t page)
{
    for (uint64_t word = page; word < page + PAGE_BYTES; word += sizeof(uint32_t))
        raw_syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX);
}

/* Moves a page of host memory away and leaves a closed one. Nothing of it is ever open to other threads in a half-way
 * state: it is closed first, so they fault and wait for the bus lock. */
static bool hide_page(uint64_t page)
{
    struct window window = {.start = page, .end = page + PAGE_BYTES, .protection = PROT_READ | PROT_WRITE};
    int how = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
    struct hidden_page *entry = free_entry();
    if (entry == NULL)
        return false;
    window.memory = REAL(mmap)(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *closed = closed_pages_map(NULL, PAGE_BYTES, 0, CLOSED_PAGES_NO_FILE, 0);
    if (window.memory == MAP_FAILED || closed == MAP_FAILED || !window_add(&window))
        return false;
    if (raw_syscall(SYS_mprotect, page, PAGE_BYTES, PROT_NONE) == 0 &&
        raw_syscall(SYS_mremap, page, PAGE_BYTES, PAGE_BYTES, how | MREMAP_FIXED, window.memory) ==
            (long)window.memory &&
        raw_syscall(SYS_mremap, closed, PAGE_BYTES, PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, page) == (long)page &&
        raw_syscall(SYS_mprotect, window.memory, PAGE_BYTES, PROT_READ | PROT_WRITE) == 0) {
        *entry = (struct hidden_page){page, window.memory};
        wake_sleepers(page);
        return true;
    }
    raw_syscall(SYS_mprotect, page, PAGE_BYTES, PROT_READ | PROT_WRITE);
    window_remove(page, page + PAGE_BYTES);
    errno = ENOTSUP;
    return false;
}

/* Pages that are hidden already hold other watched bytes. */
static bool hide_pages(uint64_t start, uint64_t end)
{
    struct window window;
    for (uint64_t page = page_of(start); page < end; page += PAGE_BYTES)
        if (!window_find(page, &window) && !hide_page(page))
            return false;
    return true;
}

/* Whether a device is mapped or watched anywhere in the range. */
static bool is_taken(uint64_t start, uint64_t end)
{
    struct window window;
    for (uint64_t at = start; at < end; at = window.end) {
        if (!window_find(at, &window))
            window.end = window_next(at, end);
        else if (window.memory == NULL)
            return true;
    }
    return false;
}

static int watch(uint64_t start, uint64_t end, const struct device *device, uint64_t offset)
{
    struct window window = {.start = start,
                            .end = end,
                            .node = (uint32_t)device->node,
                            .file_offset = device->base + offset,
                            .protection = PROT_READ | PROT_WRITE};
    if (is_taken(start, end))
        return EBUSY;
    errno = ENOMEM;
    return hide_pages(start, end) && window_replace(&window) ? 0 : errno;
}

/* A recording of the device has it as a mapping. */
static void note_watched(uint64_t start)
{
    struct window window;
    if (window_find(start, &window))
        real_maps_note(&window);
}

INTERPOSED int trapline_watch(void *address, size_t size, const char *name, uint64_t offset)
{
    const struct device *device = find(name);
    if (device == NULL)
        return -1;
    if (size == 0)
        return (int)real_result(-EINVAL);
    signals_install(REAL(sigaction));
    net_watch_pages(page_of((uint64_t)address), page_up((uint64_t)address + size));
    channel_lock();
    int error = watch((uint64_t)address, (uint64_t)address + size, device, offset);
    channel_unlock();
    if (error == 0)
        note_watched((uint64_t)address);
    return (int)real_result(-error);
}

/* Between watched bytes and at their ends: the moved memory shows through again. */
static void show_memory(const struct hidden_page *hidden, uint64_t start, uint64_t end)
{
    uint64_t from = start > hidden->page ? start : hidden->page;
    uint64_t to = end < hidden->page + PAGE_BYTES ? end : hidden->page + PAGE_BYTES;
    struct window window = {.start = from,
                            .end = to,
                            .protection = PROT_READ | PROT_WRITE,
                            .memory = hidden->memory + (from - hidden->page)};
    window_replace(&window);
}

/* Moves the page back to where the host knows it. */
static void restore_page(struct hidden_page *hidden)
{
    raw_syscall(SYS_mprotect, hidden->memory, PAGE_BYTES, PROT_NONE);
    raw_syscall(SYS_mremap, hidden->memory, PAGE_BYTES, PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, hidden->page);
    raw_syscall(SYS_mprotect, hidden->page, PAGE_BYTES, PROT_READ | PROT_WRITE);
    window_remove(hidden->page, hidden->page + PAGE_BYTES);
    wake_sleepers((uint64_t)hidden->memory);
    hidden->memory = NULL;
}

static int unwatch(uint64_t start, uint64_t end)
{
    for (uint64_t page = page_of(start); page < end; page += PAGE_BYTES)
        if (hidden_at(page) == NULL)
            return EINVAL;
    for (uint64_t page = page_of(start); page < end; page += PAGE_BYTES) {
        struct hidden_page *hidden = hidden_at(page);
        show_memory(hidden, start, end);
        if (!is_taken(page, page + PAGE_BYTES))
            restore_page(hidden);
    }
    return 0;
}

INTERPOSED int trapline_unwatch(void *address, size_t size)
{
    if (!agent_start())
        return (int)real_result(-ENODEV);
    if (size == 0)
        return (int)real_result(-EINVAL);
    if (hidden_at(page_of((uint64_t)address)) != NULL)
        real_maps_forget((uint64_t)address, (uint64_t)address + size);
    channel_lock();
    int error = unwatch((uint64_t)address, (uint64_t)address + size);
    channel_unlock();
    return (int)real_result(-error);
}
