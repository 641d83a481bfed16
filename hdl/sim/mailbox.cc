// SPDX-License-Identifier: Apache-2.0

#include "mailbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "texts.h"

Mailbox::Mailbox(const Options &options, const Timeline &timeline, AccessLog &log, Memories &memories, Deliver deliver,
                 Tell tell)
    : timeline_(timeline),
      log_(log),
      memories_(memories),
      deliver_(std::move(deliver)),
      tell_(std::move(tell)),
      min_cycles_(options.min_cycles),
      streams_(options, timeline, [this](const auto &job, const auto &answer) { complete_stream(job, answer); })
{
    for (const auto &name : options.ports) {
        ports_.emplace_back();
        ports_.back().name = name;
    }
}

// ---- the link's side

std::string Mailbox::open_session(const trapline_v1_OpenSession &request)
{
    if (request.session == 0)
        return "a session's number is never 0";
    if (sessions_.count(request.session))
        return "session " + std::to_string(request.session) + " is open already";
    Session session{request.pid, {request.devices, request.devices + request.devices_count}};
    for (const auto &device : session.devices) {
        const std::string fault = find_fault_in_device(device);
        if (!fault.empty())
            return fault;
    }
    sessions_.emplace(request.session, std::move(session));
    return "";
}

std::string Mailbox::find_fault_in_device(const trapline_v1_SessionDevice &device) const
{
    const std::string name = device.name;
    if (is_stream(device)) {
        const uint32_t highest = std::max(device.read_stream, device.write_stream);
        if (highest <= streams_.count())
            return "";
        return "device " + name + " is stream " + std::to_string(highest - 1) + ", but the model has only " +
               std::to_string(streams_.count());
    }
    const std::string fault = memories_.find_fault_in(device);
    if (!fault.empty() || device.port < ports_.size())
        return fault;
    return "device " + name + " lies on port " + std::to_string(device.port) + ", but the model has only " +
           std::to_string(ports_.size());
}

std::string Mailbox::close_session(uint32_t session)
{
    if (!sessions_.erase(session))
        return "session " + std::to_string(session) + " is not open";
    holder_ = holder_ == session ? 0 : holder_;
    if (software_)
        software_->forget(session);
    return "";
}

std::string Mailbox::submit(uint64_t request_id, const trapline_v1_SessionAccess &request)
{
    const std::string fault = find_fault_in(request);
    if (!fault.empty())
        return fault;
    const Session &session = sessions_.at(request.session);
    const auto &access = request.access;
    const auto &device = *std::find_if(session.devices.begin(), session.devices.end(),
                                       [&](const auto &candidate) { return candidate.handle == access.device; });
    if (is_stream(device))
        return submit_to_stream(request_id, request, device);
    JobPointer job = new_job();
    job->request_id = request_id;
    job->session = request.session;
    job->pid = session.pid;
    job->device = device;
    job->seq = access.seq;
    job->offset = access.offset;
    job->is_write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
    job->width_bytes = access.width_bytes;
    job->byte_enables = access.byte_enables;
    job->hold = access.hold;
    job->posted = access.posted;
    job->tid = access.tid;
    job->pc = access.pc;
    job->stack = access.stack;
    if (job->is_write)
        job->data.assign(access.data.bytes, access.data.bytes + access.width_bytes);
    else
        job->data.assign(access.width_bytes, 0);
    job->elements = std::max(access.elements, 1u);
    job->done = 0;
    job->descending = access.descending;
    if (job->is_string())
        job->all_data.assign(access.data.bytes, access.data.bytes + access.data.size);
    if (job->device.backdoor[0])
        go_behind(std::move(job));
    else
        queue_.push_back(std::move(job));
    return "";
}

// What submit and start don't set is left over from an earlier access.
JobPointer Mailbox::new_job()
{
    if (spare_.empty())
        return std::make_unique<Job>();
    JobPointer job = std::move(spare_.back());
    spare_.pop_back();
    job->forget_bus();
    return job;
}

std::string Mailbox::find_fault_in(const trapline_v1_SessionAccess &request) const
{
    const auto found = sessions_.find(request.session);
    if (found == sessions_.end())
        return "session " + std::to_string(request.session) + " is not open";
    const auto &access = request.access;
    const auto &devices = found->second.devices;
    if (std::none_of(devices.begin(), devices.end(), [&](const auto &d) { return d.handle == access.device; })) {
        return "session " + std::to_string(request.session) + " has no device " + std::to_string(access.device);
    }
    return fault_in(access);
}

// ---- the side of the BFMs

