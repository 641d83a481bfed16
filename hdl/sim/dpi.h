// SPDX-License-Identifier: Apache-2.0
//
// The C half of the seam; bfm/trapline_dpi_pkg.sv is the SystemVerilog half and says what each call means.

#pragma once

#include <svdpi.h>

#include <cstdint>

class Dma;
class Interrupts;
class Mailbox;
struct Options;

// What the BFMs pull from and report to. Call it before the first evaluation.
void bind_dpi(const Options *options, Mailbox *mailbox, Interrupts *interrupts, Dma *dma);

extern "C" {
unsigned long long c_dpi_max_cycles();
unsigned int c_dpi_stall_percent(unsigned int channel);
void c_dpi_open_port(unsigned int port, unsigned int address_width, unsigned int data_width, unsigned int max_beats);
void c_dpi_align_port(unsigned int port, svBit write_strobes, unsigned int boundary);
void c_dpi_refuse_narrow_writes(unsigned int port, const char *missing);
svBit c_dpi_has_work(unsigned int port);
svBit c_dpi_next_beat(unsigned int port, svBit *write, unsigned long long *address, svBitVecVal *data,
                      svBitVecVal *strobe);
void c_dpi_end_beat(unsigned int port, int status, const svBitVecVal *data);
svBit c_dpi_next_burst(unsigned int port, svBit *write, unsigned long long *address, unsigned int *beats,
                       unsigned int *beat_bytes);
void c_dpi_write_beat(unsigned int port, svBitVecVal *data, svBitVecVal *strobe);
void c_dpi_read_beat(unsigned int port, int status, const svBitVecVal *data);
void c_dpi_get_slice(unsigned int port, unsigned int slice, svBitVecVal *data, svBitVecVal *strobe);
void c_dpi_put_slice(unsigned int port, unsigned int slice, const svBitVecVal *data);
void c_dpi_put_unknown(unsigned int port, const svBitVecVal *bits);
void c_dpi_report_unknown(unsigned int port, const char *what);
void c_dpi_end_burst(unsigned int port, int status);
void c_dpi_time_out(unsigned int port, const char *reason);
void c_dpi_report_breach(const char *port, const char *breach);
void c_dpi_interrupt(unsigned int line, svBit level);
void c_dpi_open_manager(unsigned int manager, unsigned int data_width);
void c_dpi_begin_dma(unsigned int manager, svBit write, unsigned long long address, unsigned int beats,
                     unsigned int beat_bytes, unsigned int kind);
int c_dpi_dma_read_beat(unsigned int manager, svBitVecVal *data);
void c_dpi_dma_get_slice(unsigned int manager, unsigned int slice, svBitVecVal *data);
void c_dpi_dma_write_beat(unsigned int manager, const svBitVecVal *data, const svBitVecVal *strobe);
void c_dpi_dma_put_slice(unsigned int manager, unsigned int slice, const svBitVecVal *data, const svBitVecVal *strobe);
void c_dpi_dma_put_unknown(unsigned int manager, const svBitVecVal *bits, const svBitVecVal *strobe);
void c_dpi_dma_report_unknown(unsigned int manager, const char *what);
void c_dpi_dma_waits(unsigned int manager, svBit write, unsigned int what);
int c_dpi_end_dma_write(unsigned int manager);
svBit c_dpi_open_stream(unsigned int stream, svBit written, unsigned int data_width, svBit whole_beats, svBit packets);
svBit c_dpi_stream_has_work(unsigned int stream);
svBit c_dpi_next_stream_beat(unsigned int stream, svBitVecVal *data, svBitVecVal *keep, svBit *last);
void c_dpi_end_stream_beat(unsigned int stream);
void c_dpi_time_out_stream(unsigned int stream, const char *reason);
svBit c_dpi_stream_has_room(unsigned int stream);
void c_dpi_stream_beat(unsigned int stream, const svBitVecVal *data, const svBitVecVal *keep, const svBitVecVal *strobe,
                       svBit last);
void c_dpi_stream_put_unknown(const char *port, const svBitVecVal *bits, const svBitVecVal *lanes);
}
