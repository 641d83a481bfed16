/* SPDX-License-Identifier: Apache-2.0 */
#include "io_port.h"

#include <string.h>
#include <sys/mman.h>

#include "bus.h"
#include "device.h"
#include "ground/hexadecimal.h"
#include "ground/low_bits.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "memory/window.h"
#include "node.h"
#include "ground/signal_safe.h"

enum { BITS = 64, WORDS = IO_PORT_COUNT / BITS, ALL_LEVEL = 3, MOST_NAMED = 16 };

static int port_node = NODE_NONE;
static _Atomic uint64_t granted[WORDS];
static _Atomic unsigned level;
/* Since the first grant. */
static _Atomic bool was_asked;

/* The process may have ports of the machine from whoever executed it, and would use them past us. */
static void give_up_own(void)
{
    raw_syscall(SYS_iopl, 0);
    raw_syscall(SYS_ioperm, 0, IO_PORT_COUNT, 0);
}

void io_port_serve(int node)
{
    if (node != port_node && node != NODE_NONE)
        give_up_own();
    port_node = node;
}

bool io_port_are_served(void)
{
    return port_node != NODE_NONE;
}

int io_port_node(void)
{
    return port_node;
}

bool io_port_is_node(int node)
{
    return node != NODE_NONE && node == port_node;
}

/* ---- grants */

void io_port_grant(unsigned first, unsigned count, bool is_granted)
{
    for (unsigned port = first; port < first + count; port++) {
        uint64_t bit = (uint64_t)1 << port % BITS;
        if (is_granted)
            granted[port / BITS] |= bit;
        else
            granted[port / BITS] &= ~bit;
    }
    was_asked = true;
}

void io_port_set_level(unsigned wanted)
{
    level = wanted;
    was_asked = true;
}

unsigned io_port_level(void)
{
    return level;
}

bool io_port_any_granted(void)
{
    return was_asked;
}

static bool has_bit(unsigned port)
{
    return granted[port / BITS] >> port % BITS & 1;
}

bool io_port_is_granted(unsigned port, unsigned width)
{
    if (port + width > IO_PORT_COUNT)
        return false;
    for (unsigned i = 0; level != ALL_LEVEL && i < width; i++)
        if (!has_bit(port + i))
            return false;
    return true;
}

static unsigned hexadecimal(unsigned value, char text[8])
{
    static const char digits[] = "0123456789abcdef";
    unsigned length = 0;
    for (int shift = 28; shift >= 0; shift -= 4)
        if (length > 0 || value >> shift != 0 || shift == 0)
            text[length++] = digits[value >> shift & 15];
    return length;
}

bool io_port_describe_grants(char *text, size_t size)
{
    size_t length = 0;
    enum { LONGEST_RANGE = 12 };
    text[length++] = (char)('0' + level);
    for (unsigned port = 0; port < IO_PORT_COUNT; port++) {
        unsigned first = port;
        while (port < IO_PORT_COUNT && has_bit(port))
            port++;
        if (port == first)
            continue;
        if (size - length < LONGEST_RANGE)
            return false;
        text[length++] = ' ';
        length += hexadecimal(first, text + length);
        text[length++] = '-';
        length += hexadecimal(port - 1, text + length);
    }
    text[length] = 0;
    return true;
}

void io_port_take_grants(const char *text)
{
    uint64_t granted = hexadecimal_take(&text);
    io_port_set_level(granted <= ALL_LEVEL ? (unsigned)granted : 0);
    while (*text++ == ' ') {
        uint64_t first = hexadecimal_take(&text);
        if (*text++ != '-')
            return;
        uint64_t last = hexadecimal_take(&text);
        if (first <= last && last < IO_PORT_COUNT)
            io_port_grant((unsigned)first, (unsigned)(last - first + 1), true);
    }
}

/* ---- accesses */

/* NULL if none covers the port. */
static const struct device *device_of(unsigned port)
{
    const struct device *device = device_at(port_node, port);
    return device != NULL && port - device->base < device->size ? device : NULL;
}

static void name_uncovered(unsigned port)
{
    static uint64_t named[WORDS];
    static unsigned count;
    uint64_t bit = (uint64_t)1 << port % BITS;
    if (count > MOST_NAMED || named[port / BITS] & bit)
        return;
    named[port / BITS] |= bit;
    if (++count <= MOST_NAMED)
        report("I/O port %x is no device's: it reads as all ones, and writes to it go nowhere", (uint64_t)port);
    else
        report("further I/O ports that are no device's are used, and not named any more");
}

/* A window that maps the node's file from its start, whose addresses are the ports' numbers. */
static bool access_device(struct site *site, const struct bus_piece *piece, siginfo_t *raised)
{
    const struct window whole = {
        .end = IO_PORT_COUNT, .node = (uint32_t)port_node, .protection = PROT_READ | PROT_WRITE};
    return bus_access(site, &whole, piece, raised);
}

/* An access to the machine's own ports has no pieces. */
static void refuse_cut(unsigned port, unsigned width, uint64_t pc)
{
    for (unsigned i = 0; i < width; i++) {
        const struct device *device = device_of(port + i);
        if (device != NULL && device->is_real && (device_of(port) != device || device_of(port + width - 1) != device))
            report_fatal("an access of %u bytes at I/O port %x, at pc %x, lies only partly in the real device %s, and "
                         "can't be cut; the host is ended",
                         (uint64_t)width, (uint64_t)port, pc, device->name);
    }
}

bool io_port_access(struct site *site, bool is_store, unsigned port, unsigned width, uint8_t *bytes, siginfo_t *raised)
{
    refuse_cut(port, width, site->pc);
    for (unsigned done = 0, piece = 1; done < width; done += piece) {
        unsigned at = port + done;
        const struct device *device = device_of(at);
        for (piece = 1; done + piece < width && device_of(at + piece) == device; piece++)
            continue;
        if (device == NULL && !is_store)
            memset(bytes + done, 0xff, piece);
        if (device == NULL)
            name_uncovered(at);
        else if (!access_device(site,
                                &(struct bus_piece){.is_store = is_store,
                                                    .address = at,
                                                    .width = piece,
                                                    .enables = low_bits(piece),
                                                    .bytes = bytes + done},
                                raised))
            return false;
    }
    return true;
}
