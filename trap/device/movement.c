/* SPDX-License-Identifier: Apache-2.0 */
#include "movement.h"

#include <errno.h>

#include "bus.h"
#include "device.h"
#include "ground/low_bits.h"
#include "ground/page.h"
#include "instruction/execute.h"
#include "ground/signal_safe.h"

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

static long move_string(struct movement *movement, struct piece piece)
{
    uint8_t *memory = movement->memory + movement->moved;
    const struct bus_string string = {.is_store = movement->is_store,
                                      .address = movement->address + movement->moved,
                                      .width = piece.width,
                                      .elements = piece.elements,
                                      .bytes = under_way};
    unsigned done;
    bool is_whole = bus_string(movement->site, movement->window, &string, &done, &movement->raised);
    if (!movement->is_store && done > 0 && !execute_copy(memory, under_way, done * piece.width))
        return -EFAULT;
    movement->moved += done * piece.width;
    return is_whole ? 0 : -EIO;
}

/* Host memory is touched by execute_copy only: the pointer is the host's, and may lead nowhere. */
static long move_alone(struct movement *movement, unsigned width)
{
    uint8_t *memory = movement->memory + movement->moved;
    struct bus_piece piece = {.is_store = movement->is_store,
                              .address = movement->address + movement->moved,
                              .width = width,
                              .enables = low_bits(width),
                              .bytes = under_way};
    if (movement->is_store && !execute_copy(under_way, memory, width))
        return -EFAULT;
    if (!bus_access(movement->site, movement->window, &piece, &movement->raised))
        return -EIO;
    if (!movement->is_store && !execute_copy(memory, under_way, width))
        return -EFAULT;
    movement->moved += width;
    return 0;
}

void movement_run(struct movement *movement)
{
    while (movement->moved < movement->count && movement->failure == 0) {
        struct piece piece = next_piece(movement);
        movement->failure = can_go_together(movement, piece) ? move_string(movement, piece)
                                                             : move_alone(movement, piece.width);
    }
}
