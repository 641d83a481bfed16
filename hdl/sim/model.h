// SPDX-License-Identifier: Apache-2.0
//
// The model: simulated time, seeds, waveform, and the loop that evaluates the design. It moves time from one rising
// edge to the next, of whatever clock, and asks before each whether it may; who wants time, and why, is decided
// elsewhere.
//
// Cycle n begins with rising edge n of the first clock at time n * period; cycle 0 is the time before the first edge.
// Time ends where 64 bits of picoseconds, or of the design's own finer ticks, hold no more: a fault, and nothing wraps
// around. With one clock it is high while the model waits. When edges come, and what becomes of resets, is said in
// clocks.h.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clocks.h"
#include "design.h"
#include "options.h"
#include "timeline.h"

class Model {
public:
    using Done = std::function<void()>;

    // Throws std::runtime_error if a trace is wanted that can't be written.
    Model(const Options &options, Timeline &timeline);
    ~Model();

    // Powers up, resets, and runs cycles as long as go_on() is true and no fault is recorded.
    void run(const std::function<bool()> &go_on);

    // Runs the final blocks and closes the waveform. Throws std::runtime_error if that, or the coverage, could not be
    // written.
    void finish();

    // When so many cycles of the first clock have passed from now on; the end of time if that comes before.
    uint64_t time_after(uint64_t cycles) const;

    // Both call done when the cycles have passed, or return why they are refused; an empty string if they are not.
    // 0 cycles of reset stand for the number given at start.
    std::string advance(uint64_t cycles, Done done);
    std::string reset(uint64_t cycles, Done done);

    // Returns why it refused, or an empty string.
    std::string set_trace(bool on);
    // Where the waveform goes from now on; refused while one is open.
    std::string name_trace(const std::string &file);
    // Where the coverage is written at the end; empty for nowhere.
    void name_coverage(const std::string &file);
    bool is_tracing() const { return trace_open_; }

    Design &design() { return *design_; }

    bool wants_time() const { return clocks_.in_reset() || !advances_.empty(); }
    const Timeline &timeline() const { return timeline_; }

private:
    struct Advance {
        uint64_t until_ps;
        Done done;
    };

    void trace_from_start();
    void power_up();
    void run_to_rising_edge();
    void evaluate();
    // Time moves on to time_ps. Delays of the RTL that end before are evaluated on the way, each in its time.
    void pass_until(uint64_t time_ps);
    void show_clocks(bool any_rises);
    void lower_any();
    void dump(uint64_t time_ps);
    void dump_ticks(uint64_t ticks);
    void release_resets_when_due();
    void finish_advances();
    // So many cycles of the first clock fit into what is left of time.
    uint64_t cycles_left() const;
    uint64_t find_end_of_time() const;
    uint64_t to_ticks(uint64_t time_ps) const;

    const Options options_;
    Timeline &timeline_;
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Design> design_;

    Clocks clocks_;
    uint64_t end_of_time_ps_;
    uint32_t shown_clocks_ = 0; // as the design has them
    std::vector<Done> waiting_for_release_;
    std::vector<Advance> advances_;

    std::string trace_file_;
    std::string coverage_file_;
    bool tracing_ = false;
    bool trace_open_ = false;
    uint64_t last_dump_ = 0; // in ticks
};
