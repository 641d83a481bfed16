// SPDX-License-Identifier: Apache-2.0

#include "clocks.h"

#include <algorithm>

Clocks::Clocks(const std::vector<ClockOptions> &clocks)
{
    for (const ClockOptions &options : clocks) {
        Clock clock{};
        clock.options = options;
        clock.next_ps = options.phase_ps + options.period_ps / 2;
        clocks_.push_back(clock);
        next_ps_ = std::min(next_ps_, clock.next_ps);
    }
    reset(0);
}

bool Clocks::move()
{
    const uint64_t now = next_ps_;
    bool rises = false;
    next_ps_ = UINT64_MAX;
    uint32_t bit = 1;
    for (Clock &clock : clocks_) {
        if (clock.in_reset)
            resets_n_ &= ~bit;
        if (clock.next_ps == now) {
            const uint64_t high_ps = clock.options.period_ps / 2;
            if (clock.rises_next) {
                rises = true;
                levels_ |= bit;
                ++clock.cycle;
                clock.next_ps = now + high_ps;
            } else {
                levels_ &= ~bit;
                if (!clock.in_reset)
                    resets_n_ |= bit;
                clock.next_ps = now + clock.options.period_ps - high_ps;
            }
            clock.rises_next = !clock.rises_next;
        }
        next_ps_ = std::min(next_ps_, clock.next_ps);
        bit <<= 1;
    }
    return rises;
}

void Clocks::reset(uint64_t cycles)
{
    for (size_t k = 0; k < clocks_.size(); ++k) {
        Clock &clock = clocks_[k];
        const uint64_t own = clock.options.reset_cycles;
        const uint64_t until = clock.cycle + (cycles ? cycles : own ? own : clocks_.front().options.reset_cycles);
        clock.reset_until = clock.in_reset ? std::max(clock.reset_until, until) : until;
        clock.in_reset = true;
        clock.with_others = k == 0 || cycles != 0 || own == 0;
    }
    in_reset_ = true;
}

bool Clocks::release_resets()
{
    if (!in_reset_)
        return false;
    const bool all = std::all_of(clocks_.begin(), clocks_.end(),
                                 [](const Clock &clock) { return clock.cycle >= clock.reset_until; });
    for (Clock &clock : clocks_) {
        if (clock.cycle >= clock.reset_until && (all || !clock.with_others))
            clock.in_reset = false;
    }
    in_reset_ = std::any_of(clocks_.begin(), clocks_.end(), [](const Clock &clock) { return clock.in_reset; });
    return !in_reset_;
}
