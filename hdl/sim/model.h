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
#include "software.h"
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

    // What waveforms show beside the design.
    Software &software() { return software_; }

    Design &design() { return *design_; }

private:
    void trace_from_start();
    void power_up();
    void run_to_rising_edge();
    bool may_pass_cycle() const;
    void pass_cycle();
    void evaluate(uint32_t clocks, uint32_t resets_n);
    // Delays of the RTL that end before are evaluated, each in its time; it counts ticks of the design's precision.
    void pass_delays_before(uint64_t until);
    void lower_any();
    void dump(uint64_t time_ps)
    {
        if (tracing_)
            dump_ticks(to_ticks(time_ps));
    }
    void dump_ticks(uint64_t ticks);
    void show_software();
    // As the design's own precision counts time.
    uint64_t last_picosecond() const;
    void learn_precision();
    uint64_t to_ticks(uint64_t time_ps) const
    {
        return ps_per_tick_ == 1 ? time_ps * ticks_per_ps_ : time_ps / ps_per_tick_;
    }

    const Options options_;
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Design> design_;

    uint32_t shown_clocks_ = 0, shown_resets_n_ = 0; // as the design has them
    uint64_t ticks_per_ps_ = 1, ps_per_tick_ = 1;    // of its own precision; known when it has been evaluated once

    Software software_;

    std::string trace_file_;
    std::string coverage_file_;
    bool tracing_ = false;
    bool trace_open_ = false;
    uint64_t last_dump_ = 0; // in ticks
};
