// SPDX-License-Identifier: Apache-2.0

#include "dpi.h"

#include <cstring>

#include "dma.h"
#include "fault.h"
#include "interrupts.h"
#include "mailbox.h"
#include "options.h"

namespace {

// trapline_dpi_pkg::BeatBits and WideBits in bytes.
constexpr size_t kBeatBytes = 8;
constexpr size_t kWideBytes = 64;

struct Seam {
  const Options* options = nullptr;
  Mailbox* mailbox = nullptr;
  Interrupts* interrupts = nullptr;
  Dma* dma = nullptr;
} seam;

// A packed vector is words of 32 bits, lowest first: on the little-endian machines that run models, bytes in order.
uint8_t* bytes_of(svBitVecVal* words) { return reinterpret_cast<uint8_t*>(words); }
const uint8_t* bytes_of(const svBitVecVal* words) { return reinterpret_cast<const uint8_t*>(words); }

void refuse(const std::string& refusal) {
  if (!refusal.empty()) record_fault({"fatal", refusal, "", 0});
}

}  // namespace

void bind_dpi(const Options* options, Mailbox* mailbox, Interrupts* interrupts, Dma* dma) {
  seam = {options, mailbox, interrupts, dma};
}

unsigned long long c_dpi_max_cycles() { return seam.options->max_cycles; }

unsigned int c_dpi_stall_percent(unsigned int channel) {
  return static_cast<unsigned int>(seam.options->stalls.at(channel));
}

// ---- manager BFMs

void c_dpi_open_port(unsigned int port, unsigned int address_width, unsigned int data_width, unsigned int max_beats) {
  refuse(seam.mailbox->open_port(port, address_width, data_width, max_beats));
}

svBit c_dpi_next_beat(unsigned int port, svBit* write, unsigned long long* address, svBitVecVal* data,
                      svBitVecVal* strobe) {
  bool is_write = false;
  const Burst* burst = seam.mailbox->next_burst(port, is_write);
  if (!burst) return 0;
  *write = is_write;
  *address = burst->address;
  std::memset(data, 0, kBeatBytes);
  strobe[0] = static_cast<svBitVecVal>(seam.mailbox->write_beat(port, bytes_of(data)));
  return 1;
}

void c_dpi_end_beat(unsigned int port, int status, const svBitVecVal* data) {
  seam.mailbox->end_single_beat(port, static_cast<trapline_v1_Status>(status), bytes_of(data));
}

svBit c_dpi_next_burst(unsigned int port, svBit* write, unsigned long long* address, unsigned int* beats,
                       unsigned int* beat_bytes) {
  bool is_write = false;
  const Burst* burst = seam.mailbox->next_burst(port, is_write);
  if (!burst) return 0;
  *write = is_write;
  *address = burst->address;
  *beats = burst->beats;
  *beat_bytes = burst->beat_bytes;
  return 1;
}

void c_dpi_write_beat(unsigned int port, svBitVecVal* data, svBitVecVal* strobe) {
  std::memset(data, 0, kWideBytes);
  const uint64_t lanes = seam.mailbox->write_beat(port, bytes_of(data));
  strobe[0] = static_cast<svBitVecVal>(lanes);
  strobe[1] = static_cast<svBitVecVal>(lanes >> 32);
}

void c_dpi_read_beat(unsigned int port, int status, const svBitVecVal* data) {
  seam.mailbox->read_beat(port, static_cast<trapline_v1_Status>(status), bytes_of(data));
}

void c_dpi_end_burst(unsigned int port, int status) {
  seam.mailbox->end_burst(port, static_cast<trapline_v1_Status>(status));
}

void c_dpi_time_out(unsigned int port, const char* reason) { seam.mailbox->time_out(port, reason); }

// ---- subordinate BFMs

void c_dpi_open_manager(unsigned int manager, unsigned int data_width) {
  refuse(seam.dma->open_manager(manager, data_width));
}

void c_dpi_begin_dma(unsigned int manager, svBit write, unsigned long long address, unsigned int beats,
                     unsigned int beat_bytes, unsigned int kind) {
  seam.dma->begin(manager, write, address, beats, beat_bytes, static_cast<BurstKind>(kind));
}

int c_dpi_dma_read_beat(unsigned int manager, svBitVecVal* data) {
  std::memset(data, 0, kWideBytes);
  return seam.dma->read_beat(manager, bytes_of(data));
}

void c_dpi_dma_write_beat(unsigned int manager, const svBitVecVal* data, const svBitVecVal* strobe) {
  const uint64_t lanes = strobe[0] | static_cast<uint64_t>(strobe[1]) << 32;
  seam.dma->write_beat(manager, bytes_of(data), lanes);
}

int c_dpi_end_dma_write(unsigned int manager) { return seam.dma->end_write(manager); }

// ---- monitors and checkers

void c_dpi_interrupt(unsigned int line, svBit level) { seam.interrupts->change(line, level); }

void c_dpi_report_breach(const char* port, const char* breach) {
  record_fault({"protocol", std::string("port ") + port + ": " + breach, "", 0});
}
