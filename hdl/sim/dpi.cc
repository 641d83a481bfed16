// SPDX-License-Identifier: Apache-2.0

#include "dpi.h"

#include "fault.h"
#include "interrupts.h"
#include "mailbox.h"

namespace {

// trapline_dpi_pkg::BeatBits in words of 32 bits.
constexpr int kBeatWords = 2;

struct Seam {
  Mailbox* mailbox = nullptr;
  uint64_t max_cycles = 0;
  Interrupts* interrupts = nullptr;
} seam;

void put_words(svBitVecVal* target, uint64_t value) {
  for (int i = 0; i < kBeatWords; ++i) target[i] = static_cast<svBitVecVal>(value >> (32 * i));
}

uint64_t get_words(const svBitVecVal* words) {
  uint64_t value = 0;
  for (int i = 0; i < kBeatWords; ++i) value |= static_cast<uint64_t>(words[i]) << (32 * i);
  return value;
}

}  // namespace

void bind_dpi(Mailbox* mailbox, uint64_t max_cycles, Interrupts* interrupts) {
  seam = {mailbox, max_cycles, interrupts};
}

unsigned long long c_dpi_open_port(unsigned int port, unsigned int address_width, unsigned int data_width) {
  const std::string refusal = seam.mailbox->open_port(port, address_width, data_width);
  if (!refusal.empty()) record_fault({"fatal", refusal, "", 0});
  return seam.max_cycles;
}

svBit c_dpi_next_beat(unsigned int port, svBit* write, unsigned long long* address, svBitVecVal* data,
                      svBitVecVal* strobe) {
  Beat beat;
  const bool found = seam.mailbox->next_beat(port, beat);
  *write = beat.write;
  *address = beat.address;
  put_words(data, beat.data);
  strobe[0] = beat.strobe;
  return found;
}

void c_dpi_end_beat(unsigned int port, int status, const svBitVecVal* data) {
  seam.mailbox->end_beat(port, static_cast<trapline_v1_Status>(status), get_words(data));
}

void c_dpi_time_out_beat(unsigned int port, const char* reason) { seam.mailbox->time_out_beat(port, reason); }

void c_dpi_report_breach(unsigned int port, const char* breach) {
  record_fault({"protocol", "port " + seam.mailbox->port_name(port) + ": " + breach, "", 0});
}

void c_dpi_interrupt(unsigned int line, svBit level) { seam.interrupts->change(line, level); }
