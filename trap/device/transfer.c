/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "bus.h"
#include "device.h"
#include "ground/kernel_signals.h"
#include "ground/low_bits.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/site.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "ground/signal_safe.h"

bool transfer_is_needed(const void *buffer, size_t count)
{
    uint64_t start = (uint64_t)buffer;
    return window_overlaps(start, start + count) || shared_memory_overlaps(start, start + count);
}

bool transfer_may_be_needed(void)
{
    return window_overlaps(0, UINT64_MAX) || shared_memory_overlaps(0, UINT64_MAX);
}

/* A burst where the device takes them; else the widest access that is aligned, no wider than the registers, and
 * fits. */
static unsigned piece_at(const struct device *device, uint64_t offset, size_t left)
{
    unsigned width = device == NULL ? 4 : device->width;
    uint64_t burst = device == NULL ? 0 : device_burst_room(device, offset - device->base, left);
    if (burst > width)
        return (unsigned)burst;
    while (width > left || offset % width != 0)
        width /= 2;
    return width;
}

/* Signals wait as in the fault handler: one that accesses a device would wait for the bus lock that its own thread
 * holds. */
uint64_t transfer_begin(void)
{
    uint64_t before = kernel_signals_block(kernel_signals_bit(SIGSEGV) | kernel_signals_bit(SIGSYS));
    channel_lock();
    shared_memory_open();
    return before;
}

/* ppoll has the mask of the host for an instant, and the kernel says whether a handler ran in it. */
bool transfer_end(uint64_t signals)
{
    struct timespec none = {0};
    memory_poll_end_call();
    channel_unlock();
    bool interrupted = raw_syscall(SYS_ppoll, NULL, 0, &none, &signals, sizeof signals) == -EINTR;
    kernel_signals_restore(signals);
    return interrupted;
}

/* What no signal interrupts. */
static void end(uint64_t signals)
{
    memory_poll_end_call();
    channel_unlock();
    kernel_signals_restore(signals);
}

/* Bytes between one window and host memory, on their way. */
struct movement {
    struct transfer_call call;
    const struct window *window;
    bool is_store;
    uint64_t address;
    uint8_t *memory;
    size_t count;
    size_t moved;
    long failure; /* why not all of it was moved: -EFAULT for the memory, -EIO for the bus */
};

/* What is next of a movement. */
struct piece {
    unsigned width;
    unsigned elements; /* of that width that one message can carry; 0 or 1: the piece goes alone */
};

/* A device must not be read for memory that turns out not to take it, so a string is read into one page, of which one
 * byte tells whether it can be written. A write that is posted is not waited for, and so goes alone. */
static unsigned elements_at(const struct movement *movement, const struct device *device, uint64_t offset,
                            unsigned width)
{
    uint64_t want = movement->count - movement->moved;
    uint64_t rest = page_rest((uint64_t)movement->memory + movement->moved);
    if (device == NULL || width != device->width || (movement->is_store && device->is_posted))
        return 0;
    if (!movement->is_store && want > rest)
        want = rest;
    return (unsigned)(device_string_room(device, offset - device->base, width, false, want) / width);
}

static struct piece next_piece(const struct movement *movement)
{
    uint64_t offset = movement->window->file_offset + (movement->address + movement->moved - movement->window->start);
    const struct device *device = device_at((int)movement->window->node, offset);
    unsigned width = piece_at(device, offset, movement->count - movement->moved);
    return (struct piece){width, elements_at(movement, device, offset, width)};
}

static uint8_t under_way[DEVICE_BURST_BOUNDARY];

static bool can_go_together(const struct movement *movement, struct piece piece)
{
    uint8_t *memory = movement->memory + movement->moved;
    if (piece.elements < 2)
        return false;
    return movement->is_store ? execute_copy(under_way, memory, piece.elements * piece.width)
                              : execute_can_store(memory);
}

static long move_string(struct movement *movement, struct site *site, struct piece piece)
{
    uint8_t *memory = movement->memory + movement->moved;
    const struct bus_string string = {.is_store = movement->is_store,
                                      .address = movement->address + movement->moved,
                                      .width = piece.width,
                                      .elements = piece.elements,
                                      .bytes = under_way};
    unsigned done;
    bool is_whole = bus_string(site, movement->window, &string, &done, &(siginfo_t){0});
    if (!movement->is_store && done > 0 && !execute_copy(memory, under_way, done * piece.width))
        return -EFAULT;
    movement->moved += done * piece.width;
    return is_whole ? 0 : -EIO;
}

/* Host memory is touched by execute_copy only: the pointer is the host's, and may lead nowhere. */
static long move_alone(struct movement *movement, struct site *site, unsigned width)
{
    uint8_t *memory = movement->memory + movement->moved;
    struct bus_piece piece = {.is_store = movement->is_store,
                              .address = movement->address + movement->moved,
                              .width = width,
                              .enables = low_bits(width),
                              .bytes = under_way};
    if (movement->is_store && !execute_copy(under_way, memory, width))
        return -EFAULT;
    if (!bus_access(site, movement->window, &piece, &(siginfo_t){0}))
        return -EIO;
    if (!movement->is_store && !execute_copy(memory, under_way, width))
        return -EFAULT;
    movement->moved += width;
    return 0;
}

