// SPDX-License-Identifier: Apache-2.0
//
// What there is to say of simulated time, whoever moves it: the model, which calls Verilator's runtime, or the kit
// (hdl/kit), which another simulator calls. Here are clocks, resets and advances; what a waveform or a copy of the
// process is, each knows itself.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "clocks.h"
#include "options.h"
#include "timeline.h"

class Simulation {
public:
    using Done = std::function<void()>;

    virtual ~Simulation() = default;

    // The simulator and its version, for Hello.
    virtual std::string simulator() const = 0;

    const Timeline &timeline() const { return timeline_; }
    // Whether a reset or an advance is under way.
    bool wants_time() const { return clocks_.in_reset() || !advances_.empty(); }
    // When so many cycles of the first clock have passed from now on; the end of time if that comes before.
    uint64_t time_after(uint64_t cycles) const;

    // Both call done when the cycles have passed, or return why they are refused; an empty string if they are not.
    // 0 cycles of reset stand for the number given at start.
    std::string advance(uint64_t cycles, Done done);
    std::string reset(uint64_t cycles, Done done);

    // Returns why it refused, or an empty string.
    virtual std::string set_trace(bool on) = 0;
    // Where the waveform goes from now on; refused while one is open.
    virtual std::string name_trace(const std::string &file) = 0;
    // Where the coverage is written at the end; empty for nowhere.
    virtual void name_coverage(const std::string &file) = 0;

    // Why no copy of the process can go on with what it simulates; empty if one can.
    virtual std::string may_fork() const = 0;

protected:
    // The clocks of the options, which must outlive this.
    Simulation(const Options &options, Timeline &timeline);

    // Before the first edge.
    void change_period(uint64_t period_ps);
    // No edge comes after this time; clocks think two periods ahead of it.
    void end_time_at(uint64_t time_ps);
    uint64_t end_of_time_ps() const { return end_of_time_ps_; }

    // What a rising edge has brought to its end is told.
    void end_rising_edge()
    {
        if (clocks_.in_reset())
            release_resets_when_due();
        if (timeline_.time_ps >= next_advance_ps_)
            finish_advances();
    }

    Timeline &timeline_;
    Clocks clocks_;

private:
    struct Advance {
        uint64_t until_ps;
        Done done;
    };

    void release_resets_when_due();
    void finish_advances();
    // So many cycles of the first clock fit into what is left of time.
    uint64_t cycles_left() const;

    std::vector<ClockOptions> clock_options_;
    uint64_t end_of_time_ps_ = UINT64_MAX;
    std::vector<Done> waiting_for_release_;
    std::vector<Advance> advances_;
    uint64_t next_advance_ps_ = UINT64_MAX; // when the first of them ends
};
