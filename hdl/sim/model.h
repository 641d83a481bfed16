// SPDX-License-Identifier: Apache-2.0
//
// The model: clock, reset, simulated time, seeds, waveform, and the loop that evaluates the design. It moves time one
// cycle at a time and asks before each cycle whether it may; who wants time, and why, is decided elsewhere.
//
// Cycle n begins with rising edge n at time n * period; cycle 0 is the time before the first edge. The clock is high
// while the model waits. Reset changes with the falling edge.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "design.h"
#include "options.h"
#include "timeline.h"

class Model {
 public:
  using Done = std::function<void()>;

  // Throws std::runtime_error if a trace is wanted that can't be written.
  Model(const Options& options, Timeline& timeline);
  ~Model();

  // Powers up, resets, and runs cycles as long as go_on() is true and no fault is recorded.
  void run(const std::function<bool()>& go_on);

  // Runs the final blocks and closes the waveform. Throws std::runtime_error if that, or the coverage, could not be written.
  void finish();

  // Both call done when the cycles have passed. 0 cycles of reset stand for the number given at start.
  void advance(uint64_t cycles, Done done);
  void reset(uint64_t cycles, Done done);

  // Returns why it refused, or an empty string.
  std::string set_trace(bool on);
  // Where the waveform goes from now on; refused while one is open.
  std::string name_trace(const std::string& file);
  // Where the coverage is written at the end; empty for nowhere.
  void name_coverage(const std::string& file);
  bool is_tracing() const { return trace_open_; }

  Design& design() { return *design_; }

  bool wants_time() const { return in_reset_ || !advances_.empty(); }
  const Timeline& timeline() const { return timeline_; }

 private:
  struct Advance {
    uint64_t until;
    Done done;
  };

  void power_up();
  void run_cycle();
  void evaluate();
  void dump(uint64_t time_ps);
  void release_reset_when_due();
  void finish_advances();
  uint64_t to_ticks(uint64_t time_ps) const;

  const Options options_;
  Timeline& timeline_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Design> design_;

  bool in_reset_ = true;
  uint64_t reset_until_;
  std::vector<Done> waiting_for_release_;
  std::vector<Advance> advances_;

  std::string trace_file_;
  std::string coverage_file_;
  bool tracing_ = false;
  bool trace_open_ = false;
  uint64_t last_dump_ = 0;  // in ticks
};
