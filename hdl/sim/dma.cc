// SPDX-License-Identifier: Apache-2.0

#include "dma.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "bursts.h"
#include "fault.h"
#include "job.h"

namespace {

using Answer = HostMemory::Answer;

uint64_t align_down(uint64_t address, uint64_t unit)
{
    return address - address % unit;
}

// A mapping that can't be reached is no better than none: the model is about to end.
trapline_v1_Status status_of(Answer answer)
{
    return answer == Answer::kOkay ? trapline_v1_Status_STATUS_OKAY : trapline_v1_Status_STATUS_DECERR;
}

} // namespace

Dma::Dma(const Options &options, const Timeline &timeline, HostMemory &memory, AccessLog &log, EventLog &events,
         Report report)
    : timeline_(timeline),
      memory_(memory),
      log_(log),
      events_(events),
      report_(std::move(report)),
      managers_(options.managers.size())
{
    for (size_t i = 0; i < managers_.size(); ++i)
        managers_[i].name = options.managers[i];
}

std::string Dma::open_manager(uint32_t manager, uint32_t data_bits)
{
    if (manager >= managers_.size()) {
        return "the design has a manager port " + std::to_string(manager) + ", but only " +
               std::to_string(managers_.size()) + " were named with --manager";
    }
    const bool possible = data_bits >= 8 && data_bits / 8 <= kMaxWordBytes && (data_bits & (data_bits - 1)) == 0;
    if (!possible) {
        return "manager " + managers_[manager].name + " has " + std::to_string(data_bits) +
               " data bits; a power of two from 8 to 1024 is possible";
    }
    managers_[manager].bus_bytes = data_bits / 8;
    return "";
}

// The words are those of axi4_checker, which sees the same at the same edge.
std::string Dma::fault_of(const Manager &manager, const BurstState &burst, bool write)
{
    constexpr uint32_t kMaxBeats = 256;
    constexpr uint32_t kMaxFixedBeats = 16;
    const std::string channel = write ? "AW" : "AR";
    const std::string beats = std::to_string(burst.beats) + " beats";
    const std::string len = channel + "LEN=" + std::to_string(burst.beats - 1);
    if (burst.beats < 1 || burst.beats > kMaxBeats)
        return "a burst has " + beats + "; 1 to 256 are possible";
    if (burst.beat_bytes == 0 || (burst.beat_bytes & (burst.beat_bytes - 1)) != 0) {
        return "a beat has " + std::to_string(burst.beat_bytes) + " bytes; powers of two are possible";
    }
    if (burst.kind >= BurstKind::kReserved)
        return channel + "BURST=3 is reserved";
    if (burst.beat_bytes > manager.bus_bytes) {
        return channel + "SIZE=" + std::to_string(__builtin_ctz(burst.beat_bytes)) + " asks for beats of " +
               std::to_string(burst.beat_bytes) + " bytes on a bus of " + std::to_string(manager.bus_bytes);
    }
    if (burst.kind == BurstKind::kFixed) {
        return burst.beats > kMaxFixedBeats ? len + ": a FIXED burst has " + beats + "; 16 are the limit" : "";
    }
    char address[32];
    std::snprintf(address, sizeof address, "%sADDR ends in 0x%03x", channel.c_str(),
                  static_cast<unsigned>(burst.address % kPageBytes));
    const uint64_t first = align_down(burst.address, burst.beat_bytes);
    if (burst.kind == BurstKind::kWrap) {
        const bool possible = burst.beats == 2 || burst.beats == 4 || burst.beats == 8 || burst.beats == 16;
        if (!possible)
            return len + ": a WRAP burst has " + beats + "; 2, 4, 8 and 16 are possible";
        if (first == burst.address)
            return "";
        return std::string(address) + ": a WRAP burst is not aligned to its beats of " +
               std::to_string(burst.beat_bytes) + " bytes";
    }
    const uint64_t bytes = uint64_t{burst.beats} * burst.beat_bytes;
    if (first % kPageBytes + bytes <= kPageBytes)
        return "";
    return std::string(address) + ": a burst of " + std::to_string(bytes) + " bytes crosses a multiple of 4096";
}

