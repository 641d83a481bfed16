// SPDX-License-Identifier: Apache-2.0
//
// One access on its way through the mailbox, and the words in which it is spoken of.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beats.h"
#include "trapline/v1/bus.pb.h"
#include "trapline/v1/model.pb.h"

struct Job {
  uint64_t request_id = 0;
  uint32_t session = 0;
  int32_t pid = 0;
  trapline_v1_SessionDevice device{};
  trapline_v1_Access access{};

  std::vector<Beat> beats;   // what the bus will carry; empty until the job starts
  uint32_t beats_begun = 0;  // how many of them the BFM has pulled
  uint64_t cycle_start = 0;
  uint8_t data[sizeof(trapline_v1_Access{}.data.bytes)] = {};  // what reads have brought so far

  bool is_write() const { return access.operation == trapline_v1_Operation_OPERATION_WRITE; }
  bool lies_in_device() const;
  Span span() const;
};

// "read of 4 bytes at gpio0+0x10"
std::string describe(const Job& job);

// "SLVERR"
const char* name_of(trapline_v1_Status status);

// "0x2c"
std::string to_hex(uint64_t value);