static void move_pieces(void *argument)
{
    struct movement *movement = argument;
    struct site *site = site_of_call(movement->call.pc, movement->call.name);
    while (movement->moved < movement->count && movement->failure == 0) {
        struct piece piece = next_piece(movement);
        movement->failure = can_go_together(movement, piece) ? move_string(movement, site, piece)
                                                             : move_alone(movement, site, piece.width);
    }
}

static void move_in_window(struct movement *movement)
{
    uint64_t began = waits_now();
    uint64_t signals = transfer_begin();
    waits_begin(began);
    execute_on_stack(move_pieces, movement);
    waits_end();
    end(signals);
}

struct copy {
    void *to;
    const void *from;
    size_t count;
    bool done;
};

static void copy_bytes(void *argument)
{
    struct copy *copy = argument;
    copy->done = execute_copy(copy->to, copy->from, copy->count);
}

bool transfer_copy(void *to, const void *from, size_t count)
{
    struct copy copy = {to, from, count, false};
    uint64_t signals = transfer_begin();
    execute_on_stack(copy_bytes, &copy);
    end(signals);
    return copy.done;
}

static bool move_all_in_window(struct transfer_call call, const struct window *window, bool is_store, uint64_t address,
                               uint8_t *bytes, size_t count)
{
    struct movement movement = {call, window, is_store, address, bytes, count, 0, 0};
    move_in_window(&movement);
    return movement.failure == 0;
}

/* What of a buffer lies in windows goes over the bus, the rest is copied. */
static bool move(struct transfer_call call, bool is_store, uint64_t address, uint8_t *bytes, size_t count)
{
    while (count > 0) {
        struct window window;
        bool in_window = window_find(address, &window);
        uint64_t limit = in_window ? window.end : window_next(address, address + count);
        size_t piece = limit - address < count ? limit - address : count;
        uint8_t *memory = !in_window              ? (uint8_t *)address
                          : window.memory == NULL ? NULL
                                                  : window.memory + (address - window.start);
        bool moved = memory != NULL ? transfer_copy(is_store ? memory : bytes, is_store ? bytes : memory, piece)
                                    : (window.protection & (is_store ? PROT_WRITE : PROT_READ)) &&
                                          move_all_in_window(call, &window, is_store, address, bytes, piece);
        if (!moved)
            return false;
        address += piece;
        bytes += piece;
        count -= piece;
    }
    return true;
}

bool transfer_from_window(struct transfer_call call, void *to, const void *window, size_t count)
{
    return move(call, false, (uint64_t)window, to, count);
}

bool transfer_to_window(struct transfer_call call, void *window, const void *from, size_t count)
{
    return move(call, true, (uint64_t)window, (uint8_t *)from, count);
}

/* Memory has a file of its own behind it. Returns what the kernel does. */
static long move_memory(const struct device *memory, bool is_store, uint64_t offset, uint8_t *bytes, size_t count)
{
    uint64_t left = memory->base + memory->size - offset;
    long descriptor = raw_syscall(SYS_openat, AT_FDCWD, memory->memory, O_RDWR | O_CLOEXEC, 0);
    if (descriptor < 0)
        return descriptor;
    long moved = raw_syscall(is_store ? SYS_pwrite64 : SYS_pread64, descriptor, bytes, count < left ? count : left,
                             offset - memory->base);
    raw_syscall(SYS_close, descriptor);
    return moved;
}

/* A file offset is an address in a window that maps the file from its start. */
static long move_device(struct transfer_call call, int node, bool is_store, uint64_t offset, uint8_t *bytes,
                        size_t count)
{
    const struct device *device = device_at(node, offset);
    const struct device *memory = device_memory_in(node, offset, offset + 1);
    const struct window whole = {.end = ~(uint64_t)0, .node = (uint32_t)node, .protection = PROT_READ | PROT_WRITE};
    if (memory != NULL)
        return move_memory(memory, is_store, offset, bytes, count);
    if (device == NULL || offset - device->base >= device->size)
        return device != NULL && device->has_end ? (is_store ? -ENOSPC : 0) : -EFAULT;
    uint64_t left = device->base + device->size - offset;
    if (count > left)
        count = left;
    struct movement movement = {call, &whole, is_store, offset, bytes, count, 0, 0};
    move_in_window(&movement);
    return movement.moved > 0 ? (long)movement.moved : movement.failure;
}

long transfer_read_device(struct transfer_call call, int node, uint64_t offset, void *to, size_t count)
{
    return move_device(call, node, false, offset, to, count);
}

long transfer_write_device(struct transfer_call call, int node, uint64_t offset, const void *from, size_t count)
{
    return move_device(call, node, true, offset, (uint8_t *)from, count);
}
