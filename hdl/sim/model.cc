// SPDX-License-Identifier: Apache-2.0

#include "model.h"

#include <verilated.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fault.h"
#include "waveform.h"

namespace {

// The runtime takes seeds from 1 to 2^31-1 (0 means "choose one") and starts slowly from small ones, hence the mixing
// (the finalizer of SplitMix64).
int to_runtime_seed(uint64_t seed) {
  uint64_t mixed = seed + 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return static_cast<int>(mixed % 0x7fffffff) + 1;
}

std::unique_ptr<VerilatedContext> make_context(uint64_t seed) {
  auto context = std::make_unique<VerilatedContext>();
  // Threads would not be there in a copy of the process (fork_server.h).
  context->threads(1);
  context->randReset(2);
  context->randSeed(to_runtime_seed(seed));
  context->traceEverOn(Design::can_trace);
  return context;
}

}  // namespace

Model::Model(const Options& options, Timeline& timeline)
    : options_(options),
      timeline_(timeline),
      context_(make_context(options.seed)),
      design_(Design::create(context_.get())),
      reset_until_(options.reset_cycles),
      trace_file_(options.trace),
      coverage_file_(options.coverage) {
  if (!options.coverage.empty() && !Design::can_cover) throw std::runtime_error("this model was built without coverage");
  if (!options_.trace_at_start) return;
  const std::string refusal = set_trace(true);
  if (!refusal.empty()) throw std::runtime_error(refusal);
}

Model::~Model() = default;

void Model::run(const std::function<bool()>& go_on) {
  power_up();
  while (!recorded_fault() && go_on()) run_cycle();
}

// The initial blocks run with reset asserted. Then reset is pulsed once, before the first clock edge, since an
// asynchronous reset acts on its edge. State is still random in that pulse, so assertions are off.
void Model::power_up() {
  design_->set_clock(false);
  design_->set_reset_n(false);
  evaluate();
  context_->assertOn(false);
  design_->set_reset_n(true);
  evaluate();
  design_->set_reset_n(false);
  evaluate();
  context_->assertOn(true);
  dump(0);
}

void Model::run_cycle() {
  design_->set_clock(false);
  design_->set_reset_n(!in_reset_);
  const uint64_t falling_ps = timeline_.time_ps + options_.period_ps / 2;
  context_->time(to_ticks(falling_ps));
  evaluate();
  dump(falling_ps);

  ++timeline_.cycle;
  timeline_.time_ps += options_.period_ps;
  design_->set_clock(true);
  context_->time(to_ticks(timeline_.time_ps));
  evaluate();
  dump(timeline_.time_ps);

  release_reset_when_due();
  finish_advances();
}

void Model::evaluate() {
  try {
    design_->evaluate();
  } catch (const EvaluationAborted&) {
    // The fault is recorded; run() ends.
  }
}

void Model::finish() {
  try {
    design_->run_final_blocks();
  } catch (const EvaluationAborted&) {
    // As above.
  }
  if (!coverage_file_.empty()) design_->write_coverage(coverage_file_);
  if (!trace_open_) return;
  design_->close_trace();
  trace_open_ = tracing_ = false;
  if (!is_whole_waveform(trace_file_))
    throw std::runtime_error("the waveform " + trace_file_ + " is cut; is its disk full?");
}

void Model::advance(uint64_t cycles, Done done) {
  if (cycles == 0) return done();
  advances_.push_back({timeline_.cycle + cycles, std::move(done)});
}

void Model::finish_advances() {
  const auto due = std::stable_partition(advances_.begin(), advances_.end(),
                                         [&](const Advance& advance) { return advance.until > timeline_.cycle; });
  for (auto it = due; it != advances_.end(); ++it) it->done();
  advances_.erase(due, advances_.end());
}

void Model::reset(uint64_t cycles, Done done) {
  const uint64_t until = timeline_.cycle + (cycles ? cycles : options_.reset_cycles);
  reset_until_ = in_reset_ ? std::max(reset_until_, until) : until;
  in_reset_ = true;
  waiting_for_release_.push_back(std::move(done));
}

void Model::release_reset_when_due() {
  if (!in_reset_ || timeline_.cycle < reset_until_) return;
  in_reset_ = false;
  for (const auto& done : std::exchange(waiting_for_release_, {})) done();
}

std::string Model::set_trace(bool on) {
  if (!Design::can_trace) return "this model was built without tracing";
  if (trace_file_.empty()) return "no file for the trace was named: start the model with --trace FILE";
  if (on && !trace_open_) {
    if (!design_->open_trace(trace_file_)) return "cannot write the trace " + trace_file_;
    trace_open_ = true;
  }
  tracing_ = on;
  return "";
}

void Model::name_coverage(const std::string& file) { coverage_file_ = file; }

std::string Model::name_trace(const std::string& file) {
  if (trace_open_) return "the waveform " + trace_file_ + " is open";
  trace_file_ = file;
  return "";
}

// Two edges can fall on one tick of a coarse time precision; a waveform holds one value per tick.
void Model::dump(uint64_t time_ps) {
  if (!tracing_) return;
  const uint64_t ticks = to_ticks(time_ps);
  if (ticks <= last_dump_ && time_ps != 0) return;
  design_->dump_trace(ticks);
  last_dump_ = ticks;
}

uint64_t Model::to_ticks(uint64_t time_ps) const {
  constexpr int kPicoseconds = -12;
  uint64_t ticks = time_ps;
  for (int e = context_->timeprecision(); e > kPicoseconds; --e) ticks /= 10;
  for (int e = context_->timeprecision(); e < kPicoseconds; ++e) ticks *= 10;
  return ticks;
}
