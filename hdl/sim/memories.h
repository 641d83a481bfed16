// SPDX-License-Identifier: Apache-2.0
//
// Memories of the design that are reached from behind: without bus and time, between two evaluations. Here are their
// names and ends; the design itself knows their words.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "design.h"
#include "job.h"

class Memories {
public:
    // `names` by index, as the generated top has them. The design must outlive this; without names
    // it may be null.
    Memories(std::vector<std::string> names, Design *design) : names_(std::move(names)), design_(design) {}

    // Why a device can't have this memory behind it; empty if it can.
    std::string find_fault_in(const trapline_v1_SessionDevice &device) const;

    // Carries out the access of a device that has a memory behind it. Returns why it can't, or an empty string.
    std::string carry_out(Job &job);

private:
    // The number of names if there is none.
    uint32_t index_of(const std::string &name) const;

    const std::vector<std::string> names_;
    Design *const design_;
};
