// SPDX-License-Identifier: Apache-2.0

#include "fault.h"

#include <optional>

namespace {

std::optional<Fault> first_fault;

} // namespace

void record_fault(const Fault &fault)
{
    if (!first_fault)
        first_fault = fault;
}

const Fault *recorded_fault()
{
    return first_fault ? &*first_fault : nullptr;
}
