/* SPDX-License-Identifier: Apache-2.0 */
#include "hardware_port.h"

#include <string.h>

#include "ground/errno_words.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/signal_safe.h"

enum { NO_LEVEL = 0, ALL_LEVEL = 3 };

static void leave(void)
{
    raw_syscall(SYS_iopl, NO_LEVEL);
}

void hardware_port_enter(const struct device *device)
{
    long error = raw_syscall(SYS_iopl, ALL_LEVEL);
    if (error < 0)
        report_fatal("device %s: the kernel does not let this process have the machine's I/O ports (%s), which takes "
                     "CAP_SYS_RAWIO and a kernel that is not locked down; the host is ended",
                     device->name, errno_words(-error));
}

void hardware_port_check(const struct device *device)
{
    hardware_port_enter(device);
    leave();
}

static uint32_t input(uint16_t port, unsigned width)
{
    uint32_t value = 0;
    if (width == 1)
        __asm__ volatile("inb %w1, %b0" : "+a"(value) : "d"(port));
    else if (width == 2)
        __asm__ volatile("inw %w1, %w0" : "+a"(value) : "d"(port));
    else
        __asm__ volatile("inl %w1, %0" : "=a"(value) : "d"(port));
    return value;
}

static void output(uint16_t port, unsigned width, uint32_t value)
{
    if (width == 1)
        __asm__ volatile("outb %b0, %w1" : : "a"(value), "d"(port) : "memory");
    else if (width == 2)
        __asm__ volatile("outw %w0, %w1" : : "a"(value), "d"(port) : "memory");
    else
        __asm__ volatile("outl %0, %w1" : : "a"(value), "d"(port) : "memory");
}

void hardware_port_access(const struct device *device, uint64_t offset, const struct bus_piece *piece)
{
    uint16_t port = (uint16_t)(device->base + offset);
    uint32_t value = 0;
    if (piece->is_store) {
        memcpy(&value, piece->bytes, piece->width);
        output(port, piece->width, value);
    } else {
        value = input(port, piece->width);
        memcpy(piece->bytes, &value, piece->width);
    }
    leave();
}
