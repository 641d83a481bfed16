// SPDX-License-Identifier: Apache-2.0
//
// bare_copy ROUNDS BEATS LENGTH
// What the model alone costs for a copy: axi4_ram as Verilator makes it, BEATS beats written in bursts of LENGTH, its
// pins moved by hand. Prints one line a round: nanoseconds for all of them.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vaxi4_ram.h"
#include "verilated.h"

namespace {

class Bus {
public:
    Bus() : context_(std::make_unique<VerilatedContext>()), ram_(std::make_unique<Vaxi4_ram>(context_.get()))
    {
        ram_->rst_ni = 0;
        for (int i = 0; i < 16; i++)
            tick();
        ram_->rst_ni = 1;
        ram_->s_axi_awburst = 1; // INCR
        ram_->s_axi_awsize = 2;
        ram_->s_axi_wstrb = 0xf;
        ram_->s_axi_bready = 1;
        tick();
    }

    void write(uint32_t address, int length)
    {
        ram_->s_axi_awaddr = address;
        ram_->s_axi_awlen = length - 1;
        ram_->s_axi_awvalid = 1;
        until_taken(ram_->s_axi_awready);
        ram_->s_axi_awvalid = 0;
        ram_->s_axi_wvalid = 1;
        for (int beat = 0; beat < length; beat++) {
            ram_->s_axi_wdata = address + beat;
            ram_->s_axi_wlast = beat + 1 == length;
            until_taken(ram_->s_axi_wready);
        }
        ram_->s_axi_wvalid = 0;
        until_taken(ram_->s_axi_bvalid);
    }

private:
    // What the design drives counts as it stands before the edge.
    void until_taken(const uint8_t &ready)
    {
        bool taken;
        do {
            ram_->eval();
            taken = ready != 0;
            tick();
        } while (!taken);
    }

    void tick()
    {
        ram_->clk_i = 1;
        ram_->eval();
        ram_->clk_i = 0;
        ram_->eval();
        context_->timeInc(1);
    }

    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Vaxi4_ram> ram_;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fputs("usage: bare_copy ROUNDS BEATS LENGTH\n", stderr);
        return 2;
    }
    const int rounds = std::atoi(argv[1]), beats = std::atoi(argv[2]), length = std::atoi(argv[3]);
    constexpr uint32_t Bytes = 4;
    Bus bus;
    for (int round = 0; round < rounds; round++) {
        const auto start = std::chrono::steady_clock::now();
        for (int beat = 0; beat < beats; beat += length)
            bus.write(beat * Bytes, length);
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        std::printf("bare-copy %.1f\n", spent.count());
    }
    return 0;
}
