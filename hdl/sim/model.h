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

#include "design.h"
#include "options.h"
#include "simulation.h"
#include "timeline.h"

class Model : public Simulation {
public:
    // Throws std::runtime_error if a trace is wanted that can't be written.
    Model(const Options &options, Timeline &timeline);
    ~Model() override;

    // Powers up, resets, and runs cycles as long as go_on() is true and no fault is recorded.
    void run(const std::function<bool()> &go_on);

    // Runs the final blocks and closes the waveform. Throws std::runtime_error if that, or the coverage, could not be
    // written.
    void finish();

    std::string simulator() const override;
    std::string set_trace(bool on) override;
    std::string name_trace(const std::string &file) override;
    void name_coverage(const std::string &file) override;
    std::string may_fork() const override;

    Design &design() { return *design_; }

private:
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
    // As the design's own precision counts time.
    uint64_t last_picosecond() const;
    uint64_t to_ticks(uint64_t time_ps) const;

    const Options options_;
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Design> design_;

    uint32_t shown_clocks_ = 0; // as the design has them

    std::string trace_file_;
    std::string coverage_file_;
    bool tracing_ = false;
    bool trace_open_ = false;
    uint64_t last_dump_ = 0; // in ticks
};
