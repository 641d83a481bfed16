// SPDX-License-Identifier: Apache-2.0
//
// Changes of the design's interrupt lines, from the clock edge that saw them until they are told to the bridge.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event_log.h"
#include "timeline.h"

struct InterruptEdge {
    uint32_t line;
    bool level;
    uint64_t cycle;
    uint64_t time_ps;
};

class Interrupts {
public:
    Interrupts(const Timeline &timeline, const std::vector<std::string> &names, EventLog &events)
        : timeline_(timeline), names_(names), events_(events)
    {
    }

    size_t count() const { return names_.size(); }

    // The line is one of those that have names.
    void change(uint32_t line, bool level)
    {
        events_.interrupt(names_.at(line), level, timeline_.time_ps);
        edges_.push_back({line, level, timeline_.cycle, timeline_.time_ps});
        high_ = level ? high_ | 1u << line : high_ & ~(1u << line);
    }

    // Reports the lines that are high as if they had risen now, for a bridge that knows none of what was.
    void repeat()
    {
        edges_.clear();
        for (uint32_t line = 0; line < names_.size(); ++line) {
            if (high_ >> line & 1)
                change(line, true);
        }
    }

    // The changes since the last call.
    std::vector<InterruptEdge> take()
    {
        std::vector<InterruptEdge> taken;
        taken.swap(edges_);
        return taken;
    }

    bool any() const { return !edges_.empty(); }

private:
    const Timeline &timeline_;
    const std::vector<std::string> &names_;
    EventLog &events_;
    std::vector<InterruptEdge> edges_;
    uint32_t high_ = 0; // a bit for each line
};
