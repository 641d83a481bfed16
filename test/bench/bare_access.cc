// SPDX-License-Identifier: Apache-2.0
//
// bare_access ROUNDS COUNT [idle]
// What the model alone costs: axil_regs, or large_core, as Verilator makes it, its AXI4-Lite pins moved by hand, no
// BFM, no process to talk to. Prints one line a round: nanoseconds per 32-bit read, or per cycle in which nothing is
// asked.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "Vcore.h"
#include "verilated.h"

namespace {

class Bus {
public:
    Bus() : context_(std::make_unique<VerilatedContext>()), core_(std::make_unique<Vcore>(context_.get()))
    {
        core_->rst_ni = 0;
        for (int i = 0; i < 16; i++)
            tick();
        core_->rst_ni = 1;
        core_->s_axil_rready = 1;
        tick();
    }

    uint32_t read(uint32_t address)
    {
        core_->s_axil_araddr = address;
        core_->s_axil_arvalid = 1;
        do
            tick();
        while (!core_->s_axil_rvalid);
        core_->s_axil_arvalid = 0;
        const uint32_t data = core_->s_axil_rdata;
        tick();
        return data;
    }

    void tick()
    {
        core_->clk_i = 1;
        core_->eval();
        core_->clk_i = 0;
        core_->eval();
        context_->timeInc(1);
    }

private:
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Vcore> core_;
};

// CPU time: it waits for nobody, and what others do meanwhile is not its cost.
double spent_ns()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

} // namespace

int main(int argc, char **argv)
{
    const bool idle = argc == 4 && std::string(argv[3]) == "idle";
    if (argc != 3 && !idle) {
        std::fputs("usage: bare_access ROUNDS COUNT [idle]\n", stderr);
        return 2;
    }
    constexpr uint32_t IdOffset = 4, Id = 0x54524150;
    const int rounds = std::atoi(argv[1]), count = std::atoi(argv[2]);
    Bus bus;
    for (int round = 0; round < rounds; round++) {
        const double start = spent_ns();
        for (int i = 0; i < count; i++) {
            if (idle)
                bus.tick();
            if (idle || bus.read(IdOffset) == Id)
                continue;
            std::fputs("bare_access: the model gave a wrong value\n", stderr);
            return 1;
        }
        std::printf("%.1f\n", (spent_ns() - start) / count);
    }
    return 0;
}
