// SPDX-License-Identifier: Apache-2.0
//
// One access on its way through the mailbox, and the words in which it is spoken of.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bursts.h"
#include "trapline/v1/bus.pb.h"
#include "trapline/v1/model.pb.h"

constexpr uint32_t kMaxAccessBytes = sizeof(trapline_v1_Access{}.data.bytes);

struct Job {
    uint64_t request_id = 0;
    uint32_t session = 0;
    int32_t pid = 0;
    trapline_v1_SessionDevice device{};

    // Of trapline.v1.Access.
    uint64_t seq = 0;
    uint64_t offset = 0;
    bool is_write = false;
    uint32_t width_bytes = 0;
    uint64_t byte_enables = 0;
    bool hold = false;
    bool posted = false;
    uint32_t tid = 0;
    uint64_t pc = 0;
    uint32_t stack = 0;

    // Of a string. All that is said above and below is of the element that is due; `seq` and `offset` go along.
    uint32_t elements = 1; // 1: it is none
    uint32_t done = 0;     // that have ended with OKAY
    bool descending = false;
    std::vector<uint8_t> all_data; // what all of them write, or what the reads of those that are done have brought

    std::vector<Burst> bursts; // what the bus will carry; empty until the job starts
    uint32_t bursts_begun = 0; // how many of them the BFM has pulled
    uint32_t beats_begun = 0;  // of all bursts begun
    uint32_t beat = 0;         // of the burst under way, the next to be carried
    uint64_t cycle_start = 0;

    // The first beat of the burst under way that was not OKAY, and its answer.
    uint32_t bad_beat = 0;
    trapline_v1_Status bad_status = trapline_v1_Status_STATUS_OKAY;
    std::string unknown; // it said OKAY, but these bits of its data are neither 0 nor 1; else empty

    std::vector<uint8_t> data; // what the access writes, or what its reads have brought so far; width_bytes of them

    bool is_string() const { return elements > 1; }
    uint64_t first_seq() const { return seq - done; }
    // Begins as one of which nothing has happened yet.
    void forget_bus();
    // The element that was due is done; the next one is due, if there is one.
    void step();

    bool lies_in_device() const;
    Span span() const;
    const Burst &burst() const { return bursts[bursts_begun - 1]; }
};

// Whether its accesses are pieces of packets.
inline bool is_stream(const trapline_v1_SessionDevice &device)
{
    return device.read_stream != 0 || device.write_stream != 0;
}

// Why no device could be asked that, or an empty string.
std::string fault_in(const trapline_v1_Access &access);

// "read of 4 bytes at gpio0+0x10"
std::string describe(const Job &job);

// "SLVERR"
const char *name_of(trapline_v1_Status status);

// "0x2c"
std::string to_hex(uint64_t value);

// What stands between the quotes of a JSON string.
std::string json_escaped(const std::string &text);
