// SPDX-License-Identifier: Apache-2.0
//
// The accesses of stream devices, between the link and streams.cc.

#include <cstring>
#include <utility>

#include "mailbox.h"
#include "texts.h"

std::string Mailbox::submit_to_stream(uint64_t request_id, const trapline_v1_SessionAccess &request,
                                      const trapline_v1_SessionDevice &device)
{
    const auto &access = request.access;
    StreamJob job;
    job.request_id = request_id;
    job.session = request.session;
    job.pid = sessions_.at(request.session).pid;
    job.device = device.name;
    job.seq = access.seq;
    job.is_write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
    job.width_bytes = access.width_bytes;
    job.patience_cycles = access.patience_cycles;
    job.packet_end = job.is_write && access.packet_end;
    job.wanted_bytes = access.wanted_bytes;
    job.tid = access.tid;
    job.pc = access.pc;
    job.stack = access.stack;
    if (job.is_write)
        job.data.assign(access.data.bytes, access.data.bytes + access.data.size);
    const uint32_t stream = job.is_write ? device.write_stream : device.read_stream;
    if (stream == 0)
        return "device " + job.device + (job.is_write ? " can't be written" : " can't be read");
    return streams_.submit(stream - 1, std::move(job));
}

// What moved nothing is no transfer: it is neither counted nor logged, for how often a host asks depends on its
// patience.
void Mailbox::complete_stream(const StreamJob &job, const Streams::Answer &answer)
{
    const bool okay = answer.status == trapline_v1_Status_STATUS_OKAY;
    reply_.id = job.request_id;
    reply_.which_body = trapline_v1_ModelReply_completion_tag;
    auto &completion = reply_.body.completion;
    completion.seq = job.seq;
    completion.status = answer.status;
    completion.cycle_start = job.cycle_start;
    completion.cycle_end = job.cycle_end;
    completion.time_ps = timeline_.time_ps;
    completion.beats = job.beats;
    put_text(completion.detail, answer.detail);
    completion.done = 0;
    completion.taken_bytes = job.is_write ? job.taken : 0;
    completion.is_pending = job.is_write && answer.is_pending;
    completion.packet_end = !job.is_write && job.packet_end;
    completion.is_readable = !job.is_write && answer.is_readable;
    completion.data.size = static_cast<pb_size_t>(okay && !job.is_write ? job.data.size() : 0);
    std::memcpy(completion.data.bytes, job.data.data(), completion.data.size);
    deliver_(reply_, nullptr);

    const uint32_t bytes = job.is_write ? job.taken : completion.data.size;
    if (okay && bytes == 0 && !completion.packet_end)
        return;
    ++(job.is_write ? statistics_.writes : statistics_.reads);
    statistics_.beats += job.beats;
    if (!okay)
        ++statistics_.errors;
    const bool ends = job.packet_end && bytes == (job.is_write ? job.width_bytes : bytes);
    log_.write(LoggedTransfer{statistics_.accesses(), job.device, answer.port, job.is_write, job.data.data(), bytes,
                              ends, answer.status, job.beats, job.cycle_start, job.cycle_end, job.time_ps, job.pid,
                              job.tid, job.pc, job.stack, job.session});
}