std::string Mailbox::open_port(uint32_t port, uint32_t address_bits, uint32_t data_bits, uint32_t max_beats)
{
    if (port < ports_.size())
        return ports_[port].open(address_bits, data_bits, max_beats);
    return "the design has a port " + std::to_string(port) + ", but only " + std::to_string(ports_.size()) +
           " were named with --port";
}

const Burst *Mailbox::next_burst(uint32_t index, bool &write)
{
    BusPort &port = ports_[index];
    if (port.bus.word_bytes == 0)
        return nullptr;
    while (!port.current && timeline_.cycle >= earliest_start_) {
        auto job = take_startable(index);
        if (!job)
            return nullptr;
        start(port, std::move(job));
    }
    if (!port.has_more_bursts())
        return nullptr;
    const Burst &burst = port.begin_burst();
    statistics_.beats += burst.beats;
    write = port.current->is_write;
    return &burst;
}

void Mailbox::end_burst(uint32_t index, trapline_v1_Status status)
{
    BusPort &port = ports_[index];
    port.end_burst(status);
    const auto bad = port.current->bad_status;
    if (bad != trapline_v1_Status_STATUS_OKAY)
        return finish(port, bad, port.bus_error());
    if (!port.has_more_bursts())
        finish(port, trapline_v1_Status_STATUS_OKAY, "");
}

void Mailbox::end_single_beat(uint32_t index, trapline_v1_Status status, const uint8_t *word)
{
    BusPort &port = ports_[index];
    const bool brings_data = !port.current->is_write && status == trapline_v1_Status_STATUS_OKAY;
    if (brings_data)
        port.read_only_beat(word);
    end_burst(index, status);
}

void Mailbox::time_out(uint32_t index, const std::string &reason)
{
    BusPort &port = ports_[index];
    port.stuck = describe(*port.current);
    finish(port, trapline_v1_Status_STATUS_TIMEOUT, port.stuck + ": " + reason);
}

// ---- arbitration

bool Mailbox::may_start(const Job &job) const
{
    if (holder_ != 0 && holder_ != job.session)
        return false;
    for (const auto &string : continuing_) {
        if (string->session == job.session)
            return false;
    }
    for (const auto &port : ports_) {
        if (port.current && port.current->session == job.session)
            return false;
    }
    const auto oldest = std::find_if(queue_.begin(), queue_.end(),
                                     [&](const JobPointer &queued) { return queued->session == job.session; });
    return oldest->get() == &job;
}

JobPointer Mailbox::take_startable(uint32_t port)
{
    const auto found = std::find_if(queue_.begin(), queue_.end(),
                                    [&](const JobPointer &job) { return job->device.port == port && may_start(*job); });
    if (found == queue_.end())
        return nullptr;
    JobPointer job = std::move(*found);
    queue_.erase(found);
    return job;
}

bool Mailbox::may_any_start() const
{
    return std::any_of(queue_.begin(), queue_.end(), [&](const JobPointer &job) { return may_start(*job); });
}

// ---- the life of one access

// At once: no bus is waited for, and a session sends one access at a time.
void Mailbox::go_behind(JobPointer job)
{
    while (job) {
        job->cycle_start = timeline_.cycle;
        const std::string outside = job->lies_in_device() ? memories_.carry_out(*job)
                                                          : "it does not lie inside the device";
        const auto status = outside.empty() ? trapline_v1_Status_STATUS_OKAY : trapline_v1_Status_STATUS_DECERR;
        const std::string detail = outside.empty() ? "" : "DECERR on " + describe(*job) + ": " + outside;
        job = end(std::move(job), status, detail);
    }
}

void Mailbox::start(BusPort &port, JobPointer job)
{
    job->cycle_start = timeline_.cycle;
    // Nobody would release the bus for a session that has been closed meanwhile.
    holder_ = job->hold && sessions_.count(job->session) ? job->session : 0;
    const std::string unreachable = port.reach_error(*job);
    if (unreachable.empty() && port.stuck.empty())
        job->bursts = port.bursts_of(*job);
    port.current = std::move(job);
    if (software_)
        software_->begin(static_cast<uint32_t>(&port - ports_.data()), *port.current, statistics_.accesses() + 1);
    if (!unreachable.empty()) {
        finish(port, trapline_v1_Status_STATUS_DECERR, "DECERR on " + describe(*port.current) + ": " + unreachable);
    } else if (!port.stuck.empty()) {
        finish(port, trapline_v1_Status_STATUS_TIMEOUT,
               describe(*port.current) + ": not started, port " + port.name + " is stuck since the " + port.stuck +
                   "; reset the model");
    } else if (port.current->bursts.empty()) {
        finish(port, trapline_v1_Status_STATUS_OKAY, "");
    }
}

