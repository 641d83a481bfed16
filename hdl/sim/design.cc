// SPDX-License-Identifier: Apache-2.0

#include "design.h"

#include <algorithm>

#include "Vtrapline_top.h"
#include "Vtrapline_top__Dpi.h" // with dpi.h below: the compiler checks that both halves of the seam agree
#include "dpi.h"
#include "software.h"

#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#if VM_COVERAGE
#include <verilated_cov.h>
#endif

const bool Design::can_trace = VM_TRACE;
const bool Design::can_cover = VM_COVERAGE;
const unsigned Design::threads = MODEL_THREADS;
const bool Design::has_blocks = MODEL_BLOCKS;
const bool Design::has_timing = MODEL_TIMING;

namespace {

class VerilatedDesign : public Design {
public:
    explicit VerilatedDesign(VerilatedContext *context) : context_(context), top_(context)
    {
#if VM_TRACE
        VL_ZERO_W(32 * sizeof top_.software_i / sizeof(EData), top_.software_i);
#endif
    }

    void evaluate(uint32_t clocks, uint32_t resets_n) override
    {
        top_.clk_i = clocks;
        top_.rst_ni = resets_n;
        top_.eval();
    }
    void run_final_blocks() override { top_.final(); }
    bool has_delays() override { return top_.eventsPending(); }
    uint64_t next_delay_ends() override { return top_.nextTimeSlot(); }

#if VM_TRACE
    void show(const Software &software) override
    {
        static_assert(sizeof top_.software_i % (Software::kWords * sizeof(EData)) == 0, "a vector for each bus");
        EData *at = top_.software_i.data();
        for (const auto &words : software.shown())
            at = std::copy(words.begin(), words.end(), at);
        top_.eval();
    }
#else
    void show(const Software &) override {}
#endif

    uint64_t memory_bytes(uint32_t memory) override
    {
        enter_top();
        return trapline_memory_bytes(memory);
    }
    uint8_t peek(uint32_t memory, uint64_t at) override
    {
        enter_top();
        return trapline_peek(memory, at);
    }
    void poke(uint32_t memory, uint64_t at, uint8_t byte) override
    {
        enter_top();
        trapline_poke(memory, at, byte);
    }

#if VM_TRACE
    bool open_trace(const std::string &file) override
    {
        constexpr int kAllLevels = 99;
        top_.trace(&trace_, kAllLevels);
        trace_.open(file.c_str());
        return trace_.isOpen();
    }
    void dump_trace(uint64_t time) override { trace_.dump(time); }
    void close_trace() override { trace_.close(); }
#else
    bool open_trace(const std::string &) override { return false; }
    void dump_trace(uint64_t) override {}
    void close_trace() override {}
#endif

#if VM_COVERAGE
    void write_coverage(const std::string &file) override { context_->coveragep()->write(file.c_str()); }
#else
    void write_coverage(const std::string &) override {}
#endif

private:
    // Functions that the generated top exports are called in its scope.
    static void enter_top()
    {
        static const svScope scope = svGetScopeFromName("TOP.trapline_top");
        svSetScope(scope);
    }

    [[maybe_unused]] VerilatedContext *const context_;
    Vtrapline_top top_;
#if VM_TRACE
    VerilatedFstC trace_;
#endif
};

} // namespace

std::unique_ptr<Design> Design::create(VerilatedContext *context)
{
    return std::make_unique<VerilatedDesign>(context);
}
