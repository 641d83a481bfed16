// SPDX-License-Identifier: Apache-2.0
//
// A bus word between the call of trapline_dpi_pkg for its beat and those for its higher slices. Packed vectors are
// words of 32 bits, lowest first: on the little-endian machines that run models, bytes in order.

#pragma once

#include <svdpi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bursts.h"

// trapline_dpi_pkg::SliceBits in bytes.
constexpr size_t kSliceBytes = 8;

struct BusWord {
    uint8_t bytes[kMaxWordBytes];
    uint8_t strobe[kMaxWordBytes / 8];

    void take(unsigned int slice, const svBitVecVal *data)
    {
        std::memcpy(bytes + slice * kSliceBytes, data, kSliceBytes);
    }
    void give(unsigned int slice, svBitVecVal *data) const
    {
        std::memcpy(data, bytes + slice * kSliceBytes, kSliceBytes);
    }
};
