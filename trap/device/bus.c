/* SPDX-License-Identifier: Apache-2.0 */
#include "bus.h"

#include <string.h>

#include "callers/callers.h"
#include "device.h"
#include "ground/low_bits.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "ground/waits.h"
#include "hardware.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "time/virtual_timer.h"
#include "ground/signal_safe.h"

static trapline_v1_Access request;
static trapline_v1_Completion completion;

static void take_on_data(const uint8_t *bytes, unsigned count)
{
    request.data.size = (pb_size_t)count;
    memcpy(request.data.bytes, bytes, count);
}

static void fill_request(struct site *site, const struct device *device, uint64_t file_offset,
                         const struct bus_piece *piece)
{
    request.device = device->handle;
    request.offset = file_offset - device->base;
    request.operation = piece->is_store ? trapline_v1_Operation_OPERATION_WRITE : trapline_v1_Operation_OPERATION_READ;
    request.width_bytes = piece->width;
    request.byte_enables = piece->width > 64 || piece->enables == low_bits(piece->width) ? 0 : piece->enables;
    request.hold = piece->hold;
    request.pc = site->pc;
    request.elements = 0;
    request.descending = false;
    take_on_data(piece->bytes, piece->is_store ? piece->width : 0);
    request.has_site = channel_first_time(&site->announced);
    if (request.has_site)
        site_describe(site, &request.site);
    callers_fill(&request);
}

static bool raise_bus_error(siginfo_t *raised, uint64_t address)
{
    memset(raised, 0, sizeof *raised);
    raised->si_signo = SIGBUS;
    raised->si_code = BUS_ADRERR;
    raised->si_addr = (void *)address;
    return false;
}

static void take_data(const struct bus_piece *piece, const uint8_t *data)
{
    if (piece->width > 64)
        memcpy(piece->bytes, data, piece->width);
    for (unsigned i = 0; i < piece->width && i < 64; i++)
        if (piece->enables >> i & 1)
            piece->bytes[i] = data[i];
}

static void take_ones(const struct bus_piece *piece)
{
    static const uint8_t ones[DEVICE_BURST_BOUNDARY] = {[0 ... DEVICE_BURST_BOUNDARY - 1] = 0xff};
    if (!piece->is_store)
        take_data(piece, ones);
}

/* The bridge has told the user already what went wrong; here is only what follows for the host. */
static bool obey_policy(const struct device *device, const struct bus_piece *piece, siginfo_t *raised)
{
    switch (device->on_error) {
    case DEVICE_ONES:
        take_ones(piece);
        return true;
    case DEVICE_ABORT:
        waits_end();
        report_fatal("the host is ended: device %s has the error policy 'abort'", device->name);
    default:
        return raise_bus_error(raised, piece->address);
    }
}

const char *bus_reason(const trapline_v1_Completion *answer)
{
    return answer->detail[0] != 0 ? answer->detail : "the bridge gives up its accesses, and says not why";
}

static bool is_posted(const struct device *device, const struct bus_piece *piece)
{
    const struct channel_posted what = {
        .address = piece->address, .device = device->handle, .is_forgiven = device->on_error == DEVICE_ONES};
    return device->is_posted && piece->is_store && !piece->hold && channel_post(&request, &what);
}

/* A posted write has ended so; the access that should have been the next was not made. */
static bool obey_posted(struct site *site, siginfo_t *raised)
{
    const struct channel_posted *posted = channel_find_posted(completion.posted);
    const struct device *device = posted == NULL ? NULL : device_of_handle(posted->device);
    if (request.has_site)
        site->announced = 0;
    callers_take_back(&request);
    waits_end();
    if (device == NULL)
        report_fatal("the bridge answers for a posted write that nobody made");
    switch (completion.status) {
    case trapline_v1_Status_STATUS_SLVERR:
    case trapline_v1_Status_STATUS_DECERR:
        if (device->on_error == DEVICE_ABORT)
            report_fatal("the host is ended: device %s has the error policy 'abort'", device->name);
        raise_bus_error(raised, posted->address);
        raised->si_code = BUS_OBJERR;
        return false;
    case trapline_v1_Status_STATUS_TIMEOUT:
        report_end("its posted write ended in TIMEOUT");
    default:
        report_fatal("the host is ended: %s", bus_reason(&completion));
    }
}

static uint64_t offset_in_file(const struct window *window, uint64_t address)
{
    return window->file_offset + (address - window->start);
}

/* What a status other than OKAY means for the piece that got it. */
static bool obey_status(const struct device *device, const struct bus_piece *piece, siginfo_t *raised)
{
    switch (completion.status) {
    case trapline_v1_Status_STATUS_SLVERR:
    case trapline_v1_Status_STATUS_DECERR:
        return obey_policy(device, piece, raised);
    case trapline_v1_Status_STATUS_TIMEOUT:
        waits_end();
        report_end("its access ended in TIMEOUT");
    default:
        waits_end();
        report_fatal("the host is ended: %s", bus_reason(&completion));
    }
}

