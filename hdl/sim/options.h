// SPDX-License-Identifier: Apache-2.0
//
// The command line of a model process: parsing and nothing else.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The channels that can be held back: AXI's, in this order. Buses without channels count a write as AW, a read as AR;
// streams have one, T.
constexpr size_t kChannels = 6;
extern const char *const kChannelNames[kChannels];
using Stalls = std::array<uint64_t, kChannels>;

struct ClockOptions {
    uint64_t period_ps = 10'000; // at least 2
    uint64_t phase_ps = 0;       // behind the edges of the first clock, which has none; less than the period
    uint64_t reset_cycles = 16;  // at power-up; 0: as long as the reset of the first clock, which has at least 1
};

struct Options {
    int link_fd = -1;                    // connected stream socket to the bridge
    uint64_t seed = 1;                   // of power-up state, idle lanes and stalls
    uint64_t max_cycles = 100'000;       // budget of each handshake, at least 1
    uint64_t min_cycles = 0;             // cycles that pass at least between two accesses
    std::vector<ClockOptions> clocks{1}; // those that the generated top has, by index; 1 to 16
    std::vector<std::string> ports;      // names, by index; at most 16, and one at least unless there are streams
    std::vector<std::pair<std::string, uint64_t>>
        streams;                         // names by index, at most 16, and bytes that each keeps until the host
                                         // reads them; 0: no host does, and they are dropped
    std::vector<std::string> managers;   // names of the ports that the design itself drives, by index; at most 16
    std::vector<std::string> interrupts; // names of interrupt lines, by index; at most 32
    std::vector<std::string> memories;   // hierarchical names of memories behind a backdoor, by index; at most 16
    Stalls stalls{};                     // percent of the cycles in which a BFM holds a channel back
    std::string log;                     // access log; none if empty
    std::string events;                  // interrupts and bursts of the design itself; none if empty
    std::string trace;                   // FST file; none if empty
    bool trace_at_start = false;
    std::string coverage; // written at the end; none if empty
};

// Throws std::invalid_argument with one sentence that names the argument.
Options parse_options(int argc, char **argv);
