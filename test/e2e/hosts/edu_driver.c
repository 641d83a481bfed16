// SPDX-License-Identifier: Apache-2.0
// edu_driver PATH BASE: a driver of QEMU's device `edu` (its docs/specs/edu.rst) in user space, by a file of its
// registers such as sysfs's resource0: identity, liveness, factorials that are waited for, interrupts raised and
// acknowledged, registers of 64 bits, and a width that it does not know.
#include <stdbool.h>

#include "device.h"

struct edu {
    uint32_t id, live, fact, hole_0c[5];
    uint32_t status, irq, hole_28[14];
    uint32_t raise, ack, hole_68[6];
    uint64_t dma_src;
};

_Static_assert(offsetof(struct edu, status) == 0x20, "as the specification has it");
_Static_assert(offsetof(struct edu, raise) == 0x60, "as the specification has it");
_Static_assert(offsetof(struct edu, dma_src) == 0x80, "as the specification has it");

enum { COMPUTING = 1, LARGEST = 14, POLL_US = 1000 };

static bool is_edu(volatile struct edu *edu)
{
    return edu->id == 0x010000ed;
}

static bool is_alive(volatile struct edu *edu)
{
    const uint32_t words[] = {0, 0x12345678, 0xffffffff};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        edu->live = words[i];
        if (edu->live != ~words[i])
            return false;
    }
    return true;
}

static bool can_multiply(volatile struct edu *edu)
{
    uint32_t expected = 1;
    for (uint32_t number = 1; number <= LARGEST; number++) {
        expected *= number;
        edu->fact = number;
        while (edu->status & COMPUTING)
            usleep(POLL_US);
        if (edu->fact != expected)
            return false;
    }
    return true;
}

static bool interrupts(volatile struct edu *edu)
{
    edu->raise = 0x30;
    edu->raise = 0x80000000;
    uint32_t raised = edu->irq;
    edu->ack = 0x10;
    uint32_t left = edu->irq;
    edu->ack = left;
    return raised == 0x80000030 && left == 0x80000020 && edu->irq == 0;
}

static bool keeps_addresses(volatile struct edu *edu)
{
    edu->dma_src = 0x1122334455667788;
    volatile uint32_t *halves = (volatile uint32_t *)&edu->dma_src;
    return edu->dma_src == 0x1122334455667788 && halves[0] == 0x55667788 && halves[1] == UINT32_MAX;
}

static bool knows_its_widths(volatile struct edu *edu)
{
    volatile void *id = &edu->id;
    volatile uint64_t *pair = id;
    return *pair == UINT64_MAX;
}

static const struct step {
    const char *name;
    bool (*passes)(volatile struct edu *edu);
} steps[] = {{"identity", is_edu},       {"liveness", is_alive},         {"factorials", can_multiply},
             {"interrupts", interrupts}, {"addresses", keeps_addresses}, {"widths", knows_its_widths}};

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    volatile struct edu *edu = (volatile struct edu *)device_map(argv[1], number(argv[2]), 4096);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!steps[i].passes(edu)) {
            printf("edu: %s failed\n", steps[i].name);
            return 1;
        }
    }
    printf("edu: all well\n");
    return 0;
}
