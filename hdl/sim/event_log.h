// SPDX-License-Identifier: Apache-2.0
//
// What the design does by itself, for traces of a run: its interrupts and the bursts of its manager ports. One JSON
// object per line, in the order of simulated time. What can't be written is lost: nobody's answer depends on it.

#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

class EventLog {
public:
    // An empty path makes a log that drops everything. Throws std::runtime_error if the file can't be written.
    explicit EventLog(const std::string &path);

    void interrupt(const std::string &line, bool level, uint64_t time_ps);
    void burst(const std::string &port, bool write, uint64_t address, uint64_t bytes, uint64_t begin_ps,
               uint64_t end_ps);

private:
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };

    std::unique_ptr<std::FILE, Close> file_;
};