uint64_t Dma::BurstState::beat_address(uint32_t n) const
{
    const uint64_t aligned = align_down(address, beat_bytes);
    switch (kind) {
    case BurstKind::kFixed:
        return address;
    case BurstKind::kWrap: {
        const uint64_t container = uint64_t{beats} * beat_bytes;
        const uint64_t lowest = align_down(aligned, container);
        return lowest + (aligned - lowest + uint64_t{n} * beat_bytes) % container;
    }
    default:
        return n == 0 ? address : aligned + uint64_t{n} * beat_bytes;
    }
}

uint64_t Dma::BurstState::lowest() const
{
    return align_down(address, kind == BurstKind::kWrap ? uint64_t{beats} * beat_bytes : beat_bytes);
}

uint32_t Dma::BurstState::reach() const
{
    const uint64_t span = kind == BurstKind::kFixed ? beat_bytes : uint64_t{beats} * beat_bytes;
    return static_cast<uint32_t>(std::min(span, kPageBytes - lowest() % kPageBytes));
}

void Dma::begin(uint32_t index, bool write, uint64_t address, uint32_t beats, uint32_t beat_bytes, uint32_t kind)
{
    Manager &manager = managers_.at(index);
    BurstState &burst = write ? manager.write : manager.read;
    burst.address = address;
    burst.beats = beats;
    burst.beat_bytes = beat_bytes;
    burst.kind = kind < static_cast<uint32_t>(BurstKind::kReserved) ? static_cast<BurstKind>(kind)
                                                                    : BurstKind::kReserved;
    burst.beat = 0;
    burst.begin_cycle = timeline_.cycle;
    burst.begin_ps = timeline_.time_ps;
    const std::string fault = fault_of(manager, burst, write);
    burst.is_sound = fault.empty();
    if (!burst.is_sound) {
        burst.answer = Answer::kNotMapped;
        record_fault({"protocol", "port " + manager.name + ": " + fault + " (AXI IHI 0022, A3.4.1)", "", 0});
        return;
    }
    burst.answer = memory_.may(write, address);
    if (write)
        burst.dirty.reset();
    else
        fetch(burst);
    if (burst.answer != Answer::kOkay)
        report(manager, burst, write);
}

// Whole beats: a few bytes more than an unaligned burst asks for, and no harm done.
void Dma::fetch(BurstState &burst)
{
    if (burst.answer != Answer::kOkay)
        return;
    burst.answer = memory_.read(burst.lowest(), burst.reach(), burst.page.data() + burst.lowest() % kPageBytes);
}

trapline_v1_Status Dma::read_beat(uint32_t index, uint8_t *word)
{
    Manager &manager = managers_[index];
    BurstState &burst = manager.read;
    if (!burst.has_beat())
        return status_of(Answer::kNotMapped);
    const uint64_t first = burst.beat_address(burst.beat++);
    const uint64_t end = align_down(first, burst.beat_bytes) + burst.beat_bytes;
    if (burst.answer == Answer::kOkay) {
        std::memcpy(word + first % manager.bus_bytes, burst.page.data() + first % kPageBytes, end - first);
    }
    if (burst.beat == burst.beats)
        note_end(manager, burst, false);
    return status_of(burst.answer);
}

void Dma::write_beat(uint32_t index, const uint8_t *word, const uint8_t *strobe)
{
    Manager &manager = managers_[index];
    BurstState &burst = manager.write;
    if (!burst.has_beat())
        return;
    const uint64_t first = burst.beat_address(burst.beat++);
    const uint64_t end = align_down(first, burst.beat_bytes) + burst.beat_bytes;
    // The last of all addresses is followed by 0.
    for (uint64_t address = first; address != end; ++address) {
        const uint64_t lane = address % manager.bus_bytes;
        if (!(strobe[lane / 8] >> lane % 8 & 1))
            continue;
        burst.page[address % kPageBytes] = word[lane];
        burst.dirty.set(address % kPageBytes);
    }
}

trapline_v1_Status Dma::end_write(uint32_t index)
{
    BurstState &burst = managers_[index].write;
    if (!burst.is_sound)
        return status_of(Answer::kNotMapped);
    burst.is_to_be_stored = burst.answer == Answer::kOkay;
    has_ended_writes_ |= burst.is_to_be_stored;
    note_end(managers_[index], burst, true);
    return status_of(burst.answer);
}

