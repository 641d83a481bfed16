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
#include "io_port.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "movement.h"
#include "private_pages.h"
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

struct job {
    struct transfer_call call;
    struct movement *movement;
};

static void run(void *argument)
{
    struct job *job = argument;
    job->movement->site = site_of_call(job->call.pc, job->call.name);
    movement_run(job->movement);
}

static void move_in_window(struct transfer_call call, struct movement *movement)
{
    struct job job = {call, movement};
    uint64_t began = waits_now();
    uint64_t signals = transfer_begin();
    waits_begin(began);
    execute_on_stack(run, &job);
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

struct copying {
    struct transfer_call call;
    uint64_t address;
    bool done;
};

static void copy_page(void *argument)
{
    struct copying *copying = argument;
    struct site *site = site_of_call(copying->call.pc, copying->call.name);
    copying->done = private_pages_copy(site, copying->address, &(siginfo_t){0});
}

/* What is written to a private mapping goes to the copy of its page. */
static bool make_own(struct transfer_call call, uint64_t address)
{
    struct copying copying = {call, address, false};
    uint64_t began = waits_now();
    uint64_t signals = transfer_begin();
    waits_begin(began);
    execute_on_stack(copy_page, &copying);
    waits_end();
    end(signals);
    return copying.done;
}

static bool move_all_in_window(struct transfer_call call, const struct window *window, bool is_store, uint64_t address,
                               uint8_t *bytes, size_t count)
{
    struct movement movement = {
        .window = window, .is_store = is_store, .address = address, .memory = bytes, .count = count};
    move_in_window(call, &movement);
    return movement.failure == 0;
}

/* What of a buffer lies in windows goes over the bus, the rest is copied. */
static bool move(struct transfer_call call, bool is_store, uint64_t address, uint8_t *bytes, size_t count)
{
    while (count > 0) {
        struct window window;
        bool in_window = window_find(address, &window);
        if (in_window && is_store && window.is_private && window.protection & PROT_WRITE) {
            if (!make_own(call, address))
                return false;
            continue;
        }
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

/* /dev/port: each byte is an inb or outb (kernel drivers/char/mem.c, read_port, write_port). */
struct port_bytes {
    struct transfer_call call;
    bool is_store;
    uint64_t first;
    uint8_t *memory;
    size_t count;
    size_t moved;
    long failure;
};

static long move_port(struct site *site, const struct port_bytes *bytes)
{
    uint8_t *memory = bytes->memory + bytes->moved, byte;
    siginfo_t raised;
    if (bytes->is_store && !execute_copy(&byte, memory, 1))
        return -EFAULT;
    if (!io_port_access(site, bytes->is_store, (unsigned)(bytes->first + bytes->moved), 1, &byte, &raised))
        return -EIO;
    return bytes->is_store || execute_copy(memory, &byte, 1) ? 0 : -EFAULT;
}

static void move_port_bytes(void *argument)
{
    struct port_bytes *bytes = argument;
    struct site *site = site_of_call(bytes->call.pc, bytes->call.name);
    while (bytes->moved < bytes->count && bytes->first + bytes->moved < IO_PORT_COUNT) {
        bytes->failure = move_port(site, bytes);
        if (bytes->failure != 0)
            return;
        bytes->moved++;
    }
}

/* A read that comes to memory which isn't there has failed, whatever it has read. */
static long move_ports(struct port_bytes bytes)
{
    if (bytes.first >= IO_PORT_COUNT)
        return 0;
    uint64_t began = waits_now();
    uint64_t signals = transfer_begin();
    waits_begin(began);
    execute_on_stack(move_port_bytes, &bytes);
    waits_end();
    end(signals);
    bool has_failed = bytes.failure != 0 && (bytes.moved == 0 || (!bytes.is_store && bytes.failure == -EFAULT));
    return has_failed ? bytes.failure : (long)bytes.moved;
}

/* A file offset is an address in a window that maps the file from its start. */
static long move_device(struct transfer_call call, int node, bool is_store, uint64_t offset, uint8_t *bytes,
                        size_t count)
{
    const struct device *device = device_at(node, offset);
    const struct device *memory = device_memory_in(node, offset, offset + 1);
    const struct window whole = {.end = ~(uint64_t)0, .node = (uint32_t)node, .protection = PROT_READ | PROT_WRITE};
    if (io_port_is_node(node))
        return move_ports(
            (struct port_bytes){.call = call, .is_store = is_store, .first = offset, .memory = bytes, .count = count});
    if (memory != NULL)
        return move_memory(memory, is_store, offset, bytes, count);
    if (device == NULL || offset - device->base >= device->size)
        return device != NULL && device->has_end ? (is_store ? -ENOSPC : 0) : -EFAULT;
    uint64_t left = device->base + device->size - offset;
    if (count > left)
        count = left;
    struct movement movement = {
        .window = &whole, .is_store = is_store, .address = offset, .memory = bytes, .count = count};
    move_in_window(call, &movement);
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