void Mailbox::finish(BusPort &port, trapline_v1_Status status, const std::string &detail)
{
    if (software_)
        software_->end(static_cast<uint32_t>(&port - ports_.data()));
    if (auto job = end(std::move(port.current), status, detail))
        continuing_.push_back(std::move(job));
}

// Returns a string that goes on.
JobPointer Mailbox::end(JobPointer job, trapline_v1_Status status, const std::string &detail)
{
    complete(*job, status, detail);
    if (job->is_string() && status == trapline_v1_Status_STATUS_OKAY && job->done < job->elements) {
        job->forget_bus();
        return job;
    }
    spare_.push_back(std::move(job));
    return nullptr;
}

// As if each came now, from one who has waited for the element before; but ahead of what its session has sent since.
void Mailbox::queue_continuing()
{
    for (auto &job : continuing_) {
        const auto next = std::find_if(queue_.begin(), queue_.end(),
                                       [&](const JobPointer &queued) { return queued->session == job->session; });
        queue_.insert(next, std::move(job));
    }
    continuing_.clear();
}

bool Mailbox::is_followed(const Job &job) const
{
    return std::any_of(queue_.begin(), queue_.end(),
                       [&](const JobPointer &queued) { return queued->session == job.session; });
}

void Mailbox::put_completion(const Job &job, trapline_v1_Status status, const std::string &detail)
{
    const bool okay = status == trapline_v1_Status_STATUS_OKAY;
    reply_.id = job.request_id;
    reply_.which_body = trapline_v1_ModelReply_completion_tag;
    auto &completion = reply_.body.completion;
    completion.seq = job.seq;
    completion.status = status;
    completion.cycle_start = job.cycle_start;
    completion.cycle_end = timeline_.cycle;
    completion.time_ps = timeline_.time_ps;
    completion.beats = job.beats_begun;
    completion.taken_bytes = completion.done = 0;
    completion.is_pending = completion.packet_end = completion.is_readable = false;
    put_text(completion.detail, detail);
    completion.data.size = static_cast<pb_size_t>(okay && !job.is_write ? job.width_bytes : 0);
    std::memcpy(completion.data.bytes, job.data.data(), completion.data.size);
}

void Mailbox::complete(Job &job, trapline_v1_Status status, const std::string &detail)
{
    const bool okay = status == trapline_v1_Status_STATUS_OKAY;
    const auto &completion = reply_.body.completion;
    put_completion(job, status, detail);

    // The second half of a locked instruction doesn't come when the first one failed.
    if (!okay && holder_ == job.session)
        holder_ = 0;
    earliest_start_ = timeline_.cycle + min_cycles_;
    ++(job.is_write ? statistics_.writes : statistics_.reads);
    if (!okay)
        ++statistics_.errors;
    if (job.is_string()) {
        tell_(completion, job);
        log_.write(statistics_.accesses(), job, completion);
        if (okay)
            job.step();
        if (!okay || job.done == job.elements)
            answer_string(job);
        return;
    }
    may_wait_ = okay && job.posted && is_followed(job);
    deliver_(reply_, &job);
    may_wait_ = false;
    log_.write(statistics_.accesses(), job, completion);
}

// With what reply_ has of its last element.
void Mailbox::answer_string(const Job &job)
{
    auto &completion = reply_.body.completion;
    completion.seq = job.first_seq();
    completion.done = job.done;
    completion.data.size = static_cast<pb_size_t>(job.is_write ? 0 : job.all_data.size());
    std::memcpy(completion.data.bytes, job.all_data.data(), completion.data.size);
    deliver_(reply_, nullptr);
}

// An element that has not begun was never asked for: who asks one by one would have been told before.
void Mailbox::end_not_started(Job &job, trapline_v1_Status status, const std::string &detail)
{
    if (job.done == 0)
        return complete(job, status, detail);
    put_completion(job, status, detail);
    answer_string(job);
}

void Mailbox::cut_off(const std::string &why)
{
    streams_.cut_off(why);
    for (auto &port : ports_) {
        port.stuck.clear();
        if (port.current)
            finish(port, trapline_v1_Status_STATUS_DISCONNECTED, describe(*port.current) + ": " + why);
    }
}

void Mailbox::abandon(const std::string &why)
{
    cut_off(why);
    queue_continuing();
    while (!queue_.empty()) {
        const JobPointer job = std::move(queue_.front());
        queue_.pop_front();
        job->cycle_start = timeline_.cycle;
        end_not_started(*job, trapline_v1_Status_STATUS_DISCONNECTED, describe(*job) + ": not started, " + why);
    }
}

std::string Mailbox::pending() const
{
    for (const auto &port : ports_) {
        if (port.current)
            return describe(*port.current);
    }
    return queue_.empty() ? streams_.pending() : describe(*queue_.front());
}