// ---- what the design leaves undone

std::string Dma::note_wait(uint32_t index, bool write, uint32_t what)
{
    if (what > static_cast<uint32_t>(DmaWait::kTaken))
        return "nobody can wait for " + std::to_string(what);
    BurstState &burst = write ? managers_.at(index).write : managers_.at(index).read;
    burst.wait = static_cast<DmaWait>(what);
    burst.wait_cycle = timeline_.cycle;
    return "";
}

std::vector<std::string> Dma::waits() const
{
    std::vector<std::string> found;
    for (const Manager &manager : managers_) {
        for (const BurstState *burst : {&manager.read, &manager.write}) {
            if (burst->wait != DmaWait::kNone)
                found.push_back("port " + manager.name + ": " + describe_wait(*burst));
        }
    }
    return found;
}

std::string Dma::describe_wait(const BurstState &burst)
{
    const std::string since = " since cycle " + std::to_string(burst.wait_cycle);
    const std::string at = " at " + to_hex(burst.address);
    const std::string of = " of " + std::to_string(burst.beats);
    switch (burst.wait) {
    case DmaWait::kAddress:
        return "write data waits for its address" + since + " (WVALID=1, AWVALID=0)";
    case DmaWait::kData:
        return "the write burst" + at + " waits for beat " + std::to_string(burst.beat + 1) + of + since +
               " (WVALID=0)";
    case DmaWait::kResponse:
        return "the answer to the write burst" + at + " waits to be taken" + since + " (BREADY=0)";
    case DmaWait::kTaken:
        return "beat " + std::to_string(burst.beat) + of + " of the read burst" + at + " waits to be taken" + since +
               " (RREADY=0)";
    default:
        return "";
    }
}

void Dma::store_ended_writes()
{
    if (!std::exchange(has_ended_writes_, false))
        return;
    for (Manager &manager : managers_) {
        if (std::exchange(manager.write.is_to_be_stored, false))
            store(manager.write);
    }
}

// May fail only where the bridge has gone that keeps the memory: the model is about to end.
void Dma::store(const BurstState &burst) const
{
    const uint64_t page = align_down(burst.address, kPageBytes);
    const auto limit = static_cast<uint32_t>(burst.lowest() - page + burst.reach());
    auto begin = static_cast<uint32_t>(burst.lowest() - page);
    while (begin < limit) {
        uint32_t end = begin;
        while (end < limit && burst.dirty[end])
            ++end;
        if (end != begin)
            memory_.write(page + begin, end - begin, &burst.page[begin]);
        begin = end + 1;
    }
}

void Dma::note_end(const Manager &manager, const BurstState &burst, bool write)
{
    const uint64_t bytes = uint64_t{burst.beats} * burst.beat_bytes;
    events_.burst(manager.name, write, burst.address, bytes, burst.begin_ps, timeline_.time_ps);
    log_end(manager, burst, write);
}

void Dma::log_end(const Manager &manager, const BurstState &burst, bool write)
{
    const uint64_t offset = burst.lowest() % kPageBytes;
    const auto byte_at = [&](uint32_t i) -> uint8_t {
        return !write || burst.dirty[offset + i] ? burst.page[offset + i] : 0;
    };
    log_.write({manager.name, write, burst.lowest(), burst.reach(), burst.beats, status_of(burst.answer),
                burst.begin_cycle, timeline_.cycle, timeline_.time_ps, byte_at});
}

// All beats of a burst share a page, so the first is the first that fails.
void Dma::report(const Manager &manager, const BurstState &burst, bool write) const
{
    trapline_v1_DmaFault fault = trapline_v1_DmaFault_init_zero;
    fault.port[manager.name.copy(fault.port, sizeof fault.port - 1)] = '\0';
    fault.write = write;
    fault.address = burst.beat_address(0);
    fault.beat = 0;
    fault.burst_address = burst.address;
    fault.cycle = timeline_.cycle;
    fault.time_ps = timeline_.time_ps;
    report_(fault);
}
