/* SPDX-License-Identifier: Apache-2.0 */
#include "hardware.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "ground/errno_words.h"
#include "ground/low_bits.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "ground/vectors.h"
#include "hardware_port.h"
#include "instruction/execute.h"
#include "lane/channel.h"
#include "ground/signal_safe.h"

/* Where devices themselves begin in our memory, by their handles; those of one handle are one. */
static uint8_t *mapped[DEVICE_MAX + 1];

/* A file that may only be read is a device without stores: the host's own mapping of it says so, too. */
static long open_device(const struct device *device, int *protection)
{
    long file = raw_syscall(SYS_openat, AT_FDCWD, device->hardware, O_RDWR | O_SYNC | O_CLOEXEC | O_NOCTTY);
    *protection = PROT_READ | PROT_WRITE;
    if (file != -EACCES && file != -EROFS && file != -EPERM)
        return file;
    *protection = PROT_READ;
    return raw_syscall(SYS_openat, AT_FDCWD, device->hardware, O_RDONLY | O_SYNC | O_CLOEXEC | O_NOCTTY);
}

__attribute__((noreturn)) static void refuse(const struct device *device, const char *what, long error)
{
    report_fatal("device %s: the real device %s can't be %s (%s); the host is ended", device->name, device->hardware,
                 what, errno_words(error));
}

/* What lies behind the end of a file can be mapped, and kills who looks there. */
static void check_size(const struct device *device, long file)
{
    struct stat status;
    uint64_t end = device->hardware_offset + device->size;
    if (raw_syscall(SYS_fstat, file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        (uint64_t)status.st_size < end)
        report_fatal("device %s: %s has %u bytes, and the device ends at %x; the host is ended", device->name,
                     device->hardware, (uint64_t)status.st_size, end);
}

void hardware_map(const struct device *device)
{
    int protection;
    if (device->is_real && device->is_port)
        hardware_port_check(device);
    if (!device->is_real || device->is_port || mapped[device->handle] != NULL)
        return;
    long file = open_device(device, &protection);
    if (file < 0)
        refuse(device, "opened", -file);
    check_size(device, file);
    uint64_t from = page_of(device->hardware_offset), within = device->hardware_offset - from;
    long start = raw_syscall(SYS_mmap, 0, page_up(within + device->size), protection, MAP_SHARED, file, from);
    raw_syscall(SYS_close, file);
    if (start < 0)
        refuse(device, "mapped", -start);
    mapped[device->handle] = (uint8_t *)start + within;
}

/* Which widths one load or store of this processor has: those of vectors if it has such (Intel SDM Vol. 1, 13.2 and
 * 14.3: CPUID and XCR0). */
static unsigned widest(void)
{
    static unsigned known;
    uint32_t a = 1, b, c = 0, d, low;
    if (known != 0)
        return known;
    known = 16;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if ((c >> 27 & 3) != 3)
        return known;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(d) : "c"(0));
    if ((low & 0x06) == 0x06)
        known = 32;
    a = 7, c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (known == 32 && (low & 0xe6) == 0xe6 && b >> 16 & 1)
        known = 64;
    return known;
}

/* A real bus has no other way for these than the instruction itself, on the device. */
static void refuse_form(const struct device *device, const struct bus_piece *piece, uint64_t pc)
{
    unsigned width = piece->width;
    const char *what = piece->hold                                      ? "a locked access"
                       : (width & (width - 1)) != 0 || width > widest() ? "an access"
                       : piece->enables != low_bits(width)              ? "a masked access"
                                                                        : NULL;
    if (what != NULL)
        report_fatal("%s of %u bytes to the real device %s at pc %x can't be carried out as one; the host is ended",
                     what, (uint64_t)width, device->name, pc);
}

static bool move(uint8_t *device, const struct bus_piece *piece)
{
    void *to = piece->is_store ? device : piece->bytes;
    const void *from = piece->is_store ? piece->bytes : device;
    if (piece->width <= 8)
        return execute_move(to, from, piece->width);
    vectors_put_by();
    bool is_moved = execute_move(to, from, piece->width);
    vectors_bring_back();
    return is_moved;
}

/* A second fault, of the device itself: the host hears of it at its own address. */
static bool take_fault(const struct bus_piece *piece, siginfo_t *raised)
{
    *raised = *execute_exception();
    raised->si_addr = (void *)piece->address;
    return false;
}

static void enter(const struct ring_record *intent, const char *device)
{
    if (!ring_enter(intent))
        report_fatal("the host is ended: the bridge is gone, and what it does with %s can't be recorded", device);
}

bool hardware_access(const struct device *device, const struct bus_piece *piece, struct ring_record *about,
                     siginfo_t *raised)
{
    refuse_form(device, piece, about->pc);
    if (device->is_port)
        hardware_port_enter(device);
    else
        hardware_map(device);
    about->device = device->handle;
    about->width_bytes = piece->width;
    about->operation = piece->is_store ? trapline_v1_Operation_OPERATION_WRITE : trapline_v1_Operation_OPERATION_READ;
    if (piece->is_store)
        memcpy(about->data, piece->bytes, piece->width);
    enter(about, device->name);
    if (device->is_port)
        hardware_port_access(device, about->offset, piece);
    else if (!move(mapped[device->handle] + about->offset, piece)) {
        ring_leave(NULL);
        return take_fault(piece, raised);
    }
    if (!piece->is_store)
        memcpy(about->data, piece->bytes, piece->width);
    if (!ring_leave(about))
        report_fatal("the host is ended behind its access to %s at pc %x, which the bridge does not let it go on from",
                     device->name, about->pc);
    return true;
}

/* Its own record stands between those of accesses. */
static void note(const struct ring_record *record, const char *device)
{
    channel_connect();
    enter(record, device);
    ring_leave(record);
}

void hardware_note_mapped(const struct device *device, const struct hardware_mapping *mapping)
{
    const struct ring_record record = {.device = device->handle,
                                       .operation = RING_MAP,
                                       .offset = mapping->offset,
                                       .address = mapping->address,
                                       .length = mapping->length,
                                       .tid = sandbox_thread_id()};
    note(&record, device->name);
}

void hardware_note_interrupt(const struct device *device, const struct hardware_interrupt *interrupt)
{
    struct ring_record record = {.device = device->handle,
                                 .operation = interrupt->is_written ? RING_INTERRUPT_CONTROL : RING_INTERRUPT,
                                 .width_bytes = sizeof interrupt->value,
                                 .pc = interrupt->pc,
                                 .tid = sandbox_thread_id()};
    memcpy(record.data, &interrupt->value, sizeof interrupt->value);
    note(&record, device->name);
}

void hardware_note_unmapped(uint64_t start, uint64_t end)
{
    const struct ring_record record = {
        .operation = RING_UNMAP, .address = start, .length = end - start, .tid = sandbox_thread_id()};
    note(&record, "real devices");
}
