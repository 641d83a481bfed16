/* SPDX-License-Identifier: Apache-2.0
 *
 * Mapping a device makes a window; whatever the host then does to that range, its pages never open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/anchor.h"
#include "device/device.h"
#include "device/io_port.h"
#include "device/node.h"
#include "device/private_pages.h"
#include "device/uio.h"
#include "ground/agent.h"
#include "ground/broker.h"
#include "ground/low_world.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"
#include "kernel_call.h"
#include "memory/closed_pages.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "memory/window_place.h"
#include "net/net.h"
#include "real_maps.h"
#include "trap/patched.h"
#include "trap/signals.h"

/* What the host asks of mmap(2). */
struct request {
    void *address;
    size_t length;
    int protection, flags, descriptor;
    off_t offset;
};

static void *fail(int error)
{
    errno = error;
    return MAP_FAILED;
}

/* What mmap(2) refuses for a device file. */
static int check_request(const struct request *request, int node)
{
    int mode = node_status_flags(node, request->descriptor);
    bool is_shared = request->flags & MAP_SHARED;
    if (mode < 0 || mode & O_PATH)
        return EBADF;
    if (request->length == 0 || (uint64_t)request->offset % PAGE_BYTES != 0 || (request->flags & MAP_TYPE) == 0 ||
        request->flags & MAP_HUGETLB || (is_shared && request->flags & MAP_GROWSDOWN))
        return EINVAL;
    if ((request->flags & MAP_TYPE) == MAP_SHARED_VALIDATE && request->flags & MAP_SYNC)
        return EOPNOTSUPP;
    if ((mode & O_ACCMODE) == O_WRONLY ||
        (is_shared && request->protection & PROT_WRITE && (mode & O_ACCMODE) != O_RDWR))
        return EACCES;
    return 0;
}

/* UIO: the offset selects a map by its page number, and the whole length must lie in it (kernel uio_mmap). */
static int select_map(int node, size_t length, uint64_t *offset)
{
    uint64_t base = (*offset / PAGE_BYTES) << UIO_MAP_SHIFT;
    const struct device *map = device_at(node, base);
    if (map == NULL || map->base != base || page_up(length) > page_up(map->size))
        return EINVAL;
    *offset = base;
    return 0;
}

/* x86 has no pages that can be written or run but not read. */
static int effective(int protection)
{
    return protection & (PROT_WRITE | PROT_EXEC) ? protection | PROT_READ : protection;
}

/* What mprotect must then refuse. */
static int denied_by(const struct request *request, int node)
{
    int mode = node_status_flags(node, request->descriptor);
    return request->flags & MAP_SHARED && (mode & O_ACCMODE) != O_RDWR ? PROT_WRITE : 0;
}

/* A private mapping is the host's own copy, which the model does not reach. */
static void note_shared(const struct shared_mapping *mapping, int flags)
{
    if ((flags & MAP_TYPE) != MAP_PRIVATE)
        shared_memory_add(mapping);
}

/* Reserved memory in a mapping of devices is what it is. False if it can't be mapped. */
static bool map_memory(const struct window *window, const struct request *request)
{
    uint64_t at = window->file_offset, end = at + (window->end - window->start);
    for (const struct device *memory; (memory = device_memory_in((int)window->node, at, end)) != NULL;
         at = memory->base + memory->size) {
        uint64_t from = memory->base > at ? memory->base : at;
        uint64_t to = memory->base + memory->size < end ? memory->base + memory->size : end;
        uint64_t start = window->start + (from - window->file_offset);
        long descriptor = raw_syscall(SYS_openat, AT_FDCWD, memory->memory, O_RDWR | O_CLOEXEC, 0);
        if (descriptor < 0)
            descriptor = broker_open(memory->memory, O_RDWR | O_CLOEXEC);
        void *mapped = (void *)KERNEL_CALL(SYS_mmap, start, to - from, request->protection,
                                           (request->flags & MAP_TYPE) | MAP_FIXED, descriptor, from - memory->base);
        raw_syscall(SYS_close, descriptor);
        if (mapped == MAP_FAILED)
            return false;
        window_remove(start, start + (to - from));
        note_shared(&(struct shared_mapping){start, start + (to - from), memory->handle, from - memory->base,
                                             request->protection, memory->memory},
                    request->flags);
    }
    return true;
}

