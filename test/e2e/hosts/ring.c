// SPDX-License-Identifier: Apache-2.0
// Posts descriptors to cores/descriptor_ring.sv, whose ring is reserved memory at 0x10000000 of the same file as its
// registers.
//   ring late|early|barrier COUNT   says which descriptor the device saw: `n` what was posted, `o` what lay there
//   before ring watch COUNT                says how many reads of a register it took until the completion stood in
//   memory ring poll COUNT                 the same, until poll of /dev/uio0 showed the interrupt
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "device.h"

enum { BASE = 0x00, DOORBELL = 0x04, LAST = 0x08, DONE = 0x0c, DELAY = 0x10 };

static volatile uint8_t *device;
static volatile uint32_t *descriptors;

// What a compiler may make of two plain stores; and what drivers write to keep their order.
static void post_late(uint32_t i, uint32_t descriptor)
{
    device_write32(device, DOORBELL, i);
    descriptors[i] = descriptor;
}

static void post_early(uint32_t i, uint32_t descriptor)
{
    descriptors[i] = descriptor;
    device_write32(device, DOORBELL, i);
}

static void post_barrier(uint32_t i, uint32_t descriptor)
{
    descriptors[i] = descriptor;
    atomic_thread_fence(memory_order_seq_cst);
    device_write32(device, DOORBELL, i);
}

static int tell_order(const char *order, uint32_t count)
{
    void (*post)(uint32_t, uint32_t) = strcmp(order, "late") == 0    ? post_late
                                       : strcmp(order, "early") == 0 ? post_early
                                                                     : post_barrier;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t descriptor = 0x1000 + i;
        post(i, descriptor);
        while (device_read32(device, DONE) != i + 1)
            ;
        putchar(device_read32(device, LAST) == descriptor ? 'n' : 'o');
        if (descriptors[0x200 + i] != (0x80000000 | device_read32(device, LAST)))
            return 1;
    }
    putchar('\n');
    return 0;
}

static bool is_in_memory(uint32_t i)
{
    return descriptors[0x200 + i] != 0;
}

static int uio;

static bool is_interrupted(uint32_t i)
{
    (void)i;
    struct pollfd ready = {.fd = uio, .events = POLLIN};
    return poll(&ready, 1, 0) == 1;
}

static bool take_interrupt(void)
{
    uint32_t count, unmask = 1;
    device_write32(device, DONE, 0);
    return read(uio, &count, sizeof count) == sizeof count && write(uio, &unmask, sizeof unmask) == sizeof unmask;
}

// Each delay lets the completion come at another edge of the read that goes on meanwhile.
static int watch(bool (*has_come)(uint32_t), uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int reads = 0;
        device_write32(device, DELAY, i % 7);
        post_early(i, 0x1000 + i);
        while (!has_come(i)) {
            device_read32(device, LAST);
            reads++;
        }
        while (device_read32(device, DONE) != i + 1)
            ;
        if (has_come == is_interrupted && !take_interrupt())
            return 1;
        printf("%d ", reads);
    }
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    uint32_t count = (uint32_t)number(argv[2]);
    device = device_map("/dev/mem", 0x43c00000, 0x1000);
    descriptors = (volatile uint32_t *)device_map("/dev/mem", 0x10000000, 0x1000);
    device_write32(device, BASE, 0x10000000);
    if (strcmp(argv[1], "watch") == 0)
        return watch(is_in_memory, count);
    if (strcmp(argv[1], "poll") != 0)
        return tell_order(argv[1], count);
    uio = open("/dev/uio0", O_RDWR);
    return uio < 0 ? 2 : watch(is_interrupted, count);
}
