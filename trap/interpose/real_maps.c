/* SPDX-License-Identifier: Apache-2.0 */
#include "real_maps.h"

#include <stdbool.h>
#include <stddef.h>

#include "device/device.h"
#include "device/hardware.h"
#include "device/transfer.h"
#include "lane/ring.h"

/* The last real device of which [offset, *end) of the node has some; *end becomes its start. NULL: there is none. */
static const struct device *take_last(int node, uint64_t offset, uint64_t *end)
{
    while (*end > offset) {
        const struct device *device = device_at(node, *end - 1);
        if (device == NULL || device->base + device->size <= offset)
            return NULL;
        *end = device->base;
        if (device->is_real)
            return device;
    }
    return NULL;
}

void real_maps_open(int node, uint64_t offset, uint64_t end)
{
    for (const struct device *device; (device = take_last(node, offset, &end)) != NULL;)
        hardware_map(device);
}

void real_maps_note(const struct window *window)
{
    uint64_t offset = window->file_offset, end = offset + (window->end - window->start), limit = end;
    for (const struct device *device; (device = take_last((int)window->node, offset, &limit)) != NULL;) {
        uint64_t from = device->base > offset ? device->base : offset;
        uint64_t to = device->base + device->size < end ? device->base + device->size : end;
        uint64_t signals = transfer_begin();
        hardware_note_mapped(device, &(struct hardware_mapping){.address = window->start + (from - offset),
                                                                .offset = from - device->base,
                                                                .length = to - from});
        transfer_end(signals);
    }
}

static bool is_real(const struct window *window)
{
    uint64_t end = window->file_offset + (window->end - window->start);
    return window->memory == NULL && take_last((int)window->node, window->file_offset, &end) != NULL;
}

void real_maps_forget(uint64_t start, uint64_t end)
{
    struct window window;
    for (uint64_t at = start; ring_is_there() && at < end; at = window.end) {
        if (!window_find(at, &window)) {
            window.end = window_next(at, end);
            continue;
        }
        if (!is_real(&window))
            continue;
        uint64_t signals = transfer_begin();
        hardware_note_unmapped(at, window.end < end ? window.end : end);
        transfer_end(signals);
    }
}
