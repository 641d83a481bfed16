// SPDX-License-Identifier: Apache-2.0
//
// The verilated top behind an interface, so that design.cc alone is compiled anew for each design.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

class VerilatedContext;
class Software;

class Design {
public:
    // Whether this build can write waveforms.
    static const bool can_trace;
    // Whether this build counts what of the RTL is reached.
    static const bool can_cover;
    // How many threads evaluate it (Verilator's --threads). The context must have as many.
    static const unsigned threads;
    // Whether parts of it are models of their own (Verilator's --hierarchical). Initial blocks make them, final blocks
    // end them.
    static const bool has_blocks;
    // Whether its delays count (Verilator's --timing).
    static const bool has_timing;

    // The context must outlive the design and be configured before.
    static std::unique_ptr<Design> create(VerilatedContext *context);

    virtual ~Design() = default;

    // With its pins bit by bit, as the generated top has them: of each clock; the bit above them rises where any of
    // several clocks does.
    virtual void evaluate(uint32_t clocks, uint32_t resets_n) = 0;
    virtual void run_final_blocks() = 0;

    // Whether a delay of the RTL is under way, and when the next ends, in the context's
    // precision.
    virtual bool has_delays() = 0;
    virtual uint64_t next_delay_ends() = 0;

    // What software is at on each bus (software.h), for the waveform; no clock moves.
    virtual void show(const Software &software) = 0;

    // Memories behind a backdoor, by their index in the generated top. Between two evaluations only.
    virtual uint64_t memory_bytes(uint32_t memory) = 0;
    virtual uint8_t peek(uint32_t memory, uint64_t at) = 0;
    virtual void poke(uint32_t memory, uint64_t at, uint8_t byte) = 0;

    // Returns whether the file could be opened. May come at any time, but only once.
    virtual bool open_trace(const std::string &file) = 0;
    // time counts the context's time precision; it must grow.
    virtual void dump_trace(uint64_t time) = 0;
    virtual void close_trace() = 0;

    // Counts since power-up. Throws std::runtime_error if the file can't be written.
    virtual void write_coverage(const std::string &file) = 0;
};
