// SPDX-License-Identifier: Apache-2.0
//
// What DMA has to say over the link: faults, and for host memory that is not shared a DmaRequest and its DmaAnswer.
// Called in the middle of a clock cycle, so what else arrives before the answer is kept for the server.

#pragma once

#include <cstdint>

#include "link.h"

class DmaLink {
public:
    explicit DmaLink(Link &link) : link_(link) {}

    // One of `to_write` and `to_read` is null. Returns false if the link ended before the answer came. Throws
    // std::runtime_error on an answer of the wrong size.
    bool ask(uint64_t address, uint32_t size, const uint8_t *to_write, uint8_t *to_read);

    void report(const trapline_v1_DmaFault &fault);

private:
    bool wait_for_answer(uint32_t size, uint8_t *to_read);

    Link &link_;
    uint64_t last_id_ = 0;
};
