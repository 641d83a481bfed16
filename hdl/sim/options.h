// SPDX-License-Identifier: Apache-2.0
//
// The command line of a model process: parsing and nothing else.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Options {
  int link_fd = -1;               // connected stream socket to the bridge
  uint64_t seed = 1;              // of power-up state and idle lanes
  uint64_t max_cycles = 100'000;  // budget of each handshake, at least 1
  uint64_t min_cycles = 0;        // cycles that pass at least between two accesses
  uint64_t reset_cycles = 16;     // at power-up, at least 1
  uint64_t period_ps = 10'000;    // of the clock, at least 2
  std::vector<std::string> ports; // names, by index; 1 to 16
  std::vector<std::string> interrupts;  // names of interrupt lines, by index; at most 32
  std::string log;                // access log; none if empty
  std::string trace;              // FST file; none if empty
  bool trace_at_start = false;
};

// Throws std::invalid_argument with one sentence that names the argument.
Options parse_options(int argc, char** argv);
