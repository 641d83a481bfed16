// SPDX-License-Identifier: Apache-2.0

#include "dpi.h"

#include <cstring>
#include <vector>

#include "bursts.h"
#include "bus_word.h"
#include "dma.h"
#include "fault.h"
#include "interrupts.h"
#include "mailbox.h"
#include "options.h"
#include "unknown_bits.h"

namespace {

// trapline_dpi_pkg::StreamBits in bytes.
constexpr size_t kStreamBytes = 128;

uint8_t *bytes_of(svBitVecVal *words)
{
    return reinterpret_cast<uint8_t *>(words);
}
const uint8_t *bytes_of(const svBitVecVal *words)
{
    return reinterpret_cast<const uint8_t *>(words);
}

struct Seam {
    const Options *options = nullptr;
    Mailbox *mailbox = nullptr;
    Interrupts *interrupts = nullptr;
    Dma *dma = nullptr;
    // Reads and writes of a manager go on side by side, those of a port don't.
    std::vector<BusWord> ports, manager_reads, manager_writes;
} seam;

// The word of the beat that comes next, and the strobes of the access's bytes in it: its lowest slice.
void give_word(unsigned int port, svBitVecVal *data, svBitVecVal *strobe)
{
    BusWord &word = seam.ports[port];
    seam.mailbox->port(port).write_beat(word.bytes, word.strobe);
    word.give(0, data);
    *strobe = word.strobe[0];
}

const Burst *begin_burst(unsigned int port, svBit *write, unsigned long long *address)
{
    bool is_write = false;
    const Burst *burst = seam.mailbox->next_burst(port, is_write);
    if (!burst)
        return nullptr;
    *write = is_write;
    *address = burst->address;
    return burst;
}

void refuse(const std::string &refusal)
{
    if (!refusal.empty())
        record_fault({"fatal", refusal, "", 0});
}

constexpr unsigned int kSlices = kMaxWordBytes / kSliceBytes;

// What the design says where it counts is neither 0 nor 1.
void refuse_unknown(const std::string &port, const std::string &what)
{
    record_fault({"protocol", "port " + port + ": " + what, "", 0});
}

void refuse_unknown_bytes(const std::string &port, const char *signal, const svBitVecVal *bits,
                          const svBitVecVal *lanes)
{
    const std::string found = unknown_bits_in(bytes_of(bits), bytes_of(lanes), kStreamBytes);
    if (!found.empty())
        refuse_unknown(port, std::string(signal) + " is X in " + found + " while it is valid");
}

// RTL may import these functions, too, and a BFM may have a fault: what a call says of ports, beats and slices is held
// against what there is before memory is touched. Ends the run if it does not hold.
bool refuse_call(const char *call)
{
    record_fault({"protocol", std::string(call) + " was called for what the model has not, or has not begun", "", 0});
    return false;
}

inline bool holds(bool condition, const char *call)
{
    return condition || refuse_call(call);
}

bool holds_for_port(unsigned int port, const char *call)
{
    return holds(port < seam.ports.size(), call);
}
bool holds_for_burst(unsigned int port, const char *call)
{
    return holds(seam.mailbox->has_burst(port), call);
}
bool holds_for_manager(unsigned int manager, const char *call)
{
    return holds(seam.dma->has_manager(manager), call);
}
bool holds_for_stream(unsigned int stream, bool written, const char *call)
{
    return holds(seam.mailbox->streams().is_open(stream, written), call);
}

} // namespace

void bind_dpi(const Options *options, Mailbox *mailbox, Interrupts *interrupts, Dma *dma)
{
    const std::vector<BusWord> managers(options->managers.size());
    seam = {options, mailbox, interrupts, dma, std::vector<BusWord>(options->ports.size()), managers, managers};
}

unsigned long long c_dpi_max_cycles()
{
    return seam.options->max_cycles;
}

unsigned int c_dpi_stall_percent(unsigned int channel)
{
    return channel < kChannels ? static_cast<unsigned int>(seam.options->stalls[channel]) : 0;
}

// ---- manager BFMs

void c_dpi_open_port(unsigned int port, unsigned int address_width, unsigned int data_width, unsigned int max_beats)
{
    refuse(seam.mailbox->open_port(port, address_width, data_width, max_beats));
}

void c_dpi_align_port(unsigned int port, svBit write_strobes, unsigned int boundary)
{
    if (!holds_for_port(port, __func__))
        return;
    seam.mailbox->port(port).align(write_strobes, boundary);
}