/* What the bridge is told once, before it hears of the access: where the instruction stands, and who called. */
static void announce(void)
{
    if (!request.has_site && request.frames_count == 0)
        return;
    request.operation = trapline_v1_Operation_OPERATION_FLUSH;
    request.offset = request.byte_enables = 0;
    request.width_bytes = 0;
    request.data.size = 0;
    request.hold = false;
    channel_transact(&request, &completion);
    if (completion.status != trapline_v1_Status_STATUS_OKAY)
        report_fatal("the host is ended: %s", bus_reason(&completion));
}

/* A real device answers by itself; the bridge hears of it behind that. */
static bool access_hardware(struct site *site, const struct window *window, const struct bus_piece *piece,
                            siginfo_t *raised)
{
    uint64_t file_offset = offset_in_file(window, piece->address);
    const struct device *device = device_at((int)window->node, file_offset);
    struct ring_record about = {
        .offset = file_offset - device->base, .pc = site->pc, .address = window->start == 0 ? 0 : piece->address};
    if (about.offset >= device->size || device->size - about.offset < piece->width) {
        report("an access of %u bytes at offset %x leaves device %s, which has %u bytes: the host gets SIGBUS",
               (uint64_t)piece->width, about.offset, device->name, device->size);
        return raise_bus_error(raised, piece->address);
    }
    waits_access();
    channel_is_near(site->announced, device->handle);
    channel_connect();
    fill_request(site, device, file_offset, piece);
    announce();
    about.tid = sandbox_thread_id();
    about.stack = request.stack;
    return hardware_access(device, piece, &about, raised);
}

bool bus_access(struct site *site, const struct window *window, const struct bus_piece *piece, siginfo_t *raised)
{
    uint64_t file_offset = offset_in_file(window, piece->address);
    const struct device *device = device_at((int)window->node, file_offset);
    if (device == NULL) {
        report("no device covers offset %x of the mapped file: the host gets SIGBUS", file_offset);
        return raise_bus_error(raised, piece->address);
    }
    if (device->is_real)
        return access_hardware(site, window, piece, raised);
    waits_access();
    channel_connect();
    fill_request(site, device, file_offset, piece);
    if (is_posted(device, piece)) {
        memory_poll_note_access();
        return true;
    }
    channel_transact(&request, &completion);
    if (completion.posted != 0)
        return obey_posted(site, raised);
    virtual_timer_advance(completion.time_ps / 1000);
    memory_poll_note_access();
    if (completion.status != trapline_v1_Status_STATUS_OKAY)
        return obey_status(device, piece, raised);
    if (!piece->is_store && completion.data.size != piece->width)
        report_fatal("the bridge answered a read of %u bytes with %u", (uint64_t)piece->width,
                     (uint64_t)completion.data.size);
    if (!piece->is_store)
        take_data(piece, completion.data.bytes);
    return true;
}

/* What the bridge says is looked over before any of it reaches the host. */
static unsigned elements_done(const struct bus_string *string)
{
    bool is_whole = completion.status == trapline_v1_Status_STATUS_OKAY;
    uint32_t done = completion.done;
    if (is_whole ? done != string->elements : done >= string->elements)
        report_fatal("the bridge answered a string of %u elements with %u", (uint64_t)string->elements, (uint64_t)done);
    if (!string->is_store && completion.data.size != done * string->width)
        report_fatal("the bridge answered a read of %u bytes with %u", (uint64_t)done * string->width,
                     (uint64_t)completion.data.size);
    return done;
}

static void fill_string(struct site *site, const struct device *device, uint64_t file_offset,
                        const struct bus_string *string)
{
    fill_request(site, device, file_offset,
                 &(struct bus_piece){.is_store = string->is_store,
                                     .width = string->width,
                                     .enables = low_bits(string->width),
                                     .bytes = string->bytes});
    request.elements = string->elements;
    request.descending = string->is_descending;
    take_on_data(string->bytes, string->is_store ? string->elements * string->width : 0);
}

bool bus_string(struct site *site, const struct window *window, const struct bus_string *string, unsigned *done,
                siginfo_t *raised)
{
    uint64_t file_offset = offset_in_file(window, string->address);
    const struct device *device = device_at((int)window->node, file_offset);
    *done = 0;
    waits_access();
    channel_connect();
    fill_string(site, device, file_offset, string);
    channel_transact(&request, &completion);
    if (completion.posted != 0)
        return obey_posted(site, raised);
    virtual_timer_advance(completion.time_ps / 1000);
    memory_poll_note_access();
    /* A bridge that is gone says nothing of elements. */
    if (completion.status != trapline_v1_Status_STATUS_DISCONNECTED)
        *done = elements_done(string);
    waits_were(completion.status == trapline_v1_Status_STATUS_OKAY ? *done : *done + 1);
    if (!string->is_store)
        memcpy(string->bytes, completion.data.bytes, *done * string->width);
    if (completion.status == trapline_v1_Status_STATUS_OKAY)
        return true;
    uint64_t distance = (uint64_t)*done * string->width;
    const struct bus_piece failed = {.is_store = string->is_store,
                                     .address = string->is_descending ? string->address - distance
                                                                      : string->address + distance,
                                     .width = string->width,
                                     .enables = low_bits(string->width),
                                     .bytes = string->bytes + distance};
    if (!obey_status(device, &failed, raised))
        return false;
    ++*done;
    return true;
}
