// SPDX-License-Identifier: Apache-2.0
//
// When the edges of several clocks come, and how long the reset of each lasts. Pure: knows no design and moves no time
// but its own.
//
// Rising edge n of a clock, from n = 1 on, comes at phase + n * period, and the falling edge before it half a period
// earlier. Edges of several clocks at one time are one edge of the design. A reset is asserted at the next edge of any
// clock and released with a falling edge of its own, so that no clock edge comes after the bridge asked for a reset
// without one.

#pragma once

#include <cstdint>
#include <vector>

#include "options.h"

class Clocks {
public:
    // The first one is the model's: its cycles are those that all others speak of.
    explicit Clocks(const std::vector<ClockOptions> &clocks);

    // The next time at which a clock has an edge.
    uint64_t next_ps() const { return next_ps_; }

    // Moves there. Returns whether a clock rises.
    bool move();

    // Whether the next two edges are those of a clock that is the only one, falls and rises, and no reset changes: as
    // in most cycles of most models.
    bool is_steady() const
    {
        return clocks_.size() == 1 && !in_reset_ && resets_n_ != 0 && !clocks_.front().rises_next;
    }
    // When it is steady: the second of these edges, and a move to it.
    uint64_t next_rise_ps() const
    {
        const uint64_t period_ps = clocks_.front().options.period_ps;
        return next_ps_ + period_ps - period_ps / 2;
    }
    void pass_cycle()
    {
        Clock &clock = clocks_.front();
        ++clock.cycle;
        clock.next_ps += clock.options.period_ps;
        next_ps_ = clock.next_ps;
    }

    size_t count() const { return clocks_.size(); }
    // Bit k is the level of clock k, and of its active-low reset.
    uint32_t levels() const { return levels_; }
    uint32_t resets_n() const { return resets_n_; }
    uint32_t all() const { return (1u << clocks_.size()) - 1; }

    // Rising edges of the first clock.
    uint64_t cycle() const { return clocks_.front().cycle; }

    // Asserts all resets for as many cycles of each clock, or each for its number from the start if that is 0. One that
    // is asserted already doesn't end earlier by it.
    void reset(uint64_t cycles);
    bool in_reset() const { return in_reset_; }
    // To be called after a rising edge. Returns whether the last of the resets is over; its pin follows with the
    // falling edge.
    bool release_resets();

private:
    struct Clock {
        ClockOptions options;
        uint64_t next_ps;
        bool rises_next = false;
        uint64_t cycle = 0;
        bool in_reset = true;
        bool with_others = true; // its reset lasts until all clocks have had their cycles
        uint64_t reset_until = 0;
    };

    std::vector<Clock> clocks_;
    uint32_t levels_ = 0;
    uint32_t resets_n_ = 0;
    // Of all clocks, so that an edge at which nothing happens needs no look at them.
    uint64_t next_ps_ = UINT64_MAX;
    bool in_reset_ = false;
};