void c_dpi_refuse_narrow_writes(unsigned int port, const char *missing)
{
    if (!holds_for_port(port, __func__))
        return;
    seam.mailbox->port(port).missing_strobes = missing;
}

svBit c_dpi_has_work(unsigned int port)
{
    return holds_for_port(port, __func__) && !seam.mailbox->rests(port);
}

svBit c_dpi_next_beat(unsigned int port, svBit *write, unsigned long long *address, svBitVecVal *data,
                      svBitVecVal *strobe)
{
    if (!holds_for_port(port, __func__) || !begin_burst(port, write, address))
        return 0;
    give_word(port, data, strobe);
    return 1;
}

void c_dpi_end_beat(unsigned int port, int status, const svBitVecVal *data)
{
    if (!holds_for_burst(port, __func__))
        return;
    BusWord &word = seam.ports[port];
    word.take(0, data);
    seam.mailbox->end_single_beat(port, static_cast<trapline_v1_Status>(status), word.bytes);
}

svBit c_dpi_next_burst(unsigned int port, svBit *write, unsigned long long *address, unsigned int *beats,
                       unsigned int *beat_bytes)
{
    const Burst *burst = holds_for_port(port, __func__) ? begin_burst(port, write, address) : nullptr;
    if (!burst)
        return 0;
    *beats = burst->beats;
    *beat_bytes = burst->beat_bytes;
    return 1;
}

void c_dpi_write_beat(unsigned int port, svBitVecVal *data, svBitVecVal *strobe)
{
    if (!holds_for_burst(port, __func__))
        return;
    give_word(port, data, strobe);
}

void c_dpi_read_beat(unsigned int port, int status, const svBitVecVal *data)
{
    if (!holds_for_burst(port, __func__))
        return;
    BusWord &word = seam.ports[port];
    word.take(0, data);
    seam.mailbox->port(port).read_beat(static_cast<trapline_v1_Status>(status), word.bytes);
}

void c_dpi_get_slice(unsigned int port, unsigned int slice, svBitVecVal *data, svBitVecVal *strobe)
{
    if (!holds(port < seam.ports.size() && slice < kSlices, __func__))
        return;
    seam.ports[port].give(slice, data);
    *strobe = seam.ports[port].strobe[slice];
}

void c_dpi_put_slice(unsigned int port, unsigned int slice, const svBitVecVal *data)
{
    if (!holds(port < seam.ports.size() && slice < kSlices, __func__))
        return;
    seam.ports[port].take(slice, data);
}

void c_dpi_put_unknown(unsigned int port, const svBitVecVal *bits)
{
    if (!holds_for_burst(port, __func__))
        return;
    seam.mailbox->port(port).note_unknown(bytes_of(bits));
}

void c_dpi_report_unknown(unsigned int port, const char *what)
{
    if (!holds_for_burst(port, __func__))
        return;
    refuse_unknown(seam.mailbox->port(port).name, std::string(what) + " while it is valid");
}

void c_dpi_end_burst(unsigned int port, int status)
{
    if (!holds_for_burst(port, __func__))
        return;
    seam.mailbox->end_burst(port, static_cast<trapline_v1_Status>(status));
}

void c_dpi_time_out(unsigned int port, const char *reason)
{
    if (!holds_for_burst(port, __func__))
        return;
    seam.mailbox->time_out(port, reason);
}

// ---- subordinate BFMs

void c_dpi_open_manager(unsigned int manager, unsigned int data_width)
{
    refuse(seam.dma->open_manager(manager, data_width));
}

void c_dpi_begin_dma(unsigned int manager, svBit write, unsigned long long address, unsigned int beats,
                     unsigned int beat_bytes, unsigned int kind)
{
    if (!holds_for_manager(manager, __func__))
        return;
    seam.dma->begin(manager, write, address, beats, beat_bytes, kind);
}

int c_dpi_dma_read_beat(unsigned int manager, svBitVecVal *data)
{
    if (!holds_for_manager(manager, __func__))
        return trapline_v1_Status_STATUS_DECERR;
    BusWord &word = seam.manager_reads[manager];
    word = {};
    const int status = seam.dma->read_beat(manager, word.bytes);
    word.give(0, data);
    return status;
}

