// SPDX-License-Identifier: Apache-2.0

#include "kit_simulation.h"

#include <stdexcept>

#include "fault.h"

KitSimulation::KitSimulation(const Options &options, Timeline &timeline) : Simulation(options, timeline)
{
    end_time_at(UINT64_MAX);
}

void KitSimulation::use_period(uint64_t period_ps)
{
    if (period_ps < 2)
        throw std::invalid_argument("PeriodPs of trapline_kit is " + std::to_string(period_ps) + "; 2 is the least");
    change_period(period_ps);
    end_time_at(UINT64_MAX);
}

void KitSimulation::rise()
{
    const uint64_t time_ps = clocks_.next_ps();
    if (time_ps > end_of_time_ps())
        return record_fault({"time", "64 bits hold no more of it", "", 0});
    clocks_.move();
    timeline_.cycle = clocks_.cycle();
    timeline_.time_ps = time_ps;
}

bool KitSimulation::fall()
{
    clocks_.move();
    return clocks_.resets_n() & 1;
}

std::string KitSimulation::set_trace(bool)
{
    return "the waveform of this model is its simulator's: open it there";
}

std::string KitSimulation::name_trace(const std::string &file)
{
    return file.empty() ? "" : set_trace(true);
}

std::string KitSimulation::may_fork() const
{
    return "it runs in another simulator, whose processes can't be copied";
}
