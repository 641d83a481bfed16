// SPDX-License-Identifier: Apache-2.0

#include "simulation.h"

#include <algorithm>
#include <utility>

namespace {

// More at once would be a mistake, and a model that is in reset serves nobody meanwhile.
constexpr uint64_t kMostAdvanced = 0xffff'ffff;
constexpr uint64_t kMostResetCycles = 1'000'000;

} // namespace

Simulation::Simulation(const Options &options, Timeline &timeline)
    : timeline_(timeline), clocks_(options.clocks), clock_options_(options.clocks)
{
}

void Simulation::change_period(uint64_t period_ps)
{
    clock_options_.front().period_ps = period_ps;
    clocks_ = Clocks(clock_options_);
}

void Simulation::end_time_at(uint64_t time_ps)
{
    end_of_time_ps_ = time_ps;
    for (const ClockOptions &clock : clock_options_) {
        const uint64_t ahead = clock.period_ps < UINT64_MAX / 2 ? 2 * clock.period_ps : UINT64_MAX;
        end_of_time_ps_ = std::min(end_of_time_ps_, UINT64_MAX - ahead);
    }
}

uint64_t Simulation::time_after(uint64_t cycles) const
{
    return cycles > cycles_left() ? end_of_time_ps_ : timeline_.time_ps + cycles * clock_options_.front().period_ps;
}

uint64_t Simulation::cycles_left() const
{
    const uint64_t left = end_of_time_ps_ > timeline_.time_ps ? end_of_time_ps_ - timeline_.time_ps : 0;
    return left / clock_options_.front().period_ps;
}

std::string Simulation::advance(uint64_t cycles, Done done)
{
    const std::string asked = "cycles is " + std::to_string(cycles);
    if (cycles > kMostAdvanced)
        return asked + "; advance by at most " + std::to_string(kMostAdvanced) + " at once";
    if (cycles > cycles_left()) {
        return asked + "; until the end of simulated time there are only " + std::to_string(cycles_left());
    }
    if (cycles == 0) {
        done();
    } else {
        advances_.push_back({time_after(cycles), std::move(done)});
        next_advance_ps_ = std::min(next_advance_ps_, advances_.back().until_ps);
    }
    return "";
}

void Simulation::finish_advances()
{
    const auto due = std::stable_partition(advances_.begin(), advances_.end(), [&](const Advance &advance) {
        return advance.until_ps > timeline_.time_ps;
    });
    for (auto it = due; it != advances_.end(); ++it)
        it->done();
    advances_.erase(due, advances_.end());
    next_advance_ps_ = UINT64_MAX;
    for (const Advance &advance : advances_)
        next_advance_ps_ = std::min(next_advance_ps_, advance.until_ps);
}

std::string Simulation::reset(uint64_t cycles, Done done)
{
    if (cycles > kMostResetCycles) {
        return "cycles is " + std::to_string(cycles) + "; a reset has at most " + std::to_string(kMostResetCycles);
    }
    clocks_.reset(cycles);
    waiting_for_release_.push_back(std::move(done));
    return "";
}

void Simulation::release_resets_when_due()
{
    if (!clocks_.release_resets())
        return;
    for (const auto &done : std::exchange(waiting_for_release_, {}))
        done();
}
