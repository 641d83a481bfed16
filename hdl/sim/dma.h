// SPDX-License-Identifier: Apache-2.0
//
// The bursts that the DUT's manager ports start, carried out in host memory: where each beat of a burst lies
// (IHI 0022, A3.4.1), what it may do, and who is told when it may not. The handshakes are axi4_subordinate_bfm's.
//
// A read burst fetches its bytes when it begins, a write burst stores them when the edge is over in which it ends: what
// is read at an edge is what was written at edges before it, in whatever order the simulator evaluates the ports. Each
// takes as few accesses to memory as its pages and strobes allow: bytes that travel over the link cost a round trip
// each.

#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "access_log.h"
#include "event_log.h"
#include "host_memory.h"
#include "options.h"
#include "timeline.h"
#include "trapline/v1/model.pb.h"

// What one side of a manager port waits for, from the design; trapline_dpi_pkg::dma_wait_e.
enum class DmaWait : uint8_t { kNone = 0, kAddress = 1, kData = 2, kResponse = 3, kTaken = 4 };

enum class BurstKind : uint8_t { kFixed = 0, kIncr = 1, kWrap = 2, kReserved = 3 };

class Dma {
public:
    using Report = std::function<void(const trapline_v1_DmaFault &)>;

    Dma(const Options &options, const Timeline &timeline, HostMemory &memory, AccessLog &log, EventLog &events,
        Report report);

    // Returns why it refused, or an empty string.
    std::string open_manager(uint32_t manager, uint32_t data_bits);

    // The burst that follows on one side (read or write) of a manager port. What it asks for is the RTL's word: a burst
    // that the bus knows not is a fault of the run, which is recorded here, and touches no memory.
    void begin(uint32_t manager, bool write, uint64_t address, uint32_t beats, uint32_t beat_bytes, uint32_t kind);

    // The next beat of the read burst, in its lanes of the word. Other lanes stay as they are.
    trapline_v1_Status read_beat(uint32_t manager, uint8_t *word);

    // The next beat of the write burst; bit i % 8 of strobe byte i / 8 enables byte i of the word.
    void write_beat(uint32_t manager, const uint8_t *word, const uint8_t *strobe);

    // The last beat has come: returns the answer.
    trapline_v1_Status end_write(uint32_t manager);

    // From this edge on one side waits for that; returns why it can't be, or an empty string.
    std::string note_wait(uint32_t manager, bool write, uint32_t what);

    // What is waited for now, a phrase each: "port m_axi: …".
    std::vector<std::string> waits() const;

    bool has_manager(uint32_t manager) const { return manager < managers_.size() && managers_[manager].bus_bytes > 0; }

    // The edge is over: what was written in it goes to memory.
    void store_ended_writes();
    bool has_ended_writes() const { return has_ended_writes_; }

private:
    // No burst crosses a multiple of 4096, so it has to do with one page.
    static constexpr uint32_t kPageBytes = HostMemory::kPageBytes;

    struct BurstState {
        uint64_t address = 0;
        uint32_t beats = 0;
        uint32_t beat_bytes = 0;
        BurstKind kind = BurstKind::kIncr;
        uint32_t beat = 0; // the next
        uint64_t begin_cycle = 0, begin_ps = 0;
        HostMemory::Answer answer = HostMemory::Answer::kOkay;
        bool is_sound = false;        // its numbers are within the limits of the bus
        bool is_to_be_stored = false; // write: it ended at the edge under way
        DmaWait wait = DmaWait::kNone;
        uint64_t wait_cycle = 0;              // since when
        std::array<uint8_t, kPageBytes> page; // its bytes of the page that it lies in
        std::bitset<kPageBytes> dirty;        // write: the bytes of the page to be stored

        bool has_beat() const { return is_sound && beat < beats; }
        uint64_t beat_address(uint32_t beat) const;
        uint64_t lowest() const; // address of the lowest byte that a beat can touch
        uint32_t reach() const;  // bytes from there to the end of the highest beat, inside the page
    };
    struct Manager {
        std::string name;
        uint32_t bus_bytes = 0;
        BurstState read, write;
    };

    static std::string describe_wait(const BurstState &burst);
    static std::string fault_of(const Manager &manager, const BurstState &burst, bool write);
    void fetch(BurstState &burst);
    void store(const BurstState &burst) const;
    void note_end(const Manager &manager, const BurstState &burst, bool write);
    void log_end(const Manager &manager, const BurstState &burst, bool write);
    void report(const Manager &manager, const BurstState &burst, bool write) const;

    const Timeline &timeline_;
    HostMemory &memory_;
    AccessLog &log_;
    EventLog &events_;
    const Report report_;
    std::vector<Manager> managers_;
    bool has_ended_writes_ = false; // some are to be stored
};
