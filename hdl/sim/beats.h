// SPDX-License-Identifier: Apache-2.0
//
// How an access of any width and alignment becomes transfers of one bus word. Pure: knows no bus and no queue.

#pragma once

#include <cstdint>
#include <vector>

// One transfer of at most one bus word, as trapline_dpi_pkg.sv describes it.
struct Beat {
  bool write = false;
  uint64_t address = 0;  // of the bus word
  uint64_t data = 0;     // byte i of the word is bits 8*i+7 to 8*i
  uint8_t strobe = 0;    // bit i stands for byte i of the word
};

// The bytes of one access as they lie on the bus.
struct Span {
  uint64_t address = 0;       // of the first byte
  uint32_t width_bytes = 0;   // 1 to 64
  uint64_t byte_enables = 0;  // bit i enables byte i; bits from width_bytes on are 0
};

// Beats in ascending order; words without an enabled byte get none. data holds span.width_bytes bytes of a write,
// and is null for a read.
std::vector<Beat> split_into_beats(const Span& span, uint32_t bus_bytes, const uint8_t* data);

// Copies the enabled bytes that a read beat brought to their place among span.width_bytes bytes.
void gather_beat(const Span& span, const Beat& beat, uint64_t word, uint8_t* data);