/* Where the host leaves that to the kernel: one of 32 bits does so below 2 GiB. */
static void *place_of(const struct request *request)
{
    int placing = MAP_FIXED | (low_world_is_there ? 0 : MAP_32BIT);
    bool is_free = request->address == NULL && (request->flags & placing) == 0;
    return is_free ? window_place_hint(request->length) : request->address;
}

/* The pages are the open file's own, so that it and its locks live as long as the mapping; those of a real device are
 * not, for a debugger would find the device there. */
static void *map_pages(const struct request *request, int node)
{
    if (node_kind(node) == NODE_HARDWARE_UIO)
        return closed_pages_map(place_of(request), request->length, request->flags, CLOSED_PAGES_NO_FILE, 0);
    int file = anchor_belongs_to(request->descriptor) ? anchor_of(request->descriptor) : request->descriptor;
    return closed_pages_map(place_of(request), request->length, request->flags,
                            file == ANCHOR_NONE ? CLOSED_PAGES_NO_FILE : file, request->offset);
}

/* What a fixed mapping replaces is shared memory no more. */
static void forget_replaced(const struct request *request)
{
    uint64_t start = (uint64_t)request->address;
    if (request->flags & MAP_FIXED) {
        shared_memory_remove(start, start + page_up(request->length));
        real_maps_forget(start, start + page_up(request->length));
    }
}

/* `offset` is the window's in the node's file. */
static void *map_window(const struct request *request, int node, uint64_t offset)
{
    if (!device_within(node, offset, offset + page_up(request->length))) {
        char places[512] = "nowhere";
        device_places(node, places, sizeof places);
        report("mmap of %u bytes at offset %x of %s is refused: no device lies there; there is %s",
               (uint64_t)request->length, offset, node_path(node), places);
        return fail(ENXIO);
    }
    bool is_private = (request->flags & MAP_TYPE) == MAP_PRIVATE;
    if (is_private)
        private_pages_expect();
    real_maps_open(node, offset, offset + page_up(request->length));
    signals_install(REAL(sigaction));
    forget_replaced(request);
    void *start = map_pages(request, node);
    if (start == MAP_FAILED)
        return start;
    uint64_t first = (uint64_t)start, end = first + page_up(request->length);
    struct window window = {.start = first,
                            .end = end,
                            .node = (uint32_t)node,
                            .file_offset = offset,
                            .protection = effective(request->protection),
                            .denied = denied_by(request, node),
                            .is_private = is_private};
    bool has_room = window_replace(&window);
    if (has_room && map_memory(&window, request)) {
        net_watch_pages(first, end);
        real_maps_note(&window);
        return start;
    }
    if (has_room)
        report_undone("mmap of %s is refused: the file of its reserved memory can't be mapped", node_path(node));
    else
        report_undone("mmap of %s is refused: all %u windows are in use", node_path(node), (uint64_t)WINDOW_MAX);
    window_remove(first, end);
    raw_syscall(SYS_munmap, start, request->length);
    return fail(ENOMEM);
}

/* A mapping of anything else may replace a window: by MAP_FIXED, or where the host had unmapped one past us. */
static void *map_other(const struct request *request)
{
    forget_replaced(request);
    void *start = (void *)KERNEL_CALL(SYS_mmap, request->address, request->length, request->protection, request->flags,
                                      request->descriptor, request->offset);
    net_forget_mapped();
    if (start == MAP_FAILED)
        return start;
    window_remove((uint64_t)start, (uint64_t)start + page_up(request->length));
    if (request->protection & PROT_EXEC)
        net_look_at_mapped(start, request->length, request->protection, request->flags, request->descriptor,
                           (uint64_t)request->offset);
    return start;
}

