// SPDX-License-Identifier: Apache-2.0
//
// Host memory as the DUT's manager ports reach it: which bus addresses are mapped, and where their bytes are. A mapping
// with a path is a file that both processes map; the bytes of one without travel over the link. Pages of 4096 bytes
// are the unit of mapping, so what lies inside one page is mapped as a whole or not at all.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "trapline/v1/model.pb.h"

class HostMemory {
 public:
  static constexpr uint32_t kPageBytes = 4096;

  enum class Answer {
    kOkay,
    kNotMapped,
    kReadOnly,
    kLost,  // the bridge went away before it answered
  };

  // Carries one request over the link and waits for the answer; null data of a read is never asked for.
  // Returns false if none can come.
  using Ask = std::function<bool(uint64_t address, uint32_t size, const uint8_t* to_write, uint8_t* to_read)>;

  explicit HostMemory(Ask ask) : ask_(std::move(ask)) {}
  ~HostMemory();
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  // Both return why they refused, or an empty string.
  std::string map(const trapline_v1_MapMemory& request);
  std::string unmap(uint64_t address);

  bool empty() const { return regions_.empty(); }

  Answer may(bool write, uint64_t address) const;

  // Both move bytes inside one page.
  Answer read(uint64_t address, uint32_t size, uint8_t* data) const;
  Answer write(uint64_t address, uint32_t size, const uint8_t* data) const;

 private:
  struct Region {
    uint64_t size;
    bool writable;
    uint8_t* bytes;  // nullptr if they travel over the link
  };
  struct Place {
    const Region* region;  // nullptr if nothing is mapped there
    uint64_t offset;
  };

  Place find(uint64_t address) const;

  const Ask ask_;
  std::map<uint64_t, Region> regions_;  // by address
};
