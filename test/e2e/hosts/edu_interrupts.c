// SPDX-License-Identifier: Apache-2.0
// edu_interrupts FOLDER UIO REGISTERS: a driver in user space of QEMU's edu device (docs/specs/edu.rst there), whose
// folder in sysfs is FOLDER, whose interrupts come by UIO, bound to uio_pci_generic, and whose registers are in the
// file REGISTERS. It has three factorials computed and waits for the interrupt of each: in read, or in poll first.
#include <poll.h>

#include "device.h"

enum { STATUS = 0x20, FACTORIAL = 0x08, RAISES_INTERRUPT = 0x80, INTERRUPTS = 0x24, ACKNOWLEDGE = 0x64 };
/* The high byte of the command register of PCI, and its bit that keeps interrupts away (PCI 3.0, 6.2.2). */
enum { COMMAND_HIGH = 5, INTERRUPT_DISABLE = 0x04 };

static int open_file(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s%s", folder, name[0] == 0 ? "" : "/", name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
    exit(2);
}

// uio_pci_generic has masked it at the device; a driver that has acknowledged it lets the next one come.
static int unmask(int config)
{
    uint8_t command;
    if (pread(config, &command, 1, COMMAND_HIGH) != 1)
        return 0;
    command &= (uint8_t)~INTERRUPT_DISABLE;
    return pwrite(config, &command, 1, COMMAND_HIGH) == 1;
}

static uint32_t wait_for_interrupt(int uio, int polls)
{
    struct pollfd item = {.fd = uio, .events = POLLIN};
    uint32_t count = 0;
    if (polls && (poll(&item, 1, -1) != 1 || item.revents != POLLIN))
        return 0;
    return read(uio, &count, sizeof count) == sizeof count ? count : 0;
}

int main(int argc, char **argv)
{
    static const uint32_t wanted[3] = {120, 5040, 3628800}, of[3] = {5, 7, 10};
    if (argc != 4)
        return 2;
    volatile uint8_t *edu = device_map(argv[3], 0, 4096);
    int uio = open_file(argv[2], ""), config = open_file(argv[1], "config");
    uint32_t last = 0, one = 1;
    // The driver in the kernel has no way to mask an interrupt by a write (uio_write), which the device itself says.
    if (write(uio, &one, sizeof one) != -1 || errno != ENOSYS)
        return 3;
    device_write32(edu, STATUS, RAISES_INTERRUPT);
    for (int i = 0; i < 3; i++) {
        device_write32(edu, FACTORIAL, of[i]);
        uint32_t count = wait_for_interrupt(uio, i == 1);
        uint32_t raised = device_read32(edu, INTERRUPTS);
        device_write32(edu, ACKNOWLEDGE, raised);
        if (count == 0 || (last != 0 && count != last + 1) || raised != 1 || !unmask(config) ||
            device_read32(edu, FACTORIAL) != wanted[i])
            return 4;
        last = count;
    }
    puts("edu_interrupts: all well");
    return 0;
}
