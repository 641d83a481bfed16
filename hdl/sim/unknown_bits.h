// SPDX-License-Identifier: Apache-2.0
//
// Bits of data that a simulator with four states shows as X or Z, in words.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// Where bits are set in those bytes of a word whose bit in `lanes` is: "bits 31:16 and 3", highest first, or an empty
// string. After a few ranges it says "and others".
std::string unknown_bits_in(const uint8_t *bits, const uint8_t *lanes, size_t bytes);
