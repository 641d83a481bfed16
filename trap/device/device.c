/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <string.h>

#include "ground/report.h"
#include "ground/signal_safe.h"

static struct device devices[DEVICE_MAX];
static unsigned device_count;

void device_reset(void)
{
    device_count = 0;
}

bool device_add(const struct device *device)
{
    if (device_count == DEVICE_MAX)
        return false;
    devices[device_count++] = *device;
    return true;
}

const struct device *device_at(int node, uint64_t file_offset)
{
    const struct device *found = NULL;
    for (unsigned i = 0; i < device_count; i++)
        if (devices[i].node == node && devices[i].memory[0] == 0 && devices[i].base <= file_offset &&
            (found == NULL || devices[i].base > found->base))
            found = &devices[i];
    return found;
}

static bool is_memory_in(const struct device *device, int node, uint64_t from, uint64_t to)
{
    return device->node == node && device->memory[0] != 0 && device->base < to && device->base + device->size > from;
}

const struct device *device_memory_in(int node, uint64_t file_offset, uint64_t end)
{
    const struct device *found = NULL;
    for (unsigned i = 0; i < device_count; i++)
        if (is_memory_in(&devices[i], node, file_offset, end) && (found == NULL || devices[i].base < found->base))
            found = &devices[i];
    return found;
}

bool device_has_end(int node)
{
    const struct device *last = device_at(node, UINT64_MAX);
    return last != NULL && last->has_end;
}

const struct device *device_of_handle(uint32_t handle)
{
    for (unsigned i = 0; i < device_count; i++)
        if (devices[i].handle == handle)
            return &devices[i];
    return NULL;
}

const struct device *device_named(const char *name)
{
    for (unsigned i = 0; i < device_count; i++)
        if (strcmp(devices[i].name, name) == 0)
            return &devices[i];
    return NULL;
}

bool device_within(int node, uint64_t from, uint64_t to)
{
    for (unsigned i = 0; i < device_count; i++)
        if (devices[i].node == node && devices[i].base < to && devices[i].base + devices[i].size > from)
            return true;
    return false;
}

void device_places(int node, char *text, unsigned size)
{
    static const unsigned most = 8;
    unsigned named = 0, length = 0;
    for (unsigned i = 0; i < device_count; i++) {
        const struct device *device = &devices[i];
        if (device->node != node || device->size == 0 || named++ >= most)
            continue;
        report_text(text + length, size - length, "%s%s at %x-%x", named == 1 ? "" : ", ", device->name, device->base,
                    device->base + device->size - 1);
        length += strlen(text + length);
    }
    if (named > most)
        report_text(text + length, size - length, ", and %u more", (uint64_t)(named - most));
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t device_string_room(const struct device *device, uint64_t offset, unsigned width, bool is_descending,
                            uint64_t want)
{
    if (offset >= device->size || device->size - offset < width)
        return 0;
    return least(least(want, device->string), is_descending ? offset + width : device->size - offset);
}

uint64_t device_burst_room(const struct device *device, uint64_t offset, uint64_t want)
{
    if (offset >= device->size)
        return 0;
    uint64_t room = least(least(want, device->burst), device->size - offset);
    return least(room, DEVICE_BURST_BOUNDARY - offset % DEVICE_BURST_BOUNDARY);
}