void c_dpi_dma_get_slice(unsigned int manager, unsigned int slice, svBitVecVal *data)
{
    if (!holds(seam.dma->has_manager(manager) && slice < kSlices, __func__))
        return;
    seam.manager_reads[manager].give(slice, data);
}

void c_dpi_dma_write_beat(unsigned int manager, const svBitVecVal *data, const svBitVecVal *strobe)
{
    if (!holds_for_manager(manager, __func__))
        return;
    c_dpi_dma_put_slice(manager, 0, data, strobe);
    seam.dma->write_beat(manager, seam.manager_writes[manager].bytes, seam.manager_writes[manager].strobe);
}

void c_dpi_dma_put_slice(unsigned int manager, unsigned int slice, const svBitVecVal *data, const svBitVecVal *strobe)
{
    if (!holds(seam.dma->has_manager(manager) && slice < kSlices, __func__))
        return;
    BusWord &word = seam.manager_writes[manager];
    word.take(slice, data);
    word.strobe[slice] = static_cast<uint8_t>(*strobe);
}

void c_dpi_dma_put_unknown(unsigned int manager, const svBitVecVal *bits, const svBitVecVal *strobe)
{
    if (!holds_for_manager(manager, __func__))
        return;
    refuse_unknown_bytes(seam.options->managers[manager], "WDATA", bits, strobe);
}

void c_dpi_dma_report_unknown(unsigned int manager, const char *what)
{
    if (!holds_for_manager(manager, __func__))
        return;
    refuse_unknown(seam.options->managers[manager], std::string(what) + " while it is valid");
}

void c_dpi_dma_waits(unsigned int manager, svBit write, unsigned int what)
{
    if (!holds_for_manager(manager, __func__))
        return;
    refuse(seam.dma->note_wait(manager, write, what));
}

int c_dpi_end_dma_write(unsigned int manager)
{
    if (!holds_for_manager(manager, __func__))
        return trapline_v1_Status_STATUS_DECERR;
    return seam.dma->end_write(manager);
}

// ---- stream BFMs

svBit c_dpi_open_stream(unsigned int stream, svBit written, unsigned int data_width, svBit whole_beats, svBit packets)
{
    refuse(seam.mailbox->streams().open(stream, written, data_width, whole_beats, packets));
    return seam.mailbox->streams().is_used(stream);
}

svBit c_dpi_stream_has_work(unsigned int stream)
{
    return holds_for_stream(stream, true, __func__) && seam.mailbox->streams().has_beat(stream);
}

svBit c_dpi_next_stream_beat(unsigned int stream, svBitVecVal *data, svBitVecVal *keep, svBit *last)
{
    std::memset(data, 0, kStreamBytes);
    std::memset(keep, 0, kStreamBytes / 8);
    if (!holds_for_stream(stream, true, __func__))
        return 0;
    bool is_last = false;
    const bool given = seam.mailbox->streams().next_beat(stream, bytes_of(data), bytes_of(keep), is_last);
    *last = is_last;
    return given;
}

void c_dpi_end_stream_beat(unsigned int stream)
{
    if (!holds_for_stream(stream, true, __func__))
        return;
    seam.mailbox->streams().end_beat(stream);
}

void c_dpi_time_out_stream(unsigned int stream, const char *reason)
{
    if (!holds_for_stream(stream, true, __func__))
        return;
    seam.mailbox->streams().time_out(stream, reason);
}

svBit c_dpi_stream_has_room(unsigned int stream)
{
    if (!holds_for_stream(stream, false, __func__))
        return 0;
    return seam.mailbox->streams().has_room(stream);
}

void c_dpi_stream_beat(unsigned int stream, const svBitVecVal *data, const svBitVecVal *keep, const svBitVecVal *strobe,
                       svBit last)
{
    if (!holds_for_stream(stream, false, __func__))
        return;
    seam.mailbox->streams().take_beat(stream, bytes_of(data), bytes_of(keep), bytes_of(strobe), last);
}

void c_dpi_stream_put_unknown(const char *port, const svBitVecVal *bits, const svBitVecVal *lanes)
{
    refuse_unknown_bytes(port, "TDATA", bits, lanes);
}

// ---- monitors and checkers

void c_dpi_interrupt(unsigned int line, svBit level)
{
    if (!holds(line < seam.interrupts->count(), __func__))
        return;
    seam.interrupts->change(line, level);
}

void c_dpi_report_breach(const char *port, const char *breach)
{
    record_fault({"protocol", std::string("port ") + port + ": " + breach, "", 0});
}
