// SPDX-License-Identifier: Apache-2.0

#include "memories.h"

#include <algorithm>

uint32_t Memories::index_of(const std::string &name) const
{
    return static_cast<uint32_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

std::string Memories::find_fault_in(const trapline_v1_SessionDevice &device) const
{
    if (device.backdoor[0] == '\0' || index_of(device.backdoor) < names_.size())
        return "";
    return "device " + std::string(device.name) + " has the backdoor " + device.backdoor +
           ", which was not named with --memory";
}

std::string Memories::carry_out(Job &job)
{
    const uint32_t memory = index_of(job.device.backdoor);
    const uint64_t bytes = design_->memory_bytes(memory);
    const Span span = job.span();
    if (span.address > bytes || span.width_bytes > bytes - span.address) {
        return "it does not lie inside memory " + std::string(job.device.backdoor) + ", which has " + to_hex(bytes) +
               " bytes";
    }
    for (uint32_t i = 0; i < span.width_bytes; ++i) {
        if (!span.enables(i))
            continue;
        if (job.is_write)
            design_->poke(memory, span.address + i, job.data[i]);
        else
            job.data[i] = design_->peek(memory, span.address + i);
    }
    return "";
}
