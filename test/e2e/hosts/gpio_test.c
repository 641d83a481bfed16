// SPDX-License-Identifier: Apache-2.0
// gpio_test PATH BASE
// A driver's self-test for axil_gpio: registers, byte lanes, reset values, what is read-only, and the hole behind them.
// Prints one line; exit status 1 at the first register that is not as its manual says.
#include <setjmp.h>
#include <signal.h>

#include "device.h"

enum { OUT = 0x00, IN = 0x04, DIRECTION = 0x08, CHANGED = 0x0c, ENABLE = 0x10, HOLE = 0x14 };

static sigjmp_buf after_fault;

static void on_bus_error(int signal)
{
    (void)signal;
    siglongjmp(after_fault, 1);
}

static int refuses_reads(volatile uint8_t *gpio, uint64_t offset)
{
    if (sigsetjmp(after_fault, 1))
        return 1;
    device_read32(gpio, offset);
    return 0;
}

static void expect(const char *what, uint32_t found, uint32_t wanted)
{
    if (found == wanted)
        return;
    printf("%s is 0x%08x, not 0x%08x\n", what, found, wanted);
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: gpio_test PATH BASE\n");
        return 2;
    }
    volatile uint8_t *gpio = device_map(argv[1], number(argv[2]), 0x1000);
    signal(SIGBUS, on_bus_error);

    expect("OUT after reset", device_read32(gpio, OUT), 0);
    expect("DIRECTION after reset", device_read32(gpio, DIRECTION), 0);
    expect("CHANGED after reset", device_read32(gpio, CHANGED), 0);
    expect("IN", device_read32(gpio, IN), 0);

    for (int bit = 0; bit < 32; ++bit) {
        device_write32(gpio, OUT, 1u << bit);
        expect("OUT", device_read32(gpio, OUT), 1u << bit);
    }
    device_write32(gpio, DIRECTION, 0x12345678);
    gpio[DIRECTION + 1] = 0xab;
    *(volatile uint16_t *)(gpio + DIRECTION + 2) = 0xcdef;
    expect("DIRECTION by its bytes", device_read32(gpio, DIRECTION), 0xcdefab78);
    expect("a byte of DIRECTION", gpio[DIRECTION + 3], 0xcd);
    *(volatile uint64_t *)(gpio + CHANGED) = 0xffff0000ffffffff;
    expect("ENABLE", device_read32(gpio, ENABLE), 0xffff0000);
    expect("CHANGED without a change", device_read32(gpio, CHANGED), 0);
    expect("whether the hole refuses reads", refuses_reads(gpio, HOLE), 1);
    expect("OUT at last", device_read32(gpio, OUT), 1u << 31);
    puts("gpio_test: all is as the manual says");
    return 0;
}
