// SPDX-License-Identifier: Apache-2.0
//
// The C half of the seam; bfm/trapline_dpi_pkg.sv is the SystemVerilog half and says what each call means.

#pragma once

#include <svdpi.h>

#include <cstdint>

class Interrupts;
class Mailbox;

// Names the mailbox that the BFMs pull from, their cycle budget, and who is told of interrupts. Call it before the first
// evaluation.
void bind_dpi(Mailbox* mailbox, uint64_t max_cycles, Interrupts* interrupts);

extern "C" {
unsigned long long c_dpi_open_port(unsigned int port, unsigned int address_width, unsigned int data_width);
svBit c_dpi_next_beat(unsigned int port, svBit* write, unsigned long long* address, svBitVecVal* data,
                      svBitVecVal* strobe);
void c_dpi_end_beat(unsigned int port, int status, const svBitVecVal* data);
void c_dpi_time_out_beat(unsigned int port, const char* reason);
void c_dpi_report_breach(unsigned int port, const char* breach);
void c_dpi_interrupt(unsigned int line, svBit level);
}
