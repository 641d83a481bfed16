/* SPDX-License-Identifier: Apache-2.0 */
#include "string_block.h"

#include <string.h>

#include <sys/mman.h>

#include "device/bus.h"
#include "device/device.h"
#include "ground/low_bits.h"
#include "ground/page.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "memory/window.h"
#include "operand.h"
#include "ground/signal_safe.h"

_Static_assert(BUS_STRING_MAX <= DEVICE_BURST_BOUNDARY, "one buffer holds either");

/* What goes in one message. */
struct block {
    const struct trap *trap;
    bool is_store;
    bool is_burst;
    bool is_descending;
    unsigned width;          /* of an element */
    uint64_t device, memory; /* addresses of the first element; a stos has none in memory */
    unsigned count;          /* bytes, whole elements */
};

uint64_t string_narrow(const struct trap *trap, uint64_t value)
{
    return value & low_bits(trap->site->decode.address.bits);
}

/* Only the source takes a segment override. */
uint64_t string_source(const struct trap *trap)
{
    return operand_linear(trap, trap->general[REGISTER_RSI]);
}

uint64_t string_destination(const struct trap *trap)
{
    return string_narrow(trap, trap->general[REGISTER_RDI]);
}

/* ---- how much can go at once */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The lowest address of `count` bytes of elements. */
static uint64_t lowest(const struct block *block, uint64_t first, uint64_t count)
{
    return block->is_descending ? first + block->width - count : first;
}

/* Bytes of elements that lie in the window of the first one, or so many as are wanted. */
static uint64_t window_room(const struct block *block, const struct window *window, uint64_t want)
{
    uint64_t ahead = window->end - block->device, behind = block->device - window->start;
    if (ahead < block->width)
        return 0;
    return least(want, block->is_descending ? behind + block->width : ahead);
}

/* A write that is posted is not waited for, and so goes alone. */
static uint64_t device_room(struct block *block, uint64_t want)
{
    struct window window;
    if (!window_find(block->device, &window) || window.memory != NULL || (window.is_private && block->is_store) ||
        !(window.protection & (block->is_store ? PROT_WRITE : PROT_READ)))
        return 0;
    uint64_t file_offset = window.file_offset + (block->device - window.start);
    const struct device *device = device_at((int)window.node, file_offset);
    if (device == NULL)
        return 0;
    uint64_t offset = file_offset - device->base, room = window_room(block, &window, want);
    uint64_t burst = block->is_descending ? 0 : device_burst_room(device, offset, room);
    block->is_burst = burst > block->width;
    if (block->is_burst)
        return burst;
    if (block->is_store && device->is_posted)
        return 0;
    return device_string_room(device, offset, block->width, block->is_descending, room);
}

/* What is stored to must lie in one page, so that one touch tells whether all of it can be written. */
static uint64_t memory_room(const struct block *block, uint64_t want)
{
    if (!block->is_store) {
        uint64_t rest = page_rest(block->memory);
        if (block->is_descending)
            rest = rest < block->width ? 0 : block->memory - page_of(block->memory) + block->width;
        want = least(want, rest);
    }
    uint64_t low = lowest(block, block->memory, want);
    if (block->is_descending)
        return want == 0 || window_overlaps(low, low + want) ? 0 : want;
    return window_next(low, low + want) - low;
}

/* Which of the two places is a device's: exactly one. */
static bool find_places(struct block *block, const struct trap *trap)
{
    struct window window;
    bool is_stos = trap->site->decode.string == DECODE_STOS;
    uint64_t from = string_source(trap), to = string_destination(trap);
    block->is_store = is_stos || window_find(to, &window);
    block->device = block->is_store ? to : from;
    block->memory = block->is_store ? from : to;
    return is_stos || !window_find(block->memory, &window);
}

/* False if the next element has to go alone. */
static bool find_block(struct block *block, const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t elements = trap->general[REGISTER_RCX], want = DEVICE_BURST_BOUNDARY;
    if ((decode->string != DECODE_MOVS && decode->string != DECODE_STOS) ||
        decode->address.bits != (decode->mode == DECODE_CODE32 ? 32 : 64))
        return false;
    *block = (struct block){.trap = trap, .width = decode->width, .is_descending = trap->flags & RFLAGS_DF};
    if (elements < want / decode->width)
        want = elements * decode->width;
    if (!find_places(block, trap))
        return false;
    uint64_t room = device_room(block, want);
    if (room > 0 && decode->string == DECODE_MOVS)
        room = memory_room(block, room);
    block->count = (unsigned)(room - room % block->width);
    return block->count > block->width;
}

/* ---- moving it */

/* Between the order of addresses and that of elements, in place. */
static void turn_around(uint8_t *bytes, unsigned count, unsigned width)
{
    for (unsigned low = 0, high = count - width; low < high; low += width, high -= width) {
        uint8_t element[8];
        memcpy(element, bytes + low, width);
        memcpy(bytes + low, bytes + high, width);
        memcpy(bytes + high, element, width);
    }
}

static bool fetch(const struct block *block, uint8_t *bytes)
{
    const struct trap *trap = block->trap;
    if (!block->is_store)
        return execute_can_store((void *)block->memory);
    if (trap->site->decode.string == DECODE_STOS) {
        for (unsigned at = 0; at < block->count; at += block->width)
            memcpy(bytes + at, &trap->general[REGISTER_RAX], block->width);
        return true;
    }
    if (!execute_copy(bytes, (const void *)lowest(block, block->memory, block->count), block->count))
        return false;
    if (block->is_descending)
        turn_around(bytes, block->count, block->width);
    return true;
}

static bool store_back(const struct block *block, uint8_t *bytes, unsigned count)
{
    if (count == 0)
        return true;
    if (block->is_descending)
        turn_around(bytes, count, block->width);
    return execute_copy((void *)lowest(block, block->memory, count), bytes, count);
}

/* *done: elements that have been carried out. */
static bool access_device(struct trap *trap, const struct block *block, uint8_t *bytes, unsigned *done)
{
    struct window window;
    unsigned elements = block->count / block->width;
    *done = 0;
    if (!window_find(block->device, &window))
        return true;
    if (!block->is_burst) {
        const struct bus_string string = {
            block->is_store, block->is_descending, block->device, block->width, elements, bytes};
        return bus_string(trap->site, &window, &string, done, &trap->raised);
    }
    const struct bus_piece piece = {block->is_store, false, block->device, block->count, OPERAND_ALL, bytes};
    if (!bus_access(trap->site, &window, &piece, &trap->raised))
        return false;
    *done = elements;
    return true;
}

static void advance(struct trap *trap, const struct block *block, unsigned elements)
{
    uint64_t distance = (uint64_t)elements * block->width;
    if (block->is_descending)
        distance = -distance;
    trap->general[REGISTER_RDI] = string_narrow(trap, trap->general[REGISTER_RDI] + distance);
    if (trap->site->decode.string == DECODE_MOVS)
        trap->general[REGISTER_RSI] = string_narrow(trap, trap->general[REGISTER_RSI] + distance);
    trap->general[REGISTER_RCX] -= elements;
}

bool string_block(struct trap *trap, unsigned *moved)
{
    static uint8_t bytes[DEVICE_BURST_BOUNDARY];
    struct block block;
    *moved = 0;
    if (!find_block(&block, trap) || !fetch(&block, bytes))
        return true;
    bool is_done = access_device(trap, &block, bytes, moved);
    if (!block.is_store && !store_back(&block, bytes, *moved * block.width)) {
        trap->raised = *execute_exception();
        return false;
    }
    advance(trap, &block, *moved);
    return is_done;
}
