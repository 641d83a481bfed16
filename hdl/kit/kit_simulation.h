// SPDX-License-Identifier: Apache-2.0
//
// Simulated time where another simulator moves it: says when the edges of the one clock come, and counts cycles. What a
// waveform is, that simulator knows.

#pragma once

#include <cstdint>
#include <string>

#include "simulation.h"

class KitSimulation : public Simulation {
public:
    KitSimulation(const Options &options, Timeline &timeline);

    // At time 0, before all others. Throws std::invalid_argument if it is too short to be halved.
    void use_period(uint64_t period_ps);

    // A cycle begins. Records a fault where 64 bits hold no more time.
    void rise();
    // All that belongs to the rising edge has happened.
    void end_cycle() { end_rising_edge(); }
    // The clock falls, or time begins. Returns the level of the active-low reset from here on.
    bool fall();

    std::string simulator() const override { return "a simulator with the kit"; }
    std::string set_trace(bool on) override;
    std::string name_trace(const std::string &file) override;
    void name_coverage(const std::string &) override {}
    std::string may_fork() const override;
};
