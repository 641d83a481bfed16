// SPDX-License-Identifier: Apache-2.0

#include "beats.h"

namespace {

// Calls visit(i, lane) for each enabled byte i of the span that lies in the bus word at `word_address`.
template <typename Visit>
void for_each_enabled_byte(const Span& span, uint64_t word_address, uint32_t bus_bytes, Visit visit) {
  for (uint32_t lane = 0; lane < bus_bytes; ++lane) {
    const uint64_t i = word_address + lane - span.address;  // wraps to a huge number before the first byte
    if (i < span.width_bytes && (span.byte_enables >> i & 1)) visit(static_cast<uint32_t>(i), lane);
  }
}

}  // namespace

std::vector<Beat> split_into_beats(const Span& span, uint32_t bus_bytes, const uint8_t* data) {
  std::vector<Beat> beats;
  const uint64_t last = span.address + span.width_bytes - 1;
  const uint64_t words = last / bus_bytes - span.address / bus_bytes + 1;
  for (uint64_t n = 0; n < words; ++n) {
    Beat beat;
    beat.write = data != nullptr;
    beat.address = (span.address / bus_bytes + n) * bus_bytes;
    for_each_enabled_byte(span, beat.address, bus_bytes, [&](uint32_t i, uint32_t lane) {
      beat.strobe |= static_cast<uint8_t>(1u << lane);
      if (data) beat.data |= static_cast<uint64_t>(data[i]) << (8 * lane);
    });
    if (beat.strobe) beats.push_back(beat);
  }
  return beats;
}

void gather_beat(const Span& span, const Beat& beat, uint64_t word, uint8_t* data) {
  for_each_enabled_byte(span, beat.address, sizeof word, [&](uint32_t i, uint32_t lane) {
    if (beat.strobe >> lane & 1) data[i] = static_cast<uint8_t>(word >> (8 * lane));
  });
}
