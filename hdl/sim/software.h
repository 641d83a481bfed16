// SPDX-License-Identifier: Apache-2.0
//
// What software is at on each bus, for waveforms: the number of the access, the program, its function and line, and the
// place that it reaches. The generated top of a model that can trace has a vector for it (bridge/verilate/
// harness-software.ts), texts in ASCII as Verilog has them: the last character in the lowest byte.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "job.h"

class Software {
public:
    // Bytes of a bus's texts, and bits of all that is shown of it.
    static constexpr unsigned kFunctionBytes = 64, kProgramBytes = 32, kPlaceBytes = 32, kNumberBytes = 8;
    static constexpr unsigned kWords = (kFunctionBytes + kProgramBytes + kPlaceBytes + kNumberBytes) / 4;

    explicit Software(size_t ports) : shown_(ports) {}

    void name(const trapline_v1_NameCode &code);
    void name(const trapline_v1_NamePlace &place);
    void forget(uint32_t session);

    // An access begins on a bus, the `number`th unless its name says otherwise; it ends.
    void begin(uint32_t port, const Job &job, uint64_t number);
    void end(uint32_t port);

    // Whether there is something else to show than at the last call.
    bool take_change();
    // kWords for each bus, the lowest first.
    const std::vector<std::array<uint32_t, kWords>> &shown() const { return shown_; }

private:
    struct Code {
        std::string program, function;
        uint64_t number;
    };

    // Session, device and offset; whether it writes, width, and bytes that are moved, 0 for all of them.
    using Place = std::tuple<uint32_t, uint32_t, uint64_t, bool, uint32_t, uint64_t>;

    std::map<std::tuple<uint32_t, uint64_t, uint32_t>, Code> codes_; // by session, pc and stack
    std::map<Place, std::string> places_;
    std::vector<std::array<uint32_t, kWords>> shown_;
    bool has_changed_ = false;
};
