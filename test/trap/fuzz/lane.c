// SPDX-License-Identifier: Apache-2.0
#include "lane.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "device/bus.h"
#include "device/device.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "lane/channel.h"
#include "memory/window.h"
#include "trap/patched.h"
#include "trap/signals.h"

static struct access_list accesses;

static bool lane_start(void)
{
    return true;
}

static uint8_t *memory_of(unsigned device)
{
    for (unsigned page = 0; page < ARENA_PAGES; page++)
        if (arena_device(ARENA_START + page * ARENA_PAGE) == device)
            return arena_alias() + page * ARENA_PAGE;
    return NULL;
}

/* Returns where the access is noted. */
static const struct access *carry_out(const trapline_v1_Access *request, uint64_t offset, const uint8_t *data)
{
    struct access *access = access_append(&accesses);
    uint8_t *at = memory_of(request->device) + offset;
    *access = (struct access){
        .is_store = request->operation == trapline_v1_Operation_OPERATION_WRITE,
        .hold = request->hold,
        .device = (uint8_t)request->device,
        .width = (uint8_t)request->width_bytes,
        .offset = (uint16_t)offset,
        .enables = request->byte_enables != 0 ? request->byte_enables : access_all_bytes(request->width_bytes),
    };
    const uint8_t *from = access->is_store ? data : at;
    for (unsigned i = 0; i < access->width; i++)
        if (access->enables >> i & 1)
            access->data[i] = from[i];
    for (unsigned i = 0; access->is_store && i < access->width; i++)
        if (access->enables >> i & 1)
            at[i] = access->data[i];
    return access;
}

static bool lane_transact(const trapline_v1_Access *request, trapline_v1_Completion *completion)
{
    unsigned elements = request->elements > 1 ? request->elements : 1, width = request->width_bytes;
    uint64_t offset = request->offset;
    completion->data.size = 0;
    for (unsigned i = 0; i < elements; i++, offset += request->descending ? -(uint64_t)width : width) {
        const struct access *access = carry_out(request, offset, request->data.bytes + i * width);
        if (access->is_store)
            continue;
        memcpy(completion->data.bytes + i * width, access->data, width);
        completion->data.size += (pb_size_t)width;
    }
    completion->seq = request->seq;
    completion->status = trapline_v1_Status_STATUS_OKAY;
    completion->done = request->elements > 1 ? elements : 0;
    return true;
}

static const char *lane_failure(void)
{
    return "the lane of the fuzzer does not fail";
}

static bool lane_is_there(void)
{
    return true;
}

static bool lane_is_near(uint32_t device)
{
    (void)device;
    return true;
}

static const struct channel_lane lane = {lane_start, lane_transact, lane_failure, lane_is_there,
                                         NULL,       NULL,          lane_is_near, lane_is_near};

static void add_window(uint64_t start, unsigned number)
{
    struct device device = {
        .handle = number, .node = (int)number, .size = ARENA_PAGE, .string = BUS_STRING_MAX, .on_error = DEVICE_SIGBUS};
    struct window window = {
        .start = start, .end = start + ARENA_PAGE, .node = number, .protection = PROT_READ | PROT_WRITE};
    snprintf(device.name, sizeof device.name, "device%u", number);
    if (!device_add(&device) || !window_add(&window))
        abort();
}

void lane_init(void)
{
    registers_init();
    for (uint64_t page = ARENA_START; page < ARENA_END; page += ARENA_PAGE)
        if (arena_device(page) != 0)
            add_window(page, arena_device(page));
    if (!execute_init() || !channel_init(&lane)) {
        perror("fuzz: cannot map the agent's pages");
        exit(2);
    }
    signals_install(sigaction);
}

void lane_patch(void)
{
    if (patched_start(1, true))
        return;
    fputs("fuzz: this kernel lets no code be patched\n", stderr);
    exit(2);
}

const struct access_list *lane_accesses(void)
{
    return &accesses;
}

void lane_action(int number, const struct sigaction *action)
{
    if (signals_are_kept(number))
        signals_action(number, action, NULL);
    else
        sigaction(number, action, NULL);
}

static void protect(unsigned page, unsigned count, int protection)
{
    if (mprotect((void *)(ARENA_START + page * ARENA_PAGE), count * ARENA_PAGE, protection) == 0)
        return;
    perror("fuzz: cannot protect a window");
    exit(2);
}

void lane_begin(const uint8_t *memory)
{
    (void)memory; // which the arena's other mapping has
    accesses.count = 0;
    protect(1, 1, PROT_NONE);
    protect(3, 2, PROT_NONE);
}

void lane_end(uint8_t *memory)
{
    (void)memory;
    protect(1, 1, PROT_READ | PROT_WRITE);
    protect(3, 2, PROT_READ | PROT_WRITE);
}
