/* SPDX-License-Identifier: Apache-2.0
 *
 * mremap(2) of mappings of devices, and of memory that the model reaches too.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "device/private_pages.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "net/net.h"
#include "real_maps.h"

/* What the host asks; the lengths are whole pages. */
struct request {
    uint64_t address, old_length, new_length, wanted;
    int flags;
};

static void *call(const struct request *request)
{
    void *start = (void *)KERNEL_CALL(SYS_mremap, request->address, request->old_length, request->new_length,
                                      request->flags, request->wanted);
    net_forget_mapped();
    return start;
}

static bool move(uint64_t from, uint64_t length, uint64_t to)
{
    void *moved = (void *)KERNEL_CALL(SYS_mremap, from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    return moved != MAP_FAILED;
}

static bool move_window(const struct window *window, uint64_t from, uint64_t length, uint64_t to)
{
    struct window part = *window;
    window_remove(from, from + length);
    bool is_moved = move(from, length, to);
    part.file_offset += from - window->start;
    part.start = is_moved ? to : from;
    part.end = part.start + length;
    window_add(&part);
    return is_moved;
}

/* A private mapping of which pages have been copied is many of the kernel's, which for the host is one. */
static void *move_in_parts(const struct request *request)
{
    uint64_t from = request->address, end = from + request->old_length;
    uint64_t distance = request->wanted - from;
    window_remove(request->wanted, request->wanted + request->old_length);
    for (uint64_t next; from < end; from = next) {
        struct window window;
        bool is_window = window_find(from, &window);
        next = is_window ? window.end : from + PAGE_BYTES;
        if (next > end)
            next = end;
        if (!(is_window ? move_window(&window, from, next - from, from + distance)
                        : move(from, next - from, from + distance)))
            return MAP_FAILED;
    }
    return (void *)request->wanted;
}

static bool is_whole_move(const struct request *request)
{
    uint64_t apart = request->wanted > request->address ? request->wanted - request->address
                                                        : request->address - request->wanted;
    return request->flags == (MREMAP_MAYMOVE | MREMAP_FIXED) && request->old_length == request->new_length &&
           request->address % PAGE_BYTES == 0 && request->wanted % PAGE_BYTES == 0 && apart >= request->old_length &&
           raw_syscall(SYS_msync, request->address, request->old_length, MS_ASYNC) == 0;
}

/* Whether there is more than one window, or memory beside one. */
static bool is_of_parts(const struct request *request)
{
    struct window window;
    uint64_t end = request->address + request->old_length;
    return private_pages_are_any && window_overlaps(request->address, end) &&
           !(window_find(request->address, &window) && window.end >= end);
}

static void *remap_parts(const struct request *request)
{
    if (is_whole_move(request))
        return move_in_parts(request);
    if (!(request->flags & MREMAP_FIXED) && request->new_length < request->old_length)
        window_remove(request->address + request->new_length, request->address + request->old_length);
    return call(request);
}

static void *remap(const struct request *request)
{
    struct window window;
    bool is_window = window_find(request->address, &window);
    if (is_window) {
        real_maps_forget(request->address, request->address + request->old_length);
        window_remove(request->address, request->address + request->old_length);
    }
    void *start = call(request);
    if (start == MAP_FAILED && errno == EFAULT && private_pages_are_any && !is_window && is_whole_move(request))
        return move_in_parts(request);
    if (start != MAP_FAILED && request->flags & MREMAP_FIXED)
        window_remove((uint64_t)start, (uint64_t)start + request->new_length);
    if (is_window) {
        window.file_offset += request->address - window.start;
        window.start = start != MAP_FAILED ? (uint64_t)start : request->address;
        window.end = window.start + (start != MAP_FAILED ? request->new_length : request->old_length);
        window_add(&window);
        real_maps_note(&window);
    }
    return start;
}

INTERPOSED void *mremap(void *address, size_t old_length, size_t new_length, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *wanted = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    const struct request request = {(uint64_t)address, page_up(old_length), page_up(new_length), (uint64_t)wanted,
                                    flags};
    struct shared_mapping shared;
    readable_forget();
    bool is_shared = shared_memory_find(request.address, &shared);
    shared_memory_remove(request.address, request.address + request.old_length);
    if (flags & MREMAP_FIXED)
        shared_memory_remove(request.wanted, request.wanted + request.new_length);
    void *start = is_of_parts(&request) ? remap_parts(&request) : remap(&request);
    if (is_shared) {
        shared.offset += request.address - shared.start;
        shared.start = start != MAP_FAILED ? (uint64_t)start : request.address;
        shared.end = shared.start + (start != MAP_FAILED ? request.new_length : request.old_length);
        shared_memory_add(&shared);
    }
    uint64_t first = (uint64_t)start, end = first + request.new_length;
    if (start != MAP_FAILED && (is_shared || window_overlaps(first, end)))
        net_watch_pages(first, end);
    return start;
}
