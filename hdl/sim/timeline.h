// SPDX-License-Identifier: Apache-2.0
//
// Where simulated time stands. Written by the model alone, read by everyone who stamps something.

#pragma once

#include <cstdint>

struct Timeline {
    uint64_t cycle = 0;   // rising edges of the first clock since power-up
    uint64_t time_ps = 0; // of the last rising edge of any clock; with one clock that is cycle * period
};
