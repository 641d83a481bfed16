// SPDX-License-Identifier: Apache-2.0

#include "dma_link.h"

#include <cstring>
#include <stdexcept>
#include <string>

bool DmaLink::ask(uint64_t address, uint32_t size, const uint8_t *to_write, uint8_t *to_read)
{
    trapline_v1_ModelReply reply;
    reply.id = ++last_id_;
    reply.which_body = trapline_v1_ModelReply_dma_request_tag;
    auto &request = reply.body.dma_request;
    request.address = address;
    request.size = size;
    request.data.size = static_cast<pb_size_t>(to_write ? size : 0);
    if (to_write)
        std::memcpy(request.data.bytes, to_write, size);
    link_.send_now(reply);
    return wait_for_answer(size, to_read);
}

bool DmaLink::wait_for_answer(uint32_t size, uint8_t *to_read)
{
    trapline_v1_ModelRequest message;
    for (;;) {
        while (link_.take_new(message)) {
            if (message.which_body != trapline_v1_ModelRequest_dma_answer_tag || message.id != last_id_) {
                link_.defer(message);
                continue;
            }
            const auto &data = message.body.dma_answer.data;
            if (!to_read)
                return true;
            if (data.size != size) {
                throw std::runtime_error("a DmaAnswer has " + std::to_string(data.size) + " bytes instead of " +
                                         std::to_string(size));
            }
            std::memcpy(to_read, data.bytes, size);
            return true;
        }
        if (link_.receive(Link::Wait::kForEver) == Link::Received::kEnd)
            return false;
    }
}

void DmaLink::report(const trapline_v1_DmaFault &fault)
{
    trapline_v1_ModelReply reply;
    reply.id = 0;
    reply.which_body = trapline_v1_ModelReply_dma_fault_tag;
    reply.body.dma_fault = fault;
    link_.queue(reply);
}
