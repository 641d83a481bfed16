// SPDX-License-Identifier: Apache-2.0

#include "model.h"

#include <verilated.h>

#include <stdexcept>

#include "fault.h"
#include "waveform.h"

namespace {

// The runtime takes seeds from 1 to 2^31-1 (0 means "choose one") and starts slowly from small ones, hence the mixing
// (the finalizer of SplitMix64).
int to_runtime_seed(uint64_t seed)
{
    uint64_t mixed = seed + 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return static_cast<int>(mixed % 0x7fffffff) + 1;
}

std::unique_ptr<VerilatedContext> make_context(uint64_t seed)
{
    auto context = std::make_unique<VerilatedContext>();
    // A design without threads gets none: they would not be there in a copy of the process (fork_server.h).
    context->threads(Design::threads);
    context->randReset(2);
    context->randSeed(to_runtime_seed(seed));
    context->traceEverOn(Design::can_trace);
    return context;
}

} // namespace

Model::Model(const Options &options, Timeline &timeline)
    : Simulation(options, timeline),
      options_(options),
      context_(make_context(options.seed)),
      design_(Design::create(context_.get())),
      software_(options.ports.size()),
      trace_file_(options.trace),
      coverage_file_(options.coverage)
{
    end_time_at(last_picosecond());
    if (!options.coverage.empty() && !Design::can_cover)
        throw std::runtime_error("this model was built without coverage");
    if (options_.trace_at_start && !Design::has_blocks)
        trace_from_start();
}

Model::~Model() = default;

void Model::trace_from_start()
{
    const std::string refusal = set_trace(true);
    if (!refusal.empty())
        throw std::runtime_error(refusal);
}

void Model::run(const std::function<bool()> &go_on)
{
    power_up();
    while (!recorded_fault() && go_on()) {
        if (may_pass_cycle())
            pass_cycle();
        else
            run_to_rising_edge();
    }
}

inline bool Model::may_pass_cycle() const
{
    return !tracing_ && !Design::has_timing && clocks_.is_steady() && clocks_.next_rise_ps() <= end_of_time_ps();
}

// As run_to_rising_edge(), where nothing has to be asked in between.
inline void Model::pass_cycle()
{
    const uint64_t rise_ps = clocks_.next_rise_ps();
    context_->time(to_ticks(clocks_.next_ps()));
    evaluate(0, clocks_.resets_n());
    context_->time(to_ticks(rise_ps));
    clocks_.pass_cycle();
    timeline_.cycle = clocks_.cycle();
    timeline_.time_ps = rise_ps;
    evaluate(1, clocks_.resets_n());
    end_rising_edge();
}

// The initial blocks run with reset asserted. Then reset is pulsed once, before the first clock edge, since an
// asynchronous reset acts on its edge. State is still random in that pulse, so assertions are off.
void Model::power_up()
{
    const uint32_t clocks = clocks_.levels();
    evaluate(clocks, 0);
    learn_precision();
    if (options_.trace_at_start && Design::has_blocks)
        trace_from_start();
    context_->assertOn(false);
    evaluate(clocks, clocks_.all());
    evaluate(clocks, 0);
    context_->assertOn(true);
    dump(0);
}

// Edges of several clocks at one time are one evaluation, so that none is before the others.
void Model::run_to_rising_edge()
{
    bool rises = false;
    while (!rises) {
        const uint64_t time_ps = clocks_.next_ps();
        if (time_ps > end_of_time_ps())
            return record_fault({"time", "64 bits hold no more of it", "", 0});
        if (Design::has_timing)
            pass_delays_before(to_ticks(time_ps));
        context_->time(to_ticks(time_ps));
        rises = clocks_.move();
        if (rises) {
            if (shown_clocks_ > clocks_.all())
                lower_any();
            timeline_.cycle = clocks_.cycle();
            timeline_.time_ps = time_ps;
        }
        // The bit for any of several clocks is the one above them.
        const uint32_t any = rises && clocks_.count() > 1 ? clocks_.all() + 1 : 0;
        evaluate(clocks_.levels() | any, clocks_.resets_n());
        dump(time_ps);
    }
    end_rising_edge();
}

// The bit for any clock has to fall before it can rise again, at the last edge if none falls in between.
void Model::lower_any()
{
    evaluate(shown_clocks_ & clocks_.all(), shown_resets_n_);
}

// A delay that ends with a clock edge is evaluated with it, as one time step.
void Model::pass_delays_before(uint64_t until)
{
    while (design_->has_delays() && design_->next_delay_ends() < until && !recorded_fault()) {
        context_->time(design_->next_delay_ends());
        evaluate(shown_clocks_, shown_resets_n_);
        dump_ticks(context_->time());
    }
}

inline void Model::evaluate(uint32_t clocks, uint32_t resets_n)
{
    shown_clocks_ = clocks;
    shown_resets_n_ = resets_n;
    try {
        design_->evaluate(clocks, resets_n);
    } catch (const EvaluationAborted &) {
        // The fault is recorded; run() ends.
    }
}

void Model::finish()
{
    // Blocks take their counts with them.
    const bool writes_coverage = !coverage_file_.empty();
    if (writes_coverage && Design::has_blocks)
        design_->write_coverage(coverage_file_);
    try {
        design_->run_final_blocks();
    } catch (const EvaluationAborted &) {
        // As above.
    }
    if (writes_coverage && !Design::has_blocks)
        design_->write_coverage(coverage_file_);
    if (!trace_open_)
        return;
    trace_open_ = tracing_ = false;
    close_waveform(trace_file_, [&] { design_->close_trace(); });
}

std::string Model::simulator() const
{
    return Verilated::productVersion();
}

std::string Model::may_fork() const
{
    if (Design::threads > 1)
        return "it was built with --threads, and a copy would have none of them; build it without";
    if (trace_open_)
        return "the waveform is open; start the model without it before it is copied";
    return "";
}

uint64_t Model::last_picosecond() const
{
    constexpr int kPicoseconds = -12;
    uint64_t last = UINT64_MAX;
    for (int e = context_->timeprecision(); e < kPicoseconds; ++e)
        last /= 10;
    return last;
}

std::string Model::set_trace(bool on)
{
    if (!Design::can_trace)
        return "this model was built without tracing";
    if (trace_file_.empty())
        return "no file for the trace was named: start the model with --trace FILE";
    if (on && !trace_open_) {
        if (!design_->open_trace(trace_file_))
            return "cannot write the trace " + trace_file_;
        trace_open_ = true;
    }
    tracing_ = on;
    return "";
}

void Model::name_coverage(const std::string &file)
{
    coverage_file_ = file;
}

std::string Model::name_trace(const std::string &file)
{
    if (trace_open_)
        return "the waveform " + trace_file_ + " is open";
    trace_file_ = file;
    return "";
}

// Two edges can fall on one tick of a coarse time precision; a waveform holds one value per tick.
void Model::dump_ticks(uint64_t ticks)
{
    if (!tracing_)
        return;
    if (ticks <= last_dump_ && ticks != 0)
        return;
    if (software_.take_change())
        show_software();
    design_->dump_trace(ticks);
    last_dump_ = ticks;
}

// What begins with an edge is shown with it.
void Model::show_software()
{
    try {
        design_->show(software_);
    } catch (const EvaluationAborted &) {
        // As above.
    }
}

void Model::learn_precision()
{
    constexpr int kPicoseconds = -12;
    for (int e = context_->timeprecision(); e > kPicoseconds; --e)
        ps_per_tick_ *= 10;
    for (int e = context_->timeprecision(); e < kPicoseconds; ++e)
        ticks_per_ps_ *= 10;
}
