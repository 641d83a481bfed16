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
#include <utility>

#include "trapline/v1/model.pb.h"

class HostMemory {
public:
    static constexpr uint32_t kPageBytes = 4096;

    enum class Answer {
        kOkay,
        kNotMapped,
        kReadOnly,
        kLost, // the bridge went away before it answered
    };

    // Carries one request over the link and waits for the answer; null data of a read is never asked for.
    // Returns false if none can come.
    using Ask = std::function<bool(uint64_t address, uint32_t size, const uint8_t *to_write, uint8_t *to_read)>;

    explicit HostMemory(Ask ask) : ask_(std::move(ask)) {}
    ~HostMemory();
    HostMemory(const HostMemory &) = delete;
    HostMemory &operator=(const HostMemory &) = delete;

    // Both return why they refused, or an empty string.
    std::string map(const trapline_v1_MapMemory &request);
    std::string unmap(uint64_t address);

    bool empty() const { return regions_.empty(); }

    Answer may(bool write, uint64_t address) const;

    // From now on it is noted whether a byte of this range is written; of size 0 none.
    void watch(uint64_t address, uint64_t size) { watched_ = {address, size}, written_ = false; }
    // Whether one was since the last call.
    bool take_written() { return std::exchange(written_, false); }

    // Both move bytes inside one page.
    Answer read(uint64_t address, uint32_t size, uint8_t *data) const;
    Answer write(uint64_t address, uint32_t size, const uint8_t *data);

private:
    struct Region {
        uint64_t size;
        bool writable;
        uint8_t *bytes; // nullptr if they travel over the link
    };
    struct Place {
        const Region *region; // nullptr if nothing is mapped there
        uint64_t offset;
    };

    Place find(uint64_t address) const;

    struct Range {
        uint64_t address;
        uint64_t size;

        // Both begin below the end of the other; written so that the end of the address space does no harm.
        bool overlaps(uint64_t other, uint64_t other_size) const
        {
            return other - address < size || address - other < other_size;
        }
    };

    const Ask ask_;
    Range watched_{0, 0};
    bool written_ = false;
    std::map<uint64_t, Region> regions_; // by address
};