static void *map_buffer(const struct request *request, int node)
{
    struct request placed = *request;
    placed.address = place_of(request);
    void *start = map_other(&placed);
    const struct device *device = device_at(node, (uint64_t)request->offset);
    if (start != MAP_FAILED && device != NULL)
        note_shared(&(struct shared_mapping){(uint64_t)start, (uint64_t)start + page_up(request->length),
                                             device->handle, (uint64_t)request->offset, effective(request->protection),
                                             node_backing(node)},
                    request->flags);
    if (start != MAP_FAILED)
        net_watch_pages((uint64_t)start, (uint64_t)start + page_up(request->length));
    return start;
}

INTERPOSED void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    const struct request request = {address, length, protection, flags, descriptor, offset};
    if (flags & MAP_FIXED)
        readable_forget();
    int node = !(flags & MAP_ANONYMOUS) && agent_start_for(NULL) ? node_of_descriptor(descriptor) : NODE_NONE;
    if (node == NODE_NONE)
        return map_other(&request);
    if (node_kind(node) == NODE_MEMORY)
        return map_buffer(&request, node);
    if (node_kind(node) == NODE_STREAM)
        return fail(ENODEV);
    uint64_t start = (uint64_t)offset;
    int error = check_request(&request, node);
    if (error == 0 && io_port_is_node(node))
        error = ENODEV;
    if (error == 0 && node_is_uio(node))
        error = select_map(node, length, &start);
    return error != 0 ? fail(error) : map_window(&request, node, start);
}
INTERPOSED_TWIN(mmap64, mmap);

/* Once unmapped, the addresses may be another thread's. */
INTERPOSED int munmap(void *address, size_t length)
{
    if ((uint64_t)address % PAGE_BYTES == 0 && length > 0) {
        shared_memory_remove((uint64_t)address, (uint64_t)address + page_up(length));
        real_maps_forget((uint64_t)address, (uint64_t)address + page_up(length));
        window_remove((uint64_t)address, (uint64_t)address + page_up(length));
    }
    readable_forget();
    int result = (int)KERNEL_CALL(SYS_munmap, address, length);
    net_forget_mapped();
    return result;
}

static bool is_denied(uint64_t address, uint64_t end, int protection)
{
    struct window window;
    for (uint64_t at = window_next(address, end); at < end && window_find(at, &window);
         at = window_next(window.end, end))
        if (protection & window.denied)
            return true;
    return false;
}

static int protected(long result, void *address, size_t length, int protection)
{
    if (result == 0 && protection & PROT_EXEC)
        net_look_at_protected(address, length, protection);
    return (int)result;
}

static int protect(void *address, size_t length, int protection)
{
    return protected(KERNEL_CALL(SYS_mprotect, address, length, protection), address, length, protection);
}

/* Pages outside windows change; those inside only remember what the host asked for. */
INTERPOSED int mprotect(void *address, size_t length, int protection)
{
    uint64_t start = (uint64_t)address, end = start + page_up(length);
    readable_forget();
    if (start % PAGE_BYTES == 0)
        shared_memory_protect(start, end, effective(protection));
    if (protection & PROT_WRITE)
        patched_take_back(start, end);
    if (start % PAGE_BYTES != 0 || !window_overlaps(start, end))
        return protect(address, length, protection);
    if (is_denied(start, end, protection))
        return (int)real_result(-EACCES);
    window_protect(start, end, effective(protection));
    return window_apply_around(start, end, protect, protection);
}

/* Windows have no keys; nor has memory beside one then. */
INTERPOSED int pkey_mprotect(void *address, size_t length, int protection, int key)
{
    uint64_t start = (uint64_t)address, end = start + page_up(length);
    if (key == -1 || window_overlaps(start, end) || shared_memory_overlaps(start, end))
        return mprotect(address, length, protection);
    readable_forget();
    if (protection & PROT_WRITE)
        patched_take_back(start, end);
    long result = KERNEL_CALL(SYS_pkey_mprotect, address, length, protection, key);
    return protected(result, address, length, protection);
}
