// SPDX-License-Identifier: Apache-2.0
//
// bare_access ROUNDS COUNT [idle]
// What the model alone costs: axil_regs as Verilator makes it, its AXI4-Lite pins moved by hand, no BFM, no process to
// talk to. Prints one line a round: nanoseconds per 32-bit read, or per cycle in which nothing is asked.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "Vaxil_regs.h"
#include "verilated.h"

namespace {

class Bus {
public:
    Bus() : context_(std::make_unique<VerilatedContext>()), regs_(std::make_unique<Vaxil_regs>(context_.get()))
    {
        regs_->rst_ni = 0;
        for (int i = 0; i < 16; i++)
            tick();
        regs_->rst_ni = 1;
        regs_->s_axil_rready = 1;
        tick();
    }

    uint32_t read(uint32_t address)
    {
        regs_->s_axil_araddr = address;
        regs_->s_axil_arvalid = 1;
        do
            tick();
        while (!regs_->s_axil_rvalid);
        regs_->s_axil_arvalid = 0;
        const uint32_t data = regs_->s_axil_rdata;
        tick();
        return data;
    }

    void tick()
    {
        regs_->clk_i = 1;
        regs_->eval();
        regs_->clk_i = 0;
        regs_->eval();
        context_->timeInc(1);
    }

private:
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Vaxil_regs> regs_;
};

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
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < count; i++) {
            if (idle)
                bus.tick();
            if (idle || bus.read(IdOffset) == Id)
                continue;
            std::fputs("bare_access: the model gave a wrong value\n", stderr);
            return 1;
        }
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        std::printf("%.1f\n", spent.count() / count);
    }
    return 0;
}
